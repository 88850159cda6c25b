"""Messages without a template: the object under the name of their type. Each returns what the log keeps."""

import re
from datetime import date
from functools import partial

from . import send_checks as checks
from .errors import GraphError, bad_value, missing
from .send_interactive import check_interactive

MEDIA_KEYS = {'image': {'caption'}, 'video': {'caption'}, 'audio': {'voice'}, 'document': {'caption', 'filename'},
              'sticker': set()}
TEXT_MAX = 4096
CAPTION_MAX = 1024
CONTACT_MAX = 1024
#: Keys of a contact that hold lists: the keys of their items, the first one required.
LISTS = {'phones': ('phone', 'type', 'wa_id'), 'emails': ('email', 'type'), 'urls': ('url', 'type')}
ADDRESS = {'street', 'city', 'state', 'zip', 'country', 'country_code', 'type'}
NAME = {'formatted_name', 'first_name', 'last_name', 'middle_name', 'suffix', 'prefix'}
COMPANY = {'company', 'department', 'title'}


def check_text(call, params):
    """Check `text`."""
    text = params['text']
    checks.only(text, {'body', 'preview_url'}, 'text')
    if not isinstance(text.get('preview_url', False), bool):
        raise bad_value("Param text['preview_url'] must be a boolean")
    body = text.get('body')
    if body is None:
        raise missing("The parameter text['body'] is required.")
    if not isinstance(body, str) or not 1 <= len(body) <= TEXT_MAX:
        raise GraphError(100, f"Param text['body'] must be between 1 and {TEXT_MAX} characters long.")
    return body


def check_media(call, params):
    """Check the object of a file."""
    kind = params['type']
    given = params[kind]
    checks.only(given, {'id', 'link', *MEDIA_KEYS[kind]}, kind)
    voice = given.get('voice', False)
    if not isinstance(voice, bool):
        raise bad_value(f"Param {kind}['voice'] must be a boolean")
    call.sim.media.check_reference(call.object_id, given, kind, kind, voice=voice)
    checks.optional_text(given, 'filename', kind, 240)
    caption = given.get('caption', '')
    if not isinstance(caption, str) or len(caption) > CAPTION_MAX:
        raise GraphError(100, f"Param {kind}['caption'] must be at most {CAPTION_MAX} characters long.")
    return caption


def check_location(call, params):
    """Check `location`."""
    checks.place(params['location'], 'location')
    return params['location'].get('name', '')


def check_interactive_message(call, params):
    """Check `interactive`."""
    return check_interactive(params['interactive'], partial(call.sim.media.check_reference, call.object_id))


def check_reaction(call, params):
    """Check `reaction`: to a message of this number, in or out."""
    given = params['reaction']
    checks.only(given, {'message_id', 'emoji'}, 'reaction')
    if 'context' in params:
        raise GraphError(100, 'A reaction cannot be a reply: unexpected key "context" on param "message"')
    wamid = checks.text(given, 'message_id', 'reaction', 512)
    known = call.sim.ledger.inbound_by_id.get(wamid)
    sent = call.sim.ledger.by_wamid.get(wamid)
    phone_id = known['phone_number_id'] if known else sent and sent.phone_number_id
    if phone_id != call.object_id:
        raise bad_value(f'Message id {wamid} is not a message of this number')
    emoji = given.get('emoji')
    if emoji is None:
        raise missing("The parameter reaction['emoji'] is required.")
    if not isinstance(emoji, str) or len(emoji) > 20 or (emoji and emoji.isascii()):
        raise bad_value("Param reaction['emoji'] is not an emoji")
    return emoji


# --- contacts ------------------------------------------------------------------------------------------------------


def check_contacts(call, params):
    """Check `contacts`."""
    cards = checks.rows(params['contacts'], 'contacts', 1, 257)
    for position, card in enumerate(cards):
        _check_card(card, f'contacts[{position}]')
    return ', '.join(card['name']['formatted_name'] for card in cards)


def _check_card(card, where):
    checks.only(card, {'name', 'org', 'birthday', 'addresses', *LISTS}, where)
    name = card.get('name')
    if not isinstance(name, dict):
        raise missing(f"The parameter {where}['name'] is required.")
    _check_texts(name, NAME, f"{where}['name']")
    checks.text(name, 'formatted_name', f"{where}['name']", CONTACT_MAX)
    if len(name) < 2:
        raise missing(f"{where}['name'] needs formatted_name and at least one other part")
    for key, keys in LISTS.items():
        for item in checks.rows(card[key], f"{where}['{key}']", 1, 257) if key in card else ():
            _check_texts(item, set(keys), f"{where}['{key}']")
            checks.text(item, keys[0], f"{where}['{key}']", CONTACT_MAX)
    for item in checks.rows(card['addresses'], f"{where}['addresses']", 1, 257) if 'addresses' in card else ():
        _check_texts(item, ADDRESS, f"{where}['addresses']")
    if 'org' in card:
        _check_texts(card['org'], COMPANY, f"{where}['org']")
    if 'birthday' in card:
        _check_birthday(card['birthday'], where)


def _check_texts(item, allowed, where):
    if not isinstance(item, dict):
        raise bad_value(f'Param {where} must be an object')
    checks.only(item, allowed, where)
    for key in item:
        checks.text(item, key, where, CONTACT_MAX)


def _check_birthday(value, where):
    try:
        good = isinstance(value, str) and re.fullmatch(r'\d{4}-\d\d-\d\d', value) and date.fromisoformat(value)
    except ValueError:
        good = False
    if not good:
        raise bad_value(f"Param {where}['birthday'] must be YYYY-MM-DD")


CONTENT = {
    'text': check_text, **dict.fromkeys(MEDIA_KEYS, check_media), 'location': check_location,
    'interactive': check_interactive_message, 'reaction': check_reaction, 'contacts': check_contacts,
}
