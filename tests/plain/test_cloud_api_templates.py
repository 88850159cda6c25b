"""Reading and filling template components."""

import pytest
from cloud_api.payloads import PayloadError
from cloud_api.templates import (
    MissingValueError,
    Rendered,
    Variable,
    clean_value,
    missing,
    parameter_components,
    render,
    unsupported,
    variables,
)

ORDER = [
    {'type': 'HEADER', 'format': 'TEXT', 'text': 'Order {{1}}', 'example': {'header_text': ['4471']}},
    {
        'type': 'BODY',
        'text': 'Hello {{1}}, ready on {{2}} at {{1}}.',
        'example': {'body_text': [['Ana', 'Monday']]},
    },
    {'type': 'FOOTER', 'text': 'Your shop'},
    {
        'type': 'BUTTONS',
        'buttons': [
            {'type': 'QUICK_REPLY', 'text': 'No more offers'},
            {
                'type': 'URL',
                'text': 'Track',
                'url': 'https://example.com/t/{{1}}',
                'example': ['https://example.com/t/4471'],
            },
            {'type': 'URL', 'text': 'Shop', 'url': 'https://example.com'},
            {'type': 'PHONE_NUMBER', 'text': 'Call', 'phone_number': '+12025550100'},
            {'type': 'COPY_CODE', 'example': ['25OFF']},
        ],
    },
]
ORDER_VALUES = {
    'header:1': '4471',
    'body:1': 'Ana',
    'body:2': 'Monday',
    'button:1:1': '4471',
    'button:4:code': '25OFF',
}
NAMED = [
    {
        'type': 'BODY',
        'text': 'Hello {{first_name}}, your order {{order_id}} is ready.',
        'example': {
            'body_text_named_params': [
                {'param_name': 'order_id', 'example': '4471'},
                {'param_name': 'first_name', 'example': 'Ana'},
            ]
        },
    }
]
CODE = [
    {'type': 'BODY', 'text': '*{{1}}* is your code.', 'example': {'body_text': [['123456']]}},
    {
        'type': 'BUTTONS',
        'buttons': [
            {'type': 'URL', 'text': 'Copy code', 'url': 'https://www.whatsapp.com/otp/code/?code=otp{{1}}'},
        ],
    },
]
CODE_AS_SUBMITTED = [
    {'type': 'body', 'add_security_recommendation': True},
    {'type': 'buttons', 'buttons': [{'type': 'otp', 'otp_type': 'copy_code'}]},
]


def header(header_format):
    return [{'type': 'HEADER', 'format': header_format}, {'type': 'BODY', 'text': 'Hello'}]


# --- Variables -----------------------------------------------------------------------------------------------------


def test_variables_are_listed_once_in_order():
    assert [variable.key for variable in variables(ORDER)] == list(ORDER_VALUES)


def test_samples_come_from_the_examples():
    assert [variable.sample for variable in variables(ORDER)] == ['4471', 'Ana', 'Monday', '4471', '25OFF']


def test_numbered_variables_come_in_the_order_of_their_numbers():
    body = [{'type': 'BODY', 'text': 'On {{2}}, {{10}}, {{1}}'}]
    assert [variable.name for variable in variables(body)] == ['1', '2', '10']


def test_named_variables_come_in_the_order_of_the_text():
    assert variables(NAMED, 'NAMED') == [
        Variable('body', 'first_name', None, 'Ana', 'text'),
        Variable('body', 'order_id', None, '4471', 'text'),
    ]


def test_positional_template_has_no_named_variables():
    assert variables([{'type': 'BODY', 'text': '{{1}} {{name}}'}], 'POSITIONAL') == [
        Variable('body', '1', None, '', 'text')
    ]


@pytest.mark.parametrize('header_format', ['IMAGE', 'VIDEO', 'DOCUMENT'])
def test_media_header_is_one_variable(header_format):
    assert variables(header(header_format)) == [Variable('header', 'media', None, '', header_format.lower())]


def test_coupon_code_is_a_variable():
    assert variables(ORDER)[-1] == Variable('button', 'code', 4, '25OFF', 'code')


