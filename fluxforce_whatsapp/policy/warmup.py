"""Warm-up: how slowly a new number begins, and what looks like abuse when a young one tries it.

Meta documents no warm-up beyond its limit steps [S26:messaging-limits, 2026-09-11]. What it takes for abuse is told by
the seed document: "an account that registers five minutes before attempting to send 100 messages at once or an account
attempting to send 1 message per second for 30 seconds" [seed].
"""

from dataclasses import dataclass
from datetime import timedelta

#: A young number sends no faster than this, replies included: less than one message a second. [own, after the seed]
YOUNG_MESSAGES_PER_SECOND = 0.95
#: Nobody may end a warm-up before. [own]
FIRST_DAY = timedelta(days=1)

#: This many messages asked for within so long is the first pattern. The document speaks of five minutes after
#: registration; a young number that tries it on any day is as conspicuous. [100: seed; 10 minutes: own]
BURST_MESSAGES = 100
BURST_WINDOW = timedelta(minutes=10)
#: The second pattern. [seed]
FIRE_MESSAGES = 30
FIRE_WINDOW = timedelta(seconds=30)

BURST_AFTER_REGISTRATION = 'burst_after_registration'
STEADY_FIRE = 'steady_fire'

#: In these days a plan stays below one message a second. [own, after the seed]
CAREFUL_DAYS = 7
CAREFUL_PER_MINUTE = 59


@dataclass(frozen=True)
class Step:
    """One stage of a plan, in force until the next one begins.

    :ivar int day_from: days since registration, the day of registration is 0
    :ivar int people_per_day: people who may be reached outside a conversation in 24 hours
    :ivar int messages_per_minute: messages per minute that are no answers
    """

    day_from: int
    people_per_day: int
    messages_per_minute: int


def current_step(steps, day):
    """Choose the step in force.

    :param Iterable[Step] steps: in any order
    :param int day: days since registration; one before the first step counts as the first
    :return: None for a plan without steps
    :rtype: Step | None
    """
    ordered = sorted(steps, key=lambda step: step.day_from)
    begun = [step for step in ordered if step.day_from <= day]
    return (begun[-1:] or ordered[:1] or [None])[0]


def day_of(since, lost_days, now):
    """Count the days of a warm-up.

    :param datetime since: its beginning
    :param int lost_days: days that do not count, for quality was low
    :return: 0 for the first day; never below, also where a clock stepped back
    :rtype: int
    """
    return max((now - since).days - max(lost_days, 0), 0)


# --- What somebody tries -------------------------------------------------------------------------------------------


def patterns(count_in_fire_window, count_in_burst_window, young):
    """Recognise what WhatsApp likely takes for abuse, in what is asked for, whether or not it would be sent.

    :param int count_in_fire_window: messages asked for of one number within ``FIRE_WINDOW``, those of now included
    :param int count_in_burst_window: the same within ``BURST_WINDOW``
    :param bool young: whether the number warms up; on its first day every new number does
    :return: codes, the graver one first
    :rtype: tuple[str, ...]
    """
    if not young:
        return ()
    found = {
        BURST_AFTER_REGISTRATION: count_in_burst_window >= BURST_MESSAGES,
        STEADY_FIRE: count_in_fire_window >= FIRE_MESSAGES,
    }
    return tuple(code for code, is_seen in found.items() if is_seen)


# --- Plans that make no sense --------------------------------------------------------------------------------------

NO_STEPS = 'no_steps'
FIRST_DAY_MISSING = 'first_day_missing'
SAME_DAY_TWICE = 'same_day_twice'
ENDS_TOO_EARLY = 'ends_too_early'
DAY_NEGATIVE = 'day_negative'
PEOPLE_OUT_OF_RANGE = 'people_out_of_range'
MESSAGES_OUT_OF_RANGE = 'messages_out_of_range'
TOO_FAST_FOR_FIRST_DAYS = 'too_fast_for_first_days'


def fault_of_step(step, people_max, messages_max):
    """:return: code of what makes no sense about a step, or None; the maxima are Meta's, per day and per minute."""
    if step.day_from < 0:
        return DAY_NEGATIVE
    if not 0 < step.people_per_day <= people_max:
        return PEOPLE_OUT_OF_RANGE
    if not 0 < step.messages_per_minute <= messages_max:
        return MESSAGES_OUT_OF_RANGE
    if step.day_from < CAREFUL_DAYS and step.messages_per_minute > CAREFUL_PER_MINUTE:
        return TOO_FAST_FOR_FIRST_DAYS
    return None


def fault_of_plan(days, ends_on_day):
    """:param days: first days of the steps. :return: code of what makes no sense about them together, or None."""
    if not days:
        return NO_STEPS
    if min(days) != 0:
        return FIRST_DAY_MISSING
    if len(set(days)) != len(days):
        return SAME_DAY_TWICE
    return ENDS_TOO_EARLY if ends_on_day <= max(days) else None
