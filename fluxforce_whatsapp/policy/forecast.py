"""When a waiting message will go, and how long a queue takes: what people are told, no promise. [own]

Moments are naive UTC; speeds are messages per second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from .brake import ALL, SLOW
from .brake import MARKETING as MARKETING_STOPPED
from .pace import SLOW_MARKETING
from .purpose import CARE, MARKETING
from .wait import Wait

#: What goes sooner than this is told to go "in a moment", seconds.
MOMENT_S = 60


class Kind(str, Enum):
    """What can be told about a waiting message."""

    #: Within a minute.
    NOW = 'now'
    #: At a moment that is known.
    AT = 'at'
    #: About at a moment, at the pace of now.
    ABOUT = 'about'
    #: Not before a moment: more wait before it than are counted.
    AFTER = 'after'
    #: Never, as things stand: it ends at a moment before it would go.
    LATE = 'late'
    #: When room for more people returns; ``cause`` tells which.
    ROOM = 'room'
    #: When something happens; ``cause`` is the code of what keeps it.
    EVENT = 'event'

    def __str__(self):
        return self.value


@dataclass(frozen=True)
class Forecast:
    """:ivar kind: ``Kind``. :ivar moment: see ``Kind``. :ivar cause: of ``ROOM`` and ``EVENT``."""

    kind: Kind
    moment: datetime | None = None
    cause: str = ''


@dataclass(frozen=True)
class Waiting:
    """A message that has not gone yet.

    :ivar purpose: a code of ``purpose.PURPOSES``, or None
    :ivar due_at: not before; None while it waits for an event
    :ivar reason: code of what holds it, or ''
    :ivar expires_at: of no use from then on; None for never
    :ivar ahead: due messages of the same number that go before it; None if more than were counted
    """

    purpose: str | None
    due_at: datetime | None
    reason: str = ''
    ahead: int | None = 0
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Queue:
    """What is known about a number at a moment.

    :ivar per_second: its speed
    :ivar brake: a level of ``brake.LEVELS``
    :ivar begun_per_second: messages that are no answers, for a number that warms up; None for no such limit
    :ivar people_left: whom a number that warms up may still reach today; None for any number
    :ivar budget_left: people its portfolio may still reach, by purpose; None for any number
    :ivar opens_at: Meta wants no call before; None for none
    :ivar stop: code of what stops the number, '' if it sends
    :ivar counted: how many due messages were counted at most
    """

    per_second: float
    brake: str = 'none'
    begun_per_second: float | None = None
    people_left: int | None = None
    budget_left: dict | None = None
    opens_at: datetime | None = None
    stop: str = ''
    counted: int = 0


def foresee(waiting, queue, now):
    """Tell when a message will go.

    :param Waiting waiting: the message
    :param Queue queue: of its number
    :param datetime now: of the clock its moments are stored by
    :rtype: Forecast
    """
    if queue.stop:
        return Forecast(Kind.EVENT, cause=queue.stop)
    if waiting.due_at is None:
        return Forecast(Kind.EVENT, cause=waiting.reason)
    if waiting.purpose == MARKETING and queue.brake in (MARKETING_STOPPED, ALL):
        return Forecast(Kind.EVENT, cause='brake')
    if waiting.due_at > now:
        return _at(waiting, waiting.due_at, now, Kind.AT)
    short = _short_of_room(waiting, queue)
    return Forecast(Kind.ROOM, cause=short) if short else _in_line(waiting, queue, now)


def _short_of_room(waiting, queue):
    """:return: what will hold the message if each one before it goes to somebody new, or ''."""
    if waiting.purpose == CARE:
        return ''
    ahead = queue.counted if waiting.ahead is None else waiting.ahead
    budget_left = (queue.budget_left or {}).get(waiting.purpose)
    if queue.people_left is not None and ahead >= queue.people_left:
        return Wait.WARMUP.value
    return Wait.BUDGET.value if budget_left is not None and ahead >= budget_left else ''


def _in_line(waiting, queue, now):
    ahead = queue.counted if waiting.ahead is None else waiting.ahead
    begins = max(now, queue.opens_at or now)
    moment = begins + timedelta(seconds=ahead / speed_of(waiting.purpose, queue))
    return _at(waiting, moment, now, Kind.AFTER if waiting.ahead is None else Kind.ABOUT)


def _at(waiting, moment, now, kind):
    if waiting.expires_at and waiting.expires_at <= moment:
        return Forecast(Kind.LATE, waiting.expires_at)
    is_soon = kind is not Kind.AFTER and (moment - now).total_seconds() < MOMENT_S
    return Forecast(Kind.NOW) if is_soon else Forecast(kind, moment)


def speed_of(purpose, queue):
    """:return: messages of a purpose that a number sends per second, if only such ones wait."""
    speeds = [queue.per_second]
    if purpose == MARKETING and queue.brake == SLOW:
        speeds.append(queue.per_second * SLOW_MARKETING)
    if purpose != CARE and queue.begun_per_second is not None:
        speeds.append(queue.begun_per_second)
    return min(speeds)


def seconds_to_finish(counts, queue):
    """Tell how long what is due takes at the pace of now.

    :param dict counts: due messages by purpose
    :param Queue queue: of their number
    :return: seconds; the slowest kind decides, or all of them together
    :rtype: float
    """
    alone = [count / speed_of(purpose, queue) for purpose, count in counts.items()]
    return max([sum(counts.values()) / queue.per_second, *alone])
