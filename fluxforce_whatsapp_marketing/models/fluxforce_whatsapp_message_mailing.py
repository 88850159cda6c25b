from odoo import api, fields, models
from odoo.fields import Domain

from .mailing_mailing import HALTED


class FluxforceWhatsappMessage(models.Model):
    """Messages of a mailing."""

    _inherit = 'fluxforce.whatsapp.message'

    mailing_id = fields.Many2one('mailing.mailing', 'Mailing', readonly=True, copy=False, ondelete='set null')

    _mailing_idx = models.Index('(mailing_id, state) WHERE mailing_id IS NOT NULL')

    @api.model
    def _forgotten_domain(self):
        """Who waits because a mailing is paused goes on when it goes on, and not before."""
        others = Domain('mailing_id', '=', False) | Domain('reason', '!=', 'halted')
        resumed = Domain('reason', '=', 'halted') & Domain('mailing_id', '!=', False) & Domain(
            'mailing_id.state', 'not in', HALTED)
        return super()._forgotten_domain() & others | resumed

    def _draft_fields(self):
        return [*super()._draft_fields(), 'mailing_id']

    def _to_drafts(self):
        drafts = super()._to_drafts()
        for message, draft in zip(self, drafts, strict=True):
            if message.mailing_id:
                draft['mailing_id'] = message.mailing_id.id
        return drafts

    def _prepare_again_draft(self):
        # sudo: message - who sends again need not see mailings
        mailing_id = self.sudo().mailing_id.id
        return {**super()._prepare_again_draft(), **({'mailing_id': mailing_id} if mailing_id else {})}
