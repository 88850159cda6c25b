"""Interactive messages [M26:messages/interactive-*, S26:flows/guides/sendingaflow]: their content and its limits.

The makers (:func:`reply_buttons` …) put a content together, :func:`checked` looks at one, made here or not.
A header is ``{'type': 'text', 'text': …}`` or ``{'type': 'image', 'image': {'id': …}}``, also video and document.
"""
# There is no env here, see words. pylint: disable=prefer-env-translation

from . import checks, const
from .checks import refuse
from .words import Words, _lt

_HEADER_MEDIA = ('image', 'video', 'document')
_HEADER = Words(_lt('Header'))
_FORM = Words(_lt('Form'))
_LABEL = Words(_lt('Label of the button'))


# --- Making them ---------------------------------------------------------------------------------------------------


def reply_buttons(body, buttons, header=None, footer=None):
    """Make a question with up to three buttons.

    :param list buttons: (id, label) of each; the id comes back in the answer
    :rtype: dict
    """
    replies = [{'type': 'reply', 'reply': {'id': button_id, 'title': label}} for button_id, label in buttons]
    return _content('button', body, {'buttons': replies}, header, footer)


def list_menu(body, button, sections, header=None, footer=None):
    """Make a list to choose one row from.

    :param str button: label of the button that opens the list
    :param list sections: (title, rows), each row (id, title, description); title and description may be ''
    :rtype: dict
    """
    parts = [{'title': title, 'rows': [{'id': row_id, 'title': label, 'description': description}
                                       for row_id, label, description in rows]} for title, rows in sections]
    return _content('list', body, {'button': button, 'sections': parts}, header, footer)


def link_button(body, label, url, header=None, footer=None):
    """Make a text with a button that opens a page. :rtype: dict"""
    parameters = {'display_text': label, 'url': url}
    return _content('cta_url', body, {'name': 'cta_url', 'parameters': parameters}, header, footer)


def flow_form(body, label, flow_id, token='', screen='', data=None, header=None, footer=None):
    """Make a text with a button that opens a form (a flow of Meta's).

    :param str token: our mark for this sending, comes back with the answer
    :param str screen: the first screen, if the flow begins by itself
    :param dict data: what the first screen is filled with
    :rtype: dict
    """
    parameters = {'flow_message_version': const.FLOW_VERSION, 'flow_id': flow_id, 'flow_cta': label}
    if token:
        parameters['flow_token'] = token
    if screen:
        payload = {'screen': screen, **({'data': data} if data else {})}
        parameters.update(flow_action='navigate', flow_action_payload=payload)
    return _content('flow', body, {'name': 'flow', 'parameters': parameters}, header, footer)


def location_request(body):
    """Make a question for the place where somebody is. :rtype: dict"""
    return _content('location_request_message', body, {'name': 'send_location'})


def contact_request(body):
    """Make a question for somebody's contact details; WhatsApp words the button itself. :rtype: dict"""
    return _content('request_contact_info', body, {'name': 'request_contact_info'})


def _content(kind, body, action, header=None, footer=None):
    content = {'type': kind, 'body': {'text': body}, 'action': action}
    if header:
        content['header'] = {'type': 'text', 'text': header} if isinstance(header, str) else header
    if footer:
        content['footer'] = {'text': footer}
    return content


# --- Looking at them -----------------------------------------------------------------------------------------------


def checked(content):
    """Check an interactive content against Meta's limits.

    :param dict content: ``type``, ``body``, ``action``, perhaps ``header`` and ``footer``
    :return: the same without what Meta does not know
    :rtype: dict
    :raise PayloadError: naming the part and what to do
    """
    content = checks.mapping('interactive', content, Words(_lt('Content')))
    kind = content.get('type')
    if kind not in _ACTIONS:
        raise refuse('type', _lt('Messages of the kind "%(kind)s" cannot be sent. Choose another kind.'), kind=kind)
    action = checks.mapping('action', content.get('action'), Words(_lt('Buttons')))
    return {'type': kind, **_around(kind, content), 'action': _ACTIONS[kind](action)}


def _around(kind, content):
    limit = const.LIST_BODY_MAX if kind == 'list' else const.INTERACTIVE_BODY_MAX
    result = {'body': {'text': checks.text('body', _inner_text(content, 'body'), limit, Words(_lt('Text')))}}
    header, footer = content.get('header'), _inner_text(content, 'footer')
    if header and kind not in _BARE:
        result['header'] = _header(kind, checks.mapping('header', header, _HEADER))
    if footer and kind not in _BARE:
        result['footer'] = {'text': checks.text('footer', footer, const.INTERACTIVE_FOOTER_MAX, Words(_lt('Footer')))}
    if (header or footer) and kind in _BARE:
        raise refuse('header', _lt('This kind of message has only a text. Remove header and footer.'))
    return result


def _inner_text(content, name):
    part = content.get(name)
    return part.get('text') if isinstance(part, dict) else part


def _header(kind, header):
    form = header.get('type')
    if form == 'text':
        return {'type': form, 'text': checks.text('header', header.get('text'), const.INTERACTIVE_HEADER_MAX, _HEADER)}
    if kind == 'list':
        raise refuse('header', _lt('The header of a list is a text. Write one or remove the header.'))
    if form not in _HEADER_MEDIA:
        raise refuse('header', _lt('The header is a text, a picture, a video or a document. Choose one of them.'))
    return {'type': form, form: checks.media('header', header.get(form), _HEADER, form == 'document')}


