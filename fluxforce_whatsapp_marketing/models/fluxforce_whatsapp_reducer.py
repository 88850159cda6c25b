from odoo import models


class FluxforceWhatsappReducer(models.AbstractModel):
    """A message that was delivered, read or refused may be what a step waits for."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _store_tracks(self, tracks):
        super()._store_tracks(tracks)
        moved = [track.id for track in tracks if track.moved]
        if moved:
            self.env['fluxforce.campaign.signal']._note_moved(moved)
