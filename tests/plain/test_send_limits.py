"""At each limit both agree, the builder and the strict stand-in for Meta: just so much passes, one more does not."""

import pytest
import send_samples as samples
from cloud_api import free_form, interactive
from cloud_api.payloads import PayloadError, free_form_message, template_message
from cloud_api.templates import parameter_components
from send_stage import PERSON, changed, opened

LINK = {'link': 'https://example.com/a'}
BUTTONS = free_form.interactive_content(
    interactive.reply_buttons('Fits?', [('y', 'Yes'), ('n', 'No')], 'Order', 'Shop'))
LIST = free_form.interactive_content(interactive.list_menu('When?', 'Choose', samples.SECTIONS, 'Times', 'Shop'))
CTA = free_form.interactive_content(interactive.link_button('Here.', 'Open', 'https://example.com'))
FORM = free_form.interactive_content(interactive.flow_form('Book.', 'Book', '12', 'token', 'FIRST', {'a': 'b'}))
PLACE = free_form.location(41.4, 2.2, 'Shop', 'Carrer 1')
CONTACT = free_form.contacts([samples.CARD])
#: Content, where in it, the most characters.
LENGTHS = [
    (free_form.text('x'), 'text.body', 4096),
    (free_form.file('image', LINK, 'x'), 'image.caption', 1024),
    (free_form.file('video', LINK, 'x'), 'video.caption', 1024),
    (free_form.file('document', LINK, 'x', 'y'), 'document.caption', 1024),
    (free_form.file('document', LINK, 'x', 'y'), 'document.filename', 240),
    (PLACE, 'location.name', 1024),
    (PLACE, 'location.address', 1024),
    (CONTACT, 'contacts.0.name.formatted_name', 1024),
    (CONTACT, 'contacts.0.phones.0.phone', 1024),
    (CONTACT, 'contacts.0.org.title', 1024),
    (BUTTONS, 'interactive.body.text', 1024),
    (BUTTONS, 'interactive.header.text', 60),
    (BUTTONS, 'interactive.footer.text', 60),
    (BUTTONS, 'interactive.action.buttons.1.reply.id', 256),
    (BUTTONS, 'interactive.action.buttons.1.reply.title', 20),
    (LIST, 'interactive.body.text', 4096),
    (LIST, 'interactive.header.text', 60),
    (LIST, 'interactive.footer.text', 60),
    (LIST, 'interactive.action.button', 20),
    (LIST, 'interactive.action.sections.1.title', 24),
    (LIST, 'interactive.action.sections.0.rows.1.id', 200),
    (LIST, 'interactive.action.sections.0.rows.1.title', 24),
    (LIST, 'interactive.action.sections.0.rows.0.description', 72),
    (CTA, 'interactive.body.text', 1024),
    (CTA, 'interactive.action.parameters.display_text', 20),
    (FORM, 'interactive.body.text', 1024),
    (FORM, 'interactive.action.parameters.flow_cta', 30),
    (FORM, 'interactive.action.parameters.flow_token', 512),
]
LONG_LINK = 'https://example.com/'
REPLIES = [{'type': 'reply', 'reply': {'id': str(number), 'title': str(number)}} for number in range(4)]
ROWS = [{'id': str(number), 'title': str(number)} for number in range(11)]
SECTIONS = [{'title': str(number), 'rows': [ROWS[number]]} for number in range(11)]
CARDS = [{'name': {'formatted_name': 'Ana', 'first_name': 'Ana'}}] * 258
#: Content, where in it, what still passes, what does not.
EDGES = [
    (BUTTONS, 'interactive.action.buttons', REPLIES[:3], REPLIES),
    (BUTTONS, 'interactive.action.buttons', REPLIES[:1], []),
    (BUTTONS, 'interactive.action.buttons', REPLIES[:2], [REPLIES[0], REPLIES[0]]),
    (BUTTONS, 'interactive.type', 'button', 'product_list'),
    (BUTTONS, 'interactive.body', {'text': 'x'}, {'text': ''}),
    (BUTTONS, 'interactive.header', {'type': 'image', 'image': LINK}, {'type': 'audio', 'audio': LINK}),
    (LIST, 'interactive.header', {'type': 'text', 'text': 'x'}, {'type': 'image', 'image': LINK}),
    (LIST, 'interactive.action.sections.0.rows', ROWS[:9], ROWS[:10]),
    (LIST, 'interactive.action.sections.0.rows', ROWS[:1], []),
    (LIST, 'interactive.action.sections.0.rows', ROWS[:2], [ROWS[0], ROWS[0]]),
    (LIST, 'interactive.action.sections', SECTIONS[:10], SECTIONS),
    (LIST, 'interactive.action.sections', [{'rows': ROWS[:10]}], [{'rows': ROWS}]),
    (LIST, 'interactive.action.sections', [{'rows': ROWS[:1]}], [{'rows': ROWS[:1]}, {'rows': ROWS[1:2]}]),
    (CTA, 'interactive.action.parameters.url', LONG_LINK.ljust(2000, 'x'), LONG_LINK.ljust(2001, 'x')),
    (CTA, 'interactive.action.parameters.url', 'HTTP://example.com', 'example.com'),
    (CTA, 'interactive.action.parameters.url', 'http://a', 'ftp://example.com'),
    (FORM, 'interactive.action.parameters.flow_action', 'navigate', 'jump'),
    (FORM, 'interactive.action.parameters.mode', 'draft', 'open'),
    (FORM, 'interactive.action.parameters.flow_id', '7', ''),
    (FORM, 'interactive.action.parameters.flow_action_payload', {'screen': 'A'}, {'data': {'a': 'b'}}),
    (PLACE, 'location.latitude', '90', '90.1'),
    (PLACE, 'location.latitude', '-90', 'nan'),
    (PLACE, 'location.longitude', '-180', '-181'),
    (PLACE, 'location.longitude', '180', 'west'),
    (CONTACT, 'contacts', CARDS[:257], CARDS),
    (CONTACT, 'contacts', CARDS[:1], []),
    (CONTACT, 'contacts.0.birthday', '2000-02-29', '2001-02-29'),
    (free_form.reaction('', '👍'), 'reaction.emoji', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'good'),
    (free_form.file('image', LINK), 'image.link', 'http://example.com/a', '/tmp/a.jpg'),
]


