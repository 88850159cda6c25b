"""From filled variables to the ``components`` of a template message [M26:templates]."""

from . import const
from . import template_parts as parts

#: Parameter of the buttons that take one: sub type, type of the parameter.
_PARAMETERS = {
    'QUICK_REPLY': ('quick_reply', 'payload'),
    'URL': ('url', 'text'),
    'COPY_CODE': ('copy_code', 'coupon_code'),
    'FLOW': ('flow', 'action'),
    'CATALOG': ('catalog', 'action'),
    'MPM': ('mpm', 'action'),
}


class Layout:
    """What of a template, or of a card of its carousel, takes parameters: read once, for many messages.

    :param list components: Meta's component list
    :param bool named: whether parameters carry their variables' names
    """

    def __init__(self, components, named, on_card=False):
        self._named = named
        self._buttons = [
            _Button(index, button, on_card) for index, button in enumerate(parts.buttons(components))
            if parts.kind(button) in _PARAMETERS or parts.is_otp_button(button)]
        self._cards = [Layout(card, named, on_card=True) for card in parts.cards(components)]

    def sections(self, filled):
        """Build the ``components`` of a template message; only parts with something to fill in appear.

        :param list filled: (variable, value in Meta's form) of what is filled in, in the variables' order
        :rtype: list[dict]
        """
        outside = [pair for pair in filled if pair[0].card_index is None] if self._cards else filled
        result = self._message(outside)
        if self._cards:
            result.append({'type': 'carousel', 'cards': [
                {'card_index': index, 'components': card._message([p for p in filled if p[0].card_index == index])}
                for index, card in enumerate(self._cards)]})
        return result + [_configured(value) for variable, value in outside if variable.component == 'tap_target']

    def _message(self, filled):
        """Header, body, offer and buttons of a message or of a card; every card needs at least its header."""
        texts, by_button = {'header': [], 'body': []}, {}
        offer, code = [], None
        for variable, value in filled:
            if variable.component in texts:
                texts[variable.component].append(self._parameter(variable, value))
            elif variable.component == 'button':
                by_button[variable.button_index] = value
            elif variable.component == 'offer':
                offer = [_offer(value)]
            if variable.kind == 'code' and variable.component == 'body':
                code = value
        sections = [{'type': place, 'parameters': found} for place, found in texts.items() if found]
        buttons = [button.section(by_button.get(button.index), code) for button in self._buttons]
        return sections + offer + [section for section in buttons if section]

    def _parameter(self, variable, value):
        if isinstance(value, dict):
            return {'type': variable.kind, variable.kind: value}
        if variable.name.isdigit() and not self._named:
            return {'type': 'text', 'text': value}
        return {'type': 'text', 'parameter_name': variable.name, 'text': value}


class _Button:
    """A button that takes a parameter."""

    def __init__(self, index, button, on_card):
        self.index = index
        self._kind = parts.kind(button)
        self._is_otp = parts.is_otp_button(button)
        # On cards Meta's samples always tell what a quick reply sends back; it is its label as everywhere else.
        filled = on_card and self._kind == 'QUICK_REPLY'
        self._default = parts.label(button)[:const.PAYLOAD_MAX] if filled else None

    def section(self, value, code):
        """:return: its part of the message, None if there is nothing to say. :rtype: dict | None"""
        if self._is_otp:
            # The same code as in the body, whatever the way it is handed over [M26:templates/authentication].
            return self._section('url', {'type': 'text', 'text': code})
        if value is None:
            value = self._default
        if value is None:
            # A form is refused unless its button is named (131009), with or without a parameter. [seen by others]
            is_form = self._kind == 'FLOW'
            return {'type': 'button', 'sub_type': 'flow', 'index': str(self.index)} if is_form else None
        sub_type, form = _PARAMETERS[self._kind]
        if self._kind == 'CATALOG':
            value = {'thumbnail_product_retailer_id': value}
        return self._section(sub_type, {'type': form, form: value})

    def _section(self, sub_type, parameter):
        return {'type': 'button', 'sub_type': sub_type, 'index': str(self.index), 'parameters': [parameter]}


def _offer(expires_ms):
    parameter = {'type': 'limited_time_offer', 'limited_time_offer': {'expiration_time_ms': expires_ms}}
    return {'type': 'limited_time_offer', 'parameters': [parameter]}


def _configured(link):
    parameter = {'type': 'tap_target_configuration', 'tap_target_configuration': [link]}
    return {'type': 'tap_target_configuration', 'parameters': [parameter]}
