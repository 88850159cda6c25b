"""Processes that die while messages are in their hands."""
import random
import time
from itertools import pairwise

from .ground import ground
from .result import fault

WORKERS = 4
# One of them cannot keep up the pace with so few, so they help each other and most kills hit one at work.
CALLS_OF_EACH = 8
# Pauses between kills: with 10,000 messages at 80/s there is time for more than 200.
PAUSES = (0.2, 0.9)
# A killed worker leaves at most what it had claimed: two seconds of the number's pace.
CLAIMED_AT_ONCE = 160
MORE = 500
CRON_SECONDS = 4
# Messages per second of the number, and the longest pause between two of them: a run that falls silent is relieved
# after five seconds, and the machine may be busy; what must not happen is a wait for the next minute.
PACE = 80
REST_SECONDS = 15


@fault('F1')
def killed_workers(server, quick, result):
    """kill -9 of draining workers at random moments"""
    count, kills = (300, 6) if quick else (10_000, 200)
    with ground(server) as field:
        intents = field.enqueue(count)
        field.workers.start(WORKERS, calls=CALLS_OF_EACH)
        done = kill_while_draining(field, random.Random(1), kills, intents)
        field.settle(seconds=300)
        result.verdict = field.verdict(intents)
    result.facts.update(kills=done)
    result.require(len(result.verdict.unknown_left) <= done * CLAIMED_AT_ONCE, 'more unknown than was in hand')


def kill_while_draining(field, chance, at_least, intents):
    """Kill at random moments until the outbox is empty; fill it again if that is too early.

    :return: how many workers were killed.
    """
    kills = 0
    while field.count('queued') or kills < at_least:
        if not field.count('queued'):
            intents += field.enqueue(MORE, first=len(intents) + 1)
        time.sleep(chance.uniform(*PAUSES))
        field.workers.kill(chance.choice(field.workers.pids))
        field.workers.start(calls=CALLS_OF_EACH)
        kills += 1
    return kills


@fault('F26')
def time_limit(server, quick, result):
    """Odoo kills its cron workers at their time limit in the middle of a batch"""
    count = 400 if quick else 3_000
    options = (f'--limit-time-real-cron={CRON_SECONDS}',)
    with ground(server, server_sends=True, workers=2, odoo_options=options, latency=1.0) as field:
        intents = field.enqueue(count)
        field.settle(seconds=90 if quick else 300)
        result.facts.update(restarts=field.stage.odoo.log.read_text(errors='replace').count('timeout after'))
        result.verdict = field.verdict(intents)


@fault('backlog')
def longer_than_the_limit(server, quick, result):
    """a backlog that takes longer than Odoo lets a scheduled action run: none is killed, and the queue never rests"""
    count, limit = (5_200, 60) if quick else (16_000, 120)
    options = (f'--limit-time-real-cron={limit}',)
    with ground(server, server_sends=True, workers=2, odoo_options=options) as field:
        intents = field.enqueue(count)
        field.settle(seconds=2 * count / PACE + 60)
        result.facts.update(killed=field.stage.odoo.log.read_text(errors='replace').count('timeout after'),
                            longest_rest=longest_rest(field.ledger()))
        result.verdict = field.verdict(intents)
    result.require(not result.facts['killed'], 'Odoo killed a scheduled action')
    result.require(result.facts['longest_rest'] <= REST_SECONDS, 'the queue rested although work was left')
    result.require(not result.verdict.unknown_left, 'outcomes left unknown although nothing went wrong')


def longest_rest(ledger):
    """:return: seconds between two acceptances, at most."""
    times = sorted(entry['accepted_at'] for entry in ledger)
    return round(max(after - before for before, after in pairwise(times)), 1)
