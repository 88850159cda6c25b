from odoo import fields, models


class ResCompany(models.Model):
    """From which size on a mailing or a campaign is approved by a manager."""

    _inherit = 'res.company'

    whatsapp_approval_above = fields.Integer(
        'WhatsApp Approval Above', default=1000,
        help='A mailing or a campaign to more people than this is approved by a manager before it is sent. 0: never.')

    def _whatsapp_needs_approval(self, people):
        """:return: whether what goes to so many people is approved first."""
        # sudo: res.company - a setting
        limit = self.sudo().whatsapp_approval_above
        return bool(limit) and people > limit
