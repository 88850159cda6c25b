"""Webhooks, people and the control port of the simulator."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, template, text
from tests.simulator.testing import ControlError, RunningSimulator


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False, 'retry_schedule': [0.01, 0.01]})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def template_id(graph, name, language='en_US'):
    return graph.get(f'{w.WABA_ID}/message_templates', name=name, language=language).json()['data'][0]['id']


# --- statuses --------------------------------------------------------------------------------------------------


def test_message_is_sent_delivered_and_read(sim, graph, hook):
    graph.send(template())
    sim.wait_idle()
    assert hook.statuses() == ['sent', 'delivered', 'read']


def test_status_has_metas_shape(sim, graph, hook):
    wamid = graph.send(template(biz_opaque_callback_data='key-7')).json()['messages'][0]['id']
    sim.wait_idle()
    value, sent = hook.values()[0], hook.items('statuses')[0]
    assert value['metadata'] == {'display_phone_number': w.PHONE_NUMBER, 'phone_number_id': w.PHONE_ID}
    assert value['contacts'][0]['wa_id'] == w.PERSON_READS
    assert (sent['id'], sent['biz_opaque_callback_data']) == (wamid, 'key-7')
    assert (sent['recipient_id'], sent['recipient_user_id'][:3]) == (w.PERSON_READS, 'DE.')
    assert sent['pricing'] == {'billable': True, 'pricing_model': 'PMP', 'type': 'regular', 'category': 'utility'}
    assert sent['timestamp'].isdigit()


def test_read_status_carries_no_pricing(sim, graph, hook):
    graph.send(template())
    sim.wait_idle()
    assert ['pricing' in item for item in hook.items('statuses')] == [True, True, False]


def test_body_is_signed_over_the_raw_bytes(sim, graph, hook):
    graph.send(template())
    sim.wait_idle()
    post = hook.posts[0]
    wanted = hmac.new(w.APP_SECRET.encode(), post['raw'], hashlib.sha256).hexdigest()
    assert post['headers']['X-Hub-Signature-256'] == f'sha256={wanted}'


def test_body_is_escaped_as_meta_does(sim, graph, hook):
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Grüße a/b'})
    sim.wait_idle()
    assert b'Gr\\u00fc\\u00dfe a\\/b' in hook.posts[0]['raw']


def test_person_who_does_not_read(sim, graph, hook):
    graph.send(template(to=w.PERSON_IGNORES))
    sim.wait_idle()
    assert hook.statuses() == ['sent', 'delivered']


def test_read_ratio_decides_for_unlisted_people(sim, graph, hook):
    sim.control('PATCH', '/settings', {'read_ratio': 0.5, 'throughput': 1000})
    for position in range(40):
        graph.send(template(to=f'4930000001{position:02d}'))
    sim.wait_idle()
    summary = sim.control('GET', '/log/summary')
    assert summary['delivered'] == 40
    assert 8 <= summary['read'] <= 32


@pytest.mark.parametrize(('to', 'name', 'language', 'code'), [
    (w.PERSON_NOT_ON_WHATSAPP, 'order_update', 'en', 131026),
    (w.PERSON_US, 'welcome_offer', 'en_US', 131049),
    (w.PERSON_STOPPED_MARKETING, 'welcome_offer', 'en_US', 131050),
])
def test_accepted_message_fails_later(sim, graph, hook, to, name, language, code):
    values = ('Mira', 'S1') if name == 'order_update' else ('Mira',)
    assert graph.send(template(name, language, values, to=to)).status_code == 200
    sim.wait_idle()
    (status,) = hook.items('statuses')
    assert (status['status'], status['errors'][0]['code']) == ('failed', code)
    assert 'contacts' not in hook.values()[0]


@pytest.mark.parametrize('to', [w.PERSON_US, w.PERSON_STOPPED_MARKETING])
def test_utility_reaches_people_marketing_does_not_reach(sim, graph, hook, to):
    graph.send(template(to=to))
    sim.wait_idle()
    assert hook.statuses() == ['sent', 'delivered', 'read']


def test_person_who_blocked_the_business_never_gets_it(sim, graph, hook):
    graph.send(template(to=w.PERSON_BLOCKED))
    sim.wait_idle()
    assert hook.statuses() == ['sent']


def test_hidden_number_never_shows(sim, graph, hook):
    graph.send(template(to=w.PERSON_HIDDEN))
    sim.control('POST', f'/people/{w.PERSON_HIDDEN}/message', {'text': 'Hola'})
    sim.wait_idle()
    assert w.PERSON_HIDDEN not in json.dumps(hook.values())
    assert hook.items('statuses')[0]['recipient_user_id'] == 'ES.77310025541908827744'
    assert hook.items('messages')[0]['from_user_id'] == 'ES.77310025541908827744'
    assert hook.values()[0]['contacts'][0]['profile']['username'] == 'noa.ribera'


def test_unknown_business_scoped_id_fails_later(sim, graph, hook):
    data = {**template(), 'recipient': 'DE.1234567890'}
    del data['to']
    graph.send(data)
    sim.wait_idle()
    assert hook.items('statuses')[0]['errors'][0]['code'] == 131026


# --- inbound ---------------------------------------------------------------------------------------------------


def test_inbound_text_has_metas_shape(sim, graph, hook):
    wamid = sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})['wamid']
    sim.wait_idle()
    (value,) = hook.values()
    (item,) = value['messages']
    assert (item['id'], item['from'], item['type'], item['text']) == (wamid, w.PERSON_READS, 'text', {'body': 'Hola'})
    assert value['contacts'][0]['profile']['name'] == 'Mira Vogt'
    assert sim.control('GET', '/log/summary')['inbound'] == 1


def test_person_writes_to_the_given_number(sim, graph, hook):
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola', 'phone_number_id': w.PHONE_ID_2})
    sim.wait_idle()
    assert hook.values()[0]['metadata']['phone_number_id'] == w.PHONE_ID_2


def test_scripted_reply_comes_after_delivery(sim, graph, hook):
    graph.send(template(to=w.PERSON_REPLIES))
    sim.wait_idle()
    assert hook.items('messages')[0]['text'] == {'body': 'Merci !'}


def test_reply_opens_the_service_window(sim, graph, hook):
    graph.send(template(to=w.PERSON_REPLIES))
    sim.wait_idle()
    assert graph.send(text(to=w.PERSON_REPLIES)).status_code == 200


def test_scripted_tap_answers_with_the_payload_of_the_send(sim, graph, hook):
    sim.control('PUT', '/people/493055500', {'taps': 'Stop promotions'})
    data = template('welcome_offer', 'en_US', ('Mira',), to='493055500')
    data['template']['components'].append({'type': 'button', 'sub_type': 'quick_reply', 'index': '0',
                                           'parameters': [{'type': 'payload', 'payload': 'OPTOUT|118'}]})
    wamid = graph.send(data).json()['messages'][0]['id']
    sim.wait_idle()
    (item,) = hook.items('messages')
    assert item['button'] == {'payload': 'OPTOUT|118', 'text': 'Stop promotions'}
    assert item['context']['id'] == wamid


def test_stop_in_whatsapp_reports_the_preference_and_blocks_marketing(sim, graph, hook):
    sim.control('POST', f'/people/{w.PERSON_READS}/preference', {'value': 'stop'})
    graph.send(template('welcome_offer', 'en_US', ('Mira',)))
    sim.wait_idle()
    (value,) = hook.values('user_preferences')
    assert value['user_preferences'][0]['value'] == 'stop'
    assert hook.items('statuses')[0]['errors'][0]['code'] == 131050


# --- template webhooks -----------------------------------------------------------------------------------------


def test_paused_template_is_reported_and_refused(sim, graph, hook):
    sim.control('PUT', f'/templates/{template_id(graph, "welcome_offer")}', {'status': 'PAUSED'})
    sim.wait_idle()
    (value,) = hook.values('message_template_status_update')
    assert (value['event'], value['reason'], value['other_info']['title']) == ('PAUSED', None, 'FIRST_PAUSE')
    assert graph.send(template('welcome_offer', 'en_US', ('Mira',))).json()['error']['code'] == 132015


def test_category_change_is_reported_and_counts_at_once(sim, graph, hook):
    sim.control('PUT', f'/templates/{template_id(graph, "order_update", "en")}', {'category': 'MARKETING'})
    graph.send(template(to=w.PERSON_STOPPED_MARKETING))
    sim.wait_idle()
    (value,) = hook.values('template_category_update')
    assert (value['previous_category'], value['new_category']) == ('UTILITY', 'MARKETING')
    assert hook.statuses() == ['failed']


def test_category_notice_and_quality_are_reported(sim, graph, hook):
    changes = {'correct_category': 'MARKETING', 'quality_score': 'YELLOW'}
    sim.control('PUT', f'/templates/{template_id(graph, "order_update", "en")}', changes)
    sim.wait_idle()
    assert hook.values('template_category_update')[0]['correct_category'] == 'MARKETING'
    assert hook.values('message_template_quality_update')[0]['new_quality_score'] == 'YELLOW'


def test_another_text_is_reported(sim, graph, hook):
    components = [{'type': 'BODY', 'text': 'Hi {{1}}, bye.', 'example': {'body_text': [['Mira']]}},
                  {'type': 'BUTTONS', 'buttons': [{'type': 'QUICK_REPLY', 'text': 'Stop'}]}]
    sim.control('PUT', f'/templates/{template_id(graph, "order_update", "en")}', {'components': components})
    sim.wait_idle()
    (value,) = hook.values('message_template_components_update')
    assert (value['message_template_element'], value['message_template_name']) == ('Hi {{1}}, bye.', 'order_update')
    assert value['message_template_buttons'] == [
        {'message_template_button_type': 'QUICK_REPLY', 'message_template_button_text': 'Stop'}]


def test_template_entry_carries_its_time(sim, graph, hook):
    sim.control('PUT', f'/templates/{template_id(graph, "spring_sale")}', {'status': 'APPROVED'})
    sim.wait_idle()
    assert isinstance(hook.posts[0]['json']['entry'][0]['time'], int)


def test_any_other_webhook_can_be_sent(sim, graph, hook):
    value = {'event': 'DISABLED_UPDATE', 'ban_info': {'waba_ban_state': 'DISABLE', 'waba_ban_date': 'April 17, 2026'}}
    sim.control('POST', '/webhooks', {'field': 'account_update', 'value': value})
    sim.wait_idle()
    assert hook.values('account_update') == [value]


# --- delivery --------------------------------------------------------------------------------------------------


def test_without_subscription_nothing_is_delivered(sim, graph, hook):
    graph.delete(f'{w.WABA_ID}/subscribed_apps')
    graph.send(template())
    sim.wait_idle()
    assert hook.posts == []
    assert sim.control('GET', '/webhooks')['unheard'] == 3


def test_callback_of_the_app_is_used_without_an_override(sim, graph, hook):
    world = w.default_world()
    world['app']['callback_url'] = hook.url
    sim.control('POST', '/reset', {'world': world})
    sim.control('PATCH', '/settings', FAST)
    graph.post(f'{w.WABA_ID}/subscribed_apps')
    graph.send(template())
    sim.wait_idle()
    assert len(hook.statuses()) == 3


@pytest.mark.parametrize('code', [302, 404, 500])
def test_refused_delivery_is_repeated(sim, graph, hook, code):
    hook.answers = [code]
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    sim.wait_idle()
    (delivery,) = sim.control('GET', '/webhooks')['deliveries']
    assert [attempt['http'] for attempt in delivery['attempts']] == [code, 200]
    assert hook.posts[0]['raw'] == hook.posts[1]['raw']


def test_delivery_is_given_up_at_the_end_of_the_schedule(sim, graph, hook):
    hook.answers = [500] * 3
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    sim.wait_idle()
    (delivery,) = sim.control('GET', '/webhooks')['deliveries']
    assert (delivery['state'], len(delivery['attempts'])) == ('given_up', 3)


def test_delivery_to_a_dead_receiver_is_repeated(sim, graph, hook):
    hook.close()
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    sim.wait_idle()
    (delivery,) = sim.control('GET', '/webhooks')['deliveries']
    assert delivery['attempts'][0]['error']
    assert delivery['state'] == 'given_up'


def test_updates_are_batched_up_to_the_set_size(sim, graph, hook):
    sim.control('PATCH', '/settings', {'batch_size': 8, 'batch_linger': 0.5})
    for position in range(10):
        sim.control('POST', f'/people/4930000002{position:02d}/message', {'text': 'Hola'})
    sim.wait_idle()
    updates = [item['updates'] for item in sim.control('GET', '/webhooks')['deliveries']]
    assert updates == [8, 2]
    assert len(hook.items('messages')) == 10


def test_batch_size_one_gives_one_update_per_post(sim, graph, hook):
    sim.control('PATCH', '/settings', {'batch_size': 1})
    graph.send(template())
    sim.wait_idle()
    assert [item['updates'] for item in sim.control('GET', '/webhooks')['deliveries']] == [1, 1, 1]


def test_batch_size_is_capped_at_1000(sim):
    assert sim.control('PATCH', '/settings', {'batch_size': 5000})['batch_size'] == 1000


def test_webhooks_can_be_delayed(sim, graph, hook):
    sim.control('PATCH', '/settings', {'webhook_faults': {'delay': 0.3}})
    started = time.monotonic()
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    sim.wait_idle()
    assert time.monotonic() - started >= 0.3


def test_webhooks_can_come_twice(sim, graph, hook):
    sim.control('PATCH', '/settings', {'webhook_faults': {'duplicate': 1}})
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    sim.wait_idle()
    assert [post['raw'] for post in hook.posts] == [hook.posts[0]['raw']] * 2


def test_webhooks_can_come_in_disorder(sim, graph, hook):
    sim.control('PATCH', '/settings', {'webhook_faults': {'reorder': 1}, 'throughput': 1000})
    for position in range(10):
        graph.send(template(to=f'4930000003{position:02d}'))
    sim.wait_idle()
    assert sorted(hook.statuses()) == sorted(['sent', 'delivered', 'read'] * 10)
    orders = {}
    for item in hook.items('statuses'):
        orders.setdefault(item['id'], []).append(item['status'])
    assert any(order != ['sent', 'delivered', 'read'] for order in orders.values())


def test_webhooks_can_be_lost(sim, graph, hook):
    sim.control('PATCH', '/settings', {'webhook_faults': {'drop': 1}})
    graph.send(template())
    sim.wait_idle()
    assert hook.posts == []
    assert sim.control('GET', '/webhooks')['dropped'] == 3
    assert sim.control('GET', '/log/summary')['read'] == 1


def test_status_can_come_before_the_answer_of_the_send(sim, graph, hook):
    sim.control('PATCH', '/settings', {'latency': 0.4, 'webhook_faults': {'early': 1}})
    graph.send(template())
    assert 'sent' in hook.statuses()


# --- control port ----------------------------------------------------------------------------------------------


def test_summary_counts_keys_accepted_twice(sim, graph):
    for key in ('a', 'b', 'a'):
        graph.send(template(biz_opaque_callback_data=key))
    summary = sim.control('GET', '/log/summary')
    assert (summary['accepted'], summary['keys'], summary['duplicates']) == (3, 2, 1)
    assert summary['duplicate_keys'] == ['a']


def test_request_log_never_holds_the_token(sim, graph):
    graph.get(w.WABA_ID, access_token=w.TOKEN)
    requests = sim.control('GET', '/requests')
    assert requests[0]['path'] == f'/v24.0/{w.WABA_ID}'
    assert w.TOKEN not in json.dumps(requests)


def test_request_log_holds_error_codes(sim, graph):
    graph.send(text())
    entry = sim.control('GET', '/requests')[-1]
    assert (entry['method'], entry['status'], entry['code']) == ('POST', 400, 131047)


def test_idle_tells_what_is_left(sim, graph, hook):
    sim.control('PATCH', '/settings', {'delivered_after': 30})
    graph.send(template())
    end = time.monotonic() + 5
    while not hook.posts or sim.control('GET', '/idle')['pending'] > 1:
        assert time.monotonic() < end
    assert sim.control('GET', '/idle') == {'idle': False, 'pending': 1}


def test_reset_forgets_what_was_planned(sim, graph, hook):
    sim.control('PATCH', '/settings', {'delivered_after': 30})
    graph.send(template())
    sim.control('POST', '/reset', {})
    assert sim.control('GET', '/idle') == {'idle': True, 'pending': 0}
    assert sim.control('GET', '/log') == []


def test_reset_takes_another_world(sim, graph):
    world = w.default_world()
    world['wabas'][0]['name'] = 'Another shop'
    sim.control('POST', '/reset', {'world': world})
    assert graph.get(w.WABA_ID).json()['name'] == 'Another shop'


def test_unusable_world_changes_nothing(sim, graph):
    with pytest.raises(ControlError):
        sim.control('POST', '/reset', {'world': {'app': {}}})
    assert graph.get(w.WABA_ID).status_code == 200


def test_world_can_be_read_and_given_back(sim, graph):
    sim.control('PUT', '/people/4930000009', {'name': 'New'})
    world = sim.control('GET', '/world')
    sim.control('POST', '/reset', {'world': world})
    names = {person['name'] for person in sim.control('GET', '/world')['people']}
    assert {'New', 'Mira Vogt'} <= names


def test_several_people_can_be_given_at_once(sim, graph, hook):
    sim.control('PUT', '/people', [{'wa_id': '4930000010', 'reads': False}, {'wa_id': '4930000011', 'blocked': True}])
    graph.send(template(to='4930000010'))
    graph.send(template(to='4930000011'))
    sim.wait_idle()
    assert sorted(hook.statuses()) == ['delivered', 'sent', 'sent']


@pytest.mark.parametrize(('method', 'path', 'data'), [
    ('PATCH', '/settings', {'no_such_setting': 1}),
    ('PATCH', '/settings', {'read_ratio': 'often'}),
    ('PATCH', '/settings', {'account_locked': 1}),
    ('PATCH', '/settings', {'send_faults': ['no_such_fault']}),
    ('PATCH', '/settings', {'webhook_faults': {'no_such_fault': 1}}),
    ('PATCH', '/settings', {'latency': [1]}),
    ('PUT', '/people/4930000012', {'no_such_key': 1}),
    ('PUT', '/people/nonsense', {}),
    ('PUT', '/templates/1', {'status': 'PAUSED'}),
    ('PUT', f'/numbers/{w.PHONE_ID}', {'no_such_key': 1}),
    ('POST', f'/people/{w.PERSON_READS}/message', {}),
    ('POST', f'/people/{w.PERSON_READS}/message', {'text': 'x', 'phone_number_id': '1'}),
    ('POST', f'/people/{w.PERSON_READS}/preference', {'value': 'perhaps'}),
    ('GET', '/no_such_path', None),
])
def test_unusable_control_call_is_refused(sim, method, path, data):
    with pytest.raises(ControlError):
        sim.control(method, path, data)


def test_settings_are_changed_together_or_not_at_all(sim):
    with pytest.raises(ControlError):
        sim.control('PATCH', '/settings', {'throughput': 5, 'no_such_setting': 1})
    assert sim.control('GET', '/settings')['throughput'] == 80


# --- process ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
def test_simulator_ends_cleanly_on_a_signal(number):
    running = RunningSimulator().start()
    process = running.process
    process.send_signal(number)
    assert process.wait(5) == 0
    running.stop()


def test_simulator_ends_with_its_parent():
    parent = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)
    command = [sys.executable, '-m', 'tests.simulator', '--port', '0', '--control-port', '0', '--parent-pid',
               str(parent.pid)]
    child = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2], stdout=subprocess.PIPE, text=True,
                             env={**os.environ})
    assert json.loads(child.stdout.readline())['port'] > 0
    parent.communicate(b'\n')
    assert child.wait(5) == 0
    child.stdout.close()
