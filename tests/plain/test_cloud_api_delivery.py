"""Calls in flight: each once, at its moment, bounded in number."""
import threading
import time

import pytest
from cloud_api import delivery
from cloud_api.client import SendResult
from cloud_api.delivery import Access, Job, NotStartedError, Pipeline
from cloud_api.errors import OutcomeUnknownError

ACCESS = Access('https://meta.invalid', 'v25.0', 'secret-token')


def jobs(count, begin=0.0):
    return [Job(number, ACCESS, '560', {'to': str(number)}, begin) for number in range(count)]


@pytest.fixture
def send(monkeypatch):
    """Let ``send(function)`` decide what a call does."""
    return lambda function: monkeypatch.setattr(delivery.Client, 'send', function)


def run(pipeline, work):
    pipeline.submit(work)
    pipeline.wait(5)
    return pipeline.collect()


def test_every_job_has_one_outcome(send):
    send(lambda self, phone, payload: SendResult(f'wamid.{payload["to"]}'))

    with Pipeline() as pipeline:
        outcomes = run(pipeline, jobs(50))

    assert {outcome.message_id: outcome.result.message_id for outcome in outcomes} == {
        number: f'wamid.{number}' for number in range(50)}
    assert pipeline.collect() == []


def test_no_more_calls_at_once_than_workers(send):
    lock, state = threading.Lock(), {'now': 0, 'most': 0}

    def call(self, phone, payload):
        with lock:
            state['now'] += 1
            state['most'] = max(state['most'], state['now'])
        time.sleep(0.01)
        with lock:
            state['now'] -= 1
        return SendResult('wamid.1')

    send(call)
    with Pipeline(workers=4) as pipeline:
        run(pipeline, jobs(20))

    assert 1 < state['most'] <= 4


@pytest.fixture
def few_threads(monkeypatch):
    """Let ``few_threads(count)`` decide how many threads the system gives for calls."""
    start = threading.Thread.start

    def limit(count):
        given = []

        def reluctant_start(thread):
            if thread.name.startswith('whatsapp-send'):
                if len(given) >= count:
                    raise RuntimeError("can't start new thread")
                given.append(thread)
            start(thread)

        monkeypatch.setattr(threading.Thread, 'start', reluctant_start)

    return limit


def test_where_the_system_gives_few_threads_all_is_sent_once_by_those(send, few_threads):
    sent = []

    def call(self, phone, payload):
        time.sleep(0.01)
        sent.append(payload['to'])
        return SendResult('wamid.1')

    send(call)
    few_threads(3)
    with Pipeline() as pipeline:
        outcomes = run(pipeline, jobs(30))

    assert sorted(sent) == sorted({str(number) for number in range(30)})
    assert [outcome.error for outcome in outcomes] == [None] * 30
    assert pipeline.running == 0


def test_without_any_thread_nothing_is_sent_and_all_comes_back(send, few_threads):
    sent = []
    send(lambda self, phone, payload: sent.append(payload))
    few_threads(0)
    with Pipeline() as pipeline:
        outcomes = run(pipeline, jobs(5))

    assert sent == []
    assert [type(outcome.error) for outcome in outcomes] == [NotStartedError] * 5
    assert pipeline.running == 0


def test_a_late_process_does_not_catch_up(send):
    begun = []
    send(lambda self, phone, payload: begun.append(time.monotonic()) or SendResult('wamid.1'))
    late = time.monotonic() - 0.5  # the first one is due at once

    with Pipeline() as pipeline:
        run(pipeline, [Job(number, ACCESS, '560', {'to': str(number)}, late, distance=0.05) for number in range(4)])

    assert max(begun) - min(begun) >= 0.12


def test_what_is_too_late_goes_back_at_once_so_that_the_rest_is_on_time(send):
    begun = {}
    send(lambda self, phone, payload: begun.setdefault(payload['to'], time.monotonic()) and SendResult('wamid.1'))
    now = time.monotonic()
    late = [Job(number, ACCESS, '560', {'to': 'late'}, now - 2, distance=0.1, late=1) for number in range(20)]

    with Pipeline() as pipeline:
        outcomes = run(pipeline, [*late, Job(20, ACCESS, '560', {'to': 'punctual'}, now + 0.05, distance=0.1)])

    assert begun.keys() == {'punctual'}
    assert begun['punctual'] - now < 1
    assert sum(isinstance(outcome.error, NotStartedError) for outcome in outcomes) == 20


def test_calls_without_an_answer_keep_the_next_ones_back(send):
    gate, sent = threading.Event(), []
    send(lambda self, phone, payload: sent.append(payload) or gate.wait(5) and SendResult('wamid.1'))
    now = time.monotonic()

    with Pipeline() as pipeline:
        pipeline.submit([Job(number, ACCESS, '560', {}, now, most=3) for number in range(5)])
        pipeline.wait(0.3)
        assert len(sent) == 3
        gate.set()
        pipeline.wait(5)

    assert len(sent) == 5


