from odoo import fields, models


class FluxforceWhatsappTemplateReview(models.TransientModel):
    """Asks a reviewer what is to be changed."""

    _name = 'fluxforce.whatsapp.template.review'
    _description = 'WhatsApp Template Review'

    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', required=True, ondelete='cascade')
    note = fields.Text('What Is to Be Changed', required=True)

    def action_confirm(self):
        """Give the draft back with the note."""
        self.ensure_one()
        self.draft_id._ask_changes(self.note)
        return {'type': 'ir.actions.act_window_close'}
