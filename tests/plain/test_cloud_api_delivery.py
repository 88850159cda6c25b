"""A batch of calls: each once, bounded in number and time."""
import threading
import time

from cloud_api import delivery
from cloud_api.client import SendResult
from cloud_api.delivery import Access, Job, NotStartedError, deliver
from cloud_api.errors import OutcomeUnknownError

ACCESSES = {1: Access('https://meta.invalid', 'v25.0', 'secret-token')}


def jobs(count):
    return [Job(number, 1, '560', {'to': str(number)}) for number in range(count)]


def test_outcomes_come_in_the_order_of_the_jobs(monkeypatch):
    monkeypatch.setattr(delivery.Client, 'send', lambda self, phone, payload: SendResult(f'wamid.{payload["to"]}'))

    outcomes = deliver(jobs(50), ACCESSES)

    assert [outcome.result.message_id for outcome in outcomes] == [f'wamid.{number}' for number in range(50)]


def test_no_more_calls_at_once_than_workers(monkeypatch):
    lock, state = threading.Lock(), {'now': 0, 'most': 0}

    def send(self, phone, payload):
        with lock:
            state['now'] += 1
            state['most'] = max(state['most'], state['now'])
        time.sleep(0.01)
        with lock:
            state['now'] -= 1
        return SendResult('wamid.1')

    monkeypatch.setattr(delivery.Client, 'send', send)

    deliver(jobs(20), ACCESSES, workers=4)

    assert 1 < state['most'] <= 4


def test_an_unforeseen_error_leaves_the_outcome_unknown(monkeypatch):
    def send(self, phone, payload):
        raise ZeroDivisionError

    monkeypatch.setattr(delivery.Client, 'send', send)

    outcome, = deliver(jobs(1), ACCESSES)

    assert isinstance(outcome.error, OutcomeUnknownError)


def test_what_cannot_begin_in_time_is_not_begun(monkeypatch):
    sent = []
    monkeypatch.setattr(delivery.Client, 'send', lambda self, phone, payload: sent.append(payload) or time.sleep(0.05))

    outcomes = deliver(jobs(5), ACCESSES, workers=1, start_within=0.01)

    assert len(sent) < 5
    assert isinstance(outcomes[-1].error, NotStartedError)


def test_the_token_is_not_in_the_representation_of_an_access():
    assert 'secret-token' not in repr(ACCESSES)
