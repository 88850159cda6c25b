"""Messages that need no template: what is built, and in which words it is refused."""

import pytest
from cloud_api import free_form, interactive
from cloud_api.payloads import (
    PayloadError,
    document_message,
    free_form_message,
    image_message,
    interactive_message,
    reaction_message,
    read_receipt,
    typing_indicator,
)

TO = '+351910000001'
LINK = 'https://example.com/a.pdf'


def sent(content):
    """The part of the body that depends on the content."""
    body = free_form_message(TO, content, 'key')
    return body[body['type']]


def refused(content):
    with pytest.raises(PayloadError) as caught:
        free_form_message(TO, content, 'key')
    return str(caught.value)


# --- Files, places, contacts, reactions ----------------------------------------------------------------------------


def test_document_is_sent_with_its_name():
    assert document_message(TO, {'id': '7', 'filename': 'Offer.pdf', 'caption': 'Yours'}, 'key-1', 'wamid.A') == {
        'messaging_product': 'whatsapp', 'recipient_type': 'individual', 'to': TO, 'biz_opaque_callback_data': 'key-1',
        'type': 'document', 'document': {'id': '7', 'filename': 'Offer.pdf', 'caption': 'Yours'},
        'context': {'message_id': 'wamid.A'},
    }


def test_id_counts_more_than_link():
    assert image_message(TO, {'id': 7, 'link': LINK}, 'key')['image'] == {'id': '7'}


def test_what_meta_does_not_know_is_left_out():
    assert image_message(TO, {'id': '7', 'filename': 'a.png', 'mimetype': 'image/png'}, 'key')['image'] == {'id': '7'}


def test_sound_may_be_a_voice_message():
    assert sent(free_form.file('audio', {'id': '7'}, voice=True)) == {'id': '7', 'voice': True}
    assert sent(free_form.file('audio', {'id': '7'})) == {'id': '7'}


def test_place_is_sent_with_texts():
    assert sent(free_form.location(41.3874, -2, 'Shop')) == {'latitude': '41.3874', 'longitude': '-2', 'name': 'Shop'}


def test_contact_with_a_whole_name_only_has_it_as_first_name_too():
    assert sent(free_form.contacts([{'name': {'formatted_name': 'Ana'}}])) == [
        {'name': {'formatted_name': 'Ana', 'first_name': 'Ana'}}]


def test_contact_without_what_it_leaves_empty():
    card = {'name': {'formatted_name': 'Ana Costa', 'last_name': 'Costa'}, 'phones': [], 'org': {'company': ''},
            'emails': [{'email': 'a@b.c', 'type': ''}], 'birthday': False, 'odd': 1}
    assert sent(free_form.contacts([card])) == [
        {'name': {'formatted_name': 'Ana Costa', 'last_name': 'Costa'}, 'emails': [{'email': 'a@b.c'}]}]


def test_reaction_is_taken_back_with_an_empty_one():
    assert reaction_message(TO, {'message_id': 'wamid.A'}, 'key')['reaction'] == {'message_id': 'wamid.A', 'emoji': ''}


# --- Interactive ---------------------------------------------------------------------------------------------------


def test_reply_buttons():
    content = interactive.reply_buttons('Fits?', [('y ', 'Yes'), ('n', 'No')], header='Order 7', footer='Shop')
    assert interactive_message(TO, content, 'key')['interactive'] == {
        'type': 'button', 'header': {'type': 'text', 'text': 'Order 7'}, 'body': {'text': 'Fits?'},
        'footer': {'text': 'Shop'}, 'action': {'buttons': [
            {'type': 'reply', 'reply': {'id': 'y', 'title': 'Yes'}},
            {'type': 'reply', 'reply': {'id': 'n', 'title': 'No'}}]}}


def test_list():
    content = interactive.list_menu('When?', 'Choose', [('Today', [('a', 'Ten', ''), ('b', 'Eleven', 'Shop')])])
    assert interactive_message(TO, content, 'key')['interactive']['action'] == {
        'button': 'Choose', 'sections': [{'title': 'Today', 'rows': [
            {'id': 'a', 'title': 'Ten'}, {'id': 'b', 'title': 'Eleven', 'description': 'Shop'}]}]}


def test_form_begins_with_a_screen_or_by_itself():
    first = interactive.flow_form('Book.', 'Book', '12', 'order-7', 'FIRST', {'day': 'Monday'})
    assert interactive_message(TO, first, 'key')['interactive']['action']['parameters'] == {
        'flow_message_version': '3', 'flow_id': '12', 'flow_cta': 'Book', 'flow_token': 'order-7',
        'flow_action': 'navigate', 'flow_action_payload': {'screen': 'FIRST', 'data': {'day': 'Monday'}}}
    alone = interactive.flow_form('Book.', 'Book', '12')
    assert interactive_message(TO, alone, 'key')['interactive']['action']['parameters'] == {
        'flow_message_version': '3', 'flow_id': '12', 'flow_cta': 'Book', 'flow_token': 'unused'}


