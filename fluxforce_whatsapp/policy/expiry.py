"""How long a message is worth sending: a stale reminder does harm."""

from datetime import timedelta

from .purpose import AUTHENTICATION, CARE, MARKETING, UTILITY

#: A code is of no use later, and Meta itself tries no longer [S26:messaging, "authentication 10 min"]; a service update
#: keeps a day, an offer a week unless its campaign ends before, an answer as long as the window it answers. [own]
LIFETIMES = {
    AUTHENTICATION: timedelta(minutes=10),
    UTILITY: timedelta(hours=24),
    MARKETING: timedelta(days=7),
    CARE: timedelta(hours=24),
}


def expires_at(purpose, begins):
    """:return: the moment from which a message of this purpose is no longer sent.

    :param purpose: a code of ``purpose.PURPOSES``, or None for one nobody knows
    :param datetime begins: when it was asked for, or the moment it was planned for
    """
    return begins + LIFETIMES.get(purpose, LIFETIMES[UTILITY])
