"""When a person is not to be disturbed."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from policy.quiet_hours import known_zones, quiet_until, zones_of_phone

EVENING, MORNING = 21.0, 8.0


def utc(*parts):
    return datetime(*parts)


def wall(moment, zone):
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))


def until(now, *zones, start=EVENING, end=MORNING):
    return quiet_until(now, zones, start, end)


# --- Where a number is at home --------------------------------------------------------------------------------------


@pytest.mark.parametrize(('phone', 'zone'), [
    ('+12015550123', 'America/New_York'),
    ('+447400123001', 'Europe/London'),
    ('+34612345678', 'Europe/Madrid'),
    ('+525512345678', 'America/Mexico_City'),
    ('+79161234567', 'Europe/Moscow'),
])
def test_a_number_tells_its_zones(phone, zone):
    assert zone in zones_of_phone(phone)


@pytest.mark.parametrize('phone', [None, '', 'Ana', '+999123', '+', '612345678', '+888123456789'])
def test_a_number_nobody_can_place_has_none(phone):
    assert zones_of_phone(phone) == ()


def test_zones_nobody_knows_are_left_out():
    assert known_zones(['Mars/Phobos', 'Europe/Madrid', '', None, '../etc/passwd', 'America']) == ('Europe/Madrid',)


# --- One zone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('now', 'zone', 'expected'), [
    # Madrid in summer is UTC+2.
    (utc(2026, 7, 1, 18, 59), 'Europe/Madrid', None),
    (utc(2026, 7, 1, 19, 0), 'Europe/Madrid', utc(2026, 7, 2, 6, 0)),
    (utc(2026, 7, 2, 5, 59, 59), 'Europe/Madrid', utc(2026, 7, 2, 6, 0)),
    (utc(2026, 7, 2, 6, 0), 'Europe/Madrid', None),
    # In winter UTC+1.
    (utc(2026, 12, 1, 19, 59), 'Europe/Madrid', None),
    (utc(2026, 12, 1, 20, 0), 'Europe/Madrid', utc(2026, 12, 2, 7, 0)),
    # Half and quarter hours.
    (utc(2026, 7, 1, 15, 30), 'Asia/Kolkata', utc(2026, 7, 2, 2, 30)),
    (utc(2026, 7, 1, 15, 29), 'Asia/Kolkata', None),
    (utc(2026, 7, 1, 15, 15), 'Asia/Kathmandu', utc(2026, 7, 2, 2, 15)),
    # Half a world away it is another day.
    (utc(2026, 7, 1, 12, 0), 'Pacific/Auckland', utc(2026, 7, 1, 20, 0)),
    (utc(2026, 7, 1, 6, 0), 'America/Los_Angeles', utc(2026, 7, 1, 15, 0)),
])
def test_the_clock_on_the_persons_wall_counts(now, zone, expected):
    assert until(now, zone) == expected


@pytest.mark.parametrize(('start', 'end', 'hour', 'expected'), [
    (13.0, 15.5, 12, None),
    (13.0, 15.5, 13, utc(2026, 7, 1, 15, 30)),
    (13.0, 15.5, 16, None),
    (22.25, 6.75, 23, utc(2026, 7, 2, 6, 45)),
    (0.0, 6.0, 0, utc(2026, 7, 1, 6, 0)),
    (21.0, 24.0, 22, utc(2026, 7, 2, 0, 0)),
    (8.0, 8.0, 8, None),
    (0.0, 24.0, 3, None),
])
def test_the_hours_may_span_midnight_or_not(start, end, hour, expected):
    assert until(utc(2026, 7, 1, hour), 'Etc/UTC', start=start, end=end) == expected


def test_nothing_is_quiet_where_nobody_knows_the_zone():
    assert until(utc(2026, 7, 1, 3)) is None
    assert until(utc(2026, 7, 1, 3), 'Mars/Phobos') is None


def test_an_unknown_zone_among_others_is_skipped():
    assert until(utc(2026, 7, 1, 19), 'Mars/Phobos', 'Europe/Madrid') == utc(2026, 7, 2, 6)


# --- Clocks that change ---------------------------------------------------------------------------------------------


def test_the_night_on_which_clocks_go_forward_is_an_hour_shorter():
    assert until(utc(2026, 3, 28, 20), 'Europe/Madrid') == utc(2026, 3, 29, 6)


def test_the_night_on_which_clocks_go_back_is_an_hour_longer():
    assert until(utc(2026, 10, 24, 19), 'Europe/Madrid') == utc(2026, 10, 25, 7)


def test_an_end_that_the_clocks_jump_over_is_the_same_time_by_the_old_clock():
    # 2:30 does not exist in Madrid on 29 March; it is 3:30 instead.
    assert until(utc(2026, 3, 29, 0), 'Europe/Madrid', end=2.5) == utc(2026, 3, 29, 1, 30)


def test_an_end_that_comes_twice_ends_the_quiet_twice():
    # 2:30 comes twice in Madrid on 25 October, at 0:30 and at 1:30 UTC.
    assert until(utc(2026, 10, 25, 0, 0), 'Europe/Madrid', end=2.5) == utc(2026, 10, 25, 0, 30)
    assert until(utc(2026, 10, 25, 0, 45), 'Europe/Madrid', end=2.5) is None
    assert until(utc(2026, 10, 25, 1, 0), 'Europe/Madrid', end=2.5) == utc(2026, 10, 25, 1, 30)


# --- Several zones --------------------------------------------------------------------------------------------------


def test_a_number_of_many_zones_waits_for_a_moment_that_suits_all():
    zones = zones_of_phone('+79161234567')
    assert {'Europe/Moscow', 'Asia/Kamchatka'} <= set(zones)

    moment = until(utc(2026, 7, 1, 12), *zones)

    assert all(MORNING <= wall(moment, zone).hour < EVENING for zone in zones)
    assert moment == utc(2026, 7, 2, 5)


def test_a_number_of_many_zones_goes_while_all_are_awake():
    assert until(utc(2026, 7, 1, 6), 'Europe/Moscow', 'Asia/Kamchatka') is None


def test_a_toll_free_number_has_a_moment_a_day():
    zones = zones_of_phone('+18005550100')
    assert len(zones) > 20

    moment = until(utc(2026, 7, 1, 12), *zones)

    assert moment == utc(2026, 7, 1, 22)
    assert until(moment, *zones) is None


def test_where_no_moment_suits_all_the_first_zone_counts_alone():
    zones = ('Pacific/Auckland', 'Europe/London')

    assert until(utc(2026, 7, 1, 12), *zones, start=18.0, end=9.0) == utc(2026, 7, 1, 21)
    assert until(utc(2026, 7, 1, 22), *zones, start=18.0, end=9.0) is None


# --- Always ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('hours', [(21.0, 8.0), (1.5, 2.5)])
@pytest.mark.parametrize('zones', [
    ('Europe/Madrid',),
    ('America/New_York',),
    ('Australia/Lord_Howe',),  # its clocks change by half an hour
    ('America/Santiago', 'Europe/Lisbon'),
])
def test_what_is_held_is_held_until_a_later_moment_that_is_not_quiet(zones, hours):
    now = utc(2026, 1, 1)
    while now < utc(2027, 1, 1):
        moment = quiet_until(now, zones, *hours)
        assert moment is None or (
            now < moment <= now + timedelta(hours=48) and quiet_until(moment, zones, *hours) is None), now
        now += timedelta(minutes=30)
