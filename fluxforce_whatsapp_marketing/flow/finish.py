"""When a broadcast or a journey will be finished at the pace of now: what people are told, no promise. [own]"""

import math
from dataclasses import dataclass
from datetime import timedelta

from . import steps, timing, tree

DAY = timedelta(days=1)
#: The longest month.
MONTH = timedelta(days=31)
#: So long a step that keeps to hours may wait for them to begin: over a weekend. [own]
CLOSED = timedelta(days=3)


@dataclass(frozen=True)
class Capacity:
    """What the sender can do.

    :ivar per_second: messages
    :ivar people_per_day: people outside a conversation in 24 hours, None for any number
    :ivar people_left: of those, how many are free now
    :ivar quiet_hours: hours of a day in which nothing goes
    """

    per_second: float
    people_per_day: int | None = None
    people_left: int | None = None
    quiet_hours: float = 0


def finishes_at(people, capacity, begins):
    """Tell when the last of them has gone.

    :param int people: who wait, with those before them
    :param Capacity capacity: of the number and its portfolio
    :param datetime begins: when the first goes
    :return: a moment, None if it never ends as things stand
    :rtype: datetime | None
    """
    if people <= 0:
        return begins
    if not capacity.per_second or capacity.quiet_hours >= 24:
        return None
    moments = [begins + _at_pace(people, capacity), _under_budget(people, capacity, begins)]
    return None if None in moments else max(moments)


def _at_pace(people, capacity):
    awake = (24 - capacity.quiet_hours) * 3600
    days, rest = divmod(people / capacity.per_second, awake)
    return timedelta(days=days, seconds=rest)


def _under_budget(people, capacity, begins):
    if capacity.people_per_day is None:
        return begins
    left = people - (capacity.people_left or 0)
    if left <= 0:
        return begins
    if not capacity.people_per_day:
        return None
    # Room returns a day after each person was reached.
    days = math.ceil(left / capacity.people_per_day)
    last = left - (days - 1) * capacity.people_per_day
    return begins + days * DAY + timedelta(seconds=last / capacity.per_second)


def longest_way(plan):
    """Tell how long a journey takes at most, from coming in to the last message.

    :param steps.Plan plan: of its steps
    :return: the time without what waits for a date of the record, and whether something does
    :rtype: (timedelta, bool)
    """
    ways = [_way(plan, key) for key, step in plan.by_key.items() if step.type in tree.MESSAGE_TYPES]
    total = max((sum(map(_longest, way), timedelta()) for way in ways), default=timedelta())
    return total, any(step.trigger == tree.DATE for way in ways for step in way)


def comes_at(plan, keys, waiting, now, comes_in):
    """Tell when somebody may come to one of some steps, at the earliest.

    :param steps.Plan plan: of the journey
    :param keys: of the steps
    :param dict waiting: by the key of a step, when the first of those who wait for it come to it (datetime, UTC)
    :param bool comes_in: whether somebody may come in now
    :return: a moment, ``now`` at the earliest; what counts from a date of the record may be at once
    :rtype: datetime
    """
    moments = []
    for key in keys:
        rest = timedelta()
        for step in _way(plan, key):
            if step.key in waiting:
                # What somebody does may be done at any moment.
                moments.append((now if _is_up_to_somebody(step) else waiting[step.key]) + rest)
            rest += timedelta() if step.trigger == tree.DATE else _span(step.delay, step.unit)
        if comes_in:
            moments.append(now + rest)
    return max(min(moments, default=now), now)


def _is_up_to_somebody(step):
    return step.trigger in tree.AFTER_MESSAGE and step.trigger not in tree.DENIES


def _way(plan, key):
    """:return: the steps that lead to one, the last first, beginning with itself."""
    way = []
    while key is not None and key in plan.by_key:
        way.append(plan.by_key[key])
        key = way[-1].parent
    return way


def _longest(step):
    """:return: time at most between the step before and this one."""
    if step.trigger == tree.DATE:
        return timedelta()
    patience = timedelta()
    if _is_up_to_somebody(step):
        patience = _span(step.expiry, step.expiry_unit) if step.expiry else steps.PATIENCE
    return patience + _span(step.delay, step.unit) + (timedelta() if step.hours == 'any' else CLOSED)


def _span(amount, unit):
    return min(amount * timing.SPANS.get(unit, MONTH), timing.LONGEST)
