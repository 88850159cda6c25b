"""Whatever people type: what the builders let through, the strict stand-in for Meta accepts."""

import pytest
import send_samples as samples
from cloud_api import free_form, interactive
from cloud_api.payloads import PayloadError, free_form_message, template_message
from cloud_api.templates import parameter_components, variables
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from send_stage import PERSON, opened

# The same examples in every run; each costs one call.
SOME = settings(derandomize=True, database=None, deadline=None, max_examples=150,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

#: What is odd in texts: direction marks, emoji of four bytes, breaks, white space, what looks like a variable.
ODD = st.sampled_from(['\u200f', '\u202e', '🚲', '\n', '\t', '     ', '\u2028', '\x00', '{{1}}', '{{first_name}}', 'ع',
                       '\u00a0', 'e\u0301', '<b>', '"', '\\', '&'])
WORDS = st.lists(st.one_of(ODD, st.text(max_size=6)), max_size=8).map(''.join)


def up_to(most):
    """Mostly texts that fit, some just at the limit and beyond."""
    good = WORDS.map(lambda words: f'a{words}'[:most])
    long = st.integers(most - 1, most + 1).map(lambda length: 'x' * length)
    return st.one_of(good, good, good, good, long, WORDS)


LINKS = st.one_of(st.sampled_from(['https://example.com', 'http://a.b/ü?x=1#y', ' https://example.com/ ', 'HTTPS://X']),
                  WORDS, WORDS.map(lambda text: f'https://example.com/{text}'))
GOOD_FILE = st.just({'link': 'https://example.com/a'})
FILES = st.one_of(GOOD_FILE, GOOD_FILE, LINKS.map(lambda link: {'link': link}), st.just({'id': ''}))
PLACES = st.fixed_dictionaries({
    'latitude': st.one_of(st.floats(), st.integers(-91, 91), WORDS, st.floats(-90, 90).map(str)),
    'longitude': st.one_of(st.floats(-181, 181), st.floats(-180, 180).map(str), st.none())},
    optional={'name': up_to(1024), 'address': up_to(1024)})
PRODUCT_SECTIONS = st.lists(st.fixed_dictionaries(
    {'product_items': st.lists(up_to(20), max_size=12)}, optional={'title': up_to(24)}), max_size=4)


# --- without a template --------------------------------------------------------------------------------------------


def headers():
    return st.one_of(st.none(), up_to(60), st.builds(
        lambda kind, file: {'type': kind, kind: file}, st.sampled_from(['image', 'video', 'document', 'audio']), FILES))


FOOTERS = st.one_of(st.none(), up_to(60))
ROWS = st.lists(st.tuples(up_to(200), up_to(24), up_to(72)), max_size=5)
INTERACTIVE = st.one_of(
    st.builds(interactive.reply_buttons, up_to(1024), st.lists(st.tuples(up_to(256), up_to(20)), max_size=4),
              headers(), FOOTERS),
    st.builds(interactive.list_menu, up_to(4096), up_to(20), st.lists(st.tuples(up_to(24), ROWS), max_size=4),
              headers(), FOOTERS),
    st.builds(interactive.link_button, up_to(1024), up_to(20), LINKS, headers(), FOOTERS),
    st.builds(interactive.flow_form, up_to(1024), up_to(30), up_to(20), up_to(20), up_to(20),
              st.dictionaries(st.text(max_size=5), st.one_of(st.booleans(), WORDS), max_size=2), headers(), FOOTERS),
    st.builds(interactive.location_request, up_to(1024)),
    st.builds(interactive.contact_request, up_to(1024)),
)
TEXTS = {name: up_to(1024) for name in ('first_name', 'last_name', 'suffix')}


def entries(needed, **more):
    return st.lists(st.fixed_dictionaries(needed, optional=more), max_size=2)


CARDS = st.fixed_dictionaries({'name': st.fixed_dictionaries({'formatted_name': up_to(1024)}, optional=TEXTS)},
                              optional={
    'phones': entries({'phone': up_to(30)}, type=WORDS, wa_id=WORDS),
    'emails': entries({'email': up_to(30)}),
    'urls': entries({'url': LINKS}),
    'addresses': entries({}, street=WORDS, city=WORDS, odd=WORDS),
    'org': st.fixed_dictionaries({}, optional={'company': WORDS}),
    'birthday': st.one_of(st.dates().map(str), WORDS),
})
CONTENTS = st.one_of(
    st.builds(free_form.text, up_to(4096), st.booleans()),
    st.builds(lambda kind, file, caption, name, voice: free_form.file(kind, file, caption, name, voice),
              st.sampled_from(['image', 'video', 'audio', 'document', 'sticker']), FILES,
              st.one_of(st.just(''), up_to(1024)), st.one_of(st.just(''), up_to(240)), st.booleans()),
    PLACES.map(lambda place: {'type': 'location', 'location': place}),
    st.lists(CARDS, max_size=2).map(free_form.contacts),
    st.builds(free_form.reaction, st.just('MESSAGE'), st.one_of(st.sampled_from(['👍', '', '❤️']), WORDS)),
    INTERACTIVE.map(free_form.interactive_content),
    INTERACTIVE.map(free_form.interactive_content),
)


@pytest.fixture(scope='module')
def stage(server):
    with opened(server, [template for _words, template in TEMPLATES]) as ready:
        yield ready


@SOME
@given(content=CONTENTS, quoting=st.booleans())
def test_what_is_built_without_a_template_is_accepted(stage, content, quoting):
    if content['type'] == 'reaction':
        content = free_form.reaction(stage.message_id, content['reaction']['emoji'])
    try:
        body = free_form_message(PERSON, content, 'key', stage.message_id if quoting else None)
    except PayloadError as error:
        event('refused')
        assert str(error)
        return
    event(f'built: {content["type"]}')
    stage.accepts(body)


# --- templates -----------------------------------------------------------------------------------------------------


#: Few but with everything in them.
WANTED = ('text header, mixed', 'location header, form', 'product header, product', 'document header, products',
          'image header, catalogue', 'fixed header, link', 'cards with image and link', 'cards with product and quick',
          'offer with end', 'by ONE_TAP as listed')
TEMPLATES = [(words, template) for words, template in samples.templates() if any(part in words for part in WANTED)]


def value(variable):
    """Anything that may come for a variable: often what it should be, often not."""
    good = st.just(samples.value_of(variable, {kind: {'link': link} for kind, link in samples.LINKS.items()}))
    odd = {
        'location': PLACES, 'image': FILES, 'video': FILES, 'document': FILES,
        'code': up_to(15), 'payload': up_to(256), 'thumbnail': up_to(256),
        'flow': st.one_of(WORDS, st.fixed_dictionaries({}, optional={
            'flow_token': WORDS, 'flow_action_data': st.dictionaries(WORDS, WORDS, max_size=2)})),
        'products': st.fixed_dictionaries({'thumbnail_product_retailer_id': WORDS, 'sections': PRODUCT_SECTIONS}),
        'product': st.fixed_dictionaries({'product_retailer_id': WORDS, 'catalog_id': WORDS}),
        'datetime': st.one_of(st.datetimes().map(str), WORDS),
        'tap_target': st.fixed_dictionaries({'url': LINKS, 'title': up_to(60)}),
    }.get(variable.kind, WORDS)
    texts = st.one_of(WORDS, st.builds('{}; {}'.format, WORDS, WORDS), st.just('41.3, 2.1; Shop; Street'))
    return st.one_of(good, good, good, odd, texts, st.none())


@st.composite
def fillings(draw):
    _words, template = draw(st.sampled_from(TEMPLATES))
    listed = variables(template['components'], template['parameter_format'], optional=True)
    # One value in few is odd: in a template with twenty variables nothing would ever be built otherwise.
    odd = draw(st.sets(st.sampled_from(listed), max_size=3)) if listed else set()
    plain = samples.values_of(template, {kind: {'link': link} for kind, link in samples.LINKS.items()}, optional=True)
    return template, {**plain, **{variable.key: draw(value(variable)) for variable in sorted(odd, key=str)}}


@SOME
@given(filling=fillings())
def test_whatever_a_template_is_filled_with_is_accepted_or_refused_by_us(stage, filling):
    template, values = filling
    try:
        parameters = parameter_components(template['components'], values, template['parameter_format'])
    except PayloadError as error:
        event('refused')
        assert str(error)
        return
    event('built')
    stage.accepts(template_message(PERSON, template['name'], 'en', parameters, 'key'))
