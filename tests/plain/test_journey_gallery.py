"""The ready journeys: each can be read, sends templates that are there, and says the same in both languages."""

import copy
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / 'fluxforce_whatsapp_marketing'
sys.path.append(str(ADDON))

from flow import document  # noqa: E402  the line above makes it importable

ENTRIES = json.loads((ADDON / 'data' / 'journey_gallery.json').read_text(encoding='utf-8'))
TEMPLATES = {entry['key']: entry for entry in json.loads(
    (ROOT / 'fluxforce_whatsapp' / 'data' / 'template_gallery.json').read_text(encoding='utf-8'))}
every_journey = pytest.mark.parametrize('entry', ENTRIES, ids=lambda entry: entry['key'])


def read(entry):
    return document.read(copy.deepcopy(entry['journey']))


def template_of(step):
    return TEMPLATES[step['template']['ready']]


def replies(step, language):
    buttons = [button for part in template_of(step)['languages'][language]['components']
               for button in part.get('buttons', ())]
    return [button['text'] for button in buttons if button['type'] == 'QUICK_REPLY']


def test_there_are_at_least_eight_each_with_a_name_of_its_own():
    assert len({entry['key'] for entry in ENTRIES}) == len(ENTRIES) >= 8


@every_journey
def test_it_is_a_document_that_can_be_read(entry):
    assert read(entry)['steps']


@every_journey
def test_it_is_told_in_english_and_spanish(entry):
    assert set(entry['languages']) == {'en', 'es'}
    assert all(texts['title'] and texts['use'] for texts in entry['languages'].values())


@every_journey
def test_each_step_has_its_words_in_both_languages(entry):
    needed = {step['key']: {'name', 'activity_summary'} if step['type'] == 'todo' else {'name'}
              for step in read(entry)['steps']}

    for texts in entry['languages'].values():
        assert {key: set(words) for key, words in texts['steps'].items()} == needed


@every_journey
def test_its_templates_are_on_the_shelf_and_about_the_same_records(entry):
    journey = read(entry)
    for step in journey['steps']:
        if step['type'] == 'whatsapp':
            assert template_of(step)['model'] == journey['model']


@every_journey
def test_a_button_it_waits_for_is_on_the_message_and_is_not_the_one_that_ends_it(entry):
    steps = {step['key']: step for step in read(entry)['steps']}
    for step in steps.values():
        if step['trigger'] == 'button':
            position = int(step['trigger_button'].removeprefix('#'))
            for language, stop in (('en', 'Stop promotions'), ('es', 'Darme de baja')):
                assert replies(steps[step['after']], language)[position] != stop


@every_journey
def test_whoever_must_do_something_is_told_what(entry):
    for step in read(entry)['steps']:
        if step['type'] == 'todo':
            assert step['activity_type']
