from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ..flow import period as periods
from . import fluxforce_marketing_figures as figures

MARKETER = 'fluxforce_whatsapp_marketing.group_whatsapp_marketer'
REPORT = 'fluxforce.marketing.report'
DIGEST = 'fluxforce_whatsapp_marketing.digest_whatsapp_weekly'
# The tiles in their order: what they show, and whether more of it is good news.
TILES = {
    'sent': ('count', 'neither'),
    'read': ('rate', 'good'),
    'replied': ('rate', 'good'),
    'clicked': ('rate', 'good'),
    'converted': ('count', 'good'),
    'opted_out': ('rate', 'bad'),
    'blocked': ('rate', 'bad'),
    'cost': ('money', 'neither'),
}
FUNNEL = ('people', 'delivered', 'read', 'replied', 'clicked', 'converted')
# Who is not on that way, or not yet.
LOSSES = ('waiting', 'refused', 'failed', 'left_out', 'unknown')
# What is drawn: who got a message, and who stopped us after it.
TREND = ('delivered', 'opted_out', 'blocked')
# What campaigns are compared by, and whether less of it is better.
MEASURES = {'read': False, 'replied': False, 'clicked': False, 'converted': False, 'opted_out': True, 'blocked': True}
# Columns of the report that are called otherwise than what they are behind.
COLUMNS = {**figures.COLUMNS, 'cost': 'delivered'}
# Where a row of figures comes from.
ORIGINS = {'campaign': 'fluxforce.campaign', 'mailing': 'mailing.mailing'}
# To fewer people a share is chance: one reply of three is no third. (Our own choice.)
FEWEST = 20


