"""The life of a template at the stand-in: creation, review, quality, pauses, quotas, deletion, samples."""

import pytest

from tests.simulator import world as w
from tests.simulator.client import FAST, template

TEMPLATES = f'{w.WABA_ID}/message_templates'
BODY = {'type': 'BODY', 'text': 'Hello {{1}}, your parcel {{2}} waits at the counter.',
        'example': {'body_text': [['Mira', 'P-1']]}}
PLAIN = {'type': 'BODY', 'text': 'Your parcel waits at the counter.'}
PNG = b'\x89PNG\r\n\x1a\n' + b'x' * 5000


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', FAST)
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def settings(sim, **changes):
    sim.control('PATCH', '/settings', changes)


def new_template(*components, **changes):
    return {'name': 'parcel_waits', 'language': 'en_US', 'category': 'UTILITY',
            'components': list(components or [BODY]), **changes}


def create(graph, *components, **changes):
    response = graph.post(TEMPLATES, new_template(*components, **changes))
    assert response.status_code == 200, response.text
    return response.json()


def refused(response, code=100, status=400):
    error = response.json()['error']
    assert (error['code'], response.status_code) == (code, status), error
    return error


def by_name(graph, name, language='en_US'):
    return graph.get(TEMPLATES, name=name, language=language).json()['data'][0]


def sample(graph, content=PNG, mime='image/png'):
    """:return: the handle of an uploaded sample."""
    session = begin(graph, content, mime)
    return send(graph, session, content).json()['h']


def begin(graph, content=PNG, mime='image/png'):
    params = {'file_name': 'bag.png', 'file_length': len(content), 'file_type': mime}
    return graph.call('POST', f'{w.APP_ID}/uploads', params=params).json()['id']


def send(graph, session, content=PNG, offset=0, scheme='OAuth'):
    headers = {'Authorization': f'{scheme} {w.TOKEN}', 'file_offset': str(offset)}
    return graph.call('POST', session, data=content, headers=headers)


# --- Review --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('reason', [
    'ABUSIVE_CONTENT', 'CATEGORY_NOT_AVAILABLE', 'INCORRECT_CATEGORY', 'INVALID_FORMAT', 'PROMOTIONAL', 'SCAM',
    'TAG_CONTENT_MISMATCH'])
def test_a_review_rejects_with_each_of_metas_reasons(sim, graph, hook, reason):
    settings(sim, review_outcome='REJECTED', review_reason=reason)
    made = create(graph)
    sim.wait_idle()
    assert graph.get(made['id'], fields='rejected_reason').json()['rejected_reason'] == reason
    value, = hook.values('message_template_status_update')
    assert (value['event'], value['reason']) == ('REJECTED', reason)
    assert value['rejection_info'].keys() == {'reason', 'recommendation'}


def test_a_review_can_be_planned_for_one_template(sim, graph):
    settings(sim, reviews={'parcel_waits': {'outcome': 'REJECTED', 'reason': 'SCAM'}})
    made, other = create(graph), create(graph, name='other_parcel')
    sim.wait_idle()
    assert graph.get(made['id']).json()['status'] == 'REJECTED'
    assert graph.get(other['id']).json()['status'] == 'APPROVED'


def test_a_review_can_move_a_template_to_another_category(sim, graph, hook):
    settings(sim, reviews={'parcel_waits': {'category': 'MARKETING'}})
    made = create(graph)
    sim.wait_idle()
    assert graph.get(made['id']).json()['category'] == 'MARKETING'
    value, = hook.values('template_category_update')
    assert (value['previous_category'], value['new_category']) == ('UTILITY', 'MARKETING')


@pytest.mark.parametrize('changes', [{'review_outcome': 'MAYBE'}, {'review_reason': 'UGLY'},
                                     {'reviews': {'x': {'colour': 'red'}}}, {'reviews': {'x': {'reason': 'UGLY'}}}])
def test_a_review_that_does_not_exist_cannot_be_planned(sim, changes):
    with pytest.raises(Exception, match='400'):
        settings(sim, **changes)


@pytest.mark.parametrize('text', [
    'Our sale starts today.', 'Hay rebajas en toda la tienda.', 'Temos descontos na loja toda.',
    'Les soldes ont commencé hier.', 'Heute gibt es Rabatt auf alles.', 'Oggi ci sono sconti ovunque.'])
def test_an_advertisement_becomes_marketing_at_once(graph, text):
    assert create(graph, {'type': 'BODY', 'text': text})['category'] == 'MARKETING'


def test_metas_judgement_of_words_can_be_switched_off(sim, graph):
    settings(sim, category_correction=False)
    assert create(graph, {'type': 'BODY', 'text': 'Our sale starts today.'})['category'] == 'UTILITY'


