"""The simulator tells when it stood still itself."""
import signal
import time

import pytest


@pytest.fixture
def sim(server):
    return server


def test_a_simulator_that_got_no_processor_says_so(sim):
    sim.process.send_signal(signal.SIGSTOP)
    time.sleep(0.3)
    sim.process.send_signal(signal.SIGCONT)
    time.sleep(0.1)

    assert max(seconds for __, seconds in sim.control('GET', '/log/stalls')) > 0.2
