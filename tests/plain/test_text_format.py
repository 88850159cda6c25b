"""WhatsApp's formatting marks."""

import pytest
from text_format import to_linked_markup, to_markup


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('*bold* _italic_ ~struck~ ```code```', '<b>bold</b> <i>italic</i> <s>struck</s> <code>code</code>'),
        ('*all helmets* and *gloves*', '<b>all helmets</b> and <b>gloves</b>'),
        ('2 * 3 * 4', '2 * 3 * 4'),
        ('*a * b', '*a * b'),
        ('snake_case_name', 'snake_case_name'),
        ('*not\nbold*', '*not<br/>bold*'),
        ('```two\nlines```', '<code>two<br/>lines</code>'),
        ('```a `quoted` word```', '<code>a `quoted` word</code>'),
        ('*_both_*', '<b><i>both</i></b>'),
        ('<b>&', '&lt;b&gt;&amp;'),
        ('**', '**'),
        ('``````', '``````'),
        (None, ''),
    ],
)
def test_marks(text, html):
    assert to_markup(text) == html


def test_text_longer_than_a_message_is_not_marked():
    text = 'a' * 5000
    assert to_markup(f'*{text}*') == f'*{text}*'


@pytest.mark.parametrize('piece', [' *a', ' _a', ' ~a', ' ```a', ' ```a ', '*', '```', '*a b', '```a\n'])
def test_hostile_text_is_done_in_one_pass(piece):
    # Would take minutes if each mark searched the whole rest.
    assert len(to_markup(piece * 100_000)) >= len(piece) * 100_000


def link(address):
    return f'<a href="{address}" target="_blank" rel="noreferrer noopener">{address}</a>'


@pytest.mark.parametrize(
    ('text', 'html'),
    [
        ('See https://a.example/b_c_d?x=1.', f'See {link("https://a.example/b_c_d?x=1")}.'),
        ('(https://a.example)', f'({link("https://a.example")})'),
        ('https://a.example/?a=1&b=2', link('https://a.example/?a=1&amp;b=2')),
        ('"https://a.example" x', f'&#34;{link("https://a.example")}&#34; x'),
        ('<https://a.example>', f'&lt;{link("https://a.example")}&gt;'),
        ('*https://a.example*', f'<b>{link("https://a.example")}</b>'),
        ('https://a.example/"onclick="x', f'{link("https://a.example/")}&#34;onclick=&#34;x'),
        ('javascript:alert(1)', 'javascript:alert(1)'),
    ],
)
def test_addresses_become_links_and_nothing_else(text, html):
    assert to_linked_markup(text) == html
