"""Every constant of Meta's world, each in one place.

The key in brackets is the source, the date the day of the copy that was read:
``S26`` Meta's documentation pages as of 2026-09-11, ``M26`` the same tree as of 2026-03-12, ``CL`` Meta's changelog
entry of that date, ``OA`` Meta's OpenAPI file v23.0 of 2025-11-21, ``GR`` the Graph API's page on rate limits as of
2026-09, ``GU`` its guide to uploads as of 2026-09, ``own`` our own choice.
Meta's enums are open: these sets and labels name what is known, code must live with values that are not in them.
"""

from datetime import timedelta

# --- Where and how -------------------------------------------------------------------------------------------------

#: [S26:overview, 2026-09-11]
GRAPH_BASE_URL = 'https://graph.facebook.com'
#: Pinned on purpose, a setting of the account; v25.0 is of 2026-02-18. [CL:2026-02-18]
DEFAULT_API_VERSION = 'v25.0'
#: Hosts that may be given the token besides the API's own: media addresses lie on Meta's content hosts. [M26:media]
MEDIA_HOST_SUFFIXES = ('.fbsbx.com', '.facebook.com', '.fbcdn.net', '.whatsapp.net')

#: Seconds until a connection must stand. [own]
CONNECT_TIMEOUT_S = 5
#: Seconds without a single byte. [own]
READ_TIMEOUT_S = 20
#: Seconds for one whole answer, however it drips. [own]
TOTAL_TIMEOUT_S = 40
#: The same for a media file: 100 MB over a slow line. [own]
MEDIA_TOTAL_TIMEOUT_S = 300
#: Largest answer read from a management call, bytes; a page of 100 templates is far below. [own]
ANSWER_MAX_BYTES = 16 * 1024 * 1024

# --- Limits of what is sent ----------------------------------------------------------------------------------------

#: Characters of a text message. [S26:messages/text-messages, 2026-09-11]
TEXT_BODY_MAX = 4096
#: Characters of ``biz_opaque_callback_data``. [M26:message-api, 2026-03-12]
CALLBACK_DATA_MAX = 512
#: Characters of a media caption. [S26:messages/image-messages, 2026-09-11]
CAPTION_MAX = 1024
#: Template component limits, characters. [M26:components, 2026-03-12]
HEADER_TEXT_MAX = 60
BODY_TEXT_MAX = 1024
FOOTER_TEXT_MAX = 60
BUTTON_TEXT_MAX = 25
BUTTON_URL_MAX = 2000
BUTTON_PHONE_MAX = 20
BUTTONS_MAX = 10
TEMPLATE_NAME_MAX = 512
#: Of a limited-time offer: its text, the body beside it and its code. [M26:components, 2026-03-12]
OFFER_TEXT_MAX = 16
OFFER_BODY_MAX = 600
OFFER_CODE_MAX = 15
#: Cards of a carousel, characters of a card's body, buttons of a card. [M26:components, 2026-03-12]
CARDS_MIN, CARDS_MAX = 2, 10
CARD_BODY_MAX = 160
CARD_BUTTONS_MAX = 2
#: Minutes that the footer of a one-time code may tell, and apps of its button. [M26:templates/authentication,
#: 2026-03-12]
CODE_MINUTES = (1, 90)
OTP_APPS_MAX = 5
#: Of the name of such an app. [M26:templates/authentication, 2026-03-12]
OTP_PACKAGE_MAX = 224
#: Buttons of a kind in one template. [M26:components, 2026-03-12; the kinds without a figure there: one, own reading]
BUTTON_KINDS = {
    'QUICK_REPLY': 10, 'URL': 2, 'PHONE_NUMBER': 1, 'COPY_CODE': 1, 'FLOW': 1, 'VOICE_CALL': 1, 'CATALOG': 1,
    'MPM': 1, 'SPM': 1, 'OTP': 1, 'REQUEST_CONTACT_INFO': 1,
}
#: Seconds for which Meta tries to deliver, by category, and the value for as long as it tries at all (30 days), which
#: marketing does not know. [S26:templates/time-to-live, 2026-09-11]
TEMPLATE_TTL = {'AUTHENTICATION': (30, 900), 'UTILITY': (30, 43_200), 'MARKETING': (43_200, 2_592_000)}
TEMPLATE_TTL_LONGEST = -1
#: Characters of a one-time code. [M26:templates/authentication, 2026-03-12]
OTP_CODE_MAX = 15
#: Characters of a coupon code; 15 before. [CL:2025-12-03]
COPY_CODE_MAX = 20
#: Longest run of spaces a template parameter may hold; long-standing, on no page of 2025-26. [own reading, uncertain]
PARAMETER_SPACES_MAX = 4
#: Characters of an override callback address. [S26:webhooks/override, 2026-09-11]
CALLBACK_URL_MAX = 200
#: Characters after ``CC.`` of a BSUID. [M26:business_scoped_user_ids, 2026-03-12]
BSUID_MAX = 128
#: Characters of any id in an answer; ``wamid.…`` are about 60. [own]
ID_MAX = 512
#: Bytes of the largest media file, documents. [M26:media, 2026-03-12]
MEDIA_MAX_BYTES = 100 * 1024 * 1024
#: Redirects followed on the way to a file. [own]
MEDIA_REDIRECTS_MAX = 3
#: Code and subcode for an id Meta does not know, or not for this token. [M26:support/error-codes, 2026-03-12]
ERROR_UNKNOWN_OBJECT = (100, 33)
#: Characters of a file's name before its extension. [own]
FILE_STEM_MAX = 100

