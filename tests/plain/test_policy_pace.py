"""How fast a number may send."""
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from policy.pace import (
    ALONE,
    COMPANY_S,
    COMPANY_SHARE,
    HEADROOM,
    HORIZON_S,
    IN_COMPANY,
    MAX_THROTTLE_STEP,
    MAX_TOO_FAST_STEP,
    PAIR_BURST,
    PAIR_INTERVAL_S,
    Answers,
    Limit,
    Pair,
    book_slots,
    free_slots,
    is_outage,
    pair_book,
    pair_ready_at,
    slowest,
    throttle_step,
    throttled,
    tighten,
)

NOW = datetime(2026, 6, 1, 12)
TOO_FAST = Answers(10, too_fast=3)
DOWN = Answers(10, passing=10)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def test_the_slowest_limit_is_named():
    assert slowest([Limit('throughput', 76), Limit('operator', 10), Limit('warmup', 0)]).name == 'operator'


# --- Slots ---------------------------------------------------------------------------------------------------------


def test_slots_are_evenly_spaced():
    moments, next_slot = book_slots(None, NOW, 10, 3)

    assert moments == [NOW, later(0.1), later(0.2)]
    assert next_slot == later(0.3)


def test_slots_follow_those_given_away_before():
    moments, __ = book_slots(later(0.25), NOW, 10, 1)

    assert moments == [later(0.25)]


def test_no_more_slots_are_free_than_fit_into_the_horizon():
    assert free_slots(None, NOW, 10, horizon=0.5) == 6
    assert free_slots(later(0.3), NOW, 10, horizon=0.5) == 3
    assert free_slots(later(0.6), NOW, 10, horizon=0.5) == 0


def test_without_a_pace_nothing_is_free():
    assert free_slots(None, NOW, 0) == 0


def test_a_pause_is_not_caught_up():
    """After ten idle seconds the number goes at its pace, not ten times as fast."""
    assert free_slots(later(-10), NOW, 10, horizon=0.5) == 6


def test_a_clock_that_stepped_back_neither_stops_nor_floods():
    stored_before_the_step = later(600)

    assert free_slots(stored_before_the_step, NOW, 10, horizon=0.5) == 6


@pytest.mark.parametrize('rate', [0.03, 0.1, 0.47, 1, 76, 940])
def test_a_number_however_slow_keeps_its_pace_over_a_minute(rate):
    sent, next_slot, clock = [], None, NOW
    while clock < later(60):
        moments, next_slot = book_slots(next_slot, clock, rate, free_slots(next_slot, clock, rate))
        sent += moments
        clock += timedelta(seconds=0.3)
    assert len(sent) <= 61 * rate + 1


def test_no_sliding_second_holds_more_than_the_pace():
    """Claims at odd moments, together, keep the pace in every second."""
    sent, next_slot, clock = [], None, NOW
    for step in (0.01, 0.3, 0.05, 1.7, 0.2, 0.4, 0.3, 0.3, 3.0, 0.1):
        clock += timedelta(seconds=step)
        moments, next_slot = book_slots(next_slot, clock, 76, free_slots(next_slot, clock, 76))
        sent += moments
    assert all(second - first >= timedelta(seconds=1 / 76 - 1e-5) for first, second in pairwise(sent))


def test_all_that_a_lost_worker_had_planned_is_over_when_another_takes_its_place():
    assert HORIZON_S + ALONE.late < COMPANY_S


def test_workers_together_leave_room_for_lateness():
    assert HEADROOM * COMPANY_SHARE * (1 + IN_COMPANY.slack) < 1
    assert IN_COMPANY.late < IN_COMPANY.slack


def test_who_catches_up_stays_below_the_limit():
    assert HEADROOM * ALONE.catch_up < 1
    assert HEADROOM * COMPANY_SHARE * IN_COMPANY.catch_up * (1 + IN_COMPANY.slack) < 1


# --- Throttle ------------------------------------------------------------------------------------------------------


def test_too_fast_halves_the_pace():
    step, at = tighten(0, None, NOW, TOO_FAST)

    assert throttled(80, throttle_step(step, at, NOW)) == 40


def test_refusals_of_one_second_are_one_observation():
    assert tighten(1, NOW, later(0.5), TOO_FAST) is None


def test_the_pace_is_back_within_30_seconds():
    step, at = tighten(0, None, NOW, DOWN)

    assert throttled(80, throttle_step(step, at, NOW)) <= 80 / 10
    assert throttle_step(step, at, later(30)) == 0


def test_the_throttle_has_an_end():
    assert tighten(MAX_TOO_FAST_STEP, later(-2), NOW, TOO_FAST)[0] == MAX_TOO_FAST_STEP


def test_a_throttle_of_a_clock_that_stepped_back_is_forgotten():
    assert throttle_step(5, later(600), NOW) == 0


@pytest.mark.parametrize(('transient', 'total', 'outage'), [
    (5, 5, True), (6, 10, True), (5, 10, False), (5, 11, False), (4, 4, False)])
def test_many_passing_errors_at_once_are_an_outage(transient, total, outage):
    assert is_outage(Answers(total, passing=transient)) is outage


def test_an_outage_is_not_forgotten_while_few_calls_are_made():
    assert tighten(MAX_THROTTLE_STEP, later(-4), NOW, Answers(3, passing=2)) == (MAX_THROTTLE_STEP, NOW)


def test_a_third_of_errors_is_no_outage_for_who_is_slowed_down():
    assert tighten(MAX_THROTTLE_STEP, later(-4), NOW, Answers(9, passing=3)) is None


def test_good_answers_change_nothing():
    assert tighten(2, later(-4), NOW, Answers(5)) is None


# --- Pair ----------------------------------------------------------------------------------------------------------


def test_the_first_message_to_a_person_goes_at_once():
    assert pair_ready_at(Pair(), NOW) == NOW


def test_the_next_one_waits_six_seconds():
    pair = pair_book(Pair(), NOW)

    assert pair_ready_at(pair, later(1)) == later(PAIR_INTERVAL_S)
    assert pair_ready_at(pair, later(7)) == later(7)


def test_an_answer_may_borrow_from_later():
    pair = pair_book(Pair(), NOW)

    assert pair_ready_at(pair, later(1), may_burst=True) == later(1)


def test_what_was_borrowed_is_paid_off_before_anything_else_goes():
    pair = Pair()
    for index in range(20):
        pair = pair_book(pair, later(index * 0.1))

    assert pair_ready_at(pair, later(10), may_burst=True) == later(20 * PAIR_INTERVAL_S)


def test_no_more_than_45_are_borrowed():
    pair = Pair(NOW, PAIR_BURST)

    assert pair_ready_at(pair, later(1), may_burst=True) > later(60)


def test_a_block_by_meta_is_waited_off():
    assert pair_ready_at(Pair(blocked_until=later(16)), NOW, may_burst=True) == later(16)


def test_pairs_of_a_clock_that_stepped_back_do_not_wait_for_ever():
    assert pair_ready_at(Pair(later(3600), 1, later(7200)), NOW) == NOW
