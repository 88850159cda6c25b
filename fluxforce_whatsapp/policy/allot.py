"""Gives the slots of a moment to the messages that may go: what each may use is counted, one after the other."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .pace import Pair, book_slots, pair_book, pair_ready_at
from .purpose import CARE, MARKETING
from .wait import Wait


@dataclass(frozen=True)
class Wish:
    """A message the gate allows.

    :ivar key: the caller's own id
    :ivar purpose: a code of ``purpose.PURPOSES``
    :ivar person: whom it goes to, the same value for the same person
    :ivar in_window: whether the person wrote in the last 24 hours: then nothing is counted as reached
    """

    key: int
    purpose: str
    person: str
    in_window: bool = False


@dataclass
class Room:
    """What a number may do at a moment.

    :ivar float rate: messages per second
    :ivar next_slot: moment of the next free slot, or None
    :ivar int slots: slots that may be given away
    :ivar int free: slots there are, more than may be given away where calls are lacking
    :ivar marketing: slots that marketing may use of them, None for all
    :ivar begun: messages that may begin a conversation (everything but answers), None for any number
    :ivar most: messages that may arrive at Meta in any second, without what is kept back for lateness
    :ivar budget: ``budget.Budget`` of the portfolio
    :ivar people: people the number itself may still reach today, None for any number
    :ivar pairs: ``pace.Pair`` by person
    :ivar reached: people reached in the last 24 hours by the portfolio
    :ivar reached_here: the same by this number
    """

    rate: float
    next_slot: datetime | None
    slots: int
    budget: object
    marketing: int | None = None
    begun: int | None = None
    people: int | None = None
    pairs: dict = field(default_factory=dict)
    reached: set = field(default_factory=set)
    reached_here: set = field(default_factory=set)
    free: int = 0
    most: int = 1


@dataclass
class Allotment:
    """What became of the wishes.

    :ivar slots: by key, the moment it goes
    :ivar waits: by key, the reason and the moment from which to ask again (None where the caller knows it)
    :ivar next_slot: to store
    :ivar pairs: by person, to store
    :ivar charged: people newly reached
    """

    slots: dict = field(default_factory=dict)
    waits: dict = field(default_factory=dict)
    next_slot: datetime | None = None
    pairs: dict = field(default_factory=dict)
    charged: set = field(default_factory=set)
    charged_here: set = field(default_factory=set)


def allot(wishes, room, now):
    """Give slots away in the order of the wishes; wishes without a slot and without a reason just stay where they are.

    :param list[Wish] wishes: the most urgent first
    :param Room room: see there
    :param datetime now: of the clock the moments are stored by
    :rtype: Allotment
    """
    result = Allotment(next_slot=room.next_slot)
    moments, __ = book_slots(room.next_slot, now, room.rate, room.slots) if room.slots else ([], None)
    used = _Used()
    for wish in wishes:
        if used.slots < len(moments):
            _grant(wish, room, result, used, moments[used.slots])
    if used.slots:
        result.next_slot = moments[used.slots - 1] + timedelta(seconds=1 / room.rate)
    return result


@dataclass
class _Used:
    slots: int = 0
    marketing: int = 0
    begun: int = 0


def _grant(wish, room, result, used, moment):
    pair = result.pairs.get(wish.person) or room.pairs.get(wish.person) or Pair()
    ready = pair_ready_at(pair, moment, may_burst=wish.purpose == CARE)
    if ready > moment:
        result.waits[wish.key] = (Wait.PAIR.value, ready)
    elif reason := _no_room_for_person(wish, room, result):
        result.waits[wish.key] = (reason, None)
    elif not _is_full(wish, room, used):
        _take(wish, room, result, used, moment)
        result.pairs[wish.person] = pair_book(pair, moment)


def _is_full(wish, room, used):
    """A lane that is used up now is open again in a moment: such a wish stays untouched."""
    if wish.purpose == MARKETING and room.marketing is not None and used.marketing >= room.marketing:
        return True
    return wish.purpose != CARE and room.begun is not None and used.begun >= room.begun


def _no_room_for_person(wish, room, result):
    if wish.in_window:
        return None
    left = room.budget.room(wish.purpose)
    if left is not None and wish.person not in room.reached | result.charged and len(result.charged) >= left:
        return Wait.BUDGET.value
    new_here = wish.person not in room.reached_here | result.charged_here
    if room.people is not None and new_here and len(result.charged_here) >= room.people:
        return Wait.WARMUP.value
    return None


def _take(wish, room, result, used, moment):
    result.slots[wish.key] = moment
    used.slots += 1
    used.marketing += wish.purpose == MARKETING
    used.begun += wish.purpose != CARE
    if not wish.in_window:
        if wish.person not in room.reached:
            result.charged.add(wish.person)
        if wish.person not in room.reached_here:
            result.charged_here.add(wish.person)
