from odoo import api, fields, models
from odoo.tools import split_every

from .fluxforce_whatsapp_message import BATCH

# Core shows its icon for this key.
STATE = 'whatsapp'


class IrActionsServer(models.Model):
    """Server actions, and so automation rules, that send a template."""

    _inherit = 'ir.actions.server'

    state = fields.Selection(selection_add=[(STATE, 'Send WhatsApp'), ('followers',)], ondelete={STATE: 'cascade'})
    whatsapp_template_id = fields.Many2one(
        'fluxforce.whatsapp.template', 'WhatsApp Template', compute='_compute_whatsapp_template_id', store=True,
        readonly=False, ondelete='set null', domain="[('model_id', '=', model_id), ('status', '=', 'APPROVED')]",
        help='Each person gets it in their own language, as far as the template has it. The gate is asked as always: '
             'whoever has not agreed gets nothing, and the outbox tells why.')

    def _name_depends(self):
        return [*super()._name_depends(), 'whatsapp_template_id']

    def _generate_action_name(self):
        self.ensure_one()
        if self.state == STATE and self.whatsapp_template_id:
            return self.env._('Send %(template)s on WhatsApp', template=self.whatsapp_template_id.name)
        return super()._generate_action_name()

    @api.depends('state')
    def _compute_available_model_ids(self):
        ours = self.filtered(lambda action: action.state == STATE)
        if ours:
            ours.available_model_ids = self.env['ir.model'].search(
                [('is_mail_thread', '=', True), ('transient', '=', False)])
        super(IrActionsServer, self - ours)._compute_available_model_ids()

    @api.depends('model_id', 'state')
    def _compute_whatsapp_template_id(self):
        self.filtered(lambda action: action.state != STATE or action.model_id != (
            action.whatsapp_template_id.model_id)).whatsapp_template_id = False

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), 'model_id', 'state', 'whatsapp_template_id']

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        template = self.whatsapp_template_id
        if self.state == STATE and template.variable_ids.filtered(lambda variable: variable.source == 'free'):
            warnings.append(self.env._(
                'WhatsApp Template: some of its texts are asked for when sending, and nobody is there to be asked. '
                'Give each of its variables a field or a fixed text.'))
        return warnings

    def _run_action_whatsapp_multi(self, eval_context=None):
        """Put one message per person into the outbox. Nobody is there to be told: the outbox tells about refusals."""
        records = (eval_context or {}).get('records') or (eval_context or {}).get('record')
        template = self.whatsapp_template_id
        if not records or not template or self._is_recompute():
            return False
        # sudo: outbox - an administrator set this action up, whoever triggers it; the gate is asked as always
        outbox, seen = self.env['fluxforce.whatsapp.message'].sudo(), set()
        siblings = template.sudo()._siblings()
        for batch in split_every(BATCH, records.ids, records.browse):
            drafts, __ = outbox._prepare_drafts_by_language(
                batch, template.sudo(), self.env['fluxforce.whatsapp.number'].sudo(), {}, siblings)
            self._enqueue_whatsapp(outbox, [draft for draft in drafts if draft['phone'] not in seen])
            seen.update(filter(None, (draft['phone'] for draft in drafts)))
        return False

    def _enqueue_whatsapp(self, outbox, drafts):
        by_person = {draft['phone'] or (draft['res_id'],): draft for draft in reversed(drafts)}
        drafts = list(reversed(by_person.values()))
        summary, gate = self.env['fluxforce.whatsapp.summary'], self.env['fluxforce.whatsapp.gate']
        # What may cost the account is no matter for an action that runs by itself.
        summary.sudo(False)._check_override(summary._summarise(drafts, gate._judge(drafts)), '')
        outbox._enqueue(drafts)
