"""Files that were uploaded or that people sent; what is large lies on disk or is made while it is sent."""

import base64
import hashlib
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import send_checks
from .errors import GraphError, bad_value, missing

MEGABYTE = 1024 * 1024
#: Bytes of an upload that are kept in memory; the rest goes to a file.
IN_MEMORY = MEGABYTE
CHUNK = 64 * 1024
OFFICE = 'application/vnd.openxmlformats-officedocument.'
LIMITS = {
    'audio/aac': 16, 'audio/amr': 16, 'audio/mpeg': 16, 'audio/mp4': 16, 'audio/ogg': 16,
    'image/jpeg': 5, 'image/png': 5, 'image/webp': 0.5, 'video/mp4': 16, 'video/3gpp': 16,
    'text/plain': 100, 'application/pdf': 100, 'application/msword': 100, 'application/vnd.ms-excel': 100,
    'application/vnd.ms-powerpoint': 100, OFFICE + 'wordprocessingml.document': 100,
    OFFICE + 'spreadsheetml.sheet': 100, OFFICE + 'presentationml.presentation': 100,
}
#: What the message types take besides a document, which takes any [S26:messages/*]; the sizes of stickers differ.
STICKER_BYTES = {False: 100 * 1024, True: 500 * 1024}
#: How files begin that Meta tells apart by their content; the others are taken as they are called.
SIGNATURES = {
    'image/jpeg': rb'\xff\xd8\xff', 'image/png': rb'\x89PNG\r\n', 'image/webp': rb'RIFF....WEBP',
    'video/mp4': rb'....ftyp', 'video/3gpp': rb'....ftyp', 'audio/mp4': rb'....ftyp', 'audio/ogg': rb'OggS',
    'audio/amr': rb'#!AMR', 'audio/aac': rb'\xff[\xf0\xf1\xf8\xf9]',
    'audio/mpeg': rb'ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]', 'application/pdf': rb'%PDF',
}
#: Seconds for which the files of people are kept [CL:2025-09-24].
INBOUND_KEPT = 7 * 86400.0
MEDIA_ID_START = 700_000_000_000_000


def limit_of(mime_type):
    """Return the size limit of a type in bytes, or raise Meta's refusal of the type."""
    if mime_type not in LIMITS:
        raise GraphError(100, message=f'(#100) Param file must be a file with one of the following types:'
                                      f' {", ".join(sorted(LIMITS))}. Received file of type \'{mime_type}\'.')
    return int(LIMITS[mime_type] * MEGABYTE)


def check_content(mime_type, source):
    """Refuse a file that is not what it is called, or a sticker that is too large."""
    signature = SIGNATURES.get(mime_type)
    if signature and not re.match(signature, source.read(0, 16), re.DOTALL):
        raise GraphError(131053, f'The file is not of the type {mime_type}')
    if mime_type == 'image/webp':
        # animated ones say so in the flags of their extended header
        start = source.read(0, 21)
        animated = start[12:16] == b'VP8X' and bool(start[20:] and start[20] & 2)
        if source.size > STICKER_BYTES[animated]:
            raise GraphError(131053, f'The sticker is larger than {STICKER_BYTES[animated]} bytes')


def kind_of(mime_type):
    """Return the message type that carries files of a mime type."""
    if mime_type == 'image/webp':
        return 'sticker'
    kind = mime_type.split('/')[0]
    return kind if kind in ('audio', 'image', 'video') else 'document'


@dataclass
class MediaFile:
    """One file; `read(position, size)` gives its bytes, so that nobody has to hold all of them."""

    phone_id: str
    mime_type: str
    size: int
    digest: bytes
    read: Callable
    expires: float
    fault: str = ''
    fault_seconds: float | None = None
    fault_times: int | None = None

    @property
    def told_digest(self):
        """What Meta says the hash is."""
        return hashlib.sha256(self.digest).digest() if self.fault == 'wrong_hash' else self.digest

    @property
    def sha256(self):
        """The hash as GET /<MEDIA_ID> writes it."""
        return self.told_digest.hex()

    @property
    def sha256_base64(self):
        """The hash as webhooks write it."""
        return base64.b64encode(self.told_digest).decode()

    @property
    def mark(self):
        """What a link must carry to be this file's."""
        return self.digest.hex()[:16]

    def chunks(self, size=CHUNK):
        """Yield the bytes piece by piece."""
        for position in range(0, self.size, size):
            yield self.read(position, min(size, self.size - position))

    def take_fault(self):
        """Return what goes wrong with this download, '' = nothing; a fault with `times` is used up."""
        if self.fault_times is None:
            return self.fault
        self.fault_times -= 1
        return self.fault if self.fault_times >= 0 else ''


