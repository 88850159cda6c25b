from odoo import models


class FluxforceWhatsappTemplateDraft(models.Model):
    """A draft that a journey waits for becomes its template once Meta has it."""

    _inherit = 'fluxforce.whatsapp.template.draft'

    def _taken(self, template):
        super()._taken(template)
        # sudo: campaign activity - of journeys that were waiting for it, whoever sent it to Meta
        waiting = self.env['fluxforce.campaign.activity'].sudo().search([
            ('draft_id', 'in', self.ids), ('template_id', '=', False), ('campaign_id.state', '=', 'draft')])
        waiting.write({'template_id': template.id, 'draft_id': False})
