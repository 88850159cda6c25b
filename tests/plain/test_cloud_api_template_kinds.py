"""Templates with more than texts, files and links: what they ask for and what they are sent with."""

import re
from datetime import datetime, timezone

import pytest
from cloud_api.payloads import PayloadError
from cloud_api.templates import MissingValueError, missing, parameter_components, variables, wrong

END = '2040-05-01 18:00:00'
CARD = [
    {'type': 'HEADER', 'format': 'IMAGE'},
    {'type': 'BODY', 'text': 'Only {{1}} euros.', 'example': {'body_text': [['39']]}},
    {'type': 'BUTTONS', 'buttons': [
        {'type': 'QUICK_REPLY', 'text': 'Keep one'},
        {'type': 'URL', 'text': 'See', 'url': 'https://example.com/p/{{1}}', 'example': ['https://example.com/p/helmet']},
    ]},
]
CAROUSEL = [{'type': 'BODY', 'text': 'Hi {{1}}, have a look.'},
            {'type': 'CAROUSEL', 'cards': [{'components': CARD}, {'components': CARD}]}]
CAROUSEL_VALUES = {
    'body:1': 'Ana',
    'card:0:header:media': {'id': '71'}, 'card:0:body:1': '39', 'card:0:button:1:1': 'helmet',
    'card:1:header:media': {'id': '72'}, 'card:1:body:1': '49', 'card:1:button:1:1': 'lamp',
}
OFFER = [
    {'type': 'BODY', 'text': 'For you.'},
    {'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Ends soon', 'has_expiration': True}},
    {'type': 'BUTTONS', 'buttons': [{'type': 'COPY_CODE', 'example': '25OFF'}]},
]


def with_header(form):
    return [{'type': 'HEADER', 'format': form}, {'type': 'BODY', 'text': 'Hello'}]


def with_button(kind, **more):
    return [{'type': 'BODY', 'text': 'Hello'}, {'type': 'BUTTONS', 'buttons': [{'type': kind, 'text': 'Go', **more}]}]


def keys(components, **options):
    return [variable.key for variable in variables(components, **options)]


def refused(components, values):
    with pytest.raises(PayloadError) as caught:
        parameter_components(components, values)
    return caught.value


# --- What they ask for ---------------------------------------------------------------------------------------------


def test_each_card_asks_for_its_own_header_text_and_link():
    assert keys(CAROUSEL) == list(CAROUSEL_VALUES)


def test_samples_of_cards_come_from_their_examples():
    samples = {variable.key: variable.sample for variable in variables(CAROUSEL)}
    assert (samples['card:1:body:1'], samples['card:1:button:1:1']) == ('39', 'helmet')


def test_user_reads_which_card_and_which_button():
    words = {variable.key: str(variable.words) for variable in variables(CAROUSEL, optional=True)}
    assert words['card:1:header:media'] == 'Card 2: Picture of the header'
    assert words['card:0:button:1:1'] == 'Card 1: Button 2, end of the link'
    assert words['body:1'] == 'Text, {{1}}'


@pytest.mark.parametrize(('components', 'key', 'kind'), [
    (with_header('LOCATION'), 'header:location', 'location'),
    (with_header('PRODUCT'), 'header:product', 'product'),
    (with_button('MPM'), 'button:0:products', 'products'),
    (with_button('COPY_CODE'), 'button:0:code', 'code'),
    (OFFER, 'offer:expires_at', 'datetime'),
])
def test_what_must_be_filled_in_is_listed(components, key, kind):
    assert (key, kind) in [(variable.key, variable.kind) for variable in variables(components)]


def test_offer_without_end_asks_for_none():
    endless = [{'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Now', 'has_expiration': False}}]
    assert keys(endless) == []


@pytest.mark.parametrize(('components', 'key'), [
    (with_button('QUICK_REPLY'), 'button:0:payload'),
    (with_button('FLOW'), 'button:0:flow'),
    (with_button('CATALOG'), 'button:0:thumbnail'),
    (with_button('URL', url='https://example.com'), 'tap_target:link'),
])
def test_what_may_stay_empty_is_only_listed_when_asked_for(components, key):
    assert keys(components) == []
    assert keys(components, optional=True) == [key]
    assert missing(components, {}) == []


