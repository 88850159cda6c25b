"""What an append-only consent ledger says at a moment."""

from datetime import datetime
from typing import NamedTuple

from .purpose import PURPOSES

GIVEN = 'given'
WITHDRAWN = 'withdrawn'
#: WhatsApp's own stop was lifted in WhatsApp; what the person told us is not touched by it.
RESUMED = 'resumed'
NONE = 'none'
#: A consent held until a day that has passed; the person has to be asked again.
EXPIRED = 'expired'
#: Double opt-in: the person is asked to confirm. Never a permission.
ASKED = 'asked'
PENDING = 'pending'


class Entry(NamedTuple):
    """One line of the ledger.

    :ivar purpose: a code of ``PURPOSES``
    :ivar decision: ``given``, ``withdrawn``, ``resumed`` or ``asked``
    :ivar given_at: when the person decided, UTC
    :ivar sequence: order of recording, decides between entries of the same moment
    :ivar expires_at: UTC moment from which a given consent no longer holds, or None
    :ivar by_platform: whether it is WhatsApp's own stop, which may be lifted there
    :ivar own_words: whether the system heard the person say it in WhatsApp, so that nobody else can have said it
    :ivar source: how it was told, for people to read
    """

    purpose: str
    decision: str
    given_at: datetime
    sequence: int
    expires_at: datetime | None = None
    by_platform: bool = False
    own_words: bool = False
    source: str = ''


def current(entries, now):
    """Reduce the ledger to what holds now.

    The latest entry of a purpose wins. Doubt goes to the person: at a tie a withdrawal wins, a withdrawal dated ahead
    (another clock) counts at once while a consent dated ahead does not yet, only consents expire, and an expired
    consent does not bring an older one back. WhatsApp's own stop no longer counts once it was lifted later: what held
    without it holds again, and where nothing did nothing does. A confirmation asked for is waited for only where there
    is no consent already, and after a withdrawal only if the person asked to start again. (Our own rules.)

    :param Iterable[Entry] entries: of one person, in any order
    :param datetime now: UTC, naive like the entries' moments
    :return: for every purpose ``given``, ``withdrawn``, ``expired``, ``pending`` or ``none``
    :rtype: dict[str, str]
    """
    return {purpose: state for purpose, (state, __) in current_entries(entries, now).items()}


def current_entries(entries, now):
    """The same with the entry that decided.

    :return: for every purpose its state and its :class:`Entry`, None where nothing is recorded
    :rtype: dict[str, tuple[str, Entry | None]]
    """
    by_purpose = dict.fromkeys(PURPOSES, ())
    for entry in entries:
        by_purpose[entry.purpose] = (*by_purpose.get(entry.purpose, ()), entry)
    return {purpose: current_entry(told, now) for purpose, told in by_purpose.items()}


def current_entry(entries, now):
    """The same for one purpose.

    :param entries: a list or tuple of those of one person and purpose
    :return: the state and the :class:`Entry` that decided, None where nothing is recorded
    """
    decided = asked = None
    for entry in _standing(entries):
        if entry.decision == ASKED:
            asked = _later(asked, entry)
        elif entry.decision != GIVEN or entry.given_at <= now:
            decided = _later(decided, entry)
    state = _decision(decided, now) if decided else NONE
    return (PENDING, asked) if asked and _waits(asked, state, decided) else (state, decided)


def _later(known, entry):
    return entry if known is None or _order(entry) > _order(known) else known


def _waits(asked, state, decided):
    """:return: whether a confirmation asked for is still waited for, given what holds without it."""
    if state == GIVEN or (decided is not None and _order(decided) > _order(asked)):
        return False
    return state != WITHDRAWN or asked.own_words


def _standing(entries):
    """:return: entries of one purpose without the stops that were lifted, and without what lifted them."""
    lifted_at = [entry.given_at for entry in entries if entry.decision == RESUMED]
    if not lifted_at:
        return entries
    return [entry for entry in entries if entry.decision != RESUMED and not (
        entry.by_platform and entry.given_at < max(lifted_at))]


def _order(entry):
    return entry.given_at, entry.sequence, entry.decision != GIVEN


def _decision(entry, now):
    if entry.decision != GIVEN:
        return WITHDRAWN
    return EXPIRED if entry.expires_at is not None and entry.expires_at <= now else GIVEN
