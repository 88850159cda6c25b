"""Compares what webhooks left behind with what they leave when each comes once and in order."""
from collections import Counter
from dataclasses import asdict, dataclass, field

from .snapshot import differences

MUST_BE_ZERO = ('lost', 'dup', 'accepted_forged', 'http_5xx_on_bad_input', 'diverged')
FIGURES = ('events', *MUST_BE_ZERO)


@dataclass
class WebhookVerdict:
    """Sets; all but ``events`` must be empty.

    :ivar set events: keys of what was told
    :ivar set lost: keys of what was told, acknowledged, and is not in the journal
    :ivar set dup: what people wrote that shows more than once
    :ivar set accepted_forged: names of forgeries that were let in
    :ivar set http_5xx_on_bad_input: names of bad bodies that were answered as a failure of ours: Meta would repeat them
    :ivar set diverged: what ended otherwise than after each thing once and in order
    """

    events: set = field(default_factory=set)
    lost: set = field(default_factory=set)
    dup: set = field(default_factory=set)
    accepted_forged: set = field(default_factory=set)
    http_5xx_on_bad_input: set = field(default_factory=set)
    diverged: set = field(default_factory=set)

    must_be_zero = MUST_BE_ZERO

    @property
    def holds(self):
        return not any(getattr(self, name) for name in self.must_be_zero)

    def counts(self):
        """:return: how many there are of each."""
        return {name: len(keys) for name, keys in asdict(self).items()}

    def add(self, other):
        """Take over what another one found."""
        for name, keys in asdict(other).items():
            getattr(self, name).update(keys)


def judge_webhooks(seen, clean):
    """Judge after everything has settled.

    :param dict seen: :func:`~tests.faults.snapshot.snapshot` after the fault
    :param dict clean: the same after each thing came once and in order
    :rtype: WebhookVerdict
    """
    told = set(clean['journal'])
    texts = Counter({key: row['count'] for key, row in seen['chatter'].items()})
    return WebhookVerdict(
        events=told,
        lost=told - set(seen['journal']),
        dup={key for key, count in texts.items() if count > clean['chatter'].get(key, {'count': 1})['count']},
        diverged=differences(seen, clean),
    )
