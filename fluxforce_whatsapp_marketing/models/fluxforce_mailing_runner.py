import logging
from collections import deque
from datetime import timedelta

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every
from odoo.tools.constants import PREFETCH_MAX

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import WAITING

from ..flow import canary
from .fluxforce_launch_mixin import NeedsApproval
from .mailing_mailing import HALTED, SENDING, WHATSAPP

_logger = logging.getLogger(__name__)

# Recipients prepared in one transaction: as many as the ORM prefetches.
BATCH = PREFETCH_MAX
# Who has no trace yet: its id, and the message that a new one takes the place of.
NEW = (None, None)
# Recipients added by one statement.
ENROL_BATCH = 10_000
# Messages a stop takes back, or a resume lets go, in one transaction.
RELEASE_BATCH = 2_000
# Recipients of a finished mailing are brought up to date so often and for so long. (Our own choice.)
FOLLOW_AGAIN = timedelta(hours=1)
FOLLOW_SPAN = timedelta(days=30)
# Messages that wait for an event may keep the first people from having gone: looked at again so often.
LOOK_AGAIN = timedelta(minutes=10)
# A mailing that another worker has is looked at again after so long. (Our own choice.)
LOCKED_AGAIN = timedelta(seconds=20)
# The two scheduled actions that work off the same mailings.
ACTIONS = ('fluxforce_whatsapp_marketing.ir_cron_mailings', 'fluxforce_whatsapp_marketing.ir_cron_mailings_more')


class MetEverybody(UserError):
    """Not one recipient of a batch could be prepared, all for the same reason."""


