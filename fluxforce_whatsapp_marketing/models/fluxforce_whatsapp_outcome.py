from odoo import models


class FluxforceWhatsappOutcome(models.AbstractModel):
    """A message that has gone out, or not, may be what a step waits for."""

    _inherit = 'fluxforce.whatsapp.outcome'

    def _write_rows(self, rows):
        super()._write_rows(rows)
        self.env['fluxforce.campaign.signal']._note_moved([message_id for message_id, *__ in rows])
