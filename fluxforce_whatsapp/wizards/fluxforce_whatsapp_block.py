from odoo import fields, models


class FluxforceWhatsappBlock(models.TransientModel):
    """A person decides that somebody is not written to any more, and says why."""

    _name = 'fluxforce.whatsapp.block'
    _description = 'Block People on WhatsApp'

    identity_ids = fields.Many2many('fluxforce.whatsapp.identity', required=True)
    people = fields.Char(compute='_compute_people')
    reason = fields.Char(required=True, help='It is kept with your name.')

    def _compute_people(self):
        for wizard in self:
            wizard.people = ', '.join(wizard.identity_ids.mapped('display_name'))

    def action_confirm(self):
        """:return: action that closes the window."""
        self.ensure_one()
        self.identity_ids._block(self.reason)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
