from odoo import api, models


class FluxforceWhatsappBlacklisting(models.AbstractModel):
    """A blacklist of Odoo's: whoever is put on it is heard on WhatsApp as well. Taking somebody off is no consent.

    It stands behind core's own ``create``, which hands on only what is not on the list yet and brings the others back
    by ``write``.
    """

    _name = 'fluxforce.whatsapp.blacklisting'
    _description = 'WhatsApp and Blacklists'

    # Name of the field that is blacklisted.
    _blacklisted = None

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.filtered('active')._stop_whatsapp()
        return records

    def write(self, vals):
        before = {record: record.active and record[self._blacklisted] for record in self}
        result = super().write(vals)
        if {'active', self._blacklisted} & vals.keys():
            self.filtered(
                lambda record: record.active and record[self._blacklisted] != before[record])._stop_whatsapp()
        return result

    def _stop_whatsapp(self):
        """Do on WhatsApp what it means that these are on the list."""