# --- What WhatsApp writes itself -----------------------------------------------------------------------------------

#: Languages written from right to left, without country. [own]
RTL_LANGUAGES = frozenset({'ar', 'ckb', 'dv', 'fa', 'he', 'prs', 'ps', 'sd', 'ug', 'ur', 'yi'})
#: The code shown where none is given.
OTP_SAMPLE = '123456'
#: Texts nobody can write: of one-time codes (code, advice, expiry, copy, autofill) and labels of buttons. English and
#: Spanish codes as Meta previews them [M26:templates/authentication, 2026-03-12]; the rest as the app words it [own].
FIXED_TEXTS = {
    'en': {'code': '*{{1}}* is your verification code.', 'advice': 'For your security, do not share this code.',
           'expiry': 'This code expires in {minutes} minutes.', 'copy': 'Copy code', 'autofill': 'Autofill',
           'catalog': 'View catalog', 'items': 'View items', 'view': 'View', 'contact': 'Share contact info',
           'call_now': 'Call now', 'call': 'Choose preference'},
    'es': {'code': '*{{1}}* es tu código de verificación.', 'advice': 'Por tu seguridad, no lo compartas.',
           'expiry': 'Este código caduca en {minutes} minutos.', 'copy': 'Copiar código', 'autofill': 'Autocompletar',
           'catalog': 'Ver catálogo', 'items': 'Ver artículos', 'view': 'Ver',
           'contact': 'Compartir datos de contacto', 'call_now': 'Llamar ahora', 'call': 'Elegir preferencia'},
    'pt': {'code': '*{{1}}* é seu código de verificação.', 'advice': 'Para sua segurança, não o compartilhe.',
           'expiry': 'Este código expira em {minutes} minutos.', 'copy': 'Copiar código',
           'autofill': 'Preencher automaticamente', 'catalog': 'Ver catálogo', 'items': 'Ver itens', 'view': 'Ver',
           'contact': 'Compartilhar dados de contato', 'call_now': 'Ligar agora', 'call': 'Escolher preferência'},
    'fr': {'code': '*{{1}}* est votre code de vérification.', 'advice': 'Pour votre sécurité, ne le partagez pas.',
           'expiry': 'Ce code expire dans {minutes} minutes.', 'copy': 'Copier le code',
           'autofill': 'Remplir automatiquement', 'catalog': 'Voir le catalogue', 'items': 'Voir les articles',
           'view': 'Voir', 'contact': 'Partager les coordonnées', 'call_now': 'Appeler',
           'call': 'Choisir une préférence'},
    'de': {'code': '*{{1}}* ist dein Verifizierungscode.',
           'advice': 'Teile diesen Code zu deiner Sicherheit mit niemandem.',
           'expiry': 'Dieser Code läuft in {minutes} Minuten ab.', 'copy': 'Code kopieren',
           'autofill': 'Automatisch ausfüllen', 'catalog': 'Katalog ansehen', 'items': 'Artikel ansehen',
           'view': 'Ansehen', 'contact': 'Kontaktdaten teilen', 'call_now': 'Jetzt anrufen',
           'call': 'Einstellung wählen'},
    'it': {'code': '*{{1}}* è il tuo codice di verifica.', 'advice': 'Per la tua sicurezza, non condividerlo.',
           'expiry': 'Questo codice scade tra {minutes} minuti.', 'copy': 'Copia codice',
           'autofill': 'Compilazione automatica', 'catalog': 'Vedi catalogo', 'items': 'Vedi articoli', 'view': 'Vedi',
           'contact': 'Condividi contatto', 'call_now': 'Chiama ora', 'call': 'Scegli preferenza'},
}

# --- Files we send --------------------------------------------------------------------------------------------------

