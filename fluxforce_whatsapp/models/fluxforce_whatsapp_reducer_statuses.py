from datetime import timedelta

from odoo import fields, models

from ..cloud_api import const as meta
from ..cloud_api.webhooks import Status, advances

# How long a status waits for the answer of its send, which may be slow; then it is for a message that is not ours.
WAIT = timedelta(minutes=10)
# Not gone out as far as we knew; a status that proves the opposite is right.
NOT_SENT = ('held', 'refused', 'cancelled', 'expired')
# The moment a status is reported for, by status.
MOMENT_FIELDS = {'sent': 'sent_at', 'delivered': 'delivered_at', 'read': 'read_at'}


class FluxforceWhatsappReducer(models.AbstractModel):
    """Statuses: what became of the messages we sent."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_status(self, account, items):
        statuses = [Status.from_item(item._to_item()) for item in items]
        by_key, by_wamid = self._find_messages(account, statuses)
        changed = failed = self.env['fluxforce.whatsapp.message']
        homeless = items.browse()
        for item, status in zip(items, statuses, strict=True):
            message = status and (by_key.get(status.key) or by_wamid.get(status.message_id))
            if not message:
                homeless += item
            elif values := self._prepare_status_values(message, status):
                message.write(values)
                changed |= message
                if values.get('state') == meta.STATUS_FAILED:
                    failed |= message
        changed._sync_notifications()
        self.env['fluxforce.whatsapp.outcome']._heed_reported(failed)
        (items - homeless).write({'state': 'done'})
        waiting = self._filter_early(account, homeless)
        waiting.write({'state': 'waiting'})
        (homeless - waiting).write({'state': 'ignored'})

    def _filter_early(self, account, items):
        """:return: those that may belong to a message whose send is not answered yet: Meta's id is not known then."""
        since = fields.Datetime.now() - WAIT
        early = items.filtered(lambda item: (
            item.event_id.received_at >= since and not item.content['data'].get('biz_opaque_callback_data')))
        sending = early and self.env['fluxforce.whatsapp.message'].search_count(
            [('account_id', '=', account.id), ('state', '=', 'sending')], limit=1)
        return early if sending else items.browse()

    def _find_messages(self, account, statuses):
        """Meta's id is not known yet when a status overtakes the answer of its send; our own key always is."""
        keys = [status.key for status in statuses if status and status.key]
        wamids = [status.message_id for status in statuses if status]
        messages = self.env['fluxforce.whatsapp.message'].search(
            [('account_id', '=', account.id), '|', ('key', 'in', keys), ('wamid', 'in', wamids)])
        return ({message.key: message for message in messages},
                {message.wamid: message for message in messages if message.wamid})

    def _prepare_status_values(self, message, status):
        """:return: what a status changes on its message; state and moments only move forward."""
        values = {}
        if self._advances(message.state, status.status):
            values.update(state=status.status, reason=False, reason_detail=False, held_by_meta=False,
                          **self._prepare_failure_values(status))
        moment = MOMENT_FIELDS.get(status.status)
        if moment and not message[moment]:
            values[moment] = status.timestamp or fields.Datetime.now()
        # Our own key is surer than the id an answer gave.
        if message.wamid != status.message_id and (not message.wamid or status.key == message.key):
            values['wamid'] = status.message_id
        if status.recipient_id and not message.wa_id:
            values['wa_id'] = status.recipient_id
        return values

    def _advances(self, old, new):
        if old in NOT_SENT:
            return new != meta.STATUS_FAILED and advances(meta.STATUS_UNKNOWN, new)
        return advances(old, new)

    def _prepare_failure_values(self, status):
        """:return: why it failed; whatever else is reported takes an earlier error back."""
        if status.status != 'failed':
            return {'failed_at': False, 'error_code': 0, 'error_message': False}
        return {'failed_at': status.timestamp or fields.Datetime.now(), 'error_code': status.error_code or 0,
                'error_message': status.error_details or status.error_title}
