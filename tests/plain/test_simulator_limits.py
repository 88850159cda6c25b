"""Throughput, messaging limit, latency, usage headers and the ledger's figures of the simulator."""

import json
import random
import statistics
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, GraphClient, Receiver, template, text
from tests.simulator.latency import draw
from tests.simulator.rates import most_in_a_second
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


@pytest.fixture
def hook(graph):
    receiver = Receiver()
    graph.post(f'{w.WABA_ID}/subscribed_apps',
               {'override_callback_uri': receiver.url, 'verify_token': w.VERIFY_TOKEN})
    yield receiver
    receiver.close()


def person(position):
    return f'4930000{position:05d}'


def send_to(graph, *positions, phone_id=w.PHONE_ID):
    """Send one template to each person; return the error codes, 0 for accepted."""
    answers = [graph.send(template(to=person(position)), phone_id).json() for position in positions]
    return [answer.get('error', {}).get('code', 0) for answer in answers]


def budget(sim):
    figures = sim.control('GET', '/log/budget')
    return figures['used'], figures['limit']


# --- throughput of a number ------------------------------------------------------------------------------------


@pytest.mark.parametrize(('change', 'limit'), [
    ({'is_on_biz_app': True}, 20),
    ({'throughput': {'level': 'STANDARD'}}, 80),
    ({'throughput_limit': 5}, 5),
    ({'is_on_biz_app': True, 'throughput_limit': None}, 20),
])
def test_throughput_follows_the_kind_of_number(sim, graph, change, limit):
    sim.control('PUT', f'/numbers/{w.PHONE_ID}', change)
    # inbound messages fill the second at once, however slow this machine is
    for _position in range(limit - 1):
        sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    started = time.monotonic()
    codes = send_to(graph, 1, 2)
    assert codes == [0, 130429] or time.monotonic() - started > 0.5


def test_high_throughput_carries_more_than_the_standard(sim, graph):
    sim.control('PATCH', '/settings', {'throughput': 1})
    sim.control('PUT', f'/numbers/{w.PHONE_ID}', {'throughput': {'level': 'HIGH'}})
    assert send_to(graph, *range(10)) == [0] * 10


def test_upgraded_number_is_in_maintenance_for_a_while(sim, graph, hook):
    number = sim.control('POST', f'/numbers/{w.PHONE_ID}/upgrade', {'seconds': 0.3})
    assert number['throughput'] == {'level': 'HIGH'}
    assert send_to(graph, 1) == [131057]
    time.sleep(0.35)
    assert send_to(graph, 1) == [0]
    sim.wait_idle()
    assert hook.values('phone_number_quality_update')[0]['event'] == 'THROUGHPUT_UPGRADE'


# --- messaging limit of the portfolio --------------------------------------------------------------------------


def test_person_beyond_the_limit_is_refused(sim, graph):
    sim.control('PATCH', '/settings', {'portfolio_limit': 2})
    assert send_to(graph, 1, 2, 3) == [0, 0, 131048]
    assert budget(sim) == (2, 2)


def test_person_reached_already_costs_nothing(sim, graph):
    sim.control('PATCH', '/settings', {'portfolio_limit': 1})
    assert send_to(graph, 1, 1) == [0, 0]


def test_person_in_an_open_window_costs_nothing(sim, graph):
    sim.control('PATCH', '/settings', {'portfolio_limit': 0})
    sim.control('POST', f'/people/{person(1)}/message', {'text': 'Hola'})
    assert send_to(graph, 1, 2) == [0, 131048]
    assert graph.send(text(to=person(1))).status_code == 200
    assert budget(sim) == (0, 0)


def test_limit_is_shared_by_all_numbers_of_the_portfolio(sim, graph):
    sim.control('PATCH', '/settings', {'portfolio_limit': 1})
    assert send_to(graph, 1) == [0]
    assert send_to(graph, 2, phone_id=w.PHONE_ID_2) == [131048]
    assert send_to(graph, 1, phone_id=w.PHONE_ID_2) == [0]


