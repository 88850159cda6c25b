"""Sends that go wrong: the simulator accepts and stays silent, or answers rubbish."""

import socket
import sys
import time
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, GraphClient, template
from tests.simulator.testing import ControlError, RunningSimulator


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


def plan(sim, *faults):
    sim.control('PATCH', '/settings', {'send_faults': list(faults)})


def accepted(sim):
    return sim.control('GET', '/log/summary')['accepted']


@pytest.mark.parametrize('fault', ['accept_then_close', 'accept_then_reset'])
def test_accepted_message_whose_connection_ends(sim, graph, fault):
    plan(sim, fault)
    with pytest.raises(requests.ConnectionError):
        graph.send(template())
    assert accepted(sim) == 1
    assert sim.control('GET', '/requests')[-1]['aborted'] == fault


def test_reset_is_a_reset_and_close_is_a_close(sim):
    request = (f'POST /v24.0/{w.PHONE_ID}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {w.TOKEN}\r\n'
               'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n').encode()
    plan(sim, 'reset_before_read')
    address = sim.graph_url.removeprefix('http://').split(':')
    with socket.create_connection((address[0], int(address[1])), timeout=5) as connection:
        connection.sendall(request)
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_accepted_message_without_an_answer(sim, graph):
    plan(sim, 'accept_then_hang')
    with pytest.raises(requests.ReadTimeout):
        graph.call('POST', f'{w.PHONE_ID}/messages', json=template(), timeout=0.3)
    assert accepted(sim) == 1


def test_hang_ends_with_a_closed_connection(sim, graph):
    plan(sim, 'accept_then_hang:0.2')
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        graph.send(template())
    assert time.monotonic() - started >= 0.2


def test_hang_without_acceptance(sim, graph):
    plan(sim, 'hang')
    with pytest.raises(requests.ReadTimeout):
        graph.call('POST', f'{w.PHONE_ID}/messages', json=template(), timeout=0.3)
    assert accepted(sim) == 0


@pytest.mark.parametrize(('fault', 'booked'), [('html502', 0), ('accept_then_502', 1)])
def test_gateway_error_in_html(sim, graph, fault, booked):
    plan(sim, fault)
    answer = graph.send(template())
    assert (answer.status_code, answer.headers['Content-Type'][:9]) == (502, 'text/html')
    assert accepted(sim) == booked


def test_answer_that_is_not_json(sim, graph):
    plan(sim, 'badjson')
    answer = graph.send(template())
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert accepted(sim) == 1


def test_answer_without_an_id(sim, graph):
    plan(sim, 'noid200')
    assert graph.send(template()).json()['messages'] == []
    assert accepted(sim) == 1


def test_empty_answer(sim, graph):
    plan(sim, 'empty200')
    answer = graph.send(template())
    assert (answer.status_code, answer.content) == (200, b'')
    assert accepted(sim) == 1


def test_answer_cut_in_the_middle(sim, graph):
    plan(sim, 'truncate')
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        graph.send(template())
    assert accepted(sim) == 1


def test_answer_that_drips(sim, graph):
    plan(sim, {'fault': 'drip', 'seconds': 0.5})
    started = time.monotonic()
    assert graph.send(template()).json()['messages']
    assert time.monotonic() - started >= 0.4


def test_answer_with_an_id_seen_before(sim, graph):
    first = graph.send(template()).json()['messages'][0]['id']
    plan(sim, 'dupid')
    assert graph.send(template()).json()['messages'][0]['id'] == first
    assert len({entry['wamid'] for entry in sim.control('GET', '/log')}) == 2


def test_reset_before_anything_was_read(sim, graph):
    plan(sim, 'reset_before_read')
    with pytest.raises(requests.ConnectionError):
        graph.send(template())
    assert accepted(sim) == 0


#: Faults F9 and F10 of the reliability reference: what is final for a message, and what stops a whole account.
FINAL_CODES = [(100, 400), (130472, 400), (131021, 400), (131026, 400), (131047, 400), (131049, 400), (131050, 400),
               (131051, 400), (132000, 400), (132001, 404), (132005, 400), (132007, 400), (132012, 400),
               (132015, 400), (132016, 400)]
ACCOUNT_CODES = [(0, 401), (190, 401), (10, 403), (200, 403), (299, 403), (368, 403), (131031, 403), (131042, 400)]


@pytest.mark.parametrize(('code', 'status'), FINAL_CODES + ACCOUNT_CODES)
def test_every_final_code_can_be_planned(sim, graph, code, status):
    plan(sim, {'code': code})
    answer = graph.send(template())
    assert (answer.json()['error']['code'], answer.status_code) == (code, status)
    assert accepted(sim) == 0


@pytest.mark.parametrize('code', [130472, 131026, 131049, 131050])
def test_person_can_be_one_to_whom_messages_fail_after_acceptance(sim, graph, code):
    sim.control('PUT', f'/people/{w.PERSON_READS}', {'fails_with': code})
    assert graph.send(template()).status_code == 200
    sim.wait_idle()
    (status,) = sim.control('GET', '/log')[0]['statuses']
    assert (status['status'], status['code']) == ('failed', code)


@pytest.mark.parametrize(('code', 'status'), [(131000, 500), (131016, 500), (130429, 400), (2, 503), (131048, 400),
                                              (131042, 400), (368, 403), (80007, 400), (4, 400), (133004, 503)])
def test_planned_error_code(sim, graph, code, status):
    plan(sim, {'code': code})
    answer = graph.send(template())
    assert (answer.json()['error']['code'], answer.status_code) == (code, status)
    assert accepted(sim) == 0


