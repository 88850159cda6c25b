from odoo import fields, models
from odoo.exceptions import UserError


class FluxforceWhatsappAlertDone(models.TransientModel):
    """Ends alerts with a note that says how they were dealt with."""

    _name = 'fluxforce.whatsapp.alert.done'
    _description = 'WhatsApp Alert Done'

    alert_ids = fields.Many2many('fluxforce.whatsapp.alert', required=True)
    note = fields.Text('How It Was Dealt With', required=True)

    def action_confirm(self):
        """End the alerts; the note stays with them and in the chatter of their account."""
        self.ensure_one()
        self.alert_ids.check_access('write')
        if not (self.note or '').strip():
            raise UserError(self.env._('Write down how it was dealt with: the next person will want to know.'))
        # sudo: alert - whose activity it was does not matter
        self.alert_ids.sudo()._mark_done(self.note, self.env.user)
        return {'type': 'ir.actions.act_window_close'}
