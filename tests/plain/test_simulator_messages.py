"""The simulator refuses what Meta refuses and answers as Meta answers (POST /<PHONE_ID>/messages)."""

import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, GraphClient, body, message, template, text
from tests.simulator.testing import RunningSimulator


@pytest.fixture(scope='module')
def server():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


@pytest.fixture
def graph(sim):
    return GraphClient(sim.graph_url)


def refused(response, code, status=400):
    """Check an error answer and return it."""
    error = response.json()['error']
    assert (error['code'], response.status_code) == (code, status), error
    assert error['fbtrace_id']
    assert error['type'] in ('OAuthException', 'GraphMethodException')
    return error


def open_window(sim, wa_id=w.PERSON_READS):
    sim.control('POST', f'/people/{wa_id}/message', {'text': 'Hola'})


# --- success ---------------------------------------------------------------------------------------------------


def test_template_answer_has_metas_shape(graph):
    answer = graph.send(template())
    assert answer.status_code == 200
    data = answer.json()
    assert data['messaging_product'] == 'whatsapp'
    contact = data['contacts'][0]
    assert (contact['input'], contact['wa_id']) == (f'+{w.PERSON_READS}', w.PERSON_READS)
    assert contact['user_id'].startswith('DE.')
    assert data['messages'][0]['message_status'] == 'accepted'
    assert data['messages'][0]['id'].startswith('wamid.')


def test_text_answer_has_no_message_status(sim, graph):
    open_window(sim)
    assert set(graph.send(text()).json()['messages'][0]) == {'id'}


def test_accepted_message_is_in_the_log_with_its_hydrated_text(sim, graph):
    wamid = graph.send(template(biz_opaque_callback_data='key-1')).json()['messages'][0]['id']
    (entry,) = sim.control('GET', '/log')
    assert (entry['key'], entry['wamid'], entry['wa_id']) == ('key-1', wamid, w.PERSON_READS)
    assert (entry['type'], entry['template'], entry['language']) == ('template', 'order_update', 'en')
    assert entry['text'].startswith('Hi Mira, your order S00042 is on its way.')


def test_same_seed_gives_the_same_message_ids(sim, graph):
    first = graph.send(template()).json()['messages'][0]['id']
    sim.control('POST', '/reset', {'seed': 1})
    assert graph.send(template()).json()['messages'][0]['id'] == first
    sim.control('POST', '/reset', {'seed': 2})
    assert graph.send(template()).json()['messages'][0]['id'] != first


@pytest.mark.parametrize(('dialled', 'wa_id'), [
    ('+52 55 1234 5678', w.PERSON_MEXICO),
    ('+5215512345678', w.PERSON_MEXICO),
    ('+5551991234567', w.PERSON_BRAZIL),
    ('+555191234567', w.PERSON_BRAZIL),
    ('+541123456789', w.PERSON_ARGENTINA),
    ('+54 9 11 2345-6789', w.PERSON_ARGENTINA),
])
def test_number_dialled_in_another_form_is_answered_with_the_persons_own_id(graph, dialled, wa_id):
    contact = graph.send({**template(), 'to': dialled}).json()['contacts'][0]
    assert (contact['input'], contact['wa_id']) == (dialled, wa_id)


def test_alias_of_a_person_leads_to_the_person(sim, graph):
    sim.control('PUT', '/people/4915100000001', {'aliases': ['+49 151 999']})
    assert graph.send(template(to='49151999')).json()['contacts'][0]['wa_id'] == '4915100000001'


def test_business_scoped_id_reaches_the_person_without_a_phone_in_the_answer(graph):
    data = template(recipient='ES.77310025541908827744')
    del data['to']
    contact = graph.send(data).json()['contacts'][0]
    assert contact == {'input': 'ES.77310025541908827744', 'user_id': 'ES.77310025541908827744'}


def test_phone_wins_over_business_scoped_id(graph):
    contact = graph.send(template(recipient='ES.77310025541908827744')).json()['contacts'][0]
    assert contact['wa_id'] == w.PERSON_READS


def test_number_without_plus_can_be_taken_as_a_national_number(sim, graph):
    sim.control('PATCH', '/settings', {'prepend_country_code': True})
    contact = graph.send({**template(), 'to': '600111222'}).json()['contacts'][0]
    assert contact['wa_id'] == '34600111222'


