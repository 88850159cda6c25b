"""Counts what of one number may arrive at Meta within any second, however late calls begin and however long they take.

Slots are planned evenly (``policy.pace``), but what is planned evenly does not arrive evenly: a process that gets no
processor begins late, a new connection takes longer than a kept one, a way that is jammed for a moment delivers
everything at once. So a process also looks at what it knows about its own calls.

**What is known of a call.** It left at *l* and its answer came at *a*. Let *w* be the shortest time between the two
that was seen. There and back take at least *w*, so a call that took *a − l* arrived at most *a − l − w* later than the
quickest one would have: on a clock that is behind by the shortest way there, it arrived between *l* and *a − w*. As
long as there is no answer there is no upper bound.

**The rule.** A call may leave at *t* only if fewer than ``most`` of those that left before may have arrived after
*t − 1*: those without an answer and those with *a − w > t − 1*.

**Why it holds.** Take any second (*s*, *s* + 1] at Meta, and of the calls that arrived in it the one that left last, at
*t*; so *t ≤ s + 1*. Each of the others arrived after *s ≥ t − 1*, so it was counted when that one left. Together they
are at most ``most``.

**Several processes** do not know each other's calls, they only share the slots. As long as no call arrives later than
its slot plus ``slack``, those of any second have slots within 1 + ``slack`` seconds, and the slots are as far apart as
that demands. A call with the slot *p* that may have arrived as late as *u* is one too many in the seconds that contain
*u* but not *p*. All of these contain what lies between *u* and *p + 1*, so its process gives up one of its own slots
there: in none of them is then one more than there are slots. And a process may have no more calls that may have arrived
in the last second than it had slots in the last 1 + ``slack`` seconds, so it stops where nothing comes back.

Two things are taken for granted [own]: a way that was never quicker than *w* does not suddenly become quicker, and a
call that is without an answer for ``GIVEN_UP_S`` longer than the quickest has arrived or never will.
"""

import math
from collections import deque

#: The second that counts, a little longer for what clocks and timers add. [own]
SECOND_S = 1.01
#: See above. Without it calls that hang would stop a number for as long as they hang. [own]
GIVEN_UP_S = 2.0
#: While nothing can be known about when the next may leave, it is looked at again after so many seconds. [own]
LOOK_AGAIN_S = 0.02


class Turnstile:
    """The calls of one process for one number. Moments are of one monotonic clock, seconds; used under a lock."""

    def __init__(self):
        self._out = {}  # when it left, its slot and its slack, by the name of the call; the first to leave first
        self._answers = deque()  # when those came that may still count
        self._slots = deque()  # of the calls that left and of those that came too late for theirs
        self._debts = deque()  # until when a slot has to be given up, one for each call that arrived too late
        self._way = None
        self._first_answer_at = math.inf
        self._most, self._distance = 0, 0.0

    def opens_at(self, now, slot, most=0, slack=math.inf):
        """Tell when the next call may leave.

        :param float slot: its planned moment
        :param int most: calls of any second, 0 for any number
        :param float slack: seconds by which a call may arrive after its slot, where other processes send as well
        :return: its slot if it may leave as planned, else when to ask again
        :rtype: float
        """
        if not most:
            return slot
        counted = self._count(now)
        if slack < math.inf and self._way:
            # Its own slot is free for it.
            most = min(most, self._count_slots(now - SECOND_S - slack) + 1)
        if counted < most:
            return slot
        if counted == len(self._answers):
            return self._answers[0] + SECOND_S - (self._way or 0)
        return now + LOOK_AGAIN_S

    def owes(self, slot, slack):
        """Tell whether a slot that has come is to be given up; asking counts as doing so."""
        if slack == math.inf:
            return False
        while self._debts and self._debts[0] < slot:
            self._debts.popleft()
        if not self._debts:
            return False
        self._debts.popleft()
        return True

    def leave(self, call, slot, now, most=0, distance=0.0, slack=math.inf):
        """Note that a call leaves; see :meth:`opens_at`.

        :param call: its name
        :param float distance: seconds between two calls of this process
        """
        self._out[call] = now, slot, slack
        self._most, self._distance = most, distance
        self.pass_over(slot)

    def pass_over(self, slot):
        """Note a slot that nobody can use any more, but by which another call may arrive."""
        self._slots.append(slot)
        while self._slots[0] < slot - 2 * SECOND_S:
            self._slots.popleft()

    def answer(self, call, now, is_whole=True):
        """Note that a call is over.

        :param bool is_whole: whether it went all the way; else it tells nothing about how long that is
        """
        if call not in self._out:
            return
        left, slot, slack = self._out.pop(call)
        # Those before the first answer had to open a connection, which only takes time.
        if is_whole and left >= self._first_answer_at:
            self._way = min(self._way or math.inf, now - left)
        self._first_answer_at = min(self._first_answer_at, now)
        self._answers.append(now)
        if self._way and now - self._way > slot + slack:
            self._debts.append(slot + 1)

    def withdraw(self, call):
        """Note that a call has never left."""
        self._out.pop(call, None)

    def rest(self, now):
        """Tell how long another process has to wait until it may send at full pace, when this one has done its last.

        Of its calls *(u + 1 − begin) / distance* at most arrive by *u* + 1; with those of ours that may have arrived
        at *u* or later they must not be more than ``most``.

        :return: seconds, 0 in ordinary times
        :rtype: float
        """
        latest = reversed([moment - (self._way or 0) for moment in self._answers])
        begins = [moment + SECOND_S - (self._most - count) * self._distance
                  for count, moment in enumerate(latest, start=1)]
        return max(0.0, *(begin - now for begin in begins)) if begins and self._most else 0.0

    def _count(self, now):
        """:return: calls that may have arrived in the last second."""
        while self._answers and self._answers[0] - (self._way or 0) <= now - SECOND_S:
            self._answers.popleft()
        return len(self._answers) + self._count_out(now)

    def _count_out(self, now):
        way = self._way or 0
        while self._out and now - self._out[first := next(iter(self._out))][0] > way + GIVEN_UP_S:
            del self._out[first]
        if way <= SECOND_S:
            return len(self._out)
        # Where all calls take long, one that is not late yet has arrived when the quickest one would have.
        return sum(not SECOND_S < now - left <= way for left, *__ in self._out.values())

    def _count_slots(self, since):
        while self._slots and self._slots[0] <= since:
            self._slots.popleft()
        return len(self._slots)
