"""Files in what is sent."""

import pytest
from cloud_api.outgoing import LATER, Unfit, assumed, files, kind_of, replaced, unfit, with_ids

MB = 1024 * 1024
LOGO = {'attachment': 7, 'checksum': 'c1', 'filename': 'logo.png'}
OFFER = {'attachment': 8, 'checksum': 'c2', 'filename': 'offer.pdf'}
QUOTE = {'report': 3}


@pytest.mark.parametrize(('kind', 'mime_type', 'size', 'problem'), [
    ('image', 'image/png', 5 * MB, None),
    ('image', 'image/png', 5 * MB + 1, 'too_large'),
    ('image', 'image/jpeg', 30 * MB, 'too_large'),
    ('image', 'image/webp', 1, 'wrong_type'),
    ('image', 'image/png', 0, 'empty'),
    ('video', 'video/mp4', 16 * MB, None),
    ('video', 'video/quicktime', 1, 'wrong_type'),
    ('audio', 'audio/ogg', 16 * MB + 1, 'too_large'),
    ('document', 'application/pdf', 100 * MB, None),
    ('document', 'application/zip', 1, 'wrong_type'),
    ('sticker', 'image/webp', 500 * 1024, None),
    ('sticker', 'image/webp', 500 * 1024 + 1, 'too_large'),
])
def test_meta_takes_a_file_up_to_its_limit(kind, mime_type, size, problem):
    found = unfit(kind, mime_type, size)
    assert (found and found.code) == problem


def test_a_document_in_the_header_of_a_template_is_a_pdf():
    assert unfit('document', 'text/plain', 1) is None
    assert unfit('document', 'text/plain', 1, in_header=True).code == 'wrong_type'
    assert unfit('document', 'application/pdf', 1, in_header=True) is None


def test_a_refusal_says_how_much_meta_takes():
    assert unfit('image', 'image/png', 6 * MB) == Unfit('too_large', 5 * MB)


@pytest.mark.parametrize(('mime_type', 'kind'), [
    ('image/png', 'image'), ('video/3gpp', 'video'), ('audio/mpeg', 'audio'), ('application/pdf', 'document'),
    ('image/webp', 'document'), ('application/zip', 'document')])
def test_a_file_goes_as_what_shows_it_best(mime_type, kind):
    assert kind_of(mime_type) == kind


@pytest.mark.parametrize(('values', 'found'), [
    ({'header:media': LOGO, 'body:1': 'Ana'}, [('', LOGO)]),
    ({'card:0:header:media': LOGO, 'card:1:header:media': OFFER}, [('', LOGO), ('', OFFER)]),
    ({'header:media': QUOTE}, [('', QUOTE)]),
    ({'header:media': {'link': 'https://shop.example.com/a.png'}}, []),
    ({'header:media': {'id': '700'}}, []),
    ({'type': 'image', 'image': {**LOGO, 'caption': 'Hi'}}, [('image', {**LOGO, 'caption': 'Hi'})]),
    ({'type': 'interactive', 'interactive': {'type': 'button', 'header': {'type': 'document', 'document': OFFER}}},
     [('document', OFFER)]),
    ({'type': 'interactive', 'interactive': {'type': 'button', 'header': {'type': 'text', 'text': 'Hi'}}}, []),
    ({'button:0:flow': {'flow_action_data': {'attachment': 1}}}, []),
    ({'type': 'text', 'text': {'body': 'attachment'}}, []),
    ({}, []),
    (None, []),
])
def test_files_are_found_where_they_may_stand_and_nowhere_else(values, found):
    assert files(values) == found


def test_the_ids_take_the_place_of_the_files():
    values = {'header:media': OFFER, 'body:1': 'Ana'}
    assert with_ids(values, {'c2': '700'}) == {'header:media': {'id': '700', 'filename': 'offer.pdf'}, 'body:1': 'Ana'}
    assert values['header:media'] is OFFER

    content = {'type': 'interactive', 'interactive': {
        'type': 'button', 'body': {'text': 'Hi'}, 'header': {'type': 'image', 'image': LOGO}}}
    assert with_ids(content, {'c1': '701'})['interactive'] == {
        'type': 'button', 'body': {'text': 'Hi'},
        'header': {'type': 'image', 'image': {'id': '701', 'filename': 'logo.png'}}}


def test_what_the_message_says_about_its_file_stays():
    sound = {'type': 'audio', 'audio': {**LOGO, 'voice': True}}
    assert with_ids(sound, {'c1': '7'})['audio'] == {'id': '7', 'filename': 'logo.png', 'voice': True}


def test_a_file_that_is_not_at_meta_cannot_be_sent():
    with pytest.raises(KeyError):
        with_ids({'header:media': OFFER}, {'c1': '700'})


def test_the_form_of_a_message_is_looked_at_as_if_its_files_were_there():
    assert assumed({'header:media': QUOTE}) == {'header:media': {'id': LATER}}
    assert assumed({'header:media': {'problem': 'It is empty.'}, 'body:1': 'Ana'}) == {'body:1': 'Ana'}
    assert assumed(None) == {}


def test_a_printed_report_becomes_a_file():
    assert replaced({'header:media': QUOTE}, lambda file: LOGO) == {'header:media': LOGO}
