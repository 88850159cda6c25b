from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..cloud_api import const as meta
from ..policy import warmup


class FluxforceWhatsappWarming(models.AbstractModel):
    """The part of a number that begins slowly: its plan, where it stands in it, and what looks like abuse meanwhile."""

    _name = 'fluxforce.whatsapp.warming'
    _description = 'WhatsApp Number That Warms Up'

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

    def _watch_rush(self):
        """Tell an administrator when somebody tries with a young number what WhatsApp takes for abuse."""
        now = fields.Datetime.now()
        for number in self.sudo().filtered('in_warmup'):  # sudo: number, message - whoever sends
            counts = [number._count_asked_for(now - span) for span in (warmup.FIRE_WINDOW, warmup.BURST_WINDOW)]
            for kind in warmup.patterns(*counts, young=True):
                number._tell_rush(kind)

    def _tell_rush(self, kind):
        """Once while the alert is open: whoever sends must not wait for others who do."""
        alert = self.env['fluxforce.whatsapp.alert']
        if not alert.search_count([('kind', '=', kind), ('number_id', '=', self.id), ('state', '=', 'open')], limit=1):
            alert._raise_alert(kind, self.account_id, number=self)

    def _count_asked_for(self, since):
        """:return: messages somebody wanted this number to send since a moment."""
        return self.env['fluxforce.whatsapp.message'].search_count(
            [('number_id', '=', self.id), ('create_date', '>=', since), ('state', '!=', 'refused')])

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
        numbers._release_warmup()  # the next step may allow more

    def _release_warmup(self):
        """What waits for the warm-up is asked about again: it may allow more now."""
        # sudo: message - whoever decides about the number
        self.env['fluxforce.whatsapp.message'].sudo()._release_waiting(
            [('number_id', 'in', self.ids), ('reason', '=', 'warmup')])

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
