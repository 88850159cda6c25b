"""Calls to Meta's Graph API for WhatsApp: sending, and the little management this product needs.

Sending is strict about what is known afterwards: a message id (accepted), ``ApiError`` (refused), ``NotSentError``
(never went out) or ``OutcomeUnknownError`` (may have gone out; Meta has no idempotency key, so nobody may send it again
until a status with its key settles it). Nothing is repeated in here and no redirect is followed, except on the way to a
file.
"""

import json
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase
from urllib3 import exceptions as urllib3_errors
from urllib3.util import parse_url

from . import const, transport
from .errors import (
    ApiError,
    ForeignHostError,
    MediaTooLargeError,
    NotSentError,
    OutcomeUnknownError,
    SettingsError,
    UnexpectedAnswerError,
    redact,
)
from .payloads import PayloadError, read_receipt, typing_indicator
from .usage import Usage, parse_usage

_ID = re.compile(r'[A-Za-z0-9._:-]{1,256}')
_VERSION = re.compile(r'v[0-9]+\.[0-9]+')
#: Of a resumable upload: ``upload:`` and base64, mostly with a signature behind it.
_UPLOAD = re.compile(r'upload:(?!.*\.\.)[A-Za-z0-9+/=_.:%-]{1,2048}(?:\?[A-Za-z0-9+/=_.&%-]{1,1024})?')
_TOKEN = re.compile(r'[!-~]+')
_TAGS = re.compile(r'<[^>]*>')
_URL = re.compile(r'https?://[!-~]+')
_CHUNK = 65536
_EXCERPT = 200
_CURSOR_EXPIRED = 131059
_JSON = {'Content-Type': 'application/json'}
_REDIRECTS = (301, 302, 303, 307, 308)

_NEVER_CONNECTED = (
    requests.ConnectTimeout,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.NewConnectionError,
    ssl.SSLCertVerificationError,
)
#: What ``requests`` finds wrong with a request before it opens a connection.
_NEVER_TRIED = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    urllib3_errors.LocationValueError,
)
#: ``requests`` errors and plain socket errors are OSErrors; the rest may escape from urllib3 while reading.
_TRANSPORT_ERRORS = (OSError, urllib3_errors.HTTPError, urllib3_errors.LocationValueError)


@dataclass(frozen=True)
class SendResult:
    """Meta has accepted a message; that is not yet a delivery.

    :ivar message_id: ``wamid.…``
    :ivar wa_id: WhatsApp's form of the number, may differ from the one given; '' if a BSUID was used
    :ivar user_id: BSUID, or ''
    :ivar message_status: ``accepted``, ``held_for_quality_assessment`` or ''
    :ivar usage: how much of its calls the app has used up, None if the answer did not tell
    """

    message_id: str
    wa_id: str = ''
    user_id: str = ''
    message_status: str = ''
    usage: Usage | None = None


