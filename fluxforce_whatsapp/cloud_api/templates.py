"""Reading and filling Meta's templates [M26:components, M26:templates].

A value is found under its variable's key: ``header:1``, ``body:first_name``, ``button:0:1``, ``button:2:code`` for a
coupon code, ``header:media``, ``header:location``, ``header:product``, ``offer:expires_at``, ``button:0:flow``,
``button:0:products``; on the cards of a carousel the same behind ``card:0:``. See ``template_values`` for what a value
is. Reading never raises; only filling does, when a value is not there or cannot be sent.
"""
# There is no env here, see words. pylint: disable=prefer-env-translation

from dataclasses import dataclass
from functools import partial

from . import const
from . import template_parts as parts
from .checks import PayloadError, refuse
from .template_sections import Layout
from .template_values import clean_value, filled, is_blank, wrong
from .template_variables import Variable, on_card, unsupported, variables
from .words import Words, _lt

__all__ = [
    'Form', 'MissingValueError', 'Rendered', 'Variable', 'clean_value', 'missing', 'parameter_components',
    'quick_replies', 'render', 'unsupported', 'variables', 'wrong',
]


@dataclass(frozen=True)
class Rendered:
    """A template as the person will read it; ``header`` is ``[image]`` and the like for media."""

    header: str
    body: str
    footer: str
    buttons: list[str]


class MissingValueError(PayloadError):
    """Values are absent or blank.

    :ivar list keys: keys of the variables without a value
    """

    def __init__(self, absent):
        """:param list absent: the variables"""
        words = absent[0].words
        for variable in absent[1:]:
            words = Words('%(first)s; %(part)s', first=words, part=variable.words)
        super().__init__('components', Words(_lt('No value for: %(parts)s'), parts=words))
        self.keys = [variable.key for variable in absent]


class Form:
    """A template read once, to be filled in many times.

    :param list components: Meta's component list, as synchronised
    :param parameter_format: ``named`` or ``positional`` in any case; None to read it from the placeholders
    """

    def __init__(self, components, parameter_format=None):
        named = parts.is_named(parameter_format)
        self._problem = unsupported(components)
        self._all = variables(components, parameter_format, optional=True)
        self._layout = Layout(components, named)
        self._limits = _limits(components)
        self.variables = [variable for variable in self._all if not variable.optional]

    def missing(self, values):
        """List the keys without a usable value.

        :param dict values: value by variable key
        :rtype: list[str]
        """
        return [variable.key for variable in self._absent(values or {})]

    def _absent(self, values):
        return [variable for variable in self.variables if is_blank(variable, values.get(variable.key))]

    def parameters(self, values):
        """Build the ``components`` of a template message.

        Only parts with something to fill in appear [M26:templates]. Named variables carry ``parameter_name``.

        :param dict values: value by variable key
        :rtype: list[dict]
        :raise MissingValueError: with all keys whose value is absent or blank
        :raise PayloadError: if a value cannot be sent, or the template holds something that cannot be sent yet
        """
        values = values or {}
        absent = self._absent(values)
        if absent:
            raise MissingValueError(absent)
        if self._problem:
            raise refuse('components', _lt('This template cannot be sent yet: %(problem)s.'), problem=self._problem)
        given = [(variable, filled(variable, values[variable.key])) for variable in self._all
                 if not is_blank(variable, values.get(variable.key))]
        self._check_lengths(given)
        return self._layout.sections(given)

    def _check_lengths(self, given):
        """Meta refuses a text that its values make too long (132005), and the long code of an offer."""
        values = {variable.key: value for variable, value in given}
        for limit in self._limits:
            length = limit.length(values)
            if length > limit.most:
                raise refuse(limit.field, limit.sentence, part=limit.words, length=length, limit=limit.most)


def missing(components, values, parameter_format=None):
    """List the keys without a usable value; see :meth:`Form.missing`."""
    return Form(components, parameter_format).missing(values)


def parameter_components(components, values, parameter_format=None):
    """Build the ``components`` of a template message; see :meth:`Form.parameters`."""
    return Form(components, parameter_format).parameters(values)


def quick_replies(components):
    """:return: the labels of the buttons that answer by themselves, in their order. :rtype: list[str]"""
    return [parts.text_of(button) for button in parts.buttons(components) if parts.kind(button) == 'QUICK_REPLY']


