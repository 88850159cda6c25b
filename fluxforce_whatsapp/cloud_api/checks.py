"""What is looked at before a body goes to Meta, the same way for all of them. Pure.

``part`` is how the user knows what is looked at: a text, or :class:`Words` if it is to be translated.
"""
# There is no env here, see words. pylint: disable=prefer-env-translation

import math
import re
import unicodedata

from . import const
from .words import Words, _lt

#: http or https, a host, nothing that ends an address.
_LINK = re.compile(r'https?://[^\s/?#]+[^\s]*', re.IGNORECASE)
FILE = Words(_lt('File'))


class PayloadError(ValueError):
    """Something Meta would refuse, found before the call.

    :ivar str field: the argument at fault, or the key of the variable
    :ivar words: the same as the message, :class:`Words` if it can be translated
    """

    def __init__(self, field, words):
        super().__init__(str(words))
        self.field = field
        self.words = words


def refuse(field, text, /, **parts):
    """:return: the error. :param str text: marked for translation, with ``%(part)s`` and the like"""
    return PayloadError(field, Words(text, **parts))


def text(field, value, limit, part):
    """Check a text that must be there.

    :param str field: the argument, for the error
    :param value: what was given
    :param int limit: the most characters WhatsApp takes
    :return: the text as it is
    :raise PayloadError: if it is empty, no text or too long
    """
    if not isinstance(value, str) or not is_visible(value):
        raise refuse(field, _lt('%(part)s: it is empty. Fill it in.'), part=part)
    if len(value) > limit:
        raise refuse(field, _lt('%(part)s: it has %(length)s characters, WhatsApp takes %(limit)s. Shorten it.'),
                     part=part, length=len(value), limit=limit)
    return value


def is_visible(value):
    """Tell whether anything of a text can be seen; marks of direction and width alone are nothing."""
    return any(not char.isspace() and unicodedata.category(char) not in ('Cc', 'Cf') for char in value)


def optional_text(field, value, limit, part):
    """Check a text that may be missing. :return: the text, '' if there is none"""
    return '' if value is None or value is False or value == '' else text(field, value, limit, part)


def link(field, value, part):
    """Check an address that Meta or the phone opens.

    :return: the address without spaces around it
    :raise PayloadError: if it is no http or https address
    """
    value = value.strip() if isinstance(value, str) else ''
    if not _LINK.fullmatch(value):
        raise refuse(field, _lt('%(part)s: this is no web address. It must begin with https://.'), part=part)
    return text(field, value, const.BUTTON_URL_MAX, part)


def mapping(field, value, part):
    """Check that something is an object. :rtype: dict"""
    if not isinstance(value, dict):
        raise refuse(field, _lt('%(part)s: it is missing.'), part=part)
    return value


def rows(field, value, least, most, part):
    """Check how many objects a list holds. :rtype: list[dict]"""
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, dict) for row in value):
        raise refuse(field, _lt('%(part)s: there are none. Add at least %(least)s.'), part=part, least=least)
    if not least <= len(value) <= most:
        raise refuse(field, _lt('%(part)s: there are %(count)s, WhatsApp takes %(least)s to %(most)s.'), part=part,
                     count=len(value), least=least, most=most)
    return list(value)


def distinct(field, values, part):
    """Check that no value comes twice: the person, or we, could not tell them apart."""
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise refuse(field, _lt('%(part)s: "%(value)s" is there twice. Give each its own.'), part=part, value=twice)


def degrees(field, value, most, part):
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
        raise refuse(field, _lt('%(part)s: it must be a number from -%(most)s to %(most)s.'), part=part, most=most)
    return f'{number:.7f}'.rstrip('0').rstrip('.')  # a centimetre; no exponent, no odd digits


def location(field, value, part):
    """Check a place.

    :param dict value: ``latitude``, ``longitude``, ``name``, ``address``
    :return: the same with coordinates as text; the address only with a name, it is not shown without one
    :rtype: dict
    """
    place = mapping(field, value, part)
    result = {
        'latitude': degrees(field, place.get('latitude'), 90, Words(_lt('%(part)s, latitude'), part=part)),
        'longitude': degrees(field, place.get('longitude'), 180, Words(_lt('%(part)s, longitude'), part=part)),
    }
    for name, words in (('name', _lt('%(part)s, name')), ('address', _lt('%(part)s, address'))):
        given = optional_text(field, place.get(name), const.LOCATION_TEXT_MAX, Words(words, part=part))
        if given:
            result[name] = given
    if 'address' in result and 'name' not in result:
        raise refuse(field, _lt('%(part)s: WhatsApp shows the address only with a name. Give the place a name.'),
                     part=part)
    return result


def media(field, value, part=FILE, filename=False):
    """Check a reference to a file: its id at Meta, or an address from which Meta fetches it.

    :param dict value: ``id`` or ``link``; with both the id counts, it is the surer one [S26:throughput]
    :param bool filename: whether ``filename`` goes along (documents)
    :rtype: dict
    """
    given = mapping(field, value, part)
    if given.get('id'):
        result = {'id': text(field, str(given['id']), const.ID_MAX, Words(_lt('%(part)s, ID'), part=part))}
    else:
        result = {'link': link(field, given.get('link'), Words(_lt('%(part)s, link'), part=part))}
    if filename and given.get('filename'):
        result['filename'] = text(field, given['filename'], const.FILE_NAME_MAX,
                                  Words(_lt('%(part)s, file name'), part=part))
    return result
