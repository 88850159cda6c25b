"""Meta asks to slow down, or is out of order."""
import time

from .ground import ground
from .judge import most_in_any_second
from .result import fault

LIMIT = 80
RECOVERY_SECONDS = 30
# A rate counts as full again when it holds for this long.
FULL_SECONDS, FULL_SHARE = 3, 0.8
SLOW_DOWN = ({'code': 130429, 'http': 400}, {'code': 130429, 'http': 429}, {'code': 4, 'http': 429},
             {'code': 80007, 'http': 400})
OUT_OF_ORDER = ({'code': 131000, 'http': 500}, {'code': 131016, 'http': 503}, {'code': 2, 'http': 503})
PAIR_BURST = 1


def at_random(faults, share):
    """:return: faults for the simulator that hit a share of all sends in sum."""
    return [{**one, 'probability': share / len(faults)} for one in faults]


@fault('F6')
def too_fast(server, quick, result):
    """Meta says "too many" to a third of the sends for a while"""
    count, seconds = (1_000, 4) if quick else (5_000, 30)
    with ground(server) as field:
        field.set(random_faults=at_random(SLOW_DOWN, 0.3))
        intents = field.enqueue(count)
        field.workers.start()
        time.sleep(seconds)
        over = time.time()
        field.set(random_faults=[])
        field.settle(seconds=300, hurry=False)
        result.verdict = field.verdict(intents)
        recovered = full_again(sorted(entry['accepted_at'] for entry in field.ledger()), over)
        result.require(len(field.ledger()) == count, 'a message was lost or failed')
    result.facts['recovered_after'] = recovered
    result.require(recovered is not None and recovered <= RECOVERY_SECONDS, 'the rate did not recover in time')


def full_again(times, since):
    """:return: seconds after ``since`` at which the rate was full for a while, None if it never was."""
    after = [moment for moment in times if moment >= since]
    wanted = int(FULL_SECONDS * LIMIT * FULL_SHARE)
    for first, last in zip(after, after[wanted:], strict=False):
        if last - first <= FULL_SECONDS:
            return round(last - since, 1)
    return None


@fault('F7')
def one_person_too_often(server, quick, result):
    """too many messages to one person; everybody else goes on, and the person's order is kept"""
    mine, others = (3, 200) if quick else (6, 2_000)
    with ground(server) as field:
        field.set(pair_burst=PAIR_BURST)
        with field.env() as env:  # the same text again and again, which the gate would refuse
            env['fluxforce.whatsapp.account'].search([]).duplicate_hours = 0
        ours = [key for _ in range(mine) for key in field.enqueue(1)]
        intents = ours + field.enqueue(others, first=2)
        began = time.time()
        field.settle(seconds=300, hurry=False)
        ledger = field.ledger()
        result.verdict = field.verdict(intents)
        result.require(len(ledger) == len(intents), 'not everybody got theirs in the end')
    others_took = max(entry['accepted_at'] for entry in ledger if entry['key'] not in ours) - began
    result.facts['others_took'] = round(others_took, 1)
    result.require(others_took <= 1.2 * others / LIMIT + 5, f'the others waited too: {others_took:.0f} s')
    result.require([entry['key'] for entry in ledger if entry['key'] in ours] == ours, 'the order was not kept')


@fault('F8')
def out_of_order(server, quick, result):
    """5 % errors, then Meta is down completely"""
    seconds, calm = (20, 4) if quick else (120, 15)
    with ground(server) as field:
        field.set(random_faults=at_random(OUT_OF_ORDER, 0.05))
        intents = field.enqueue(calm * LIMIT + 400)
        field.workers.start()
        time.sleep(calm)
        normal = len(field.calls()) / calm
        field.set(random_faults=at_random(OUT_OF_ORDER, 1))
        before = len(field.calls())
        time.sleep(seconds)
        during = (len(field.calls()) - before) / seconds
        field.set(random_faults=[])
        field.settle(seconds=300)
        result.verdict = field.verdict(intents)
        result.facts.update(failed=field.count('failed'), max_in_any_second=most_in_any_second(
            entry['accepted_at'] for entry in field.ledger()))
    result.facts.update(calls_per_s_normal=round(normal, 1), calls_per_s_down=round(during, 1))
    result.require(during <= normal / 10, f'a storm of retries: {during:.1f}/s, {normal:.1f}/s in normal times')
