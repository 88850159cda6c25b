"""The log of Graph calls: small rows, the oldest dropped, no tokens."""

import time
from collections import deque

#: Rows kept; a run of 100,000 messages with its retries fits in.
MAX_ROWS = 200_000


class Entry:
    """One call; `status` None = no answer was given, `aborted` = who ended it."""

    __slots__ = ('aborted', 'code', 'method', 'path', 'status', 'time')

    def __init__(self, method, path):
        """Note a call that has just come in."""
        self.time = time.time()
        self.method, self.path = method, path
        self.status = self.code = self.aborted = None

    def as_dict(self):
        """Return the row of GET /requests."""
        row = {'time': self.time, 'method': self.method, 'path': self.path, 'status': self.status, 'code': self.code}
        if self.aborted:
            row['aborted'] = self.aborted
        return row


def new_log():
    """Return an empty log."""
    return deque(maxlen=MAX_ROWS)
