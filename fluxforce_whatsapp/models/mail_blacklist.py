from odoo import api, models


class MailBlacklist(models.Model):
    """Who takes their address off all mailings wants no marketing on WhatsApp either, if the account says so."""

    _inherit = 'mail.blacklist'

    @api.model_create_multi
    def create(self, vals_list):
        last = self.with_context(active_test=False).search([], order='id desc', limit=1).id or 0
        records = super().create(vals_list)
        records.filtered(lambda record: record.id > last and record.active)._stop_whatsapp()
        return records

    def write(self, vals):
        before = {record: record.active and record.email for record in self}
        result = super().write(vals)
        if {'active', 'email'} & vals.keys():
            self.filtered(lambda record: record.active and record.email != before[record])._stop_whatsapp()
        return result

    def _stop_whatsapp(self):
        if self:
            self.env['fluxforce.whatsapp.elsewhere']._heed_mailing(
                emails=self.mapped('email'), wording=self.env._('The e-mail address was put on the mail blacklist.'))
