from odoo import models


class PhoneBlacklist(models.Model):
    """A number on the blacklist wants nothing more on WhatsApp either."""

    _name = 'phone.blacklist'
    _inherit = ['phone.blacklist', 'fluxforce.whatsapp.blacklisting']

    _blacklisted = 'number'

    def _stop_whatsapp(self):
        if self:
            self.env['fluxforce.whatsapp.elsewhere']._heed_blacklist(self.mapped('number'))
