"""Processes this kit starts, each the leader of its own group: its children end with it, and nobody else does."""
import os
import signal
import subprocess
import time

import psutil
import requests

from .report import Stop

STOP_SECONDS = 15


class Process:
    """A program in the background with its output in a log file."""

    def __init__(self, command, log, **kwargs):
        """
        :param list command: program and arguments.
        :param Path log: where its output goes.
        """
        self.log = log
        self._output = open(log, 'wb')  # noqa: SIM115  closed in stop()
        self._process = subprocess.Popen(command, stdout=self._output, stderr=subprocess.STDOUT,
                                         start_new_session=True, **kwargs)

    @property
    def running(self):
        return self._process.poll() is None

    def processes(self):
        """:return: it and its children, as :class:`psutil.Process` objects."""
        leader = psutil.Process(self._process.pid)
        return [leader, *leader.children(recursive=True)]

    def stop(self):
        """End it and its children: politely first."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self):
        """``kill -9`` for it and its children at once."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._output.close()

    def wait_for(self, url, seconds):
        """Wait until ``url`` answers. :raise Stop: if the process ends before or it takes longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.running:
                raise Stop(f'The program ended with code {self._process.returncode}: {self._last_line()}',
                           f'Its log is {self.log}')
            try:
                if requests.get(url, timeout=5).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise Stop(f'{url} does not answer after {seconds} seconds.', f'The log is {self.log}')

    def _last_line(self):
        lines = self.log.read_text(errors='replace').strip().splitlines()
        return lines[-1] if lines else 'no output'