@pytest.mark.parametrize('kind', ['PHONE_NUMBER', 'SPM', 'VOICE_CALL', 'REQUEST_CONTACT_INFO'])
def test_buttons_that_take_nothing_are_not_sent(kind):
    assert keys(with_button(kind), optional=True) == []
    assert parameter_components(with_button(kind), {}) == []


# --- What they are sent with ---------------------------------------------------------------------------------------


def test_carousel_is_sent_card_by_card():
    body, carousel = parameter_components(CAROUSEL, CAROUSEL_VALUES)
    assert body == {'type': 'body', 'parameters': [{'type': 'text', 'text': 'Ana'}]}
    assert carousel['type'] == 'carousel'
    assert carousel['cards'][1] == {'card_index': 1, 'components': [
        {'type': 'header', 'parameters': [{'type': 'image', 'image': {'id': '72'}}]},
        {'type': 'body', 'parameters': [{'type': 'text', 'text': '49'}]},
        # What a quick reply sends back: its own label, as without a payload.
        {'type': 'button', 'sub_type': 'quick_reply', 'index': '0',
         'parameters': [{'type': 'payload', 'payload': 'Keep one'}]},
        {'type': 'button', 'sub_type': 'url', 'index': '1', 'parameters': [{'type': 'text', 'text': 'lamp'}]},
    ]}


def test_named_variables_of_cards_carry_their_names():
    card = [{'type': 'BODY', 'text': 'Only {{price}} euros.'}]
    carousel = [{'type': 'CAROUSEL', 'cards': [{'components': card}]}]
    sent = parameter_components(carousel, {'card:0:body:price': '39'}, 'NAMED')
    assert sent[0]['cards'][0]['components'] == [
        {'type': 'body', 'parameters': [{'type': 'text', 'parameter_name': 'price', 'text': '39'}]}]


@pytest.mark.parametrize('end', [
    END, '2040-05-01T18:00:00Z', '2040-05-01T20:00:00+02:00', datetime(2040, 5, 1, 18),
    datetime(2040, 5, 1, 18, tzinfo=timezone.utc),
])
def test_end_of_an_offer_is_told_in_milliseconds(end):
    sent = parameter_components(OFFER, {'offer:expires_at': end, 'button:0:code': '25OFF'})
    assert sent[0] == {'type': 'limited_time_offer', 'parameters': [
        {'type': 'limited_time_offer', 'limited_time_offer': {'expiration_time_ms': 2_219_508_000_000}}]}


def test_place_and_product_stand_in_the_header():
    place = {'latitude': 41.5, 'longitude': '2', 'name': 'Shop', 'address': ' Carrer\n1 '}
    assert parameter_components(with_header('LOCATION'), {'header:location': place}) == [
        {'type': 'header', 'parameters': [{'type': 'location', 'location': {
            'latitude': '41.5', 'longitude': '2', 'name': 'Shop', 'address': 'Carrer 1'}}]}]
    product = {'product_retailer_id': 'SKU', 'catalog_id': 7}
    assert parameter_components(with_header('PRODUCT'), {'header:product': product}) == [
        {'type': 'header', 'parameters': [
            {'type': 'product', 'product': {'product_retailer_id': 'SKU', 'catalog_id': '7'}}]}]


@pytest.mark.parametrize(('components', 'key', 'text', 'value'), [
    (with_header('LOCATION'), 'header:location', '41.3874,-2.1', {'latitude': '41.3874', 'longitude': '-2.1'}),
    (with_header('LOCATION'), 'header:location', ' 41.3874, 2.1686 ; Shop; Carrer 1, 2',
     {'latitude': '41.3874', 'longitude': '2.1686', 'name': 'Shop', 'address': 'Carrer 1, 2'}),
    (with_header('PRODUCT'), 'header:product', '77; SKU 1', {'catalog_id': '77', 'product_retailer_id': 'SKU 1'}),
    (with_button('MPM'), 'button:0:products', 'A, B', {'thumbnail_product_retailer_id': 'A', 'sections': [
        {'product_items': ['A', 'B']}]}),
    (with_button('MPM'), 'button:0:products', 'New: A, B; Sale: C', {'thumbnail_product_retailer_id': 'A', 'sections': [
        {'title': 'New', 'product_items': ['A', 'B']}, {'title': 'Sale', 'product_items': ['C']}]}),
    (with_button('URL', url='https://example.com'), 'tap_target:link', 'https://example.com/all; The whole shop',
     {'url': 'https://example.com/all', 'title': 'The whole shop'}),
])
def test_object_may_be_written_as_a_text(components, key, text, value):
    assert parameter_components(components, {key: text}) == parameter_components(components, {key: value})


