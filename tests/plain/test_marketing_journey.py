"""Whole journeys of made-up people through made-up campaigns: nothing twice, nobody lost, one way at each fork."""

import random
from datetime import datetime, timedelta

import marketing_flow  # noqa: F401  makes the next line work
import pytest
from flow import steps, tree
from flow.steps import Action, Activity, Facts, Plan, Reply
from hypothesis import event, given, settings
from hypothesis import strategies as st

SOME = settings(derandomize=True, database=None, deadline=None, max_examples=80)
START = datetime(2026, 6, 1, 12)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEOPLE = 6
#: Longer than all delays and all patience in a row.
END = START + 400 * DAY
TYPES = ['whatsapp', 'whatsapp', 'email', 'wait', 'condition', 'split']
WORDS = ['yes', 'no', 'tell me more']


@st.composite
def plans(draw):
    """A tree of up to nine steps."""
    activities = []
    for key in range(1, draw(st.integers(1, 9)) + 1):
        parent = draw(st.sampled_from([None, *activities])) if activities else None
        triggers = tree.triggers_after(parent and parent.type)
        activities.append(Activity(
            key, draw(st.integers(1, 3)), parent.key if parent else None, draw(st.sampled_from(TYPES)),
            draw(st.sampled_from([trigger for trigger in triggers if trigger != tree.DATE])),
            delay=draw(st.integers(0, 5)), unit=draw(st.sampled_from(['minutes', 'hours', 'days', 'weeks'])),
            expiry=draw(st.sampled_from([0, 0, 3])), words=draw(st.sampled_from([(), ('yes',)])),
            button=draw(st.sampled_from(['', 'yes'])), share=draw(st.integers(0, 3))))
    return Plan(activities)


class Fate:
    """What becomes of a message to somebody: the same whoever asks."""

    def __init__(self, seed, person, activity, enqueued_at):
        chance = random.Random(f'{seed}/{person}/{activity}')
        self.queued = chance.random() < 0.2
        self.gone_at = enqueued_at + chance.choice([0, 1, 40]) * HOUR
        self.is_lost = chance.random() < 0.2
        self.delivered_at = self._perhaps(chance, self.gone_at)
        self.read_at = self._perhaps(chance, self.delivered_at)
        self.clicked_at = self._perhaps(chance, self.read_at)
        self.reply = Reply(self._perhaps(chance, self.read_at), chance.choice(WORDS), chance.random() < 0.5)

    def _perhaps(self, chance, moment):
        pause = chance.choice([0, 1, 30, 200, 1000]) * HOUR
        return moment + pause if moment and chance.random() < 0.7 else None

    def moments(self):
        moments = (self.gone_at, self.delivered_at, self.read_at, self.clicked_at, self.reply.at)
        return [moment for moment in moments if moment]

    def facts(self, begun_at, now):
        """What is known of it at a moment."""
        if now < self.gone_at:
            return Facts(begun_at, state='queued')
        if self.is_lost:
            return Facts(begun_at, state='failed', failed_at=self.gone_at)
        known = {name: getattr(self, name) for name in ('delivered_at', 'read_at', 'clicked_at')
                 if getattr(self, name) and getattr(self, name) <= now}
        replies = (self.reply,) if self.reply.at and self.reply.at <= now else ()
        return Facts(begun_at, state='accepted', gone_at=self.gone_at, replies=replies, **known)


