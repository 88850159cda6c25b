"""How the simulator delivers webhooks: bodies of one's own, copies, silence, another secret, nobody subscribed."""

import hashlib
import hmac
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, template
from tests.simulator.testing import ControlError

BODY = {'object': 'whatsapp_business_account', 'entry': [{'id': w.WABA_ID, 'changes': [
    {'field': 'brand_new', 'value': {'umlaut': 'ä/b'}}]}]}


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False, 'retry_schedule': [0.01, 0.01]})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def emit(sim, data):
    sim.control('POST', '/webhooks', data)
    sim.wait_idle(30)


def signed_with(post, secret):
    return post['headers']['X-Hub-Signature-256'] == 'sha256=' + hmac.new(
        secret.encode(), post['raw'], hashlib.sha256).hexdigest()


def status(number):
    return {'waba_id': w.WABA_ID, 'field': 'messages', 'value': {'statuses': [{'id': f'wamid.{number}'}]}}


# --- bodies --------------------------------------------------------------------------------------------------------


def test_a_whole_body_goes_as_it_is_in_metas_spelling(sim, hook):
    emit(sim, {'body': BODY})

    assert hook.posts[0]['json'] == BODY
    assert b'"\\u00e4\\/b"' in hook.posts[0]['raw']


def test_whole_bodies_are_not_put_together(sim, hook):
    sim.control('PATCH', '/settings', {'batch_size': 100})

    emit(sim, [{'body': BODY}, status(1), status(2), {'body': BODY}])

    assert [item['updates'] for item in sim.control('GET', '/webhooks')['deliveries']] == [1, 2, 1]


def test_a_thousand_updates_fit_into_one_post(sim, hook):
    sim.control('PATCH', '/settings', {'batch_size': 1000, 'batch_linger': 0.2})

    emit(sim, [status(number) for number in range(1000)])

    (delivery,) = sim.control('GET', '/webhooks')['deliveries']
    assert delivery['updates'] == 1000
    assert len(hook.values()) == 1000


def test_no_body_is_larger_than_three_megabytes(sim, hook):
    sim.control('PATCH', '/settings', {'batch_size': 1000, 'batch_linger': 0.2})
    text = 'x' * 900_000

    emit(sim, [{'field': 'brand_new', 'value': {'text': text}} for _ in range(5)])

    sizes = [item['bytes'] for item in sim.control('GET', '/webhooks')['deliveries']]
    assert max(sizes) <= 3_000_000
    assert len(hook.values('brand_new')) == 5


def test_entries_of_messages_are_not_dated_and_others_are(sim, hook):
    emit(sim, status(1))
    emit(sim, {'field': 'security', 'value': {'event': 'PIN_CHANGED'}})

    assert ['time' in post['json']['entry'][0] for post in hook.posts] == [False, True]


# --- copies and silence --------------------------------------------------------------------------------------------


def test_a_post_can_be_copied_several_times(sim, hook):
    sim.control('PATCH', '/settings', {'webhook_faults': {'duplicate': 1, 'copies': 9}})

    emit(sim, {'body': BODY})

    assert len(hook.posts) == 10
    assert len({post['raw'] for post in hook.posts}) == 1


def test_statuses_can_be_lost_for_a_while(sim, graph, hook):
    sim.control('PATCH', '/settings', {'silence': 'lose'})
    graph.send(template())
    sim.wait_idle()
    sim.control('PATCH', '/settings', {'silence': ''})
    graph.send(template())
    sim.wait_idle()

    assert hook.statuses() == ['sent', 'delivered', 'read']
    assert sim.control('GET', '/webhooks')['dropped'] == 3


def test_statuses_can_come_later(sim, graph, hook):
    sim.control('PATCH', '/settings', {'silence': 'keep'})
    graph.send(template())
    sim.wait_idle()
    kept = sim.control('GET', '/webhooks')['kept']
    before = list(hook.posts)
    sim.control('PATCH', '/settings', {'silence': ''})
    sim.wait_idle()

    assert (kept, before) == (3, [])
    assert sorted(hook.statuses()) == ['delivered', 'read', 'sent']


