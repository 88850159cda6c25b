from odoo import api, models


class FluxforceWhatsappEventItem(models.Model):
    """Whether reports about our messages come in, for an account's Webhooks page and its watchdog."""

    _inherit = 'fluxforce.whatsapp.event.item'

    _status_idx = models.Index("(account_id, received_at) WHERE kind = 'status'")

    @api.model
    def _count_waiting(self, accounts):
        """:return: how many items wait for their message, by account."""
        return dict(self._read_group(
            [('account_id', 'in', accounts.ids), ('state', '=', 'waiting')], ['account_id'], ['__count']))

    @api.model
    def _last_status_at(self, account):
        """:return: when the last report about a message came in, False for none yet."""
        return self.search([('account_id', '=', account.id), ('kind', '=', 'status')],
                           order='received_at desc', limit=1).received_at

    @api.model
    def _first_status_after(self, account, moment):
        """:return: when the first report after a moment came in, False for none yet."""
        return self.search([('account_id', '=', account.id), ('kind', '=', 'status'), ('received_at', '>', moment)],
                           order='received_at', limit=1).received_at