def test_named_parameters_may_come_in_any_order(sim, graph):
    parameters = [{'type': 'text', 'parameter_name': 'date', 'text': '12 June'},
                  {'type': 'text', 'parameter_name': 'first_name', 'text': 'Mira'}]
    data = template('appointment_reminder', 'en_US', components=[{'type': 'body', 'parameters': parameters}])
    assert graph.send(data).status_code == 200
    assert sim.control('GET', '/log')[0]['text'].startswith('Hi Mira, this is a reminder of your appointment on 12')


def test_buttons_take_the_parameters_they_need(graph):
    components = [
        {'type': 'header', 'parameters': [{'type': 'text', 'text': 'P-1'}]},
        {'type': 'button', 'sub_type': 'url', 'index': '0', 'parameters': [{'type': 'text', 'text': 'P-1'}]},
    ]
    assert graph.send(template('track_parcel', 'en_US', components=components)).status_code == 200


def test_media_header_takes_a_link(graph):
    image = {'type': 'header', 'parameters': [{'type': 'image', 'image': {'link': 'https://example.com/a.jpg'}}]}
    data = template('new_collection', 'en_US', components=[image, body('Mira')])
    assert graph.send(data).status_code == 200


def test_authentication_code_goes_into_body_and_button(graph):
    button = {'type': 'button', 'sub_type': 'url', 'index': 0, 'parameters': [{'type': 'text', 'text': '123456'}]}
    assert graph.send(template('login_code', 'en_US', components=[body('123456'), button])).status_code == 200


def test_image_in_an_open_window_is_accepted(sim, graph):
    open_window(sim)
    assert graph.send(message(type='image', image={'link': 'https://example.com/a.jpg'})).status_code == 200


# --- envelope --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('key', ['messaging_product', 'to'])
def test_missing_top_level_parameter_is_refused(graph, key):
    data = template()
    del data[key]
    assert key in refused(graph.send(data), 100)['message']


@pytest.mark.parametrize('change', [
    {'messaging_product': 'telegram'},
    {'recipient_type': 'everybody'},
    {'type': 'telepathy'},
    {'surprise': 1},
    {'biz_opaque_callback_data': 'x' * 513},
    {'biz_opaque_callback_data': 7},
    {'text': {'body': 'not the type'}},
    {'template': 'order_update'},
    {'template': {'name': ['order_update'], 'language': {'code': 'en'}}},
    {'template': {'name': 'order_update', 'language': 'en'}},
    {'template': {'name': 'order_update', 'language': {'code': 'en'}, 'components': {}}},
    {'context': 'wamid.x'},
])
def test_wrong_top_level_parameter_is_refused(graph, change):
    refused(graph.send({**template(), **change}), 100)


def test_callback_data_of_512_characters_is_accepted(graph):
    assert graph.send(template(biz_opaque_callback_data='x' * 512)).status_code == 200


def test_body_that_is_not_json_is_refused(graph):
    refused(graph.call('POST', f'{w.PHONE_ID}/messages', data='{"messaging_product":'), 100)


def test_missing_type_object_is_refused(graph):
    refused(graph.send(message(type='template')), 131008)


@pytest.mark.parametrize('to', ['not a number', '123', '+' + '9' * 16, 493023125310])
def test_recipient_that_is_no_phone_number_is_refused(graph, to):
    refused(graph.send({**template(), 'to': to}), 131009)


def test_malformed_business_scoped_id_is_refused(graph):
    data = {**template(), 'recipient': 'nonsense'}
    del data['to']
    refused(graph.send(data), 131009)


def test_group_message_is_refused_loudly(graph):
    refused(graph.send({**template(), 'recipient_type': 'group'}), 131051)


@pytest.mark.parametrize('content', [
    {'type': 'location', 'location': {'latitude': 1, 'longitude': 2}},
    {'type': 'contacts', 'contacts': [{'name': {'formatted_name': 'Mira Vogt', 'first_name': 'Mira'}}]},
    {'type': 'image', 'image': {'link': 'https://example.com/a.jpg'}},
    {'type': 'interactive', 'interactive': {'type': 'location_request_message', 'body': {'text': 'Where are you?'},
                                            'action': {'name': 'send_location'}}},
])
def test_whatever_is_no_template_needs_the_service_window(graph, content):
    refused(graph.send(message(**content)), 131047)


def test_message_to_the_own_number_is_refused(graph):
    refused(graph.send(template(to=w.PHONE_NUMBER)), 131021)


def test_quoted_reply_needs_a_message_id(sim, graph):
    open_window(sim)
    refused(graph.send(text(context={})), 131008)


# --- text ------------------------------------------------------------------------------------------------------


def test_text_outside_the_service_window_is_refused(graph):
    refused(graph.send(text()), 131047)