def named(cases):
    return [f'{path} {number}' for number, (_content, path, *_rest) in enumerate(cases)]


@pytest.fixture(scope='module')
def stage(server):
    with opened(server, [template for template, *_rest in TEMPLATE_LENGTHS]) as ready:
        yield ready


def build(content):
    return free_form_message(PERSON, content, 'key')


def meant(content, stage):
    """The content with a message to react to."""
    return changed(content, 'reaction.message_id', stage.message_id) if content['type'] == 'reaction' else content


# --- without a template --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('content', 'path', 'most'), LENGTHS, ids=named(LENGTHS))
@pytest.mark.parametrize('letter', ['x', '🚲', 'ع'], ids=['ascii', 'four bytes', 'right to left'])
def test_longest_text_passes_and_one_character_more_does_not(stage, content, path, most, letter):
    longest = build(changed(content, path, letter * most))
    stage.accepts(longest)

    with pytest.raises(PayloadError, match=f'{most + 1} characters'):
        build(changed(content, path, letter * (most + 1)))
    assert stage.refuses(changed(longest, path, letter * (most + 1))) in (100, 131009)


@pytest.mark.parametrize(('content', 'path', 'good', 'bad'), EDGES, ids=named(EDGES))
def test_both_refuse_the_same_side_of_an_edge(stage, content, path, good, bad):
    content = meant(content, stage)
    body = build(changed(content, path, good))
    stage.accepts(body)

    with pytest.raises(PayloadError):
        build(changed(content, path, bad))
    assert stage.refuses(changed(body, path, bad)) in (100, 131008, 131009)


def test_reaction_that_quotes_is_refused_by_both(stage):
    content = free_form.reaction(stage.message_id, '👍')
    with pytest.raises(PayloadError):
        free_form_message(PERSON, content, 'key', stage.message_id)
    assert stage.refuses({**build(content), 'context': {'message_id': stage.message_id}}) == 100


