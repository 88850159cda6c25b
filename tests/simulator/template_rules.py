"""The rules for a new template (POST /<WABA_ID>/message_templates) and for an edited one."""

import re

from .errors import GraphError, parameter_required, unexpected_key
from .template_button_rules import check_buttons
from .template_kind_rules import check_authentication, check_carousel, check_offer, is_special
from .template_text import (
    BODY,
    FOOTER,
    HEADER,
    check_examples,
    check_length,
    check_names,
    check_no_variables,
    check_places,
    check_plain,
    check_signs,
    refuse,
)

NAME = re.compile(r'[a-z0-9_]{1,512}')
LANGUAGES = {
    'af', 'ar', 'ar_AE', 'ar_EG', 'ar_LB', 'ar_MA', 'ar_QA', 'az', 'be_BY', 'bg', 'bn', 'bn_IN', 'ca', 'cs', 'da',
    'de', 'de_AT', 'de_CH', 'el', 'en', 'en_AE', 'en_AU', 'en_CA', 'en_GB', 'en_GH', 'en_IE', 'en_IN', 'en_JM',
    'en_MY', 'en_NZ', 'en_QA', 'en_SG', 'en_UG', 'en_US', 'en_ZA', 'es', 'es_AR', 'es_CL', 'es_CO', 'es_CR', 'es_DO',
    'es_EC', 'es_ES', 'es_HN', 'es_MX', 'es_PA', 'es_PE', 'es_UY', 'et', 'fa', 'fi', 'fil', 'fr', 'fr_BE', 'fr_CA',
    'fr_CH', 'fr_CI', 'fr_MA', 'ga', 'gu', 'ha', 'he', 'hi', 'hr', 'hu', 'id', 'it', 'ja', 'ka', 'kk', 'kn', 'ko',
    'ky_KG', 'lo', 'lt', 'lv', 'mk', 'ml', 'mr', 'ms', 'nb', 'nl', 'nl_BE', 'pa', 'pl', 'prs_AF', 'ps_AF', 'pt_BR',
    'pt_PT', 'ro', 'ru', 'rw_RW', 'si_LK', 'sk', 'sl', 'sq', 'sr', 'sv', 'sw', 'ta', 'te', 'th', 'tr', 'uk', 'ur',
    'uz', 'vi', 'zh_CN', 'zh_HK', 'zh_TW', 'zu',
}
CATEGORIES = ('MARKETING', 'UTILITY', 'AUTHENTICATION')
TOP_LEVEL = {
    'name', 'language', 'category', 'components', 'parameter_format', 'message_send_ttl_seconds',
    'allow_category_change', 'cta_url_link_tracking_opted_out', 'degrees_of_freedom_spec', 'sub_category',
}
EDIT_LEVEL = {'category', 'components', 'message_send_ttl_seconds', 'cta_url_link_tracking_opted_out',
              'degrees_of_freedom_spec'}
