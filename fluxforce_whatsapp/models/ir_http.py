from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    def session_info(self):
        """Tell the browser about which documents a WhatsApp message can be written: where it shows its button."""
        info = super().session_info()
        if self.env.user.has_group('fluxforce_whatsapp.group_whatsapp_user'):
            info['fluxforce_whatsapp_models'] = self.env['fluxforce.whatsapp.template']._models()
        return info
