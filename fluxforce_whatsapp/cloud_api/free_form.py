"""Contents of messages that need no template, and their limits [S26:messages/*].

A content is ``{'type': T, T: {…}}`` as it stands in the outbox and in Meta's body. Meta takes these only while the
service window is open (131047 otherwise).
"""
# There is no env here, see words. pylint: disable=prefer-env-translation

import re
from datetime import date

from . import checks, const, interactive
from .checks import PayloadError, refuse
from .words import Words, _lt

_NAME_PARTS = ('first_name', 'last_name', 'middle_name', 'suffix', 'prefix')
_ADDRESS = ('street', 'city', 'state', 'zip', 'country', 'country_code', 'type')
_COMPANY = ('company', 'department', 'title')
#: What of a contact is a list: its fields, the first one required, and what that is called.
_LISTS = {
    'phones': (('phone', 'type', 'wa_id'), _lt('%(part)s, phone')),
    'emails': (('email', 'type'), _lt('%(part)s, email')),
    'urls': (('url', 'type'), _lt('%(part)s, website')),
}
_WAMID = re.compile(r'[!-~]+')


# --- Making them ---------------------------------------------------------------------------------------------------


def text(body, preview_url=False):
    """Make a text. :rtype: dict"""
    return {'type': 'text', 'text': {'body': body, 'preview_url': bool(preview_url)}}


def file(kind, media, caption='', filename='', voice=False):
    """Make a message with a file.

    :param str kind: ``image``, ``video``, ``audio``, ``document`` or ``sticker``
    :param dict media: ``{'id': …}`` or ``{'link': …}``
    :param str caption: not for sound and stickers
    :param str filename: for documents
    :param bool voice: whether a sound is shown as a voice message; Meta takes ogg with opus for it
    :rtype: dict
    """
    extra = {'caption': caption, 'filename': filename, 'voice': voice}
    return {'type': kind, kind: {**media, **{name: value for name, value in extra.items() if value}}}


def location(latitude, longitude, name='', address=''):
    """Make a place. :rtype: dict"""
    place = {'latitude': latitude, 'longitude': longitude, 'name': name, 'address': address}
    return {'type': 'location', 'location': {key: value for key, value in place.items() if value not in ('', None)}}


def contacts(cards):
    """Make contacts to save. :param list cards: in Meta's form, ``name``, ``phones`` … :rtype: dict"""
    return {'type': 'contacts', 'contacts': cards}


def reaction(message_id, emoji):
    """Make a reaction. :param str emoji: '' takes an earlier one back :rtype: dict"""
    return {'type': 'reaction', 'reaction': {'message_id': message_id, 'emoji': emoji}}


def interactive_content(content):
    """Make a message with buttons or a list. :param dict content: see :mod:`interactive` :rtype: dict"""
    return {'type': 'interactive', 'interactive': content}


# --- Looking at them -----------------------------------------------------------------------------------------------


def checked(content):
    """Check a content against Meta's limits.

    :param dict content: ``type`` and under its name the content itself
    :return: the same without what Meta does not know
    :rtype: dict
    :raise PayloadError: naming the part and what to do
    """
    content = checks.mapping('content', content, Words(_lt('Content')))
    kind = content.get('type')
    if kind not in _CHECKS:
        raise refuse('type', _lt('Messages of the kind "%(kind)s" cannot be sent. Choose another kind.'), kind=kind)
    return {'type': kind, kind: _CHECKS[kind](content.get(kind))}


def _text(given):
    given = checks.mapping('text', given, Words(_lt('Text')))
    return {'body': checks.text('body', given.get('body'), const.TEXT_BODY_MAX, Words(_lt('Text'))),
            'preview_url': bool(given.get('preview_url'))}


def _file(kind, *extras):
    def check(given):
        media = checks.media(kind, given, filename='filename' in extras)
        if 'caption' in extras and (caption := _caption(given)):
            media['caption'] = caption
        if 'caption' not in extras and given.get('caption'):
            raise refuse('caption', _lt('Sound and stickers have no caption. Send the text as its own message.'))
        if 'voice' in extras and given.get('voice'):
            media['voice'] = True
        return media
    return check


def _caption(given):
    return checks.optional_text('caption', given.get('caption'), const.CAPTION_MAX, Words(_lt('Caption')))


def _location(given):
    return checks.location('location', given, Words(_lt('Location')))


def _reaction(given):
    given = checks.mapping('reaction', given, Words(_lt('Reaction')))
    emoji = given.get('emoji') or ''
    if not isinstance(emoji, str) or len(emoji) > const.EMOJI_MAX or emoji.isascii() and emoji:
        raise refuse('emoji', _lt('A reaction is one emoji. Choose one.'))
    return {'message_id': message_id(given.get('message_id')), 'emoji': emoji}


def message_id(value):
    """Check the id of a message. :rtype: str"""
    if not isinstance(value, str) or not _WAMID.fullmatch(value) or len(value) > const.ID_MAX:
        raise refuse('message_id', _lt('The message that is meant is not known. Choose one that arrived.'))
    return value


# --- Contacts ------------------------------------------------------------------------------------------------------


def _contacts(given):
    cards = checks.rows('contacts', given, 1, const.CONTACTS_MAX, Words(_lt('Contacts')))
    return [_card(number, card) for number, card in enumerate(cards, 1)]


def _card(number, card):
    where = Words(_lt('Contact %(number)s'), number=number)
    result = {'name': _name(where, card.get('name'))}
    for name, (keys, words) in _LISTS.items():
        if card.get(name):
            part = Words(words, part=where)
            result[name] = [_entry(part, entry, keys) for entry in _entries(part, card[name])]
    if card.get('addresses'):
        result['addresses'] = [_texts(where, entry, _ADDRESS) for entry in _entries(where, card['addresses'])]
    if card.get('org') and (company := _texts(where, checks.mapping('contacts', card['org'], where), _COMPANY)):
        result['org'] = company
    if card.get('birthday'):
        result['birthday'] = _birthday(where, card['birthday'])
    return result


def _entries(where, given):
    return checks.rows('contacts', given, 1, const.CONTACTS_MAX, where)


def _name(where, given):
    """A name needs a part besides its full form [S26:messages/contacts-messages]; without one it is the first name."""
    part = Words(_lt('%(part)s, name'), part=where)
    given = checks.mapping('contacts', given, part)
    full = checks.text('contacts', given.get('formatted_name'), const.CONTACT_TEXT_MAX, part)
    parts = _texts(part, given, _NAME_PARTS)
    return {'formatted_name': full, **(parts or {'first_name': full})}


def _entry(where, given, keys):
    first = keys[0]
    value = checks.text('contacts', given.get(first), const.CONTACT_TEXT_MAX, where)
    if first == 'url':
        value = checks.link('contacts', value, where)
    return {first: value, **_texts(where, given, keys[1:])}


def _texts(where, given, names):
    result = {}
    for name in names:
        if value := checks.optional_text('contacts', given.get(name), const.CONTACT_TEXT_MAX, where):
            result[name] = value
    return result


def _birthday(where, value):
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        words = Words(_lt('%(part)s: the birthday must look like 1990-12-31.'), part=where)
        raise PayloadError('contacts', words) from error


_CHECKS = {
    'text': _text,
    'image': _file('image', 'caption'),
    'video': _file('video', 'caption'),
    'audio': _file('audio', 'voice'),
    'document': _file('document', 'caption', 'filename'),
    'sticker': _file('sticker'),
    'location': _location,
    'contacts': _contacts,
    'reaction': _reaction,
    'interactive': interactive.checked,
}
#: Types of messages that need no template.
KINDS = tuple(_CHECKS)
