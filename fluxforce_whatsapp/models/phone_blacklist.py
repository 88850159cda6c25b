from odoo import api, models


class PhoneBlacklist(models.Model):
    """A number on the blacklist wants nothing more on WhatsApp either. Taking it off is no consent."""

    _inherit = 'phone.blacklist'

    @api.model_create_multi
    def create(self, vals_list):
        last = self.with_context(active_test=False).search([], order='id desc', limit=1).id or 0
        records = super().create(vals_list)
        # Those that were there before and come to life again go through write().
        records.filtered(lambda record: record.id > last and record.active)._stop_whatsapp()
        return records

    def write(self, vals):
        before = {record: record.active and record.number for record in self}
        result = super().write(vals)
        if {'active', 'number'} & vals.keys():
            self.filtered(lambda record: record.active and record.number != before[record])._stop_whatsapp()
        return result

    def _stop_whatsapp(self):
        if self:
            self.env['fluxforce.whatsapp.elsewhere']._heed_blacklist(self.mapped('number'))
