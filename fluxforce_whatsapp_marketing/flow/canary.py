"""A broadcast begins with a few people; what they do decides about the others."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

#: Fewer people than this stop nothing: one of ten is a tenth, and an accident. [own]
FEW = 2
#: From this part of a limit on it is better to go on slowly. [own]
NEARLY = 0.5
#: Shares of readers among fewer people say nothing. [own]
READERS = 10
#: So many of the first people must have gone before their time to read begins. [own]
GONE_SHARE = 0.9


class Action(str, Enum):
    """What becomes of the others."""

    #: All of them, at the pace of the number.
    GO = 'go'
    #: As many again, and another look.
    SLOW = 'slow'
    #: Nobody until a person decides.
    STOP = 'stop'

    def __str__(self):
        return self.value


@dataclass(frozen=True)
class Limits:
    """Percent above which it is too much; 0 for "do not look at this".

    :ivar failed: of those that were tried
    :ivar blocked: of those that got it
    :ivar opted_out: of those that got it
    :ivar unread: of those that got it
    """

    failed: float = 10
    blocked: float = 1
    opted_out: float = 2
    unread: float = 85


@dataclass(frozen=True)
class Outcome:
    """What became of the people written to so far, each counted once.

    :ivar waiting: not gone yet
    :ivar sent: Meta took it
    :ivar blocked: stopped us in WhatsApp itself
    :ivar opted_out: stopped us anywhere else
    """

    waiting: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    blocked: int = 0
    opted_out: int = 0


@dataclass(frozen=True)
class Finding:
    """One share that is too high, or nearly.

    :ivar kind: ``failed``, ``blocked``, ``opted_out`` or ``unread``
    :ivar share: percent
    :ivar limit: percent
    """

    kind: str
    share: float
    limit: float


@dataclass(frozen=True)
class Verdict:
    """:ivar action: ``Action``. :ivar findings: why, nothing for ``GO``."""

    action: Action
    findings: tuple = ()


def judge(outcome, limits):
    """Decide about the others.

    Who fails, blocks or opts out more often than the limit stops it; half of a limit, or too few readers, slows it
    down. Where nobody got anything nothing is known, so it goes slowly. [own]

    :param Outcome outcome: of the people written to so far
    :param Limits limits: of the broadcast
    :rtype: Verdict
    """
    found = _shares(outcome, limits)
    over = tuple(finding for finding in found if finding.share > finding.limit and finding.kind != 'unread')
    if over:
        return Verdict(Action.STOP, over)
    near = tuple(finding for finding in found if finding.share > _slows_above(finding))
    if near or not outcome.delivered:
        return Verdict(Action.SLOW, near)
    return Verdict(Action.GO)


def _slows_above(finding):
    return finding.limit if finding.kind == 'unread' else finding.limit * NEARLY


def _shares(outcome, limits):
    """:return: findings of what is worth a look, whatever their height."""
    unread = outcome.delivered - outcome.read if outcome.delivered >= READERS else 0
    rows = [
        ('failed', outcome.failed, outcome.sent + outcome.failed, limits.failed),
        ('blocked', outcome.blocked, outcome.delivered, limits.blocked),
        ('opted_out', outcome.opted_out, outcome.delivered, limits.opted_out),
        ('unread', unread, outcome.delivered, limits.unread),
    ]
    return [Finding(kind, 100 * count / whole, limit) for kind, count, whole, limit in rows
            if limit and whole and count >= FEW]


def has_gone(outcome):
    """:return: whether enough of the people of now have been written to for their time to read to begin."""
    gone = outcome.sent + outcome.failed
    return not outcome.waiting or gone >= GONE_SHARE * (gone + outcome.waiting)


def looks_at(gone_at, wait, now):
    """Tell when to judge.

    :param datetime | None gone_at: since when enough of them have gone; None for not yet
    :param timedelta wait: time to read
    :return: the moment, None while nobody knows it
    :rtype: datetime | None
    """
    return max(gone_at + wait, now) if isinstance(gone_at, datetime) else None
