"""Values of a template's variables: whether one is there, and what Meta is given for it.

Values are texts, except: a file ``{'id': …}`` or ``{'link': …}`` (a document with ``filename``), a place
``{'latitude', 'longitude', 'name', 'address'}``, a product ``{'product_retailer_id', 'catalog_id'}``, the end of an
offer (a moment, or its text in ISO form, UTC if it names no zone), a form ``{'flow_token', 'flow_action_data'}`` or its
token alone, products ``{'thumbnail_product_retailer_id', 'sections': [{'title', 'product_items': [id, …]}]}``, the link
of the whole message ``{'url', 'title'}``. What is an object may also be written as a text, see ``template_texts``.
"""
# There is no env here, see words. pylint: disable=prefer-env-translation

import re
from datetime import datetime, timezone

from . import checks, const
from .checks import PayloadError, refuse
from .template_texts import READERS
from .words import Words, _lt

_LINE_BREAKS = re.compile(r'[ \u00a0]*[\r\n\t\v\f\x1c-\x1e\u0085\u2028\u2029]+[\s]*')
_FEW = ' ' * const.PARAMETER_SPACES_MAX
_MANY = _FEW + ' '
_SPACES = re.compile(f'{_MANY}+')
#: They turn the reading direction of all that follows in the message. [own]
_TURNING = re.compile('[\u202a-\u202e\u2066-\u2069]')
_MEDIA = ('image', 'video', 'document')


def clean_value(value):
    """Make a value fit for a template parameter: Meta refuses line breaks, tabs and more than four spaces in a row.

    Marks that turn the reading direction go: the text around the value must stay as Meta approved it. [own]

    :param value: anything; None becomes ''
    :rtype: str
    """
    if value is None or value is False:
        return ''
    text = str(value)
    if text.isprintable():  # nearly all of them, and much quicker
        return (_SPACES.sub(_FEW, text) if _MANY in text else text).strip()
    text = _TURNING.sub('', text.replace('\x00', ''))
    return _SPACES.sub(_FEW, _LINE_BREAKS.sub(' ', text)).strip()


def is_blank(variable, value):
    """Tell whether a value is not there at all; one that is there may still be unusable, see :func:`filled`."""
    if variable.kind in _MEDIA:
        return not (isinstance(value, dict) and (value.get('id') or value.get('link')))
    if variable.kind in _PARTS and not isinstance(value, str):
        return not (isinstance(value, dict) and all(_there(value.get(name)) for name in _PARTS[variable.kind]))
    if variable.kind == 'flow' and isinstance(value, dict):
        return not (value.get('flow_token') or value.get('flow_action_data'))
    if isinstance(value, (dict, list, tuple)):
        return True
    text = clean_value(value)
    return not text or not (text.isprintable() or checks.is_visible(text))


def wrong(variable, value):
    """Tell whether a text can be the value of a variable, as it is typed.

    :param Variable variable: what it is for
    :param str value: as a person wrote it; a blank one is not wrong
    :return: what is wrong and how to write it, None if nothing is
    :rtype: Words | None
    """
    if variable.kind in _MEDIA or is_blank(variable, value):
        return None
    try:
        filled(variable, value)
    except PayloadError as error:
        return error.words
    return None


def _there(value):
    return value is not None and value is not False and value != '' and value != []


def filled(variable, value):
    """Check a value and bring it to Meta's form.

    :param Variable variable: what it is for
    :param value: one that is not blank
    :raise PayloadError: with the variable's key, naming the part in the user's words
    """
    if isinstance(value, str) and variable.kind in READERS:
        value = _read(variable, value)
    return _FILLERS[variable.kind](variable, value)


def _read(variable, value):
    """:return: the object that was written as a text"""
    reader = READERS[variable.kind]
    found = reader.read(clean_value(value))
    if found is None:
        raise refuse(variable.key, _lt('%(part)s: write it like "%(example)s".'), part=variable.words,
                     example=reader.example)
    return found


def _text(variable, value):
    return clean_value(value)


def _short(limit):
    return lambda variable, value: _limited(variable, value, limit)


def _limited(variable, value, limit, part=None):
    return checks.text(variable.key, clean_value(value), limit, part or variable.words)


