"""Things that happen later, counted so that /idle can tell when nothing is left."""

import asyncio


class Schedule:
    """Timers on the running loop."""

    def __init__(self):
        """Start with nothing planned."""
        self.handles = set()

    @property
    def pending(self):
        """Number of timers that have not fired yet."""
        return len(self.handles)

    def after(self, seconds, action, *args):
        """Call `action(*args)` in `seconds`."""
        holder = []

        def fire():
            self.handles.discard(holder[0])
            action(*args)

        handle = asyncio.get_running_loop().call_later(max(0.0, seconds), fire)
        holder.append(handle)
        self.handles.add(handle)

    def clear(self):
        """Forget everything that is planned."""
        for handle in self.handles:
            handle.cancel()
        self.handles.clear()
