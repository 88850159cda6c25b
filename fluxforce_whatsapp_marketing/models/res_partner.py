from odoo import models

from odoo.addons.fluxforce_whatsapp.policy.consent import GIVEN, WITHDRAWN
from odoo.addons.fluxforce_whatsapp.policy.purpose import MARKETING


class ResPartner(models.Model):
    """What a journey that asks for the consent anew does with the answer."""

    _inherit = 'res.partner'

    def action_whatsapp_renew_consent(self):
        """Record that these people said they want to go on hearing from us; for a server action in a journey."""
        self._record_renewal(GIVEN, 'chat', self.env._(
            'Yes, tapped in the message that asked whether to go on with news on WhatsApp.'))

    def action_whatsapp_end_consent(self):
        """Record that these people did not answer whether they want to go on; for a server action in a journey."""
        self._record_renewal(WITHDRAWN, 'other', self.env._(
            'No answer to the message that asked whether to go on with news on WhatsApp.'))

    def _record_renewal(self, decision, source, wording):
        # Who records a consent writes into the ledger, not on the contact: a marketer need not be able to change that.
        self.check_access('read')
        self.env['fluxforce.whatsapp.consent'].create([{
            'partner_id': partner.id, 'phone': partner.phone_sanitized, 'purpose': MARKETING, 'decision': decision,
            'source': source, 'wording': wording} for partner in self])