def test_a_wrong_category_is_announced_and_then_corrected(sim, graph, hook):
    settings(sim, category_change_seconds=0.05)
    template_id = by_name(graph, 'order_update', 'en')['id']
    sim.control('PUT', f'/templates/{template_id}', {'correct_category': 'MARKETING'})
    assert graph.get(template_id, fields='category,correct_category').json()['category'] == 'UTILITY'
    sim.wait_idle()
    assert graph.get(template_id).json()['category'] == 'MARKETING'
    announced, done = hook.values('template_category_update')
    assert (announced['correct_category'], done['previous_category']) == ('MARKETING', 'UTILITY')


def test_a_detected_category_is_reported(sim, graph, hook):
    template_id = by_name(graph, 'order_update', 'en')['id']
    sim.control('PUT', f'/templates/{template_id}', {'detected_category': 'MARKETING'})
    sim.wait_idle()
    value, = hook.values('template_correct_category_detection')
    assert (value['category'], value['correct_category']) == ('UTILITY', 'MARKETING')


# --- Quality -------------------------------------------------------------------------------------------------------


def rate(sim, template_id, score='RED'):
    return sim.control('POST', f'/templates/{template_id}/quality', {'score': score})


def test_a_red_template_is_paused_and_comes_back(sim, graph, hook):
    settings(sim, pause_seconds=[0.05, 0.05])
    template_id = by_name(graph, 'order_update', 'en')['id']
    assert rate(sim, template_id)['status'] == 'PAUSED'
    sim.wait_idle()
    assert graph.get(template_id).json()['status'] == 'APPROVED'
    titles = [value.get('other_info', {}).get('title') for value in hook.values('message_template_status_update')]
    assert titles == ['FIRST_PAUSE', 'UNPAUSE']


def test_the_third_time_a_red_template_is_disabled(sim, graph, hook):
    settings(sim, pause_seconds=[0.02, 0.02])
    template_id = by_name(graph, 'order_update', 'en')['id']
    for _time in range(3):
        rate(sim, template_id)
        sim.wait_idle()
    assert graph.get(template_id).json()['status'] == 'DISABLED'
    titles = [value.get('other_info', {}).get('title') for value in hook.values('message_template_status_update')]
    assert titles == ['FIRST_PAUSE', 'UNPAUSE', 'SECOND_PAUSE', 'UNPAUSE', 'DISABLED']
    refused(graph.delete(TEMPLATES, name='order_update'))


def test_a_better_rating_pauses_nothing(sim, graph, hook):
    template_id = by_name(graph, 'order_update', 'en')['id']
    assert rate(sim, template_id, 'YELLOW')['status'] == 'APPROVED'
    sim.wait_idle()
    value, = hook.values('message_template_quality_update')
    assert (value['previous_quality_score'], value['new_quality_score']) == ('GREEN', 'YELLOW')


def test_a_pause_of_pacing_is_ended_by_a_call(sim, graph):
    template_id = by_name(graph, 'order_update', 'en')['id']
    sim.control('PUT', f'/templates/{template_id}', {'status': 'PAUSED', 'pause': 'RATE_LIMITING_PAUSE'})
    assert graph.post(f'{template_id}/unpause').json() == {'success': True}
    assert graph.get(template_id).json()['status'] == 'APPROVED'


def test_a_timed_pause_is_not(sim, graph):
    template_id = by_name(graph, 'order_update', 'en')['id']
    rate(sim, template_id)
    refused(graph.post(f'{template_id}/unpause'))
    sim.wait_idle()  # not for hours


# --- Quotas --------------------------------------------------------------------------------------------------------


def test_an_approved_template_is_edited_once_a_day(sim, graph):
    template_id = by_name(graph, 'order_update', 'en')['id']
    assert graph.post(template_id, {'components': [PLAIN]}).json() == {'success': True}
    sim.wait_idle()
    assert 'once in 24 hours' in refused(graph.post(template_id, {'components': [BODY]}))['error_user_msg']


def test_a_rejected_template_is_edited_at_any_time(sim, graph):
    settings(sim, review_outcome='REJECTED')
    template_id = by_name(graph, 'flash_deal')['id']
    for _time in range(3):
        assert graph.post(template_id, {'components': [PLAIN], 'category': 'MARKETING'}).json() == {'success': True}
        sim.wait_idle()


def test_an_approved_template_is_edited_ten_times_in_thirty_days(sim, graph):
    settings(sim, edit_quotas=[[0.001, 1], [2_592_000, 2]])
    template_id = by_name(graph, 'order_update', 'en')['id']
    for _time in range(2):
        assert graph.post(template_id, {'message_send_ttl_seconds': 60}).json() == {'success': True}
        sim.wait_idle()
    refused(graph.post(template_id, {'message_send_ttl_seconds': 60}))


