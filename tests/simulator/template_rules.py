"""The rules for a new template (POST /<WABA_ID>/message_templates)."""

import re
from itertools import pairwise

from .errors import GraphError, parameter_required, unexpected_key
from .template_spec import variables

NAME = re.compile(r'[a-z0-9_]{1,512}')
LANGUAGE = re.compile(r'[a-z]{2,3}(_[A-Z]{2,3})?')
CATEGORIES = ('MARKETING', 'UTILITY', 'AUTHENTICATION')
TOP_LEVEL = {
    'name', 'language', 'category', 'components', 'parameter_format', 'message_send_ttl_seconds',
    'allow_category_change', 'cta_url_link_tracking_opted_out', 'degrees_of_freedom_spec', 'sub_category',
}
KINDS = ('HEADER', 'BODY', 'FOOTER', 'BUTTONS')
HEADER_FORMATS = ('TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION')
BUTTON_LIMITS = {'QUICK_REPLY': 10, 'URL': 2, 'PHONE_NUMBER': 1, 'COPY_CODE': 1, 'OTP': 1}
SALES_WORDS = re.compile(r'\b(sale|discount|offer|promo|coupon|deal|% off)\b', re.IGNORECASE)
WORDS_PER_VARIABLE = 2


def refuse(subcode, title, text):
    """Return the error in the form template creation uses: code 100 with a subcode and words for the user."""
    return GraphError(100, message='Invalid parameter', subcode=subcode, user=(title, text))


def check_template(data):
    """Raise what Meta would answer to a creation body; sizes are characters."""
    for key in data:
        if key not in TOP_LEVEL:
            raise unexpected_key(key, 'message_templates')
    for key in ('name', 'language', 'category'):
        if not data.get(key):
            raise parameter_required(key)
    if not NAME.fullmatch(str(data['name'])):
        raise refuse(2388040, 'Invalid name', 'A name has at most 512 lowercase letters, digits and underscores.')
    if not LANGUAGE.fullmatch(str(data['language'])):
        raise GraphError(100, message=f'(#100) Param language must be a supported language - got "{data["language"]}"')
    if str(data['category']).upper() not in CATEGORIES:
        raise GraphError(100, message='(#100) Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}'
                                      f' - got "{data["category"]}".')
    check_components(data)


def check_components(data):
    """Check `components` alone (creation and edit)."""
    components = data.get('components')
    if not isinstance(components, list) or not components:
        raise parameter_required('components')
    named = str(data.get('parameter_format', '')).upper() == 'NAMED'
    authentication = str(data.get('category', '')).upper() == 'AUTHENTICATION'
    parts = {}
    for part in components:
        kind = str(part.get('type', '')).upper()
        if kind not in KINDS or kind in parts:
            raise refuse(2388043, 'Invalid component', f'The component {kind or "without type"} cannot be used here.')
        parts[kind] = part
    if 'BODY' not in parts:
        raise refuse(2388072, 'Body is missing', 'A template needs a body.')
    if authentication:
        _check_authentication(parts)
        return
    _check_header(parts.get('HEADER'), named)
    _check_body(parts['BODY'], named)
    _check_footer(parts.get('FOOTER'))
    _check_buttons(parts.get('BUTTONS', {}).get('buttons', []))


def _check_authentication(parts):
    if 'HEADER' in parts or parts['BODY'].get('text'):
        raise refuse(2388072, 'Text not allowed', 'The text of an authentication template comes from Meta.')
    kinds = [str(button.get('type', '')).upper() for button in parts.get('BUTTONS', {}).get('buttons', [])]
    if kinds != ['OTP']:
        raise refuse(2388043, 'Button missing', 'An authentication template has exactly one OTP button.')


def _check_header(part, named):
    if part is None:
        return
    kind = str(part.get('format', '')).upper()
    if kind not in HEADER_FORMATS:
        raise refuse(2388047, 'Header format is incorrect', f'{kind or "No format"} is not a header format.')
    if kind == 'TEXT':
        _check_header_text(part, named)
    elif kind != 'LOCATION' and not part.get('example', {}).get('header_handle'):
        raise refuse(2388047, 'Example is missing', 'A media header needs example.header_handle.')


def _check_header_text(part, named):
    text = part.get('text') or ''
    names = variables(text)
    if not text or len(text) > 60 or '\n' in text or len(names) > 1:
        raise refuse(2388047, 'Header format is incorrect', 'A header has 1 to 60 characters and at most one variable.')
    key = 'header_text_named_params' if named else 'header_text'
    if names and len(part.get('example', {}).get(key) or ()) != 1:
        raise refuse(2388043, 'Example is missing', f'A header with a variable needs example.{key}.')