def test_accounts_of_two_portfolios_have_a_limit_each(sim):
    world = w.default_world()
    other = w.default_waba('217000000000002', [w.default_number('560000000000003', '34910000333', 'Other')],
                           [dict(item, id=f'99{item["id"]}') for item in world['wabas'][0]['templates']])
    other['owner_business_info'] = {'id': '1', 'name': 'Other'}
    world['wabas'].append(other)
    world['tokens'][w.TOKEN].append(other['id'])
    sim.control('POST', '/reset', {'world': world})
    sim.control('PATCH', '/settings', {'portfolio_limit': 1})
    graph = GraphClient(sim.graph_url)
    assert send_to(graph, 1) == [0]
    assert send_to(graph, 2, 3, phone_id='560000000000003') == [0, 131048]
    assert sim.control('GET', '/log/budget?portfolio_id=1')['used'] == 1


def test_people_are_forgotten_when_the_window_has_moved_on(sim, graph):
    sim.control('PATCH', '/settings', {'portfolio_limit': 1, 'limit_window': 0.6})
    assert send_to(graph, 1, 2) == [0, 131048]
    room_at = sim.control('GET', '/log/budget')['room_at']
    assert 0 < room_at - time.time() <= 0.6
    time.sleep(0.6)
    assert send_to(graph, 2) == [0]
    assert budget(sim) == (1, 1)


def test_refused_message_uses_up_no_room(sim, graph):
    sim.control('PATCH', '/settings', {'throughput': 1})
    assert send_to(graph, 1, 2) == [0, 130429]
    assert budget(sim) == (1, 2000)


def test_tier_of_the_portfolio_is_the_default_limit(sim, graph, hook):
    assert budget(sim) == (0, 2000)
    answer = sim.control('PUT', f'/portfolios/{w.PORTFOLIO_ID}', {'tier': 'TIER_10K'})
    assert (answer['tier'], answer['limit']) == ('TIER_10K', 10_000)
    for node in (w.PHONE_ID, w.PHONE_ID_2, w.WABA_ID):
        fields = 'whatsapp_business_manager_messaging_limit'
        assert graph.get(node, fields=fields).json()[fields] == 'TIER_10K'
    sim.wait_idle()
    assert hook.values('business_capability_update') == [
        {'max_daily_conversations_per_business': 'TIER_10K', 'max_phone_numbers_per_waba': 20}]


def test_unlimited_portfolio_has_no_limit(sim):
    sim.control('PUT', f'/portfolios/{w.PORTFOLIO_ID}', {'tier': 'TIER_UNLIMITED', 'emit': False})
    assert budget(sim) == (0, None)


def test_tier_of_a_number_is_the_tier_of_its_portfolio(sim):
    sim.control('PUT', f'/numbers/{w.PHONE_ID_2}', {'whatsapp_business_manager_messaging_limit': 'TIER_250'})
    assert budget(sim) == (0, 250)


@pytest.mark.parametrize('change', [{'portfolio_limit': -2}, {'portfolio_limit': 'many'}, {'portfolio_limit': True}])
def test_limit_that_makes_no_sense_is_refused(sim, change):
    with pytest.raises(ControlError, match='portfolio_limit'):
        sim.control('PATCH', '/settings', change)


def test_unknown_tier_is_refused(sim):
    with pytest.raises(ControlError, match='tier must be one of'):
        sim.control('PUT', f'/portfolios/{w.PORTFOLIO_ID}', {'tier': 'TIER_MANY'})


# --- state of the account and of the number ----------------------------------------------------------------------


@pytest.mark.parametrize(('setting', 'code', 'status'), [
    ('account_locked', 131031, 403),
    ('policy_blocked', 368, 403),
    ('permission_removed', 10, 403),
    ('payment_problem', 131042, 400),
    ('token_revoked', 190, 401),
])
def test_state_of_the_account_stops_every_send_until_it_is_repaired(sim, graph, setting, code, status):
    sim.control('PATCH', '/settings', {setting: True})
    answer = graph.send(template())
    assert (answer.json()['error']['code'], answer.status_code) == (code, status)
    sim.control('PATCH', '/settings', {setting: False})
    assert graph.send(template()).status_code == 200


@pytest.mark.parametrize(('change', 'repair', 'code'), [
    ({'registered': False}, {'registered': True}, 133010),
    ({'maintenance': True}, {'maintenance': False}, 131057),
])
def test_state_of_a_number_concerns_that_number_only(sim, graph, change, repair, code):
    sim.control('PUT', f'/numbers/{w.PHONE_ID}', change)
    assert send_to(graph, 1) == [code]
    assert send_to(graph, 1, phone_id=w.PHONE_ID_2) == [0]
    sim.control('PUT', f'/numbers/{w.PHONE_ID}', repair)
    assert send_to(graph, 1) == [0]


