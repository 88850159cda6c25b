from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):  # pylint: disable=no-wizard-in-models
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Core takes every value along; what a contact shows of its consents follows from the ledger alone."""
        numbers = set(src_partners.mapped('phone_sanitized'))
        super()._update_values(src_partners, dst_partner.with_context(whatsapp_consent_from_ledger=True))
        dst_partner.invalidate_recordset()  # core has merged the companies' values in SQL
        for company in dst_partner._whatsapp_consent_companies(numbers):
            dst_partner._refresh_whatsapp_consent(company)

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        """What was sent to and received from a contact is about the one that stays."""
        super()._update_reference_fields(src_partners, dst_partner)
        for model in ('fluxforce.whatsapp.message', 'fluxforce.whatsapp.inbound'):
            about = self.env[model].sudo().search([  # sudo: whoever merges contacts need not see their messages
                ('res_model', '=', 'res.partner'), ('res_id', 'in', src_partners.ids)])
            about.write({'res_id': dst_partner.id})