def test_text_inside_the_service_window_is_accepted(sim, graph):
    open_window(sim)
    assert graph.send(text()).status_code == 200


def test_window_belongs_to_one_business_number(sim, graph):
    open_window(sim)
    refused(graph.send(text(), phone_id=w.PHONE_ID_2), 131047)


def test_window_closes(sim, graph):
    open_window(sim)
    sim.control('PATCH', '/settings', {'service_window': 0})
    refused(graph.send(text()), 131047)


@pytest.mark.parametrize('length', [0, 4097])
def test_text_of_wrong_length_is_refused(sim, graph, length):
    open_window(sim)
    refused(graph.send(text('x' * length)), 100)


def test_text_of_4096_characters_is_accepted(sim, graph):
    open_window(sim)
    assert graph.send(text('x' * 4096)).status_code == 200


def test_text_without_body_is_refused(sim, graph):
    open_window(sim)
    refused(graph.send(message(type='text', text={})), 131008)


def test_unknown_key_inside_text_is_refused(sim, graph):
    open_window(sim)
    refused(graph.send(message(type='text', text={'body': 'x', 'bold': True})), 100)


# --- templates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('name', 'language', 'code', 'status'), [
    ('no_such_template', 'en', 132001, 404),
    ('order_update', 'de', 132001, 404),
    ('order_update', 'en_US', 132001, 404),
    ('spring_sale', 'en_US', 132001, 404),
    ('flash_deal', 'en_US', 132001, 404),
    ('winter_sale', 'en_US', 132015, 400),
    ('old_promo', 'en_US', 132016, 400),
])
def test_template_that_cannot_be_sent_is_refused(graph, name, language, code, status):
    refused(graph.send(template(name, language)), code, status)


@pytest.mark.parametrize('values', [(), ('Mira',), ('Mira', 'S1', 'too many')])
def test_wrong_number_of_parameters_is_refused(graph, values):
    refused(graph.send(template(values=values)), 132000)


def test_template_without_variables_takes_no_parameters(graph):
    assert graph.send(template('hello_world', 'en_US', values=())).status_code == 200
    refused(graph.send(template('hello_world', 'en_US', values=('x',))), 132000)


@pytest.mark.parametrize('value', ['two\nlines', 'a\ttab', 'five     spaces', 'a\rreturn'])
def test_parameter_with_forbidden_white_space_is_refused(graph, value):
    refused(graph.send(template(values=(value, 'S1'))), 132018)


def test_parameter_with_four_spaces_is_accepted(graph):
    assert graph.send(template(values=('four    spaces', 'S1'))).status_code == 200


def test_empty_parameter_is_refused(graph):
    refused(graph.send(template(values=('', 'S1'))), 131008)


def test_parameter_of_the_wrong_type_is_refused(graph):
    component = {'type': 'body', 'parameters': [{'type': 'image', 'image': {'link': 'https://example.com/a.jpg'}},
                                                {'type': 'text', 'text': 'S1'}]}
    refused(graph.send(template(components=[component])), 132012)


def test_parameter_that_is_not_a_string_is_refused(graph):
    component = {'type': 'body', 'parameters': [{'type': 'text', 'text': 5}, {'type': 'text', 'text': 'S1'}]}
    refused(graph.send(template(components=[component])), 131009)


def test_hydrated_text_that_is_too_long_is_refused(graph):
    refused(graph.send(template(values=('x' * 1000, 'S1'))), 132005)


def test_named_template_without_parameter_names_is_refused(graph):
    error = refused(graph.send(template('appointment_reminder', 'en_US', values=('Mira', '12 June'))), 100)
    assert error['error_data']['details'] == 'Parameter name is missing or empty'


def test_named_template_with_a_wrong_parameter_name_is_refused(graph):
    parameters = [{'type': 'text', 'parameter_name': name, 'text': 'x'} for name in ('first_name', 'day')]
    data = template('appointment_reminder', 'en_US', components=[{'type': 'body', 'parameters': parameters}])
    refused(graph.send(data), 132012)


def test_positional_template_with_parameter_names_is_refused(graph):
    parameters = [{'type': 'text', 'parameter_name': name, 'text': 'x'} for name in ('1', '2')]
    refused(graph.send(template(components=[{'type': 'body', 'parameters': parameters}])), 100)


def test_missing_media_header_is_refused(graph):
    refused(graph.send(template('new_collection', 'en_US', values=('Mira',))), 132012)


