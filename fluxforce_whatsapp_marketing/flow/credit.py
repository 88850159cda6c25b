"""Which message a sale or a lead is credited to."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Touch:
    """A message that reached somebody.

    :ivar key: its id
    :ivar at: UTC moment it went out
    :ivar days: so long what happens afterwards counts
    :ivar clicked_at: UTC moment a link in it was followed first, or None
    """

    key: int
    at: datetime
    days: int
    clicked_at: datetime | None = None


def credit(moment, touches):
    """Credit something to one message at most: the one whose link was followed last before it, else the last one that
    reached the person, as long as its days have not passed. (Our own choice: the last touch.)

    :param datetime moment: when it happened, UTC
    :param Iterable[Touch] touches: of the person, in any order
    :rtype: Touch | None
    """
    counting = [touch for touch in touches if touch.at <= moment <= touch.at + timedelta(days=touch.days)]
    clicked = [touch for touch in counting if touch.clicked_at and touch.clicked_at <= moment]
    return max(clicked, key=lambda touch: (touch.clicked_at, touch.key), default=None) or max(
        counting, key=lambda touch: (touch.at, touch.key), default=None)
