"""What a template needs to be sent, and the check of what a sender gives."""

import re

from .errors import GraphError, bad_value, missing, unexpected_key

VARIABLE = re.compile(r'\{\{\s*(\w+)\s*\}\}')
BROKEN_SPACE = re.compile(r'[\n\r\t]| {5}')
MEDIA_FORMATS = ('IMAGE', 'VIDEO', 'DOCUMENT')
BODY_MAX = 1024
HEADER_MAX = 60
CODE_MAX = 15
BUTTON_PARAMETERS = {'URL': 'url', 'QUICK_REPLY': 'quick_reply', 'COPY_CODE': 'copy_code'}


def variables(text):
    """Return the names of the variables of a text, each once, in order."""
    return list(dict.fromkeys(VARIABLE.findall(text or '')))


class TemplateSpec:
    """The places of one template that take parameters."""

    def __init__(self, components, parameter_format='POSITIONAL'):
        """Read the components as Meta lists them."""
        parts = {str(part.get('type', '')).upper(): part for part in components}
        self.named = str(parameter_format or '').upper() == 'NAMED'
        self.header = parts.get('HEADER', {})
        self.header_format = str(self.header.get('format', '')).upper()
        self.header_names = variables(self.header.get('text'))
        self.body_text = parts.get('BODY', {}).get('text', '')
        self.body_names = variables(self.body_text)
        self.buttons = parts.get('BUTTONS', {}).get('buttons', [])
        # {{1}} takes the first parameter wherever it stands in the text
        self.ordered = {place: sorted(names, key=_position_of) for place, names in
                        (('header', self.header_names), ('body', self.body_names))}


def _position_of(name):
    return int(name) if name.isdigit() else 0


def _hydrated(text, values):
    """Return the text with the values in their places."""
    return VARIABLE.sub(lambda match: values[match.group(1)], text) if values else text


