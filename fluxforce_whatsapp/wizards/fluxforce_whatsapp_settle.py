from odoo import fields, models


class FluxforceWhatsappSettle(models.TransientModel):
    """A person decides about messages whose outcome nobody knows: they went out, or they are sent again."""

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

    def action_send_again(self):
        """:return: a notice of what was possible."""
        self.ensure_one()
        return self.env['fluxforce.whatsapp.decision']._send_unknown_again(self.message_ids)
