"""A process that drains the outbox like a cron worker of Odoo, light enough to be killed hundreds of times.

The registry is loaded once by :func:`open_registry`; :class:`Workers` forks from there. Alone:
``python -m tests.faults.worker --db NAME --seconds 30 -- OPTIONS OF ODOO``.
"""
import argparse
import functools
import json
import logging
import os
import signal
import sys
import threading
import time

import psutil
import psycopg2
from kit.report import Stop

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

_logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.1
AFTER_TROUBLE_SECONDS = 0.3
START_SECONDS = 60
STOP_SECONDS = 60
LOST_CONNECTION = (psycopg2.OperationalError, psycopg2.InterfaceError)


def open_registry(database, options):
    """:param list options: of Odoo's command line. :return: the registry; all its connections are closed again."""
    config.parse_config([*options, '--log-level=warn', '--max-cron-threads=0'], setup_logging=True)
    registry = Registry(database)
    sql_db.close_all()
    return registry


class Workers:
    """Children of this process that drain one database.

    :ivar diary: :class:`tests.faults.diary.Diary` of those started from now on, or None
    """

    def __init__(self, database):
        self.database, self.pids, self.diary = database, [], None

    def start(self, count=1, **options):
        """:param options: of :func:`drain`."""
        sql_db.close_all()  # what a child inherits it would share
        started = [fork(lambda: drain(self.database, diary=self.diary, **options)) for _ in range(count)]
        self.pids += started
        return started

    def kill(self, pid):
        """``kill -9``."""
        self._end(pid, signal.SIGKILL)

    def stop(self):
        """Let each finish its round."""
        for pid in self.pids:
            self._note('stopped', pid)
            os.kill(pid, signal.SIGTERM)
        for pid in list(self.pids):
            self._wait(pid)

    def kill_all(self):
        for pid in list(self.pids):
            self.kill(pid)

    def await_start(self):
        """Wait until those that keep a diary have begun: to move its clock takes a process seconds."""
        end = time.monotonic() + START_SECONDS
        while not set(self.pids) <= {entry['pid'] for entry in self.diary.entries('start')}:
            if time.monotonic() > end:
                raise TimeoutError('a worker does not start')
            time.sleep(0.05)

    def _note(self, what, pid):
        if self.diary:
            self.diary.note(what, pid=pid)

    def _end(self, pid, number):
        self._note('killed', pid)
        os.kill(pid, number)
        os.waitpid(pid, 0)
        self.pids.remove(pid)

    def _wait(self, pid):
        wait_for([pid], STOP_SECONDS)
        self.pids.remove(pid)


def fork(work):
    """Do something in a child that shares nothing with us. :return: its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        work()
        code = 0
    except BaseException:
        _logger.exception('A worker ended by an error')
    finally:
        # No clean-up of what belongs to the parent.
        logging.shutdown()
        os._exit(code)


def wait_for(pids, seconds):
    """Wait until children have ended. :raise TimeoutError: if one takes longer."""
    end = time.monotonic() + seconds
    for pid in pids:
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                raise TimeoutError(f'worker {pid} does not end')
            time.sleep(0.02)


def apart(work):
    """Do something in a child and wait for it. :return: what it returned, by way of JSON. :raise Stop: if it failed."""
    result, = apart_together([work])
    return result


def apart_together(works):
    """Do several things at once, each in a child. :return: what each returned, see :func:`apart`."""
    sql_db.close_all()
    children = [_child(work) for work in works]
    return [_result(pid, reader) for pid, reader in children]


def _child(work):
    reader, writer = os.pipe()

    def report():
        with os.fdopen(writer, 'w') as pipe:
            json.dump(work(), pipe)

    pid = fork(report)
    os.close(writer)
    return pid, reader


def _result(pid, reader):
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    if not text:
        raise Stop('A process of its own ended by an error; its log tells which.')
    return json.loads(text)


def drain(database, seconds=None, clock_off=0, calls=None, uploads=0, bulk=0, campaigns=0, diary=None):
    """Run the sender's cron again and again until SIGTERM, the end of the time or of the parent.

    :param float clock_off: seconds by which the clock of this process is wrong
    :param int calls: that it makes at once at most; with few it soon asks others for help
    :param int uploads: bring files to Meta, too, so many at once at most
    :param int bulk: send nothing, but queue bulk sends, so many people in one transaction
    :param int campaigns: run campaigns, too, so many people at once
    :param diary: :class:`tests.faults.diary.Diary` to write what it does into, or None
    """
    stopping, parent = threading.Event(), os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    if clock_off:
        move_clock(clock_off)
    if diary:
        diary.note('start', clock_off=clock_off)
        diary.watch_calls()
    make_small(calls, uploads, bulk, campaigns)
    end = time.monotonic() + (seconds or float('inf'))

    def over():
        return stopping.is_set() or time.monotonic() > end or os.getppid() != parent

    end_runs_when(over)
    registry = Registry(database)
    while not over():
        try:
            with registry.cursor() as cr:
                run_crons(api.Environment(cr, SUPERUSER_ID, {}), uploads, bulk, campaigns)
        except LOST_CONNECTION as error:
            # As in Odoo: the job fails, the next one takes a new connection.
            _logger.warning('The database was lost: %s', error)
            stopping.wait(AFTER_TROUBLE_SECONDS)
        stopping.wait(IDLE_SECONDS)
    if diary:
        diary.note('end')


def end_runs_when(over):
    """Commit as a scheduled action does, and end the run that is under way when ``over()``."""
    def commit_progress(self, processed=0, *, remaining=None, deactivate=False):
        self.env.cr.commit()
        if over():
            sender().LONGEST_RUN_S = 0
        return 0

    sys.modules['odoo.addons.base.models.ir_cron'].IrCron._commit_progress = commit_progress


def run_crons(env, uploads, bulk, campaigns):
    """Let the scheduled actions do what is due."""
    if bulk:
        env['fluxforce.whatsapp.dispatch']._cron_run()
        return
    if uploads:
        env['fluxforce.whatsapp.upload']._cron_upload()
    if campaigns:
        env['fluxforce.campaign']._cron_run()
    env['fluxforce.whatsapp.sender']._cron_send()


def make_small(calls, uploads, bulk, campaigns):
    """Let a run have so much in hand at once at most; None or 0 for as much as it wants."""
    if calls:
        sender().Pipeline = functools.partial(sender().Pipeline, workers=calls, ahead=calls)
    if uploads:
        model_file('upload').MOST_AT_ONCE = uploads
    if bulk:
        model_file('dispatch').BATCH = bulk
    for name in ('entry', 'runner', 'signal', 'watch') if campaigns else ():
        sys.modules[f'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_campaign_{name}'].BATCH = campaigns


def sender():
    """:return: the module of the addon."""
    return model_file('sender')


def model_file(name):
    """:return: the module of the addon in which a model is."""
    return sys.modules[f'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_{name}']


def move_clock(seconds):
    """Let this process believe that it is ``seconds`` later; what only counts seconds goes on, as on any machine."""
    from datetime import datetime, timedelta, timezone  # noqa: PLC0415  before freezegun puts its own in their place

    from freezegun import api as freezegun  # noqa: PLC0415  only here
    for name in ('monotonic', 'monotonic_ns', 'perf_counter', 'perf_counter_ns'):
        setattr(freezegun, f'fake_{name}', getattr(freezegun, f'real_{name}'))
    later = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=seconds)
    freezegun.freeze_time(later, tick=True).start()


def cpu_seconds(pids):
    """:return: user and system time of processes that run on this machine."""
    total = 0
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--db', required=True)
    parser.add_argument('--seconds', type=float)
    arguments, options = parser.parse_known_args()
    open_registry(arguments.db, [option for option in options if option != '--'])
    drain(arguments.db, arguments.seconds)


if __name__ == '__main__':
    main()
