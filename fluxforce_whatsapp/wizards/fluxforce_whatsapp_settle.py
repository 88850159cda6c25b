from odoo import fields, models


class FluxforceWhatsappSettle(models.TransientModel):
    """A person knows that messages went out although Meta's answer never came."""

    _name = 'fluxforce.whatsapp.settle'
    _description = 'Settle WhatsApp Messages'

    message_ids = fields.Many2many('fluxforce.whatsapp.message', required=True)
    count = fields.Integer('Messages', compute='_compute_count')
    note = fields.Char('How It Is Known', help='It is kept with your name.')

    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.message_ids)

    def action_confirm(self):
        """:return: a notice of what was possible."""
        self.ensure_one()
        return self.env['fluxforce.whatsapp.decision']._settle(self.message_ids, (self.note or '').strip() or False)
