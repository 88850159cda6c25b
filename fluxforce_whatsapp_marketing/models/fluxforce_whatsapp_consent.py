from odoo import models


class FluxforceWhatsappConsent(models.Model):
    """The figures of a campaign ask of each of its people whether they said stop."""

    _inherit = 'fluxforce.whatsapp.consent'

    # Holds stops only, which few say: of a hundred thousand people it is asked in a moment.
    _stop_of_phone_idx = models.Index("(phone, given_at) WHERE decision = 'withdrawn'")
