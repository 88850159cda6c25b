"""Fetching a file a person sent, and judging it: whole, what it claims to be, with a name that does no harm."""

import base64
import binascii
import hashlib
import mimetypes
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from . import const
from .errors import (
    ApiError,
    CloudApiError,
    ForeignHostError,
    MediaTooLargeError,
    NotSentError,
    OutcomeUnknownError,
    SettingsError,
)
from .reading import integer, string

#: Answers to a link that has had its time. [M26:media, 2026-03-12; own reading of 401, 403 and 410]
_STALE = frozenset({401, 403, 404, 410})


class Problem(Enum):
    """Why a file is not here."""

    GONE = 'gone'
    REFUSED = 'refused'
    SETTINGS = 'settings'
    UNREACHABLE = 'unreachable'
    FOREIGN = 'foreign'
    TOO_LARGE = 'too_large'
    EMPTY = 'empty'
    DAMAGED = 'damaged'
    OTHER_TYPE = 'other_type'


#: Where another try cannot end differently. [own]
FINAL = frozenset({Problem.TOO_LARGE, Problem.OTHER_TYPE})


class MediaError(Exception):
    """A file could not be had.

    :ivar Problem problem: why
    :ivar str detail: for an administrator, without secrets; ''
    """

    def __init__(self, problem, detail=''):
        super().__init__(f'{problem.value}: {detail}')
        self.problem = problem
        self.detail = detail


@dataclass(frozen=True)
class Wanted:
    """A file to fetch.

    :ivar str url: a link that may still be good, '' to ask for one
    :ivar str sha256: what Meta said of the content, ''
    """

    media_id: str
    phone_number_id: str
    url: str = ''
    sha256: str = ''


# --- Fetching ------------------------------------------------------------------------------------------------------


def fetch(client, wanted, max_bytes=const.MEDIA_MAX_BYTES):
    """Load a file; a link that has had its time is asked for anew, once.

    :param Client client: of the account it was sent to
    :param Wanted wanted: which
    :param int max_bytes: more is not read
    :rtype: bytes
    :raise MediaError: it could not be had, or not as Meta described it
    """
    try:
        content, described = _load(client, wanted, max_bytes)
    except CloudApiError as error:
        raise MediaError(_problem(error), str(error)) from None
    _check(content, described, wanted.sha256)
    return content


def _load(client, wanted, max_bytes):
    described = {} if wanted.url else _describe(client, wanted, max_bytes)
    try:
        return client.download_media(wanted.url or string(described, 'url'), max_bytes), described
    except CloudApiError as error:
        if error.http_status not in _STALE and not isinstance(error, ForeignHostError):
            raise
    described = _describe(client, wanted, max_bytes)
    return client.download_media(string(described, 'url'), max_bytes), described


def _describe(client, wanted, max_bytes):
    described = client.get_media(wanted.media_id, wanted.phone_number_id or None)
    if (integer(described.get('file_size')) or 0) > max_bytes:
        raise MediaTooLargeError(f'The file is larger than {max_bytes} bytes.')
    return described


def _problem(error):
    for kind, problem in (
        (MediaTooLargeError, Problem.TOO_LARGE),
        (ForeignHostError, Problem.FOREIGN),
        (SettingsError, Problem.SETTINGS),
        ((NotSentError, OutcomeUnknownError), Problem.UNREACHABLE),
    ):
        if isinstance(error, kind):
            return problem
    is_unknown = isinstance(error, ApiError) and (error.code, error.subcode) == const.ERROR_UNKNOWN_OBJECT
    return Problem.GONE if is_unknown or error.http_status in (404, 410) else Problem.REFUSED


def _check(content, described, sha256):
    if not content:
        raise MediaError(Problem.EMPTY)
    size = integer(described.get('file_size'))
    if size is not None and size != len(content):
        raise MediaError(Problem.DAMAGED, f'{len(content)} bytes instead of {size}')
    found = hashlib.sha256(content).digest()
    told = [_digest(text) for text in (sha256, string(described, 'sha256'))]
    if any(digest not in (None, found) for digest in told):
        raise MediaError(Problem.DAMAGED, 'SHA-256')


def _digest(text):
    """Webhooks write the sum in base64, other answers in hexadecimal; what is neither says nothing.

    [own reading of samples, uncertain]
    """
    try:
        digest = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return digest if len(digest) == hashlib.sha256().digest_size else None


# --- What it is ----------------------------------------------------------------------------------------------------