class Upload:
    """A file that comes in piece by piece."""

    def __init__(self):
        """Start empty."""
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  lives as long as the medium
        self.hash = hashlib.sha256()
        self.size = 0

    def add(self, chunk):
        """Take the next bytes."""
        self.file.write(chunk)
        self.hash.update(chunk)
        self.size += len(chunk)

    def read(self, position, size):
        """Return bytes of it."""
        self.file.seek(position)
        return self.file.read(size)


def upload_of(content):
    """Return an upload of bytes that are there already."""
    upload = Upload()
    upload.add(content)
    return upload


class Filled:
    """A file of any size that is made while it is read: its beginning, then filling."""

    def __init__(self, beginning, size):
        """Take the first bytes and the size of the whole."""
        self.beginning, self.size = beginning[:size], size
        self.hash = hashlib.sha256()
        for position in range(0, size, CHUNK):
            self.hash.update(self.read(position, min(CHUNK, size - position)))

    def read(self, position, size):
        """Return bytes of it."""
        return (self.beginning[position:position + size] + b'.' * size)[:size]


class MediaStore:
    """Media by id, with links that expire."""

    def __init__(self, sim):
        """Take the simulator for ids and settings."""
        self.sim = sim
        self.items = {}

    def add(self, phone_id, mime_type, source, kept=None, **fault):
        """Keep a file (`Upload` or `Filled`) and return its id.

        `kept` = seconds, by default as the settings say; `fault` = the fault fields of `MediaFile`.
        """
        media_id = self.sim.object_id('media', MEDIA_ID_START)
        expires = time.time() + (self.sim.settings.media_kept_seconds if kept is None else kept)
        self.items[media_id] = MediaFile(
            phone_id, mime_type, source.size, source.hash.digest(), source.read, expires, **fault)
        return media_id

    def find(self, media_id):
        """Return a file by its id, None when there is none or its time is over."""
        item = self.items.get(media_id)
        if item is not None and item.expires <= time.time():
            del self.items[media_id]
            return None
        return item

    def link(self, media_id, base_url, seconds=None):
        """Return a link that lives for so many seconds, by default as long as the settings say."""
        life = self.sim.settings.media_url_seconds if seconds is None else seconds
        expires = int((time.time() + life) * 1000)
        query = f'mid={media_id}&ext={expires}&hash={self.items[media_id].mark}'
        return f'{base_url}/whatsapp_business/attachments/?{query}'

    def describe(self, media_id, base_url):
        """Return the answer of GET /<MEDIA_ID> with a fresh link."""
        item = self.items[media_id]
        return {'messaging_product': 'whatsapp', 'url': self.link(media_id, base_url), 'mime_type': item.mime_type,
                'sha256': item.sha256, 'file_size': str(item.size), 'id': media_id}

    def by_link(self, query):
        """Return the file behind a link's query, or None when it is wrong or expired."""
        item = self.items.get(query.get('mid', ''))
        expires = query.get('ext', '')
        if item is None or query.get('hash') != item.mark or not expires.isdigit():
            return None
        return item if int(expires) >= time.time() * 1000 else None

    def check_reference(self, phone_id, reference, kind, place, *, template=False, voice=False):
        """Check an object with `id` or `link` of a message from a number; raise Meta's refusal.

        A file in a template has no caption, and a document there is a PDF [OA]; a voice message is ogg.
        """
        if not isinstance(reference, dict) or not (reference.get('id') or reference.get('link')):
            raise missing(f'{place}: {kind} needs an id or a link')
        if template:
            send_checks.only(reference, {'id', 'link', 'filename'} if kind == 'document' else {'id', 'link'}, place)
        if reference.get('id') and reference.get('link'):
            raise bad_value(f'{place}: {kind} has an id and a link, only one of them is allowed')
        if reference.get('link'):
            send_checks.link(reference['link'], f"{kind}['link']")
            return
        item = self.find(str(reference['id']))
        if item is None or item.phone_id != phone_id:
            raise bad_value(f"{place}: Param {kind}['id'] is not a valid whatsapp business account media attachment ID")
        self._check_type(item.mime_type.split(';')[0], kind, place, template, voice)

    @staticmethod
    def _check_type(mime_type, kind, place, template, voice):
        fits = mime_type == 'application/pdf' if template else True
        if kind == 'document' and not fits or kind != 'document' and kind_of(mime_type) != kind:
            raise GraphError(131053, f'{place}: {mime_type} cannot be sent as {kind}')
        if voice and mime_type != 'audio/ogg':
            raise GraphError(131053, f'{place}: {mime_type} cannot be sent as a voice message')
