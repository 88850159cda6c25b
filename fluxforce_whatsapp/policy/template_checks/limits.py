"""Meta's limits for new templates, as ``cloud_api/const.py`` has them: a test keeps both the same.

Sizes are characters, that is code points: an emoji of four bytes counts once, one of several code points as many times.
[M26:components, 2026-03-12, if not said otherwise]
"""

NAME_MAX = 512
HEADER_MAX = 60
BODY_MAX = 1024
FOOTER_MAX = 60
BUTTONS_MAX = 10
BUTTON_TEXT_MAX = 25
URL_MAX = 2000
PHONE_MAX = 20
#: 15 before. [CL:2025-12-03]
COPY_CODE_MAX = 20
#: Of a limited-time offer: its text, the body beside it and its code. [M26:components]
OFFER_TEXT_MAX = 16
OFFER_BODY_MAX = 600
OFFER_CODE_MAX = 15
CARDS_MIN, CARDS_MAX = 2, 10
CARD_BODY_MAX = 160
CARD_BUTTONS_MAX = 2
#: Minutes in a one-time code's footer. [M26:templates/authentication, 2026-03-12]
CODE_MINUTES = (1, 90)
#: Apps of a one-time code's button. [M26:templates/authentication, 2026-03-12]
OTP_APPS_MAX = 5
#: Words that the text needs beside its variables: two for each and one more. [2388293; the figures are told by
#: providers, Meta's page has none]
WORDS_PER_VARIABLE, WORDS_MORE = 2, 1
#: Seconds for which Meta tries to deliver, by category. [S26:templates/time-to-live, 2026-09-11]
TTL = {'AUTHENTICATION': (30, 900), 'UTILITY': (30, 43_200), 'MARKETING': (43_200, 2_592_000)}
#: As long as Meta tries at all: 30 days. [S26:templates/time-to-live, 2026-09-11]
TTL_LONGEST = -1
TTL_LONGEST_IN = ('AUTHENTICATION', 'UTILITY')
CATEGORIES = ('MARKETING', 'UTILITY', 'AUTHENTICATION')
FORMATS = ('named', 'positional')
#: How many buttons of a kind there may be. [M26:components; the kinds without a figure there: one, own reading]
BUTTON_KINDS = {
    'QUICK_REPLY': 10, 'URL': 2, 'PHONE_NUMBER': 1, 'COPY_CODE': 1, 'FLOW': 1, 'VOICE_CALL': 1, 'CATALOG': 1,
    'MPM': 1, 'SPM': 1, 'OTP': 1, 'REQUEST_CONTACT_INFO': 1,
}
#: Codes of the languages a template may be in. [M26:templates/supported-languages, 2026-03-12]
LANGUAGES = frozenset({
    'af', 'sq', 'ar', 'ar_AE', 'ar_EG', 'ar_LB', 'ar_MA', 'ar_QA', 'az', 'be_BY', 'bn', 'bn_IN', 'bg', 'ca', 'zh_CN',
    'zh_HK', 'zh_TW', 'hr', 'cs', 'da', 'prs_AF', 'nl', 'nl_BE', 'en', 'en_AE', 'en_AU', 'en_CA', 'en_GB', 'en_GH',
    'en_IE', 'en_IN', 'en_JM', 'en_MY', 'en_NZ', 'en_QA', 'en_SG', 'en_UG', 'en_US', 'en_ZA', 'et', 'fil', 'fi', 'fr',
    'fr_BE', 'fr_CA', 'fr_CH', 'fr_CI', 'fr_MA', 'ka', 'de', 'de_AT', 'de_CH', 'el', 'gu', 'ha', 'he', 'hi', 'hu',
    'id', 'ga', 'it', 'ja', 'kn', 'kk', 'rw_RW', 'ko', 'ky_KG', 'lo', 'lv', 'lt', 'mk', 'ms', 'ml', 'mr', 'nb',
    'ps_AF', 'fa', 'pl', 'pt_BR', 'pt_PT', 'pa', 'ro', 'ru', 'sr', 'si_LK', 'sk', 'sl', 'es', 'es_AR', 'es_CL',
    'es_CO', 'es_CR', 'es_DO', 'es_EC', 'es_ES', 'es_HN', 'es_MX', 'es_PA', 'es_PE', 'es_UY', 'sw', 'sv', 'ta', 'te',
    'th', 'tr', 'uk', 'ur', 'uz', 'vi', 'zu',
})
