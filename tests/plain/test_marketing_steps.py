"""What becomes of a step somebody waits for, and which steps follow it."""

from datetime import date, datetime, timedelta

import marketing_flow  # noqa: F401  makes the next line work
import pytest
from flow import steps, tree
from flow.steps import Activity, Decision, Facts, Plan, Reply

SENT = datetime(2026, 6, 1, 12)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def after(trigger, **values):
    return Activity(2, parent=1, trigger=trigger, **values)


def sent(**values):
    """Facts about a message that went out."""
    return Facts(SENT - HOUR, **{'state': 'accepted', 'gone_at': SENT, **values})


def waits(until=None):
    return Decision(steps.Action.WAIT, until)


def skips(reason):
    return Decision(steps.Action.SKIP, reason=reason)


# --- Beginning and delays --------------------------------------------------------------------------------------------


def test_first_step_is_done_at_once():
    assert steps.decide(Activity(1), Facts(SENT), SENT) == steps.RUN


def test_step_waits_for_its_delay_and_is_done_when_it_is_over():
    step = Activity(1, delay=3, unit='hours')

    assert steps.decide(step, Facts(SENT), SENT + HOUR) == waits(SENT + 3 * HOUR)
    assert steps.decide(step, Facts(SENT), SENT + 3 * HOUR) == steps.RUN


def test_step_is_passed_over_when_its_time_is_over():
    step = Activity(1, delay=1, unit='hours', expiry=2, expiry_unit='hours')

    assert steps.decide(step, Facts(SENT), SENT + 3 * HOUR) == steps.RUN
    assert steps.decide(step, Facts(SENT), SENT + 3 * HOUR + MINUTE) == skips('late')


def test_step_keeps_to_its_hours():
    monday = SENT + 2 * DAY
    facts = Facts(SENT, openings=lambda name, moment: monday if name == 'working' else moment)

    assert steps.decide(Activity(1, hours='working'), facts, SENT) == waits(monday)
    assert steps.decide(Activity(1, hours='any'), facts, SENT) == steps.RUN


def test_step_that_is_late_still_keeps_to_its_hours():
    monday = SENT + 2 * DAY
    facts = Facts(SENT - DAY, openings=lambda _name, moment: monday if moment >= SENT else moment)

    assert steps.decide(Activity(1, hours='working'), facts, SENT + HOUR) == waits(monday)
    short = Activity(1, hours='working', expiry=1, expiry_unit='hours')
    assert steps.decide(short, facts, SENT + HOUR) == skips('late')


# --- After a message -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('trigger', [tree.DONE, *tree.AFTER_MESSAGE])
def test_nothing_follows_a_message_that_still_waits(trigger):
    assert steps.decide(after(trigger), Facts(SENT, state='queued'), SENT + 90 * DAY) == waits()


def test_next_step_counts_from_the_moment_the_message_went_out():
    assert steps.decide(after(tree.DONE, delay=2), sent(), SENT) == waits(SENT + 2 * DAY)


@pytest.mark.parametrize('trigger', [
    tree.DONE, tree.DELIVERED, tree.READ, tree.NOT_READ, tree.REPLIED, tree.NOT_REPLIED, tree.BUTTON, tree.CLICKED,
    tree.NOT_CLICKED, tree.OPTED_OUT])
@pytest.mark.parametrize('state', sorted(steps.LOST))
def test_nothing_but_its_failure_follows_a_message_that_is_lost(trigger, state):
    assert steps.decide(after(trigger), Facts(SENT, state=state), SENT) == skips('absent')


@pytest.mark.parametrize('trigger', [tree.FAILED, tree.NOT_DELIVERED])
def test_failure_is_followed_at_once(trigger):
    assert steps.decide(after(trigger), sent(state='failed', failed_at=SENT), SENT) == steps.RUN


def test_failure_may_be_for_one_reason_only():
    facts = sent(state='refused', failed_at=SENT, failure=('no_consent',))

    assert steps.decide(after(tree.FAILED, failure='no_consent'), facts, SENT) == steps.RUN
    assert steps.decide(after(tree.FAILED, failure='131026'), facts, SENT) == skips('absent')


def test_who_got_it_cannot_fail_any_more():
    assert steps.decide(after(tree.FAILED), sent(delivered_at=SENT), SENT) == skips('absent')