def test_header_may_be_a_file():
    content = interactive.link_button('Here.', 'Open', LINK, header={'type': 'document', 'document': {
        'id': '7', 'filename': 'a.pdf'}})
    assert interactive_message(TO, content, 'key')['interactive']['header'] == {
        'type': 'document', 'document': {'id': '7', 'filename': 'a.pdf'}}


# --- Refused, in the user's words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(('content', 'words'), [
    (None, 'Content: it is missing.'),
    ({'type': 'poll'}, 'Messages of the kind "poll" cannot be sent. Choose another kind.'),
    (free_form.text('\u200f\u202e'), 'Text: it is empty. Fill it in.'),
    (free_form.file('image', {}), 'File, link: this is no web address. It must begin with https://.'),
    (free_form.file('image', {'id': '1'}, 'x' * 1025), 'Caption: it has 1025 characters, WhatsApp takes 1024.'),
    (free_form.file('sticker', {'id': '1'}, 'x'), 'Send the text as its own message.'),
    (free_form.location(1, 200), 'Location, longitude: it must be a number from -180 to 180.'),
    (free_form.location(1, 2, '', 'Rua 1'), 'Give the place a name.'),
    (free_form.contacts([]), 'Contacts: there are 0, WhatsApp takes 1 to 257.'),
    (free_form.contacts([{'name': {'formatted_name': 'Ana'}}, {}]), 'Contact 2, name: it is missing.'),
    (free_form.contacts([{'name': {'formatted_name': 'Ana'}, 'birthday': '31/12/1990'}]), 'like 1990-12-31'),
    (free_form.contacts([{'name': {'formatted_name': 'Ana'}, 'urls': [{'url': 'x'}]}]), 'Contact 1, website: '),
    (free_form.reaction('', '👍'), 'The message that is meant is not known.'),
    (free_form.reaction('wamid.A', 'OK'), 'A reaction is one emoji. Choose one.'),
    (free_form.interactive_content(None), 'Content: it is missing.'),
    (free_form.interactive_content({'type': 'poll'}), 'Messages of the kind "poll" cannot be sent.'),
])
def test_what_is_wrong_is_named_with_its_remedy(content, words):
    assert words in refused(content)


@pytest.mark.parametrize(('content', 'words'), [
    (interactive.reply_buttons('Fits?', []), 'Buttons: there are 0, WhatsApp takes 1 to 3.'),
    (interactive.reply_buttons('Fits?', [('a', 'x' * 21)]), 'Button 1, label: it has 21 characters'),
    (interactive.reply_buttons('Fits?', [('a', 'Yes'), ('b', 'Yes')]), 'Labels of the buttons: "Yes" is there twice.'),
    (interactive.reply_buttons('', [('a', 'Yes')]), 'Text: it is empty. Fill it in.'),
    (interactive.list_menu('When?', 'Choose', [('', [('a', 'A', '')]), ('B', [('b', 'B', '')])]),
     'Section 1, title: it is empty.'),
    (interactive.list_menu('When?', 'Choose', [('A', [])]), 'Section 1, rows: there are 0'),
    (interactive.list_menu('When?', 'Choose', [('A', [('a', 'x' * 25, '')])]), 'Section 1, row 1, title: it has 25'),
    (interactive.list_menu('When?', '', [('A', [('a', 'A', '')])]), 'Button that opens the list: it is empty.'),
    (interactive.link_button('Here.', 'Open', 'example.com'), 'Link of the button: this is no web address.'),
    (interactive.flow_form('Book.', 'Book', ''), 'Form: it is empty.'),
    (interactive.link_button('Here.', 'Open', LINK, header={'type': 'audio'}), 'The header is a text, a'),
])
def test_wrong_part_of_an_interactive_message_is_named(content, words):
    assert words in refused(free_form.interactive_content(content))


# --- About a received message --------------------------------------------------------------------------------------


def test_received_message_is_marked_as_read():
    assert read_receipt('wamid.A') == {'messaging_product': 'whatsapp', 'status': 'read', 'message_id': 'wamid.A'}


def test_typing_is_shown_until_the_answer():
    assert typing_indicator('wamid.A') == {**read_receipt('wamid.A'), 'typing_indicator': {'type': 'text'}}


@pytest.mark.parametrize('message_id', ['', None, 'two words', 'x' * 513])
def test_only_a_known_message_is_marked(message_id):
    with pytest.raises(PayloadError):
        read_receipt(message_id)
