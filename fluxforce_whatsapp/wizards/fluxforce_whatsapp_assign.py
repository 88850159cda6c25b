from odoo import fields, models
from odoo.exceptions import UserError


class FluxforceWhatsappAssign(models.TransientModel):
    """Says whose messages those are that came from nobody who is a contact."""

    _name = 'fluxforce.whatsapp.assign'
    _description = 'Assign WhatsApp Messages to a Contact'

    inbound_ids = fields.Many2many('fluxforce.whatsapp.inbound', required=True)
    people = fields.Char('From', compute='_compute_people')
    partner_id = fields.Many2one('res.partner', 'Contact', required=True)

    def _compute_people(self):
        for wizard in self:
            wizard.people = ', '.join(wizard.inbound_ids.identity_id.mapped('display_name'))

    def action_confirm(self):
        """Show the messages, and what these people write from now on, with the contact.

        :return: the contact's form.
        :raise UserError: if they have a contact already.
        """
        self.ensure_one()
        self.partner_id.check_access('read')
        lost = self.inbound_ids.filtered(lambda message: not message.partner_id)
        if not lost:
            raise UserError(self.env._('These messages are with a contact already.'))
        lost.sudo()._assign(self.partner_id.sudo())  # sudo: inbound - received messages are changed by assigning only
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }
