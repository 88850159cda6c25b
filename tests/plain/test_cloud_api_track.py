"""What statuses tell about a message is the same in any order and however often they come."""
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from cloud_api.const import CLOCKS_APART
from cloud_api.track import Track
from cloud_api.webhooks import Status

NOON = datetime(2026, 6, 1, 12)


def status(name, minute=0, message_id='wamid.1', key='', code=None, recipient='447400123001'):
    return Status(
        message_id=message_id, status=name, timestamp=NOON + timedelta(minutes=minute), recipient_id=recipient,
        user_id='', key=key, error_code=code, error_title='', error_details='No route' if code else '',
        pricing_category='', raw={})


def followed(statuses, state='accepted', **values):
    track = Track(**{'id': 1, 'key': 'our-key', 'state': state, 'wamid': 'wamid.1', **values})
    for one in statuses:
        track.follow(one, NOON)
    return track


SENT, DELIVERED, READ = status('sent', 1), status('delivered', 2), status('read', 3)
FAILED = status('failed', 4, code=131026)


@pytest.mark.parametrize('statuses', [
    [SENT, DELIVERED, READ], [SENT, FAILED], [SENT, DELIVERED, FAILED], [FAILED, FAILED, READ],
    [SENT, SENT, DELIVERED, status('delivered', 9), READ, status('sent', 0)]])
def test_any_order_ends_the_same(statuses):
    first = followed(statuses)

    for order in permutations(statuses):
        track = followed(order)
        assert (track.state, track.sent_at, track.delivered_at, track.read_at, track.failed_at, track.error_code) == (
            first.state, first.sent_at, first.delivered_at, first.read_at, first.failed_at, first.error_code)


def test_the_earliest_moment_counts():
    track = followed([status('delivered', 7), status('delivered', 2)])

    assert track.delivered_at == NOON + timedelta(minutes=2)


def test_a_moment_far_ahead_counts_as_little_later_than_now():
    assert followed([status('delivered', 60 * 24 * 365)]).delivered_at == NOON + CLOCKS_APART


def test_a_failure_far_ahead_counts_as_little_later_than_now():
    assert followed([status('failed', 60 * 24 * 365, code=131026)]).failed_at == NOON + CLOCKS_APART


def test_a_failure_keeps_its_reason():
    track = followed([FAILED])

    assert (track.state, track.error_code, track.error_message, track.failed_at) == (
        'failed', 131026, 'No route', NOON + timedelta(minutes=4))


def test_delivery_takes_a_failure_back():
    track = followed([FAILED, DELIVERED])

    assert (track.state, track.error_code, track.error_message, track.failed_at) == ('delivered', None, None, None)


def test_a_duplicate_changes_nothing():
    track = followed([DELIVERED])
    track.changed = track.moved = False

    track.follow(DELIVERED, NOON)

    assert not track.changed


def test_our_own_key_is_surer_than_the_id_of_an_answer():
    assert followed([status('sent', message_id='wamid.2', key='our-key')]).wamid == 'wamid.2'
    assert followed([status('sent', message_id='wamid.2')]).wamid == 'wamid.1'


def test_what_was_not_thought_to_have_gone_out_is_moved_by_proof_only():
    assert followed([DELIVERED], state='cancelled').state == 'delivered'
    assert followed([FAILED], state='cancelled').state == 'cancelled'
