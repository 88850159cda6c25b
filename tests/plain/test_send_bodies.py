"""Every body that can be built is accepted by the strict stand-in for Meta, and by Meta's OpenAPI file if it covers it.

Templates are enumerated by component, kind and parameter format, other messages by type, kind, header and footer; files
by id and by link. See ``send_samples``.
"""

import meta_openapi
import pytest
import send_samples as samples
from cloud_api import payloads
from cloud_api.payloads import free_form_message, template_message
from cloud_api.templates import parameter_components
from send_stage import PERSON, USER_ID, changed, opened

TEMPLATES = samples.templates()
REFERENCES = {kind: {'id': '1'} for kind in samples.FILES}
#: By id and by link; the names of the cases need no simulator.
CONTENTS = [words for words, _content in samples.contents(REFERENCES, 'wamid.x')]
#: What Meta's file cannot judge yet. Whoever refreshes the file sees here what it has learnt.
UNKNOWN_TO_META = {
    'location', 'product', 'copy_code', 'flow', 'mpm', 'action', 'limited_time_offer', 'carousel',
    'tap_target_configuration', 'cta_url', 'location_request_message', 'request_contact_info', 'recipient',
}


@pytest.fixture(scope='module')
def stage(server):
    with opened(server, [template for _words, template in TEMPLATES]) as ready:
        yield ready


def filled(template, media, optional=False):
    values = samples.values_of(template, media, optional)
    parameters = parameter_components(template['components'], values, template['parameter_format'])
    return template_message(PERSON, template['name'], 'en', parameters, 'key')


def is_known_to_meta(body):
    gaps = meta_openapi.gaps(body)
    assert set(gaps) <= UNKNOWN_TO_META
    return not gaps


def check(stage, body):
    stage.accepts(body)
    if is_known_to_meta(body):
        assert meta_openapi.errors(body) == []


# --- all of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('optional', [False, True], ids=['needed', 'all'])
@pytest.mark.parametrize('by', ['media', 'links'])
@pytest.mark.parametrize(('words', 'template'), TEMPLATES, ids=[words for words, _template in TEMPLATES])
def test_every_template_is_accepted(stage, words, template, by, optional):
    check(stage, filled(template, getattr(stage, by), optional))


@pytest.mark.parametrize('quoted', [False, True], ids=['alone', 'quoting'])
@pytest.mark.parametrize('by', ['media', 'links'])
@pytest.mark.parametrize('to', [PERSON, USER_ID], ids=['phone', 'user id'])
@pytest.mark.parametrize('place', range(len(CONTENTS)), ids=CONTENTS)
def test_every_content_is_accepted(stage, place, to, by, quoted):
    words, content = samples.contents(getattr(stage, by), stage.message_id)[place]
    if quoted and content['type'] == 'reaction':
        pytest.skip('a reaction quotes nothing')
    check(stage, free_form_message(to, content, 'key', stage.message_id if quoted else None))


def test_the_enumeration_covers_every_kind_the_builders_know():
    from cloud_api import free_form, interactive, template_variables  # noqa: PLC0415

    parts = [part for _words, template in TEMPLATES for part in template['components']]
    buttons = [button for part in parts for button in part.get('buttons', ())]
    contents = [content for _words, content in samples.contents(REFERENCES, 'wamid.x')]
    kinds = {content['interactive']['type'] for content in contents if content['type'] == 'interactive'}
    assert {part['format'] for part in parts if 'format' in part} == template_variables._KNOWN_HEADERS - {''}
    assert {button['type'].upper() for button in buttons} == template_variables._KNOWN_BUTTONS
    assert {content['type'] for content in contents} == set(free_form.KINDS)
    assert kinds == set(interactive._ACTIONS)


def test_metas_file_knows_at_least_half_of_the_contents():
    contents = [content for _words, content in samples.contents(REFERENCES, 'wamid.x')]
    known = [content for content in contents if is_known_to_meta(free_form_message(PERSON, content, 'key'))]
    assert len(known) > len(contents) / 2


# --- each type by its own name -------------------------------------------------------------------------------------


@pytest.mark.parametrize('kind', ['image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts', 'reaction',
                                  'interactive'])
def test_each_type_has_a_builder_of_its_name(stage, kind):
    content = next(content for _words, content in samples.contents(stage.media, stage.message_id)
                   if content['type'] == kind)
    build = getattr(payloads, f'{kind}_message')
    assert build(PERSON, content[kind], 'key') == free_form_message(PERSON, content, 'key')


def test_marking_as_read_and_typing_are_accepted(stage):
    for body in (payloads.read_receipt(stage.message_id), payloads.typing_indicator(stage.message_id)):
        check(stage, body)


# --- the judges judge ----------------------------------------------------------------------------------------------


#: Where Meta's own examples contradict Meta's own file.
CONTRADICTED = {'Send Text Message': 'no type', 'Send Location Message': 'numbers', 'Send Contact Message': 'no type of'
                ' recipient'}


@pytest.mark.parametrize('name', meta_openapi.EXAMPLES.keys() - CONTRADICTED.keys())
def test_metas_own_examples_fit_metas_file(name):
    assert meta_openapi.errors(meta_openapi.EXAMPLES[name]) == []


@pytest.mark.parametrize('name', meta_openapi.EXAMPLES.keys() - {'Send Reply with Reaction Message'})
def test_metas_own_examples_are_accepted(stage, name):
    body = {key: value for key, value in meta_openapi.EXAMPLES[name].items() if key != 'to'}
    if 'status' in body:
        stage.accepts({**body, 'message_id': stage.message_id})
        return
    kind = body.get('type', 'text')
    if kind in stage.media:
        rest = {key: value for key, value in body[kind].items() if key not in ('id', 'link')}
        body = {**body, kind: {**rest, **stage.media[kind]}}
    stage.accepts({**body, 'to': PERSON})


@pytest.mark.parametrize(('path', 'value'), [
    ('to', 7), ('type', 'poll'), ('recipient_type', 'everybody'), ('text', None), ('text.body', 7),
    ('text.bold', True), ('text.preview_url', 'yes'), ('context.message_id', 7),
    ('biz_opaque_callback_data', 'x' * 513),
])
def test_metas_file_refuses_a_wrong_text(path, value):
    body = free_form_message(PERSON, {'type': 'text', 'text': {'body': 'x'}}, 'key', 'wamid.x')
    assert meta_openapi.errors(changed(body, path, value))
