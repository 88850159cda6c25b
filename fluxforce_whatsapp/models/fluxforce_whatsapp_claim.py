import logging
import math
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from odoo import api, models
from odoo.tools import SQL

from ..cloud_api.delivery import Access, Job
from ..cloud_api.outgoing import with_ids
from ..cloud_api.payloads import PayloadError, free_form_message, template_message, text_message
from ..policy.allot import Room, Wish, allot
from ..policy.budget import WINDOW
from ..policy.gate import Action
from ..policy.pace import (
    ALONE,
    COMPANY_S,
    COMPANY_SHARE,
    HEADROOM,
    HORIZON_S,
    IN_COMPANY,
    INVITATION_S,
    SLOW_MARKETING,
    first_slot,
    free_slots,
    slowest,
    throttle_step,
    throttled,
)
from ..policy.purpose import CARE, MARKETING
from ..policy.wait import Wait
from .conflicts import CONFLICTS
from .fluxforce_whatsapp_message import PRIORITY_OF_PURPOSE, WAITING

_logger = logging.getLogger(__name__)

# A claim's first call begins no sooner than the claim is likely to be committed, seconds.
LEAST_LEAD_S, LONGEST_LEAD_S, LEAD_MARGIN = 0.03, 0.4, 1.3
# Calls that each of several numbers may begin at once, at least.
LEAST_SHARE = 50
# Messages looked at for one number at once, at most: where all are to be held, no slot bounds them.
MOST_AT_ONCE = 500
# How many more are looked at when none of the last ones could go.
SWEEP_GROWTH = 4
# An answer that its person may get within so many seconds is stayed for: by itself the scheduler looks once a minute,
# and that is long in a conversation. (Our own choice.)
ANSWER_SOON_S = 15.0


@dataclass
class Tempo:
    """What a run of the sender learns from claim to claim.

    :ivar str name: of this run, unlike any other's on any machine
    :ivar dict sweeps: by number id, how many more messages than slots are looked at
    :ivar float lead: seconds before the first call of a claim: the claim has to be committed by then
    :ivar datetime since: when it began, of the database's clock
    :ivar bool short: whether at the last look more could have gone than it can call at once
    :ivar bool leaving: its time is over, it goes on until another run does
    :ivar dict announced: by number id, when it told the run that sends from there that it wants to join
    """

    name: str = field(default_factory=lambda: secrets.token_hex(8))
    sweeps: dict = field(default_factory=dict)
    lead: float = LEAST_LEAD_S
    since: datetime | None = None
    short: bool = False
    leaving: bool = False
    announced: dict = field(default_factory=dict)

    def learn_lead(self, seconds):
        """Plan the next claim's first call by how long the last claims took, in seconds."""
        self.lead = min(max((self.lead + LEAD_MARGIN * seconds) / 2, LEAST_LEAD_S), LONGEST_LEAD_S)

    def widen(self, number):
        """Where nothing could go the next look is wider, so that holding a whole campaign does not take hours."""
        self.sweeps[number.id] = min(max(self.sweeps.get(number.id, 0), 10) * SWEEP_GROWTH, MOST_AT_ONCE)


@dataclass
class Claim:
    """What a round took.

    :ivar list jobs: to be sent, each at its moment
    :ivar int taken: rows that were touched
    :ivar wait: seconds until a slot is free for what is due, None when nothing is due
    :ivar bool answer_soon: whether, where nothing could be taken, an answer may go in a moment
    :ivar set shared: Meta's ids of numbers that other runs may send from once this claim is committed
    """

    jobs: list = field(default_factory=list)
    taken: int = 0
    wait: float | None = None
    answer_soon: bool = False
    shared: set = field(default_factory=set)

    def add(self, other):
        """Take over what another number's claim took."""
        self.jobs += other.jobs
        self.taken += other.taken
        self.shared |= other.shared
        self.wait = min((wait for wait in (self.wait, other.wait) if wait is not None), default=None)


@dataclass
class Decision:
    """What a claim writes on a message."""

    message_id: int
    state: str
    reason: str | None = None
    detail: str | None = None
    due_at: object = None
    slot: object = None
    error: str | None = None


