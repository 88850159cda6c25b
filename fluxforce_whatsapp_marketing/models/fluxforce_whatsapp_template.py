from odoo import fields, models


class FluxforceWhatsappTemplate(models.Model):
    """Templates know the campaigns that send them."""

    _inherit = 'fluxforce.whatsapp.template'

    campaign_count = fields.Integer('Campaigns', compute='_compute_campaign_count')

    def _compute_campaign_count(self):
        groups = self.env['fluxforce.campaign.activity']._read_group(
            [('template_id', 'in', self.ids)], ['template_id'], ['campaign_id:count_distinct'])
        counts = {template.id: count for template, count in groups}
        for template in self:
            template.campaign_count = counts.get(template.id, 0)

    def action_open_campaigns(self):
        """Show the campaigns that send this template."""
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp_marketing.fluxforce_campaign_action')
        return {**action, 'domain': [('activity_ids.template_id', 'in', self.ids)],
                'context': {'create': False, 'active_test': False}}
