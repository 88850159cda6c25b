"""A newcomer's first command does what it says."""
import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MINUTES = 60


@pytest.fixture(scope='module')
def counts():
    done = subprocess.run([ROOT / 'setup' / 'demo', '--check'], capture_output=True, text=True, timeout=10 * MINUTES,
                          check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_at_least_25_contacts_are_written_to(counts):
    assert counts['accepted'] >= 25


def test_nobody_gets_a_message_twice(counts):
    assert counts['duplicates'] == 0


def test_who_is_not_on_whatsapp_is_shown_as_failed(counts):
    assert counts['failed'] == 1


def test_who_did_not_agree_is_refused(counts):
    assert counts['refused'] >= 1


def test_a_campaign_writes_to_those_who_agreed_to_offers(counts):
    # More than the salesperson's 26: the marketer's campaign comes on top.
    assert counts['accepted'] > 26
    assert counts['refused'] > 2


def test_an_answer_comes_into_the_chatter(counts):
    assert counts['inbound'] >= 1
    assert counts['chatter'] > counts['inbound']
