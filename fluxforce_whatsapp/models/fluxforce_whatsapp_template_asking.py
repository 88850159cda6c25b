from odoo import api, fields, models

from ..cloud_api import templates as meta_templates


class FluxforceWhatsappTemplate(models.Model):
    """Templates that can ask for a confirmation: those with a quick-reply button."""

    _inherit = 'fluxforce.whatsapp.template'

    confirm_label = fields.Char('First Quick Reply', compute='_compute_confirm_label', store=True)

    @api.depends('components')
    def _compute_confirm_label(self):
        for template in self:
            template.confirm_label = next(iter(meta_templates.quick_replies(template.components or [])), False)
