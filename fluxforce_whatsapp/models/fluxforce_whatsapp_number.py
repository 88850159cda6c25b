from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..cloud_api import const as meta
from ..const import OTHER, known
from ..policy import brake as brake_policy
from ..policy import warmup
from ..policy.gate import Reason
from ..policy.pace import HEADROOM, Limit

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

BRAKES = {
    brake_policy.NONE: 'None',
    brake_policy.SLOW: 'Marketing slowed down',
    brake_policy.MARKETING: 'Marketing stopped',
    brake_policy.ALL: 'Everything stopped',
}
# What people may set; everything else is as Meta reports it.
OURS = {'sequence', 'active', 'operator_limit', 'warmup_id'}


class FluxforceWhatsappNumber(models.Model):
    """One business phone number of an account, as Meta reports it."""

    _name = 'fluxforce.whatsapp.number'
    _description = 'WhatsApp Number'
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
    operator_limit = fields.Integer(
        'Own Limit (messages/s)', help='Slow this number down below what Meta allows; 0 for no limit of your own.')
    sending_paused = fields.Boolean('Stopped by a Person', readonly=True, copy=False)
    pause_reason = fields.Char(readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help='Why Meta takes nothing from this number at the moment.')
    stopped = fields.Boolean(compute='_compute_stopped', store=True, help='Nothing is sent; what waits stays as it is.')
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

    # --- Warm-up
    registered_at = fields.Datetime('Registered', readonly=True,
                                    help='As Meta tells it; else when this number was first seen here.')
    warmup_id = fields.Many2one('fluxforce.whatsapp.warmup', 'Warm-Up Plan', index='btree_not_null',
                                ondelete='restrict')
    warmup_restarted_at = fields.Datetime('Warm-Up Started Again', readonly=True)
    warmup_lost_days = fields.Integer('Days Not Counted', readonly=True,
                                      help='Days of the warm-up on which the quality was medium or low.')
    warmup_lost_on = fields.Date(readonly=True)
    warmup_done_at = fields.Datetime('Warm-Up Ended', readonly=True)
    in_warmup = fields.Boolean('In Warm-Up', compute='_compute_in_warmup')
    warmup_day = fields.Integer(compute='_compute_warmup_day')
    warmup_summary = fields.Char('Warm-Up', compute='_compute_warmup_summary')

    # --- Brake
    brake = fields.Selection([*BRAKES.items()], required=True, readonly=True, default=brake_policy.NONE)
    brake_reason = fields.Char(readonly=True)
    brake_explanation = fields.Char('Why It Brakes', compute='_compute_brake_explanation')
    braked_at = fields.Datetime('Brakes Since', readonly=True)
    brake_released_at = fields.Datetime('Brake Released', readonly=True)
    brake_released_by = fields.Many2one('res.users', 'Released by', readonly=True, ondelete='set null')
    brake_release_reason = fields.Char('Reason for the Release', readonly=True)
    # The rating with which a person released the brake: it does not brake again until it changes.
    brake_released_quality = fields.Char(readonly=True)

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

    @api.depends('warmup_id', 'warmup_done_at')
    def _compute_in_warmup(self):
        for number in self:
            number.in_warmup = number.warmup_id and not number.warmup_done_at

    @api.depends('in_warmup', 'registered_at', 'warmup_restarted_at', 'warmup_lost_days')
    def _compute_warmup_day(self):
        now = fields.Datetime.now()
        for number in self:
            since = number._warmup_since()
            number.warmup_day = warmup.day_of(since, number.warmup_lost_days, now) if number.in_warmup and since else 0

    @api.depends('warmup_day', 'warmup_id', 'warmup_done_at', 'quality_rating')
    @api.depends_context('lang')
    def _compute_warmup_summary(self):
        for number in self:
            number.warmup_summary = number._describe_warmup()

    @api.depends('brake', 'brake_reason')
    @api.depends_context('lang')
    def _compute_brake_explanation(self):
        reasons = self._brake_reason_texts()
        for number in self:
            reason = reasons.get(number.brake_reason, number.brake_reason)
            number.brake_explanation = reason if number.brake != brake_policy.NONE else False

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
                        max(self._granted() * HEADROOM - inbound, LEAST_PER_SECOND))]
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
            number.problem = number.account_id._explain(error)
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'number_stopped', number.account_id, number=number, detail=number.problem)

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

    def _watch_rush(self):
        """Tell an administrator when somebody tries with a young number what WhatsApp takes for abuse."""
        now = fields.Datetime.now()
        for number in self.sudo().filtered('in_warmup'):  # sudo: number, message - whoever sends
            counts = [number._count_asked_for(now - span) for span in (warmup.FIRE_WINDOW, warmup.BURST_WINDOW)]
            for kind in warmup.patterns(*counts, young=True):
                self.env['fluxforce.whatsapp.alert']._raise_alert(kind, number.account_id, number=number)

    def _count_asked_for(self, since):
        """:return: messages somebody wanted this number to send since a moment."""
        return self.env['fluxforce.whatsapp.message'].search_count(
            [('number_id', '=', self.id), ('create_date', '>=', since), ('state', '!=', 'refused')])

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
            'messaging_limit': row.get('whatsapp_business_manager_messaging_limit'),
            'active': True,
            'problem': False,
            **self._prepare_age_values(row),
        }

    def _prepare_age_values(self, row):
        """:return: the moment of registration where Meta tells one that can be true, else nothing: it is kept then."""
        try:
            moment = datetime.strptime(row.get('last_onboarded_time'), meta.TIME_FORMAT)
        except (TypeError, ValueError):
            return {}
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        return {'registered_at': moment} if moment <= fields.Datetime.now() else {}

    def _prepare_first_values(self, values):
        """:return: what is decided when a number is met for the first time: its age and whether it warms up."""
        now = fields.Datetime.now()
        plan = self.env['fluxforce.whatsapp.warmup']._default_plan()
        begins = self._begins_slowly(values, plan, now)
        return {'registered_at': values.get('registered_at', now), 'warmup_id': begins and plan.id}

    def _begins_slowly(self, values, plan, now):
        """A number of unknown age is a new one, unless Meta has rated it already: then it has a history. [own]"""
        if values['throughput_level'] == meta.THROUGHPUT_UPGRADED:
            return False
        if 'registered_at' not in values:
            return values['quality_rating'] not in meta.QUALITY_RATED
        return now - values['registered_at'] < timedelta(days=plan.ends_on_day)

    # ------------------------------------------------------------
    # WARM-UP
    # ------------------------------------------------------------

    def _warmup_since(self):
        """:return: the moment from which the days count, False if nothing is known."""
        moments = [moment for moment in (self.registered_at, self.warmup_restarted_at) if moment]
        return max(moments, default=False)

    def _warmup_step(self):
        """:return: the policy's ``Step`` that holds for this number now, None if it does not warm up."""
        self.ensure_one()
        return warmup.current_step(self.warmup_id._steps(), self.warmup_day) if self.in_warmup else None

    def _describe_warmup(self):
        step = self._warmup_step()
        if step:
            figures = self.env._(
                'Day %(day)s of %(days)s: up to %(people)s people a day, %(messages)s messages a minute.',
                day=self.warmup_day, days=self.warmup_id.ends_on_day, people=step.people_per_day,
                messages=step.messages_per_minute)
            return f'{figures} {self._describe_warmup_end()}'
        if self.warmup_done_at:
            return self.env._('The warm-up ended on %(date)s.', date=format_date(self.env, self.warmup_done_at))
        return self.env._('This number has a history: it sends at its full pace.')

    def _describe_warmup_end(self):
        if self.quality_rating in meta.QUALITY_LOW:
            return self.env._('The quality is not high: today does not count, nor do the next days until it is.')
        end = self._warmup_since() + timedelta(days=self.warmup_id.ends_on_day + self.warmup_lost_days)
        return self.env._('Ends on %(date)s if the quality holds.', date=format_date(self.env, end))

    @api.model
    def _count_warmup_days(self):
        """Once a day: a day of lower quality does not count, and who has come through is done."""
        numbers = self.search([('warmup_id', '!=', False), ('warmup_done_at', '=', False)])
        numbers._lose_day()
        numbers._end_warmup_if_due()

    def _lose_day(self):
        """Take this day off the warm-up of those whose quality is not high, once a day."""
        today = fields.Date.today()
        for number in self.filtered(lambda n: n.in_warmup and n.quality_rating in meta.QUALITY_LOW):
            if number.warmup_lost_on != today:
                number.write({'warmup_lost_days': number.warmup_lost_days + 1, 'warmup_lost_on': today})

    def _end_warmup_if_due(self):
        """A plan ends by itself: after its last day if the quality holds, or when Meta grants the high throughput."""
        through = self.filtered(lambda number: number.in_warmup and number._is_through_warmup())
        through.write({'warmup_done_at': fields.Datetime.now()})

    def _is_through_warmup(self):
        if self.throughput_level == meta.THROUGHPUT_UPGRADED:
            return True
        return self.warmup_day >= self.warmup_id.ends_on_day and self.quality_rating not in meta.QUALITY_LOW

    def action_end_warmup(self):
        """A person's decision to send at full pace before the plan allows it; never on a number's first day."""
        self.check_access('write')
        now = fields.Datetime.now()
        numbers = self.sudo().filtered('in_warmup')  # sudo: number - people act on the warm-up through its buttons
        if any(number.registered_at and now - number.registered_at < warmup.FIRST_DAY for number in numbers):
            raise UserError(self.env._(
                'On its first day a number stays in warm-up: many messages within minutes of the registration are '
                'what WhatsApp takes for abuse. Try again tomorrow.'))
        numbers.write({'warmup_done_at': now})
        for number in numbers:
            number.account_id.message_post(body=self.env._(
                'The warm-up of %(number)s was ended early.', number=number.display_name))

    def action_restart_warmup(self):
        """Begin the plan anew, for a number that was silent for long or whose quality suffered."""
        self.check_access('write')
        plan = self.env['fluxforce.whatsapp.warmup']._default_plan()
        numbers = self.sudo()  # sudo: number - people act on the warm-up through its buttons
        for number in numbers:
            number.write({'warmup_id': (number.warmup_id or plan).id, 'warmup_restarted_at': fields.Datetime.now(),
                          'warmup_lost_days': 0, 'warmup_lost_on': False, 'warmup_done_at': False})
            number.account_id.message_post(body=self.env._(
                'The warm-up of %(number)s begins again.', number=number.display_name))

    # ------------------------------------------------------------
    # BRAKE
    # ------------------------------------------------------------

    def _after_new_rating(self):
        numbers = self.sudo()  # sudo: number - follows from what Meta says
        numbers.filtered('brake_released_quality').write({'brake_released_quality': False})
        numbers._lose_day()
        numbers._evaluate_brake()

    def _quality_to_heed(self):
        """:return: Meta's rating, '' if a person has released the brake in spite of it."""
        return '' if self.quality_rating == self.brake_released_quality else self.quality_rating or ''

    def _evaluate_brake(self):
        """Apply the written rules to these numbers; call once per batch, after failures and a new rating.

        :return: the numbers that brake more than before.
        """
        numbers = self.sudo()  # sudo: number - follows from what Meta says
        recovered = numbers.filtered(lambda n: brake_policy.ends_by_itself(n.brake, n.brake_reason, n.quality_rating))
        recovered._unbrake(self.env._('The quality is high again.'))
        signals = self.env['fluxforce.whatsapp.brake'].sudo()._signals(numbers)  # sudo: brake - as above
        tightened = numbers.browse()
        for number, known_signals in signals.items():
            tightened |= number._apply_brake(brake_policy.decide(known_signals))
        return tightened

    def _apply_brake(self, brake):
        """Brake these numbers and tell about it; a brake is only ever tightened here, people release it.

        :param brake: the policy's ``Brake``.
        :return: the numbers that brake more than before.
        """
        looser = self.filtered(lambda number: brake_policy.is_tighter(brake.level, number.brake))
        looser.write({'brake': brake.level, 'brake_reason': brake.reason, 'braked_at': fields.Datetime.now()})
        for number in looser:
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'brake', number.account_id, number=number, detail=number.brake_explanation)
        return looser

    def _unbrake(self, why, **values):
        if not self:
            return
        self.write({'brake': brake_policy.NONE, 'brake_reason': False, 'braked_at': False, **values})
        for number in self:
            self.env['fluxforce.whatsapp.alert']._close('brake', number.account_id, number=number, note=why)

    def _release_brake(self, reason):
        """A person's decision to go on; what happened until now no longer counts.

        :param str reason: theirs, kept.
        """
        for number in self.sudo():  # sudo: number - people release the brake through the wizard only
            number.account_id.message_post(body=self.env._(
                'The brake of %(number)s was released. Why it braked: %(brake)s Reason for the release: %(reason)s',
                number=number.display_name, brake=number.brake_explanation, reason=reason))
            number._unbrake(
                reason, brake_released_at=fields.Datetime.now(), brake_released_by=self.env.uid,
                brake_release_reason=reason, brake_released_quality=number.quality_rating)

    def action_release_brake(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Release the Brake'),
            'res_model': 'fluxforce.whatsapp.release',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_number_id': self.id},
        }

    def _brake_reason_texts(self):
        return {
            brake_policy.QUALITY_RED: self.env._(
                'Meta rates the quality low: many people block or report this number.'),
            brake_policy.QUALITY_YELLOW: self.env._(
                'Meta rates the quality medium: some people block or report this number. It ends by itself when the '
                'quality is high again.'),
            brake_policy.SPAM_LIMIT: self.env._(
                'Meta refused a message because too many people blocked or reported this number (code 131048).'),
            brake_policy.OPT_OUTS: self.env._('Many people opted out within 24 hours.'),
            brake_policy.PEOPLE_SPARED: self.env._(
                'Meta kept back much of the marketing of the last 24 hours, to spare people (code 131049).'),
            brake_policy.TEMPLATES: self.env._(
                'Templates used within 24 hours are of low quality or paused by Meta.'),
        }
