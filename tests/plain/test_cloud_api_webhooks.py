"""Taking webhooks apart."""

import copy
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from cloud_api import const, webhooks
from cloud_api.webhooks import MalformedWebhook, Status, advances, challenge, parse

DATA = Path(__file__).parent / 'data'
WABA = '310000000000001'


def load(name):
    return json.loads((DATA / f'{name}.json').read_text(encoding='utf-8'))


def parsed(body):
    return parse(json.dumps(body).encode())


def envelope(value, field='messages', **entry):
    changes = [{'field': field, 'value': value}]
    return {'object': 'whatsapp_business_account', 'entry': [{'id': WABA, 'changes': changes, **entry}]}


def status_of(status):
    return Status.from_item(parsed(envelope({'statuses': [{'id': 'wamid.X', 'status': 'sent', **status}]}))[0])


# --- Body to items -------------------------------------------------------------------------------------------------


def test_batch_is_taken_apart():
    items = parsed(load('inbound_batch'))
    assert [(item.kind, item.waba_id, item.phone_number_id) for item in items] == [
        ('message', WABA, '520000000000001'),
        ('message', WABA, '520000000000001'),
        ('message', WABA, '520000000000001'),
        ('message', WABA, '520000000000001'),
        ('status', '310000000000002', '520000000000002'),
    ]


def test_value_comes_without_the_lists():
    item = parsed(load('inbound_batch'))[0]
    assert set(item.value) == {'messaging_product', 'metadata'}


def test_preferences_come_without_the_list_of_everybodys():
    body = envelope(
        {'metadata': {}, 'user_preferences': [{'wa_id': '1'}, {'wa_id': '2'}], 'contacts': [{'wa_id': '1'}]},
        'user_preferences',
    )
    assert [item.value for item in parsed(body)] == [{'metadata': {}}] * 2


def test_contact_is_found_by_bsuid_or_number():
    items = parsed(load('inbound_batch'))
    assert [item.contact['profile']['name'] for item in items] == [
        'Ana Silva',
        'Ben Okafor',
        'Ana Silva',
        'Ana Silva',
        'Ana Silva',
    ]


def test_only_contact_is_taken_although_its_number_differs():
    body = envelope({'contacts': [{'wa_id': '5541900000000'}], 'messages': [{'from': '55419900000000', 'id': 'w'}]})
    assert parsed(body)[0].contact == {'wa_id': '5541900000000'}


def test_only_contact_is_not_taken_for_somebody_else():
    body = envelope({'contacts': [{'user_id': 'PT.1'}], 'messages': [{'from_user_id': 'PT.2', 'id': 'w'}]})
    assert parsed(body)[0].contact is None


def test_preferences_are_items_of_their_own():
    item = parsed(load('user_preferences_stop'))[0]
    assert (item.kind, item.field, item.data['value']) == ('other', 'user_preferences', 'stop')


def test_other_fields_are_one_item():
    item = parsed(load('template_status'))[0]
    assert (item.kind, item.field, item.data['event']) == ('other', 'message_template_status_update', 'PAUSED')


def test_unknown_field_is_kept():
    item = parsed(envelope({'new': {'thing': 1}}, field='field_of_2030'))[0]
    assert (item.kind, item.field, item.data) == ('other', 'field_of_2030', {'new': {'thing': 1}})


def test_errors_of_the_account_are_items():
    assert parsed(envelope({'errors': [{'code': 130429}]}))[0].kind == 'error'


def test_clicks_are_kept():
    assert parsed(envelope({'user_actions': [{'action_type': 'marketing_messages_link_click'}]}))[0].kind == 'other'


def test_messages_value_with_nothing_known_is_kept():
    assert parsed(envelope({'conversation_context': {'a': 1}}))[0].data == {'conversation_context': {'a': 1}}


def test_empty_batch_has_no_items():
    assert parsed({'object': 'whatsapp_business_account', 'entry': []}) == []


@pytest.mark.parametrize('entry', [None, 7, 'x', [], {}, {'id': WABA}, {'id': WABA, 'changes': {}}])
def test_odd_entry_is_kept(entry):
    items = parsed({'object': 'whatsapp_business_account', 'entry': [entry]})
    assert [(item.kind, item.data) for item in items] == [('other', {'odd': entry})]


