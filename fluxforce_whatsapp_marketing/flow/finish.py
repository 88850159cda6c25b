"""When a broadcast will be finished at the pace of now: what people are told, no promise. [own]"""

import math
from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)


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
