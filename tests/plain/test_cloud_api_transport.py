"""Telling what happened on the wire."""

import threading

from cloud_api import transport


def test_call_is_watched_inside_its_block_only():
    with transport.one_call(3) as outer:
        with transport.one_call(1) as inner:
            assert transport.current_call() is inner
        assert transport.current_call() is outer
    assert transport.current_call() is None


def test_thread_does_not_see_the_call_of_another():
    seen = []
    with transport.one_call(3):
        thread = threading.Thread(target=lambda: seen.append(transport.current_call()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_causes_follow_what_an_exception_wraps():
    inner = OSError('refused')
    outer = ValueError(RuntimeError(inner))
    assert list(transport.causes(outer))[-1] is inner


def test_causes_leave_out_what_the_caller_was_handling():
    try:
        try:
            raise OSError('earlier')
        except OSError:
            raise ValueError('later')  # noqa: B904
    except ValueError as error:
        assert [str(cause) for cause in transport.causes(error)] == ['later']


def test_causes_end_in_a_circle():
    first = ValueError()
    first.__cause__ = first
    assert list(transport.causes(first)) == [first]
