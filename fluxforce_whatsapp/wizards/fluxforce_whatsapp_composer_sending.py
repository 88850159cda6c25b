from collections import Counter

from odoo import fields, models
from odoo.exceptions import UserError

from ..cloud_api.outgoing import files
from ..policy.gate import Action


class FluxforceWhatsappComposer(models.TransientModel):
    """Sending: to the people chosen, at once or in the background, or first to who writes."""

    _inherit = 'fluxforce.whatsapp.composer'

    def action_send(self):
        """Put the messages into the outbox. One refused recipient is an error; among many it is counted."""
        self.ensure_one()
        self._check_not_sent()
        self._check_send_at()
        if self.mode == 'answer':
            return self._send_answer()
        self._check_sendable(self._records())
        return self._send_in_background() if self.is_large else self._send_now()

    def _send_now(self):
        drafts, __ = self._prepare_batch(self._records())
        drafts = self.env['fluxforce.whatsapp.message']._one_per_person(drafts, set())
        verdicts = self._judge(drafts)
        if len(drafts) == 1:
            self._check_single(verdicts[0])
        self._check_warnings(self.env['fluxforce.whatsapp.summary']._summarise(drafts, verdicts))
        messages = self.env['fluxforce.whatsapp.message']._enqueue(drafts)
        self._end()
        return self._notify_queued(Counter(messages.mapped('state')))

    def _send_in_background(self):
        """Hand the send over; the user goes on at once, and sees how far it is."""
        if not self._is_fresh():
            self.ask()
        told = self._kept_outlook()
        if not told['sendable_count']:
            raise UserError(self.env._('Nobody of them would get it. The list says why.'))
        self._check_warnings(self._summary_of(told))
        records = self._records()
        dispatch = self.env['fluxforce.whatsapp.dispatch']._begin({
            'name': self.env._('%(template)s to %(count)s people', template=self.template_id.name,
                                count=self._grouped(len(records))),
            'template_id': self.template_id.id, 'number_id': self.number_id.id,
            'in_own_language': self.in_own_language, 'free_values': self._free_values(), 'due_at': self._planned_at(),
            'res_model': self.res_model}, records.ids)
        self._end()
        return {
            'type': 'ir.actions.act_window', 'res_model': dispatch._name, 'res_id': dispatch.id,
            'views': [(False, 'form')], 'target': 'current', 'name': dispatch.name}

    def _end(self):
        """It is sent: what was kept of it in case of a wrong click is not needed any more."""
        self.sent = True
        self.env['fluxforce.whatsapp.composer.memory']._forget(self)

    # ------------------------------------------------------------
    # TO WHO WRITES
    # ------------------------------------------------------------

    def action_send_to_me(self):
        """Send the message of the person shown to the user's own number, to look at it on a phone.

        No exception from the gate: also an employee has to have agreed to messages of this kind. (Our own choice: what
        is tested is then the very way that the others take, and no consent is invented.)
        """
        self.ensure_one()
        self._check_sendable(self._records())
        draft = self._draft_to_me()
        verdict, = self.env['fluxforce.whatsapp.gate']._judge([draft])
        if verdict.action is Action.REFUSE:
            raise UserError(self.env._(
                'To you: %(reason)s The rules hold for your own number, too: record your consent on your own contact, '
                'once.', reason=self._explain(verdict.reason, verdict.detail)))
        message = self.env['fluxforce.whatsapp.message']._enqueue([draft], log=False)
        text = self.env._('The message is on its way to %(number)s, as %(name)s will see it.', number=draft['phone'],
                          name=self.preview_name) if message.state == 'queued' else self._explain(
                              verdict.reason, verdict.detail)
        return self._notify('success' if message.state == 'queued' else 'warning', text)

    def _draft_to_me(self):
        """:return: the draft of the person shown, to the user's own number; it is in nobody's chatter."""
        shown = self._shown_draft()
        if not shown:
            raise UserError(self.env._('The person shown is gone, or you may not read it. Go on to the next one.'))
        me = self.env.user.partner_id
        recipient = me._whatsapp_recipients()[me.id]
        if not recipient.phone:
            raise UserError(self.env._('Your own contact has no phone number. Add it in your preferences.'))
        account = self.template_id.account_id
        numbers = self.env['fluxforce.whatsapp.message']._numbers_of(account, self.number_id, {recipient.phone})
        shown, = self.env['fluxforce.whatsapp.portal']._open([shown])
        shown.pop('due_at', None)  # it is sent at once
        # A report is printed of its document; else the message belongs to none, so that no reply of ours lands there.
        is_printed = any('attachment' not in file for __, file in files(shown['values']))
        return {**shown, 'partner_id': me.id, 'phone': recipient.phone, 'typed_number': recipient.number,
                'number_id': numbers[recipient.phone].id,
                **({} if is_printed else {'res_model': False, 'res_id': False})}

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_not_sent(self):
        """Pressing twice sends once, also when the second click overtakes the first one's answer."""
        if self.sent or not self.try_lock_for_update():
            raise UserError(self.env._(
                'This was sent already. Close this window; to write once more, open a new one.'))

    def _check_send_at(self):
        if self._is_past():
            raise UserError(self._past_words())

    def _is_past(self):
        return bool(self.send_at) and self.send_at <= fields.Datetime.now()

    def _past_words(self):
        return self.env._('Send At: this moment has passed. Choose a later one, or empty it to send now.')

    def _check_sendable(self, records):
        if not records:
            raise UserError(self.env._('Choose at least one record to write to.'))
        if not self.template_id:
            raise UserError(self.env._('Choose a template.'))
        if not self._has_number():
            raise UserError(self.env._(
                'There is no number to send from. An administrator connects one under WhatsApp > Configuration > '
                'Accounts.'))
        if self.template_id.model != records._name:
            raise UserError(self.env._(
                'The template "%(template)s" is made for %(model)s. Choose one made for these records.',
                template=self.template_id.display_name, model=self.template_id.model_id.name))
        if self.number_id and self.template_id.account_id != self.number_id.account_id:
            raise UserError(self.env._('The template and the number belong to different WhatsApp accounts.'))
        if self.typed_problem:
            raise UserError(self.typed_problem)

    def _check_single(self, verdict):
        if verdict.action is Action.REFUSE:
            raise UserError(self._explain(verdict.reason, verdict.detail))

    def _check_warnings(self, found):
        """What may cost the account needs an administrator and a reason, which is kept.

        :param Summary found: what the gate said about the people
        """
        summary = self.env['fluxforce.whatsapp.summary']
        summary._check_override(found, self.override_reason)
        summary._keep_override(found, self.template_id, self.number_id, self.override_reason)

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    def _notify_queued(self, counts):
        """:param Counter counts: messages by state."""
        stopped = counts['held'] + counts['refused']
        return self._notify('warning' if stopped else 'success', ' '.join(self._render_counts(counts)),
                            {'next': {'type': 'ir.actions.act_window_close'}})

    def _notify(self, kind, text, more=None):
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {'type': kind, 'message': text, **(more or {})},
        }

    def _render_counts(self, counts):
        """:return: sentences about what became of the messages."""
        if planned := counts['queued'] and self._planned_at():
            yield self.env._('%(count)s planned for %(when)s.', count=counts['queued'],
                             when=self.env['fluxforce.whatsapp.forecast']._moment_words(planned))
        elif counts['queued'] == 1:
            yield self.env._('The message is on its way.')
        elif counts['queued']:
            yield self.env._('%(count)s messages are on their way.', count=counts['queued'])
        if counts['held']:
            yield self.env._('%(count)s on hold; the outbox tells why.', count=counts['held'])
        if counts['refused']:
            yield self.env._('%(count)s were refused; the outbox tells why.', count=counts['refused'])