@pytest.mark.parametrize(('trigger', 'happened'), [
    (tree.DELIVERED, {'delivered_at': SENT + HOUR}),
    (tree.DELIVERED, {'read_at': SENT + HOUR}),
    (tree.READ, {'read_at': SENT + HOUR}),
    (tree.REPLIED, {'replies': (Reply(SENT + HOUR, 'hello'),)}),
    (tree.BUTTON, {'replies': (Reply(SENT + HOUR, 'yes', is_button=True),)}),
    (tree.CLICKED, {'clicked_at': SENT + HOUR}),
    (tree.OPTED_OUT, {'opted_out_at': SENT + HOUR}),
])
def test_what_happened_is_followed_by_its_step_after_the_delay(trigger, happened):
    step, facts = after(trigger, delay=30, unit='minutes'), sent(**happened)

    assert steps.decide(step, facts, SENT + HOUR) == waits(SENT + HOUR + 30 * MINUTE)
    assert steps.decide(step, facts, SENT + 2 * HOUR) == steps.RUN


@pytest.mark.parametrize('trigger', [tree.READ, tree.REPLIED, tree.BUTTON, tree.CLICKED, tree.OPTED_OUT])
def test_what_has_not_happened_is_waited_for_as_long_as_somebody_said_or_thirty_days(trigger):
    assert steps.decide(after(trigger), sent(), SENT) == waits(SENT + 30 * DAY)
    assert steps.decide(after(trigger), sent(), SENT + 30 * DAY) == skips('absent')
    assert steps.decide(after(trigger, expiry=2), sent(), SENT) == waits(SENT + 2 * DAY)
    assert steps.decide(after(trigger, expiry=2), sent(), SENT + 2 * DAY) == skips('absent')


@pytest.mark.parametrize(('trigger', 'happened'), [
    (tree.NOT_DELIVERED, {'delivered_at': SENT + HOUR}),
    (tree.NOT_READ, {'read_at': SENT + HOUR}),
    (tree.NOT_REPLIED, {'replies': (Reply(SENT + HOUR, 'hello'),)}),
    (tree.NOT_REPLIED, {'replies': (Reply(SENT + HOUR, 'yes', is_button=True),)}),
    (tree.NOT_CLICKED, {'clicked_at': SENT + HOUR}),
])
def test_step_for_those_who_did_not_is_done_after_its_delay_unless_they_did(trigger, happened):
    step = after(trigger, delay=2)

    assert steps.decide(step, sent(), SENT) == waits(SENT + 2 * DAY)
    assert steps.decide(step, sent(), SENT + 2 * DAY) == steps.RUN
    assert steps.decide(step, sent(**happened), SENT + HOUR) == skips('elsewhere')


def test_outcome_that_nobody_knows_counts_as_gone():
    assert steps.decide(after(tree.DONE), sent(state='unknown'), SENT) == steps.RUN


# --- Replies ---------------------------------------------------------------------------------------------------------


def replied(*texts, **values):
    return sent(replies=tuple(Reply(SENT + number * MINUTE, tree.folded(text), **values)
                              for number, text in enumerate(texts)))


@pytest.mark.parametrize(('text', 'fits'), [
    ('yes', True), ('Yes, please!', True), ('YES', True), ('call me', True), ('yesterday', False), ('no', False),
    ('Call  me tomorrow', True)])
def test_reply_has_one_of_the_words(text, fits):
    step = after(tree.REPLIED, words=tree.words_of('yes, Call me,, yes'))

    assert (steps.decide(step, replied(text), SENT + HOUR) == steps.RUN) is fits


def test_second_reply_counts_too():
    step = after(tree.REPLIED, words=('yes',), delay=1, unit='hours')

    assert steps.decide(step, replied('what is it?', 'yes'), SENT + MINUTE) == waits(SENT + MINUTE + HOUR)


def test_any_other_reply_leaves_those_that_belong_to_a_sibling():
    step = after(tree.REPLIED, not_words=('yes',))

    assert steps.decide(step, replied('yes'), SENT + HOUR).action is steps.Action.WAIT
    assert steps.decide(step, replied('no'), SENT + HOUR) == steps.RUN


def test_button_is_known_by_its_label():
    step = after(tree.BUTTON, button='tell me more')

    assert steps.decide(step, replied('Tell me more', is_button=True), SENT + HOUR) == steps.RUN
    assert steps.decide(step, replied('Not now', is_button=True), SENT + HOUR).action is steps.Action.WAIT
    assert steps.decide(step, replied('Tell me more'), SENT + HOUR).action is steps.Action.WAIT


# --- Dates -----------------------------------------------------------------------------------------------------------


def dated(value, **values):
    return Facts(SENT, date=value, **values)


