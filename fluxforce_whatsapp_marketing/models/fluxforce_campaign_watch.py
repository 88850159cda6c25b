from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import steps

# Where somebody stands who may still reach the goal: also who gets nothing, to compare with; and who left, or the
# comparison would be unfair.
MAY_REACH = (steps.WAITING, steps.DONE, steps.HELD_OUT, steps.ERROR, steps.STOPPED, steps.EXITED)


class FluxforceCampaignWatch(models.AbstractModel):
    """Looks whether records say that somebody has reached the goal, or is to leave, whatever step they wait for."""

    _name = 'fluxforce.campaign.watch'
    _description = 'WhatsApp Campaign Watch'

    @api.model
    def _watch(self, campaign):
        """Note who has reached the goal, and let those leave who are to.

        :return: how many
        """
        since = fields.Datetime.now() - timedelta(days=campaign.conversion_days)
        may_reach = Domain('state', 'in', MAY_REACH) & Domain('reached_at', '=', False) & (
            Domain('entered_at', '>=', since) | Domain('state', '=', steps.WAITING))
        count = 0
        for batch in self._fitting(campaign, campaign.goal_domain, may_reach):
            self._reach(batch)
            count += len(batch)
        for batch in self._fitting(campaign, campaign.exit_domain, Domain('state', '=', steps.WAITING)):
            batch._end(steps.EXITED, 'exit')
            count += len(batch)
        return count

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

    def _reach(self, participants):
        """Who is still on the way ends there; who is through, or gets nothing, is only counted."""
        waiting = participants.filtered(lambda participant: participant.state == steps.WAITING)
        waiting._end(steps.GOAL, 'goal')
        (participants - waiting).write({'reached_at': fields.Datetime.now()})

    @api.model
    def _end_overdue(self, campaign):
        """Let a campaign whose end has come do nothing more.

        :return: how many participants were still on the way
        """
        waiting = self.env['fluxforce.campaign.participant'].search(
            [('campaign_id', '=', campaign.id), ('state', '=', steps.WAITING)], limit=BATCH)
        waiting._end(steps.DONE, 'ended')
        return len(waiting)
