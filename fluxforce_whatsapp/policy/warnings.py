"""What may cost the account although the gate lets it through: told before the messages are sent.

Drivers of a number's quality and of Meta's enforcement: blocks, reports, mutes, low read rate, sudden volume, old lists
without opt-in [M26:policy-enforcement, 2026-03-12]. The thresholds are our own choice.
"""

from dataclasses import dataclass

from .purpose import MARKETING

CRITICAL, WARNING = 'critical', 'warning'
#: People from which a send is a bulk one: below it no reason is asked for. [own]
BULK_FROM = 10
#: People from which a share says something. [own]
SAMPLE_FROM = 50
#: Share of strangers, and of people who never react, from which somebody is warned. [own]
STRANGERS_SHARE = 0.5
SILENT_SHARE = 0.8
#: Ratings of numbers and templates. [S26:messaging-limits, 2026-09-11]
MEDIUM, LOW = 'YELLOW', 'RED'


@dataclass
class Situation:
    """Who is about to send what to how many.

    :ivar purpose: a code of ``purpose.PURPOSES``, or None
    :ivar recipients: people the gate lets through, now or later
    :ivar brake: what the number's brake stops: ``none``, ``slow``, ``marketing`` or ``all``
    :ivar quality: Meta's rating of the number, maybe None
    :ivar template_quality: Meta's rating of the template, maybe None
    :ivar restricted: whether a restriction of Meta's on the account runs
    :ivar people_per_day: how many a number that warms up may reach today, None for one that does not
    :ivar strangers: how many of them have never been written to by this account, nor wrote themselves
    :ivar approached: how many of them got marketing lately
    :ivar silent: how many of those neither read nor answered any of it
    """

    purpose: str | None = None
    recipients: int = 0
    brake: str = 'none'
    quality: str | None = None
    template_quality: str | None = None
    restricted: bool = False
    people_per_day: int | None = None
    strangers: int = 0
    approached: int = 0
    silent: int = 0

    @property
    def is_bulk(self):
        """:return: whether it is more than a person's correspondence."""
        return self.recipients >= BULK_FROM


@dataclass(frozen=True)
class Caution:
    """:ivar kind: name of the rule. :ivar severity: ``critical`` or ``warning``. :ivar count: people, 0 for none."""

    kind: str
    severity: str
    count: int = 0


def cautions(situation):
    """Tell what is to be said before a send.

    :param Situation situation: as it is now
    :return: the worst first; none where nobody would get anything
    :rtype: list[Caution]
    """
    if not situation.recipients:
        return []
    found = [warning for rule in RULES if (warning := rule(situation))]
    return sorted(found, key=lambda warning: warning.severity != CRITICAL)


def _weigh(situation, kind, is_grave):
    severity = CRITICAL if is_grave and situation.is_bulk and situation.purpose == MARKETING else WARNING
    return Caution(kind, severity)


def restricted(situation):
    """After a restriction the next violation costs more [M26:policy-enforcement, 2026-03-12]."""
    return _weigh(situation, 'restricted', is_grave=True) if situation.restricted else None


def low_quality(situation):
    """People block or report the number; it is about to be restricted [S26:messaging-limits, 2026-09-11]."""
    if situation.purpose != MARKETING or situation.quality not in (MEDIUM, LOW):
        return None
    return _weigh(situation, 'low_quality', is_grave=situation.quality == LOW)


def disliked_template(situation):
    """Meta pauses a RED template, the third time it disables it [M26:template_pausing, 2026-03-12]."""
    if situation.template_quality not in (MEDIUM, LOW):
        return None
    return _weigh(situation, 'disliked_template', is_grave=situation.template_quality == LOW)


def brake_on(situation):
    """What the brake stops waits until somebody releases it. [own]"""
    stopped = situation.brake == 'all' or (situation.brake == 'marketing' and situation.purpose == MARKETING)
    return Caution('brake_on', WARNING) if stopped else None


def young_number(situation):
    """Many people at once from a new number look like abuse [M26:policy-enforcement, 2026-03-12; own]."""
    limit = situation.people_per_day
    return Caution('young_number', WARNING, limit) if limit is not None and situation.recipients > limit else None


def strangers(situation):
    """Marketing to people who never heard of you is the mark of an old or bought list [M26:policy-enforcement]."""
    count, of = situation.strangers, situation.recipients
    is_many = situation.purpose == MARKETING and of >= SAMPLE_FROM and count >= STRANGERS_SHARE * of
    return Caution('strangers', WARNING, count) if is_many else None


def silent_people(situation):
    """Who never reads brings the read rate down, and Meta delivers less [S26:marketing-messages per-user limits]."""
    count, of = situation.silent, situation.approached
    is_many = situation.purpose == MARKETING and of >= SAMPLE_FROM and count >= SILENT_SHARE * of
    return Caution('silent_people', WARNING, count) if is_many else None


RULES = (restricted, low_quality, disliked_template, brake_on, young_number, strangers, silent_people)
