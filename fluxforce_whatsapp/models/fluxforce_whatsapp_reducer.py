from datetime import timedelta

from odoo import api, fields, models

from ..cloud_api import const as meta
from ..cloud_api.webhooks import MESSAGE, STATUS, InboundMessage, Status, advances
from ..const import MESSAGE_TYPE
from ..text_format import to_markup
from .mail_thread import INBOUND

# How long a status waits for the answer of its send, which may be slow; then it is for a message that is not ours.
WAIT = timedelta(minutes=10)
# Not gone out as far as we knew; a status that proves the opposite is right.
NOT_SENT = ('held', 'refused', 'cancelled', 'expired')
# The moment a status is reported for, by status.
MOMENT_FIELDS = {'sent': 'sent_at', 'delivered': 'delivered_at', 'read': 'read_at'}


class FluxforceWhatsappReducer(models.AbstractModel):
    """Applies journal items to the models: one method per kind, for a batch in the order in which it came."""

    _name = 'fluxforce.whatsapp.reducer'
    _description = 'WhatsApp Reducer'

    @api.model
    def _of(self, kind):
        """:return: the method (account, items) that applies a kind of item, None for what is only kept."""
        return {STATUS: self._reduce_statuses, MESSAGE: self._reduce_messages}.get(kind)

    # ------------------------------------------------------------
    # STATUSES
    # ------------------------------------------------------------

    def _reduce_statuses(self, account, items):
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

    # ------------------------------------------------------------
    # INBOUND MESSAGES
    # ------------------------------------------------------------

    def _reduce_messages(self, account, items):
        inbound = [InboundMessage.from_item(item._to_item()) for item in items]
        self._open_windows(items, inbound)
        known = [(item, message) for item, message in zip(items, inbound, strict=True) if message]
        identities = self.env['fluxforce.whatsapp.identity']._of_senders(account, [message for __, message in known])
        done = items.browse()
        for (item, message), identity in zip(known, identities, strict=True):
            if identity.partner_id:
                self._post_inbound(account, identity.partner_id, message)
                done += item
        done.write({'state': 'done'})
        (items - done).write({'state': 'ignored'})

    def _open_windows(self, items, inbound):
        """Whoever writes may be answered with anything for a day, from the number written to."""
        numbers = self.env['fluxforce.whatsapp.number'].with_context(active_test=False).search(
            [('phone_number_id', 'in', items.mapped('phone_number_id'))])
        by_id = {number.phone_number_id: number.id for number in numbers}
        written = [(by_id[item.phone_number_id], message.sender, message.timestamp or fields.Datetime.now())
                   for item, message in zip(items, inbound, strict=True)
                   if message and message.sender and item.phone_number_id in by_id]
        self.env['fluxforce.whatsapp.pair']._open_windows(written)
        # Whoever wrote costs nobody's budget any more.
        self.env['fluxforce.whatsapp.message']._release_waiting([
            ('number_id', 'in', [number_id for number_id, __, __ in written]),
            ('phone', 'in', [f'+{wa_id}' for __, wa_id, __ in written]), ('reason', 'in', ('budget', 'warmup'))])

    def _post_inbound(self, account, partner, message):
        """Show a person's message in the contact's chatter; its followers here and who is in charge are told."""
        partner.with_company(account.company_id).with_context(whatsapp_inbound=INBOUND).message_post(
            body=to_markup(message.text),
            author_id=partner.id,
            message_type=MESSAGE_TYPE,
            subtype_xmlid='fluxforce_whatsapp.mt_whatsapp',
            partner_ids=self._in_charge(account, partner).partner_id.ids,
        )

    def _in_charge(self, account, partner):
        """:return: the contact's salesperson, else whoever wrote to it last."""
        written = self.env['fluxforce.whatsapp.message'].search(
            [('partner_id', '=', partner.id), ('account_id', '=', account.id)], limit=1)
        return (partner.user_id or written.create_uid).filtered(lambda user: user.active and user._is_internal())
