"""What may be wrong with a template that is being written."""

from dataclasses import dataclass, field
from enum import StrEnum

#: Meta refuses it: it cannot be submitted.
ERROR = 'error'
#: It can be submitted; reviewers may refuse it, or it costs something.
ADVICE = 'advice'


class Code(StrEnum):
    """Every problem there is; the words for each are ``fluxforce.whatsapp.template.advice``'s."""

    # The head
    NAME_MISSING = 'name_missing'
    NAME_TOO_LONG = 'name_too_long'
    NAME_CHARACTERS = 'name_characters'
    NAME_TAKEN = 'name_taken'
    LANGUAGE_MISSING = 'language_missing'
    LANGUAGE_UNKNOWN = 'language_unknown'
    CATEGORY_MISSING = 'category_missing'
    CATEGORY_UNKNOWN = 'category_unknown'
    FORMAT_UNKNOWN = 'format_unknown'
    TTL_NOT_A_NUMBER = 'ttl_not_a_number'
    TTL_OUT_OF_RANGE = 'ttl_out_of_range'
    # Which parts
    MALFORMED = 'malformed'
    COMPONENT_UNKNOWN = 'component_unknown'
    COMPONENT_TWICE = 'component_twice'
    BODY_MISSING = 'body_missing'
    NOT_IN_CATEGORY = 'not_in_category'
    # Texts
    EMPTY = 'empty'
    TOO_LONG = 'too_long'
    LINE_BREAKS = 'line_breaks'
    CONTROL_CHARACTERS = 'control_characters'
    DIRECTION_MARKS = 'direction_marks'
    FORMATTING = 'formatting'
    EMOJI = 'emoji'
    # Variables
    VARIABLES_NOT_ALLOWED = 'variables_not_allowed'
    VARIABLES_ONE = 'variables_one'
    VARIABLES_MIXED = 'variables_mixed'
    VARIABLES_ORDER = 'variables_order'
    VARIABLES_ADJACENT = 'variables_adjacent'
    VARIABLES_TOO_MANY = 'variables_too_many'
    VARIABLE_AT_EDGE = 'variable_at_edge'
    VARIABLE_NAME = 'variable_name'
    VARIABLE_BROKEN = 'variable_broken'
    SAMPLE_MISSING = 'sample_missing'
    SAMPLES_EXTRA = 'samples_extra'
    # Header
    HEADER_FORMAT = 'header_format'
    FILE_MISSING = 'file_missing'
    PRODUCT_BUTTON = 'product_button'
    # Buttons
    BUTTONS_TOO_MANY = 'buttons_too_many'
    BUTTON_UNKNOWN = 'button_unknown'
    BUTTON_KIND_TOO_MANY = 'button_kind_too_many'
    BUTTON_ALONE = 'button_alone'
    BUTTONS_NOT_GROUPED = 'buttons_not_grouped'
    BUTTON_TEXT_TWICE = 'button_text_twice'
    URL_INVALID = 'url_invalid'
    URL_TOO_LONG = 'url_too_long'
    URL_VARIABLE = 'url_variable'
    URL_SAMPLE = 'url_sample'
    PHONE_INVALID = 'phone_invalid'
    CODE_MISSING = 'code_missing'
    CODE_TOO_LONG = 'code_too_long'
    FLOW_MISSING = 'flow_missing'
    FLOW_ACTION = 'flow_action'
    CALL_MINUTES = 'call_minutes'
    # Limited-time offer
    OFFER_HEADER = 'offer_header'
    OFFER_FOOTER = 'offer_footer'
    OFFER_BUTTONS = 'offer_buttons'
    # Carousel
    CARDS_COUNT = 'cards_count'
    CARDS_DIFFER = 'cards_differ'
    CARD_HEADER = 'card_header'
    CARD_BUTTONS = 'card_buttons'
    CAROUSEL_ALONE = 'carousel_alone'
    # Sign-in codes
    OTP_TEXT = 'otp_text'
    OTP_PARTS = 'otp_parts'
    OTP_BUTTON = 'otp_button'
    OTP_KIND = 'otp_kind'
    OTP_APP = 'otp_app'
    OTP_PACKAGE = 'otp_package'
    OTP_SIGNATURE = 'otp_signature'
    OTP_TERMS = 'otp_terms'
    OTP_MINUTES = 'otp_minutes'
    # Advice
    PROMOTIONAL = 'promotional'
    MARKETING_KIND = 'marketing_kind'
    SIGN_IN_CODE = 'sign_in_code'
    SHORT_LINK = 'short_link'
    WHATSAPP_LINK = 'whatsapp_link'
    PLAIN_LINK = 'plain_link'
    DUPLICATE = 'duplicate'
    BUTTONS_SEE_ALL = 'buttons_see_all'
    BUTTONS_DESKTOP = 'buttons_desktop'
    NO_OPT_OUT = 'no_opt_out'
    CAPITALS = 'capitals'
    MANY_EMOJI = 'many_emoji'
    VAGUE = 'vague'
    SAMPLES_TOO_LONG = 'samples_too_long'
    SINGLE_BRACES = 'single_braces'
    BLANK_LINES = 'blank_lines'
    FOOTER_MARKS = 'footer_marks'


@dataclass(frozen=True)
class Problem:
    """One thing to put right or to think about.

    :ivar part: where: ``name``, ``language``, ``category``, ``header``, ``body``, ``footer``, ``buttons``,
        ``button:<index>``, ``offer``, ``card:<index>``, ``card:<index>:header``, ``card:<index>:body``,
        ``card:<index>:button:<index>``, ``ttl`` or ``variables``
    :ivar Code code: what
    :ivar severity: ``error`` or ``advice``
    :ivar details: figures and texts for the words
    """

    part: str
    code: Code
    severity: str = ERROR
    details: dict = field(default_factory=dict, hash=False)
