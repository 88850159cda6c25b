"""The plain packages are tested without Odoo: importing the addon itself would import its models."""

import sys
from pathlib import Path

import pytest

from tests.simulator import world as w
from tests.simulator.client import GraphClient, Receiver
from tests.simulator.testing import RunningSimulator

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp'

# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(ADDON))
# What both kinds of tests share: samples.py.
sys.path.append(str(ADDON / 'tests'))


# --- Of the stand-in for Meta: each module has one of its own and sets it as it needs (the fixture sim) ---


@pytest.fixture(scope='module')
def server():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def graph(sim):
    return GraphClient(sim.graph_url)


@pytest.fixture
def hook(graph):
    receiver = Receiver()
    data = {'override_callback_uri': receiver.url, 'verify_token': w.VERIFY_TOKEN}
    assert graph.post(f'{w.WABA_ID}/subscribed_apps', data).status_code == 200
    yield receiver
    receiver.close()
