from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

WHATSAPP = 'whatsapp'
# In the context of a search that is not about WhatsApp mailings, see _process_mass_mailing_queue.
WITHOUT_WHATSAPP = 'mailing_without_whatsapp'
# The states of core, which its kanban shows; ours are shown among WhatsApp mailings.
CORE_STATES = ('draft', 'in_queue', 'sending', 'done')
# A mailing that is being served; what it means for a message is another matter.
SENDING = 'sending'
# States in which a mailing stays as it was launched.
LAUNCHED = ('in_queue', 'sending', 'paused', 'stopped', 'done')
# States in which the gate holds what waits in the outbox.
HALTED = ('paused', 'stopped')
# What people decide before the launch, and nobody after it.
SETTLED_FIELDS = {
    'mailing_type', 'mailing_model_id', 'mailing_domain', 'mailing_filter_id', 'contact_list_ids', 'user_id',
    'whatsapp_number_id', 'whatsapp_template_id', 'whatsapp_in_own_language', 'whatsapp_value_ids', 'whatsapp_ends_at',
    'whatsapp_canary', 'ab_testing_enabled', 'ab_testing_pc', 'campaign_id', 'keep_archives'}
# How the first people decide: may be changed while it is sent, unless it was approved as it is.
CANARY_FIELDS = {
    'whatsapp_canary_size', 'whatsapp_canary_hours', 'whatsapp_limit_failed', 'whatsapp_limit_blocked',
    'whatsapp_limit_opted_out', 'whatsapp_limit_unread'}
# Set by the buttons and the scheduled action only.
KEPT_FIELDS = {
    'state', 'sent_date', 'whatsapp_phase', 'whatsapp_wave', 'whatsapp_gone_at', 'whatsapp_decide_at',
    'whatsapp_enrolled_at', 'whatsapp_started_at', 'whatsapp_problem', 'whatsapp_is_decided', 'whatsapp_met_everybody',
    'launch_check_id',
    'whatsapp_followed_at'}