def test_media_header_of_the_wrong_kind_is_refused(graph):
    header = {'type': 'header', 'parameters': [{'type': 'video', 'video': {'link': 'https://example.com/a.mp4'}}]}
    refused(graph.send(template('new_collection', 'en_US', components=[header, body('Mira')])), 132012)


def test_media_header_with_an_unknown_id_is_refused(graph):
    header = {'type': 'header', 'parameters': [{'type': 'image', 'image': {'id': '1'}}]}
    refused(graph.send(template('new_collection', 'en_US', components=[header, body('Mira')])), 131009)


def test_dynamic_link_without_its_parameter_is_refused(graph):
    header = {'type': 'header', 'parameters': [{'type': 'text', 'text': 'P-1'}]}
    refused(graph.send(template('track_parcel', 'en_US', components=[header])), 131008)


@pytest.mark.parametrize(('index', 'sub_type', 'parameter', 'code'), [
    ('1', 'url', {'type': 'text', 'text': 'x'}, 132018),
    ('0', 'url', {'type': 'text', 'text': 'x'}, 132018),
    ('0', 'quick_reply', {'type': 'text', 'text': 'x'}, 132012),
    ('7', 'quick_reply', {'type': 'payload', 'payload': 'x'}, 131009),
    (None, 'quick_reply', {'type': 'payload', 'payload': 'x'}, 131009),
])
def test_button_parameter_that_does_not_fit_is_refused(graph, index, sub_type, parameter, code):
    image = {'type': 'header', 'parameters': [{'type': 'image', 'image': {'link': 'https://example.com/a.jpg'}}]}
    button = {'type': 'button', 'sub_type': sub_type, 'index': index, 'parameters': [parameter]}
    refused(graph.send(template('new_collection', 'en_US', components=[image, body('Mira'), button])), code)


def test_coupon_without_its_code_is_refused(graph):
    refused(graph.send(template('coupon_week', 'en_US', values=('Mira', 'Sunday'))), 131008)


def test_unknown_component_is_refused(graph):
    refused(graph.send(template(components=[body('Mira', 'S1'), {'type': 'carousel'}])), 132018)


def test_unknown_key_inside_template_is_refused(graph):
    data = template()
    data['template']['colour'] = 'red'
    refused(graph.send(data), 100)


def test_component_given_twice_is_refused(graph):
    refused(graph.send(template(components=[body('Mira', 'S1'), body('Mira', 'S1')])), 131009)


def test_template_without_language_is_refused(graph):
    data = template()
    del data['template']['language']
    refused(graph.send(data), 131008)


def test_code_that_differs_between_body_and_button_is_refused(graph):
    button = {'type': 'button', 'sub_type': 'url', 'index': 0, 'parameters': [{'type': 'text', 'text': '654321'}]}
    refused(graph.send(template('login_code', 'en_US', components=[body('123456'), button])), 132018)


def test_authentication_template_needs_a_phone_number(graph):
    button = {'type': 'button', 'sub_type': 'url', 'index': 0, 'parameters': [{'type': 'text', 'text': '123456'}]}
    data = template('login_code', 'en_US', components=[body('123456'), button], recipient='ES.77310025541908827744')
    del data['to']
    refused(graph.send(data), 131062)


# --- token, object, path ---------------------------------------------------------------------------------------


def test_wrong_token_is_refused(sim):
    refused(GraphClient(sim.graph_url, token='WRONG').send(template()), 190, 401)


def test_missing_token_is_refused(sim, graph):
    del graph.session.headers['Authorization']
    refused(graph.send(template()), 190, 401)


def test_revoked_token_is_refused(sim, graph):
    sim.control('PATCH', '/settings', {'token_revoked': True})
    refused(graph.send(template()), 190, 401)


def test_unknown_number_is_refused(graph):
    error = refused(graph.send(template(), phone_id='999'), 100)
    assert error['error_subcode'] == 33


def test_number_of_another_account_is_invisible(sim):
    world = w.default_world()
    world['tokens']['OTHER'] = []
    sim.control('POST', '/reset', {'world': world})
    error = refused(GraphClient(sim.graph_url, token='OTHER').send(template()), 100)
    assert error['error_subcode'] == 33


@pytest.mark.parametrize('version', ['v1.0', 'v99.0', '24.0', 'vlatest'])
def test_unknown_version_is_refused(sim, version):
    refused(GraphClient(sim.graph_url, version=version).send(template()), 2500)


def test_path_without_version_is_refused(sim, graph):
    graph.url = sim.graph_url
    refused(graph.send(template()), 2500)


