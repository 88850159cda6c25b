"""The parameters of a template's buttons."""

import re

from . import send_checks as checks
from .errors import GraphError, bad_value, missing
from .template_spec import variables

BROKEN_SPACE = re.compile(r'[\n\r\t]| {5}')
PAYLOAD_MAX = 256
URL_MAX = 2000
#: Kind of button: (sub type, type of its only parameter).
PARAMETERS = {
    'URL': ('url', 'text'), 'QUICK_REPLY': ('quick_reply', 'payload'), 'COPY_CODE': ('copy_code', 'coupon_code'),
    'FLOW': ('flow', 'action'), 'CATALOG': ('catalog', 'action'), 'MPM': ('mpm', 'action'),
}


def check_button(spec, position, sub_type, parameters):
    """Check what was given for one button; `parameters` None = the button was not named at all."""
    button, kind = spec.buttons[position], spec.kinds[position]
    where = f'buttons: Button at index {position} of type {kind.title()}'
    needs = kind in ('COPY_CODE', 'MPM') or (kind == 'URL' and bool(variables(button.get('url'))))
    if parameters is None:
        if needs:
            raise missing(f'{where} requires a parameter')
        if kind == 'FLOW':
            # seen by others: a flow button must be named, with or without a parameter
            raise bad_value(f'{where} must be named')
        return
    if not needs and kind not in ('QUICK_REPLY', 'FLOW', 'CATALOG'):
        raise GraphError(132018, f'{where} takes no parameter')
    wanted_sub_type, wanted = PARAMETERS[kind]
    if sub_type != wanted_sub_type:
        raise GraphError(132018, f'{where} is a {kind}, received {sub_type}')
    if kind == 'FLOW' and not parameters:
        return
    _check_parameter(spec, where, kind, button, _only_one(where, parameters, wanted))


def _only_one(where, parameters, wanted):
    if len(parameters) != 1:
        raise GraphError(132000, f'{where}: number of localizable_params ({len(parameters)}) does not match the'
                                 ' expected number of params (1)')
    item = parameters[0]
    if item.get('type') != wanted:
        raise GraphError(132012, f'{where}: Format mismatch, expected {wanted.upper()},'
                                 f' received {str(item.get("type")).upper()}')
    checks.only(item, {'type', wanted}, where)
    return item.get(wanted)


def _check_parameter(spec, where, kind, button, value):
    if PARAMETERS[kind][1] == 'action':
        if not isinstance(value, dict):
            raise missing(f'{where} is missing its action')
        ACTIONS[kind](where, value)
        return
    if not value or not isinstance(value, str):
        raise missing(f'{where} is missing its {PARAMETERS[kind][1]} value')
    if BROKEN_SPACE.search(value):
        raise GraphError(132018, f'{where}: Param cannot have new-line/tab characters or more than 4 consecutive'
                                 ' spaces')
    most = {'COPY_CODE': spec.code_max, 'QUICK_REPLY': PAYLOAD_MAX}.get(kind)
    if most and len(value) > most:
        raise bad_value(f'{where}: length invalid. Min length: 1, Max length: {most}')
    if kind == 'URL' and len(button['url'].split('{{')[0]) + len(value) > URL_MAX:
        raise GraphError(132005, f'{where}: the link is longer than {URL_MAX} characters')


def _flow(where, action):
    checks.only(action, {'flow_token', 'flow_action_data'}, where)
    checks.optional_text(action, 'flow_token', where, 512)
    data = action.get('flow_action_data')
    if data is not None and (not isinstance(data, dict) or not data):
        raise bad_value(f'{where}: flow_action_data must be an object that is not empty')


def _catalog(where, action):
    checks.only(action, {'thumbnail_product_retailer_id'}, where)
    checks.text(action, 'thumbnail_product_retailer_id', where, 256)


def _products(where, action):
    checks.only(action, {'thumbnail_product_retailer_id', 'sections'}, where)
    checks.text(action, 'thumbnail_product_retailer_id', where, 256)
    checks.sections_of_products(action.get('sections'), where)


ACTIONS = {'FLOW': _flow, 'CATALOG': _catalog, 'MPM': _products}
