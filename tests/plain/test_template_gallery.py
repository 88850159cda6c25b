"""The ready templates: each is one that Meta takes, in every language."""

import json
import re
from pathlib import Path

import pytest
from cloud_api.template_checks import Code, check
from policy.keywords import Keyword, match

from tests.simulator.template_rules import category_meta_sees, check_template

FILE = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp' / 'data' / 'template_gallery.json'
ENTRIES = json.loads(FILE.read_text(encoding='utf-8'))
LANGUAGES = {'en', 'es', 'pt_BR'}
STOP_WORDS = [Keyword('darme de baja', 'stop', 'es'), Keyword('cancelar inscrição', 'stop', 'pt')]
SPECS = [
    {'name': entry['key'], 'language': language, 'category': entry['category'], 'parameter_format': 'named',
     'components': content['components']}
    for entry in ENTRIES for language, content in entry['languages'].items()
]


def named(spec):
    return f'{spec["name"]}-{spec["language"]}'


def buttons(spec):
    return [button for part in spec['components'] if part['type'] == 'BUTTONS' for button in part['buttons']]


def test_there_are_at_least_twenty_in_three_languages():
    assert len(ENTRIES) >= 20
    assert all(set(entry['languages']) == LANGUAGES for entry in ENTRIES)


def test_each_has_a_name_of_its_own():
    assert len({entry['key'] for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize('spec', SPECS, ids=named)
def test_nothing_is_found_wrong_with_it(spec):
    others = [other for other in SPECS if other is not spec]
    found = {problem.code for problem in check(spec, others)}
    # A button that ends it beside one that opens a page: WhatsApp on a computer shows neither.
    assert found <= {Code.BUTTONS_DESKTOP}, found
    assert not found or spec['category'] == 'MARKETING'


@pytest.mark.parametrize('spec', SPECS, ids=named)
def test_the_simulator_takes_it_and_leaves_its_category(spec):
    check_template(spec, format_of={}.get)  # none of them needs a file
    assert category_meta_sees(spec) == spec['category']


@pytest.mark.parametrize('spec', [spec for spec in SPECS if spec['category'] == 'MARKETING'], ids=named)
def test_marketing_has_a_button_that_ends_it(spec):
    assert len(stops(spec)) == 1


@pytest.mark.parametrize('spec', [spec for spec in SPECS if spec['category'] != 'MARKETING'], ids=named)
def test_no_button_of_an_update_is_taken_for_a_stop(spec):
    assert stops(spec) == []


def stops(spec):
    """The labels that whoever taps them is taken to have said stop with."""
    replies = [button['text'] for button in buttons(spec) if button['type'] == 'QUICK_REPLY']
    return [label for label in replies if match(label, STOP_WORDS)]


@pytest.mark.parametrize('entry', ENTRIES, ids=lambda entry: entry['key'])
def test_all_languages_say_the_same_with_the_same_variables_and_buttons(entry):
    shapes = {json.dumps(shape(content['components'])) for content in entry['languages'].values()}
    assert len(shapes) == 1


def shape(components):
    """What must not differ between the languages of a template."""
    kinds = [(part['type'], part.get('format')) for part in components]
    names = [sorted(set(re.findall(r'\{\{(\w+)\}\}', part.get('text', '')))) for part in components]
    links = [(button['type'], button.get('url')) for part in components for button in part.get('buttons', ())]
    return [kinds, names, links]


@pytest.mark.parametrize('entry', ENTRIES, ids=lambda entry: entry['key'])
def test_what_fills_a_variable_belongs_to_one(entry):
    keys = {f'body:{name}' for content in entry['languages'].values() for part in content['components']
            for name in re.findall(r'\{\{(\w+)\}\}', part.get('text', ''))}
    links = {f'button:{index}:1' for index, button in enumerate(buttons(SPECS[0] | {
        'components': entry['languages']['en']['components']})) if '{{' in button.get('url', '')}
    assert set(entry['values']) <= keys | links
