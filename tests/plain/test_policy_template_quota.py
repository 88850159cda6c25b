"""How often templates may be made and changed."""
from datetime import datetime, timedelta

import pytest

from policy import template_quota as quota

NOW = datetime(2026, 6, 1, 12, 0)


def ago(**span):
    return NOW - timedelta(**span)


def test_a_hundred_creations_an_hour():
    moments = [ago(minutes=50)] + [ago(minutes=10)] * 98

    assert quota.creation_from(moments, NOW) is None
    assert quota.creation_from([*moments, ago(minutes=1)], NOW) == ago(minutes=50) + quota.HOUR


def test_what_is_an_hour_old_does_not_count():
    assert quota.creation_from([ago(minutes=60)] * 200, NOW) is None


def test_one_change_a_day():
    assert quota.edit_from([ago(hours=23)], NOW) == NOW + timedelta(hours=1)
    assert quota.edit_from([ago(hours=24)], NOW) is None


def test_ten_changes_in_thirty_days():
    ten = [ago(days=29 - 2 * number) for number in range(10)]

    assert quota.edit_from(ten, NOW) == NOW + timedelta(days=1)
    assert quota.edit_from(ten[1:], NOW) is None
    assert (quota.edits_left(ten, NOW), quota.edits_left(ten[3:], NOW), quota.edits_left([], NOW)) == (0, 3, 10)


def test_the_later_of_both_limits_counts():
    ten = [ago(days=29)] * 9 + [ago(minutes=1)]

    assert quota.edit_from(ten, NOW) == max(NOW + timedelta(days=1), ago(minutes=1) + quota.DAY)


def test_a_deleted_name_is_blocked_for_thirty_days():
    assert quota.name_from(ago(days=29), NOW) == NOW + timedelta(days=1)
    assert quota.name_from(ago(days=30), NOW) is None


@pytest.mark.parametrize(('status', 'may'), [
    ('APPROVED', True), ('REJECTED', True), ('PAUSED', True), ('PENDING', False), ('DISABLED', False), (False, False)])
def test_meta_changes_only_what_it_has_decided_about(status, may):
    assert quota.may_edit(status) is may
