"""Who got enough for now: a step that would write to them waits, or comes too late."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass
class Pressure:
    """How much each person got from all campaigns lately; what the batch itself gives away counts at once.

    :ivar int most: messages per person, 0 for no limit
    :ivar timedelta span: in so long a time
    :ivar dict moments: by person, when they were written to within the span
    """

    most: int
    span: timedelta
    moments: dict

    def free_from(self, person, now):
        """:return: None if the person may be written to now, else the moment from which there is room."""
        if not self.most or not person:
            return None
        recent = sorted(moment for moment in self.moments.get(person, ()) if moment > now - self.span)
        return recent[-self.most] + self.span if len(recent) >= self.most else None

    def take(self, person, now):
        """Note that the person is written to now."""
        if person:
            self.moments.setdefault(person, []).append(now)
