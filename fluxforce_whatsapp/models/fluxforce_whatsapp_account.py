import logging
import re
import secrets
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.urls import urljoin

from ..cloud_api import const as meta
from ..cloud_api.client import Client
from ..cloud_api.errors import ApiError, CloudApiError, NotSentError, SettingsError, redact
from ..controllers.webhook import WEBHOOK_ROUTE
from .conflicts import CONFLICTS, again_on_conflict

_logger = logging.getLogger(__name__)

# Thirty days, as long as Meta itself tries to deliver, in minutes.
LONGEST_UNKNOWN_WAIT = 30 * 24 * 60
# Ten years.
LONGEST_KEEP_DAYS = 3650
# Of the limits per person: messages, and days looked back. (Our own choice: more would be no limit.)
MOST_MARKETING, LONGEST_SPAN_DAYS = 100, 90
# Graph-wide codes for "this object does not exist or the token may not see it".
UNKNOWN_OBJECT_CODES = {33, 100, 803}
TOKEN_CODES = {0, 190}


class FluxforceWhatsappAccount(models.Model):
    """One WhatsApp Business Account (WABA) and the Meta app that talks for it."""

    _name = 'fluxforce.whatsapp.account'
    _description = 'WhatsApp Account'
    _inherit = ['mail.thread', 'mail.activity.mixin', 'fluxforce.whatsapp.told', 'fluxforce.whatsapp.watchdog']
    _order = 'sequence, id'

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, tracking=True)
    user_id = fields.Many2one('res.users', 'Responsible', default=lambda self: self.env.user, tracking=True,
                              help='Gets a to-do when this account needs somebody.')
    state = fields.Selection(
        [('draft', 'Not connected'), ('connected', 'Connected'), ('error', 'Stopped by an error')],
        default='draft', required=True, readonly=True, copy=False, tracking=True)
    problem = fields.Text(readonly=True, copy=False, help='Why this account cannot send at the moment.')
    stop_cause = fields.Char(readonly=True, copy=False, help='Technical: Meta\'s event that stopped the account.')

    portfolio_id = fields.Many2one(
        'fluxforce.whatsapp.portfolio', 'Business Portfolio', required=True, copy=False, index=True,
        ondelete='restrict',
        help='Accounts of the same portfolio at Meta share its messaging limit: choose the same one for them.')
    budget_limit = fields.Integer('Limit', related='portfolio_id.limit_people')
    budget_used = fields.Integer('Used', related='portfolio_id.used_people')
    budget_reserved = fields.Integer('Reserved', related='portfolio_id.reserved_people')
    budget_free = fields.Integer('Free for Marketing', related='portfolio_id.free_people')
    budget_room = fields.Char('Room Returns', related='portfolio_id.room_words')
    restrictions = fields.Json(readonly=True, copy=False, help='Technical: what Meta forbids, and until when.')
    sending_paused = fields.Boolean('Stopped by a Person', readonly=True, copy=False, tracking=True)
    pause_reason = fields.Char(readonly=True, copy=False)
    database_uuid = fields.Char(readonly=True, copy=False, help='Technical: the database that was connected.')
    sync_asked_at = fields.Datetime(readonly=True, copy=False, help='Since when the templates are to be fetched anew.')
    unknown_wait_minutes = fields.Integer(
        'Ask about unknown outcomes after (min)', default=60,
        help='For so long a message whose outcome is unknown waits for a report of WhatsApp; then a person decides.')
    quiet_from = fields.Float('Quiet from', default=21.0, help='In the time of the person written to.')
    quiet_to = fields.Float('Quiet until', default=8.0, help='The same time twice for no quiet hours.')
    quiet_purposes = fields.Selection(
        [('marketing', 'Marketing'), ('marketing_utility', 'Marketing and service updates')], 'Quiet hours hold',
        default='marketing', required=True)
    marketing_most = fields.Integer(
        'Marketing per Person', default=4,
        help='One person gets at most so many marketing messages in the days beside, over all campaigns and numbers of '
             'the company. What is too much waits. 0 for no limit.')
    marketing_days = fields.Integer('Days of Marketing per Person', default=7)
    duplicate_hours = fields.Integer(
        'Same text again after (hours)', default=24,
        help='The same template with the same values does not go to the same person before. Sign-in codes may always '
             'be repeated. 0 to allow it.')

    waba_id = fields.Char(
        'WhatsApp Business Account ID', required=True, copy=False, tracking=True,
        help='Meta Business Suite > Settings > WhatsApp accounts. Digits only.')
    # Secrets: system-only, never tracked, copied or related.
    token = fields.Char('Access Token', groups='base.group_system', copy=False,
                        help='Permanent token of a system user with whatsapp_business_messaging and '
                             'whatsapp_business_management.')
    app_secret = fields.Char(groups='base.group_system', copy=False,
                             help='Meta app dashboard > App settings > Basic. It proves that a webhook is Meta\'s.')
    verify_token = fields.Char(groups='base.group_system', copy=False, default=lambda self: secrets.token_urlsafe(24))
    webhook_token = fields.Char(groups='base.group_system', copy=False, required=True,
                                default=lambda self: secrets.token_urlsafe(32))
    webhook_url = fields.Char('Webhook URL', compute='_compute_webhook_url', groups='base.group_system',
                              help='Connect tells it to Meta; nobody needs to paste it.')
    # System-only as well: whoever chooses the address the token is sent to gets the token.
    api_version = fields.Char('API Version', required=True, default=meta.DEFAULT_API_VERSION,
                              groups='base.group_system')
    base_url = fields.Char('API Address', required=True, default=meta.GRAPH_BASE_URL, groups='base.group_system')

    webhook_keep_days = fields.Integer(
        'Keep webhooks for (days)', default=30,
        help='What Meta reported holds what people wrote. After so many days it is deleted from the journal; messages '
             'in the chatter stay.')
    keep_months = fields.Integer(
        'Keep texts and files for (months)', default=0,
        help='Older messages lose their texts and files, in the chatter as well; that they were sent, when and to whom '
             'stays, and so do consents. 0 keeps them for good.')
    create_contacts = fields.Boolean(
        'Create contacts for unknown senders', default=True,
        help='Somebody who writes and is not a contact yet becomes one.')
    currency_code = fields.Char('Currency', readonly=True, copy=False)
    review_status = fields.Char(readonly=True, copy=False)
    last_connected = fields.Datetime(readonly=True, copy=False)
    number_ids = fields.One2many('fluxforce.whatsapp.number', 'account_id', 'Numbers')
    number_count = fields.Integer(compute='_compute_counts')
    template_count = fields.Integer(compute='_compute_counts')

    _waba_unique = models.Constraint('unique(waba_id)', 'This WhatsApp Business Account is already set up.')
    _webhook_token_unique = models.Constraint('unique(webhook_token)', 'This webhook address is already in use.')

    # ------------------------------------------------------------
    # COMPUTE AND CONSTRAINTS
    # ------------------------------------------------------------

    @api.depends('webhook_token')
    def _compute_webhook_url(self):
        for account in self:
            account.webhook_url = urljoin(account.get_base_url(), f'{WEBHOOK_ROUTE}/{account.webhook_token}')

    def _compute_counts(self):
        numbers = dict(self.env['fluxforce.whatsapp.number']._read_group(
            [('account_id', 'in', self.ids)], ['account_id'], ['__count']))
        templates = dict(self.env['fluxforce.whatsapp.template']._read_group(
            [('account_id', 'in', self.ids)], ['account_id'], ['__count']))
        for account in self:
            account.number_count = numbers.get(account, 0)
            account.template_count = templates.get(account, 0)

    @api.constrains('waba_id')
    def _check_waba_id(self):
        for account in self:
            if not (account.waba_id or '').isdigit():
                raise ValidationError(self.env._(
                    'WhatsApp Business Account ID "%(waba)s" must be digits only. You find it in Meta Business Suite '
                    'under Settings > WhatsApp accounts.', waba=account.waba_id))

    @api.constrains('api_version')
    def _check_api_version(self):
        for account in self.sudo():  # sudo: account - the check, whoever writes
            if not re.fullmatch(r'v\d+\.\d+', account.api_version or ''):
                raise ValidationError(self.env._(
                    'API Version "%(version)s" is not of the form v25.0.', version=account.api_version))

    @api.constrains('base_url')
    def _check_base_url(self):
        for account in self.sudo():  # sudo: account - the check, whoever writes
            parts = urlsplit(account.base_url or '')
            if parts.scheme not in ('http', 'https') or not parts.hostname:
                raise ValidationError(self.env._(
                    'API Address "%(url)s" is not a web address. Meta\'s own is %(default)s.',
                    url=account.base_url, default=meta.GRAPH_BASE_URL))

    @api.constrains('unknown_wait_minutes')
    def _check_unknown_wait(self):
        if any(not 1 <= account.unknown_wait_minutes <= LONGEST_UNKNOWN_WAIT for account in self):
            raise ValidationError(self.env._(
                'Ask about unknown outcomes after: enter 1 to %(most)s minutes.', most=LONGEST_UNKNOWN_WAIT))

    @api.constrains('webhook_keep_days')
    def _check_webhook_keep_days(self):
        if any(not 1 <= account.webhook_keep_days <= LONGEST_KEEP_DAYS for account in self):
            raise ValidationError(self.env._(
                'Keep webhooks for: enter 1 to %(most)s days.', most=LONGEST_KEEP_DAYS))

    @api.constrains('quiet_from', 'quiet_to')
    def _check_quiet_hours(self):
        if any(not 0 <= hour < 24 for account in self for hour in (account.quiet_from, account.quiet_to)):
            raise ValidationError(self.env._('Quiet hours: enter times from 0:00 to 23:59.'))

    @api.constrains('marketing_most', 'marketing_days', 'duplicate_hours')
    def _check_limits_per_person(self):
        for account in self:
            within = 0 <= account.marketing_most <= MOST_MARKETING
            if not within or not 1 <= account.marketing_days <= LONGEST_SPAN_DAYS:
                raise ValidationError(self.env._(
                    'Marketing per Person: enter 0 to %(most)s messages in 1 to %(days)s days.',
                    most=MOST_MARKETING, days=LONGEST_SPAN_DAYS))
            if not 0 <= account.duplicate_hours <= 24 * LONGEST_SPAN_DAYS:
                raise ValidationError(self.env._(
                    'Same text again after: enter 0 to %(most)s hours.', most=24 * LONGEST_SPAN_DAYS))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            if not values.get('portfolio_id'):
                values['portfolio_id'] = self._create_portfolio(values).id
        return super().create(vals_list)

    def _create_portfolio(self, values):
        # sudo: portfolio - one of its own until somebody says that it is shared
        return self.env['fluxforce.whatsapp.portfolio'].sudo().create({
            'name': values.get('name') or values.get('waba_id')})

    def write(self, vals):
        if 'company_id' in vals:
            self._check_company_may_change(vals['company_id'])
        moved = self.filtered(
            lambda account: account.portfolio_id.id != vals.get('portfolio_id', account.portfolio_id.id))
        reach = self.env['fluxforce.whatsapp.reach'].sudo()  # sudo: reach - written by nobody else
        former = {account.id: account.portfolio_id for account in moved}
        result = super().write(vals)
        for account in moved:
            reach._merge(former[account.id], account.portfolio_id)
        if {'active', 'state', 'sending_paused'} & vals.keys():
            self.filtered(lambda account: account.active and account.state == 'connected'
                          and not account.sending_paused)._release_held()
        return result

    def _check_company_may_change(self, company_id):
        changed = self.filtered(lambda account: account.company_id.id != company_id)
        # sudo: message - of every company
        if changed and self.env['fluxforce.whatsapp.message'].sudo().search_count(
                [('account_id', 'in', changed.ids)], limit=1):
            raise UserError(self.env._(
                'Messages have been sent for this account already, so it stays with its company. Set up another '
                'account for the other company.'))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_test_connection(self):
        """Ask Meta for the account and say in words what comes back."""
        self.ensure_one()
        self.check_access('write')
        with self._client() as client:
            answer = self._ask(lambda: client.get_account(self.waba_id))
        return self._notify(self.env._('Meta answers: the account is "%(name)s".', name=answer.get('name') or ''))

    def action_connect(self):
        """Pull numbers and templates and subscribe our webhook, all or nothing."""
        self.ensure_one()
        self.check_access('write')
        self._check_ready_to_connect()
        with self._client() as client:
            answer = self._ask(lambda: client.get_account(self.waba_id))
            numbers = self._ask(lambda: client.list_phone_numbers(self.waba_id))
            templates = self._ask(lambda: client.list_templates(self.waba_id))
            if not numbers:
                raise UserError(self.env._(
                    'This account has no phone number yet. Add one in Meta\'s WhatsApp Manager, then connect again.'))
            self._subscribe(client)
        self.env['fluxforce.whatsapp.number']._sync(self, numbers)
        self.env['fluxforce.whatsapp.template']._sync(self, templates)
        self.number_ids.filtered('problem').action_retry()
        self.write(self._prepare_connected_values(answer))
        self.env['fluxforce.whatsapp.alert']._close('account_stopped', self, note=self.env._('Connected again.'))
        return self._notify(self.env._(
            'Connected: %(numbers)s numbers and %(templates)s templates.',
            numbers=len(numbers), templates=len(templates)), reload=True)

    def action_sync_templates(self):
        """Pull all templates with their present status and category."""
        self.check_access('write')
        for account in self:
            with account._client() as client:
                templates = account._ask(lambda: client.list_templates(account.waba_id))  # noqa: B023
            self.env['fluxforce.whatsapp.template']._sync(account, templates)
        return self._notify(self.env._('The templates are up to date.'), reload=True)

    def action_open_numbers(self):
        return self._open_related('fluxforce_whatsapp.fluxforce_whatsapp_number_action')

    def action_open_templates(self):
        return self._open_related('fluxforce_whatsapp.fluxforce_whatsapp_template_action')

    def _open_related(self, xmlid):
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        return {**action, 'domain': [('account_id', 'in', self.ids)], 'context': {'default_account_id': self.id}}

    def _notify(self, message, reload=False, kind='success'):
        params = {'type': kind, 'message': message}
        if reload:
            params['next'] = {'type': 'ir.actions.client', 'tag': 'soft_reload'}
        return {'type': 'ir.actions.client', 'tag': 'display_notification', 'params': params}

    # ------------------------------------------------------------
    # META
    # ------------------------------------------------------------

    def _client(self):
        """:return: a :class:`Client` for this account; close it (context manager)."""
        self.ensure_one()
        account_sudo = self.sudo()  # sudo: account - who sends never sees the token
        return Client(account_sudo.base_url, account_sudo.api_version, account_sudo.token or '')

    def _check_ready_to_connect(self):
        account_sudo = self.sudo()  # sudo: account - only whether the secrets are there
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ('token', 'app_secret', 'verify_token') if not account_sudo[name]]
        if missing:
            raise UserError(self.env._('Fill in first: %(fields)s.', fields=', '.join(missing)))

    def _subscribe(self, client):
        account_sudo = self.sudo()  # sudo: account - Meta needs the webhook's secrets
        if len(account_sudo.webhook_url) > meta.CALLBACK_URL_MAX:
            raise UserError(self.env._(
                'The address of this Odoo is too long for Meta (%(max)s characters with the webhook\'s path). '
                'Shorten the system parameter web.base.url.', max=meta.CALLBACK_URL_MAX))
        try:
            client.subscribe_here(self.waba_id, account_sudo.webhook_url, account_sudo.verify_token)
        except CloudApiError as error:
            raise UserError(self._explain_subscription(error)) from error

    def _explain_subscription(self, error):
        """:return: what to do about a :class:`CloudApiError` when Meta is asked to send its webhooks here."""
        if not isinstance(error, ApiError) or error.code in TOKEN_CODES:
            return self._explain(error)
        # sudo: account - Meta may quote the address it tried, which is a secret
        reason = redact(error.details or error.message, self.sudo().webhook_token)
        return self.env._(
            'Meta could not reach this Odoo for its webhooks: %(reason)s\nThe address it tried begins with '
            '%(base)s (system parameter web.base.url); it must be reachable from the internet over https.',
            reason=reason, base=self.get_base_url())

    def _ask(self, call):
        """Run a management call and put what goes wrong in the administrator's words."""
        try:
            return call()
        except CloudApiError as error:
            raise UserError(self._explain(error)) from error

    def _explain(self, error):
        """:return: what to do about a :class:`CloudApiError`, naming the field at fault."""
        self.ensure_one()
        if isinstance(error, ApiError):
            return self._explain_refusal(error)
        if isinstance(error, SettingsError):
            return self.env._(
                'Check the fields Access Token, WhatsApp Business Account ID, API Address and API Version: %(reason)s',
                reason=error)
        if isinstance(error, NotSentError):
            return self.env._(
                'Meta cannot be reached at %(url)s. Check the field API Address and this server\'s connection.',
                url=self.sudo().base_url)  # sudo: account - the address is no secret, only choosing it is
        return self.env._(
            'What answers at %(url)s does not speak like Meta\'s API. Check the fields API Address and API Version; '
            'a proxy in between may answer instead.', url=self.sudo().base_url)  # sudo: account - as above

    def _explain_refusal(self, error):
        if error.code in TOKEN_CODES:
            return self.env._(
                'Meta refuses the access token. Make a new permanent token for the system user and put it into the '
                'field Access Token.')
        if error.code in UNKNOWN_OBJECT_CODES:
            return self.env._(
                'Meta does not know the WhatsApp Business Account ID %(waba)s, or the token may not see it. Check the '
                'field WhatsApp Business Account ID and that the system user is assigned to this account.',
                waba=self.waba_id)
        return self.env._(
            'Meta refuses: %(message)s (code %(code)s).', message=error.details or error.message, code=error.code)

    def _prepare_connected_values(self, answer):
        return {
            'state': 'connected',
            'problem': False,
            'stop_cause': False,
            'currency_code': answer.get('currency') or False,
            'review_status': answer.get('account_review_status') or False,
            'last_connected': fields.Datetime.now(),
            'database_uuid': self._database_uuid(),
        }

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _responsible(self):
        """:return: the user to turn to about this account, maybe none; without a fit one, its first administrator."""
        self.ensure_one()
        administrators = self.env['res.users'].sudo().search([  # sudo: res.users - whoever happens to notice
            ('all_group_ids', 'in', self.env.ref('fluxforce_whatsapp.group_whatsapp_admin').ids),
            ('company_ids', 'in', self.company_id.ids)], order='id', limit=1)
        return self.user_id if self._is_fit(self.user_id) else administrators

    def _readers_language(self):
        """:return: the language in which a chatter is told of things: that of the company. (Our own choice.)"""
        return self.company_id.partner_id.lang or self.env.lang

    def _in_readers_language(self):
        """:return: the same account; what happens to it is told in the language of its company."""
        return self.with_context(lang=self._readers_language())

    def _is_fit(self, user):
        if not user.active:
            return False
        account = self.sudo(False).with_user(user).with_context(allowed_company_ids=user.sudo().company_ids.ids)
        return account.has_access('read')

    # ------------------------------------------------------------
    # STOP AND GO
    # ------------------------------------------------------------

    def _stop(self, error):
        """Stop sending for the account after a refusal that concerns all of it (token, permission, payment, ban).

        :param ApiError error: Meta's refusal.
        """
        for account in self.filtered(lambda a: a.state != 'error'):
            account._halt(account._in_readers_language()._explain(error))

    def _halt(self, reason, cause=False):
        """Stop sending for the account and tell about it; a person connects it again.

        :param str reason: why, in the administrator's words.
        :param cause: Meta's event that says so; another event of Meta's may take it back.
        """
        for account in self:
            account.write({'state': 'error', 'problem': reason, 'stop_cause': cause})
            self.env['fluxforce.whatsapp.alert']._raise_alert('account_stopped', account, detail=reason)

    def _go_on(self, cause, why):
        """Take a stop back that Meta has taken back; one for any other reason stays.

        :param str cause: the event that had stopped it.
        :param str why: kept with the alert.
        """
        for account in self.filtered(lambda a: a.state == 'error' and a.stop_cause == cause):
            account.write({'state': 'connected', 'problem': False, 'stop_cause': False})
            self.env['fluxforce.whatsapp.alert']._close('account_stopped', account, note=why)

    def _restrict(self, kind, level, until, number):
        """Remember a restriction of Meta's; :meth:`_heed_restrictions` of the numbers acts upon it.

        :param str kind: one of a kind holds, the last one told.
        :param str level: what it stops, of ``policy.brake.LEVELS``.
        :param until: naive UTC, None for no known end.
        :param number: the number it is about, None for all of the account.
        """
        self.ensure_one()
        until = until and fields.Datetime.to_string(until)
        self.restrictions = {**(self.restrictions or {}), kind: {
            'level': level, 'until': until, 'number': number.id if number else None}}

    def _restrictions_of(self, number):
        """:return: level and naive UTC end, or None, of what Meta forbids a number, over or not."""
        self.ensure_one()
        return [(one['level'], fields.Datetime.to_datetime(one['until']) or None)
                for one in (self.restrictions or {}).values() if one['number'] in (None, number.id)]

    def action_pause(self):
        """One click stops everything of the account; what is in flight comes back, what waits stays."""
        self.check_access('write')
        reason = self.env._('Stopped by %(user)s.', user=self.env.user.name)
        self.write({'sending_paused': True, 'pause_reason': reason})

    def action_resume(self):
        """Go on where it stopped."""
        self.check_access('write')
        self.write({'sending_paused': False, 'pause_reason': False})
        self.env['fluxforce.whatsapp.sender']._wake_outbox()

    def _release_held(self):
        """Put held messages of these accounts back into the queue; the gate looks at each again."""
        self.env['fluxforce.whatsapp.message'].sudo()._release_held(self)
        if self:
            self.env['fluxforce.whatsapp.sender']._wake_outbox()

    @api.model
    def _stop_copies(self):
        """A copy of a database must not send what the original sends; connecting it anew is a person's decision."""
        here = self._database_uuid()
        copies = self.search([('state', '=', 'connected'), ('database_uuid', 'not in', (False, here))])
        for account in copies:
            reason = self.env._(
                'This database is a copy of the one that was connected, so nothing is sent from here. Connect this '
                'account again if it is to send from here; then the other database must not send any more.')
            account._halt(reason)
        if copies:
            self.env['ir.cron']._commit_progress()

    def _database_uuid(self):
        """:return: Odoo's own mark of this database; a restored copy gets another one."""
        # sudo: ir.config_parameter - no secret
        return self.env['ir.config_parameter'].sudo().get_param('database.uuid')

    # ------------------------------------------------------------
    # TEMPLATES ASKED FOR ANEW
    # ------------------------------------------------------------

    def _ask_for_sync(self):
        """Have the templates fetched soon: Meta knows them otherwise than we do."""
        self.filtered(lambda account: not account.sync_asked_at).write({'sync_asked_at': fields.Datetime.now()})
        self._ask_for_numbers()

    @api.model
    def _ask_for_numbers(self):
        """Have the numbers fetched soon."""
        self.env.ref('fluxforce_whatsapp.ir_cron_sync').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_sync(self):
        """Ask Meta for numbers and, where needed, templates; an account that cannot be reached is no failure."""
        accounts = self.search([('state', '=', 'connected')])
        for done, account in enumerate(accounts, 1):
            # A webhook about a template that was applied while Meta was asked.
            again_on_conflict(self.env, account._sync_guarded)
            self.env['ir.cron']._commit_progress(1, remaining=len(accounts) - done)

    def _sync_guarded(self):
        asked = bool(self.sync_asked_at)
        self.sync_asked_at = False
        try:
            with self.env.cr.savepoint():
                self._refresh(asked)
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.warning('WhatsApp account %s could not be refreshed: %s', self.id, error)
            # Better tried with what we know than never.
            self._stale_templates().write({'sync_asked': False})
        # sudo: message - of every company
        self.env['fluxforce.whatsapp.message'].sudo()._release_waiting(
            [('account_id', '=', self.id), ('reason', '=', 'template_sync')])

    def _stale_templates(self):
        """:return: templates that Meta knows otherwise than we do, or that may have come back by themselves."""
        return self.env['fluxforce.whatsapp.template'].with_context(active_test=False).search([
            ('account_id', '=', self.id), '|', ('sync_asked', '=', True), ('status', '=', 'PAUSED')])

    def _refresh(self, templates=False):
        """Quality, limit and state of the numbers change at Meta; a paused template comes back by itself.

        :param bool templates: whether the templates were asked for.
        """
        with self._client() as client:
            numbers = self._ask(lambda: client.list_phone_numbers(self.waba_id))
        self.env['fluxforce.whatsapp.number']._sync(self, numbers)
        if templates or self._stale_templates():
            self.action_sync_templates()
