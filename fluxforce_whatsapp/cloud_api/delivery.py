"""Sends messages through a bounded pool of threads, each at its own moment. Plain Python: no database is touched.

A caller hands jobs over with :meth:`Pipeline.submit` and takes what has come back with :meth:`Pipeline.collect`; in
between it may sleep with :meth:`Pipeline.wait`. So calls go on while the caller writes results and claims the next.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .client import Client, SendResult
from .errors import CloudApiError, NotSentError, OutcomeUnknownError
from .transport import new_session, settle_environment

#: Requests in flight at once: 1,000 messages/s at Meta's usual 350 ms need about 350. [own]
MAX_WORKERS = 400
#: A job whose moment is over for this many seconds is not begun any more: the caller's plan no longer holds. [own]
START_WITHIN_S = 20


class NotStartedError(NotSentError):
    """Its turn did not come in time; nobody has tried to send it."""


@dataclass(frozen=True)
class Access:
    """How to reach Meta for one account."""

    base_url: str
    version: str
    token: str

    def __repr__(self):
        return f'<Access {self.base_url} {self.version}>'


@dataclass(frozen=True)
class Job:
    """One message ready to go.

    :ivar message_id: the caller's own id
    :ivar Access access: how to reach Meta
    :ivar str phone_number_id: id of the business number
    :ivar dict payload: see ``payloads``
    :ivar float begin: moment of this machine's monotonic clock before which it does not begin
    """

    message_id: int
    access: Access
    phone_number_id: str
    payload: dict
    begin: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came back for one job: a result, or the error."""

    message_id: int
    result: SendResult | None = None
    error: CloudApiError | None = None


class Pipeline:
    """Calls in flight. Use as a context manager; leaving it waits for what is in flight.

    :param int workers: requests in flight at once, at most
    :param float start_within: seconds after its moment at which a job is still begun; see :class:`NotStartedError`
    """

    def __init__(self, workers=MAX_WORKERS, start_within=START_WITHIN_S):
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix='whatsapp-send')
        self._workers = workers
        self._start_within = start_within
        self._clients = {}
        self._changed = threading.Condition()
        self._running = 0
        self._finished = []

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        self._pool.shutdown(wait=True)
        for client in self._clients.values():
            client.close()

    @property
    def running(self):
        """Jobs handed over that have not finished."""
        return self._running

    @property
    def free(self):
        """Jobs that may be handed over without waiting behind others."""
        return max(self._workers - self._running, 0)

    def submit(self, jobs):
        """Hand jobs over, in the order of their moments."""
        with self._changed:
            self._running += len(jobs)
        for job in jobs:
            self._pool.submit(self._run, job)

    def collect(self):
        """Take what has come back, without waiting.

        :return: one :class:`Outcome` per finished job, in the order in which they finished
        :rtype: list[Outcome]
        """
        with self._changed:
            outcomes, self._finished = self._finished, []
        return outcomes

    def wait(self, seconds):
        """Sleep for so many seconds; less when everything in flight has come back meanwhile."""
        if not self._running:
            time.sleep(max(seconds, 0))
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._running, timeout=max(seconds, 0))

    def _run(self, job):
        outcome = self._send(job)
        with self._changed:
            self._finished.append(outcome)
            self._running -= 1
            if not self._running:
                self._changed.notify_all()

    def _send(self, job):
        try:
            wait = job.begin - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            elif job.begin and -wait > self._start_within:
                return Outcome(job.message_id, error=NotStartedError('Its turn did not come in time.'))
            return Outcome(job.message_id, result=self._client(job.access).send(job.phone_number_id, job.payload))
        except CloudApiError as error:
            return Outcome(job.message_id, error=error)
        except Exception as error:  # noqa: BLE001  whatever it was, the request may have gone out: never send it again
            return Outcome(job.message_id, error=OutcomeUnknownError(f'{type(error).__name__} while sending'))

    def _client(self, access):
        """:return: the account's client; its connections are kept from call to call."""
        with self._changed:
            if access not in self._clients:
                session = new_session(self._workers)
                settle_environment(session, access.base_url)
                self._clients[access] = _OwnClient(access.base_url, access.version, access.token, session=session)
            return self._clients[access]


class _OwnClient(Client):
    """A client whose session nobody else uses."""

    def close(self):
        self._session.close()
