"""``kill -9`` of Odoo in the middle of sending: nothing is sent twice, nothing is forgotten."""
import time

import pytest
from kit import scene
from kit.stage import Stage, rebuilt

from tests.simulator.world import PHONE_ID

PEOPLE = 200
KILL_AFTER = 60  # accepted messages
# Messages whose calls were cut: as many as may be in flight at once.
IN_FLIGHT = 32
SETTLE_SECONDS = 90
CONSENT = {'purpose': 'utility', 'source': 'form', 'wording': 'Keep me posted about my orders.'}


@pytest.fixture(scope='module')
def aftermath(server):
    """The messages in Odoo and the simulator's log after a kill in the middle and a restart."""
    with Stage(server, rebuilt(server, 'fluxforce_kill'), latency=0.35, workers=2) as stage:
        admin = scene.prepare(stage)
        # Odoo is down for a while: webhooks must be repeated for longer than that.
        stage.simulator.control('PATCH', '/settings', {'retry_schedule': [1] * 60})
        queue_messages(admin)
        wait_until(lambda: stage.simulator.control('GET', '/log/summary')['accepted'] >= KILL_AFTER)
        stage.kill_odoo()
        accepted_at_kill = stage.simulator.control('GET', '/log/summary')['accepted']
        stage.start_odoo()
        admin = stage.login('admin', 'admin')
        wait_until(lambda: settled(stage, admin))
        messages = admin.read('fluxforce.whatsapp.message', [], ['key', 'state'])
        return {'accepted_at_kill': accepted_at_kill, 'messages': messages,
                'log': stage.simulator.control('GET', '/log'),
                'summary': stage.simulator.control('GET', '/log/summary')}


def queue_messages(admin):
    contacts = admin.call('res.partner', 'create', [
        {'name': f'Customer {number}', 'phone': f'+33 5 36 49 {number // 100:02d} {number % 100:02d}'}
        for number in range(PEOPLE)])
    admin.call('fluxforce.whatsapp.consent', 'create', [{**CONSENT, 'partner_id': contact} for contact in contacts])
    template, = admin.search('fluxforce.whatsapp.template', [('name', '=', 'order_update'), ('language', '=', 'en')])
    number, = admin.search('fluxforce.whatsapp.number', [('phone_number_id', '=', PHONE_ID)])
    composer = admin.create('fluxforce.whatsapp.composer', {
        'res_model': 'res.partner', 'res_ids': repr(contacts), 'template_id': template, 'number_id': number})
    admin.press('fluxforce.whatsapp.composer', composer, 'action_send')


def settled(stage, admin):
    """Nothing waits any more; what was in the killed worker's hands may stay in the state it was left in."""
    return (stage.simulator.control('GET', '/idle')['idle']
            and not admin.count('fluxforce.whatsapp.message', [('state', 'in', ('queued', 'accepted'))])
            and not admin.count('fluxforce.whatsapp.event', [('state', '=', 'pending')]))


def wait_until(condition):
    end = time.monotonic() + SETTLE_SECONDS
    while not condition():
        assert time.monotonic() < end, 'it takes too long'
        time.sleep(0.1)


def test_the_kill_came_in_the_middle(aftermath):
    assert KILL_AFTER <= aftermath['accepted_at_kill'] < PEOPLE - IN_FLIGHT


def test_no_message_was_accepted_twice(aftermath):
    assert aftermath['summary']['duplicate_keys'] == []


def test_nobody_but_the_queued_people_got_a_message(aftermath):
    known = {message['key'] for message in aftermath['messages']}
    assert {entry['key'] for entry in aftermath['log']} <= known


def test_every_accepted_message_is_known_as_gone_out(aftermath):
    state = {message['key']: message['state'] for message in aftermath['messages']}
    assert {state[entry['key']] for entry in aftermath['log']} <= {'sent', 'delivered', 'read'}


def test_only_what_was_in_flight_is_left_open(aftermath):
    accepted = {entry['key'] for entry in aftermath['log']}
    left = [message for message in aftermath['messages'] if message['key'] not in accepted]
    assert {message['state'] for message in left} <= {'sending', 'unknown'}
    assert len(left) <= 2 * IN_FLIGHT + 16
