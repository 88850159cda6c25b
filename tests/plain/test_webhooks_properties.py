"""Whatever Meta, or somebody in between, makes of a webhook: it is read, and the same thing has the same key."""

import json
import re
from datetime import date

from cloud_api.inbound import InboundMessage
from cloud_api.updates import AccountAlert, AccountUpdate, NumberUpdate, Preference, TemplateUpdate, error_of
from cloud_api.webhooks import MalformedWebhook, Status, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES, mutate, permuted, rearranged

# The same examples in every run; what one run finds the next one finds as well.
settings.register_profile('fixed', derandomize=True, database=None, deadline=None, max_examples=300)
settings.load_profile('fixed')

KEY_LENGTH = 128
TODAY = date(2026, 6, 1)
READERS = (Status, InboundMessage, AccountAlert, AccountUpdate, NumberUpdate, Preference, TemplateUpdate)
payloads = st.sampled_from([sample['payload'] for sample in SAMPLES])
randoms = st.randoms(use_true_random=False)
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12)
QUOTED = re.compile(r'"([^"]*)"')


def escaped(body):
    """JSON with every sign of its texts as an escape; what has escapes already stays as it is."""
    text = json.dumps(body, ensure_ascii=False)
    return text if '\\' in text else QUOTED.sub(lambda found: f'"{"".join(map(escape, found[1]))}"', text)


def escape(sign):
    return f'\\u{ord(sign):04x}' if sign.isascii() else json.dumps(sign)[1:-1]


#: Ways to write the same JSON.
WRITERS = (
    json.dumps,
    lambda body: json.dumps(body, ensure_ascii=False, indent=1),
    lambda body: json.dumps(body, separators=(',', ':')).replace('/', '\\/'),
    escaped,
)


def read(raw):
    """Take a body apart and read all that is in it. :return: its items, None if it is no webhook."""
    try:
        items = parse(raw)
    except MalformedWebhook:
        return None
    for item in items:
        for reader in READERS:
            reader.from_item(item)
        error_of(item)
        assert item.moment is None or item.moment.year > 1969
    return items


def written(body):
    return json.dumps(body).encode()


def keys(raw):
    return [item.dedupe_key for item in parse(raw)]


def assert_well_keyed(items):
    for item in items or ():
        assert 0 < len(item.dedupe_key) <= len(item.key_on(TODAY)) <= KEY_LENGTH
        assert item.dedupe_key.isascii()


# --- What comes -----------------------------------------------------------------------------------------------------


@given(payloads, randoms, st.integers(1, 12))
def test_a_payload_that_was_changed_anyhow_is_read_or_is_no_webhook(payload, random, times):
    items = read(written(mutate(payload, random, times)))

    assert_well_keyed(items)


@given(st.binary(max_size=200))
def test_bytes_that_are_anything_raise_nothing_else(raw):
    assert read(raw) is None


@given(anything)
def test_json_that_is_anything_raises_nothing_else(value):
    assert_well_keyed(read(written(value)))


@given(anything, st.sampled_from(['entry', 'changes', 'value', 'messages', 'statuses', 'contacts', 'metadata']))
def test_anything_at_any_depth_is_kept(value, where):
    items = read(written(envelope(value, where)))

    assert_well_keyed(items)
    assert items or (where == 'entry' and not isinstance(value, list)) or value == []


def envelope(value, where):
    """A webhook that is good down to the given depth."""
    if where in ('messages', 'statuses', 'contacts', 'metadata'):
        value, where = {where: value}, 'value'
    if where == 'value':
        value, where = [{'field': 'messages', 'value': value}], 'changes'
    if where == 'changes':
        value = [{'id': '217000000000001', 'changes': value}]
    return {'object': 'whatsapp_business_account', 'entry': value}


@given(payloads, randoms, st.data())
def test_a_body_that_was_cut_raises_nothing_else(payload, random, data):
    raw = written(rearranged(payload, random))

    assert read(raw[:data.draw(st.integers(0, len(raw) - 1))]) is None


# --- The same thing, the same key -----------------------------------------------------------------------------------


@given(payloads, randoms, st.sampled_from(WRITERS))
def test_the_same_body_has_the_same_keys_however_it_is_written(payload, random, write):
    assert keys(write(rearranged(payload, random)).encode()) == keys(written(payload))


@given(payloads, randoms, st.integers(1, 6), st.sampled_from(WRITERS))
def test_so_does_an_odd_body(payload, random, times, write):
    body = mutate(payload, random, times)
    try:
        raw = write(body).encode()
    except UnicodeEncodeError:
        return  # half a surrogate pair can only be written as an escape
    plain = read(written(body))

    assert plain is None or keys(raw) == [item.dedupe_key for item in plain]


@given(payloads, randoms)
def test_another_order_gives_the_same_things(payload, random):
    def things(body):
        return {item.dedupe_key: item.data for item in parse(written(body))}

    assert things(permuted(payload, random)) == things(payload)


@given(payloads)
def test_everything_twice_is_nothing_new(payload):
    twice = {**payload, 'entry': payload['entry'] * 2}

    assert set(keys(written(twice))) == set(keys(written(payload)))


@given(payloads, payloads)
def test_different_things_have_different_keys(one, other):
    def things(body):
        return {item.dedupe_key: (item.kind, item.data) for item in parse(written(body))}

    first, second = things(one), things(other)
    shared = first.keys() & second.keys()

    assert all(first[key] == second[key] for key in shared)