class MailingMailing(models.Model):
    """Mailings of the type WhatsApp: an approved template for many people, batch by batch through the outbox.

    The parts: whom it is for (``_audience``), the check before it starts (``_launch``), pause, resume, stop and retry
    (``_course``), what came back (``_figures``), versions beside each other (``_versions``).
    """

    _inherit = 'mailing.mailing'

    mailing_type = fields.Selection(selection_add=[(WHATSAPP, 'WhatsApp')], ondelete={WHATSAPP: 'set default'})
    state = fields.Selection(
        selection_add=[('paused', 'Paused'), ('done',), ('stopped', 'Stopped')],
        ondelete={'paused': 'set default', 'stopped': 'set default'}, group_expand='_expand_states')

    whatsapp_number_id = fields.Many2one(
        'fluxforce.whatsapp.number', 'From', compute='_compute_whatsapp_number_id', store=True, readonly=False,
        index='btree_not_null', ondelete='restrict', help='The number people see it come from.')
    whatsapp_account_id = fields.Many2one(related='whatsapp_number_id.account_id')
    whatsapp_company_id = fields.Many2one('res.company', 'WhatsApp Company', related='whatsapp_number_id.company_id',
                                          store=True, index='btree_not_null')
    whatsapp_template_id = fields.Many2one(
        'fluxforce.whatsapp.template', 'Template', index='btree_not_null', ondelete='restrict',
        help='An approved template made for these recipients.')
    whatsapp_category = fields.Selection(related='whatsapp_template_id.category', string='Category')
    whatsapp_in_own_language = fields.Boolean(
        'Each in Their Own Language', default=True,
        help='Who reads another language gets the template in it, if it has it.')
    whatsapp_has_languages = fields.Boolean(compute='_compute_whatsapp_has_languages')
    whatsapp_value_ids = fields.One2many(
        'fluxforce.mailing.value', 'mailing_id', 'Texts to Fill In', compute='_compute_whatsapp_value_ids',
        compute_sudo=False, store=True, readonly=False, copy=False)
    whatsapp_preview_data = fields.Json(compute='_compute_whatsapp_preview_data')
    whatsapp_ends_at = fields.Datetime(
        'Ends on', copy=False, help='What has not gone by then is not sent any more. Empty: each message has the usual '
                                    'time of its kind, a week for marketing.')

    whatsapp_canary = fields.Boolean(
        'Begin with a Few', default=True,
        help='A few people get it first, those who read and answer most. What they do decides about the others.')
    whatsapp_canary_size = fields.Integer('First People', default=200)
    whatsapp_canary_hours = fields.Integer('Hours to Wait', default=4, help='Time for the first people to read it.')
    whatsapp_limit_failed = fields.Float('Failed (limit in %)', default=10, help='0: not looked at.')
    whatsapp_limit_blocked = fields.Float('Blocked (limit in %)', default=1,
                                          help='Who stopped us in WhatsApp itself. 0: not looked at.')
    whatsapp_limit_opted_out = fields.Float('Opted out (limit in %)', default=2, help='0: not looked at.')
    whatsapp_limit_unread = fields.Float('Not read (limit in %)', default=85,
                                         help='Above it the mailing goes on slowly. 0: not looked at.')

    # Where it stands; written by the buttons and the scheduled action.
    whatsapp_phase = fields.Selection(
        [('slice', 'First people'), ('wait', 'Waiting for the first people'), ('rest', 'Everybody')], 'Phase',
        readonly=True, copy=False)
    whatsapp_wave = fields.Integer('Wave', readonly=True, copy=False, help='Technical: slices begun so far.')
    whatsapp_is_decided = fields.Boolean(readonly=True, copy=False, help='Technical: somebody let it go on although '
                                                                         'the first people stopped it.')
    whatsapp_met_everybody = fields.Boolean(readonly=True, copy=False, help='Technical: it stopped because nobody '
                                                                            'could be prepared.')
    whatsapp_conversion_days = fields.Integer(
        'Days to Count', default=30, help='What somebody does so long after the message counts as brought by it.')
    whatsapp_gone_at = fields.Datetime(readonly=True, copy=False, help='Technical: when the first people had gone.')
    whatsapp_decide_at = fields.Datetime('Decides', readonly=True, copy=False)
    whatsapp_enrolled_at = fields.Datetime('Recipients Complete', readonly=True, copy=False)
    whatsapp_started_at = fields.Datetime('Started', readonly=True, copy=False)
    whatsapp_problem = fields.Text('What Stopped It', readonly=True, copy=False)
    whatsapp_followed_at = fields.Datetime(readonly=True, copy=False, help='Technical: recipients are as of then.')

    _canary_size_check = models.Constraint('CHECK (whatsapp_canary_size IS NULL OR whatsapp_canary_size > 0)',
                                           'First People: enter at least 1.')
    _canary_hours_check = models.Constraint('CHECK (whatsapp_canary_hours IS NULL OR whatsapp_canary_hours > 0)',
                                            'Hours to Wait: enter at least 1.')

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _expand_states(self, states, domain):
        """:return: columns of the kanban: of e-mails those that core has; of ours those in which there is something, or
            a phone would begin with an empty one."""
        known = [state for state, __ in self._fields['state'].selection]
        expected = () if WHATSAPP in str(domain) else CORE_STATES
        return [state for state in known if state in expected or state in states]

    @api.depends('mailing_type')
    def _compute_medium_id(self):
        super()._compute_medium_id()
        medium = self.env['utm.medium']
        email = medium._fetch_or_create_utm_medium('email')
        for mailing in self.filtered(lambda mailing: mailing._is_whatsapp()):
            if not mailing.medium_id or mailing.medium_id == email:
                mailing.medium_id = medium._fetch_or_create_utm_medium(WHATSAPP, module='fluxforce_whatsapp_marketing')

    @api.depends('mailing_type')
    def _compute_whatsapp_number_id(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        (self - ours).whatsapp_number_id = False
        if ours:
            numbers = self.env['fluxforce.whatsapp.number'].search([('company_id', 'in', self.env.companies.ids)])
            for mailing in ours.filtered(lambda mailing: not mailing.whatsapp_number_id):
                mailing.whatsapp_number_id = (numbers.filtered('able_to_send') or numbers)[:1]

    @api.depends('whatsapp_template_id')
    def _compute_whatsapp_has_languages(self):
        for mailing in self:
            template = mailing.whatsapp_template_id
            mailing.whatsapp_has_languages = bool(template) and len(template._siblings()) > 1

    @api.depends('whatsapp_template_id', 'whatsapp_in_own_language')
    def _compute_whatsapp_value_ids(self):
        """One line for each variable that is asked for when sending; what was typed stays with its variable."""
        for mailing in self:
            free = mailing._whatsapp_siblings().variable_ids.filtered(lambda variable: variable.source == 'free')
            typed = mailing._whatsapp_free_values()
            by_key = {variable.key: variable for variable in reversed(free)}
            mailing.whatsapp_value_ids = [Command.clear()] + [
                Command.create({'variable_id': by_key[key].id, 'value': typed.get(key)}) for key in reversed(by_key)]

    @api.depends('whatsapp_template_id', 'whatsapp_value_ids.value', 'whatsapp_in_own_language', 'mailing_domain')
    @api.depends_context('lang', 'tz', 'uid')
    def _compute_whatsapp_preview_data(self):
        """As the first recipient will see it; with samples, marked as such, as long as there is none."""
        for mailing in self:
            template = mailing.whatsapp_template_id
            draft = mailing._first_whatsapp_draft() if template else None
            shown = template.browse(draft['template_id']) if draft else template
            values = draft['values'] if draft else mailing._whatsapp_free_values()
            mailing.whatsapp_preview_data = shown and shown._preview_data(values)

    def _is_whatsapp(self):
        return self.mailing_type == WHATSAPP

    def _whatsapp_siblings(self):
        """:return: the languages to choose from; the picked one alone if everybody gets the same."""
        template = self.whatsapp_template_id
        return template._siblings() if template and self.whatsapp_in_own_language else template

    def _whatsapp_free_values(self):
        """:return: by variable key, what was typed."""
        return {line.variable_id.key: line.value for line in self.whatsapp_value_ids if line.value}

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        mailings = super().create(vals_list)
        ours = mailings.filtered(lambda mailing: mailing._is_whatsapp())
        if not self.env.su and any(mailing[name] for mailing in ours for name in KEPT_FIELDS - {'state'}):
            self._refuse_by_hand()
        if not self.env.su and any(mailing.state != 'draft' for mailing in ours):
            self._refuse_by_hand()
        return mailings

    def write(self, vals):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        if ours and not self.env.su:
            if KEPT_FIELDS & vals.keys():
                self._refuse_by_hand()
            ours._check_settled(vals)
        if vals.get('mailing_type') == WHATSAPP and any(mailing.state != 'draft' for mailing in self - ours):
            self._refuse_by_hand()
        return super().write(vals)

    def _refuse_by_hand(self):
        """:raise AccessError: somebody writes what only the buttons set."""
        raise AccessError(self.env._('A WhatsApp mailing is sent, paused and stopped with its buttons.'))

    def _check_settled(self, vals):
        """:raise UserError: if somebody changes what was launched."""
        if SETTLED_FIELDS & vals.keys() and any(mailing.state in LAUNCHED for mailing in self):
            raise UserError(self.env._(
                'This mailing was launched: its message and recipients stay as they are. Duplicate it to send '
                'something else, or cancel it as long as it is only planned.'))
        if CANARY_FIELDS & vals.keys() and any(
                mailing.state in ('in_queue', 'sending') and mailing.launch_check_id.is_large for mailing in self):
            raise UserError(self.env._(
                'A manager has approved this mailing as it is. Pause it before you change that; before it goes on it '
                'is approved again.'))
        if vals.get('active') is False and any(mailing.state in ('in_queue', 'sending') for mailing in self):
            raise UserError(self.env._('Pause or stop the mailing before you archive it.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_launched(self):
        if any(mailing._is_whatsapp() and mailing.whatsapp_started_at for mailing in self):
            raise UserError(self.env._('A mailing that has begun is kept as evidence. Archive it instead.'))

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get(WITHOUT_WHATSAPP):
            domain = fields.Domain(domain) & fields.Domain('mailing_type', '!=', WHATSAPP)
        return super()._search(domain, *args, **kwargs)

    def copy_data(self, default=None):
        values_list = super().copy_data(default)
        for mailing, values in zip(self, values_list, strict=True):
            if mailing._is_whatsapp() and 'whatsapp_template_id' not in (default or {}):
                values['whatsapp_value_ids'] = [
                    Command.create({'variable_id': line.variable_id.id, 'value': line.value})
                    for line in mailing.whatsapp_value_ids]
        return values_list

    # ------------------------------------------------------------
    # IN THE CLIENT
    # ------------------------------------------------------------

    def get_formview_id(self, access_uid=None):
        if len(self) == 1 and self._is_whatsapp():
            return self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_whatsapp').id
        return super().get_formview_id(access_uid=access_uid)

    def action_duplicate(self):
        action = super().action_duplicate()
        return {**action, 'views': [(self.get_formview_id(), 'form')]} if action and self._is_whatsapp() else action

    def action_test(self):
        if not self._is_whatsapp():
            return super().action_test()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Test Mailing'),
            'res_model': 'fluxforce.mailing.test',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_mailing_id': self.id, 'dialog_size': 'medium'},
        }

    def _get_pretty_mailing_type(self):
        return self.env._('WhatsApp Messages') if self._is_whatsapp() else super()._get_pretty_mailing_type()

    # ------------------------------------------------------------
    # NOT BY WAY OF CORE'S QUEUE
    # ------------------------------------------------------------

    @api.model
    def _process_mass_mailing_queue(self):
        """Core sends a mailing in one transaction; ours are served by a scheduled action of their own."""
        return super(MailingMailing, self.with_context(**{WITHOUT_WHATSAPP: True}))._process_mass_mailing_queue()

    def _action_send_mail(self, res_ids=None):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        if ours:
            ours.action_put_in_queue()
        return super(MailingMailing, self - ours)._action_send_mail(res_ids=res_ids)

    @api.model
    def _whatsapp_wake(self, moment=None):
        """Serve the mailings soon, or at a moment. Call once per batch."""
        # sudo: ir.cron - only wakes it
        self.env.ref('fluxforce_whatsapp_marketing.ir_cron_mailings').sudo()._trigger(moment or None)

    @api.model
    def _cron_send_whatsapp(self):
        """Serve the WhatsApp mailings in turn, a batch each, while there is work and the cron has time."""
        self.env['fluxforce.mailing.runner']._work_off()
        self._send_whatsapp_statistics()

    @api.model
    def _send_whatsapp_statistics(self):
        """The report a day after the send, as core does for the other types."""
        # sudo: ir.config_parameter - a setting
        if not self.env['ir.config_parameter'].sudo().get_param('mass_mailing.mass_mailing_reports'):
            return
        now = fields.Datetime.now()
        self.search([
            ('mailing_type', '=', WHATSAPP), ('kpi_mail_required', '=', True), ('state', '=', 'done'),
            ('sent_date', '<=', now - timedelta(days=1)), ('sent_date', '>=', now - timedelta(days=5)),
        ])._action_send_statistics()
