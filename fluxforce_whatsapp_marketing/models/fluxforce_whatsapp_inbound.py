from odoo import api, models


class FluxforceWhatsappInbound(models.Model):
    """What a person writes may be a reply to a campaign."""

    _inherit = 'fluxforce.whatsapp.inbound'

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        self.env['fluxforce.campaign.signal']._note_replies(messages)
        return messages
