from odoo import models
from odoo.fields import Domain

TRACE_FIELDS = ('create_date', 'whatsapp_phone', 'trace_status', 'whatsapp_explanation')


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """A person's data are in mailings, too."""

    _inherit = 'fluxforce.whatsapp.privacy'

    def _told(self, trail):
        traces = self._mailing_traces(trail)
        return {**super()._told(trail), 'mailings': [
            {'mailing': trace.mass_mailing_id.subject, **row} for row, trace in zip(
                self._rows(traces, TRACE_FIELDS), traces, strict=True)]}

    def _forget_addresses(self, trail, sent):
        """They stay for the figures; who was not served yet is not served any more."""
        self._leave_out_of_mailings(trail)
        traces = self._mailing_traces(trail)
        traces.filtered('whatsapp_due').write({
            'whatsapp_due': False, 'trace_status': 'cancel', 'failure_type': 'whatsapp_gone'})
        traces.write({'whatsapp_phone': False, 'failure_reason': False})
        super()._forget_addresses(trail, sent)

    def _leave_out_of_mailings(self, trail):
        """Whose turn has not come has no trace yet."""
        # sudo: batch, mailing, trace - whoever is responsible for the person's data sees all of it, of their companies
        batches, traces = self.env['fluxforce.mailing.batch'].sudo(), self.env['mailing.trace'].sudo()
        for mailing in batches.search([('mailing_id.whatsapp_company_id', 'in', self.env.companies.ids)]).mailing_id:
            is_contact = mailing.mailing_model_real == 'res.partner'
            batches._leave_out(mailing, trail.partner.ids if is_contact else traces._records_with(
                mailing, trail.numbers))

    def _mailing_traces(self, trail):
        # sudo: trace - whoever is responsible for the person's data sees all of it, of their companies
        return self.env['mailing.trace'].sudo().search(
            Domain('trace_type', '=', 'whatsapp')
            & Domain('mass_mailing_id.whatsapp_company_id', 'in', self.env.companies.ids)
            & (Domain('whatsapp_phone', 'in', trail.numbers)
               | Domain('whatsapp_message_id', 'in', trail.sent.ids)
               | Domain('model', '=', 'res.partner') & Domain('res_id', '=', trail.partner.id)), order='id')
