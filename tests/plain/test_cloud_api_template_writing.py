"""What is written by hand becomes Meta's creation form, and is read back from it."""
from dataclasses import replace

import pytest
from cloud_api.template_checks import check
from cloud_api.template_writing import (
    Button,
    Card,
    Content,
    Header,
    components,
    content_of,
    lost,
    takes_sample,
    texts,
    with_handles,
)

from tests.simulator.template_listing import listed


def spec(content, category='MARKETING', named=True):
    return {'name': 'bicycles', 'language': 'en', 'category': category,
            'parameter_format': 'named' if named else 'positional', 'components': components(content, category, named)}


def errors(content, **options):
    return [problem for problem in check(spec(content, **options)) if problem.severity == 'error']


PICTURE = Header('IMAGE', handle='4::picture')
EVERYTHING = {
    'text header': Content(Header('TEXT', 'Order {{order}}'), 'Hi {{name}}, it has left our shop.', 'Bicycles Ltd.',
                           samples={'header:order': 'S00042', 'body:name': 'Mira'}),
    'picture': Content(PICTURE, 'Look at this bicycle.'),
    'document': Content(Header('DOCUMENT', handle='4::file'), 'Here is your invoice.'),
    'place': Content(Header('LOCATION'), 'You find our shop here.'),
    'buttons': Content(body='What do you think?', buttons=(
        Button('QUICK_REPLY', 'I like it'), Button('QUICK_REPLY', 'Stop promotions'),
        Button('URL', 'Shop', url='https://shop.example.com/{{1}}'),
        Button('PHONE_NUMBER', 'Call', phone='+34910000111'), Button('COPY_CODE')),
        samples={'button:2:1': 'spring', 'button:4:code': 'SPRING20'}),
    'form': Content(body='Tell us what you need.', buttons=(Button('FLOW', 'Open', flow='123', screen='FIRST'),)),
    'contact': Content(body='May we have your number?', buttons=(Button('REQUEST_CONTACT_INFO'),)),
    'catalogue': Content(body='All our bicycles in one place.', buttons=(Button('CATALOG', 'View catalog'),)),
    'products': Content(body='These bicycles fit you well.', buttons=(Button('MPM', 'View items'),)),
    'product': Content(Header('PRODUCT'), 'This bicycle fits you well.', buttons=(Button('SPM', 'View'),)),
    'cards': Content(body='Look at these bicycles.', cards=(
        Card(PICTURE, 'City, from {{price}} euros on.', (Button('QUICK_REPLY', 'City'),)),
        Card(PICTURE, 'Mountain, from {{price}} euros on.', (Button('QUICK_REPLY', 'Mountain'),))),
        samples={'card:0:body:price': '500', 'card:1:body:price': '800'}),
    'offer': Content(PICTURE, 'Helmets for every head, only this week.', has_offer=True, offer_text='20% off',
                     offer_expires=True, buttons=(Button('COPY_CODE'), Button('URL', 'Shop', url='https://example.com')),
                     samples={'button:0:code': 'SPRING20'}),
}
CODES = {
    'copied': Button('OTP', 'Copy code', otp_type='COPY_CODE'),
    'one tap': Button('OTP', 'Copy code', otp_type='ONE_TAP', autofill='Autofill', package='com.example.shop',
                      signature='K8a+AINcGX7'),
    'zero tap': Button('OTP', 'Copy code', otp_type='ZERO_TAP', autofill='Autofill', package='com.example.shop',
                       signature='K8a+AINcGX7', terms=True),
}


@pytest.mark.parametrize('kind', EVERYTHING)
def test_every_kind_is_what_meta_takes(kind):
    assert errors(EVERYTHING[kind]) == []


@pytest.mark.parametrize('kind', CODES)
def test_every_kind_of_sign_in_code_is_what_meta_takes(kind):
    content = Content(body='is not used', recommendation=True, expiration_minutes=10, buttons=(CODES[kind],))

    assert errors(content, category='AUTHENTICATION') == []
    assert 'text' not in components(content, 'AUTHENTICATION', True)[0]


@pytest.mark.parametrize('kind', EVERYTHING)
def test_what_was_written_is_read_back(kind):
    content = EVERYTHING[kind]
    read = content_of(components(content, 'MARKETING', True))

    assert (read.body, read.footer, read.buttons) == (content.body, content.footer, content.buttons)
    assert (read.header.kind, read.header.text) == (content.header.kind, content.header.text)
    assert [card.body for card in read.cards] == [card.body for card in content.cards]
    assert (read.has_offer, read.offer_text, read.offer_expires) == (
        content.has_offer, content.offer_text, content.offer_expires)


@pytest.mark.parametrize('kind', CODES)
def test_a_sign_in_code_is_read_back(kind):
    content = Content(recommendation=True, expiration_minutes=10, buttons=(CODES[kind],))

    assert content_of(components(content, 'AUTHENTICATION', True)) == content


