from odoo import api, fields, models
from odoo.exceptions import UserError

from ..policy.expiry import expires_at
from ..policy.wait import Wait
from .fluxforce_whatsapp_message import WAITING


class FluxforceWhatsappDecision(models.AbstractModel):
    """What people decide about messages of the outbox: the only ways in which a row is changed by hand.

    Each decision takes many messages, acts on those it fits and tells about the others. A person may decide about
    messages whose document that person may read.
    """

    _name = 'fluxforce.whatsapp.decision'
    _description = 'WhatsApp Decision of a Person'

    @api.model
    def _cancel(self, messages):
        """Take messages that have not gone yet out of the queue; what a sender holds stays."""
        waiting = self._take(messages, lambda message: message.state in WAITING)
        if not waiting:
            raise UserError(self._refusal(messages, self.env._(
                'Only messages that are queued or on hold can be cancelled.')))
        waiting.write({'state': 'cancelled', 'reason': False, 'reason_detail': False})
        waiting._sync_notifications()
        return self._tell(
            messages, self.env._('%(count)s cancelled.', count=len(waiting)), len(waiting),
            self.env._('had gone out or ended already'))

    @api.model
    def _put_back(self, messages):
        """Queue cancelled messages again; the gate decides about each as it is now."""
        cancelled = self._take(messages, lambda message: message.may_be_put_back)
        if not cancelled:
            raise UserError(self._refusal(messages, self.env._(
                'Only cancelled messages that are not too late and were not sent again can be put back.')))
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(cancelled._to_drafts())
        now = fields.Datetime.now()
        for message, verdict in zip(cancelled, verdicts, strict=True):
            message.write({'due_at': max(message.due_at or now, now), **message._prepare_verdict_values(verdict)})
        cancelled._sync_notifications()
        self.env['fluxforce.whatsapp.sender']._wake_outbox()
        return self._tell(
            messages, self.env._('%(count)s put back.', count=len(cancelled)), len(cancelled),
            self.env._('were not cancelled, came too late or were sent again'))

    @api.model
    def _retry(self, messages):
        """Ask at once about what waits for a moment, and send once more what did not go out."""
        messages.check_access('read')
        ended = messages.filtered(lambda message: message.may_be_sent_again and message.state in ('failed', 'refused'))
        copies = self._send_again(ended) if self._readable(ended) else ended.browse()
        hastened = self._hasten(messages)
        if not copies and not hastened:
            raise UserError(self._refusal(messages, self.env._(
                'Only messages that wait for a moment, or that ended without going out, can be tried again.')))
        return self._tell(
            messages, self.env._('%(count)s are tried again now.', count=len(copies) + len(hastened)),
            len(copies) + len(hastened), self.env._('are about to go, had gone out or wait for a decision'))

    def _hasten(self, messages):
        """Let what waits be asked about now; the gate and the pace decide as always."""
        now = fields.Datetime.now()
        waiting = self._take(messages, lambda message: message.state == 'held' or (
            message.state == 'queued' and message.due_at and message.due_at > now))
        waiting.write({'state': 'queued', 'due_at': now, 'reason': False, 'reason_detail': False})
        if waiting:
            self.env['fluxforce.whatsapp.sender']._wake_outbox()
        return waiting

    @api.model
    def _send_again(self, messages):
        """Make new messages of those that did not go out.

        :return: the new messages.
        """
        again_sudo = self._take(messages, lambda message: message.may_be_sent_again)
        if not again_sudo:
            raise UserError(self._refusal(messages, self.env._(
                'Only messages that did not go out can be sent again, and only once. An unknown outcome can be decided '
                'once WhatsApp has had its time to report it.')))
        # The drafts are made with the sender's own rights.
        copies = messages._enqueue([message._prepare_again_draft() for message in messages.browse(again_sudo.ids)])
        for message_sudo, copy in zip(again_sudo, copies, strict=True):
            message_sudo.again_id = copy
        return copies

    @api.model
    def _reschedule(self, messages, moment, move_expiry):
        """Put messages off.

        :param datetime moment: not before, UTC
        :param bool move_expiry: let those that would be too late by then live on, as long as a new one would
        """
        if moment <= fields.Datetime.now():
            raise UserError(self.env._('New Moment: choose one in the future.'))
        waiting = self._take(messages, lambda message: message.state in WAITING)
        if not waiting:
            raise UserError(self._refusal(messages, self.env._(
                'Only messages that are queued or on hold can be put off.')))
        late = waiting.filtered(lambda message: message.expires_at and message.expires_at <= moment)
        if late and not move_expiry:
            raise UserError(self.env._(
                'New Moment: %(count)s of these messages would be too late by then and never go. Choose an earlier '
                'moment, or let them go nevertheless.', count=len(late)))
        waiting.write({'state': 'held', 'reason': Wait.RESCHEDULED.value, 'reason_detail': False, 'due_at': moment})
        for purpose, group in late.grouped('purpose').items():
            group.write({'expires_at': expires_at(purpose, moment)})
        return self._tell(
            messages, self.env._('%(count)s put off.', count=len(waiting)), len(waiting),
            self.env._('had gone out or ended already'))

    @api.model
    def _settle(self, messages, note):
        """Keep a person's knowledge that messages went out although Meta's answer never came."""
        unknown = self._take(messages, lambda message: message.to_decide)
        if not unknown:
            raise UserError(self._refusal(messages, self.env._(
                'Only messages whose outcome WhatsApp has not told in time can be settled.')))
        for message in unknown:
            message.write({'state': 'accepted', 'accepted_at': message.claimed_at or message.unknown_at,
                           'settled_by_id': self.env.uid, 'settled_note': note})
        unknown._sync_notifications()
        return self._tell(
            messages, self.env._('%(count)s settled.', count=len(unknown)), len(unknown),
            self.env._('wait for no decision'))

    @api.model
    def _send_unknown_again(self, messages):
        """Send messages once more although they may have gone out; all others stay as they are."""
        copies = self._send_again(messages.filtered('to_decide'))
        return self._tell(
            messages, self.env._('%(count)s are sent again.', count=len(copies)), len(copies),
            self.env._('wait for no decision'))

    # ------------------------------------------------------------
    # WHICH, AND WHAT IS TOLD
    # ------------------------------------------------------------

    def _take(self, messages, fits):
        """:return: those the user may decide about and that fit, as sudo, locked so that what a sender holds stays."""
        messages.check_access('read')
        # sudo: message - users act on the outbox through its buttons only
        return self._readable(messages).sudo().filtered(fits).try_lock_for_update().filtered(fits)

    def _readable(self, messages):
        return self.env['fluxforce.whatsapp.reader']._readable(messages)

    def _refusal(self, messages, text):
        """:return: why nothing was done: the user's rights, else what the messages lack."""
        if messages and not self._readable(messages):
            return self.env._('These messages are about documents that you may not read.')
        return text

    def _tell(self, messages, text, done, why):
        """:return: a notice of what was done, and of how many it was not possible for."""
        left = len(messages) - done
        hidden = len(messages - self._readable(messages))
        if left - hidden:
            text += ' ' + self.env._('%(count)s left as they are: they %(why)s.', count=left - hidden, why=why)
        if hidden:
            text += ' ' + self.env._('%(count)s are about documents that you may not read.', count=hidden)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {'type': 'warning' if left else 'success', 'message': text,
                       'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}},
        }
