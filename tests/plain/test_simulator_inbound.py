"""What people send to a business in the simulator: every type, in Meta's shape."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, template, text
from tests.simulator.testing import ControlError

WAMID = 'wamid.HBgMOriginal='
CARD = {'name': {'formatted_name': 'Jonas Behr'}, 'phones': [{'phone': '+49 30 23125 561', 'wa_id': '493023125561'}]}
ORDER = {'catalog_id': '305511790082213', 'product_items': [
    {'product_retailer_id': 'HELM-L-RED', 'quantity': 1, 'item_price': 89.9, 'currency': 'EUR'}]}


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False, 'retry_schedule': [0.01]})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def write(sim, data, who=w.PERSON_READS):
    answer = sim.control('POST', f'/people/{who}/message', data)
    sim.wait_idle()
    return answer


def written(sim, hook, data, who=w.PERSON_READS):
    """The `messages[]` entry that came of it, checked for what all have."""
    wamid = write(sim, data, who)['wamid']
    (item,) = hook.items('messages')
    assert (item['id'], item['timestamp'].isdigit()) == (wamid, True)
    return item


# --- types -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('kind', 'given'), [
    ('location', {'latitude': 52.5186, 'longitude': 13.4081, 'name': 'Radhaus Nord'}),
    ('contacts', [CARD]),
    ('button', {'text': 'Stop promotions', 'payload': 'OPTOUT|118'}),
    ('order', ORDER),
    ('revoke', {'original_message_id': WAMID}),
    ('reaction', {'message_id': WAMID, 'emoji': '👍'}),
])
def test_types_that_are_sent_as_they_are_given(sim, hook, kind, given):
    item = written(sim, hook, {kind: given})

    assert item['type'] == kind
    assert item[kind] == given


@pytest.mark.parametrize(('kind', 'given'), [
    ('button_reply', {'id': 'slot_1', 'title': 'Confirm'}),
    ('list_reply', {'id': 'slot_2', 'title': '09:30', 'description': 'North'}),
    ('call_permission_reply', {'response': 'reject', 'response_source': 'user_action'}),
])
def test_choices_come_as_interactive(sim, hook, kind, given):
    item = written(sim, hook, {kind: given})

    assert item['type'] == 'interactive'
    assert item['interactive'] == {'type': kind, kind: given}


def test_a_form_comes_with_its_answers_as_text(sim, hook):
    reply = written(sim, hook, {'nfm_reply': {'response': {'first_name': 'Mira'}}})['interactive']['nfm_reply']

    assert (reply['name'], reply['body']) == ('flow', 'Sent')
    assert json.loads(reply['response_json']) == {'first_name': 'Mira'}


def test_a_reaction_is_taken_back_without_emoji(sim, hook):
    assert written(sim, hook, {'reaction': {'message_id': WAMID}})['reaction'] == {'message_id': WAMID}


def test_an_edit_holds_the_whole_new_message(sim, hook):
    edit = written(sim, hook, {'edit': {'original_message_id': WAMID, 'text': 'At 10, not at 9'}})['edit']

    assert edit == {'original_message_id': WAMID, 'message': {
        'context': {'id': 'M0'}, 'type': 'text', 'text': {'body': 'At 10, not at 9'}}}


def test_a_caption_can_be_edited(sim, hook):
    edit = written(sim, hook, {'edit': {'original_message_id': WAMID, 'image': {'caption': 'Chain'}}})['edit']

    assert (edit['message']['type'], edit['message']['image']['caption']) == ('image', 'Chain')


@pytest.mark.parametrize('kind', ['poll', ''])
def test_what_whatsapp_does_not_pass_on_comes_as_unsupported(sim, hook, kind):
    item = written(sim, hook, {'unsupported': kind})

    assert (item['type'], item['errors'][0]['code']) == ('unsupported', 131051)
    assert item.get('unsupported') == ({'type': 'poll'} if kind else None)


# --- around a message --------------------------------------------------------------------------------------------


def test_a_quoted_reply_names_what_it_quotes(sim, hook):
    item = written(sim, hook, {'text': 'This one', 'context': WAMID})

    assert item['context'] == {'from': w.PHONE_NUMBER, 'id': WAMID}


@pytest.mark.parametrize('key', ['forwarded', 'frequently_forwarded'])
def test_a_forwarded_message_says_so(sim, hook, key):
    assert written(sim, hook, {'text': 'Summer party', key: True})['context'] == {key: True}


def test_a_question_about_a_product_names_it(sim, hook):
    product = {'catalog_id': '305511790082213', 'product_retailer_id': 'HELM-M-RED'}

    item = written(sim, hook, {'text': 'In L?', 'referred_product': product})

    assert item['context'] == {'referred_product': product}


def test_whoever_comes_from_an_ad_brings_its_referral(sim, hook):
    referral = written(sim, hook, {'text': 'Hello', 'referral': {'source_id': '77'}})['referral']

    assert (referral['source_type'], referral['source_id']) == ('ad', '77')
    assert referral['ctwa_clid']


def test_a_message_can_be_dated(sim, hook):
    assert written(sim, hook, {'text': 'Yesterday', 'at': 1795430437})['timestamp'] == '1795430437'


def test_a_person_without_number_is_known_by_the_user_id_only(sim, hook):
    item = written(sim, hook, {'list_reply': {'id': '1', 'title': 'Yes'}}, w.PERSON_HIDDEN)

    assert 'from' not in item
    assert item['from_user_id'] == 'ES.77310025541908827744'
    assert 'wa_id' not in hook.values()[0]['contacts'][0]


# --- somebody else's number, another user id -----------------------------------------------------------------------


def test_a_new_number_is_told_by_a_system_message_from_the_old_one(sim, hook):
    answer = sim.control('POST', f'/people/{w.PERSON_READS}/number', {'wa_id': '493023125888'})
    sim.wait_idle()

    (item,) = hook.items('messages')
    assert (item['id'], item['type'], item['from']) == (answer['wamid'], 'system', w.PERSON_READS)
    assert (item['system']['type'], item['system']['wa_id']) == ('user_changed_number', '493023125888')
    assert item['system']['previous_user_id'] == item['from_user_id'] != item['system']['user_id']
    assert 'contacts' not in hook.values()[0]


def test_a_new_number_is_where_the_person_writes_from_afterwards(sim, hook):
    sim.control('POST', f'/people/{w.PERSON_READS}/number', {'wa_id': '493023125888'})

    write(sim, {'text': 'It is me'}, '493023125888')

    item = hook.items('messages')[-1]
    assert (item['from'], hook.values()[-1]['contacts'][0]['profile']['name']) == ('493023125888', 'Mira Vogt')


def test_nobody_is_left_at_the_old_number(sim, graph, hook):
    sim.control('POST', f'/people/{w.PERSON_READS}/number', {'wa_id': '493023125888'})
    graph.send(template())
    sim.wait_idle()

    assert hook.items('statuses')[0]['errors'][0]['code'] == 131026


def test_the_service_window_moves_along(sim, graph, hook):
    write(sim, {'text': 'Hello'})
    sim.control('POST', f'/people/{w.PERSON_READS}/number', {'wa_id': '493023125888'})

    assert graph.send(text(to='493023125888')).status_code == 200


def test_a_new_user_id_is_told_from_the_old_one_without_number(sim, hook):
    person = sim.control('POST', f'/people/{w.PERSON_HIDDEN}/user_id', {})['person']
    sim.wait_idle()

    (item,) = hook.items('messages')
    assert (item['from_user_id'], 'from' in item) == ('ES.77310025541908827744', False)
    assert item['system']['type'] == 'user_changed_user_id'
    assert item['system']['user_id'] == person['user_id'] != item['from_user_id']


def test_the_number_of_somebody_else_cannot_be_taken(sim):
    with pytest.raises(ControlError, match='somebody else'):
        sim.control('POST', f'/people/{w.PERSON_READS}/number', {'wa_id': w.PERSON_IGNORES})


# --- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('data', [
    {}, {'text': ''}, {'text': 'a', 'location': {}}, {'telepathy': 'a'}, {'location': {'latitude': 1}},
    {'contacts': []}, {'button_reply': {'id': '1'}}, {'reaction': {}}, {'edit': {'text': 'a'}},
    {'edit': {'original_message_id': WAMID}}, {'image': {'colour': 'red'}}, {'image': {'fault': 'no_such_fault'}},
    {'order': {'catalog_id': '1'}}, {'text': 'a', 'at': 'yesterday'},
])
def test_words_that_make_no_message_are_refused(sim, data):
    with pytest.raises(ControlError):
        sim.control('POST', f'/people/{w.PERSON_READS}/message', data)
