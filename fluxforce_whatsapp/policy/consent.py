"""What an append-only consent ledger says at a moment."""

from dataclasses import dataclass
from datetime import datetime

from .purpose import PURPOSES

GIVEN = 'given'
WITHDRAWN = 'withdrawn'
NONE = 'none'


@dataclass(frozen=True)
class Entry:
    """One line of the ledger.

    :ivar purpose: a code of ``PURPOSES``
    :ivar decision: ``given`` or ``withdrawn``
    :ivar given_at: when the person decided, UTC
    :ivar sequence: order of recording, decides between entries of the same moment
    :ivar expires_at: UTC moment from which a given consent no longer holds, or None
    """

    purpose: str
    decision: str
    given_at: datetime
    sequence: int
    expires_at: datetime | None = None


def current(entries, now):
    """Reduce the ledger to what holds now.

    The latest entry of a purpose wins. Doubt goes to the person: at a tie a withdrawal wins, a withdrawal dated ahead
    (another clock) counts at once while a consent dated ahead does not yet, only consents expire, and an expired
    consent does not bring an older one back.

    :param Iterable[Entry] entries: of one person, in any order
    :param datetime now: UTC, naive like the entries' moments
    :return: for every purpose ``given``, ``withdrawn`` or ``none``
    :rtype: dict[str, str]
    """
    latest = {}
    for entry in entries:
        if entry.decision == GIVEN and entry.given_at > now:
            continue
        known = latest.get(entry.purpose)
        if known is None or _order(entry) > _order(known):
            latest[entry.purpose] = entry
    return {**dict.fromkeys(PURPOSES, NONE), **{purpose: _decision(entry, now) for purpose, entry in latest.items()}}


def _order(entry):
    return entry.given_at, entry.sequence, entry.decision != GIVEN


def _decision(entry, now):
    if entry.decision != GIVEN:
        return WITHDRAWN
    return NONE if entry.expires_at is not None and entry.expires_at <= now else GIVEN
