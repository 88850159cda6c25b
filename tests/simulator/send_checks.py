"""Checks that several kinds of messages share; each raises Meta's refusal."""

import re

from .errors import GraphError, bad_value, missing, unexpected_key

LINK = re.compile(r'https?://[^\s/]+\S*', re.IGNORECASE)
LINK_MAX = 2000


def only(item, allowed, where):
    """Refuse keys that do not exist at this place."""
    for key in item:
        if key not in allowed:
            raise unexpected_key(key, where)


def text(item, key, where, most, least=1):
    """Return a required text of `least` to `most` characters."""
    if item.get(key) is None:
        raise missing(f"The parameter {where}['{key}'] is required.")
    value = item[key]
    if not isinstance(value, str):
        raise bad_value(f"Param {where}['{key}'] must be a string.")
    if not least <= len(value) <= most or (least and not value.strip()):
        raise bad_value(f"Param {where}['{key}']: length invalid. Min length: {least}, Max length: {most}")
    return value


def optional_text(item, key, where, most):
    """Return a text that may be absent, but not be empty."""
    return text(item, key, where, most) if key in item else ''


def link(value, where):
    """Refuse what is no web address."""
    if not isinstance(value, str) or not LINK.fullmatch(value) or len(value) > LINK_MAX:
        raise bad_value(f'Param {where} is not a valid URI.')


def rows(value, where, least, most):
    """Return a list of `least` to `most` objects."""
    if value is None:
        raise missing(f'The parameter {where} is required.')
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise bad_value(f'Param {where} must be an array of objects.')
    if not least <= len(value) <= most:
        raise bad_value(f'Param {where}: invalid count {len(value)}. Min allowed: {least}, Max allowed: {most}')
    return value


def unique(values, where):
    """Refuse values that are there twice."""
    if len(set(values)) != len(values):
        raise bad_value(f'Duplicated values in {where}.')


def place(item, where):
    """Check a location; latitude and longitude may be numbers or texts of one."""
    only(item, {'latitude', 'longitude', 'name', 'address'}, where)
    _degrees(item, 'latitude', where, 90)
    _degrees(item, 'longitude', where, 180)
    optional_text(item, 'name', where, 1024)
    optional_text(item, 'address', where, 1024)


def _degrees(item, key, where, most):
    value = item.get(key)
    if value is None or value == '':
        raise missing(f"The parameter {where}['{key}'] is required.")
    plain = isinstance(value, str) and re.fullmatch(r'-?[0-9]{1,3}(\.[0-9]+)?', value)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (plain or number) or not abs(float(value)) <= most:
        raise bad_value(f"Param {where}['{key}'] is not a valid {key}.")


def sections_of_products(value, where):
    """Check the sections of a message with several products."""
    found = rows(value, where, 1, 10)
    count = 0
    for position, section in enumerate(found):
        here = f'{where}[{position}]'
        only(section, {'title', 'product_items'}, here)
        (text if len(found) > 1 else optional_text)(section, 'title', here, 24)
        items = rows(section.get('product_items'), f"{here}['product_items']", 1, 30)
        for item in items:
            only(item, {'product_retailer_id'}, here)
            text(item, 'product_retailer_id', here, 256)
        count += len(items)
    if count > 30:
        raise GraphError(131009, f'Param {where}: {count} products, 30 allowed')