# --- latency ---------------------------------------------------------------------------------------------------


def test_latency_can_be_drawn_from_a_log_normal_distribution():
    rng = random.Random(1)
    drawn = sorted(draw({'median': 0.35, 'p99': 1.0}, rng) for _call in range(5000))
    assert statistics.median(drawn) == pytest.approx(0.35, rel=0.05)
    assert drawn[int(len(drawn) * 0.99)] == pytest.approx(1.0, rel=0.1)


def test_latency_of_a_distribution_is_applied(sim, graph):
    sim.control('PATCH', '/settings', {'latency': {'median': 0.1, 'p99': 0.1}})
    started = time.monotonic()
    assert send_to(graph, 1) == [0]
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize('latency', [-1, [0.2, 0.1], [1], {'median': 1}, {'median': 2, 'p99': 1},
                                     {'median': 0, 'p99': 1}, 'slow'])
def test_latency_that_makes_no_sense_is_refused(sim, latency):
    with pytest.raises(ControlError, match='latency|float'):
        sim.control('PATCH', '/settings', {'latency': latency})


# --- usage headers -----------------------------------------------------------------------------------------------


def usage(answer):
    app = json.loads(answer.headers['X-App-Usage'])
    (case,) = json.loads(answer.headers['X-Business-Use-Case-Usage'])[w.WABA_ID]
    return app['call_count'], case['type'], case['call_count'], case['estimated_time_to_regain_access']


def test_sends_carry_low_usage_figures(graph):
    assert usage(graph.send(template())) == (1, 'whatsapp', 1, 0)


def test_usage_figures_can_be_forced(sim, graph):
    sim.control('PATCH', '/settings', {'app_usage_percent': 85, 'business_usage_percent': 100, 'regain_minutes': 7})
    assert usage(graph.send(template())) == (85, 'whatsapp', 100, 7)


def test_refused_send_carries_usage_figures_too(sim, graph):
    sim.control('PATCH', '/settings', {'send_faults': [{'code': 130429}]})
    assert usage(graph.send(template()))[1] == 'whatsapp'


def test_management_calls_carry_their_own_usage(graph):
    assert usage(graph.get(w.WABA_ID))[1] == 'whatsapp_business_management'


# --- the ledger's figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(('times', 'most'), [
    ([], 0),
    ([5.0], 1),
    ([0.0, 0.5, 0.9, 1.5], 3),
    ([0.0, 1.0, 2.0], 1),
    ([0.9, 0.95, 1.0, 1.05, 1.8], 5),
])
def test_second_slides_freely(times, most):
    assert most_in_a_second(times) == most


def test_rates_tell_the_fullest_second_of_each_number(sim, graph):
    send_to(graph, 1, 2)
    send_to(graph, 3, phone_id=w.PHONE_ID_2)
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    figures = sim.control('GET', '/log/rates')
    assert figures['max_in_any_second'] == {w.PHONE_ID: 2, w.PHONE_ID_2: 1}
    assert figures['max_in_any_second_with_inbound'] == {w.PHONE_ID: 3, w.PHONE_ID_2: 1}
    assert figures['accepted'] == 3
    assert time.time() - 5 < figures['first_at'] < figures['last_at'] <= time.time()


def test_rates_of_a_silent_simulator_are_empty(sim):
    assert sim.control('GET', '/log/rates') == {
        'max_in_any_second': {}, 'max_in_any_second_with_inbound': {}, 'accepted': 0, 'first_at': None, 'last_at': None}


def test_log_gives_the_asked_fields_only(sim, graph):
    graph.send(template(biz_opaque_callback_data='key-1'))
    (entry,) = sim.control('GET', '/log?fields=key,accepted_at,wa_id')
    assert (set(entry), entry['key']) == ({'key', 'accepted_at', 'wa_id'}, 'key-1')


def test_unknown_field_of_the_log_is_refused(sim):
    with pytest.raises(ControlError, match='unknown field shoe_size'):
        sim.control('GET', '/log?fields=key,shoe_size')


def test_statuses_can_be_switched_off(sim, graph, hook):
    sim.control('PATCH', '/settings', {'statuses': False})
    send_to(graph, 1)
    assert sim.control('GET', '/idle')['idle']
    assert sim.control('GET', '/log')[0]['statuses'] == []
