"""Who is in an audience twice, and what the gate says about all of it."""

from collections import Counter
from dataclasses import dataclass, field


def duplicates(phones, taken=()):
    """Find who would get a campaign a second time: whose number is taken, or came earlier.

    People without a number are nobody's duplicate; the gate says what is wrong with them.

    :param dict phones: number or '' by key, in the order in which people are served
    :param Container taken: numbers that have the campaign already
    :return: set of keys
    """
    seen, twice = set(), set()
    for key, phone in phones.items():
        if phone and (phone in taken or phone in seen):
            twice.add(key)
        seen.add(phone)
    return twice


@dataclass
class Survey:
    """What would happen to an audience.

    :ivar total: people looked at
    :ivar sendable: how many may be written to now
    :ivar held: how many would wait, by reason of the gate
    :ivar refused: how many would be refused, by reason of the gate
    :ivar duplicates: how many are left out because somebody earlier has the same number
    :ivar held_out: how many get nothing, to compare with
    :ivar complete: whether everybody was looked at
    :ivar summary: the gate's answers grouped and what may cost the account, None before anybody was looked at
    """

    total: int = 0
    sendable: int = 0
    held: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    duplicates: int = 0
    held_out: int = 0
    complete: bool = True
    summary: object = None
