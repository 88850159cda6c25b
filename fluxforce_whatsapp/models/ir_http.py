from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    def session_info(self):
        """The browser shows the button WhatsApp on these models to who may send."""
        info = super().session_info()
        if self.env.user.has_group('fluxforce_whatsapp.group_whatsapp_user'):
            info['whatsapp_models'] = dict(self.env['ir.model']._whatsapp_models())
        return info
