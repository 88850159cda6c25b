"""The approved address of a button and what follows it."""

import pytest
from cloud_api.addresses import suffix, url_prefix


def buttons(*urls):
    return {'type': 'BUTTONS', 'buttons': [
        {'type': 'QUICK_REPLY', 'text': 'Yes'}, *({'type': 'URL', 'text': 'See', 'url': url} for url in urls)]}


ORDER = buttons('https://shop.example.com/orders/{{1}}')
CARDS = {'type': 'CAROUSEL', 'cards': [{'components': [buttons('https://a.example.com/{{1}}')]},
                                       {'components': [{'type': 'BODY'}, buttons('https://b.example.com/x?{{1}}')]}]}


@pytest.mark.parametrize(('components', 'key', 'prefix'), [
    ([{'type': 'BODY'}, ORDER], 'button:1:1', 'https://shop.example.com/orders/'),
    ([ORDER], 'button:0:1', ''),
    ([ORDER], 'button:7:1', ''),
    ([ORDER], 'body:1', ''),
    ([CARDS], 'card:1:button:1:1', 'https://b.example.com/x?'),
    ([CARDS], 'card:5:button:1:1', ''),
    ([CARDS], 'card:1:body:1', ''),
    ([CARDS], 'card:x', ''),
    (None, 'button:0:1', ''),
    ([{'type': 'BUTTONS', 'buttons': 'rubbish'}], 'button:0:1', ''),
])
def test_the_beginning_is_what_stands_before_the_variable(components, key, prefix):
    assert url_prefix(components, key) == prefix


def test_what_follows_is_the_rest_of_the_link():
    assert suffix('https://shop.example.com/orders/7?k=1', 'https://shop.example.com/orders/') == '7?k=1'
    assert suffix('https://shop.example.com/orders/7', '') == 'https://shop.example.com/orders/7'
    assert suffix('https://other.example.com/orders/7', 'https://shop.example.com/') is None
