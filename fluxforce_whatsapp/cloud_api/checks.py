"""What is looked at before a body goes to Meta, the same way for all of them. Pure."""

import math
import re
import unicodedata

from . import const

#: http or https, a host, nothing that ends an address.
_LINK = re.compile(r'https?://[^\s/?#]+[^\s]*', re.IGNORECASE)


class PayloadError(ValueError):
    """Something Meta would refuse, found before the call.

    :ivar str field: the argument at fault, or the key of the variable
    """

    def __init__(self, field, message):
        super().__init__(message)
        self.field = field


def text(field, value, limit, words=''):
    """Check a text that must be there.

    :param str field: the argument, for the error
    :param value: what was given
    :param int limit: the most characters WhatsApp takes
    :param str words: how the user knows the field; its name if ''
    :return: the text as it is
    :raise PayloadError: if it is empty, no text or too long
    """
    words = words or f'The {field}'
    if not isinstance(value, str) or not _visible(value):
        raise PayloadError(field, f'{words} is empty. Fill it in.')
    if len(value) > limit:
        raise PayloadError(field, f'{words} has {len(value)} characters, WhatsApp takes {limit}. Shorten it.')
    return value


def _visible(value):
    """Tell whether anything of a text can be seen; marks of direction and width alone are nothing."""
    return any(not char.isspace() and unicodedata.category(char) not in ('Cc', 'Cf') for char in value)


def optional_text(field, value, limit, words=''):
    """Check a text that may be missing. :return: the text, '' if there is none"""
    return '' if value is None or value is False or value == '' else text(field, value, limit, words)


def link(field, value, words=''):
    """Check an address that Meta or the phone opens.

    :return: the address without spaces around it
    :raise PayloadError: if it is no http or https address
    """
    value = value.strip() if isinstance(value, str) else ''
    words = words or f'The {field}'
    if not _LINK.fullmatch(value):
        raise PayloadError(field, f'{words} is no web address. It must begin with https://.')
    return text(field, value, const.BUTTON_URL_MAX, words)


def mapping(field, value, words=''):
    """Check that something is an object. :rtype: dict"""
    if not isinstance(value, dict):
        raise PayloadError(field, f'{words or f"The {field}"} is missing.')
    return value


def rows(field, value, least, most, words):
    """Check how many objects a list holds.

    :param str words: what they are, plural
    :rtype: list[dict]
    """
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, dict) for row in value):
        raise PayloadError(field, f'There are no {words}. Add at least {least}.')
    if not least <= len(value) <= most:
        raise PayloadError(field, f'There are {len(value)} {words}, WhatsApp takes {least} to {most}.')
    return list(value)


def distinct(field, values, words):
    """Check that no value comes twice: the person, or we, could not tell them apart."""
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise PayloadError(field, f'{words} "{twice}" is there twice. Give each its own.')


def degrees(field, value, most, words):
    """Check a latitude or longitude.

    :param value: number or text
    :param int most: degrees either way
    :return: the degrees as text, as Meta declares them [OA]
    :rtype: str
    """
    try:
        number = float(str(value).strip())
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not abs(number) <= most:  # also when it is not a number
        raise PayloadError(field, f'{words} must be a number from -{most} to {most}.')
    return f'{number:.7f}'.rstrip('0').rstrip('.')  # a centimetre; no exponent, no odd digits


def location(field, value, words=''):
    """Check a place.

    :param dict value: ``latitude``, ``longitude``, ``name``, ``address``
    :return: the same with coordinates as text; the address only with a name, it is not shown without one
    :rtype: dict
    """
    words = words or 'The location'
    place = mapping(field, value, words)
    result = {
        'latitude': degrees(field, place.get('latitude'), 90, f'{words}: the latitude'),
        'longitude': degrees(field, place.get('longitude'), 180, f'{words}: the longitude'),
    }
    for name in ('name', 'address'):
        if given := optional_text(field, place.get(name), const.LOCATION_TEXT_MAX, f'{words}: the {name}'):
            result[name] = given
    if 'address' in result and 'name' not in result:
        raise PayloadError(field, f'{words}: WhatsApp shows the address only with a name. Give the place a name.')
    return result


def media(field, value, words='', filename=False):
    """Check a reference to a file: its id at Meta, or an address from which Meta fetches it.

    :param dict value: ``id`` or ``link``; with both the id counts, it is the surer one [S26:throughput]
    :param bool filename: whether ``filename`` goes along (documents)
    :rtype: dict
    """
    words = words or 'The file'
    given = mapping(field, value, words)
    if given.get('id'):
        result = {'id': text(field, str(given['id']), const.ID_MAX, f'{words}: the id')}
    else:
        result = {'link': link(field, given.get('link'), f'{words}: the link')}
    if filename and given.get('filename'):
        result['filename'] = text(field, given['filename'], const.FILE_NAME_MAX, f'{words}: the file name')
    return result