@pytest.mark.parametrize(('components', 'key', 'text', 'example'), [
    (with_header('LOCATION'), 'header:location', 'Barcelona', '41.3874, 2.1686; Shop; Carrer 1'),
    (with_header('LOCATION'), 'header:location', '41.3, 2.1;', '41.3874, 2.1686; Shop; Carrer 1'),
    (with_header('PRODUCT'), 'header:product', 'SKU-1', '1234567890; SKU-1'),
    (with_button('MPM'), 'button:0:products', 'New: ; Sale: A', 'New: SKU-1, SKU-2; Sale: SKU-3'),
    (with_button('URL', url='https://example.com'), 'tap_target:link', 'https://example.com', 'Our shop'),
])
def test_object_written_otherwise_is_refused_with_an_example(components, key, text, example):
    error = refused(components, {key: text})
    assert (error.field, example in str(error)) == (key, True)


@pytest.mark.parametrize(('value', 'action'), [
    ('order-7', {'flow_token': 'order-7'}),
    ('order-7; day=Monday; city=Valencia',
     {'flow_token': 'order-7', 'flow_action_data': {'day': 'Monday', 'city': 'Valencia'}}),
    ({'flow_token': 'order-7'}, {'flow_token': 'order-7'}),
    ({'flow_action_data': {'day': 'Monday'}}, {'flow_token': 'unused', 'flow_action_data': {'day': 'Monday'}}),
])
def test_form_is_sent_with_its_token_and_data(value, action):
    assert parameter_components(with_button('FLOW'), {'button:0:flow': value}) == [
        {'type': 'button', 'sub_type': 'flow', 'index': '0', 'parameters': [{'type': 'action', 'action': action}]}]


@pytest.mark.parametrize(('components', 'key', 'text'), [
    (with_header('LOCATION'), 'header:location', 'Our shop'),
    (with_button('FLOW'), 'button:0:flow', 'order-7; Monday'),
    (with_button('COPY_CODE'), 'button:0:code', 'x' * 21),
    (OFFER, 'offer:expires_at', 'on Friday'),
])
def test_what_is_typed_is_judged_at_once(components, key, text):
    variable = next(one for one in variables(components, optional=True) if one.key == key)
    assert str(variable.words) in str(wrong(variable, text))


@pytest.mark.parametrize(('components', 'key', 'text'), [
    (with_header('LOCATION'), 'header:location', '39.47, -0.38; Shop; Calle 1'),
    (with_header('LOCATION'), 'header:location', ''),
    (with_header('IMAGE'), 'header:media', 'https://example.com/a.png'),
    (with_button('QUICK_REPLY'), 'button:0:payload', 'YES|7'),
])
def test_what_is_typed_well_is_not_wrong(components, key, text):
    variable = next(one for one in variables(components, optional=True) if one.key == key)
    assert wrong(variable, text) is None


@pytest.mark.parametrize('value', [None, '', {}, {'flow_action_data': {}}])
def test_form_is_named_even_without_a_value(value):
    assert parameter_components(with_button('FLOW'), {'button:0:flow': value}) == [
        {'type': 'button', 'sub_type': 'flow', 'index': '0'}]


@pytest.mark.parametrize(('kind', 'key', 'value', 'sub_type', 'parameter'), [
    ('QUICK_REPLY', 'button:0:payload', 'STOP|7', 'quick_reply', {'type': 'payload', 'payload': 'STOP|7'}),
    ('CATALOG', 'button:0:thumbnail', 'SKU', 'catalog',
     {'type': 'action', 'action': {'thumbnail_product_retailer_id': 'SKU'}}),
    ('MPM', 'button:0:products', {'thumbnail_product_retailer_id': 'A', 'sections': [{'product_items': ['A', 'B']}]},
     'mpm', {'type': 'action', 'action': {'thumbnail_product_retailer_id': 'A', 'sections': [
         {'product_items': [{'product_retailer_id': 'A'}, {'product_retailer_id': 'B'}]}]}}),
])
def test_button_is_sent_with_its_value(kind, key, value, sub_type, parameter):
    assert parameter_components(with_button(kind), {key: value}) == [
        {'type': 'button', 'sub_type': sub_type, 'index': '0', 'parameters': [parameter]}]


