from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    whatsapp_preference_days = fields.Integer(related='company_id.whatsapp_preference_days', readonly=False)
    whatsapp_confirm_template_id = fields.Many2one(related='company_id.whatsapp_confirm_template_id', readonly=False)
    whatsapp_own_review = fields.Boolean(related='company_id.whatsapp_own_review', readonly=False)
    whatsapp_background_above = fields.Integer(
        'Send in the Background Above', config_parameter='fluxforce_whatsapp.background_above', default=200,
        help='To more people than this a send is queued in the background, with a progress bar.')
