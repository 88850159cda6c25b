"""What the judge of the webhook runs calls lost, twice and diverged."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults.snapshot import differences  # noqa: E402
from tests.faults.webhook_judge import WebhookVerdict, judge_webhooks  # noqa: E402


def seen(texts=(('Hello', 1),), state='read', journal=('a', 'b')):
    return {
        'outbox': {'key': {'state': state}},
        'chatter': {f'+33 {text}': {'count': count} for text, count in texts},
        'journal': {key: {'state': 'done'} for key in journal},
    }


def counts(verdict):
    return {name: count for name, count in verdict.counts().items() if count}


def test_the_same_in_the_end_holds():
    verdict = judge_webhooks(seen(), seen())

    assert verdict.holds
    assert counts(verdict) == {'events': 2}


def test_what_is_not_in_the_journal_is_lost():
    assert judge_webhooks(seen(journal=['a']), seen()).lost == {'b'}


def test_what_shows_twice_is_found():
    assert judge_webhooks(seen(texts=[('Hello', 2)]), seen()).dup == {'+33 Hello'}


def test_what_shows_although_nobody_told_it_has_diverged():
    assert judge_webhooks(seen(texts=[('Hello', 1), ('Ghost', 1)]), seen()).diverged == {'chatter: +33 Ghost'}


def test_another_state_has_diverged():
    assert judge_webhooks(seen(state='sent'), seen()).diverged == {'outbox: key'}


def test_a_missing_row_has_diverged():
    assert differences(seen(journal=['a']), seen()) == {'journal: b'}


@pytest.mark.parametrize('name', ['lost', 'dup', 'accepted_forged', 'http_5xx_on_bad_input', 'diverged'])
def test_each_figure_alone_is_a_failure(name):
    assert not WebhookVerdict(**{name: {'x'}}).holds


def test_several_rounds_are_added_up():
    verdict = WebhookVerdict(events={'a'})

    verdict.add(WebhookVerdict(events={'b'}, dup={'x'}))

    assert counts(verdict) == {'events': 2, 'dup': 1}
