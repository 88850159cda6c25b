from odoo import models
from odoo.fields import Domain

from ..flow import steps

PARTICIPANT_FIELDS = ('create_date', 'phone', 'state', 'error', 'explanation')


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """A person's data are in campaigns, too."""

    _inherit = 'fluxforce.whatsapp.privacy'

    def _told(self, trail):
        participants = self._participants(trail)
        return {**super()._told(trail), 'campaigns': [
            {'campaign': participant.campaign_id.name, **row} for row, participant in zip(
                self._rows(participants, PARTICIPANT_FIELDS), participants, strict=True)]}

    def _forget_addresses(self, trail, sent):
        """They stay for the figures, and so that no campaign takes the person in anew."""
        participants = self._participants(trail)
        planned = participants.filtered(lambda participant: participant.state in (steps.WAITING, steps.ERROR))
        planned.write({'state': steps.STOPPED})
        participants.write({
            'partner_id': False, 'phone': False, 'error': self.env._('Erased for data protection.')})
        super()._forget_addresses(trail, sent)

    def _participants(self, trail):
        # sudo: participant - whoever is responsible for the person's data sees all of it, of their companies
        return self.env['fluxforce.campaign.participant'].sudo().search(
            Domain('company_id', 'in', self.env.companies.ids)
            & (Domain('partner_id', '=', trail.partner.id)
               | Domain('partner_id', '=', False) & Domain('phone', 'in', trail.numbers)), order='id')
