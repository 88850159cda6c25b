"""What makes two messages the same."""

from policy.content import content_key
from policy.region import is_in_regions, region_of_phone


def test_the_order_of_the_values_does_not_matter():
    assert content_key(7, {'body:1': 'Ana', 'body:2': 'S42'}) == content_key(7, {'body:2': 'S42', 'body:1': 'Ana'})


def test_another_value_or_template_is_another_content():
    keys = {content_key(7, {'body:1': 'Ana'}), content_key(7, {'body:1': 'Ben'}), content_key(8, {'body:1': 'Ana'})}
    assert len(keys) == 3


def test_no_values_are_none():
    assert content_key(7, None) == content_key(7, {})


def test_a_broken_character_is_no_error():
    assert content_key(7, {'body:1': '\ud83d'})


def test_plus_one_is_not_all_united_states():
    assert region_of_phone('+12025550123') == 'US'
    assert region_of_phone('+16135550123') == 'CA'
    assert region_of_phone('+447400123001') == 'GB'
    assert region_of_phone('PT.1001') == ''
    assert region_of_phone(None) == ''


def test_a_number_is_told_to_be_in_a_country_though_others_share_its_beginning():
    regions = frozenset({'US'})
    assert is_in_regions('+12025550123', regions)
    assert not is_in_regions('+16135550123', regions)
    assert not is_in_regions('+447400123001', regions)
    assert not is_in_regions('PT.1001', regions)
    assert not is_in_regions(None, regions)