def test_http_status_of_a_planned_error_can_be_set(sim, graph):
    plan(sim, {'code': 130429, 'http': 429})
    assert graph.send(template()).status_code == 429


def test_faults_are_used_up_one_per_send(sim, graph):
    plan(sim, 'ok', {'code': 131000, 'times': 2})
    assert [graph.send(template()).status_code for _position in range(4)] == [200, 500, 500, 200]


def test_reading_a_message_uses_up_no_fault(sim, graph):
    plan(sim, {'code': 131000})
    graph.send({'messaging_product': 'whatsapp', 'status': 'read', 'message_id': 'wamid.x'})
    assert len(sim.control('GET', '/settings')['send_faults']) == 1


def test_random_faults_follow_their_probability(sim, graph):
    sim.control('PATCH', '/settings', {'random_faults': [{'code': 131000, 'probability': 0.5}], 'throughput': 1000})
    codes = [graph.send(template(to=f'4930000004{position:02d}')).status_code for position in range(40)]
    assert 8 <= codes.count(500) <= 32


def test_silently_accepted_message_still_gets_its_statuses(sim, graph):
    plan(sim, 'accept_then_close')
    with pytest.raises(requests.ConnectionError):
        graph.send(template(biz_opaque_callback_data='key-1'))
    sim.wait_idle()
    (entry,) = sim.control('GET', '/log')
    assert entry['key'] == 'key-1'
    assert [status['status'] for status in entry['statuses']] == ['sent', 'delivered', 'read']


def test_message_is_accepted_although_the_sender_is_killed_meanwhile(sim, graph):
    sim.control('PATCH', '/settings', {'latency': 0.4})
    with pytest.raises(requests.ReadTimeout):
        graph.call('POST', f'{w.PHONE_ID}/messages', json=template(), timeout=0.1)
    sim.wait_idle()
    assert accepted(sim) == 1


def test_accepted_although_the_caller_has_gone_at_its_share_of_the_latency(sim, graph):
    sim.control('PATCH', '/settings', {'latency': 0.8, 'latency_split': 0.75})
    started = time.time()
    with pytest.raises(requests.ReadTimeout):
        graph.call('POST', f'{w.PHONE_ID}/messages', json=template(), timeout=0.1)
    assert accepted(sim) == 0
    sim.wait_idle()
    (entry,) = sim.control('GET', '/log')
    assert 0.59 <= entry['accepted_at'] - started < 0.8


@pytest.mark.parametrize('fault', ['accept_then_close', 'accept_then_reset', 'accept_then_hang:0.1',
                                   'accept_then_502'])
def test_accepted_message_is_booked_once(sim, graph, fault):
    plan(sim, fault)
    try:
        graph.send(template(biz_opaque_callback_data='key-1'))
    except requests.ConnectionError:
        pass
    sim.wait_idle()
    summary = sim.control('GET', '/log/summary')
    assert (summary['accepted'], summary['keys'], summary['duplicates']) == (1, 1, 0)


def test_hundreds_of_hanging_calls_do_not_slow_down_the_others(sim, graph):
    plan(sim, {'fault': 'hang', 'times': 300})
    address = sim.graph_url.removeprefix('http://').split(':')
    request = (f'POST /v24.0/{w.PHONE_ID}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {w.TOKEN}\r\n'
               'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}').encode()
    hanging = [socket.create_connection((address[0], int(address[1])), timeout=5) for _caller in range(300)]
    for connection in hanging:
        connection.sendall(request)
    end = time.monotonic() + 5
    while sim.control('GET', '/settings')['send_faults'] and time.monotonic() < end:
        time.sleep(0.01)
    started = time.monotonic()
    assert graph.send(template()).status_code == 200
    assert time.monotonic() - started < 0.5
    for connection in hanging:
        connection.close()


# --- faults over a span of time ----------------------------------------------------------------------------------


def test_timed_fault_ends_by_itself(sim, graph):
    sim.control('PATCH', '/settings', {'timed_faults': [{'code': 131016, 'seconds': 0.5}]})
    assert [graph.send(template()).status_code for _position in range(2)] == [500, 500]
    time.sleep(0.5)
    assert graph.send(template()).status_code == 200
    assert sim.control('GET', '/settings')['timed_faults'] == []


def test_timed_fault_can_be_a_probability(sim, graph):
    sim.control('PATCH', '/settings', {'timed_faults': [{'code': 130429, 'probability': 0.3, 'seconds': 60}]})
    codes = [graph.send(template(to=f'4930000004{position:02d}')).status_code for position in range(40)]
    assert 4 <= codes.count(400) <= 24


def test_timed_fault_can_be_any_fault(sim, graph):
    sim.control('PATCH', '/settings', {'timed_faults': [{'fault': 'accept_then_close', 'seconds': 60}]})
    with pytest.raises(requests.ConnectionError):
        graph.send(template())
    assert accepted(sim) == 1


def test_planned_fault_comes_before_a_timed_one(sim, graph):
    sim.control('PATCH', '/settings', {'timed_faults': [{'code': 131016, 'seconds': 60}], 'send_faults': ['ok']})
    assert [graph.send(template()).status_code for _position in range(2)] == [200, 500]


@pytest.mark.parametrize('fault', [{'code': 131016}, {'code': 131016, 'seconds': 0}, {'seconds': 5}, 'hang'])
def test_timed_fault_without_its_parts_is_refused(sim, fault):
    with pytest.raises(ControlError):
        sim.control('PATCH', '/settings', {'timed_faults': [fault]})