@pytest.mark.parametrize('components', [CODE, CODE_AS_SUBMITTED])
def test_one_time_code_is_asked_for_once(components):
    assert [(variable.key, variable.kind) for variable in variables(components)] == [('body:1', 'code')]


@pytest.mark.parametrize('components', [None, [], {}, 'x', [None, 'x', 7], [{}], [{'type': 7}], [{'type': 'BODY'}]])
def test_odd_components_have_no_variables(components):
    assert variables(components) == []


def test_odd_examples_are_no_samples():
    body = [{'type': 'BODY', 'text': '{{1}}', 'example': {'body_text': 'x', 'body_text_named_params': 7}}]
    assert variables(body)[0].sample == ''


# --- Filling -------------------------------------------------------------------------------------------------------


def test_only_parts_with_values_are_sent():
    assert parameter_components(ORDER, ORDER_VALUES, 'POSITIONAL') == [
        {'type': 'header', 'parameters': [{'type': 'text', 'text': '4471'}]},
        {'type': 'body', 'parameters': [{'type': 'text', 'text': 'Ana'}, {'type': 'text', 'text': 'Monday'}]},
        {'type': 'button', 'sub_type': 'url', 'index': '1', 'parameters': [{'type': 'text', 'text': '4471'}]},
        {
            'type': 'button',
            'sub_type': 'copy_code',
            'index': '4',
            'parameters': [{'type': 'coupon_code', 'coupon_code': '25OFF'}],
        },
    ]


def test_named_parameters_carry_their_names():
    values = {'body:first_name': 'Ana', 'body:order_id': '4471'}
    assert parameter_components(NAMED, values, 'NAMED') == [
        {
            'type': 'body',
            'parameters': [
                {'type': 'text', 'parameter_name': 'first_name', 'text': 'Ana'},
                {'type': 'text', 'parameter_name': 'order_id', 'text': '4471'},
            ],
        }
    ]


def test_template_without_variables_needs_no_parameters():
    assert parameter_components(header('TEXT'), {}) == []


@pytest.mark.parametrize(
    ('header_format', 'value', 'sent'),
    [
        ('IMAGE', {'id': '9001'}, {'id': '9001'}),
        ('VIDEO', {'link': 'https://example.com/a.mp4'}, {'link': 'https://example.com/a.mp4'}),
        ('DOCUMENT', {'id': '9001', 'filename': 'a.pdf'}, {'id': '9001', 'filename': 'a.pdf'}),
        ('IMAGE', {'id': '9001', 'link': 'https://example.com/a.png', 'filename': 'a.png'}, {'id': '9001'}),
    ],
)
def test_media_header_is_filled(header_format, value, sent):
    kind = header_format.lower()
    assert parameter_components(header(header_format), {'header:media': value}) == [
        {'type': 'header', 'parameters': [{'type': kind, kind: sent}]}
    ]


@pytest.mark.parametrize('components', [CODE, CODE_AS_SUBMITTED])
def test_one_time_code_goes_into_body_and_button(components):
    assert parameter_components(components, {'body:1': '123456'}) == [
        {'type': 'body', 'parameters': [{'type': 'text', 'text': '123456'}]},
        {'type': 'button', 'sub_type': 'url', 'index': '0', 'parameters': [{'type': 'text', 'text': '123456'}]},
    ]


@pytest.mark.parametrize(('key', 'value'), [('body:1', 'x' * 16)])
def test_one_time_code_too_long_is_refused(key, value):
    with pytest.raises(PayloadError) as caught:
        parameter_components(CODE, {key: value})
    assert caught.value.field == key


def test_coupon_code_too_long_is_refused():
    with pytest.raises(PayloadError):
        parameter_components(ORDER, {**ORDER_VALUES, 'button:4:code': 'x' * 21})


def test_all_missing_values_are_named():
    with pytest.raises(MissingValueError) as caught:
        parameter_components(ORDER, {'header:1': '4471', 'body:1': ' \n'})
    assert caught.value.keys == ['body:1', 'body:2', 'button:1:1', 'button:4:code']


