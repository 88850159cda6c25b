"""What the consent ledger says."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from policy.consent import Entry, current

NOW = datetime(2026, 11, 23, 12, 0)


def entry(decision='given', days_ago=1.0, sequence=1, expires_in=None, purpose='marketing'):
    expires_at = None if expires_in is None else NOW + timedelta(days=expires_in)
    return Entry(purpose, decision, NOW - timedelta(days=days_ago), sequence, expires_at)


def marketing(*entries):
    return current(entries, NOW)['marketing']


def test_empty_ledger_knows_all_purposes():
    assert current([], NOW) == {'marketing': 'none', 'utility': 'none', 'authentication': 'none', 'care': 'none'}


def test_given_consent_holds():
    assert marketing(entry()) == 'given'


def test_consent_holds_for_its_purpose_only():
    assert current([entry()], NOW)['utility'] == 'none'


def test_later_withdrawal_wins():
    assert marketing(entry(days_ago=2), entry('withdrawn', days_ago=1, sequence=2)) == 'withdrawn'


def test_consent_may_be_given_again():
    assert marketing(entry('withdrawn', days_ago=2), entry(days_ago=1, sequence=2)) == 'given'


def test_moment_counts_more_than_order_of_recording():
    assert marketing(entry('withdrawn', days_ago=1, sequence=1), entry(days_ago=5, sequence=2)) == 'withdrawn'


def test_order_of_recording_decides_within_a_moment():
    assert marketing(entry('withdrawn', sequence=1), entry(sequence=2)) == 'given'


def test_withdrawal_wins_a_tie():
    assert marketing(entry('withdrawn'), entry()) == marketing(entry(), entry('withdrawn')) == 'withdrawn'


def test_order_of_reading_does_not_matter():
    entries = [entry(days_ago=3), entry('withdrawn', days_ago=2, sequence=2), entry(days_ago=1, sequence=3)]
    assert {marketing(*order) for order in permutations(entries)} == {'given'}


@pytest.mark.parametrize(('expires_in', 'holds'), [(1, 'given'), (0, 'expired'), (-0.5, 'expired')])
def test_consent_ends_at_its_expiry(expires_in, holds):
    assert marketing(entry(expires_in=expires_in)) == holds


def test_expired_consent_does_not_bring_an_older_one_back():
    assert marketing(entry(days_ago=5), entry(days_ago=2, sequence=2, expires_in=-1)) == 'expired'


def test_withdrawal_does_not_expire():
    assert marketing(entry('withdrawn', expires_in=-1)) == 'withdrawn'


def test_consent_dated_ahead_does_not_count_yet():
    assert marketing(entry(days_ago=-1)) == 'none'


def test_withdrawal_dated_ahead_counts_at_once():
    assert marketing(entry(), entry('withdrawn', days_ago=-0.01, sequence=2)) == 'withdrawn'


def test_unknown_decision_counts_as_withdrawal():
    assert marketing(entry('maybe')) == 'withdrawn'


def test_purpose_nobody_knows_is_kept():
    assert current([entry(purpose='survey')], NOW)['survey'] == 'given'


# --- WhatsApp's own stop -------------------------------------------------------------------------------------------


def stop(days_ago, sequence=1):
    return Entry('marketing', 'withdrawn', NOW - timedelta(days=days_ago), sequence, by_platform=True)


def resume(days_ago, sequence=1):
    return Entry('marketing', 'resumed', NOW - timedelta(days=days_ago), sequence, by_platform=True)


def test_whatsapps_stop_is_a_withdrawal():
    assert marketing(entry(days_ago=3), stop(2)) == 'withdrawn'


def test_a_lifted_stop_lets_what_held_before_hold_again():
    assert marketing(entry(days_ago=3), stop(2), resume(1)) == 'given'


def test_lifting_a_stop_is_no_consent():
    assert marketing(stop(2), resume(1)) == 'none'
    assert marketing(resume(1)) == 'none'


def test_lifting_a_stop_does_not_touch_what_the_person_told_us():
    assert marketing(entry('withdrawn', days_ago=3), stop(2), resume(1)) == 'withdrawn'


def test_a_stop_after_the_lifting_counts():
    assert marketing(entry(days_ago=4), stop(3), resume(2), stop(1)) == 'withdrawn'


def test_of_a_stop_and_a_lifting_of_the_same_moment_the_stop_counts():
    assert marketing(entry(days_ago=4), stop(1), resume(1, sequence=2)) == 'withdrawn'


def test_stops_and_liftings_may_be_recorded_in_any_order():
    entries = (entry(days_ago=4), stop(3), resume(2, sequence=2))
    assert {marketing(*order) for order in permutations(entries)} == {'given'}
