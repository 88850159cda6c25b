"""Spellings of one person's number."""

import pytest
from policy.variants import all_spellings, canonical, same_number, spellings

MEXICO = ('525512345678', '5215512345678')
BUENOS_AIRES = ('5491123456789', '541123456789', '54111523456789')
ROSARIO = ('5493414567890', '543414567890', '54341154567890')
USHUAIA = ('5492901456789', '542901456789', '54290115456789')
SAO_PAULO = ('5511987654321', '551187654321')


@pytest.mark.parametrize('forms', [MEXICO, BUENOS_AIRES, ROSARIO, USHUAIA, SAO_PAULO])
def test_every_spelling_knows_all_the_others(forms):
    for form in forms:
        assert spellings(form) == forms


@pytest.mark.parametrize('forms', [MEXICO, BUENOS_AIRES, ROSARIO, USHUAIA, SAO_PAULO])
def test_all_spellings_have_one_key(forms):
    assert {canonical(form) for form in forms} == {forms[0]}


@pytest.mark.parametrize('number', [
    '447400123001',    # one form only
    '551134567890',    # Brazilian land line
    '5511934567890',   # a new mobile number: without its 9 it is the land line above it
    '390612345678',    # Rome, with its zero
    '39612345678',
    '52551234567',     # too short for Mexico
    '5211234567890',   # no Mexican number begins with 1
    '5411234567',      # too short for Argentina
    '54112345678901',  # twelve digits without 15
    '12025550123',
])
def test_other_numbers_have_one_spelling(number):
    assert spellings(number) == (number,)


def test_a_brazilian_mobile_is_never_a_land_line():
    assert not same_number('5511934567890', '551134567890')


def test_italy_keeps_its_zero():
    assert not same_number('390612345678', '39612345678')


def test_the_plus_does_not_matter():
    assert spellings('+5215512345678') == MEXICO
    assert same_number('+525512345678', '5215512345678')


@pytest.mark.parametrize('nothing', ['', None, '+'])
def test_nobody_has_no_number(nothing):
    assert spellings(nothing) == ()
    assert canonical(nothing) == ''
    assert not same_number(nothing, nothing)


def test_an_argentinian_nine_with_the_old_fifteen_is_the_same():
    assert canonical('549111523456789') == '5491123456789'


def test_fifteen_within_a_number_is_no_prefix():
    assert canonical('541115345678') == '5491115345678'


def test_many_at_once_each_once():
    assert all_spellings(['+525512345678', None, '', '+5215512345678', '+447400123001'], '+') == [
        '+525512345678', '+5215512345678', '+447400123001']


def test_what_is_no_number_is_left_as_it_is():
    assert spellings('ES.13491208655302741918') == ('ES.13491208655302741918',)
