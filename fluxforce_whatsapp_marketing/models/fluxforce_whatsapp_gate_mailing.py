from odoo import models

from .mailing_mailing import HALTED


class FluxforceWhatsappGate(models.AbstractModel):
    """A pause or stop of a mailing counts at once, also for what waits in the outbox."""

    _inherit = 'fluxforce.whatsapp.gate'

    def _prepare_request(self, index, draft, facts):
        request = super()._prepare_request(index, draft, facts)
        if draft.get('mailing_id'):
            # sudo: mailing - the decision does not depend on who asks
            mailing = self.env['mailing.mailing'].sudo().browse(draft['mailing_id'])
            request.halted = request.halted or mailing.state in HALTED
        return request
