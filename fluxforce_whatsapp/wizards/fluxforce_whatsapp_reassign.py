from odoo import api, fields, models
from odoo.exceptions import UserError


class FluxforceWhatsappReassign(models.TransientModel):
    """Undoes a wrong assignment: says which contact a person on WhatsApp really is."""

    _name = 'fluxforce.whatsapp.reassign'
    _description = 'Another Contact for a Person on WhatsApp'

    identity_id = fields.Many2one('fluxforce.whatsapp.identity', 'Person', required=True, readonly=True,
                                  ondelete='cascade')
    former_partner_id = fields.Many2one(related='identity_id.partner_id', string='Contact until Now')
    partner_id = fields.Many2one('res.partner', 'Right Contact', required=True)
    inbound_count = fields.Integer('Messages That Move', compute='_compute_inbound_count')

    @api.depends('identity_id')
    def _compute_inbound_count(self):
        counts = dict(self.env['fluxforce.whatsapp.inbound']._read_group(
            [('identity_id', 'in', self.identity_id.ids)], ['identity_id'], ['__count']))
        for wizard in self:
            wizard.inbound_count = counts.get(wizard.identity_id, 0)

    def action_confirm(self):
        """Move what the person wrote, and what they write from now on, to the right contact.

        :return: the contact's form.
        :raise UserError: if it is the contact already.
        """
        self.ensure_one()
        self.identity_id.check_access('write')
        self.partner_id.check_access('read')
        if self.partner_id == self.former_partner_id:
            raise UserError(self.env._('%(contact)s is the contact of this person already. Choose another one.',
                                       contact=self.partner_id.display_name))
        # sudo: identity - received messages are changed by assigning only
        self.identity_id.sudo()._give_to(self.partner_id.sudo())
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }
