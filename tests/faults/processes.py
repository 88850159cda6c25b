"""Several processes at once, and what happens around them: connections, clocks, restarts, copies."""
import subprocess
import sys
import time

from kit import databases, odoo, postgres
from kit.commands import check

from .fullest import fullest_second
from .ground import DATABASE, disconnect, ground
from .judge import most_in_any_second
from .kills import CLAIMED_AT_ONCE
from .result import fault
from .worker import Workers

LIMIT = 80
WORKERS = 4
# One of them cannot keep up the pace with so few, so they help each other.
CALLS_OF_EACH = 8
CLOCK_OFF = 600
COPY = f'{DATABASE}_copy'


@fault('F11')
def together(server, quick, result):
    """four processes drain one queue"""
    count = 400 if quick else 10_000
    with ground(server) as field:
        field.keep_diary()
        intents = field.enqueue(count)
        field.workers.start(WORKERS, calls=CALLS_OF_EACH)
        field.settle(seconds=2 * count / LIMIT + 60)
        require_pace(field, result)
        result.verdict = field.verdict(intents)
        deadlocks = field.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
    result.facts.update(deadlocks[0])
    result.require(not result.facts['deadlocks'], 'a deadlock')
    result.require(not result.verdict.unknown_left, 'outcomes left unknown although nothing went wrong')


def require_pace(field, result):
    """Note how many were accepted in the fullest second; it must not be more than the number may send."""
    ledger = field.ledger()
    most = most_in_any_second(entry['accepted_at'] for entry in ledger)
    result.facts['max_in_any_second'] = most
    if most > LIMIT:
        result.facts['fullest_second'] = fullest_second(ledger, field.workers.diary, field.stalls())
    result.require(most <= LIMIT, f'{most} in one second, {LIMIT} are allowed')


@fault('F12')
def database_gone(server, quick, result):
    """PostgreSQL restarts or cuts every connection five times while sending and receiving"""
    count, pause = (600, 1) if quick else (3_000, 5)
    with ground(server, workers=2) as field:
        intents = field.enqueue(count)
        field.workers.start(2)
        for turn in range(5):
            time.sleep(pause)
            supervise(field.stage)
            cut_connections(server, turn)
        time.sleep(pause)
        supervise(field.stage)
        field.settle(seconds=90 if quick else 300)
        result.verdict = field.verdict(intents)
        result.require(not field.count('accepted', 'sent'), 'a webhook was answered with 200 and lost')


def supervise(stage):
    """Start Odoo again if it has ended: its prefork server does when PostgreSQL refuses it, a service manager helps."""
    if not stage.odoo.running:
        stage.stop_odoo()
        stage.start_odoo()


def cut_connections(server, turn):
    """In turn by a restart, where the server is ours, and by ending every connection."""
    if turn % 2 and postgres.is_embedded(server):
        postgres.restart_embedded()
    else:
        disconnect(server, DATABASE)


@fault('F19')
def wrong_clocks(server, quick, result):
    """processes whose clocks are ten minutes off, and a clock that steps back"""
    count = 200 if quick else 2_000
    with ground(server) as field:
        diary = field.keep_diary()
        intents = field.enqueue(count)
        for clock_off in (CLOCK_OFF, 0, -CLOCK_OFF, 0):
            intents += run_with_clocks(field, [clock_off], count, len(intents))
        intents += run_with_clocks(field, [0, CLOCK_OFF, -CLOCK_OFF], count, len(intents))
        field.settle(seconds=60 + 8 * count / LIMIT, hurry=False)
        require_pace(field, result)
        result.verdict = field.verdict(intents)
    idle = {entry['clock_off'] for entry in diary.entries('start')} - clocks_that_sent(diary)
    result.require(not idle, f'no process whose clock is off by {idle} s has sent anything')
    result.require(not result.verdict.unknown_left, 'a wrong clock made outcomes unknown')


def clocks_that_sent(diary):
    """:return: by how much the clocks of those processes were off that have sent something."""
    callers = {call['pid'] for call in diary.entries('call') if not call['error']}
    return {entry['clock_off'] for entry in diary.entries('start') if entry['pid'] in callers}


def run_with_clocks(field, clocks, count, have):
    """Drain with workers of these clocks for as long as ``count`` messages need; queue as many more. :return: them."""
    for clock_off in clocks:
        field.workers.start(clock_off=clock_off)
    field.workers.await_start()
    time.sleep(count / LIMIT)
    field.workers.stop()
    return field.enqueue(count, first=have + 1)


@fault('F24')
def restart_and_copy(server, quick, result):
    """a restart in the middle, and a copy of the database on another host"""
    count = 1_500 if quick else 4_000
    with ground(server, server_sends=True, workers=2) as field:
        intents = field.enqueue(count)
        field.wait(lambda: field.accepted() > count / 8, 90, 'the beginning of the sending')
        field.stage.stop_odoo()
        left = field.count('queued')
        result.facts.update(sending_after_stop=field.count('sending'), queued_after_stop=left)
        result.require(left, 'the restart did not come in the middle')
        result.require(not calls_of_a_copy(server, field), 'a restored copy has sent')
        field.stage.start_odoo()
        field.settle()
        result.verdict = field.verdict(intents)
    result.require(len(result.verdict.unknown_left) <= CLAIMED_AT_ONCE, 'more unknown than was in hand')


def calls_of_a_copy(server, field):
    """Restore a copy as Odoo's hosting does and let workers drain it. :return: how many calls it made."""
    time.sleep(1)  # until the calls of the original are over
    before = len(field.calls())
    disconnect(server, field.database)
    databases.copy(server, field.database, COPY)
    check([sys.executable, '-m', 'odoo', 'neutralize', *odoo.common_options(server, COPY)],
          'The copy could not be neutralized', stdin=subprocess.DEVNULL)
    workers = Workers(COPY)
    workers.start(2)
    time.sleep(5)
    workers.stop()
    disconnect(server, COPY)
    databases.drop(server, COPY)
    return len(field.calls()) - before
