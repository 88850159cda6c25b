"""What the judge of the fault runs calls lost, twice, a ghost and a contradiction."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults.judge import judge, most_in_any_second  # noqa: E402


def rows(**states):
    return [{'key': key, 'state': state} for key, state in states.items()]


def ledger(*keys, statuses=()):
    return [{'key': key, 'statuses': [{'status': status} for status in statuses]} for key in keys]


def counts(verdict):
    return {name: count for name, count in verdict.counts().items() if count}


def test_everybody_got_theirs_once():
    verdict = judge({'a', 'b'}, rows(a='read', b='sent'), ledger('a', 'b'))

    assert verdict.holds
    assert counts(verdict) == {'intents': 2}


@pytest.mark.parametrize('state', ['queued', 'held', 'failed', 'unknown', 'refused', 'cancelled', 'expired'])
def test_what_says_that_it_has_not_gone_is_not_lost(state):
    assert judge({'a'}, rows(a=state), []).holds


def test_a_row_that_has_vanished_is_lost():
    assert judge({'a'}, [], []).lost == {'a'}


def test_a_row_left_in_the_hands_of_nobody_is_lost():
    assert judge({'a'}, rows(a='sending'), []).lost == {'a'}


def test_a_key_accepted_twice_is_found():
    assert judge({'a'}, rows(a='sent'), ledger('a', 'a')).dup == {'a'}


def test_what_nobody_meant_to_send_is_a_ghost():
    assert judge({'a'}, rows(a='sent'), ledger('a', 'x')).ghost == {'x'}


def test_a_row_that_claims_to_have_gone_must_be_in_the_ledger():
    assert judge({'a'}, rows(a='accepted'), []).disagree == {'a'}


@pytest.mark.parametrize('state', ['queued', 'held', 'failed', 'refused', 'cancelled', 'expired'])
def test_a_row_that_denies_what_the_ledger_has_disagrees(state):
    assert judge({'a'}, rows(a=state), ledger('a')).disagree == {'a'}


def test_a_failure_that_meta_reported_after_acceptance_agrees():
    assert judge({'a'}, rows(a='failed'), ledger('a', statuses=['failed'])).holds


def test_an_unsettled_row_is_counted_but_allowed():
    verdict = judge({'a', 'b'}, rows(a='unknown', b='unknown'), ledger('a'))

    assert verdict.holds
    assert verdict.unknown_left == {'a', 'b'}


def test_the_fullest_second_slides():
    assert most_in_any_second([0.0, 0.6, 0.9, 1.3, 1.55, 3.0]) == 4


def test_a_second_does_not_hold_its_own_end():
    assert most_in_any_second([0.0, 1.0, 2.0]) == 1


def test_without_moments_there_is_no_fullest_second():
    assert most_in_any_second([]) == 0
