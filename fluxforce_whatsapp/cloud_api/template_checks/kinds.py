"""The special kinds of templates: limited-time offers, carousels, sign-in codes, products."""

import re
from urllib.parse import unquote

from . import limits, texts
from .buttons import button, copy_code, labels
from .parts import body_text, file
from .problem import Code, Problem
from .reading import dicts, is_clean, kind_of, string
from .text import Text

_OTP_KINDS = ('COPY_CODE', 'ONE_TAP', 'ZERO_TAP')
_CARD_HEADERS = ('IMAGE', 'VIDEO', 'PRODUCT')
_CARD_BUTTONS = ('QUICK_REPLY', 'URL', 'PHONE_NUMBER')
_PRODUCT_BUTTONS = ('SPM', 'URL')
#: Two segments at least, each begins with a letter; eleven signs of base64, which Meta's samples also write as in a
#: link. [M26:templates/authentication]
_PACKAGE = re.compile(r'[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+')
_SIGNATURE = re.compile(r'[A-Za-z0-9+/=]{11}')


# --- Limited-time offers -------------------------------------------------------------------------------------------


def offer(template):
    """Marketing, a picture or film above, no footer, the code first [M26:templates/limited-time-offer]."""
    if 'LIMITED_TIME_OFFER' not in template.kinds:
        return
    if template.category not in ('', 'MARKETING'):
        yield Problem('offer', Code.NOT_IN_CATEGORY, details={
            'kind': 'LIMITED_TIME_OFFER', 'category': template.category})
    if 'HEADER' in template.kinds and template.header_format not in ('IMAGE', 'VIDEO'):
        yield Problem('header', Code.OFFER_HEADER)
    if 'FOOTER' in template.kinds:
        yield Problem('footer', Code.OFFER_FOOTER)
    yield from _offer_text(template)
    yield from _offer_buttons(template)


def _settings(template):
    settings = template.part('LIMITED_TIME_OFFER').get('limited_time_offer')
    return settings if isinstance(settings, dict) else {}


def _offer_text(template):
    text = Text(_settings(template).get('text'))
    yield from texts.length('offer', text, limits.OFFER_TEXT_MAX)
    yield from texts.signs('offer', text)
    yield from texts.no_variables('offer', text)
    if text.has_line_breaks:
        yield Problem('offer', Code.LINE_BREAKS)


def _offer_buttons(template):
    kinds = [kind_of(item) for item in template.buttons]
    expires = _settings(template).get('has_expiration') is not False
    if kinds != ['COPY_CODE', 'URL'] and (expires or kinds != ['URL']):
        yield Problem('buttons', Code.OFFER_BUTTONS)
    for index, item in enumerate(template.buttons):
        if kind_of(item) == 'COPY_CODE':
            yield from (problem for problem in copy_code(f'button:{index}', item, limits.OFFER_CODE_MAX)
                        if problem.code == Code.CODE_TOO_LONG and problem.details['length'] <= limits.COPY_CODE_MAX)


# --- Carousels -----------------------------------------------------------------------------------------------------


def carousel(template):
    """Two to ten cards of the same structure, nothing else but the body [M26:templates/media-card-carousel]."""
    if 'CAROUSEL' not in template.kinds:
        return
    cards = template.cards
    if not is_clean(template.part('CAROUSEL').get('cards')):
        yield Problem('card:0', Code.MALFORMED)
    if not limits.CARDS_MIN <= len(cards) <= limits.CARDS_MAX:
        yield Problem('card:0', Code.CARDS_COUNT, details={
            'count': len(cards), 'least': limits.CARDS_MIN, 'most': limits.CARDS_MAX})
    for kind, place in (('HEADER', 'header'), ('FOOTER', 'footer'), ('BUTTONS', 'buttons')):
        if kind in template.kinds:
            yield Problem(place, Code.CAROUSEL_ALONE, details={'kind': kind})
    for card in cards:
        if card.structure != cards[0].structure:
            yield Problem(card.place, Code.CARDS_DIFFER)
        yield from _card(card, template)


def _card(card, template):
    header_format = kind_of(card.header, 'format')
    if header_format not in _CARD_HEADERS:
        yield Problem(card.place, Code.CARD_HEADER, details={'format': header_format})
    else:
        yield from file(f'{card.place}:header', card.header)
    if card.body is not None:
        yield from body_text(f'{card.place}:body', card.body, limits.CARD_BODY_MAX, template.is_named)
    yield from _card_parts(card)
    yield from _card_buttons(card, header_format, template.category)


