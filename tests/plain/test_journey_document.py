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


def refused(journey):
    with pytest.raises(document.DocumentError) as raised:
        document.read(journey)
    return raised.value


def fault(journey):
    return refused(journey).code, refused(journey).where


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
    {'template': {'name': 7}}, {'delay': 10 ** 12}, {'after': ['hello']}, {'after': {}}, {'after': 0},
    {'type': ['sms']}, {'delay': float('nan')}, {'share': float('inf')}, {'expiry': -1}, {'delay': 1.5},
    {'delay': False}, {'log_in_chatter': 1}, {'trigger': []}, {'name': 'a\0b'}, {'name': '\ud83d'},
    {'sms_purpose': 'care'}, {'hours': ['any']}, {'domain': [['id', '=', 1]]}, {'mail_template': []}])
def test_a_value_that_is_none_is_named_by_its_step_and_its_field(values):
    error = refused(with_step(**values))

    assert (error.code, error.where, error.field) == ('value', 'call', next(iter(values)))


@pytest.mark.parametrize('values', [
    {'entry': 'never'}, {'holdout_share': '5'}, {'cap': 1.5e12}, {'domain': 7}, {'holdout_share': True},
    {'talk_hours': -1}, {'conversion_days': 10 ** 9}, {'entry': ['once']}, {'goal_domain': '\0'}, {'cap': 2.5}])
def test_a_setting_that_is_none_is_named(values):
    error = refused(changed(settings=values))

    assert (error.code, error.where, error.field) == ('value', '', next(iter(values)))


@pytest.mark.parametrize('own', [[], 'x', 7, [[]], False])
def test_settings_that_are_none_are_refused(own):
    assert refused(changed(settings=own)).field == 'settings'


def test_an_empty_setting_says_nothing():
    assert document.read(changed(settings={'domain': '', 'cap': None}))['settings'] == {}


@pytest.mark.parametrize('version', [0, -1, 10 ** 300, [[]], 1.0])
def test_no_version_but_our_own_is_guessed_at(version):
    assert fault(changed(fluxforce_journey=version))[0] == 'version'


def nested(depth, inner=None):
    for __ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize('place', ['fluxforce_journey', 'name', 'model', 'settings', 'steps'])
def test_a_document_nested_a_thousand_times_is_refused(place):
    assert fault(changed(**{place: nested(2000)}))


@pytest.mark.parametrize('place', ['key', 'after', 'type', 'name', 'delay', 'template', 'share', 'trigger'])
def test_a_step_nested_a_thousand_times_is_refused(place):
    assert fault(with_step(**{place: nested(2000)}))


def test_two_hundred_steps_in_a_row_are_read():
    rows = [{'key': str(index), 'after': str(index - 1) if index else None, 'type': 'wait'} for index in range(200)]

    assert len(document.read(changed(steps=rows[::-1]))['steps']) == 200


# --- However odd -----------------------------------------------------------------------------------------------------

SCALARS = (st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
           | st.sampled_from(['', '#²', '#0', 'sms', 'hello', 'call', 'split', 'date', '\0', '\ud800', '[(']))
NAMES = st.sampled_from(['key', 'after', 'type', *document.STEP_FIELDS, *document.REFERENCES, 'xmlid', 'language'])
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
                    max_leaves=12)
STEP = st.fixed_dictionaries({'key': st.sampled_from('abc') | JSON}, optional={
    'after': st.sampled_from('abc') | JSON, 'type': st.sampled_from(document.TYPES) | JSON,
    **{name: JSON for name in (*document.STEP_FIELDS, *document.REFERENCES)}})
SETTINGS = st.dictionaries(st.sampled_from(list(document.JOURNEY_FIELDS)) | st.text(max_size=4), JSON, max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.fixed_dictionaries({'fluxforce_journey': st.just(1) | JSON}, optional={
    'name': JSON, 'model': st.just('res.partner') | JSON, 'settings': SETTINGS | JSON,
    'steps': st.lists(STEP | JSON, max_size=5) | JSON}))
def test_no_document_however_odd_raises_anything_but_our_own_error(journey):
    try:
        document.read(journey)
    except document.DocumentError as error:
        assert error.code
        assert isinstance(error.where, str) and isinstance(error.field, str)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_whatever_a_file_holds_instead_of_a_document_is_refused(journey):
    assert fault(journey) == ('form', '')


@settings(max_examples=200, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=4), SETTINGS)
def test_what_was_read_reads_again_as_the_same(rows, own):
    try:
        first = document.read(changed(steps=rows, settings=own))
    except document.DocumentError:
        return
    again = document.read(json.loads(json.dumps(document.write(**first))))

    assert again == first