class FluxforceMailingRunner(models.AbstractModel):
    """Serves one batch of a WhatsApp mailing: enrol the recipients, prepare who is due, decide, finish or take back.

    A batch is one transaction. It holds the mailing's row so that the buttons wait for its end. Several workers prepare
    the recipients of one mailing, none of them the same; everything else is done by one that has the mailing to itself.
    A recipient's mark and its message are written together, so nobody gets a message twice and nobody is forgotten.
    """

    _name = 'fluxforce.mailing.runner'
    _description = 'WhatsApp Mailing Runner'

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    @api.model
    def _work_off(self):
        """Serve the mailings in turn, a batch each, while there is work and the cron has time."""
        queue = deque(self._ids_with_work())
        while queue:
            mailing = self.env['mailing.mailing'].browse(queue.popleft())
            processed = self._run_batch(mailing)
            left = len(queue) + bool(processed)
            if processed >= BATCH:
                self.env['fluxforce.campaign.runner']._wake_helper(ACTIONS)
            if self.env['ir.cron']._commit_progress(processed, remaining=left) <= 0:
                return
            if processed:
                queue.append(mailing.id)
        self._pick_winners()

    def _ids_with_work(self):
        """:return: ids of mailings that begin, go on, are to be taken back or followed."""
        now = fields.Datetime.now()
        begun = Domain('state', '=', 'in_queue') & (
            Domain('schedule_date', '=', False) | Domain('schedule_date', '<=', now))
        ended = Domain('state', 'in', ('paused', 'stopped', 'done')) & Domain(
            'whatsapp_started_at', '>', now - FOLLOW_SPAN) & (
            Domain('whatsapp_followed_at', '=', False) | Domain('whatsapp_followed_at', '<', now - FOLLOW_AGAIN))
        work = begun | Domain('state', '=', 'sending') | ended
        mailings = self.env['mailing.mailing'].with_context(active_test=False).search(
            Domain('mailing_type', '=', WHATSAPP) & work, order='id')
        return (mailings | self._left_behind()).ids

    def _left_behind(self):
        """:return: stopped mailings with messages to take back, and held ones with people who have no trace."""
        messages, batches = self.env['fluxforce.whatsapp.message'], self.env['fluxforce.mailing.batch']
        groups = [
            *messages._read_group([('mailing_id.state', '=', 'stopped'), ('state', 'in', WAITING)], ['mailing_id']),
            *batches._read_group([('mailing_id.state', 'in', HALTED)], ['mailing_id'])]
        return self.env['mailing.mailing'].union(*[mailing for mailing, in groups])

    @api.model
    def _run_batch(self, mailing):
        """Serve one batch. A mailing that cannot be served is paused with the reason; the others go on.

        :return: how many were served; 0 when there is nothing left to do now.
        """
        try:
            processed = self._serve_or_halt(mailing)
            self.env.flush_all()
            return processed
        except CONFLICTS:
            # Others are faster again and again, or have halted it: the next run sees what they did.
            _logger.info('Mailing %s met other transactions, it goes on in the next run', mailing.id)
            self.env.cr.rollback()
        return 0

    def _serve_or_halt(self, mailing):
        try:
            return again_on_conflict(self.env, lambda: self._serve_guarded(mailing))
        except CONFLICTS:
            raise
        except MetEverybody as error:
            _logger.warning('Mailing %s was paused', mailing.id, exc_info=True)
            self.env.invalidate_all()
            mailing.whatsapp_met_everybody = True
            mailing._halt(str(error))
        except NeedsApproval as error:
            self.env.invalidate_all()
            mailing._stop_for_approval(self._describe(error))
        except Exception as error:
            _logger.warning('Mailing %s was paused', mailing.id, exc_info=True)
            self.env.invalidate_all()
            mailing._halt(self._describe(error))
        return 0

    def _serve_guarded(self, mailing):
        with self.env.cr.savepoint():
            return self._serve_beside(mailing) or self._serve(mailing)

    def _serve_beside(self, mailing):
        """Prepare recipients while other workers may prepare others. :return: how many were served."""
        if mailing.ab_testing_enabled or not self._hold(mailing):
            return 0
        return self._let_go(mailing) or self._prepare(mailing)

    def _hold(self, mailing):
        """Let the buttons wait for the end of the batch; workers that prepare need not.

        :return: whether it goes on.
        """
        self.env.cr.execute(
            "SELECT 1 FROM mailing_mailing WHERE id = %s AND state = 'sending' FOR SHARE SKIP LOCKED", [mailing.id],
            log_exceptions=False)
        return bool(self.env.cr.fetchone())

    def _serve(self, mailing):
        if not self._lock(mailing):
            # Two that have nothing left to prepare may keep each other from what comes next.
            self.env['fluxforce.campaign']._wake_later(LOCKED_AGAIN, ACTIONS[0])
            return 0
        if mailing.state == 'in_queue':
            self._begin(mailing)
        if mailing.state == 'stopped':
            return self._trace_rest(mailing) or self._take_back(mailing) or self._follow(mailing)
        if mailing.state != 'sending':
            return self._trace_rest(mailing) or self._follow(mailing)
        return (self._enrol(mailing) or self._let_go(mailing) or self._prepare(mailing) or self._advance(mailing)
                or self._finish(mailing))

    def _trace_rest(self, mailing):
        """Let people see who is left of a mailing that is held. :return: how many batches they were"""
        count = self.env['fluxforce.mailing.batch']._trace_next(mailing, ENROL_BATCH // BATCH)
        if count and mailing.state == 'stopped':
            self.env['mailing.trace']._give_up(mailing)
        return count

    def _lock(self, mailing):
        """Have a mailing to oneself, and the versions of a test together: two of them could write to the same number.

        :return: whether nobody else has it.
        """
        together = mailing | self._versions(mailing)
        return together.try_lock_for_update(allow_referencing=True) == together

    def _versions(self, mailing):
        return mailing._get_ab_testing_siblings_mailings() if mailing.ab_testing_enabled else mailing

    def _describe(self, error):
        """:return: an error in words for the user; the log has the rest."""
        text = str(error) if isinstance(error, UserError | ValueError) else f'{type(error).__name__}: {error}'
        return text[:500]

    def _follow(self, mailing):
        self.env['mailing.trace']._follow(mailing)
        return 0

    # ------------------------------------------------------------
    # BEGIN
    # ------------------------------------------------------------

    def _begin(self, mailing):
        """What was true at the launch need not be true at the planned moment."""
        mailing._check_whatsapp_ready()
        mailing._check_unchanged()
        mailing.write({'state': SENDING, 'whatsapp_started_at': fields.Datetime.now(), 'whatsapp_problem': False})

    def _enrol(self, mailing):
        """Take the recipients as they are now, in one transaction; nobody is added later.

        :return: how many were added.
        """
        if mailing.whatsapp_enrolled_at:
            return 0
        ids = mailing._whatsapp_chosen()
        mailing._check_grown(len(ids))
        begins_slowly = mailing._has_canary(len(ids))
        if begins_slowly or mailing.ab_testing_enabled:
            self._trace_all(mailing, ids)  # who is first, or gets which version, is chosen among all of them
        else:
            self.env['fluxforce.mailing.batch']._fill(mailing, ids, BATCH)
        mailing.write({'whatsapp_enrolled_at': fields.Datetime.now(), 'whatsapp_phase': 'rest'})
        if begins_slowly:
            self._next_slice(mailing)
        return len(ids)

    def _trace_all(self, mailing, ids):
        for batch in split_every(ENROL_BATCH, ids, list):
            self.env['mailing.trace']._enrol(mailing, batch)

    def _next_slice(self, mailing):
        mailing.write({'whatsapp_phase': 'slice', 'whatsapp_wave': mailing.whatsapp_wave + 1,
                       'whatsapp_gone_at': False, 'whatsapp_decide_at': False})
        if not self.env['mailing.trace']._choose_first(mailing, mailing.whatsapp_canary_size):
            mailing.whatsapp_phase = 'rest'

    # ------------------------------------------------------------
    # PREPARE
    # ------------------------------------------------------------

    def _prepare(self, mailing):
        """Put the next recipients' messages into the outbox.

        :return: how many were served.
        """
        if mailing.whatsapp_phase == 'wait':
            return 0
        due = self.env['mailing.trace']._next_due(mailing, BATCH) or dict.fromkeys(
            self.env['fluxforce.mailing.batch']._take(mailing), NEW)
        if not due:
            return 0
        self._queue(mailing, due)
        return len(due)

    def _mark(self, mailing, due, outcomes):
        """Keep what became of a batch.

        :return: the outcomes
        :raise ConcurrencyError: another worker was faster with one of the numbers
        """
        traces, told, new = self.env['mailing.trace'], [], []
        for res_id, (trace_id, __) in due.items():
            (told if trace_id else new).append((trace_id or res_id, *outcomes[res_id]))
        try:
            traces._mark(told)
            traces._add(mailing, new)
        except errors.UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
        return outcomes

    def _queue(self, mailing, due):
        """Put messages into the outbox, and keep what became of each recipient.

        :return: by record id, (message id, number, failure type, its reason); None for what there is none of.
        """
        try:
            with self.env.cr.savepoint():
                return self._mark(mailing, due, self._queue_together(mailing, due))
        except CONFLICTS:
            raise
        except Exception as error:
            if len(due) == 1:
                _logger.warning('A recipient of mailing %s could not be prepared', mailing.id, exc_info=True)
                return self._mark(
                    mailing, due, dict.fromkeys(due, (None, None, 'whatsapp_error', self._describe(error))))
            # One bad record must not stop the others.
            self.env.invalidate_all()
            return self._queue_one_by_one(mailing, due, error)

    def _queue_one_by_one(self, mailing, due, error):
        """:raise MetEverybody: it is not the records, the mailing itself cannot be prepared; nobody is marked."""
        outcomes = {}
        with self.env.cr.savepoint():
            for id_, trace in due.items():
                outcomes.update(self._queue(mailing, {id_: trace}))
            reasons = {outcome[2:] for outcome in outcomes.values()}
            # Whoever resumed it after that wants these people put aside.
            if reasons == {('whatsapp_error', self._describe(error))} and not mailing.whatsapp_met_everybody:
                raise MetEverybody(self._met_words(len(due), error))
        if mailing.whatsapp_met_everybody:
            mailing.whatsapp_met_everybody = False
        return outcomes

    def _met_words(self, count, error):
        return self.env._(
            'None of the next %(count)s people could be prepared: %(error)s. Mend it, then resume. Whoever resumes it '
            'as it is puts these people aside with that reason.', count=count, error=self._describe(error))

    def _queue_together(self, mailing, due):
        outcomes = dict.fromkeys(due, (None, None, 'whatsapp_gone', None))
        left = self._left_lists(mailing, due)
        outcomes.update(dict.fromkeys(left, (None, None, 'whatsapp_left_list', None)))
        records = self._readable(mailing, [id_ for id_ in due if id_ not in left])
        drafts = mailing._prepare_whatsapp_drafts(records) if records else []
        outcomes.update({draft['res_id']: (None, None, 'whatsapp_same_number', None) for draft in drafts})
        kept = self._one_per_person(mailing, drafts)
        for draft in kept:
            if earlier_id := due[draft['res_id']][1]:
                draft['again_of'] = earlier_id
        messages = self.env['fluxforce.whatsapp.message'].with_env(records.env)._enqueue(
            kept, log=mailing.keep_archives) if kept else self.env['fluxforce.whatsapp.message']
        outcomes.update({draft['res_id']: (message.id, draft['phone'] or None, None, None)
                         for draft, message in zip(kept, messages, strict=True)})
        self._replace([(draft['again_of'], message.id) for draft, message in zip(kept, messages, strict=True)
                       if 'again_of' in draft])
        return outcomes

    def _readable(self, mailing, ids):
        """:return: those that exist and that the responsible may read, in their order."""
        found = set(mailing._whatsapp_documents().with_context(active_test=False).search([('id', 'in', ids)]).ids)
        return mailing._whatsapp_documents().browse([id_ for id_ in ids if id_ in found])

    def _left_lists(self, mailing, ids):
        """:return: set of contacts that have left all of the lists of the mailing they were on."""
        if not mailing.mailing_on_mailing_list:
            return set()
        self.env['mailing.subscription'].flush_model(['contact_id', 'list_id', 'opt_out'])
        self.env.cr.execute(SQL(
            """
            SELECT contact_id FROM mailing_subscription WHERE contact_id = ANY(%s) AND list_id = ANY(%s)
             GROUP BY contact_id HAVING bool_and(COALESCE(opt_out, false))
            """, list(ids), mailing.contact_list_ids.ids))
        return {contact_id for contact_id, in self.env.cr.fetchall()}

    def _one_per_person(self, mailing, drafts):
        """:return: without those whose number has it already, or another version of it."""
        taken = self.env['mailing.trace']._taken_phones(
            mailing | self._versions(mailing), [draft['phone'] for draft in drafts])
        return self.env['fluxforce.whatsapp.message']._one_per_person(drafts, taken)

    def _replace(self, pairs):
        """Note on messages that did not go out which one was sent in their place."""
        if pairs:
            self.env.cr.execute_values(
                'UPDATE fluxforce_whatsapp_message message SET again_id = told.again_id '
                'FROM (VALUES %s) AS told (id, again_id) WHERE message.id = told.id', pairs, page_size=len(pairs))
            replaced = self.env['fluxforce.whatsapp.message'].browse([pair[0] for pair in pairs])
            replaced.invalidate_recordset(['again_id'])

    # ------------------------------------------------------------
    # HELD AND TAKEN BACK
    # ------------------------------------------------------------

    def _let_go(self, mailing):
        """Let messages that a pause held be asked about again. :return: how many."""
        held = self.env['fluxforce.whatsapp.message'].search(
            [('mailing_id', '=', mailing.id), ('state', '=', 'held'), ('reason', '=', 'halted')], limit=RELEASE_BATCH)
        held = held.try_lock_for_update()
        if held:
            held._release_waiting([('id', 'in', held.ids)])
        return len(held)

    def _take_back(self, mailing):
        """Cancel messages of a stopped mailing that have not gone; what a sender holds stays.

        :return: how many; the last first, the sender begins at the other end.
        """
        waiting = self.env['fluxforce.whatsapp.message'].search(
            [('mailing_id', '=', mailing.id), ('state', 'in', WAITING)], order='id desc', limit=RELEASE_BATCH)
        waiting = waiting.try_lock_for_update()
        waiting.write({'state': 'cancelled', 'reason': False, 'reason_detail': False})
        waiting._sync_notifications()
        return len(waiting)

    # ------------------------------------------------------------
    # DECIDE
    # ------------------------------------------------------------

    def _advance(self, mailing):
        """Look at what came back once nobody is left to prepare; always for what stops it, for the rest in time.

        :return: 1 if the next people may be prepared.
        """
        if self._some(mailing, Domain('state', 'not in', WAITING)):  # else there is nothing to follow yet
            self.env['mailing.trace']._follow(mailing)
        may_stop = mailing.whatsapp_canary and not mailing.whatsapp_is_decided
        if mailing.whatsapp_phase == 'rest' and not may_stop:
            return 0
        outcome, verdict = mailing._whatsapp_verdict()
        if verdict.action is canary.Action.STOP and may_stop:
            mailing._halt(mailing._verdict_words(verdict))
            return 0
        if mailing.whatsapp_phase == 'rest':
            return 0
        mailing.whatsapp_phase = 'wait'
        return self._decide(mailing, outcome, verdict)

    def _decide(self, mailing, outcome, verdict):
        now = fields.Datetime.now()
        if not mailing.whatsapp_gone_at:
            mailing.whatsapp_gone_at = now if canary.has_gone(outcome) else False
        wait = timedelta(hours=mailing.whatsapp_canary_hours)
        moment = canary.looks_at(mailing.whatsapp_gone_at or None, wait, now)
        mailing.whatsapp_decide_at = moment
        if not moment or moment > now:
            self.env['mailing.mailing']._whatsapp_wake(moment or now + LOOK_AGAIN)
            return 0
        mailing._tell_verdict(verdict)
        if verdict.action is canary.Action.GO:
            mailing.write({'whatsapp_phase': 'rest', 'whatsapp_decide_at': False})
        else:
            self._next_slice(mailing)
        return 1

    def _finish(self, mailing):
        """It is done when everybody is prepared and nothing waits in the outbox any more."""
        if mailing.state != 'sending' or mailing.whatsapp_phase != 'rest':
            return 0
        if not (self.env['mailing.trace']._next_due(mailing, 1)
                or self.env['fluxforce.mailing.batch']._counts(mailing)
                or self._some(mailing, Domain('state', 'in', (*WAITING, 'sending')))):
            mailing.write({
                'state': 'done', 'sent_date': fields.Datetime.now(), 'kpi_mail_required': not mailing.sent_date})
        return 0

    def _some(self, mailing, domain):
        """:return: whether there are such messages of a mailing: to count very many takes its time."""
        return bool(self.env['fluxforce.whatsapp.message'].search_count(
            Domain('mailing_id', '=', mailing.id) & domain, limit=1))

    # ------------------------------------------------------------
    # WINNERS
    # ------------------------------------------------------------

    def _pick_winners(self):
        """Send the winner of each A/B test whose moment has come."""
        for campaign in self.env['utm.campaign']._whatsapp_tests_due():
            try:
                with self.env.cr.savepoint():
                    # Else the other worker does it, or has done it since.
                    if campaign.try_lock_for_update(allow_referencing=True) and not campaign.ab_testing_completed:
                        campaign._send_whatsapp_winner()
            except CONFLICTS:
                self.env.cr.rollback()
            except UserError as error:
                campaign._tell_no_winner(str(error))
            except Exception as error:
                _logger.warning('The winner of the test %s could not be sent', campaign.id, exc_info=True)
                self.env.invalidate_all()
                campaign._tell_no_winner(self._describe(error))
            self.env['ir.cron']._commit_progress(remaining=0)
