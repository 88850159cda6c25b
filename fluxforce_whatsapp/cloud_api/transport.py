"""The ``requests`` session of the client: connections kept alive, nothing repeated, a deadline for whole answers.

Two things ``requests`` does not offer are added beneath it. A failure while connecting (DNS, refusal, TLS, proxy) is
noted, because only then is it certain that the request did not go out; the exceptions do not tell, a silent handshake
for instance comes up as the same class as a silent answer. And an answer dripping byte by byte, which
no time-out between two bytes ever ends, is cut off at a total deadline.
"""

import io
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout

_thread = threading.local()


def new_session(pool_size=10):
    """Open a session for ``Client``; several clients and threads may share it.

    :param int pool_size: connections kept alive per host; as many as threads send at once
    :rtype: requests.Session
    """
    session = requests.Session()
    # Meta's cookies serve no purpose here, and the jar is what threads would step on.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_connections=4, pool_maxsize=pool_size, max_retries=Retry(0, read=False))
    session.mount('https://', adapter)
    session.mount('http://', adapter)
    return session


def settle_environment(session, base_url):
    """Read the server's proxies and certificates once for all calls to one address; ``requests`` would for each.

    :param session: of :func:`new_session`
    :param str base_url: of all calls
    """
    settings = session.merge_environment_settings(base_url, {}, None, None, None)
    session.proxies, session.verify = settings['proxies'], settings['verify']
    session.trust_env = False


class Address:
    """Where many bodies are posted. Everything else is prepared once: of what ``requests`` costs the processor for each
    call that is a third.

    :param session: of :func:`new_session`, or any other of ``requests``
    :param request: a prepared one for the address, with the headers of all
    """

    def __init__(self, session, request):
        settings = session.merge_environment_settings(request.url, {}, True, None, None)
        adapter = session.get_adapter(request.url)
        self._pool = _pool_for(adapter, request, settings)
        self._target = adapter.request_url(request, settings['proxies'])
        self._headers = {name: value for name, value in request.headers.items() if name != 'Content-Length'}
        self._retries = adapter.max_retries

    @contextmanager
    def post(self, body, timeout):
        """Post one body; the connection is used again if the answer was read to its end.

        :param bytes body: to send
        :param tuple timeout: seconds to connect, seconds between two bytes of the answer
        :return: a context manager of the ``urllib3`` answer, not read yet
        """
        connect, read = timeout
        answer = self._pool.urlopen(
            'POST', self._target, body=body, headers=self._headers, retries=self._retries, redirect=False,
            assert_same_host=False, preload_content=False, decode_content=False,
            timeout=Timeout(connect=connect, read=read))
        try:
            yield answer
        except BaseException:
            answer.close()
            raise
        finally:
            answer.release_conn()


def _pool_for(adapter, request, settings):
    """:return: the connections that ``requests`` would use, set up as it would."""
    verify, cert, proxies = settings['verify'], settings['cert'], settings['proxies']
    if hasattr(adapter, 'get_connection_with_tls_context'):  # from requests 2.32 on
        return adapter.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
    pool = adapter.get_connection(request.url, proxies)
    adapter.cert_verify(pool, request.url, verify, cert)
    return pool


@dataclass
class Call:
    """One HTTP call of one thread.

    :ivar float seconds: from the moment the request is written until its answer is read completely
    :ivar bool connect_failed: whether it ended while connecting, before anything of it was written
    """

    seconds: float
    connect_failed: bool = False


@contextmanager
def one_call(seconds):
    """Watch the one call this thread makes inside the block; needs a session of ``new_session``.

    :param float seconds: for the whole answer
    :return: what is known about the call
    :rtype: Call
    """
    before = current_call()
    _thread.call = Call(seconds)
    try:
        yield _thread.call
    finally:
        _thread.call = before


def current_call():
    """The call this thread is making, or None."""
    return getattr(_thread, 'call', None)


def answered_at():
    """:return: moment of the monotonic clock at which the last answer to this thread began to come, None before."""
    return getattr(_thread, 'answered_at', None)


def causes(error):
    """Walk an exception and what it wraps, outermost first.

    ``__context__`` is left out on purpose: it also holds what the caller was handling when it called us.
    """
    seen, waiting = set(), [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (*current.args, getattr(current, 'reason', None), current.__cause__)
        waiting += [item for item in inner if isinstance(item, BaseException)]


class _DeadlineReader(io.RawIOBase):
    """Read from a socket until the deadline; restores the socket's own time-out, the connection is used again."""

    def __init__(self, raw, sock, seconds):
        self._raw = raw
        self._sock = sock
        self._end = time.monotonic() + seconds
        self._is_first = True

    def readable(self):
        return True

    def fileno(self):
        return self._raw.fileno()

    def readinto(self, buffer):
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError('The answer took too long.')
        timeout = self._sock.gettimeout()
        self._sock.settimeout(left if timeout is None else min(left, timeout))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._note_first()
            self._sock.settimeout(timeout)

    def _note_first(self):
        # At once: until all of it is read, a busy process may take many times as long as the way.
        if self._is_first:
            self._is_first, _thread.answered_at = False, time.monotonic()

    def close(self):
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineResponse(HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(sock, *args, **kwargs)
        call = current_call()
        if call:
            self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock, call.seconds))


class _NotedConnect:
    response_class = _DeadlineResponse

    def connect(self):
        try:
            super().connect()
        except Exception:
            if current_call():
                current_call().connect_failed = True
            raise


class _Connection(_NotedConnect, HTTPConnection):
    pass


class _SecureConnection(_NotedConnect, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {'http': _Pool, 'https': _SecurePool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager
