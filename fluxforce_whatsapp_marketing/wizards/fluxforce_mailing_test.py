from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.fluxforce_whatsapp.policy.gate import Action

# A test is for the people who look at it, not for a list. (Our own choice.)
MOST = 10


class FluxforceMailingTest(models.TransientModel):
    """Send a mailing to a few people of one's own, with the values of one of its recipients.

    No exception from the gate: also a colleague has to have agreed to messages of this kind. (Our own choice: what is
    tested is then the very way that the others take, and no consent is invented.)
    """

    _name = 'fluxforce.mailing.test'
    _description = 'Test WhatsApp Mailing'

    mailing_id = fields.Many2one('mailing.mailing', required=True, readonly=True, ondelete='cascade')
    partner_ids = fields.Many2many('res.partner', string='To', required=True,
                                   default=lambda self: [Command.set(self.env.user.partner_id.ids)])
    record = fields.Reference('_select_models', 'With the Values of', help='One of the recipients.')
    preview_data = fields.Json(compute='_compute_preview_data')
    verdict = fields.Text(compute='_compute_verdict')

    @api.model
    def _select_models(self):
        # sudo: ir.model - names of models are no secret
        models_sudo = self.env['ir.model'].sudo().search([('is_mail_thread', '=', True), ('transient', '=', False)])
        return [(model.model, model.name) for model in models_sudo]

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if 'record' in fields_list and values.get('mailing_id'):
            mailing = self.env['mailing.mailing'].browse(values['mailing_id'])
            first = mailing._first_whatsapp_recipient()
            values['record'] = f'{first._name},{first.id}' if first else False
        return values

    @api.depends('mailing_id', 'record')
    def _compute_preview_data(self):
        for wizard in self:
            draft = wizard._draft()
            template = wizard.mailing_id.whatsapp_template_id
            shown = template.browse(draft['template_id']) if draft else template
            wizard.preview_data = shown and shown._preview_data(draft['values'] if draft else {})

    @api.depends('mailing_id', 'record', 'partner_ids')
    @api.depends_context('lang')
    def _compute_verdict(self):
        for wizard in self:
            wizard.verdict = '\n'.join(wizard._explain(partner, verdict) for partner, __, verdict in (
                wizard._judged()) if verdict.action is not Action.ALLOW)

    def _explain(self, partner, verdict):
        reason = self.env['fluxforce.whatsapp.gate']._explain(verdict.reason, verdict.detail)
        return self.env._('%(name)s: %(reason)s', name=partner.display_name, reason=reason)

    def _draft(self):
        """:return: the draft of the record chosen, None without one."""
        record = self.record
        if not record or record._name != self.mailing_id.mailing_model_real or not self.mailing_id.whatsapp_template_id:
            return None
        return next(iter(self.mailing_id._prepare_whatsapp_drafts(record)), None)

    def _judged(self):
        """:return: (contact, draft, verdict) of each person; nothing is written."""
        draft = self._draft()
        if not draft:
            return []
        recipients = self.partner_ids._whatsapp_recipients()
        drafts = [self._to_person(draft, partner, recipients[partner.id]) for partner in self.partner_ids]
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(drafts)
        return list(zip(self.partner_ids, drafts, verdicts, strict=True))

    def _to_person(self, draft, partner, recipient):
        """:return: the draft to somebody else; it belongs to no document, so that no reply lands there."""
        kept = {name: value for name, value in draft.items() if name not in ('mailing_id', 'expires_at')}
        return {**kept, 'partner_id': partner.id, 'phone': recipient.phone, 'typed_number': recipient.number,
                'res_model': False, 'res_id': False}

    def action_send(self):
        """Send it to those to whom it may go; the mailing's chatter tells who got it."""
        self.ensure_one()
        self.mailing_id._check_template()
        self.mailing_id._check_values()
        if len(self.partner_ids) > MOST:
            raise UserError(self.env._('To: a test is for at most %(most)s people.', most=MOST))
        judged = self._judged()
        if not judged:
            raise UserError(self.env._('With the Values of: choose one of the recipients.'))
        drafts = [draft for __, draft, verdict in judged if verdict.action is not Action.REFUSE]
        if not drafts:
            raise UserError(self.env._('None of them may get it:\n%(reasons)s', reasons=self.verdict))
        self.env['fluxforce.whatsapp.message']._enqueue(drafts, log=False)
        self._log(judged)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success', 'message': self.env._('On its way to %(count)s people.', count=len(drafts)),
                'next': {'type': 'ir.actions.act_window_close'}},
        }

    def _log(self, judged):
        sent = self.env._('Test sent')
        lines = [(partner.display_name, sent) if verdict.action is Action.ALLOW
                 else (partner.display_name, self.env['fluxforce.whatsapp.gate']._explain(
                     verdict.reason, verdict.detail)) for partner, __, verdict in judged]
        self.mailing_id._message_log(body=Markup('<ul>%s</ul>') % Markup('').join(
            Markup('<li>%s: %s</li>') % line for line in lines))
