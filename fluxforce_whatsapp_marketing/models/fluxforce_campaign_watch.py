import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import steps
from .undo import undone_with_hooks

_logger = logging.getLogger(__name__)

# Where somebody stands who may still reach the goal: whoever came in, also who left, and who gets nothing, to compare
# with. Were one of these left out, the people written to and the hold-out would not be looked at alike.
MAY_REACH = (steps.WAITING, steps.DONE, steps.HELD_OUT, steps.ERROR, steps.EXITED, steps.STOPPED)
# Campaigns at rest: the runner does not come to them.
AT_REST = ('paused', 'stopped', 'done')
# A hundred years: more keeps no moment within what a database can hold. (Our own choice.)
MOST_DAYS = 36500


class FluxforceCampaignWatch(models.AbstractModel):
    """Looks whether records say that somebody has reached the goal, or is to leave, whatever step they wait for.

    What each look costs depends on how many have newly reached it, not on how many take part: who fits is found by the
    database, and who has reached the goal, or whose days for it are over, is not looked at again.
    """

    _name = 'fluxforce.campaign.watch'
    _description = 'WhatsApp Campaign Watch'

    @api.model
    def _watch(self, campaign):
        """Note who has reached the goal, and let those leave who are to.

        :return: how many
        """
        return self._watch_goal(campaign) + self._watch_exit(campaign)

    def _watch_goal(self, campaign):
        may_reach = Domain('state', 'in', MAY_REACH) & Domain('reached_at', '=', False) & (
            Domain('entered_at', '>=', self._counts_since(campaign)) | Domain('state', '=', steps.WAITING))
        count = 0
        for batch in self._fitting(campaign, campaign.goal_domain, may_reach):
            self._reach(batch)
            count += len(batch)
        return count

    def _watch_exit(self, campaign):
        count = 0
        for batch in self._fitting(campaign, campaign.exit_domain, Domain('state', '=', steps.WAITING)):
            batch._end(steps.EXITED, 'exit')
            count += len(batch)
        return count

    def _counts_since(self, campaign):
        """:return: who came in before has had the days for the goal."""
        days = min(max(campaign.conversion_days, 0), MOST_DAYS)
        return fields.Datetime.now() - timedelta(days=days)

    def _fitting(self, campaign, text, domain):
        """:return: participants whose record fits a filter, batch by batch."""
        participants = self.env['fluxforce.campaign.participant']
        if not text:
            return
        ours = Domain('campaign_id', '=', campaign.id) & Domain('is_current', '=', True) & domain
        fitting = campaign._documents().with_context(active_test=False)._search(
            campaign._read_own_domain(text) & Domain('id', 'in', participants._search(ours).subselect('res_id')))
        found = participants.search(ours & Domain('res_id', 'in', list(fitting)))
        yield from split_every(BATCH, found.ids, participants.browse)

    @api.model
    def _reach(self, participants):
        """Who is still on the way ends there; who is through, or gets nothing, is only counted."""
        waiting = participants.filtered(lambda participant: participant.state == steps.WAITING)
        waiting._end(steps.GOAL, 'goal')
        (participants - waiting).write({'reached_at': fields.Datetime.now()})

    # ------------------------------------------------------------
    # CAMPAIGNS AT REST
    # ------------------------------------------------------------

    @api.model
    def _watch_at_rest(self):
        """Note who reaches the goal of campaigns that are over or pause; each in a transaction of its own.

        :return: how many
        """
        count, ids = 0, self._ids_at_rest()
        for left, campaign in zip(range(len(ids) - 1, -1, -1), self.env['fluxforce.campaign'].browse(ids), strict=True):
            found = self._watch_guarded(campaign)
            count += found
            if self.env['ir.cron']._commit_progress(found, remaining=left) <= 0:
                break
        return count

    def _ids_at_rest(self):
        """:return: ids of the campaigns of which somebody may still reach the goal in time."""
        self.env['fluxforce.campaign'].flush_model(['state', 'goal_domain', 'conversion_days'])
        self.env['fluxforce.campaign.participant'].flush_model(['campaign_id', 'reached_at', 'entered_at'])
        self.env.cr.execute("""
            SELECT campaign.id FROM fluxforce_campaign campaign
             WHERE campaign.state = ANY(%(states)s) AND campaign.goal_domain != '' AND EXISTS (
                   SELECT 1 FROM fluxforce_campaign_participant participant
                    WHERE participant.campaign_id = campaign.id AND participant.reached_at IS NULL
                      AND participant.entered_at >= %(now)s - make_interval(
                          days => LEAST(GREATEST(campaign.conversion_days, 0), %(most)s)))
             ORDER BY campaign.id
        """, {'states': list(AT_REST), 'now': fields.Datetime.now(), 'most': MOST_DAYS})
        return [campaign_id for campaign_id, in self.env.cr.fetchall()]

    def _watch_guarded(self, campaign):
        """A goal that cannot be looked at is told on its campaign; the others are looked at all the same."""
        def watch():
            with undone_with_hooks(self.env.cr):
                return self._watch_goal(campaign)

        try:
            return again_on_conflict(self.env, watch)
        except CONFLICTS:
            self.env.cr.rollback()  # the next look finds them
        except Exception as error:
            _logger.warning('The goal of campaign %s could not be looked at', campaign.id, exc_info=True)
            if not campaign.problem:
                campaign.problem = self.env['fluxforce.campaign.runner']._describe(error)
        return 0

    # ------------------------------------------------------------
    # THE END
    # ------------------------------------------------------------

    @api.model
    def _end_overdue(self, campaign):
        """Let a campaign whose end has come do nothing more.

        :return: how many participants were still on the way
        """
        waiting = self.env['fluxforce.campaign.participant'].search(
            [('campaign_id', '=', campaign.id), ('state', '=', steps.WAITING)], limit=BATCH)
        waiting._end(steps.DONE, 'ended')
        return len(waiting)
