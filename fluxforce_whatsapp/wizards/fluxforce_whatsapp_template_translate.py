from odoo import api, fields, models


class FluxforceWhatsappTemplateTranslate(models.TransientModel):
    """Asks in which language a template is to be written as well."""

    _name = 'fluxforce.whatsapp.template.translate'
    _description = 'Another Language of a WhatsApp Template'

    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', required=True, ondelete='cascade')
    language = fields.Selection(lambda self: self.env['fluxforce.whatsapp.template.draft']._languages(), required=True)
    present = fields.Char('Languages It Has', compute='_compute_present')

    @api.depends('draft_id')
    @api.depends_context('lang')
    def _compute_present(self):
        for wizard in self:
            drafts = self.env['fluxforce.whatsapp.template.draft'].search(wizard.draft_id._languages_domain())
            wizard.present = ', '.join(sorted({drafts._language_name(draft.language) for draft in drafts}))

    def action_confirm(self):
        """Open a copy, files and all, to be translated."""
        self.ensure_one()
        copy = self.draft_id.copy({'name': self.draft_id.name, 'language': self.language})
        return {'type': 'ir.actions.act_window', 'res_model': copy._name, 'res_id': copy.id, 'view_mode': 'form',
                'views': [(False, 'form')]}
