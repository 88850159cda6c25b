from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..cloud_api import const as meta
from ..const import OTHER, known
from ..policy import warmup
from ..policy.gate import Reason
from ..policy.pace import Limit

STATUSES = {
    'CONNECTED': 'Connected',
    'PENDING': 'Pending',
    'DISCONNECTED': 'Disconnected',
    'FLAGGED': 'Flagged',
    'RESTRICTED': 'Restricted',
    'RATE_LIMITED': 'Rate limited',
    'BANNED': 'Banned',
    'DELETED': 'Deleted',
    'MIGRATED': 'Migrated',
    'UNVERIFIED': 'Not verified',
}

# However much comes in, something may go out. (Our own choice.)
LEAST_PER_SECOND = 1

# What people may set; everything else is as Meta reports it.
OURS = {'sequence', 'active', 'operator_limit', 'warmup_id'}


class FluxforceWhatsappNumber(models.Model):
    """One business phone number of an account, as Meta reports it."""

    _name = 'fluxforce.whatsapp.number'
    _description = 'WhatsApp Number'
    _inherit = ['fluxforce.whatsapp.warming', 'fluxforce.whatsapp.braking', 'fluxforce.whatsapp.told']
    _order = 'sequence, id'
    _rec_names_search = ['verified_name', 'display_phone_number']

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help='The first number that is able to send is the one proposed.')
    phone_number_id = fields.Char('Phone Number ID', required=True, readonly=True)
    display_phone_number = fields.Char('Phone Number', readonly=True)
    verified_name = fields.Char('Name Shown', readonly=True, help='Meta\'s "display name": what people see.')
    status = fields.Selection([*STATUSES.items(), (OTHER, 'Other')], readonly=True)
    quality_rating = fields.Selection([*meta.QUALITY_RATINGS.items(), (OTHER, 'Other')], 'Quality', readonly=True)
    throughput_level = fields.Char('Throughput', readonly=True)
    messaging_limit = fields.Char(readonly=True, help='How many people may be reached in 24 hours outside a '
                                                      'conversation, over all numbers of the portfolio.')
    on_business_app = fields.Boolean('Shared with the Business App', readonly=True,
                                     help='Meta lets such a number send 20 messages a second.')
    last_synced = fields.Datetime(readonly=True, copy=False)
    operator_limit = fields.Integer(
        'Own Limit (messages/s)', help='Slow this number down below what Meta allows; 0 for no limit of your own.')
    sending_paused = fields.Boolean('Stopped by a Person', readonly=True, copy=False)
    pause_reason = fields.Char(readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help='Why Meta takes nothing from this number at the moment.')
    stopped = fields.Boolean(compute='_compute_stopped', store=True, help='Nothing is sent; what waits stays as it is.')
    # The budget is the portfolio's: all its numbers share it.
    budget_limit = fields.Integer('Limit', related='account_id.budget_limit')
    budget_used = fields.Integer('Used', related='account_id.budget_used')
    budget_reserved = fields.Integer('Reserved', related='account_id.budget_reserved')
    budget_free = fields.Integer('Free for Marketing', related='account_id.budget_free')
    budget_room = fields.Char('Room Returns', related='account_id.budget_room')
    able_to_send = fields.Boolean(compute='_compute_able_to_send')

    # --- Queue: how it stands at this moment, in words
    queue_due_count = fields.Integer('Ready to Go', compute='_compute_queue')
    queue_held_count = fields.Integer('On Hold', compute='_compute_queue')
    queue_sent_count = fields.Integer('Sent in the Last Hour', compute='_compute_queue')
    queue_rate = fields.Char('Speed Now', compute='_compute_queue')
    queue_limit = fields.Char('Why Not Faster', compute='_compute_queue')
    queue_finish = fields.Char('Time to Finish', compute='_compute_queue')
    queue_next = fields.Char('Next Message Goes', compute='_compute_queue')
    stop_explanation = fields.Char(compute='_compute_stop_explanation')

    _phone_number_id_unique = models.Constraint('unique(phone_number_id)', 'This number belongs to another account.')
    _operator_limit_positive = models.Constraint('CHECK(operator_limit >= 0)', 'Own Limit cannot be negative.')

    @api.depends('status', 'active')
    def _compute_able_to_send(self):
        for number in self:
            number.able_to_send = number.active and number.status in meta.NUMBER_STATUS_ABLE_TO_SEND

    @api.depends('active', 'status', 'sending_paused', 'problem', 'brake', 'account_id.active', 'account_id.state',
                 'account_id.sending_paused')
    def _compute_stopped(self):
        for number in self:
            account = number.account_id
            number.stopped = bool(
                not number.able_to_send or number.sending_paused or number.problem or number.brake == 'all'
                or not account.active or account.state != 'connected' or account.sending_paused)

    @api.depends('stopped')
    @api.depends_context('lang')
    def _compute_stop_explanation(self):
        for number in self:
            number.stop_explanation = number._explain_stop()

    @api.depends_context('lang', 'tz')
    def _compute_queue(self):
        panels = self.env['fluxforce.whatsapp.forecast']._panel_of(self)
        for number in self:
            number.update(panels[number])

    @api.depends('verified_name', 'display_phone_number')
    def _compute_display_name(self):
        for number in self:
            parts = [number.verified_name, number.display_phone_number]
            number.display_name = ' '.join(part for part in parts if part) or number.phone_number_id

    @api.constrains('operator_limit')
    def _check_operator_limit(self):
        for number in self:
            if not 0 <= number.operator_limit <= number._granted():
                raise ValidationError(self.env._(
                    'Own Limit (messages/s): enter a number from 0 (no limit of your own) to %(granted)s, which is '
                    'what Meta grants this number.', granted=number._granted()))

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            self._check_not_metas(values)
        numbers = super().create(vals_list)
        self.env['fluxforce.whatsapp.pace']._ensure(numbers)
        if rated_low := numbers.filtered(lambda number: number.quality_rating in meta.QUALITY_LOW):
            rated_low._after_new_rating()
        return numbers

    def write(self, vals):
        self._check_not_metas(vals)
        rated_otherwise = self.filtered(
            lambda number: number.quality_rating != vals.get('quality_rating', number.quality_rating))
        result = super().write(vals)
        if rated_otherwise:
            rated_otherwise._after_new_rating()
        if {'active', 'status', 'sending_paused', 'problem', 'brake'} & vals.keys():
            self.filtered(lambda number: not number.stopped).account_id._release_held()
        if {'warmup_id', 'warmup_done_at'} & vals.keys():
            self._release_warmup()
        return result

    def _check_not_metas(self, vals):
        """:raise AccessError: if a person writes what only Meta says."""
        if self.env.su:
            return
        if vals.keys() - OURS:
            raise AccessError(self.env._(
                'Only the order, the own limit, the warm-up plan and archiving of a number are decided here; the rest '
                'comes from Meta.'))
        if not vals.get('warmup_id', True):
            raise UserError(self.env._(
                'Warm-Up Plan: choose another plan. To go without one, press "End Warm-Up" and read what may happen.'))

    # ------------------------------------------------------------
    # PACE
    # ------------------------------------------------------------

    def _granted(self):
        """:return: messages per second that Meta grants this number, in and out together."""
        self.ensure_one()
        granted = meta.THROUGHPUT.get(self.throughput_level, meta.THROUGHPUT['STANDARD'])
        return min(granted, meta.COEXISTENCE) if self.on_business_app else granted

    def _pace_limits(self, now):
        """What bounds the speed of this number at a moment; the slowest wins.

        :param datetime now: of the database's clock
        :rtype: list[policy.pace.Limit]
        """
        self.ensure_one()
        inbound = self.env['fluxforce.whatsapp.event.item']._inbound_per_second(self.phone_number_id, now)
        limits = [Limit('business_app' if self.on_business_app else 'throughput',
                        max(self._granted() - inbound, LEAST_PER_SECOND))]
        if self.operator_limit:
            limits.append(Limit('operator', self.operator_limit))
        if self.in_warmup:
            limits.append(Limit('warmup', warmup.YOUNG_MESSAGES_PER_SECOND))
        return limits

    # ------------------------------------------------------------
    # STOP AND GO
    # ------------------------------------------------------------

    def _stop(self, error):
        """Stop sending for the number after a refusal that concerns all of it; its messages stay where they are.

        :param ApiError error: Meta's refusal.
        """
        for number in self.filtered(lambda number: not number.problem):
            number._halt(number.account_id._in_readers_language()._explain(error))

    def _halt(self, reason):
        """Stop sending for the number and tell about it.

        :param str reason: why, in the administrator's words.
        """
        for number in self.sudo():  # sudo: number - what Meta says is written by nobody else
            number.problem = reason
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'number_stopped', number.account_id, number=number, detail=reason)

    def _explain_stop(self):
        """:return: why nothing goes out from this number, in words with the remedy; '' if it is not stopped."""
        self.ensure_one()
        if not self.stopped:
            return ''
        account, gate = self.account_id, self.env['fluxforce.whatsapp.gate']
        if account.sending_paused or self.sending_paused:
            return self.env._('%(reason)s What waits goes on when sending is resumed.',
                              reason=account.pause_reason or self.pause_reason or '')
        if not account.active or account.state != 'connected':
            return account.problem or gate._explain('account_inactive')
        return self.problem or self.brake_explanation or gate._explain('number_unable', self.status or '')

    def _stop_code(self):
        """:return: what stops the number, as a code, in the order of :meth:`_explain_stop`; '' if it sends."""
        self.ensure_one()
        account = self.account_id
        if not self.stopped:
            return ''
        if account.sending_paused or self.sending_paused:
            return 'paused'
        if not account.active or account.state != 'connected':
            return Reason.ACCOUNT_INACTIVE.value
        if self.problem:
            return 'problem'
        return Reason.BRAKE.value if self.brake == 'all' else Reason.NUMBER_UNABLE.value

    def action_retry(self):
        """After somebody has mended what Meta complained about."""
        self.check_access('write')
        self.sudo().write({'problem': False})  # sudo: number - what Meta says is written by nobody else
        for number in self:
            self.env['fluxforce.whatsapp.alert']._close('number_stopped', number.account_id, number=number,
                                                        note=self.env._('Tried again.'))

    def action_open_queue(self):
        """Show what waits to go out from this number."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_message_action')
        return {**action, 'domain': [('number_id', '=', self.id)], 'context': {'search_default_waiting': 1}}

    def action_pause(self):
        """One click stops everything of the number; what is in flight comes back, what waits stays."""
        self.check_access('write')
        reason = self.env._('Stopped by %(user)s.', user=self.env.user.name)
        # sudo: number - the button is the way to write this field, and its right was checked
        self.sudo().write({'sending_paused': True, 'pause_reason': reason})

    def action_resume(self):
        """Go on where it stopped."""
        self.check_access('write')
        # sudo: number - see action_pause
        self.sudo().write({'sending_paused': False, 'pause_reason': False})
        self.env['fluxforce.whatsapp.sender']._wake_outbox()

    @api.model
    def _sync(self, account, rows):
        """Bring the numbers of an account to what Meta lists; numbers no longer listed are archived.

        :param list rows: Meta's phone number objects.
        """
        self = self.sudo()  # sudo: number - what Meta says is written by nobody else
        rows = [row for row in rows if row.get('id')]
        existing = self.with_context(active_test=False).search([('account_id', '=', account.id)])
        by_id = existing.grouped('phone_number_id')
        to_create = []
        for row in rows:
            values = self._prepare_sync_values(account, row)
            number = by_id.get(row['id'], self.browse())
            if not number.registered_at:
                values = {**values, **self._prepare_first_values(values)}
            if number:
                number.write(values)
            else:
                to_create.append(values)
        (existing | self.create(to_create))._end_warmup_if_due()
        listed = {row['id'] for row in rows}
        existing.filtered(lambda number: number.phone_number_id not in listed).write({'active': False})
        account.portfolio_id._learn_limit(next(filter(None, (
            row.get('whatsapp_business_manager_messaging_limit') for row in rows)), None))

    def _prepare_sync_values(self, account, row):
        throughput = row.get('throughput') if isinstance(row.get('throughput'), dict) else {}
        return {
            'account_id': account.id,
            'phone_number_id': row['id'],
            'display_phone_number': row.get('display_phone_number'),
            'verified_name': row.get('verified_name'),
            'status': known(row.get('status'), STATUSES),
            'quality_rating': known(row.get('quality_rating'), meta.QUALITY_RATINGS),
            'throughput_level': throughput.get('level'),
            'on_business_app': row.get('is_on_biz_app') is True,
            'last_synced': fields.Datetime.now(),
            'messaging_limit': row.get('whatsapp_business_manager_messaging_limit'),
            'active': True,
            **self._prepare_age_values(row),
        }
