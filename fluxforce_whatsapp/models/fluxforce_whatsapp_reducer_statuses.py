from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..cloud_api import const as meta
from ..cloud_api.track import Track
from ..cloud_api.webhooks import Status
from .fluxforce_whatsapp_renewal import Ids

# How long a status waits for the answer of its send, which may be slow; then it is for a message that is not ours.
WAIT = timedelta(minutes=10)
# What statuses change, in the order of the statement that writes it.
TRACKED = ('state', 'wamid', 'wa_id', 'sent_at', 'delivered_at', 'read_at', 'failed_at', 'error_code', 'error_message')


class FluxforceWhatsappReducer(models.AbstractModel):
    """Statuses: what became of the messages we sent. There are three for each, so they are applied by statements."""

    _inherit = 'fluxforce.whatsapp.reducer'

    @api.model
    def _lock_tracked(self, item_ids):
        """Lock the messages that these statuses are about, as the first thing of a transaction.

        The sender writes the same rows while their first statuses come in: what it commits between the beginning of a
        transaction and its lock makes the whole step start anew.
        """
        self.env.cr.execute("""
            SELECT 1 FROM fluxforce_whatsapp_message
             WHERE id = ANY(ARRAY(
                   SELECT message.id FROM fluxforce_whatsapp_event_item item
                    CROSS JOIN LATERAL (
                          SELECT id FROM fluxforce_whatsapp_message
                           WHERE key = item.content->'data'->>'biz_opaque_callback_data'
                           UNION ALL
                          SELECT id FROM fluxforce_whatsapp_message WHERE wamid = item.content->'data'->>'id') message
                    WHERE item.id = ANY(%s) AND item.kind = 'status'))
             ORDER BY id FOR NO KEY UPDATE
        """, [list(item_ids)], log_exceptions=False)

    def _reduce_status(self, account, items):
        statuses = [Status.from_item(item._to_item()) for item in items]
        by_key, by_wamid = self._tracks(account, statuses)
        homeless, unknown, now = [], [], fields.Datetime.now()
        for item, status in zip(items, statuses, strict=True):
            track = status and (by_key.get(status.key) or by_wamid.get(status.message_id))
            if not track:
                homeless.append(item.id)
                continue
            track.follow(status, now)
            by_wamid[track.wamid] = track
            if status.status not in meta.STATUS_RANK and status.status != meta.STATUS_FAILED:
                unknown.append(item.id)
        self._store_tracks([track for track in by_key.values() if track.changed])
        self._bring_changes(account, [track.wamid for track in by_key.values() if track.named])
        self.env['fluxforce.whatsapp.identity']._learn_ids(account, [
            Ids(status.recipient_id, status.user_id, status.timestamp or now) for status in statuses
            if status and status.recipient_id and status.user_id])
        self._close_items(account, items, items.browse(homeless), items.browse(unknown))

    def _tracks(self, account, statuses):
        """Meta's id is not known yet when a status overtakes the answer of its send; our own key always is.

        :return: what is known about each message, by our key and by Meta's id
        """
        self.env['fluxforce.whatsapp.message'].flush_model()
        self.env.cr.execute(SQL("""
            SELECT id, key, %s FROM fluxforce_whatsapp_message
             WHERE account_id = %s AND (key = ANY(%s) OR wamid = ANY(%s))
               FOR NO KEY UPDATE
        """, SQL(', ').join(map(SQL.identifier, TRACKED)), account.id,
            [status.key for status in statuses if status and status.key],
            [status.message_id for status in statuses if status]))
        tracks = [Track(**row) for row in self.env.cr.dictfetchall()]
        return ({track.key: track for track in tracks},
                {track.wamid: track for track in tracks if track.wamid})

    def _store_tracks(self, tracks):
        if not tracks:
            return
        self.env.cr.execute_values("""
            UPDATE fluxforce_whatsapp_message message
               SET state = new.state, wamid = new.wamid, wa_id = new.wa_id, sent_at = new.sent_at,
                   delivered_at = new.delivered_at, read_at = new.read_at, failed_at = new.failed_at,
                   error_code = new.error_code, error_message = new.error_message,
                   reason = CASE WHEN new.moved THEN NULL ELSE message.reason END,
                   reason_detail = CASE WHEN new.moved THEN NULL ELSE message.reason_detail END,
                   held_by_meta = message.held_by_meta AND NOT new.moved
              FROM (VALUES %s) AS new (id, state, wamid, wa_id, sent_at, delivered_at, read_at, failed_at, error_code,
                                       error_message, moved)
             WHERE message.id = new.id
        """, [(track.id, *(getattr(track, name) for name in TRACKED), track.moved) for track in tracks],
            template='(%s, %s, %s, %s, %s::timestamp, %s::timestamp, %s::timestamp, %s::timestamp, %s::int, %s, %s)',
            page_size=len(tracks))
        messages = self.env['fluxforce.whatsapp.message'].browse([track.id for track in tracks])
        messages.invalidate_recordset()
        self._heed_moved(messages, tracks)

    def _heed_moved(self, messages, tracks):
        moved = messages.browse([track.id for track in tracks if track.moved])
        moved._show_ticks()
        self.env['fluxforce.whatsapp.outcome']._heed_reported(messages.browse(
            [track.id for track in tracks if track.moved and track.state == meta.STATUS_FAILED]))

    def _close_items(self, account, items, homeless, unknown):
        """:param homeless: of messages that are not known (yet). :param unknown: what an update may come to know."""
        waiting = self._filter_early(account, homeless)
        (items - homeless - unknown).write({'state': 'done'})
        waiting.write({'state': 'waiting'})
        (homeless - waiting | unknown).write({'state': 'ignored'})

    def _filter_early(self, account, items):
        """:return: those that may belong to a message whose send is not answered yet: Meta's id is not known then."""
        since = fields.Datetime.now() - WAIT
        early = items.filtered(lambda item: (
            item.event_id.received_at >= since and not item.content['data'].get('biz_opaque_callback_data')))
        sending = early and self.env['fluxforce.whatsapp.message'].search_count(
            [('account_id', '=', account.id), ('state', '=', 'sending')], limit=1)
        return early if sending else items.browse()
