"""A spec read without trusting its form: what is missing or of another type is empty."""

from functools import cached_property


class Template:
    """The parts of one spec (Meta's creation form).

    :param dict spec: name, language, category, parameter_format, components, message_send_ttl_seconds
    """

    def __init__(self, spec):
        spec = spec if isinstance(spec, dict) else {}
        self.name = string(spec.get('name'))
        self.language = string(spec.get('language'))
        self.category = string(spec.get('category')).upper()
        given = spec.get('parameter_format')
        self.format = '' if given in (None, False) else str(given).lower()
        self.given = spec.get('components')
        self.components = dicts(self.given)
        self.ttl = spec.get('message_send_ttl_seconds')

    @cached_property
    def is_named(self):
        """:return: whether its variables have names."""
        return self.format == 'named'

    @cached_property
    def is_authentication(self):
        """:return: whether it is for sign-in codes."""
        return self.category == 'AUTHENTICATION'

    @cached_property
    def kinds(self):
        """:return: types of its components, upper case, in order."""
        return [kind_of(component) for component in self.components]

    def part(self, kind):
        """:return: the first component of a type, {} if there is none."""
        return next((component for component in self.components if kind_of(component) == kind), {})

    @cached_property
    def header_format(self):
        """:return: e.g. ``IMAGE``, '' without header."""
        return kind_of(self.part('HEADER'), 'format')

    @cached_property
    def buttons(self):
        """:return: its buttons, without those of cards."""
        return dicts(self.part('BUTTONS').get('buttons'))

    @cached_property
    def cards(self):
        """:return: a :class:`Card` for each card of its carousel."""
        return [Card(index, card) for index, card in enumerate(dicts(self.part('CAROUSEL').get('cards')))]

    @cached_property
    def body(self):
        """:return: the text of its body."""
        return string(self.part('BODY').get('text'))

    @cached_property
    def footer(self):
        """:return: the text of its footer."""
        return string(self.part('FOOTER').get('text'))


class Card:
    """One card of a carousel.

    :param int index: from 0
    :param dict card: Meta's
    """

    def __init__(self, index, card):
        self.index = index
        self.place = f'card:{index}'
        self.components = dicts(card.get('components'))
        self.is_clean = is_clean(card.get('components'))
        self.header = self._part('HEADER')
        self.body = self._part('BODY')
        self.buttons = dicts((self._part('BUTTONS') or {}).get('buttons'))

    def _part(self, kind):
        return next((component for component in self.components if kind_of(component) == kind), None)

    @property
    def structure(self):
        """:return: what must be the same in all cards."""
        return (kind_of(self.header, 'format'), self.body is not None, [kind_of(button) for button in self.buttons])


def kind_of(item, key='type'):
    """:return: the type of a component or button, upper case, ''."""
    return string(item.get(key)).upper() if isinstance(item, dict) else ''


def string(value):
    """:return: the value if it is a text, else ''."""
    return value if isinstance(value, str) else ''


def dicts(value):
    """:return: the objects of a list, [] for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def is_clean(value):
    """:return: whether a value is a list of objects, as components, cards and buttons are."""
    return isinstance(value, list) and len(dicts(value)) == len(value)


def samples(component, key, is_named):
    """Read the samples of a text.

    :param dict component: header or body
    :param str key: ``header_text`` or ``body_text``
    :param bool is_named: whether to look for ``…_named_params`` or for a list (of the body: in a list)
    :return: variable and sample, in the order given
    :rtype: list[tuple[str, str]]
    """
    example = component.get('example')
    example = example if isinstance(example, dict) else {}
    if is_named:
        pairs = dicts(example.get(f'{key}_named_params'))
        return [(string(pair.get('param_name')), string(pair.get('example'))) for pair in pairs]
    row = example.get(key)
    row = row[0] if key == 'body_text' and isinstance(row, list) and row else row
    return [(str(number), string(sample)) for number, sample in enumerate(row if isinstance(row, list) else [], 1)]
