"""Meta's limits for new templates, by the names the checks use; the figures stand in ``const``.

Sizes are characters, that is code points: an emoji of four bytes counts once, one of several code points as many times.
"""

from .. import const
from ..const import (  # noqa: F401 - as limits of the checks
    BUTTON_KINDS,
    BUTTON_TEXT_MAX,
    BUTTONS_MAX,
    CARD_BODY_MAX,
    CARD_BUTTONS_MAX,
    CARDS_MAX,
    CARDS_MIN,
    CODE_MINUTES,
    COPY_CODE_MAX,
    OFFER_BODY_MAX,
    OFFER_CODE_MAX,
    OFFER_TEXT_MAX,
    OTP_APPS_MAX,
    OTP_PACKAGE_MAX,
)

NAME_MAX = const.TEMPLATE_NAME_MAX
HEADER_MAX = const.HEADER_TEXT_MAX
BODY_MAX = const.BODY_TEXT_MAX
FOOTER_MAX = const.FOOTER_TEXT_MAX
URL_MAX = const.BUTTON_URL_MAX
PHONE_MAX = const.BUTTON_PHONE_MAX
#: Words that the text needs beside its variables: two for each and one more. [2388293; the figures are told by
#: providers, Meta's page has none]
WORDS_PER_VARIABLE, WORDS_MORE = 2, 1
TTL = const.TEMPLATE_TTL
TTL_LONGEST = const.TEMPLATE_TTL_LONGEST
#: Marketing does not know "as long as Meta tries at all". [S26:templates/time-to-live, 2026-09-11]
TTL_LONGEST_IN = ('AUTHENTICATION', 'UTILITY')
CATEGORIES = tuple(const.TEMPLATE_CATEGORIES)
FORMATS = const.PARAMETER_FORMATS
LANGUAGES = frozenset(const.TEMPLATE_LANGUAGES)
