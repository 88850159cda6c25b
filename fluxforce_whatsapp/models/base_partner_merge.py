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
