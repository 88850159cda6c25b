from odoo import models
from odoo.fields import Domain

from ..flow import steps

PARTICIPANT_FIELDS = ('create_date', 'phone', 'tz', 'state', 'reached_at', 'error', 'explanation')
TRACE_FIELDS = ('state', 'done_at', 'reason', 'replied_at', 'clicked_at', 'opted_out_at')


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """A person's data are in campaigns, too."""

    _inherit = 'fluxforce.whatsapp.privacy'

    def _told(self, trail):
        participants = self._participants(trail)
        return {**super()._told(trail), 'campaigns': [
            {'campaign': participant.campaign_id.name, **row, 'steps': self._steps_of(participant)}
            for row, participant in zip(self._rows(participants, PARTICIPANT_FIELDS), participants, strict=True)]}

    def _steps_of(self, participant):
        traces = participant.trace_ids.sorted('id')
        return [{'step': trace.activity_id.name, **row} for row, trace in zip(
            self._rows(traces, TRACE_FIELDS), traces, strict=True)]

    def _forget_addresses(self, trail, sent):
        """They stay for the figures, and so that no campaign takes the person in anew."""
        participants = self._participants(trail)
        planned = participants.filtered(lambda participant: participant.state in (steps.WAITING, steps.ERROR))
        planned._end(steps.STOPPED, 'stopped')
        participants.write({'partner_id': False, 'phone': False, 'person_key': False, 'tz': False,
                            'error': self.env._('Erased for data protection.')})
        # Also what is for those who want no more: nothing is known of the person any more.
        traces = participants.trace_ids
        traces.filtered(lambda trace: trace.state == steps.WAITING).write({
            'state': steps.CANCELLED, 'reason': 'stopped'})
        traces.write({'reply_ids': False, 'error': False})
        super()._forget_addresses(trail, sent)

    def _participants(self, trail):
        # sudo: participant - whoever is responsible for the person's data sees all of it, of their companies
        return self.env['fluxforce.campaign.participant'].sudo().search(
            Domain('company_id', 'in', self.env.companies.ids)
            & (Domain('partner_id', '=', trail.partner.id)
               | Domain('partner_id', '=', False) & Domain('phone', 'in', trail.numbers)), order='id')
