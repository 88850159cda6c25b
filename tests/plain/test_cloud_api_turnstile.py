"""No second at Meta holds more of a number's calls than may, whatever happens to them on their way."""
import random
from bisect import bisect_left
from dataclasses import dataclass, field

import pytest
from cloud_api.delivery import WAKING_S
from cloud_api.turnstile import GIVEN_UP_S, SECOND_S, Turnstile
from policy.pace import ALONE, COMPANY_SHARE, HEADROOM, IN_COMPANY

LIMIT = 80
THERE, BACK = 0.15, 0.15
STEP_S = 0.001


def most_in_any_second(moments):
    moments = sorted(moments)
    return max((last - bisect_left(moments, moment - 1 + 1e-9) + 1 for last, moment in enumerate(moments)), default=0)


@dataclass
class Process:
    """One process that sends what it has slots for, on a clock that is turned by hand.

    :ivar slots: moments at which a call may leave, the first first
    :ivar delay: function of the moment a call leaves: how much longer than the quickest it takes there, seconds
    :ivar frozen: (from, to) in which the process gets no processor
    """

    slots: list
    delay: object = lambda now: 0.0
    leeway: object = ALONE
    frozen: tuple = (0, 0)
    rate: float = LIMIT * HEADROOM
    turnstile: Turnstile = field(default_factory=Turnstile)
    arrived: list = field(default_factory=list)
    lost: int = 0
    _answers: list = field(default_factory=list)
    _last: float = -1.0

    def tick(self, now):
        if self.frozen[0] <= now < self.frozen[1]:
            return
        for answer in [one for one in self._answers if one[0] <= now]:
            self._answers.remove(answer)
            self.turnstile.answer(answer[1], now)
        while self.slots and self.slots[0] <= now and (
                now - self.slots[0] > self.leeway.late or self.turnstile.owes(self.slots[0], self.leeway.slack)):
            self.turnstile.pass_over(self.slots.pop(0))
            self.lost += 1
        distance = 1 / (self.rate * self.leeway.catch_up)
        if self.slots and max(self.slots[0], self._last + distance) <= now and self.turnstile.opens_at(
                now, self.slots[0], LIMIT, self.leeway.slack) <= now:
            self._send(now, distance)

    def _send(self, now, distance):
        slot, self._last = self.slots.pop(0), max(self._last + distance, now - WAKING_S)
        self.turnstile.leave(slot, slot, now, LIMIT, distance, self.leeway.slack)
        there = now + THERE + self.delay(now)
        self.arrived.append(there)
        self._answers.append((there + BACK, slot))


def run(processes, seconds):
    for step in range(int(seconds / STEP_S)):
        for process in processes:
            process.tick(step * STEP_S)
    return most_in_any_second(moment for process in processes for moment in process.arrived)


def slots(seconds, rate=LIMIT * HEADROOM, begin=0.0):
    return [begin + index / rate for index in range(int(seconds * rate))]


def jam(begin, end):
    """A way on which what leaves between two moments arrives at the second one."""
    return lambda now: max(end - now, 0) if begin <= now else 0.0


# --- Alone -----------------------------------------------------------------------------------------------------------


def test_an_even_way_costs_nothing():
    process = Process(slots(5))

    assert run([process], 6) <= LIMIT * HEADROOM + 1
    assert process.lost == 0
    assert len(process.arrived) == len(slots(5))


@pytest.mark.parametrize('seconds', [0.05, 0.2, 0.7, 1.5])
def test_a_jam_is_not_followed_by_too_many(seconds):
    assert run([Process(slots(6), jam(2, 2 + seconds))], 8) <= LIMIT


def test_without_it_a_jam_is_followed_by_too_many():
    process = Process(slots(6), jam(2, 2.2))
    process.turnstile.opens_at = lambda now, *args: now

    assert run([process], 8) > LIMIT


