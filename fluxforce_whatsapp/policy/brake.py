"""The brake: what a number's quality, its refusals and its opt-outs mean for its marketing.

Meta publishes no figures for how much is too much; it names the signs (blocks, reports, 131048, low quality, a red
template) and what follows [M26:policy-enforcement, 2026-03-12]. The thresholds are our own and far below what is known
to have cost an account.
"""

from dataclasses import dataclass

NONE = 'none'
#: Marketing at reduced speed.
SLOW = 'slow'
#: No marketing.
MARKETING = 'marketing'
#: Nothing at all; no rule here comes to it, Meta's restrictions do.
ALL = 'all'
#: From loose to tight.
LEVELS = (NONE, SLOW, MARKETING, ALL)

QUALITY_RED = 'quality_red'
QUALITY_YELLOW = 'quality_yellow'
SPAM_LIMIT = 'spam_limit'
OPT_OUTS = 'opt_outs'
PEOPLE_SPARED = 'people_spared'
TEMPLATES = 'templates'
#: Not rules of this module: the error playbook asks for it, Meta has said that it restricts the account.
PLAYBOOK = 'playbook'
RESTRICTED = 'restricted'

#: Opt-outs that stop marketing: so many, and this share of the marketing accepted. [own]
STOP_OPT_OUTS, STOP_OPT_OUT_SHARE = 5, 0.02
#: Those that slow it down. [own]
SLOW_OPT_OUTS, SLOW_OPT_OUT_SHARE = 3, 0.01
#: People whom Meta spares (131049) that slow marketing down: sending on makes Meta block the account for a day
#: [CL:2026-04-30; the figures: own]
SLOW_SPARED, SLOW_SPARED_SHARE = 10, 0.10
#: Red or paused templates that stop all marketing of a number; a single one slows it down. [own]
STOP_TEMPLATES = 2
#: From this many on their share matters, and so the number of messages accepted.
FEWEST_OPT_OUTS, FEWEST_SPARED = min(STOP_OPT_OUTS, SLOW_OPT_OUTS), SLOW_SPARED


@dataclass(frozen=True)
class Signals:
    """What is known about a number; the counts are those of the last 24 hours.

    :ivar quality: Meta's rating, '' for none or one a person has put up with
    :ivar marketing_accepted: marketing messages that Meta took; need not be known while neither ``opt_outs`` reaches
        ``FEWEST_OPT_OUTS`` nor ``spared`` reaches ``FEWEST_SPARED``
    :ivar spam_limited: refusals 131048, too many people blocked or reported
    :ivar spared: refusals 131049, Meta keeps marketing from the person
    :ivar opt_outs: refusals 131050 (WhatsApp's own opt-out) and consents taken back by message
    :ivar weak_templates: red or paused templates that were used
    """

    quality: str = ''
    marketing_accepted: int = 0
    spam_limited: int = 0
    spared: int = 0
    opt_outs: int = 0
    weak_templates: int = 0


@dataclass(frozen=True)
class Brake:
    """:ivar level: one of ``LEVELS``. :ivar reason: code of the rule that asks for it, '' for none."""

    level: str = NONE
    reason: str = ''


def decide(signals):
    """Apply the rules; the tightest wins.

    :param Signals signals: of one number
    :rtype: Brake
    """
    return next((Brake(level, reason) for level, reason, holds in RULES if holds(signals)), Brake())


def restricted(restrictions, now):
    """Say what Meta's restrictions that are not over come to.

    :param restrictions: iterable of (level, naive UTC end or None for no known end)
    :param datetime now: naive UTC
    :return: the tightest level, ``NONE`` for none, and when it ends, None for no known end
    """
    running = [(level, until) for level, until in restrictions if until is None or until > now]
    level = max((level for level, __ in running), key=LEVELS.index, default=NONE)
    ends = [until for other, until in running if other == level]
    return level, None if None in ends else max(ends, default=None)


def is_tighter(level, other):
    """:return: whether one level stops more than another."""
    return LEVELS.index(level) > LEVELS.index(other)


def ends_by_itself(level, reason, quality):
    """:return: whether a brake is over without anybody's decision: slowness for a quality that is high again."""
    return level == SLOW and reason == QUALITY_YELLOW and quality == 'GREEN'


def _many(count, least, share, accepted):
    return count >= least and count >= share * accepted


#: Level, reason, and when it holds: from tight to loose.
RULES = (
    # The campaign stops at the first one. [M26:policy-enforcement]
    (MARKETING, SPAM_LIMIT, lambda s: s.spam_limited > 0),
    # The rating of the last 7 days' blocks and reports; templates are next. [M26:policy-enforcement]
    (MARKETING, QUALITY_RED, lambda s: s.quality == 'RED'),
    (MARKETING, OPT_OUTS, lambda s: _many(s.opt_outs, STOP_OPT_OUTS, STOP_OPT_OUT_SHARE, s.marketing_accepted)),
    (MARKETING, TEMPLATES, lambda s: s.weak_templates >= STOP_TEMPLATES),
    (SLOW, QUALITY_YELLOW, lambda s: s.quality == 'YELLOW'),
    (SLOW, OPT_OUTS, lambda s: _many(s.opt_outs, SLOW_OPT_OUTS, SLOW_OPT_OUT_SHARE, s.marketing_accepted)),
    (SLOW, PEOPLE_SPARED, lambda s: _many(s.spared, SLOW_SPARED, SLOW_SPARED_SHARE, s.marketing_accepted)),
    (SLOW, TEMPLATES, lambda s: s.weak_templates > 0),
)
