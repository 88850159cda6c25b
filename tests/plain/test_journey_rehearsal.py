"""A journey walked through with one person, by a clock of its own."""

import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / 'fluxforce_whatsapp_marketing'
sys.path.append(str(ADDON))

from flow import steps  # noqa: E402  the line above makes it importable
from flow.rehearsal import Person, Rehearsal  # noqa: E402

NOW = datetime(2026, 6, 1, 12)
HELLO, CALL, AGAIN, GIFT = 1, 2, 3, 4

# Hello ─ button "yes" ─ Call
#       └ no reply within 2 days ─ Again ─ 7 days ─ Gift
JOURNEY = steps.Plan([
    steps.Activity(HELLO),
    steps.Activity(CALL, parent=HELLO, type='todo', trigger='button', button='yes'),
    steps.Activity(AGAIN, parent=HELLO, trigger='not_replied', delay=2),
    steps.Activity(GIFT, parent=AGAIN, type='action', trigger='done', delay=7),
])


def walk(plan=JOURNEY, person=None, rehearsal=None):
    """:return: (key, state, reason) of all that happens until the end."""
    rehearsal = rehearsal or Rehearsal(plan, NOW)
    happened = []
    while row := rehearsal.advance(person or Person()):
        happened.append((row.step, row.state, row.reason))
    return happened


def test_without_an_answer_the_silent_way_is_gone():
    rehearsal = Rehearsal(JOURNEY, NOW)

    assert walk(rehearsal=rehearsal) == [(HELLO, 'done', ''), (AGAIN, 'done', ''), (GIFT, 'done', '')]
    assert {row.step: row.reason for row in rehearsal.rows}[CALL] == 'elsewhere'


def test_the_clock_runs_from_one_thing_to_the_next():
    rehearsal = Rehearsal(JOURNEY, NOW)
    moments = [rehearsal.advance(Person()).at for __ in range(3)]

    assert moments == [NOW, NOW + timedelta(days=2), NOW + timedelta(days=9)]


def test_a_tap_on_the_button_leads_the_other_way():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Person())
    rehearsal.happen(HELLO, 'button', 'Yes')

    assert walk(rehearsal=rehearsal) == [(CALL, 'done', ''), (AGAIN, 'skipped', 'elsewhere')]


def test_a_message_that_fails_leads_nowhere():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Person())
    rehearsal.happen(HELLO, 'failed')

    assert walk(rehearsal=rehearsal) == [(CALL, 'skipped', 'absent'), (AGAIN, 'skipped', 'absent')]


def test_who_wants_no_more_gets_no_more():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Person())
    rehearsal.happen(HELLO, 'opted_out')

    assert rehearsal.is_over
    assert {row.reason for row in rehearsal.rows if row.state == 'cancelled'} == {'stopped'}


def test_where_a_reply_ends_the_campaign_it_ends():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Person())
    rehearsal.happen(HELLO, 'replied', 'Thanks', ends='goal')

    assert rehearsal.is_over


def test_it_goes_on_from_where_it_was_kept():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Person())
    rehearsal.happen(HELLO, 'replied', 'Later perhaps')
    kept = json.loads(json.dumps(rehearsal.to_json()))

    again = Rehearsal.from_json(JOURNEY, kept)

    assert again.to_json() == rehearsal.to_json()
    assert walk(rehearsal=again) == walk(rehearsal=rehearsal)


def test_a_step_that_was_taken_out_meanwhile_is_left_out():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Person())
    shorter = steps.Plan([step for step in JOURNEY.by_key.values() if step.key != CALL])

    assert [row.step for row in Rehearsal.from_json(shorter, rehearsal.to_json()).rows] == [HELLO, AGAIN]


class Record(Person):
    def __init__(self, **values):
        self.values = values

    def fits(self, step):
        return self.values.get('fits', True)

    def holds(self, step):
        return self.values.get('holds', True)

    def date(self, step):
        return self.values.get('date')

    def leaves(self):
        return self.values.get('leaves', '')


def test_a_condition_leads_one_way():
    plan = steps.Plan([
        steps.Activity(1, type='condition'), steps.Activity(2, parent=1, type='todo', trigger='yes'),
        steps.Activity(3, parent=1, type='todo', trigger='no')])

    assert walk(plan, Record(holds=True)) == [(1, 'done', ''), (2, 'done', '')]
    assert walk(plan, Record(holds=False)) == [(1, 'done', ''), (3, 'done', '')]


def test_who_does_not_fit_a_step_is_passed_over_with_what_follows():
    assert walk(person=Record(fits=False)) == [(HELLO, 'skipped', 'filter')]


def test_who_has_reached_the_goal_gets_nothing_more():
    rehearsal = Rehearsal(JOURNEY, NOW)
    rehearsal.advance(Record(leaves='goal'))

    assert rehearsal.is_over
    assert rehearsal.rows[0].reason == 'goal'


def test_a_date_far_away_is_reached():
    plan = steps.Plan([steps.Activity(1, type='todo', trigger='date', delay=-3)])
    rehearsal = Rehearsal(plan, NOW)

    row = rehearsal.advance(Record(date=date(2027, 6, 1)))

    assert (row.state, row.at) == ('done', datetime(2027, 5, 29, 9))


def test_without_a_date_nothing_happens():
    plan = steps.Plan([steps.Activity(1, type='todo', trigger='date')])

    assert walk(plan, Record()) == [(1, 'skipped', 'no_date')]
