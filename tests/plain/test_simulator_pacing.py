"""Messages that Meta holds for quality assessment (template pacing)."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, GraphClient, Receiver, template
from tests.simulator.testing import ControlError, RunningSimulator

HELD = 'held_for_quality_assessment'


@pytest.fixture(scope='module')
def server():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False, 'held_templates': {'order_update': 1}})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


@pytest.fixture
def graph(sim):
    return GraphClient(sim.graph_url)


@pytest.fixture
def hook(graph):
    receiver = Receiver()
    graph.post(f'{w.WABA_ID}/subscribed_apps',
               {'override_callback_uri': receiver.url, 'verify_token': w.VERIFY_TOKEN})
    yield receiver
    receiver.close()


def send(graph, times=1, **more):
    """Send a template so often; return what Meta says about each."""
    return [graph.send(template(**more)).json()['messages'][0]['message_status'] for _message in range(times)]


def template_id(graph):
    return graph.get(f'{w.WABA_ID}/message_templates', name='order_update', language='en').json()['data'][0]['id']


def decide(sim, graph, decision):
    return sim.control('POST', f'/held/{template_id(graph)}', {'decision': decision})['messages']


def statuses(sim):
    return [[status['status'] for status in entry['statuses']] for entry in sim.control('GET', '/log')]


def test_messages_beyond_the_first_ones_are_held(sim, graph):
    assert send(graph, 3) == ['accepted', HELD, HELD]
    sim.wait_idle()
    assert statuses(sim) == [['sent', 'delivered', 'read'], [], []]
    assert sim.control('GET', '/log/summary')['held'] == 2


def test_held_messages_are_listed_by_template(sim, graph):
    send(graph, 2)
    assert sim.control('GET', '/held') == [
        {'template_id': template_id(graph), 'name': 'order_update', 'language': 'en', 'held': 1}]


def test_other_templates_are_not_held(graph):
    assert send(graph, 2, name='hello_world', language='en_US', values=()) == ['accepted', 'accepted']


def test_plan_may_name_one_language_by_its_id(sim, graph):
    sim.control('PATCH', '/settings', {'held_templates': {template_id(graph): 0}})
    assert send(graph) == [HELD]
    assert send(graph, language='es', values=('Mira', 'S1')) == ['accepted']


def test_refused_message_is_none_of_the_first_ones(graph):
    graph.send(template(values=('Mira',)))
    assert send(graph, 2) == ['accepted', HELD]


def test_released_messages_go_on_and_later_ones_are_not_held(sim, graph):
    send(graph, 3)
    assert decide(sim, graph, 'release') == 2
    assert send(graph) == ['accepted']
    sim.wait_idle()
    assert statuses(sim) == [['sent', 'delivered', 'read']] * 4


def test_dropped_messages_fail_and_the_template_is_paused(sim, graph, hook):
    send(graph, 3)
    assert decide(sim, graph, 'drop') == 2
    sim.wait_idle()
    assert statuses(sim)[1:] == [['failed'], ['failed']]
    failed = [item for item in hook.items('statuses') if item['status'] == 'failed']
    assert {item['errors'][0]['code'] for item in failed} == {132015}
    (pause,) = hook.values('message_template_status_update')
    assert (pause['event'], pause['other_info']['title']) == ('PAUSED', 'RATE_LIMITING_PAUSE')
    assert graph.send(template()).json()['error']['code'] == 132015


def test_held_message_is_in_the_ledger_once_with_its_key(sim, graph):
    send(graph, 1)
    send(graph, 1, biz_opaque_callback_data='key-held')
    decide(sim, graph, 'release')
    entry = sim.control('GET', '/log')[-1]
    assert (entry['key'], entry['message_status']) == ('key-held', HELD)
    assert sim.control('GET', '/log/summary')['accepted'] == 2


def test_unknown_decision_is_refused(sim, graph):
    with pytest.raises(ControlError, match='release or drop'):
        decide(sim, graph, 'wait')


def test_plan_that_makes_no_sense_is_refused(sim):
    with pytest.raises(ControlError, match='held_templates'):
        sim.control('PATCH', '/settings', {'held_templates': {'order_update': -1}})
