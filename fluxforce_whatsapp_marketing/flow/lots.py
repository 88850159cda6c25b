"""Who belongs to which share of the people: drawn by lot, but the same lot for the same person every time."""

from hashlib import blake2b
from itertools import accumulate

#: Lots have so many different values.
FINENESS = 1 << 32


def lot(salt, key):
    """Draw a person's lot.

    :param salt: what it is drawn for, so that each split of the people is independent of the others
    :param key: the person
    :return: from 0 to below 1
    :rtype: float
    """
    digest = blake2b(f'{salt}/{key}'.encode(), digest_size=4).digest()
    return int.from_bytes(digest, 'big') / FINENESS


def variant(salt, key, shares):
    """Choose one of several ways for a person.

    :param list shares: (way, weight) in their order; weights need not add up to anything
    :return: the way, None where no way has a weight
    """
    total = sum(max(weight, 0) for __, weight in shares)
    if total <= 0:
        return None
    mark = lot(salt, key) * total
    for (way, __), end in zip(shares, accumulate(max(weight, 0) for __, weight in shares), strict=True):
        if mark < end:
            return way
    return shares[-1][0]


def is_held_out(salt, key, percent):
    """:return: whether a person belongs to those who get nothing, to compare with.

    :param float percent: of the people
    """
    return lot(f'hold-out {salt}', key) * 100 < percent