def test_what_was_planned_alone_has_to_be_on_time_when_another_comes(send):
    sent = []
    send(lambda self, phone, payload: sent.append(payload) or SendResult('wamid.1'))
    slow = [Job(number, ACCESS, '560', {}, time.monotonic(), distance=0.2, late=5) for number in range(4)]

    with Pipeline() as pipeline:
        pipeline.submit(slow)
        pipeline.tighten({'560'}, late=0.05, slack=0.1)
        pipeline.wait(5)
        outcomes = pipeline.collect()

    assert len(outcomes) == 4
    assert len(sent) <= 2


def test_whoever_was_even_keeps_nobody_waiting(send):
    send(lambda self, phone, payload: SendResult('wamid.1'))

    with Pipeline() as pipeline:
        run(pipeline, [Job(1, ACCESS, '560', {}, time.monotonic(), distance=0.02, most=80)])
        assert pipeline.rests() == {'560': 0.0}


def test_one_number_does_not_wait_for_another(send):
    begun = {}
    send(lambda self, phone, payload: begun.setdefault(phone, time.monotonic()) and SendResult('wamid.1'))
    now = time.monotonic()

    with Pipeline() as pipeline:
        run(pipeline, [Job(1, ACCESS, '560', {}, now, distance=0.3), Job(2, ACCESS, '560', {}, now, distance=0.3),
                       Job(3, ACCESS, '561', {}, now, distance=0.3)])

    assert begun['561'] - begun['560'] < 0.2


def test_the_caller_goes_on_while_calls_are_in_flight(send):
    gate = threading.Event()
    send(lambda self, phone, payload: gate.wait(5) and SendResult('wamid.1'))

    with Pipeline(workers=4, ahead=2) as pipeline:
        pipeline.submit(jobs(3))
        assert (pipeline.running, pipeline.free, pipeline.collect()) == (3, 3, [])
        gate.set()
        pipeline.wait(5)
        assert (pipeline.running, len(pipeline.collect())) == (0, 3)


def test_a_job_waits_for_its_moment(send):
    begun = []
    send(lambda self, phone, payload: begun.append(time.monotonic()) or SendResult('wamid.1'))
    moment = time.monotonic() + 0.1

    with Pipeline() as pipeline:
        run(pipeline, jobs(2, begin=moment))

    assert min(begun) >= moment


def test_a_job_whose_moment_is_long_over_is_not_begun(send):
    sent = []
    send(lambda self, phone, payload: sent.append(payload))

    with Pipeline() as pipeline:
        outcome, = run(pipeline, [Job(1, ACCESS, '560', {}, time.monotonic() - 2, late=1)])

    assert isinstance(outcome.error, NotStartedError)
    assert not sent


def test_what_is_planned_can_be_called_back(send):
    sent = []
    send(lambda self, phone, payload: sent.append(payload) or SendResult('wamid.1'))

    with Pipeline() as pipeline:
        pipeline.submit([Job(1, ACCESS, '560', {}, time.monotonic() + 60), Job(2, ACCESS, '561', {}, 0.0)])
        pipeline.recall({'560'})
        pipeline.wait(5)
        errors = {outcome.message_id: outcome.error for outcome in pipeline.collect()}

    assert isinstance(errors[1], NotStartedError)
    assert errors[2] is None
    assert len(sent) == 1


def test_what_no_thread_is_free_for_can_be_called_back(send):
    gate = threading.Event()
    send(lambda self, phone, payload: gate.wait(5) and SendResult('wamid.1'))

    with Pipeline(workers=2) as pipeline:
        pipeline.submit(jobs(5))
        time.sleep(0.1)
        pipeline.recall({'560'})
        gate.set()
        pipeline.wait(5)
        errors = [outcome.error for outcome in pipeline.collect()]

    assert sum(isinstance(error, NotStartedError) for error in errors) == 3


def test_an_outcome_carries_the_mark_of_its_claim(send):
    send(lambda self, phone, payload: SendResult('wamid.1'))

    with Pipeline() as pipeline:
        outcome, = run(pipeline, [Job(1, ACCESS, '560', {}, claim='second')])

    assert outcome.claim == 'second'


def test_an_unforeseen_error_leaves_the_outcome_unknown(send):
    send(lambda self, phone, payload: 1 / 0)

    with Pipeline() as pipeline:
        outcome, = run(pipeline, jobs(1))

    assert isinstance(outcome.error, OutcomeUnknownError)


def test_leaving_waits_for_what_is_in_flight(send):
    send(lambda self, phone, payload: time.sleep(0.05) or SendResult('wamid.1'))

    with Pipeline() as pipeline:
        pipeline.submit(jobs(3))

    assert len(pipeline.collect()) == 3


def test_the_token_is_not_shown():
    assert 'secret-token' not in repr(ACCESS)
