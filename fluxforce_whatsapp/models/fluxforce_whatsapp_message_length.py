from odoo import fields, models

TOO_LONG = 'text_too_long'


class FluxforceWhatsappMessage(models.Model):
    """Texts that are longer than WhatsApp takes once they are filled in, see the gate."""

    _inherit = 'fluxforce.whatsapp.message'

    reason = fields.Selection(selection_add=[(TOO_LONG, 'Text too long')])