_MB = 1024 * 1024
_OFFICE = 'application/vnd.openxmlformats-officedocument.'
#: Types and most bytes by kind of message or header; pictures are JPEG or PNG, a sticker is a WebP of 500 KB (moving).
#: [M26:media, 2026-03-12]
OUTGOING_MEDIA = {
    'image': (frozenset({'image/jpeg', 'image/png'}), 5 * _MB),
    'video': (frozenset({'video/mp4', 'video/3gpp'}), 16 * _MB),
    'audio': (frozenset({'audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'}), 16 * _MB),
    'document': (frozenset({
        'text/plain', 'application/pdf', 'application/msword', 'application/vnd.ms-excel',
        'application/vnd.ms-powerpoint', _OFFICE + 'wordprocessingml.document', _OFFICE + 'spreadsheetml.sheet',
        _OFFICE + 'presentationml.presentation'}), 100 * _MB),
    'sticker': (frozenset({'image/webp'}), 500 * 1024),
}
#: The only type a document in the header of a template may have; others are sent without a template.
#: [M26:components, 2026-03-12]
HEADER_DOCUMENT = 'application/pdf'
#: Days for which Meta keeps an upload, less one in which it may still be on its way. [M26:media, 2026-03-12; own]
UPLOAD_DAYS = 29
#: A file of ours that Meta cannot have, of a message that it had taken already or not. [S26:support/error-codes]
ERRORS_OF_MEDIA = frozenset({131052, 131053})
#: Any wrong parameter; the words tell whether it is a file. [S26:support/error-codes, 2026-09-11]
ERROR_PARAMETER = 100

# --- Values of templates, and messages without one ------------------------------------------------------------------

#: Characters of what a quick reply sends back; Meta's pages name the figure for reply buttons only. [own]
PAYLOAD_MAX = 256
#: Sections, and products in all, of a template with several products. [M26:templates/mpm, 2026-03-12]
PRODUCT_SECTIONS_MAX = 10
PRODUCTS_MAX = 30
#: Characters of a product's id in the catalogue, and of the catalogue's. [own]
PRODUCT_ID_MAX = 256
#: Characters of the title of a tap target; on no page. [own]
TAP_TARGET_TITLE_MAX = 60

#: Interactive messages: characters of the text, in a list and elsewhere, and of its header and footer.
#: [S26:messages/interactive, 2026-09-11]
INTERACTIVE_BODY_MAX = 1024
LIST_BODY_MAX = 4096
INTERACTIVE_HEADER_MAX = 60
INTERACTIVE_FOOTER_MAX = 60
#: Reply buttons. [S26:messages/interactive-reply-buttons-messages, 2026-09-11]
REPLIES_MAX = 3
REPLY_ID_MAX = 256
REPLY_TITLE_MAX = 20
#: Lists: sections, rows in all, and characters. [S26:messages/interactive-list-messages, 2026-09-11]
LIST_SECTIONS_MAX = 10
LIST_ROWS_MAX = 10
LIST_BUTTON_MAX = 20
SECTION_TITLE_MAX = 24
ROW_ID_MAX = 200
ROW_TITLE_MAX = 24
ROW_DESCRIPTION_MAX = 72
#: Characters on a button with a link. [S26:messages/interactive-cta-url-messages, 2026-09-11]
LINK_LABEL_MAX = 20
#: Flows; Meta advises 30 characters and no emoji, its OpenAPI file takes no more. [S26:flows/guides/sendingaflow]
FLOW_LABEL_MAX = 30
FLOW_VERSION = '3'
FLOW_TOKEN_UNUSED = 'unused'
#: Contacts in one message. [S26:messages/contacts-messages, 2026-09-11]
CONTACTS_MAX = 257
#: Characters of one field of a contact, of a place's name or address, of a file's name. [own]
CONTACT_TEXT_MAX = 1024
LOCATION_TEXT_MAX = 1024
FILE_NAME_MAX = 240
#: Characters of one emoji: a family of four with skin tones is eleven, a flag of a region seven. [own]
EMOJI_MAX = 20

# --- Limits of how much and when -----------------------------------------------------------------------------------

