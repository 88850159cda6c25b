"""What is wrong with a template before Meta sees it."""

import ast
import re
from pathlib import Path

import pytest
from cloud_api import const
from cloud_api.template_checks import ADVICE, Code, check, errors, limits


def body(text, *samples):
    """:return: a body with numbered variables."""
    return {'type': 'BODY', 'text': text, **({'example': {'body_text': [list(samples)]}} if samples else {})}


def named_body(text, **samples):
    params = [{'param_name': name, 'example': value} for name, value in samples.items()]
    return {'type': 'BODY', 'text': text, 'example': {'body_text_named_params': params}}


def header(text, *samples):
    return {'type': 'HEADER', 'format': 'TEXT', 'text': text,
            **({'example': {'header_text': list(samples)}} if samples else {})}


def media(kind='IMAGE'):
    return {'type': 'HEADER', 'format': kind, 'example': {'header_handle': ['4::aW1hZ2U=']}}


def footer(text):
    return {'type': 'FOOTER', 'text': text}


def buttons(*items):
    return {'type': 'BUTTONS', 'buttons': list(items)}


def reply(text):
    return {'type': 'QUICK_REPLY', 'text': text}


def link(text='Open', url='https://shop.example.com/', **more):
    return {'type': 'URL', 'text': text, 'url': url, **more}


def code(example='25OFF'):
    return {'type': 'COPY_CODE', 'example': example}


BODY = body('Hello {{1}}, your parcel {{2}} waits at the counter.', 'Mira', 'P-1')
PLAIN = body('Your parcel waits at the counter.')


def spec(*components, **changes):
    """:return: a service update that Meta takes, with other components or another head."""
    return {'name': 'parcel_waits', 'language': 'en_US', 'category': 'UTILITY', 'parameter_format': 'positional',
            'components': list(components or [BODY]), **changes}


def found(*components, **changes):
    """:return: part and code of every error."""
    return {(problem.part, problem.code) for problem in errors(spec(*components, **changes))}


def test_a_good_template_has_no_problem():
    assert check(spec(header('Parcel {{1}}', 'P-1'), BODY, footer('The shop'), buttons(reply('Thanks')))) == []


# --- The head ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('changes', 'problem'), [
    ({'name': ''}, ('name', Code.NAME_MISSING)),
    ({'name': 'Parcel waits'}, ('name', Code.NAME_CHARACTERS)),
    ({'name': 'parcel_\u202ewaits'}, ('name', Code.NAME_CHARACTERS)),
    ({'name': 'x' * 513}, ('name', Code.NAME_TOO_LONG)),
    ({'language': ''}, ('language', Code.LANGUAGE_MISSING)),
    ({'language': 'es_ZZ'}, ('language', Code.LANGUAGE_UNKNOWN)),
    ({'category': ''}, ('category', Code.CATEGORY_MISSING)),
    ({'category': 'GREETING'}, ('category', Code.CATEGORY_UNKNOWN)),
    ({'parameter_format': 'numbered'}, ('variables', Code.FORMAT_UNKNOWN)),
])
def test_the_head_is_checked(changes, problem):
    assert found(**changes) == {problem}


def test_a_name_of_512_characters_is_taken():
    assert found(name='x' * 512) == set()


def test_a_name_is_taken_once_per_language():
    other = spec(PLAIN)
    assert [problem.code for problem in errors(spec(), [other])] == [Code.NAME_TAKEN]
    assert errors(spec(language='es'), [other]) == []


@pytest.mark.parametrize(('category', 'seconds', 'is_fine'), [
    ('UTILITY', 30, True), ('UTILITY', 43_200, True), ('UTILITY', -1, True), ('UTILITY', 29, False),
    ('UTILITY', 43_201, False), ('UTILITY', True, False), ('UTILITY', '60', False),
    ('MARKETING', 43_200, True), ('MARKETING', 2_592_000, True), ('MARKETING', -1, False), ('MARKETING', 900, False),
])
def test_how_long_meta_tries_depends_on_the_category(category, seconds, is_fine):
    problems = found(category=category, message_send_ttl_seconds=seconds)
    assert is_fine == (not problems)
    assert {part for part, __ in problems} <= {'ttl'}


# --- Lengths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('part', 'limit', 'build'), [
    ('header', 60, lambda text: (header(text), PLAIN)),
    ('body', 1024, lambda text: (body(text),)),
    ('footer', 60, lambda text: (PLAIN, footer(text))),
    ('button:0', 25, lambda text: (PLAIN, buttons(reply(text)))),
])
def test_a_text_may_have_so_many_characters_and_not_one_more(part, limit, build):
    assert found(*build('x' * limit)) == set()
    assert found(*build('x' * limit + 'x')) == {(part, Code.TOO_LONG)}


