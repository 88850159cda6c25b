"""Several processes at once, and what happens around them: connections, clocks, restarts, copies."""
from .ground import PHONE_ID, ground
from .judge import most_in_any_second
from .result import fault

LIMIT = 80


@fault('F11')
def together(server, quick, result):
    """four processes drain one queue"""
    count = 400 if quick else 10_000
    with ground(server) as field:
        intents = field.enqueue(count)
        field.workers.start(4)
        field.settle(seconds=count / LIMIT * 2 + 60)
        ledger = field.ledger()
        result.verdict = field.verdict(intents)
        result.facts.update(
            max_in_any_second=most_in_any_second(entry['accepted_at'] for entry in ledger),
            deadlocks=field.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')[0][
                'deadlocks'])
    result.require(result.facts['max_in_any_second'] <= LIMIT, f'more than {LIMIT} in a second')
    result.require(not result.facts['deadlocks'], 'a deadlock')
    result.require(not result.verdict.unknown_left, 'outcomes left unknown without a fault')
