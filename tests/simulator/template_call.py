"""The check of what a sender gives for a template: `template.components`, and the same of each card of a carousel."""

import re
import time

from . import send_checks as checks
from .errors import GraphError, bad_value, missing, unexpected_key
from .template_buttons import check_button
from .template_spec import VARIABLE

BROKEN_SPACE = re.compile(r'[\n\r\t]| {5}')
MEDIA_FORMATS = ('IMAGE', 'VIDEO', 'DOCUMENT')
HEADER_MAX = 60
OTP_MAX = 15
ALLOWED_KEYS = {'header': {'type', 'parameters'}, 'body': {'type', 'parameters'},
                'button': {'type', 'sub_type', 'index', 'parameters'}, 'carousel': {'type', 'cards'},
                'limited_time_offer': {'type', 'parameters'}, 'tap_target_configuration': {'type', 'parameters'}}


class TemplateCall:
    """One `components` list checked against a spec."""

    def __init__(self, spec, components, check_media, where="template['components']"):
        """Take the list the sender gave; `check_media(reference, kind, place, template)` refuses a wrong file."""
        self.spec = spec
        self.check_media = check_media
        self.where = where
        self.given, self.buttons = {}, {}
        for position, component in enumerate(components or ()):
            self._sort(component, f'{where}[{position}]')

    def _sort(self, component, where):
        if 'type' not in component:
            raise missing(f'{where}: type is required')
        kind = str(component['type']).lower()
        if kind not in ALLOWED_KEYS or (kind == 'carousel' and not self.spec.cards):
            raise GraphError(132018, f'{where}: the template has no {kind} component that takes parameters')
        for key in component:
            if key not in ALLOWED_KEYS[kind]:
                raise unexpected_key(key, where)
        if kind == 'button':
            self._sort_button(component, where)
        elif kind in self.given:
            raise bad_value(f'{where}: {kind} is given twice')
        else:
            self.given[kind] = component.get('cards' if kind == 'carousel' else 'parameters', [])

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
        values = self._texts('body', self.given.get('body', ()), self.spec.body_names)
        text = _hydrated(self.spec.body_text, values)
        if len(text) > self.spec.body_max:
            raise GraphError(132005, f'body: the translated text is {len(text)} characters long,'
                                     f' {self.spec.body_max} allowed')
        payloads = self._check_buttons()
        if category == 'AUTHENTICATION':
            self._check_code(values)
        self._check_offer()
        self._check_tap_target()
        if self.spec.cards:
            payloads.update(self._check_cards())
        return text, payloads

    # --- header and body ------------------------------------------------------------------------------------------

    def _check_header(self):
        parameters = self.given.get('header', ())
        if self.spec.header_format in MEDIA_FORMATS:
            kind = self.spec.header_format.lower()
            self.check_media(self._only_one(parameters, kind), kind, 'header', template=True)
        elif self.spec.header_format in ('LOCATION', 'PRODUCT'):
            self._check_object(parameters, self.spec.header_format.lower())
        else:
            self._check_header_text(parameters)

    def _check_header_text(self, parameters):
        values = self._texts('header', parameters, self.spec.header_names)
        text = _hydrated(self.spec.header.get('text', ''), values)
        if len(text) > HEADER_MAX:
            raise GraphError(132005, f'header: the translated text is {len(text)} characters long')

    def _only_one(self, parameters, wanted, place='header'):
        """Return the object of the only parameter, which must be of the type `wanted`."""
        got = parameters[0].get('type', 'unknown') if parameters else 'unknown'
        if got != wanted:
            raise GraphError(132012, f'{place}: Format mismatch, expected {wanted.upper()}, received {got.upper()}')
        _check_count(place, parameters, 1)
        checks.only(parameters[0], {'type', wanted}, place)
        return parameters[0].get(wanted)

    def _check_object(self, parameters, kind):
        given = self._only_one(parameters, kind)
        if not isinstance(given, dict):
            raise missing(f'header: {kind} is required')
        if kind == 'location':
            checks.place(given, 'header')
            return
        checks.only(given, {'product_retailer_id', 'catalog_id'}, 'header')
        checks.text(given, 'product_retailer_id', 'header', 256)
        checks.text(given, 'catalog_id', 'header', 256)

    def _texts(self, place, parameters, names):
        """Return {variable: text} for header or body."""
        for item in parameters:
            _check_kind(place, item)
        _check_count(place, parameters, len(names))
        if self.spec.named:
            return self._named(place, parameters, names)
        if any('parameter_name' in item for item in parameters):
            raise GraphError(100, f'{place}: the template has positional parameters, parameter_name is not allowed')
        return {name: text_of(place, item)
                for name, item in zip(self.spec.ordered[place], parameters, strict=True)}

    def _named(self, place, parameters, names):
        given = {}
        for item in parameters:
            if not item.get('parameter_name'):
                raise GraphError(100, 'Parameter name is missing or empty')
            given[item['parameter_name']] = text_of(place, item)
        unknown = [name for name in given if name not in names]
        if unknown or len(given) != len(names):
            raise GraphError(132012, f'{place}: the template expects the parameters {", ".join(names)}')
        return given

    # --- buttons --------------------------------------------------------------------------------------------------

    def _check_buttons(self):
        """Check all buttons; return the payloads of the quick replies by label."""
        payloads = {}
        for position, (button, kind) in enumerate(zip(self.spec.buttons, self.spec.kinds, strict=True)):
            sub_type, parameters = self.buttons.get(position, ('', None))
            check_button(self.spec, position, sub_type, parameters)
            if kind == 'QUICK_REPLY':
                label = button['text']
                payloads[label] = parameters[0]['payload'] if parameters else label
        return payloads

    def links(self):
        """Return the addresses behind the buttons, complete."""
        given = {position: parameters for position, (_sub_type, parameters) in self.buttons.items()}
        return [VARIABLE.sub(lambda _match, position=position: given[position][0]['text'], button['url'])
                for position, (button, kind) in enumerate(zip(self.spec.buttons, self.spec.kinds, strict=True))
                if kind == 'URL' and button.get('url')]

    def _check_code(self, values):
        """An authentication template carries one code, the same in text and button."""
        code = next(iter(values.values()), '')
        if len(code) > OTP_MAX:
            raise GraphError(132018, f'body: a code has at most {OTP_MAX} characters')
        for _sub_type, parameters in self.buttons.values():
            if parameters[0].get('text') != code:
                raise GraphError(132018, 'buttons: the code differs from the code in the body')

    # --- what only some templates have ----------------------------------------------------------------------------

    def _check_offer(self):
        parameters = self.given.get('limited_time_offer')
        if not self.spec.offer.get('has_expiration'):
            if parameters is not None:
                raise GraphError(132018, 'limited_time_offer: the template takes no such parameter')
            return
        if parameters is None:
            raise missing('limited_time_offer: Parameter expiration_time_ms is required')
        given = self._only_one(parameters, 'limited_time_offer', 'limited_time_offer') or {}
        checks.only(given, {'expiration_time_ms'}, 'limited_time_offer')
        moment = given.get('expiration_time_ms')
        if not isinstance(moment, int) or isinstance(moment, bool) or moment <= time.time() * 1000:
            raise bad_value('limited_time_offer: expiration_time_ms must be a UNIX time in milliseconds to come')

    def _check_tap_target(self):
        parameters = self.given.get('tap_target_configuration')
        if parameters is None:
            return
        if not self.spec.takes_tap_target:
            raise GraphError(132018, 'tap_target_configuration: the template has no link or a header of another kind')
        given = self._only_one(parameters, 'tap_target_configuration', 'tap_target_configuration')
        for item in checks.rows(given, 'tap_target_configuration', 1, 1):
            checks.only(item, {'url', 'title'}, 'tap_target_configuration')
            checks.link(item.get('url'), "tap_target_configuration['url']")
            checks.text(item, 'title', 'tap_target_configuration', 60)

    def _check_cards(self):
        """Check each card as a small template of its own; return their payloads."""
        given = self.given.get('carousel', ())
        if len(given) != len(self.spec.cards):
            raise GraphError(132000, f'carousel: number of cards ({len(given)}) does not match the expected number of'
                                     f' cards ({len(self.spec.cards)})')
        if sorted(str(card.get('card_index')) for card in given) != sorted(map(str, range(len(given)))):
            raise bad_value('carousel: card_index must name each card once, from 0')
        payloads = {}
        for card in given:
            index = card['card_index']
            where = f"{self.where}: cards[{index}]['components']"
            checks.only(card, {'card_index', 'components'}, where)
            spec = self.spec.cards[int(index)]
            payloads.update(TemplateCall(spec, card.get('components'), self.check_media, where).check('')[1])
        return payloads


def _hydrated(text, values):
    """Return the text with the values in their places."""
    return VARIABLE.sub(lambda match: values[match.group(1)], text) if values else text


def _check_count(place, parameters, wanted):
    if len(parameters) != wanted:
        raise GraphError(132000, f'{place}: number of localizable_params ({len(parameters)}) does not match the'
                                 f' expected number of params ({wanted})')


def _check_kind(place, item):
    kind = item.get('type')
    if kind not in ('text', 'currency', 'date_time'):
        raise GraphError(132012, f'{place}: Format mismatch, expected TEXT, received {str(kind).upper()}')
    if len(item) > 2:
        checks.only(item, {'type', 'parameter_name', kind}, place)


def text_of(place, item):
    """Return the text of a parameter."""
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
