"""A template as the phone shows it."""

from datetime import datetime, timezone

import pytest
from cloud_api.preview import is_rtl, preview

CODE_WRITTEN = [
    {'type': 'BODY', 'add_security_recommendation': True},
    {'type': 'FOOTER', 'code_expiration_minutes': 10},
    {'type': 'BUTTONS', 'buttons': [{'type': 'OTP', 'otp_type': 'COPY_CODE'}]},
]
CODE_READ_BACK = [
    {'type': 'BODY', 'text': '*{{1}}* is your verification code.', 'add_security_recommendation': False,
     'example': {'body_text': [['778899']]}},
    {'type': 'BUTTONS', 'buttons': [{
        'type': 'URL', 'text': 'Copy code', 'url': 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}',
        'example': ['https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456']}]},
]


def body(text, **named):
    params = [{'param_name': name, 'example': sample} for name, sample in named.items()]
    return {'type': 'BODY', 'text': text, 'example': {'body_text_named_params': params}}


def header(kind, **more):
    return {'type': 'HEADER', 'format': kind, **more}


def buttons(*items):
    return {'type': 'BUTTONS', 'buttons': list(items)}


def marked(shown, name='body'):
    """The marked pieces of a text, cut out as JavaScript would: by UTF-16 units."""
    raw = shown[name].encode('utf-16-le')
    return [(raw[2 * start:2 * end].decode('utf-16-le'), kind) for start, end, kind in shown['samples']]


def test_a_value_stands_in_its_place_and_is_not_marked():
    shown = preview([body('Hi {{first_name}}, welcome.', first_name='Mira')], {'body:first_name': 'Ana'}, 'en')
    assert shown['body'] == 'Hi Ana, welcome.'
    assert shown['samples'] == []


def test_without_a_value_the_sample_is_shown_and_marked_as_such():
    shown = preview([body('Hi {{first_name}}, welcome.', first_name='Mira')], {}, 'en')
    assert marked(shown) == [('Mira', 'sample')]


def test_without_a_sample_the_placeholder_stays_and_is_marked_as_missing():
    shown = preview([{'type': 'BODY', 'text': 'Hi {{1}}, welcome.'}], {}, 'en')
    assert marked(shown) == [('{{1}}', 'missing')]


def test_marks_are_counted_as_javascript_counts():
    shown = preview([body('🚲🚲 Hi {{first_name}} and {{other}}.', first_name='Mira🚲', other='Leo')], {}, 'en')
    assert marked(shown) == [('Mira🚲', 'sample'), ('Leo', 'sample')]


def test_positional_samples_are_found_by_their_number():
    shown = preview([{'type': 'BODY', 'text': 'Hi {{1}}, order {{2}}.', 'example': {'body_text': [['Mira', 'S42']]}}],
                    {'body:2': 'S77'}, 'en')
    assert shown['body'] == 'Hi Mira, order S77.'


def test_line_breaks_of_a_value_are_shown_as_meta_would_send_them():
    shown = preview([body('Hi {{first_name}}, hello.')], {'body:first_name': 'Ana\nMaria'}, 'en')
    assert shown['body'] == 'Hi Ana Maria, hello.'


def test_a_text_header_is_filled():
    shown = preview([header('TEXT', text='Order {{1}}', example={'header_text': ['S42']})], {}, 'en')
    assert shown['header']['text'] == 'Order S42'
    assert marked(shown['header'], 'text') == [('S42', 'sample')]


def test_a_picture_is_shown_from_its_link():
    shown = preview([header('IMAGE')], {'header:media': {'link': 'https://example.com/a.png'}}, 'en')
    assert shown['header']['url'] == 'https://example.com/a.png'


def test_a_document_shows_its_name():
    value = {'id': '123', 'filename': 'S00042.pdf'}
    shown = preview([header('DOCUMENT', example={'header_handle': ['https://cdn.example/x']})],
                    {'header:media': value}, 'en')['header']
    assert (shown['format'], shown['filename'], shown['url']) == ('DOCUMENT', 'S00042.pdf', '')


