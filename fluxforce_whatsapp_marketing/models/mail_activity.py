from odoo import models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    def action_open_document(self):
        """A WhatsApp mailing opens as one: the form of its model is that of e-mails."""
        action = super().action_open_document()
        if action['res_model'] != 'mailing.mailing':
            return action
        mailing = self.env['mailing.mailing'].browse(self.res_id)
        return {**action, 'views': [(mailing.get_formview_id(), 'form')]} if mailing._is_whatsapp() else action
