import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class FluxforceWhatsappPersonalData(models.TransientModel):
    """Hands out or erases what is kept about one person on WhatsApp."""

    _name = 'fluxforce.whatsapp.personal.data'
    _description = 'Personal Data on WhatsApp'

    partner_id = fields.Many2one('res.partner', 'Contact', required=True, readonly=True, ondelete='cascade',
                                 default=lambda self: self.env.context.get('active_id'))
    found = fields.Text('What Is Kept', compute='_compute_found')
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)
    reason = fields.Char(help='Why it is erased, for example the person\'s letter and its date. It is kept.')

    @api.depends('partner_id')
    def _compute_found(self):
        privacy = self.env['fluxforce.whatsapp.privacy']
        privacy._check_may()
        for wizard in self:
            trail = privacy._trail(wizard.partner_id)
            wizard.found = self.env._(
                '%(received)s messages received, %(sent)s sent, %(consents)s consents', received=len(trail.received),
                sent=len(trail.sent), consents=len(trail.consents))

    def action_export(self):
        """Write the file for the person.

        :return: this form, with the file.
        """
        self.ensure_one()
        self.partner_id.check_access('read')
        content = self.env['fluxforce.whatsapp.privacy']._export(self.partner_id)
        self.write({'file': base64.b64encode(content.encode()), 'filename': f'whatsapp-{self.partner_id.id}.json'})
        return {
            'type': 'ir.actions.act_window', 'name': self.env._('Personal Data on WhatsApp'), 'res_model': self._name,
            'res_id': self.id, 'view_mode': 'form', 'target': 'new',
        }

    def action_erase(self):
        """Erase it for good.

        :raise UserError: without a reason.
        """
        self.ensure_one()
        self.partner_id.check_access('write')
        if not (self.reason or '').strip():
            raise UserError(self.env._('Reason: write down why it is erased, for example the person\'s letter.'))
        self.partner_id._whatsapp_erase(self.reason)
        return {'type': 'ir.actions.act_window_close'}
