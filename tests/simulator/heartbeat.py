"""Notes when the simulator itself stood still: what comes in meanwhile is accepted all at once, whoever sent it."""

import asyncio
import time
from collections import deque

BEAT_SECONDS = 0.02
#: A beat that is so late, in seconds, is noted.
STALL_SECONDS = 0.03
#: Stalls kept.
MAX_STALLS = 10_000


class Heartbeat:
    """Moments at which the event loop went on after it stood still, and for how long it did."""

    def __init__(self):
        """Start with nothing noted."""
        self.stalls = deque(maxlen=MAX_STALLS)

    async def beat(self):
        """Go on until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(BEAT_SECONDS)
            late = time.monotonic() - before - BEAT_SECONDS
            if late > STALL_SECONDS:
                self.stalls.append((time.time(), late))
