"""From template category to purpose."""

import pytest
from policy.purpose import PURPOSES, purpose_of_category


@pytest.mark.parametrize(
    ('category', 'purpose'),
    [('MARKETING', 'marketing'), ('utility', 'utility'), ('Authentication', 'authentication')],
)
def test_category_maps_to_its_purpose(category, purpose):
    assert purpose_of_category(category) == purpose


@pytest.mark.parametrize('category', [None, '', False, 'CARE', 'SERVICE', 'TRANSACTIONAL', 'CATEGORY_OF_2030'])
def test_unknown_category_has_no_purpose(category):
    assert purpose_of_category(category) is None


def test_purposes_have_labels():
    assert list(PURPOSES) == ['marketing', 'utility', 'authentication', 'care']
