"""Whether every value is of the JSON type Meta declares; what is inside is for the other rules. [OA, 2025-11-21]"""

from .parts import PLACES
from .problem import Code, Problem
from .reading import dicts, is_clean, kind_of

_COMPONENT_TEXTS = ('type', 'format', 'text')
_BUTTON_TEXTS = ('type', 'text', 'url', 'phone_number', 'otp_type', 'autofill_text', 'package_name', 'signature_hash')
_APP_TEXTS = ('package_name', 'signature_hash')


def forms(template):
    """Yield a problem for every part that Meta could not read."""
    for component in template.components:
        place = PLACES.get(kind_of(component), 'body')
        if not _is_readable(component) or not isinstance(component.get('limited_time_offer', {}), dict):
            yield Problem(place, Code.MALFORMED)
        yield from _buttons('', component)
    for card in template.cards:
        if not all(map(_is_readable, card.components)):
            yield Problem(card.place, Code.MALFORMED)
        for component in card.components:
            yield from _buttons(f'{card.place}:', component)


def _is_readable(component):
    is_list = is_clean(component.get('buttons', []))
    return _are_texts(component, _COMPONENT_TEXTS) and is_list and _is_example(component.get('example', {}))


def _are_texts(item, keys):
    return all(isinstance(item.get(key, ''), str) for key in keys)


def _is_example(example):
    """:return: whether samples are in lists of texts, or named."""
    if not isinstance(example, dict):
        return False
    rows = example.get('body_text', [])
    rows = rows if isinstance(rows, list) else [rows]
    lists = [example.get('header_text', []), example.get('header_handle', []), *rows]
    named = [example.get(f'{key}_named_params', []) for key in ('header_text', 'body_text')]
    return (all(_is_list_of_texts(row) for row in lists) and all(map(is_clean, named))
            and all(_are_texts(pair, ('param_name', 'example')) for pairs in named for pair in pairs))


def _is_list_of_texts(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _buttons(place, component):
    for index, item in enumerate(dicts(component.get('buttons'))):
        apps = item.get('supported_apps', [])
        are_apps = is_clean(apps) and all(_are_texts(app, _APP_TEXTS) for app in apps)
        if not are_apps or not _are_texts(item, _BUTTON_TEXTS):
            yield Problem(f'{place}button:{index}', Code.MALFORMED)