@pytest.mark.parametrize('change', [None, 7, [], {}, {'field': 'messages'}, {'field': 7, 'value': {}}])
def test_odd_change_is_kept(change):
    items = parsed({'object': 'whatsapp_business_account', 'entry': [{'id': WABA, 'changes': [change]}]})
    assert [(item.kind, item.data) for item in items] == [('other', {'odd': change})]


@pytest.mark.parametrize('name', ['messages', 'statuses', 'errors'])
def test_odd_list_is_kept(name):
    assert parsed(envelope({name: {'id': 'x'}}))[0].data == {'odd': {'id': 'x'}}


def test_odd_piece_does_not_stop_its_neighbours():
    items = parsed(envelope({'messages': [{'id': 'a'}, 'odd', None, {'id': 'b'}]}))
    assert [item.kind for item in items] == ['message', 'other', 'other', 'message']


@pytest.mark.parametrize('contacts', [None, 7, {}, ['x'], [{'wa_id': 7}], [{'profile': 'x'}]])
def test_odd_contacts_do_not_raise(contacts):
    items = parsed(envelope({'contacts': contacts, 'messages': [{'id': 'a', 'from': '351910000001'}]}))
    assert [item.data['id'] for item in items] == ['a']


@pytest.mark.parametrize('metadata', [None, 7, [], {'phone_number_id': None}])
def test_odd_metadata_means_no_number(metadata):
    assert parsed(envelope({'metadata': metadata, 'messages': [{'id': 'a'}]}))[0].phone_number_id == ''


def test_ids_may_be_numbers():
    body = envelope({'metadata': {'phone_number_id': 52}, 'messages': [{'id': 'a'}]}, id=31)
    assert (parsed(body)[0].waba_id, parsed(body)[0].phone_number_id) == ('31', '52')


@pytest.mark.parametrize(
    'raw',
    [
        b'',
        b'{',
        b'null',
        b'[]',
        b'{}',
        b'\xff\xfe{}',
        b'{"object":"whatsapp_business_account"}',
        b'{"object":"whatsapp_business_account","entry":{}}',
        b'{"object":"page","entry":[]}',
        b'{"object":"whatsapp_business_account","entry":[NaN]}',
        b'{"object":"whatsapp_business_account","entry":[' + b'[' * 200 + b']' * 200 + b']}',
        b'[' * 200000,
        None,
    ],
)
def test_what_is_no_webhook_is_malformed(raw):
    with pytest.raises(MalformedWebhook):
        parse(raw)


def test_nul_characters_are_dropped_everywhere():
    body = envelope({'na\x00me': 'x\x00', 'messages': [{'id': 'a\x00', 'text': {'bo\x00dy': ['\x00']}}]})
    items = parsed(body)
    assert '\\u0000' not in json.dumps([items[0].data, items[0].value])
    assert items[0].data['text'] == {'body': ['']}


def test_broken_surrogates_are_replaced():
    raw = b'{"object":"whatsapp_business_account","entry":["\\ud800"]}'
    assert parse(raw)[0].data == {'odd': '?'}


def test_endless_numbers_stay_text():
    raw = b'{"object":"whatsapp_business_account","entry":[1e999]}'
    assert parse(raw)[0].data == {'odd': '1e999'}


def test_thousand_statuses_are_all_there():
    statuses = [{'id': f'wamid.{number}', 'status': 'sent'} for number in range(1000)]
    items = parsed(envelope({'statuses': statuses}))
    assert len({item.dedupe_key for item in items}) == 1000


# --- Duplicates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('name', sorted(path.stem for path in DATA.glob('*.json')))
def test_second_delivery_has_the_same_keys(name):
    body = load(name)
    assert [item.dedupe_key for item in parsed(body)] == [item.dedupe_key for item in parsed(copy.deepcopy(body))]


def test_key_does_not_hang_on_what_comes_along():
    first = parsed(envelope({'messages': [{'id': 'wamid.X'}]}))[0]
    second = parsed(envelope({'messages': [{'id': 'wamid.X', 'new': 1}], 'contacts': []}, time=5))[0]
    assert first.dedupe_key == second.dedupe_key


def test_key_names_kind_and_account():
    assert parsed(load('inbound_batch'))[0].dedupe_key.startswith(f'message:{WABA}:')


