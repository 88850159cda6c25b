"""The stand-in for Meta refuses every send that Meta refuses, whoever builds it."""

import pytest
import send_samples as samples
from cloud_api.payloads import free_form_message, template_message
from cloud_api.templates import parameter_components
from send_stage import PERSON, changed, opened

from tests.simulator import world as w

ALL = dict(samples.templates())
CARDS = ALL['positional, 2 cards with image and link and phone']
OFFER = ALL['positional, offer with end and image']
ENDLESS = ALL['positional, offer without end and image']
PLACE = ALL['positional, location header, no button']
PRODUCT = ALL['positional, product header, product']
FORM = ALL['positional, no header, form']
PRODUCTS = ALL['positional, no header, products']
CATALOGUE = ALL['positional, no header, catalogue']
LINK = ALL['positional, no header, link']
FILM = ALL['positional, video header, link']
PDF = ALL['positional, document header, no button']
CALL = ALL['positional, no header, call']
NAMED = ALL['named, text header, mixed']
USED = [CARDS, OFFER, ENDLESS, PLACE, PRODUCT, FORM, PRODUCTS, CATALOGUE, LINK, FILM, PDF, CALL, NAMED]


@pytest.fixture(scope='module')
def stage(server):
    with opened(server, USED) as ready:
        yield ready


def filled(template, media):
    values = samples.values_of(template, media, optional=True)
    parameters = parameter_components(template['components'], values, template['parameter_format'])
    # The link of the whole message comes last and would only be in the way.
    parameters = [part for part in parameters if part['type'] != 'tap_target_configuration']
    return template_message(PERSON, template['name'], 'en', parameters, 'key')


def with_part(body, part):
    return changed(body, 'template.components', [*body['template']['components'], part])


TAP = {'type': 'tap_target_configuration', 'parameters': [
    {'type': 'tap_target_configuration', 'tap_target_configuration': [{'url': 'https://example.com', 'title': 'All'}]}]}
MANY = [{'title': 'All', 'product_items': [{'product_retailer_id': 'A'}] * 31}]
TITLELESS = [{'product_items': [{'product_retailer_id': 'A'}]}] * 2

#: Template, place in its components, wrong value (None: left out), code.
WRONG = [
    # a carousel
    (CARDS, '1', None, 132000),
    (CARDS, '1.cards.1', None, 132000),
    (CARDS, '1.cards.1.card_index', 0, 131009),
    (CARDS, '1.cards.1.card_index', 2, 131009),
    (CARDS, '1.cards.1.card_index', None, 131009),
    (CARDS, '1.cards.1.components.0', None, 132012),
    (CARDS, '1.cards.1.components.1', None, 132000),
    (CARDS, '1.cards.1.components.2', None, 131008),
    (CARDS, '1.cards.1.components.0.parameters.0', {'type': 'video', 'video': {'link': 'https://a.b'}}, 132012),
    (CARDS, '1.cards.1.components.0.parameters.0.image.caption', 'x', 100),
    (CARDS, '1.cards.1.components.2.index', '1', 131008),
    (CARDS, '1.cards.1.colour', 'red', 100),
    (CARDS, '1.cards.1', 'red', 100),
    (CARDS, '1.parameters', [], 100),
    # an offer
    (OFFER, '2', None, 131008),
    (OFFER, '2.parameters', [], 132012),
    (OFFER, '2.parameters.0.limited_time_offer', {}, 131009),
    (OFFER, '2.parameters.0.limited_time_offer.expiration_time_ms', 1_600_000_000_000, 131009),
    (OFFER, '2.parameters.0.limited_time_offer.expiration_time_ms', '1895516800000', 131009),
    (OFFER, '2.parameters.0.limited_time_offer.expiration_time_ms', 1_895_516_800, 131009),
    # headers
    (PLACE, '0', None, 132012),
    (PLACE, '0.parameters.0.location.latitude', None, 131008),
    (PLACE, '0.parameters.0.location.latitude', '91', 131009),
    (PLACE, '0.parameters.0.location.zoom', 3, 100),
    (PLACE, '0.parameters.0.location', 'here', 131008),
    (PLACE, '0.parameters.0', {'type': 'text', 'text': 'here'}, 132012),
    (PRODUCT, '0', None, 132012),
    (PRODUCT, '0.parameters.0.product.catalog_id', None, 131008),
    (FILM, '0.parameters.0.video', {'id': '1', 'link': 'https://example.com'}, 131009),
    (FILM, '0.parameters.0.video', {'link': 'example.com/a.mp4'}, 131009),
    (FILM, '0.parameters.0.text', 'x', 100),
    # buttons
    (FORM, '1', None, 131009),
    (FORM, '1.sub_type', 'url', 132018),
    (FORM, '1.parameters.0.action', None, 131008),
    (FORM, '1.parameters.0.action.flow_action_data', {}, 131009),
    (FORM, '1.parameters.0.action.flow_token', '', 131009),
    (FORM, '1.parameters.0.action.flow', '1', 100),
    (PRODUCTS, '1', None, 131008),
    (PRODUCTS, '1.parameters.0.action.thumbnail_product_retailer_id', None, 131008),
    (PRODUCTS, '1.parameters.0.action.sections', [], 131009),
    (PRODUCTS, '1.parameters.0.action.sections', MANY, 131009),
    (PRODUCTS, '1.parameters.0.action.sections', TITLELESS, 131008),
    (PRODUCTS, '1.parameters.0.action.sections.0.title', 'x' * 25, 131009),
    (CATALOGUE, '1.parameters.0.action', {}, 131008),
    (LINK, '1', None, 131008),
    (LINK, '1.parameters', [], 132000),
    (LINK, '1.parameters.0.payload', 'x', 100),
    (LINK, '1.parameters.0.text', 'a\nb', 132018),
    # names
    (NAMED, '0.parameters.0.parameter_name', None, 100),
    (NAMED, '0.parameters.0.parameter_name', 'nobody', 132012),
    (NAMED, '1.parameters.1.parameter_name', 'first_name', 132012),
    (NAMED, '1.parameters.1', None, 132000),
    (NAMED, '1.parameters.1.colour', 'red', 100),
]


