"""The usage headers of Meta's answers."""

import json
import time

import pytest
from cloud_api import const
from cloud_api.usage import Usage, parse_usage
from requests.structures import CaseInsensitiveDict

WABA = '310000000000001'


def usage_of(app=None, business=None):
    headers = {const.APP_USAGE_HEADER: app, const.BUSINESS_USAGE_HEADER: business}
    return parse_usage({name: value if isinstance(value, str) else json.dumps(value)
                        for name, value in headers.items() if value is not None})


def business_row(**counters):
    return {'type': 'whatsapp', 'call_count': 1, 'total_cputime': 1, 'total_time': 1,
            'estimated_time_to_regain_access': 0, **counters}


def test_answer_without_headers_tells_nothing():
    assert parse_usage({}) is None


def test_the_largest_counter_of_the_app_counts():
    assert usage_of({'call_count': 28, 'total_cputime': 31, 'total_time': 25}) == Usage(31)


def test_the_largest_counter_of_any_business_counts():
    rows = {WABA: [business_row(call_count=12), business_row(total_time=77)], '31': [business_row(total_cputime=78)]}

    assert usage_of(business=rows) == Usage(78)


def test_the_worse_of_both_headers_counts():
    assert usage_of({'call_count': 95}, {WABA: [business_row(call_count=40)]}) == Usage(95)


def test_the_longest_wait_counts_in_seconds():
    rows = {WABA: [business_row(call_count=100, estimated_time_to_regain_access=2),
                   business_row(estimated_time_to_regain_access=19)]}

    assert usage_of(business=rows) == Usage(100, 19 * 60)


def test_a_wait_without_counters_is_not_lost():
    assert usage_of(business={WABA: [{'estimated_time_to_regain_access': 5}]}) == Usage(0, 300)


def test_header_names_may_come_in_any_case():
    assert parse_usage(CaseInsensitiveDict({'x-app-usage': '{"call_count": 7}'})) == Usage(7)


def test_broken_percentages_are_rounded_up():
    assert usage_of({'call_count': 79.2}) == Usage(80)


@pytest.mark.parametrize('text', [
    '', '{', 'null', '[]', '"85"', '7', '{}', '[' * 100000, '{"call_count": "85"}', '{"call_count": true}',
    '{"call_count": NaN}', '{"call_count": Infinity}', '{"call_count": -1}', '{"call_count": 1e300}',
    '{"call_count": null}', '{"other": 85}', '{"310": 85}', '{"310": [85]}', '{"310": {"call_count": 85}}',
])
def test_odd_header_counts_as_absent(text):
    assert usage_of(text, text) is None


def test_one_odd_header_does_not_hide_the_other():
    assert usage_of('{', {WABA: [business_row(call_count=40)]}) == Usage(40)


def test_stop_comes_after_slow():
    assert const.USAGE_SLOW_PERCENT < const.USAGE_STOP_PERCENT


def test_reading_costs_next_to_nothing():
    """It runs once per message: 1,000 messages a second leave no more than 1 ms for all of one's work."""
    headers = CaseInsensitiveDict({const.BUSINESS_USAGE_HEADER: json.dumps({WABA: [business_row()] * 2})})
    begun = time.process_time()
    for _turn in range(1000):
        parse_usage(headers)

    assert time.process_time() - begun < 0.05