def _code(variable, value):
    return _limited(variable, value, const.OTP_CODE_MAX if variable.component == 'body' else const.COPY_CODE_MAX)


def _media(variable, value):
    given = {**value, 'filename': clean_value(value.get('filename'))}
    return checks.media(variable.key, given, variable.words, filename=variable.kind == 'document')


def _location(variable, value):
    cleaned = {name: clean_value(part) for name, part in value.items()}
    return checks.location(variable.key, cleaned, variable.words)


def _product(variable, value):
    return {name: _limited(variable, value.get(name), const.PRODUCT_ID_MAX) for name in _PARTS['product']}


def _moment(variable, value):
    """:return: milliseconds since 1970. An offer that is over must not go out any more. [own]"""
    moment = _as_datetime(variable, value)
    if moment <= datetime.now(timezone.utc):
        raise refuse(variable.key, _lt('%(part)s: %(moment)s is over. Choose a later moment.'), part=variable.words,
                     moment=value)
    return int(moment.timestamp() * 1000)


def _as_datetime(variable, value):
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace('Z', '+00:00'))
    except ValueError as error:
        words = Words(_lt('%(part)s: it must be a date with a time, like 2027-01-31 18:00.'), part=variable.words)
        raise PayloadError(variable.key, words) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _flow(variable, value):
    given = value if isinstance(value, dict) else {'flow_token': value}
    result = {'flow_token': clean_value(given.get('flow_token')) or const.FLOW_TOKEN_UNUSED}
    checks.text(variable.key, result['flow_token'], const.ID_MAX, variable.words)
    if given.get('flow_action_data'):
        result['flow_action_data'] = checks.mapping(variable.key, given['flow_action_data'], variable.words)
    return result


def _products(variable, value):
    sections = checks.rows(variable.key, value['sections'], 1, const.PRODUCT_SECTIONS_MAX, variable.words)
    result = [_product_section(variable, number, section, len(sections) > 1)
              for number, section in enumerate(sections, 1)]
    count = sum(len(section['product_items']) for section in result)
    if count > const.PRODUCTS_MAX:
        raise refuse(variable.key, _lt('%(part)s: there are %(count)s, WhatsApp takes %(most)s. Remove some.'),
                     part=variable.words, count=count, most=const.PRODUCTS_MAX)
    thumbnail = _limited(variable, value['thumbnail_product_retailer_id'], const.PRODUCT_ID_MAX)
    return {'thumbnail_product_retailer_id': thumbnail, 'sections': result}


def _product_section(variable, number, section, titled):
    part = Words(_lt('%(part)s, section %(number)s'), part=variable.words, number=number)
    title = clean_value(section.get('title'))
    check = checks.text if titled else checks.optional_text
    title = check(variable.key, title, const.SECTION_TITLE_MAX, Words(_lt('%(part)s, title'), part=part))
    items = section.get('product_items')
    if not isinstance(items, (list, tuple)) or not items:
        raise refuse(variable.key, _lt('%(part)s: there are no products. Add one.'), part=part)
    ids = [item.get('product_retailer_id') if isinstance(item, dict) else item for item in items]
    products = [{'product_retailer_id': _limited(variable, id_, const.PRODUCT_ID_MAX, part)} for id_ in ids]
    return {**({'title': title} if title else {}), 'product_items': products}


def _tap_target(variable, value):
    return {'url': checks.link(variable.key, value['url'], variable.words),
            'title': _limited(variable, value['title'], const.TAP_TARGET_TITLE_MAX)}


#: What an object must hold to be there at all.
_PARTS = {
    'location': ('latitude', 'longitude'),
    'product': ('product_retailer_id', 'catalog_id'),
    'products': ('thumbnail_product_retailer_id', 'sections'),
    'tap_target': ('url', 'title'),
}
_FILLERS = {
    'text': _text,
    'code': _code,
    'payload': _short(const.PAYLOAD_MAX),
    'thumbnail': _short(const.PRODUCT_ID_MAX),
    **dict.fromkeys(_MEDIA, _media),
    'location': _location,
    'product': _product,
    'datetime': _moment,
    'flow': _flow,
    'products': _products,
    'tap_target': _tap_target,
}