def test_a_refused_edit_uses_up_nothing(sim, graph):
    template_id = by_name(graph, 'order_update', 'en')['id']
    refused(graph.post(template_id, {'components': [{'type': 'FOOTER', 'text': 'x'}]}))
    assert graph.post(template_id, {'components': [PLAIN]}).json() == {'success': True}


@pytest.mark.parametrize('data', [
    {}, {'name': 'other'}, {'language': 'es'}, {'category': 'MARKETING'}, {'category': 'GREETING'},
    {'message_send_ttl_seconds': 5}, {'components': []},
])
def test_an_edit_that_meta_refuses(graph, data):
    refused(graph.post(by_name(graph, 'order_update', 'en')['id'], data))


def test_an_account_creates_so_many_templates_an_hour(sim, graph):
    settings(sim, creation_limit=2)
    create(graph, name='one')
    create(graph, name='two')
    refused(graph.post(TEMPLATES, new_template(name='three')), 80007)


def test_an_account_holds_so_many_templates(sim, graph):
    settings(sim, template_limit=len(sim.control('GET', '/world')['wabas'][0]['templates']))
    assert refused(graph.post(TEMPLATES, new_template()))['error_subcode'] == 2388019


# --- Deletion ------------------------------------------------------------------------------------------------------


def test_a_deleted_name_is_free_again_after_its_time(sim, graph):
    settings(sim, name_block_seconds=0.0)
    graph.delete(TEMPLATES, name='order_update')
    create(graph, name='order_update', language='es')


def test_a_name_that_was_never_approved_is_not_blocked(graph):
    graph.delete(TEMPLATES, name='flash_deal')
    create(graph, name='flash_deal')


def test_a_deletion_may_take_its_time(sim, graph, hook):
    settings(sim, deletion_seconds=0.05)
    template_id = by_name(graph, 'hello_world')['id']
    graph.delete(TEMPLATES, name='hello_world')
    assert graph.get(template_id).json()['status'] == 'PENDING_DELETION'
    sim.wait_idle()
    events = [value['event'] for value in hook.values('message_template_status_update')]
    assert events == ['PENDING_DELETION', 'DELETED']
    refused(graph.get(template_id))


def test_several_are_deleted_by_their_ids(graph):
    ids = [by_name(graph, 'order_update', 'en')['id'], by_name(graph, 'hello_world')['id']]
    assert graph.delete(TEMPLATES, hsm_ids=str(ids).replace("'", '"')).json() == {'success': True}
    assert [item['language'] for item in graph.get(TEMPLATES, name='order_update').json()['data']] == ['es', 'pt_BR']


@pytest.mark.parametrize('params', [{'hsm_ids': '[]'}, {'hsm_ids': 'x'}, {'hsm_ids': '["1"]'},
                                    {'hsm_ids': '["1"]', 'name': 'x'}, {}])
def test_a_deletion_that_meta_refuses(graph, params):
    refused(graph.delete(TEMPLATES, **params))


# --- What Meta makes of it -----------------------------------------------------------------------------------------


def test_an_authentication_template_is_listed_with_metas_words_and_sent(sim, graph):
    otp = {'type': 'OTP', 'otp_type': 'COPY_CODE'}
    made = create(graph, {'type': 'body', 'add_security_recommendation': True},
                  {'type': 'footer', 'code_expiration_minutes': 10}, {'type': 'buttons', 'buttons': [otp]},
                  category='AUTHENTICATION', language='es')
    sim.wait_idle()
    body, footer, buttons = graph.get(made['id']).json()['components']
    assert body['text'].startswith('*{{1}}* es tu código')
    assert (footer['text'], buttons['buttons'][0]['type']) == ('Este código caduca en 10 minutos.', 'URL')
    code = [{'type': 'text', 'text': '123456'}]
    parts = [{'type': 'body', 'parameters': code},
             {'type': 'button', 'sub_type': 'url', 'index': '0', 'parameters': code}]
    assert graph.send(template('parcel_waits', 'es', components=parts)).status_code == 200


def test_types_are_listed_in_upper_case(graph):
    made = create(graph, {**PLAIN, 'type': 'body'},
                  {'type': 'buttons', 'buttons': [{'type': 'quick_reply', 'text': 'A'}]})
    body, buttons = graph.get(made['id']).json()['components']
    assert (body['type'], buttons['buttons'][0]['type']) == ('BODY', 'QUICK_REPLY')


# --- Samples -------------------------------------------------------------------------------------------------------


def header(handle, kind='IMAGE'):
    return {'type': 'HEADER', 'format': kind, 'example': {'header_handle': [handle]}}