class FluxforceWhatsappClaim(models.AbstractModel):
    """Takes what is due from the outbox, as much as the pace allows: the first of the four steps of a send.

    Everything of a claim is one short transaction: messages, slots, budget and pairs are written together, so another
    worker sees all of it or nothing. Whoever finds a number's pace locked leaves that number to its holder.
    """

    _name = 'fluxforce.whatsapp.claim'
    _description = 'WhatsApp Claim'

    @api.model
    def _claim_round(self, capacity, tempo):
        """Claim for every number what it may send within the next moment.

        :param int capacity: calls that may be begun now
        :param Tempo tempo: kept by the caller
        :rtype: Claim
        """
        result, asked = Claim(), time.monotonic()
        tempo.since, tempo.short = tempo.since or self._now(), False
        numbers = self._numbers_with_due()
        hands = self.env['fluxforce.whatsapp.pace']._hands(numbers)
        for number in numbers:
            if instead := self._leave_to_other(hands.get(number.id), tempo):
                result.add(instead)
                continue
            # None takes all: a number whose calls hang must leave room for the others.
            share = max(capacity // max(len(numbers), 1), LEAST_SHARE)
            result.add(self._claim_guarded(number, max(min(capacity - len(result.jobs), share), 0), tempo))
        result.answer_soon = not result.taken and self._expects_answer(tempo, asked)
        return result

    def _claim_guarded(self, number, capacity, tempo):
        """One number's trouble is no other's: it is told about, and the others go on."""
        try:
            with self.env.cr.savepoint():
                return self._claim_number(number, capacity, tempo)
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.exception('WhatsApp messages of number %s could not be claimed', number.id)
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'other', number.account_id, number=number, severity='warning', detail=self.env._(
                    'The messages of this number could not be prepared; the server\'s log has the error (%(kind)s).',
                    kind=type(error).__name__))
            return Claim()

    # ------------------------------------------------------------
    # WHAT IS DUE
    # ------------------------------------------------------------

    def _now(self):
        """:return: the database's clock, naive UTC: the one clock all workers share."""
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        return self.env.cr.fetchone()[0]

    def _numbers_with_due(self):
        """:return: numbers that may send and have something due; one look-up in an index each."""
        self.env['fluxforce.whatsapp.message'].flush_model()
        self.env['fluxforce.whatsapp.number'].flush_model()
        self.env.cr.execute(SQL("""
            SELECT number.id FROM fluxforce_whatsapp_number number
             WHERE NOT COALESCE(number.stopped, FALSE)
               AND EXISTS (SELECT 1 FROM fluxforce_whatsapp_message message
                            WHERE message.number_id = number.id AND message.state IN %s
                              AND message.due_at <= clock_timestamp() AT TIME ZONE 'UTC')
             ORDER BY number.id
        """, WAITING))
        return self.env['fluxforce.whatsapp.number'].browse([number_id for number_id, in self.env.cr.fetchall()])

    def _expects_answer(self, tempo, asked):
        """Look for an answer that waits only for its person's time, which comes within ``ANSWER_SOON_S``.

        Answers of a number that another run has in hand are that run's. What has become due since this round began has
        not been looked for yet, so it counts.

        :param float asked: when the round began, of this machine's monotonic clock
        """
        self.env.cr.execute("""
            SELECT EXISTS (
                SELECT 1 FROM (SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now) clock
                  JOIN fluxforce_whatsapp_number number ON NOT COALESCE(number.stopped, FALSE)
                  JOIN fluxforce_whatsapp_pace pace ON pace.number_id = number.id
                  JOIN fluxforce_whatsapp_message message ON message.number_id = number.id
                 WHERE message.state = 'queued' AND message.priority = %s AND message.reason = %s
                   AND message.due_at > clock.now - %s * interval '1 second'
                   AND message.due_at <= clock.now + %s * interval '1 second'
                   AND (COALESCE(pace.worker, %s) = %s OR pace.claimed_at <= clock.now - %s * interval '1 second'))
        """, [PRIORITY_OF_PURPOSE[CARE], Wait.PAIR.value, time.monotonic() - asked, ANSWER_SOON_S, tempo.name,
              tempo.name, COMPANY_S])
        return self.env.cr.fetchone()[0]

    def _select(self, number, lanes, now):
        """Lock the most urgent due messages; those another worker holds are skipped.

        :param list lanes: (priority, how many at most)
        """
        self.env.cr.execute(SQL("""
            SELECT message.id
              FROM (VALUES %s) lane (priority, most)
             CROSS JOIN LATERAL (
                SELECT id, due_at FROM fluxforce_whatsapp_message
                 WHERE number_id = %s AND state IN %s AND priority = lane.priority AND due_at <= %s
                 ORDER BY due_at, id LIMIT lane.most FOR NO KEY UPDATE SKIP LOCKED) message
             ORDER BY lane.priority, message.due_at, message.id
        """, SQL(', ').join(SQL('(%s, %s)', *lane) for lane in lanes), number.id, WAITING, now))
        return self.env['fluxforce.whatsapp.message'].browse([message_id for message_id, in self.env.cr.fetchall()])

    # ------------------------------------------------------------
    # ONE NUMBER
    # ------------------------------------------------------------

    def _claim_number(self, number, capacity, tempo):
        asked = time.monotonic()
        pace = self.env['fluxforce.whatsapp.pace']._lock(number)
        if not pace:
            return Claim(wait=HORIZON_S)
        now, begun = pace['now'], time.monotonic()
        # The database's ``now`` was somewhere in between: by so much a slot may be earlier than we take it for.
        pace['blur'] = begun - asked
        if pace['closed_until'] and now < pace['closed_until'] < now + WINDOW:
            return Claim()
        if instead := self._leave_to_other(pace, tempo) or self._announce(number, pace, tempo):
            return instead
        pace.update(self._prepare_company(pace, tempo))
        room = self._room(number, pace, now, capacity, tempo.lead if pace['leeway'] is IN_COMPANY else LEAST_LEAD_S)
        messages = self._select(number, self._lanes(room, tempo.sweeps.get(number.id, 0)), now) if room.slots else ()
        self._invite(pace, tempo, capacity < room.free and len(messages) >= capacity)
        if not messages:
            return self._share(number, pace, Claim(wait=self._until_slot(number, room, now)))
        claim = self._decide(number, messages, room, pace, begun)
        if claim.jobs:
            tempo.sweeps.pop(number.id, None)
        else:
            tempo.widen(number)
        return self._share(number, pace, claim)

    def _share(self, number, pace, claim):
        """What was planned while this run was alone has to be on time as well from now on. :return: the claim"""
        if pace['leeway'] is IN_COMPANY:
            claim.shared.add(number.phone_number_id)
        return claim

    def _is_in_other_hands(self, pace, tempo):
        """:return: whether another run claimed for this number a moment ago."""
        if not pace['worker'] or pace['worker'] == tempo.name or not pace['claimed_at']:
            return False
        return abs(pace['now'] - pace['claimed_at']) < timedelta(seconds=COMPANY_S)

    def _leave_to_other(self, pace, tempo):
        """A number is in the hands of one run, unless that one asked for help, wants to go or was killed.

        :return: what this run does instead of claiming; None if it claims
        :rtype: Claim | None
        """
        if not pace or not self._is_in_other_hands(pace, tempo):
            return None
        if tempo.leaving:
            return Claim()
        if self._is_invited(pace):
            return None
        if pace['claimed_at'] > tempo.since:
            return Claim()  # that run has seen all that this one was woken for
        return Claim(wait=HORIZON_S / 2)

    def _announce(self, number, pace, tempo):
        """Who was invited waits until the other has claimed once more and knows of it: what that one planned while it
        was alone may be late.

        :return: what this run does instead of claiming; None if it claims
        :rtype: Claim | None
        """
        if not self._is_in_other_hands(pace, tempo):
            return None
        is_known = pace['company_until'] and pace['now'] < pace['company_until']
        announced = tempo.announced.get(number.id) if is_known else None
        if announced and announced < pace['claimed_at']:
            return None
        tempo.announced[number.id] = announced or pace['now']
        self.env['fluxforce.whatsapp.pace']._announce(number, pace['now'] + timedelta(seconds=COMPANY_S))
        return Claim(wait=HORIZON_S / 2)

    def _is_invited(self, pace):
        """:return: whether another run may claim as well; a moment of a clock that stepped back does not count."""
        until = pace['invited_until']
        return bool(until and pace['now'] < until < pace['now'] + 2 * timedelta(seconds=INVITATION_S))

    def _prepare_company(self, pace, tempo):
        """:return: what the pace tells others about this run, and how exact it has to be because of them."""
        until, now = self._company_until(pace, tempo), pace['now']
        in_company = bool(until and now < until < now + 2 * timedelta(seconds=COMPANY_S))
        return {'run': tempo.name, 'company_until': until, 'leeway': IN_COMPANY if in_company else ALONE}

    def _invite(self, pace, tempo, is_short):
        """Let others claim for this number, too, where this run cannot keep up or its time is over."""
        tempo.short |= is_short
        if is_short or tempo.leaving:
            pace['invited_until'] = pace['now'] + timedelta(seconds=INVITATION_S)

    def _company_until(self, pace, tempo):
        """:return: until when another process is taken to send from this number at the same time, or None."""
        if pace['worker'] and pace['worker'] != tempo.name and pace['claimed_at']:
            return max(pace['claimed_at'] + timedelta(seconds=COMPANY_S), pace['company_until'] or pace['claimed_at'])
        return pace['company_until']

    def _until_slot(self, number, room, now):
        """:return: seconds until the number's next slot; a lane without one stays in the table."""
        if room.slots:
            return None
        return max((first_slot(room.next_slot, now, room.rate) - now).total_seconds() - HORIZON_S / 2, 0.05)

    def _room(self, number, pace, now, capacity, lead):
        """:return: what the number may do now, without what depends on the people."""
        step = throttle_step(pace['throttle_step'], pace['throttled_at'], now)
        share = COMPANY_SHARE if pace['leeway'] is IN_COMPANY else 1
        full = throttled(slowest(number._pace_limits(now)).per_second, step)
        rate = full * share
        start = now + timedelta(seconds=lead)
        room = Room(rate=rate, next_slot=max(first_slot(pace['next_slot_at'], now, rate), start), slots=0, budget=None,
                    most=math.ceil(full / HEADROOM - 1e-6))
        # As far beyond the first call as usual, however long the claim takes.
        room.free = free_slots(room.next_slot, now, rate, HORIZON_S + lead)
        room.slots = min(room.free, capacity, MOST_AT_ONCE)
        if number.brake in ('marketing', 'all'):
            room.marketing = 0
        elif number.brake == 'slow':
            room.marketing = free_slots(pace['marketing_slot_at'], now, rate * SLOW_MARKETING)
        warmup = number._warmup_step()
        if warmup:
            room.begun = max(warmup.messages_per_minute - self._begun_lately(number, now), 0)
            room.people = max(warmup.people_per_day - self.env['fluxforce.whatsapp.pair']._count_reached(
                number, now - WINDOW), 0)
        return room

    def _begun_lately(self, number, now):
        """:return: messages of the last minute that were no answers: a number that warms up may send few of them."""
        self.env.cr.execute("""
            SELECT count(*) FROM fluxforce_whatsapp_message
             WHERE number_id = %s AND claimed_at > %s AND purpose IS DISTINCT FROM %s
        """, [number.id, now - timedelta(minutes=1), CARE])
        return self.env.cr.fetchone()[0]

    def _lanes(self, room, more):
        """:return: (priority, how many at most) of each lane that is open."""
        lanes = []
        for purpose, priority in PRIORITY_OF_PURPOSE.items():
            most = room.slots
            if purpose == MARKETING and room.marketing is not None:
                most = min(most, room.marketing)
            if purpose != CARE and room.begun is not None:
                most = min(most, room.begun)
            lanes.append((priority, most and min(most + more, MOST_AT_ONCE)))
        return lanes

    # ------------------------------------------------------------
    # DECIDE
    # ------------------------------------------------------------

    def _decide(self, number, messages, room, pace, begun):
        """Ask the gate, give slots away and write all of it.

        :rtype: Claim
        """
        now, drafts = pace['now'], messages._to_drafts()
        pairs = self.env['fluxforce.whatsapp.pair']._of(number.ids, {draft['phone'] for draft in drafts})
        verdicts = self._judge(drafts, pairs, now)
        decisions, wishes = self._split(messages, verdicts, pairs, now)
        payloads = self._build_payloads(messages.browse([wish.key for wish in wishes]), decisions)
        wishes = [wish for wish in wishes if wish.key in payloads]
        if not self._fill_room(number, room, wishes, pairs, now):
            return Claim(wait=HORIZON_S)
        allotment = allot(wishes, room, now)
        decisions += self._decisions_of(number, allotment, now)
        self._store(number, room, pace, allotment, wishes, decisions, now)
        return Claim(self._jobs(number, allotment, payloads, room, pace, begun), len(decisions), 0.0)

    def _judge(self, drafts, pairs, now):
        """Ask the gate about all; where one of them makes it fail, about each, so that only that one is given up.

        :return: verdicts in the order of the drafts, None for one that cannot be judged
        """
        gate = self.env['fluxforce.whatsapp.gate']
        try:
            return gate._judge(drafts, pairs, now)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            _logger.exception('WhatsApp messages are judged one by one')
        verdicts = []
        for draft in drafts:
            try:
                verdicts += gate._judge([draft], pairs, now)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                verdicts.append(None)
        return verdicts

    def _split(self, messages, verdicts, pairs, now):
        """:return: decisions about what the gate does not allow, and wishes for what it does."""
        decisions, wishes = [], []
        # What Meta takes the template for now counts, not what it was when the message was queued.
        purposes = {template: template._purpose() for template in messages.template_id}
        state_after = self.env['fluxforce.whatsapp.gate']._state_after
        for message, verdict in zip(messages, verdicts, strict=True):
            if verdict is None:
                decisions.append(Decision(message.id, 'failed', error=self.env._('It could not be prepared.')))
            elif verdict.action is Action.ALLOW:
                pair = pairs.get((message.number_id.id, message.phone))
                purpose = purposes[message.template_id] if message.kind == 'template' else CARE
                wishes.append(Wish(message.id, purpose, message.phone, bool(pair and pair.window_open(now))))
            else:
                decisions.append(Decision(
                    message.id, state_after(verdict.action), verdict.reason, verdict.detail or None, verdict.until))
        return decisions, wishes

    def _build_payloads(self, messages, decisions):
        """:return: bodies by message id; what cannot be built becomes a failure and must not keep the others back."""
        payloads, forms = {}, {template.id: template._form() for template in messages.template_id}
        media = self.env['fluxforce.whatsapp.upload']._media_ids(messages)
        for message in messages:
            try:
                payloads[message.id] = self._build_payload(
                    message, forms.get(message.template_id.id), media.get(message.number_id, {}))
            except (PayloadError, LookupError, TypeError, ValueError) as error:
                _logger.warning('WhatsApp message %s cannot be built: %s', message.id, error)
                decisions.append(Decision(message.id, 'failed', error=self._words_of(error, message)))
        return payloads

    def _words_of(self, error, message):
        wording = self.env['fluxforce.whatsapp.wording'].with_context(lang=message.account_id._readers_language())
        return wording._refusal(error)[:500]

    def _build_payload(self, message, form, media):
        """:param dict media: Meta's ids of its files, by checksum"""
        reply_to = message.reply_to or None
        if message.kind == 'text':
            return text_message(message.phone, message.body, message.key, reply_to=reply_to)
        values = with_ids(message.values, media)
        if message.kind != 'template':
            return free_form_message(message.phone, values, message.key, reply_to)
        template = message.template_id
        return template_message(
            message.phone, template.name, template.language, form.parameters(values), message.key)

    def _fill_room(self, number, room, wishes, pairs, now):
        """Add what depends on the people. :return: whether the budget could be locked."""
        portfolio = number.account_id.portfolio_id
        outside = {wish.person for wish in wishes if not wish.in_window}
        room.budget = portfolio._locked_budget(now, len(outside))
        if room.budget is None:
            return False
        room.pairs = {wish.person: pairs[number.id, wish.person].to_pace() for wish in wishes
                      if (number.id, wish.person) in pairs}
        if room.budget.limit is not None:
            room.reached = self.env['fluxforce.whatsapp.reach']._known(portfolio, outside, now)
        room.reached_here = {row.person for row in pairs.values() if row.reached_at and row.reached_at > now - WINDOW}
        return True

    def _decisions_of(self, number, allotment, now):
        decisions = [Decision(key, 'sending', slot=slot) for key, slot in allotment.slots.items()]
        moments = self._moments_of_room(number, allotment, now)
        for key, (reason, until) in allotment.waits.items():
            state = 'queued' if reason == Wait.PAIR.value else 'held'
            decisions.append(Decision(key, state, reason, due_at=until or moments[key]))
        return decisions

    def _moments_of_room(self, number, allotment, now):
        """:return: by message that waits for room, when a person more may be reached."""
        sources = {Wait.BUDGET.value: number.account_id.portfolio_id._room_moments, Wait.WARMUP.value: (
            lambda count, at: self.env['fluxforce.whatsapp.pair']._room_moments(number, count, at))}
        moments = {}
        for wait, source in sources.items():
            keys = [key for key, (reason, __) in allotment.waits.items() if reason == wait]
            moments.update(zip(keys, source(len(keys), now) if keys else (), strict=True))
        return moments

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    def _tell_full(self, number):
        """Once while the alert is open: the limit of people is used up."""
        alert = self.env['fluxforce.whatsapp.alert']
        if not alert._open_one('budget', number.account_id):
            alert._raise_alert('budget', number.account_id)

    def _store(self, number, room, pace, allotment, wishes, decisions, now):
        self._write_decisions(decisions)
        if any(reason == Wait.BUDGET.value for reason, __ in allotment.waits.values()):
            self._tell_full(number)
        outside = {wish.person for wish in wishes if not wish.in_window}
        self.env['fluxforce.whatsapp.pair']._book(number, allotment.pairs, outside, now)
        number.account_id.portfolio_id._charge(allotment.pairs.keys() & outside, now)
        if allotment.slots:
            marketing = sum(wish.purpose == MARKETING for wish in wishes if wish.key in allotment.slots)
            self.env['fluxforce.whatsapp.pace']._store(
                number, allotment.next_slot, self._next_marketing_slot(number, room, pace, marketing, now),
                pace)

    def _next_marketing_slot(self, number, room, pace, count, now):
        """:return: the moment of marketing's own next slot under a light brake, else None."""
        if number.brake != 'slow':
            return None
        rate = room.rate * SLOW_MARKETING
        return first_slot(pace['marketing_slot_at'], now, rate) + timedelta(seconds=count / rate)

    def _write_decisions(self, decisions):
        """Write all decisions in one statement; whoever only looked at the chatter is told afterwards."""
        if not decisions:
            return
        self.env.cr.execute_values("""
            UPDATE fluxforce_whatsapp_message message
               SET state = new.state, reason = new.reason, reason_detail = new.detail, error_message = new.error,
                   due_at = CASE WHEN new.state = 'sending' THEN message.due_at ELSE new.due_at END,
                   claimed_at = COALESCE(new.slot, message.claimed_at),
                   attempts = COALESCE(message.attempts, 0) + (new.state = 'sending')::int,
                   failed_at = CASE WHEN new.state = 'failed' THEN now() AT TIME ZONE 'UTC' END
              FROM (VALUES %s) AS new (id, state, reason, detail, due_at, slot, error)
             WHERE message.id = new.id
        """, [(decision.message_id, decision.state, decision.reason, decision.detail, decision.due_at, decision.slot,
               decision.error) for decision in decisions],
            template='(%s, %s, %s, %s, %s::timestamp, %s::timestamp, %s)', page_size=len(decisions))
        messages = self.env['fluxforce.whatsapp.message'].browse([decision.message_id for decision in decisions])
        messages.invalidate_recordset()
        ended = [decision.message_id for decision in decisions if decision.state not in ('sending', *WAITING)]
        messages.browse(ended)._show_ticks()

    def _jobs(self, number, allotment, payloads, room, pace, begun):
        """:return: the jobs in the order of their moments, on the clock of this machine."""
        account_sudo = number.account_id.sudo()  # sudo: account - the only place where a send reads the token
        access = Access(account_sudo.base_url, account_sudo.api_version, account_sudo.token or '')
        leeway = pace['leeway']
        limits = {'distance': 1 / (room.rate * leeway.catch_up), 'most': room.most, 'slack': leeway.slack,
                  'late': leeway.late - pace['blur']}
        return [Job(key, access, number.phone_number_id, payloads[key],
                    begun + (slot - pace['now']).total_seconds(), claim=slot, **limits)
                for key, slot in sorted(allotment.slots.items(), key=lambda item: item[1])]
