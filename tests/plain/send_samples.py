"""What can be sent, enumerated: templates of every component and kind, and contents of every type."""

from datetime import datetime, timedelta, timezone
from itertools import product

from cloud_api import free_form, interactive
from cloud_api.templates import variables

#: Files that begin as their types do; nothing more is looked at.
FILES = {
    'image': ('image/jpeg', b'\xff\xd8\xff\xe0\x00\x10JFIF'),
    'video': ('video/mp4', b'\x00\x00\x00\x18ftypmp42'),
    'audio': ('audio/mpeg', b'ID3\x04\x00'),
    'voice': ('audio/ogg', b'OggS\x00\x02'),
    'document': ('application/pdf', b'%PDF-1.4\n'),
    'sticker': ('image/webp', b'RIFF\x24\x00\x00\x00WEBPVP8 '),
}
LINKS = {kind: f'https://example.com/{kind}' for kind in FILES}


# --- Templates -----------------------------------------------------------------------------------------------------


def text_header(named):
    return {'type': 'HEADER', 'format': 'TEXT', 'text': 'Order {{order}}' if named else 'Order {{1}}'}


def header(form):
    return lambda named: {'type': 'HEADER', 'format': form}


def body(named, text=''):
    text = text or ('Hi {{first_name}}, see you on {{day}}.' if named else 'Hi {{1}}, see you on {{2}}.')
    return {'type': 'BODY', 'text': text}