def test_step_before_a_date_waits_and_reads_the_date_again_every_day():
    step = Activity(1, trigger=tree.DATE, delay=-2, unit='hours')

    assert steps.decide(step, dated(SENT + 10 * DAY), SENT) == waits(SENT + DAY)
    assert steps.decide(step, dated(SENT + 20 * HOUR), SENT) == waits(SENT + 18 * HOUR)
    assert steps.decide(step, dated(SENT + 20 * HOUR), SENT + 18 * HOUR) == steps.RUN


def test_what_is_foreseen_of_a_date_is_the_moment_it_is_done_as_things_stand():
    step = Activity(1, trigger=tree.DATE, delay=-2, unit='hours')

    assert steps.foresee(step, dated(SENT + 10 * DAY), SENT) == waits(SENT + 10 * DAY - 2 * HOUR)
    assert steps.foresee(step, dated(SENT + 20 * HOUR), SENT + 18 * HOUR) == steps.RUN


def test_date_that_was_over_when_somebody_came_is_passed_over():
    step = Activity(1, trigger=tree.DATE, delay=-1)

    assert steps.decide(step, dated(SENT + HOUR), SENT) == skips('past')


def test_day_is_not_over_before_its_end():
    step = Activity(1, trigger=tree.DATE)

    assert steps.decide(step, dated(SENT.date()), SENT) == steps.RUN
    assert steps.decide(step, dated(SENT.date() - DAY), SENT) == skips('past')


def test_day_begins_at_nine_where_the_person_lives():
    facts = dated(date(2026, 6, 2), zone='America/New_York')

    assert steps.decide(Activity(1, trigger=tree.DATE), facts, SENT + 2 * HOUR) == waits(datetime(2026, 6, 2, 13))


@pytest.mark.parametrize('value', [None, False])
def test_record_without_a_date_is_passed_over(value):
    assert steps.decide(Activity(1, trigger=tree.DATE), dated(value), SENT) == skips('no_date')


# --- Ways ------------------------------------------------------------------------------------------------------------

WELCOME = Activity(7, 1)
THANKS = Activity(3, 2, parent=7, trigger=tree.READ)
REMINDER = Activity(9, 2, parent=7, trigger=tree.NOT_READ)
REPLY = Activity(4, 3, parent=7, trigger=tree.NOT_REPLIED)
LATER = Activity(5, 1, parent=4, trigger=tree.OPTED_OUT)
TASK = Activity(6, 1, parent=5, trigger=tree.DONE)
JOURNEY = Plan([TASK, LATER, REPLY, REMINDER, THANKS, WELCOME])  # the order of the list does not count


def test_campaign_begins_with_what_follows_nothing():
    assert JOURNEY.roots() == [WELCOME]


def test_all_that_follow_a_message_are_waited_for():
    assert JOURNEY.following(WELCOME, '+441') == [THANKS, REMINDER, REPLY]


def test_condition_leads_one_way():
    fork = Activity(1, type='condition')
    yes, no = Activity(2, parent=1, trigger=tree.YES), Activity(3, parent=1, trigger=tree.NO)
    plan = Plan([fork, yes, no])

    assert plan.following(fork, '+441', holds=True) == [yes]
    assert plan.following(fork, '+441', holds=False) == [no]


def test_split_leads_everybody_one_way_and_the_same_every_time():
    fork = Activity(1, type='split')
    ways = [Activity(key, parent=1, trigger=tree.VARIANT, share=share) for key, share in ((2, 30), (3, 70))]
    plan = Plan([fork, *ways])
    chosen = {person: plan.following(fork, person) for person in range(2000)}

    assert all(len(way) == 1 for way in chosen.values())
    assert chosen == {person: plan.following(fork, person) for person in chosen}
    assert 500 < sum(way == [ways[0]] for way in chosen.values()) < 700


def test_who_did_not_in_time_is_not_asked_whether_they_do_later():
    assert JOURNEY.excluded(REMINDER) == [THANKS.key]
    assert JOURNEY.excluded(THANKS) == []


def test_steps_for_those_who_want_no_more_are_known():
    assert [key for key in JOURNEY.by_key if JOURNEY.under_opt_out(key)] == [LATER.key, TASK.key]


@pytest.mark.parametrize(('parent', 'first'), [
    (None, tree.BEGIN), ('whatsapp', tree.DONE), ('email', tree.DONE), ('wait', tree.DONE), ('condition', tree.YES),
    ('split', tree.VARIANT)])
def test_usual_way_to_begin_follows_from_the_step_before(parent, first):
    assert tree.triggers_after(parent)[0] == first
