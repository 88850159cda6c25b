"""When a person is not to be disturbed, by the clock on their own wall. [own; no rule of Meta's]

Hours are floats of local time (21.5 is half past nine in the evening), moments are naive UTC.
"""

from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from phonenumbers import NumberParseException, parse
from phonenumbers import timezone as phone_timezone

#: A moment that suits all zones of a number is looked for as far ahead as this. [own]
LOOK_AHEAD = timedelta(hours=48)
MINUTES_PER_DAY = 24 * 60


@lru_cache(maxsize=50_000)
def zones_of_phone(phone):
    """Tell in which time zones a number may be: some belong to one city, +7 or +1 800 to a dozen zones.

    :param phone: E.164 number, or None
    :return: names of zones, none for a number nobody can place
    :rtype: tuple[str, ...]
    """
    try:
        number = parse(phone or '')
    except NumberParseException:
        return ()
    zones = phone_timezone.time_zones_for_number(number)
    return tuple(zone for zone in zones if zone != phone_timezone.UNKNOWN_TIMEZONE)


def known_zones(zones):
    """:return: those of the zone names that this machine knows, in their order."""
    return tuple(name for name in zones if _zone(name))


def quiet_until(now, zones, quiet_from, quiet_to):
    """Tell until when a message has to wait.

    A number that may be in several zones is quiet while any of them is: +1 800 has an hour and a half a day between
    St. John's and Guam. Where no moment of the next 48 hours suits all zones, the first one counts alone. Zones nobody
    knows are skipped; if none is left nothing is quiet: the caller then gives one of its own, see ``known_zones``.

    :param datetime now: UTC
    :param Iterable[str] zones: names of zones
    :param float quiet_from: hour at which quiet begins; it may be later than its end and so span midnight
    :param float quiet_to: hour at which it ends; the same as ``quiet_from`` means never quiet
    :return: the first moment after ``now`` that is not quiet, UTC; None if ``now`` is not quiet
    :rtype: datetime | None
    """
    hours = _minutes(quiet_from), _minutes(quiet_to)
    zones = tuple(zone for name in zones if (zone := _zone(name)))
    if hours[0] == hours[1] or not _is_quiet(now, zones, hours):
        return None
    moment = _first_moment(now, zones, hours)
    if moment is None or moment - now > LOOK_AHEAD:
        # Only one zone counts then, and in it this very moment may be fine.
        return _first_moment(now, zones[:1], hours) if _is_quiet(now, zones[:1], hours) else None
    return moment


def _first_moment(now, zones, hours):
    return next((moment for moment in _ends_of_quiet(now, zones, hours) if not _is_quiet(moment, zones, hours)), None)


def _ends_of_quiet(now, zones, hours):
    """:return: the moments at which quiet ends in one of the zones, in order: only there can it end in all of them."""
    days = range(-1, LOOK_AHEAD.days + 2)
    moments = {moment for zone in zones for days_ahead in days for moment in _ends_on_day(now, zone, days_ahead, hours)}
    return sorted(moment for moment in moments if moment > now)


def _ends_on_day(now, zone, days_ahead, hours):
    """:return: UTC moments of a day's end of quiet: two where clocks go back over it; in a gap, one on each side."""
    day = (_local(now, zone) + timedelta(days=days_ahead)).date()
    wall = datetime.combine(day, time(*divmod(hours[1], 60)), zone)
    return {wall.replace(fold=fold).astimezone(timezone.utc).replace(tzinfo=None) for fold in (0, 1)}


def _is_quiet(now, zones, hours):
    return any(_is_quiet_in(_local(now, zone), *hours) for zone in zones)


def _is_quiet_in(wall, start, end):
    minute = wall.hour * 60 + wall.minute
    return start <= minute < end if start < end else minute >= start or minute < end


def _local(now, zone):
    return now.replace(tzinfo=timezone.utc).astimezone(zone)


def _minutes(hours):
    return round(hours * 60) % MINUTES_PER_DAY


@lru_cache(maxsize=1000)
def _zone(name):
    """:return: the zone, None where this machine has none of that name."""
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):
        return None