class Campaign:
    """A storage with one trace for each person and step, and workers that come when something is due."""

    def __init__(self, plan, seed, order):
        self.plan, self.seed, self.order = plan, seed, random.Random(order)
        self.traces, self.fates, self.runs = {}, {}, []
        for person in range(PEOPLE):
            for root in plan.roots():
                self.expect(person, root, START)

    def expect(self, person, activity, due):
        assert (person, activity.key) not in self.traces, 'a step is waited for twice'
        self.traces[person, activity.key] = {'state': 'waiting', 'due': due, 'done_at': None}

    def live(self):
        """Let time pass from one moment at which something may happen to the next."""
        now = START
        while now is not None and now < END:
            self.work(now)
            now = self.next_moment(now)
        self.work(END)

    def next_moment(self, now):
        moments = {trace['due'] for trace in self.traces.values() if trace['state'] == 'waiting'}
        moments |= {moment for fate in self.fates.values() for moment in fate.moments()}
        return min((moment for moment in moments if moment and moment > now), default=None)

    def work(self, now):
        """Whoever is due, in any order; something that happened makes all that wait for its message due."""
        for (person, key), trace in self.traces.items():
            fate = self.fates.get((person, self.plan.by_key[key].parent))
            if fate and now in fate.moments():
                trace['due'] = now
        while due := [pair for pair, trace in self.traces.items()
                      if trace['state'] == 'waiting' and trace['due'] and trace['due'] <= now]:
            self.serve(*self.order.choice(due), now)

    def serve(self, person, key, now):
        trace, activity = self.traces[person, key], self.plan.by_key[key]
        decision = steps.decide(activity, self.facts(person, activity, now), now)
        if decision.action is Action.WAIT:
            assert decision.until is None or decision.until > now, 'it would be due again at once'
            trace['due'] = decision.until
        elif decision.action is Action.SKIP:
            trace['state'] = 'skipped'
        else:
            self.run(person, activity, now)

    def facts(self, person, activity, now):
        before = self.traces.get((person, activity.parent))
        fate = self.fates.get((person, activity.parent))
        begun_at = before['done_at'] if before else START
        return fate.facts(begun_at, now) if fate else Facts(begun_at)

    def run(self, person, activity, now):
        self.runs.append((person, activity.key))
        self.traces[person, activity.key].update(state='done', done_at=now)
        for key in self.plan.excluded(activity):
            if self.traces[person, key]['state'] == 'waiting':
                self.traces[person, key]['state'] = 'skipped'
        if activity.type == 'whatsapp':
            self.fates[person, activity.key] = Fate(self.seed, person, activity.key, now)
        for child in self.plan.following(activity, person, holds=person % 2 == 0):
            self.expect(person, child, now)


def lived(plan, seed, order=0):
    campaign = Campaign(plan, seed, order)
    campaign.live()
    return campaign


def states(campaign):
    return {pair: (trace['state'], trace['done_at']) for pair, trace in campaign.traces.items()}


@SOME
@given(plans(), st.integers(0, 10**6))
def test_nobody_gets_a_step_twice(plan, seed):
    runs = lived(plan, seed).runs

    event(f'{len(runs) // PEOPLE} steps')
    assert len(runs) == len(set(runs))


@SOME
@given(plans(), st.integers(0, 10**6))
def test_nobody_is_lost(plan, seed):
    traces = lived(plan, seed).traces

    assert {trace['state'] for trace in traces.values()} <= {'done', 'skipped'}
    assert {person for person, __ in traces} == set(range(PEOPLE))


@SOME
@given(plans(), st.integers(0, 10**6))
def test_nothing_is_done_before_what_it_follows(plan, seed):
    campaign = lived(plan, seed)

    for person, key in campaign.runs:
        activity = plan.by_key[key]
        if activity.parent:
            before = campaign.traces[person, activity.parent]
            assert before['state'] == 'done'
            assert before['done_at'] <= campaign.traces[person, key]['done_at']


@SOME
@given(plans(), st.integers(0, 10**6))
def test_of_a_step_and_its_opposite_only_one_is_done(plan, seed):
    runs = set(lived(plan, seed).runs)

    for person, key in runs:
        assert not {(person, other) for other in plan.excluded(plan.by_key[key])} & runs


@SOME
@given(plans(), st.integers(0, 10**6), st.integers(1, 10**6))
def test_it_does_not_matter_who_is_served_first(plan, seed, order):
    one, other = lived(plan, seed), lived(plan, seed, order)

    assert set(one.runs) == set(other.runs)
    assert states(one) == states(other)


@pytest.mark.parametrize('seed', range(5))
def test_asking_again_at_the_same_moment_gives_the_same_answer(seed):
    step = Activity(2, parent=1, trigger=tree.NOT_READ, delay=2)
    facts = Fate(seed, 1, 1, START).facts(START, START + 3 * DAY)

    assert steps.decide(step, facts, START + 3 * DAY) == steps.decide(step, facts, START + 3 * DAY)
