from odoo import api, fields, models


class FluxforceWhatsappTemplate(models.Model):
    """What came back to a template, wherever it was sent to many."""

    _inherit = 'fluxforce.whatsapp.template'

    figures_html = fields.Html('Figures', compute='_compute_figures_html', sanitize=False,
                               groups='fluxforce_whatsapp_marketing.group_whatsapp_marketer')

    @api.depends_context('lang', 'tz')
    def _compute_figures_html(self):
        for template in self:
            template.figures_html = template._origin and self.env['fluxforce.marketing.sheet'].with_company(
                template.company_id)._of_template(template._origin)

    def action_open_figures(self):
        """Show what came back, by campaign and mailing."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._('Figures'), 'res_model': self._name, 'res_id': self.id,
            'views': [(self.env.ref(
                'fluxforce_whatsapp_marketing.fluxforce_whatsapp_template_view_form_figures').id, 'form')],
        }

    def action_open_report(self):
        """Open the rows behind the figures."""
        return self.env['fluxforce.marketing.figures']._open_report([('template_id', 'in', self.ids)])
