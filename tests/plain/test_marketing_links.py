"""Codes of tracked addresses, who opens them, and what is credited to a message."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

# At the end, so that the addon's own folders (tests, models) do not hide packages of the same name.
sys.path.append(str(Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'))

from flow import codes, visits  # noqa: E402  the line above makes it importable
from flow.credit import Touch, credit  # noqa: E402  as above

KEY = 'secret of this database'
NOW = datetime(2026, 6, 1, 12)
PHONE = ('Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile '
         'Safari/537.36')
IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1'


# --- Codes ---


@given(st.integers(min_value=0, max_value=2 ** 63 - 1))
def test_a_code_says_its_link_and_whose_it_is(link):
    token = codes.new_token()
    code = codes.make(KEY, link, token)
    assert codes.read(KEY, code) == (link, token)
    assert len(code) <= codes.LONGEST
    assert code.isalnum()
    assert code.isascii()


def test_a_code_of_another_database_says_nothing():
    assert codes.read('another secret', codes.make(KEY, 7, codes.new_token())) is None


@pytest.mark.parametrize('position', range(22))
def test_a_code_with_one_other_character_says_nothing(position):
    code = codes.make(KEY, 4321, 'abcdefghijkl')
    other = '0' if code[position] != '0' else '1'
    assert codes.read(KEY, f'{code[:position]}{other}{code[position + 1:]}') is None


def test_a_persons_code_opens_no_other_link():
    mine = codes.make(KEY, 7, 'abcdefghijkl')
    assert codes.read(KEY, '8' + mine[1:]) is None


def test_a_code_has_one_spelling():
    code = codes.make(KEY, 7, 'abcdefghijkl')
    assert codes.read(KEY, '0' + code) is None


@given(st.text(max_size=60))
def test_anything_else_says_nothing(text):
    assert codes.read(KEY, text) is None


def test_tokens_are_never_the_same():
    assert len({codes.new_token() for _ in range(1000)}) == 1000


# --- Visits ---


@pytest.mark.parametrize('agent', [
    PHONE, IPHONE,
    # WhatsApp opens addresses in the phone's own browser; Instagram and Facebook in theirs.
    f'{PHONE} [FB_IAB/FB4A;FBAV/470.0.0.0;]',
    f'{IPHONE} Instagram 330.0.0.0 (iPhone15,3; iOS 17_5)',
    PHONE.replace('Pixel 8', 'CUBOT X70'),
])
def test_a_browser_is_a_person(agent):
    assert visits.is_person('GET', {'user-agent': agent})


@pytest.mark.parametrize('agent', [
    '', 'WhatsApp/2.23.20.0', 'WhatsApp/2.24.13.78 A', 'facebookexternalhit/1.1', 'meta-externalagent/1.1',
    'Mozilla/5.0 (compatible; Googlebot/2.1)', 'TelegramBot (like TwitterBot)', 'curl/8.5.0', 'python-requests/2.32',
    f'{PHONE} HeadlessChrome/126.0', 'Mozilla/5.0 SkypeUriPreview Preview/0.5', 'Slackbot-LinkExpanding 1.0',
])
def test_a_program_is_none(agent):
    assert not visits.is_person('GET', {'user-agent': agent})


@pytest.mark.parametrize('method', ['HEAD', 'POST', 'OPTIONS'])
def test_only_who_asks_for_the_page_is_a_person(method):
    assert not visits.is_person(method, {'user-agent': PHONE})


@pytest.mark.parametrize('headers', [
    {'purpose': 'prefetch'}, {'sec-purpose': 'prefetch;prerender'}, {'x-moz': 'prefetch'}, {'x-purpose': 'preview'},
    {'sec-fetch-dest': 'image'}, {'sec-fetch-dest': 'empty'},
])
def test_a_browser_that_looks_ahead_or_embeds_is_none(headers):
    assert not visits.is_person('GET', {'user-agent': PHONE, **headers})


def test_a_browser_that_says_it_opens_a_page_is_a_person():
    assert visits.is_person('GET', {'user-agent': PHONE, 'sec-fetch-dest': 'document'})


# --- What is credited to which message ---


def touch(key=1, days_ago=1, days=7, clicked_days_ago=None):
    clicked_at = None if clicked_days_ago is None else NOW - timedelta(days=clicked_days_ago)
    return Touch(key, NOW - timedelta(days=days_ago), days, clicked_at)


def test_nothing_is_credited_to_nobody():
    assert credit(NOW, []) is None


def test_the_last_message_before_it_has_the_credit():
    assert credit(NOW, [touch(1, 3), touch(2, 1), touch(3, 2)]).key == 2


def test_a_followed_link_counts_more_than_a_later_message():
    assert credit(NOW, [touch(1, 3, clicked_days_ago=2), touch(2, 1)]).key == 1


def test_of_two_followed_links_the_last_has_the_credit():
    assert credit(NOW, [touch(1, 3, clicked_days_ago=1), touch(2, 2, clicked_days_ago=2)]).key == 1


def test_a_link_followed_afterwards_counts_as_none():
    assert credit(NOW, [touch(1, 3, clicked_days_ago=-1), touch(2, 1)]).key == 2


@pytest.mark.parametrize(('days_ago', 'counts'), [(7, True), (7.01, False), (0, True), (-0.01, False)])
def test_it_counts_from_the_message_until_its_days_have_passed(days_ago, counts):
    assert bool(credit(NOW, [touch(days_ago=days_ago)])) is counts


def test_a_link_followed_in_a_message_whose_days_have_passed_counts_no_more():
    assert credit(NOW, [touch(1, 8, clicked_days_ago=1)]) is None
