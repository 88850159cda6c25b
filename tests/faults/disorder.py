"""Webhooks that come more than once, at the same time, and in any order."""
from random import Random

from kit.report import step

from .hook import Hook
from .inflow import absorb, deliver, listening, require_all_taken
from .result import fault
from .snapshot import snapshot
from .story import clean, envelope, story
from .webhook_judge import WebhookVerdict, judge_webhooks

GROUP = 'webhooks'
CONNECTIONS = 32
COPIES = 9
SEEDS = (1, 2, 3)
LONG, SHORT = 900, 180


@fault('F13', GROUP)
def duplicates(server, quick, result):
    """every webhook comes ten times, some on 32 connections at once"""
    told, verdict = story(quick), WebhookVerdict()
    for seed in SEEDS[:1] if quick else SEEDS:
        with step(f'Ten times each, shuffled with seed {seed}'):
            verdict.add(judge_webhooks(ten_times(server, told, seed, quick, result), clean(server, told)))
    result.verdict = verdict


def ten_times(server, told, seed, quick, result):
    """:return: the snapshot after each body came ten times in disorder, some of them all at once."""
    faults = {'duplicate': 1, 'copies': COPIES, 'reorder': 0.3}
    settings = {'webhook_faults': faults, 'webhook_concurrency': CONNECTIONS}
    with listening(server, told, settings) as field:
        bodies = told.bodies()
        at_once = Hook(field).post_at_once(bodies[:5 if quick else 30], CONNECTIONS)
        result.require(set(at_once) == {200}, f'at once: answered with {sorted(set(at_once))}')
        deliver(field, Random(seed).sample(bodies, len(bodies)))
        absorb(field, SHORT if quick else LONG)
        require_all_taken(field, result)
        return snapshot(field)


@fault('F14', GROUP)
def out_of_order(server, quick, result):
    """each update comes alone and in any order; a status comes before the answer of its send"""
    told, verdict = story(quick), WebhookVerdict()
    for seed in SEEDS[:1] if quick else SEEDS:
        with step(f'One by one, shuffled with seed {seed}'), listening(server, told) as field:
            updates = told.updates()
            deliver(field, [envelope([update]) for update in Random(seed).sample(updates, len(updates))])
            absorb(field, SHORT if quick else LONG)
            require_all_taken(field, result)
            seen = snapshot(field)
        verdict.add(judge_webhooks(seen, clean(server, told)))
    require_early_statuses_count(server, quick, result)
    result.verdict = verdict


def require_early_statuses_count(server, quick, result):
    """Really sent, with statuses that overtake the answers and one another: everybody has read in the end."""
    count = 50 if quick else 1_000
    faults = {'early': 1, 'reorder': 0.5, 'duplicate': 0.3}
    with step('Statuses before the answers'), listening(
            server, settings={'webhook_faults': faults, 'sent_after': 0, 'delivered_after': 0.01}, latency=1) as field:
        intents = field.enqueue(count)
        field.settle()
        verdict = field.verdict(intents)
        result.require(verdict.holds, f'with early statuses: {verdict.counts()}')
        result.require(field.count('read') == count, f'not read although everybody reads: {field.states()}')
        result.require(not left_over(field), 'statuses still wait for their message')


def left_over(field):
    return field.query("SELECT 1 FROM fluxforce_whatsapp_event_item WHERE state IN ('waiting', 'error') LIMIT 1")
