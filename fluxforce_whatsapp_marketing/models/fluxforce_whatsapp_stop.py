from odoo import api, models


class FluxforceWhatsappStop(models.AbstractModel):
    """A stop ends the journeys of campaigns, too."""

    _inherit = 'fluxforce.whatsapp.stop'

    @api.model
    def _stop_journeys(self, company, people, purposes):
        super()._stop_journeys(company, people, purposes)
        # sudo: participant - written by the campaign only, whoever recorded the stop
        self.env['fluxforce.campaign.participant'].sudo()._end_for(company, people, purposes)
