"""What is told before a send that may cost the account."""

from dataclasses import replace

import pytest
from policy.warnings import Situation, cautions

OFFER = Situation(purpose='marketing', recipients=100)


def found(situation=OFFER, **changes):
    return [(caution.kind, caution.severity) for caution in cautions(replace(situation, **changes))]


def test_an_ordinary_send_warns_of_nothing():
    assert found() == []


def test_where_nobody_gets_anything_nothing_is_told():
    assert found(recipients=0, quality='RED', restricted=True) == []


@pytest.mark.parametrize(('quality', 'severity'), [('YELLOW', 'warning'), ('RED', 'critical')])
def test_marketing_while_the_quality_is_not_high(quality, severity):
    assert found(quality=quality) == [('low_quality', severity)]
    assert found(template_quality=quality) == [('disliked_template', severity)]


def test_a_service_update_is_not_critical():
    assert found(purpose='utility', quality='RED') == []
    assert found(purpose='utility', template_quality='RED') == [('disliked_template', 'warning')]


def test_a_single_message_is_not_critical():
    assert found(recipients=1, quality='RED') == [('low_quality', 'warning')]


def test_a_restriction_is_critical_for_marketing():
    assert found(restricted=True) == [('restricted', 'critical')]
    assert found(restricted=True, purpose='utility') == [('restricted', 'warning')]


def test_what_the_brake_stops_is_told():
    assert found(brake='marketing') == [('brake_on', 'warning')]
    assert found(brake='marketing', purpose='utility') == []
    assert found(brake='all', purpose='utility') == [('brake_on', 'warning')]
    assert found(brake='slow') == []


def test_more_people_than_a_young_number_reaches_today():
    assert found(people_per_day=99) == [('young_number', 'warning')]
    assert found(people_per_day=100) == []


def test_many_strangers():
    assert found(strangers=50) == [('strangers', 'warning')]
    assert found(strangers=49) == []
    assert found(strangers=40, recipients=40) == []
    assert found(strangers=100, purpose='utility') == []


def test_many_who_never_react():
    assert found(approached=50, silent=40) == [('silent_people', 'warning')]
    assert found(approached=50, silent=39) == []
    assert found(approached=49, silent=49) == []


def test_the_worst_comes_first():
    assert found(strangers=100, quality='RED') == [('low_quality', 'critical'), ('strangers', 'warning')]


def test_the_number_of_people_is_told():
    assert cautions(replace(OFFER, strangers=60))[0].count == 60
