"""Calls that are left without an answer: one timer looks after all of them."""

import asyncio

POLL_SECONDS = 0.1


class Hangs:
    """Callers who wait for nothing."""

    def __init__(self, schedule):
        """Take the schedule whose timer is used."""
        self.schedule = schedule
        self.waiting = []

    async def wait(self, request, seconds):
        """Return when the time is over or the caller has gone."""
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        if not self.waiting:
            self.schedule.after(POLL_SECONDS, self._look)
        self.waiting.append((ended, loop.time() + seconds, request))
        await ended

    def _look(self):
        now = asyncio.get_running_loop().time()
        still = []
        for ended, until, request in self.waiting:
            if ended.done():
                continue
            if now >= until or request.transport is None or request.transport.is_closing():
                ended.set_result(None)
            else:
                still.append((ended, until, request))
        self.waiting = still
        if still:
            self.schedule.after(POLL_SECONDS, self._look)
