"""Meta's documented limits as small counters. Times are seconds of a monotonic clock."""

from collections import deque
from dataclasses import dataclass

#: Messages per second, inbound and outbound together. [S26:throughput]
HIGH_THROUGHPUT = 1000
COEXISTENCE_THROUGHPUT = 20


def throughput_limit(number, default):
    """Return how many messages a second a number may carry: its own limit, else by its kind, else `default`."""
    if number.get('throughput_limit') is not None:
        return number['throughput_limit']
    if number.get('is_on_biz_app'):
        return COEXISTENCE_THROUGHPUT
    return HIGH_THROUGHPUT if number.get('throughput', {}).get('level') == 'HIGH' else default


class SlidingWindow:
    """Counts events of the last `seconds`."""

    def __init__(self, seconds):
        """Start empty."""
        self.seconds = seconds
        self.times = deque()

    def count(self, now):
        """Return how many events lie in the window that ends at `now`."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return len(self.times)

    def add(self, now):
        """Record one event."""
        self.times.append(now)


@dataclass(slots=True)
class PairState:
    """What one business number has sent to one person lately."""

    paid_until: float = 0.0
    burst_start: float = 0.0
    burst_count: int = 0


class PairRate:
    """One message per interval and person; a burst is allowed but has to be waited off afterwards."""

    def __init__(self):
        """Start with no history."""
        self.pairs = {}

    def take(self, pair, now, settings):
        """Book one message for `pair` at `now`; return False when Meta would refuse it (131056)."""
        state = self.pairs.get(pair)
        if state is None:
            state = self.pairs[pair] = PairState()
        if now >= state.paid_until:
            state.burst_start, state.burst_count = now, 1
            state.paid_until = now + settings.pair_interval
            return True
        in_burst = now - state.burst_start < settings.pair_burst_window
        if not in_burst or state.burst_count >= settings.pair_burst:
            return False
        state.burst_count += 1
        state.paid_until += settings.pair_interval
        return True