# --- How long it may become ----------------------------------------------------------------------------------------


_TOO_LONG = _lt('%(part)s: with its values it has %(length)s characters, WhatsApp takes %(limit)s. Shorten a value.')
_CODE_TOO_LONG = _lt('%(part)s: it has %(length)s characters, in an offer WhatsApp takes %(limit)s. Shorten it.')


class _Limit:
    """A text with variables and the most characters it may become.

    :ivar str field: where it is: ``body``, ``card:0:body``, ``button:1`` …, or the key of its only variable
    :ivar words: what a user calls it
    :ivar str sentence: the refusal
    """

    def __init__(self, field, words, text, most):
        self.field, self.words, self.most, self.sentence = field, words, most, _TOO_LONG
        self._keys = [f'{field}:{name}' for name in parts.PLACEHOLDER.findall(text)]
        self._fixed = len(parts.PLACEHOLDER.sub('', text))

    def __bool__(self):
        return bool(self._keys)

    def length(self, values):
        """:param dict values: by key, all of them. :return: characters"""
        return self._fixed + sum(len(values.get(key, '')) for key in self._keys)


def _limits(components):
    offer = parts.offer(components)
    limits = [
        _limit('header', Words(_lt('Header')), parts.component(components, 'HEADER'), const.HEADER_TEXT_MAX),
        _limit('body', Words(_lt('Text')), parts.component(components, 'BODY'),
               const.OFFER_BODY_MAX if offer else const.BODY_TEXT_MAX),
        *_url_limits('', components, lambda part: part),
        *(_code_limits(components) if offer else ()),
    ]
    for index, card in enumerate(parts.cards(components)):
        prefix, text = f'card:{index}:', on_card(index, Words(_lt('Text')))
        limits.append(_limit(f'{prefix}body', text, parts.component(card, 'BODY'), const.CARD_BODY_MAX))
        limits += _url_limits(prefix, card, partial(on_card, index))
    return [limit for limit in limits if limit]


def _limit(field, words, part, most):
    return _Limit(field, words, parts.text_of(part), most)


def _url_limits(prefix, components, place):
    return [_Limit(f'{prefix}button:{index}', place(Words(_lt('Button %(number)s, link'), number=index + 1)),
                   parts.url_of(button), const.BUTTON_URL_MAX)
            for index, button in enumerate(parts.buttons(components)) if not parts.is_otp_button(button)]


def _code_limits(components):
    """The code of an offer is shorter than others [M26:components]."""
    codes = [variable for variable in variables(components) if variable.kind == 'code']
    limits = [_Limit(f'button:{code.button_index}', code.words, '{{code}}', const.OFFER_CODE_MAX) for code in codes]
    for limit, code in zip(limits, codes, strict=True):
        limit.field, limit.sentence = code.key, _CODE_TOO_LONG
    return limits


# --- Showing -------------------------------------------------------------------------------------------------------


def render(components, values, parameter_format=None):
    """Show the template as the person will read it; a missing value leaves its placeholder.

    :param list components: Meta's component list
    :param dict values: value by variable key
    :rtype: Rendered
    """
    return Rendered(
        header=_rendered_header(parts.component(components, 'HEADER'), values),
        body=_substituted('body', parts.text_of(parts.component(components, 'BODY')), values),
        footer=parts.text_of(parts.component(components, 'FOOTER')),
        buttons=[parts.label(button) for button in parts.buttons(components)],
    )


def render_bodies(components, values_by_key):
    """As :func:`render`, for very many: the components are read once.

    :param dict values_by_key: values by variable key, by any key
    :return: the text of the body by the same keys
    """
    text = parts.text_of(parts.component(components, 'BODY'))
    return {key: _substituted('body', text, values) for key, values in values_by_key.items()}


def _rendered_header(header, values):
    form = parts.kind(header, 'format')
    if form in {'', 'TEXT'}:
        return _substituted('header', parts.text_of(header), values)
    return f'[{form.lower()}]'


def _substituted(prefix, text, values):
    def value_or_placeholder(match):
        value = (values or {}).get(f'{prefix}:{match[1]}')
        return match[0] if isinstance(value, (dict, list)) else clean_value(value) or match[0]

    return parts.PLACEHOLDER.sub(value_or_placeholder, text)
