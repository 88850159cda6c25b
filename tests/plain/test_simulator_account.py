"""Accounts, numbers, templates and media of the simulator."""

import hashlib
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, GraphClient, Receiver, body, message, template
from tests.simulator.testing import RunningSimulator

TEMPLATES = f'{w.WABA_ID}/message_templates'
BODY = {'type': 'BODY', 'text': 'Hello {{1}}, your parcel {{2}} waits at the counter.',
        'example': {'body_text': [['Mira', 'P-1']]}}


@pytest.fixture(scope='module')
def server():
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


@pytest.fixture
def graph(sim):
    return GraphClient(sim.graph_url)


@pytest.fixture
def hook(graph):
    receiver = Receiver()
    graph.post(f'{w.WABA_ID}/subscribed_apps',
               {'override_callback_uri': receiver.url, 'verify_token': w.VERIFY_TOKEN})
    yield receiver
    receiver.close()


def refused(response, code=100, status=400):
    error = response.json()['error']
    assert (error['code'], response.status_code) == (code, status), error
    return error


def new_template(**changes):
    data = {'name': 'parcel_waits', 'language': 'en_US', 'category': 'UTILITY', 'components': [BODY], **changes}
    return {key: value for key, value in data.items() if value is not None}


def by_name(graph, name, language):
    return graph.get(TEMPLATES, name=name, language=language).json()['data'][0]


# --- accounts and numbers --------------------------------------------------------------------------------------


def test_account_without_fields_gives_the_default_ones(graph):
    assert set(graph.get(w.WABA_ID).json()) == {'id', 'name', 'timezone_id', 'message_template_namespace'}


def test_account_gives_the_asked_fields_and_the_id(graph):
    assert graph.get(w.WABA_ID, fields='currency').json() == {'currency': 'EUR', 'id': w.WABA_ID}


def test_unknown_field_is_refused(graph):
    assert 'nonexisting field (shoe_size)' in refused(graph.get(w.WABA_ID, fields='id,shoe_size'))['message']


def test_numbers_are_listed(graph):
    numbers = graph.get(f'{w.WABA_ID}/phone_numbers').json()['data']
    assert [item['id'] for item in numbers] == [w.PHONE_ID, w.PHONE_ID_2]
    assert numbers[0]['quality_rating'] == 'GREEN'


def test_numbers_are_paged(graph):
    first = graph.get(f'{w.WABA_ID}/phone_numbers', limit=1).json()
    second = graph.get(f'{w.WABA_ID}/phone_numbers', limit=1, after=first['paging']['cursors']['after']).json()
    assert second['data'][0]['id'] == w.PHONE_ID_2
    assert 'next' not in second['paging']


def test_numbers_can_be_filtered(graph):
    rule = '[{"field":"account_mode","operator":"EQUAL","value":"SANDBOX"}]'
    assert graph.get(f'{w.WABA_ID}/phone_numbers', filtering=rule).json() == {'data': []}


def test_number_gives_the_asked_fields(graph):
    answer = graph.get(w.PHONE_ID, fields='status,throughput{level},health_status').json()
    assert set(answer) == {'id', 'status', 'throughput', 'health_status'}


def test_changed_quality_of_a_number_shows(sim, graph):
    sim.control('PUT', f'/numbers/{w.PHONE_ID}', {'quality_rating': 'RED'})
    assert graph.get(w.PHONE_ID).json()['quality_rating'] == 'RED'


def test_account_of_another_token_is_invisible(sim):
    world = w.default_world()
    world['tokens']['OTHER'] = []
    sim.control('POST', '/reset', {'world': world})
    assert refused(GraphClient(sim.graph_url, token='OTHER').get(w.WABA_ID))['error_subcode'] == 33


def test_too_many_management_calls_are_refused(sim, graph):
    sim.control('PATCH', '/settings', {'management_limit': 2})
    answers = [graph.get(w.WABA_ID) for _position in range(3)]
    assert answers[0].headers['x-business-use-case-usage']
    refused(answers[2], 80007)


