"""Things that happen later, counted so that /idle can tell when nothing is left."""

import asyncio
import heapq
import itertools
import logging
import math

#: Seconds by which things may be late, so that one timer of the loop serves all that are due about now.
TICK_SECONDS = 0.002

_logger = logging.getLogger(__name__)


class Schedule:
    """Actions in order of their time behind a single timer of the running loop."""

    def __init__(self, on_error=None):
        """Start with nothing planned; `on_error()` is told of an action that raised."""
        self.on_error = on_error
        self.planned = []
        self.order = itertools.count()
        self.timer, self.timer_at = None, math.inf

    @property
    def pending(self):
        """Number of actions that have not run yet."""
        return len(self.planned)

    def after(self, seconds, action, *args):
        """Call `action(*args)` in `seconds`, never earlier; those of the same moment keep their order."""
        due = asyncio.get_running_loop().time() + max(0.0, seconds)
        heapq.heappush(self.planned, (due, next(self.order), action, args))
        if due < self.timer_at:
            self._arm(due)

    async def sleep(self, seconds):
        """Wait like `asyncio.sleep`, on the shared timer."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        self.after(seconds, _wake, waiter)
        await waiter

    def clear(self):
        """Forget everything that is planned."""
        self.planned.clear()
        self._disarm()

    def _arm(self, due):
        self._disarm()
        self.timer_at = due
        tick = math.ceil(due / TICK_SECONDS) * TICK_SECONDS
        self.timer = asyncio.get_running_loop().call_at(tick, self._run_due)

    def _disarm(self):
        if self.timer is not None:
            self.timer.cancel()
        self.timer, self.timer_at = None, math.inf

    def _run_due(self):
        self._disarm()
        now = asyncio.get_running_loop().time()
        while self.planned and self.planned[0][0] <= now:
            _due, _position, action, args = heapq.heappop(self.planned)
            try:
                action(*args)
            except Exception:  # the others must still have their turn
                _logger.exception('a planned action failed')
                if self.on_error:
                    self.on_error()
        if self.planned:
            self._arm(self.planned[0][0])


def _wake(waiter):
    if not waiter.done():
        waiter.set_result(None)
