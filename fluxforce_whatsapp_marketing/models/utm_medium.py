from odoo import models


class UtmMedium(models.Model):
    """The medium of WhatsApp mailings stays."""

    _inherit = 'utm.medium'

    @property
    def SELF_REQUIRED_UTM_MEDIUMS_REF(self):
        return {**super().SELF_REQUIRED_UTM_MEDIUMS_REF, 'fluxforce_whatsapp_marketing.utm_medium_whatsapp': 'WhatsApp'}
