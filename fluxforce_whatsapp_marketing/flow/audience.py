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

    :ivar summaries: by message, what the gate says about it; they are in the order in which people get them
    :ivar total: people looked at
    :ivar duplicates: how many are left out because somebody earlier has the same number
    :ivar held_out: how many get nothing, to compare with
    :ivar going: keys of those who get at least one message, now or later
    :ivar messages: how many go at most
    :ivar broken: how many cannot be prepared, by what is wrong with them
    :ivar seen: numbers met so far
    """

    summaries: dict = field(default_factory=dict)
    total: int = 0
    duplicates: int = 0
    held_out: int = 0
    going: set = field(default_factory=set)
    messages: int = 0
    broken: Counter = field(default_factory=Counter)
    seen: set = field(default_factory=set)

    def admit(self, phones, by_person, is_held_out):
        """Count some more people.

        :param dict phones: number or '' by key
        :param bool by_person: whether a number gets it once only
        :param is_held_out: function (key, number) -> whether this one gets nothing
        :return: set of the keys of those who take part
        """
        twice = duplicates(phones, self.seen) if by_person else set()
        self.seen.update(phone for phone in phones.values() if phone)
        held_out = {key for key in phones.keys() - twice if is_held_out(key, phones[key])}
        self.total += len(phones)
        self.duplicates += len(twice)
        self.held_out += len(held_out)
        return phones.keys() - twice - held_out

    @property
    def admitted(self):
        """:return: how many take part."""
        return self.total - self.duplicates - self.held_out