#: Rows per page of templates and numbers; Meta's largest. [OA, 2025-11-21]
TEMPLATES_PAGE_SIZE = 100
PHONE_NUMBERS_PAGE_SIZE = 100
#: Pages after which a listing is taken for endless; 6,000 templates are 60 pages. [own]
PAGES_MAX = 500
#: Hours a person's message or call keeps the service window open. [S26:messages/send-messages, 2026-09-11]
SERVICE_WINDOW_HOURS = 24
#: Messages per second and number, in and out together, by ``throughput.level``. [S26:throughput, 2026-09-11]
THROUGHPUT = {'STANDARD': 80, 'HIGH': 1000}
#: The same for a number shared with the Business app. [S26:throughput, 2026-09-11]
COEXISTENCE = 20
#: Unique people a portfolio may reach outside a service window in a moving 24 hours, by
#: ``whatsapp_business_manager_messaging_limit``; None for no limit. The 1K step is gone and means 2K now, older
#: payloads still carry it: the lower figure is the safe one. [S26:messaging-limits, 2026-09-11]
MESSAGING_LIMITS = {
    'TIER_50': 50,
    'TIER_250': 250,
    'TIER_1K': 1000,
    'TIER_2K': 2000,
    'TIER_10K': 10_000,
    'TIER_100K': 100_000,
    'TIER_UNLIMITED': None,
}
#: For a tier nobody knows or none at all: the one every portfolio begins with. [S26:messaging-limits, 2026-09-11]
MESSAGING_LIMIT_LEAST = 250

# --- Usage headers -------------------------------------------------------------------------------------------------

#: How much of the hour's calls is used up: of the app, and of each business and use case.
#: [GR, 2026-09; OA, 2025-11-21]
APP_USAGE_HEADER = 'X-App-Usage'
BUSINESS_USAGE_HEADER = 'X-Business-Use-Case-Usage'
#: Their counters, per cent, and the minutes until calls are granted again. [GR, 2026-09; OA, 2025-11-21]
USAGE_COUNTERS = ('call_count', 'total_cputime', 'total_time')
USAGE_REGAIN = 'estimated_time_to_regain_access'
#: Per cent from which to slow down and to stop. [GR, 2026-09; OA, 2025-11-21]
USAGE_SLOW_PERCENT = 80
USAGE_STOP_PERCENT = 100
#: Seconds to stop for when Meta does not tell how long. [own]
USAGE_REGAIN_LEAST_S = 60
#: Largest value taken for meant, per cent or minutes (a week). [own]
USAGE_MAX = 7 * 24 * 60

# --- Webhooks ------------------------------------------------------------------------------------------------------

#: [M26:create-webhook-endpoint, 2026-03-12]
SIGNATURE_HEADER = 'X-Hub-Signature-256'
SIGNATURE_PREFIX = 'sha256='
#: [S26:webhooks/overview, 2026-09-11]
WEBHOOK_MAX_BYTES = 3 * 1024 * 1024
WEBHOOK_OBJECT = 'whatsapp_business_account'
#: Levels of nesting after which a body is taken for hostile; Meta's deepest known (history) is below 16. [own]
WEBHOOK_MAX_DEPTH = 64
#: Days for which the key of what was received tells a duplicate: Meta repeats a webhook for up to seven days, and all
#: subscribed apps get the repetition. [S26:webhooks/overview, 2026-09-11; the eighth is ours]
DEDUPE_DAYS = 8
#: So much Meta's clock may be ahead of ours. A moment further ahead is none: it would keep a service window open, and
#: make everything that follows late. [own]
CLOCKS_APART = timedelta(minutes=10)
#: The fields to subscribe to at least. [S26:webhooks/reference, 2026-09-11]
WEBHOOK_FIELDS = (
    'messages',
    'user_preferences',
    'message_template_status_update',
    'message_template_quality_update',
    'message_template_components_update',
    'template_category_update',
    'phone_number_quality_update',
    'phone_number_name_update',
    'account_update',
    'account_alerts',
    'account_review_update',
    'business_capability_update',
    'security',
)

# --- Messages people write ------------------------------------------------------------------------------------------

#: Types that carry a file. [S26:webhooks/reference/messages, 2026-09-11]
MEDIA_MESSAGES = ('image', 'video', 'audio', 'document', 'sticker')
MESSAGE_REACTION = 'reaction'
MESSAGE_SYSTEM = 'system'
#: [CL:2025-11-25]
MESSAGE_EDIT = 'edit'
MESSAGE_REVOKE = 'revoke'
#: Types that change another message. [as above]
MESSAGE_CHANGES = (MESSAGE_REACTION, MESSAGE_EDIT, MESSAGE_REVOKE)
#: ``system.type``. [S26:webhooks/reference/messages/system, 2026-09-11]
CHANGED_NUMBER = 'user_changed_number'
CHANGED_USER_ID = 'user_changed_user_id'
#: ``nfm_reply.name`` of an address; its form's own token is no answer. [M26:flows, 2026-03-12]
FORM_ADDRESS = 'address_message'
FORM_TOKEN = 'flow_token'
#: Answers of one form that are shown, and groups within groups. [own]
FORM_ROWS_MAX = 100
FORM_DEPTH_MAX = 4
#: ``call_permission_reply.response``. [S26:calling/user-call-permissions, 2026-09-11]
CALL_ACCEPTED = 'accept'
CALL_REJECTED = 'reject'

