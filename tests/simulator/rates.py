"""How fast messages were accepted, over true sliding seconds. Times are seconds of a monotonic clock, in order."""

from collections import defaultdict
from heapq import merge

SECOND = 1.0


class Rates:
    """The moments of acceptance and of inbound messages of each number."""

    def __init__(self):
        """Start empty."""
        self.accepted = defaultdict(list)
        self.inbound = defaultdict(list)

    def as_dict(self):
        """Return the highest count of any second by number, without and with what people wrote."""
        numbers = sorted({*self.accepted, *self.inbound})
        return {
            'max_in_any_second': {phone_id: most_in_a_second(self.accepted[phone_id]) for phone_id in numbers},
            'max_in_any_second_with_inbound': {
                phone_id: most_in_a_second(merge(self.accepted[phone_id], self.inbound[phone_id]))
                for phone_id in numbers},
        }


def most_in_a_second(times):
    """Return the most events that lie within one second, its start excluded, its end included."""
    window, start, most = list(times), 0, 0
    for end, moment in enumerate(window):
        while window[start] <= moment - SECOND:
            start += 1
        most = max(most, end - start + 1)
    return most
