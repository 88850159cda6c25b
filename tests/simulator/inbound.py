"""What a person can send: from the words of the control port to an item of `messages[]` as Meta writes it.

`content_of` takes a dict with exactly one of the keys of `KINDS` and any of `AROUND`.
"""

import base64
import json

from .errors import status_error
from .media_faults import FAULTS
from .media_store import INBOUND_KEPT, MEGABYTE, Filled, upload_of

#: Larger files do not come through [S26:webhooks/reference, error 131052].
LARGEST_MEDIUM = 100 * MEGABYTE
UNKNOWN_TYPE = 131051
UNREADABLE_MEDIUM = 131052
AROUND = {'phone_number_id', 'context', 'forwarded', 'frequently_forwarded', 'referred_product', 'referral', 'at'}
MEDIUM_KEYS = {'caption', 'filename', 'mime_type', 'animated', 'text', 'base64', 'size', 'fault', 'seconds', 'times'}
#: Type and first bytes of each kind of file.
SAMPLES = {
    'image': ('image/jpeg', b'\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00'),
    'video': ('video/mp4', b'\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom'),
    'audio': ('audio/mpeg', b'ID3\x04\x00\x00\x00\x00\x00\x00'),
    'voice': ('audio/ogg; codecs=opus', b'OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00OpusHead'),
    'document': ('application/pdf', b'%PDF-1.4\n%invented\n'),
    'sticker': ('image/webp', b'RIFF\x24\x00\x00\x00WEBPVP8 '),
}
REFERRAL = {
    'source_url': 'https://fb.me/7hQinvented', 'source_id': '120244700158830917', 'source_type': 'ad',
    'body': 'Spring check for 39 euros', 'headline': 'Write to us', 'media_type': 'image',
    'image_url': 'https://scontent.example.net/v/t45.1/ad-0417.jpg', 'ctwa_clid': 'AffQ2mXh0dInventedClickId7n0aL',
}


def content_of(sim, number, data):
    """Return the part of a `messages[]` entry that depends on what was sent.

    Raises ValueError, KeyError or TypeError for words that make no message.
    """
    kinds = set(data) - AROUND
    if len(kinds) != 1 or not kinds <= set(KINDS):
        raise ValueError(f'exactly one of {", ".join(KINDS)} and any of {", ".join(sorted(AROUND))}')
    kind, = kinds
    return {**_around(sim, number, data), **KINDS[kind](sim, number, data[kind])}


def _around(sim, number, data):
    """Return `context` and `referral`: what a message quotes and how the person came."""
    context = {key: data[key] for key in ('forwarded', 'frequently_forwarded', 'referred_product') if data.get(key)}
    if data.get('context'):
        context = {'from': sim.world.own_digits(number), 'id': data['context'], **context}
    around = {'context': context} if context else {}
    if data.get('referral'):
        around['referral'] = REFERRAL if data['referral'] is True else {**REFERRAL, **data['referral']}
    return around


def _plain(kind, *wanted):
    """Return the builder of a type that is sent as it is given, with the named keys at least."""
    def build(_sim, _number, given):
        for key in wanted:
            given[key]  # noqa: B018  a missing one is the caller's mistake
        return {'type': kind, kind: given}
    return build


def _text(_sim, _number, given):
    if not isinstance(given, str) or not given:
        raise ValueError('text must be a text that is not empty')
    return {'type': 'text', 'text': {'body': given}}


def _interactive(kind, *wanted):
    def build(_sim, _number, given):
        reply = {**given, **{key: given[key] for key in wanted}}
        return {'type': 'interactive', 'interactive': {'type': kind, kind: reply}}
    return build


def _form(_sim, _number, given):
    """Return the answer of a flow; `response` (an object) is written as the text that Meta sends."""
    reply = {'name': 'flow', 'body': 'Sent', **{key: given[key] for key in given.keys() - {'response'}}}
    reply.setdefault('response_json', json.dumps(given.get('response', {})))
    return {'type': 'interactive', 'interactive': {'type': 'nfm_reply', 'nfm_reply': reply}}


