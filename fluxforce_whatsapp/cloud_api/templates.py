"""Reading and filling Meta's template components [M26:components, M26:templates].

Component JSON is taken as Meta gives it: types in upper or lower case, parts missing, kinds nobody knows yet. Reading
never raises; only ``parameter_components`` does, when a value is not there or cannot be sent.

A value is found under its variable's key: ``header:1``, ``body:first_name``, ``button:0:1``, ``button:2:code`` for a
coupon code, ``header:media`` for the picture, film or document of a header, ``header:location``. Values are text,
except the media value (``{'id': …}`` or ``{'link': …}``, for a document with ``filename``) and the location.
"""

import re
from dataclasses import dataclass

from . import const
from .payloads import PayloadError

_PLACEHOLDER = re.compile(r'\{\{\s*([A-Za-z0-9_]+)\s*\}\}')
_LINE_BREAKS = re.compile(r'[ \u00a0]*[\r\n\t\v\f\u0085\u2028\u2029]+[\s]*')
_SPACES = re.compile(rf' {{{const.PARAMETER_SPACES_MAX + 1},}}')

_MEDIA_KINDS = {'IMAGE': 'image', 'VIDEO': 'video', 'DOCUMENT': 'document'}
_SENDABLE_COMPONENTS = {'HEADER', 'BODY', 'FOOTER', 'BUTTONS'}
_SENDABLE_HEADERS = {'', 'TEXT', *_MEDIA_KINDS}
_SENDABLE_BUTTONS = {'QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE', 'OTP', 'REQUEST_CONTACT_INFO'}
_FIXED_LABELS = {'COPY_CODE': 'Copy code', 'OTP': 'Copy code', 'REQUEST_CONTACT_INFO': 'Share contact info'}
#: Read back from Meta, the button of a one-time code is a URL button to this address.
_OTP_URL = 'whatsapp.com/otp/'


@dataclass(frozen=True)
class Variable:
    """One thing to fill in before the template can be sent.

    :ivar component: ``header``, ``body`` or ``button``
    :ivar name: ``1``, ``first_name``, ``code``, ``media`` or ``location``
    :ivar button_index: position among all buttons from 0, None outside buttons
    :ivar sample: the example given to Meta's review, or ''
    :ivar kind: ``text``, ``image``, ``video``, ``document``, ``location`` or ``code``
    """

    component: str
    name: str
    button_index: int | None
    sample: str
    kind: str

    @property
    def key(self):
        """The key under which a value is given."""
        if self.button_index is None:
            return f'{self.component}:{self.name}'
        return f'{self.component}:{self.button_index}:{self.name}'


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

    def __init__(self, keys):
        super().__init__('components', 'No value for: ' + ', '.join(keys))
        self.keys = list(keys)


# --- What is to be filled in ---------------------------------------------------------------------------------------


def variables(components, parameter_format=None):
    """List what has to be filled in, each once, in the order header, body, buttons.

    Numbered variables come in the order of their numbers, because Meta matches them by position; named ones in the
    order of the text. A template for one-time codes has a single variable, its code: Meta wants the same code in the
    body and in the button, so it is asked for once (``body:1``, kind ``code``) [M26:templates/authentication].

    :param list components: Meta's component list
    :param parameter_format: ``named`` or ``positional`` in any case; None to read it from the placeholders
    :rtype: list[Variable]
    """
    return [
        *_header_variables(_component(components, 'HEADER'), parameter_format),
        *_body_variables(components, parameter_format),
        *_button_variables(components),
    ]


class Form:
    """A template read once, to be filled in many times.

    :param list components: Meta's component list, as synchronised
    :param parameter_format: ``named`` or ``positional`` in any case; None to read it from the placeholders
    """

    def __init__(self, components, parameter_format=None):
        self._components = components
        self._format = parameter_format
        self._problem = unsupported(components)
        self.variables = variables(components, parameter_format)

    def missing(self, values):
        """List the keys without a usable value.

        :param dict values: value by variable key
        :rtype: list[str]
        """
        return [variable.key for variable in self.variables if _is_blank(variable, values)]

    def parameters(self, values):
        """Build the ``components`` of a template message.

        Only parts with something to fill in appear [M26:templates]. Named variables carry ``parameter_name``.

        :param dict values: value by variable key
        :rtype: list[dict]
        :raise MissingValueError: with all keys whose value is absent or blank
        :raise PayloadError: if a code is too long or the template holds something that cannot be sent yet
        """
        absent = self.missing(values)
        if absent:
            raise MissingValueError(absent)
        if self._problem:
            raise PayloadError('components', f'This template cannot be sent yet: {self._problem}.')
        filled = [(variable, _filled(variable, values)) for variable in self.variables]
        return [
            *_section('header', filled, self._format),
            *_section('body', filled, self._format),
            *_otp_section(self._components, filled),
            *[_button_section(variable, value) for variable, value in filled if variable.component == 'button'],
        ]


