"""A template from the first word to a pause: real Odoo, its own scheduler and webhooks, the simulator as Meta."""
import time

import pytest
from kit import scene
from kit.session import OdooError
from kit.stage import Stage, rebuilt

from tests.simulator.world import PHONE_ID

DRAFT = 'fluxforce.whatsapp.template.draft'
TEMPLATE = 'fluxforce.whatsapp.template'
SETTLE_SECONDS = 60
CONSENT = {'purpose': 'utility', 'source': 'form', 'wording': 'Keep me posted about my orders.'}
PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='


@pytest.fixture(scope='module')
def stage(server):
    with Stage(server, rebuilt(server, 'fluxforce_life')) as running:
        scene.prepare(running)
        yield running


@pytest.fixture(scope='module')
def admin(stage):
    return stage.login('admin', 'admin')


@pytest.fixture(scope='module')
def marketer(stage):
    return stage.login(scene.MARKETER.login, scene.MARKETER.password)


@pytest.fixture(scope='module')
def sales(stage):
    return stage.login(scene.SALESPERSON.login, scene.SALESPERSON.password)


def wait_until(condition):
    end = time.monotonic() + SETTLE_SECONDS
    while not condition():
        assert time.monotonic() < end, 'it takes too long'
        time.sleep(0.3)


def state_of(session, draft):
    row, = session.read(DRAFT, [('id', '=', draft)], ['state'])
    return row['state']


def review_and_submit(marketer, admin, draft):
    marketer.call(DRAFT, 'action_ask_review', [draft])
    admin.call(DRAFT, 'action_approve', [draft])
    marketer.call(DRAFT, 'action_submit', [draft])


def write(marketer):
    """:return: a draft with a picture, that Meta could take."""
    account, = marketer.search('fluxforce.whatsapp.account', [])
    draft = marketer.create(DRAFT, {
        'account_id': account, 'name': 'parcel_left', 'language': 'en', 'category': 'UTILITY',
        'header_kind': 'IMAGE', 'header_file': PIXEL, 'header_filename': 'parcel.png',
        'body': 'Hi {{name}}, your parcel has left our shop today.'})
    variables = marketer.search(f'{DRAFT}.variable', [('draft_id', '=', draft), ('key', '=', 'body:name')])
    marketer.call(f'{DRAFT}.variable', 'write', variables, {'sample': 'Mira'})
    return draft


def correct(marketer, draft):
    marketer.call(DRAFT, 'action_take_back', [draft])
    marketer.call(DRAFT, 'write', [draft], {
        'header_kind': False, 'body': 'Hi {{name}}, your parcel has left our shop in Valencia today.'})


def send(admin, sales, template):
    """The salesperson writes to somebody who agreed."""
    person = admin.create('res.partner', {'name': 'Ada Again', 'phone': '+33 1 99 00 00 77'})
    sales.create('fluxforce.whatsapp.consent', {**CONSENT, 'partner_id': person})
    number, = sales.search('fluxforce.whatsapp.number', [('phone_number_id', '=', PHONE_ID)])
    composer = sales.create('fluxforce.whatsapp.composer', {
        'res_model': 'res.partner', 'res_ids': repr([person]), 'template_id': template, 'number_id': number})
    sales.press('fluxforce.whatsapp.composer', composer, 'action_send')


def sent_texts(stage):
    return [entry['text'] for entry in stage.simulator.control('GET', '/log') if entry['template'] == 'parcel_left']


def test_written_rejected_corrected_approved_sent_and_paused(stage, admin, marketer, sales):
    control = stage.simulator.control
    draft = write(marketer)
    with pytest.raises(OdooError, match='Approver'):
        marketer.call(DRAFT, 'action_approve', [draft])

    control('PATCH', '/settings', {'review_seconds': 1, 'review_outcome': 'REJECTED'})
    review_and_submit(marketer, admin, draft)
    wait_until(lambda: state_of(marketer, draft) == 'rejected')
    row, = marketer.read(DRAFT, [('id', '=', draft)], ['meta_reason', 'meta_remedy'])
    assert row['meta_reason'] and row['meta_remedy']

    control('PATCH', '/settings', {'review_outcome': 'APPROVED'})
    correct(marketer, draft)
    review_and_submit(marketer, admin, draft)
    wait_until(lambda: state_of(marketer, draft) == 'approved')

    template, = sales.search(TEMPLATE, [('name', '=', 'parcel_left'), ('status', '=', 'APPROVED')])
    send(admin, sales, template)
    wait_until(lambda: sent_texts(stage))
    assert sent_texts(stage) == ['Hi Ada Again, your parcel has left our shop in Valencia today.']

    row, = sales.read(TEMPLATE, [('id', '=', template)], ['template_id'])
    control('PUT', f'/templates/{row["template_id"]}', {'status': 'PAUSED'})
    wait_until(lambda: sales.count(TEMPLATE, [('id', '=', template), ('status', '=', 'PAUSED')]))
    assert sales.count('fluxforce.whatsapp.alert', [('template_id', '=', template), ('kind', '=', 'template_stopped')])
    assert admin.count(f'{TEMPLATE}.history', [('template_id', '=', template), ('after', '=', 'PAUSED')])