def test_a_header_needs_a_sample_that_was_uploaded(graph):
    made = create(graph, header(sample(graph)), PLAIN)
    assert graph.get(made['id']).json()['components'][0]['example']['header_handle'][0].startswith('https://')
    error = refused(graph.post(TEMPLATES, new_template(header('4::invented'), PLAIN, name='other')))
    assert error['error_subcode'] == 2388047


def test_a_sample_of_another_kind_is_refused(graph):
    refused(graph.post(TEMPLATES, new_template(header(sample(graph), 'VIDEO'), PLAIN)))


def test_an_interrupted_upload_tells_how_far_it_is(sim, graph):
    settings(sim, upload_cuts=[2000])
    session = begin(graph)
    with pytest.raises(Exception, match='(?i)connection|remote'):
        send(graph, session)
    answer = graph.call('GET', session, headers={'Authorization': f'OAuth {w.TOKEN}'}).json()
    assert answer['file_offset'] == 2000
    refused(send(graph, session))
    assert send(graph, session, PNG[2000:], 2000).json()['h']


def test_an_upload_wants_its_own_scheme_and_signature(graph):
    session = begin(graph)
    refused(send(graph, session, scheme='Bearer'), 190, 401)
    refused(send(graph, session.replace('sig=', 'sig=x')), 104)
    refused(send(graph, session, offset=7))


def test_an_upload_of_more_than_was_told_is_refused(graph):
    refused(send(graph, begin(graph), PNG + b'x'))


@pytest.mark.parametrize('params', [{'file_length': 5}, {'file_type': 'image/png'},
                                    {'file_length': 0, 'file_type': 'image/png'},
                                    {'file_length': 5, 'file_type': 'image/gif'}])
def test_an_upload_that_meta_refuses(graph, params):
    refused(graph.call('POST', f'{w.APP_ID}/uploads', params=params))


# --- Kinds ---------------------------------------------------------------------------------------------------------


def carousel(*cards):
    return {'type': 'CAROUSEL', 'cards': [{'components': card} for card in cards]}


def card(handle, *buttons):
    items = list(buttons or [{'type': 'URL', 'text': 'Open', 'url': 'https://shop.example.com'}])
    return [header(handle), {'type': 'BODY', 'text': 'A fine bag.'}, {'type': 'BUTTONS', 'buttons': items}]


def offer(**changes):
    return {'type': 'LIMITED_TIME_OFFER',
            'limited_time_offer': {'text': 'Ends soon!', 'has_expiration': True, **changes}}


OFFER_BUTTONS = {'type': 'BUTTONS', 'buttons': [
    {'type': 'COPY_CODE', 'example': '25OFF'}, {'type': 'URL', 'text': 'Shop', 'url': 'https://shop.example.com'}]}


def test_a_carousel_and_an_offer_are_created(graph):
    handle = sample(graph)
    create(graph, PLAIN, carousel(card(handle), card(handle)), category='MARKETING')
    create(graph, header(handle), PLAIN, offer(), OFFER_BUTTONS, category='MARKETING', name='offer')


def test_a_carousel_of_unequal_cards_is_refused(graph):
    handle = sample(graph)
    reply = {'type': 'QUICK_REPLY', 'text': 'More'}
    refused(graph.post(TEMPLATES, new_template(PLAIN, carousel(card(handle), card(handle, reply)))))
    refused(graph.post(TEMPLATES, new_template(PLAIN, carousel(card(handle)))))


@pytest.mark.parametrize(('components', 'category'), [
    ((PLAIN, offer(text='x' * 17), OFFER_BUTTONS), 'MARKETING'),
    ((PLAIN, offer(), OFFER_BUTTONS), 'UTILITY'),
    ((PLAIN, offer()), 'MARKETING'),
    ((PLAIN, {'type': 'FOOTER', 'text': 'x'}, offer(), OFFER_BUTTONS), 'MARKETING'),
    (({'type': 'BODY', 'text': 'x' * 601}, offer(), OFFER_BUTTONS), 'MARKETING'),
])
def test_an_offer_that_meta_refuses(graph, components, category):
    refused(graph.post(TEMPLATES, new_template(*components, category=category)))


@pytest.mark.parametrize('seconds', [29, 43_201, 'x', True])
def test_a_time_to_live_out_of_range_is_refused(graph, seconds):
    refused(graph.post(TEMPLATES, new_template(message_send_ttl_seconds=seconds)))


@pytest.mark.parametrize(('length', 'status'), [(1024, 200), (1025, 400)])
def test_a_body_has_1024_characters_and_not_one_more(graph, length, status):
    text = '🎉' * length
    assert graph.post(TEMPLATES, new_template({'type': 'BODY', 'text': text})).status_code == status
