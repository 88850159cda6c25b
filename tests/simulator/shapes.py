"""Checks the JSON types of a body before anything reads it, as Graph does with its declared parameters."""

from .errors import GraphError

NAMES = {str: 'a string', dict: 'an object', list: 'an array'}


class Shape:
    """The JSON types of a body, compiled once: a dict names known keys, a list its items, a type itself."""

    def __init__(self, parts):
        """Take the parts as nested dicts, lists and types."""
        self.parts = parts
        self.fits = _compiled(parts)


def _compiled(parts):
    """Return a quick function that tells whether a value fits."""
    if isinstance(parts, type):
        return lambda value: isinstance(value, parts)
    if isinstance(parts, list):
        item_fits = _compiled(parts[0])
        return lambda value: isinstance(value, list) and all(map(item_fits, value))
    checks = {key: _compiled(part) for key, part in parts.items()}

    def fits(value):
        if not isinstance(value, dict):
            return False
        for key, item in value.items():
            check = checks.get(key)
            if check is not None and not check(item):
                return False
        return True

    return fits


PARAMETER = {'type': str, 'parameter_name': str, 'currency': dict, 'date_time': dict, 'action': dict,
             'limited_time_offer': dict, 'tap_target_configuration': list}
COMPONENT = {'type': str, 'sub_type': str, 'parameters': [PARAMETER]}
MESSAGE = Shape({
    'messaging_product': str, 'recipient_type': str, 'type': str, 'status': str, 'message_id': str, 'context': dict,
    'template': {
        'name': str, 'language': {'code': str},
        'components': [{**COMPONENT, 'cards': [{'components': [COMPONENT]}]}],
    },
})
EXAMPLE = {'header_text': [str], 'header_handle': [str], 'body_text': [[str]],
           'header_text_named_params': [{'param_name': str, 'example': str}],
           'body_text_named_params': [{'param_name': str, 'example': str}]}
BUTTON = {'type': str, 'text': str, 'url': str, 'phone_number': str, 'otp_type': str, 'autofill_text': str,
          'supported_apps': [{'package_name': str, 'signature_hash': str}], 'package_name': str, 'signature_hash': str}
PART = {'type': str, 'format': str, 'text': str, 'example': EXAMPLE, 'buttons': [BUTTON]}
TEMPLATE = Shape({
    'name': str, 'language': str, 'category': str, 'parameter_format': str,
    'components': [{**PART, 'limited_time_offer': {'text': str}, 'cards': [{'components': [PART]}]}],
})
SUBSCRIPTION = Shape({'override_callback_uri': str, 'verify_token': str})


def check_shape(value, shape):
    """Refuse `value` when a part that `shape` knows has another JSON type; unknown keys are not looked at."""
    if not shape.fits(value):
        _refuse_misfit(value, shape.parts, '')


def _refuse_misfit(value, parts, where):
    """Walk to the first part that does not fit and name it."""
    wanted = parts if isinstance(parts, type) else type(parts)
    if not isinstance(value, wanted):
        raise GraphError(100, message=f'(#100) Param {where} must be {NAMES[wanted]}.')
    if isinstance(parts, list):
        for position, item in enumerate(value):
            _refuse_misfit(item, parts[0], f'{where}[{position}]')
    elif isinstance(parts, dict):
        for key in parts.keys() & value.keys():
            _refuse_misfit(value[key], parts[key], f"{where}['{key}']" if where else key)
