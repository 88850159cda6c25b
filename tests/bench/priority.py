"""How long an agent's reply waits behind a campaign."""
import time

from tests.faults.ground import MARKETING, ground

from .meter import per_second, percentile

LATENCY = 0.35
# The stand-in accepts in the middle of a call's latency.
UNTIL_ACCEPTED = LATENCY / 2


def priority(server, quick):
    """an agent's replies while 20,000 marketing messages drain at 80/s

    A real Odoo server drains with its own crons and takes the webhooks. A reply counts from just before it is put into
    the outbox until it is in the log of Meta's stand-in, less the latency up to there.
    """
    campaign, replies, pause = (1_000, 5, 1) if quick else (20_000, 40, 2)
    with ground(server, 'fluxforce_bench', server_sends=True, workers=2, latency=LATENCY) as field:
        planned = set(field.enqueue(campaign, template=MARKETING))
        field.wait(lambda: field.accepted() > 100, 90, 'the beginning of the campaign')
        began = {}
        for n in range(1, replies + 1):
            queued_at = time.time()
            key, = field.enqueue(1, first=campaign + n)
            began[key] = queued_at
            time.sleep(pause)
        field.wait(lambda: set(began) <= {entry['key'] for entry in field.ledger()}, 300, 'all replies being accepted')
        ledger = field.ledger()
    waits = [entry['accepted_at'] - began[entry['key']] - UNTIL_ACCEPTED for entry in ledger if entry['key'] in began]
    drained = per_second([entry['accepted_at'] for entry in ledger if entry['key'] in planned])
    return {'replies': len(waits), 'p50_s': round(percentile(waits, 0.5), 2),
            'p95_s': round(percentile(waits, 0.95), 2), 'max_s': round(max(waits), 2),
            'drained_per_s': round(drained, 1)}
