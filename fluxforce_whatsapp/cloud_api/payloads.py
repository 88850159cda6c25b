"""Bodies of ``POST /<PHONE_ID>/messages`` [M26:message-api]. Pure: nothing is sent from here.

Free-form messages all have the signature ``f(to, content, key, reply_to=None)``: ``to`` is an E.164 number with ``+``
or a BSUID (``CC.xxxx``), ``key`` the message's own key, which comes back in each of its statuses, ``reply_to`` the id
(``wamid.…``) of the message that is quoted. Each raises :class:`PayloadError` for what Meta would refuse.
"""
# There is no env here, see words. pylint: disable=prefer-env-translation

import re

from . import checks, const, free_form
from .checks import PayloadError, refuse
from .words import Words, _lt

__all__ = [
    'PayloadError', 'audio_message', 'contacts_message', 'document_message', 'free_form_message', 'image_message',
    'interactive_message', 'location_message', 'reaction_message', 'read_receipt', 'recipient', 'sticker_message',
    'template_message', 'text_message', 'typing_indicator', 'video_message',
]

#: E.164 with its plus sign; without it Meta may put the business's own country code in front [M26:message-api].
_E164 = re.compile(r'\+[1-9][0-9]{5,14}')
#: ``CC.<id>``, or ``CC.ENT.<id>`` for a parent BSUID [M26:business_scoped_user_ids].
_BSUID = re.compile(rf'[A-Z]{{2}}\.(?:ENT\.)?[A-Za-z0-9]{{1,{const.BSUID_MAX}}}')


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
        'name': checks.text('name', name, const.TEMPLATE_NAME_MAX, Words(_lt('Name of the template'))),
        'language': {'code': checks.text('language', language, const.TEMPLATE_NAME_MAX,
                                         Words(_lt('Language of the template')))},
    }
    if components:
        template['components'] = components
    return {**_envelope(to, key), 'type': 'template', 'template': template}


# --- Without a template --------------------------------------------------------------------------------------------


def free_form_message(to, content, key, reply_to=None):
    """Build any message that needs no template.

    :param dict content: ``{'type': T, T: {…}}``, see :mod:`free_form`
    :rtype: dict
    """
    payload = {**_envelope(to, key), **free_form.checked(content)}
    if not reply_to:
        return payload
    if payload['type'] == const.MESSAGE_REACTION:
        raise refuse('reply_to', _lt('A reaction belongs to a message already. It cannot quote another one.'))
    return {**payload, 'context': {'message_id': free_form.message_id(reply_to)}}


def text_message(to, body, key, preview_url=False, reply_to=None):
    """Build a text message.

    :param str body: the text, up to 4096 characters
    :param bool preview_url: whether WhatsApp shows a preview of the first link
    :rtype: dict
    """
    return free_form_message(to, free_form.text(body, preview_url), key, reply_to)


def image_message(to, image, key, reply_to=None):
    """Build a picture. :param dict image: ``id`` or ``link``, perhaps ``caption`` :rtype: dict"""
    return free_form_message(to, {'type': 'image', 'image': image}, key, reply_to)


def video_message(to, video, key, reply_to=None):
    """Build a film. :param dict video: ``id`` or ``link``, perhaps ``caption`` :rtype: dict"""
    return free_form_message(to, {'type': 'video', 'video': video}, key, reply_to)


def audio_message(to, audio, key, reply_to=None):
    """Build a sound. :param dict audio: ``id`` or ``link``; ``voice`` makes it a voice message :rtype: dict"""
    return free_form_message(to, {'type': 'audio', 'audio': audio}, key, reply_to)


def document_message(to, document, key, reply_to=None):
    """Build a document. :param dict document: ``id`` or ``link``, perhaps ``caption``, ``filename`` :rtype: dict"""
    return free_form_message(to, {'type': 'document', 'document': document}, key, reply_to)


def sticker_message(to, sticker, key, reply_to=None):
    """Build a sticker. :param dict sticker: ``id`` or ``link`` :rtype: dict"""
    return free_form_message(to, {'type': 'sticker', 'sticker': sticker}, key, reply_to)


def location_message(to, location, key, reply_to=None):
    """Build a place.

    :param dict location: ``latitude``, ``longitude``, perhaps ``name``, ``address``
    :rtype: dict
    """
    return free_form_message(to, {'type': 'location', 'location': location}, key, reply_to)


def contacts_message(to, contacts, key, reply_to=None):
    """Build contacts to save. :param list contacts: cards in Meta's form :rtype: dict"""
    return free_form_message(to, free_form.contacts(contacts), key, reply_to)


def reaction_message(to, reaction, key, reply_to=None):
    """Build a reaction. :param dict reaction: ``message_id``, ``emoji``; '' takes it back :rtype: dict"""
    return free_form_message(to, {'type': 'reaction', 'reaction': reaction}, key, reply_to)


def interactive_message(to, interactive, key, reply_to=None):
    """Build a message with buttons, a list or a form. :param dict interactive: see :mod:`interactive` :rtype: dict"""
    return free_form_message(to, free_form.interactive_content(interactive), key, reply_to)


# --- About a received message --------------------------------------------------------------------------------------


def read_receipt(message_id):
    """Build what marks a received message, and those before it, as read [S26:messages/mark-message-as-read].

    :param str message_id: ``wamid.…`` of the received message, at most 30 days old
    :rtype: dict
    """
    return {'messaging_product': 'whatsapp', 'status': 'read', 'message_id': free_form.message_id(message_id)}


def typing_indicator(message_id):
    """Build what shows that an answer is being written; it marks the message as read too [M26:typing_indicators].

    It ends with the answer, or after 25 seconds.

    :param str message_id: ``wamid.…`` of the received message
    :rtype: dict
    """
    return {**read_receipt(message_id), 'typing_indicator': {'type': 'text'}}


# --- Around all of them --------------------------------------------------------------------------------------------


def recipient(to):
    """Name the person as Meta wants it: ``to`` for a phone number, ``recipient`` for a BSUID [CL:2026-06-29].

    :param str to: E.164 number with ``+``, or a BSUID
    :rtype: dict
    :raise PayloadError: if it is neither
    """
    value = to.strip() if isinstance(to, str) else ''
    if not value:
        raise refuse('to', _lt('There is no phone number to send to.'))
    if _E164.fullmatch(value):
        return {'to': value}
    if _BSUID.fullmatch(value):
        return {'recipient': value}
    raise refuse('to', _lt('The phone number is not in international form, like +12025550123.'))


def _envelope(to, key):
    return {
        'messaging_product': 'whatsapp',
        'recipient_type': 'individual',
        **recipient(to),
        # Without it a message whose answer got lost could never be settled by its status.
        'biz_opaque_callback_data': checks.text('key', key, const.CALLBACK_DATA_MAX, Words(_lt('Key of the message'))),
    }
