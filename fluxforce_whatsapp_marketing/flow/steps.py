"""What is due for whom, and where a participant stands after it."""

from dataclasses import dataclass
from datetime import datetime

WAITING = 'waiting'
DONE = 'done'
DUPLICATE = 'duplicate'
ERROR = 'error'
#: Said stop before their turn came.
STOPPED = 'stopped'


@dataclass(frozen=True)
class Activity:
    """One thing a campaign does with everybody.

    :ivar key: its id
    :ivar sequence: its place; of two in the same place the lower key comes first
    """

    key: int
    sequence: int


@dataclass(frozen=True)
class Participant:
    """Where somebody stands in a campaign.

    :ivar key: their id
    :ivar state: ``WAITING``, ``DONE``, ``DUPLICATE``, ``ERROR`` or ``STOPPED``
    :ivar last: key of the activity done last, or None
    :ivar due_at: UTC moment before which nothing happens, or None
    """

    key: int
    state: str
    last: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """An activity to do for a participant, by their keys."""

    participant: int
    activity: int


def due(participants, activities, now):
    """Find what to do now: at most one step each, only for who waits and whose time has come.

    Who stands at an activity that is no longer there gets nothing: beginning anew would do things twice.

    :param Iterable[Participant] participants: any number, in the order in which they are served
    :param Iterable[Activity] activities: of their campaign
    :param datetime now: UTC, naive like the participants' moments
    :rtype: list[Step]
    """
    keys = _ordered(activities)
    waiting = [participant for participant in participants if _is_due(participant, now)]
    steps = [(participant.key, _following(participant.last, keys)) for participant in waiting]
    return [Step(participant, activity) for participant, activity in steps if activity is not None]


def state_after(activity, activities):
    """Tell where an activity leaves who went through it.

    :param int activity: key of the activity that was done
    :return: ``DONE`` after the last one, else ``WAITING``
    """
    return WAITING if _following(activity, _ordered(activities)) is not None else DONE


def before(activity, activities):
    """Find where a participant stands again when an activity was taken back.

    :param int activity: key of the activity that did not happen after all
    :return: key of the activity before it, or None
    """
    keys = _ordered(activities)
    position = keys.index(activity) if activity in keys else 0
    return keys[position - 1] if position else None


def _is_due(participant, now):
    return participant.state == WAITING and (participant.due_at is None or participant.due_at <= now)


def _ordered(activities):
    return [activity.key for activity in sorted(activities, key=lambda a: (a.sequence, a.key))]


def _following(last, keys):
    if last is None:
        return keys[0] if keys else None
    following = keys[keys.index(last) + 1:] if last in keys else []
    return following[0] if following else None
