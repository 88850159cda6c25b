from ast import literal_eval
from collections import Counter, defaultdict, deque

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH
from odoo.addons.fluxforce_whatsapp.policy.gate import Action

from ..flow import audience, steps

# How many people a check looks at: what a person can wait for. (Our own choice.)
CHECK_LIMIT = 20000
# States of the outbox behind each count; what went further counts as having got there.
DELIVERED = ('delivered', 'read', 'played')
MESSAGE_COUNTS = {
    'waiting_count': ('queued', 'held', 'sending'),
    'sent_count': ('accepted', 'sent', *DELIVERED),
    'delivered_count': DELIVERED,
    'read_count': ('read', 'played'),
    'failed_count': ('failed',),
    'refused_count': ('refused',),
    'cancelled_count': ('cancelled', 'expired'),
    'unknown_count': ('unknown',),
}
PARTICIPANT_COUNTS = {
    'waiting_count': (steps.WAITING,),
    'failed_count': (steps.ERROR,),
    'duplicate_count': (steps.DUPLICATE,),
}
# The audience a new campaign for contacts begins with.
AGREED_CONTACTS = [('whatsapp_consent_marketing', '=', 'given')]
# Set by the buttons and the cron only.
KEPT_FIELDS = {'state', 'check_result', 'check_warnings', 'is_critical', 'checked_at',
               'enrolled_at', 'started_at', 'done_at', 'problem'}
# Who takes part is settled at the start, what they get when it is not running.
AUDIENCE_FIELDS = {'company_id', 'model_id', 'domain'}
MESSAGE_FIELDS = {'user_id', 'number_id', 'activity_ids', 'ends_at'}


