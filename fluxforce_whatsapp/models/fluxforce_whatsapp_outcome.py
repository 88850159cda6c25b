import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..cloud_api import const as meta
from ..cloud_api.delivery import NotStartedError
from ..cloud_api.errors import ApiError, NotSentError, OutcomeUnknownError, SettingsError
from ..policy import purpose
from ..policy.brake import ALL, MARKETING, PLAYBOOK, Brake
from ..policy.gate import Reason
from ..policy.pace import LATELY_CALLS, LATELY_S, MAX_THROTTLE_STEP, Answers, is_outage, throttle_step
from ..policy.playbook import Action, Instruction, hold_delay, pair_delay, retry_delay
from ..policy.wait import Wait
from .conflicts import again_on_conflict, beside

# How often in a row Meta may ask for a gap before marketing to a person has failed. (Our own choice.)
MAX_HOLDS = 3
# What stops a whole account or number, not this message: it goes back as if nobody had tried.
STOPPING = (Action.PAUSE_ACCOUNT, Action.NEW_TOKEN, Action.PAUSE_NUMBER)

# A token or an address that can make no call at all.
OUR_SETTINGS = Instruction(code=0, action=Action.PAUSE_ACCOUNT)


class FluxforceWhatsappOutcome(models.AbstractModel):
    """Writes what came back from Meta, and does what the playbook says about errors: the last step of a send."""

    _name = 'fluxforce.whatsapp.outcome'
    _description = 'WhatsApp Send Outcome'

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    @api.model
    def _record(self, outcomes, wait=False):
        """Write what came back, and nothing else: whatever fails later must not take the results along.

        Statuses may have come first: a state already further on stays.

        :param list outcomes: :class:`cloud_api.delivery.Outcome` objects
        :param bool wait: for rows that somebody else is writing at this moment
        :return: the outcomes of such rows if they were not waited for; they are not written
        """
        locked = self._lock_rows(outcomes, wait)
        taken = self._without_foreign_ids([outcome for outcome in outcomes if outcome.message_id in locked])
        if taken:
            self._write_outcomes(taken)
        return [] if wait else [outcome for outcome in outcomes if outcome.message_id not in locked]

    def _lock_rows(self, outcomes, wait):
        """A status that is being applied must neither be waited for nor be run into. :return: ids of the rows held."""
        self.env.cr.execute(SQL(
            'SELECT id FROM fluxforce_whatsapp_message WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE %s',
            [outcome.message_id for outcome in outcomes], SQL('' if wait else 'SKIP LOCKED')))
        return {message_id for message_id, in self.env.cr.fetchall()}

    def _write_outcomes(self, outcomes):
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        instructions = self._instructions(outcomes)
        now = self.env['fluxforce.whatsapp.claim']._now()
        down = self._numbers_down(messages, outcomes, instructions, now)
        rows = [self._prepare_row(message, outcome, instructions.get(message.id), now, down)
                for message, outcome in zip(messages, outcomes, strict=True)]
        self._write_rows(rows)
        messages.invalidate_recordset()

    def _numbers_down(self, messages, outcomes, instructions, now):
        """:return: numbers for which Meta is out of order: their messages are not to blame, so no try is counted."""
        if not instructions:
            return self.env['fluxforce.whatsapp.number']
        answers = self._answers(messages, outcomes, instructions, now)
        return messages.number_id.filtered(lambda number: is_outage(answers[number], self._step(number, now)))

    def _without_foreign_ids(self, outcomes):
        """An answer with the id of another message tells nothing about ours: its outcome is unknown.

        :return: the outcomes, in their order
        """
        ids = [outcome.result.message_id for outcome in outcomes if outcome.result]
        if not ids:
            return outcomes
        self.env.cr.execute('SELECT wamid, id FROM fluxforce_whatsapp_message WHERE wamid = ANY(%s)', [ids])
        owners = dict(self.env.cr.fetchall())
        return [self._unless_foreign(outcome, owners) for outcome in outcomes]

    def _unless_foreign(self, outcome, owners):
        wamid = outcome.result and outcome.result.message_id
        if not wamid or owners.setdefault(wamid, outcome.message_id) == outcome.message_id:
            return outcome
        return replace(outcome, result=None, error=OutcomeUnknownError(
            'Meta answered with the id of another message.'))

    def _instructions(self, outcomes):
        """:return: what the playbook says about Meta's refusals, by message id."""
        refused = [outcome for outcome in outcomes if isinstance(outcome.error, ApiError)]
        if not refused:
            return {}
        playbook = self.env['fluxforce.whatsapp.error']._instructions_for([outcome.error for outcome in refused])
        return {outcome.message_id: instruction for outcome, instruction in zip(refused, playbook, strict=True)}

    def _write_rows(self, rows):
        self.env.cr.execute_values("""
            UPDATE fluxforce_whatsapp_message message
               SET state = CASE WHEN new.settles THEN new.state ELSE message.state END,
                   wamid = COALESCE(message.wamid, new.wamid), wa_id = COALESCE(NULLIF(new.wa_id, ''), message.wa_id),
                   held_by_meta = new.held_by_meta AND new.settles,
                   reason = CASE WHEN new.settles THEN new.reason ELSE message.reason END,
                   error_code = CASE WHEN new.settles THEN new.error_code ELSE message.error_code END,
                   error_message = CASE WHEN new.settles THEN new.error_message ELSE message.error_message END,
                   failed_at = CASE WHEN new.settles AND new.state = 'failed' THEN new.at ELSE message.failed_at END,
                   unknown_at = CASE WHEN new.settles AND new.state = 'unknown' THEN new.at ELSE message.unknown_at END,
                   attempts = message.attempts - CASE WHEN new.settles THEN new.uncounted ELSE 0 END,
                   due_at = CASE WHEN new.settles THEN COALESCE(new.due_at, message.due_at) ELSE message.due_at END,
                   accepted_at = CASE WHEN new.wamid IS NOT NULL THEN COALESCE(message.accepted_at, new.at)
                                      ELSE message.accepted_at END
              FROM (SELECT outcome.*, (current.state = 'sending'
                            -- Of this claim: another worker may hold the row by now.
                            AND COALESCE(outcome.claim, current.claimed_at) = current.claimed_at)
                           -- Somebody gave the worker up for dead; the answer is better knowledge.
                           OR (current.state = 'unknown' AND outcome.state IN ('accepted', 'failed')) AS settles
                      FROM (VALUES %s) AS outcome (id, claim, state, at, wamid, wa_id, held_by_meta, reason,
                                                   error_code, error_message, uncounted, due_at)
                      JOIN fluxforce_whatsapp_message current ON current.id = outcome.id) new
             WHERE message.id = new.id
        """, rows, template='(%s, %s::timestamp, %s, %s::timestamp, %s, %s, %s, %s, %s::int, %s, %s, %s::timestamp)',
            page_size=max(len(rows), 1))

    def _prepare_row(self, message, outcome, instruction, now, down):
        """:param down: numbers for which Meta is out of order.
        :return: the columns of the statement in :meth:`_write_rows`, in their order."""
        if outcome.result:
            held = outcome.result.message_status == meta.MESSAGE_STATUS_HELD
            result = outcome.result
            return (message.id, outcome.claim, 'accepted', now, result.message_id, result.wa_id, held, None, None, None,
                    0, None)
        state, reason, due_at, uncounted = self._after_error(
            message, outcome.error, instruction, now, message.number_id in down)
        code = outcome.error.code if isinstance(outcome.error, ApiError) else None
        words = ''.join(char if char.isprintable() else ' ' for char in str(outcome.error))[:500]
        return (message.id, outcome.claim, state, now, None, None, False, reason, code, words, uncounted, due_at)

    # ------------------------------------------------------------
    # WHAT AN ERROR MEANS FOR ITS MESSAGE
    # ------------------------------------------------------------

    def _after_error(self, message, error, instruction, now, is_down):
        """:return: state, reason, moment of the next try, and 1 if this was no try of the message itself."""
        if instruction:
            return self._after_refusal(message, instruction, now, is_down)
        if isinstance(error, (SettingsError, NotStartedError)):
            return 'queued', None, now, 1
        if isinstance(error, NotSentError):
            # What did not reach Meta is tried for as long as the way is cut; the message's own expiry ends it.
            return 'queued', Wait.RETRY.value, self._later(now, retry_delay(message.attempts, random)), 0
        return 'unknown', None, None, 0

    def _after_refusal(self, message, instruction, now, is_down):
        action, attempts = instruction.action, message.attempts
        if action in STOPPING:
            return 'queued', None, now, 1
        if action is Action.BRAKE and message._present_purpose() == purpose.MARKETING:
            return 'queued', None, now, 1  # Meta did not take it; the brake holds it, and it holds marketing only
        if action is Action.SLOW:
            return 'queued', Wait.TOO_FAST.value, self._later(now, retry_delay(1, random)), 1
        if action is Action.RETRY and (is_down or attempts < instruction.max_attempts):
            return 'queued', Wait.RETRY.value, self._later(now, retry_delay(attempts, random)), int(is_down)
        if action is Action.PAIR and attempts < instruction.max_attempts:
            return 'queued', Wait.PAIR.value, self._later(now, pair_delay(attempts - 1)), 0
        if action is Action.HOLD and attempts <= MAX_HOLDS:
            return 'held', Reason.MARKETING_GAP.value, now + hold_delay(instruction.hold_hours, attempts - 1), 0
        return 'failed', None, None, 0

    def _later(self, now, seconds):
        return now + timedelta(seconds=seconds)

    # ------------------------------------------------------------
    # WHAT IT MEANS FOR EVERYTHING ELSE
    # ------------------------------------------------------------

    @api.model
    def _follow_up(self, outcomes):
        """Slow down, stop, spare people and show the ticks; the results are safe already."""
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        works = [lambda: self._heed_results(messages, outcomes)]
        if any(outcome.error for outcome in outcomes):
            works += self._works_after_errors(messages, outcomes)
        for work in works:
            # Each for itself: what one runs into must not undo the others.
            again_on_conflict(self.env, lambda work=work: self._beside(work))
            self.env['ir.cron']._commit_progress(remaining=1)

    @api.model
    def _halted_ids(self, outcomes):
        """:return: Meta's ids of the numbers that must not go on as planned: stopped ones, those of an outage."""
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        now = self.env['fluxforce.whatsapp.claim']._now()
        return {number.phone_number_id for number in messages.number_id
                if number.stopped or self._has_just_braked(number, now)
                or self._step(number, now) == MAX_THROTTLE_STEP}

    def _has_just_braked(self, number, now):
        """:return: whether something may still be planned that was claimed before the brake."""
        return number.brake in (MARKETING, ALL) and (number.braked_at or now) > now - timedelta(seconds=LATELY_S)

    def _beside(self, work):
        """Do what must never keep a message from going or its result from being kept."""
        beside(self.env, work, 'Something beside the sending of WhatsApp messages failed')

    def _heed_results(self, messages, outcomes):
        """By SQL: of most messages nothing is to be done, and this is asked after every round."""
        messages.flush_recordset()
        self.env.cr.execute("""
            SELECT id, number_id, phone, wa_id, mail_message_id FROM fluxforce_whatsapp_message
             WHERE id = ANY(%s) AND (mail_message_id IS NOT NULL
                                     OR (wa_id != '' AND phone IS DISTINCT FROM '+' || wa_id))
             ORDER BY id
        """, [messages.ids])
        rows = self.env.cr.fetchall()
        # WhatsApp's form of a number may differ from the dialled one; who answers is known by it.
        self.env['fluxforce.whatsapp.pair']._learn_wa_ids([
            (number_id, phone, wa_id) for __, number_id, phone, wa_id, __ in rows if wa_id and phone != f'+{wa_id}'])
        self._heed_usage(outcomes)
        messages.browse([message_id for message_id, *__, mail_id in rows if mail_id])._show_ticks()

    def _heed_usage(self, outcomes):
        """Meta tells how much of its hourly limits is used: slow down before it refuses."""
        high = {}
        for outcome in outcomes:
            usage = getattr(outcome.result or outcome.error, 'usage', None)
            if usage and usage.percent >= meta.USAGE_SLOW_PERCENT:
                high[outcome.message_id] = usage
        for message in self.env['fluxforce.whatsapp.message'].browse(high):
            self._heed_high_usage(message.number_id, high[message.id])

    def _heed_high_usage(self, number, usage):
        now = self.env['fluxforce.whatsapp.claim']._now()
        pace = self.env['fluxforce.whatsapp.pace']
        if usage.percent >= meta.USAGE_STOP_PERCENT:
            until = now + timedelta(seconds=max(usage.regain_seconds, meta.USAGE_REGAIN_LEAST_S))
            pace._close(number.account_id.number_ids.ids, until)
        else:
            pace._tighten(number.id, now, Answers(1, too_fast=1))

    def _works_after_errors(self, messages, outcomes):
        """:return: functions, the most urgent first."""
        instructions = self._instructions(outcomes)
        return [
            lambda: self._heed_refusals(messages, outcomes),
            lambda: self._throttle(messages, outcomes, instructions),
            lambda: self._block_pairs(messages, outcomes),
        ]

    def _heed_refusals(self, messages, outcomes):
        refused = [(message, outcome.error) for message, outcome in zip(messages, outcomes, strict=True)
                   if isinstance(outcome.error, (ApiError, SettingsError))]
        self._heed_cases([message for message, __ in refused], [error for __, error in refused])

    def _heed_cases(self, messages, errors):
        by_action = defaultdict(list)
        for message, error, instruction in zip(messages, errors, self._instructions_for(errors), strict=True):
            by_action[instruction.action].append((message, error))
            if not instruction.known:
                self._tell_unknown(message, error)
        # What stops an account or a number comes first, and one action's trouble is not the others'.
        for action in sorted(by_action, key=lambda action: action not in STOPPING):
            heed = getattr(self, f'_heed_{action.value}', None)
            if heed:
                self._beside(lambda heed=heed, cases=by_action[action]: heed(cases))

    def _instructions_for(self, errors):
        """:return: what to do about each; what is wrong with our own settings stops the account."""
        playbook = self.env['fluxforce.whatsapp.error']
        known = iter(playbook._instructions_for([error for error in errors if isinstance(error, ApiError)]))
        return [next(known) if isinstance(error, ApiError) else OUR_SETTINGS for error in errors]

    @api.model
    def _heed_reported(self, messages):
        """The same for failures that come by webhook, after Meta had accepted: these are never sent again by us.

        :param messages: those that have just failed
        """
        if messages:
            errors = [ApiError(message.error_code, message.error_message or '') for message in messages]
            self._beside(lambda: self._heed_cases(messages, errors))

    def _tell_unknown(self, message, error):
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'unknown_error', message.account_id, number=message.number_id, detail=str(error)[:500])

    def _throttle(self, messages, outcomes, instructions):
        """Halve the pace of a number after "too fast"; go down to a trickle where Meta is out of order."""
        now = self.env['fluxforce.whatsapp.claim']._now()
        for number, answers in self._answers(messages, outcomes, instructions, now).items():
            self.env['fluxforce.whatsapp.pace']._tighten(number.id, now, answers)

    def _answers(self, messages, outcomes, instructions, now):
        """A batch is a handful of calls: alone it would take a number that loses one now and then for one without Meta.

        :return: :class:`Answers` by number: of this batch and, where some of it did not get through, of those before
        """
        result = defaultdict(Answers)
        for message, outcome in zip(messages, outcomes, strict=True):
            instruction = instructions.get(message.id)
            answers = result[message.number_id]
            answers.total += not isinstance(outcome.error, NotStartedError)
            answers.passing += self._is_passing(outcome, instruction)
            answers.too_fast += bool(instruction and instruction.action is Action.SLOW)
        for number, answers in result.items():
            if answers.passing:
                total, passing = self._count_before(number, messages, now)
                answers.total += total
                answers.passing += passing
        return result

    def _is_passing(self, outcome, instruction):
        """:return: whether it asks to come back later, or never got there."""
        # A silent Meta and one that answers rubbish are out of order as well.
        is_cut = isinstance(outcome.error, (NotSentError, OutcomeUnknownError)) and not isinstance(
            outcome.error, (SettingsError, NotStartedError))
        return is_cut or bool(instruction and instruction.action is Action.RETRY)

    def _step(self, number, now):
        pace = self.env['fluxforce.whatsapp.pace']._read(number).get(number.id, {})
        return throttle_step(pace.get('throttle_step'), pace.get('throttled_at'), now)

    def _count_before(self, number, messages, now):
        """What counts is when a call ended: one that runs into its time-out began long before. What goes back untouched
        was none.

        :return: how many of the calls before these have ended, and how many of them asked to come back later
        """
        self.env.cr.execute("""
            WITH ended AS (
                (SELECT claimed_at AS at, reason IS NOT DISTINCT FROM %(retry)s AS passing
                   FROM fluxforce_whatsapp_message
                  WHERE number_id = %(number)s AND claimed_at > %(since)s AND id != ALL(%(these)s)
                    AND state NOT IN ('sending', 'unknown') AND (state != 'queued' OR reason IS NOT NULL)
                  ORDER BY claimed_at DESC LIMIT %(calls)s)
                UNION ALL
                (SELECT unknown_at, true FROM fluxforce_whatsapp_message
                  WHERE number_id = %(number)s AND state = 'unknown' AND unknown_at > %(since)s AND id != ALL(%(these)s)
                  ORDER BY unknown_at DESC LIMIT %(calls)s)
            ), latest AS (SELECT passing FROM ended ORDER BY at DESC LIMIT %(calls)s)
            SELECT count(*), count(*) FILTER (WHERE passing) FROM latest
        """, {'retry': Wait.RETRY.value, 'number': number.id, 'these': messages.ids, 'calls': LATELY_CALLS,
              'since': now - timedelta(seconds=LATELY_S)})
        return self.env.cr.fetchone()

    def _block_pairs(self, messages, outcomes):
        """What Meta did not take used up nothing; what waits keeps its place, no other message overtakes it."""
        self.env['fluxforce.whatsapp.pair']._unbook([
            (message.number_id.id, message.phone) for message, outcome in zip(messages, outcomes, strict=True)
            if isinstance(outcome.error, (ApiError, NotSentError))])
        self.env['fluxforce.whatsapp.pair']._block([
            (message.number_id.id, message.phone, message.due_at)
            for message, outcome in zip(messages, outcomes, strict=True)
            if outcome.error and message.state == 'queued' and message.reason])

    # --- One method per action of the playbook that reaches further than its message -------------------------

    def _heed_pause_account(self, cases):
        for message, error in cases:
            message.account_id._stop(error)

    _heed_new_token = _heed_pause_account

    def _heed_pause_number(self, cases):
        for message, error in cases:
            message.number_id._stop(error)

    def _heed_brake(self, cases):
        """The playbook says so, whatever the rules of the brake would."""
        numbers = self._numbers_of(cases)
        numbers._evaluate_brake()
        numbers._apply_brake(Brake(MARKETING, PLAYBOOK))

    def _numbers_of(self, cases):
        return self.env['fluxforce.whatsapp.number'].concat(*[message.number_id for message, __ in cases])

    def _heed_fail(self, cases):
        """Refusals of people and of Meta's care for them may add up to a reason to brake."""
        self._numbers_of(cases)._evaluate_brake()

    def _heed_hold(self, cases):
        """Meta spares this person: no marketing at all before the gap is over."""
        self.env['fluxforce.whatsapp.pair']._hold_marketing([
            (message.number_id.id, message.phone, self._end_of_gap(message)) for message, __ in cases])
        self._numbers_of(cases)._evaluate_brake()

    def _end_of_gap(self, message):
        """:return: when marketing to the person may go on; a message Meta had accepted first carries no moment."""
        if message.state == 'held':
            return message.due_at
        hours = self.env['fluxforce.whatsapp.error']._instructions([message.error_code])[message.error_code].hold_hours
        pair = self.env['fluxforce.whatsapp.pair']._of([message.number_id.id], [message.phone])
        row = pair.get((message.number_id.id, message.phone))
        return fields.Datetime.now() + hold_delay(hours, row.marketing_holds or 0 if row else 0)

    def _heed_suppress(self, cases):
        """The person has stopped marketing at WhatsApp: so it stands in our ledger, too."""
        for message, error in cases:
            self.env['fluxforce.whatsapp.consent']._withdraw_for(message, error.info.title)
        self._numbers_of(cases)._evaluate_brake()

    def _heed_pause_template(self, cases):
        for message, error in cases:
            message.template_id._stop(error)
        self._numbers_of(cases)._evaluate_brake()

    def _heed_sync_template(self, cases):
        self.env['fluxforce.whatsapp.template'].concat(
            *[message.template_id for message, __ in cases])._ask_for_sync()
