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


def sections(components, filled, named):
    """Build the ``components`` of a template message; only parts with something to fill in appear.

    :param list components: Meta's component list
    :param list filled: (variable, value in Meta's form) of what is filled in, in the variables' order
    :param bool named: whether parameters carry their variables' names
    :rtype: list[dict]
    """
    outside = [pair for pair in filled if pair[0].card_index is None]
    return [
        *_message(components, outside, named),
        *_carousel(components, filled, named),
        *[_configured(value) for variable, value in outside if variable.kind == 'tap_target'],
    ]


def _message(components, filled, named, on_card=False):
    return [
        *_texts('header', filled, named),
        *_texts('body', filled, named),
        *[_offer(value) for variable, value in filled if variable.component == 'offer'],
        *_buttons(components, filled, on_card),
    ]


def _texts(component, filled, named):
    parameters = [_parameter(variable, value, named) for variable, value in filled if variable.component == component]
    return [{'type': component, 'parameters': parameters}] if parameters else []


def _parameter(variable, value, named):
    if isinstance(value, dict):
        return {'type': variable.kind, variable.kind: value}
    if variable.name.isdigit() and not named:
        return {'type': 'text', 'text': value}
    return {'type': 'text', 'parameter_name': variable.name, 'text': value}


def _offer(expires_ms):
    parameter = {'type': 'limited_time_offer', 'limited_time_offer': {'expiration_time_ms': expires_ms}}
    return {'type': 'limited_time_offer', 'parameters': [parameter]}


def _configured(link):
    parameter = {'type': 'tap_target_configuration', 'tap_target_configuration': [link]}
    return {'type': 'tap_target_configuration', 'parameters': [parameter]}


def _carousel(components, filled, named):
    """Every card is named, each needs at least its header; in quick replies Meta's samples always fill the payload."""
    cards = []
    for index, card in enumerate(parts.cards(components)):
        own = [pair for pair in filled if pair[0].card_index == index]
        cards.append({'card_index': index, 'components': _message(card, own, named, on_card=True)})
    return [{'type': 'carousel', 'cards': cards}] if cards else []


# --- Buttons -------------------------------------------------------------------------------------------------------


def _buttons(components, filled, on_card):
    values = {variable.button_index: value for variable, value in filled if variable.component == 'button'}
    code = next((value for variable, value in filled if variable.component == 'body' and variable.kind == 'code'), None)
    result = []
    for index, button in enumerate(parts.buttons(components)):
        if parts.is_otp_button(button):
            # The same code as in the body, whatever the way it is handed over [M26:templates/authentication].
            result.append(_button('url', index, {'type': 'text', 'text': code}))
        elif (section := _filled_button(index, button, values.get(index), on_card)) is not None:
            result.append(section)
    return result


def _filled_button(index, button, value, on_card):
    kind = parts.kind(button)
    if value is None and kind == 'QUICK_REPLY' and on_card:
        value = parts.label(button)[:const.PAYLOAD_MAX]
    if value is None:
        # A form is refused unless its button is named (131009), with or without a parameter. [seen by others]
        return {'type': 'button', 'sub_type': 'flow', 'index': str(index)} if kind == 'FLOW' else None
    sub_type, form = _PARAMETERS[kind]
    if kind == 'CATALOG':
        value = {'thumbnail_product_retailer_id': value}
    return _button(sub_type, index, {'type': form, form: value})


def _button(sub_type, index, parameter):
    return {'type': 'button', 'sub_type': sub_type, 'index': str(index), 'parameters': [parameter]}
