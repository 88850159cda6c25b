"""The step machine of a campaign."""

import ast
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'
# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))

from flow import audience, steps  # noqa: E402  the line above makes it importable

NOW = datetime(2026, 6, 1, 12)
FIRST, SECOND, THIRD = steps.Activity(7, 1), steps.Activity(3, 2), steps.Activity(9, 2)
JOURNEY = (THIRD, FIRST, SECOND)  # the order of the list does not count


def waiting(key=1, **values):
    return steps.Participant(key, steps.WAITING, **values)


def test_who_begins_gets_the_first_activity():
    assert steps.due([waiting()], JOURNEY, NOW) == [steps.Step(1, 7)]


def test_who_went_through_one_gets_the_next():
    assert steps.due([waiting(last=7), waiting(2, last=3)], JOURNEY, NOW) == [steps.Step(1, 3), steps.Step(2, 9)]


def test_who_went_through_all_gets_nothing():
    assert steps.due([waiting(last=9)], JOURNEY, NOW) == []


def test_everybody_gets_at_most_one_step_in_the_given_order():
    people = [waiting(key) for key in (5, 2, 8)]
    assert [step.participant for step in steps.due(people, JOURNEY, NOW)] == [5, 2, 8]


@pytest.mark.parametrize('state', [steps.DONE, steps.DUPLICATE, steps.ERROR])
def test_who_does_not_wait_gets_nothing(state):
    assert steps.due([steps.Participant(1, state)], JOURNEY, NOW) == []


@pytest.mark.parametrize(('due_at', 'count'), [
    (None, 1),
    (NOW - timedelta(days=1), 1),
    (NOW, 1),
    (NOW + timedelta(seconds=1), 0),
])
def test_nothing_happens_before_its_time(due_at, count):
    assert len(steps.due([waiting(due_at=due_at)], JOURNEY, NOW)) == count


def test_who_stands_at_a_removed_activity_does_not_begin_anew():
    assert steps.due([waiting(last=99)], JOURNEY, NOW) == []


def test_campaign_without_activities_has_nothing_to_do():
    assert steps.due([waiting()], (), NOW) == []


@pytest.mark.parametrize(('activity', 'state'), [(7, steps.WAITING), (3, steps.WAITING), (9, steps.DONE)])
def test_last_activity_ends_it(activity, state):
    assert steps.state_after(activity, JOURNEY) == state


@pytest.mark.parametrize(('activity', 'previous'), [(7, None), (3, 7), (9, 3), (99, None)])
def test_taking_back_leads_to_the_activity_before(activity, previous):
    assert steps.before(activity, JOURNEY) == previous


def test_taken_back_step_is_due_again():
    last = steps.before(3, JOURNEY)
    assert steps.due([waiting(last=last)], JOURNEY, NOW) == [steps.Step(1, 3)]


def test_later_record_with_the_same_number_is_the_duplicate():
    assert audience.duplicates({1: '+441', 2: '+442', 3: '+441', 4: '+441'}) == {3, 4}


def test_number_that_has_the_campaign_already_is_a_duplicate():
    assert audience.duplicates({1: '+441', 2: '+442'}, {'+442'}) == {2}


def test_people_without_a_number_are_nobodys_duplicate():
    assert audience.duplicates({1: '', 2: '', 3: None}, {''}) == set()


def test_flow_knows_no_odoo():
    for path in (ADDON / 'flow').glob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module)
            assert not [name for name in names if name.split('.')[0] == 'odoo'], path
