from collections import defaultdict
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..flow import steps
from ..flow.lift import Group, lift
from .fluxforce_campaign_watch import MOST_DAYS

# People that count once each, by the column of the report that tells it of a message.
PEOPLE = ('sent', 'delivered', 'read', 'replied', 'clicked', 'converted', 'failed', 'refused', 'waiting', 'unknown',
          'left_out', 'blocked', 'opted_out')
# Columns of the report that cannot have the name of the figure.
COLUMNS = {'read': 'has_read'}
# What adds up, however many messages a person got.
SUMS = ('conversions', 'orders', 'amount', 'cost')
MONEY = ('amount', 'cost')
# Of whom each share is; what stops a mailing that begins with a few is measured the same, see ``flow.canary``.
WHOLE_OF = {
    'sent': 'people', 'refused': 'people', 'delivered': 'sent', 'read': 'delivered', 'replied': 'delivered',
    'clicked': 'delivered', 'converted': 'delivered', 'blocked': 'delivered', 'opted_out': 'delivered',
    'failed': 'tried',
}
# What each row of a funnel is about, and the model it names.
BY = {
    'activity': ('activity_id', 'fluxforce.campaign.activity'),
    'template': ('template_id', 'fluxforce.whatsapp.template'),
    'campaign': ('campaign_id', 'fluxforce.campaign'),
    'mailing': ('mailing_id', 'mailing.mailing'),
    'consent_source': ('consent_source', None),
    'variant': (None, None),
    'day': (None, None),
}