class Client:
    """One account's way to Meta.

    ``send`` may be called by several threads at once, as long as the session is one of ``transport.new_session`` (or
    any other that is safe to share); give it as large a pool as there are threads. The other methods are safe in the
    same way, they keep nothing between calls.

    :param str base_url: ``https://graph.facebook.com`` or the address of a stand-in
    :param str version: Graph API version, e.g. ``v25.0``
    :param str token: access token; only ever sent to ``base_url`` and Meta's media hosts
    :param session: a ``requests`` session to use, or None to open one; only one's own is closed in the end
    :param tuple timeout: seconds to connect, seconds between two bytes of the answer
    :param float total_timeout: seconds for one whole answer (own sessions only)
    :param bool direct: post JSON beneath the session, see :class:`transport.Address`
    """

    def __init__(
        self,
        base_url,
        version,
        token,
        session=None,
        timeout=(const.CONNECT_TIMEOUT_S, const.READ_TIMEOUT_S),
        total_timeout=const.TOTAL_TIMEOUT_S,
        direct=False,
    ):
        self._base_url = (base_url or '').strip().rstrip('/')
        self._version = (version or '').strip()
        self._token = (token or '').strip()
        self._owns_session = session is None
        self._session = session or transport.new_session()
        self._timeout = timeout
        self._total_timeout = total_timeout
        self._direct = direct
        self._addresses = {}

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        self.close()

    def __repr__(self):
        return f'<Client {self._base_url} {self._version}>'

    def close(self):
        """Close the session, unless the caller brought it."""
        if self._owns_session:
            self._session.close()

    # --- Sending -----------------------------------------------------------------------------------------------

    def send(self, phone_number_id, payload):
        """Send one message [M26:message-api].

        :param str phone_number_id: id of the business number
        :param dict payload: see ``payloads``
        :rtype: SendResult
        :raise ApiError: Meta refused it; branch on ``code``
        :raise NotSentError: it surely did not reach Meta
        :raise OutcomeUnknownError: it may have been accepted. Also for redirects and for any answer without Meta's
            error object, whatever its HTTP status: what stands between us and Meta may answer in Meta's place after
            having passed the request on.
        """
        status, headers, body = self._call('POST', self._url(phone_number_id, 'messages'), payload=payload)
        answer, usage = _decoded(body), parse_usage(headers)
        result = _send_result(answer, usage) if 200 <= status < 300 else None
        if result:
            return result
        error = (ApiError.from_answer(answer, status, (self._token,))
                 or OutcomeUnknownError(self._odd_answer(status, body), status))
        error.usage = usage
        raise error

    def mark_read(self, phone_number_id, message_id):
        """Mark a received message, and those before it, as read [S26:messages/mark-message-as-read].

        :param str phone_number_id: id of the business number
        :param str message_id: ``wamid.…`` of the received message, at most 30 days old
        :return: Meta's answer
        :rtype: dict
        """
        return self._json('POST', self._url(phone_number_id, 'messages'), payload=read_receipt(message_id))

    def show_typing(self, phone_number_id, message_id):
        """Show that an answer to a received message is being written; see :func:`payloads.typing_indicator`.

        :return: Meta's answer
        :rtype: dict
        """
        return self._json('POST', self._url(phone_number_id, 'messages'), payload=typing_indicator(message_id))

    # --- Account -----------------------------------------------------------------------------------------------

    def get_account(self, waba_id):
        """Read the WhatsApp Business Account.

        :param str waba_id: id of the account
        :return: the fields of ``const.WABA_FIELDS`` that Meta gives
        :rtype: dict
        :raise ApiError: Meta refused it
        :raise UnexpectedAnswerError: the answer is not Meta's
        :raise NotSentError: Meta was not reached
        :raise OutcomeUnknownError: no complete answer came
        """
        return self._json('GET', self._url(waba_id), params={'fields': ','.join(const.WABA_FIELDS)})

    def list_phone_numbers(self, waba_id):
        """Read all numbers of an account; errors as ``get_account``.

        :param str waba_id: id of the account
        :rtype: list[dict]
        """
        return self._all_pages(
            self._url(waba_id, 'phone_numbers'), const.PHONE_NUMBER_FIELDS, const.PHONE_NUMBERS_PAGE_SIZE
        )

    def list_templates(self, waba_id):
        """Read all templates of an account; errors as ``get_account``.

        A listing is complete or it raises: a caller may take a template that is not in it for deleted.

        :param str waba_id: id of the account
        :rtype: list[dict]
        """
        return self._all_pages(
            self._url(waba_id, 'message_templates'), const.TEMPLATE_FIELDS, const.TEMPLATES_PAGE_SIZE
        )

    def create_template(self, waba_id, definition):
        """Submit a template to Meta's review; errors as ``get_account``.

        :param str waba_id: id of the account
        :param dict definition: name, language, category, components …
        :return: ``id``, ``status`` and the ``category`` Meta gave it, which may differ from the one asked for
        :rtype: dict
        """
        return self._json('POST', self._url(waba_id, 'message_templates'), payload=definition)

    # --- Webhook subscription ----------------------------------------------------------------------------------

    def subscribe_app(self, waba_id, callback_url=None, verify_token=None):
        """Have this account's webhooks sent to us; errors as ``get_account``.

        Meta calls the address at once for the handshake, so it must be reachable and know the token.

        :param str waba_id: id of the account
        :param callback_url: https address for this account, up to 200 characters; None for the app's own address
        :param verify_token: what Meta sends along in the handshake
        :return: Meta's answer
        :rtype: dict
        :raise PayloadError: if the address is too long
        """
        body = {}
        if callback_url:
            if len(callback_url) > const.CALLBACK_URL_MAX:
                raise PayloadError('callback_url', f'Meta takes addresses up to {const.CALLBACK_URL_MAX} characters.')
            body = {'override_callback_uri': callback_url, 'verify_token': verify_token}
        return self._json('POST', self._url(waba_id, 'subscribed_apps'), payload=body, secrets=(verify_token,))

    def subscribe_here(self, waba_id, callback_url, verify_token):
        """Have this account's webhooks sent to an address of its own; errors as ``get_account``.

        Practitioners report that Meta overrides the address of an app only once it is subscribed.

        :param str waba_id: id of the account
        :param str callback_url: see :meth:`subscribe_app`
        :param str verify_token: see :meth:`subscribe_app`
        """
        self.subscribe_app(waba_id)
        self.subscribe_app(waba_id, callback_url, verify_token)

    def list_subscribed_apps(self, waba_id):
        """Read which apps get this account's webhooks; errors as ``get_account``.

        :param str waba_id: id of the account
        :rtype: list[dict]
        """
        return _rows(self._json('GET', self._url(waba_id, 'subscribed_apps')))

    def unsubscribe_app(self, waba_id):
        """Stop this account's webhooks to this app; errors as ``get_account``.

        :param str waba_id: id of the account
        :return: Meta's answer
        :rtype: dict
        """
        return self._json('DELETE', self._url(waba_id, 'subscribed_apps'))

    # --- Media -------------------------------------------------------------------------------------------------

    def upload_media(self, phone_number_id, content, mime_type, filename):
        """Store a file at Meta for 30 days [M26:media]; errors as ``get_account``.

        :param str phone_number_id: id of the business number
        :param bytes content: up to 100 MB, less for pictures, sound and film
        :param str mime_type: of the content
        :param str filename: only its last part is told to Meta, in ASCII
        :return: the media id
        :rtype: str
        """
        answer = self._json(
            'POST',
            self._url(phone_number_id, 'media'),
            data={'messaging_product': 'whatsapp', 'type': mime_type},
            files={'file': (plain_file_name(filename), content, mime_type)},
            total=const.MEDIA_TOTAL_TIMEOUT_S,
        )
        if not isinstance(answer.get('id'), str) or not answer['id']:
            raise UnexpectedAnswerError('The upload was answered without a media id.')
        return answer['id']

    def get_media(self, media_id, phone_number_id=None):
        """Read a file's address, good for five minutes, its type and size; errors as ``get_account``.

        :param str media_id: from an upload or a webhook
        :param phone_number_id: to have Meta check that the file belongs to this number
        :return: ``url``, ``mime_type``, ``sha256``, ``file_size``, ``id``
        :rtype: dict
        """
        params = {'phone_number_id': phone_number_id} if phone_number_id else None
        return self._json('GET', self._url(media_id), params=params)

    def download_media(self, url, max_bytes=const.MEDIA_MAX_BYTES):
        """Load a file from an address given by ``get_media`` or a webhook.

        The token goes along, so only Meta's own hosts over https, or the host of ``base_url``, are called; the same
        holds for where they send us on.

        :param str url: address of the file
        :param int max_bytes: more is not read
        :rtype: bytes
        :raise MediaTooLargeError: it is larger
        :raise ForeignHostError: the address is not on one of Meta's hosts
        :raise ApiError: Meta refused it
        :raise UnexpectedAnswerError: something else than the file came; with 404, ask for the address again
        :raise OutcomeUnknownError: the file did not come completely
        """
        for _hop in range(const.MEDIA_REDIRECTS_MAX + 1):
            if not self._may_hold_token(url):
                raise ForeignHostError("The file is not on one of Meta's servers.")
            status, headers, body = self._call(
                'GET', url, max_bytes=max_bytes, too_large=MediaTooLargeError, total=const.MEDIA_TOTAL_TIMEOUT_S
            )
            if status == 200:
                return body
            if status not in _REDIRECTS or not headers.get('Location'):
                break
            url = urljoin(url, headers['Location'])
        raise self._refusal(status, body)

    # --- For calls that have a module of their own ----------------------------------------------------------------

    def manage(self, method, *path, **options):
        """Make a management call; errors as ``get_account``.

        :param str method: ``GET``, ``POST`` or ``DELETE``
        :param str path: ids and edges
        :param options: ``payload`` (JSON), ``params`` (query)
        :return: Meta's answer
        :rtype: dict
        """
        return self._json(method, self._url(*path), **options)

    def upload_session(self, method, session_id, **options):
        """Speak to an upload session [GU]: it wants the token by another scheme; errors as ``get_account``.

        :param str method: ``GET`` asks how far it is, ``POST`` sends ``data``
        :param str session_id: ``upload:…``
        :param options: ``data`` (bytes), ``headers``
        :return: Meta's answer
        :rtype: dict
        """
        if not _UPLOAD.fullmatch(session_id or ''):
            raise SettingsError('The id of the upload is missing or malformed.')
        url = f'{self._url()}/{session_id}'
        return self._json(method, url, scheme='OAuth', total=const.MEDIA_TOTAL_TIMEOUT_S, **options)

    # --- Beneath -----------------------------------------------------------------------------------------------

    def _url(self, *parts):
        if not _VERSION.fullmatch(self._version):
            raise SettingsError('The API version must look like v25.0.')
        for part in parts:
            if not isinstance(part, str) or not _ID.fullmatch(part) or part.strip('.') == '':
                raise SettingsError('An id of the account, the number or the file is missing or malformed.')
        return '/'.join((self._base_url, self._version, *parts))

    def _may_hold_token(self, url):
        # Addresses that two parsers may read differently are not looked at any further.
        if not isinstance(url, str) or not _URL.fullmatch(url) or '\\' in url or '@' in url:
            return False
        try:
            parts, base = parse_url(url), parse_url(self._base_url)
        except urllib3_errors.LocationValueError:
            return False
        if (parts.scheme, parts.host, parts.port) == (base.scheme, base.host, base.port):
            return True
        is_meta = f'.{parts.host or ""}'.endswith(const.MEDIA_HOST_SUFFIXES)
        return is_meta and parts.scheme == 'https' and parts.port in (None, 443)

    def _json(self, method, url, secrets=(), **kwargs):
        """Make a management call: the answer's object, or an exception."""
        status, _headers, body = self._call(method, url, **kwargs)
        answer = _decoded(body)
        is_fine = 200 <= status < 300 and isinstance(answer, dict) and answer.get('success') is not False
        if is_fine and not ApiError.from_answer(answer):
            return answer
        raise self._refusal(status, body, secrets)

    def _refusal(self, status, body, secrets=()):
        error = ApiError.from_answer(_decoded(body), status, (self._token, *secrets))
        return error or UnexpectedAnswerError(self._odd_answer(status, body, secrets), status)

    def _odd_answer(self, status, body, secrets=()):
        text = _TAGS.sub(' ', redact(body.decode('utf-8', 'replace'), self._token, *secrets))
        printable = ''.join(char if char.isprintable() else ' ' for char in text)
        return f'Unexpected answer (HTTP {status}): {" ".join(printable.split())[:_EXCERPT] or "empty"}'

    def _call(
        self,
        method,
        url,
        payload=None,
        max_bytes=const.ANSWER_MAX_BYTES,
        too_large=OutcomeUnknownError,
        total=None,
        **kwargs,
    ):
        """Make one HTTP call.

        :param payload: what to send as JSON, or None
        :param int max_bytes: of the answer
        :param too_large: exception class for an answer above
        :param total: seconds for the whole answer, or None for the client's own
        :return: HTTP status, headers and body
        :rtype: tuple[int, Mapping, bytes]
        """
        if not _TOKEN.fullmatch(self._token):
            raise SettingsError('The access token is missing or holds characters that no token has.')
        with transport.one_call(total or self._total_timeout) as call:
            try:
                with self._answer(method, url, payload, **kwargs) as (answer, chunks):
                    return answer.status, answer.headers, _read(chunks, answer, max_bytes, too_large)
            except _TRANSPORT_ERRORS as error:
                raise self._transport_error(error, call.connect_failed) from None

    @contextmanager
    def _answer(self, method, url, payload, **kwargs):
        """:return: a context manager of the ``urllib3`` answer and its content in chunks, not read yet."""
        if payload is not None and self._direct:
            with self._address(url).post(_encoded(payload), self._timeout) as answer:
                yield answer, answer.stream(_CHUNK, decode_content=True)
            return
        if payload is not None:
            kwargs = {**kwargs, 'data': _encoded(payload), 'headers': _JSON}
        request = self._prepare(method, url, **kwargs)
        options = self._session.merge_environment_settings(request.url, {}, True, None, None)
        with self._session.send(request, timeout=self._timeout, allow_redirects=False, **options) as response:
            yield response.raw, response.iter_content(_CHUNK)

    def _prepare(self, method, url, scheme='Bearer', **kwargs):
        auth = _TokenAuth(self._token, scheme)
        return self._session.prepare_request(requests.Request(method, url, auth=auth, **kwargs))

    def _address(self, url):
        """:return: :class:`transport.Address` for JSON bodies, prepared once per address."""
        if url not in self._addresses:
            request = self._prepare('POST', url, headers=_JSON, data=b' ')
            self._addresses[url] = transport.Address(self._session, request)
        return self._addresses[url]

    def _transport_error(self, error, connect_failed):
        causes = list(transport.causes(error))
        reason = redact(f'{type(causes[-1]).__name__}: {causes[-1]}', self._token)[:_EXCERPT]
        if isinstance(error, _NEVER_TRIED):
            return SettingsError(f'The request could not be made: {reason}')
        if connect_failed or any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
            return NotSentError(f'WhatsApp could not be reached: {reason}')
        return OutcomeUnknownError(f'The connection broke before the answer was complete: {reason}')

    def _all_pages(self, url, fields, limit):
        params = {'fields': ','.join(fields), 'limit': limit}
        try:
            return self._pages(url, params)
        except ApiError as error:
            if error.code != _CURSOR_EXPIRED:
                raise
        # Since v24.0 a cursor may go stale between two pages; Meta asks to start again [CL:2025-10-08].
        return self._pages(url, params)

    def _pages(self, url, params):
        rows, after, seen = [], None, set()
        while len(seen) < const.PAGES_MAX:
            answer = self._json('GET', url, params={**params, 'after': after} if after else params)
            rows += _rows(answer)
            has_next, after = _paging(answer)
            if not has_next:
                return rows
            if not after or after in seen:
                break
            seen.add(after)
        raise UnexpectedAnswerError('The listing has no end.')