# --- Message states ------------------------------------------------------------------------------------------------

#: Ours, before Meta's answer. [own]
STATUS_QUEUED = 'queued'
STATUS_SENDING = 'sending'
STATUS_UNKNOWN = 'unknown'
#: Meta's. [S26:webhooks/reference/messages/status, 2026-09-11]
STATUS_ACCEPTED = 'accepted'
STATUS_SENT = 'sent'
STATUS_DELIVERED = 'delivered'
STATUS_READ = 'read'
STATUS_PLAYED = 'played'
STATUS_FAILED = 'failed'
#: The ladder: a message only moves to a higher rank; ``failed`` has rules of its own, see ``webhooks.advances``.
STATUS_RANK = {
    STATUS_QUEUED: 0,
    STATUS_SENDING: 1,
    STATUS_UNKNOWN: 2,
    STATUS_ACCEPTED: 3,
    STATUS_SENT: 4,
    STATUS_DELIVERED: 5,
    STATUS_READ: 6,
    STATUS_PLAYED: 7,
}
#: ``message_status`` of a send answer when Meta holds the message back to watch the template. [M26:template_pacing]
MESSAGE_STATUS_HELD = 'held_for_quality_assessment'

# --- Templates -----------------------------------------------------------------------------------------------------

#: [S26:webhooks/reference/message_template_status_update, 2026-09-11]
TEMPLATE_STATUSES = {
    'PENDING': 'In review',
    'APPROVED': 'Approved',
    'REJECTED': 'Rejected',
    'PAUSED': 'Paused',
    'DISABLED': 'Disabled',
    'IN_APPEAL': 'In appeal',
    'PENDING_DELETION': 'Being deleted',
    'DELETED': 'Deleted',
    'LIMIT_EXCEEDED': 'Over the limit',
    'ARCHIVED': 'Archived',
    'FLAGGED': 'Flagged',
    'LOCKED': 'Locked',
    'REINSTATED': 'Reinstated',
    'UNARCHIVED': 'Taken from the archive',
}
#: A template disabled for good; 132015 and the others pause it. [S26:support/error-codes, 2026-09-11]
ERROR_TEMPLATE_DISABLED = 132016
#: The only status in which Meta sends a template. [M26:template_pausing, 2026-03-12]
TEMPLATE_STATUS_SENDABLE = 'APPROVED'
#: Events after which a template is sent again, by whatever name.
#: [S26:webhooks/reference/message_template_status_update, 2026-09-11; UNPAUSED: own, Meta's samples only have UNPAUSE,
#: as the title of an APPROVED]
TEMPLATE_EVENTS_BACK = frozenset({'APPROVED', 'REINSTATED', 'UNPAUSED', 'UNPAUSE'})
#: Events that say nothing about whether the template is sent: a flagged one still is, and one taken from the archive
#: has the status it had before. [S26:webhooks/reference/message_template_status_update, 2026-09-11]
TEMPLATE_EVENT_FLAGGED = 'FLAGGED'
TEMPLATE_EVENT_UNARCHIVED = 'UNARCHIVED'
#: Events about which somebody is warned. [own]
TEMPLATE_EVENTS_STOPPED = frozenset({'PAUSED', 'DISABLED', 'REJECTED'})
TEMPLATE_EVENT_DELETED = 'DELETED'
#: [S26:templates/template-categorization, 2026-09-11]
TEMPLATE_CATEGORIES = {
    'MARKETING': 'Marketing',
    'UTILITY': 'Utility',
    'AUTHENTICATION': 'Authentication',
}
#: ``parameter_format``. [M26:templates/overview, 2026-03-12]
PARAMETER_FORMATS = ('named', 'positional')
#: What a template is created from, and what an edit may change. [M26:templates, 2026-03-12]
TEMPLATE_CREATION_KEYS = ('name', 'language', 'category', 'parameter_format', 'components', 'message_send_ttl_seconds')
TEMPLATE_EDIT_KEYS = ('category', 'components', 'message_send_ttl_seconds')
#: States in which Meta lets a template be edited. [M26:templates/manage-templates, 2026-03-12]
TEMPLATE_STATUSES_EDITABLE = frozenset({'APPROVED', 'REJECTED', 'PAUSED'})
#: Edits of an approved template: seconds and how many in them. [M26:templates/manage-templates, 2026-03-12]
TEMPLATE_EDITS = ((24 * 3600, 1), (30 * 24 * 3600, 10))
#: Creations of an account: seconds and how many in them. [S26:about-the-platform, 2026-09-11]
TEMPLATE_CREATIONS = (3600, 100)
#: Days for which the name and language of a deleted approved template are blocked. [M26:templates/manage-templates,
#: 2026-03-12]
TEMPLATE_NAME_BLOCK_DAYS = 30
#: Languages of templates with their names. [M26:templates/supported-languages, 2026-03-12]
TEMPLATE_LANGUAGES = {
    'af': 'Afrikaans', 'sq': 'Albanian', 'ar': 'Arabic', 'ar_EG': 'Arabic (Egypt)',
    'ar_AE': 'Arabic (United Arab Emirates)', 'ar_LB': 'Arabic (Lebanon)', 'ar_MA': 'Arabic (Morocco)',
    'ar_QA': 'Arabic (Qatar)', 'az': 'Azerbaijani', 'be_BY': 'Belarusian', 'bn': 'Bengali', 'bn_IN': 'Bengali (India)',
    'bg': 'Bulgarian', 'ca': 'Catalan', 'zh_CN': 'Chinese (China)', 'zh_HK': 'Chinese (Hong Kong)',
    'zh_TW': 'Chinese (Taiwan)', 'hr': 'Croatian', 'cs': 'Czech', 'da': 'Danish', 'prs_AF': 'Dari', 'nl': 'Dutch',
    'nl_BE': 'Dutch (Belgium)', 'en': 'English', 'en_GB': 'English (United Kingdom)',
    'en_US': 'English (United States)', 'en_AE': 'English (United Arab Emirates)', 'en_AU': 'English (Australia)',
    'en_CA': 'English (Canada)', 'en_GH': 'English (Ghana)', 'en_IE': 'English (Ireland)', 'en_IN': 'English (India)',
    'en_JM': 'English (Jamaica)', 'en_MY': 'English (Malaysia)', 'en_NZ': 'English (New Zealand)',
    'en_QA': 'English (Qatar)', 'en_SG': 'English (Singapore)', 'en_UG': 'English (Uganda)',
    'en_ZA': 'English (South Africa)', 'et': 'Estonian', 'fil': 'Filipino', 'fi': 'Finnish', 'fr': 'French',
    'fr_BE': 'French (Belgium)', 'fr_CA': 'French (Canada)', 'fr_CH': 'French (Switzerland)',
    'fr_CI': 'French (Ivory Coast)', 'fr_MA': 'French (Morocco)', 'ka': 'Georgian', 'de': 'German',
    'de_AT': 'German (Austria)', 'de_CH': 'German (Switzerland)', 'el': 'Greek', 'gu': 'Gujarati', 'ha': 'Hausa',
    'he': 'Hebrew', 'hi': 'Hindi', 'hu': 'Hungarian', 'id': 'Indonesian', 'ga': 'Irish', 'it': 'Italian',
    'ja': 'Japanese', 'kn': 'Kannada', 'kk': 'Kazakh', 'rw_RW': 'Kinyarwanda', 'ko': 'Korean', 'ky_KG': 'Kyrgyz',
    'lo': 'Lao', 'lv': 'Latvian', 'lt': 'Lithuanian', 'mk': 'Macedonian', 'ms': 'Malay', 'ml': 'Malayalam',
    'mr': 'Marathi', 'nb': 'Norwegian', 'ps_AF': 'Pashto', 'fa': 'Persian', 'pl': 'Polish',
    'pt_BR': 'Portuguese (Brazil)', 'pt_PT': 'Portuguese (Portugal)', 'pa': 'Punjabi', 'ro': 'Romanian',
    'ru': 'Russian', 'sr': 'Serbian', 'si_LK': 'Sinhala', 'sk': 'Slovak', 'sl': 'Slovenian', 'es': 'Spanish',
    'es_AR': 'Spanish (Argentina)', 'es_CL': 'Spanish (Chile)', 'es_CO': 'Spanish (Colombia)',
    'es_CR': 'Spanish (Costa Rica)', 'es_DO': 'Spanish (Dominican Republic)', 'es_EC': 'Spanish (Ecuador)',
    'es_HN': 'Spanish (Honduras)', 'es_MX': 'Spanish (Mexico)', 'es_PA': 'Spanish (Panama)', 'es_PE': 'Spanish (Peru)',
    'es_ES': 'Spanish (Spain)', 'es_UY': 'Spanish (Uruguay)', 'sw': 'Swahili', 'sv': 'Swedish', 'ta': 'Tamil',
    'te': 'Telugu', 'th': 'Thai', 'tr': 'Turkish', 'uk': 'Ukrainian', 'ur': 'Urdu', 'uz': 'Uzbek', 'vi': 'Vietnamese',
    'zu': 'Zulu',
}
#: Files that may be uploaded as samples of headers, by type: the header's format [GU, 2026-09] and how many bytes a
#: message may carry of it [M26:media, 2026-03-12].
SAMPLE_TYPES = {
    'application/pdf': ('DOCUMENT', MEDIA_MAX_BYTES),
    'image/jpeg': ('IMAGE', 5 * 1024 * 1024),
    'image/png': ('IMAGE', 5 * 1024 * 1024),
    'video/mp4': ('VIDEO', 16 * 1024 * 1024),
}
#: Times an upload is taken up again after it broke. [own]
UPLOAD_RESUMES = 5
#: [S26:messaging-limits, 2026-09-11]
QUALITY_RATINGS = {
    'GREEN': 'High',
    'YELLOW': 'Medium',
    'RED': 'Low',
    'UNKNOWN': 'Not rated yet',
    'NA': 'Not rated',
}
#: Graph node ``whats-app-business-hsm``. [S26:reference, 2026-09-11]
TEMPLATE_FIELDS = (
    'id',
    'name',
    'language',
    'status',
    'category',
    'previous_category',
    'correct_category',
    'sub_category',
    'parameter_format',
    'components',
    'quality_score',
    'rejected_reason',
    'message_send_ttl_seconds',
)