def test_unknown_edge_is_refused(graph):
    refused(graph.post(f'{w.PHONE_ID}/telegrams'), 2500)


def test_wrong_method_is_refused(graph):
    assert 'Unsupported get request' in refused(graph.get(f'{w.PHONE_ID}/messages'), 100)['message']


def test_caller_who_asks_before_sending_the_body_is_told_to_go_on(sim):
    address = sim.graph_url.removeprefix('http://').split(':')
    data = json.dumps(template()).encode()
    head = (f'POST /v24.0/{w.PHONE_ID}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {w.TOKEN}\r\n'
            f'Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {len(data)}\r\n\r\n')
    with socket.create_connection((address[0], int(address[1])), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100) == b'HTTP/1.1 100 Continue\r\n\r\n'
        connection.sendall(data)
        assert connection.recv(100).startswith(b'HTTP/1.1 200 OK\r\n')


# --- account state and limits ----------------------------------------------------------------------------------


def test_locked_account_is_refused(sim, graph):
    sim.control('PATCH', '/settings', {'account_locked': True})
    refused(graph.send(template()), 131031, 403)


def test_unregistered_number_is_refused(sim, graph):
    sim.control('PUT', f'/numbers/{w.PHONE_ID}', {'registered': False})
    refused(graph.send(template()), 133010)


def test_more_than_the_throughput_in_a_second_is_refused(sim, graph):
    sim.control('PATCH', '/settings', {'throughput': 3})
    codes = [graph.send(template(to=f'4930000000{i:02d}')).status_code for i in range(4)]
    assert codes == [200, 200, 200, 400]
    assert sim.control('GET', '/log/summary')['rejected'] == {'130429': 1}


def test_default_throughput_is_80_per_second(sim):
    with ThreadPoolExecutor(16) as pool:
        clients = [GraphClient(sim.graph_url) for _worker in range(16)]
        started = time.monotonic()
        answers = list(pool.map(lambda i: clients[i % 16].send(template(to=f'49300000{i:04d}')), range(120)))
    accepted = sum(answer.status_code == 200 for answer in answers)
    assert 80 <= accepted <= 80 * (1 + int(time.monotonic() - started) + 1)
    if time.monotonic() - started < 0.9:
        assert accepted == 80


def test_inbound_messages_count_against_the_throughput(sim, graph):
    sim.control('PATCH', '/settings', {'throughput': 2})
    open_window(sim)
    open_window(sim)
    refused(graph.send(template()), 130429)


def test_refused_messages_do_not_use_up_throughput(sim, graph):
    sim.control('PATCH', '/settings', {'throughput': 1})
    refused(graph.send(template('no_such_template')), 132001, 404)
    assert graph.send(template()).status_code == 200


def test_throughput_belongs_to_one_number(sim, graph):
    sim.control('PATCH', '/settings', {'throughput': 1})
    graph.send(template())
    assert graph.send(template(), phone_id=w.PHONE_ID_2).status_code == 200


def test_pair_rate_allows_the_documented_burst(sim, graph):
    sim.control('PATCH', '/settings', {'pair_rate': True, 'throughput': 1000})
    codes = [graph.send(template()).status_code for _position in range(46)]
    assert codes == [200] * 45 + [400]
    refused(graph.send(template()), 131056)


def test_pair_burst_has_to_be_waited_off(sim, graph):
    sim.control('PATCH', '/settings', {'pair_rate': True, 'pair_interval': 0.5, 'pair_burst_window': 0.4})
    assert [graph.send(template()).status_code for _position in range(3)] == [200] * 3
    time.sleep(0.45)
    refused(graph.send(template()), 131056)
    time.sleep(1.1)
    assert graph.send(template()).status_code == 200


def test_pair_limit_concerns_one_person_only(sim, graph):
    sim.control('PATCH', '/settings', {'pair_rate': True, 'pair_burst': 1})
    graph.send(template())
    refused(graph.send(template()), 131056)
    assert graph.send(template(to=w.PERSON_IGNORES)).status_code == 200


# --- mark as read ----------------------------------------------------------------------------------------------


def test_inbound_message_can_be_marked_as_read(sim, graph):
    wamid = sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})['wamid']
    data = {'messaging_product': 'whatsapp', 'status': 'read', 'message_id': wamid}
    assert graph.send(data).json() == {'success': True}
    assert sim.control('GET', '/log/inbound')[0]['read_by_business']


def test_unknown_message_cannot_be_marked_as_read(graph):
    refused(graph.send({'messaging_product': 'whatsapp', 'status': 'read', 'message_id': 'wamid.x'}), 131009)