class _TokenAuth(AuthBase):
    """Set as ``auth`` rather than as a header: a header would give way to a password in the server's .netrc file."""

    def __init__(self, token, scheme):
        self._token = token
        self._scheme = scheme

    def __call__(self, request):
        request.headers['Authorization'] = f'{self._scheme} {self._token}'
        return request


def _read(chunks, answer, max_bytes, too_large):
    """:param answer: of ``urllib3``. :return: all of it."""
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise too_large(f'The answer is larger than {max_bytes} bytes.', answer.status)
        parts.append(chunk)
    # Older urllib3 takes a body that ends early for a complete one.
    announced = answer.headers.get('Content-Length', '')
    if announced.isdecimal() and int(announced) > size and not answer.headers.get('Content-Encoding'):
        raise OutcomeUnknownError('The answer was cut off.', answer.status)
    return b''.join(parts)


def _encoded(payload):
    try:
        return json.dumps(payload, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise SettingsError(f'The request cannot be written as JSON ({type(error).__name__}).') from None


def _decoded(body):
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _send_result(answer, usage):
    message = _first(answer, 'messages')
    message_id = _text(message, 'id').strip()
    if not message_id:
        return None
    contact = _first(answer, 'contacts')
    return SendResult(
        message_id, _text(contact, 'wa_id'), _text(contact, 'user_id'), _text(message, 'message_status'), usage
    )


def _first(answer, name):
    rows = _rows(answer, name)
    return rows[0] if rows else {}


def _rows(answer, name='data'):
    rows = answer.get(name) if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(row, name):
    """Read a text that will be stored: no control characters, no broken surrogates, not endless."""
    value = row.get(name)
    text = value if isinstance(value, str) else ''
    return ''.join(char for char in text if char.isprintable())[:const.ID_MAX]


def _paging(answer):
    paging = answer.get('paging')
    if not isinstance(paging, dict) or not paging.get('next'):
        return False, None
    cursors = paging.get('cursors')
    after = cursors.get('after') if isinstance(cursors, dict) else None
    return True, after if isinstance(after, str) else None


def plain_file_name(filename):
    """:return: the last part of a path in plain ASCII, never empty."""
    name = re.split(r'[\\/]', filename or '')[-1]
    return re.sub(r'[^A-Za-z0-9._-]+', '_', name).strip('._')[-100:] or 'file'