def test_key_stays_short():
    body = envelope({'messages': [{'id': 'x' * 5000}]}, id='9' * 5000)
    assert len(parsed(body)[0].dedupe_key) <= 128


def test_accounts_do_not_share_keys():
    value = {'messages': [{'id': 'wamid.X'}]}
    assert parsed(envelope(value, id='1'))[0].dedupe_key != parsed(envelope(value, id='2'))[0].dedupe_key


def test_each_status_of_a_message_has_its_key():
    items = parsed(envelope({'statuses': [{'id': 'w', 'status': 'sent'}, {'id': 'w', 'status': 'read'}]}))
    assert items[0].dedupe_key != items[1].dedupe_key


def test_each_participant_of_a_group_has_a_key():
    items = parsed(load('group_statuses'))
    assert items[0].dedupe_key != items[1].dedupe_key


def test_preferences_are_told_apart_by_person_value_and_time():
    body = load('user_preferences_stop')
    later = copy.deepcopy(body)
    later['entry'][0]['changes'][0]['value']['user_preferences'][0]['timestamp'] += 1
    assert parsed(body)[0].dedupe_key != parsed(later)[0].dedupe_key


def test_same_template_event_at_another_time_is_another():
    body = load('template_status')
    later = copy.deepcopy(body)
    later['entry'][0]['time'] += 1
    assert parsed(body)[0].dedupe_key != parsed(later)[0].dedupe_key


def undated(value):
    return parsed(envelope(value))[0]


def test_an_error_that_meta_does_not_date_is_another_one_on_another_day():
    item = undated({'errors': [{'code': 130429}]})
    assert item.key_on(date(2026, 6, 1)) == item.key_on(date(2026, 6, 1))
    assert item.key_on(date(2026, 6, 1)) != item.key_on(date(2026, 6, 2))
    assert len(item.key_on(date(2026, 6, 1))) <= 128


def test_an_error_that_meta_dates_is_the_same_on_each_day():
    item = parsed(envelope({'errors': [{'code': 130429}]}, time=1780315200))[0]
    assert item.key_on(date(2026, 6, 1)) == item.key_on(date(2026, 6, 2)) == item.dedupe_key


@pytest.mark.parametrize('value', [
    {'messages': [{'id': 'w'}]},
    {'statuses': [{'id': 'w', 'status': 'sent'}]},
    {'user_actions': [{'action_type': 'x'}]},
])
def test_what_else_comes_again_days_later_is_the_same(value):
    item = undated(value)
    assert item.key_on(date(2026, 6, 1)) == item.key_on(date(2026, 6, 2)) == item.dedupe_key


def test_message_without_id_has_a_key():
    assert parsed(envelope({'messages': [{'type': 'text'}]}))[0].dedupe_key.startswith('message:')


@pytest.mark.parametrize('name', ['messages', 'statuses', 'errors', 'user_actions'])
@pytest.mark.parametrize('odd', [{'id': 7}, {'id': None}, {'id': []}, {'status': {}}, {'timestamp': []}])
def test_odd_identity_does_not_raise(name, odd):
    assert parsed(envelope({name: [odd]}))[0].dedupe_key


# --- Statuses ------------------------------------------------------------------------------------------------------


def test_status_is_read():
    status = Status.from_item(parsed(load('inbound_batch'))[4])
    assert (status.message_id, status.status, status.key) == ('wamid.OUT0001', 'delivered', 'key-1')
    assert (status.recipient_id, status.user_id, status.pricing_category) == ('351910000001', 'PT.1001', 'utility')
    assert status.timestamp == datetime(2026, 11, 23, 10, 41, 40)


def test_failure_tells_its_reason():
    status = Status.from_item(parsed(load('status_failed'))[0])
    assert (status.error_code, status.error_title, status.error_details) == (
        131049,
        'Held back',
        'Kept from this person for a while.',
    )


def test_price_of_a_group_may_hide_in_the_conversation():
    assert Status.from_item(parsed(load('group_statuses'))[0]).pricing_category == 'group_marketing'


def test_unknown_status_is_kept():
    assert status_of({'status': 'teleported'}).status == 'teleported'


