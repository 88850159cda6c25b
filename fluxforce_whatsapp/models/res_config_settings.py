from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    whatsapp_preference_days = fields.Integer(related='company_id.whatsapp_preference_days', readonly=False)
    whatsapp_confirm_template_id = fields.Many2one(related='company_id.whatsapp_confirm_template_id', readonly=False)
    whatsapp_own_review = fields.Boolean(related='company_id.whatsapp_own_review', readonly=False)
