"""Sends a batch through a bounded pool of threads. Plain Python: no database is touched while the calls last."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .client import Client, SendResult
from .errors import CloudApiError, NotSentError, OutcomeUnknownError
from .transport import new_session

#: Requests in flight at once: 80 messages/s at Meta's usual 350 ms need 28. [own]
WORKERS = 32
#: Seconds within which a call of a batch must begin. With the longest call this stays well below the 120 seconds after
#: which Odoo ends a scheduled action: a silent Meta must not take messages along that nobody has tried to send. [own]
START_WITHIN_S = 20


class NotStartedError(NotSentError):
    """Its turn did not come in time; nobody has tried to send it."""


@dataclass(frozen=True)
class Job:
    """One message ready to go.

    :ivar message_id: the caller's own id
    :ivar access: key into ``accesses`` of :func:`deliver`
    :ivar str phone_number_id: id of the business number
    :ivar dict payload: see ``payloads``
    """

    message_id: int
    access: int
    phone_number_id: str
    payload: dict


@dataclass(frozen=True)
class Access:
    """How to reach Meta for one account."""

    base_url: str
    version: str
    token: str

    def __repr__(self):
        return f'<Access {self.base_url} {self.version}>'


@dataclass(frozen=True)
class Outcome:
    """What came back for one job: a result, or the error."""

    message_id: int
    result: SendResult | None = None
    error: CloudApiError | None = None


def deliver(jobs, accesses, workers=WORKERS, start_within=START_WITHIN_S):
    """Send every job once.

    :param list[Job] jobs: what to send
    :param dict accesses: :class:`Access` by the key the jobs name
    :param int workers: requests in flight at once, at most
    :param float start_within: seconds after which no further call begins; the rest are :class:`NotStartedError`
    :return: one :class:`Outcome` per job, in the same order; never raises for what a call did
    :rtype: list[Outcome]
    """
    workers = max(min(workers, len(jobs)), 1)
    session = new_session(workers)
    clients = {key: Client(access.base_url, access.version, access.token, session=session)
               for key, access in accesses.items()}
    deadline = time.monotonic() + start_within
    try:
        with ThreadPoolExecutor(workers, thread_name_prefix='whatsapp-send') as pool:
            return list(pool.map(lambda job: _send(clients[job.access], job, deadline), jobs))
    finally:
        session.close()


def _send(client, job, deadline):
    if time.monotonic() > deadline:
        return Outcome(job.message_id, error=NotStartedError('Its turn did not come in time.'))
    try:
        return Outcome(job.message_id, result=client.send(job.phone_number_id, job.payload))
    except CloudApiError as error:
        return Outcome(job.message_id, error=error)
    except Exception as error:  # noqa: BLE001  whatever it was, the request may have gone out: never send it again
        return Outcome(job.message_id, error=OutcomeUnknownError(f'{type(error).__name__} while sending'))
