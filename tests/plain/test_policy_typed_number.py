"""What is wrong with a number that somebody typed."""

import pytest
from policy.typed_number import Problem, problem_of, shape_problem


@pytest.mark.parametrize(('typed', 'region'), [
    ('+44 7400 123001', ''),
    ('(07400) 123-001', 'GB'),
    ('0044 7400 123001', 'ES'),
    ('030/1234567', 'DE'),
    ('06 12345678', 'IT'),
    ('+54 11 15 2345 6789', ''),
    ('＋４４ ７４００ １２３００１', ''),
])
def test_a_number_as_people_write_it_has_no_problem(typed, region):
    assert problem_of(typed, region) is None


@pytest.mark.parametrize('typed', [
    '+44 7400 123001 / +44 7400 123002',
    '07400 123001, 07400 123002',
    '07400123001 or 07400123002',
    '+447400123001+447400123002',
    '07400 123001\n07400 123002',
    '600 123 456 y 600 123 457',
])
def test_two_numbers_in_one_field(typed):
    assert problem_of(typed, 'GB') == Problem.TWO_NUMBERS


@pytest.mark.parametrize('typed', [
    '+44 20 7946 0018 ext. 12', '+44 20 7946 0018 x12', '+442079460018x12', '+44 20 7946 0018 #12',
    'tel:+442079460018;ext=12', '+55 11 3456 7890 ramal 12'])
def test_an_extension(typed):
    assert problem_of(typed, '') == Problem.EXTENSION


@pytest.mark.parametrize('typed', ['call me', '+1 800 FLOWERS', '07400 123001 (mum)', 'O7400 123001'])
def test_letters(typed):
    assert problem_of(typed, 'GB') == Problem.LETTERS


def test_without_country_nobody_knows_whose_it_is():
    assert problem_of('07400 123001') == Problem.NO_COUNTRY


@pytest.mark.parametrize(('typed', 'region'), [('07400', 'GB'), ('+44 7400 12', ''), ('+', 'GB'), ('12', 'GB')])
def test_too_short(typed, region):
    assert problem_of(typed, region) == Problem.TOO_SHORT


@pytest.mark.parametrize(('typed', 'region'), [
    ('07400 123001 999', 'GB'), ('+44 7400 123001 99999', ''), ('+' + '1' * 40, '')])
def test_too_long(typed, region):
    assert problem_of(typed, region) == Problem.TOO_LONG


@pytest.mark.parametrize('typed', ['+44 7700 900123', '+999 123 456 789'])
def test_no_such_number(typed):
    assert problem_of(typed) == Problem.IMPOSSIBLE


def test_how_it_is_written_says_nothing_about_whether_it_exists():
    assert shape_problem('+999 123 456 789') is None