def _check_body(part, named):
    text = part.get('text') or ''
    if not text or len(text) > 1024:
        raise refuse(2388072, 'Body format is incorrect', 'A body has 1 to 1024 characters.')
    names = variables(text)
    if not names:
        return
    _check_variable_names(names, named)
    _check_variable_places(text, names)
    if _example_count(part.get('example', {}), named) != len(names):
        raise refuse(2388043, 'Example is missing', 'Every variable of the body needs one example.')


def _check_variable_names(names, named):
    if named and not all(re.fullmatch(r'[a-z][a-z0-9_]*', name) for name in names):
        raise refuse(2388072, 'Variable name is incorrect', 'Named variables use lowercase letters and underscores.')
    if not named and names != [str(number) for number in range(1, len(names) + 1)]:
        raise refuse(2388072, 'Variables are not sequential', 'Number the variables {{1}}, {{2}} and so on.')


def _check_variable_places(text, names):
    if re.match(r'\s*\{\{', text) or re.search(r'\}\}\s*$', text):
        raise refuse(2388299, 'Variables can\'t be at the start or end', 'Put text before and after the variables.')
    if re.search(r'\}\}\s*\{\{', text):
        raise refuse(2388072, 'Variables are adjacent', 'Put text between the variables.')
    words = len(re.sub(r'\{\{.*?\}\}', ' ', text).split())
    if words < WORDS_PER_VARIABLE * len(names):
        raise refuse(2388293, 'Too many variables', 'The text is too short for so many variables.')


def _example_count(example, named):
    if named:
        return len(example.get('body_text_named_params') or ())
    rows = example.get('body_text') or [()]
    return len(rows[0])


def _check_footer(part):
    if part is None:
        return
    text = part.get('text') or ''
    if not text or len(text) > 60 or variables(text):
        raise refuse(2388073, 'Footer format is incorrect', 'A footer has 1 to 60 characters and no variables.')


def _check_buttons(buttons):
    kinds = [str(button.get('type', '')).upper() for button in buttons]
    for kind in set(kinds):
        if kinds.count(kind) > BUTTON_LIMITS.get(kind, 0):
            raise refuse(2388043, 'Invalid buttons', f'{kinds.count(kind)} buttons of type {kind} cannot be used.')
    if len(kinds) > 10:
        raise refuse(2388043, 'Invalid buttons', 'A template has at most ten buttons.')
    changes = sum((one == 'QUICK_REPLY') != (two == 'QUICK_REPLY') for one, two in pairwise(kinds))
    if changes > 1:
        raise refuse(2388043, 'Invalid combination', 'Quick replies must stand together.')
    for button in buttons:
        _check_button(button)


def _check_button(button):
    kind = str(button.get('type', '')).upper()
    text = button.get('text') or ''
    if kind != 'COPY_CODE' and not 1 <= len(text) <= 25:
        raise refuse(2388040, 'Button text is incorrect', 'The text of a button has 1 to 25 characters.')
    if kind == 'URL':
        _check_url_button(button)
    if kind == 'PHONE_NUMBER' and not 1 <= len(button.get('phone_number') or '') <= 20:
        raise refuse(2388040, 'Phone number is incorrect', 'The number of a button has 1 to 20 characters.')
    if kind == 'COPY_CODE' and not button.get('example'):
        raise refuse(2388043, 'Example is missing', 'A copy code button needs an example.')


def _check_url_button(button):
    url = button.get('url') or ''
    if not url.startswith(('http://', 'https://')) or len(url) > 2000:
        raise refuse(2388043, 'Link is incorrect', 'A link starts with https:// and has at most 2000 characters.')
    names = variables(url)
    if names and (len(names) > 1 or not url.endswith('}}')):
        raise refuse(2388043, 'Link is incorrect', 'A link has at most one variable, at its end.')
    if names and not button.get('example'):
        raise refuse(2388043, 'Example is missing', 'A link with a variable needs an example.')


def category_meta_sees(data):
    """Return the category Meta would give: a promotional utility text becomes MARKETING at once."""
    category = str(data['category']).upper()
    texts = ' '.join(str(part.get('text', '')) for part in data['components'])
    return 'MARKETING' if category == 'UTILITY' and SALES_WORDS.search(texts) else category