def _reply_action(action):
    buttons = checks.rows('buttons', action.get('buttons'), 1, const.REPLIES_MAX, Words(_lt('Buttons')))
    replies = [_reply(number, button) for number, button in enumerate(buttons, 1)]
    checks.distinct('buttons', [reply['title'] for reply in replies], Words(_lt('Labels of the buttons')))
    checks.distinct('buttons', [reply['id'] for reply in replies], Words(_lt('IDs of the buttons')))
    return {'buttons': [{'type': 'reply', 'reply': reply} for reply in replies]}


def _reply(number, button):
    reply = checks.mapping('buttons', button.get('reply'), Words(_lt('Button %(number)s'), number=number))
    return {
        'id': _id('buttons', reply.get('id'), const.REPLY_ID_MAX, Words(_lt('Button %(number)s, ID'), number=number)),
        'title': checks.text('buttons', reply.get('title'), const.REPLY_TITLE_MAX,
                             Words(_lt('Button %(number)s, label'), number=number)),
    }


def _id(field, value, limit, part):
    """Ids have no space around them [OA]."""
    return checks.text(field, value.strip() if isinstance(value, str) else value, limit, part)


def _list_action(action):
    sections = checks.rows('sections', action.get('sections'), 1, const.LIST_SECTIONS_MAX, Words(_lt('Sections')))
    titled = len(sections) > 1
    result = [_section(number, section, titled) for number, section in enumerate(sections, 1)]
    rows = [row for section in result for row in section['rows']]
    if len(rows) > const.LIST_ROWS_MAX:
        raise refuse('rows', _lt('The list has %(count)s rows, WhatsApp takes %(most)s in all. Remove some.'),
                     count=len(rows), most=const.LIST_ROWS_MAX)
    checks.distinct('rows', [row['id'] for row in rows], Words(_lt('IDs of the rows')))
    button = checks.text('button', action.get('button'), const.LIST_BUTTON_MAX,
                         Words(_lt('Button that opens the list')))
    return {'button': button, 'sections': result}


def _section(number, section, titled):
    check = checks.text if titled else checks.optional_text
    title = check('sections', section.get('title'), const.SECTION_TITLE_MAX,
                  Words(_lt('Section %(number)s, title'), number=number))
    rows = checks.rows('rows', section.get('rows'), 1, const.LIST_ROWS_MAX,
                       Words(_lt('Section %(number)s, rows'), number=number))
    result = {'rows': [_row(Words(_lt('Section %(number)s, row %(row)s'), number=number, row=place), row)
                       for place, row in enumerate(rows, 1)]}
    return {'title': title, **result} if title else result


def _row(where, row):
    result = {
        'id': _id('rows', row.get('id'), const.ROW_ID_MAX, Words(_lt('%(part)s, ID'), part=where)),
        'title': checks.text('rows', row.get('title'), const.ROW_TITLE_MAX, Words(_lt('%(part)s, title'), part=where)),
    }
    description = checks.optional_text('rows', row.get('description'), const.ROW_DESCRIPTION_MAX,
                                       Words(_lt('%(part)s, description'), part=where))
    return {**result, 'description': description} if description else result


def _link_action(action):
    given = checks.mapping('action', action.get('parameters'), Words(_lt('Buttons')))
    return {'name': 'cta_url', 'parameters': {
        'display_text': checks.text('label', given.get('display_text'), const.LINK_LABEL_MAX, _LABEL),
        'url': checks.link('url', given.get('url'), Words(_lt('Link of the button'))),
    }}


def _flow_action(action):
    given = checks.mapping('action', action.get('parameters'), _FORM)
    parameters = {'flow_message_version': const.FLOW_VERSION, **_flow_name(given)}
    parameters['flow_cta'] = checks.text('label', given.get('flow_cta'), const.FLOW_LABEL_MAX, _LABEL)
    token = checks.optional_text('flow_token', given.get('flow_token'), const.ID_MAX, Words(_lt('Token of the form')))
    parameters['flow_token'] = token or const.FLOW_TOKEN_UNUSED
    if given.get('mode', 'published') not in ('published', 'draft'):
        raise refuse('mode', _lt('The form must be published or a draft.'))
    if given.get('mode') == 'draft':
        parameters['mode'] = 'draft'
    return {'name': 'flow', 'parameters': {**parameters, **_flow_start(given)}}


def _flow_name(given):
    name = next((name for name in ('flow_id', 'flow_name') if given.get(name)), 'flow_id')
    return {name: checks.text(name, given.get(name), const.ID_MAX, _FORM)}


def _flow_start(given):
    """Where the form begins. A flow with an endpoint of its own is asked for its first screen."""
    if given.get('flow_action') == 'data_exchange':
        return {'flow_action': 'data_exchange'}
    if given.get('flow_action', 'navigate') != 'navigate':
        raise refuse('flow_action', _lt('A form begins with a screen (navigate) or by itself (data_exchange).'))
    if not given.get('flow_action_payload'):
        return {}
    screen = Words(_lt('First screen of the form'))
    start = checks.mapping('flow_action_payload', given['flow_action_payload'], screen)
    payload = {'screen': checks.text('screen', start.get('screen'), const.ID_MAX, screen)}
    if start.get('data'):
        payload['data'] = checks.mapping('data', start['data'], Words(_lt('What the form is filled with')))
    return {'flow_action': 'navigate', 'flow_action_payload': payload}


def _named(name):
    return lambda action: {'name': name}


#: Kinds with a text and nothing around it.
_BARE = ('location_request_message', 'request_contact_info')
_ACTIONS = {
    'button': _reply_action,
    'list': _list_action,
    'cta_url': _link_action,
    'flow': _flow_action,
    'location_request_message': _named('send_location'),
    'request_contact_info': _named('request_contact_info'),
}