@pytest.mark.parametrize('link', ['javascript:alert(1)', 'data:text/html,x', '4::aW1=', 'ftp://example.com', '//x'])
def test_only_the_web_and_our_own_files_are_fetched(link):
    shown = preview([header('IMAGE', example={'header_handle': [link]})], {}, 'en')
    assert shown['header']['url'] == ''


def test_a_place_has_its_name_and_address():
    place = {'latitude': '1', 'longitude': '2', 'name': 'Workshop', 'address': 'High Street 1'}
    shown = preview([header('LOCATION')], {'header:location': place}, 'en')['header']
    assert (shown['format'], shown['text'], shown['address']) == ('LOCATION', 'Workshop', 'High Street 1')


def test_buttons_tell_their_kind_label_and_where_they_lead():
    shown = preview([buttons(
        {'type': 'QUICK_REPLY', 'text': 'Stop'},
        {'type': 'URL', 'text': 'Track', 'url': 'https://example.com/t/{{1}}', 'example': ['https://example.com/t/42']},
        {'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '+12025550100'},
        {'type': 'COPY_CODE', 'example': '25OFF'},
    )], {}, 'en')['buttons']
    assert [(button['kind'], button['label'], button['detail']) for button in shown] == [
        ('quick_reply', 'Stop', ''), ('url', 'Track', 'https://example.com/t/42'),
        ('phone_number', 'Call', '+12025550100'), ('copy_code', 'Copy code', '25OFF')]


def test_a_link_is_shown_with_its_value():
    url = {'type': 'URL', 'text': 'Track', 'url': 'https://example.com/t/{{1}}', 'example': ['https://example.com/t/42']}
    assert preview([buttons(url)], {'button:0:1': '77'}, 'en')['buttons'][0]['detail'] == 'https://example.com/t/77'


@pytest.mark.parametrize(('language', 'text', 'footer', 'label'), [
    ('en_US', '*123456* is your verification code. For your security, do not share this code.',
     'This code expires in 10 minutes.', 'Copy code'),
    ('es', '*123456* es tu código de verificación. Por tu seguridad, no lo compartas.',
     'Este código caduca en 10 minutos.', 'Copiar código'),
    ('pt_BR', '*123456* é seu código de verificação. Para sua segurança, não o compartilhe.',
     'Este código expira em 10 minutos.', 'Copiar código'),
    ('xx', '*123456* is your verification code. For your security, do not share this code.',
     'This code expires in 10 minutes.', 'Copy code'),
])
def test_a_one_time_code_has_whatsapp_s_words_in_its_language(language, text, footer, label):
    shown = preview(CODE_WRITTEN, {}, language)
    assert (shown['body'], shown['footer'], shown['buttons'][0]['label']) == (text, footer, label)


@pytest.mark.parametrize('language', ['en', 'es', 'pt_BR', 'fr', 'de', 'it'])
def test_the_code_itself_is_marked_as_a_sample(language):
    assert marked(preview(CODE_WRITTEN, {}, language)) == [('123456', 'sample')]


def test_a_code_read_back_from_meta_keeps_meta_s_words():
    shown = preview(CODE_READ_BACK, {'body:1': '4711'}, 'en')
    assert shown['body'] == '*4711* is your verification code.'
    assert shown['buttons'] == [{'kind': 'otp', 'label': 'Copy code', 'detail': ''}]


def test_one_tap_fills_the_code_in():
    button = {'type': 'OTP', 'otp_type': 'ONE_TAP'}
    assert preview([CODE_WRITTEN[0], buttons(button)], {}, 'es')['buttons'][0]['label'] == 'Autocompletar'


def test_an_offer_shows_its_text_end_and_code():
    parts = [{'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Ends soon!', 'has_expiration': True}},
             buttons({'type': 'COPY_CODE', 'example': '25OFF'})]
    shown = preview(parts, {'offer:expires_at': 1798135200000}, 'en')['offer']
    assert shown == {'text': 'Ends soon!', 'expires': '2026-12-24 18:00', 'has_expiration': True, 'code': '25OFF'}


