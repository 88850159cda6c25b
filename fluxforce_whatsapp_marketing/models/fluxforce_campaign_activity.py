from odoo import api, fields, models
from odoo.exceptions import UserError

from ..flow import steps


class FluxforceCampaignActivity(models.Model):
    """What a campaign does with each participant. One per campaign for now."""

    _name = 'fluxforce.campaign.activity'
    _description = 'WhatsApp Campaign Activity'
    _order = 'campaign_id, sequence, id'
    _rec_name = 'type'
    _check_company_auto = True

    campaign_id = fields.Many2one('fluxforce.campaign', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='campaign_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10)
    type = fields.Selection([('whatsapp', 'WhatsApp')], required=True, default='whatsapp')
    template_id = fields.Many2one('fluxforce.whatsapp.template', 'Template', check_company=True, index=True,
                                  ondelete='restrict')
    log_in_chatter = fields.Boolean(
        'Log in Chatter', help='Keep each message in the chatter of its record, with its ticks. The outbox keeps all '
                               'messages anyway.')

    # ------------------------------------------------------------
    # WHAT RUNS STAYS AS IT IS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._check_campaign_at_rest()
        return activities

    def write(self, vals):
        self._check_campaign_at_rest()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(activity.campaign_id.state != 'draft' for activity in self):
            raise UserError(self.env._('The message of a campaign that has begun cannot be removed.'))

    def _check_campaign_at_rest(self):
        """:raise UserError: while one of the campaigns uses it."""
        if not self.env.su and any(activity.campaign_id.state in ('running', 'done') for activity in self):
            raise UserError(self.env._('Stop the campaign before you change its message.'))

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def _to_flow(self):
        """:return: what the step machine needs to know, in the order of ``self``."""
        return [steps.Activity(activity.id, activity.sequence) for activity in self]