def test_people_are_heard_while_statuses_are_silent(sim, hook):
    sim.control('PATCH', '/settings', {'silence': 'lose'})
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    sim.wait_idle()

    assert len(hook.items('messages')) == 1


# --- again and again -----------------------------------------------------------------------------------------------


def test_a_refused_delivery_is_repeated_less_and_less_often(sim, hook):
    sim.control('PATCH', '/settings', {'retry_schedule': [0.1, 0.2, 0.4]})
    hook.answers = [500] * 3

    emit(sim, {'body': BODY})

    (delivery,) = sim.control('GET', '/webhooks')['deliveries']
    pauses = [after['at'] - before['at'] for before, after in pairwise(delivery['attempts'])]
    assert pauses == sorted(pauses)
    assert pauses[0] >= 0.1 and pauses[-1] >= 0.4
    assert delivery['state'] == 'delivered'


def test_each_attempt_is_signed_with_the_secret_of_its_moment(sim, hook):
    sim.control('PATCH', '/settings', {'retry_schedule': [0.5]})
    hook.answers = [500]
    sim.control('POST', '/webhooks', {'body': BODY})
    wait_for(lambda: len(hook.posts) == 1)

    sim.control('PUT', '/app', {'secret': 'another-secret-0123456789abcdef0'})
    sim.wait_idle()

    first, second = hook.posts
    assert signed_with(first, w.APP_SECRET)
    assert signed_with(second, 'another-secret-0123456789abcdef0')


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'it took too long'
        time.sleep(0.01)


# --- nobody subscribed ---------------------------------------------------------------------------------------------


def test_an_app_can_be_unsubscribed_behind_its_back(sim, graph, hook):
    sim.control('PUT', f'/wabas/{w.WABA_ID}', {'subscribed': False})

    emit(sim, {'body': BODY})

    assert graph.get(f'{w.WABA_ID}/subscribed_apps').json() == {'data': []}
    assert hook.posts == []
    assert sim.control('GET', '/webhooks')['unheard'] == 1


def test_what_is_repeated_ends_with_the_subscription(sim, graph, hook):
    sim.control('PATCH', '/settings', {'retry_schedule': [0.3, 0.3]})
    hook.answers = [500]
    sim.control('POST', '/webhooks', {'body': BODY})
    wait_for(lambda: len(hook.posts) == 1)

    graph.delete(f'{w.WABA_ID}/subscribed_apps')
    sim.wait_idle()

    (delivery,) = sim.control('GET', '/webhooks')['deliveries']
    assert (delivery['state'], len(hook.posts)) == ('unheard', 1)


def test_the_subscription_is_shown_with_its_override(sim, graph, hook):
    (entry,) = graph.get(f'{w.WABA_ID}/subscribed_apps').json()['data']

    assert entry['whatsapp_business_api_data']['id'] == w.APP_ID
    assert entry['override_callback_uri'] == hook.url


@pytest.mark.parametrize(('method', 'path', 'data'), [
    ('PATCH', '/settings', {'silence': 'perhaps'}),
    ('PATCH', '/settings', {'webhook_faults': {'copies': 'many'}}),
    ('PUT', '/app', {}),
    ('PUT', '/app', {'secret': ''}),
    ('PUT', '/app', {'id': '1'}),
    ('PUT', '/wabas/1', {'subscribed': True}),
    ('PUT', f'/wabas/{w.WABA_ID}', {'name': 'Other'}),
    ('POST', '/webhooks', {'value': {}}),
    ('POST', '/webhooks', {'field': 'security', 'value': {}, 'waba_id': '1'}),
])
def test_unusable_control_call_is_refused(sim, method, path, data):
    with pytest.raises(ControlError):
        sim.control(method, path, data)