# --- Numbers and accounts ------------------------------------------------------------------------------------------

#: [OA, 2025-11-21; S26:phone-numbers, 2026-09-11]
PHONE_NUMBER_FIELDS = (
    'id',
    'display_phone_number',
    'verified_name',
    'name_status',
    'new_display_name',
    'new_name_status',
    'status',
    'quality_rating',
    'quality_score',
    'code_verification_status',
    'platform_type',
    'throughput',
    'account_mode',
    'is_official_business_account',
    'is_pin_enabled',
    'is_on_biz_app',
    'health_status',
    'webhook_configuration',
    'whatsapp_business_manager_messaging_limit',
    'username',
    'last_onboarded_time',
)
#: [OA, 2025-11-21; S26:whatsapp-business-accounts, 2026-09-11]
WABA_FIELDS = (
    'id',
    'name',
    'currency',
    'timezone_id',
    'country',
    'account_review_status',
    'business_verification_status',
    'ownership_type',
    'message_template_namespace',
    'health_status',
    'whatsapp_business_manager_messaging_limit',
)
#: Numbers in these states can send; FLAGGED is legacy (gone since October 2025) and still sent. [OA, 2025-11-21]
NUMBER_STATUS_ABLE_TO_SEND = frozenset({'CONNECTED', 'FLAGGED'})
#: Ratings that say that people block or report a number. [S26:messaging-limits, 2026-09-11]
QUALITY_LOW = frozenset({'YELLOW', 'RED'})
#: Ratings a number only has once people got its messages. [S26:messaging-limits, 2026-09-11]
QUALITY_RATED = frozenset({'GREEN', *QUALITY_LOW})
#: Form of ``last_onboarded_time``. [OA, 2025-11-21]
TIME_FORMAT = '%Y-%m-%dT%H:%M:%S%z'
#: The ``throughput.level`` of numbers that reached 100,000 people in a day. [S26:throughput, 2026-09-11]
THROUGHPUT_UPGRADED = 'HIGH'
#: Refusals that speak about how a number is received: too many blocked or reported it; Meta spares this person; the
#: person opted out in WhatsApp. [S26:support/error-codes, 2026-09-11]
ERROR_SPAM_LIMIT = 131048
ERROR_PERSON_SPARED = 131049
ERROR_OPTED_OUT = 131050
#: The number cannot be reached: not on WhatsApp, too old an app, terms not accepted; Meta does not tell which.
#: [S26:support/error-codes, 2026-09-11]
ERROR_UNDELIVERABLE = 131026
#: Countries whose people get no marketing templates, since 2025-04-01: numbers of +1 with a US area code, so not all
#: of +1. [S26:marketing-messages per-user limits, 2026-06-17; S26:support/error-codes 131049, 2026-09-11]
REGIONS_WITHOUT_MARKETING = frozenset({'US'})
#: ``health_status.can_send_message``. [M26:health-status, 2026-03-12]
HEALTH_BLOCKED = 'BLOCKED'
HEALTH_LIMITED = 'LIMITED'
HEALTH_AVAILABLE = 'AVAILABLE'

