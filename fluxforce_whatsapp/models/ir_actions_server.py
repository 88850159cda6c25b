from odoo import api, fields, models
from odoo.exceptions import UserError


class IrActionsServer(models.Model):
    """Server actions and automation rules that write to people, by the gate like everything else."""

    _inherit = 'ir.actions.server'

    state = fields.Selection(
        selection_add=[('whatsapp', 'Send WhatsApp'), ('followers',)], ondelete={'whatsapp': 'cascade'})
    whatsapp_template_id = fields.Many2one(
        'fluxforce.whatsapp.template', 'WhatsApp Template', compute='_compute_whatsapp_template_id', readonly=False,
        store=True, ondelete='restrict', domain="[('model_id', '=', model_id), ('status', '=', 'APPROVED')]")
    whatsapp_account_id = fields.Many2one(related='whatsapp_template_id.account_id', string='WhatsApp Account')
    whatsapp_number_id = fields.Many2one(
        'fluxforce.whatsapp.number', 'Send from', ondelete='restrict',
        domain="[('account_id', '=', whatsapp_account_id)]",
        help='Empty: the number each person knows.')

    # ------------------------------------------------------------
    # SET UP
    # ------------------------------------------------------------

    @api.depends('model_id', 'state')
    def _compute_whatsapp_template_id(self):
        for action in self:
            if action.state != 'whatsapp' or action.whatsapp_template_id.model_id != action.model_id:
                action.whatsapp_template_id = False

    @api.depends('state')
    def _compute_available_model_ids(self):
        ours = self.filtered(lambda action: action.state == 'whatsapp')
        if ours:
            names = self.env['ir.model']._whatsapp_models()
            ours.available_model_ids = self.env['ir.model'].search([('model', 'in', list(names))])
        super(IrActionsServer, self - ours)._compute_available_model_ids()

    def _name_depends(self):
        return [*super()._name_depends(), 'whatsapp_template_id']

    def _generate_action_name(self):
        self.ensure_one()
        if self.state == 'whatsapp' and self.whatsapp_template_id:
            return self.env._('Send WhatsApp: %(template)s', template=self.whatsapp_template_id.name)
        return super()._generate_action_name()

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), 'model_id', 'state', 'whatsapp_template_id', 'whatsapp_number_id']

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state == 'whatsapp' and self.whatsapp_template_id:
            warnings += self._whatsapp_warnings()
        return warnings

    def _whatsapp_warnings(self):
        """:return: what would keep its messages from going out, in words."""
        template = self.whatsapp_template_id
        warnings = [template.problem] if template.problem else []
        if template.model_id != self.model_id:
            warnings.append(self.env._(
                'WhatsApp Template: it is made for %(theirs)s, this action runs on %(ours)s. Choose another one.',
                theirs=template.model_id.name, ours=self.model_id.name))
        if template.status != 'APPROVED':
            warnings.append(self.env._('WhatsApp Template: Meta does not send it as long as it is not approved.'))
        warnings += self._whatsapp_unfilled(template)
        if self.whatsapp_number_id and self.whatsapp_number_id.account_id != template.account_id:
            warnings.append(self.env._('Send from: this number belongs to another account than the template.'))
        return warnings

    def _whatsapp_unfilled(self, template):
        asked = template.variable_ids.filtered(
            lambda variable: variable.source == 'free' and not variable.fallback and not variable.is_optional)
        return [self.env._(
            'WhatsApp Template: %(variables)s would be asked for when sending, and nobody is there to answer. Say in '
            'the template which field fills it, or what stands there if it is empty.',
            variables=', '.join(asked.mapped('display_name')))] if asked else []

    # ------------------------------------------------------------
    # RUN
    # ------------------------------------------------------------

    def _run_action_whatsapp_multi(self, eval_context=None):
        """Put one message per record into the outbox; what the gate refuses is kept there, with the reason."""
        records = (eval_context or {}).get('records') or (eval_context or {}).get('record')
        if not self.whatsapp_template_id or not records or self._is_recompute():
            return False
        outbox = self.env['fluxforce.whatsapp.message']
        # sudo: template, number - chosen by who set the action up, for whoever triggers it
        template, number = self.whatsapp_template_id.sudo(), self.whatsapp_number_id.sudo()
        drafts, __ = outbox._prepare_drafts_by_language(records, template, number, {}, template._siblings())
        if not self._whatsapp_may_cost_the_account(template, drafts):
            outbox._enqueue(drafts, is_set_up=True)
        return False

    def _whatsapp_may_cost_the_account(self, template, drafts):
        """Nobody is there to give the reason that something critical needs: it is not sent, and people are told.

        :return: whether it must not be sent.
        :raise UserError: to who started it by hand
        """
        if len(drafts) == 1:
            return False
        gate, summaries = self.env['fluxforce.whatsapp.gate'], self.env['fluxforce.whatsapp.summary']
        summary = summaries._summarise(drafts, gate._judge(drafts))
        if not summary.is_critical:
            return False
        titles = ' '.join(row['title'] for row in summaries._warning_rows(summary))
        if self._whatsapp_is_by_hand():
            raise UserError(self.env._(
                'This may cost the account: %(titles)s Write to fewer people, or send it with Send WhatsApp, where an '
                'administrator gives a reason.', titles=titles))
        detail = self.env._(
            '%(action)s did not write to %(count)s people: %(titles)s Send it by hand with a reason if it must go.',
            action=self.display_name, count=len(drafts), titles=titles)
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'other', template.account_id, template=template, detail=detail, severity='critical')
        return True

    def _whatsapp_is_by_hand(self):
        """:return: whether a person chose the action from a menu: rules and scheduled actions leave marks."""
        return not {'__action_done', 'cron_id'} & self.env.context.keys()
