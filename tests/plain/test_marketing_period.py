"""Which days the figures of the dashboard are about."""

from datetime import date

import marketing_flow  # noqa: F401  makes the next line importable
import pytest
from flow.period import Span, before, change, end_of, points, span_of, start_of, unit_of

TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(('period', 'first'), [
    ('7', date(2026, 2, 26)),
    ('30', date(2026, 2, 3)),
    ('90', date(2025, 12, 5)),
    ('year', date(2026, 1, 1)),
    ('all', None),
])
def test_a_period_ends_today(period, first):
    assert span_of(period, TODAY) == Span(first, TODAY)


@pytest.mark.parametrize(('period', 'days'), [('7', 7), ('30', 30), ('90', 90), ('year', 63), ('all', None)])
def test_days_of_a_period_include_today(period, days):
    assert span_of(period, TODAY).days == days


def test_days_are_compared_with_as_many_right_before_them():
    assert before('7', TODAY) == Span(date(2026, 2, 19), date(2026, 2, 25))


def test_this_year_is_compared_with_the_same_days_of_last_year():
    assert before('year', TODAY) == Span(date(2025, 1, 1), date(2025, 3, 4))


def test_a_leap_day_is_compared_with_the_last_of_february():
    assert before('year', date(2028, 2, 29)) == Span(date(2027, 1, 1), date(2027, 2, 28))


def test_all_time_has_nothing_before_it():
    assert before('all', TODAY) is None


@pytest.mark.parametrize(('period', 'earliest', 'unit'), [
    ('7', None, 'day'),
    ('30', None, 'day'),
    ('90', None, 'week'),
    ('all', date(2026, 3, 1), 'day'),
    ('all', date(2024, 3, 1), 'month'),
])
def test_long_periods_are_drawn_by_weeks_or_months(period, earliest, unit):
    assert unit_of(span_of(period, TODAY), earliest) == unit


def test_weeks_begin_on_monday_and_months_on_the_first():
    assert [start_of(unit, TODAY) for unit in ('day', 'week', 'month')] == [TODAY, date(2026, 3, 2), date(2026, 3, 1)]


@pytest.mark.parametrize(('unit', 'start', 'end'), [
    ('day', TODAY, TODAY),
    ('week', date(2026, 3, 2), date(2026, 3, 8)),
    ('month', date(2028, 2, 1), date(2028, 2, 29)),
])
def test_the_last_day_of_a_unit_belongs_to_it(unit, start, end):
    assert end_of(unit, start) == end


@pytest.mark.parametrize(('unit', 'first', 'expected'), [
    ('day', date(2026, 3, 2), [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]),
    ('week', date(2026, 2, 20), [date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2)]),
    ('month', date(2025, 12, 31), [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]),
])
def test_a_line_has_no_gaps(unit, first, expected):
    assert points(unit, first, TODAY) == expected


@pytest.mark.parametrize(('value', 'earlier', 'percent'), [(150, 100, 50), (0, 8, -100), (5, 5, 0), (5, 0, None)])
def test_change_is_in_percent_of_earlier(value, earlier, percent):
    assert change(value, earlier) == percent