def test_latency_holds_every_call(sim, graph):
    sim.control('PATCH', '/settings', {'latency': 0.1})
    started = time.monotonic()
    graph.get(w.WABA_ID)
    assert time.monotonic() - started >= 0.1


# --- subscription ----------------------------------------------------------------------------------------------


def test_account_starts_unsubscribed(graph):
    assert graph.get(f'{w.WABA_ID}/subscribed_apps').json() == {'data': []}


def test_subscription_with_override_does_the_handshake(graph, hook):
    (entry,) = graph.get(f'{w.WABA_ID}/subscribed_apps').json()['data']
    assert entry['override_callback_uri'] == hook.url
    assert entry['whatsapp_business_api_data']['id'] == w.APP_ID


def test_subscription_without_override_removes_it(graph, hook):
    assert graph.post(f'{w.WABA_ID}/subscribed_apps').json() == {'success': True}
    (entry,) = graph.get(f'{w.WABA_ID}/subscribed_apps').json()['data']
    assert 'override_callback_uri' not in entry


def test_subscription_can_be_removed(graph, hook):
    assert graph.delete(f'{w.WABA_ID}/subscribed_apps').json() == {'success': True}
    assert graph.get(f'{w.WABA_ID}/subscribed_apps').json() == {'data': []}


def test_handshake_with_the_wrong_token_is_refused_and_changes_nothing(graph, hook):
    data = {'override_callback_uri': hook.url, 'verify_token': 'wrong'}
    graph.delete(f'{w.WABA_ID}/subscribed_apps')
    assert 'HTTP Status Code = 403' in refused(graph.post(f'{w.WABA_ID}/subscribed_apps', data), 2200)['message']
    assert graph.get(f'{w.WABA_ID}/subscribed_apps').json() == {'data': []}


def test_handshake_with_nobody_there_is_refused(graph):
    data = {'override_callback_uri': 'http://127.0.0.1:9/hook', 'verify_token': 'x'}
    refused(graph.post(f'{w.WABA_ID}/subscribed_apps', data), 2200)


def test_override_without_verify_token_is_refused(graph):
    refused(graph.post(f'{w.WABA_ID}/subscribed_apps', {'override_callback_uri': 'http://127.0.0.1:9/'}))


@pytest.mark.parametrize('uri', [
    'ftp://127.0.0.1/', 'http://[', 'http://', 'nonsense', f'http://127.0.0.1/{"x" * 200}'])
def test_override_that_is_no_usable_link_is_refused(graph, uri):
    refused(graph.post(f'{w.WABA_ID}/subscribed_apps', {'override_callback_uri': uri, 'verify_token': 'x'}))


def test_override_can_be_made_to_need_an_earlier_subscription(sim, graph):
    sim.control('PATCH', '/settings', {'override_needs_subscription': True})
    data = {'override_callback_uri': 'http://127.0.0.1:9/hook', 'verify_token': 'x'}
    assert 'must be subscribed' in refused(graph.post(f'{w.WABA_ID}/subscribed_apps', data))['message']


# --- template list ---------------------------------------------------------------------------------------------


def test_default_page_holds_25_templates(graph):
    first = graph.get(TEMPLATES).json()
    assert len(first['data']) == 25
    rest = graph.session.get(first['paging']['next'], timeout=10).json()
    names = {(item['name'], item['language']) for item in first['data'] + rest['data']}
    assert len(names) >= 28
    assert 'next' not in rest['paging']


def test_page_can_be_turned_back(graph):
    first = graph.get(TEMPLATES, limit=10).json()
    second = graph.get(TEMPLATES, limit=10, after=first['paging']['cursors']['after']).json()
    back = graph.get(TEMPLATES, limit=10, before=second['paging']['cursors']['before']).json()
    assert back['data'] == first['data']


@pytest.mark.parametrize('cursor', ['rubbish', 'Yzo5OTk=', '%%%'])
def test_bad_cursor_is_refused(graph, cursor):
    refused(graph.get(TEMPLATES, after=cursor), 131059)


