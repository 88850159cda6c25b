"""What a message the gate allows may still wait for."""

from enum import Enum


class Wait(str, Enum):
    """Why a message goes later."""

    #: Nobody new may be reached before somebody leaves the portfolio's 24 hours.
    BUDGET = 'budget'
    #: A young number reaches no more people today.
    WARMUP = 'warmup'
    #: The last message to the same person is too fresh.
    PAIR = 'pair'
    #: Meta asked for a slower pace.
    TOO_FAST = 'too_fast'
    #: Meta could not take it just now.
    RETRY = 'retry'
    #: A file of it is not at Meta yet.
    FILE = 'file'
    #: A file of it cannot be had or sent; a person has to see to it.
    NO_FILE = 'no_file'
    #: A person put it off.
    RESCHEDULED = 'rescheduled'

    def __str__(self):
        return self.value
