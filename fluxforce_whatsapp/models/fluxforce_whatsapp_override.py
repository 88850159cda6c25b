from markupsafe import Markup

from odoo import api, fields, models


class FluxforceWhatsappOverride(models.Model):
    """A person's decision to send although it may cost the account, with the reason; kept."""

    _name = 'fluxforce.whatsapp.override'
    _description = 'WhatsApp Decision to Send Nevertheless'
    _order = 'id desc'
    _rec_name = 'reason'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', readonly=True, ondelete='set null')
    template_id = fields.Many2one('fluxforce.whatsapp.template', readonly=True, ondelete='set null')
    user_id = fields.Many2one('res.users', 'Decided by', required=True, readonly=True, ondelete='restrict')
    reason = fields.Char(required=True, readonly=True)
    warnings = fields.Text('What Was Warned Of', readonly=True)
    recipients = fields.Integer('People', readonly=True)

    @api.depends('template_id', 'user_id')
    def _compute_display_name(self):
        for override in self:
            override.display_name = f'{override.template_id.display_name or ""}: {override.user_id.display_name}'

    def _announce(self):
        """Tell it in the account's chatter."""
        for override in self:
            parts = [
                self.env._('%(user)s sends "%(template)s" to %(count)s people nevertheless: %(reason)s',
                           user=override.user_id.name, template=override.template_id.display_name,
                           count=override.recipients, reason=override.reason),
                *(override.warnings or '').splitlines()]
            override.account_id.message_post(
                author_id=override.user_id.partner_id.id,
                body=Markup('').join(Markup('<p>%s</p>') % part for part in parts))
