"""When a waiting message will go."""
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from policy.forecast import Forecast, Kind, Queue, Waiting, foresee, seconds_to_finish, speed_of

NOW = datetime(2026, 6, 1, 12)
FAST = Queue(per_second=80)
SLOW = Queue(per_second=10)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def due(ahead=0, purpose='marketing', **values):
    return Waiting(purpose=purpose, due_at=NOW, ahead=ahead, **values)


# --- By its place in the queue ---------------------------------------------------------------------------------------


def test_the_first_in_line_goes_in_a_moment():
    assert foresee(due(), FAST, NOW) == Forecast(Kind.NOW)


def test_the_place_in_line_and_the_pace_give_the_moment():
    assert foresee(due(ahead=6000), SLOW, NOW) == Forecast(Kind.ABOUT, later(600))


def test_marketing_under_a_light_brake_takes_twice_as_long():
    braking = replace(SLOW, brake='slow')

    assert foresee(due(ahead=6000), braking, NOW).moment == later(1200)
    assert foresee(due(ahead=6000, purpose='utility'), braking, NOW).moment == later(600)


def test_a_number_that_warms_up_begins_few_conversations_a_minute():
    young = replace(SLOW, begun_per_second=0.1)

    assert foresee(due(ahead=60, purpose='utility'), young, NOW).moment == later(600)
    assert foresee(due(ahead=60, purpose='care'), young, NOW) == Forecast(Kind.NOW)


def test_behind_more_than_were_counted_only_the_earliest_moment_is_told():
    assert foresee(due(ahead=None), replace(SLOW, counted=6000), NOW) == Forecast(Kind.AFTER, later(600))


def test_nothing_goes_before_meta_takes_calls_again():
    assert foresee(due(ahead=10), replace(SLOW, opens_at=later(300)), NOW) == Forecast(Kind.ABOUT, later(301))


# --- By its own moment -----------------------------------------------------------------------------------------------


def test_what_is_held_goes_at_its_moment():
    night = Waiting('marketing', later(36_000), 'quiet_hours')

    assert foresee(night, FAST, NOW) == Forecast(Kind.AT, later(36_000))


def test_a_moment_that_is_near_is_now():
    assert foresee(Waiting('utility', later(6), 'pair'), FAST, NOW) == Forecast(Kind.NOW)


def test_what_ends_before_it_would_go_is_told_to_be_too_late():
    assert foresee(Waiting('utility', later(3600), 'rescheduled', expires_at=later(1800)), FAST, NOW) == Forecast(
        Kind.LATE, later(1800))
    assert foresee(due(ahead=60_000, expires_at=later(1800)), SLOW, NOW) == Forecast(Kind.LATE, later(1800))


# --- By an event -----------------------------------------------------------------------------------------------------


def test_what_has_no_moment_waits_for_what_keeps_it():
    assert foresee(Waiting('utility', None, 'template_paused'), FAST, NOW) == Forecast(
        Kind.EVENT, cause='template_paused')


@pytest.mark.parametrize('due_at', [NOW, None, later(3600)])
def test_from_a_stopped_number_nothing_has_a_moment(due_at):
    stopped = replace(FAST, stop='paused')

    assert foresee(Waiting('care', due_at, 'retry'), stopped, NOW) == Forecast(Kind.EVENT, cause='paused')


def test_a_brake_on_marketing_keeps_marketing_alone():
    braking = replace(FAST, brake='marketing')

    assert foresee(due(), braking, NOW) == Forecast(Kind.EVENT, cause='brake')
    assert foresee(due(purpose='utility'), braking, NOW) == Forecast(Kind.NOW)


# --- By room for more people -----------------------------------------------------------------------------------------


def test_who_comes_after_todays_people_of_a_young_number_goes_another_day():
    young = replace(SLOW, people_left=50)

    assert foresee(due(ahead=49), young, NOW).kind is Kind.NOW
    assert foresee(due(ahead=50), young, NOW) == Forecast(Kind.ROOM, cause='warmup')


def test_who_comes_after_the_portfolios_limit_waits_for_room():
    tight = replace(SLOW, budget_left={'marketing': 10, 'utility': 110})

    assert foresee(due(ahead=10), tight, NOW) == Forecast(Kind.ROOM, cause='budget')
    assert foresee(due(ahead=10, purpose='utility'), tight, NOW).kind is Kind.NOW


def test_an_answer_needs_no_room():
    assert foresee(due(purpose='care'), replace(SLOW, people_left=0), NOW).kind is Kind.NOW


# --- The whole queue -------------------------------------------------------------------------------------------------


def test_an_empty_queue_takes_no_time():
    assert seconds_to_finish({}, FAST) == 0


def test_all_together_take_as_long_as_the_pace_needs():
    assert seconds_to_finish({'marketing': 700, 'utility': 100}, SLOW) == 80


def test_a_slower_lane_decides_how_long_it_takes():
    assert seconds_to_finish({'marketing': 700, 'utility': 100}, replace(SLOW, brake='slow')) == 140


def test_the_slowest_bound_is_the_speed_of_a_purpose():
    assert speed_of('marketing', replace(SLOW, brake='slow', begun_per_second=1)) == 1
