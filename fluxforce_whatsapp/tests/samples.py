"""One payload of every kind that Meta documents, and what may become of a payload on its way. Plain Python."""

import copy
import json
from pathlib import Path

#: [{field, case, payload}], invented after Meta's reference.
SAMPLES = json.loads((Path(__file__).parent / 'data' / 'webhooks.json').read_text(encoding='utf-8'))

#: Values that nobody expects.
ODD = (
    None, True, False, 0, -1, 2**31, 2**63, 10**30, 1.5, 1e308, '', ' ', '0', '-1', '9' * 400, 'NaN', 'x' * 5000,
    '\x00', 'a\x00b', '\ud800', '\u202eabc', '🚲' * 50, '<b>bold</b>', '%s %(a)s {0}', "'; DROP TABLE x; --",
    [], {}, [None], [[]], [{}], {'': None}, {'id': {}}, {'errors': 'none'},
)


def mutate(payload, random, times=1):
    """Return a copy of a payload with so many odd changes.

    :param random: a ``random.Random``
    """
    body = copy.deepcopy(payload)
    for _turn in range(times):
        known = list(_places(body))
        if known:
            random.choice(CHANGES)(*random.choice(known), random)
    return body


def _places(value):
    """Every (container, key) inside a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def _drop(container, key, _random):
    del container[key]


def _replace(container, key, random):
    container[key] = copy.deepcopy(random.choice(ODD))


def _nest(container, key, random):
    for _depth in range(random.choice((1, 2, 40))):
        container[key] = random.choice(([container[key]], {'inner': container[key]}))


def _double(container, key, random):
    """The same twice: as a further item of a list, else beside itself under another name."""
    if isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    else:
        container[f'{key}{random.choice(("_2", " ", "é"))}'] = copy.deepcopy(container[key])


def _retype(container, key, _random):
    value = container[key]
    container[key] = int(value) if isinstance(value, str) and value.isdecimal() else str(value)


CHANGES = (_drop, _replace, _nest, _double, _retype)


def rearranged(value, random):
    """Return a copy with the keys of every object in another order: the same JSON, written differently."""
    if isinstance(value, dict):
        names = random.sample(list(value), len(value))
        return {name: rearranged(value[name], random) for name in names}
    return [rearranged(item, random) for item in value] if isinstance(value, list) else value


#: The lists whose order means nothing; the order of buttons does.
UNORDERED = ('contacts', 'messages', 'statuses', 'errors', 'user_actions', 'user_preferences')


def permuted(payload, random):
    """Return a copy with the entries, changes and the things inside them in another order."""
    body = copy.deepcopy(payload)
    random.shuffle(body['entry'])
    for entry in body['entry']:
        random.shuffle(entry['changes'])
        for change in entry['changes']:
            for name in UNORDERED:
                random.shuffle(change['value'].get(name, []))
    return body
