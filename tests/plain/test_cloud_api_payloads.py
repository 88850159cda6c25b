"""Message bodies."""

import pytest
from cloud_api.payloads import PayloadError, template_message, text_message


def test_text_message():
    assert text_message('+351910000001', 'Hello', 'key-1') == {
        'messaging_product': 'whatsapp',
        'recipient_type': 'individual',
        'to': '+351910000001',
        'type': 'text',
        'text': {'body': 'Hello', 'preview_url': False},
        'biz_opaque_callback_data': 'key-1',
    }


def test_text_message_quotes():
    assert text_message('+351910000001', 'Hello', 'k', reply_to='wamid.X')['context'] == {'message_id': 'wamid.X'}


def test_text_message_with_preview():
    assert text_message('+351910000001', 'https://example.com', 'k', preview_url=True)['text']['preview_url'] is True


def test_template_message():
    components = [{'type': 'body', 'parameters': [{'type': 'text', 'text': 'Ana'}]}]
    assert template_message('+351910000001', 'order_ready', 'en_US', components, 'key-1') == {
        'messaging_product': 'whatsapp',
        'recipient_type': 'individual',
        'to': '+351910000001',
        'type': 'template',
        'template': {'name': 'order_ready', 'language': {'code': 'en_US'}, 'components': components},
        'biz_opaque_callback_data': 'key-1',
    }


def test_template_message_without_values_names_no_components():
    assert 'components' not in template_message('+351910000001', 'hello', 'en', [], 'k')['template']


@pytest.mark.parametrize('bsuid', ['PT.1001', 'DE.ENT.70655443321009871'])
def test_bsuid_is_a_recipient(bsuid):
    payload = text_message(bsuid, 'Hello', 'k')
    assert payload['recipient'] == bsuid
    assert 'to' not in payload


@pytest.mark.parametrize(
    'to', ['', None, '351910000001', '+0123456789', '+35191', '+3519100000012345', '+351 910', 'pt.1', 'PT.', 'PT.a-b']
)
def test_unusable_recipient_is_refused(to):
    with pytest.raises(PayloadError) as caught:
        text_message(to, 'Hello', 'k')
    assert caught.value.field == 'to'


@pytest.mark.parametrize('body', ['', '  \n', None, 'x' * 4097])
def test_unusable_body_is_refused(body):
    with pytest.raises(PayloadError) as caught:
        text_message('+351910000001', body, 'k')
    assert caught.value.field == 'body'


def test_longest_body_passes():
    assert len(text_message('+351910000001', 'x' * 4096, 'k')['text']['body']) == 4096


@pytest.mark.parametrize('key', ['', None, 'x' * 513])
def test_message_without_usable_key_is_refused(key):
    with pytest.raises(PayloadError) as caught:
        text_message('+351910000001', 'Hello', key)
    assert caught.value.field == 'key'


@pytest.mark.parametrize(
    ('name', 'language', 'field'), [('', 'en', 'name'), ('a', '', 'language'), ('a', None, 'language')]
)
def test_template_needs_name_and_language(name, language, field):
    with pytest.raises(PayloadError) as caught:
        template_message('+351910000001', name, language, [], 'k')
    assert caught.value.field == field