def _card_parts(card):
    if not card.is_clean:
        yield Problem(card.place, Code.MALFORMED)
    kinds = [kind_of(component) for component in card.components]
    for kind in kinds:
        if kind not in ('HEADER', 'BODY', 'BUTTONS') or kinds.count(kind) > 1:
            yield Problem(card.place, Code.COMPONENT_UNKNOWN, details={'kind': kind})


def _card_buttons(card, header_format, category):
    allowed = _PRODUCT_BUTTONS if header_format == 'PRODUCT' else _CARD_BUTTONS
    kinds = [kind_of(item) for item in card.buttons]
    if not 1 <= len(kinds) <= limits.CARD_BUTTONS_MAX or set(kinds) - set(allowed) or kinds.count('PHONE_NUMBER') > 1:
        yield Problem(card.place, Code.CARD_BUTTONS, details={'count': len(kinds), 'limit': limits.CARD_BUTTONS_MAX})
    yield from labels(card.place, card.buttons)
    for index, item in enumerate(card.buttons):
        yield from button(f'{card.place}:button:{index}', item, category)


# --- Products ------------------------------------------------------------------------------------------------------


def product(template):
    """A product above goes with the button that opens it, and the other way round [M26:templates/spm]."""
    has_button = any(kind_of(item) == 'SPM' for item in template.buttons)
    if (template.header_format == 'PRODUCT') != has_button:
        yield Problem('header', Code.PRODUCT_BUTTON)


# --- Sign-in codes -------------------------------------------------------------------------------------------------


def authentication(template):
    """No text of one's own: Meta writes it [M26:templates/authentication]."""
    for kind in template.kinds:
        if kind not in ('BODY', 'FOOTER', 'BUTTONS'):
            yield Problem('header' if kind == 'HEADER' else 'body', Code.OTP_PARTS, details={'kind': kind})
    for kind, place in (('BODY', 'body'), ('FOOTER', 'footer')):
        if template.part(kind).get('text'):
            yield Problem(place, Code.OTP_TEXT)
    yield from _minutes(template)
    yield from _otp_buttons(template)


def _minutes(template):
    minutes = template.part('FOOTER').get('code_expiration_minutes')
    least, most = limits.CODE_MINUTES
    is_number = isinstance(minutes, int) and not isinstance(minutes, bool)
    if 'FOOTER' in template.kinds and not (is_number and least <= minutes <= most):
        yield Problem('footer', Code.OTP_MINUTES, details={'least': least, 'most': most})


def _otp_buttons(template):
    kinds = [kind_of(item) for item in template.buttons]
    if kinds != ['OTP']:
        yield Problem('buttons', Code.OTP_BUTTON)
        return
    item = template.buttons[0]
    kind = kind_of(item, 'otp_type')
    if kind not in _OTP_KINDS:
        yield Problem('button:0', Code.OTP_KIND, details={'kind': kind})
    for key in ('text', 'autofill_text'):
        if item.get(key) is not None:
            yield from _otp_label(Text(item[key]))
    if kind in ('ONE_TAP', 'ZERO_TAP'):
        yield from _apps(item)
    if kind == 'ZERO_TAP' and item.get('zero_tap_terms_accepted') is not True:
        yield Problem('button:0', Code.OTP_TERMS)


def _otp_label(text):
    yield from texts.length('button:0', text, limits.BUTTON_TEXT_MAX)
    yield from texts.plain('button:0', text)
    yield from texts.no_variables('button:0', text)


def _apps(item):
    """The app that takes the code: its package and the hash of its signature."""
    apps = dicts(item.get('supported_apps')) or [item]
    complete = all(string(app.get(key)).strip() for app in apps for key in ('package_name', 'signature_hash'))
    if not complete or len(apps) > limits.OTP_APPS_MAX:
        yield Problem('button:0', Code.OTP_APP, details={'limit': limits.OTP_APPS_MAX})
        return
    for app in apps:
        if not _PACKAGE.fullmatch(app['package_name']) or len(app['package_name']) > limits.OTP_PACKAGE_MAX:
            yield Problem('button:0', Code.OTP_PACKAGE, details={'package': app['package_name']})
        if not _SIGNATURE.fullmatch(unquote(app['signature_hash'])):
            yield Problem('button:0', Code.OTP_SIGNATURE, details={'signature': app['signature_hash']})
