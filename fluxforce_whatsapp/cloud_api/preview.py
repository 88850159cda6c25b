"""A template as a phone shows it, for the widget that draws the phone [M26:components, M26:templates].

Takes Meta's component JSON as it is written for a creation and as Meta gives it back, and never raises: what nobody
knows is left out. Values are found under the keys of :mod:`templates`. Where a value is missing the sample given to
Meta's review stands in its place, else the placeholder; both are marked in ``samples``.
"""

import re
from datetime import datetime, timezone

from . import const
from . import template_parts as parts
from .template_values import clean_value

#: What a browser may fetch to show it: the web, or a file of ours. A handle of an upload is neither.
_SHOWABLE = re.compile(r'(https?://|/web/)', re.IGNORECASE)
#: Languages without texts of their own are shown in English.
_FALLBACK_LANGUAGE = 'en'
#: Which of WhatsApp's own words stand on a button without a text.
_LABELS = {'OTP': 'copy', 'COPY_CODE': 'copy', 'CATALOG': 'catalog', 'MPM': 'items', 'SPM': 'view',
           'REQUEST_CONTACT_INFO': 'contact', 'VOICE_CALL': 'call_now'}


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
    view = _View(components, values, language)
    return {
        'header': view.header(),
        **view.body(),
        'footer': view.footer(),
        'buttons': view.buttons(),
        'cards': view.cards(),
        'offer': view.offer(),
        'rtl': is_rtl(language),
        'time': time,
        'name': name,
        'marketing': str(category or '').upper() == 'MARKETING',
    }


def is_rtl(language):
    """:return: whether texts of a language run from right to left. :rtype: bool"""
    return _base(language) in const.RTL_LANGUAGES


class _View:
    """The texts of one message, or of one card; ``prefix`` stands before the keys of a card's values."""

    def __init__(self, components, values, language, prefix=''):
        self._components = components
        self._values = values if isinstance(values, dict) else {}
        self._language = language
        self._prefix = prefix

    # --- Parts ---------------------------------------------------------------------------------------------

    def header(self):
        """:return: format, text, url, filename, samples, address; the format is '' without a header."""
        header = parts.component(self._components, 'HEADER')
        kind = parts.kind(header, 'format')
        shown = {'format': kind, 'text': '', 'url': '', 'filename': '', 'address': '', 'samples': []}
        if kind in parts.MEDIA_KINDS:
            return {**shown, **self._media(header)}
        if kind == 'LOCATION':
            place = self._dict_value('header:location')
            return {**shown, 'text': clean_value(place.get('name')), 'address': clean_value(place.get('address'))}
        if kind == 'PRODUCT':
            return {**shown, 'text': _as_text(self._dict_value('header:product').get('product_retailer_id'))}
        text, marks = self._filled('header', parts.text_of(header), parts.samples(header, 'header_text'))
        return {**shown, 'format': 'TEXT' if text else '', 'text': text, 'samples': marks}

    def body(self):
        """:return: the text under ``body`` and what of it is a sample under ``samples``."""
        body = parts.component(self._components, 'BODY')
        text, samples = parts.text_of(body), parts.samples(body, 'body_text')
        if parts.is_otp(self._components) or 'add_security_recommendation' in body:
            text = text or self._otp_text(body)
            samples = {'1': samples.get('1') or const.OTP_SAMPLE}
        text, marks = self._filled('body', text, samples)
        return {'body': text, 'samples': marks}

    def footer(self):
        """:return: the text; of a one-time code WhatsApp's own words about its end."""
        footer = parts.component(self._components, 'FOOTER')
        minutes = footer.get('code_expiration_minutes')
        if not parts.text_of(footer) and minutes:
            return self._fixed('expiry').replace('{minutes}', str(minutes))
        return parts.text_of(footer)

    def buttons(self):
        """:return: list of kind, label and detail: where the button leads."""
        shown = [self._button(index, button) for index, button in enumerate(parts.buttons(self._components))]
        if parts.component(self._components, 'CALL_PERMISSION_REQUEST'):
            shown.append({'kind': 'call_permission_request', 'label': self._fixed('call'), 'detail': ''})
        return shown

    def cards(self):
        """:return: list of header, body, samples and buttons."""
        cards = [_View(components, self._values, self._language, f'card:{index}:')
                 for index, components in enumerate(parts.cards(self._components))]
        return [{'header': card.header(), **card.body(), 'buttons': card.buttons()} for card in cards]

    def offer(self):
        """:return: text, expires, has_expiration and code of a limited-time offer, or None."""
        offer = parts.offer(self._components)
        if not offer:
            return None
        code = next((self._code(index, button) for index, button in enumerate(parts.buttons(self._components))
                     if parts.kind(button) == 'COPY_CODE'), '')
        ends = bool(offer.get('has_expiration'))
        return {'text': parts.text_of(offer), 'has_expiration': ends, 'code': code,
                'expires': _moment(self._values.get('offer:expires_at')) if ends else ''}

    # --- Pieces --------------------------------------------------------------------------------------------

    def _media(self, header):
        value = self._dict_value('header:media')
        example = header.get('example') if isinstance(header.get('example'), dict) else {}
        url = _as_text(value.get('link')) or ('' if value else parts.first_text(example.get('header_handle')))
        return {'url': url if _SHOWABLE.match(url) else '', 'filename': clean_value(value.get('filename'))}

    def _button(self, index, button):
        kind = 'OTP' if parts.is_otp_button(button) else parts.kind(button)
        return {'kind': kind.lower(), 'label': parts.text_of(button) or self._label(kind, button),
                'detail': self._detail(index, kind, button)}

    def _label(self, kind, button):
        if kind == 'OTP' and parts.kind(button, 'otp_type') == 'ONE_TAP':
            return _as_text(button.get('autofill_text')) or self._fixed('autofill')
        return self._fixed(_LABELS.get(kind, ''))

    def _detail(self, index, kind, button):
        if kind == 'URL':
            return self._address(index, button)
        if kind == 'PHONE_NUMBER':
            return _as_text(button.get('phone_number'))
        return self._code(index, button) if kind == 'COPY_CODE' else ''

    def _address(self, index, button):
        filled, marks = self._filled(f'button:{index}', parts.url_of(button), {})
        # The sample is the whole address.
        return marks and parts.first_text(button.get('example')) or filled

    def _code(self, index, button):
        return clean_value(self._value(f'button:{index}:code')) or parts.first_text(button.get('example'))

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
        for match in parts.PLACEHOLDER.finditer(text):
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


# --- Words and moments ---------------------------------------------------------------------------------------------


def _as_text(value):
    return value if isinstance(value, str) else ''


def _base(language):
    return str(language or '').replace('-', '_').split('_')[0].lower()


def _units(text):
    """:return: the length in UTF-16 units; a stray surrogate counts as one."""
    return len(text.encode('utf-16-le', 'surrogatepass')) // 2


def _moment(value):
    """:return: a moment as ``2026-12-24 18:00`` in its own time zone, milliseconds in UTC; other words as they are."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = datetime.fromtimestamp(value / 1000, timezone.utc)
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_as_text(value))
    except (OverflowError, OSError, ValueError):
        return clean_value(_as_text(value))
    return moment.strftime('%Y-%m-%d %H:%M')
