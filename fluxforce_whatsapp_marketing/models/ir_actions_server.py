from odoo import api, fields, models


class IrActionsServer(models.Model):
    """Server actions and automation rules let records come into a campaign: by form, tag, stage or anything else."""

    _inherit = 'ir.actions.server'

    state = fields.Selection(selection_add=[('campaign', 'Add to WhatsApp Campaign'), ('followers',)],
                             ondelete={'campaign': 'cascade'})
    fluxforce_campaign_id = fields.Many2one(
        'fluxforce.campaign', 'WhatsApp Campaign', compute='_compute_fluxforce_campaign_id', readonly=False, store=True,
        ondelete='restrict', index='btree_not_null', domain="[('model_id', '=', model_id)]")

    @api.depends('model_id', 'state')
    def _compute_fluxforce_campaign_id(self):
        for action in self:
            if action.state != 'campaign' or action.fluxforce_campaign_id.model_id != action.model_id:
                action.fluxforce_campaign_id = False

    def _name_depends(self):
        return [*super()._name_depends(), 'fluxforce_campaign_id']

    def _generate_action_name(self):
        self.ensure_one()
        if self.state == 'campaign' and self.fluxforce_campaign_id:
            # sudo: campaign - its name
            return self.env._('Add to Campaign: %(campaign)s', campaign=self.fluxforce_campaign_id.sudo().name)
        return super()._generate_action_name()

    def _run_action_campaign_multi(self, eval_context=None):
        """Let the records come in; who does not fit, or takes part already, does not."""
        records = (eval_context or {}).get('records') or (eval_context or {}).get('record')
        if self.fluxforce_campaign_id and records:
            self.fluxforce_campaign_id.action_enrol(records)
        return False
