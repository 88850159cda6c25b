from odoo import fields, models


class FluxforceWhatsappMessage(models.Model):
    """Messages that ask a person to confirm a consent (double opt-in)."""

    _inherit = 'fluxforce.whatsapp.message'

    confirm_label = fields.Char('Button That Confirms', readonly=True,
                                help='This message asks for a consent; the tap on this button gives it.')

    asked_consent_ids = fields.Many2many('fluxforce.whatsapp.consent', 'fluxforce_whatsapp_message_asked_consent_rel',
                                         string='Asks For', readonly=True, copy=False,
                                         help='The entries of the ledger that a yes to this message confirms.')

    _asking_phone_idx = models.Index('(phone) WHERE confirm_label IS NOT NULL')
    _asking_wa_id_idx = models.Index('(account_id, wa_id) WHERE confirm_label IS NOT NULL')
    _asking_partner_idx = models.Index('(account_id, partner_id) WHERE confirm_label IS NOT NULL')

    def _draft_fields(self):
        return [*super()._draft_fields(), 'confirm_label']

    def _to_drafts(self):
        return [{**draft, 'confirm_label': message.confirm_label, 'message_id': message.id}
                for message, draft in zip(self, super()._to_drafts(), strict=True)]

    def _prepare_again_draft(self):
        draft = super()._prepare_again_draft()
        draft.pop('message_id', None)  # a new message
        # sudo: message - whoever sends it again need not read it
        draft['asked_consent_ids'] = [fields.Command.set(self.sudo().asked_consent_ids.ids)]
        return draft