@pytest.mark.parametrize('value', [None, '', ' ', False, {}, {'id': ''}, 'https://example.com/a.png'])
def test_media_header_without_media_is_missing(value):
    assert missing(header('IMAGE'), {'header:media': value}) == ['header:media']


def test_number_zero_is_a_value():
    assert missing([{'type': 'BODY', 'text': '{{1}}'}], {'body:1': 0}) == []


def test_object_is_no_value_for_text():
    assert missing([{'type': 'BODY', 'text': '{{1}}'}], {'body:1': {'id': '1'}}) == ['body:1']


def test_values_may_be_none_at_all():
    assert missing(NAMED, None) == ['body:first_name', 'body:order_id']


def test_what_cannot_be_sent_is_refused():
    with pytest.raises(PayloadError):
        parameter_components([{'type': 'CAROUSEL', 'cards': []}], {})


@pytest.mark.parametrize(
    ('value', 'cleaned'),
    [
        ('two\nlines', 'two lines'),
        ('two\r\n\r\nlines', 'two lines'),
        ('tab\tbed', 'tab bed'),
        ('a     b', 'a    b'),
        ('a    b', 'a    b'),
        ('  around  ', 'around'),
        ('nul\x00', 'nul'),
        ('Ana \u202egnik\u202c', 'Ana gnik'),
        ('line\u2028separator', 'line separator'),
        (7, '7'),
        (0, '0'),
        (None, ''),
        (False, ''),
    ],
)
def test_value_is_made_fit_for_meta(value, cleaned):
    assert clean_value(value) == cleaned


@pytest.mark.parametrize('value', ['\u200b', '\u200f \ufeff', '\u202e'])
def test_what_nobody_can_see_is_no_value(value):
    text = [{'type': 'BODY', 'text': 'Hello {{1}}, welcome.'}]
    assert missing(text, {'body:1': value}) == ['body:1']


# --- Rendering -----------------------------------------------------------------------------------------------------


def test_template_is_rendered_as_read():
    assert render(ORDER, ORDER_VALUES) == Rendered(
        'Order 4471',
        'Hello Ana, ready on Monday at Ana.',
        'Your shop',
        ['No more offers', 'Track', 'Shop', 'Call', 'Copy code'],
    )


def test_missing_value_leaves_its_placeholder():
    assert render(NAMED, {'body:order_id': '4471'}).body == 'Hello {{first_name}}, your order 4471 is ready.'


def test_value_that_looks_like_a_placeholder_stays_as_it_is():
    values = {'body:first_name': '{{order_id}}', 'body:order_id': '4471'}
    assert render(NAMED, values).body == 'Hello {{order_id}}, your order 4471 is ready.'


def test_media_header_is_rendered_as_its_kind():
    assert render(header('IMAGE'), {}).header == '[image]'


@pytest.mark.parametrize('components', [None, [None], [{'type': 'BUTTONS', 'buttons': 7}]])
def test_odd_components_render_empty(components):
    assert render(components, {}) == Rendered('', '', '', [])


# --- Unsupported ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('components', [ORDER, NAMED, CODE, CODE_AS_SUBMITTED, header('DOCUMENT'), header('TEXT')])
def test_what_can_be_sent_is_supported(components):
    assert unsupported(components) is None


@pytest.mark.parametrize(
    ('components', 'name'),
    [
        ([{'type': 'CAROUSEL', 'cards': []}], 'carousel without cards'),
        ([{'type': 'CAROUSEL', 'cards': [{'components': [{'type': 'HEADER', 'format': 'HOLOGRAM'}]}]}],
         'hologram header on card 1'),
        ([{'type': 'CAROUSEL', 'cards': [{'components': [{'type': 'FOOTER'}]}]}], 'footer component on card 1'),
        ([{'type': 'GREETING'}], 'greeting component'),
        (header('GIF'), 'gif header'),
        ([{'type': 'BUTTONS', 'buttons': [{'type': 'VIDEO_CALL'}]}], 'video call button'),
        ([{'type': 'BUTTONS', 'buttons': [{}]}], 'unknown button'),
        ([{}], 'unknown component'),
    ],
)
def test_what_cannot_be_sent_is_named(components, name):
    assert unsupported(components) == name
