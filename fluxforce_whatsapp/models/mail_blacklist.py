from odoo import models


class MailBlacklist(models.Model):
    """Who takes their address off all mailings wants no marketing on WhatsApp either, if the account says so."""

    _name = 'mail.blacklist'
    _inherit = ['mail.blacklist', 'fluxforce.whatsapp.blacklisting']

    _blacklisted = 'email'

    def _stop_whatsapp(self):
        if self:
            self.env['fluxforce.whatsapp.elsewhere']._heed_mailing(
                emails=self.mapped('email'), wording=self.env._('The e-mail address was put on the mail blacklist.'))