@pytest.mark.parametrize('errors', [None, {}, 'x', [None], [7], [{'code': 'x', 'error_data': 7}]])
def test_odd_errors_do_not_raise(errors):
    assert status_of({'errors': errors}).error_code is None


def test_error_code_may_come_as_text():
    assert status_of({'errors': [{'code': '131026'}]}).error_code == 131026


@pytest.mark.parametrize('odd', [{'id': ''}, {'id': 7}, {'status': ''}, {'status': None}])
def test_status_without_message_or_state_is_none(odd):
    assert status_of(odd) is None


def test_message_is_no_status():
    assert Status.from_item(parsed(load('inbound_batch'))[0]) is None


@pytest.mark.parametrize(
    'value', [None, '', 'soon', '-5', -5, 0, '0', True, 1.5, [], {}, '9' * 30, 10**30, '\uff17' * 9, '1795430437 ']
)
def test_odd_timestamp_is_none(value):
    assert webhooks.to_datetime(value) is None


@pytest.mark.parametrize('value', ['1795430437', 1795430437])
def test_timestamp_may_be_text_or_number(value):
    assert webhooks.to_datetime(value) == datetime(2026, 11, 23, 10, 40, 37)


# --- State ladder --------------------------------------------------------------------------------------------------


LADDER = ['queued', 'sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'played']


def test_ladder_is_the_constants():
    assert sorted(const.STATUS_RANK, key=const.STATUS_RANK.get) == LADDER


@pytest.mark.parametrize('old', LADDER)
@pytest.mark.parametrize('new', LADDER)
def test_state_only_moves_up(old, new):
    assert advances(old, new) is (LADDER.index(new) > LADDER.index(old))


@pytest.mark.parametrize('old', LADDER)
def test_failure_only_beats_what_is_below_delivered(old):
    assert advances(old, 'failed') is (old in LADDER[:5])


@pytest.mark.parametrize('new', LADDER)
def test_failed_is_corrected_by_proof_of_delivery_only(new):
    assert advances('failed', new) is (new in LADDER[5:])


def test_failing_twice_changes_nothing():
    assert advances('failed', 'failed') is False


@pytest.mark.parametrize('new', ['teleported', '', None])
def test_unknown_state_never_advances(new):
    assert advances('sent', new) is False


@pytest.mark.parametrize('new', ['sent', 'failed'])
def test_state_outside_the_ladder_is_left_alone(new):
    assert advances('cancelled', new) is False


@pytest.mark.parametrize('old', [None, '', False])
def test_any_known_state_is_better_than_none(old):
    assert advances(old, 'sent') and advances(old, 'failed')


# --- Handshake -----------------------------------------------------------------------------------------------------


HANDSHAKE = {'hub.mode': 'subscribe', 'hub.verify_token': 'hook-secret-1', 'hub.challenge': '1158201444'}


def test_right_token_gets_the_challenge():
    assert challenge(HANDSHAKE, 'hook-secret-1') == '1158201444'


@pytest.mark.parametrize(
    'change',
    [
        {'hub.verify_token': 'wrong'},
        {'hub.verify_token': ''},
        {'hub.verify_token': None},
        {'hub.verify_token': 'ä\ud800'},
        {'hub.mode': 'unsubscribe'},
        {'hub.mode': None},
        {'hub.challenge': None},
        {'hub.challenge': ''},
        {'hub.challenge': ['1']},
    ],
)
def test_anything_else_is_refused(change):
    assert challenge({**HANDSHAKE, **change}, 'hook-secret-1') is None


@pytest.mark.parametrize('token', ['', ' ', None, False])
def test_account_without_token_refuses(token):
    assert challenge({**HANDSHAKE, 'hub.verify_token': token}, token) is None


def test_missing_parameters_are_refused():
    assert challenge({}, 'hook-secret-1') is None


def test_an_error_code_too_large_to_be_one_is_none():
    body = {'object': 'whatsapp_business_account', 'entry': [{'id': '1', 'changes': [{'field': 'messages', 'value': {
        'statuses': [{'id': 'wamid.1', 'status': 'failed', 'errors': [{'code': 10**30, 'title': 'Solar flare'}]}]}}]}]}

    status = Status.from_item(parse(json.dumps(body).encode())[0])

    assert (status.error_code, status.error_title) == (None, 'Solar flare')