@pytest.mark.parametrize('kind', CODES)
def test_a_sign_in_code_is_read_back_as_meta_lists_it(kind):
    """Meta makes a link of the button; only the consent to zero tap is not in it [M26:templates/authentication]."""
    content = Content(recommendation=True, expiration_minutes=10, buttons=(CODES[kind],))
    spec = {'components': components(content, 'AUTHENTICATION', True), 'category': 'AUTHENTICATION', 'language': 'en'}

    read = content_of(listed(spec))

    assert read == replace(content, buttons=(replace(CODES[kind], terms=False),))
    assert texts(listed(spec)) == texts(spec['components'])


@pytest.mark.parametrize('change', [
    {'recommendation': False}, {'expiration_minutes': 5},
    *({'buttons': (replace(CODES['one tap'], **{name: value}),)} for name, value in (
        ('otp_type', 'ZERO_TAP'), ('autofill', 'Fill in'), ('package', 'com.example.other'),
        ('signature', 'L8a+AINcGX7'))),
    {'buttons': (Button('FLOW', 'Begin', flow='1', screen='START'),)},
])
def test_every_choice_is_compared(change):
    before = Content(recommendation=True, expiration_minutes=10, buttons=(CODES['one tap'],))

    assert texts(components(before, 'AUTHENTICATION', True)) != texts(
        components(replace(before, **change), 'AUTHENTICATION', True))


@pytest.mark.parametrize(('part', 'word'), [
    ({'type': 'CALL_PERMISSION_REQUEST'}, 'CALL_PERMISSION_REQUEST'),
    ({'type': 'BUTTONS', 'buttons': [{'type': 'FLOW', 'flow_id': '1', 'flow_action': 'data_exchange'}]}, 'flow_action'),
    ({'type': 'BUTTONS', 'buttons': [{'type': 'FLOW', 'flow_name': 'visit'}]}, 'flow_name'),
    ({'type': 'BUTTONS', 'buttons': [{'type': 'VOICE_CALL', 'ttl_minutes': 60}]}, 'ttl_minutes'),
    ({'type': 'BUTTONS', 'buttons': [{'type': 'WINK', 'text': 'x'}]}, 'WINK'),
    ({'type': 'BUTTONS', 'buttons': [{'type': 'OTP', 'supported_apps': [{}, {}]}]}, 'supported_apps'),
    ({'type': 'CAROUSEL', 'cards': [{'components': [{'type': 'BUTTONS', 'buttons': [{'type': 'WINK'}]}]}]}, 'WINK'),
])
def test_what_a_change_would_drop_is_named(part, word):
    assert lost([{'type': 'BODY', 'text': 'Hi.'}, part]) == word


@pytest.mark.parametrize('kind', EVERYTHING)
def test_what_was_written_here_is_changed_without_loss(kind):
    assert lost(components(EVERYTHING[kind], 'MARKETING', True)) == ''


def test_numbered_samples_stand_in_the_order_of_their_numbers():
    content = Content(body='Hi {{2}} and {{1}} and {{10}}.', samples={
        'body:2': 'two', 'body:10': 'ten', 'body:1': 'one'})

    assert components(content, 'UTILITY', False)[0]['example'] == {'body_text': [['one', 'two', 'ten']]}


def test_a_header_with_a_number_has_one_sample():
    content = Content(Header('TEXT', 'Order {{1}}'), 'Thank you.', samples={'header:1': 'S00042'})

    assert components(content, 'UTILITY', False)[0]['example'] == {'header_text': ['S00042']}


def test_handles_take_the_place_of_what_stood_for_them():
    mark = Header('IMAGE', handle='file:1')
    content = Content(mark, 'Look.', cards=(Card(Header('VIDEO', handle='file:2')), Card(Header('VIDEO', handle='x'))))

    done = with_handles(components(content, 'MARKETING', True), {'file:1': '4::a', 'file:2': '4::b'})

    cards = done[-1]['cards']
    assert done[0]['example'] == {'header_handle': ['4::a']}
    assert [card['components'][0]['example']['header_handle'] for card in cards] == [['4::b'], ['x']]


@pytest.mark.parametrize('odd', [None, {}, 'x', [None], [{'type': 7}], [{'type': 'BUTTONS', 'buttons': 'x'}],
                                 [{'type': 'CAROUSEL', 'cards': [None, {}]}], [{'type': 'BODY', 'text': None}]])
def test_reading_never_raises(odd):
    assert content_of(odd).body == ''
    assert isinstance(texts(odd), dict)


def test_all_that_people_read_is_listed():
    assert texts(components(EVERYTHING['cards'], 'MARKETING', True)) == {
        'body': 'Look at these bicycles.',
        'card:0:header': '[image]', 'card:0:body': 'City, from {{price}} euros on.', 'card:0:button:0': 'City',
        'card:1:header': '[image]', 'card:1:body': 'Mountain, from {{price}} euros on.', 'card:1:button:0': 'Mountain'}


@pytest.mark.parametrize(('key', 'kind', 'takes'), [
    ('body:name', 'text', True), ('button:0:code', 'code', True), ('header:media', 'image', False),
    ('header:location', 'location', False), ('offer:expires_at', 'text', False), ('button:0:flow', 'text', False)])
def test_only_words_have_a_written_sample(key, kind, takes):
    assert takes_sample(key, kind) is takes
