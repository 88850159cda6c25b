"""What is wrong with a number that somebody typed, so that the hint can say how to mend it.

Only for what people type: ids that come from WhatsApp are taken as they are (see ``variants``).
"""

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult


class Problem(StrEnum):
    """Why a typed number cannot be right."""

    TWO_NUMBERS = 'two_numbers'
    LETTERS = 'letters'
    EXTENSION = 'extension'
    NO_COUNTRY = 'no_country'
    TOO_SHORT = 'too_short'
    TOO_LONG = 'too_long'
    IMPOSSIBLE = 'impossible'


# What stands between two numbers in one field; a single / also stands within a number, so the pieces are looked at.
BETWEEN = re.compile(r'[/;,|&\n]|\s(?:or|o|ou|oder|y|e|et|und|and)\s', re.IGNORECASE)
# The shortest subscriber numbers that are dialled have six digits. (Our own choice.)
DIGITS_OF_A_NUMBER = 6
EXTENSION = re.compile(
    r'(?:;ext=|\b(?:extension|extn|ext|ramal|anexo|interno|int|poste|durchwahl|dw)\b\.?|(?<=\s)x|(?<=\d)x|#)'
    r'\s*:?\s*\d{1,6}\s*$', re.IGNORECASE)
# Most numbers: nothing but digits and what people put between them. Nothing below can be found in these.
PLAIN = re.compile(r'\s*\+?[\d\s().-]+')
SHORT = (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY)


def shape_problem(typed):
    """Look at how a number is written, without asking whether such a number exists.

    :param str typed: not empty
    :return: the :class:`Problem`, None for one plain number
    """
    if PLAIN.fullmatch(typed) and '\n' not in typed:
        return None
    if _has_two_numbers(typed):
        return Problem.TWO_NUMBERS
    if EXTENSION.search(typed):
        return Problem.EXTENSION
    return Problem.LETTERS if any(character.isalpha() for character in typed) else None


def problem_of(typed, region=''):
    """Say what is wrong with a number.

    :param str typed: not empty
    :param str region: ISO code of the country it is taken for if it has no country code, ''
    :return: the :class:`Problem`, None for a number that can be right
    """
    return shape_problem(typed) or _number_problem(typed.strip(), region)


def _has_two_numbers(typed):
    long_pieces = [piece for piece in BETWEEN.split(typed) if _count_digits(piece) >= DIGITS_OF_A_NUMBER]
    return len(long_pieces) > 1 or typed.count('+') > 1


def _count_digits(text):
    return sum(character.isdigit() for character in text)


def _number_problem(typed, region):
    try:
        number = phonenumbers.parse(typed, region or None)
    except NumberParseException as error:
        return _parse_problem(typed, error)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible in SHORT:
        return Problem.TOO_SHORT
    if possible == ValidationResult.TOO_LONG:
        return Problem.TOO_LONG
    return None if phonenumbers.is_valid_number(number) else Problem.IMPOSSIBLE


def _parse_problem(typed, error):
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return Problem.IMPOSSIBLE if typed.startswith('+') else Problem.NO_COUNTRY
    if error.error_type == NumberParseException.TOO_LONG:
        return Problem.TOO_LONG
    return Problem.TOO_SHORT
