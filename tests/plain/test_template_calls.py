"""Templates and samples at Meta, against the strict stand-in."""

import pytest
from cloud_api.client import Client
from cloud_api.errors import ApiError, OutcomeUnknownError, SettingsError
from cloud_api.payloads import PayloadError
from cloud_api.template_calls import SampleProblem, TemplateCalls, creation_body, edit_body, sample_problem

from tests.simulator import world as w
from tests.simulator.client import FAST

PNG = b'\x89PNG\r\n\x1a\n' + b'x' * 20_000
PDF = b'%PDF-1.4 invented'
BODY = {'type': 'BODY', 'text': 'Hello {{1}}, your parcel {{2}} waits at the counter.',
        'example': {'body_text': [['Mira', 'P-1']]}}


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', FAST)
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


@pytest.fixture
def client(sim):
    with Client(sim.graph_url, 'v25.0', w.TOKEN) as client:
        yield client


@pytest.fixture
def calls(client):
    return TemplateCalls(client, w.WABA_ID, w.APP_ID)


def spec(*components, **changes):
    return {'name': 'parcel_waits', 'language': 'en_US', 'category': 'UTILITY', 'parameter_format': 'positional',
            'components': list(components or [BODY]), **changes}


def picture(handle):
    return {'type': 'HEADER', 'format': 'IMAGE', 'example': {'header_handle': [handle]}}


# --- Templates -----------------------------------------------------------------------------------------------------


def test_a_template_is_created_reviewed_and_read(sim, calls):
    made = calls.create_template(spec())
    assert (made['status'], made['category']) == ('PENDING', 'UTILITY')
    sim.wait_idle()
    assert calls.template(made['id'])['status'] == 'APPROVED'


def test_a_refusal_names_metas_reason(calls):
    with pytest.raises(ApiError) as caught:
        calls.create_template(spec({**BODY, 'text': 'Too {{1}} few {{2}} words.'}))
    assert caught.value.info.code == 2388293


def test_what_meta_does_not_know_is_left_out():
    body = creation_body(spec(message_send_ttl_seconds=None, our_own='x'))
    assert body == {key: spec()[key] for key in ('name', 'language', 'category', 'parameter_format', 'components')}
    assert creation_body(spec(message_send_ttl_seconds=-1))['message_send_ttl_seconds'] == -1


def test_an_edit_carries_no_name_and_only_another_category():
    assert edit_body(spec(), 'UTILITY') == {'components': [BODY]}
    assert edit_body(spec(), 'MARKETING') == {'components': [BODY], 'category': 'UTILITY'}


def test_a_template_is_edited(sim, calls):
    made = calls.create_template(spec())
    sim.wait_idle()
    assert calls.edit_template(made['id'], spec({'type': 'BODY', 'text': 'Your parcel waits.'}), 'UTILITY') == {
        'success': True}
    assert calls.template(made['id'])['components'][0]['text'] == 'Your parcel waits.'


def test_a_template_is_deleted_in_one_language_or_all(client, calls):
    rows = [row for row in client.list_templates(w.WABA_ID) if row['name'] == 'order_update']
    calls.delete_template('order_update', next(row['id'] for row in rows if row['language'] == 'es'))
    assert {row['language'] for row in client.list_templates(w.WABA_ID) if row['name'] == 'order_update'} == {
        'en', 'pt_BR'}
    calls.delete_template('order_update')
    assert not [row for row in client.list_templates(w.WABA_ID) if row['name'] == 'order_update']


def test_a_template_paused_while_paced_goes_on(sim, client, calls):
    row = next(row for row in client.list_templates(w.WABA_ID) if row['name'] == 'hello_world')
    sim.control('PUT', f'/templates/{row["id"]}', {'status': 'PAUSED', 'pause': 'RATE_LIMITING_PAUSE'})
    assert calls.unpause_template(row['id']) == {'success': True}
    assert calls.template(row['id'])['status'] == 'APPROVED'
    with pytest.raises(ApiError):
        calls.unpause_template(row['id'])


def test_a_sign_in_code_is_created_in_metas_words(sim, calls):
    otp = {'type': 'OTP', 'otp_type': 'COPY_CODE', 'text': 'Copy code'}
    made = calls.create_template(spec(
        {'type': 'BODY', 'add_security_recommendation': True}, {'type': 'FOOTER', 'code_expiration_minutes': 5},
        {'type': 'BUTTONS', 'buttons': [otp]}, category='AUTHENTICATION', message_send_ttl_seconds=300))
    row = calls.template(made['id'])
    assert row['components'][0]['text'].startswith('*{{1}}* is your verification code.')
    assert row['message_send_ttl_seconds'] == 300


def test_nothing_is_deleted_without_a_name(calls):
    with pytest.raises(SettingsError):
        calls.delete_template('', '1')


# --- Samples -------------------------------------------------------------------------------------------------------


def test_a_sample_is_uploaded_and_used(calls):
    handle = calls.upload_sample(PNG, 'C:\\pictures\\Ñandú.png', 'image/png')
    assert handle.startswith('4::')
    assert calls.create_template(spec(picture(handle), BODY))['status'] == 'PENDING'


@pytest.mark.parametrize('cuts', [[0], [5000], [5000, 1, 3000], [20_008]])
def test_an_interrupted_upload_goes_on_where_it_stopped(sim, calls, cuts):
    sim.control('PATCH', '/settings', {'upload_cuts': cuts})
    assert calls.upload_sample(PNG, 'bag.png', 'image/png').startswith('4::')


def test_an_upload_that_always_breaks_ends(sim, calls):
    sim.control('PATCH', '/settings', {'upload_cuts': [1] * 10})
    with pytest.raises(OutcomeUnknownError):
        calls.upload_sample(PNG, 'bag.png', 'image/png')


def test_the_app_is_found_by_the_subscription(client, graph):
    calls = TemplateCalls(client, w.WABA_ID)
    with pytest.raises(SettingsError):
        calls.upload_sample(PDF, 'a.pdf', 'application/pdf')
    graph.post(f'{w.WABA_ID}/subscribed_apps')
    assert calls.upload_sample(PDF, 'a.pdf', 'application/pdf')


@pytest.mark.parametrize(('content', 'mime_type', 'problem'), [
    (PNG, 'image/png', None), (PDF, 'application/pdf; charset=binary', None), (b'\xff\xd8\xffx', 'image/jpg', None),
    (b'\0\0\0\x18ftypmp42', 'video/mp4', None),
    (b'', 'image/png', SampleProblem.EMPTY), (PNG, 'image/gif', SampleProblem.TYPE), (PNG, None, SampleProblem.TYPE),
    (b'MZ not a PDF', 'application/pdf', SampleProblem.OTHER_CONTENT), (PNG, 'image/jpeg', SampleProblem.OTHER_CONTENT),
    (PNG + b'x' * 30_000_000, 'image/png', SampleProblem.TOO_LARGE),
])
def test_a_file_is_judged_before_the_call(content, mime_type, problem):
    assert sample_problem(content, mime_type) == problem


def test_a_bad_file_is_not_sent(sim, calls):
    with pytest.raises(PayloadError) as caught:
        calls.upload_sample(b'MZ not a PDF', 'a.pdf', 'application/pdf')
    assert (caught.value.field, str(caught.value)) == ('sample', SampleProblem.OTHER_CONTENT)
    assert sim.control('GET', '/requests') == []