@pytest.mark.parametrize('content', [interactive.location_request('Where?'), interactive.contact_request('Who?')])
@pytest.mark.parametrize('extra', [{'header': {'type': 'text', 'text': 'x'}}, {'footer': {'text': 'x'}}])
def test_bare_questions_have_nothing_around_them(stage, content, extra):
    body = build(free_form.interactive_content(content))
    stage.accepts(body)
    with pytest.raises(PayloadError):
        build(free_form.interactive_content({**content, **extra}))
    assert stage.refuses({**body, 'interactive': {**content, **extra}}) == 100


@pytest.mark.parametrize('kind', ['audio', 'sticker'])
def test_sound_and_stickers_have_no_caption(stage, kind):
    content = free_form.file(kind, LINK, caption='x')
    with pytest.raises(PayloadError):
        build(content)
    assert stage.refuses({**build(free_form.file(kind, LINK)), kind: content[kind]}) == 100


# --- templates -----------------------------------------------------------------------------------------------------


def template(number, components, category='MARKETING'):
    return {'id': str(906000000000001 + number), 'name': f'limit_{number}', 'language': 'en', 'category': category,
            'status': 'APPROVED', 'parameter_format': 'POSITIONAL', 'components': components}


def buttons(words):
    return [samples.body(False, 'Look at this.'), {'type': 'BUTTONS', 'buttons': samples.BUTTONS[words]}]


def text(characters):
    """A body of so many characters with its variable filled by one."""
    return samples.body(False, 'Hi {{1}}'.ljust(characters + len('{{1}}') - 1, '.'))


CARD_TEXT = {'type': 'CAROUSEL', 'cards': [
    {'components': [samples.header('IMAGE')(False), samples.body(False, 'For {{1}}.'),
                    {'type': 'BUTTONS', 'buttons': samples.CARD_BUTTONS['link and phone']}]}] * 2}
OFFER = [samples.header('IMAGE')(False), samples.body(False, 'For {{1}}.'), samples.offer(True),
         {'type': 'BUTTONS', 'buttons': samples.BUTTONS['code']}]
CODE = [{'type': 'BODY', 'text': '{{1}} is your code.'},
        {'type': 'BUTTONS', 'buttons': [{'type': 'OTP', 'otp_type': 'COPY_CODE', 'text': 'Copy'}]}]
#: Components, key of the variable, where its value is in the message, the most characters.
FILLINGS = [
    ([samples.text_header(False), text(10)], 'header:1', '0.parameters.0.text', 54),
    ([samples.body(False, 'For {{1}}.')], 'body:1', '0.parameters.0.text', 1019),
    (OFFER, 'body:1', '1.parameters.0.text', 595),
    (OFFER, 'button:0:code', '3.parameters.0.coupon_code', 15),
    ([text(5), CARD_TEXT], 'card:1:body:1', '1.cards.1.components.1.parameters.0.text', 155),
    ([text(5), CARD_TEXT], 'card:0:button:0:1', '1.cards.0.components.2.parameters.0.text', 1978),
    (buttons('link'), 'button:0:1', '0.parameters.0.text', 1978),
    (buttons('code'), 'button:0:code', '0.parameters.0.coupon_code', 20),
    (buttons('quick reply'), 'button:0:payload', '0.parameters.0.payload', 256),
    (buttons('catalogue'), 'button:0:thumbnail', '0.parameters.0.action.thumbnail_product_retailer_id', 256),
]
TEMPLATE_LENGTHS = [(template(number, components), *rest) for number, (components, *rest) in enumerate(FILLINGS)]
TEMPLATE_LENGTHS.append((template(99, CODE, 'AUTHENTICATION'), 'body:1', '0.parameters.0.text', 15))


@pytest.mark.parametrize(('form', 'key', 'path', 'most'), TEMPLATE_LENGTHS,
                         ids=[f'{form["name"]} {key}' for form, key, *_rest in TEMPLATE_LENGTHS])
def test_longest_value_passes_and_one_character_more_does_not(stage, form, key, path, most):
    def fill(value):
        values = {**samples.values_of(form, stage.media), key: value}
        parameters = parameter_components(form['components'], values, form['parameter_format'])
        return template_message(PERSON, form['name'], 'en', parameters, 'key')

    longest = fill('x' * most)
    stage.accepts(longest)

    with pytest.raises(PayloadError, match='characters'):
        fill('x' * (most + 1))
    assert stage.refuses(changed(longest, f'template.components.{path}', 'x' * (most + 1))) in (
        131009, 132005, 132018)
