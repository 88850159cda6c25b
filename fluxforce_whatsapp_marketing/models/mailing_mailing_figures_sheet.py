from odoo import api, fields, models


class MailingMailing(models.Model):
    """What a WhatsApp mailing has brought and cost, beside what others have."""

    _inherit = 'mailing.mailing'

    whatsapp_currency_id = fields.Many2one(related='whatsapp_company_id.currency_id', string='WhatsApp Currency')
    whatsapp_cost = fields.Monetary('Cost (Estimated)', compute='_compute_whatsapp_money',
                                    currency_field='whatsapp_currency_id',
                                    help='By your price table. Empty as long as it has no price for these people.')
    whatsapp_amount = fields.Monetary('Value Brought', compute='_compute_whatsapp_money',
                                      currency_field='whatsapp_currency_id', help='Of leads and orders.')
    whatsapp_cost_per_reply = fields.Monetary('Cost per Reply (Estimated)', compute='_compute_whatsapp_money',
                                              currency_field='whatsapp_currency_id')
    whatsapp_cost_per_order = fields.Monetary('Cost per Order (Estimated)', compute='_compute_whatsapp_money',
                                              currency_field='whatsapp_currency_id')
    whatsapp_figures_html = fields.Html('Figures', compute='_compute_whatsapp_figures_html', sanitize=False)

    def _compute_whatsapp_money(self):
        """All mailings by one statement, in the currency of the company of each."""
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        figures = self.env['fluxforce.marketing.figures']
        rows = figures._count_each('mailing', ours._origin.ids)
        for mailing in self:
            currency = mailing.whatsapp_currency_id or self.env.company.currency_id
            row = figures._prepare_row(rows.get(mailing._origin.id) or {}, currency)
            mailing.update({f'whatsapp_{name}': row[name] or 0 for name in (
                'cost', 'amount', 'cost_per_reply', 'cost_per_order')})

    @api.depends_context('lang', 'tz')
    def _compute_whatsapp_figures_html(self):
        sheet = self.env['fluxforce.marketing.sheet']
        for mailing in self:
            mailing.whatsapp_figures_html = mailing._origin and mailing._is_whatsapp() and sheet.with_company(
                mailing.whatsapp_company_id)._of_mailing(mailing._origin)

    def action_open_figures(self):
        """Show what came back, by template, consent and version."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._('Figures'), 'res_model': self._name, 'res_id': self.id,
            'views': [(self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_figures').id, 'form')],
        }

    def action_open_report(self):
        """Open the rows behind the figures."""
        return self.env['fluxforce.marketing.figures']._open_report([('mailing_id', 'in', self.ids)])
