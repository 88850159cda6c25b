from odoo import models


class FluxforceWhatsappGate(models.AbstractModel):
    """A stop or pause of a campaign counts at once, also for what waits in the outbox and is not taken back yet."""

    _inherit = 'fluxforce.whatsapp.gate'

    def _prepare_request(self, index, draft, facts):
        request = super()._prepare_request(index, draft, facts)
        if draft.get('participant_id'):
            # sudo: campaign - the decision does not depend on who asks
            campaign = self.env['fluxforce.campaign'].sudo().browse(draft.get('campaign_id'))
            request.halted = campaign.state in ('stopped', 'paused')
        return request
