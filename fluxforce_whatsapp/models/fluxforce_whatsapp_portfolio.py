from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..cloud_api import const as meta
from ..policy.budget import WINDOW, Budget, room_moments

MAX_RESERVED_SHARE = 90
# More than any limit.
MOST_PEOPLE = 10**11
# What people decide.
OURS = {'name', 'account_ids', 'reserved_share'}


class FluxforceWhatsappPortfolio(models.Model):
    """Meta's business portfolio: its messaging limit is shared by the numbers of all its accounts."""

    _name = 'fluxforce.whatsapp.portfolio'
    _description = 'WhatsApp Business Portfolio'
    _inherit = ['fluxforce.whatsapp.told']
    _order = 'name, id'

    name = fields.Char(required=True, help='As in Meta Business Suite.')
    account_ids = fields.One2many('fluxforce.whatsapp.account', 'portfolio_id', 'Accounts')
    messaging_limit = fields.Char(readonly=True, copy=False, help='As Meta reports it.')
    reserved_share = fields.Integer(
        'Reserved (%)', default=10, help='Share of the limit that marketing leaves to service updates and codes.')
    limit_people = fields.Integer('People in 24 h', compute='_compute_budget', help='0 for no limit.')
    used_people = fields.Integer('Used', compute='_compute_budget')
    reserved_people = fields.Integer('Reserved', compute='_compute_budget')
    free_people = fields.Integer('Free', compute='_compute_budget', help='For marketing, now.')
    room_at = fields.Datetime('Room returns', compute='_compute_budget')
    room_words = fields.Char('Room Returns', compute='_compute_room_words')
    budget_used = fields.Integer(readonly=True, copy=False, help='Technical: people reached, at least as many as true.')
    budget_counted_at = fields.Datetime(readonly=True, copy=False, help='Technical: when they were counted.')

    @api.constrains('reserved_share')
    def _check_reserved_share(self):
        if any(not 0 <= portfolio.reserved_share <= MAX_RESERVED_SHARE for portfolio in self):
            raise ValidationError(self.env._(
                'Reserved (%%): choose a share from 0 to %(max)s percent.', max=MAX_RESERVED_SHARE))

    def _compute_budget(self):
        reach = self.env['fluxforce.whatsapp.reach']
        counts = reach._count(self)
        for portfolio in self:
            budget = portfolio._budget(counts.get(portfolio.id, 0))
            portfolio.limit_people = budget.limit or 0
            portfolio.used_people = budget.used
            portfolio.reserved_people = budget.reserved
            portfolio.free_people = budget.room('marketing') or 0
            portfolio.room_at = budget.room('marketing') == 0 and reach._first_moment(portfolio)

    @api.depends('room_at')
    @api.depends_context('lang', 'tz')
    def _compute_room_words(self):
        forecast = self.env['fluxforce.whatsapp.forecast']
        for portfolio in self:
            portfolio.room_words = portfolio.room_at and forecast._moment_words(portfolio.room_at)

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            self._check_not_metas(values)
        return super().create(vals_list)

    def _check_not_metas(self, vals):
        """:raise AccessError: if a person writes what only Meta says or the claims count."""
        if not self.env.su and vals.keys() - OURS:
            raise AccessError(self.env._(
                'Only the name, the accounts and the reserved share of a portfolio are decided here; the rest comes '
                'from Meta.'))

    def write(self, vals):
        self._check_not_metas(vals)
        result = super().write(vals)
        if {'reserved_share', 'messaging_limit'} & vals.keys():
            self._release_held()
        return result

    def _release_held(self):
        """What waits for room is asked about again: there may be more of it now."""
        # sudo: message - of every company of the portfolio
        self.env['fluxforce.whatsapp.message'].sudo()._release_waiting(
            [('account_id.portfolio_id', 'in', self.ids), ('reason', '=', 'budget')])

    def _limit(self):
        """:return: people in 24 hours, None for no limit; a tier nobody knows is the lowest one."""
        self.ensure_one()
        return meta.MESSAGING_LIMITS.get(self.messaging_limit, meta.MESSAGING_LIMIT_LEAST)

    def _budget(self, used):
        """:param int used: people reached in the last 24 hours. :rtype: Budget"""
        self.ensure_one()
        return Budget(self._limit(), used, self.reserved_share)

    def _learn_limit(self, tier):
        """Keep what Meta reports; more room lets waiting messages go.

        :param tier: ``whatsapp_business_manager_messaging_limit``, nothing if Meta says nothing
        """
        changed = self.filtered(lambda portfolio: tier and portfolio.messaging_limit != tier)
        changed.sudo().write({'messaging_limit': tier})  # sudo: portfolio - what Meta says

    def _hear_limit(self, tier, moment):
        """Learn a limit that Meta tells by webhook, unless something newer is known; within a second the lower wins.

        :param str tier: as for :meth:`_learn_limit`
        :param datetime moment: when it changed, naive UTC
        :return: whether it is news
        """
        self.ensure_one()
        people = meta.MESSAGING_LIMITS.get(tier, meta.MESSAGING_LIMIT_LEAST)
        weight = f'{MOST_PEOPLE - min(people or MOST_PEOPLE, MOST_PEOPLE):012}'
        numbers = self.sudo().account_ids.number_ids  # sudo: account - of every company, only when they were fetched
        if not self._is_news('limit', moment, weight) or numbers._was_fetched_after(moment):
            return False
        self._keep_told('limit', moment, weight)
        self._learn_limit(tier)
        return True

    # ------------------------------------------------------------
    # AT THE CLAIM
    # ------------------------------------------------------------

    def _locked_budget(self, now, wanted):
        """Read the budget so that nobody else can spend it before this transaction ends.

        The count is kept on the row and only grows between two countings; it is counted anew when it does not suffice.

        :param datetime now: of the database's clock
        :param int wanted: people that may be added now
        :rtype: Budget | None
        :return: None if another worker is spending it at this moment
        """
        self.ensure_one()
        if self._limit() is None:
            return Budget(None, 0)
        self.env.cr.execute("""
            SELECT budget_used, budget_counted_at FROM fluxforce_whatsapp_portfolio
             WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED
        """, [self.id])
        row = self.env.cr.fetchone()
        if not row:
            return None
        used, counted_at = row
        budget = self._budget(used or 0)
        if counted_at is None or budget.room('marketing') < wanted or not 0 <= (now - counted_at).total_seconds() < 600:
            budget = self._budget(self._recount(now))
        return budget

    def _recount(self, now):
        used = self.env['fluxforce.whatsapp.reach']._count(self, now).get(self.id, 0)
        self.env.cr.execute(
            'UPDATE fluxforce_whatsapp_portfolio SET budget_used = %s, budget_counted_at = %s WHERE id = %s',
            [used, now, self.id])
        return used

    def _charge(self, people, now):
        """Book people as reached by the portfolio.

        :param people: iterable of persons (phone numbers)
        """
        self.ensure_one()
        if self._limit() is None or not people:
            return
        added = self.env['fluxforce.whatsapp.reach']._book(self, people, now)
        self.env.cr.execute(
            'UPDATE fluxforce_whatsapp_portfolio SET budget_used = COALESCE(budget_used, 0) + %s WHERE id = %s',
            [added, self.id])

    def _room_moments(self, count, now):
        """:return: moments at which room returns for so many people, ascending."""
        self.ensure_one()
        reached = self.env['fluxforce.whatsapp.reach']._oldest(self, count, now)
        return room_moments(reached, count) or [now + WINDOW] * count
