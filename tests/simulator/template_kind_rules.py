"""The rules for authentication templates, limited-time offers and carousels."""

import re
from urllib.parse import unquote

from .template_button_rules import check_code, check_each, kinds_of
from .template_text import BODY, BUTTON, FOOTER, HEADER, check_length, check_no_variables, check_signs, refuse

PACKAGE = re.compile(r'[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+')
SIGNATURE = re.compile(r'[A-Za-z0-9+/=]{11}')
OTP_KINDS = ('COPY_CODE', 'ONE_TAP', 'ZERO_TAP')
CARD_HEADERS = {'IMAGE': {'QUICK_REPLY', 'URL', 'PHONE_NUMBER'}, 'VIDEO': {'QUICK_REPLY', 'URL', 'PHONE_NUMBER'},
                'PRODUCT': {'SPM', 'URL'}}


def is_special(parts, kind):
    """Tell whether there is a button of a kind."""
    return kind in kinds_of(parts.get('BUTTONS', {}).get('buttons') or [])


def check_authentication(parts):
    """The text comes from Meta; what can be chosen are a warning, the minutes and the button."""
    if set(parts) - {'BODY', 'FOOTER', 'BUTTONS'} or parts['BODY'].get('text') or parts.get('FOOTER', {}).get('text'):
        raise refuse(BODY, 'Text not allowed', 'The text of an authentication template comes from Meta.')
    minutes = parts.get('FOOTER', {}).get('code_expiration_minutes', 1 if 'FOOTER' not in parts else None)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= 90:
        raise refuse(FOOTER, 'Expiration is incorrect', 'code_expiration_minutes is 1 to 90.')
    buttons = parts.get('BUTTONS', {}).get('buttons') or []
    if kinds_of(buttons) != ['OTP']:
        raise refuse(2388043, 'Button missing', 'An authentication template has exactly one OTP button.')
    _check_otp(buttons[0])


def _check_otp(button):
    kind = str(button.get('otp_type', '')).upper()
    if kind not in OTP_KINDS:
        raise refuse(2388043, 'Button is incorrect', f'otp_type is one of {", ".join(OTP_KINDS)}.')
    for key in ('text', 'autofill_text'):
        if button.get(key) is not None:
            check_length(button[key], 25, BUTTON, 'The text of a button')
    if kind == 'COPY_CODE':
        return
    apps = button.get('supported_apps') or [button]
    if len(apps) > 5 or not all(app.get('package_name') and app.get('signature_hash') for app in apps):
        raise refuse(2388043, 'App is missing', 'Each of one to five apps has package_name and signature_hash.')
    for app in apps:
        if not PACKAGE.fullmatch(app['package_name']) or len(app['package_name']) > 224:
            raise refuse(2388043, 'App is incorrect', 'package_name is not the name of an Android package.')
        if not SIGNATURE.fullmatch(unquote(app['signature_hash'])):
            raise refuse(2388043, 'App is incorrect', 'signature_hash has eleven characters.')
    if kind == 'ZERO_TAP' and button.get('zero_tap_terms_accepted') is not True:
        raise refuse(2388043, 'Terms are not accepted', 'zero_tap_terms_accepted must be true.')


def check_offer(parts, category):
    """A limited-time offer: marketing, picture or film, no footer, code before link."""
    if 'LIMITED_TIME_OFFER' not in parts:
        return
    offer = parts['LIMITED_TIME_OFFER'].get('limited_time_offer') or {}
    text = offer.get('text') or ''
    check_length(text, 16, BODY, 'The text of an offer')
    check_signs(text, BODY, 'The text of an offer')
    check_no_variables(text, BODY, 'The text of an offer')
    header = str(parts.get('HEADER', {}).get('format', 'IMAGE')).upper()
    if category != 'MARKETING' or 'FOOTER' in parts or header not in ('IMAGE', 'VIDEO'):
        raise refuse(2388043, 'Offer is incorrect', 'An offer is marketing with an image or video and no footer.')
    buttons = parts.get('BUTTONS', {}).get('buttons') or []
    kinds = kinds_of(buttons)
    if kinds != ['COPY_CODE', 'URL'] and (kinds != ['URL'] or offer.get('has_expiration') is not False):
        raise refuse(2388043, 'Invalid combination', 'An offer has a copy code button, then a link.')
    if kinds[0] == 'COPY_CODE':
        check_code(buttons[0], 15)


def check_carousel(parts, named, format_of, check_body, check_file):
    """Two to ten cards of the same structure."""
    if 'CAROUSEL' not in parts:
        return
    cards = [_card(card) for card in parts['CAROUSEL'].get('cards') or []]
    if not 2 <= len(cards) <= 10:
        raise refuse(2388043, 'Carousel is incorrect', 'A carousel has two to ten cards.')
    if set(parts) & {'HEADER', 'FOOTER', 'BUTTONS'}:
        raise refuse(2388043, 'Carousel is incorrect', 'A carousel has a body and cards only.')
    if len({_structure(card) for card in cards}) > 1:
        raise refuse(2388043, 'Carousel is incorrect', 'All cards must have the same components.')
    for card in cards:
        _check_card(card, named, format_of, check_body, check_file)


def _card(card):
    parts = {}
    for part in card.get('components') or []:
        kind = str(part.get('type', '')).upper()
        if kind not in ('HEADER', 'BODY', 'BUTTONS') or kind in parts:
            raise refuse(2388043, 'Carousel is incorrect', f'A card has no further component {kind}.')
        parts[kind] = part
    return parts


def _structure(card):
    header = str(card.get('HEADER', {}).get('format', '')).upper()
    return (header, 'BODY' in card, tuple(kinds_of(card.get('BUTTONS', {}).get('buttons') or [])))


def _check_card(card, named, format_of, check_body, check_file):
    header, _has_body, kinds = _structure(card)
    if header not in CARD_HEADERS:
        raise refuse(HEADER, 'Header format is incorrect', 'A card has an image, a video or a product on top.')
    if header != 'PRODUCT':
        check_file(card['HEADER'], header, format_of)
    if 'BODY' in card:
        check_body(card['BODY'], named, 160)
    if not 1 <= len(kinds) <= 2 or set(kinds) - CARD_HEADERS[header] or kinds.count('PHONE_NUMBER') > 1:
        raise refuse(2388043, 'Invalid buttons', 'A card has one or two buttons: quick reply, link or call.')
    check_each(card['BUTTONS']['buttons'])
