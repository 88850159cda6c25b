"""How slowly a new number begins, and what looks like abuse."""

from datetime import datetime, timedelta

import pytest
from policy import warmup
from policy.warmup import Step, current_step, day_of, fault_of_plan, fault_of_step, patterns

NOON = datetime(2026, 6, 1, 12)
PLAN = (Step(0, 50, 6), Step(2, 100, 10), Step(7, 1000, 25))


@pytest.mark.parametrize(('day', 'people'), [(0, 50), (1, 50), (2, 100), (6, 100), (7, 1000), (400, 1000), (-3, 50)])
def test_the_step_in_force_is_the_last_that_has_begun(day, people):
    assert current_step(PLAN, day).people_per_day == people


def test_the_order_of_the_steps_does_not_matter():
    assert current_step(PLAN[::-1], 3) == PLAN[1]


def test_before_the_first_step_the_first_one_holds():
    assert current_step((Step(3, 50, 6), Step(5, 100, 10)), 1) == Step(3, 50, 6)


def test_a_plan_without_steps_has_none_in_force():
    assert current_step((), 5) is None


@pytest.mark.parametrize(('hours', 'lost', 'day'), [
    (0, 0, 0),
    (23, 0, 0),
    (24, 0, 1),
    (24 * 10, 0, 10),
    (24 * 10, 3, 7),
    (24 * 2, 5, 0),
    (-5, 0, 0),
])
def test_days_count_from_registration_without_the_lost_ones(hours, lost, day):
    assert day_of(NOON - timedelta(hours=hours), lost, NOON) == day


def test_a_young_number_is_far_from_one_message_a_second():
    assert warmup.YOUNG_MESSAGES_PER_SECOND * warmup.FIRE_WINDOW.total_seconds() < warmup.FIRE_MESSAGES


# --- The two patterns -----------------------------------------------------------------------------------------------


def test_a_hundred_messages_at_once_are_the_first_pattern():
    assert warmup.BURST_AFTER_REGISTRATION in patterns(100, 100, young=True)


def test_a_hundred_messages_within_ten_minutes_are_the_first_pattern():
    assert patterns(5, 100, young=True) == (warmup.BURST_AFTER_REGISTRATION,)


def test_a_message_a_second_for_half_a_minute_is_the_second_pattern():
    assert patterns(30, 30, young=True) == (warmup.STEADY_FIRE,)


def test_the_graver_pattern_comes_first():
    assert patterns(500, 500, young=True) == (warmup.BURST_AFTER_REGISTRATION, warmup.STEADY_FIRE)


def test_fewer_messages_are_no_pattern():
    assert patterns(29, 99, young=True) == ()


def test_a_grown_number_may_do_both():
    assert patterns(5000, 100_000, young=False) == ()


# --- Plans that make no sense ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(('step', 'fault'), [
    (Step(0, 50, 6), None),
    (Step(0, 50, 59), None),
    (Step(7, 100_000, 4800), None),
    (Step(-1, 50, 6), warmup.DAY_NEGATIVE),
    (Step(0, 0, 6), warmup.PEOPLE_OUT_OF_RANGE),
    (Step(0, -5, 6), warmup.PEOPLE_OUT_OF_RANGE),
    (Step(0, 100_001, 6), warmup.PEOPLE_OUT_OF_RANGE),
    (Step(0, 50, 0), warmup.MESSAGES_OUT_OF_RANGE),
    (Step(0, 50, -1), warmup.MESSAGES_OUT_OF_RANGE),
    (Step(9, 50, 4801), warmup.MESSAGES_OUT_OF_RANGE),
    (Step(0, 50, 60), warmup.TOO_FAST_FOR_FIRST_DAYS),
    (Step(6, 50, 60), warmup.TOO_FAST_FOR_FIRST_DAYS),
])
def test_a_step_must_make_sense(step, fault):
    assert fault_of_step(step, 100_000, 4800) == fault


@pytest.mark.parametrize(('days', 'ends_on', 'fault'), [
    ([0], 1, None),
    ([7, 0, 2], 30, None),
    ([], 30, warmup.NO_STEPS),
    ([1, 2], 30, warmup.FIRST_DAY_MISSING),
    ([0, 2, 2], 30, warmup.SAME_DAY_TWICE),
    ([0, 30], 30, warmup.ENDS_TOO_EARLY),
    ([0], 0, warmup.ENDS_TOO_EARLY),
    ([0], -1, warmup.ENDS_TOO_EARLY),
])
def test_the_steps_must_make_a_plan(days, ends_on, fault):
    assert fault_of_plan(days, ends_on) == fault
