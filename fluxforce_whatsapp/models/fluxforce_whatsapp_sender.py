import logging
import time
from datetime import timedelta

from psycopg2 import errors as pg_errors
from psycopg2.extras import execute_values

from odoo import api, fields, models

from ..cloud_api import const as meta
from ..cloud_api.delivery import Access, Job, deliver
from ..cloud_api.errors import ApiError, ErrorKind, NotSentError, SettingsError
from ..cloud_api.payloads import PayloadError, template_message
from ..policy.gate import Action, Reason

_logger = logging.getLogger(__name__)

# Seconds of one round: what a number may send in one is claimed at once.
ROUND_S = 1.0
# Tries for what surely did not reach Meta or what Meta asks to repeat, with 4^n seconds between (Meta's own advice).
MAX_ATTEMPTS = 5
# A claim older than this belongs to a worker that is gone: longer than any call may last. (Our own choice.)
CLAIM_LIFETIME = timedelta(seconds=3 * meta.TOTAL_TIMEOUT_S)
WRITE_TRIES = 5
CONFLICTS = (pg_errors.SerializationFailure, pg_errors.DeadlockDetected, pg_errors.LockNotAvailable)


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
    def _wake(self, at=None):
        """Run the sender soon, or at a moment. Call once per batch."""
        self.env.ref('fluxforce_whatsapp.ir_cron_send').sudo()._trigger(at=at)  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_send(self):
        """Send round after round while something is due and the cron has time."""
        cron = self.env['ir.cron']
        self._settle_abandoned()
        while True:
            started = time.monotonic()
            claimed, full = self._claim_round()
            jobs, accesses = self._prepare_jobs(claimed)
            cron._commit_progress(remaining=int(bool(claimed)))
            if not claimed:
                break
            outcomes = deliver(jobs, accesses)
            self._record(outcomes)
            if cron._commit_progress(len(claimed), remaining=int(self._something_is_due())) <= 0:
                break
            if full:
                # The number's quota of this second is used up; nothing is locked or open meanwhile.
                time.sleep(max(0, ROUND_S - (time.monotonic() - started)))
        self._wake_for_later()

    def _something_is_due(self):
        return bool(self.env['fluxforce.whatsapp.message'].search(
            [('state', '=', 'queued'), *self._due_domain()], limit=1))

    def _due_domain(self):
        return ['|', ('due_at', '=', False), ('due_at', '<=', fields.Datetime.now())]

    def _wake_for_later(self):
        """What waits for its time is sent at its time, not at the next turn of the clock."""
        later = self.env['fluxforce.whatsapp.message'].search(
            [('state', '=', 'queued'), ('due_at', '>', fields.Datetime.now())], order='due_at', limit=1)
        if later:
            self._wake(at=later.due_at)

    def _settle_abandoned(self):
        """Messages a dead worker had in hand: whether they went out is not known, so nobody sends them again."""
        abandoned = self.env['fluxforce.whatsapp.message'].search([
            ('state', '=', 'sending'), ('claimed_at', '<', fields.Datetime.now() - CLAIM_LIFETIME)])
        if abandoned:
            _logger.warning('%s WhatsApp messages were in the hands of a worker that is gone', len(abandoned))
            abandoned.write({'state': 'unknown'})
            abandoned._sync_notifications()
            self.env['ir.cron']._commit_progress(len(abandoned))

    # ------------------------------------------------------------
    # CLAIM
    # ------------------------------------------------------------

    def _claim_round(self):
        """Claim what every number may send in one round.

        :return: the claimed messages, and whether a number used up its quota.
        """
        message_ids, full = [], False
        for number in self._numbers_with_queue():
            quota = number._messages_per_second()
            claimed = self._claim(number, quota)
            message_ids += claimed
            full = full or len(claimed) == quota
        messages = self.env['fluxforce.whatsapp.message'].browse(message_ids)
        messages.invalidate_recordset()
        return messages, full

    def _numbers_with_queue(self):
        return self.env['fluxforce.whatsapp.number'].with_context(active_test=False).search(
            [('id', 'in', self._number_ids_with_queue())])

    def _number_ids_with_queue(self):
        self.env['fluxforce.whatsapp.message'].flush_model(['state', 'number_id'])
        # One look-up in the index per number, whatever the length of the queue.
        self.env.cr.execute("""
            SELECT number.id
              FROM fluxforce_whatsapp_number number
             WHERE EXISTS (SELECT 1 FROM fluxforce_whatsapp_message message
                            WHERE message.number_id = number.id AND message.state = 'queued')
        """)
        return [number_id for number_id, in self.env.cr.fetchall()]

    def _claim(self, number, limit):
        """Take up to ``limit`` due messages of a number; other workers skip them.

        :return: their ids, in the order in which they go.
        """
        self.env['fluxforce.whatsapp.message'].flush_model()
        self.env.cr.execute("""
            WITH due AS (
                SELECT id, priority
                  FROM fluxforce_whatsapp_message
                 WHERE number_id = %(number)s AND state = 'queued' AND (due_at IS NULL OR due_at <= %(now)s)
                 ORDER BY priority, id
                 LIMIT %(limit)s
                   FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE fluxforce_whatsapp_message message
                   SET state = 'sending', attempts = COALESCE(attempts, 0) + 1, claimed_at = %(now)s
                  FROM due WHERE message.id = due.id
             RETURNING message.id
            )
            SELECT due.id FROM due JOIN claimed ON claimed.id = due.id ORDER BY due.priority, due.id
        """, {'number': number.id, 'limit': limit, 'now': fields.Datetime.now()})
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
                message.write(message._prepare_verdict_values(verdict))
                stopped += message
        stopped._sync_notifications()
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
            message._sync_notifications()
            return None
        return Job(message.id, message.account_id.id, message.number_id.phone_number_id, payload)

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    def _record(self, outcomes):
        """Write what came back. Statuses may have come first: a state already further on stays.

        A conflict with a webhook's transaction is tried again, because the calls must not be.
        """
        for attempt in range(1, WRITE_TRIES + 1):
            try:
                self._write_outcomes(outcomes)
                self.env.flush_all()
                return
            except CONFLICTS:
                if attempt == WRITE_TRIES:
                    raise
                _logger.info('Recording %s outcomes met another transaction, trying again', len(outcomes))
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)

    def _write_outcomes(self, outcomes):
        if not outcomes:
            return
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        rows = [self._prepare_outcome_row(message, outcome)
                for message, outcome in zip(messages, outcomes, strict=True)]
        execute_values(self.env.cr._obj, """
            UPDATE fluxforce_whatsapp_message message
               SET state = CASE WHEN message.state = 'sending' THEN new.state ELSE message.state END,
                   wamid = COALESCE(message.wamid, new.wamid), wa_id = COALESCE(NULLIF(new.wa_id, ''), message.wa_id),
                   reason = CASE WHEN message.state = 'sending' THEN new.reason ELSE message.reason END,
                   error_code = CASE WHEN message.state = 'sending' THEN new.error_code ELSE message.error_code END,
                   error_message = CASE WHEN message.state = 'sending' THEN new.error_message
                                        ELSE message.error_message END,
                   due_at = new.due_at, accepted_at = new.accepted_at,
                   failed_at = CASE WHEN message.state = 'sending' THEN new.failed_at ELSE message.failed_at END
              FROM (VALUES %s) AS new(id, state, wamid, wa_id, reason, error_code, error_message, due_at,
                                      accepted_at, failed_at)
             WHERE message.id = new.id
        """, rows, template='(%s, %s, %s, %s, %s, %s::int, %s, %s::timestamp, %s::timestamp, %s::timestamp)')
        messages.invalidate_recordset()
        self._stop_refused_accounts(messages, outcomes)
        messages._sync_notifications()

    def _prepare_outcome_row(self, message, outcome):
        """:return: id, state, wamid, wa_id, reason, error_code, error_message, due_at, accepted_at, failed_at."""
        now = fields.Datetime.now()
        if outcome.result:
            return (message.id, 'accepted', outcome.result.message_id, outcome.result.wa_id, None, None, None, None,
                    now, None)
        state, reason, due_at = self._after_error(outcome.error, message.attempts, now)
        code = outcome.error.code if isinstance(outcome.error, ApiError) else None
        return (message.id, state, None, None, reason, code, str(outcome.error)[:500], due_at, None,
                now if state == 'failed' else None)

    def _after_error(self, error, attempts, now):
        """:return: state, reason and moment of the next try after an error."""
        if isinstance(error, ApiError) and error.kind is ErrorKind.ACCOUNT:
            return 'held', Reason.ACCOUNT_INACTIVE.value, None
        if self._may_be_repeated(error) and attempts < MAX_ATTEMPTS:
            return 'queued', None, now + timedelta(seconds=4 ** attempts)
        if isinstance(error, (ApiError, NotSentError)):
            return 'failed', None, None
        return 'unknown', None, None

    def _may_be_repeated(self, error):
        """:return: whether it surely did not go out and another try may help."""
        if isinstance(error, ApiError):
            return error.kind is ErrorKind.RETRY
        return isinstance(error, NotSentError) and not isinstance(error, SettingsError)

    def _stop_refused_accounts(self, messages, outcomes):
        for message, outcome in zip(messages, outcomes, strict=True):
            if isinstance(outcome.error, ApiError) and outcome.error.kind is ErrorKind.ACCOUNT:
                message.account_id._stop(outcome.error)
