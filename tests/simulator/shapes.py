"""Checks the JSON types of a body before anything reads it, as Graph does with its declared parameters."""

from .errors import GraphError

NAMES = {str: 'a string', dict: 'an object', list: 'an array'}

PARAMETER = {'type': str, 'parameter_name': str, 'currency': dict, 'date_time': dict}
MESSAGE = {
    'messaging_product': str, 'recipient_type': str, 'type': str, 'status': str, 'message_id': str, 'context': dict,
    'template': {
        'name': str, 'language': {'code': str},
        'components': [{'type': str, 'sub_type': str, 'parameters': [PARAMETER]}],
    },
}
EXAMPLE = {'header_text': [str], 'header_handle': [str], 'body_text': [[str]],
           'header_text_named_params': [{'param_name': str, 'example': str}],
           'body_text_named_params': [{'param_name': str, 'example': str}]}
BUTTON = {'type': str, 'text': str, 'url': str, 'phone_number': str}
TEMPLATE = {
    'name': str, 'language': str, 'category': str, 'parameter_format': str,
    'components': [{'type': str, 'format': str, 'text': str, 'example': EXAMPLE, 'buttons': [BUTTON]}],
}
SUBSCRIPTION = {'override_callback_uri': str, 'verify_token': str}


def check_shape(value, shape, where=''):
    """Refuse `value` when a part that `shape` knows has another JSON type; unknown keys are not looked at."""
    wanted = shape if isinstance(shape, type) else type(shape)
    if not isinstance(value, wanted):
        raise GraphError(100, message=f'(#100) Param {where} must be {NAMES[wanted]}.')
    if isinstance(shape, list):
        for position, item in enumerate(value):
            check_shape(item, shape[0], f'{where}[{position}]')
    elif isinstance(shape, dict):
        for key in shape.keys() & value.keys():
            check_shape(value[key], shape[key], f"{where}['{key}']" if where else key)