#: How sound and film begin; what is known everywhere is left to the caller's own knowledge. [own, from the formats]
_SIGNATURES = (
    (re.compile(rb'OggS'), 'audio/ogg'),
    (re.compile(rb'#!AMR'), 'audio/amr'),
    (re.compile(rb'\xff[\xf0\xf1\xf8\xf9]'), 'audio/aac'),
    (re.compile(rb'ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]'), 'audio/mpeg'),
    (re.compile(rb'RIFF....WAVE', re.DOTALL), 'audio/wav'),
    (re.compile(rb'RIFF....WEBP', re.DOTALL), 'image/webp'),
    (re.compile(rb'....ftypM4[AB]', re.DOTALL), 'audio/mp4'),
    (re.compile(rb'....ftyp3g', re.DOTALL), 'video/3gpp'),
    (re.compile(rb'....ftyp(?:iso|mp4|avc|M4V|qt|MSNV)', re.DOTALL), 'video/mp4'),
)
#: Pictures a browser shows and that carry no scripts. [own]
_PICTURES = frozenset({'image/jpeg', 'image/png', 'image/webp', 'image/gif'})
_SOUNDS = ('audio', 'voice')
_PDF = 'application/pdf'
#: Found for what is not known closer; an extension says more. [own]
_VAGUE = frozenset({'application/octet-stream', 'application/zip', 'text/plain', 'application/x-ole-storage',
                    'application/cdfv2'})


def detect(content, guess):
    """Find the type of a file by its content.

    :param bytes content: of the file
    :param guess: the caller's own way, a function of the content
    :return: MIME type
    :rtype: str
    """
    for signature, mime_type in _SIGNATURES:
        if signature.match(content):
            return mime_type
    return (guess(content) or 'application/octet-stream').lower()


def agree(kind, told, found):
    """Tell whether a file is what it was said to be, as far as it matters for showing it.

    :param str kind: of message, ``Media.kind``
    :param str told: MIME type by Meta
    :param str found: MIME type by the content
    :return: the type to keep it as, '' if they contradict each other
    :rtype: str
    """
    family = {'sticker': 'image', 'voice': 'audio'}.get(kind, kind)
    if kind == 'document':
        family = told.split('/')[0]
    if family == 'audio' and found == 'video/mp4':
        found = 'audio/mp4'  # the same box; only some brands tell sound from film
    if family == 'image':
        return found if found in _PICTURES or (kind == 'document' and found.startswith('image/')) else ''
    if family in ('audio', 'video'):
        return found if found.startswith(f'{family}/') else ''
    return '' if told == _PDF != found else found


# --- Its name ------------------------------------------------------------------------------------------------------

#: Extensions of the types people send; the tables of machines differ. [own]
_EXTENSIONS = {
    'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp', 'image/gif': '.gif',
    'audio/ogg': '.ogg', 'audio/amr': '.amr', 'audio/aac': '.aac', 'audio/mpeg': '.mp3', 'audio/mp4': '.m4a',
    'audio/wav': '.wav', 'video/mp4': '.mp4', 'video/3gpp': '.3gp', _PDF: '.pdf', 'text/plain': '.txt',
    'text/html': '.html', 'application/zip': '.zip',
}
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_EXTENSION = re.compile(r'(?<=[^.])\.[A-Za-z0-9]{1,5}$')


def file_name(name, fallback, mime_type):
    """Make a name that shows what the file is and does no harm wherever it is saved.

    Accents stay. Paths, control characters, marks that turn the reading direction and characters that Windows forbids
    go; the extension is that of the content's type, unless the type says less than the name.

    :param str name: as sent, anything
    :param str fallback: stem for a file without a name
    :param str mime_type: from :func:`agree`
    :rtype: str
    """
    clean = clean_name(name)
    stem, extension = _EXTENSION.sub('', clean), (_EXTENSION.search(clean) or [''])[0].lower()
    wanted = _EXTENSIONS.get(mime_type) or mimetypes.guess_extension(mime_type) or ''
    fits = mimetypes.guess_type(f'x{extension}')[0] == mime_type or (mime_type in _VAGUE and extension)
    extension = extension if fits else wanted or extension
    stem = stem.removesuffix(extension) if extension else stem
    return f'{(stem.strip(". ") or fallback)[:const.FILE_STEM_MAX]}{extension}'


def clean_name(name):
    """Leave of a name what can be seen, without a path.

    :param str name: as sent, anything
    :rtype: str
    """
    last = re.split(r'[/\\]', unicodedata.normalize('NFC', name))[-1]
    # Everything of Unicode's category C: control, direction and other marks that cannot be seen.
    visible = ''.join(char if not unicodedata.category(char).startswith('C') else '' for char in last)
    return ' '.join(_FORBIDDEN.sub('', visible).split()).strip('. ')
