from odoo import fields, models

from .mailing_mailing import WHATSAPP


class MailingTraceReport(models.Model):
    """Core's figures tell WhatsApp mailings and their company apart, so that rules can."""

    _inherit = 'mailing.trace.report'

    mailing_type = fields.Selection(selection_add=[(WHATSAPP, 'WhatsApp')], ondelete={WHATSAPP: 'set default'})
    whatsapp_company_id = fields.Many2one('res.company', 'WhatsApp Company', readonly=True)

    def _report_get_request_select_items(self):
        return [*super()._report_get_request_select_items(), 'mailing.whatsapp_company_id']

    def _report_get_request_group_by_items(self):
        return [*super()._report_get_request_group_by_items(), 'mailing.whatsapp_company_id']
