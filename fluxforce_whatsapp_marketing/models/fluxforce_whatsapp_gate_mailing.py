from odoo import models

from odoo.addons.fluxforce_whatsapp.policy.gate import Action, Reason, Verdict

from .mailing_mailing import HALTED


class FluxforceWhatsappGate(models.AbstractModel):
    """A pause or stop of a mailing counts at once, also for what waits in the outbox."""

    _inherit = 'fluxforce.whatsapp.gate'

    def _more_reasons(self, drafts, facts):
        reasons = super()._more_reasons(drafts, facts)
        ids = {draft['mailing_id'] for draft in drafts if draft.get('mailing_id')}
        if not ids:
            return reasons
        # sudo: mailing - the decision does not depend on who asks
        mailings = self.env['mailing.mailing'].sudo().browse(ids)
        halted = set(mailings.filtered(lambda mailing: mailing.state in HALTED).ids)
        held = {index: Verdict(str(index), Action.HOLD, Reason.HALTED.value) for index, draft in enumerate(drafts)
                if draft.get('mailing_id') in halted}
        return {**held, **reasons}