@pytest.mark.parametrize(('template', 'place', 'value', 'code'), WRONG,
                         ids=[f'{template["name"]} {place} {number}' for number, (template, place, *_rest)
                              in enumerate(WRONG)])
def test_template_with_one_thing_wrong_is_refused(stage, template, place, value, code):
    body = filled(template, stage.media)
    stage.accepts(body)
    assert stage.refuses(changed(body, f'template.components.{place}', value)) == code


@pytest.mark.parametrize(('template', 'part', 'code'), [
    (LINK, {'type': 'carousel', 'cards': []}, 132018),
    (LINK, {'type': 'limited_time_offer', 'parameters': []}, 132018),
    (ENDLESS, {'type': 'limited_time_offer', 'parameters': []}, 132018),
    (LINK, {'type': 'location_request'}, 132018),
    (FILM, TAP, 132018),
    (FORM, TAP, 132018),
    (LINK, changed(TAP, 'parameters.0.tap_target_configuration', []), 131009),
    (LINK, changed(TAP, 'parameters.0.tap_target_configuration.0.url', 'example.com'), 131009),
    (LINK, changed(TAP, 'parameters.0.tap_target_configuration.0.title', None), 131008),
    (CALL, {'type': 'button', 'sub_type': 'voice_call', 'index': '0', 'parameters': []}, 132018),
])
def test_component_that_the_template_does_not_take_is_refused(stage, template, part, code):
    body = filled(template, stage.media)
    assert stage.refuses(with_part(body, part)) == code


def test_a_tap_anywhere_may_open_the_first_link(stage):
    stage.accepts(with_part(filled(LINK, stage.media), TAP))


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('kind', 'file', 'code'), [
    ('image', 'video', 131053), ('video', 'image', 131053), ('audio', 'document', 131053), ('sticker', 'image', 131053),
])
def test_file_of_another_kind_is_refused(stage, kind, file, code):
    body = free_form_message(PERSON, {'type': kind, kind: stage.media[file]}, 'key')
    assert stage.refuses(body) == code


def test_a_picture_may_go_out_as_a_document(stage):
    stage.accepts(free_form_message(PERSON, {'type': 'document', 'document': stage.media['image']}, 'key'))


