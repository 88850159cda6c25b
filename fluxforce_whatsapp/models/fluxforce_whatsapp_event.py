import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..cloud_api.webhooks import MalformedWebhook, parse

_logger = logging.getLogger(__name__)

# Webhook bodies taken in one transaction.
BATCH = 20


class FluxforceWhatsappEvent(models.Model):
    """The journal: webhook bodies as they came, kept and replayable."""

    _name = 'fluxforce.whatsapp.event'
    _description = 'WhatsApp Webhook'
    _order = 'id desc'
    _rec_name = 'received_at'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    body = fields.Text(required=True, readonly=True)
    state = fields.Selection([('pending', 'Waiting'), ('done', 'Applied'), ('error', 'Needs attention')],
                             required=True, readonly=True, default='pending')
    attempts = fields.Integer(readonly=True)
    error = fields.Text(readonly=True)
    item_ids = fields.One2many('fluxforce.whatsapp.event.item', 'event_id', 'Content')

    _pending_idx = models.Index("(id) WHERE state = 'pending'")

    @api.model
    def _store(self, account, raw):
        """Keep a body whose signature was good and have it applied soon.

        :param bytes raw: as received.
        """
        # A NUL is valid in JSON as an escape only; PostgreSQL would refuse the byte itself.
        body = raw.decode('utf-8', errors='replace').replace('\x00', '')
        event = self.create({'account_id': account.id, 'body': body})
        self._wake()
        return event

    @api.model
    def _wake(self):
        self.env.ref('fluxforce_whatsapp.ir_cron_process_events').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_process(self):
        """Apply what waits, in the order in which it came."""
        cron = self.env['ir.cron']
        while True:
            events = self.search([('state', '=', 'pending')], order='id', limit=BATCH).try_lock_for_update()
            if not events:
                cron._commit_progress(remaining=0)
                break
            events._process()
            more = self.search_count([('state', '=', 'pending')], limit=1)
            if cron._commit_progress(len(events), remaining=more) <= 0:
                break

    def _process(self):
        """Take the bodies apart and apply their items; a bad body or item parks and stops nobody."""
        for account, events in self.grouped('account_id').items():
            items = self.env['fluxforce.whatsapp.event.item']
            for event in events:
                items |= event._unpack()
            items._apply(account)
        for event in self:
            event._close()

    def _unpack(self):
        """:return: the items of this body that were not known yet."""
        self.attempts += 1
        try:
            parsed = parse(self.body.encode())
        except MalformedWebhook as error:
            self.write({'state': 'error', 'error': str(error)})
            return self.env['fluxforce.whatsapp.event.item']
        return self.env['fluxforce.whatsapp.event.item']._insert(self, parsed)

    def _close(self):
        if self.state == 'error' and not self.item_ids:
            return
        broken = self.item_ids.filtered(lambda item: item.state == 'error')
        self.write({'state': 'error' if broken else 'done', 'error': broken[:1].error})

    def action_replay(self):
        """Apply again what could not be applied, for example after a correction."""
        self.check_access('read')
        events = self.sudo()  # sudo: event - the journal is changed by replaying only
        again = events.filtered(lambda event: event.state == 'error')
        if not again:
            raise UserError(self.env._('Only webhooks that need attention can be replayed.'))
        again.item_ids.filtered(lambda item: item.state == 'error').write({'state': 'pending', 'error': False})
        again.write({'state': 'pending', 'error': False})
        self._wake()
