import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import steps, tree
from .fluxforce_campaign_audience import CampaignError
from .fluxforce_launch_mixin import NeedsApproval
from .undo import undone_with_hooks

_logger = logging.getLogger(__name__)

# Messages a stopped campaign can still call back.
CALLABLE_STATES = ('queued', 'held')
# So often the scheduled action comes by itself. [data/ir_cron.xml]
COMES_BY_ITSELF = timedelta(minutes=5)
# What becomes due in so short a time is done together. (Our own choice.)
TOGETHER = timedelta(seconds=20)
# The two scheduled actions that work off the same campaigns.
ACTIONS = ('fluxforce_whatsapp_marketing.ir_cron_run', 'fluxforce_whatsapp_marketing.ir_cron_run_more')


class FluxforceCampaignRunner(models.AbstractModel):
    """Serves one batch of a campaign: enrol the audience, do what is due, or take back what a stop left behind.

    A batch is one transaction. It holds the campaign's row so that the buttons wait for its end, and locks the traces
    it serves: several workers serve one campaign, none of them the same step. A step and all that follows from it are
    written together, so a worker that dies leaves it undone or done, never half.
    """

    _name = 'fluxforce.campaign.runner'
    _description = 'WhatsApp Campaign Runner'

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    @api.model
    def _ids_with_work(self):
        """:return: ids of the campaigns that run, and of the stopped ones with messages to take back."""
        campaigns = self._campaigns('running') | self._left_behind(self._campaigns('stopped')).campaign_id
        return campaigns.ids

    @api.model
    def _count_remaining(self):
        """:return: how much there is to do now."""
        running = self._campaigns('running')
        return (
            len(running.filtered(lambda campaign: campaign.entry != 'action' and not campaign.enrolled_at))
            + self.env['fluxforce.campaign.trace'].search_count(self._due_domain(running))
            + len(self._left_behind(self._campaigns('stopped'))))

    def _campaigns(self, state):
        return self.env['fluxforce.campaign'].with_context(active_test=False).search(
            [('state', '=', state)], order='id')

    def _due_domain(self, campaigns):
        return [('campaign_id', 'in', campaigns.ids), ('state', '=', steps.WAITING),
                ('due_at', '<=', fields.Datetime.now())]

    def _left_behind(self, campaigns):
        """:return: up to a batch of messages to take back; the last first, the sender begins at the other end."""
        return self.env['fluxforce.whatsapp.message'].search(
            [('campaign_id', 'in', campaigns.ids), ('participant_id', '!=', False), ('state', 'in', CALLABLE_STATES)],
            order='id desc', limit=BATCH)

    @api.model
    def _wake_for_next(self):
        """Come again when the next step is due, if that is before the scheduled action comes by itself."""
        now = fields.Datetime.now()
        due_at = self._next_due(now)
        if due_at and due_at < now + COMES_BY_ITSELF:
            self.env['fluxforce.campaign']._wake_later(max(due_at - now, TOGETHER))

    def _next_due(self, now):
        """:return: when the next step of a running campaign is due, after ``now``; None if none is"""
        self.env['fluxforce.campaign.trace'].flush_model(['campaign_id', 'state', 'due_at'])
        # The first of each campaign, by its index: however many wait, it costs the same.
        self.env.cr.execute("""
            SELECT min(next.due_at)
              FROM unnest(%s::integer[]) AS campaign (id)
             CROSS JOIN LATERAL (
                       SELECT due_at FROM fluxforce_campaign_trace trace
                        WHERE trace.campaign_id = campaign.id AND trace.state = 'waiting' AND trace.due_at > %s
                        ORDER BY due_at LIMIT 1) next
        """, [self._campaigns('running').ids, now])
        return self.env.cr.fetchone()[0]

    @api.model
    def _wake_helper(self, actions=ACTIONS):
        """Wake the other of two scheduled actions that do the same.

        :param actions: names of both
        """
        present = self.env.context.get('cron_id')
        for name in actions:
            action = self.env.ref(name, raise_if_not_found=False)
            if present and action and action.id != present:
                self.env['fluxforce.campaign']._wake_later(timedelta(), name)

    # ------------------------------------------------------------
    # ONE BATCH
    # ------------------------------------------------------------

    @api.model
    def _run_batch(self, campaign, looked_at=None):
        """Serve one batch. A campaign that cannot be served is stopped with the reason; the others go on.

        :param set looked_at: ids of the campaigns for whose newcomers this run has looked already; it grows.
        :return: how many were served; 0 when there is nothing left to do now.
        """
        try:
            processed = self._serve_or_halt(campaign, looked_at)
            self.env.flush_all()
            return processed
        except CONFLICTS:
            # Others are faster again and again, or have halted it: the next run sees what they did.
            _logger.info('Campaign %s met other transactions, it goes on in the next run', campaign.id)
            self.env.cr.rollback()
        return 0

    def _serve_or_halt(self, campaign, looked_at):
        try:
            return again_on_conflict(self.env, lambda: self._serve_guarded(campaign, looked_at))
        except CONFLICTS:
            raise
        except NeedsApproval as error:
            self.env.invalidate_all()
            campaign._stop_for_approval(self._describe(error))
        except Exception as error:
            _logger.warning('Campaign %s was stopped', campaign.id, exc_info=True)
            campaign.write({'state': 'stopped', 'problem': self._describe(error)})
        return 0

    def _serve_guarded(self, campaign, looked_at):
        with undone_with_hooks(self.env.cr):
            return self._serve(campaign, looked_at)

    def _serve(self, campaign, looked_at):
        if not self._hold(campaign):
            return 0
        if campaign.state == 'stopped':
            return len(self._left_behind(campaign)._take_back())
        if campaign.state != 'running':
            return 0
        if self._is_over(campaign):
            return self.env['fluxforce.campaign.watch']._end_overdue(campaign) or self._finish(campaign)
        campaign._check_as_launched()
        if let_go := self._let_go(campaign):
            return let_go
        if added := self.env['fluxforce.campaign.entry']._enrol(campaign, looked_at):
            campaign._check_as_launched(came_in=True)
            return added
        # Values are read with the responsible's rights, the campaign's own data are not.
        return (self._run_due(campaign) or self._watch_once(campaign, looked_at) or self._finish(campaign))

    def _let_go(self, campaign):
        """Let messages that a stop or a pause held be asked about again, a batch at a time: among very many the button
        that resumes would meet the sender.

        :return: how many.
        """
        held = self.env['fluxforce.whatsapp.message'].search(
            [('campaign_id', '=', campaign.id), ('state', '=', 'held'), ('reason', '=', 'halted')], limit=BATCH)
        held = held.try_lock_for_update()
        if held:
            held._release_waiting([('id', 'in', held.ids)])
        return len(held)

    def _is_over(self, campaign):
        return campaign.ends_at and campaign.ends_at <= fields.Datetime.now()

    def _hold(self, campaign):
        """Let the campaign's buttons wait for the end of the batch; other workers need not.

        :return: whether it is there.
        """
        self.env.cr.execute('SELECT 1 FROM fluxforce_campaign WHERE id = %s FOR SHARE', [campaign.id],
                            log_exceptions=False)
        # What others did since the last batch counts, and what that one read is of no use any more.
        self.env.invalidate_all()
        return bool(self.env.cr.fetchone())

    def _watch_once(self, campaign, looked_at):
        """Once in a run: it asks about everybody."""
        mark = ('watched', campaign.id)
        if looked_at is None or mark in looked_at:
            return 0
        looked_at.add(mark)
        return self.env['fluxforce.campaign.watch']._watch(campaign)

    def _finish(self, campaign):
        """Nothing is left to do now: close the journeys that are over, and the campaign with the last of them."""
        is_over = self._is_over(campaign)
        if not is_over and campaign.entry != 'action' and not campaign.enrolled_at:
            return 0  # another worker lets people in
        self.env['fluxforce.campaign.participant']._close_overlooked(campaign)
        if not is_over and campaign.entry != 'once':
            return 0
        waiting = self.env['fluxforce.campaign.participant'].search_count(
            [('campaign_id', '=', campaign.id), ('state', '=', steps.WAITING)], limit=1)
        if not waiting and self.env['fluxforce.campaign.entry']._lock(campaign):
            campaign.write({'state': 'done', 'done_at': fields.Datetime.now()})
        return 0

    def _describe(self, error):
        """:return: an error in words for the user; the log has the rest."""
        text = str(error) if isinstance(error, UserError) else f'{type(error).__name__}: {error}'
        return text[:500]

    # ------------------------------------------------------------
    # DO WHAT IS DUE
    # ------------------------------------------------------------

    def _run_due(self, campaign):
        """Decide about a batch of steps and do those whose time has come; one that fails is put aside with its person
        and the others go on.

        :return: how many were served.
        """
        claimed = self._claim(campaign)
        if not claimed:
            return 0
        now, plan = fields.Datetime.now(), campaign.activity_ids._plan()
        cases = self._still_there(plan, self.env['fluxforce.campaign.facts']._cases(campaign, claimed))
        to_do = self._decide(plan, cases, self._read_dates(campaign, plan, cases), now)
        if error := self._try(campaign, plan, to_do, now):
            _logger.info('A batch of campaign %s failed (%s), its steps go one by one', campaign.id, error)
            self._do_one_by_one(campaign, plan, to_do, now)
        self.env['fluxforce.campaign.participant'].browse({case.participant for case in cases})._close_done()
        return len(claimed)

    def _do_one_by_one(self, campaign, plan, cases, now):
        """Put aside whose step fails, and with it what else was to be done for them now: it is done when they go on."""
        aside = set()
        for case in cases:
            if case.participant in aside:
                continue
            if error := self._try(campaign, plan, [case], now):
                self.env['fluxforce.campaign.performer']._park([case], error)
                aside.add(case.participant)

    def _still_there(self, plan, cases):
        """Pass over steps that somebody has taken out of the campaign. :return: the other cases."""
        gone = [case for case in cases if case.activity not in plan.by_key]
        self.env['fluxforce.campaign.trace']._settle(
            [(case.id, steps.SKIPPED, None, None, 'elsewhere') for case in gone])
        return [case for case in cases if case.activity in plan.by_key]

    def _claim(self, campaign):
        """:return: ids of traces that are due and that nobody else has in hand; they stay locked."""
        self.env.cr.execute("""
            SELECT id FROM fluxforce_campaign_trace
             WHERE campaign_id = %s AND state = 'waiting' AND due_at <= %s
             ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
        """, [campaign.id, fields.Datetime.now(), BATCH], log_exceptions=False)
        return [trace_id for trace_id, in self.env.cr.fetchall()]

    def _decide(self, plan, cases, unreadable, now):
        """Write what need not be done.

        :param set unreadable: ids of cases whose record cannot be read: they are put aside when they are done.
        :return: cases of the steps to do.
        """
        to_do, rows = [], []
        for case in cases:
            decision = steps.RUN if case.id in unreadable else steps.decide(
                plan.by_key[case.activity], case.facts, now)
            if decision.action is steps.Action.RUN:
                to_do.append(case)
            elif decision.action is steps.Action.WAIT:
                rows.append((case.id, steps.WAITING, decision.until, None, None))
            else:
                rows.append((case.id, steps.SKIPPED, None, None, decision.reason))
        self.env['fluxforce.campaign.trace']._settle(rows)
        return to_do

    def _read_dates(self, campaign, plan, cases):
        """Read the dates that steps count from, with the responsible's rights.

        :return: ids of the cases whose record is gone or may not be read.
        """
        dated = [case for case in cases if plan.by_key[case.activity].trigger == tree.DATE]
        if not dated:
            return set()
        names = {activity.id: activity.date_field for activity in campaign.activity_ids}
        for activity in campaign.activity_ids.browse({case.activity for case in dated}):
            campaign._check_trigger_of(activity)  # a field may be gone meanwhile
        documents = self.env['fluxforce.campaign.performer']._readable(campaign, dated)
        readable = {document.id: document for document in documents}
        for case in dated:
            if case.record in readable:
                case.facts.date = readable[case.record][names[case.activity]]
        return {case.id for case in dated if case.record not in readable}

    def _try(self, campaign, plan, cases, now):
        """:return: what went wrong, in words; then nothing was done."""
        if not cases:
            return None
        try:
            with undone_with_hooks(self.env.cr):
                self.env['fluxforce.campaign.performer']._perform(campaign, plan, cases, now)
        except (*CONFLICTS, CampaignError):
            raise
        except Exception as error:
            _logger.warning('Participants of campaign %s failed', campaign.id, exc_info=True)
            return self._describe(error)
        return None
