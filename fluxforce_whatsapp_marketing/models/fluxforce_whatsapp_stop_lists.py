from odoo import api, models

from odoo.addons.fluxforce_whatsapp.models.conflicts import beside
from odoo.addons.fluxforce_whatsapp.policy.purpose import MARKETING


class FluxforceWhatsappStop(models.AbstractModel):
    """Who wants no more advertising leaves the mailing lists by which it came."""

    _inherit = 'fluxforce.whatsapp.stop'

    @api.model
    def _stop_journeys(self, company, people, purposes):
        super()._stop_journeys(company, people, purposes)
        if MARKETING in purposes:
            # It must never keep a stop from being heard.
            beside(self.env, lambda: self.env['fluxforce.whatsapp.lists']._leave(company, people),
                   'Somebody who said stop could not be taken off mailing lists')