def test_an_emoji_of_four_bytes_is_one_character():
    assert found(body('🎉' * 1024)) == set()
    assert found(body('🎉' * 1025)) == {('body', Code.TOO_LONG)}


@pytest.mark.parametrize('text', ['', '   ', '\u200b\u200f', None, 7])
def test_a_body_that_shows_nothing_is_empty(text):
    assert ('body', Code.EMPTY) in found(body(text))


# --- Signs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('text', 'problem'), [
    ('Two\nlines', Code.LINE_BREAKS), ('*Bold*', Code.FORMATTING), ('_slanted_ words', Code.FORMATTING),
    ('Party 🎉', Code.EMOJI), ('A\u202eB', Code.DIRECTION_MARKS), ('A\tB', Code.CONTROL_CHARACTERS),
])
def test_a_header_is_one_plain_line(text, problem):
    assert found(header(text), PLAIN) == {('header', problem)}


def test_a_name_with_underscores_is_no_formatting():
    assert found(header('File my_long_name'), PLAIN) == set()


def test_marks_that_turn_the_reading_direction_are_refused():
    assert found(body('Pay \u202e123\u202c now please.')) == {('body', Code.DIRECTION_MARKS)}


def test_the_marks_that_hebrew_and_arabic_need_are_fine():
    assert found(body('שלום\u200f, ההזמנה שלך מוכנה.'), language='he') == set()


def test_a_body_may_have_lines_emoji_and_marks():
    assert found(body('*Hello* 🎉\nYour parcel waits.')) == set()


# --- Variables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('text', 'samples', 'problem'), [
    ('{{1}} stands at the start of this.', ('a',), Code.VARIABLE_AT_EDGE),
    ('Here at the very end stands {{1}}', ('a',), Code.VARIABLE_AT_EDGE),
    ('\u200f{{1}} stands at the start of this.', ('a',), Code.VARIABLE_AT_EDGE),
    ('Two of them {{1}} {{2}} stand side by side here.', ('a', 'b'), Code.VARIABLES_ADJACENT),
    ('Two of them {{1}}{{2}} stand side by side here.', ('a', 'b'), Code.VARIABLES_ADJACENT),
    ('Two of them {{1}}\u200b{{2}} stand side by side here.', ('a', 'b'), Code.VARIABLES_ADJACENT),
    ('The numbers {{2}} and {{3}} have no first one.', ('a', 'b'), Code.VARIABLES_ORDER),
    ('Too {{1}} few {{2}} words.', ('a', 'b'), Code.VARIABLES_TOO_MANY),
    ('The variable {{first name}} has a space in it.', (), Code.VARIABLE_NAME),
    ('The variable {{Name}} has a capital in it.', (), Code.VARIABLE_NAME),
    ('The variable {{a#b}} has a sign in it.', (), Code.VARIABLE_NAME),
    ('The variable {{}} has no name at all.', (), Code.VARIABLE_NAME),
    ('The braces {{1 of this one are open.', (), Code.VARIABLE_BROKEN),
    ('Your order {{1}} is on its way.', (), Code.SAMPLE_MISSING),
    ('Your order {{1}} is on its way.', (' ',), Code.SAMPLE_MISSING),
    ('Your order {{1}} is on its way.', ('a', 'b'), Code.SAMPLES_EXTRA),
    ('Your order {{number}} is on its way.', (), Code.VARIABLES_MIXED),
    ('Your order {{number}} is {{1}} on its way.', ('a',), Code.VARIABLES_MIXED),
])
def test_variables_of_a_body_are_checked(text, samples, problem):
    assert ('body', problem) in found(body(text, *samples))


def test_a_variable_may_stand_twice():
    assert found(body('Hello {{1}}, this is for {{1}} alone.', 'Mira')) == set()


def test_named_variables_need_their_samples_by_name():
    text = 'Hello {{first_name}}, your parcel {{parcel_2}} waits here.'
    assert found(named_body(text, first_name='Mira', parcel_2='P'), parameter_format='named') == set()
    assert found(named_body(text, first_name='Mira', other='P'), parameter_format='named') == {
        ('body', Code.SAMPLE_MISSING)}


def test_a_named_template_has_no_numbers():
    assert ('body', Code.VARIABLES_MIXED) in found(BODY, parameter_format='named')


