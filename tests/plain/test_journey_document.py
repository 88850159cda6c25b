"""Journeys as documents: what is exported, imported and kept in the gallery."""

import copy
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / 'fluxforce_whatsapp_marketing'
sys.path.append(str(ADDON))

from flow import document  # noqa: E402  the line above makes it importable

WELCOME = {
    'fluxforce_journey': 1, 'name': 'Welcome', 'model': 'res.partner', 'settings': {'entry': 'continuous'},
    'steps': [
        {'key': 'hello', 'type': 'whatsapp', 'template': {'name': 'welcome', 'language': 'en'}},
        {'key': 'call', 'after': 'hello', 'type': 'todo', 'trigger': 'button', 'trigger_button': 'I have a question',
         'activity_summary': 'Answer the question'},
        {'key': 'pause', 'after': 'hello', 'type': 'wait', 'delay': 7},
    ]}


def changed(**values):
    return {**copy.deepcopy(WELCOME), **values}


def with_step(**values):
    """The journey with its second step changed."""
    journey = changed()
    journey['steps'][1].update(values)
    return journey


def fault(journey):
    with pytest.raises(document.DocumentError) as raised:
        document.read(journey)
    return raised.value.code, raised.value.where


# --- Read ------------------------------------------------------------------------------------------------------------


def test_a_document_is_filled_up_with_what_is_usual():
    hello = document.read(WELCOME)['steps'][0]

    assert (hello['trigger'], hello['delay_unit'], hello['hours'], hello['after']) == ('begin', 'days', 'any', None)


def test_how_a_step_follows_is_the_usual_way_where_nothing_is_said():
    assert [step['trigger'] for step in document.read(WELCOME)['steps']] == ['begin', 'button', 'done']


def test_steps_come_after_those_they_follow():
    journey = changed(steps=list(reversed(WELCOME['steps'])))

    assert document.read(journey)['steps'][0]['key'] == 'hello'


def test_only_what_the_document_says_of_the_journey_is_taken_over():
    assert document.read(WELCOME)['settings'] == {'entry': 'continuous'}


def test_what_is_written_reads_as_the_same():
    first = document.read(WELCOME)
    again = document.read(json.loads(json.dumps(document.write(**first))))

    assert again == first


def test_what_is_as_usual_is_not_written():
    assert document.write(**document.read(WELCOME))['steps'][2] == {
        'key': 'pause', 'after': 'hello', 'type': 'wait', 'trigger': 'done', 'delay': 7}


# --- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('journey', [None, [], 'text', {}, {'name': 'Something else'}])
def test_another_file_is_told_apart(journey):
    assert fault(journey) == ('form', '')


@pytest.mark.parametrize('version', [2, '1', None, True])
def test_a_document_of_a_later_version_is_not_guessed_at(version):
    assert fault(changed(fluxforce_journey=version))[0] == 'version'


def test_a_journey_without_records_to_write_to_is_refused():
    assert fault(changed(model=''))[0] == 'model'


@pytest.mark.parametrize('steps', [None, [], {}, [{'key': str(index)} for index in range(201)]])
def test_a_journey_needs_steps_but_not_any_number_of_them(steps):
    assert fault(changed(steps=steps))[0] == 'steps'


@pytest.mark.parametrize('row', [None, 'call', {}, {'key': 7}, {'key': ''}])
def test_a_step_needs_a_key(row):
    assert fault(changed(steps=[row])) == ('step', '')


def test_two_steps_with_one_key_are_refused():
    assert fault(with_step(key='hello')) == ('key', 'hello')


def test_a_step_that_follows_none_of_them_is_named():
    assert fault(with_step(after='gone')) == ('after', 'call')


def test_steps_that_follow_each_other_in_a_circle_are_refused():
    journey = changed(steps=[{'key': 'a', 'type': 'wait', 'after': 'b'}, {'key': 'b', 'type': 'wait', 'after': 'a'}])

    assert fault(journey) == ('loop', 'a')


@pytest.mark.parametrize('values', [
    {'trigger': 'yes'}, {'trigger': 'nonsense'}, {'trigger': 'done', 'delay': -1}])
def test_a_step_that_cannot_follow_like_that_is_named(values):
    assert fault(with_step(**values)) == ('trigger', 'call')


@pytest.mark.parametrize('values', [
    {'type': 'fax'}, {'delay': 'soon'}, {'delay': True}, {'delay_unit': 'years'}, {'share': 'half'},
    {'name': ['x']}, {'name': 'x' * 20000}, {'log_in_chatter': 'yes'}, {'template': 'welcome'},
    {'template': {'name': 7}}, {'delay': 10 ** 12}])
def test_a_value_that_is_none_is_named_by_its_step(values):
    assert fault(with_step(**values)) == ('value', 'call')


@pytest.mark.parametrize('values', [{'entry': 'never'}, {'holdout_share': '5'}, {'cap': 1.5e12}, {'domain': 7}])
def test_a_setting_that_is_none_is_named(values):
    assert fault(changed(settings=values)) == ('value', next(iter(values)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(['key', 'after', 'type', 'trigger', 'delay', 'template', 'name', 'share']), inner, max_size=5),
    max_leaves=12)


@settings(max_examples=200, deadline=None)
@given(JSON, JSON)
def test_whatever_a_file_holds_it_is_read_or_refused_with_a_reason(steps, own):
    journey = {**WELCOME, 'settings': own, 'steps': steps}
    try:
        document.read(journey)
    except document.DocumentError as error:
        assert error.code