class FluxforceCampaign(models.Model):
    """One approved template for an audience, through the gate, with what came back."""

    _name = 'fluxforce.campaign'
    _description = 'WhatsApp Campaign'
    _inherit = ['mail.thread']
    _order = 'id desc'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', 'Responsible', required=True, tracking=True, check_company=True, index=True,
        default=lambda self: self.env.user, domain=[('share', '=', False)],
        help='With whose rights the audience and the values of the message are read.')
    utm_campaign_id = fields.Many2one('utm.campaign', 'UTM Campaign', ondelete='set null', index='btree_not_null')
    state = fields.Selection(
        [('draft', 'Draft'), ('running', 'Running'), ('stopped', 'Stopped'), ('done', 'Done')],
        required=True, readonly=True, copy=False, default='draft', tracking=True, index=True,
        group_expand=True)

    model_id = fields.Many2one(
        'ir.model', 'Write to', required=True, ondelete='cascade',
        domain=lambda self: [('model', 'in', self._audience_models())],
        default=lambda self: self.env['ir.model']._get('res.partner'), help='The kind of records the audience is.')
    model = fields.Char('Model Name', related='model_id.model')
    domain = fields.Char('Audience', required=True, compute='_compute_domain', store=True, readonly=False,
                         precompute=True)
    audience_count = fields.Integer(compute='_compute_audience_count', help='As you may see it.')

    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', check_company=True, index=True,
                                compute='_compute_number_id', store=True, readonly=False, ondelete='restrict')
    account_id = fields.Many2one(related='number_id.account_id')
    activity_ids = fields.One2many('fluxforce.campaign.activity', 'campaign_id', 'Message', copy=True,
                                   default=lambda self: [Command.create({'type': 'whatsapp'})])
    preview_data = fields.Json(compute='_compute_preview_data')

    check_result = fields.Html('Check', readonly=True, copy=False)
    check_warnings = fields.Html('Warnings', readonly=True, copy=False, sanitize=False)
    is_critical = fields.Boolean(readonly=True, copy=False, help='It may cost the account.')
    may_override = fields.Boolean(compute='_compute_may_override')
    override_reason = fields.Char('Reason', copy=False,
                                  help='Why it is sent although it may cost the account. It is kept.')
    checked_at = fields.Datetime(readonly=True, copy=False)
    started_at = fields.Datetime('Started', readonly=True, copy=False)
    ends_at = fields.Datetime('Ends on', tracking=True, copy=False,
                              help='What has not gone by then is not sent any more. '
                                   'Empty: each message has the usual time of its kind.')
    enrolled_at = fields.Datetime('Audience Complete', readonly=True, copy=False)
    done_at = fields.Datetime('Done on', readonly=True, copy=False)
    problem = fields.Text(readonly=True, copy=False, help='What stopped the campaign.')

    participant_count = fields.Integer('Participants', compute='_compute_counts')
    waiting_count = fields.Integer('Waiting', compute='_compute_counts')
    sent_count = fields.Integer('Sent', compute='_compute_counts')
    delivered_count = fields.Integer('Delivered', compute='_compute_counts')
    read_count = fields.Integer('Read', compute='_compute_counts')
    failed_count = fields.Integer('Failed', compute='_compute_counts')
    refused_count = fields.Integer('Refused', compute='_compute_counts')
    cancelled_count = fields.Integer('Cancelled or Too Late', compute='_compute_counts')
    unknown_count = fields.Integer('Outcome Unknown', compute='_compute_counts')
    duplicate_count = fields.Integer('Duplicates', compute='_compute_counts')
    progress = fields.Float(compute='_compute_counts', help='Participants that are not waiting, in percent.')
    sent_ratio = fields.Float('Sent (%)', compute='_compute_counts', help='Of the participants.')
    delivered_ratio = fields.Float('Delivered (%)', compute='_compute_counts', help='Of what was sent.')
    read_ratio = fields.Float('Read (%)', compute='_compute_counts',
                              help='Of what was sent. People who hide their ticks are not among them.')

    # ------------------------------------------------------------
    # COMPUTE AND CONSTRAINTS
    # ------------------------------------------------------------

    @api.model
    def _audience_models(self):
        """:return: names of the models with a chatter whose records have a number, their own or a contact's."""
        thread = self.env.registry['mail.thread']
        return [
            name for name, model_class in self.env.registry.items()
            if issubclass(model_class, thread) and model_class._auto and not model_class._transient
            and not name.startswith('ir.') and self._has_number(self.env[name])]

    def _has_number(self, model):
        return bool(model._phone_get_number_fields() or model._mail_get_partner_fields())

    @api.depends('model_id')
    def _compute_domain(self):
        for campaign in self:
            # Contacts: begin with those who agreed to offers, not with everybody.
            campaign.domain = repr(AGREED_CONTACTS) if campaign.model == 'res.partner' else '[]'

    @api.depends('company_id')
    def _compute_number_id(self):
        numbers = self.env['fluxforce.whatsapp.number'].search([('company_id', 'in', self.company_id.ids)])
        by_company = numbers.grouped('company_id')
        for campaign in self:
            own = by_company.get(campaign.company_id, numbers.browse())
            if campaign.number_id not in own:
                campaign.number_id = (own.filtered('able_to_send') or own)[:1]

    @api.depends('model_id', 'domain', 'company_id')
    def _compute_audience_count(self):
        for campaign in self:
            # The viewer's own rights: a count tells something about the records, too.
            campaign.audience_count = campaign._count_audience(campaign._documents(self.env.user))

    @api.depends('activity_ids.template_id')
    def _compute_preview_data(self):
        for campaign in self:
            campaign.preview_data = campaign.activity_ids[:1].template_id.preview_data

    @api.depends_context('uid')
    def _compute_may_override(self):
        self.may_override = self.env['fluxforce.whatsapp.summary']._may_override()

    def _compute_counts(self):
        participants = self._states_by_campaign('fluxforce.campaign.participant', [])
        # A message that a later one took the place of has no participant any more.
        # Nor does one that was taken back count: its participant waits again.
        messages = self._states_by_campaign(
            'fluxforce.whatsapp.message', [('participant_id.state', '=', steps.DONE)])
        for campaign in self:
            campaign.update(self._prepare_counts(participants[campaign._origin.id], messages[campaign._origin.id]))

    def _states_by_campaign(self, model, domain):
        """:return: by campaign id, how many there are in each state."""
        result = defaultdict(Counter)
        for campaign, state, count in self.env[model]._read_group(
                [('campaign_id', 'in', self._origin.ids), *domain], ['campaign_id', 'state'], ['__count']):
            result[campaign.id][state] = count
        return result

    def _prepare_counts(self, participants, messages):
        counts = {name: sum(messages[state] for state in states) for name, states in MESSAGE_COUNTS.items()}
        for name, states in PARTICIPANT_COUNTS.items():
            counts[name] = counts.get(name, 0) + sum(participants[state] for state in states)
        total, sent = participants.total(), counts['sent_count']
        return {
            **counts,
            'participant_count': total,
            'progress': self._percent(total - counts['waiting_count'], total),
            'sent_ratio': self._percent(sent, total),
            'delivered_ratio': self._percent(counts['delivered_count'], sent),
            'read_ratio': self._percent(counts['read_count'], sent),
        }

    def _percent(self, part, whole):
        return 100 * part / whole if whole else 0

    @api.constrains('model_id')
    def _check_model(self):
        allowed = set(self._audience_models())
        for campaign in self:
            if campaign.model not in allowed:
                raise ValidationError(self.env._(
                    'Records of %(model)s have no phone number. Choose another one in the field Write to.',
                    model=campaign.model_id.name))

    @api.constrains('activity_ids')
    def _check_one_activity(self):
        if any(len(campaign.activity_ids) > 1 for campaign in self):
            raise ValidationError(self.env._('A campaign has one message for now. Make a second campaign.'))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # Given explicitly, so that no default from outside makes a campaign run.
            for values in vals_list:
                self._check_kept(values, ('draft',))
            vals_list = [{**values, 'state': 'draft'} for values in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_kept(vals)
            self._check_at_rest(vals)
        return super().write(vals)

    def _check_kept(self, vals, harmless_states=()):
        """:raise AccessError: if somebody writes what only the buttons set."""
        written = KEPT_FIELDS & vals.keys()
        if written - {'state'} or ('state' in written and vals['state'] not in harmless_states):
            raise AccessError(self.env._('A campaign is started, stopped and resumed with its buttons.'))

    def _check_at_rest(self, vals):
        if AUDIENCE_FIELDS & vals.keys() and any(campaign.state != 'draft' for campaign in self):
            raise UserError(self.env._(
                'The audience of a campaign that has begun stays as it is. Duplicate the campaign to write to others.'))
        if MESSAGE_FIELDS & vals.keys() and any(campaign.state in ('running', 'done') for campaign in self):
            raise UserError(self.env._('Stop the campaign before you change its message, number or responsible.'))
        if vals.get('active') is False and any(campaign.state == 'running' for campaign in self):
            raise UserError(self.env._('Stop the campaign before you archive it.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(campaign.state != 'draft' for campaign in self):
            raise UserError(self.env._('A campaign that has begun is kept as evidence. Archive it instead.'))

    def copy_data(self, default=None):
        values_list = super().copy_data(default)
        if 'name' not in (default or {}):
            for campaign, values in zip(self, values_list, strict=True):
                values['name'] = self.env._('%(name)s (copy)', name=campaign.name)
        return values_list

    # ------------------------------------------------------------
    # AUDIENCE
    # ------------------------------------------------------------

    def _documents(self, user=None):
        """:return: empty recordset of the audience's model as a user sees it in the campaign's company.

        :param user: the responsible if not given.
        """
        user_sudo = (user or self.user_id).sudo()  # sudo: res.users - language and time zone, as in the user's session
        context = {'allowed_company_ids': self.company_id.ids, 'lang': user_sudo.lang, 'tz': user_sudo.tz}
        # All of the caller's context goes: the check in the browser and the cron must find the same.
        # pylint: disable=context-overridden
        return self.env[self.model or 'res.partner'].with_user(user_sudo.id).with_context(context)

    def _audience_domain(self):
        """:return: the audience's Domain, within the campaign's company. :raise ValueError: if it cannot be used."""
        model = self.env[self.model or 'res.partner']
        try:
            domain = Domain(literal_eval(self.domain or '[]'))
            domain.validate(model)
        except Exception as error:  # a text somebody typed may be wrong in every way
            raise ValueError(str(error)) from error
        return domain & Domain(model._check_company_domain(self.company_id)) if 'company_id' in model else domain

    def _audience(self, after=0, limit=None):
        """:return: the audience in the order in which it is served, with the responsible's rights.

        :param int after: id of the last record served already.
        """
        return self._documents().search(self._audience_domain() & Domain('id', '>', after), order='id', limit=limit)

    def _count_audience(self, documents):
        try:
            return documents.search_count(self._audience_domain())
        except (ValueError, AccessError):
            return 0  # Start says what is wrong

    def _prepare_drafts(self, activity, records):
        """:return: drafts for the gate and the outbox, with the links to the campaign; nothing is written."""
        links = {'campaign_id': self.id, 'campaign_activity_id': activity.id}
        if self.ends_at:
            links['expires_at'] = self.ends_at
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(records, activity.template_id, self.number_id)
        return [{**draft, **links} for draft in drafts]

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def _survey(self):
        """Ask the gate about the audience as the run will; nothing is written.

        :rtype: audience.Survey
        """
        self.ensure_one()
        records = self._audience(limit=CHECK_LIMIT + 1)
        survey = audience.Survey(complete=len(records) <= CHECK_LIMIT)
        seen = set()
        for batch in split_every(BATCH, records.ids[:CHECK_LIMIT], records.browse):
            self._survey_batch(survey, batch, seen)
        return survey

    def _survey_batch(self, survey, records, seen):
        drafts = {draft['res_id']: draft for draft in self._prepare_drafts(self.activity_ids, records)}
        phones = {res_id: draft['phone'] for res_id, draft in drafts.items()}
        twice = audience.duplicates(phones, seen)
        seen.update(phones.values())
        judged = [draft for res_id, draft in drafts.items() if res_id not in twice]
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(judged)
        survey.summary = self.env['fluxforce.whatsapp.summary']._summarise(judged, verdicts, survey.summary)
        survey.total += len(drafts)
        survey.duplicates += len(twice)
        survey.sendable += sum(verdict.action is Action.ALLOW for verdict in verdicts)
        survey.held.update(verdict.reason for verdict in verdicts if verdict.action is Action.HOLD)
        survey.refused.update(verdict.reason for verdict in verdicts if verdict.action is Action.REFUSE)

    def _prepare_check_values(self, survey):
        summary = survey.summary
        return {
            'check_result': self._render_survey(survey),
            'check_warnings': summary and self.env['fluxforce.whatsapp.summary']._render_warnings(summary) or False,
            'is_critical': bool(summary and summary.is_critical),
            'checked_at': fields.Datetime.now(),
        }

    def _render_survey(self, survey):
        """:return: a survey in words, Markup."""
        explain = self.env['fluxforce.whatsapp.gate']._explain
        reasons = [(count, explain(reason)) for reason, count in (survey.held + survey.refused).most_common()]
        if survey.duplicates:
            reasons.append((survey.duplicates, self.env._('Somebody earlier has the same number.')))
        summary = self.env._('%(sendable)s of %(total)s can be sent.', sendable=survey.sendable, total=survey.total)
        if not survey.complete:
            summary += ' ' + self.env._('Only the first %(limit)s were looked at.', limit=CHECK_LIMIT)
        rows = Markup('').join(Markup('<li>%s × %s</li>') % row for row in reasons)
        return Markup('<p>%s</p>%s') % (summary, rows and Markup('<ul>%s</ul>') % rows)

    def _check_ready(self):
        """:raise UserError: naming the field at fault and the remedy."""
        self.ensure_one()
        self._check_responsible()
        if not self.number_id:
            raise UserError(self.env._(
                'Choose the number to send from in the field From. An administrator connects one under WhatsApp > '
                'Configuration > Accounts.'))
        self._check_template(self.activity_ids.template_id)
        self._check_domain()
        if self.ends_at and self.ends_at <= fields.Datetime.now():
            raise UserError(self.env._(
                'The campaign would end before it begins. Choose a later moment in the field Ends on, or none.'))

    def _check_responsible(self):
        allowed = self.env.su or self.env.user.has_group('fluxforce_whatsapp.group_whatsapp_admin')
        if not allowed and self.user_id != self.env.user:
            raise UserError(self.env._(
                'This campaign reads its audience with the rights of %(user)s, so only they or an administrator may '
                'do this. Put yourself into the field Responsible to go on with your own rights.',
                user=self.user_id.name))

    def _check_template(self, template):
        if not template:
            raise UserError(self.env._('Choose an approved template in the field Template.'))
        if not template.active or template.status != 'APPROVED':
            raise UserError(self.env._(
                'Meta has not approved the template "%(template)s", or no longer does. Choose another one in the '
                'field Template.', template=template.display_name))
        if template.model != self.model:
            raise UserError(self.env._(
                'The template "%(template)s" is made for %(other)s, the audience is %(model)s. Choose another one in '
                'the field Template, or change the field Write to.', template=template.display_name,
                other=template.model_id.name, model=self.model_id.name))
        if template.account_id != self.number_id.account_id:
            raise UserError(self.env._(
                'The template "%(template)s" and the number belong to different WhatsApp accounts. Change the field '
                'Template or the field From.', template=template.display_name))
        # The campaign sends with the rights of who answers for it.
        template.with_user(self.user_id)._check_may_send()
        self._check_variables(template)

    def _check_variables(self, template):
        free = template.variable_ids.filtered(lambda variable: variable.source == 'free' and not variable.is_optional)
        if free:
            raise UserError(self.env._(
                'Nobody can be asked for %(variables)s while a campaign runs. Let an administrator fill them from a '
                'field or with a text on the template "%(template)s", or choose another one in the field Template.',
                variables=', '.join(free.mapped('display_name')), template=template.display_name))

    def _check_domain(self):
        try:
            self._audience_domain()
        except ValueError as error:
            raise UserError(self.env._(
                'The filter in the field Audience cannot be read. Set it again. (%(error)s)', error=error)) from error

    def _check_startable(self):
        if self.state != 'draft':
            raise UserError(self.env._('Only a draft can be started. Duplicate the campaign to send it again.'))
        self._check_ready()
        if not self._audience(limit=1):
            raise UserError(self.env._('Nobody fits the filter in the field Audience. Widen it.'))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check_audience(self):
        """Ask the gate about everybody and keep the answer; nothing is sent."""
        self.check_access('write')
        for campaign in self:
            campaign._check_startable()
            # sudo: campaign - the evidence is written by the check only
            campaign.sudo().write(campaign._prepare_check_values(campaign._survey()))

    def action_confirm_start(self):
        """Check the audience and show the numbers before anything is sent."""
        self.ensure_one()
        self.action_check_audience()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Start Campaign'),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self.env.ref('fluxforce_whatsapp_marketing.fluxforce_campaign_view_form_start').id, 'form')],
            'target': 'new',
        }

    def action_start(self):
        """Send to the audience as it is now, from the next moment on."""
        self.check_access('write')
        for campaign in self:
            campaign._check_startable()
            survey = campaign._survey()
            campaign._override(survey.summary)
            values = campaign._prepare_check_values(survey)
            # sudo: campaign - the state is set by the buttons only
            campaign.sudo().write({**values, 'state': 'running', 'started_at': fields.Datetime.now(), 'problem': False})
        self._wake()
        return {'type': 'ir.actions.act_window_close'}

    def _override(self, found):
        """What may cost the account needs an administrator and a reason, which is kept."""
        summary = self.env['fluxforce.whatsapp.summary']
        summary._check_override(found, self.override_reason)
        summary._keep_override(found, self.activity_ids.template_id, self.number_id, self.override_reason)

    def action_stop(self):
        """Send to nobody else. What waits in the outbox is taken back; what went out stays."""
        self.check_access('write')
        # All may have been put into the outbox while most of it still waits there.
        if any(campaign.state != 'running' and not (campaign.state == 'done' and campaign.waiting_count)
               for campaign in self):
            raise UserError(self.env._('Only a campaign that is running can be stopped.'))
        self.sudo().write({'state': 'stopped'})  # sudo: campaign - the state is set by the buttons only
        self._wake()

    def action_resume(self):
        """Go on with who is left."""
        self.check_access('write')
        for campaign in self:
            if campaign.state != 'stopped':
                raise UserError(self.env._('Only a campaign that was stopped can be resumed.'))
            campaign._check_ready()
        # sudo: campaign, message - the state is set by the buttons only
        self.sudo().write({'state': 'running', 'problem': False, 'done_at': False})
        self.env['fluxforce.whatsapp.message'].sudo()._release_waiting(
            [('campaign_id', 'in', self.ids), ('reason', '=', 'halted')])
        self._wake()

    def action_open_messages(self):
        """Open the messages behind a count, named in the context as ``campaign_count``."""
        states = MESSAGE_COUNTS.get(self.env.context.get('campaign_count'))
        domain = [('campaign_id', 'in', self.ids), ('participant_id', '!=', False)]
        return self._open_related('fluxforce_whatsapp.fluxforce_whatsapp_message_action',
                                  [*domain, ('state', 'in', states)] if states else domain)

    def action_open_participants(self):
        """Open the participants behind a count, named in the context as ``campaign_count``."""
        count = self.env.context.get('campaign_count')
        domain = Domain('campaign_id', 'in', self.ids)
        if count:
            # Of who waits again, the message that was taken back does not count.
            sent = Domain('state', '=', steps.DONE) & Domain('message_state', 'in', MESSAGE_COUNTS.get(count, ()))
            domain &= Domain('state', 'in', PARTICIPANT_COUNTS.get(count, ())) | sent
        return self._open_related('fluxforce_whatsapp_marketing.fluxforce_campaign_participant_action', list(domain))

    def _open_related(self, xmlid, domain):
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        return {**action, 'domain': domain, 'context': {'create': False}}

    # ------------------------------------------------------------
    # RUN
    # ------------------------------------------------------------

    @api.model
    def _wake(self):
        """Run the campaigns soon. Call once per batch."""
        self.env.ref('fluxforce_whatsapp_marketing.ir_cron_run').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_run(self):
        """Serve the campaigns in turn, a batch each, while there is work and the cron has time."""
        runner = self.env['fluxforce.campaign.runner']
        queue = deque(runner._ids_with_work())
        while queue:
            campaign = self.browse(queue.popleft())
            processed = runner._run_batch(campaign)
            time_left = self.env['ir.cron']._commit_progress(processed, remaining=runner._count_remaining())
            if time_left <= 0:
                break
            if processed:
                queue.append(campaign.id)
