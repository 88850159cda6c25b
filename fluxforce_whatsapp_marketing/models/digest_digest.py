from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang

from .fluxforce_marketing_dashboard import FEWEST, MARKETER, ORIGINS

OURS = 'kpi_whatsapp_'
# What an e-mail shows in other ways than core does: names, and a rise that is no good news.
COMPARED, STOPPED = f'{OURS}compared', f'{OURS}stopped'
# An e-mail has so many columns.
COLUMNS = ('kpi_col1', 'kpi_col2', 'kpi_col3')
# What tells one figure from the same one of other days, in core's context.
WHAT_FOR = ('start_datetime', 'end_datetime', 'uid', 'company')
DASHBOARD = 'fluxforce_whatsapp_marketing.fluxforce_marketing_dashboard_action'


class DigestDigest(models.Model):
    """What WhatsApp campaigns and mailings have brought, by e-mail; for marketers only."""

    _inherit = 'digest.digest'

    kpi_whatsapp_sent = fields.Boolean('WhatsApp: People Written To')
    kpi_whatsapp_sent_value = fields.Integer(compute='_compute_kpi_whatsapp')
    kpi_whatsapp_read = fields.Boolean('WhatsApp: Read (%)')
    kpi_whatsapp_read_value = fields.Float(compute='_compute_kpi_whatsapp')
    kpi_whatsapp_replied = fields.Boolean('WhatsApp: People Who Replied')
    kpi_whatsapp_replied_value = fields.Integer(compute='_compute_kpi_whatsapp')
    kpi_whatsapp_amount = fields.Boolean('WhatsApp: Value Brought')
    kpi_whatsapp_amount_value = fields.Monetary(compute='_compute_kpi_whatsapp')
    kpi_whatsapp_stopped = fields.Boolean('WhatsApp: Opted Out or Blocked (%)')
    kpi_whatsapp_stopped_value = fields.Float(compute='_compute_kpi_whatsapp')
    kpi_whatsapp_compared = fields.Boolean('WhatsApp: Best of 30 Days, by Replies')
    kpi_whatsapp_compared_value = fields.Integer(compute='_compute_kpi_whatsapp_compared_value')
    # Core asks for one figure after the other and forgets it; so they are counted once for some days.
    whatsapp_figures = fields.Json(compute='_compute_whatsapp_figures')

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.depends_context(*WHAT_FOR)
    def _compute_whatsapp_figures(self):
        self._check_whatsapp_marketer()
        for digest in self:
            digest.whatsapp_figures, = digest._whatsapp_funnels([None])[None]

    @api.depends_context(*WHAT_FOR)
    def _compute_kpi_whatsapp(self):
        for digest in self:
            row = digest.whatsapp_figures
            digest.update({
                'kpi_whatsapp_sent_value': row['sent'], 'kpi_whatsapp_read_value': row['read_rate'],
                'kpi_whatsapp_replied_value': row['replied'], 'kpi_whatsapp_amount_value': row['amount'],
                'kpi_whatsapp_stopped_value': row['opted_out_rate'] + row['blocked_rate'],
            })

    def _compute_kpi_whatsapp_compared_value(self):
        """Core wants a number; what is shown are names, see ``_compute_kpis``."""
        self._check_whatsapp_marketer()
        self.kpi_whatsapp_compared_value = 0

    def _whatsapp_funnels(self, by):
        """:return: funnels of the days and the company the digest is about, see ``fluxforce.marketing.figures``"""
        begin, end, __ = self._get_kpi_compute_parameters()
        company = self.company_id or self.env.company
        figures = self.env['fluxforce.marketing.figures'].with_context(allowed_company_ids=company.ids)
        return figures._funnels(by, date_from=begin, date_to=end)

    def _check_whatsapp_marketer(self):
        """Core leaves out what the reader may not see."""
        if not self.env.user.has_group(MARKETER):
            raise AccessError(self.env._('WhatsApp figures are for marketers only.'))

    def _whatsapp_ranking(self):
        """:return: campaigns and mailings to enough people, most replies per message delivered first"""
        rows = [row for funnel in self._whatsapp_funnels([*ORIGINS]).values() for row in funnel
                if row['key'] and row['people'] >= FEWEST]
        return sorted(rows, key=lambda row: (-row['replied_rate'], -row['people']))

    # ------------------------------------------------------------
    # E-MAIL
    # ------------------------------------------------------------

    def _compute_kpis(self, company, user):
        kpis = {kpi['kpi_name']: kpi for kpi in super()._compute_kpis(company, user)}
        for column in COLUMNS:
            # Core paints what grows green.
            kpis.get(STOPPED, {}).get(column, {}).pop('margin', None)
        if COMPARED in kpis:
            try:
                kpis[COMPARED].update(self._prepare_whatsapp_compared(company, user))
            except AccessError:  # of a company the reader may not see: left out, as core leaves out the others
                del kpis[COMPARED]
        return [kpi for name, kpi in kpis.items() if name != COMPARED or kpi['kpi_col1']]

    def _prepare_whatsapp_compared(self, company, user):
        """:return: the best of the last month, each as one column of the e-mail"""
        begin, end = self._compute_timeframes(company)[-1][1][0]
        digest = self.with_context(start_datetime=begin, end_datetime=end).with_user(user).with_company(company)
        best = [{'value': f'{formatLang(self.env, row["replied_rate"], digits=1)}%', 'col_subtitle': row['name']}
                for row in digest._whatsapp_ranking()[:len(COLUMNS)]]
        return {**dict.fromkeys(COLUMNS, {}), **dict(zip(COLUMNS, best, strict=False))}

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        dashboard = f'{DASHBOARD}?menu_id={self.env.ref("fluxforce_whatsapp.menu_root").id}'
        return {**actions, **{name: dashboard for name in self._get_kpi_fields() if name.startswith(OURS)}}
