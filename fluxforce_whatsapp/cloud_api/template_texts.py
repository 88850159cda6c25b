"""Values that are objects, written as a text by whoever fills in a template or in a field of a record. [own]

Parts stand in a fixed order between semicolons.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_COORDINATE = r'-?[0-9]{1,3}(?:\.[0-9]+)?'
_COORDINATES = re.compile(rf'({_COORDINATE})\s*,\s*({_COORDINATE})')


@dataclass(frozen=True)
class Reader:
    """How a kind of value is written.

    :ivar read: a function of the text that returns the object, None if the text is written otherwise
    :ivar str example: for whoever wrote it otherwise
    """

    read: Callable
    example: str


def _parts(text, least, most):
    """:return: the texts between the semicolons, None if there are too few or too many. :rtype: list[str]"""
    parts = [part.strip() for part in text.split(';')]
    return parts if least <= len(parts) <= most and all(parts) else None


def _location(text):
    parts = _parts(text, 1, 3) or ['']
    found = _COORDINATES.fullmatch(parts[0])
    if not found:
        return None
    place = {'latitude': found[1], 'longitude': found[2]}
    return {**place, **dict(zip(('name', 'address'), parts[1:], strict=False))}


def _product(text):
    parts = _parts(text, 2, 2)
    return parts and {'catalog_id': parts[0], 'product_retailer_id': parts[1]}


def _products(text):
    """Sections between semicolons; the first product is shown."""
    parts = _parts(text, 1, len(text) + 1)
    sections = [_section(part) for part in parts or ()]
    if not sections or not all(section['product_items'] for section in sections):
        return None
    return {'thumbnail_product_retailer_id': sections[0]['product_items'][0], 'sections': sections}


def _section(text):
    title, _colon, items = text.rpartition(':')
    return {'title': title.strip(), 'product_items': [item.strip() for item in items.split(',') if item.strip()]}


def _tap_target(text):
    parts = _parts(text, 2, 2)
    return parts and {'url': parts[0], 'title': parts[1]}


def _flow(text):
    """A form's token, then what it begins with as ``name=value``."""
    token, *fields = _parts(text, 1, len(text) + 1) or ['']
    pairs = [field.partition('=') for field in fields]
    if not token or not all(name.strip() and sign and value.strip() for name, sign, value in pairs):
        return None
    data = {name.strip(): value.strip() for name, __, value in pairs}
    return {'flow_token': token, **({'flow_action_data': data} if data else {})}


#: By kind of variable.
READERS = {
    'location': Reader(_location, '41.3874, 2.1686; Shop; Carrer 1'),
    'product': Reader(_product, '1234567890; SKU-1'),
    'products': Reader(_products, 'New: SKU-1, SKU-2; Sale: SKU-3'),
    'flow': Reader(_flow, 'order-118; city=Valencia'),
    'tap_target': Reader(_tap_target, 'https://example.com; Our shop'),
}