def test_a_document_in_a_template_is_a_pdf(stage):
    text = {'id': stage.upload('text/plain', b'hello')}
    assert stage.refuses(filled(PDF, {**stage.media, 'document': text})) == 131053


def test_a_voice_message_is_ogg(stage):
    body = free_form_message(PERSON, {'type': 'audio', 'audio': {**stage.media['audio'], 'voice': True}}, 'key')
    assert stage.refuses(body) == 131053


def test_a_file_belongs_to_the_number_that_uploaded_it(stage):
    other = {'id': stage.upload(*samples.FILES['image'], phone_id=w.PHONE_ID_2)}
    assert stage.refuses(free_form_message(PERSON, {'type': 'image', 'image': other}, 'key')) == 131009


def test_a_file_is_kept_for_thirty_days(stage):
    assert stage.server.control('GET', '/settings')['media_kept_seconds'] == 30 * 24 * 3600
    stage.server.control('PATCH', '/settings', {'media_kept_seconds': 0})
    old = {'id': stage.upload(*samples.FILES['image'])}
    stage.server.control('PATCH', '/settings', {'media_kept_seconds': 2_592_000})

    assert stage.refuses(free_form_message(PERSON, {'type': 'image', 'image': old}, 'key')) == 131009
    assert stage.graph.get(old['id']).json()['error']['error_subcode'] == 33


@pytest.mark.parametrize(('mime_type', 'content', 'code'), [
    ('application/pdf', b'<html>not found</html>', 131053),
    ('image/png', b'\xff\xd8\xff\xe0', 131053),
    ('video/mp4', b'%PDF-1.4', 131053),
    ('image/gif', b'GIF89a', 100),
    ('application/zip', b'PK', 100),
    ('image/jpeg', b'\xff\xd8\xff'.ljust(30 * 1024 * 1024, b'.'), 131053),
    ('image/jpeg', b'\xff\xd8\xff'.ljust(5 * 1024 * 1024 + 1, b'.'), 131053),
    ('image/webp', b'RIFF....WEBPVP8 '.ljust(100 * 1024 + 1, b'.'), 131053),
    ('image/webp', b'RIFF....WEBPVP8X....\x02'.ljust(500 * 1024 + 1, b'.'), 131053),
    ('text/plain', b'', 100),
])
def test_file_that_meta_does_not_take_is_refused(stage, mime_type, content, code):
    assert stage.try_upload(mime_type, content).json()['error']['code'] == code


@pytest.mark.parametrize(('mime_type', 'content'), [
    ('image/jpeg', b'\xff\xd8\xff'.ljust(5 * 1024 * 1024, b'.')),
    ('image/webp', b'RIFF....WEBPVP8 '.ljust(100 * 1024, b'.')),
    ('image/webp', b'RIFF....WEBPVP8X....\x02'.ljust(500 * 1024, b'.')),
    ('text/plain', b'anything'),
])
def test_file_of_the_largest_size_is_taken(stage, mime_type, content):
    assert stage.upload(mime_type, content)


# --- what becomes of them ------------------------------------------------------------------------------------------


def test_what_was_sent_is_in_the_log(stage):
    body = free_form_message(PERSON, {'type': 'location', 'location': {'latitude': 1, 'longitude': 2}}, 'key')
    stage.accepts(body)
    entry = stage.server.control('GET', '/log')[-1]
    assert (entry['type'], entry['content']) == ('location', {'latitude': '1', 'longitude': '2'})


def test_a_reaction_to_an_unknown_message_is_refused(stage):
    content = {'type': 'reaction', 'reaction': {'message_id': 'wamid.unknown', 'emoji': '👍'}}
    assert stage.refuses(free_form_message(PERSON, content, 'key')) == 131009


def test_of_a_reaction_only_sent_is_told(stage):
    stage.server.control('PATCH', '/settings', {'statuses': True, 'sent_after': 0, 'delivered_after': 0})
    content = {'type': 'reaction', 'reaction': {'message_id': stage.message_id, 'emoji': '👍'}}
    stage.accepts(free_form_message(PERSON, content, 'key'))
    stage.server.wait_idle()
    stage.server.control('PATCH', '/settings', {'statuses': False})
    assert [status['status'] for status in stage.server.control('GET', '/log')[-1]['statuses']] == ['sent']
