from odoo import models


class FluxforceWhatsappClaim(models.AbstractModel):
    """A message that does not go out after all may be what a step waits for."""

    _inherit = 'fluxforce.whatsapp.claim'

    def _write_decisions(self, decisions):
        super()._write_decisions(decisions)
        ended = [decision.message_id for decision in decisions if decision.state not in ('sending', 'queued', 'held')]
        if ended:
            self.env['fluxforce.campaign.signal']._note_moved(ended)