HEADERS = {
    'no header': lambda named: None,
    'fixed header': lambda named: {'type': 'HEADER', 'format': 'TEXT', 'text': 'Good news'},
    'text header': text_header,
    **{f'{form.lower()} header': header(form) for form in ('IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION', 'PRODUCT')},
}
BUTTONS = {
    'no button': [],
    'quick reply': [{'type': 'QUICK_REPLY', 'text': 'Stop promotions'}],
    'fixed link': [{'type': 'URL', 'text': 'Shop', 'url': 'https://example.com'}],
    'link': [{'type': 'URL', 'text': 'Track', 'url': 'https://example.com/t/{{1}}'}],
    'phone': [{'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '+34910000111'}],
    'code': [{'type': 'COPY_CODE', 'example': ['25OFF']}],
    'form': [{'type': 'FLOW', 'text': 'Book', 'flow_id': '1', 'flow_action': 'navigate', 'navigate_screen': 'FIRST'}],
    'catalogue': [{'type': 'CATALOG', 'text': 'View catalog'}],
    'products': [{'type': 'MPM', 'text': 'View items'}],
    'product': [{'type': 'SPM', 'text': 'View'}],
    'contact details': [{'type': 'REQUEST_CONTACT_INFO'}],
    'call': [{'type': 'VOICE_CALL', 'text': 'Call us', 'ttl_minutes': 60}],
    'mixed': [
        {'type': 'QUICK_REPLY', 'text': 'Yes'}, {'type': 'QUICK_REPLY', 'text': 'No'},
        {'type': 'URL', 'text': 'Shop', 'url': 'https://example.com'},
        {'type': 'URL', 'text': 'Track', 'url': 'https://example.com/t/{{1}}'},
        {'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '+34910000111'},
        {'type': 'COPY_CODE', 'example': ['25OFF']},
    ],
}
CARD_BUTTONS = {
    'quick replies': [{'type': 'QUICK_REPLY', 'text': 'More'}, {'type': 'QUICK_REPLY', 'text': 'Less'}],
    'link and phone': [{'type': 'URL', 'text': 'See', 'url': 'https://example.com/p/{{1}}'},
                       {'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '+34910000111'}],
    'product': [{'type': 'SPM', 'text': 'View'}],
}
OTP_TYPES = ('COPY_CODE', 'ONE_TAP', 'ZERO_TAP')


def carousel(named, form, buttons, count):
    card = [{'type': 'HEADER', 'format': form}, body(named, 'For {{name}} only.' if named else 'For {{1}} only.'),
            {'type': 'BUTTONS', 'buttons': buttons}]
    return {'type': 'CAROUSEL', 'cards': [{'components': card} for _number in range(count)]}


def offer(expires):
    return {'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Ends soon', 'has_expiration': expires}}


def _plain():
    for named, (top, make), (low, buttons) in product((False, True), HEADERS.items(), BUTTONS.items()):
        parts = [make(named), body(named), {'type': 'FOOTER', 'text': 'Your shop'},
                 {'type': 'BUTTONS', 'buttons': buttons} if buttons else None]
        yield f'{_format(named)}, {top}, {low}', named, 'MARKETING', [part for part in parts if part]


def _carousels():
    for named, form, (words, buttons), count in product(
            (False, True), ('IMAGE', 'VIDEO', 'PRODUCT'), CARD_BUTTONS.items(), (2, 10)):
        parts = [body(named), carousel(named, form, buttons, count)]
        yield f'{_format(named)}, {count} cards with {form.lower()} and {words}', named, 'MARKETING', parts


def _offers():
    for named, form, expires in product((False, True), ('IMAGE', 'VIDEO'), (False, True)):
        buttons = {'type': 'BUTTONS', 'buttons': [*BUTTONS['code'], *BUTTONS['link']]}
        parts = [header(form)(named), body(named), offer(expires), buttons]
        words = 'with' if expires else 'without'
        yield f'{_format(named)}, offer {words} end and {form.lower()}', named, 'MARKETING', parts


def _codes():
    """As they are submitted, and as Meta lists them afterwards."""
    for kind in OTP_TYPES:
        yield f'code by {kind} as submitted', False, 'AUTHENTICATION', [
            {'type': 'body', 'add_security_recommendation': True},
            {'type': 'footer', 'code_expiration_minutes': 5},
            {'type': 'buttons', 'buttons': [{'type': 'otp', 'otp_type': kind.lower(), 'text': 'Copy'}]}]
        url = f'https://www.whatsapp.com/otp/code/?otp_type={kind}&code=otp{{{{1}}}}'
        yield f'code by {kind} as listed', False, 'AUTHENTICATION', [
            {'type': 'BODY', 'text': '*{{1}}* is your verification code.'},
            {'type': 'BUTTONS', 'buttons': [{'type': 'URL', 'text': 'Copy', 'url': url}]}]


def _others():
    yield 'asks for the right to call', False, 'MARKETING', [body(False), {'type': 'call_permission_request'}]
    yield 'nothing to fill in', False, 'UTILITY', [{'type': 'BODY', 'text': 'We are open.'}]


def _format(named):
    return 'named' if named else 'positional'


def templates():
    """:return: (words, template as Meta keeps it) of all. :rtype: list[tuple]"""
    rows = [*_plain(), *_carousels(), *_offers(), *_codes(), *_others()]
    return [(words, {
        'id': str(905000000000001 + number), 'name': f'form_{number}', 'language': 'en', 'category': category,
        'status': 'APPROVED', 'parameter_format': 'NAMED' if named else 'POSITIONAL', 'components': parts,
    }) for number, (words, named, category, parts) in enumerate(rows)]


# --- Values --------------------------------------------------------------------------------------------------------


def later():
    return (datetime.now(timezone.utc) + timedelta(days=3)).isoformat()


def values_of(template, media, optional=False):
    """Give each variable of a template a value; ``media`` is {kind: reference}. :rtype: dict"""
    listed = variables(template['components'], template['parameter_format'], optional)
    return {variable.key: value_of(variable, media) for variable in listed}


def value_of(variable, media):
    if variable.kind in media:
        return media[variable.kind]
    return {
        'text': 'Ana', 'code': '123456', 'payload': 'STOP|7', 'thumbnail': 'SKU-1', 'datetime': later(),
        'location': {'latitude': 41.3874, 'longitude': '2.1686', 'name': 'Shop', 'address': 'Carrer 1'},
        'product': {'product_retailer_id': 'SKU-1', 'catalog_id': '77'},
        'flow': {'flow_token': 'order-7', 'flow_action_data': {'day': 'Monday'}},
        'products': {'thumbnail_product_retailer_id': 'SKU-1', 'sections': [
            {'title': 'New', 'product_items': ['SKU-1', 'SKU-2']}, {'title': 'Old', 'product_items': ['SKU-3']}]},
        'tap_target': {'url': 'https://example.com/all', 'title': 'The whole shop'},
    }[variable.kind]


# --- Contents of other messages ------------------------------------------------------------------------------------


def media_contents(kind, reference):
    """:return: (words, content) of the ways to send one file."""
    yield f'{kind}', free_form.file(kind, reference)
    if kind in ('image', 'video', 'document'):
        yield f'{kind} with a caption', free_form.file(kind, reference, caption='Look *here*')
    if kind == 'document':
        yield 'document with a name', free_form.file(kind, reference, caption='Yours', filename='Offer 7.pdf')


def headers(media):
    """:return: the headers of an interactive message by words."""
    files = {kind: {'type': kind, kind: media[kind]} for kind in ('image', 'video', 'document')}
    return {'no header': None, 'text header': 'Your order', **{f'{kind} header': part for kind, part in files.items()}}


SECTIONS = [('Today', [('a', 'Ten', 'In the shop'), ('b', 'Eleven', '')]), ('Tomorrow', [('c', 'Nine', '')])]
CARD = {
    'name': {'formatted_name': 'Dr Ana Costa', 'first_name': 'Ana', 'last_name': 'Costa', 'prefix': 'Dr'},
    'phones': [{'phone': '+351 910 000 001', 'type': 'WORK', 'wa_id': '351910000001'}],
    'emails': [{'email': 'ana@example.com', 'type': 'WORK'}],
    'urls': [{'url': 'https://example.com', 'type': 'WORK'}],
    'addresses': [{'street': 'Rua 1', 'city': 'Porto', 'country': 'Portugal', 'country_code': 'pt', 'zip': '4000',
                   'state': 'P', 'type': 'HOME'}],
    'org': {'company': 'Costa', 'department': 'Sales', 'title': 'Owner'}, 'birthday': '1990-12-31',
}


def interactive_contents(media):
    """:return: (words, content) of every kind with every header it may have."""
    for words, top in headers(media).items():
        for low in (None, 'Your shop'):
            where = f'{words}, {"a" if low else "no"} footer'
            yield f'buttons, {where}', interactive.reply_buttons(
                'Does it fit?', [('yes', 'Yes'), ('no', 'No'), ('later', 'Ask me later')], top, low)
            yield f'link, {where}', interactive.link_button('Here it is.', 'Open', 'https://example.com/o/7', top, low)
            yield f'form, {where}', interactive.flow_form(
                'Book a time.', 'Book', '12', 'order-7', 'FIRST', {'day': 'Monday'}, top, low)
    for top in (None, 'Times'):
        yield f'list, {"text" if top else "no"} header', interactive.list_menu('When?', 'Choose', SECTIONS, top, 'Shop')
    yield 'list without titles', interactive.list_menu('When?', 'Choose', [('', [('a', 'Ten', '')])])
    yield 'form that begins by itself', interactive.flow_form('Book a time.', 'Book', '12')
    yield 'question for the place', interactive.location_request('Where are you?')
    yield 'question for contact details', interactive.contact_request('How can we reach you?')


def contents(media, message_id):
    """List every content that needs no template.

    :param dict media: {kind of file: reference}, ``voice`` among them
    :param str message_id: of a message to react to
    :rtype: list[tuple]
    """
    found = [('text', free_form.text('Hello')), ('text with preview', free_form.text('https://example.com', True))]
    for kind in ('image', 'video', 'audio', 'document', 'sticker'):
        found += media_contents(kind, media[kind])
    found += [
        ('voice', free_form.file('audio', media['voice'], voice=True)),
        ('place', free_form.location(41.3874, 2.1686)),
        ('place with name', free_form.location('41.3874', '-2.1686', 'Shop', 'Carrer 1')),
        ('contact', free_form.contacts([CARD])),
        ('contacts', free_form.contacts([CARD, {'name': {'formatted_name': 'Rui'}}])),
        ('reaction', free_form.reaction(message_id, '👍🏽')),
        ('reaction taken back', free_form.reaction(message_id, '')),
    ]
    found += [(words, free_form.interactive_content(part)) for words, part in interactive_contents(media)]
    return found