@pytest.mark.parametrize('limit', ['0', '-1', 'many'])
def test_bad_limit_is_refused(graph, limit):
    refused(graph.get(TEMPLATES, limit=limit))


@pytest.mark.parametrize(('query', 'names'), [
    ({'name': 'hello_world'}, {'hello_world'}),
    ({'status': 'PENDING'}, {'spring_sale', 'refund_done'}),
    ({'status': 'PAUSED,DISABLED'}, {'winter_sale', 'old_promo'}),
    ({'category': 'AUTHENTICATION', 'language': 'es'}, {'login_code'}),
    ({'name_or_content': 'red helmet'}, set()),
    ({'name_or_content': 'back in stock'}, {'back_in_stock'}),
])
def test_templates_can_be_filtered(graph, query, names):
    assert {item['name'] for item in graph.get(TEMPLATES, **query).json()['data']} == names


def test_template_list_respects_fields(graph):
    assert set(graph.get(TEMPLATES, fields='name,status', limit=1).json()['data'][0]) == {'id', 'name', 'status'}


def test_one_template_can_be_read(graph):
    template_id = by_name(graph, 'flash_deal', 'en_US')['id']
    answer = graph.get(template_id, fields='rejected_reason,quality_score').json()
    assert answer == {'rejected_reason': 'PROMOTIONAL', 'quality_score': {'score': 'UNKNOWN', 'date': 1795430400},
                      'id': template_id}


# --- template creation -----------------------------------------------------------------------------------------


def test_new_template_is_pending_then_approved_and_sendable(sim, graph, hook):
    answer = graph.post(TEMPLATES, new_template()).json()
    assert (answer['status'], answer['category']) == ('PENDING', 'UTILITY')
    sim.wait_idle()
    assert graph.get(answer['id']).json()['status'] == 'APPROVED'
    (value,) = hook.values('message_template_status_update')
    assert (value['event'], value['message_template_id']) == ('APPROVED', int(answer['id']))
    assert graph.send(template('parcel_waits', 'en_US')).status_code == 200


def test_template_under_review_cannot_be_sent(sim, graph):
    sim.control('PATCH', '/settings', {'review_seconds': 60})
    graph.post(TEMPLATES, new_template())
    refused(graph.send(template('parcel_waits', 'en_US')), 132001, 404)


def test_review_can_reject(sim, graph, hook):
    sim.control('PATCH', '/settings', {'review_outcome': 'REJECTED'})
    template_id = graph.post(TEMPLATES, new_template()).json()['id']
    sim.wait_idle()
    assert graph.get(template_id, fields='rejected_reason').json()['rejected_reason'] == 'INVALID_FORMAT'
    (value,) = hook.values('message_template_status_update')
    assert (value['event'], value['reason']) == ('REJECTED', 'INVALID_FORMAT')


def test_promotional_utility_template_becomes_marketing(graph):
    text = {'type': 'BODY', 'text': 'Our big sale with a discount for everybody starts today.'}
    assert graph.post(TEMPLATES, new_template(components=[text])).json()['category'] == 'MARKETING'


def test_same_name_and_language_is_refused(graph):
    error = refused(graph.post(TEMPLATES, new_template(name='order_update', language='es')))
    assert error['error_subcode'] == 2388024
    assert error['error_user_title']


def test_same_name_in_another_language_is_accepted(graph):
    assert graph.post(TEMPLATES, new_template(name='order_update', language='fr')).status_code == 200


@pytest.mark.parametrize('changes', [
    {'name': 'Has Capitals'},
    {'name': 'x' * 513},
    {'name': None},
    {'language': None},
    {'language': 'english'},
    {'category': 'GREETING'},
    {'category': None},
    {'components': None},
    {'components': [{'type': 'FOOTER', 'text': 'no body'}]},
    {'colour': 'red'},
    {'name': ['list']},
    {'components': 'text'},
    {'components': [None]},
    {'components': [{**BODY, 'example': {'body_text': ['flat']}}]},
])
def test_wrong_head_of_a_template_is_refused(graph, changes):
    refused(graph.post(TEMPLATES, new_template(**changes)))


