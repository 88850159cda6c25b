"""Who gets a slot of the moment, and what the others wait for."""
from datetime import datetime, timedelta

from policy.allot import Room, Wish, allot
from policy.budget import Budget
from policy.pace import Pair

NOW = datetime(2026, 6, 1, 12)


def wishes(count, purpose='marketing', **values):
    return [Wish(index, purpose, f'+3361000{index:04d}', **values) for index in range(count)]


def room(slots=10, budget=None, **values):
    return Room(rate=10, next_slot=None, slots=slots, budget=budget or Budget(None, 0), **values)


def test_slots_go_in_the_order_of_the_wishes():
    result = allot(wishes(3), room(slots=2), NOW)

    assert result.slots == {0: NOW, 1: NOW + timedelta(seconds=0.1)}
    assert result.next_slot == NOW + timedelta(seconds=0.2)
    assert not result.waits


def test_a_second_message_to_the_same_person_waits_for_the_pair_rate():
    same = [Wish(1, 'utility', '+33610000001'), Wish(2, 'utility', '+33610000001')]

    result = allot(same, room(), NOW)

    assert list(result.slots) == [1]
    reason, until = result.waits[2]
    assert (reason, until > NOW + timedelta(seconds=5)) == ('pair', True)


def test_several_answers_to_one_person_go_at_once():
    answers = [Wish(index, 'care', '+33610000001', in_window=True) for index in range(3)]

    assert len(allot(answers, room(), NOW).slots) == 3


def test_nobody_beyond_the_budget_is_reached():
    result = allot(wishes(5), room(budget=Budget(3, 1)), NOW)

    assert sorted(result.slots) == [0, 1]
    assert {reason for reason, __ in result.waits.values()} == {'budget'}


def test_who_was_reached_today_costs_nothing_more():
    full = room(budget=Budget(3, 3), reached={'+33610000002'})

    assert list(allot(wishes(5), full, NOW).slots) == [2]


def test_who_wrote_today_costs_nothing():
    assert len(allot(wishes(5, in_window=True), room(budget=Budget(3, 3)), NOW).slots) == 5


def test_the_reserved_share_is_for_what_is_not_marketing():
    tight = Budget(10, 9, reserved_share=10)

    assert not allot(wishes(1), room(budget=tight), NOW).slots
    assert allot(wishes(1, 'utility'), room(budget=tight), NOW).slots


def test_a_young_number_reaches_only_so_many_people_a_day():
    result = allot(wishes(5), room(people=2), NOW)

    assert sorted(result.slots) == [0, 1]
    assert result.waits[2] == ('warmup', None)


def test_a_young_number_begins_only_so_many_conversations_a_minute():
    result = allot(wishes(5), room(begun=2), NOW)

    assert sorted(result.slots) == [0, 1]
    assert not result.waits


def test_an_answer_of_a_young_number_is_not_held_up_by_what_it_began():
    mixed = [*wishes(3), Wish(9, 'care', '+33610009999', in_window=True)]

    assert 9 in allot(mixed, room(begun=0), NOW).slots


def test_a_brake_on_marketing_lets_the_rest_pass():
    mixed = [*wishes(2), Wish(9, 'utility', '+33610009999')]

    assert list(allot(mixed, room(marketing=0), NOW).slots) == [9]


def test_what_gets_no_slot_uses_up_nothing():
    blocked = {'+33610000000': Pair(blocked_until=NOW + timedelta(seconds=60))}

    result = allot(wishes(3), room(slots=2, budget=Budget(2, 0), pairs=blocked), NOW)

    assert sorted(result.slots) == [1, 2]
    assert result.charged == {'+33610000001', '+33610000002'}
