"""Reading what people write."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from cloud_api.inbound import (
    Answers,
    CallPermission,
    Card,
    Cards,
    Choice,
    InboundMessage,
    Media,
    Order,
    OrderLine,
    Place,
    Referral,
    Renewal,
    Unreadable,
)
from cloud_api.webhooks import parse

DATA = Path(__file__).parent / 'data'
WABA = '310000000000001'


def items_of(body):
    return parse(json.dumps(body).encode())


def batch():
    return [InboundMessage.from_item(item) for item in items_of(json.loads((DATA / 'inbound_batch.json').read_text()))]


def message_of(message, **value):
    changes = [{'field': 'messages', 'value': {'messages': [{'id': 'wamid.X', **message}], **value}}]
    body = {'object': 'whatsapp_business_account', 'entry': [{'id': WABA, 'changes': changes}]}
    return InboundMessage.from_item(items_of(body)[0])


def interactive(kind, **reply):
    return message_of({'type': 'interactive', 'interactive': {'type': kind, kind: reply}})


def form(answers, **reply):
    return interactive('nfm_reply', name='flow', body='Sent', response_json=json.dumps(answers), **reply).content


# --- Who and when --------------------------------------------------------------------------------------------------


def test_text_message_is_read():
    message = batch()[0]
    assert (message.message_id, message.sender, message.user_id) == ('wamid.IN0001', '351910000001', 'PT.1001')
    assert (message.profile_name, message.type, message.text) == ('Ana Silva', 'text', 'Is my order ready?')


def test_person_with_hidden_number_has_no_sender():
    message = batch()[1]
    assert (message.sender, message.user_id, message.username) == ('', 'NG.2002', 'ben.okafor')


@pytest.mark.parametrize('sender', [None, [], 'abc', 'PT.1001', ''])
def test_odd_sender_is_none(sender):
    assert message_of({'from': sender}).sender == ''


def test_sender_loses_its_plus_sign():
    assert message_of({'from': '+351910000001'}).sender == '351910000001'


def test_message_without_id_is_none():
    assert message_of({'id': None}) is None


def test_status_is_no_message():
    assert batch()[4] is None


@pytest.mark.parametrize('contacts', [None, 7, {}, ['x'], [{'wa_id': 7}], [{'profile': 'x'}]])
def test_odd_contacts_have_no_name(contacts):
    assert message_of({'from': '351910000001'}, contacts=contacts).profile_name == ''


# --- The person's own words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('message', 'text'),
    [
        ({'type': 'text', 'text': {'body': 'Hello'}}, 'Hello'),
        ({'type': 'image', 'image': {'id': '1', 'caption': 'The broken part'}}, 'The broken part'),
        ({'type': 'document', 'document': {'id': '1', 'filename': 'a.pdf'}}, ''),
        ({'type': 'button', 'button': {'text': 'No more', 'payload': 'STOP'}}, 'No more'),
        ({'type': 'button', 'button': {'payload': 'STOP'}}, 'STOP'),
        ({'type': 'interactive', 'interactive': {'type': 'button_reply', 'button_reply': {'title': 'Yes'}}}, 'Yes'),
        ({'type': 'order', 'order': {'text': 'As a gift'}}, 'As a gift'),
        ({'type': 'interactive', 'interactive': {}}, ''),
        ({'type': 'text', 'text': {'body': ''}}, ''),
        ({'type': 'text', 'text': 'odd'}, ''),
        ({'type': 'hologram', 'hologram': {'caption': 'New'}}, 'New'),
        ({'type': 7}, ''),
        ({}, ''),
    ],
)
def test_own_words_of_every_type(message, text):
    assert message_of(message).text == text


# --- What was sent -------------------------------------------------------------------------------------------------


def test_picture_is_a_file_to_fetch():
    image = {'id': '11', 'mime_type': 'image/jpeg', 'sha256': 'aa', 'url': 'https://x.example/1'}
    content = message_of({'type': 'image', 'image': image}).content
    assert content == Media('11', 'image', 'image/jpeg', 'aa', 'https://x.example/1', '')


def test_voice_note_is_told_from_other_sound():
    voice = {'id': '1', 'voice': True, 'mime_type': 'audio/ogg; codecs=opus'}
    content = message_of({'type': 'audio', 'audio': voice}).content
    assert (content.kind, content.mime_type) == ('voice', 'audio/ogg')
    assert message_of({'type': 'audio', 'audio': {'id': '1', 'voice': False}}).content.kind == 'audio'


def test_file_without_id_cannot_be_fetched():
    assert message_of({'type': 'image', 'image': {'caption': 'Gone'}}).content is None


def test_location_is_a_place():
    location = {'latitude': 52.5, 'longitude': '13.4', 'name': 'Shop', 'address': 'Street 1', 'url': 'https://a.example'}
    content = message_of({'type': 'location', 'location': location}).content
    assert content == Place(52.5, 13.4, 'Shop', 'Street 1', 'https://a.example')


@pytest.mark.parametrize('latitude', [None, True, 'north', 91, [], '1e999'])
def test_odd_coordinates_are_none(latitude):
    content = message_of({'type': 'location', 'location': {'latitude': latitude, 'longitude': 1}}).content
    assert content.latitude is None


def test_address_of_a_place_is_only_one_of_the_web():
    place = message_of({'type': 'location', 'location': {'url': 'javascript:alert(1)'}}).content
    assert place.url == ''


def test_contact_cards_have_names_and_numbers():
    card = {'name': {'formatted_name': 'Jo Behr'}, 'org': {'company': 'Behr'}, 'phones': [{'phone': '+49 30 1'}],
            'emails': [{'email': 'jo@mail.example'}]}
    content = message_of({'type': 'contacts', 'contacts': [card, 'odd']}).content
    assert content == Cards((Card('Jo Behr', 'Behr', ('+49 30 1',), ('jo@mail.example',)),))


def test_card_without_a_name_is_called_as_in_its_vcard():
    vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Jonas Behr\nEND:VCARD'
    content = message_of({'type': 'contacts', 'contacts': [{'vcard': vcard, 'phones': [{'wa_id': '49301'}]}]}).content
    assert (content.cards[0].name, content.cards[0].phones) == ('Jonas Behr', ('49301',))


def test_choice_from_a_list_has_title_and_description():
    message = interactive('list_reply', id='1', title='09:30', description='Workshop north')
    assert message.content == Choice('09:30', 'Workshop north')
    assert message.text == '09:30'


def test_answers_of_a_form_are_rows_without_its_token():
    content = form({'flow_token': 't', 'first_name': 'Mira', 'agreed': True, 'days': ['Mon', 'Tue'], 'empty': None})
    assert content == Answers((('first name', 'Mira'), ('agreed', True), ('days', 'Mon, Tue')))


def test_groups_of_a_form_are_named():
    assert form({'home': {'zip': '14467'}}) == Answers((('home – zip', '14467'),))


def test_address_reads_as_whatsapp_wrote_it_out():
    content = interactive('nfm_reply', name='address_message', body='Asha\nBlock C', response_json='{}').content
    assert content == Answers((('', 'Asha\nBlock C'),))


@pytest.mark.parametrize('text', ['', 'no json', '[1]', '[' * 100000, '{"a":' * 900 + '1' + '}' * 900])
def test_odd_answers_do_not_raise(text):
    assert isinstance(interactive('nfm_reply', body='Sent', response_json=text).content, Answers)


@pytest.mark.parametrize(('escape', 'read'), [(r'\u0000', 'xy'), (r'\ud83d', 'x?y')])
def test_answers_hold_nothing_that_no_database_keeps(escape, read):
    content = interactive('nfm_reply', body='Sent', response_json=f'{{"name": "x{escape}y"}}').content
    assert content == Answers((('name', read),))


def test_call_permission_has_an_end():
    content = interactive('call_permission_reply', response='accept', expiration_timestamp='1796035200').content
    assert content == CallPermission('accept', False, datetime(2026, 11, 30, 10, 40))


def test_order_has_lines():
    items = [{'product_retailer_id': 'HELM', 'quantity': 1, 'item_price': 89.9, 'currency': 'EUR'}, {}, 'odd']
    content = message_of({'type': 'order', 'order': {'product_items': items}}).content
    assert content == Order((OrderLine('HELM', 1.0, 89.9, 'EUR'), OrderLine('', None, None, '')))


def test_new_number_is_told():
    system = {'type': 'user_changed_number', 'wa_id': '493023', 'body': 'User changed', 'user_id': 'DE.2'}
    content = message_of({'type': 'system', 'system': system}).content
    assert content == Renewal('user_changed_number', '493023', 'DE.2', 'User changed')


def test_unsupported_tells_what_it_is():
    assert message_of({'type': 'unsupported', 'unsupported': {'type': 'poll'}}).content == Unreadable('poll')
    assert message_of({'type': 'unsupported'}).content == Unreadable('')


def test_unknown_type_has_no_content():
    assert message_of({'type': 'hologram', 'hologram': {'id': '1'}}).content is None


# --- What it is about ----------------------------------------------------------------------------------------------


def test_quoted_message_is_named():
    assert message_of({'context': {'id': 'wamid.OUR'}}).reply_to == 'wamid.OUR'


@pytest.mark.parametrize(
    ('context', 'forwarded'),
    [({'forwarded': True}, 'once'), ({'frequently_forwarded': True}, 'often'), ({'forwarded': 'x'}, ''), ({}, '')],
)
def test_forwarded_is_told(context, forwarded):
    assert message_of({'context': context}).forwarded == forwarded


def test_ad_is_told():
    referral = {'source_type': 'ad', 'source_id': '1', 'source_url': 'https://fb.me/x', 'headline': 'Write now',
                'body': 'Check 39 Euro', 'ctwa_clid': 'c'}
    assert message_of({'referral': referral}).referral == Referral(
        'ad', '1', 'https://fb.me/x', 'Write now', 'Check 39 Euro', 'c')


def test_address_of_an_ad_is_only_one_of_the_web():
    assert message_of({'referral': {'source_url': 'javascript:alert(1)'}}).referral.url == ''


def test_reaction_has_a_target_and_an_emoji():
    message = message_of({'type': 'reaction', 'reaction': {'message_id': 'wamid.A', 'emoji': '👍'}})
    assert (message.target, message.emoji, message.changes_another) == ('wamid.A', '👍', True)


def test_reaction_taken_back_has_no_emoji():
    assert message_of({'type': 'reaction', 'reaction': {'message_id': 'wamid.A'}}).emoji == ''


def test_edit_has_the_message_as_it_reads_now():
    edit = {'original_message_id': 'wamid.A', 'message': {'type': 'text', 'text': {'body': 'At 10'}}}
    message = message_of({'type': 'edit', 'edit': edit})
    assert (message.target, message.edited.text) == ('wamid.A', 'At 10')


def test_edit_of_an_edit_is_none():
    edit = {'original_message_id': 'wamid.A', 'message': {'type': 'edit', 'edit': {}}}
    assert message_of({'type': 'edit', 'edit': edit}).edited is None


def test_revocation_has_a_target():
    assert message_of({'type': 'revoke', 'revoke': {'original_message_id': 'wamid.A'}}).target == 'wamid.A'


@pytest.mark.parametrize(
    ('message', 'opens'),
    [({'type': 'text'}, True), ({'type': 'hologram'}, True), ({'type': 'text', 'group_id': 'G'}, False),
     ({'type': 'system'}, False), ({'type': 'edit'}, False), ({'type': 'revoke'}, False)],
)
def test_only_what_a_person_writes_to_us_alone_opens_the_window(message, opens):
    assert message_of(message).opens_window is opens