@pytest.mark.parametrize(('components', 'subcode'), [
    ([{**BODY, 'text': 'x' * 1025}], 2388072),
    ([{**BODY, 'example': {}}], 2388043),
    ([{**BODY, 'example': {'body_text': [['one']]}}], 2388043),
    ([{**BODY, 'text': '{{1}} stands at the start of {{2}} here.'}], 2388299),
    ([{**BODY, 'text': 'Here at the end stands {{1}} and {{2}}'}], 2388299),
    ([{**BODY, 'text': 'The numbers {{1}} and {{3}} leave a hole.'}], 2388072),
    ([{**BODY, 'text': 'Two of them {{1}} {{2}} side by side.'}], 2388072),
    ([{**BODY, 'text': 'Too {{1}} few {{2}} words.'}], 2388293),
    ([BODY, {'type': 'HEADER', 'format': 'TEXT', 'text': 'x' * 61}], 2388047),
    ([BODY, {'type': 'HEADER', 'format': 'TEXT', 'text': 'No example {{1}}'}], 2388043),
    ([BODY, {'type': 'HEADER', 'format': 'IMAGE'}], 2388047),
    ([BODY, {'type': 'HEADER', 'format': 'SMELL'}], 2388047),
    ([BODY, {'type': 'FOOTER', 'text': 'x' * 61}], 2388073),
    ([BODY, {'type': 'FOOTER', 'text': 'For {{1}}'}], 2388073),
    ([BODY, BODY], 2388043),
    ([BODY, {'type': 'BUTTONS', 'buttons': [{'type': 'QUICK_REPLY', 'text': 'x' * 26}]}], 2388040),
    ([BODY, {'type': 'BUTTONS', 'buttons': [{'type': 'QUICK_REPLY', 'text': 'x'}] * 11}], 2388043),
    ([BODY, {'type': 'BUTTONS', 'buttons': [{'type': 'URL', 'text': 'x', 'url': 'https://example.com/{{1}}'}]}],
     2388043),
    ([BODY, {'type': 'BUTTONS', 'buttons': [{'type': 'URL', 'text': 'x', 'url': 'https://example.com'}] * 3}],
     2388043),
    ([BODY, {'type': 'BUTTONS', 'buttons': [
        {'type': 'QUICK_REPLY', 'text': 'a'}, {'type': 'URL', 'text': 'b', 'url': 'https://example.com'},
        {'type': 'QUICK_REPLY', 'text': 'c'}]}], 2388043),
])
def test_wrong_components_are_refused(graph, components, subcode):
    assert refused(graph.post(TEMPLATES, new_template(components=components)))['error_subcode'] == subcode


def test_named_template_can_be_created_and_sent(sim, graph):
    part = {'type': 'BODY', 'text': 'Hello {{first_name}}, your parcel waits at the counter.',
            'example': {'body_text_named_params': [{'param_name': 'first_name', 'example': 'Mira'}]}}
    graph.post(TEMPLATES, new_template(parameter_format='named', components=[part]))
    sim.wait_idle()
    values = [{'type': 'text', 'parameter_name': 'first_name', 'text': 'Mira'}]
    data = template('parcel_waits', 'en_US', components=[{'type': 'body', 'parameters': values}])
    assert graph.send(data).status_code == 200


def test_rejected_template_can_be_edited_and_is_reviewed_again(sim, graph):
    sim.control('PATCH', '/settings', {'review_seconds': 0.5})
    template_id = by_name(graph, 'flash_deal', 'en_US')['id']
    assert graph.post(template_id, {'components': [BODY]}).json() == {'success': True}
    assert graph.get(template_id).json()['status'] == 'PENDING'
    sim.wait_idle()
    assert graph.get(template_id).json()['status'] == 'APPROVED'


