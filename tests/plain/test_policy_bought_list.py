"""Which grants look like a bought list."""

import pytest
from policy.bought_list import FEW, MANY_NEW, ONE_SOURCE, Grant, Sign, signs


def grant(people=200, new=0, nameless=0, strangers=0):
    return Grant(people, new, nameless, strangers)


def test_customers_with_names_are_no_bought_list():
    assert signs(grant()) == ()


def test_a_mornings_paper_forms_are_no_bought_list():
    assert signs(grant(FEW - 1, FEW - 1, FEW - 1, FEW - 1)) == ()


@pytest.mark.parametrize(('facts', 'sign'), [
    ({'new': MANY_NEW}, Sign.MANY_NEW),
    ({'strangers': 100}, Sign.NO_BUSINESS),
    ({'nameless': 100}, Sign.NAMELESS),
    ({'people': ONE_SOURCE}, Sign.ONE_SOURCE),
])
def test_each_sign_alone_is_told(facts, sign):
    assert signs(grant(**facts)) == (sign,)


@pytest.mark.parametrize('facts', [
    {'new': MANY_NEW - 1}, {'strangers': 99}, {'nameless': 99}, {'people': ONE_SOURCE - 1}])
def test_just_below_nothing_is_told(facts):
    assert signs(grant(**facts)) == ()


def test_all_signs_come_together_the_heaviest_first():
    assert signs(grant(5000, 5000, 5000, 5000)) == (
        Sign.MANY_NEW, Sign.NO_BUSINESS, Sign.NAMELESS, Sign.ONE_SOURCE)
