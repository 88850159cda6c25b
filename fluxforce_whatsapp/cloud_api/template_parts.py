"""Reading Meta's component list [M26:components].

It is taken as Meta gives it: types in upper or lower case, parts missing, kinds nobody knows yet. Reading never raises.
"""

import re

PLACEHOLDER = re.compile(r'\{\{\s*([A-Za-z0-9_]+)\s*\}\}')
MEDIA_KINDS = {'IMAGE': 'image', 'VIDEO': 'video', 'DOCUMENT': 'document'}
#: What WhatsApp writes on buttons that come without a text.
_FIXED_LABELS = {'COPY_CODE': 'Copy code', 'OTP': 'Copy code', 'REQUEST_CONTACT_INFO': 'Share contact info',
                 'CATALOG': 'View catalog', 'MPM': 'View items', 'SPM': 'View', 'VOICE_CALL': 'Call'}
#: Read back from Meta, the button of a one-time code is a URL button to this address.
_OTP_URL = 'whatsapp.com/otp/'


def dicts(items):
    """:return: those of the items that are objects. :rtype: list[dict]"""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, (list, tuple)) else []


def kind(item, name='type'):
    """:return: the type, or what else is said by a word, in upper case; '' if nothing is. :rtype: str"""
    value = item.get(name)
    return value.upper() if isinstance(value, str) else ''


def component(components, wanted):
    """:return: the first component of a type, {} if there is none. :rtype: dict"""
    return next((item for item in dicts(components) if kind(item) == wanted), {})


def text_of(item):
    """:rtype: str"""
    text = item.get('text')
    return text if isinstance(text, str) else ''


def buttons(components):
    """:rtype: list[dict]"""
    return dicts(component(components, 'BUTTONS').get('buttons'))


def cards(components):
    """:return: the component list of each card of a carousel. :rtype: list[list]"""
    return [dicts(card.get('components')) for card in dicts(component(components, 'CAROUSEL').get('cards'))]


def label(button):
    """:return: what stands on a button. :rtype: str"""
    return text_of(button) or _FIXED_LABELS.get(kind(button), '')


def url_of(button):
    """:rtype: str"""
    return button.get('url') if isinstance(button.get('url'), str) else ''


def is_otp_button(button):
    """Tell whether a button carries a one-time code."""
    return kind(button) == 'OTP' or (kind(button) == 'URL' and _OTP_URL in url_of(button))


def is_otp(components):
    """Tell whether a template is for one-time codes."""
    return any(is_otp_button(button) for button in buttons(components))


def offer(components):
    """:return: the limited-time offer, {} if there is none. :rtype: dict"""
    inner = component(components, 'LIMITED_TIME_OFFER').get('limited_time_offer')
    return inner if isinstance(inner, dict) else {}


def is_named(parameter_format):
    """:param parameter_format: ``named`` or ``positional`` in any case, or None"""
    return str(parameter_format or '').lower() == 'named'


def placeholders(text, parameter_format=None):
    """List the variables of a text, each once; numbered ones in the order of their numbers. :rtype: list[str]"""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    if str(parameter_format or '').lower() == 'positional':
        names = [name for name in names if name.isdigit()]
    if all(name.isdigit() for name in names) and not is_named(parameter_format):
        names.sort(key=lambda name: (len(name), name))
    return names


def samples(item, name):
    """Read the examples, positional (``body_text: [[…]]``, ``header_text: […]``) or named (``…_named_params``).

    :return: example by variable name
    :rtype: dict
    """
    example = item.get('example')
    if not isinstance(example, dict):
        return {}
    pairs = dicts(example.get(f'{name}_named_params'))
    named = {str(pair.get('param_name')): _as_text(pair.get('example')) for pair in pairs}
    row = example.get(name)
    if isinstance(row, list) and row and isinstance(row[0], list):
        row = row[0]
    numbered = {str(number): _as_text(sample) for number, sample in enumerate(row if isinstance(row, list) else [], 1)}
    return {**numbered, **named}


def first_text(example):
    """:return: an example given alone or as the first of a list. :rtype: str"""
    if isinstance(example, list):
        example = example[0] if example else ''
    return _as_text(example)


def _as_text(value):
    return value if isinstance(value, str) else ''
