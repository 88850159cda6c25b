"""What each action of the playbook means, and how its pauses grow."""

from datetime import timedelta
from random import Random

import pytest
from cloud_api.errors import ERRORS
from policy.playbook import (
    ACTIONS,
    HOLD_HOURS,
    HOLD_HOURS_LIMIT,
    LONGEST_PAUSE_S,
    MAX_ATTEMPTS,
    MAX_ATTEMPTS_LIMIT,
    RESPONSIBLE,
    Action,
    Instruction,
    hold_delay,
    pair_delay,
    retry_delay,
    unknown_instruction,
)


class Middle:
    """A source of chance that always gives the middle."""

    def uniform(self, low, high):
        return (low + high) / 2


# --- Instructions --------------------------------------------------------------------------------------------------


def test_every_action_has_words():
    assert set(ACTIONS) == {action.value for action in Action}


def test_the_error_table_names_known_actions_only():
    assert {info.action for info in ERRORS.values()} <= set(ACTIONS)


def test_the_error_table_names_known_people_only():
    assert {info.responsible for info in ERRORS.values()} == set(RESPONSIBLE)


def test_tries_of_the_error_table_are_within_the_limit():
    assert all(1 <= info.max_attempts <= MAX_ATTEMPTS_LIMIT for info in ERRORS.values() if info.max_attempts)


def test_action_reads_as_plain_text():
    assert f'{Action.PAUSE_TEMPLATE}' == 'pause_template'


def test_instruction_has_the_usual_parameters():
    assert Instruction(1, Action.RETRY) == Instruction(1, Action.RETRY, MAX_ATTEMPTS, HOLD_HOURS, known=True)


def test_unknown_code_fails_visibly():
    instruction = unknown_instruction(987654)

    assert (instruction.code, instruction.action, instruction.known) == (987654, Action.FAIL, False)


def test_unknown_code_that_seems_passing_is_tried_again():
    instruction = unknown_instruction(987654, seems_passing=True)

    assert (instruction.action, instruction.known) == (Action.RETRY, False)


# --- Retry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('attempt', 'seconds'), [(1, 4), (2, 16), (3, 64)])
def test_retry_pause_grows_fourfold(attempt, seconds):
    assert retry_delay(attempt, Middle()) == seconds


def test_retry_pause_is_spread_by_a_quarter():
    pauses = [retry_delay(2, Random(seed)) for seed in range(500)]

    assert 12 <= min(pauses) < 13
    assert 19 < max(pauses) <= 20


@pytest.mark.parametrize('attempt', [5, 20, 10 ** 9])
def test_retry_pause_never_gets_longer_than_the_longest(attempt):
    assert max(retry_delay(attempt, Random(seed)) for seed in range(500)) <= LONGEST_PAUSE_S


def test_longest_retry_pauses_are_spread_too():
    assert len({retry_delay(20, Random(seed)) for seed in range(100)}) == 100


@pytest.mark.parametrize('attempt', [0, -1])
def test_retry_pause_is_never_shorter_than_a_moment(attempt):
    assert retry_delay(attempt, Middle()) == 1


def test_usual_tries_outlast_a_maintenance_of_minutes():
    """131057 takes minutes [S26:support/error-codes]."""
    assert sum(retry_delay(attempt, Middle()) for attempt in range(1, MAX_ATTEMPTS)) > 300


def test_tries_of_a_template_being_prepared_outlast_ten_minutes():
    """134101 takes up to ten minutes [S26:support/error-codes]."""
    assert sum(retry_delay(attempt, Middle()) for attempt in range(1, ERRORS[134101].max_attempts)) > 600


# --- Pair ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('attempt', 'seconds'), [(0, 1), (1, 4), (2, 16), (4, 256), (5, 300), (10 ** 9, 300)])
def test_pair_pause_begins_at_a_second_and_grows_fourfold(attempt, seconds):
    assert pair_delay(attempt) == seconds


# --- Hold ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('times_held', 'hours'), [(0, 24), (1, 48), (2, 96), (4, 384)])
def test_hold_doubles_each_time(times_held, hours):
    assert hold_delay(24, times_held) == timedelta(hours=hours)


@pytest.mark.parametrize(('hours', 'times_held'), [(24, 5), (1, 10), (1, 10 ** 9), (HOLD_HOURS_LIMIT, 3)])
def test_hold_never_gets_longer_than_the_limit(hours, times_held):
    assert hold_delay(hours, times_held) == timedelta(hours=HOLD_HOURS_LIMIT)


def test_usual_hold_keeps_metas_day():
    assert hold_delay(HOLD_HOURS, 0) >= timedelta(hours=24)
