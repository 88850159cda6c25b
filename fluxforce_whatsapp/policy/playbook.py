"""What the outbox does about an error, and the pauses it keeps.

Which error asks for what is data (the error table and what administrators make of it); here is what each action means
and how its pauses grow.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Action(str, Enum):
    """What the outbox does."""

    #: Try again with growing pauses, a bounded number of times.
    RETRY = 'retry'
    #: The whole number slows down; the message goes back into the queue and no try is counted.
    SLOW = 'slow'
    #: Only this person waits.
    PAIR = 'pair'
    #: Keep it for hours, longer each time.
    HOLD = 'hold'
    #: End it.
    FAIL = 'fail'
    #: End it and send this person no marketing any more.
    SUPPRESS = 'suppress'
    #: End it and send nothing more with this template until it is right again.
    PAUSE_TEMPLATE = 'pause_template'
    #: Ask Meta for the templates once and try again; end it if that did not help.
    SYNC_TEMPLATE = 'sync_template'
    #: The number stops; its queue stays as it is.
    PAUSE_NUMBER = 'pause_number'
    #: The account stops; its queue stays as it is.
    PAUSE_ACCOUNT = 'pause_account'
    #: The account stops until it has another access token.
    NEW_TOKEN = 'new_token'
    #: The number sends no marketing until a person releases it.
    BRAKE = 'brake'

    def __str__(self):
        return self.value


ACTIONS = {
    Action.RETRY.value: 'Try again, with growing pauses',
    Action.SLOW.value: 'Slow the number down and go on',
    Action.PAIR.value: 'Let only this person wait',
    Action.HOLD.value: 'Hold for hours, longer each time',
    Action.FAIL.value: 'Give the message up',
    Action.SUPPRESS.value: 'Give up and stop marketing to this person',
    Action.PAUSE_TEMPLATE.value: 'Stop the template',
    Action.SYNC_TEMPLATE.value: 'Fetch the templates anew; other messages wait for them',
    Action.PAUSE_NUMBER.value: 'Stop the number',
    Action.PAUSE_ACCOUNT.value: 'Stop the account',
    Action.NEW_TOKEN.value: 'Stop the account and ask for a new token',
    Action.BRAKE.value: 'Stop the marketing of the number',
}
#: Who must act.
RESPONSIBLE = {
    'nobody': 'Nobody',
    'sender': 'Who sends',
    'administrator': 'Administrator',
}

#: Tries of one message in all, and the most that may be set. [own; at most 5 tries is the usual advice]
MAX_ATTEMPTS = 5
MAX_ATTEMPTS_LIMIT = 20
#: Hours to hold what Meta held back for a person's sake: not again within 24 hours [S26:support/error-codes, 131049],
#: and the longest it may grow to: the 30 days for which Meta itself keeps trying to deliver [own].
HOLD_HOURS = 24
HOLD_HOURS_LIMIT = 720
#: Longest pause between two tries, seconds. [own]
LONGEST_PAUSE_S = 300
#: Part by which a pause is made longer or shorter at random, so that many messages do not come back at once. [own]
JITTER = 0.25
_GROWTH = 4


@dataclass(frozen=True)
class Instruction:
    """What to do about one error.

    :ivar int code: of the error
    :ivar Action action: what the outbox does
    :ivar int max_attempts: tries in all, for ``RETRY`` and ``PAIR``
    :ivar int hold_hours: hours of the first hold, for ``HOLD``
    :ivar bool known: False for a code that nobody has described; a person should hear of it
    """

    code: int
    action: Action
    max_attempts: int = MAX_ATTEMPTS
    hold_hours: int = HOLD_HOURS
    known: bool = True


def unknown_instruction(code, seems_passing=False):
    """Decide about a code that nobody knows.

    It must not be sent again for a reason nobody knows, unless the answer itself calls it passing. [own]

    :param int code: of the error
    :param bool seems_passing: Meta calls it transient, or the HTTP status says so
    :rtype: Instruction
    """
    return Instruction(code, Action.RETRY if seems_passing else Action.FAIL, known=False)


def retry_delay(attempt, rng):
    """Pause before the next try: 4^n seconds [S26:about-the-platform], a quarter more or less at random.

    :param int attempt: tries made so far, from 1
    :param rng: with ``uniform``, as ``random.Random``
    :return: seconds, at most ``LONGEST_PAUSE_S``
    :rtype: float
    """
    # Capped before the jitter: otherwise half of the longest pauses would be equal.
    pause = min(_grown(attempt), LONGEST_PAUSE_S / (1 + JITTER))
    return pause * rng.uniform(1 - JITTER, 1 + JITTER)


def pair_delay(attempt):
    """Pause for one person after too many messages to them: 4^n seconds, n from 0 [S26:about-the-platform].

    :param int attempt: how often they had to wait already for this message
    :return: seconds, at most ``LONGEST_PAUSE_S``
    :rtype: int
    """
    return min(_grown(attempt), LONGEST_PAUSE_S)


def hold_delay(hours, times_held):
    """How long to hold a message that Meta held back for a person's sake; twice as long each time. [own]

    :param int hours: of the first hold
    :param int times_held: how often it was held already
    :return: at most ``HOLD_HOURS_LIMIT`` hours
    :rtype: timedelta
    """
    doublings = min(max(times_held, 0), HOLD_HOURS_LIMIT.bit_length())
    return timedelta(hours=min(hours * 2 ** doublings, HOLD_HOURS_LIMIT))


def _grown(attempt):
    # No power above the longest pause is ever needed, however often somebody has tried.
    return _GROWTH ** min(max(attempt, 0), LONGEST_PAUSE_S.bit_length())