KINDS = ('HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'LIMITED_TIME_OFFER', 'CAROUSEL', 'CALL_PERMISSION_REQUEST')
HEADER_FORMATS = ('TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION', 'PRODUCT')
HEADER_MAX, BODY_MAX, FOOTER_MAX = 60, 1024, 60
# seconds, by category; -1 stands for 30 days
TTL = {'AUTHENTICATION': (30, 900, True), 'UTILITY': (30, 43_200, True), 'MARKETING': (43_200, 2_592_000, False)}
SALES_WORDS = re.compile(
    r'\b(sale|discount|special offer|promo\w*|coupon|deal|rebajas?|descuentos?|promoción|promociones|cupón|descontos?'
    r'|promoção|promoções|cupom|soldes|remise|code promo|rabatte?|gutscheine?|sconti|sconto|offerta speciale)\b|% off',
    re.IGNORECASE)


def check_template(data, format_of):
    """Raise what Meta would answer to a creation body; `format_of` tells the header format of an uploaded handle."""
    for key in data:
        if key not in TOP_LEVEL:
            raise unexpected_key(key, 'message_templates')
    for key in ('name', 'language', 'category'):
        if not data.get(key):
            raise parameter_required(key)
    if not NAME.fullmatch(str(data['name'])):
        raise refuse(2388040, 'Invalid name', 'A name has at most 512 lowercase letters, digits and underscores.')
    if data['language'] not in LANGUAGES:
        raise GraphError(100, message=f'(#100) Param language must be a supported language - got "{data["language"]}"')
    if str(data['category']).upper() not in CATEGORIES:
        raise GraphError(100, message='(#100) Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}'
                                      f' - got "{data["category"]}".')
    if str(data.get('parameter_format') or 'positional').lower() not in ('named', 'positional'):
        raise GraphError(100, message='(#100) Param parameter_format must be one of {NAMED, POSITIONAL}')
    check_components(data, format_of)


def check_components(data, format_of):
    """Check `components` and `message_send_ttl_seconds` (creation and edit)."""
    components = data.get('components')
    if not isinstance(components, list) or not components:
        raise parameter_required('components')
    named = str(data.get('parameter_format') or '').upper() == 'NAMED'
    category = str(data.get('category', '')).upper()
    check_ttl(data.get('message_send_ttl_seconds'), category)
    parts = _parts(components)
    if category == 'AUTHENTICATION':
        check_authentication(parts)
        return
    _check_header(parts.get('HEADER'), named, format_of)
    check_body(parts['BODY'], named, 600 if 'LIMITED_TIME_OFFER' in parts else BODY_MAX)
    _check_footer(parts.get('FOOTER'))
    check_buttons(parts.get('BUTTONS'))
    check_offer(parts, category)
    check_carousel(parts, named, format_of, check_body, check_file)
    if is_special(parts, 'SPM') != (str(parts.get('HEADER', {}).get('format', '')).upper() == 'PRODUCT'):
        raise refuse(HEADER, 'Product is incorrect', 'A product header and an SPM button go together.')


def _parts(components):
    parts = {}
    for part in components:
        kind = str(part.get('type', '')).upper()
        if kind not in KINDS or kind in parts:
            raise refuse(2388043, 'Invalid component', f'The component {kind or "without type"} cannot be used here.')
        parts[kind] = part
    if 'BODY' not in parts:
        raise refuse(BODY, 'Body is missing', 'A template needs a body.')
    return parts


def check_ttl(seconds, category):
    """Check for how many seconds Meta is to try."""
    least, most, may_be_longest = TTL[category]
    if seconds is None or (seconds == -1 and may_be_longest):
        return
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not least <= seconds <= most:
        raise refuse(2388040, 'Time to live is incorrect',
                     f'message_send_ttl_seconds is {least} to {most} for {category}.')


def _check_header(part, named, format_of):
    if part is None:
        return
    kind = str(part.get('format', '')).upper()
    if kind not in HEADER_FORMATS:
        raise refuse(HEADER, 'Header format is incorrect', f'{kind or "No format"} is not a header format.')
    if kind == 'TEXT':
        _check_header_text(part, named)
    elif kind not in ('LOCATION', 'PRODUCT'):
        check_file(part, kind, format_of)


def check_file(part, kind, format_of):
    """A media header has one sample that was uploaded and is of its kind."""
    handles = part.get('example', {}).get('header_handle') or []
    if len(handles) != 1:
        raise refuse(HEADER, 'Example is missing', 'A media header needs example.header_handle.')
    if format_of(handles[0]) != kind:
        raise refuse(HEADER, 'Example is incorrect', f'The handle is not the one of an uploaded {kind}.')


def _check_header_text(part, named):
    text = part.get('text') or ''
    check_length(text, HEADER_MAX, HEADER, 'The header')
    check_signs(text, HEADER, 'The header')
    check_plain(text, HEADER, 'The header')
    names = check_names(text, named, HEADER)
    if len(names) > 1:
        raise refuse(HEADER, 'Header format is incorrect', 'A header has at most one variable.')
    check_examples(part.get('example', {}), 'header_text', names, named)


def check_body(part, named, limit):
    """The body of a template or of a card."""
    text = part.get('text') or ''
    check_length(text, limit, BODY, 'The body')
    check_signs(text, BODY, 'The body')
    names = check_names(text, named, BODY)
    check_places(text, names)
    check_examples(part.get('example', {}), 'body_text', names, named)


def _check_footer(part):
    if part is None:
        return
    text = part.get('text') or ''
    check_length(text, FOOTER_MAX, FOOTER, 'The footer')
    check_signs(text, FOOTER, 'The footer')
    check_no_variables(text, FOOTER, 'The footer')
    if '\n' in text:
        raise refuse(FOOTER, 'Footer format is incorrect', 'The footer is one line.')


def category_meta_sees(data):
    """Return the category Meta would give: a promotional utility text becomes MARKETING at once."""
    category = str(data['category']).upper()
    texts = ' '.join(str(part.get('text', '')) for part in data['components'])
    return 'MARKETING' if category == 'UTILITY' and SALES_WORDS.search(texts) else category
