"""Interactive messages: `interactive` of POST /<PHONE_ID>/messages."""

from . import send_checks as checks
from .errors import GraphError, bad_value, missing

HEADER_MEDIA = ('image', 'video', 'document')
FOOTER_MAX = 60
HEADER_MAX = 60
BODY_MAX = {'list': 4096}
#: Kinds that have a body and nothing else around their action.
BARE = ('location_request_message', 'request_contact_info')


def check_interactive(given, check_media):
    """Check the whole object; return the text of its body."""
    kind = given.get('type')
    if kind is None:
        raise missing("The parameter interactive['type'] is required.")
    if kind not in ACTIONS:
        raise GraphError(100, message=f"(#100) Param interactive['type'] must be one of"
                                      f' {{{", ".join(name.upper() for name in ACTIONS)}}} - got "{kind}".')
    around = set() if kind in BARE else {'header', 'footer'}
    checks.only(given, {'type', 'body', 'action', *around}, 'interactive')
    body = checks.text(_object(given, 'body', 'interactive'), 'text', "interactive['body']", BODY_MAX.get(kind, 1024))
    if 'header' in given:
        _check_header(kind, _object(given, 'header', 'interactive'), check_media)
    if 'footer' in given:
        checks.text(_object(given, 'footer', 'interactive'), 'text', "interactive['footer']", FOOTER_MAX)
    ACTIONS[kind](_object(given, 'action', 'interactive'), "interactive['action']")
    return body


def _object(item, key, where):
    value = item.get(key)
    if value is None:
        raise missing(f"The parameter {where}['{key}'] is required.")
    if not isinstance(value, dict):
        raise GraphError(100, message=f"(#100) Param {where}['{key}'] must be an object.")
    return value


def _check_header(kind, header, check_media):
    form = header.get('type')
    where = "interactive['header']"
    if form == 'text':
        checks.only(header, {'type', 'text'}, where)
        checks.text(header, 'text', where, HEADER_MAX)
        return
    if form not in HEADER_MEDIA or kind == 'list':
        raise bad_value(f'Param {where}: a header of type {form} cannot be used with a {kind}')
    checks.only(header, {'type', form}, where)
    check_media(header.get(form), form, 'header')


def _buttons(action, where):
    checks.only(action, {'buttons'}, where)
    replies = []
    for position, button in enumerate(checks.rows(action.get('buttons'), f"{where}['buttons']", 1, 3)):
        here = f"{where}['buttons'][{position}]"
        checks.only(button, {'type', 'reply'}, here)
        if button.get('type') != 'reply':
            raise bad_value(f"Param {here}['type'] must be reply")
        replies.append(_object(button, 'reply', here))
        checks.only(replies[-1], {'id', 'title'}, here)
        _check_id(replies[-1], here, 256)
        checks.text(replies[-1], 'title', here, 20)
    checks.unique([reply['id'] for reply in replies], 'ids')
    checks.unique([reply['title'] for reply in replies], 'titles')


def _check_id(item, where, most):
    value = checks.text(item, 'id', where, most)
    if value != value.strip():
        raise bad_value(f"Param {where}['id'] cannot have leading or trailing spaces")


def _list(action, where):
    checks.only(action, {'button', 'sections'}, where)
    checks.text(action, 'button', where, 20)
    sections = checks.rows(action.get('sections'), f"{where}['sections']", 1, 10)
    rows = [row for position, section in enumerate(sections)
            for row in _section(section, f"{where}['sections'][{position}]", len(sections) > 1)]
    if len(rows) > 10:
        raise bad_value(f'Total row count exceeds the maximum allowed count: 10, got {len(rows)}')
    checks.unique([row['id'] for row in rows], 'row ids')


def _section(section, where, titled):
    checks.only(section, {'title', 'rows'}, where)
    (checks.text if titled else checks.optional_text)(section, 'title', where, 24)
    rows = checks.rows(section.get('rows'), f"{where}['rows']", 1, 10)
    for position, row in enumerate(rows):
        here = f"{where}['rows'][{position}]"
        checks.only(row, {'id', 'title', 'description'}, here)
        _check_id(row, here, 200)
        checks.text(row, 'title', here, 24)
        checks.optional_text(row, 'description', here, 72)
    return rows


def _named(wanted, check_parameters=None):
    """Return the check of an action with a fixed name."""
    def check(action, where):
        checks.only(action, {'name', 'parameters'} if check_parameters else {'name'}, where)
        if action.get('name') != wanted:
            raise bad_value(f"Param {where}['name'] must be {wanted}")
        if check_parameters:
            check_parameters(_object(action, 'parameters', where), f"{where}['parameters']")
    return check


def _link(parameters, where):
    checks.only(parameters, {'display_text', 'url'}, where)
    checks.text(parameters, 'display_text', where, 20)
    checks.link(parameters.get('url'), f"{where}['url']")


FLOW_KEYS = {'flow_message_version', 'flow_id', 'flow_name', 'flow_cta', 'mode', 'flow_token', 'flow_action',
             'flow_action_payload'}


def _flow(parameters, where):
    checks.only(parameters, FLOW_KEYS, where)
    if parameters.get('flow_message_version') != '3':
        raise bad_value(f"Param {where}['flow_message_version'] must be 3")
    if ('flow_id' in parameters) == ('flow_name' in parameters):
        raise missing(f'{where}: either flow_id or flow_name is required')
    checks.text(parameters, 'flow_id' if 'flow_id' in parameters else 'flow_name', where, 512)
    checks.text(parameters, 'flow_cta', where, 30)
    checks.optional_text(parameters, 'flow_token', where, 512)
    if parameters.get('mode', 'published') not in ('published', 'draft'):
        raise bad_value(f"Param {where}['mode'] must be published or draft")
    action = parameters.get('flow_action', 'navigate')
    if action not in ('navigate', 'data_exchange'):
        raise bad_value(f"Param {where}['flow_action'] must be navigate or data_exchange")
    if 'flow_action_payload' in parameters:
        _flow_start(action, _object(parameters, 'flow_action_payload', where), f"{where}['flow_action_payload']")


def _flow_start(action, start, where):
    if action != 'navigate':
        raise bad_value(f'Param {where} is only for the action navigate')
    checks.only(start, {'screen', 'data'}, where)
    checks.text(start, 'screen', where, 512)
    if 'data' in start and (not isinstance(start['data'], dict) or not start['data']):
        raise bad_value(f"Param {where}['data'] must be an object that is not empty")


ACTIONS = {
    'button': _buttons,
    'list': _list,
    'cta_url': _named('cta_url', _link),
    'flow': _named('flow', _flow),
    'location_request_message': _named('send_location'),
    'request_contact_info': _named('request_contact_info'),
}
