from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.mail.tools.discuss import Store

from ..const import MESSAGE_TYPE, NOTIFICATION_TYPE
from .conflicts import beside

# How the chatter shows each state.
NOTIFICATION_STATUS = {
    'queued': 'ready', 'held': 'ready', 'sending': 'process', 'unknown': 'process', 'accepted': 'pending',
    'sent': 'pending', 'delivered': 'sent', 'read': 'read', 'played': 'read', 'failed': 'exception',
    'refused': 'exception', 'cancelled': 'canceled', 'expired': 'exception',
}
# The browsers are told at once about ticks of messages that are younger: each such message goes to all of them.
SHOWN_LIVE = timedelta(days=1)
# Messages logged at once; the ORM prefetches up to this many.
BATCH = 500


class FluxforceWhatsappChatter(models.AbstractModel):
    """Shows the messages of the outbox in the chatter of their documents, with ticks that follow their state."""

    _name = 'fluxforce.whatsapp.chatter'
    _description = 'WhatsApp in the Chatter'

    # ------------------------------------------------------------
    # LOG
    # ------------------------------------------------------------

    @api.model
    def _log(self, messages):
        """Show each message in the chatter of its document, with a notification that carries its state."""
        for model, group in messages.grouped('res_model').items():
            if not issubclass(self.env.registry[model], self.env.registry['mail.thread']):
                continue
            for turn in self._one_per_document(group):
                for batch in split_every(BATCH, turn.ids, messages.browse):
                    self._log_batch(batch, self.env[model].browse(batch.mapped('res_id')))

    def _one_per_document(self, messages):
        """:return: list of messages in which no document occurs twice: each message has a place of its own there."""
        turns = defaultdict(list)
        for group in messages.grouped('res_id').values():
            for turn, message in enumerate(group):
                turns[turn].append(message.id)
        return [messages.browse(ids) for ids in turns.values()]

    def _log_batch(self, messages, documents):
        bodies = {message.res_id: message._render_chatter() for message in messages}
        mail_messages = documents._message_log_batch(bodies=bodies, message_type=MESSAGE_TYPE)
        by_document = {mail.res_id: mail for mail in mail_messages}
        notifications = []
        for message in messages:
            message.mail_message_id = by_document[message.res_id]
            notifications.append(self._prepare_notification_values(message))
        messages._show_files()
        self.env['mail.notification'].sudo().create(notifications)  # sudo: mail.notification - like core's own channels

    def _prepare_notification_values(self, message):
        return {
            'author_id': message.mail_message_id.author_id.id,
            'mail_message_id': message.mail_message_id.id,
            'res_partner_id': message.partner_id.id,
            'whatsapp_message_id': message.id,
            'whatsapp_number': message.phone,
            'notification_type': NOTIFICATION_TYPE,
            'notification_status': NOTIFICATION_STATUS[message.state],
            'is_read': True,  # keeps it out of the recipient's inbox in Odoo
        }

    # ------------------------------------------------------------
    # TICKS
    # ------------------------------------------------------------

    @api.model
    def _sync(self, messages):
        """Bring the ticks in the chatter to the messages' states and tell the browsers once per batch."""
        # sudo: mail.notification - the state belongs to the outbox, not to who looks
        notifications = self.env['mail.notification'].sudo().search([('whatsapp_message_id', 'in', messages.ids)])
        changed = self.env['mail.notification'].sudo()
        for status, group in self._changes(notifications).items():
            group.write(self._prepare_change(status))
            changed |= group
        self._tell_browsers(self._recent(changed.mail_message_id))

    def _tell_browsers(self, mail_messages):
        """What browsers are told depends on documents of any app; a broken one takes no ticks from the others."""
        if mail_messages:
            beside(self.env, mail_messages._notify_message_notification_update,
                   'Ticks of WhatsApp messages could not be shown at once')

    def _recent(self, mail_messages):
        """:return: those that somebody may have open; the others show their ticks when they are opened."""
        since = fields.Datetime.now() - SHOWN_LIVE
        return mail_messages.filtered(lambda mail: mail.create_date > since)

    def _changes(self, notifications):
        """:return: the notifications that have to change, by their new status."""
        changes = {}
        for notification in notifications:
            status = NOTIFICATION_STATUS[notification.whatsapp_message_id.state]
            # A failure that somebody has put aside stays put aside.
            discarded = notification.notification_status == 'canceled' and status == 'exception'
            if notification.notification_status != status and not discarded:
                changes[status] = changes.get(status, notifications.browse()) | notification
        return changes

    def _prepare_change(self, status):
        failure = 'whatsapp_failed' if status == 'exception' else False
        return {'notification_status': status, 'failure_type': failure}

    # ------------------------------------------------------------
    # BROWSERS
    # ------------------------------------------------------------

    @api.model
    def _tell_changed(self, message):
        """Show a changed message of the chatter to whoever was notified of it, as core does after an edit."""
        # sudo: mail.message.translation - what was translated is not there any more
        self.env['mail.message.translation'].sudo().search([('message_id', '=', message.id)]).unlink()
        for user in self._notified_users(message):
            Store(bus_channel=user).add(message, [
                Store.Many('attachment_ids', sort='id'), 'body', 'write_date', {'translationValue': False},
            ]).bus_send()

    @api.model
    def _tell_reaction(self, message, content):
        """The same for what people react with."""
        for user in self._notified_users(message):
            message.with_user(user).sudo()._bus_send_reaction_group(content)

    def _notified_users(self, message):
        return message.notified_partner_ids.user_ids.filtered(lambda user: user.active and user._is_internal())
