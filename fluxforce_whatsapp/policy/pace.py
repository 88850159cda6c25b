"""How fast a number may send: arithmetic over stored times, so that every worker on every machine gets the same answer.

Moments are naive UTC of one clock (the database's); rates are messages per second.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Share of a limit that is used: what leaves here evenly does not arrive there evenly. [own]
HEADROOM = 0.94
#: Share of the pace that several workers use together: none of them knows how late the others are. [own]
COMPANY_SHARE = 0.9
#: For so many seconds after its last claim another worker is taken to be at work, unless it has signed off. [own]
COMPANY_S = 5.0
#: For so many seconds another worker may join the one at work, which asked for help or wants to be relieved. [own]
INVITATION_S = 5.0
#: How far ahead slots are given away, seconds: the wait is never longer than the running second. [own]
HORIZON_S = 0.7
#: A slot further ahead than this, and than so many slots, was written before the clock stepped back. [own]
CLOCK_STEP_S = 5.0
SLOTS_AHEAD = 2
#: Each step of the throttle halves the pace for this many seconds, so it is back after steps × seconds: Meta's 130429
#: must be over within 30 s. [own]
THROTTLE_STEP_S = 5.0
MAX_THROTTLE_STEP = 5
MAX_TOO_FAST_STEP = 4
#: Answers that ask to come back later, among this share of those that came, mean that Meta is out of order. [own]
OUTAGE_SHARE = 0.6
OUTAGE_LEAST = 5
OUTAGE_LEAST_SLOW = 2
#: To the answers of a batch so many of those before it are added, none older than so many seconds: enough that three
#: calls of ten that are lost for good do not look like an outage once in a thousand. [own]
LATELY_CALLS = 40
LATELY_S = 10.0
#: Speed of marketing under a light brake. [own]
SLOW_MARKETING = 0.5

#: One message per person and number in 6 s, or up to 45 within 6 s borrowed from later [S26:about-the-platform,
#: 2026-09-11]; the margins are for what the way adds. [own]
PAIR_INTERVAL_S = 6.0 + 0.5
PAIR_BURST = 45
PAIR_BURST_WINDOW_S = 6.0 - 0.5


@dataclass(frozen=True)
class Leeway:
    """How far a call may be from its slot, seconds. What is later gets another slot.

    Slots of all workers together are ``1 / rate`` apart. If none of their calls arrives more than ``slack`` after its
    slot, those that arrive within any second have slots within ``1 + slack`` seconds, so they are at most
    ``rate * (1 + slack)``, rounded up. A worker's own calls are counted by ``cloud_api.turnstile``.

    :ivar late: after its slot a call may begin
    :ivar slack: after its slot it may arrive
    :ivar catch_up: by how much a worker that is late goes faster than its pace; below Meta's throughput all the same
    """

    late: float
    slack: float
    catch_up: float


#: Nobody else sends from the number: the worker counts its own calls, and that is enough. Whoever takes it for dead
#: begins ``COMPANY_S`` after its last claim; by then all it planned ``HORIZON_S`` ahead has to be over. [own]
ALONE = Leeway(3.0, float('inf'), catch_up=1.04)
#: Others are at work: the slack is what headroom and share leave, less the rounding of some four workers. [own]
IN_COMPANY = Leeway(0.06, 0.12, catch_up=1.02)


@dataclass(frozen=True)
class Limit:
    """One thing that bounds a number's speed.

    :ivar name: what it is, a plain code
    :ivar per_second: messages per second
    """

    name: str
    per_second: float


def slowest(limits):
    """Choose the limit that wins.

    :param Iterable[Limit] limits: at least one; those that are 0 or below do not bound anything
    :return: its name and the part of it that is used, see ``HEADROOM``
    :rtype: Limit
    """
    limit = min((limit for limit in limits if limit.per_second > 0), key=lambda limit: limit.per_second)
    return replace(limit, per_second=limit.per_second * HEADROOM)


# --- Slots ---------------------------------------------------------------------------------------------------------


def first_slot(next_slot, now, rate):
    """Find the earliest free slot: the stored one, unless it is past or of a clock that stepped back.

    :param float rate: messages per second; a slow number's next slot may lie far ahead
    """
    farthest = now + timedelta(seconds=CLOCK_STEP_S + HORIZON_S + SLOTS_AHEAD / rate)
    return now if next_slot is None or next_slot < now or next_slot > farthest else next_slot


def free_slots(next_slot, now, rate, horizon=HORIZON_S):
    """Count the slots that may be given away now.

    :param next_slot: stored moment of the next free slot, or None
    :param datetime now: of the same clock
    :param float rate: messages per second
    :param float horizon: seconds ahead
    :rtype: int
    """
    if rate <= 0:
        return 0
    seconds = (now - first_slot(next_slot, now, rate)).total_seconds() + horizon
    return max(0, int(seconds * rate + 1e-6) + 1) if seconds >= 0 else 0


def book_slots(next_slot, now, rate, count):
    """Give away slots, evenly spaced.

    :return: their moments, and the next free one to store
    :rtype: tuple[list[datetime], datetime]
    """
    first, step = first_slot(next_slot, now, rate), timedelta(seconds=1 / rate)
    return [first + index * step for index in range(count)], first + count * step


# --- Throttle ------------------------------------------------------------------------------------------------------


def throttle_step(step, throttled_at, now):
    """:return: how many times the pace is halved at this moment."""
    if not step or throttled_at is None or throttled_at > now + timedelta(seconds=CLOCK_STEP_S):
        return 0
    eased = int(max((now - throttled_at).total_seconds(), 0) // THROTTLE_STEP_S)
    return max(int(step) - eased, 0)


def throttled(rate, step):
    """:return: the pace after so many halvings, messages per second."""
    return rate * 0.5 ** step


def tighten(step, throttled_at, now, answers):
    """Slow down after Meta said "too fast", or at once as far as it goes when Meta is out of order.

    Several answers of one second are one observation.

    :param Answers answers: what came back lately
    :return: step and moment to store, or None for no change
    :rtype: tuple[int, datetime] | None
    """
    present = throttle_step(step, throttled_at, now)
    if is_outage(answers, present):
        return MAX_THROTTLE_STEP, now
    if not answers.too_fast or (present and (now - throttled_at).total_seconds() < 1):
        return None
    return min(present + 1, MAX_TOO_FAST_STEP), now


@dataclass
class Answers:
    """How the calls of a number ended lately.

    :ivar total: all of them
    :ivar passing: those that ask to come back later, or never got there
    :ivar too_fast: those that say the number was too fast
    """

    total: int = 0
    passing: int = 0
    too_fast: int = 0


def is_outage(answers, step=0):
    """:return: whether Meta, or the way there, is out of order; who is slowed down already sees it in a few answers.

    :param Answers answers: of one batch and the ``LATELY_CALLS`` before it
    """
    least = OUTAGE_LEAST_SLOW if step else OUTAGE_LEAST
    return answers.passing >= least and answers.passing >= answers.total * OUTAGE_SHARE


# --- Pair ----------------------------------------------------------------------------------------------------------


@dataclass
class Pair:
    """What a number has sent to a person lately.

    :ivar burst_at: moment of the first message that is not paid off yet, or None
    :ivar burst_count: messages since then
    :ivar blocked_until: moment before which Meta wants no further try (131056), or None
    """

    burst_at: datetime | None = None
    burst_count: int = 0
    blocked_until: datetime | None = None


def _paid_at(pair):
    return pair.burst_at + timedelta(seconds=PAIR_INTERVAL_S * pair.burst_count)


def pair_ready_at(pair, now, may_burst=False):
    """Find the earliest moment for a message to a person.

    :param Pair pair: as it is known
    :param datetime now: of the same clock
    :param bool may_burst: whether it may borrow from later, as answers in a conversation do
    :return: ``now`` or later
    :rtype: datetime
    """
    ready = max(now, pair.blocked_until or now)
    # Longer ahead than any debt can be: written before the clock stepped back.
    if ready > now + timedelta(seconds=PAIR_INTERVAL_S * PAIR_BURST * 2):
        ready = now
    if pair.burst_at is None or pair.burst_at > now + timedelta(seconds=CLOCK_STEP_S) or ready >= _paid_at(pair):
        return ready
    in_burst = ready < pair.burst_at + timedelta(seconds=PAIR_BURST_WINDOW_S) and pair.burst_count < PAIR_BURST
    return ready if may_burst and in_burst else max(ready, _paid_at(pair))


def pair_book(pair, at):
    """:return: the :class:`Pair` after one more message at the moment ``at``."""
    if pair.burst_at is None or at >= _paid_at(pair) or pair.burst_at > at + timedelta(seconds=CLOCK_STEP_S):
        return Pair(at, 1)
    return Pair(pair.burst_at, pair.burst_count + 1)
