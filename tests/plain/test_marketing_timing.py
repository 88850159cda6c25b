"""Delays, hours, shares and pressure."""

from datetime import date, datetime, timedelta

import marketing_flow  # noqa: F401  makes the next line work
import pytest
from flow import lots, timing
from flow.pressure import Pressure
from hypothesis import given, settings
from hypothesis import strategies as st

SOME = settings(derandomize=True, database=None, deadline=None, max_examples=200)
NOON = datetime(2026, 6, 1, 12)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))
ZONES = st.sampled_from([None, 'UTC', 'Europe/Madrid', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe',
                         'Nowhere/Land'])
UNITS = st.sampled_from(['minutes', 'hours', 'days', 'weeks', 'months'])


@pytest.mark.parametrize(('amount', 'unit', 'expected'), [
    (90, 'minutes', NOON + 1.5 * HOUR),
    (-3, 'hours', NOON - 3 * HOUR),
    (2, 'days', NOON + 2 * DAY),
    (1, 'weeks', NOON + 7 * DAY),
    (1, 'months', datetime(2026, 7, 1, 12)),
    (-6, 'months', datetime(2025, 12, 1, 12)),
    (0, 'days', NOON),
])
def test_delay_is_counted_in_its_unit(amount, unit, expected):
    assert timing.shift(NOON, amount, unit) == expected


def test_month_ends_with_its_last_day():
    assert timing.shift(datetime(2026, 1, 31, 8), 1, 'months') == datetime(2026, 2, 28, 8)


def test_a_day_later_is_the_same_time_of_day_where_the_person_lives():
    # The clocks go forward on 29 March 2026: ten in the morning comes an hour earlier by UTC.
    assert timing.shift(datetime(2026, 3, 28, 9), 1, 'days', 'Europe/Madrid') == datetime(2026, 3, 29, 8)
    assert timing.shift(datetime(2026, 3, 28, 9), 24, 'hours', 'Europe/Madrid') == datetime(2026, 3, 29, 9)


def test_time_the_clocks_leave_out_is_the_one_after():
    assert timing.shift(datetime(2026, 3, 28, 1, 30), 1, 'days', 'Europe/Madrid') == datetime(2026, 3, 29, 1, 30)


def test_zone_nobody_knows_is_utc():
    assert timing.shift(NOON, 1, 'days', 'Nowhere/Land') == NOON + DAY


@SOME
@given(MOMENTS, st.integers(-10**12, 10**12), UNITS, ZONES)
def test_no_delay_breaks_the_machine(moment, amount, unit, zone):
    assert isinstance(timing.shift(moment, amount, unit, zone), datetime)


@SOME
@given(MOMENTS, st.integers(0, 500), UNITS, ZONES)
def test_a_delay_leads_to_no_earlier_moment(moment, amount, unit, zone):
    # Up to the hour that a change of the clocks may take.
    assert timing.shift(moment, amount, unit, zone) >= moment - HOUR


def test_day_of_a_record_begins_at_nine_there():
    assert timing.of_date(date(2026, 6, 1), 'Europe/Madrid') == datetime(2026, 6, 1, 7)
    assert timing.of_date(NOON, 'Europe/Madrid') == NOON


# --- Openings --------------------------------------------------------------------------------------------------------

WEEK = timing.Openings(tuple((NOON + day * DAY, NOON + day * DAY + 4 * HOUR) for day in range(5)), NOON + 7 * DAY)


@pytest.mark.parametrize(('moment', 'first'), [
    (NOON - HOUR, NOON),
    (NOON, NOON),
    (NOON + HOUR, NOON + HOUR),
    (NOON + 4 * HOUR, NOON + DAY),
    (NOON + 4 * DAY + 5 * HOUR, NOON + 7 * DAY),  # nothing more is known before that
    (NOON + 8 * DAY, NOON + 8 * DAY),
])
def test_first_open_moment(moment, first):
    assert WEEK.first(moment) == first