# --- What else Meta reports about numbers and accounts --------------------------------------------------------------

#: ``event`` of phone_number_quality_update; the others carry a limit only. The FLAGGED ones are legacy, gone since
#: October 2025. [S26:webhooks/reference/phone_number_quality_update, 2026-09-11]
NUMBER_EVENT_THROUGHPUT = 'THROUGHPUT_UPGRADE'
NUMBER_EVENT_FLAGGED = 'FLAGGED'
NUMBER_EVENT_UNFLAGGED = 'UNFLAGGED'
NUMBER_EVENTS = frozenset({
    'ONBOARDING', 'UPGRADE', 'DOWNGRADE', NUMBER_EVENT_THROUGHPUT, NUMBER_EVENT_FLAGGED, NUMBER_EVENT_UNFLAGGED})
#: [S26:webhooks/reference/phone_number_name_update, 2026-09-11]
NAME_APPROVED = 'APPROVED'
NAME_REJECTED = 'REJECTED'
#: [S26:webhooks/reference/account_review_update, 2026-09-11]
REVIEW_APPROVED = 'APPROVED'
REVIEW_REJECTED = 'REJECTED'
#: [S26:webhooks/reference/security, 2026-09-11]
SECURITY_PIN_RESET_REQUEST = 'PIN_RESET_REQUEST'
#: ``alert_severity`` of account_alerts. [S26:webhooks/reference/account_alerts, 2026-09-11]
ALERT_CRITICAL = 'CRITICAL'
ALERT_INFORMATIONAL = 'INFORMATIONAL'
#: ``entity_type`` of account_alerts for which ``entity_id`` is a number's. [S26:webhooks/reference/account_alerts,
#: 2026-09-11]
ALERT_ENTITIES_NUMBER = frozenset({'PHONE_NUMBER', 'CURRENT_STATUS_ID'})
#: Fields whose entry is a business, not an account. [S26:webhooks/reference/partner_solutions, 2026-09-11]
FIELDS_OF_BUSINESS = frozenset({'partner_solutions'})
#: ``event`` of account_update. [S26:webhooks/reference/account_update, 2026-09-11]
ACCOUNT_VIOLATION = 'ACCOUNT_VIOLATION'
ACCOUNT_RESTRICTION = 'ACCOUNT_RESTRICTION'
ACCOUNT_BAN = 'DISABLED_UPDATE'
#: Events after which the account cannot be used. [S26:webhooks/reference/account_update, 2026-09-11]
ACCOUNT_EVENTS_STOPPED = frozenset({
    'ACCOUNT_DELETED', 'ACCOUNT_OFFBOARDED', 'PARTNER_REMOVED', 'PARTNER_APP_UNINSTALLED'})