class FluxforceMarketingDashboard(models.AbstractModel):
    """What the dashboard in the browser shows and opens; every figure is one of ``fluxforce.marketing.figures``."""

    _name = 'fluxforce.marketing.dashboard'
    _description = 'WhatsApp Marketing Dashboard'

    # ------------------------------------------------------------
    # WHAT THE BROWSER ASKS FOR
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_data(self, period=False):
        """:param str period: one of ``flow.period.PERIODS``; the usual one without
        :return: all that the page shows, see ``static/src/dashboard``
        """
        self._check_marketer()
        period = period if period in periods.PERIODS else periods.USUAL
        span, earlier_span = self._span(period), periods.before(period, self._today())
        funnels = self._figures()._funnels([None, 'day', *ORIGINS], **self._limits(span))
        now, earlier = funnels[None][0], earlier_span and self._figures()._funnel(**self._limits(earlier_span))[0]
        return {
            'period': period, 'periods': self._prepare_periods(), 'span': self._span_words(span),
            'before': self._span_words(earlier_span), 'is_empty': not now['people'],
            'is_unused': not now['people'] and not self._is_used(),
            'tiles': [self._prepare_tile(key, now, earlier) for key in TILES], 'funnel': self._prepare_funnel(now),
            'trend': self._prepare_trend(span, funnels['day']), 'total': {key: now[key] for key in TREND},
            'reading_hours': self._figures()._reading_hours(**self._limits(span)),
            'campaigns': self._prepare_comparison(funnels), 'measures': self._prepare_measures(), 'fewest': FEWEST,
            'digest': self._prepare_digest(), 'actions': self._prepare_actions(),
        }

    @api.model
    @api.readonly
    def open_list(self, period, key, first=None, last=None, origin=None):
        """:param str key: a figure
        :param str first: narrower than the period: first and last day
        :param str origin: key of one campaign or mailing, such as 'campaign-7'
        :return: the action that shows the messages behind a figure
        """
        self._check_marketer()
        span = periods.Span(fields.Date.to_date(first), fields.Date.to_date(last)) if first else self._span(period)
        domain = self._figures()._domain(**self._origin_ids(origin), **self._limits(span)) & self._figure_domain(key)
        return self._prepare_list(self._labels()[key], self._figures()._open_report(list(domain)))

    def _prepare_list(self, name, action):
        """:return: the action by another name, as a list; without what it would be found by again, but unfiltered"""
        views = sorted(action['views'], key=lambda view: view[1] != 'list')
        kept = {key: value for key, value in action.items() if key not in ('id', 'path', 'xml_id')}
        return {**kept, 'name': name, 'display_name': name, 'views': views}

    @api.model
    @api.readonly
    def open_origin(self, origin):
        """:return: the action that shows a campaign or a mailing"""
        self._check_marketer()
        record = self._origin(origin)
        return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id,
                'views': [(record.get_formview_id(), 'form')]}

    @api.model
    def toggle_digest(self):
        """Have the figures of the week sent by e-mail, or no more.

        :return: whether they are sent now
        """
        self._check_marketer()
        digest = self._digest()
        is_wanted = not digest.is_subscribed
        if is_wanted:
            digest.action_subscribe()
        else:
            digest.action_unsubscribe()
        return is_wanted

    def _check_marketer(self):
        if not self.env.user.has_group(MARKETER):
            raise AccessError(self.env._(
                'These figures are for WhatsApp marketers. Ask an administrator for that role.'))

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _figures(self):
        return self.env['fluxforce.marketing.figures']

    def _is_used(self):
        return bool(self.env[REPORT].search_count([], limit=1))

    def _prepare_tile(self, key, now, earlier):
        kind, more_is = TILES[key]
        field = f'{key}_rate' if kind == 'rate' else key
        return {
            'key': key, 'label': self._labels()[key], 'help': self._helps()[key], 'kind': kind, 'more_is': more_is,
            'value': self._or_false(now[field]), 'currency_id': now['currency'], 'note': self._note(key, now),
            'change': self._change(kind, now[field], earlier[field] if earlier and earlier['people'] else None),
        }

    def _change(self, kind, value, earlier):
        """:return: percent more than earlier, percentage points for a rate; False without anything to compare with"""
        if value is None or earlier is None:
            return False
        return round(value - earlier, 1) if kind == 'rate' else self._or_false(periods.change(value, earlier))

    def _or_false(self, value):
        """:return: False for nothing, as the browser expects it; zero is something"""
        return False if value is None else value

    def _note(self, key, now):
        """:return: what stands below a figure: how many people a share is, or what one of them has cost"""
        if key == 'sent':
            return self.env._('of %(count)s people addressed', count=self._number(now['people']))
        if key == 'converted':
            return self.env._('worth %(amount)s', amount=self._money(now, 'amount')) if now['amount'] else ''
        if key == 'cost':
            return self._note_cost(now)
        return self.env._('%(count)s people', count=self._number(now[key]))

    def _note_cost(self, now):
        if now['cost_per_reply'] is not None:
            return self.env._('%(amount)s per reply', amount=self._money(now, 'cost_per_reply'))
        return self.env._('no price in your price table') if now['unpriced'] else ''

    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    def _money(self, row, key):
        return formatLang(self.env, row[key], currency_obj=self.env['res.currency'].browse(row['currency']))

    def _prepare_funnel(self, now):
        return [{'key': key, 'label': self._labels()[key], 'count': now[key], 'is_loss': key in LOSSES}
                for key in (*FUNNEL, *LOSSES)]

    # ------------------------------------------------------------
    # DAYS
    # ------------------------------------------------------------

    def _today(self):
        return fields.Date.context_today(self)

    def _span(self, period):
        return periods.span_of(period, self._today())

    def _limits(self, span):
        return {'date_from': span.first, 'date_to': span.last}

    def _span_words(self, span):
        """:return: some days in words; empty without a beginning"""
        if not span or not span.first:
            return ''
        return f'{format_date(self.env, span.first)} – {format_date(self.env, span.last)}'

    def _prepare_periods(self):
        labels = {
            '7': self.env._('Last 7 Days'),
            '30': self.env._('Last 30 Days'),
            '90': self.env._('Last 90 Days'),
            'year': self.env._('This Year'),
            'all': self.env._('All Time'),
        }
        return [{'key': key, 'label': labels[key]} for key in periods.PERIODS]

    # ------------------------------------------------------------
    # WHO WANTS NO MORE
    # ------------------------------------------------------------

    def _prepare_trend(self, span, rows):
        """:param list rows: a funnel by days
        :return: by day, week or month, who stopped us, of those it was delivered to
        """
        days = {fields.Date.to_date(row['key']): row for row in rows}
        if not days:
            return []
        first = span.first or min(days)
        unit = periods.unit_of(span, first)
        sums = {point: Counter() for point in periods.points(unit, first, span.last)}
        for day, row in days.items():
            sums[periods.start_of(unit, day)].update({key: row[key] for key in TREND})
        return [self._prepare_point(unit, point, counts, span) for point, counts in sums.items()]

    def _prepare_point(self, unit, point, counts, span):
        first, last = max(point, span.first or point), min(periods.end_of(unit, point), span.last)
        rates = {f'{key}_rate': 100 * counts[key] / counts['delivered'] if counts['delivered'] else 0
                 for key in ('opted_out', 'blocked')}
        return {
            'label': format_date(self.env, point, date_format='MMM y' if unit == 'month' else 'd MMM'),
            'first': fields.Date.to_string(first), 'last': fields.Date.to_string(last),
            'delivered': counts['delivered'], 'opted_out': counts['opted_out'], 'blocked': counts['blocked'], **rates,
        }

    # ------------------------------------------------------------
    # CAMPAIGNS AND MAILINGS COMPARED
    # ------------------------------------------------------------

    def _prepare_comparison(self, funnels):
        """:return: figures of those to enough people"""
        kinds = {'campaign': self.env._('Campaign'), 'mailing': self.env._('Mailing')}
        return [self._prepare_compared(origin, kind, row) for origin, kind in kinds.items()
                for row in funnels[origin] if row['key'] and row['people'] >= FEWEST]

    def _prepare_compared(self, origin, kind, row):
        return {'key': f'{origin}-{row["key"]}', 'name': row['name'], 'kind': kind, 'people': row['people'],
                **{f'{key}_rate': row[f'{key}_rate'] for key in MEASURES}}

    def _prepare_measures(self):
        return [{'key': key, 'label': self._labels()[key], 'field': f'{key}_rate', 'kind': 'rate',
                 'less_is_better': less_is_better} for key, less_is_better in MEASURES.items()]

    # ------------------------------------------------------------
    # WHAT IS BEHIND A FIGURE
    # ------------------------------------------------------------

    def _figure_domain(self, key):
        if key == 'people':
            return Domain.TRUE
        return Domain(COLUMNS.get(key, key), '=', 1)

    def _origin_ids(self, origin):
        """:return: one campaign or mailing as ``fluxforce.marketing.figures`` takes it; none for all of them"""
        record = origin and self._origin(origin)
        return {f'{name}_ids': record.ids if record and record._name == model else ()
                for name, model in ORIGINS.items()}

    def _origin(self, origin):
        """:param str origin: such as 'campaign-7' :return: the campaign or mailing, if the user may see it"""
        name, _, id_ = origin.partition('-')
        record = self.env[ORIGINS[name]].browse(int(id_)).exists()
        record.check_access('read')
        return record

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _labels(self):
        return {
            'people': self.env._('Addressed'),
            'sent': self.env._('Sent'),
            'delivered': self.env._('Delivered'),
            'read': self.env._('Read'),
            'replied': self.env._('Replied'),
            'clicked': self.env._('Followed a Link'),
            'converted': self.env._('Converted'),
            'opted_out': self.env._('Opt-Outs'),
            'blocked': self.env._('Blocks'),
            'failed': self.env._('Failed'),
            'refused': self.env._('Refused'),
            'waiting': self.env._('Waiting'),
            'left_out': self.env._('Cancelled or Too Late'),
            'unknown': self.env._('Outcome Unknown'),
            'cost': self.env._('Cost (Estimated)'),
        }

    def _helps(self):
        return {
            'sent': self.env._('People to whom a campaign or a mailing has sent something, each counted once.'),
            'read': self.env._('Who read it, of those it was delivered to. Some people hide it.'),
            'replied': self.env._('Who wrote back within a week, of those it was delivered to.'),
            'clicked': self.env._('Who followed a link, of those it was delivered to.'),
            'converted': self.env._('People whose lead or order a message has brought.'),
            'opted_out': self.env._('Who said stop within a week, of those it was delivered to.'),
            'blocked': self.env._('Who stopped us in WhatsApp itself, of those it was delivered to.'),
            'cost': self.env._('By your price table. Meta charges what is delivered.'),
        }

    # ------------------------------------------------------------
    # WHAT CAN BE DONE FROM HERE
    # ------------------------------------------------------------

    def _prepare_actions(self):
        """:return: what to begin with, as actions"""
        mailing = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.mailing_mailing_action_whatsapp')
        return {
            'gallery': 'fluxforce_whatsapp_marketing.fluxforce_campaign_gallery_action',
            'mailing': {**mailing, 'views': [(view, kind) for view, kind in mailing['views'] if kind == 'form']},
        }

    def _digest(self):
        return self.env.ref(DIGEST, raise_if_not_found=False) or self.env['digest.digest']

    def _prepare_digest(self):
        """:return: whether the user gets the figures of the week by e-mail; False where nobody does"""
        digest = self._digest()
        return digest.state == 'activated' and {'is_subscribed': digest.is_subscribed}
