"""When Meta lets a template be created, edited or named again: arithmetic over stored times, of one zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import const


def _windows(*pairs):
    return tuple((timedelta(seconds=seconds), count) for seconds, count in pairs)


#: Edits of an approved template; rejected and paused ones may be edited at any time.
EDITS = _windows(*const.TEMPLATE_EDITS)
LIMITED_STATUS = const.TEMPLATE_STATUS_SENDABLE
EDITABLE = const.TEMPLATE_STATUSES_EDITABLE
#: Creations of an account, each language counts.
CREATIONS = _windows(const.TEMPLATE_CREATIONS)
#: How long the name and language of a deleted approved template stay blocked.
NAME_BLOCK = timedelta(days=const.TEMPLATE_NAME_BLOCK_DAYS)


@dataclass(frozen=True)
class Room:
    """How much of a quota is left.

    :ivar left: how often it may be done now, before the next one has to wait; None = as often as one likes
    :ivar next_at: when it may be done again, None = now
    """

    left: int | None
    next_at: datetime | None = None


def edits(times, status, now):
    """Tell when a template may be edited.

    :param Iterable[datetime] times: of the edits made while it was approved; older ones may be left out
    :param str status: Meta's, of now
    :param datetime now: the moment of asking
    :return: the room; None if no waiting helps, because Meta lets no template in this status be edited
    :rtype: Room | None
    """
    if status not in EDITABLE:
        return None
    return room(times, EDITS, now) if status == LIMITED_STATUS else Room(None)


def creations(times, now):
    """Tell when an account may create a template.

    :param Iterable[datetime] times: of its creations
    :param datetime now: the moment of asking
    :rtype: Room
    """
    return room(times, CREATIONS, now)


def name_free_at(deleted_at, now):
    """Tell when the name of a deleted template may be used again in its language.

    :param deleted_at: when the approved template was deleted, None if none was
    :param datetime now: the moment of asking
    :return: None = now
    :rtype: datetime | None
    """
    return deleted_at + NAME_BLOCK if deleted_at and deleted_at + NAME_BLOCK > now else None


def room(times, windows, now):
    """Work out a quota of several moving windows.

    :param Iterable[datetime] times: when it was done
    :param windows: pairs of length (timedelta) and how often within it
    :param datetime now: the moment of asking
    :rtype: Room
    """
    times = sorted(times)
    found = [_room(times, length, count, now) for length, count in windows]
    waits = [one.next_at for one in found if one.next_at]
    return Room(min(one.left for one in found), max(waits, default=None))


def _room(times, length, count, now):
    used = [moment for moment in times if moment > now - length]
    return Room(max(0, count - len(used)), used[-count] + length if len(used) >= count else None)
