"""A journey walked through with one person, step by step, by a clock of its own; nothing is sent and nothing is kept.

It asks the same machine as the campaign, :func:`flow.steps.decide`, so it goes the way the person would go.
"""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

from . import steps, tree

#: A date far away is looked at again and again on the way there; more looks than this are a circle. [own]
MOST_LOOKS = 5000
#: What a person can do with a message, and where that leaves the message.
EVENTS = {'delivered': 'delivered', 'read': 'read', 'replied': 'read', 'button': 'read', 'clicked': 'read',
          'failed': 'failed', 'opted_out': 'read'}
#: A reply, a tap and a click show that the message was read, whatever the person's settings say.
MOMENTS = ('gone_at', 'delivered_at', 'read_at', 'failed_at', 'clicked_at', 'opted_out_at')


@dataclass
class Message:
    """What has become of a message.

    :ivar replies: (moment, text as it is compared, whether a button) of each
    """

    state: str = 'sent'
    gone_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    clicked_at: datetime | None = None
    opted_out_at: datetime | None = None
    replies: list = field(default_factory=list)


@dataclass
class Row:
    """One step for the person.

    :ivar step: its key
    :ivar state: ``waiting``, ``done``, ``skipped`` or ``cancelled``
    :ivar begun_at: when it began to be waited for
    :ivar at: when it was done or passed over
    :ivar reason: why it was passed over, or ''
    :ivar holds: of a condition that was done, whether it holds
    """

    step: int
    begun_at: datetime
    state: str = steps.WAITING
    at: datetime | None = None
    reason: str = ''
    holds: bool | None = None
    message: Message | None = None


class Person:
    """Who walks: what the steps ask about the record. A made-up person fits every filter.

    Whoever has a record at hand overrides these.
    """

    zone = None
    openings = None
    key = 'rehearsal'

    def fits(self, step):
        """:return: whether the record fits the step's own filter."""
        return True

    def holds(self, step):
        """:return: whether the condition of a step holds."""
        return True

    def date(self, step):
        """:return: the date a step counts from, or None."""
        return None

    def leaves(self):
        """:return: ``goal`` or ``exit`` if the record is through with the campaign, else ''."""
        return ''


