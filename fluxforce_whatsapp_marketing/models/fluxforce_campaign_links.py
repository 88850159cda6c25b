from odoo import fields, models


class FluxforceCampaign(models.Model):
    """What the links of a campaign tell leads and orders, and who followed them."""

    _inherit = 'fluxforce.campaign'

    utm_source_id = fields.Many2one('utm.source', 'UTM Source', copy=False, ondelete='set null', index='btree_not_null')
    utm_medium_id = fields.Many2one(
        'utm.medium', 'UTM Medium', ondelete='set null', index='btree_not_null',
        default=lambda self: self.env.ref('fluxforce_whatsapp_marketing.utm_medium_whatsapp', False))
    clicked_count = fields.Integer('Followed a Link', compute='_compute_clicked_count', help='People, each once.')
    conversion_count = fields.Integer('Brought', compute='_compute_conversions', help='Leads and orders.')
    conversion_amount = fields.Monetary('Value', compute='_compute_conversions')
    currency_id = fields.Many2one(related='company_id.currency_id')

    def _compute_clicked_count(self):
        groups = self.env['fluxforce.marketing.report']._read_group(
            [('campaign_id', 'in', self._origin.ids), ('clicked', '=', 1)], ['campaign_id'], ['person:count_distinct'])
        counts = {campaign.id: count for campaign, count in groups}
        for campaign in self:
            campaign.clicked_count = counts.get(campaign._origin.id, 0)

    def _compute_conversions(self):
        groups = self.env['fluxforce.conversion']._read_group(
            [('campaign_id', 'in', self._origin.ids)], ['campaign_id'], ['__count', 'amount:sum'])
        figures = {campaign.id: (count, amount) for campaign, count, amount in groups}
        for campaign in self:
            campaign.conversion_count, campaign.conversion_amount = figures.get(campaign._origin.id, (0, 0.0))

    def _utm_of_links(self):
        """:return: campaign, source and medium by the names of ``utm.mixin``; those nobody chose are made, so that what
            comes of the links can be told from anything else."""
        self.ensure_one()
        utm = self.env['utm.mixin']
        if not self.utm_campaign_id:
            self.utm_campaign_id = utm._find_or_create_record('utm.campaign', self.name)
        if not self.utm_source_id:
            self.utm_source_id = utm._find_or_create_record('utm.source', self.name)
        found = {'campaign_id': self.utm_campaign_id, 'source_id': self.utm_source_id, 'medium_id': self.utm_medium_id}
        return {name: record.id for name, record in found.items() if record}

    def action_open_clicks(self):
        """Show who followed which link."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.fluxforce_whatsapp_click_action')
        return {**action, 'domain': [('campaign_id', 'in', self.ids)], 'context': {}}

    def action_open_conversions(self):
        """Show what the campaign has brought."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.fluxforce_conversion_action')
        return {**action, 'domain': [('campaign_id', 'in', self.ids)], 'context': {}}
