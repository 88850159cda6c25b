"""Bodies of ``POST /<PHONE_ID>/messages`` [M26:message-api]. Pure: nothing is sent from here."""

import re

from . import const

#: E.164 with its plus sign; without it Meta may put the business's own country code in front [M26:message-api].
_E164 = re.compile(r'\+[1-9][0-9]{5,14}')
#: ``CC.<id>``, or ``CC.ENT.<id>`` for a parent BSUID [M26:business_scoped_user_ids].
_BSUID = re.compile(rf'[A-Z]{{2}}\.(?:ENT\.)?[A-Za-z0-9]{{1,{const.BSUID_MAX}}}')


class PayloadError(ValueError):
    """Something Meta would refuse, found before the call.

    :ivar str field: the argument at fault
    """

    def __init__(self, field, message):
        super().__init__(message)
        self.field = field


def template_message(to, name, language, components, key):
    """Build a template message.

    :param str to: E.164 number with ``+``, or a BSUID (``CC.xxxx``)
    :param str name: the template's name at Meta
    :param str language: its language code, e.g. ``en_US``
    :param list components: the filled parameters, see ``templates.parameter_components``; may be empty
    :param str key: the message's own key, comes back in each of its statuses; up to 512 characters
    :rtype: dict
    :raise PayloadError: if an argument is empty, malformed or too long
    """
    template = {
        'name': _text('name', name, const.TEMPLATE_NAME_MAX),
        'language': {'code': _text('language', language, const.TEMPLATE_NAME_MAX)},
    }
    if components:
        template['components'] = components
    return {**_envelope(to, key), 'type': 'template', 'template': template}


def text_message(to, body, key, preview_url=False, reply_to=None):
    """Build a text message; Meta takes it only while the service window is open (131047 otherwise).

    :param str to: E.164 number with ``+``, or a BSUID (``CC.xxxx``)
    :param str body: the text, up to 4096 characters
    :param str key: the message's own key, up to 512 characters
    :param bool preview_url: whether WhatsApp shows a preview of the first link
    :param reply_to: id (``wamid.…``) of the message this one quotes, or None
    :rtype: dict
    :raise PayloadError: if an argument is empty, malformed or too long
    """
    text = {'body': _text('body', body, const.TEXT_BODY_MAX), 'preview_url': bool(preview_url)}
    payload = {**_envelope(to, key), 'type': 'text', 'text': text}
    if reply_to:
        payload['context'] = {'message_id': reply_to}
    return payload


def recipient(to):
    """Name the person as Meta wants it: ``to`` for a phone number, ``recipient`` for a BSUID [CL:2026-06-29].

    :param str to: E.164 number with ``+``, or a BSUID
    :rtype: dict
    :raise PayloadError: if it is neither
    """
    value = to.strip() if isinstance(to, str) else ''
    if not value:
        raise PayloadError('to', 'There is no phone number to send to.')
    if _E164.fullmatch(value):
        return {'to': value}
    if _BSUID.fullmatch(value):
        return {'recipient': value}
    raise PayloadError('to', 'The phone number is not in international form, like +12025550123.')


def _envelope(to, key):
    return {
        'messaging_product': 'whatsapp',
        'recipient_type': 'individual',
        **recipient(to),
        # Without it a message whose answer got lost could never be settled by its status.
        'biz_opaque_callback_data': _text('key', key, const.CALLBACK_DATA_MAX),
    }


def _text(field, value, limit):
    if not isinstance(value, str) or not value.strip():
        raise PayloadError(field, f'The {field} is empty.')
    if len(value) > limit:
        raise PayloadError(field, f'The {field} has {len(value)} characters, WhatsApp takes {limit}.')
    return value