def test_pending_template_cannot_be_edited(graph):
    template_id = by_name(graph, 'spring_sale', 'en_US')['id']
    assert refused(graph.post(template_id, {'components': [BODY]}))['error_subcode'] == 2388039


def test_delete_by_name_removes_all_languages(graph):
    assert graph.delete(TEMPLATES, name='order_update').json() == {'success': True}
    assert graph.get(TEMPLATES, name='order_update').json()['data'] == []
    refused(graph.send(template()), 132001, 404)


def test_delete_with_an_id_removes_one_language(graph):
    template_id = by_name(graph, 'order_update', 'es')['id']
    graph.delete(TEMPLATES, name='order_update', hsm_id=template_id)
    left = [item['language'] for item in graph.get(TEMPLATES, name='order_update').json()['data']]
    assert left == ['en', 'pt_BR']


def test_name_of_a_deleted_approved_template_is_blocked(graph):
    graph.delete(TEMPLATES, name='order_update')
    assert refused(graph.post(TEMPLATES, new_template(name='order_update', language='es')))['error_subcode'] == 2388023


def test_delete_of_an_unknown_template_is_refused(graph):
    assert refused(graph.delete(TEMPLATES, name='nothing'))['error_subcode'] == 2593002


# --- media -----------------------------------------------------------------------------------------------------


def upload(graph, content=b'%PDF-1.4 invented', mime='application/pdf', product='whatsapp'):
    files = {'messaging_product': (None, product), 'file': ('invoice.pdf', content, mime)}
    return graph.call('POST', f'{w.PHONE_ID}/media', files=files)


def test_media_can_be_uploaded_read_and_downloaded(graph):
    media_id = upload(graph).json()['id']
    described = graph.get(media_id).json()
    assert described['mime_type'] == 'application/pdf'
    assert described['sha256'] == hashlib.sha256(b'%PDF-1.4 invented').hexdigest()
    assert graph.session.get(described['url'], timeout=10).content == b'%PDF-1.4 invented'


def test_media_download_needs_the_token(graph):
    url = graph.get(upload(graph).json()['id']).json()['url']
    del graph.session.headers['Authorization']
    assert graph.session.get(url, timeout=10).status_code == 401


def test_media_link_expires(sim, graph):
    sim.control('PATCH', '/settings', {'media_url_seconds': -1})
    url = graph.get(upload(graph).json()['id']).json()['url']
    assert graph.session.get(url, timeout=10).status_code == 404


def test_media_can_be_deleted(graph):
    media_id = upload(graph).json()['id']
    assert graph.delete(media_id).json() == {'success': True}
    assert refused(graph.get(media_id))['error_subcode'] == 33


def test_media_of_another_number_is_invisible(graph):
    media_id = upload(graph).json()['id']
    assert refused(graph.get(media_id, phone_number_id=w.PHONE_ID_2))['error_subcode'] == 33


def test_media_of_an_unsupported_type_is_refused(graph):
    assert 'one of the following types' in refused(upload(graph, mime='application/zip'))['message']


def test_media_that_is_too_large_is_refused(graph):
    refused(upload(graph, b'x' * (5 * 1024 * 1024 + 1), 'image/png'), 131053)


def test_empty_media_is_refused(graph):
    refused(upload(graph, b''))


def test_media_without_messaging_product_is_refused(graph):
    refused(upload(graph, product=''))


def test_media_without_multipart_is_refused(graph):
    refused(graph.post(f'{w.PHONE_ID}/media', {'messaging_product': 'whatsapp'}))


def test_uploaded_media_can_be_sent_in_a_header(graph):
    media_id = upload(graph).json()['id']
    header = {'type': 'header', 'parameters': [{'type': 'document', 'document': {'id': media_id}}]}
    data = template('invoice_ready', 'en_US', components=[header, body('Mira', 'INV/1')])
    assert graph.send(data).status_code == 200


def test_uploaded_media_of_another_kind_is_refused(sim, graph):
    media_id = upload(graph).json()['id']
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})
    refused(graph.send(message(type='image', image={'id': media_id})), 131053)
