"""What has to be filled in before a template can be sent, and what of a template nobody here knows [M26:templates]."""
# There is no env here, see words. pylint: disable=prefer-env-translation

from dataclasses import dataclass, replace
from functools import cached_property

from . import template_parts as parts
from .words import Words, _lt

_KNOWN_COMPONENTS = {'HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER',
                     'CALL_PERMISSION_REQUEST', 'TAP_TARGET_CONFIGURATION'}
_KNOWN_ON_CARDS = {'HEADER', 'BODY', 'BUTTONS'}
_KNOWN_HEADERS = {'', 'TEXT', 'LOCATION', 'PRODUCT', *parts.MEDIA_KINDS}
_KNOWN_BUTTONS = {'QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE', 'OTP', 'REQUEST_CONTACT_INFO', 'FLOW', 'CATALOG',
                  'MPM', 'SPM', 'VOICE_CALL'}
#: Variables of buttons without a text of their own: name, kind, whether it may stay empty.
_BUTTON_VARIABLES = {
    'QUICK_REPLY': ('payload', 'payload', True),
    'COPY_CODE': ('code', 'code', False),
    'FLOW': ('flow', 'flow', True),
    'CATALOG': ('thumbnail', 'thumbnail', True),
    'MPM': ('products', 'products', False),
}
#: What a user knows a variable by: of the header by kind, of other parts, of buttons by kind.
_HEADER_WORDS = {
    'text': _lt('Header, %(name)s'), 'image': _lt('Picture of the header'), 'video': _lt('Video of the header'),
    'document': _lt('Document of the header'), 'location': _lt('Location of the header'),
    'product': _lt('Product of the header'),
}
_WORDS = {'body': _lt('Text, %(name)s'), 'offer': _lt('End of the offer'),
          'tap_target': _lt('Link of the whole message')}
_BUTTON_WORDS = {
    'text': _lt('Button %(number)s, end of the link'), 'code': _lt('Button %(number)s, code'),
    'payload': _lt('Button %(number)s, hidden answer'), 'flow': _lt('Button %(number)s, form'),
    'thumbnail': _lt('Button %(number)s, product shown'), 'products': _lt('Button %(number)s, products'),
}


@dataclass(frozen=True)
class Variable:
    """One thing to fill in before the template can be sent.

    :ivar component: ``header``, ``body``, ``button``, ``offer`` or ``tap_target``
    :ivar name: ``1``, ``first_name``, ``code``, ``media``, ``location`` …
    :ivar button_index: position among all buttons from 0, None outside buttons
    :ivar sample: the example given to Meta's review, or ''
    :ivar kind: ``text``, ``image``, ``video``, ``document``, ``location``, ``product``, ``code``, ``datetime``,
        ``payload``, ``flow``, ``thumbnail``, ``products`` or ``tap_target``
    :ivar card_index: position of the card of a carousel from 0, None outside
    :ivar optional: whether it may stay empty
    """

    component: str
    name: str
    button_index: int | None
    sample: str
    kind: str
    card_index: int | None = None
    optional: bool = False

    @cached_property
    def key(self):
        """The key under which a value is given."""
        place = self.component if self.button_index is None else f'{self.component}:{self.button_index}'
        key = f'{place}:{self.name}'
        return key if self.card_index is None else f'card:{self.card_index}:{key}'

    @property
    def words(self):
        """What a user knows it by, e.g. *Card 2: Button 1, end of the link*. :rtype: Words"""
        if self.component == 'button':
            part = Words(_BUTTON_WORDS[self.kind], number=self.button_index + 1)
        else:
            text = _HEADER_WORDS[self.kind] if self.component == 'header' else _WORDS[self.component]
            part = Words(text, name='{{' + self.name + '}}')
        return part if self.card_index is None else on_card(self.card_index, part)


def on_card(index, part):
    """:return: the part of a card, in words. :rtype: Words"""
    return Words(_lt('Card %(card)s: %(part)s'), card=index + 1, part=part)


def variables(components, parameter_format=None, optional=False):
    """List what has to be filled in, each once: header, body, offer, buttons, cards.

    Numbered variables come in the order of their numbers, because Meta matches them by position; named ones in the
    order of the text. A template for one-time codes has a single variable, its code: Meta wants the same code in the
    body and in the button, so it is asked for once (``body:1``, kind ``code``) [M26:templates/authentication].

    :param list components: Meta's component list
    :param parameter_format: ``named`` or ``positional`` in any case; None to read it from the placeholders
    :param bool optional: also list what may be filled in: what a quick reply sends back, the token and data of a form,
        the product shown by a catalogue, the link of the whole message
    :rtype: list[Variable]
    """
    found = [*_message_variables(components, parameter_format), *_tap_target_variables(components)]
    for index, card in enumerate(parts.cards(components)):
        found += [replace(variable, card_index=index) for variable in _message_variables(card, parameter_format)]
    return [variable for variable in found if optional or not variable.optional]


