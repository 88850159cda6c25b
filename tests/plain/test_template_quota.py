"""When Meta lets a template be created, edited or named again."""

from datetime import datetime, timedelta

import pytest
from cloud_api import const, template_quota
from cloud_api.template_quota import Room, creations, edits, name_free_at

NOW = datetime(2026, 11, 29, 12, 0)


def ago(**length):
    return NOW - timedelta(**length)


def test_an_approved_template_is_edited_once_a_day():
    assert edits([], 'APPROVED', NOW) == Room(1)
    assert edits([ago(hours=5)], 'APPROVED', NOW) == Room(0, NOW + timedelta(hours=19))
    assert edits([ago(days=1)], 'APPROVED', NOW) == Room(1)


def test_an_approved_template_is_edited_ten_times_in_thirty_days():
    times = [ago(days=2 + 2 * number) for number in range(10)]
    assert edits(times, 'APPROVED', NOW) == Room(0, ago(days=20) + timedelta(days=30))
    assert edits(times[:9], 'APPROVED', NOW) == Room(1)


def test_the_longer_wait_counts():
    times = [ago(hours=1), *(ago(days=2 + number) for number in range(9))]
    assert edits(times, 'APPROVED', NOW).next_at == ago(days=10) + timedelta(days=30)


@pytest.mark.parametrize('status', ['REJECTED', 'PAUSED'])
def test_rejected_and_paused_ones_are_edited_at_any_time(status):
    assert edits([ago(hours=1)] * 20, status, NOW) == Room(None)


@pytest.mark.parametrize('status', ['PENDING', 'DISABLED', 'IN_APPEAL', None])
def test_others_are_not_edited_at_all(status):
    assert edits([], status, NOW) is None


def test_an_account_creates_a_hundred_an_hour():
    times = [ago(minutes=number % 50) for number in range(100)]
    assert creations(times[:99], NOW) == Room(1)
    assert creations(times, NOW) == Room(0, ago(minutes=49) + timedelta(hours=1))


def test_a_deleted_name_is_blocked_for_thirty_days():
    assert name_free_at(None, NOW) is None
    assert name_free_at(ago(days=29), NOW) == NOW + timedelta(days=1)
    assert name_free_at(ago(days=30), NOW) is None


def test_the_figures_are_those_of_metas_world():
    def figures(windows):
        return tuple((length.total_seconds(), count) for length, count in windows)

    assert figures(template_quota.EDITS) == const.TEMPLATE_EDITS
    assert figures(template_quota.CREATIONS) == (const.TEMPLATE_CREATIONS,)
    assert timedelta(days=const.TEMPLATE_NAME_BLOCK_DAYS) == template_quota.NAME_BLOCK
    assert template_quota.EDITABLE == const.TEMPLATE_STATUSES_EDITABLE
