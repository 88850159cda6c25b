from cloud_api import free_form
from cloud_api.cards import card


def test_a_card_is_what_meta_takes():
    content = free_form.contacts([card('Ana Costa', '+447400123001', 'ana@example.com', 'Bicycles Ltd', 'Buyer',
                                       'https://example.com')])

    checked, = free_form.checked(content)['contacts']
    assert checked['name'] == {'formatted_name': 'Ana Costa', 'first_name': 'Ana Costa'}
    assert checked['phones'] == [{'phone': '+447400123001', 'type': 'WORK', 'wa_id': '447400123001'}]
    assert checked['org'] == {'company': 'Bicycles Ltd', 'title': 'Buyer'}


def test_what_is_not_known_is_left_out():
    assert card('Ana Costa') == {'name': {'formatted_name': 'Ana Costa', 'first_name': 'Ana Costa'}}