#: Events that take one of those back. [S26:webhooks/reference/account_update, 2026-09-11]
ACCOUNT_EVENTS_BACK = {'ACCOUNT_RECONNECTED': 'ACCOUNT_OFFBOARDED'}
#: Events that change nothing here. [S26:webhooks/reference/account_update, 2026-09-11]
ACCOUNT_EVENTS_KEPT = frozenset({
    'PARTNER_ADDED', 'PARTNER_APP_INSTALLED', 'PARTNER_CLIENT_CERTIFICATION_NEEDED',
    'PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE', 'AUTH_INTL_PRICE_ELIGIBILITY_UPDATE',
    'BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE', 'VOLUME_BASED_PRICING_TIER_UPDATE', 'MM_LITE_TERMS_SIGNED',
    'AD_ACCOUNT_LINKED', 'VERIFIED_ACCOUNT'})
#: ``waba_ban_state``. [S26:webhooks/reference/account_update, 2026-09-11]
BAN_DISABLED = 'DISABLE'
BAN_SCHEDULED = 'SCHEDULE_FOR_DISABLE'
BAN_REINSTATED = 'REINSTATE'
#: ``restriction_type`` that forbids every template, which is all that is sent from here, or the answers to people.
#: [M26:policy-enforcement, 2026-03-12]
RESTRICTIONS_ALL = frozenset({'RESTRICTED_BIZ_INITIATED_MESSAGING', 'RESTRICTED_CUSTOMER_INITIATED_MESSAGING'})
#: Those that do not concern marketing: calls, further numbers, service updates. One that nobody knows is taken for one
#: that does. [S26:webhooks/reference/account_update, 2026-09-11; own]
RESTRICTIONS_OTHER = frozenset({
    'RESTRICTED_ADD_PHONE_NUMBER_ACTION', 'RESTRICTED_UTILITY_TEMPLATES', 'RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES',
    'RESTRICTED_BUSINESS_INITIATED_CALLING', 'RESTRICTED_USER_INITIATED_CALLING',
    'RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING', 'RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN'})
#: ``value`` of user_preferences, and its only known ``category``. [S26:webhooks/reference/user_preferences, 2026-09-11]
PREFERENCE_STOP = 'stop'
PREFERENCE_RESUME = 'resume'
PREFERENCE_MARKETING = 'marketing_messages'
#: A limit of people as it is also written: no limit. [S26:webhooks/reference/business_capability_update, 2026-09-11]
LIMIT_NONE = -1
#: Seconds to wait for our own server's answer to a handshake, as little as Meta is known to wait. [own]
HANDSHAKE_TIMEOUT_S = 5
