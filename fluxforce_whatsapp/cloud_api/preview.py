"""A template as a phone shows it, for the widget that draws the phone [M26:components, M26:templates].

Takes Meta's component JSON as it is written for a creation and as Meta gives it back, and never raises: what nobody
knows is left out. Values are found under the keys of :mod:`templates`. Where a value is missing the sample given to
Meta's review stands in its place, else the placeholder; both are marked in ``samples``.
"""

import re
from datetime import UTC, datetime

from . import const
from .templates import clean_value

_PLACEHOLDER = re.compile(r'\{\{\s*([A-Za-z0-9_]+)\s*\}\}')
_MEDIA = frozenset({'IMAGE', 'VIDEO', 'DOCUMENT'})
#: What a browser may fetch to show it: the web, or a file of ours. A handle of an upload is neither.
_SHOWABLE = re.compile(r'(https?://|/web/)', re.IGNORECASE)
#: Read back from Meta, the button of a one-time code is a URL button to this address.
_OTP_URL = 'whatsapp.com/otp/'
#: How far the texts of :data:`const.FIXED_TEXTS` are known; other languages are shown in English.
_FALLBACK_LANGUAGE = 'en'


def preview(components, values, language, *, category='', name='', time=''):
    """Build what the phone preview shows.

    :param list components: Meta's component list, creation form or as read back
    :param dict values: value by variable key; may be empty
    :param str language: Meta's language code; it decides the direction and WhatsApp's own words
    :param str category: Meta's category; long marketing texts are folded after fewer lines
    :param str name: who writes, as the top of the conversation shows it
    :param str time: shown beside the message, like ``14:32``
    :return: header, body, footer, buttons, cards, offer, rtl, time, name, marketing. ``samples`` of header, body and
        card bodies are [start, end, kind] in UTF-16 units, as JavaScript counts; kind is ``sample`` or ``missing``
    :rtype: dict
    """
    view = _View(values, language)
    parts = _dicts(components)
    return {
        'header': view.header(_component(parts, 'HEADER')),
        **view.body(parts),
        'footer': view.footer(_component(parts, 'FOOTER')),
        'buttons': view.buttons(parts),
        'cards': view.cards(_component(parts, 'CAROUSEL')),
        'offer': view.offer(parts),
        'rtl': is_rtl(language),
        'time': time,
        'name': name,
        'marketing': str(category or '').upper() == 'MARKETING',
    }


def is_rtl(language):
    """:return: whether texts of a language run from right to left. :rtype: bool"""
    return _base(language) in const.RTL_LANGUAGES