@SOME
@given(st.integers(-10**6, 10**6))
def test_open_moment_is_not_before_and_is_found_again(seconds):
    moment = NOON + timedelta(seconds=seconds)
    first = WEEK.first(moment)

    assert first >= moment
    assert WEEK.first(first) == first


# --- Lots ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('percent', [0, 10, 50, 100])
def test_hold_out_is_as_large_as_said_and_always_the_same(percent):
    held = [person for person in range(4000) if lots.is_held_out(8, person, percent)]

    assert held == [person for person in range(4000) if lots.is_held_out(8, person, percent)]
    assert abs(len(held) - 40 * percent) < 120


def test_larger_hold_out_keeps_those_of_a_smaller_one():
    small, large = ({person for person in range(1000) if lots.is_held_out(8, person, percent)} for percent in (10, 30))

    assert small < large


def test_splits_are_independent():
    first = {person for person in range(4000) if lots.variant(1, person, [('a', 1), ('b', 1)]) == 'a'}
    second = {person for person in first if lots.variant(2, person, [('a', 1), ('b', 1)]) == 'a'}

    assert 0.4 < len(second) / len(first) < 0.6


@pytest.mark.parametrize('shares', [[], [('a', 0)], [('a', -5), ('b', 0)]])
def test_split_without_weights_leads_nowhere(shares):
    assert lots.variant(1, '+441', shares) is None


@SOME
@given(st.integers(), st.lists(st.floats(-1, 1000), min_size=1, max_size=6))
def test_everybody_goes_a_way_that_has_a_weight(person, weights):
    shares = list(enumerate(weights))
    way = lots.variant(5, person, shares)

    assert (way is None) == (max(weights) <= 0)
    assert way is None or weights[way] > 0


# --- Pressure --------------------------------------------------------------------------------------------------------


def test_who_got_enough_waits_until_the_oldest_is_long_enough_ago():
    pressure = Pressure(2, 7 * DAY, {'+441': [NOON - 6 * DAY, NOON - DAY]})

    assert pressure.free_from('+441', NOON) == NOON + DAY
    assert pressure.free_from('+442', NOON) is None


def test_what_is_older_does_not_count():
    assert Pressure(1, DAY, {'+441': [NOON - DAY]}).free_from('+441', NOON) is None


def test_what_a_batch_gives_away_counts_for_the_rest_of_it():
    pressure = Pressure(1, DAY, {})
    pressure.take('+441', NOON)

    assert pressure.free_from('+441', NOON) == NOON + DAY


@pytest.mark.parametrize(('most', 'person'), [(0, '+441'), (1, None), (1, '')])
def test_no_limit_and_nobody_are_never_full(most, person):
    assert Pressure(most, DAY, {'+441': [NOON]}).free_from(person, NOON) is None


@SOME
@given(st.integers(1, 4), st.lists(st.integers(0, 20), max_size=12))
def test_nobody_gets_more_than_the_cap_in_any_span(most, hours):
    pressure, given_at, now = Pressure(most, 10 * HOUR, {}), [], NOON
    for pause in hours:
        now += pause * HOUR
        if pressure.free_from('+441', now) is None:
            pressure.take('+441', now)
            given_at.append(now)
    assert all(later - earlier >= 10 * HOUR for earlier, later in zip(given_at, given_at[most:], strict=False))


@pytest.mark.parametrize('far', [date(9999, 12, 31), date(1, 1, 1), datetime(9999, 12, 31, 23, 59)])
def test_a_date_that_means_never_is_counted_from_like_any_other(far):
    moment = timing.of_date(far, 'America/Lima')
    for unit in ('minutes', 'hours', 'days', 'weeks', 'months'):
        for amount in (-100_000, -3, 5, 100_000):
            assert isinstance(timing.shift(timing.shift(moment, amount, unit, 'Asia/Tokyo'), amount, unit), datetime)
