"""Unique people in a moving day."""
from datetime import datetime, timedelta

from policy.budget import Budget, room_moments

NOW = datetime(2026, 6, 1, 12)
DAY = timedelta(hours=24)


def test_marketing_leaves_the_reserved_share():
    budget = Budget(limit=250, used=200, reserved_share=10)

    assert budget.reserved == 25
    assert budget.room('marketing') == 25
    assert budget.room('utility') == 50
    assert budget.room('authentication') == 50


def test_a_full_budget_has_no_room():
    budget = Budget(limit=250, used=260, reserved_share=10)

    assert (budget.room('marketing'), budget.room('utility')) == (0, 0)


def test_without_a_limit_there_is_room_for_anybody():
    budget = Budget(limit=None, used=10 ** 6, reserved_share=50)

    assert budget.room('marketing') is None
    assert budget.reserved == 0


def test_room_returns_when_the_longest_ago_reached_leave_the_day():
    reached = [NOW - timedelta(hours=20), NOW - timedelta(hours=5)]

    assert room_moments(reached, 2) == [moment + DAY for moment in reached]


def test_more_people_than_room_spread_over_the_next_days():
    reached = [NOW - timedelta(hours=20), NOW - timedelta(hours=5)]

    assert room_moments(reached, 3)[2] == reached[0] + 2 * DAY


def test_nobody_reached_gives_no_moments():
    assert room_moments([], 3) == []