def test_a_language_without_spaces_has_words_too():
    assert found(body('您好{{1}}，您的包裹已经到了。', 'Mira'), language='zh_CN') == set()


def test_a_header_takes_one_variable_a_footer_none():
    assert found(header('Parcel {{1}} of {{2}}', 'a', 'b'), PLAIN) == {('header', Code.VARIABLES_ONE)}
    assert found(PLAIN, footer('For {{1}} only')) == {('footer', Code.VARIABLES_NOT_ALLOWED)}


# --- Components ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('components', 'problem'), [
    ((footer('No body'),), ('body', Code.BODY_MISSING)),
    ((BODY, BODY), ('body', Code.COMPONENT_TWICE)),
    ((PLAIN, {'type': 'SMELL'}), ('body', Code.COMPONENT_UNKNOWN)),
    ((PLAIN, 'text'), ('body', Code.MALFORMED)),
    (({'type': 'HEADER', 'format': 'SMELL'}, PLAIN), ('header', Code.HEADER_FORMAT)),
    (({'type': 'HEADER', 'format': 'IMAGE'}, PLAIN), ('header', Code.FILE_MISSING)),
    (({'type': 'HEADER', 'format': 'PRODUCT'}, PLAIN), ('header', Code.PRODUCT_BUTTON)),
    ((PLAIN, buttons()), ('buttons', Code.EMPTY)),
])
def test_components_are_checked(components, problem):
    assert found(*components) == {problem}


@pytest.mark.parametrize('kind', ['IMAGE', 'VIDEO', 'DOCUMENT'])
def test_a_file_with_its_sample_is_fine(kind):
    assert found(media(kind), PLAIN) == set()


def test_a_place_has_no_sample():
    assert found({'type': 'HEADER', 'format': 'LOCATION'}, PLAIN) == set()


@pytest.mark.parametrize('rubbish', [None, [], 'x', {'components': {}}, {'components': [{'type': ['BODY']}]},
                                     {'components': [{'type': 'CAROUSEL', 'cards': [{'components': 7}, 3]}]}])
def test_whatever_the_form_it_only_reports(rubbish):
    assert errors(rubbish)


