"""Compares as sets what Odoo says with what Meta's stand-in has accepted."""
from collections import Counter
from dataclasses import asdict, dataclass, field

GONE_OUT = {'accepted', 'sent', 'delivered', 'read', 'played'}
# States that say honestly that a message has not gone, or that nobody knows.
NOT_GONE = {'queued', 'held', 'failed', 'unknown', 'refused', 'cancelled', 'expired'}
# What a row must not say once everything has settled and the ledger has accepted it.
DENIES = {'queued', 'held', 'refused', 'cancelled', 'expired'}
FIGURES = ('intents', 'lost', 'dup', 'ghost', 'disagree', 'unknown_left')
MUST_BE_ZERO = ('lost', 'dup', 'ghost', 'disagree')


@dataclass
class Verdict:
    """Sets of keys; all but ``intents`` and ``unknown_left`` must be empty."""

    intents: set = field(default_factory=set)
    lost: set = field(default_factory=set)
    dup: set = field(default_factory=set)
    ghost: set = field(default_factory=set)
    disagree: set = field(default_factory=set)
    unknown_left: set = field(default_factory=set)

    must_be_zero = MUST_BE_ZERO

    @property
    def holds(self):
        return not any(getattr(self, name) for name in self.must_be_zero)

    def counts(self):
        """:return: how many there are of each."""
        return {name: len(keys) for name, keys in asdict(self).items()}


def judge(intents, rows, ledger):
    """Judge a run after everything has settled.

    :param intents: keys that Odoo had in its outbox before or during the run.
    :param list rows: of Odoo, dicts with ``key`` and ``state``.
    :param list ledger: entries of the simulator's log, dicts with ``key`` and ``statuses``.
    :rtype: Verdict
    """
    intents, states = set(intents), {row['key']: row['state'] for row in rows}
    times = Counter(entry['key'] for entry in ledger)
    accepted = set(times)
    not_gone = {key for key, state in states.items() if state in NOT_GONE}
    return Verdict(
        intents=intents,
        lost=intents - accepted - not_gone,
        dup={key for key, count in times.items() if count > 1},
        ghost=accepted - intents,
        disagree=contradictions(states, accepted, refused_later(ledger)),
        unknown_left={key for key, state in states.items() if state == 'unknown'},
    )


def refused_later(ledger):
    """:return: keys whose message Meta took and then reported as failed by a webhook."""
    return {entry['key'] for entry in ledger if any(status['status'] == 'failed' for status in entry['statuses'])}


def contradictions(states, accepted, failed_at_meta):
    """:return: keys of rows that say something else than the ledger."""
    claims_too_much = {key for key, state in states.items() if state in GONE_OUT} - accepted
    claims_too_little = {key for key, state in states.items()
                         if state in DENIES or (state == 'failed' and key not in failed_at_meta)} & accepted
    return claims_too_much | claims_too_little


def most_in_any_second(times):
    """:return: the most of these moments (Unix seconds) that any sliding second holds."""
    times, most, first = sorted(times), 0, 0
    for last, moment in enumerate(times):
        while moment - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most
