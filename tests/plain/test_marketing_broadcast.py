"""What a broadcast decides: its first people, its end, its winner."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'
# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))

from flow.audience import Survey  # noqa: E402  see above
from flow.canary import Action, Finding, Limits, Outcome, has_gone, judge, looks_at  # noqa: E402
from flow.finish import Capacity, comes_at, finishes_at, longest_way  # noqa: E402
from flow.steps import Activity, Plan  # noqa: E402
from flow.versions import Version, differences, winner  # noqa: E402

NOW = datetime(2026, 6, 1, 12)
LIMITS = Limits(failed=10, blocked=1, opted_out=2, unread=85)


def outcome(**counts):
    return Outcome(**{'sent': 200, 'delivered': 200, 'read': 120, **counts})


# --- The first people ---------------------------------------------------------------------------------------------


def test_readers_who_stay_let_the_others_be_written_to():
    assert judge(outcome(), LIMITS).action is Action.GO


@pytest.mark.parametrize('kind, counts', [
    ('failed', {'failed': 30}),
    ('blocked', {'blocked': 3}),
    ('opted_out', {'opted_out': 5}),
])
def test_too_many_of_them_stop_it(kind, counts):
    verdict = judge(outcome(**counts), LIMITS)
    assert (verdict.action, [finding.kind for finding in verdict.findings]) == (Action.STOP, [kind])


@pytest.mark.parametrize('counts', [{'failed': 14}, {'opted_out': 3}, {'blocked': 2}])
def test_half_a_limit_slows_it_down(counts):
    assert judge(outcome(**counts), LIMITS).action is Action.SLOW


def test_few_readers_slow_it_down_and_never_stop_it():
    verdict = judge(outcome(read=10), LIMITS)
    assert verdict == type(verdict)(Action.SLOW, (Finding('unread', 95, 85),))


def test_a_single_person_stops_nothing():
    assert judge(outcome(sent=9, delivered=9, read=9, failed=1, opted_out=1), LIMITS).action is Action.GO


def test_readers_of_a_handful_say_nothing():
    assert judge(outcome(sent=5, delivered=5, read=0), LIMITS).action is Action.GO


def test_where_nobody_got_it_nothing_is_known():
    assert judge(Outcome(sent=20), LIMITS).action is Action.SLOW
    assert judge(Outcome(), LIMITS).action is Action.SLOW


def test_all_that_fail_stop_it_although_nobody_got_it():
    assert judge(Outcome(failed=20), LIMITS).action is Action.STOP


def test_a_limit_of_nothing_is_not_looked_at():
    assert judge(outcome(opted_out=50), Limits(opted_out=0)).action is Action.GO


def test_time_to_read_begins_when_most_have_gone():
    assert not has_gone(Outcome(waiting=50, sent=150))
    assert has_gone(Outcome(waiting=10, sent=185, failed=5))
    assert has_gone(Outcome())


def test_nobody_is_judged_before_the_time_to_read_is_over():
    wait = timedelta(hours=4)
    assert looks_at(None, wait, NOW) is None
    assert looks_at(NOW, wait, NOW) == NOW + wait
    assert looks_at(NOW - timedelta(days=1), wait, NOW) == NOW


# --- The end ------------------------------------------------------------------------------------------------------


def test_nobody_left_is_finished():
    assert finishes_at(0, Capacity(1), NOW) == NOW


def test_the_pace_decides_without_a_budget():
    assert finishes_at(7200, Capacity(2), NOW) == NOW + timedelta(hours=1)


def test_quiet_hours_make_it_longer():
    # 20 hours of sending at 14 hours a day.
    assert finishes_at(72_000, Capacity(1, quiet_hours=10), NOW) == NOW + timedelta(days=1, hours=6)


def test_a_budget_spreads_people_over_days():
    capacity = Capacity(80, people_per_day=2000, people_left=500)
    assert finishes_at(500, capacity, NOW) < NOW + timedelta(minutes=1)
    assert finishes_at(5000, capacity, NOW).date() == (NOW + timedelta(days=3)).date()


@pytest.mark.parametrize('capacity', [
    Capacity(0), Capacity(1, quiet_hours=24), Capacity(1, people_per_day=0, people_left=0)])
def test_what_cannot_send_never_ends(capacity):
    assert finishes_at(10, capacity, NOW) is None


# --- The winner ---------------------------------------------------------------------------------------------------


def test_the_higher_share_wins_not_the_higher_number():
    assert winner([Version(1, 1000, 50), Version(2, 100, 10)]) == 2


def test_of_equal_ones_the_better_tried_then_the_older_one_wins():
    assert winner([Version(1, 10, 1), Version(2, 100, 10)]) == 2
    assert winner([Version(2, 100, 10), Version(1, 100, 10)]) == 1


def test_a_version_nobody_got_does_not_win():
    assert winner([Version(1, 0, 0)]) is None
    assert winner([]) is None


def test_what_must_be_equal_is_told_by_name():
    assert differences([{'purpose': 'marketing', 'account': 1}, {'purpose': 'utility', 'account': 1}]) == ['purpose']
    assert differences([{'purpose': 'marketing'}]) == []


# --- How long a journey takes -------------------------------------------------------------------------------------


def plan(*activities):
    return Plan([Activity(**values) for values in activities])


def test_a_journey_takes_as_long_as_its_longest_way_to_a_message():
    journey = plan({'key': 1}, {'key': 2, 'parent': 1, 'trigger': 'done', 'delay': 3},
                   {'key': 3, 'parent': 2, 'trigger': 'not_read', 'delay': 2, 'unit': 'weeks'})
    assert longest_way(journey) == (timedelta(days=17), False)


def test_what_waits_for_somebody_waits_no_longer_than_its_patience():
    journey = plan({'key': 1}, {'key': 2, 'parent': 1, 'trigger': 'replied', 'delay': 1})
    assert longest_way(journey) == (timedelta(days=31), False)
    journey = plan({'key': 1}, {'key': 2, 'parent': 1, 'trigger': 'replied', 'expiry': 5})
    assert longest_way(journey) == (timedelta(days=5), False)


def test_what_follows_the_last_message_does_not_count():
    journey = plan({'key': 1}, {'key': 2, 'parent': 1, 'trigger': 'done', 'delay': 90, 'type': 'todo'})
    assert longest_way(journey) == (timedelta(), False)


DAYS_TO_THIRD = plan({'key': 1}, {'key': 2, 'parent': 1, 'trigger': 'done', 'delay': 30},
                     {'key': 3, 'parent': 2, 'trigger': 'done', 'delay': 1})


def in_days(days):
    return NOW + timedelta(days=days)


def test_who_comes_in_now_comes_to_a_step_after_the_delays_on_its_way():
    assert comes_at(DAYS_TO_THIRD, [3], {}, NOW, comes_in=True) == in_days(31)
    assert comes_at(DAYS_TO_THIRD, [1, 3], {}, NOW, comes_in=True) == NOW


def test_who_is_on_the_way_comes_earlier():
    assert comes_at(DAYS_TO_THIRD, [3], {2: in_days(1)}, NOW, comes_in=True) == in_days(2)
    assert comes_at(DAYS_TO_THIRD, [1, 3], {3: in_days(4)}, NOW, comes_in=False) == in_days(4)


def test_who_is_overdue_comes_now():
    assert comes_at(DAYS_TO_THIRD, [3], {3: in_days(-9)}, NOW, comes_in=False) == NOW


def test_what_somebody_does_may_be_done_now():
    journey = plan({'key': 1}, {'key': 2, 'parent': 1, 'trigger': 'replied'})
    assert comes_at(journey, [2], {2: in_days(30)}, NOW, comes_in=False) == NOW


def test_what_counts_from_a_date_may_be_reached_at_once():
    assert comes_at(plan({'key': 1, 'trigger': 'date', 'delay': 9}), [1], {}, NOW, comes_in=True) == NOW


def test_a_date_of_the_record_is_not_known():
    assert longest_way(plan({'key': 1, 'trigger': 'date', 'delay': -5})) == (timedelta(), True)


def test_hours_may_let_it_wait_over_a_weekend():
    assert longest_way(plan({'key': 1, 'hours': 'working'})) == (timedelta(days=3), False)


# --- Who takes part -----------------------------------------------------------------------------------------------


def test_who_has_a_number_again_is_left_out_in_every_batch():
    survey = Survey()
    assert survey.admit({1: '+1', 2: '+1', 3: ''}, True, lambda key, phone: False) == {1, 3}
    assert survey.admit({4: '+1', 5: ''}, True, lambda key, phone: False) == {5}
    assert (survey.total, survey.duplicates, survey.admitted) == (5, 2, 3)


def test_who_is_held_out_is_no_duplicate():
    survey = Survey()
    assert survey.admit({1: '+1', 2: '+1', 3: '+3'}, True, lambda key, phone: phone == '+1') == {3}
    assert (survey.duplicates, survey.held_out) == (1, 1)


def test_by_record_a_number_may_come_more_often():
    assert Survey().admit({1: '+1', 2: '+1'}, False, lambda key, phone: False) == {1, 2}
