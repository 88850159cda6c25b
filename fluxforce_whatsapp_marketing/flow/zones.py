"""In which time zone the beginning of a number lies, as far as it tells."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Two zones that show the same hour in the middle of winter and of summer are taken for one. (Our own choice.)
MONTHS = (1, 7)


def offsets(name, year):
    """:return: hours ahead of UTC in winter and in summer, None for a zone this machine does not know
    :rtype: tuple[float, ...] | None
    """
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    moments = (datetime(year, month, 15, tzinfo=timezone.utc).astimezone(zone) for month in MONTHS)
    return tuple(moment.utcoffset().total_seconds() / 3600 for moment in moments)


def middle_zone(names, year):
    """Choose the zone that is least wrong for somebody who may live in any of several: the one in the middle. (Our own
    choice.)

    :param Iterable[str] names: of zones
    :rtype: str | None
    """
    by_offset = sorted((hours, name) for name in names if (hours := offsets(name, year)))
    clocks = sorted({hours for hours, __ in by_offset})
    middle = clocks[len(clocks) // 2] if clocks else None
    return next((name for hours, name in by_offset if hours == middle), None)