@pytest.mark.parametrize(('moment', 'words'), [
    (1798135200000, '2026-12-24 18:00'), ('2026-12-24T18:00:00+01:00', '2026-12-24 18:00'),
    (datetime(2026, 12, 24, 18, tzinfo=timezone.utc), '2026-12-24 18:00'), ('next week', 'next week'),
    (None, ''), (True, ''),
])
def test_the_end_of_an_offer_is_told_however_it_is_given(moment, words):
    parts = [{'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Ends soon!', 'has_expiration': True}}]
    assert preview(parts, {'offer:expires_at': moment}, 'en')['offer']['expires'] == words


def test_without_an_offer_there_is_none():
    assert preview([body('Hello')], {}, 'en')['offer'] is None


def test_each_card_has_its_own_values():
    card = {'components': [header('IMAGE'), body('For {{name}} only.', name='you'),
                           buttons({'type': 'URL', 'text': 'See', 'url': 'https://example.com/{{1}}'})]}
    values = {'card:0:body:name': 'Ana', 'card:1:header:media': {'link': 'https://example.com/2.png'},
              'card:1:button:0:1': 'b'}
    first, second = preview([{'type': 'CAROUSEL', 'cards': [card, card]}], values, 'en')['cards']
    assert (first['body'], second['body']) == ('For Ana only.', 'For you only.')
    assert (first['header']['url'], second['header']['url']) == ('', 'https://example.com/2.png')
    assert second['buttons'][0]['detail'] == 'https://example.com/b'


@pytest.mark.parametrize(('kind', 'label'), [
    ('CATALOG', 'Ver catálogo'), ('MPM', 'Ver artículos'), ('REQUEST_CONTACT_INFO', 'Compartir datos de contacto')])
def test_labels_whatsapp_writes_itself_are_in_the_template_s_language(kind, label):
    assert preview([buttons({'type': kind})], {}, 'es_MX')['buttons'][0]['label'] == label


def test_marketing_is_told_because_it_is_folded_earlier():
    assert preview([], {}, 'en', category='MARKETING')['marketing'] is True
    assert preview([], {}, 'en', category='UTILITY')['marketing'] is False


@pytest.mark.parametrize(('language', 'rtl'), [('ar', True), ('he', True), ('ar_EG', True), ('fa', True), ('ur', True),
                                               ('en_US', False), ('es', False), (None, False), ('', False)])
def test_direction_follows_the_language(language, rtl):
    assert is_rtl(language) is rtl


@pytest.mark.parametrize('components', [
    None, {}, 'BODY', [None, 1, 'x'], [{'type': None}], [{'type': 'BODY', 'text': 5, 'example': 'x'}],
    [{'type': 'HEADER', 'format': 7}], [{'type': 'BUTTONS', 'buttons': {'type': 'URL'}}],
    [{'type': 'BUTTONS', 'buttons': [{'type': 'URL', 'url': None, 'example': {}}]}],
    [{'type': 'CAROUSEL', 'cards': [{}, None, {'components': 'x'}]}],
    [{'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': None}], [{'type': 'LIMITED_TIME_OFFER'}],
    [{'type': 'BODY', 'text': 'a', 'example': {'body_text': [[None, {}]], 'body_text_named_params': ['x', {}]}}],
    [{'type': 'FOOTER', 'code_expiration_minutes': []}], [{'type': 'BODY', 'text': '\ud800 {{1}}'}],
])
@pytest.mark.parametrize('values', [None, {}, {'header:media': 'x', 'body:1': {}, 'offer:expires_at': float('inf')}])
def test_what_nobody_expects_never_raises(components, values):
    assert isinstance(preview(components, values, 'en')['body'], str)