class FluxforceMarketingFigures(models.AbstractModel):
    """What campaigns and mailings have brought, counted from the report with the rights of whoever asks.

    Every figure comes from ``fluxforce.marketing.report``, so that no two of them can disagree.
    """

    _name = 'fluxforce.marketing.figures'
    _description = 'WhatsApp Marketing Figures'

    # ------------------------------------------------------------
    # FUNNEL
    # ------------------------------------------------------------

    @api.model
    def _funnel(self, campaign_ids=(), mailing_ids=(), date_from=None, date_to=None, by=None, domain=None):
        """Count people, each once in a row however many messages they got.

        :param campaign_ids: of these; with ``mailing_ids`` of either; neither for all.
        :param date_from: the first day, or moment, of the messages that count: when they went or were written.
        :param date_to: the last day, all of it; a moment is not included itself.
        :param str by: one row for each ``activity``, ``template``, ``variant``, ``campaign``, ``mailing``,
            ``consent_source`` or ``day`` (of the user); None for one row.
        :param domain: more about ``fluxforce.marketing.report``.
        :return: list of dicts, those with most people first, days and steps in their order: ``key`` (id; code of the
            source; ISO day; for a variant "model,id" of the step or of the mailing that is a version; None for what
            has none), ``name``, ``people`` (who has a message, in whatever state) and how many of them were ``sent``
            one, ``delivered``, ``read``, ``replied``, ``clicked``, ``converted``, ``failed``, ``refused``,
            ``waiting``, ``unknown``, ``left_out`` (cancelled or too late), ``blocked``, ``opted_out``; their shares
            in percent as ``<name>_rate`` (of :data:`WHOLE_OF`); ``conversions`` and ``orders`` (those worth
            something); ``amount`` and ``cost`` (estimated by the price table; None where nothing is known) in
            ``currency`` (id; that of the user's company); ``unpriced`` (delivered messages without a price);
            ``cost_per_reply``, ``cost_per_order``, None where there is none.
        """
        return self._funnels([by], campaign_ids, mailing_ids, date_from, date_to, domain)[by]

    @api.model
    def _funnels(self, by, campaign_ids=(), mailing_ids=(), date_from=None, date_to=None, domain=None):
        """Several funnels of the same messages, which are looked at once only.

        :param list by: as of :meth:`_funnel`, several of them.
        :return: dict of the funnels
        """
        search = self._domain(campaign_ids, mailing_ids, date_from, date_to) & Domain(domain or Domain.TRUE)
        counted, currency, funnels = self._count(search, by), self.env.company.currency_id, {}
        for name in by:
            found = self._together(counted[name])
            if not name and not found:
                found = {None: {}}
            funnels[name] = self._in_order(
                [{'key': key, **self._prepare_row(row, currency)} for key, row in found.items()], name)
        return funnels

    @api.model
    def _cohorts(self, campaign_ids=(), mailing_ids=(), date_from=None, date_to=None):
        """:return: a funnel by how the people had agreed, see :meth:`_funnel`."""
        return self._funnel(campaign_ids, mailing_ids, date_from, date_to, by='consent_source')

    @api.model
    def _reading_hours(self, campaign_ids=(), mailing_ids=(), date_from=None, date_to=None, domain=None):
        """Tell when people read, by the clock where they live; parameters as of :meth:`_funnel`.

        :return: 7 lists, Monday first, of 24 numbers of messages read in that hour.
        """
        search = self._domain(campaign_ids, mailing_ids, date_from, date_to) & Domain(domain or Domain.TRUE)
        query = self.env['fluxforce.marketing.report']._search(search)
        rows = self.env.execute_query(SQL(
            """
            SELECT to_char(at, 'ID')::integer - 1, extract(hour FROM at)::integer, count(*)
              FROM (%s OFFSET 0) report  -- apart, so that the zone is looked up once
             WHERE at IS NOT NULL GROUP BY 1, 2
            """, query.select(SQL('read_local AS at'))))
        hours = [[0] * 24 for __ in range(7)]
        for weekday, hour, count in rows:
            hours[weekday][hour] = count
        return hours

    @api.model
    def _lift(self, campaign):
        """Compare who was in a campaign with the hold-out: how many of them reached the goal in time.

        Everybody counts who came in and was not held out, whatever they got: leaving some out would make it unfair.

        :return: None where there is nothing to compare: no hold-out, no goal, or a reply is the goal, which who gets
            nothing cannot reach. Else a dict: ``treated``, ``treated_goal``, ``held_out``, ``held_out_goal`` (people),
            ``treated_rate``, ``held_out_rate`` (percent); ``lift``, ``low``, ``high`` (percentage points: the
            difference, and the bounds it lies within with 95 % confidence); ``is_sure`` (it is no accident);
            ``extra`` (people that reached the goal because of the campaign).
        """
        campaign.check_access('read')
        if not campaign.goal_domain or campaign.on_reply == 'goal':
            return None
        treated, held_out = self._groups(campaign)
        found = lift(treated, held_out)
        return found and {
            'treated': treated.people, 'treated_goal': treated.hits, 'held_out': held_out.people,
            'held_out_goal': held_out.hits, 'treated_rate': self._percent(treated.hits, treated.people),
            'held_out_rate': self._percent(held_out.hits, held_out.people),
            'lift': round(100 * found.difference, 2), 'low': round(100 * found.low, 2),
            'high': round(100 * found.high, 2), 'is_sure': found.is_sure,
            'extra': round(found.difference * treated.people, 1)}

    def _groups(self, campaign):
        """:return: who was treated and who was held out, as ``flow.lift.Group``; the goal counts in its days only:
            who is still on the way is watched for longer than the others."""
        self.env['fluxforce.campaign.participant'].flush_model()
        self.env.cr.execute(SQL(
            """
            SELECT state = %s, count(*), count(*) FILTER (
                   WHERE reached_at <= entered_at + make_interval(days => %s))
              FROM fluxforce_campaign_participant
             WHERE campaign_id = %s AND is_current AND state != %s GROUP BY 1
            """, steps.HELD_OUT, min(max(campaign.conversion_days, 0), MOST_DAYS), campaign.id, steps.DUPLICATE))
        groups = {is_held_out: Group(people, hits) for is_held_out, people, hits in self.env.cr.fetchall()}
        return tuple(groups.get(is_held_out, Group(0, 0)) for is_held_out in (False, True))

    def _domain(self, campaign_ids, mailing_ids, date_from, date_to):
        """:return: domain of the report's messages."""
        domain = Domain.TRUE
        if campaign_ids or mailing_ids:
            domain = Domain('campaign_id', 'in', list(campaign_ids)) | Domain('mailing_id', 'in', list(mailing_ids))
        if date_from:
            domain &= Domain('date', '>=', self._moment(date_from))
        if date_to:
            domain &= Domain('date', '<', self._moment(date_to, is_end=True))
        return domain

    def _moment(self, day, is_end=False):
        """:param day: date or datetime, also as text; a day begins where the user is.
        :param bool is_end: of a day, its end.
        :return: naive UTC moment."""
        if isinstance(day, str):
            day = fields.Date.to_date(day) if len(day) <= len('2026-01-31') else fields.Datetime.to_datetime(day)
        if isinstance(day, datetime):
            return day
        begin = datetime.combine(day + timedelta(days=is_end), time.min, ZoneInfo(str(self.env.tz)))
        return begin.astimezone(timezone.utc).replace(tzinfo=None)

    def _count_each(self, origin, ids):
        """:param str origin: ``campaign`` or ``mailing``. :return: by id, its row of the counts; one statement."""
        counted = self._count(Domain(f'{origin}_id', 'in', ids), [origin])
        return {row['key']: row for row in counted[origin]}

    def _count(self, domain, by):
        """Count the messages of a domain by one statement that looks at each of them once.

        :param list by: as of :meth:`_funnels`
        :return: dict by these, of rows by key and company
        """
        # Whoever may not see the report, or a company's, is told so or sees less.
        query = self.env['fluxforce.marketing.report']._search(domain)
        columns = ('company_id', 'currency_id', 'person', *SUMS, *(COLUMNS.get(name, name) for name in PEOPLE))
        keys = [SQL('%s::varchar AS %s', self._sql_key(name), SQL.identifier(f'key{place}'))
                for place, name in enumerate(by)]
        rows = self.env.execute_query_dict(SQL(
            'WITH report AS MATERIALIZED (%s) %s', query.select(*keys, *map(SQL.identifier, columns)),
            SQL(' UNION ALL ').join(self._sql_count(place) for place in range(len(by)))))
        found = {name: [] for name in by}
        for row in rows:
            name = by[row['place']]
            is_id = name in BY and BY[name][1] and row['key'] is not None
            found[name].append({**row, 'key': int(row['key']) if is_id else row['key']})
        return found

    def _sql_count(self, place):
        """:return: SQL of the counts by one of the keys: of each person first, then of the people."""
        return SQL(
            """
            SELECT %(place)s AS place, key, company_id, currency_id, count(*) AS people, %(totals)s,
                   count(*) FILTER (WHERE sent = 1 OR failed = 1) AS tried
              FROM (SELECT %(key)s AS key, company_id, currency_id, person, %(people)s, %(sums)s,
                           count(*) FILTER (WHERE delivered = 1 AND cost IS NULL) AS unpriced
                      FROM report GROUP BY 1, company_id, currency_id, person) person
             GROUP BY key, company_id, currency_id
            """,
            place=place, key=SQL.identifier(f'key{place}'), totals=self._sql_each('sum', (*PEOPLE, *SUMS, 'unpriced')),
            people=self._sql_each('max', PEOPLE, COLUMNS), sums=self._sql_each('sum', SUMS))

    def _sql_each(self, function, names, columns=()):
        """:return: SQL of an aggregate of each, under its own name."""
        return SQL(', ').join(
            SQL('%s(%s) AS %s', SQL(function), SQL.identifier(dict(columns).get(name, name)), SQL.identifier(name))
            for name in names)

    def _sql_key(self, by):
        """:return: SQL of what tells the rows of a funnel apart."""
        if by and by not in BY:
            raise UserError(self.env._('WhatsApp figures cannot be told apart by "%(by)s".', by=by))
        if by == 'variant':
            return self._sql_variant()
        if by == 'day':
            return SQL("to_char(date AT TIME ZONE 'UTC' AT TIME ZONE %s, 'YYYY-MM-DD')", str(self.env.tz))
        return SQL.identifier(BY[by][0]) if by else SQL('NULL')

    def _sql_variant(self):
        return SQL(
            """CASE WHEN variant_id IS NOT NULL THEN 'fluxforce.campaign.activity,' || variant_id
                    WHEN mailing_id IN (SELECT id FROM mailing_mailing WHERE ab_testing_enabled)
                         THEN 'mailing.mailing,' || mailing_id END""")

    def _together(self, rows):
        """:param list rows: by key and company. :return: by key, one of all companies, in the user's currency."""
        own, today = self.env.company, fields.Date.context_today(self)
        found = defaultdict(lambda: defaultdict(int))
        for row in rows:
            currency, total = self.env['res.currency'].browse(row['currency_id']), found[row['key']]
            for name in ('people', 'tried', 'unpriced', *PEOPLE, *SUMS):
                value = row[name]
                if value is not None:
                    total[name] += currency._convert(float(value), own.currency_id, own, today, round=False) if (
                        name in MONEY) else value
        return found

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    def _prepare_row(self, counts, currency):
        """:param dict counts: of one row; nothing for nobody. :return: dict of the counts, shares and amounts."""
        row = {name: int(counts.get(name) or 0) for name in ('people', *PEOPLE, 'conversions', 'orders', 'unpriced')}
        wholes = {**row, 'tried': counts.get('tried', 0)}
        shares = {f'{name}_rate': self._percent(row[name], wholes[whole]) for name, whole in WHOLE_OF.items()}
        return {**row, **shares, **self._prepare_money(row, counts, currency)}

    def _prepare_money(self, row, counts, currency):
        """:return: dict of amounts; nobody knows what costs nothing as long as no price is known."""
        cost = counts.get('cost')
        known = cost is not None
        return {
            'currency': currency.id, 'amount': currency.round(float(counts.get('amount') or 0)),
            'cost': currency.round(float(cost)) if known else None,
            **{f'cost_per_{name}': currency.round(float(cost) / row[whole]) if known and row[whole] else None
               for name, whole in (('reply', 'replied'), ('order', 'orders'))}}

    def _percent(self, part, whole):
        return round(100 * part / whole, 2) if whole else 0.0

    def _in_order(self, rows, by):
        """Give each row its name and bring them into the order in which they are read."""
        names = self._names([row['key'] for row in rows], by)
        for row in rows:
            row['name'] = names.get(row['key']) or self._name_of_none(by)
        if by == 'day':
            return sorted(rows, key=lambda row: row['key'])
        if by == 'activity':
            places = {id_: place for place, id_ in enumerate(names)}
            return sorted(rows, key=lambda row: places.get(row['key'], len(places)))
        return sorted(rows, key=lambda row: (-row['people'], str(row['name'])))

    def _names(self, keys, by):
        """:return: by key, the name; steps in their order."""
        keys = [key for key in keys if key]
        if by == 'variant':
            return self._names_of_variants(keys)
        if by == 'consent_source':
            return dict(self.env['fluxforce.marketing.report']._fields[by]._description_selection(self.env))
        if by == 'day':
            return {key: key for key in keys}
        model = by and BY[by][1]
        if not model:
            return {}
        # sudo: whoever may see a row of the report is told what it is about, even where it is archived
        records_sudo = self.env[model].sudo().with_context(active_test=False).search([('id', 'in', keys)])
        return {record.id: record.display_name for record in records_sudo}

    def _names_of_variants(self, keys):
        names = {}
        for key in keys:
            model, __, id_ = key.partition(',')
            # sudo: as in _names; there are few ways and versions
            names[key] = self.env[model].sudo().browse(int(id_)).exists().display_name
        return names

    def _name_of_none(self, by):
        return {
            'campaign': self.env._('Mailings'), 'mailing': self.env._('Campaigns'),
            'activity': self.env._('No step'), 'template': self.env._('No template'),
            'variant': self.env._('No variant'), 'consent_source': self.env._('No consent on record'),
        }.get(by) or self.env._('All')

    # ------------------------------------------------------------
    # ROWS BEHIND THE FIGURES
    # ------------------------------------------------------------

    @api.model
    def _open_report(self, domain):
        """:return: action that shows the messages behind figures."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.fluxforce_marketing_report_action')
        return {**action, 'domain': domain, 'context': {}}
