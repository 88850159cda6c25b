"""What is due for whom, which way somebody goes, and what that leads to.

A step of a campaign is done for a participant exactly once: the storage has one trace for each pair, and this machine
only ever answers what is to become of a trace that waits: do it, go on waiting, or pass it over. Its answer follows
from the facts alone, so it does not matter who asks, when, or how often.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from . import lots, timing, tree

# Where a participant stands.
WAITING = 'waiting'
DONE = 'done'
DUPLICATE = 'duplicate'
ERROR = 'error'
#: Said stop before their turn came.
STOPPED = 'stopped'
GOAL = 'goal'
EXITED = 'exited'
HELD_OUT = 'holdout'

# What becomes of a trace besides WAITING and DONE.
SKIPPED = 'skipped'
FAILED = 'failed'
CANCELLED = 'cancelled'

#: So long a step waits for what a person does with a message. [own]
PATIENCE = timedelta(days=30)
#: A date of a record may be changed while somebody waits for it: so often it is read again. [own]
LOOK_AGAIN = timedelta(days=1)

# Where a message stands, as far as it matters to what follows it.
#: May have gone out. What nobody knows the outcome of counts as gone: it must not be followed by a second try.
GONE = frozenset({'accepted', 'sent', 'delivered', 'read', 'played', 'unknown'})
#: Will not go out, or was not delivered.
LOST = frozenset({'failed', 'refused', 'cancelled', 'expired'})


class Action(Enum):
    """What is to become of a trace."""

    RUN = 'run'
    WAIT = 'wait'
    SKIP = 'skip'


class Decision(NamedTuple):
    """:ivar until: when to ask again; None: when something has happened
    :ivar reason: why it is passed over, or ''"""

    action: Action
    until: datetime | None = None
    reason: str = ''


RUN = Decision(Action.RUN)


@dataclass(frozen=True)
class Activity:
    """One step of a campaign.

    :ivar key: its id
    :ivar sequence: its place; of two in the same place the lower key comes first
    :ivar parent: key of the step it follows, or None
    :ivar trigger: how it follows, see ``tree``
    :ivar words: the reply has one of these; none: any reply
    :ivar not_words: replies that belong to a sibling
    :ivar button: label, '' for any
    :ivar failure: code or reason, '' for any
    :ivar hours: ``any``, or the name of the openings it keeps to
    :ivar share: weight among the ways of a split
    """

    key: int
    sequence: int = 0
    parent: int | None = None
    type: str = 'whatsapp'
    trigger: str = tree.BEGIN
    delay: int = 0
    unit: str = 'days'
    hours: str = 'any'
    expiry: int = 0
    expiry_unit: str = 'days'
    words: tuple = ()
    not_words: tuple = ()
    button: str = ''
    failure: str = ''
    share: float = 0


class Reply(NamedTuple):
    """What a person answered: ``text`` as it is compared, see ``tree.folded``."""

    at: datetime
    text: str = ''
    is_button: bool = False


@dataclass(slots=True)
class Facts:
    """What is known about the participant and the step before.

    :ivar begun_at: when the step before was done, or the participant came in
    :ivar zone: name of the person's time zone, or None
    :ivar state: of the message of the step before, None where that was no message or it has none yet
    :ivar failure: codes and reasons the message failed with
    :ivar date: of the record, for steps that count from one
    :ivar openings: function (name of the hours, moment) -> first open moment
    """

    begun_at: datetime
    zone: str | None = None
    state: str | None = None
    gone_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    failure: tuple = ()
    replies: tuple = ()
    clicked_at: datetime | None = None
    opted_out_at: datetime | None = None
    date: object = None
    openings: object = None


# --- What becomes of a trace that waits ------------------------------------------------------------------------------


def decide(activity, facts, now):
    """Decide what becomes of a step somebody waits for.

    :rtype: Decision
    """
    decision = foresee(activity, facts, now)
    if activity.trigger == tree.DATE and decision.action is Action.WAIT:
        return Decision(Action.WAIT, min(decision.until, now + LOOK_AGAIN))
    return decision


def foresee(activity, facts, now):
    """The same, with the moment it is done as far away as it is now: a date may still be changed until then.

    :rtype: Decision
    """
    if activity.trigger == tree.DATE:
        return _decide_date(activity, facts, now)
    if activity.trigger in tree.DENIES:
        return _decide_denied(activity, facts, now)
    if activity.trigger in tree.AFTER_MESSAGE:
        return _decide_answered(activity, facts, now)
    if activity.trigger == tree.DONE and facts.state is not None:
        return _decide_gone(activity, facts, now)
    return _in_time(activity, facts, facts.begun_at, now)


def _decide_gone(activity, facts, now):
    """After a message: when it has gone out."""
    if facts.state in GONE:
        return _in_time(activity, facts, _gone_at(facts), now)
    return _until_gone(facts)


def _decide_answered(activity, facts, now):
    """When something has happened to the message."""
    happened = _happened(activity, facts)
    if happened:
        return _in_time(activity, facts, happened, now, expires=False)
    if facts.state not in GONE:
        return _until_gone(facts)
    if activity.trigger == tree.FAILED and (facts.delivered_at or facts.read_at):
        return Decision(Action.SKIP, reason='absent')
    patience_ends = _patience_ends(activity, facts)
    if now >= patience_ends:
        return Decision(Action.SKIP, reason='absent')
    return Decision(Action.WAIT, patience_ends)


def _decide_denied(activity, facts, now):
    """When something has not happened to the message in time."""
    if _denied_happened(activity, facts):
        return Decision(Action.SKIP, reason='elsewhere')
    if facts.state in GONE:
        return _in_time(activity, facts, _gone_at(facts), now)
    if facts.state in LOST and activity.trigger == tree.NOT_DELIVERED:
        return _in_time(activity, facts, facts.failed_at or facts.begun_at, now)
    return _until_gone(facts)


def _decide_date(activity, facts, now):
    """Before or after a date of the record, as it stands there now."""
    if not facts.date:
        return Decision(Action.SKIP, reason='no_date')
    base = timing.of_date(facts.date, facts.zone)
    if timing.is_over(facts.date, _due(activity, facts, base), facts.begun_at, facts.zone):
        return Decision(Action.SKIP, reason='past')
    return _in_time(activity, facts, base, now)


def _in_time(activity, facts, base, now, expires=True):
    """When a delay from a moment is over, and in its hours."""
    due = _open(activity, facts, _due(activity, facts, base))
    if expires and _is_late(activity, facts, due, now):
        return Decision(Action.SKIP, reason='late')
    begins = _open(activity, facts, max(due, now))
    return Decision(Action.WAIT, begins) if begins > now else RUN


def _due(activity, facts, base):
    return timing.shift(base, activity.delay, activity.unit, facts.zone)


def _open(activity, facts, moment):
    return facts.openings(activity.hours, moment) if activity.hours != 'any' and facts.openings else moment


def _is_late(activity, facts, due, now):
    return bool(activity.expiry) and now > timing.shift(due, activity.expiry, activity.expiry_unit, facts.zone)


def _until_gone(facts):
    """Nothing follows a message that is lost; one that waits is waited for."""
    return Decision(Action.SKIP, reason='absent') if facts.state in LOST else Decision(Action.WAIT)


def _gone_at(facts):
    return facts.gone_at or facts.begun_at


def _patience_ends(activity, facts):
    if activity.expiry:
        return timing.shift(_gone_at(facts), activity.expiry, activity.expiry_unit, facts.zone)
    return _gone_at(facts) + PATIENCE


def _happened(activity, facts):
    """:return: when what the step waits for has happened, or None."""
    return _EVENTS[activity.trigger](activity, facts)


def _denied_happened(activity, facts):
    """Whatever way it happened: the words of a reply do not matter to whoever waits for none."""
    plain = Activity(activity.key)
    return any(_EVENTS[trigger](plain, facts) for trigger in tree.DENIES[activity.trigger])


def _replied(activity, facts):
    return next((reply.at for reply in facts.replies if _has_words(activity, reply.text)), None)


def _has_words(activity, text):
    padded = f' {_bare(text)} '
    if activity.words:
        return any(f' {_bare(word)} ' in padded for word in activity.words)
    return not any(f' {_bare(word)} ' in padded for word in activity.not_words)


def _bare(text):
    """Words only: "Yes, please!" has the word "yes"."""
    return ' '.join(''.join(char if char.isalnum() else ' ' for char in text).split())


def _tapped(activity, facts):
    return next((reply.at for reply in facts.replies
                 if reply.is_button and activity.button in ('', reply.text)), None)


def _failed(activity, facts):
    fits = facts.state in LOST and (not activity.failure or activity.failure in facts.failure)
    return (facts.failed_at or facts.begun_at) if fits else None


_EVENTS = {
    tree.DELIVERED: lambda _activity, facts: facts.delivered_at or facts.read_at,
    tree.READ: lambda _activity, facts: facts.read_at,
    tree.REPLIED: _replied,
    tree.BUTTON: _tapped,
    tree.CLICKED: lambda _activity, facts: facts.clicked_at,
    tree.FAILED: _failed,
    tree.OPTED_OUT: lambda _activity, facts: facts.opted_out_at,
}


# --- What a step leads to --------------------------------------------------------------------------------------------


class Plan:
    """The steps of one campaign, and which follow which."""

    def __init__(self, activities):
        """:param Iterable[Activity] activities: in any order"""
        self.by_key = {activity.key: activity for activity in ordered(activities)}
        self._children = {}
        for activity in self.by_key.values():
            self._children.setdefault(activity.parent, []).append(activity)

    def roots(self):
        """:return: the steps the campaign begins with, in their order."""
        return self._children.get(None, [])

    def children(self, key):
        """:return: all that may follow a step, in their order."""
        return self._children.get(key, [])

    def following(self, activity, person, holds=None):
        """Tell which steps are to be waited for after one was done for somebody.

        :param Activity activity: that was done
        :param person: key for the lot of a split
        :param holds: of a condition, whether it does
        :rtype: list[Activity]
        """
        children = self.children(activity.key)
        if activity.type == 'condition':
            return [child for child in children if child.trigger == (tree.YES if holds else tree.NO)]
        if activity.type == 'split':
            way = lots.variant(activity.key, person, [(child.key, child.share) for child in children])
            return [child for child in children if child.key == way]
        return children

    def first_answer(self, activity, facts, now):
        """Tell how a step begins to be waited for: what counts from a date is looked at when it is due, at once.

        :return: state, due_at, reason of the trace; whatever may be done at once is due now
        """
        decision = RUN if activity.trigger == tree.DATE else decide(activity, facts, now)
        if decision.action is Action.SKIP:
            return SKIPPED, None, decision.reason
        return WAITING, now if decision.action is Action.RUN else decision.until, None

    def excluded(self, activity):
        """:return: keys of the siblings that do not happen any more once a step was done."""
        denied = tree.DENIES.get(activity.trigger, ())
        return [sibling.key for sibling in self.children(activity.parent) if sibling.trigger in denied]

    def under_opt_out(self, key):
        """:return: whether a step is for those who want no more: it goes on although their journey has ended."""
        while key is not None:
            activity = self.by_key[key]
            if activity.trigger == tree.OPTED_OUT:
                return True
            key = activity.parent
        return False


def ordered(activities):
    """:return: steps in their order."""
    return sorted(activities, key=lambda activity: (activity.sequence, activity.key))