def _contacts(_sim, _number, cards):
    if not isinstance(cards, list) or not cards:
        raise ValueError('contacts is a list of cards')
    return {'type': 'contacts', 'contacts': cards}


def _reaction(_sim, _number, given):
    """Return a reaction; without `emoji` an earlier one is taken back."""
    emoji = {'emoji': given['emoji']} if given.get('emoji') else {}
    return {'type': 'reaction', 'reaction': {'message_id': given['message_id'], **emoji}}


def _edit(sim, number, given):
    """Return an edit: the whole new message inside, whose own context Meta fills with a stand-in."""
    kinds = set(given) - {'original_message_id'}
    if len(kinds) != 1 or not kinds <= {'text', 'image', 'video', 'document'}:
        raise ValueError('edit needs original_message_id and one of text, image, video, document')
    kind, = kinds
    message = {'context': {'id': 'M0'}, **KINDS[kind](sim, number, given[kind])}
    return {'type': 'edit', 'edit': {'original_message_id': given['original_message_id'], 'message': message}}


def _unsupported(_sim, _number, given):
    content = {'type': 'unsupported', 'errors': [status_error(UNKNOWN_TYPE)]}
    return {**content, 'unsupported': {'type': given}} if given else content


# --- Media ---------------------------------------------------------------------------------------------------------


def _medium(kind):
    """Return the builder of a message with a file."""
    def build(sim, number, given):
        unknown = given.keys() - MEDIUM_KEYS
        if unknown:
            raise ValueError(f'unknown key {min(unknown)}')
        if int(given.get('size', 0)) > LARGEST_MEDIUM:
            return {'type': 'unsupported', 'errors': [status_error(UNREADABLE_MEDIUM)]}
        media_type = 'audio' if kind == 'voice' else kind
        return {'type': media_type, media_type: _reference(sim, number, kind, given)}
    return build


def _reference(sim, number, kind, given):
    media_id = _keep(sim, number, kind, given)
    item = sim.media.items[media_id]
    life = -1 if item.fault == 'expired_link' else None
    reference = {key: given[key] for key in ('caption', 'filename', 'animated') if key in given}
    if kind in ('audio', 'voice'):
        reference['voice'] = kind == 'voice'
    return {**reference, 'mime_type': item.mime_type, 'sha256': item.sha256_base64, 'id': media_id,
            'url': sim.media.link(media_id, sim.graph_url, life)}


def _keep(sim, number, kind, given):
    """Put the file into the store and return its id."""
    if given.get('fault', FAULTS[0]) not in FAULTS:
        raise ValueError(f'a fault is one of {", ".join(FAULTS)}')
    mime_type, sample = SAMPLES[kind]
    content = _bytes_of(given, sample)
    source = Filled(content, int(given['size'])) if 'size' in given else upload_of(content)
    return sim.media.add(
        number['id'], given.get('mime_type', mime_type), source, INBOUND_KEPT, fault=given.get('fault', ''),
        fault_seconds=given.get('seconds'), fault_times=given.get('times'))


def _bytes_of(given, sample):
    if 'base64' in given:
        return base64.b64decode(given['base64'], validate=True)
    return given['text'].encode() if 'text' in given else sample


KINDS = {
    'text': _text,
    **{kind: _medium(kind) for kind in SAMPLES},
    'location': _plain('location', 'latitude', 'longitude'),
    'contacts': _contacts,
    'button': _plain('button', 'text', 'payload'),
    'button_reply': _interactive('button_reply', 'id', 'title'),
    'list_reply': _interactive('list_reply', 'id', 'title'),
    'nfm_reply': _form,
    'call_permission_reply': _interactive('call_permission_reply', 'response'),
    'order': _plain('order', 'catalog_id', 'product_items'),
    'reaction': _reaction,
    'edit': _edit,
    'revoke': _plain('revoke', 'original_message_id'),
    'unsupported': _unsupported,
}
