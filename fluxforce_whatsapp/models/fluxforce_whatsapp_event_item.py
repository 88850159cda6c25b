import json
from datetime import timedelta

from odoo import api, fields, models

from ..cloud_api import const as meta
from ..cloud_api.webhooks import Item
from .conflicts import CONFLICTS
from .failures import log_failure

# Over so many seconds what comes in is averaged. (Our own choice.)
INBOUND_SPAN_S = 10


class FluxforceWhatsappEventItem(models.Model):
    """One thing that happened, once, however often Meta tells it."""

    _name = 'fluxforce.whatsapp.event.item'
    _description = 'WhatsApp Webhook Item'
    _order = 'id'
    _rec_name = 'field'

    event_id = fields.Many2one('fluxforce.whatsapp.event', required=True, readonly=True, index=True,
                               ondelete='cascade')
    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id')
    dedupe_key = fields.Char(required=True, readonly=True)
    field = fields.Char(readonly=True)
    kind = fields.Char(readonly=True)
    content = fields.Json(readonly=True)
    content_text = fields.Text('As Received', compute='_compute_content_text')
    target = fields.Char(readonly=True, help='Meta\'s id of the message it is about, which had not come yet.')
    phone_number_id = fields.Char('Phone Number ID', readonly=True)
    received_at = fields.Datetime(readonly=True)
    state = fields.Selection([('pending', 'To apply'), ('waiting', 'Waiting for its message'), ('done', 'Applied'),
                              ('ignored', 'Kept only'), ('error', 'Needs attention')],
                             required=True, readonly=True, default='pending')
    error = fields.Text(readonly=True)

    # Counted at every claim: what comes in uses up a number's throughput as well.
    _inbound_idx = models.Index("(phone_number_id, received_at) WHERE kind = 'message'")
    _target_idx = models.Index('(account_id, target) WHERE target IS NOT NULL')
    _waiting_idx = models.Index("(id) WHERE state = 'waiting'")
    _once = models.Constraint('unique(account_id, dedupe_key)', 'This was already received.')

    @api.depends('content')
    def _compute_content_text(self):
        for item in self:
            item.content_text = json.dumps(item.content, indent=2, ensure_ascii=False)

    @api.model
    def _insert(self, parsed):
        """Keep the items that are new; the database decides, also between two workers.

        :param list parsed: (event, :class:`Item`) of one or more events, in their order.
        """
        rows = [(event.id, event.account_id.id, item.key_on(event.received_at.date()), item.field, item.kind,
                 json.dumps(self._prepare_content(item)), item.phone_number_id, event.received_at)
                for event, item in parsed]
        if rows:
            # Where it fails what people wrote must not be logged.
            self.env.cr.execute("""
                INSERT INTO fluxforce_whatsapp_event_item
                            (event_id, account_id, dedupe_key, field, kind, content, phone_number_id, received_at,
                             state)
                SELECT event_id, account_id, dedupe_key, field, kind, content::jsonb, phone_number_id, received_at,
                       'pending'
                  FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                              %s::timestamp[]) WITH ORDINALITY
                    AS new (event_id, account_id, dedupe_key, field, kind, content, phone_number_id, received_at, place)
                 ORDER BY place
                ON CONFLICT (account_id, dedupe_key) DO NOTHING
            """, [list(column) for column in zip(*rows, strict=True)], log_exceptions=False)
        self.env['fluxforce.whatsapp.event'].invalidate_model(['item_ids', 'fields_told', 'has_kept'])

    @api.model
    def _inbound_per_second(self, phone_number_id, now):
        """:return: messages that people wrote to a number, per second, over the last few seconds."""
        self.env.cr.execute("""
            SELECT count(*) FROM fluxforce_whatsapp_event_item
             WHERE phone_number_id = %s AND kind = 'message' AND received_at > %s
        """, [phone_number_id, now - timedelta(seconds=INBOUND_SPAN_S)])
        return self.env.cr.fetchone()[0] / INBOUND_SPAN_S

    def _prepare_content(self, item):
        return {'phone_number_id': item.phone_number_id, 'waba_id': item.waba_id, 'data': item.data,
                'value': item.value, 'contact': item.contact, 'time': item.time}

    def _to_item(self):
        """:return: the :class:`Item` this row was made from."""
        return Item(field=self.field, kind=self.kind, dedupe_key=self.dedupe_key, **self.content)

    def _apply(self, account):
        """Let the reducers apply the items, those of one kind as a batch in its order, one by one if that fails.

        What is of different kinds does not depend on each other's order, or waits for the other by itself. What is said
        about them to people is said in their language: a webhook comes without any.
        """
        account = account._in_readers_language()
        items = self.with_context(lang=account.env.lang)
        ours = items - items._park_foreign(account)
        for (field, kind), group in ours.sorted('id').grouped(lambda item: (item.field, item.kind)).items():
            group._apply_batch(account, field, kind)

    def _apply_waiting(self):
        """Try again what came before its message was known.

        :return: how many items wait no longer.
        """
        waiting = self.filtered(lambda item: item.state == 'waiting')
        empty = waiting.filtered(lambda item: not item.content)  # deleted meanwhile
        empty.write({'state': 'ignored'})
        waiting -= empty
        for account, items in waiting.grouped('account_id').items():
            items._apply(account)
        for item in waiting.filtered(lambda item: item.state == 'error'):
            item.event_id.write({'state': 'error', 'error': item.error})
        return len(empty) + len(waiting.filtered(lambda item: item.state != 'waiting'))

    def _park_foreign(self, account):
        """Items for a number or an account that is not set up here wait for a person; they can be replayed.

        :return: those items.
        """
        numbers = set(account.with_context(active_test=False).number_ids.mapped('phone_number_id'))
        foreign = self.filtered(lambda item: (
            (item.phone_number_id or '') not in ('', *numbers) or item._is_anothers(account)))
        foreign.write({'state': 'error', 'error': self.env._(
            'This is for a number or an account that is not set up here. Connect the account again, then apply this '
            'again.')})
        return foreign

    def _is_anothers(self, account):
        return self.field not in meta.FIELDS_OF_BUSINESS and self.content['waba_id'] not in ('', account.waba_id)

    def _apply_batch(self, account, field, kind):
        reducer = self.env['fluxforce.whatsapp.reducer']._of(field, kind)
        if not reducer:
            self.write({'state': 'ignored'})
            return
        try:
            with self.env.cr.savepoint():
                reducer(account, self)
        except CONFLICTS:
            raise  # with the whole step
        except Exception as error:
            self._park_or_split(account, field, kind, error)

    def _park_or_split(self, account, field, kind, error):
        if len(self) > 1:
            for item in self:
                item._apply_batch(account, field, kind)
            return
        self.write({'state': 'error', 'error': log_failure(
            f'WhatsApp webhook item {self.id} could not be applied', error)})
