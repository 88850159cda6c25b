"""What an append-only consent ledger says at a moment."""

from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True)
class Entry:
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
    standing = [entry for entry in _standing(list(entries)) if entry.decision != GIVEN or entry.given_at <= now]
    latest = _latest(entry for entry in standing if entry.decision != ASKED)
    states = {**dict.fromkeys(PURPOSES, (NONE, None)),
              **{purpose: (_decision(entry, now), entry) for purpose, entry in latest.items()}}
    asked = _latest(entry for entry in standing if entry.decision == ASKED)
    return {**states, **{purpose: (PENDING, entry) for purpose, entry in asked.items()
                         if _waits(entry, *states.get(purpose, (NONE, None)))}}


def _latest(entries):
    """:return: the last entry of each purpose."""
    latest = {}
    for entry in entries:
        known = latest.get(entry.purpose)
        if known is None or _order(entry) > _order(known):
            latest[entry.purpose] = entry
    return latest


def _waits(asked, state, decided):
    """:return: whether a confirmation asked for is still waited for, given what holds without it."""
    if state == GIVEN or (decided is not None and _order(decided) > _order(asked)):
        return False
    return state != WITHDRAWN or asked.own_words


def _standing(entries):
    """:return: the entries without the stops that were lifted, and without what lifted them."""
    lifted_at = {}
    for entry in entries:
        if entry.decision == RESUMED:
            lifted_at[entry.purpose] = max(entry.given_at, lifted_at.get(entry.purpose, entry.given_at))
    return [entry for entry in entries if entry.decision != RESUMED and not (
        entry.by_platform and entry.purpose in lifted_at and entry.given_at < lifted_at[entry.purpose])]


def _order(entry):
    return entry.given_at, entry.sequence, entry.decision != GIVEN


def _decision(entry, now):
    if entry.decision != GIVEN:
        return WITHDRAWN
    return EXPIRED if entry.expires_at is not None and entry.expires_at <= now else GIVEN
