import logging
import time
from datetime import datetime, timedelta, timezone

from odoo import api, fields, models

from ..cloud_api import const as meta
from ..cloud_api.delivery import Access, Job, NotStartedError, deliver
from ..cloud_api.errors import ApiError, ErrorKind, NotSentError, SettingsError
from ..cloud_api.payloads import PayloadError, template_message
from ..policy.gate import Action, Reason
from .conflicts import CONFLICTS, again_on_conflict

_logger = logging.getLogger(__name__)

# Seconds of one round: what a number may send in one is claimed at once.
ROUND_S = 1.0
# Tries for what Meta asks to repeat, with 4^n seconds between (Meta's own advice for the pair rate), and the longest of
# these pauses (our own choice).
MAX_ATTEMPTS = 5
LONGEST_PAUSE_S = 300
# A claim older than this belongs to a worker that is gone: longer than any call may last. (Our own choice.)
CLAIM_LIFETIME = timedelta(seconds=3 * meta.TOTAL_TIMEOUT_S)


class FluxforceWhatsappSender(models.AbstractModel):
    """Takes what is due from the outbox and sends it: claim, commit, call, record.

    The claim is committed before the call and no transaction is open during it. So a killed worker leaves messages in
    the state *sending*, never *queued*: they become *unknown* and are settled by a status that carries their key.
    """

    _name = 'fluxforce.whatsapp.sender'
    _description = 'WhatsApp Sender'

    # ------------------------------------------------------------
    # ROUNDS
    # ------------------------------------------------------------

    @api.model
    def _wake(self):
        """Run the sender soon. Call once per batch."""
        self.env.ref('fluxforce_whatsapp.ir_cron_send').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_send(self):
        """Send round after round while something is due and the cron has time."""
        self._settle_abandoned()
        time_left = 1
        while time_left > 0:
            time_left, more = self._send_round()
            if not more:
                break

    def _send_round(self):
        """Claim, commit, call, record, commit: what the numbers may send now.

        :return: seconds the cron has left, and whether something more is due.
        """
        cron = self.env['ir.cron']
        jobs, accesses, claimed, more = again_on_conflict(self.env, self._claim_and_prepare)
        claimed_at = time.monotonic()
        time_left = cron._commit_progress(remaining=int(bool(claimed or more)))
        if jobs:
            outcomes = deliver(jobs, accesses)
            again_on_conflict(self.env, lambda: self._record(outcomes))
            cron._commit_progress(len(claimed), remaining=int(more))
            self._follow_up(outcomes)
            time_left = cron._commit_progress(remaining=int(more))
        if more:
            # Until the second that was used up is over; nothing is locked or open meanwhile.
            time.sleep(max(0, ROUND_S - (time.monotonic() - claimed_at)))
        return time_left, more

    def _claim_and_prepare(self):
        """:return: the jobs of a round, the accesses they need, the messages claimed, whether more is due."""
        claimed = self._claim_round()
        jobs, accesses = self._prepare_jobs(claimed)
        return jobs, accesses, claimed, bool(self._number_ids_with_due())

    def _settle_abandoned(self):
        """Messages a dead worker had in hand: whether they went out is not known, so nobody sends them again."""
        abandoned = again_on_conflict(self.env, self._mark_abandoned)
        if abandoned:
            _logger.warning('%s WhatsApp messages were in the hands of a worker that is gone', abandoned)
            self.env['ir.cron']._commit_progress(abandoned)

    def _mark_abandoned(self):
        abandoned = self.env['fluxforce.whatsapp.message'].search([
            ('state', '=', 'sending'), ('claimed_at', '<', fields.Datetime.now() - CLAIM_LIFETIME)])
        if abandoned:
            abandoned.write({'state': 'unknown'})
            self._show_ticks(abandoned)
        return len(abandoned)

    # ------------------------------------------------------------
    # CLAIM
    # ------------------------------------------------------------

    def _claim_round(self):
        """:return: the messages claimed for every number within its pace, as few as none."""
        now = self._now()
        message_ids = []
        numbers = self.env['fluxforce.whatsapp.number'].with_context(active_test=False)
        for number in numbers.browse(self._number_ids_with_due()):
            message_ids += self._claim(number, self._free_slots(number, now), now)
        messages = self.env['fluxforce.whatsapp.message'].browse(message_ids)
        messages.invalidate_recordset()
        return messages

    def _now(self):
        """:return: UTC with microseconds: pace needs finer steps than Odoo's seconds."""
        return datetime.now(timezone.utc).replace(tzinfo=None)

    def _number_ids_with_due(self):
        """:return: ids of the numbers with something to send now; one look-up in an index each."""
        self.env['fluxforce.whatsapp.message'].flush_model(['state', 'number_id', 'due_at'])
        self.env.cr.execute("""
            SELECT number.id
              FROM fluxforce_whatsapp_number number
             WHERE EXISTS (SELECT 1 FROM fluxforce_whatsapp_message message
                            WHERE message.number_id = number.id AND message.state = 'queued'
                              AND message.due_at <= %s)
        """, [self._now()])
        return [number_id for number_id, in self.env.cr.fetchall()]

    def _free_slots(self, number, now):
        """:return: how many messages a number may still send in the second that ends now."""
        granted = number._messages_per_second()
        self.env.cr.execute(
            'SELECT count(*) FROM fluxforce_whatsapp_message WHERE number_id = %s AND claimed_at > %s',
            [number.id, now - timedelta(seconds=ROUND_S)])
        taken, = self.env.cr.fetchone()
        return max(0, granted - taken)

    def _claim(self, number, limit, now):
        """Take up to ``limit`` due messages of a number; other workers skip them.

        :return: their ids, in the order in which they go.
        """
        self.env['fluxforce.whatsapp.message'].flush_model()
        self.env.cr.execute("""
            WITH due AS (
                SELECT id, priority, due_at
                  FROM fluxforce_whatsapp_message
                 WHERE number_id = %(number)s AND state = 'queued' AND due_at <= %(now)s
                 ORDER BY priority, due_at, id
                 LIMIT %(limit)s
                   FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE fluxforce_whatsapp_message message
                   SET state = 'sending', attempts = COALESCE(attempts, 0) + 1, claimed_at = %(now)s
                  FROM due WHERE message.id = due.id
             RETURNING message.id
            )
            SELECT due.id FROM due JOIN claimed ON claimed.id = due.id ORDER BY due.priority, due.due_at, due.id
        """, {'number': number.id, 'limit': limit, 'now': now})
        return [message_id for message_id, in self.env.cr.fetchall()]

    # ------------------------------------------------------------
    # GATE AND PAYLOADS
    # ------------------------------------------------------------

    def _prepare_jobs(self, messages):
        """Ask the gate once more and render what it allows.

        :return: the jobs, and the :class:`Access` of each account by id.
        """
        allowed = self._filter_allowed(messages)
        jobs = [job for message in allowed if (job := self._prepare_job(message))]
        accounts = messages.account_id.sudo()  # sudo: account - the only place where a send reads the token
        return jobs, {account.id: Access(account.base_url, account.api_version, account.token or '')
                      for account in accounts}

    def _filter_allowed(self, messages):
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(messages._to_drafts())
        allowed = stopped = messages.browse()
        for message, verdict in zip(messages, verdicts, strict=True):
            if verdict.action is Action.ALLOW:
                allowed += message
            else:
                # Nobody tried to send it, so it is no attempt either.
                message.write({**message._prepare_verdict_values(verdict), 'attempts': message.attempts - 1})
                stopped += message
        self._show_ticks(stopped)
        return allowed

    def _prepare_job(self, message):
        template = message.template_id
        try:
            payload = template_message(
                message.phone, template.name, template.language, template._parameters(message.values or {}),
                message.key)
        except (PayloadError, LookupError, TypeError, ValueError) as error:
            # Whatever is odd about one message, it must not keep the others from going.
            _logger.warning('WhatsApp message %s cannot be built: %s', message.id, error)
            message.write({'state': 'failed', 'error_message': str(error), 'failed_at': fields.Datetime.now()})
            self._show_ticks(message)
            return None
        return Job(message.id, message.account_id.id, message.number_id.phone_number_id, payload)

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    def _record(self, outcomes):
        """Write what came back, and nothing else: whatever fails later must not take the results along.

        Statuses may have come first: a state already further on stays.
        """
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        rows = [self._prepare_outcome_row(message, outcome)
                for message, outcome in zip(messages, outcomes, strict=True)]
        self.env.cr.execute_values("""
            UPDATE fluxforce_whatsapp_message message
               SET state = CASE WHEN new.settles THEN new.state ELSE message.state END,
                   wamid = COALESCE(message.wamid, new.wamid), wa_id = COALESCE(NULLIF(new.wa_id, ''), message.wa_id),
                   reason = CASE WHEN new.settles THEN new.reason ELSE message.reason END,
                   error_code = CASE WHEN new.settles THEN new.error_code ELSE message.error_code END,
                   error_message = CASE WHEN new.settles THEN new.error_message ELSE message.error_message END,
                   failed_at = CASE WHEN new.settles THEN new.failed_at ELSE message.failed_at END,
                   attempts = CASE WHEN new.settles THEN new.attempts ELSE message.attempts END,
                   due_at = COALESCE(new.due_at, message.due_at),
                   accepted_at = COALESCE(new.accepted_at, message.accepted_at)
              FROM (SELECT outcome.*, current.state = 'sending'
                           -- Somebody gave the worker up for dead; the answer is better knowledge.
                           OR (current.state = 'unknown' AND outcome.state = 'accepted') AS settles
                      FROM (VALUES %s) AS outcome(id, state, wamid, wa_id, reason, error_code, error_message, attempts,
                                                  due_at, accepted_at, failed_at)
                      JOIN fluxforce_whatsapp_message current ON current.id = outcome.id) new
             WHERE message.id = new.id
        """, rows, page_size=len(rows),
            template='(%s, %s, %s, %s, %s, %s::int, %s, %s::int, %s::timestamp, %s::timestamp, %s::timestamp)')
        messages.invalidate_recordset()

    def _prepare_outcome_row(self, message, outcome):
        """:return: the columns of the statement in :meth:`_record`, in their order."""
        now = fields.Datetime.now()
        if outcome.result:
            return (message.id, 'accepted', outcome.result.message_id, outcome.result.wa_id, None, None, None,
                    message.attempts, None, now, None)
        error = outcome.error
        state, reason, due_at = self._after_error(error, message.attempts, now)
        code = error.code if isinstance(error, ApiError) else None
        attempts = message.attempts - isinstance(error, NotStartedError)
        return (message.id, state, None, None, reason, code, str(error)[:500], attempts, due_at, None,
                now if state == 'failed' else None)

    def _after_error(self, error, attempts, now):
        """:return: state, reason and moment of the next try after an error."""
        if self._concerns_account(error):
            return 'held', Reason.ACCOUNT_INACTIVE.value, None
        if isinstance(error, NotStartedError):
            return 'queued', None, now
        if self._may_be_repeated(error, attempts):
            return 'queued', None, now + timedelta(seconds=min(4 ** attempts, LONGEST_PAUSE_S))
        return ('failed' if isinstance(error, ApiError) else 'unknown'), None, None

    def _concerns_account(self, error):
        """:return: whether no message of the account can go before somebody mends something."""
        return isinstance(error, SettingsError) or (isinstance(error, ApiError) and error.kind is ErrorKind.ACCOUNT)

    def _may_be_repeated(self, error, attempts):
        """:return: whether it surely did not go out and another try may help.

        What did not reach Meta is tried for as long as the way is cut; what Meta asks to repeat, a few times.
        """
        if isinstance(error, ApiError):
            return error.kind is ErrorKind.RETRY and attempts < MAX_ATTEMPTS
        return isinstance(error, NotSentError)

    # ------------------------------------------------------------
    # FOLLOW UP
    # ------------------------------------------------------------

    def _follow_up(self, outcomes):
        """Stop accounts that Meta refuses and show the ticks; the results are safe already."""
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        again_on_conflict(self.env, lambda: self._guarded(lambda: self._stop_refused_accounts(messages, outcomes)))
        again_on_conflict(self.env, lambda: self._show_ticks(messages))

    def _show_ticks(self, messages):
        if messages:
            self._guarded(messages._sync_notifications)

    def _guarded(self, work):
        """Do what is good to have but must never keep a message from going or its result from being kept."""
        try:
            with self.env.cr.savepoint():
                work()
        except CONFLICTS:
            raise
        except Exception:
            _logger.exception('Something beside the sending of WhatsApp messages failed')

    def _stop_refused_accounts(self, messages, outcomes):
        for message, outcome in zip(messages, outcomes, strict=True):
            if self._concerns_account(outcome.error):
                message.account_id._stop(outcome.error)
