"""How sure one can be of a lift, and where a number is at home."""

import sys
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'
# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))

from flow.lift import Group, lift, share_bounds  # noqa: E402  see above
from flow.zones import middle_zone  # noqa: E402

YEAR = 2026


# --- Bounds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('hits', 'people', 'low', 'high'), [
    # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998) 857-872,
    # table I, method 3.
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
])
def test_bounds_of_a_share_are_wilsons(hits, people, low, high):
    assert share_bounds(Group(people, hits)) == pytest.approx((low, high), abs=0.00006)


@pytest.mark.parametrize(('treated', 'held_out', 'low', 'high'), [
    # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10.
    ((70, 56), (80, 48), 0.0524, 0.3339),
    ((10, 9), (10, 3), 0.1705, 0.8090),
    ((7, 6), (7, 2), 0.0582, 0.8062),
    ((56, 5), (29, 0), -0.0381, 0.1926),
    ((10, 0), (20, 0), -0.1611, 0.2775),
    ((10, 0), (10, 0), -0.2775, 0.2775),
    ((10, 10), (20, 0), 0.6791, 1.0),
    ((10, 10), (10, 0), 0.6075, 1.0),
])
def test_bounds_of_a_difference_are_newcombes(treated, held_out, low, high):
    found = lift(Group(*treated), Group(*held_out))

    assert (found.low, found.high) == pytest.approx((low, high), abs=0.00006)


def test_a_lift_is_the_difference_of_the_shares():
    assert lift(Group(200, 30), Group(100, 10)).difference == pytest.approx(0.05)


def test_few_people_are_sure_of_nothing():
    assert not lift(Group(20, 3), Group(10, 1)).is_sure


def test_many_people_are_sure_of_the_same_difference():
    assert lift(Group(20000, 3000), Group(10000, 1000)).is_sure


def test_harm_can_be_sure_as_well():
    found = lift(Group(10000, 500), Group(10000, 1000))

    assert found.high < 0
    assert found.is_sure


def test_without_a_hold_out_nothing_is_compared():
    assert lift(Group(100, 10), Group(0, 0)) is None


def test_without_people_nothing_is_compared():
    assert lift(Group(0, 0), Group(10, 1)) is None


# --- Zones ----------------------------------------------------------------------------------------------------------


def test_one_zone_is_the_zone():
    assert middle_zone(['Europe/Berlin'], YEAR) == 'Europe/Berlin'


def test_zones_with_the_same_clock_are_one():
    assert middle_zone(['Europe/Guernsey', 'Europe/London', 'Europe/Jersey'], YEAR) == 'Europe/Guernsey'


def test_of_several_the_middle_one_is_least_wrong():
    zones = ['America/Los_Angeles', 'America/New_York', 'America/Chicago']

    assert middle_zone(zones, YEAR) == 'America/Chicago'


def test_of_two_the_later_clock_counts():
    assert middle_zone(['Atlantic/Canary', 'Europe/Madrid'], YEAR) == 'Europe/Madrid'


def test_zones_nobody_knows_are_skipped():
    assert middle_zone(['Mars/Olympus_Mons', 'Etc/Unknown', ''], YEAR) is None
    assert middle_zone(['Mars/Olympus_Mons', 'Asia/Tokyo'], YEAR) == 'Asia/Tokyo'