def missing(components, values, parameter_format=None):
    """List the keys without a usable value; see :meth:`Form.missing`."""
    return Form(components, parameter_format).missing(values)


def unsupported(components):
    """Name the first part of the template that this product cannot send yet.

    :param list components: Meta's component list
    :return: a few English words, or None if all of it can be sent
    :rtype: str | None
    """
    for component in _dicts(components):
        problem = _unsupported_component(component)
        if problem:
            return problem
    return None


# --- Filling in ----------------------------------------------------------------------------------------------------


def parameter_components(components, values, parameter_format=None):
    """Build the ``components`` of a template message; see :meth:`Form.parameters`."""
    return Form(components, parameter_format).parameters(values)


def render(components, values, parameter_format=None):
    """Show the template as the person will read it; a missing value leaves its placeholder.

    :param list components: Meta's component list
    :param dict values: value by variable key
    :rtype: Rendered
    """
    return Rendered(
        header=_rendered_header(_component(components, 'HEADER'), values),
        body=_substitute('body', _component(components, 'BODY'), values),
        footer=_text_of(_component(components, 'FOOTER')),
        buttons=[_label(button) for button in _buttons(components)],
    )


def clean_value(value):
    """Make a value fit for a template parameter: Meta refuses line breaks, tabs and more than four spaces in a row.

    :param value: anything; None becomes ''
    :rtype: str
    """
    if value is None or value is False:
        return ''
    text = str(value).replace('\x00', '')
    return _SPACES.sub(' ' * const.PARAMETER_SPACES_MAX, _LINE_BREAKS.sub(' ', text)).strip()


# --- Reading the component list ------------------------------------------------------------------------------------


def _dicts(items):
    return [item for item in items if isinstance(item, dict)] if isinstance(items, (list, tuple)) else []


def _kind(item, name='type'):
    value = item.get(name)
    return value.upper() if isinstance(value, str) else ''


def _component(components, kind):
    return next((item for item in _dicts(components) if _kind(item) == kind), {})


def _text_of(item):
    text = item.get('text')
    return text if isinstance(text, str) else ''


def _buttons(components):
    return _dicts(_component(components, 'BUTTONS').get('buttons'))


def quick_replies(components):
    """:return: the labels of the buttons that answer by themselves, in their order. :rtype: list[str]"""
    return [_text_of(button) for button in _buttons(components) if _kind(button) == 'QUICK_REPLY']


def _label(button):
    return _text_of(button) or _FIXED_LABELS.get(_kind(button), '')


def _is_otp_button(button):
    return _kind(button) == 'OTP' or (_kind(button) == 'URL' and _OTP_URL in str(button.get('url')))


def _is_otp(components):
    return any(_is_otp_button(button) for button in _buttons(components))


def _placeholders(text, parameter_format=None):
    names = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    if str(parameter_format or '').lower() == 'positional':
        names = [name for name in names if name.isdigit()]
    if all(name.isdigit() for name in names) and not _is_named(parameter_format):
        names.sort(key=lambda name: (len(name), name))
    return names


def _is_named(parameter_format):
    return str(parameter_format or '').lower() == 'named'


# --- Variables of each part ----------------------------------------------------------------------------------------


def _header_variables(header, parameter_format):
    header_format = _kind(header, 'format')
    if header_format in _MEDIA_KINDS:
        return [Variable('header', 'media', None, '', _MEDIA_KINDS[header_format])]
    if header_format == 'LOCATION':
        return [Variable('header', 'location', None, '', 'location')]
    samples = _samples(header, 'header_text')
    names = _placeholders(_text_of(header), parameter_format)
    return [Variable('header', name, None, samples.get(name, ''), 'text') for name in names]


def _body_variables(components, parameter_format):
    body = _component(components, 'BODY')
    samples = _samples(body, 'body_text')
    if _is_otp(components):
        return [Variable('body', '1', None, samples.get('1', ''), 'code')]
    names = _placeholders(_text_of(body), parameter_format)
    return [Variable('body', name, None, samples.get(name, ''), 'text') for name in names]


def _button_variables(components):
    result = []
    for index, button in enumerate(_buttons(components)):
        if _kind(button) == 'COPY_CODE':
            result.append(Variable('button', 'code', index, _first_text(button.get('example')), 'code'))
        elif _kind(button) == 'URL' and not _is_otp_button(button):
            result += _url_variables(button, index)
    return result


