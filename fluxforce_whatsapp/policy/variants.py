"""Spellings of one person's number: in some countries WhatsApp has a number in another form than people dial it.

Ids are taken as they come: whether a number can exist is no question here (the phone library calls live Mexican and
Brazilian ids invalid). Only these countries have two forms:

- Mexico: ``52`` and ten digits; WhatsApp mostly has ``521`` in front of them, the mobile prefix of before 2019.
- Argentina: ``549`` and ten digits for mobile phones; also written without the 9, and with the old ``15`` between the
  area code and the number.
- Brazil: mobile numbers got a ninth digit, a 9 in front; ids of before have kept eight. Land lines (2 to 5 in front)
  have eight digits and no second form.

Italy's zero after ``39`` is part of the number, so nothing is taken away there.
Source: Meta, "Phone numbers" (country exceptions); the numbering plans E.164 of Mexico, Argentina and Brazil.
"""

import re
from functools import lru_cache

#: Numbers of these countries looked up again and again in a batch.
CACHE_SIZE = 20_000
#: What the numbers of the countries with more than one form begin with; all others are taken as they are.
COUNTRIES = frozenset(('52', '54', '55'))

MEXICAN = re.compile(r'521?(?P<number>[2-9]\d{9})')
ARGENTINIAN = re.compile(r'549?(?P<number>[1-9]\d{9,11})')
#: Area code and the eight digits of a mobile number from before the ninth.
BRAZILIAN = re.compile(r'55(?P<area>[1-9]{2})9?(?P<number>[6-9]\d{7})')

#: Argentina's area codes of three digits; 11 has two, all others have four (ENACOM, national numbering plan).
AREAS_OF_THREE = frozenset((
    '220', '221', '223', '230', '236', '237', '249', '260', '261', '263', '264', '266', '280', '291',
    '294', '297', '298', '299', '336', '341', '342', '343', '345', '348', '351', '353', '358', '362',
    '364', '370', '376', '379', '380', '381', '383', '385', '387', '388',
))
ARGENTINIAN_LENGTH = 10
OLD_MOBILE_PREFIX = '15'


def spellings(number):
    """Find all forms in which a number may be met.

    :param str number: WhatsApp id or number in international form, with or without +
    :return: digits only; the canonical one first, then the others; one for most numbers, none for ''
    :rtype: tuple[str, ...]
    """
    digits = (number or '').lstrip('+')
    if digits[:2] in COUNTRIES:
        return _several(digits)
    return (digits,) if digits else ()


@lru_cache(maxsize=CACHE_SIZE)
def _several(digits):
    if match := MEXICAN.fullmatch(digits):
        return f'52{match["number"]}', f'521{match["number"]}'
    if match := ARGENTINIAN.fullmatch(digits):
        return _argentinian(match['number'], digits)
    if match := BRAZILIAN.fullmatch(digits):
        return f'55{match["area"]}9{match["number"]}', f'55{match["area"]}{match["number"]}'
    return (digits,)


def canonical(number):
    """:return: the key under which all spellings of a number are one: digits only; '' for none."""
    digits = (number or '').lstrip('+')
    return _several(digits)[0] if digits[:2] in COUNTRIES else digits


def same_number(one, other):
    """:return: whether two numbers are spellings of one; an empty one is nobody's."""
    return bool(canonical(one)) and canonical(one) == canonical(other)


def all_spellings(numbers, prefix=''):
    """:param numbers: iterable, empty ones are skipped. :param str prefix: '+' for the international form.
    :return: list of all their spellings, each once, in a fixed order."""
    return list(dict.fromkeys([f'{prefix}{digits}' for number in numbers for digits in spellings(number)]))


def _argentinian(number, digits):
    area = _area(number)
    if len(number) == ARGENTINIAN_LENGTH + len(OLD_MOBILE_PREFIX):
        if not number[area:].startswith(OLD_MOBILE_PREFIX):
            return (digits,)
        number = number[:area] + number[area + len(OLD_MOBILE_PREFIX):]
    if len(number) != ARGENTINIAN_LENGTH:
        return (digits,)
    return f'549{number}', f'54{number}', f'54{number[:area]}{OLD_MOBILE_PREFIX}{number[area:]}'


def _area(number):
    """:return: length of the area code."""
    if number.startswith('11'):
        return 2
    return 3 if number[:3] in AREAS_OF_THREE else 4
