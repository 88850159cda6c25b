from odoo import api, models


class FluxforceWhatsappEvent(models.Model):
    """How the journal of an account stands, for its Webhooks page and its watchdog."""

    _inherit = 'fluxforce.whatsapp.event'

    @api.model
    def _count_since(self, accounts, since):
        """:return: how many webhooks came since a moment, by (account, state)."""
        groups = self._read_group(
            [('account_id', 'in', accounts.ids), ('received_at', '>=', since)], ['account_id', 'state'], ['__count'])
        return {(account, state): count for account, state, count in groups}

    @api.model
    def _count_errors(self, accounts):
        """:return: how many webhooks need attention, by account."""
        return dict(self._read_group(
            [('account_id', 'in', accounts.ids), ('state', '=', 'error')], ['account_id'], ['__count']))

    @api.model
    def _last_received(self, accounts):
        """:return: when the last webhook came, by account id."""
        self.flush_model(['account_id', 'received_at'])
        self.env.cr.execute("""
            SELECT account.id, last.received_at
              FROM unnest(%s::int[]) account (id)
             CROSS JOIN LATERAL (SELECT received_at FROM fluxforce_whatsapp_event
                                  WHERE account_id = account.id ORDER BY received_at DESC LIMIT 1) last
        """, [accounts.ids])
        return dict(self.env.cr.fetchall())

    @api.model
    def _waiting_since(self, account):
        """:return: since when a webhook waits to be applied, None for none; one to be applied again waits from then.

        The moment of its last attempt does not count: what is begun again and again would never seem to wait.
        """
        self.flush_model(['account_id', 'state', 'received_at', 'replayed_at'])
        self.env.cr.execute("""
            SELECT min(COALESCE(replayed_at, received_at)) FROM fluxforce_whatsapp_event
             WHERE account_id = %s AND state = 'pending'
        """, [account.id])
        return self.env.cr.fetchone()[0]