# --- Buttons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('items', 'problem'), [
    ([reply(f'Answer {number}') for number in range(11)], ('buttons', Code.BUTTONS_TOO_MANY)),
    ([link(f'Link {number}') for number in range(3)], ('buttons', Code.BUTTON_KIND_TOO_MANY)),
    ([reply('One'), link(), reply('Two')], ('buttons', Code.BUTTONS_NOT_GROUPED)),
    ([reply('Yes'), reply('yes ')], ('buttons', Code.BUTTON_TEXT_TWICE)),
    ([{'type': 'CATALOG', 'text': 'View catalog'}, reply('No')], ('buttons', Code.BUTTON_ALONE)),
    ([{'type': 'WINK', 'text': 'x'}], ('button:0', Code.BUTTON_UNKNOWN)),
    ([reply('Yes 🎉')], ('button:0', Code.EMOJI)),
    ([reply('Yes {{1}}')], ('button:0', Code.VARIABLES_NOT_ALLOWED)),
    ([reply('')], ('button:0', Code.EMPTY)),
    ([link(url='shop.example.com')], ('button:0', Code.URL_INVALID)),
    ([link(url='https://shop')], ('button:0', Code.URL_INVALID)),
    ([link(url='https://shop.example.com/' + 'x' * 1976)], ('button:0', Code.URL_TOO_LONG)),
    ([link(url='https://shop.example.com/{{1}}/x', example=['x'])], ('button:0', Code.URL_VARIABLE)),
    ([link(url='https://shop.example.com/{{1}}{{2}}', example=['x'])], ('button:0', Code.URL_VARIABLE)),
    ([link(url='https://shop.example.com/{{1}}')], ('button:0', Code.URL_SAMPLE)),
    ([{'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '0800-CALL'}], ('button:0', Code.PHONE_INVALID)),
    ([{'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '1' * 21}], ('button:0', Code.PHONE_INVALID)),
    ([code('')], ('button:0', Code.CODE_MISSING)),
    ([code('x' * 21)], ('button:0', Code.CODE_TOO_LONG)),
    ([{'type': 'FLOW', 'text': 'Book'}], ('button:0', Code.FLOW_MISSING)),
    ([{'type': 'FLOW', 'text': 'Book', 'flow_id': '1', 'flow_name': 'x'}], ('button:0', Code.FLOW_MISSING)),
    ([{'type': 'FLOW', 'text': 'Book', 'flow_id': '1', 'flow_action': 'fly'}], ('button:0', Code.FLOW_ACTION)),
    ([{'type': 'VOICE_CALL', 'text': 'Call', 'ttl_minutes': 0}], ('button:0', Code.CALL_MINUTES)),
    ([{'type': 'OTP', 'otp_type': 'COPY_CODE', 'text': 'Copy'}], ('button:0', Code.NOT_IN_CATEGORY)),
])
def test_buttons_are_checked(items, problem):
    assert found(PLAIN, buttons(*items)) == {problem}


@pytest.mark.parametrize('items', [
    [reply(f'Answer {number}') for number in range(10)],
    [reply('One'), reply('Two'), link(), link('Other')],
    [link(), code(), reply('Stop')],
    [link(url='https://shop.example.com/' + 'x' * 1975)],
    [link(url='https://shop.example.com/{{1}}', example=['https://shop.example.com/x'])],
    [link(url='https://shop.example.com/?id={{1}}', example=['x'])],
    [{'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '+34910000111'}],
    [{'type': 'FLOW', 'text': 'Book', 'flow_id': '1', 'flow_action': 'navigate', 'navigate_screen': 'A'}],
    [{'type': 'REQUEST_CONTACT_INFO'}],
    [{'type': 'CATALOG', 'text': 'View catalog'}],
    [{'type': 'VOICE_CALL', 'text': 'Call us', 'ttl_minutes': 100}],
])
def test_these_buttons_go_together(items):
    assert found(PLAIN, buttons(*items)) == set()


# --- Limited-time offers -------------------------------------------------------------------------------------------


def offer(text='Ends soon!', **more):
    return {'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': text, 'has_expiration': True, **more}}


def found_in_offer(*components):
    return found(*components, category='MARKETING')


def test_an_offer_goes_with_a_picture_a_code_and_a_link():
    assert found_in_offer(media(), PLAIN, offer(), buttons(code(), link())) == set()


@pytest.mark.parametrize(('components', 'problem'), [
    ((media('DOCUMENT'), PLAIN, offer(), buttons(code(), link())), ('header', Code.OFFER_HEADER)),
    ((PLAIN, footer('Small print'), offer(), buttons(code(), link())), ('footer', Code.OFFER_FOOTER)),
    ((PLAIN, offer(), buttons(link(), code())), ('buttons', Code.OFFER_BUTTONS)),
    ((PLAIN, offer()), ('buttons', Code.OFFER_BUTTONS)),
    ((PLAIN, offer('x' * 17), buttons(code(), link())), ('offer', Code.TOO_LONG)),
    ((body('x' * 601), offer(), buttons(code(), link())), ('body', Code.TOO_LONG)),
    ((PLAIN, offer(), buttons(code('x' * 16), link())), ('button:0', Code.CODE_TOO_LONG)),
])
def test_offers_are_checked(components, problem):
    assert found_in_offer(*components) == {problem}


def test_an_offer_is_marketing():
    assert ('offer', Code.NOT_IN_CATEGORY) in found(PLAIN, offer(), buttons(code(), link()))


# --- Carousels -----------------------------------------------------------------------------------------------------


def card(*components):
    return {'components': list(components or (media(), body('A fine bag.'), buttons(link())))}


def carousel(*cards):
    return {'type': 'CAROUSEL', 'cards': list(cards)}


@pytest.mark.parametrize('count', [2, 10])
def test_a_carousel_has_two_to_ten_equal_cards(count):
    assert found(PLAIN, carousel(*[card()] * count)) == set()


@pytest.mark.parametrize(('components', 'problem'), [
    ((PLAIN, carousel(card())), ('card:0', Code.CARDS_COUNT)),
    ((PLAIN, carousel(*[card()] * 11)), ('card:0', Code.CARDS_COUNT)),
    ((PLAIN, carousel(card(), card(media('VIDEO'), body('A bag.'), buttons(link())))), ('card:1', Code.CARDS_DIFFER)),
    ((PLAIN, carousel(card(), card(media(), buttons(link())))), ('card:1', Code.CARDS_DIFFER)),
    ((PLAIN, footer('x'), carousel(card(), card())), ('footer', Code.CAROUSEL_ALONE)),
    ((PLAIN, carousel(*[card(body('A bag.'), buttons(link()))] * 2)), ('card:0', Code.CARD_HEADER)),
    ((PLAIN, carousel(*[card(media(), body('A bag.'))] * 2)), ('card:0', Code.CARD_BUTTONS)),
    ((PLAIN, carousel(*[card(media(), body('x' * 161), buttons(link()))] * 2)), ('card:1:body', Code.TOO_LONG)),
    ((PLAIN, carousel(*[card(media(), buttons(reply('x' * 26)))] * 2)), ('card:1:button:0', Code.TOO_LONG)),
    ((PLAIN, carousel(*[card({'type': 'HEADER', 'format': 'IMAGE'}, buttons(link()))] * 2)),
     ('card:0:header', Code.FILE_MISSING)),
])
def test_carousels_are_checked(components, problem):
    assert problem in found(*components)


# --- Sign-in codes -------------------------------------------------------------------------------------------------


def otp(kind='COPY_CODE', **more):
    return {'type': 'OTP', 'otp_type': kind, **more}


APP = {'supported_apps': [{'package_name': 'com.example.shop', 'signature_hash': 'K8a/AINcGX7'}]}


def found_in_code(*components, **more):
    return found(*components, category='AUTHENTICATION', **more)


@pytest.mark.parametrize('button', [
    otp(), otp(text='Copy code'), otp('ONE_TAP', autofill_text='Fill in', **APP),
    otp('ZERO_TAP', zero_tap_terms_accepted=True, **APP),
    otp('ONE_TAP', package_name='com.example.shop', signature_hash='K8a/AINcGX7'),
])
def test_a_sign_in_code_has_metas_own_words(button):
    assert found_in_code({'type': 'BODY', 'add_security_recommendation': True},
                         {'type': 'FOOTER', 'code_expiration_minutes': 10}, buttons(button)) == set()


@pytest.mark.parametrize(('components', 'problem'), [
    ((PLAIN, buttons(otp())), ('body', Code.OTP_TEXT)),
    (({'type': 'BODY'}, {'type': 'FOOTER', 'text': 'x'}, buttons(otp())), ('footer', Code.OTP_TEXT)),
    (({'type': 'BODY'}, {'type': 'FOOTER', 'code_expiration_minutes': 91}, buttons(otp())),
     ('footer', Code.OTP_MINUTES)),
    (({'type': 'BODY'}, {'type': 'FOOTER', 'code_expiration_minutes': True}, buttons(otp())),
     ('footer', Code.OTP_MINUTES)),
    ((media(), {'type': 'BODY'}, buttons(otp())), ('header', Code.OTP_PARTS)),
    (({'type': 'BODY'},), ('buttons', Code.OTP_BUTTON)),
    (({'type': 'BODY'}, buttons(otp(), link())), ('buttons', Code.OTP_BUTTON)),
    (({'type': 'BODY'}, buttons(otp('KNOCK'))), ('button:0', Code.OTP_KIND)),
    (({'type': 'BODY'}, buttons(otp('ONE_TAP'))), ('button:0', Code.OTP_APP)),
    (({'type': 'BODY'}, buttons(otp('ONE_TAP', package_name='shop', signature_hash='K8a/AINcGX7'))),
     ('button:0', Code.OTP_PACKAGE)),
    (({'type': 'BODY'}, buttons(otp('ONE_TAP', package_name='com.2shop', signature_hash='K8a/AINcGX7'))),
     ('button:0', Code.OTP_PACKAGE)),
    (({'type': 'BODY'}, buttons(otp('ONE_TAP', package_name='com.example.shop', signature_hash='K8a'))),
     ('button:0', Code.OTP_SIGNATURE)),
    (({'type': 'BODY'}, buttons(otp('ZERO_TAP', **APP))), ('button:0', Code.OTP_TERMS)),
    (({'type': 'BODY'}, buttons(otp(text='x' * 26))), ('button:0', Code.TOO_LONG)),
])
def test_sign_in_codes_are_checked(components, problem):
    assert problem in found_in_code(*components)


def test_a_sign_in_code_ends_within_fifteen_minutes():
    parts = ({'type': 'BODY'}, buttons(otp()))
    assert found_in_code(*parts, message_send_ttl_seconds=900) == set()
    assert found_in_code(*parts, message_send_ttl_seconds=901) == {('ttl', Code.TTL_OUT_OF_RANGE)}


# --- Figures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('ours', 'metas'), [
    ('NAME_MAX', 'TEMPLATE_NAME_MAX'), ('HEADER_MAX', 'HEADER_TEXT_MAX'), ('BODY_MAX', 'BODY_TEXT_MAX'),
    ('FOOTER_MAX', 'FOOTER_TEXT_MAX'), ('URL_MAX', 'BUTTON_URL_MAX'), ('PHONE_MAX', 'BUTTON_PHONE_MAX'),
    ('TTL', 'TEMPLATE_TTL'), ('TTL_LONGEST', 'TEMPLATE_TTL_LONGEST'), ('FORMATS', 'PARAMETER_FORMATS'),
    *((name, name) for name in (
        'BUTTONS_MAX', 'BUTTON_TEXT_MAX', 'COPY_CODE_MAX', 'OFFER_TEXT_MAX', 'OFFER_BODY_MAX', 'OFFER_CODE_MAX',
        'CARDS_MIN', 'CARDS_MAX', 'CARD_BODY_MAX', 'CARD_BUTTONS_MAX', 'CODE_MINUTES', 'OTP_APPS_MAX',
        'OTP_PACKAGE_MAX', 'BUTTON_KINDS')),
])
def test_the_figures_are_those_of_metas_world(ours, metas):
    assert getattr(limits, ours) == getattr(const, metas)


def test_the_languages_and_categories_are_those_of_metas_world():
    assert const.TEMPLATE_LANGUAGES.keys() == limits.LANGUAGES
    assert set(limits.CATEGORIES) == const.TEMPLATE_CATEGORIES.keys()


def test_errors_come_before_advice():
    severities = [problem.severity for problem in check(spec(body('Sale!'), buttons(reply(''))))]
    assert severities == sorted(severities, key=lambda severity: severity == ADVICE)


# --- Advice --------------------------------------------------------------------------------------------------------


def advised(*components, others=(), **changes):
    """:return: part and code of every advice."""
    return {(problem.part, problem.code) for problem in check(spec(*components, **changes), others)
            if problem.severity == ADVICE}


@pytest.mark.parametrize(('language', 'text'), [
    ('en', 'Our summer sale starts today: 20% off everything.'), ('en_GB', 'Here is your discount code for today.'),
    ('es', 'Aprovecha nuestros descuentos de verano en la tienda.'), ('es_MX', 'Envío gratis en tu próxima compra.'),
    ('pt_BR', 'Não perca a nova coleção na nossa loja.'), ('pt_PT', 'Aproveite as promoções desta semana.'),
    ('fr', 'Profitez de nos offres spéciales cette semaine.'), ('fr_CA', 'La livraison offerte vous attend.'),
    ('de', 'Jetzt sichern: 20 % Rabatt auf alles im Laden.'), ('de_AT', 'Nur heute gibt es Gutscheine für alle.'),
    ('it', 'Approfitta degli sconti di questa settimana.'), ('it', 'Scopri la nostra nuova collezione in negozio.'),
])
def test_an_advertisement_is_no_service_update(language, text):
    assert advised(body(text), language=language) == {('category', Code.PROMOTIONAL)}


@pytest.mark.parametrize('button', [
    {'type': 'COPY_CODE', 'example': '25OFF'}, {'type': 'CATALOG', 'text': 'View catalog'},
    {'type': 'MPM', 'text': 'View items'}])
def test_buttons_that_sell_are_for_marketing(button):
    assert ('category', Code.MARKETING_KIND) in advised(PLAIN, buttons(button))
    assert ('category', Code.MARKETING_KIND) not in advised(PLAIN, buttons(button), category='MARKETING')


@pytest.mark.parametrize(('language', 'text'), [
    ('en', 'Your sales order was confirmed at the point of sale.'), ('en', 'Your order has been shipped today.'),
    ('es', 'Tu pedido sale hoy de nuestro almacén central.'), ('es', 'Su factura está lista y puede verla aquí.'),
    ('pt_BR', 'Seu pedido saiu para entrega hoje de manhã.'), ('fr', 'Votre commande est en route vers vous.'),
    ('de', 'Ihr Angebot ist fertig, Sie finden es hier.'), ('it', 'Il tuo ordine è in consegna questa mattina.'),
    ('nl', 'De sale begint vandaag in onze winkel hier.'),
])
def test_a_service_update_is_none_of_them(language, text):
    assert advised(body(text), language=language) == set()


def test_marketing_may_advertise():
    text = body('Our summer sale starts today.')
    assert advised(text, buttons(reply('Stop promotions')), category='MARKETING') == set()


def test_a_sign_in_code_has_a_category_of_its_own():
    assert advised(body('Use {{1}} as your verification code in our shop.', '123456')) == {
        ('category', Code.SIGN_IN_CODE)}


@pytest.mark.parametrize(('text', 'problem'), [
    ('Follow your parcel at https://bit.ly/abc123 today.', Code.SHORT_LINK),
    ('Follow your parcel at tinyurl.com/abc123 today.', Code.SHORT_LINK),
    ('Write to us at https://wa.me/34910000111 any time.', Code.WHATSAPP_LINK),
    ('Follow your parcel at http://shop.example.com/track today.', Code.PLAIN_LINK),
])
def test_links_that_reviewers_refuse(text, problem):
    assert advised(body(text)) == {('body', problem)}


def test_a_link_of_a_button_is_looked_at_too():
    assert advised(PLAIN, buttons(link(url='https://wa.me/34910000111'))) == {('button:0', Code.WHATSAPP_LINK)}


def test_a_link_to_ones_own_shop_is_fine():
    assert advised(body('Follow your parcel at https://shop.example.com/bit.ly today.')) == set()


def test_the_same_text_in_another_template_is_a_duplicate():
    other = spec(PLAIN, name='parcel_here')
    assert advised(PLAIN, others=[other]) == {('body', Code.DUPLICATE)}
    assert advised(PLAIN, footer('The shop'), others=[other]) == set()


def test_more_than_three_buttons_are_hidden_and_not_on_the_desktop():
    replies = [reply(f'Answer {number}') for number in range(4)]
    assert advised(PLAIN, buttons(*replies)) == {('buttons', Code.BUTTONS_SEE_ALL), ('buttons', Code.BUTTONS_DESKTOP)}
    assert advised(PLAIN, buttons(*replies[:3])) == set()


def test_a_reply_beside_a_link_is_not_on_the_desktop():
    assert advised(PLAIN, buttons(reply('Thanks'), link())) == {('buttons', Code.BUTTONS_DESKTOP)}


@pytest.mark.parametrize('label', [
    'Stop promotions', 'Unsubscribe', 'No more offers', 'Darme de baja', 'No más promociones', 'Parar promoções',
    'Me désabonner', 'Abmelden', 'Keine Werbung', 'Disiscrivimi',
])
def test_marketing_with_a_way_to_stop(label):
    assert advised(PLAIN, buttons(reply(label)), category='MARKETING') == set()


def test_marketing_without_a_way_to_stop():
    assert advised(PLAIN, category='MARKETING') == {('buttons', Code.NO_OPT_OUT)}
    assert advised(PLAIN, footer('Reply STOP to opt out'), category='MARKETING') == set()


@pytest.mark.parametrize(('text', 'problem'), [
    ('YOUR PARCEL WAITS AT THE COUNTER NOW.', Code.CAPITALS),
    ('Your parcel waits, COME AND TAKE THIS THING HOME today or tomorrow morning.', Code.CAPITALS),
    ('Your parcel waits 🎉🎉🎉🎉🎉🎉 at the counter.', Code.MANY_EMOJI),
    ('Your parcel {1} waits at the counter.', Code.SINGLE_BRACES),
    ('Your parcel waits.\n\n\nAt the counter.', Code.BLANK_LINES),
])
def test_texts_that_look_wrong(text, problem):
    assert advised(body(text)) == {('body', problem)}


def test_a_family_of_emoji_counts_once():
    family = '👨\u200d👩\u200d👧'
    assert advised(body(f'Your parcels wait {family * 5} at the counter.')) == set()


def test_what_consists_of_variables_says_nothing():
    assert advised(body('Hello {{1}}, thank you.', 'Mira')) == {('body', Code.VAGUE)}
    assert advised(header('{{1}}', 'x'), PLAIN) == {('header', Code.VAGUE)}


def test_samples_show_that_a_text_gets_too_long():
    text = 'Hello {{1}}, ' + 'x ' * 500 + 'bye.'
    assert advised(body(text, 'Mira')) == set()
    assert advised(body(text, 'M' * 100)) == {('body', Code.SAMPLES_TOO_LONG)}


def test_marks_in_a_footer_are_mostly_refused():
    assert advised(PLAIN, footer('*The shop*')) == {('footer', Code.FOOTER_MARKS)}


def test_a_sign_in_template_gets_no_advice():
    assert advised({'type': 'BODY'}, buttons(otp()), category='AUTHENTICATION') == set()


# --- Meta's own examples [OA, 2025-11-21] ---------------------------------------------------------------------------

META_PHONE = {'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '16467043595'}
META_FLOW = {'type': 'FLOW', 'text': 'Check out this offer!', 'flow_action': 'navigate', 'navigate_screen': 'WELCOME'}


@pytest.mark.parametrize(('category', 'components'), [
    ('UTILITY', (
        media('DOCUMENT'),
        body('Thank you for your order, {{1}}! Your order number is {{2}}. Tap the PDF linked above to view your '
             'receipt. If you have any questions, please use the buttons below to contact support. Thanks again!',
             'Mark', '860198-230332'),
        buttons(META_PHONE, link('Contact Support', 'https://www.examplesite.com/support')))),
    ('MARKETING', (
        media('IMAGE'),
        body('Hi {{1}}! For a limited time only you can get our {{2}} for as low as {{3}}. Tap the Offer Details '
             'button for more information.', 'Mark', 'Tuscan Getaway package', '800'),
        footer('Offer valid until May 31, 2023'),
        buttons(META_PHONE, link('Shop Now', 'https://shop.example.com/shop?promo={{1}}', example=['summer2023'])))),
    ('UTILITY', (
        {'type': 'HEADER', 'format': 'LOCATION'},
        body('Good news {{1}}! Your order #{{2}} is on its way to the location above. Thank you for your order!',
             'Mark', '566701'),
        footer('To stop receiving delivery updates, tap the button below.'),
        buttons(reply('Stop Delivery Updates')))),
    ('MARKETING', (
        header('Our {{1}} is on!', 'Summer Sale'),
        body('Shop now through {{1}} and use code {{2}} to get {{3}} off of all merchandise.',
             'the end of August', '25OFF', '25%'),
        footer('Use the buttons below to manage your marketing subscriptions'),
        buttons(reply('Unsubcribe from Promos'), reply('Unsubscribe from All')))),
    ('MARKETING', (
        header('Forget something {{1}}?', 'Pablo'),
        body('Looks like you left some items in your cart! Use code {{1}} and you can get 10% off of all of them!',
             '10OFF'),
        buttons({'type': 'MPM', 'text': 'View items'}))),
    ('MARKETING', (body('Check out this new offer'), buttons({**META_FLOW, 'flow_name': 'offer'}))),
    ('MARKETING', (body('Check out this new offer'), buttons({**META_FLOW, 'flow_json': '{"version":"5.0"}'}))),
    ('AUTHENTICATION', (
        {'type': 'BODY', 'add_security_recommendation': True}, {'type': 'FOOTER', 'code_expiration_minutes': 10},
        buttons(otp('COPY_CODE', text='Copy Code')))),
    ('AUTHENTICATION', (
        {'type': 'BODY', 'add_security_recommendation': True}, {'type': 'FOOTER', 'code_expiration_minutes': 10},
        buttons(otp('ONE_TAP', text='Copy Code', autofill_text='Autofill', package_name='com.example.luckyshrub',
                    signature_hash='K8a%2FAINcGX7')))),
])
def test_metas_own_examples_pass(category, components):
    assert found(*components, category=category) == set()


# --- Words ---------------------------------------------------------------------------------------------------------

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp'


def nodes(path):
    return ast.walk(ast.parse(path.read_text(encoding='utf-8')))


def code_of(node):
    """:return: name of the code an expression like ``Code.EMPTY`` stands for, ''."""
    is_code = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == 'Code'
    return node.attr if is_code else ''


def keys_of(node):
    return {key.value for key in node.keys} if isinstance(node, ast.Dict) else set()


def details_given():
    """:return: by code, a set of detail names for every place that reports it."""
    given = []
    for path in (ADDON / 'cloud_api' / 'template_checks').glob('*.py'):
        for node in nodes(path):
            if isinstance(node, ast.Call) and len(node.args) > 1 and (name := code_of(node.args[1])):
                details = next((keyword.value for keyword in node.keywords if keyword.arg == 'details'), None)
                given.append((name, keys_of(details)))
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                if name := code_of(node.value.elts[1]):
                    given.append((name, keys_of(node.value.elts[2])))
    return given


def names_in_words():
    """:return: by code, the names of details its words use."""
    path = ADDON / 'models' / 'fluxforce_whatsapp_template_advice.py'
    return {code_of(key): set(re.findall(r'%\((\w+)\)s', value.args[0].value))
            for node in nodes(path) if isinstance(node, ast.Dict)
            for key, value in zip(node.keys, node.values, strict=True) if code_of(key)}


def test_every_code_has_words_and_is_reported_somewhere():
    names = {code.name for code in Code}
    assert names_in_words().keys() == names
    assert {name for name, __ in details_given()} == names


def test_every_problem_brings_the_figures_its_words_need():
    words = names_in_words()
    assert [(name, missing) for name, given in details_given() if (missing := words[name] - given)] == []
