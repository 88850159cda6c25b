from odoo import api, models
from odoo.tools import format_amount, formatLang

# Columns of a table, in the order in which they are read; those of the second line only where they say something.
ALWAYS = ('people', 'sent', 'delivered', 'read', 'replied')
SOMETIMES = ('clicked', 'converted', 'opted_out', 'blocked', 'failed', 'refused')
DASH = '–'


class FluxforceMarketingSheet(models.AbstractModel):
    """The figures of a campaign, a mailing or a template as a page to read."""

    _name = 'fluxforce.marketing.sheet'
    _description = 'WhatsApp Marketing Figures as a Page'

    @api.model
    def _of_campaign(self, campaign):
        """:return: the page, Markup"""
        # Ways only where there is a split.
        by = ('activity', *(['variant'] if campaign.activity_ids.variant_id else []), 'template', 'consent_source')
        return self._render({'campaign_ids': campaign.ids}, by, self._words_of_lift(campaign))

    @api.model
    def _of_mailing(self, mailing):
        """:return: the page, Markup"""
        versions = mailing._get_ab_testing_siblings_mailings() if mailing.ab_testing_enabled else mailing
        page = self._render({'mailing_ids': mailing.ids}, ('template', 'consent_source'))
        if len(versions) < 2:
            return page
        rows = self.env['fluxforce.marketing.figures']._funnel(mailing_ids=versions.ids, by='variant')
        return page + self._render_tables({'variant': rows})

    @api.model
    def _of_template(self, template):
        """:return: the page, Markup"""
        return self._render({'domain': [('template_id', 'in', template.ids)]}, ('campaign', 'mailing'))

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    def _render(self, what, by, lift=None):
        """:param dict what: parameters of the funnel. :param by: the tables, as of the funnel."""
        funnels = self.env['fluxforce.marketing.figures']._funnels([None, *by], **what)
        total, = funnels.pop(None)
        head = self.env['ir.qweb']._render('fluxforce_whatsapp_marketing.figures_head', {
            'people': total['people'], 'tiles': self._prepare_tiles(total), 'lift': lift,
            'hint': self._words_of_cost(total)})
        return head + self._render_tables(funnels) if total['people'] else head

    def _render_tables(self, funnels):
        """:param dict funnels: rows by what tells them apart"""
        tables = [self._prepare_table(by, rows) for by, found in funnels.items()
                  if (rows := self._worth_showing(by, found))]
        return self.env['ir.qweb']._render('fluxforce_whatsapp_marketing.figures_tables', {'tables': tables})

    def _worth_showing(self, by, rows):
        """What has neither campaign nor mailing is no row of such a table; one template alone is the total."""
        rows = [row for row in rows if row['key'] is not None or by == 'consent_source']
        return rows if len(rows) > (by == 'template') else []

    def _prepare_tiles(self, row):
        """:return: list of (label, value, what it is of)"""
        labels = self._labels()
        counts = [(labels[name], self._number(row[name]), self._share(row, name)) for name in (*ALWAYS, *SOMETIMES)
                  if name in ALWAYS or row[name]]
        return [*counts,
                (self.env._('Cost (estimated)'), self._money(row['cost'], row), ''),
                (self.env._('Per reply'), self._money(row['cost_per_reply'], row), ''),
                (self.env._('Per order'), self._money(row['cost_per_order'], row), ''),
                (self.env._('Value brought'), self._money(row['amount'], row),
                 self.env._('leads and orders: %(count)s', count=self._number(row['conversions'])))]

    def _prepare_table(self, by, rows):
        columns = [*ALWAYS, *(name for name in SOMETIMES if any(row[name] for row in rows))]
        has_cost = any(row['cost'] is not None for row in rows)
        labels = self._labels()
        return {
            'title': self._titles()[by],
            'heads': [*(labels[name] for name in columns), *([self.env._('Cost (estimated)')] if has_cost else [])],
            'rows': [{'name': row['name'], 'cells': [
                *((self._number(row[name]), self._share(row, name)) for name in columns),
                *([(self._money(row['cost'], row), '')] if has_cost else [])]} for row in rows],
        }

    def _number(self, value):
        return formatLang(self.env, value, digits=0)

    def _share(self, row, name):
        rate = row.get(f'{name}_rate')
        return '' if rate is None else self._percent(rate)

    def _percent(self, value):
        return self.env._('%(percent)s %%', percent=formatLang(self.env, value, digits=1))

    def _money(self, value, row):
        return DASH if value is None else format_amount(
            self.env, value, self.env['res.currency'].browse(row['currency']))

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _labels(self):
        return {
            'people': self.env._('People'), 'sent': self.env._('Sent'), 'delivered': self.env._('Delivered'),
            'read': self.env._('Read'), 'replied': self.env._('Replied'), 'clicked': self.env._('Followed a link'),
            'converted': self.env._('Converted'), 'opted_out': self.env._('Opted out'),
            'blocked': self.env._('Blocked'), 'failed': self.env._('Failed'), 'refused': self.env._('Refused')}

    def _titles(self):
        return {
            'activity': self.env._('By Step'), 'variant': self.env._('By Variant'),
            'template': self.env._('By Template'), 'consent_source': self.env._('By How They Agreed'),
            'campaign': self.env._('By Campaign'), 'mailing': self.env._('By Mailing')}

    def _words_of_cost(self, row):
        """:return: what the cost leaves out, '' if nothing."""
        if row['cost'] is None and row['delivered']:
            return self.env._('Your price table has no price for these messages, so nobody knows what they cost. '
                              'Enter Meta\'s rates under WhatsApp > Configuration > Prices.')
        if row['unpriced']:
            return self.env._('Your price table has no price for %(count)s of the messages; they are not in the cost.',
                              count=self._number(row['unpriced']))
        return ''

    def _words_of_lift(self, campaign):
        """:return: the comparison with the hold-out in two sentences, None if there is none."""
        found = self.env['fluxforce.marketing.figures']._lift(campaign)
        if not found:
            return None
        groups = self.env._(
            '%(goal)s of %(people)s people in the campaign reached the goal (%(share)s), and %(other_goal)s of '
            '%(other_people)s who got nothing, to compare with (%(other_share)s).',
            goal=self._number(found['treated_goal']), people=self._number(found['treated']),
            share=self._percent(found['treated_rate']), other_goal=self._number(found['held_out_goal']),
            other_people=self._number(found['held_out']), other_share=self._percent(found['held_out_rate']))
        return f'{groups} {self._words_of_difference(found)}'

    def _words_of_difference(self, found):
        points = {name: formatLang(self.env, found[name], digits=1) for name in ('lift', 'low', 'high')}
        if found['is_sure']:
            return self.env._('The difference is %(lift)s percentage points and no accident: with 95 %% confidence it '
                              'lies between %(low)s and %(high)s.', **points)
        return self.env._('The difference is %(lift)s percentage points and may be an accident: with 95 %% confidence '
                          'it lies between %(low)s and %(high)s.', **points)
