"""Measures a worker while it drains an outbox."""
import time
from dataclasses import dataclass

import psutil

from tests.faults.worker import cpu_seconds

POLL_SECONDS = 0.25
LONGEST_SECONDS = 1800


@dataclass(frozen=True)
class Drained:
    """What one worker did.

    :ivar float cpu_s: user and system time of the worker and of its PostgreSQL backends
    :ivar float peak_mb: most memory the worker had
    :ivar int connections: most connections it had to Meta's stand-in at once
    """

    cpu_s: float
    peak_mb: float
    connections: int


def drain(field):
    """Let one worker empty the outbox. :param field: :class:`tests.faults.ground.Ground`. :rtype: Drained"""
    pid, = field.workers.start()
    peak, connections, end = 0, 0, time.monotonic() + LONGEST_SECONDS
    with field.server.cursor(field.database) as cursor:
        while waits(cursor) and time.monotonic() < end:
            process = psutil.Process(pid)
            peak = max(peak, process.memory_info().rss)
            connections = max(connections, sum(
                f':{one.raddr.port}' in field.simulator.graph_url for one in process.connections('tcp') if one.raddr))
            time.sleep(POLL_SECONDS)
        cpu = cpu_seconds([pid, *backends(cursor)])
    field.workers.stop()
    return Drained(cpu, peak / 1024 ** 2, connections)


def waits(cursor):
    cursor.execute("SELECT 1 FROM fluxforce_whatsapp_message WHERE state IN ('queued', 'sending') LIMIT 1")
    return cursor.fetchone()


def backends(cursor):
    """:return: process ids of the other connections to this database."""
    cursor.execute('SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()')
    return [pid for pid, in cursor.fetchall()]


def per_second(times):
    """:return: how many moments there were in a second, from the first to the last: without what came before."""
    times = sorted(times)
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def accepted_times(field):
    return [entry['accepted_at'] for entry in field.ledger()]


def percentile(values, share):
    """:param float share: between 0 and 1. :return: the smallest value that this share does not exceed."""
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


