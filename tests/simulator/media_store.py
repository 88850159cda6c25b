"""Uploaded files, kept in memory."""

import hashlib
import time

from .errors import GraphError, bad_value, missing

MEGABYTE = 1024 * 1024
OFFICE = 'application/vnd.openxmlformats-officedocument.'
LIMITS = {
    'audio/aac': 16, 'audio/amr': 16, 'audio/mpeg': 16, 'audio/mp4': 16, 'audio/ogg': 16,
    'image/jpeg': 5, 'image/png': 5, 'image/webp': 0.5, 'video/mp4': 16, 'video/3gpp': 16,
    'text/plain': 100, 'application/pdf': 100, 'application/msword': 100, 'application/vnd.ms-excel': 100,
    'application/vnd.ms-powerpoint': 100, OFFICE + 'wordprocessingml.document': 100,
    OFFICE + 'spreadsheetml.sheet': 100, OFFICE + 'presentationml.presentation': 100,
}
MEDIA_ID_START = 700_000_000_000_000


def limit_of(mime_type):
    """Return the size limit of a type in bytes, or raise Meta's refusal of the type."""
    if mime_type not in LIMITS:
        raise GraphError(100, message=f'(#100) Param file must be a file with one of the following types:'
                                      f' {", ".join(sorted(LIMITS))}. Received file of type \'{mime_type}\'.')
    return int(LIMITS[mime_type] * MEGABYTE)


def kind_of(mime_type):
    """Return the message type that carries files of a mime type."""
    if mime_type == 'image/webp':
        return 'sticker'
    kind = mime_type.split('/')[0]
    return kind if kind in ('audio', 'image', 'video') else 'document'


class MediaStore:
    """Media by id, with links that expire."""

    def __init__(self, sim):
        """Take the simulator for ids and settings."""
        self.sim = sim
        self.items = {}

    def add(self, phone_id, mime_type, content):
        """Keep a file and return its id."""
        media_id = self.sim.object_id('media', MEDIA_ID_START)
        self.items[media_id] = {'phone_id': phone_id, 'mime_type': mime_type, 'content': content,
                                'sha256': hashlib.sha256(content).hexdigest()}
        return media_id

    def describe(self, media_id, base_url):
        """Return the answer of GET /<MEDIA_ID> with a fresh link."""
        item = self.items[media_id]
        expires = int((time.time() + self.sim.settings.media_url_seconds) * 1000)
        url = f'{base_url}/whatsapp_business/attachments/?mid={media_id}&ext={expires}&hash={item["sha256"][:16]}'
        return {'messaging_product': 'whatsapp', 'url': url, 'mime_type': item['mime_type'],
                'sha256': item['sha256'], 'file_size': str(len(item['content'])), 'id': media_id}

    def by_link(self, query):
        """Return the file behind a link's query, or None when it is wrong or expired."""
        item = self.items.get(query.get('mid', ''))
        expires = query.get('ext', '')
        if item is None or query.get('hash') != item['sha256'][:16] or not expires.isdigit():
            return None
        return item if int(expires) >= time.time() * 1000 else None

    def check_reference(self, reference, kind, place):
        """Check an object with `id` or `link` of a message; raise Meta's refusal."""
        if not isinstance(reference, dict) or not (reference.get('id') or reference.get('link')):
            raise missing(f'{place}: {kind} needs an id or a link')
        if reference.get('link'):
            if not str(reference['link']).startswith(('http://', 'https://')):
                raise bad_value(f"{place}: Param {kind}['link'] is not a valid URI.")
            return
        item = self.items.get(str(reference['id']))
        if item is None:
            raise bad_value(f"{place}: Param {kind}['id'] is not a valid whatsapp business account media attachment ID")
        if kind_of(item['mime_type']) != kind:
            raise GraphError(131053, f'{place}: {item["mime_type"]} cannot be sent as {kind}')
