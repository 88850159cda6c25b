"""The stand-in for Twilio, with which a bench runs Odoo core's SMS queue against the same server."""

import sys
import time
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator.testing import RunningSimulator

FORM = {'From': '+15005550006', 'To': '+493023125310', 'Body': 'Your order is ready', 'StatusCallback': 'https://x/y'}


@pytest.fixture(scope='module')
def server():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def post(sim, form=FORM, auth=('AC1', 'secret'), path='AC1/Messages.json'):
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f'{sim.graph_url}/2010-04-01/Accounts/{path}', data=form, auth=auth, timeout=5)


def test_message_is_queued(sim):
    answer = post(sim)
    assert answer.status_code == 201
    data = answer.json()
    assert data['sid'].startswith('SM') and len(data['sid']) == 34
    assert (data['status'], data['to'], data['account_sid']) == ('queued', FORM['To'], 'AC1')


def test_messages_are_counted_apart_from_those_of_whatsapp(sim):
    first, second = (post(sim).json()['sid'] for _message in range(2))
    assert first != second
    ledger = sim.control('GET', '/log/twilio')
    assert ledger['count'] == 2
    assert ledger['first_at'] <= ledger['last_at'] <= time.time()
    assert sim.control('GET', '/log/summary')['accepted'] == 0


def test_latency_is_that_of_the_other_calls(sim):
    sim.control('PATCH', '/settings', {'latency': 0.2})
    started = time.monotonic()
    post(sim)
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(('options', 'status', 'code'), [
    ({'auth': None}, 401, 20003),
    ({'path': 'AC1/Calls.json'}, 404, 20404),
    ({'form': {**FORM, 'To': ''}}, 400, 21604),
    ({'form': {**FORM, 'From': ''}}, 400, 21603),
    ({'form': {**FORM, 'Body': ''}}, 400, 21602),
])
def test_call_that_is_not_complete_is_refused(sim, options, status, code):
    answer = post(sim, **options)
    assert (answer.status_code, answer.json()['code']) == (status, code)
    assert sim.control('GET', '/log/twilio')['count'] == 0
