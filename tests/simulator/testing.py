"""Starts the simulator for a test; needs nothing but the standard library on the caller's side."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 15.0
STOP_SECONDS = 5.0


class ControlError(Exception):
    """The control port refused a call."""


class RunningSimulator:
    """A simulator in a process of its own, for `with`; `python` = an interpreter that has aiohttp."""

    def __init__(self, seed=1, latency=0.0, port=0, control_port=0, python=None, host='127.0.0.1'):
        """Keep the options; nothing runs yet."""
        self.command = [
            python or sys.executable, '-m', 'tests.simulator', '--host', host, '--port', str(port),
            '--control-port', str(control_port), '--seed', str(seed), '--latency', str(latency),
            '--parent-pid', str(os.getpid()),
        ]
        # a proxy of the environment must not stand between a test and its simulator
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.process = None
        self.graph_url = self.control_url = ''

    def start(self):
        """Start the process and wait until both ports answer."""
        self.process = subprocess.Popen(self.command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        try:
            addresses = json.loads(self._first_line())
            self.graph_url, self.control_url = addresses['graph_url'], addresses['control_url']
            self.control('GET', '/health')
        except BaseException:
            self.stop()
            raise
        return self

    def _first_line(self):
        """Return the line with the ports; a simulator that stays silent is an error, not a hang."""
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.process.stdout.readline()), daemon=True).start()
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=START_SECONDS)
            if line:
                return line
        raise RuntimeError(f'the simulator did not start (exit code {self.process.poll()})')

    def control(self, method, path, data=None):
        """Call the control port and return its JSON answer."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.control_url + path, body, {'Content-Type': 'application/json'},
                                         method=method)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ControlError(f'{method} {path}: {error.code} {error.read().decode()}') from error

    def wait_idle(self, timeout=10.0):
        """Wait until nothing is going to happen any more; `timeout` in seconds."""
        end = time.monotonic() + timeout
        while not self.control('GET', '/idle')['idle']:
            if time.monotonic() > end:
                raise TimeoutError(f'still {self.control("GET", "/idle")["pending"]} things pending')
            time.sleep(0.02)

    def stop(self):
        """End the process."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        """Start."""
        return self.start()

    def __exit__(self, *error):
        """Stop."""
        self.stop()
