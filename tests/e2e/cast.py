"""Two hundred people with a part each, dealt out by a seed: what they do when a journey writes to them."""
import random
from dataclasses import dataclass

YES, STOP = 'Yes, keep them coming', 'Stop promotions'
# How many play which part; see PARTS. Of five who stop, the brake would rightly hold the rest (policy/brake.py).
CAST = {
    'never agreed': 12, 'took it back': 3, 'not on WhatsApp': 2, 'unreachable': 5, 'stopped marketing': 1,
    'blocked us': 5, 'never reads': 45, 'reads': 71, 'says yes': 15, 'says yes and clicks': 15,
    'says yes and asks': 8, 'says yes, then stops': 1, 'asks': 15, 'writes STOP': 1, 'taps stop': 1,
}
# What the simulator is told about each; ``reads`` is left out where the default (they read) holds.
PARTS = {
    'never agreed': {},
    'took it back': {},
    'not on WhatsApp': {'on_whatsapp': False},
    'unreachable': {'fails_with': 131026},
    'stopped marketing': {'stopped_marketing': True},
    'blocked us': {'blocked': True},
    'never reads': {'reads': False},
    'reads': {'reads': True},
    'says yes': {'reads': True, 'taps': YES},
    'says yes and clicks': {'reads': True, 'taps': YES, 'clicks': True},
    'says yes and asks': {'reads': True, 'taps': YES, 'replies': 'Which helmets do you have?'},
    'says yes, then stops': {'reads': True, 'taps': [YES, STOP]},
    'asks': {'reads': True, 'replies': 'How often do you write?'},
    'writes STOP': {'reads': True, 'replies': 'STOP'},
    'taps stop': {'reads': True, 'taps': STOP},
}
WITHOUT_CONSENT = {'never agreed', 'took it back'}
YES_SAYERS = {'says yes', 'says yes and clicks', 'says yes and asks', 'says yes, then stops'}
STOPPERS = {'says yes, then stops', 'writes STOP', 'taps stop'}
REPLIERS = YES_SAYERS | STOPPERS | {'asks'}
# Meta takes the message and then reports that it failed.
FAILING = {'not on WhatsApp', 'unreachable', 'stopped marketing'}
# Meta takes it and reports that it was sent, and nothing more.
NOT_DELIVERED = {'blocked us'}
# They get the question and say nothing to it.
SILENT = {'reads', 'never reads', *NOT_DELIVERED}
READERS = {'reads'} | REPLIERS


@dataclass(frozen=True)
class Actor:
    """One of them.

    :ivar number: from 1
    :ivar part: a key of :data:`PARTS`
    """

    number: int
    part: str

    @property
    def name(self):
        return f'Customer {self.number}'

    @property
    def wa_id(self):
        return f'3353649{self.number:04d}'

    @property
    def phone(self):
        return f'+{self.wa_id}'

    def script(self):
        """:return: for the simulator; nobody answers before a person could have read it."""
        return {'wa_id': self.wa_id, 'name': self.name, 'reply_after': 1 + self.number % 4, **PARTS[self.part]}


def cast(seed=12):
    """:return: the people, always the same for the same seed"""
    parts = [part for part, count in CAST.items() for _ in range(count)]
    random.Random(seed).shuffle(parts)
    return [Actor(number, part) for number, part in enumerate(parts, 1)]
