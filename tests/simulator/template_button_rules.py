"""The rules for the buttons of a new template."""

import re
from itertools import pairwise

from .errors import GraphError
from .template_spec import variables
from .template_text import BUTTON, check_length, check_no_variables, check_plain, check_signs, refuse

LIMITS = {'QUICK_REPLY': 10, 'URL': 2, 'PHONE_NUMBER': 1, 'COPY_CODE': 1, 'FLOW': 1, 'VOICE_CALL': 1, 'CATALOG': 1,
          'MPM': 1, 'SPM': 1, 'REQUEST_CONTACT_INFO': 1}
ALONE = {'CATALOG', 'MPM', 'SPM'}
WITHOUT_TEXT = {'COPY_CODE', 'REQUEST_CONTACT_INFO'}
URL = re.compile(r'https?://[^\s/?#]*\.\S*', re.IGNORECASE)
CODE_MAX = 20


def kinds_of(buttons):
    """Return the types of buttons."""
    return [str(button.get('type', '')).upper() for button in buttons]


def check_buttons(part):
    """Check the buttons below a message."""
    if part is None:
        return
    buttons = part.get('buttons') or []
    if not 1 <= len(buttons) <= 10:
        raise refuse(2388043, 'Invalid buttons', 'A template has one to ten buttons.')
    kinds = kinds_of(buttons)
    for kind in set(kinds):
        if kinds.count(kind) > LIMITS.get(kind, 0):
            raise refuse(2388043, 'Invalid buttons', f'{kinds.count(kind)} buttons of type {kind} cannot be used.')
    if len(kinds) > 1 and ALONE & set(kinds):
        raise refuse(2388043, 'Invalid combination', f'{(ALONE & set(kinds)).pop()} must be the only button.')
    changes = sum((one == 'QUICK_REPLY') != (two == 'QUICK_REPLY') for one, two in pairwise(kinds))
    if changes > 1:
        raise refuse(2388043, 'Invalid combination', 'Quick replies must stand together.')
    check_each(buttons)


def check_each(buttons, code_max=CODE_MAX):
    """Check every button by itself, and that no two read the same."""
    for button in buttons:
        _check_button(button, code_max)
    labels = [button['text'] for button in buttons if button.get('text')]
    if len(set(labels)) < len(labels):
        raise refuse(2388043, 'Invalid buttons', "Two buttons can't have the same text.")


def _check_button(button, code_max):
    kind = str(button.get('type', '')).upper()
    text = button.get('text') or ''
    if text or kind not in WITHOUT_TEXT:
        check_length(text, 25, BUTTON, 'The text of a button')
        check_signs(text, BUTTON, 'The text of a button')
        check_plain(text, BUTTON, 'The text of a button')
        check_no_variables(text, BUTTON, 'The text of a button')
    if kind == 'COPY_CODE':
        check_code(button, code_max)
    CHECKS.get(kind, _nothing)(button)


def _nothing(button):
    """Nothing more to look at."""


def example_of(button):
    """Return the example of a button, given as a text or as a list of one."""
    example = button.get('example')
    if isinstance(example, list):
        example = example[0] if len(example) == 1 else ''
    return example if isinstance(example, str) else ''


def _check_url(button):
    url = button.get('url') or ''
    if not URL.fullmatch(url) or len(url) > 2000:
        raise refuse(2388043, 'Link is incorrect', 'A link starts with https:// and has at most 2000 characters.')
    if ('{{' in url or '}}' in url) and (variables(url) != ['1'] or url.count('{{') != 1 or not url.endswith('}}')):
        raise refuse(2388043, 'Link is incorrect', 'A link has at most one variable, at its end.')
    if variables(url) and not example_of(button).strip():
        raise refuse(2388043, 'Example is missing', 'A link with a variable needs an example.')


def _check_phone(button):
    number = button.get('phone_number') or ''
    if not re.fullmatch(r'\+?[0-9]+', number) or len(number) > 20:
        raise GraphError(192, message="(#192) Param components['buttons']['phone_number'] is not a valid phone number.")


def check_code(button, limit):
    """Check the example of a coupon code."""
    if not example_of(button).strip():
        raise refuse(2388043, 'Example is missing', 'A copy code button needs an example.')
    if len(example_of(button)) > limit:
        raise refuse(2388040, 'Code is too long', f'A code has at most {limit} characters.')


def _check_flow(button):
    if sum(bool(button.get(key)) for key in ('flow_id', 'flow_name', 'flow_json')) != 1:
        raise refuse(2388043, 'Flow is missing', 'A flow button names exactly one flow.')
    if str(button.get('flow_action') or 'navigate').lower() not in ('navigate', 'data_exchange'):
        raise refuse(2388043, 'Flow is incorrect', 'flow_action is navigate or data_exchange.')


def _check_call(button):
    minutes = button.get('ttl_minutes')
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 1):
        raise refuse(2388043, 'Call is incorrect', 'ttl_minutes is a number above 0.')


CHECKS = {'URL': _check_url, 'PHONE_NUMBER': _check_phone, 'FLOW': _check_flow, 'VOICE_CALL': _check_call}
