from datetime import timedelta

from odoo import api, fields, models

from ..policy.budget import WINDOW

# Kept a little longer than it counts: clocks differ.
KEEP = WINDOW + timedelta(hours=1)


class FluxforceWhatsappReach(models.Model):
    """Who was written to outside a service window, and when last: what Meta counts against the messaging limit.

    Written by the claim only, by SQL; one row per person and portfolio.
    """

    _name = 'fluxforce.whatsapp.reach'
    _description = 'WhatsApp Person Reached'
    _log_access = False

    portfolio_id = fields.Many2one('fluxforce.whatsapp.portfolio', required=True, ondelete='cascade')
    person = fields.Char(required=True, help='The number, in international form.')
    reached_at = fields.Datetime(required=True)

    _once = models.Constraint('unique(portfolio_id, person)', 'This person is counted already.')
    _reached_idx = models.Index('(portfolio_id, reached_at)')

    @api.model
    def _count(self, portfolios, now=None):
        """:return: people reached in the last 24 hours, by portfolio id."""
        if not portfolios.ids:
            return {}
        self.env.cr.execute("""
            SELECT portfolio_id, count(*) FROM fluxforce_whatsapp_reach
             WHERE portfolio_id = ANY(%s) AND reached_at > %s GROUP BY portfolio_id
        """, [portfolios.ids, (now or fields.Datetime.now()) - WINDOW])
        return dict(self.env.cr.fetchall())

    @api.model
    def _known(self, portfolio, people, now):
        """:return: which of the people were reached in the last 24 hours."""
        self.env.cr.execute("""
            SELECT person FROM fluxforce_whatsapp_reach
             WHERE portfolio_id = %s AND person = ANY(%s) AND reached_at > %s
        """, [portfolio.id, list(people), now - WINDOW])
        return {person for person, in self.env.cr.fetchall()}

    @api.model
    def _book(self, portfolio, people, now):
        """:return: how many of the people count anew; for the others the 24 hours begin again."""
        known = self._known(portfolio, people, now)
        self.env.cr.execute_values("""
            INSERT INTO fluxforce_whatsapp_reach (portfolio_id, person, reached_at) VALUES %s
            ON CONFLICT (portfolio_id, person) DO UPDATE SET reached_at = EXCLUDED.reached_at
        """, [(portfolio.id, person, now) for person in sorted(people)])
        return len(set(people) - known)

    @api.model
    def _oldest(self, portfolio, count, now):
        """:return: when the people who will be free first were reached, ascending."""
        self.env.cr.execute("""
            SELECT reached_at FROM fluxforce_whatsapp_reach
             WHERE portfolio_id = %s AND reached_at > %s ORDER BY reached_at LIMIT %s
        """, [portfolio.id, now - WINDOW, count])
        return [moment for moment, in self.env.cr.fetchall()]

    @api.model
    def _first_moment(self, portfolio):
        """:return: when the next person is free again, or False."""
        oldest = self._oldest(portfolio, 1, fields.Datetime.now())
        return oldest[0] + WINDOW if oldest else False

    @api.model
    def _merge(self, former, portfolio):
        """Who was reached for an account counts for the portfolio it moves to, as well."""
        self.env.flush_all()
        self.env.cr.execute("""
            INSERT INTO fluxforce_whatsapp_reach AS reach (portfolio_id, person, reached_at)
            SELECT %s, person, reached_at FROM fluxforce_whatsapp_reach WHERE portfolio_id = %s
            ON CONFLICT (portfolio_id, person) DO UPDATE
               SET reached_at = GREATEST(reach.reached_at, EXCLUDED.reached_at)
        """, [portfolio.id, former.id])
        portfolio.sudo().budget_counted_at = False  # sudo: portfolio - counted anew at the next claim

    @api.autovacuum
    def _gc_reach(self):
        self.env.cr.execute(
            'DELETE FROM fluxforce_whatsapp_reach WHERE reached_at < %s', [fields.Datetime.now() - KEEP])