class TemplateCall:
    """One `template.components` list checked against a spec."""

    def __init__(self, spec, components, media):
        """Take the list the sender gave and the media store of the simulator."""
        self.spec = spec
        self.media = media
        self.header, self.body, self.buttons = None, None, {}
        for position, component in enumerate(components or ()):
            self._sort(component, f"template['components'][{position}]")

    def _sort(self, component, where):
        if 'type' not in component:
            raise missing(f'{where}: type is required')
        for key in component:
            if key not in ('type', 'sub_type', 'index', 'parameters'):
                raise unexpected_key(key, where)
        kind = str(component['type']).lower()
        if kind == 'button':
            self._sort_button(component, where)
        elif kind in ('header', 'body'):
            if getattr(self, kind) is not None:
                raise bad_value(f'{where}: {kind} is given twice')
            setattr(self, kind, component.get('parameters', []))
        else:
            raise GraphError(132018, f'{where}: the template has no {kind} component that takes parameters')

    def _sort_button(self, component, where):
        index = str(component.get('index', ''))
        if not index.isdigit() or int(index) >= len(self.spec.buttons):
            raise bad_value(f'{where}: button index {index or "missing"} is not a button of the template')
        if int(index) in self.buttons:
            raise bad_value(f'{where}: button {index} is given twice')
        self.buttons[int(index)] = (str(component.get('sub_type', '')).lower(), component.get('parameters', []))

    def check(self, category):
        """Raise what Meta would answer, or return (hydrated body, payloads of the quick replies by label)."""
        self._check_header()
        values = self._texts('body', self.body or [], self.spec.body_names)
        text = _hydrated(self.spec.body_text, values)
        if len(text) > BODY_MAX:
            raise GraphError(132005, f'body: the translated text is {len(text)} characters long, {BODY_MAX} allowed')
        payloads = self._check_buttons()
        if category == 'AUTHENTICATION':
            self._check_code(values)
        return text, payloads

    def _check_header(self):
        if self.spec.header_format in MEDIA_FORMATS:
            self._check_media(self.header or [])
            return
        values = self._texts('header', self.header or [], self.spec.header_names)
        text = _hydrated(self.spec.header.get('text', ''), values)
        if len(text) > HEADER_MAX:
            raise GraphError(132005, f'header: the translated text is {len(text)} characters long')

    def _check_media(self, parameters):
        wanted = self.spec.header_format
        got = str(parameters[0].get('type', 'UNKNOWN')).upper() if parameters else 'UNKNOWN'
        if got != wanted:
            raise GraphError(132012, f'header: Format mismatch, expected {wanted}, received {got}')
        if len(parameters) != 1:
            raise GraphError(132000, f'header: number of localizable_params ({len(parameters)}) does not match the'
                                     ' expected number of params (1)')
        self.media.check_reference(parameters[0].get(wanted.lower()), wanted.lower(), 'header')

    def _texts(self, place, parameters, names):
        """Return {variable: text} for header or body."""
        for item in parameters:
            self._check_kind(place, item)
        if len(parameters) != len(names):
            raise GraphError(132000, f'{place}: number of localizable_params ({len(parameters)}) does not match the'
                                     f' expected number of params ({len(names)})')
        if self.spec.named:
            return self._named(place, parameters, names)
        if any('parameter_name' in item for item in parameters):
            raise GraphError(100, f'{place}: the template has positional parameters, parameter_name is not allowed')
        return {name: self._text(place, item)
                for name, item in zip(self.spec.ordered[place], parameters, strict=True)}

    def _named(self, place, parameters, names):
        given = {}
        for item in parameters:
            if not item.get('parameter_name'):
                raise GraphError(100, 'Parameter name is missing or empty')
            given[item['parameter_name']] = self._text(place, item)
        unknown = [name for name in given if name not in names]
        if unknown or len(given) != len(names):
            raise GraphError(132012, f'{place}: the template expects the parameters {", ".join(names)}')
        return given

    @staticmethod
    def _check_kind(place, item):
        kind = item.get('type')
        if kind not in ('text', 'currency', 'date_time'):
            raise GraphError(132012, f'{place}: Format mismatch, expected TEXT, received {str(kind).upper()}')

    @staticmethod
    def _text(place, item):
        kind = item['type']
        value = item.get('text') if kind == 'text' else (item.get(kind) or {}).get('fallback_value')
        if value is None or value == '':
            raise missing(f'{place}: Parameter of type {kind} is missing {kind} value')
        if not isinstance(value, str):
            raise bad_value(f'{place}: the {kind} value must be a string')
        if BROKEN_SPACE.search(value):
            raise GraphError(132018, f'{place}: Param text cannot have new-line/tab characters or more than 4'
                                     ' consecutive spaces')
        return value

    def _check_buttons(self):
        payloads = {}
        for position, button in enumerate(self.spec.buttons):
            kind = str(button.get('type', '')).upper()
            sub_type, parameters = self.buttons.get(position, ('', None))
            self._check_button(position, button, kind, sub_type, parameters)
            if kind == 'QUICK_REPLY':
                label = button['text']
                payloads[label] = parameters[0].get('payload', label) if parameters else label
        return payloads

    def _check_button(self, position, button, kind, sub_type, parameters):
        needs = (kind == 'URL' and variables(button.get('url'))) or kind == 'COPY_CODE'
        takes = needs or kind == 'QUICK_REPLY'
        if parameters is None:
            if needs:
                raise missing(f'buttons: Button at index {position} of type {kind.title()} requires a parameter')
            return
        if not takes:
            raise GraphError(132018, f'buttons: Button at index {position} of type {kind.title()} takes no parameter')
        if sub_type != BUTTON_PARAMETERS[kind]:
            raise GraphError(132018, f'buttons: Button at index {position} is a {kind}, received {sub_type}')
        if len(parameters) != 1:
            raise GraphError(132000, f'buttons: number of localizable_params ({len(parameters)}) does not match the'
                                     ' expected number of params (1)')
        self._check_button_value(position, kind, parameters[0])

    def _check_button_value(self, position, kind, item):
        wanted, key = {'URL': ('text', 'text'), 'QUICK_REPLY': ('payload', 'payload'),
                       'COPY_CODE': ('coupon_code', 'coupon_code')}[kind]
        if item.get('type') != wanted:
            raise GraphError(132012, f'buttons: Format mismatch at index {position}, expected {wanted.upper()},'
                                     f' received {str(item.get("type")).upper()}')
        value = item.get(key)
        if not value or not isinstance(value, str):
            raise missing(f'buttons: Button at index {position} is missing its {key} value')
        if BROKEN_SPACE.search(value):
            raise GraphError(132018, f'buttons: Param {key} cannot have new-line/tab characters or more than 4'
                                     ' consecutive spaces')

    def _check_code(self, values):
        """An authentication template carries one code, the same in text and button."""
        code = next(iter(values.values()), '')
        if len(code) > CODE_MAX:
            raise GraphError(132018, f'body: a code has at most {CODE_MAX} characters')
        for _sub_type, parameters in self.buttons.values():
            if parameters[0].get('text') != code:
                raise GraphError(132018, 'buttons: the code differs from the code in the body')
