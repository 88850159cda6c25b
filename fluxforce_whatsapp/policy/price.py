"""What messages cost, by a dated table that people keep.

Meta charges a delivered message by its category and the country code of who gets it; rates change only on 1 January,
April, July and October. Volume tiers, and what is free (the first 1,000 service messages of a number in a month, entry
points), are not counted here: an estimate is the most it may cost by the table. [S26:pricing, 2026-09-11]
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from .purpose import AUTHENTICATION, CARE, MARKETING, UTILITY

#: Meta's pricing category of each purpose; the table is kept in these.
CATEGORIES = {MARKETING: 'marketing', UTILITY: 'utility', AUTHENTICATION: 'authentication', CARE: 'service'}


#: Characters of an E.164 number by which its country is told: the longest, +1 and an area code. Telling it from each
#: number would take longer than everything else about ten thousand.
BEGINNING = 5


@dataclass(frozen=True)
class Rate:
    """One row of the table.

    :ivar prefix: digits with which a number begins, '' for every number
    :ivar amount: per delivered message
    """

    category: str
    prefix: str
    amount: float
    currency: str
    since: date


@dataclass
class Estimate:
    """What a send costs, as far as the table tells.

    :ivar amounts: by currency
    :ivar priced: messages they are for
    :ivar unpriced: the other messages, counted by the beginning of the number
    :ivar samples: one of these numbers by its beginning
    """

    amounts: dict = field(default_factory=lambda: defaultdict(float))
    priced: int = 0
    unpriced: Counter = field(default_factory=Counter)
    samples: dict = field(default_factory=dict)

    def add(self, phone, rate):
        """:param rate: of the message, None for one without a row."""
        if rate:
            self.amounts[rate.currency] += rate.amount
            self.priced += 1
        else:
            beginning = (phone or '')[:BEGINNING]
            self.unpriced[beginning] += 1
            self.samples.setdefault(beginning, phone)


class Table:
    """The rates of one day, looked up by the longest prefix.

    :param rates: rows, also past and coming ones
    :param date day: of the estimate
    """

    def __init__(self, rates, day):
        self._present = {}
        for rate in sorted(rates, key=lambda rate: rate.since):
            if rate.since <= day:
                self._present[rate.category, rate.prefix] = rate

    def find(self, phone, purpose):
        """:param phone: E.164. :param purpose: a code of ``purpose.PURPOSES``, or None. :rtype: Rate | None"""
        digits, category = (phone or '').lstrip('+'), CATEGORIES.get(purpose)
        prefixes = (digits[:length] for length in range(len(digits), -1, -1))
        return next((self._present[category, prefix] for prefix in prefixes if (category, prefix) in self._present),
                    None)

    def estimate(self, messages, estimate=None):
        """:param messages: (number, purpose) of each. :param estimate: what others cost, added to. :rtype: Estimate"""
        estimate = estimate or Estimate()
        for phone, purpose in messages:
            estimate.add(phone, self.find(phone, purpose))
        return estimate
