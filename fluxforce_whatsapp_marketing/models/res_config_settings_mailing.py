from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """From which size on a mailing or a campaign is approved by a manager."""

    _inherit = 'res.config.settings'

    whatsapp_approval_above = fields.Integer(related='company_id.whatsapp_approval_above', readonly=False)