def _url_variables(button, index):
    url = button.get('url') if isinstance(button.get('url'), str) else ''
    start = url.split('{{', 1)[0]
    sample = _first_text(button.get('example'))
    sample = sample[len(start):] if sample.startswith(start) else sample
    # Meta allows one variable, at the end of the address.
    return [Variable('button', name, index, sample, 'text') for name in _placeholders(url)[:1]]


def _samples(component, name):
    """Read the examples, positional (``body_text: [[…]]``, ``header_text: […]``) or named (``…_named_params``)."""
    example = component.get('example')
    if not isinstance(example, dict):
        return {}
    pairs = _dicts(example.get(f'{name}_named_params'))
    named = {str(pair.get('param_name')): _as_text(pair.get('example')) for pair in pairs}
    row = example.get(name)
    if isinstance(row, list) and row and isinstance(row[0], list):
        row = row[0]
    numbered = {str(number): _as_text(sample) for number, sample in enumerate(row if isinstance(row, list) else [], 1)}
    return {**numbered, **named}


def _first_text(example):
    if isinstance(example, list):
        example = example[0] if example else ''
    return _as_text(example)


def _as_text(value):
    return value if isinstance(value, str) else ''


# --- Values --------------------------------------------------------------------------------------------------------


def _is_blank(variable, values):
    value = (values or {}).get(variable.key)
    if variable.kind in _MEDIA_KINDS.values():
        return not (isinstance(value, dict) and (value.get('id') or value.get('link')))
    if variable.kind == 'location':
        return not (isinstance(value, dict) and {'latitude', 'longitude'} <= value.keys())
    return isinstance(value, (dict, list)) or not clean_value(value)


def _filled(variable, values):
    value = values[variable.key]
    if variable.kind in _MEDIA_KINDS.values():
        return _media(variable, value)
    if isinstance(value, dict):
        return dict(value)
    text = clean_value(value)
    limit = const.OTP_CODE_MAX if variable.component == 'body' else const.COPY_CODE_MAX
    if variable.kind == 'code' and len(text) > limit:
        raise PayloadError(variable.key, f'The code has {len(text)} characters, WhatsApp takes {limit}.')
    return text


def _media(variable, value):
    source = 'id' if value.get('id') else 'link'
    media = {source: str(value[source])}
    if variable.kind == 'document' and value.get('filename'):
        media['filename'] = clean_value(value['filename'])
    return media


def _section(component, filled, parameter_format):
    named = _is_named(parameter_format)
    parameters = [_parameter(variable, value, named) for variable, value in filled if variable.component == component]
    return [{'type': component, 'parameters': parameters}] if parameters else []


def _parameter(variable, value, named):
    if isinstance(value, dict):
        return {'type': variable.kind, variable.kind: value}
    if variable.name.isdigit() and not named:
        return {'type': 'text', 'text': value}
    return {'type': 'text', 'parameter_name': variable.name, 'text': value}


def _otp_section(components, filled):
    if not _is_otp(components):
        return []
    code = next(value for variable, value in filled if variable.kind == 'code')
    index = next(number for number, button in enumerate(_buttons(components)) if _is_otp_button(button))
    return [_button('url', index, {'type': 'text', 'text': code})]


def _button_section(variable, value):
    if variable.kind == 'code':
        return _button('copy_code', variable.button_index, {'type': 'coupon_code', 'coupon_code': value})
    return _button('url', variable.button_index, {'type': 'text', 'text': value})


def _button(sub_type, index, parameter):
    return {'type': 'button', 'sub_type': sub_type, 'index': str(index), 'parameters': [parameter]}


# --- What cannot be sent -------------------------------------------------------------------------------------------


def _unsupported_component(component):
    kind = _kind(component)
    if kind not in _SENDABLE_COMPONENTS:
        return f'{_words(kind)} component'
    if kind == 'HEADER' and _kind(component, 'format') not in _SENDABLE_HEADERS:
        return f'{_words(_kind(component, "format"))} header'
    for button in _dicts(component.get('buttons')):
        if _kind(button) not in _SENDABLE_BUTTONS:
            return f'{_words(_kind(button))} button'
    return None


def _words(kind):
    return kind.replace('_', ' ').lower() or 'unknown'


# --- Showing -------------------------------------------------------------------------------------------------------


def _rendered_header(header, values):
    header_format = _kind(header, 'format')
    if header_format in {'', 'TEXT'}:
        return _substitute('header', header, values)
    return f'[{header_format.lower()}]'


def _substitute(component, item, values):
    def value_or_placeholder(match):
        value = (values or {}).get(f'{component}:{match[1]}')
        return match[0] if isinstance(value, (dict, list)) else clean_value(value) or match[0]

    return _PLACEHOLDER.sub(value_or_placeholder, _text_of(item))
