import pytest
from policy.language import choose, language_of

OFFERED = ('en', 'en_GB', 'es', 'es_MX', 'pt_BR', 'zh_CN')


@pytest.mark.parametrize(('wanted', 'code'), [
    ('es_MX', 'es_MX'),    # the very one
    ('es_AR', 'es'),       # the language without a region
    ('es_419', 'es'),
    ('pt_PT', 'pt_BR'),    # another region is better than another language
    ('en_US', 'en'),
    ('', 'en'),            # nobody knows: what was picked
])
def test_the_persons_own_language_is_chosen(wanted, code):
    choice = choose(wanted, OFFERED, 'en')

    assert (choice.code, choice.is_theirs) == (code, True)


@pytest.mark.parametrize('wanted', ['fr_FR', 'zh_TW', 'sr@latin'])
def test_a_language_that_is_lacking_is_told_and_the_picked_one_stands_in(wanted):
    choice = choose(wanted, OFFERED, 'en_GB')

    assert (choice.code, choice.is_theirs) == ('en_GB', False)


def test_of_several_regions_the_picked_one_is_preferred():
    assert choose('en_AU', ('en_GB', 'en_US'), 'en_US').code == 'en_US'


@pytest.mark.parametrize(('code', 'language'), [('es_419', 'es'), ('sr@latin', 'sr'), ('zh-Hant', 'zh'), ('', '')])
def test_the_language_of_a_code(code, language):
    assert language_of(code) == language
