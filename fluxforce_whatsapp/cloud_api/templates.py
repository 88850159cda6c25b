"""Reading and filling Meta's templates [M26:components, M26:templates].

A value is found under its variable's key: ``header:1``, ``body:first_name``, ``button:0:1``, ``button:2:code`` for a
coupon code, ``header:media``, ``header:location``, ``header:product``, ``offer:expires_at``, ``button:0:flow``,
``button:0:products``; on the cards of a carousel the same behind ``card:0:``. See ``template_values`` for what a value
is. Reading never raises; only filling does, when a value is not there or cannot be sent.
"""

from dataclasses import dataclass

from . import const
from . import template_parts as parts
from .checks import PayloadError
from .template_sections import sections
from .template_values import clean_value, filled, is_blank
from .template_variables import Variable, unsupported, variables

__all__ = [
    'Form', 'MissingValueError', 'Rendered', 'Variable', 'clean_value', 'missing', 'parameter_components',
    'quick_replies', 'render', 'unsupported', 'variables',
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
        super().__init__('components', 'No value for: ' + '; '.join(variable.words for variable in absent))
        self.keys = [variable.key for variable in absent]


class Form:
    """A template read once, to be filled in many times.

    :param list components: Meta's component list, as synchronised
    :param parameter_format: ``named`` or ``positional`` in any case; None to read it from the placeholders
    """

    def __init__(self, components, parameter_format=None):
        self._components = components
        self._named = parts.is_named(parameter_format)
        self._problem = unsupported(components)
        self._all = variables(components, parameter_format, optional=True)
        self._limits = _text_limits(components)
        self._code_max = const.OFFER_CODE_MAX if parts.offer(components) else const.COPY_CODE_MAX
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
            raise PayloadError('components', f'This template cannot be sent yet: {self._problem}.')
        given = [(variable, filled(variable, values[variable.key])) for variable in self._all
                 if not is_blank(variable, values.get(variable.key))]
        self._check_lengths({variable.key: value for variable, value in given})
        self._check_codes(given)
        return sections(self._components, given, self._named)

    def _check_lengths(self, values):
        """Meta refuses a text that its values make too long (132005)."""
        for limit in self._limits:
            length = len(_substituted(limit.prefix, limit.text, values))
            if length > limit.most:
                raise PayloadError(limit.prefix, f'{limit.words} has {length} characters with its values, WhatsApp '
                                                 f'takes {limit.most}. Shorten a value.')


    def _check_codes(self, given):
        """The code of an offer is shorter than others [M26:components]."""
        for variable, value in given:
            if variable.kind == 'code' and len(value) > self._code_max:
                raise PayloadError(variable.key, f'{variable.title} has {len(value)} characters, in an offer WhatsApp '
                                                 f'takes {self._code_max}. Shorten it.')


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


@dataclass(frozen=True)
class _Limit:
    """A text with variables: where its values are, what a user calls it, the most characters."""

    prefix: str
    words: str
    text: str
    most: int


def _text_limits(components):
    body = const.OFFER_BODY_MAX if parts.offer(components) else const.BODY_TEXT_MAX
    limits = [
        _limit('header', 'The header', parts.component(components, 'HEADER'), const.HEADER_TEXT_MAX),
        _limit('body', 'The text', parts.component(components, 'BODY'), body),
        *_url_limits('', '', components),
    ]
    for index, card in enumerate(parts.cards(components)):
        where, prefix = f'Card {index + 1}', f'card:{index}:'
        limits.append(_limit(f'{prefix}body', f'{where}: the text', parts.component(card, 'BODY'), const.CARD_BODY_MAX))
        limits += _url_limits(prefix, f'{where}, ', card)
    return [limit for limit in limits if parts.PLACEHOLDER.search(limit.text)]


def _url_limits(prefix, where, components):
    return [_Limit(f'{prefix}button:{index}', f'{where}button {index + 1}: the link'.capitalize(),
                   parts.url_of(button), const.BUTTON_URL_MAX)
            for index, button in enumerate(parts.buttons(components)) if not parts.is_otp_button(button)]


def _limit(prefix, words, part, most):
    return _Limit(prefix, words, parts.text_of(part), most)


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