@pytest.mark.parametrize('seed', range(5))
def test_a_way_that_takes_now_longer_now_shorter_is_kept_too(seed):
    odds = random.Random(seed)

    assert run([Process(slots(6), lambda now: odds.choice((0, 0, 0, 0.02, 0.1, 0.4)))], 8) <= LIMIT


def test_connections_that_are_opened_at_the_beginning_do_not_add_up():
    """The first calls take longer, those behind them catch up with them."""
    assert run([Process(slots(5), lambda now: 0.25 if now < 0.4 else 0.0)], 7) <= LIMIT


def test_a_frozen_process_does_not_flood_when_it_goes_on():
    assert run([Process(slots(5), jam(1.9, 2.3), frozen=(2.0, 2.9))], 8) <= LIMIT


def test_after_a_jam_the_number_is_soon_at_full_pace_again():
    process = Process(slots(9), jam(2, 2.3))
    run([process], 10)

    assert sum(5 < moment <= 6 for moment in process.arrived) >= LIMIT * HEADROOM - 1


def test_calls_that_hang_do_not_stop_the_number():
    turnstile = Turnstile()
    for call in range(LIMIT):
        turnstile.leave(call, 0.0, 0.0, LIMIT)

    assert turnstile.opens_at(1.5, 1.5, LIMIT) > 1.5
    assert turnstile.opens_at(GIVEN_UP_S + 0.1, 2.0, LIMIT) <= GIVEN_UP_S + 0.1


def test_what_has_never_left_does_not_count():
    turnstile = Turnstile()
    turnstile.leave('call', 0.0, 0.0, 1)
    turnstile.withdraw('call')

    assert turnstile.opens_at(0.1, 0.1, 1) == 0.1


def test_where_every_call_takes_seconds_the_pace_is_kept():
    process = Process(slots(9), lambda now: 1.5)

    assert run([process], 12) <= LIMIT
    assert sum(8 < moment <= 9 for moment in process.arrived) >= LIMIT * HEADROOM - 2


# --- Others ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('count', [2, 3, 4])
def test_a_jam_of_the_way_of_all_is_not_followed_by_too_many(count):
    """Their slots come in runs of twenty, as claims give them away."""
    rate = LIMIT * HEADROOM * COMPANY_SHARE
    shares = [[] for _ in range(count)]
    for index, slot in enumerate(slots(6, rate)):
        shares[index // 20 % count].append(slot)

    assert run([Process(share, jam(2, 2.3), IN_COMPANY, rate=rate) for share in shares], 8) <= LIMIT


def test_who_is_late_gives_slots_up_so_that_others_keep_theirs():
    rate = LIMIT * HEADROOM * COMPANY_SHARE
    late = Process(slots(6, rate)[::2], jam(2, 2.5), IN_COMPANY, rate=rate)
    other = Process(slots(6, rate)[1::2], leeway=IN_COMPANY, rate=rate)

    assert run([late, other], 8) <= LIMIT
    assert late.lost > 5
    assert other.lost == 0


def test_who_knows_of_another_is_on_time_when_that_one_begins():
    first = Process(slots(2), leeway=IN_COMPANY, frozen=(1.5, 1.9))
    second = Process(slots(3, LIMIT * HEADROOM * COMPANY_SHARE, begin=2.0), leeway=IN_COMPANY)

    assert run([first, second], 6) <= LIMIT


@pytest.mark.parametrize('seconds', [0.1, 0.3, 0.8])
def test_who_goes_after_a_jam_tells_how_long_the_next_has_to_wait(seconds):
    first = Process(slots(2), jam(2 - seconds, 2))
    run([first], 2.35)
    rest = first.turnstile.rest(2.35)
    second = Process(slots(4, begin=2.35 + rest))
    second.arrived += first.arrived

    assert (rest > 0) == (seconds > 0.5)
    assert run([second], 7) <= LIMIT


def test_who_goes_in_ordinary_times_keeps_nobody_waiting():
    first = Process(slots(3))
    run([first], 3.3)

    assert first.turnstile.rest(3.3) == 0


def test_a_second_is_counted_with_a_margin():
    assert 1 < SECOND_S < 1.02
