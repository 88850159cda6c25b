"""Sends messages through a bounded pool of threads, each at its own moment. Plain Python: no database is touched.

A caller hands jobs over with :meth:`Pipeline.submit` and takes what has come back with :meth:`Pipeline.collect`; in
between it may sleep with :meth:`Pipeline.wait`. So calls go on while the caller writes results and claims the next.
"""

import logging
import math
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, replace

from .client import Client, SendResult
from .crew import Crew
from .errors import CloudApiError, NotSentError, OutcomeUnknownError
from .transport import answered_at, new_session, settle_environment
from .turnstile import Turnstile

_logger = logging.getLogger(__name__)

#: Requests in flight at once: 1,000 messages/s at Meta's usual 350 ms need about 350. [own]
MAX_WORKERS = 400
#: What waking up may take, seconds: so much lateness is caught up with. [own]
WAKING_S = 0.01
#: Jobs planned ahead of their moment: half a second of the highest throughput. [own]
MAX_AHEAD = 500


TOO_LATE = 'Its turn did not come in time.'


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
    :ivar float distance: seconds that must lie between two jobs of the same number
    :ivar float late: seconds after its moment at which it is still begun; see :class:`NotStartedError`
    :ivar int most: calls of the number that may arrive in any second, 0 for any number; see :class:`Turnstile`
    :ivar float slack: seconds after its moment at which it may arrive, where other processes send as well
    :ivar claim: the caller's mark of the claim it belongs to, comes back in its outcome
    """

    message_id: int
    access: Access
    phone_number_id: str
    payload: dict
    begin: float = 0.0
    distance: float = 0.0
    late: float = math.inf
    claim: object = None
    most: int = 0
    slack: float = math.inf

    def is_late(self, now):
        """:return: whether its turn has passed; one without a moment has no turn."""
        return bool(self.begin) and now - self.begin > self.late


@dataclass(frozen=True)
class Outcome:
    """What came back for one job: a result, or the error."""

    message_id: int
    result: SendResult | None = None
    error: CloudApiError | None = None
    claim: object = None


def _not_started(job, why):
    return Outcome(job.message_id, error=NotStartedError(why), claim=job.claim)


class Pipeline:
    """Calls in flight, and those planned for the next moment. Use as a context manager; leaving it waits for them all.

    One thread hands each job to a free one at its moment, so that none is tied up by waiting. Where this process is
    late, the jobs of a number do not catch up: they keep the distance they were given. Where calls take longer than
    usual, a turnstile keeps the next ones back; what is too late by then goes back to the caller.

    :param int workers: requests in flight at once, at most
    :param int ahead: jobs that may be planned besides those in flight
    :param bool direct: see :class:`Client`
    """

    def __init__(self, workers=MAX_WORKERS, ahead=MAX_AHEAD, direct=True):
        self._crew = Crew('whatsapp-send')
        self._workers = workers
        self._ahead = ahead
        self._direct = direct
        self._clients, self._sessions = {}, []
        self._changed = threading.Condition()
        self._planned = {}  # queues of jobs in the order of their moments, by number
        self._last_begin = {}
        self._turnstiles = defaultdict(Turnstile)
        self._closing = False
        self._forsaken = False
        self._running = 0
        self._in_flight = 0
        self._finished = []
        self._dispatcher = threading.Thread(target=self._dispatch, name='whatsapp-dispatch', daemon=True)
        self._dispatcher.start()

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._dispatcher.join()
        self._crew.dismiss()
        for session in self._sessions:
            session.close()

    @property
    def running(self):
        """Jobs handed over that have not finished."""
        return self._running

    @property
    def planned(self):
        """Meta's ids of the numbers that have jobs waiting for their moment."""
        with self._changed:
            return set(self._planned)

    @property
    def free(self):
        """Jobs that may still be handed over; none while the system gives no thread at all."""
        if self._forsaken:
            return 0
        return max(self._workers + self._ahead - self._running, 0)

    def submit(self, jobs):
        """Hand jobs over, those of each number in the order of their moments."""
        if not jobs:
            return
        with self._changed:
            for job in jobs:
                self._planned.setdefault(job.phone_number_id, deque()).append(job)
            self._running += len(jobs)
            self._changed.notify_all()

    def collect(self):
        """Take what has come back, without waiting.

        :return: one :class:`Outcome` per finished job, in the order in which they finished
        :rtype: list[Outcome]
        """
        with self._changed:
            outcomes, self._finished = self._finished, []
        return outcomes

    def put_back(self, outcomes):
        """Return outcomes that could not be kept, to be collected once more."""
        with self._changed:
            self._finished = [*outcomes, *self._finished]

    def recall(self, phone_number_ids):
        """Take back what is planned for these numbers; each job's outcome is :class:`NotStartedError`."""
        with self._changed:
            recalled = [job for number in phone_number_ids for job in self._planned.pop(number, ())]
            self._give_back(recalled, 'It was called back.')
            self._changed.notify_all()

    def tighten(self, phone_number_ids, late, slack):
        """Set a bound for what was planned for these numbers without one: from now on others may send from them, too.

        :param float late: see :class:`Job`
        :param float slack: see :class:`Job`
        """
        with self._changed:
            for number in self._planned.keys() & set(phone_number_ids):
                self._planned[number] = deque(
                    job if job.slack < math.inf else replace(job, late=min(job.late, late), slack=slack)
                    for job in self._planned[number])
            self._changed.notify_all()

    def rests(self):
        """:return: by number, how many seconds others have to wait before they may go on at full pace."""
        with self._changed:
            now = time.monotonic()
            return {number: turnstile.rest(now) for number, turnstile in self._turnstiles.items()}

    def wait(self, seconds):
        """Sleep for so many seconds; less when everything in flight has come back meanwhile."""
        if not self._running:
            time.sleep(max(seconds, 0))
            return
        end = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._running, timeout=max(end - time.monotonic(), 0))

    def _dispatch(self):
        """Hand over what is planned, until the pipeline is closed and nothing is planned any more."""
        while (job := self._next_job()) is not None:
            if self._crew.grow_to(self._in_flight) or self._make_do():
                self._crew.give(self._run, job)
            else:
                self._finish(job, _not_started(job, 'No thread was free.'))

    def _make_do(self):
        """The system gives no more threads: go on with those there are. :return: whether there are any."""
        if self._workers > len(self._crew) and not self._forsaken:
            _logger.warning('WhatsApp messages go out through %s threads: the system gives no more', len(self._crew))
        with self._changed:
            self._workers = max(len(self._crew), 1)
            self._forsaken = not len(self._crew)
        return not self._forsaken

    def _next_job(self):
        """:return: the next job as soon as its moment has come; None at the end."""
        with self._changed:
            while self._planned or not self._closing:
                self._drop_late()
                moment, number = min(map(self._moment_of, self._planned), default=(math.inf, None))
                # What no thread is free for stays planned: it keeps its distance and can be called back.
                is_full = self._in_flight >= self._workers
                wait = moment - time.monotonic()
                if wait <= 0 and not is_full:
                    return self._take(number, moment)
                self._changed.wait(None if number is None or is_full else wait)
        return None

    def _moment_of(self, number):
        """:return: when the first planned job of a number may begin, and the number."""
        job, now = self._planned[number][0], time.monotonic()
        moment = max(job.begin, self._last_begin.get(number, -math.inf) + job.distance)
        if moment <= now:
            moment = max(moment, self._turnstiles[number].opens_at(now, job.begin, job.most, job.slack))
        return moment, number

    def _drop_late(self):
        """Give back at once what has missed its turn, or has lost it: what comes behind must not wait for it."""
        now = time.monotonic()
        for number, jobs in list(self._planned.items()):
            late, turnstile = [], self._turnstiles[number]
            while jobs and jobs[0].begin <= now and (
                    jobs[0].is_late(now) or turnstile.owes(jobs[0].begin, jobs[0].slack)):
                late.append(jobs.popleft())
                turnstile.pass_over(late[-1].begin)
            if not jobs:
                del self._planned[number]
            self._give_back(late, TOO_LATE)

    def _give_back(self, jobs, why):
        self._running -= len(jobs)
        self._finished += [_not_started(job, why) for job in jobs]
        if jobs and not self._running:
            self._changed.notify_all()

    def _take(self, number, moment):
        jobs = self._planned[number]
        job = jobs.popleft()
        if not jobs:
            del self._planned[number]
        self._in_flight += 1
        now = time.monotonic()
        # By the plan, not by the clock: else each job would add what waking up takes.
        self._last_begin[number] = max(moment, now - WAKING_S)
        self._turnstiles[number].leave(
            job.message_id, job.begin, now, job.most, job.distance, job.slack)
        return job

    def _run(self, job):
        began = time.monotonic()
        outcome = replace(self._send(job), claim=job.claim)
        answered = answered_at()
        self._finish(job, outcome, answered if answered and answered >= began else time.monotonic())

    def _finish(self, job, outcome, at=0.0):
        with self._changed:
            self._note_end(job, outcome, at)
            self._finished.append(outcome)
            self._running -= 1
            self._in_flight -= 1
            if not self._running or self._in_flight == self._workers - 1:
                self._changed.notify_all()

    def _note_end(self, job, outcome, at):
        turnstile = self._turnstiles[job.phone_number_id]
        if isinstance(outcome.error, NotSentError):
            turnstile.withdraw(job.message_id)
        else:
            # Who cuts a connection or refuses has dealt with the call, but maybe much quicker than with a message.
            turnstile.answer(job.message_id, at, is_whole=outcome.error is None)

    def _send(self, job):
        try:
            if job.is_late(time.monotonic()):
                return _not_started(job, TOO_LATE)
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
                self._sessions.append(session)
                self._clients[access] = Client(
                    access.base_url, access.version, access.token, session=session, direct=self._direct)
            return self._clients[access]