class Rehearsal:
    """Where the person stands.

    :ivar now: the clock
    :ivar rows: :class:`Row` of each step that was planned, in the order in which that happened
    """

    def __init__(self, plan, now, rows=None):
        self.plan = plan
        self.now = now
        self.rows = [Row(step.key, now) for step in plan.roots()] if rows is None else rows

    # --- Kept between two looks --------------------------------------------------------------------------------------

    def to_json(self):
        """:return: where the person stands, as can be kept in JSON."""
        return {'now': self.now.isoformat(), 'rows': [_to_json(asdict(row)) for row in self.rows]}

    @classmethod
    def from_json(cls, plan, kept):
        """Go on from where it stood; steps that are no longer there are left out."""
        rows = [_row(values) for values in kept['rows'] if values['step'] in plan.by_key]
        return cls(plan, datetime.fromisoformat(kept['now']), rows)

    # --- Going on ----------------------------------------------------------------------------------------------------

    @property
    def is_over(self):
        """Whether nothing is left to come."""
        return not any(row.state == steps.WAITING for row in self.rows)

    def advance(self, person):
        """Let the clock run until something happens.

        :param Person person: who walks
        :return: the :class:`Row` that was done or passed over; None when nothing happens any more
        """
        for __ in range(MOST_LOOKS):
            answers = [(row, self._decide(row, person)) for row in self.rows if row.state == steps.WAITING]
            ready = next((pair for pair in answers if pair[1].action is not steps.Action.WAIT), None)
            if ready:
                return self._settle(*ready, person)
            moments = [decision.until for __, decision in answers if decision.until]
            if not moments:
                return None
            self.now = max(self.now, min(moments))
        return None

    def _decide(self, row, person):
        step = self.plan.by_key[row.step]
        return steps.decide(step, self._facts(step, row, person), self.now)

    def _facts(self, step, row, person):
        before = self._row(step.parent)
        message = before.message if before else None
        known = {name: getattr(message, name) for name in MOMENTS} if message else {}
        return steps.Facts(
            row.begun_at, person.zone, state=message.state if message else None,
            replies=tuple(steps.Reply(*reply) for reply in message.replies) if message else (),
            date=person.date(step) if step.trigger == tree.DATE else None, openings=person.openings, **known)

    def _settle(self, row, decision, person):
        if decision.action is steps.Action.SKIP:
            return self._close(row, steps.SKIPPED, decision.reason)
        if why := person.leaves():
            self._cancel(why)
            return row
        step = self.plan.by_key[row.step]
        if not person.fits(step):
            return self._close(row, steps.SKIPPED, 'filter')
        return self._do(row, step, person)

    def _do(self, row, step, person):
        self._close(row, steps.DONE)
        if step.type in tree.MESSAGE_TYPES:
            row.message = Message(gone_at=self.now)
        if step.type == 'condition':
            row.holds = bool(person.holds(step))
        for key in self.plan.excluded(step):
            other = self._row(key)
            if other and other.state == steps.WAITING:
                self._close(other, steps.SKIPPED, 'elsewhere')
        known = {other.step for other in self.rows}
        self.rows += [Row(child.key, self.now) for child in self.plan.following(step, person.key, row.holds)
                      if child.key not in known]
        return row

    def _close(self, row, state, reason=''):
        row.state, row.at, row.reason = state, self.now, reason
        return row

    def _cancel(self, reason):
        for row in self.rows:
            if row.state == steps.WAITING:
                self._close(row, steps.CANCELLED, reason)

    def _row(self, key):
        return next((row for row in self.rows if row.step == key), None)

    # --- What the person does ----------------------------------------------------------------------------------------

    def messages(self):
        """:return: rows of the messages that the person can still do something with, the last first."""
        return [row for row in reversed(self.rows) if row.message and row.message.state not in steps.LOST]

    def happen(self, key, event, text='', ends=''):
        """Let the person do something with a message, now.

        :param int key: of the step that sent it
        :param str event: one of ``EVENTS``
        :param str text: of a reply, or the label of a button
        :param str ends: ``goal`` or ``exit`` where whoever replies is through with the campaign
        """
        message = self._row(key).message
        message.state = EVENTS[event]
        if event == 'failed':
            message.failed_at = self.now
            return
        message.delivered_at = message.delivered_at or self.now
        if event != 'delivered':
            message.read_at = message.read_at or self.now
        if event in ('replied', 'button'):
            message.replies.append([self.now, tree.folded(text), event == 'button'])
            if ends:
                self._cancel(ends)
        elif event in ('clicked', 'opted_out'):
            setattr(message, f'{event}_at', self.now)
        if event == 'opted_out':
            self._end_after_opt_out()

    def _end_after_opt_out(self):
        """Nothing more comes but what is for those who want no more."""
        for row in self.rows:
            if row.state == steps.WAITING and not self.plan.under_opt_out(row.step):
                self._close(row, steps.CANCELLED, 'stopped')


def _to_json(value):
    if isinstance(value, dict):
        return {name: _to_json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_json(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _row(values):
    message = values.get('message')
    return Row(**{**_moments(values, Row), 'message': message and Message(**{
        **_moments(message, Message),
        'replies': [[datetime.fromisoformat(at), text, is_button] for at, text, is_button in message['replies']]})})


def _moments(values, kind):
    """:return: the values of a dataclass, its moments out of JSON again"""
    names = {one.name for one in fields(kind)}
    return {name: datetime.fromisoformat(value) if value and (name == 'at' or name.endswith('_at')) else value
            for name, value in values.items() if name in names}