class _View:
    """The texts of one message; ``prefix`` stands before the keys of a card's values."""

    def __init__(self, values, language, prefix=''):
        self._values = values if isinstance(values, dict) else {}
        self._language = language
        self._prefix = prefix

    # --- Parts ---------------------------------------------------------------------------------------------

    def header(self, header):
        """:return: format, text, url, filename, samples; the format is '' without a header."""
        kind = _kind(header, 'format')
        shown = {'format': kind, 'text': '', 'url': '', 'filename': '', 'samples': []}
        if kind in _MEDIA:
            return {**shown, **self._media(header)}
        if kind == 'LOCATION':
            return {**shown, **self._location()}
        if kind == 'PRODUCT':
            return {**shown, 'text': _as_text(self._dict_value('header:product').get('product_retailer_id'))}
        text, samples = self._filled('header', _text_of(header), _samples(header, 'header_text'))
        return {**shown, 'format': 'TEXT' if text else '', 'text': text, 'samples': samples}

    def body(self, parts):
        """:return: the text under ``body`` and what of it is a sample under ``samples``."""
        body = _component(parts, 'BODY')
        text, samples = _text_of(body), _samples(body, 'body_text')
        if _is_otp(parts):
            text = text or self._otp_text(body)
            samples = {'1': samples.get('1') or const.OTP_SAMPLE}
        text, marks = self._filled('body', text, samples)
        return {'body': text, 'samples': marks}

    def footer(self, footer):
        """:return: the text; of a one-time code WhatsApp's own words about its end."""
        minutes = footer.get('code_expiration_minutes')
        if not _text_of(footer) and minutes:
            return self._fixed('expiry').replace('{minutes}', str(minutes))
        return _text_of(footer)

    def buttons(self, parts):
        """:return: list of kind, label and detail: where the button leads."""
        buttons = _dicts(_component(parts, 'BUTTONS').get('buttons'))
        shown = [self._button(index, button) for index, button in enumerate(buttons)]
        if _component(parts, 'CALL_PERMISSION_REQUEST'):
            shown.append({'kind': 'call_permission_request', 'label': self._fixed('call'), 'detail': ''})
        return shown

    def cards(self, carousel):
        """:return: list of header, body, samples and buttons."""
        return [self._card(index, _dicts(card.get('components')))
                for index, card in enumerate(_dicts(carousel.get('cards')))]

    def offer(self, parts):
        """:return: text, expires and code of a limited-time offer, or None."""
        component = _component(parts, 'LIMITED_TIME_OFFER')
        offer = component.get('limited_time_offer')
        if not component or not isinstance(offer, dict):
            return None
        buttons = _dicts(_component(parts, 'BUTTONS').get('buttons'))
        code = next((self._code(index, button) for index, button in enumerate(buttons)
                     if _kind(button) == 'COPY_CODE'), '')
        expires = _moment(self._values.get('offer:expires_at')) if offer.get('has_expiration') else ''
        return {'text': _text_of(offer), 'expires': expires, 'has_expiration': bool(offer.get('has_expiration')),
                'code': code}

    # --- Pieces --------------------------------------------------------------------------------------------

    def _card(self, index, parts):
        card = _View(self._values, self._language, f'card:{index}:')
        return {'header': card.header(_component(parts, 'HEADER')), **card.body(parts), 'buttons': card.buttons(parts)}

    def _media(self, header):
        value = self._dict_value('header:media')
        example = header.get('example') if isinstance(header.get('example'), dict) else {}
        url = _as_text(value.get('link')) or ('' if value else _first_text(example.get('header_handle')))
        return {'url': url if _SHOWABLE.match(url) else '', 'filename': clean_value(value.get('filename'))}

    def _location(self):
        place = self._dict_value('header:location')
        return {'text': clean_value(place.get('name')), 'address': clean_value(place.get('address'))}

    def _button(self, index, button):
        kind = 'OTP' if _is_otp_button(button) else _kind(button)
        return {'kind': kind.lower(), 'label': _text_of(button) or self._label(kind, button),
                'detail': self._detail(index, kind, button)}

    def _label(self, kind, button):
        if kind == 'OTP' and _kind(button, 'otp_type') == 'ONE_TAP':
            return _as_text(button.get('autofill_text')) or self._fixed('autofill')
        return self._fixed({'OTP': 'copy', 'COPY_CODE': 'copy', 'CATALOG': 'catalog', 'MPM': 'items', 'SPM': 'view',
                            'REQUEST_CONTACT_INFO': 'contact', 'VOICE_CALL': 'call_now'}.get(kind, ''))

    def _detail(self, index, kind, button):
        if kind == 'URL':
            sample = _first_text(button.get('example'))
            url = _as_text(button.get('url'))
            filled = self._filled(f'button:{index}', url, {})[0]
            # The sample is the whole address.
            return sample if filled == url and _PLACEHOLDER.search(url) and sample else filled
        if kind == 'PHONE_NUMBER':
            return _as_text(button.get('phone_number'))
        return self._code(index, button) if kind == 'COPY_CODE' else ''

    def _code(self, index, button):
        return clean_value(self._value(f'button:{index}:code')) or _first_text(button.get('example'))

    def _otp_text(self, body):
        advice = self._fixed('advice') if body.get('add_security_recommendation') else ''
        return f'{self._fixed("code")} {advice}'.strip()

    # --- Values --------------------------------------------------------------------------------------------

    def _fixed(self, name):
        """:return: words WhatsApp writes itself, '' for a name that is none."""
        texts = const.FIXED_TEXTS.get(_base(self._language)) or const.FIXED_TEXTS[_FALLBACK_LANGUAGE]
        return texts.get(name, '')

    def _value(self, key):
        value = self._values.get(self._prefix + key)
        return '' if isinstance(value, (dict, list)) else value

    def _dict_value(self, key):
        value = self._values.get(self._prefix + key)
        return value if isinstance(value, dict) else {}

    def _filled(self, part, text, samples):
        """:return: the text with values or samples in their places, and [start, end, kind] of what is no value."""
        pieces, marks, length, end = [], [], 0, 0
        for match in _PLACEHOLDER.finditer(text):
            shown, mark = self._shown(f'{part}:{match[1]}', match, samples)
            before = text[end:match.start()]
            pieces += [before, shown]
            start = length + _units(before)
            length = start + _units(shown)
            end = match.end()
            if mark:
                marks.append([start, length, mark])
        return ''.join([*pieces, text[end:]]), marks

    def _shown(self, key, match, samples):
        value = clean_value(self._value(key))
        if value:
            return value, ''
        sample = clean_value(samples.get(match[1]))
        return (sample, 'sample') if sample else (match[0], 'missing')


# --- Reading the component list ------------------------------------------------------------------------------------


def _dicts(items):
    return [item for item in items if isinstance(item, dict)] if isinstance(items, (list, tuple)) else []


def _kind(item, name='type'):
    value = item.get(name)
    return value.upper() if isinstance(value, str) else ''


def _component(parts, kind):
    return next((part for part in parts if _kind(part) == kind), {})


def _as_text(value):
    return value if isinstance(value, str) else ''


def _text_of(item):
    return _as_text(item.get('text'))


def _first_text(example):
    if isinstance(example, list):
        example = example[0] if example else ''
    return _as_text(example)


def _samples(component, name):
    """Read the examples, positional (``body_text: [[…]]``, ``header_text: […]``) or named (``…_named_params``)."""
    example = component.get('example')
    if not isinstance(example, dict):
        return {}
    named = {str(pair.get('param_name')): pair.get('example') for pair in _dicts(example.get(f'{name}_named_params'))}
    row = example.get(name)
    if isinstance(row, list) and row and isinstance(row[0], list):
        row = row[0]
    numbered = {str(number): sample for number, sample in enumerate(row if isinstance(row, list) else [], 1)}
    return {key: _as_text(sample) for key, sample in {**numbered, **named}.items()}


def _is_otp_button(button):
    return _kind(button) == 'OTP' or (_kind(button) == 'URL' and _OTP_URL in _as_text(button.get('url')))


def _is_otp(parts):
    if 'add_security_recommendation' in _component(parts, 'BODY'):
        return True
    return any(_is_otp_button(button) for button in _dicts(_component(parts, 'BUTTONS').get('buttons')))


def _base(language):
    return str(language or '').replace('-', '_').split('_')[0].lower()


def _units(text):
    """:return: the length in UTF-16 units; a stray surrogate counts as one."""
    return len(text.encode('utf-16-le', 'surrogatepass')) // 2


def _moment(value):
    """:return: a moment given in milliseconds as ``2026-12-24 18:00`` (UTC), words as they are."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return clean_value(_as_text(value))
    try:
        return datetime.fromtimestamp(value / 1000, UTC).strftime('%Y-%m-%d %H:%M')
    except (OverflowError, OSError, ValueError):
        return ''
