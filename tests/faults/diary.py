"""What each process that drains did, call by call; read when a second held too many messages.

Moments are seconds of this machine's monotonic clock, which no clock that is set or moved touches.
"""
import json
import os
import sys
import time


def now():
    """:return: the monotonic clock, also where freezegun has put its own in the place of ``time.monotonic``."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


class Diary:
    """One file for all processes. Each line is written at once: a process that is killed has told what it did."""

    def __init__(self, path):
        self.path = path
        path.write_text('')

    def entries(self, what):
        """:return: the lines about one kind of thing as dicts, in the order in which they were written."""
        entries = map(json.loads, self.path.read_text().splitlines())
        return [entry for entry in entries if entry['what'] == what]

    def note(self, what, **facts):
        """Write down what happens now; ``pid`` is this process unless it is given."""
        entry = {'what': what, 'pid': os.getpid(), 'at': now(), **facts}
        with self.path.open('a') as file:
            file.write(json.dumps(entry) + '\n')

    def watch_calls(self):
        """Write down every call of this process: when it was planned, began and ended."""
        delivery = sys.modules['odoo.addons.fluxforce_whatsapp.cloud_api.delivery']
        send = delivery.Pipeline._send

        def watched(pipeline, job):
            began, late = now(), time.monotonic() - job.begin
            outcome = send(pipeline, job)
            self.note('call', key=job.payload['biz_opaque_callback_data'], planned=began - late, began=began,
                      error=outcome.error and type(outcome.error).__name__)
            return outcome

        delivery.Pipeline._send = watched
