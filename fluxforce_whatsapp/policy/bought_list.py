"""Does a grant of many consents at once look like a bought list?

People who never asked block and report, and that is a main cause of bans. All thresholds are our own choice.
"""

from dataclasses import dataclass
from enum import StrEnum

#: Below so many people at once nothing is suspected: that is a morning's paper forms.
FEW = 50
#: So many numbers nobody knows yet, at once, are looked at.
MANY_NEW = 100
#: One wording and one source for so many people are no conversation any more.
ONE_SOURCE = 1000
#: From this share on, without a name or an e-mail address, or without any business before.
LARGE_SHARE = 0.5


class Sign(StrEnum):
    """What makes a list look bought."""

    MANY_NEW = 'many_new'
    NAMELESS = 'nameless'
    ONE_SOURCE = 'one_source'
    NO_BUSINESS = 'no_business'


@dataclass(frozen=True)
class Grant:
    """What is to be recorded at once.

    :ivar people: all of them
    :ivar new: of these, without a contact before
    :ivar nameless: of these, without a name or an e-mail address
    :ivar strangers: of these, with whom there was never any business: nothing written, ordered, billed or received
    """

    people: int
    new: int
    nameless: int
    strangers: int


def signs(grant):
    """:param Grant grant: one source, wording and date for all.
    :return: the signs that apply, the heaviest first
    :rtype: tuple[Sign, ...]
    """
    if grant.people < FEW:
        return ()
    found = {
        Sign.MANY_NEW: grant.new >= MANY_NEW,
        Sign.NO_BUSINESS: grant.strangers >= LARGE_SHARE * grant.people,
        Sign.NAMELESS: grant.nameless >= LARGE_SHARE * grant.people,
        Sign.ONE_SOURCE: grant.people >= ONE_SOURCE,
    }
    return tuple(sign for sign, applies in found.items() if applies)
