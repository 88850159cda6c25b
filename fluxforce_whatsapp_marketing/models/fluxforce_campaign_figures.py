from odoo import api, fields, models

# Fields by the name of the figure they show.
FIELDS = {
    'people': 'people', 'sent': 'people_sent', 'delivered': 'people_delivered', 'read': 'people_read',
    'replied': 'people_replied', 'clicked': 'people_clicked', 'converted': 'people_converted',
    'opted_out': 'people_opted_out', 'blocked': 'people_blocked', 'delivered_rate': 'delivered_rate',
    'read_rate': 'read_rate', 'replied_rate': 'reply_rate', 'clicked_rate': 'click_rate',
    'converted_rate': 'conversion_rate', 'opted_out_rate': 'opt_out_rate', 'blocked_rate': 'block_rate',
    'cost': 'cost', 'cost_per_reply': 'cost_per_reply', 'cost_per_order': 'cost_per_order',
}


class FluxforceCampaign(models.Model):
    """What a campaign has brought, people counted once, beside what others have."""

    _inherit = 'fluxforce.campaign'

    people = fields.Integer(compute='_compute_figures', help='Who got a message or was to get one, each once.')
    people_sent = fields.Integer('People Sent to', compute='_compute_figures')
    people_delivered = fields.Integer('People Delivered to', compute='_compute_figures')
    people_read = fields.Integer('People Who Read', compute='_compute_figures')
    people_replied = fields.Integer('People Who Replied', compute='_compute_figures')
    people_clicked = fields.Integer('People Who Followed a Link', compute='_compute_figures')
    people_converted = fields.Integer('People Who Converted', compute='_compute_figures')
    people_opted_out = fields.Integer('People Who Opted Out', compute='_compute_figures')
    people_blocked = fields.Integer('People Who Blocked', compute='_compute_figures')
    delivered_rate = fields.Float('Delivered (%)', compute='_compute_figures', help='Of the people it was sent to.')
    read_rate = fields.Float('People Read (%)', compute='_compute_figures', help='Of those who got it.')
    reply_rate = fields.Float('Replied (%)', compute='_compute_figures', help='Of those who got it, within a week.')
    click_rate = fields.Float('Followed a Link (%)', compute='_compute_figures', help='Of those who got it.')
    conversion_rate = fields.Float('Converted (%)', compute='_compute_figures',
                                   help='Of those who got it: it brought a lead or an order of theirs.')
    opt_out_rate = fields.Float('Opted Out (%)', compute='_compute_figures',
                                help='Of those who got it, within a week.')
    block_rate = fields.Float('Blocked (%)', compute='_compute_figures',
                              help='Of those who got it: stopped us in WhatsApp itself.')
    cost = fields.Monetary('Cost (Estimated)', compute='_compute_figures',
                           help='By your price table. Empty as long as it has no price for these people.')
    cost_per_reply = fields.Monetary('Cost per Reply (Estimated)', compute='_compute_figures')
    cost_per_order = fields.Monetary('Cost per Order (Estimated)', compute='_compute_figures')
    figures_html = fields.Html('Figures', compute='_compute_figures_html', sanitize=False)

    def _compute_figures(self):
        """All campaigns by one statement, in the currency of the company of each."""
        figures = self.env['fluxforce.marketing.figures']
        rows = figures._count_each('campaign', self._origin.ids)
        for campaign in self:
            row = figures._prepare_row(rows.get(campaign._origin.id) or {}, campaign.currency_id)
            campaign.update({field: row[name] or 0 for name, field in FIELDS.items()})

    @api.depends_context('lang', 'tz')
    def _compute_figures_html(self):
        for campaign in self:
            campaign.figures_html = campaign._origin and self.env['fluxforce.marketing.sheet'].with_company(
                campaign.company_id)._of_campaign(campaign._origin)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_figures(self):
        """Show what came back, by step, way and consent."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._('Figures'), 'res_model': self._name, 'res_id': self.id,
            'views': [(self.env.ref('fluxforce_whatsapp_marketing.fluxforce_campaign_view_form_figures').id, 'form')],
        }

    def action_open_report(self):
        """Open the rows behind the figures."""
        return self.env['fluxforce.marketing.figures']._open_report([('campaign_id', 'in', self.ids)])