def test_link_of_the_whole_message_is_sent():
    link = {'url': 'https://example.com/all', 'title': 'The whole shop'}
    sent = parameter_components(with_button('URL', url='https://example.com'), {'tap_target:link': link})
    assert sent == [{'type': 'tap_target_configuration', 'parameters': [
        {'type': 'tap_target_configuration', 'tap_target_configuration': [link]}]}]


# --- What is refused, in the user's words ---------------------------------------------------------------------------


def test_all_that_is_missing_is_named_with_its_card():
    words = re.escape('No value for: Card 1: Picture of the header; Card 2: Text, {{1}}')
    with pytest.raises(MissingValueError, match=words) as caught:
        parameter_components(CAROUSEL, {**CAROUSEL_VALUES, 'card:0:header:media': {}, 'card:1:body:1': ' '})
    assert caught.value.keys == ['card:0:header:media', 'card:1:body:1']


@pytest.mark.parametrize('value', [None, {}, {'latitude': 1}, {'latitude': '', 'longitude': 1}, ' ', [1, 2]])
def test_place_without_coordinates_is_missing(value):
    assert missing(with_header('LOCATION'), {'header:location': value}) == ['header:location']


@pytest.mark.parametrize(('components', 'values', 'key', 'words'), [
    (with_header('LOCATION'), {'header:location': {'latitude': 91, 'longitude': 2}}, 'header:location',
     'Location of the header, latitude: it must be a number from -90 to 90.'),
    (with_header('LOCATION'), {'header:location': {'latitude': 9, 'longitude': 2, 'address': 'Rua 1'}},
     'header:location', 'Give the place a name.'),
    (with_header('IMAGE'), {'header:media': {'link': '/web/image/1'}}, 'header:media',
     'Picture of the header, link: this is no web address. It must begin with https://.'),
    (OFFER, {'offer:expires_at': '2020-01-01', 'button:0:code': 'A'}, 'offer:expires_at', 'Choose a later moment.'),
    (OFFER, {'offer:expires_at': 'Sunday', 'button:0:code': 'A'}, 'offer:expires_at', 'it must be a date with a time'),
    (OFFER, {'offer:expires_at': END, 'button:0:code': 'x' * 16}, 'button:0:code', 'in an offer WhatsApp takes 15'),
    (with_button('MPM'), {'button:0:products': {'thumbnail_product_retailer_id': 'A', 'sections': [
        {'title': 'x' * 25, 'product_items': ['A']}]}}, 'button:0:products', 'section 1, title: it has 25'),
    (with_button('MPM'), {'button:0:products': {'thumbnail_product_retailer_id': 'A', 'sections': [
        {'product_items': ['A'] * 31}]}}, 'button:0:products', 'there are 31, WhatsApp takes 30'),
    (CAROUSEL, {**CAROUSEL_VALUES, 'card:1:body:1': 'x' * 200}, 'card:1:body', 'Card 2: Text: with its values it'),
    ([{'type': 'HEADER', 'format': 'TEXT', 'text': 'Order {{1}}'}], {'header:1': 'x' * 55}, 'header',
     'Header: with its values it has 61 characters'),
])
def test_unusable_value_is_named_with_its_remedy(components, values, key, words):
    error = refused(components, values)
    assert error.field == key
    assert words in str(error)


@pytest.mark.parametrize('components', [
    [{'type': 'CAROUSEL', 'cards': 'none'}], [{'type': 'CAROUSEL', 'cards': [None, {'components': 7}]}],
    [{'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': 'soon'}], with_button('FLOW', url=7),
    with_button('URL', url=7),
])
def test_odd_components_ask_for_nothing(components):
    assert variables(components) == []
