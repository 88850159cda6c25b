"""When a step is done: delays by the clock on the person's own wall, within hours that suit.

Minutes and hours are counted as they pass; days, weeks and months keep the time of day where the person lives, also
over a change of the clocks.
"""

import calendar
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

SPANS = {'minutes': timedelta(minutes=1), 'hours': timedelta(hours=1), 'days': timedelta(days=1),
         'weeks': timedelta(weeks=1)}
#: When something that belongs to a day, not to a moment, is done there. [own]
DAY_BEGINS = time(9)
#: A delay longer than this is none that anybody means; it keeps moments within what a database can hold. [own]
LONGEST = timedelta(days=36500)
#: A date beyond means "never": with the longest delay a moment stays one. [own]
EARLIEST, FARTHEST = datetime(200, 1, 1), datetime(9800, 1, 1)


@dataclass(frozen=True)
class Openings:
    """Hours in which something may be done.

    :ivar spans: (from, to) in UTC, in their order, not overlapping
    :ivar known_until: nothing is known of what comes after it
    """

    spans: tuple = ()
    known_until: datetime = datetime.min

    def first(self, moment):
        """:return: the first open moment from a moment on; the moment itself where nothing is known."""
        if moment >= self.known_until:
            return moment
        place = bisect_right(self.spans, moment, key=lambda span: span[0])
        if place and moment < self.spans[place - 1][1]:
            return moment
        return self.spans[place][0] if place < len(self.spans) else self.known_until


def shift(moment, amount, unit, zone=None):
    """Count a delay.

    :param datetime moment: from which
    :param int amount: may be negative
    :param str unit: minutes, hours, days, weeks or months
    :param zone: name of the person's time zone; None or unknown: UTC
    :rtype: datetime
    """
    moment = _within(moment)
    if not amount:
        return moment
    if unit in ('minutes', 'hours'):
        return moment + _bounded(amount, SPANS[unit])
    wall = _to_wall(moment, zone)
    wall = _add_months(wall, amount) if unit == 'months' else wall + _bounded(amount, SPANS[unit])
    return to_utc(wall, zone)


def of_date(value, zone=None):
    """Tell which moment the date of a record stands for.

    :param value: a date, which stands for the morning there, or a datetime
    :rtype: datetime
    """
    if isinstance(value, datetime):
        return _within(value)
    return to_utc(_within(datetime.combine(value, DAY_BEGINS)), zone)


def is_over(value, due, now, zone=None):
    """Tell whether a moment counted from a date had passed already: of a day, when the day is over there."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return _to_wall(due, zone).date() < _to_wall(now, zone).date()
    return due < now


def to_utc(wall, zone=None):
    """:return: the moment at which the clock there shows a time; in a gap of the clocks, the one after it."""
    there = _zone(zone)
    return wall if there is None else wall.replace(tzinfo=there).astimezone(timezone.utc).replace(tzinfo=None)


def _to_wall(moment, zone):
    there = _zone(zone)
    return moment if there is None else moment.replace(tzinfo=timezone.utc).astimezone(there).replace(tzinfo=None)


def _within(moment):
    return max(EARLIEST, min(moment, FARTHEST))


def _bounded(amount, span):
    most = int(LONGEST / span)
    return max(-most, min(amount, most)) * span


def _add_months(wall, amount):
    """The same day of another month, or its last."""
    most = LONGEST.days // 31
    months = wall.year * 12 + wall.month - 1 + max(-most, min(amount, most))
    year, month = max(months // 12, 1), months % 12 + 1
    return wall.replace(year=year, month=month, day=min(wall.day, calendar.monthrange(year, month)[1]))


@lru_cache(maxsize=1000)
def _zone(name):
    """:return: the zone; None for UTC, and where this machine has none of that name."""
    try:
        return ZoneInfo(name) if name and name != 'UTC' else None
    except (LookupError, ValueError, OSError):
        return None
