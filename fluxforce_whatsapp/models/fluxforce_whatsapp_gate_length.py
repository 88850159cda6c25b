from odoo import models
from odoo.tools import formatLang

from ..cloud_api import const as meta
from ..policy.gate import Action, Verdict
from .fluxforce_whatsapp_message_length import TOO_LONG


class FluxforceWhatsappGate(models.AbstractModel):
    """Refuses what Meta would refuse for its length (132005): the approved text may fit, the person's values not."""

    _inherit = 'fluxforce.whatsapp.gate'

    def _more_reasons(self, drafts, facts):
        reasons = super()._more_reasons(drafts, facts)
        for index, draft in enumerate(drafts):
            limit = meta.BODY_TEXT_MAX if draft['template_id'] else meta.TEXT_BODY_MAX
            # What is asked about again at the claim was measured when it was written.
            if (length := len(draft.get('body') or '')) > limit:
                words = self.env._('%(length)s of %(limit)s', length=formatLang(self.env, length, digits=0),
                                   limit=formatLang(self.env, limit, digits=0))
                reasons.setdefault(index, Verdict(str(index), Action.REFUSE, TOO_LONG, words))
        return reasons

    def _refusal_texts(self):
        return {**super()._refusal_texts(), TOO_LONG: self.env._(
            'The text is longer than WhatsApp takes once the values are filled in. Shorten the values, or choose '
            'another template.')}
