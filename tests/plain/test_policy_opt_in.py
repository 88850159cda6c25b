"""The message of an opt-in link: when it is a consent and when it is for a person to read."""
import pytest
from policy.opt_in import Invitation, accepts, codes_in, same_words, without_codes

LINK = Invitation('K7M2QX', 'Hello, send me your offers on WhatsApp. (K7M2QX)')


@pytest.mark.parametrize('text', [
    LINK.text,
    'hello send me your OFFERS on whatsapp k7m2qx',
    'K7M2QX',
    '(K7M2QX)',
    'Hello! 👋 Send me your offers on WhatsApp. (K7M2QX) Thank you, Ana',
    'Send me your offers (K7M2QX)',
    'Hello,\nsend me your offers on WhatsApp.\n\n(K7M2QX)',
])
def test_edits_around_the_code_do_not_matter(text):
    assert accepts(text, LINK)


@pytest.mark.parametrize('text', [
    'Hello, send me your offers on WhatsApp.',
    'Hello, send me your offers on WhatsApp. (K7M2Q)',
    'Hello, send me your offers on WhatsApp. (K7M2QXB)',
    'Hello, send me your offers on WhatsApp. (B7M2QX)',
    '',
    None,
])
def test_without_the_code_it_is_no_consent(text):
    assert not accepts(text, LINK)


@pytest.mark.parametrize('text', [
    'Hello, do NOT send me your offers on WhatsApp. (K7M2QX)',
    "Don't send me your offers on WhatsApp (K7M2QX)",
    'Stop! K7M2QX',
    'No quiero ofertas K7M2QX',
    'Não quero K7M2QX',
    'Je ne veux pas K7M2QX',
    'Bitte keine Angebote K7M2QX',
    'Non voglio K7M2QX',
    'Hello, please remove me, offers on WhatsApp. (K7M2QX)',
    'Hello, delete me K7M2QX',
    'Quero me descadastrar K7M2QX',
    'Bórrame K7M2QX',
    "Merci, n'envoyez rien K7M2QX",
])
def test_who_says_the_opposite_does_not_agree(text):
    assert not accepts(text, LINK)


def test_a_long_message_of_its_own_is_for_a_person():
    text = ('I found this on a poster K7M2QX and would like to know whether your shop in Leeds is open on Sundays '
            'before Christmas')

    assert not accepts(text, LINK)


def test_a_link_that_says_no_itself_is_taken_at_its_word():
    link = Invitation('K7M2QX', 'No more paper, please write to me here. (K7M2QX)')

    assert accepts(link.text, link)
    assert accepts('no more paper please write to me here k7m2qx', link)


@pytest.mark.parametrize('text', ['No (K7M2QX)', 'No please (K7M2QX)', 'No more, please (K7M2QX)'])
def test_a_no_is_none_although_the_link_says_no_itself(text):
    assert not accepts(text, Invitation('K7M2QX', 'No more paper, please write to me here. (K7M2QX)'))


def test_what_is_said_beside_the_codes_is_left():
    assert without_codes('STOP (k7m2qx)', ['K7M2QX']).split() == ['STOP', '(', ')']
    assert without_codes('STOP K7M2QXB', ['K7M2QX']) == 'STOP K7M2QXB'
    assert without_codes('STOP BCDFGH', ['K7M2QX']) == 'STOP BCDFGH'
    assert without_codes(None, ['K7M2QX']) == ''


def test_codes_are_found_in_any_case_and_each_once():
    assert codes_in('k7m2qx and K7M2QX or bcdfgh, not a7m2qx') == ['K7M2QX', 'BCDFGH']


def test_a_buttons_text_is_recognised_however_it_is_typed():
    assert same_words('¡Sí, quiero! ', 'si quiero')
    assert not same_words('yes please', 'yes')
    assert not same_words('', '')