def _message_variables(components, parameter_format):
    """Those of a message, or of a card, which is built like one."""
    return [
        *_header_variables(parts.component(components, 'HEADER'), parameter_format),
        *_body_variables(components, parameter_format),
        *_offer_variables(components),
        *_button_variables(components),
    ]


def _header_variables(header, parameter_format):
    form = parts.kind(header, 'format')
    if form in parts.MEDIA_KINDS:
        return [Variable('header', 'media', None, '', parts.MEDIA_KINDS[form])]
    if form in ('LOCATION', 'PRODUCT'):
        return [Variable('header', form.lower(), None, '', form.lower())]
    samples = parts.samples(header, 'header_text')
    names = parts.placeholders(parts.text_of(header), parameter_format)
    return [Variable('header', name, None, samples.get(name, ''), 'text') for name in names]


def _body_variables(components, parameter_format):
    body = parts.component(components, 'BODY')
    samples = parts.samples(body, 'body_text')
    if parts.is_otp(components):
        return [Variable('body', '1', None, samples.get('1', ''), 'code')]
    names = parts.placeholders(parts.text_of(body), parameter_format)
    return [Variable('body', name, None, samples.get(name, ''), 'text') for name in names]


def _offer_variables(components):
    """Only an offer whose end is shown has one [M26:templates/limited-time-offer]."""
    shown = parts.offer(components).get('has_expiration')
    return [Variable('offer', 'expires_at', None, '', 'datetime')] if shown else []


def _button_variables(components):
    result = []
    for index, button in enumerate(parts.buttons(components)):
        kind = parts.kind(button)
        if kind in _BUTTON_VARIABLES:
            name, value_kind, optional = _BUTTON_VARIABLES[kind]
            sample = parts.first_text(button.get('example')) if kind == 'COPY_CODE' else ''
            result.append(Variable('button', name, index, sample, value_kind, optional=optional))
        elif kind == 'URL' and not parts.is_otp_button(button):
            result += _url_variables(button, index)
    return result


def _url_variables(button, index):
    url = parts.url_of(button)
    start = url.split('{{', 1)[0]
    sample = parts.first_text(button.get('example'))
    sample = sample[len(start):] if sample.startswith(start) else sample
    # Meta allows one variable, at the end of the address.
    return [Variable('button', name, index, sample, 'text') for name in parts.placeholders(url)[:1]]


def _tap_target_variables(components):
    """A tap anywhere opens the first link, in messages with a text, picture or no header [S26:templates/tap-target]."""
    header = parts.kind(parts.component(components, 'HEADER'), 'format')
    links = any(parts.kind(button) == 'URL' and not parts.is_otp_button(button)
                for button in parts.buttons(components))
    fits = links and header in ('', 'TEXT', 'IMAGE')
    return [Variable('tap_target', 'link', None, '', 'tap_target', optional=True)] if fits else []


# --- What nobody here knows ----------------------------------------------------------------------------------------


def unsupported(components):
    """Name the first part of the template that this product does not know.

    :param list components: Meta's component list
    :return: a few English words, or None if all of it can be sent
    :rtype: str | None
    """
    for part in parts.dicts(components):
        problem = _unsupported_component(part, _KNOWN_COMPONENTS)
        if problem:
            return problem
    return None


def _unsupported_component(part, known):
    kind = parts.kind(part)
    if kind not in known:
        return f'{_words(kind)} component'
    if kind == 'HEADER' and parts.kind(part, 'format') not in _KNOWN_HEADERS:
        return f'{_words(parts.kind(part, "format"))} header'
    if kind == 'CAROUSEL':
        return _unsupported_carousel(parts.cards([part]))
    for button in parts.dicts(part.get('buttons')):
        if parts.kind(button) not in _KNOWN_BUTTONS:
            return f'{_words(parts.kind(button))} button'
    return None


def _unsupported_carousel(cards):
    if not cards:
        return 'carousel without cards'
    for number, card in enumerate(cards, 1):
        for part in card:
            problem = _unsupported_component(part, _KNOWN_ON_CARDS)
            if problem:
                return f'{problem} on card {number}'
    return None


def _words(kind):
    return kind.replace('_', ' ').lower() or 'unknown'
