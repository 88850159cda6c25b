"""The buttons below a message: how many, which together, and each by itself [M26:components]."""

import re
from collections import Counter
from itertools import pairwise

from . import limits, texts
from .problem import Code, Problem
from .reading import is_clean, kind_of, string
from .text import PLACEHOLDER, Text

#: Their label is Meta's.
_FIXED_LABEL = ('COPY_CODE', 'REQUEST_CONTACT_INFO')
#: They are the only button of their template. [M26:templates/catalog, mpm, spm]
_ALONE = ('CATALOG', 'MPM', 'SPM')
_PHONE = re.compile(r'\+?[0-9]+')
_URL = re.compile(r'https?://[^\s/?#.]+\.[^\s]+', re.IGNORECASE)
_FLOW_ACTIONS = ('', 'NAVIGATE', 'DATA_EXCHANGE')


def buttons(template):
    """All rules of the buttons that stand below the message."""
    if 'BUTTONS' not in template.kinds:
        return
    given = template.part('BUTTONS').get('buttons')
    if not is_clean(given):
        yield Problem('buttons', Code.MALFORMED)
    if not template.buttons:
        yield Problem('buttons', Code.EMPTY)
    kinds = [kind_of(button) for button in template.buttons]
    yield from _counts(kinds)
    yield from _groups(kinds)
    yield from labels('buttons', template.buttons)
    for index, item in enumerate(template.buttons):
        yield from button(f'button:{index}', item, template.category)


def _counts(kinds):
    if len(kinds) > limits.BUTTONS_MAX:
        yield Problem('buttons', Code.BUTTONS_TOO_MANY, details={'count': len(kinds), 'limit': limits.BUTTONS_MAX})
    for kind, count in Counter(kinds).items():
        limit = limits.BUTTON_KINDS.get(kind, count)
        if count > limit and limit < limits.BUTTONS_MAX:
            yield Problem('buttons', Code.BUTTON_KIND_TOO_MANY, details={'kind': kind, 'count': count, 'limit': limit})
        if kind in _ALONE and len(kinds) > 1:
            yield Problem('buttons', Code.BUTTON_ALONE, details={'kind': kind})


def _groups(kinds):
    """Quick replies stand together, before or after the others."""
    changes = sum((one == 'QUICK_REPLY') != (other == 'QUICK_REPLY') for one, other in pairwise(kinds))
    if changes > 1:
        yield Problem('buttons', Code.BUTTONS_NOT_GROUPED)


def labels(part, items):
    """No two buttons read the same. [WhatsApp Manager refuses it; on no page of 2025-26]"""
    counted = Counter(string(item.get('text')).strip().casefold() for item in items)
    for label, count in counted.items():
        if label and count > 1:
            yield Problem(part, Code.BUTTON_TEXT_TWICE, details={'text': label})


def button(part, item, category):
    """The rules of one button."""
    kind = kind_of(item)
    if kind not in limits.BUTTON_KINDS:
        yield Problem(part, Code.BUTTON_UNKNOWN, details={'kind': kind})
        return
    if kind == 'OTP' and category and category != 'AUTHENTICATION':
        yield Problem(part, Code.NOT_IN_CATEGORY, details={'kind': kind, 'category': category})
    yield from _label(part, item, kind)
    yield from _RULES.get(kind, _nothing)(part, item)


def _label(part, item, kind):
    text = Text(item.get('text'))
    if kind in _FIXED_LABEL and item.get('text') in (None, ''):
        return
    yield from texts.length(part, text, limits.BUTTON_TEXT_MAX)
    yield from texts.signs(part, text)
    yield from texts.plain(part, text)
    yield from texts.no_variables(part, text)


def _nothing(_part, _item):
    return ()


def url(part, item):
    """An address, with at most one variable and only at its end."""
    address = string(item.get('url'))
    if not _URL.fullmatch(PLACEHOLDER.sub('x', address)) or Text(address).turns:
        yield Problem(part, Code.URL_INVALID, details={'url': address})
    if len(address) > limits.URL_MAX:
        yield Problem(part, Code.URL_TOO_LONG, details={'length': len(address), 'limit': limits.URL_MAX})
    yield from _url_variable(part, item, address)


def _url_variable(part, item, address):
    names = PLACEHOLDER.findall(address)
    if not names and '{{' not in address and '}}' not in address:
        return
    if names != ['1'] or not address.endswith('{{1}}') or Text(address).is_broken:
        yield Problem(part, Code.URL_VARIABLE, details={'url': address})
    if not _sample(item).strip():
        yield Problem(part, Code.URL_SAMPLE, details={'url': address})


def _sample(item):
    """:return: the example of a button, as a text or as a list of one."""
    example = item.get('example')
    return string(example[0] if isinstance(example, list) and len(example) == 1 else example)


def phone(part, item):
    """Up to 20 characters, digits with the country's code."""
    number = string(item.get('phone_number'))
    if not _PHONE.fullmatch(number) or len(number) > limits.PHONE_MAX:
        yield Problem(part, Code.PHONE_INVALID, details={'number': number, 'limit': limits.PHONE_MAX})


def copy_code(part, item, limit=limits.COPY_CODE_MAX):
    """A sample of the code. [CL:2025-12-03: 20 characters]"""
    code = _sample(item)
    if not code.strip():
        yield Problem(part, Code.CODE_MISSING)
    elif len(code) > limit:
        yield Problem(part, Code.CODE_TOO_LONG, details={'length': len(code), 'limit': limit})


def flow(part, item):
    """Which form to open, told in one way [M26:flows]."""
    if sum(bool(item.get(key)) for key in ('flow_id', 'flow_name', 'flow_json')) != 1:
        yield Problem(part, Code.FLOW_MISSING)
    action = str(item.get('flow_action') or '')
    if action.upper() not in _FLOW_ACTIONS:
        yield Problem(part, Code.FLOW_ACTION, details={'action': action})


def call(part, item):
    """For how many minutes the button can be used; Meta's own figure without it."""
    minutes = item.get('ttl_minutes')
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 1):
        yield Problem(part, Code.CALL_MINUTES)


_RULES = {'URL': url, 'PHONE_NUMBER': phone, 'COPY_CODE': copy_code, 'FLOW': flow, 'VOICE_CALL': call}
