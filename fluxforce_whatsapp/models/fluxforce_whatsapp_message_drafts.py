from odoo import api, fields, models

from ..policy.content import content_key
from ..policy.expiry import expires_at
from ..policy.gate import Action, Verdict
from ..policy.purpose import CARE
from .fluxforce_whatsapp_message import DRAFT_ONLY, PRIORITY_OF_PURPOSE


class FluxforceWhatsappMessage(models.Model):
    """How messages come into the outbox: drafts, which the gate is asked about, then rows."""

    _inherit = 'fluxforce.whatsapp.message'

    # ------------------------------------------------------------
    # INTO THE OUTBOX
    # ------------------------------------------------------------

    @api.model
    def _prepare_drafts(self, records, template, number, free_values=None):
        """Values of one message per record, nothing written; the gate is asked with these.

        :param records: records of the template's model, with the sender's rights.
        :param dict free_values: by variable key, what was typed at sending.
        :return: list of dicts, in the order of ``records``.
        """
        recipients = records._whatsapp_recipients()
        values_by_id = template._values_for(records, free_values, recipients)
        purpose, account, bodies = template._purpose(), template.account_id, template._bodies(values_by_id)
        numbers = self._numbers_of(account, number, {recipient.phone for recipient in recipients.values()})
        same = {
            'account_id': account.id,
            'template_id': template.id,
            'purpose': purpose,
            'priority': PRIORITY_OF_PURPOSE.get(purpose, max(PRIORITY_OF_PURPOSE.values())),
            'res_model': records._name,
        }
        return [{
            **same,
            'number_id': numbers[recipient.phone].id,
            'values': values_by_id[id_],
            'body': bodies[id_],
            'partner_id': recipient.partner.id,
            'phone': recipient.phone,
            'typed_number': recipient.number,
            'res_id': id_,
        } for id_, recipient in recipients.items()]

    @api.model
    def _prepare_text_drafts(self, account, texts, number=None):
        """Values of one message of free text each, nothing written.

        :param number: a number of the account, empty for "the one each person knows".
        :param list texts: (contact or empty, E.164 number, text, model or False, id or False of the document)
        """
        numbers = self._numbers_of(account, number, {phone for __, phone, __, __, __ in texts})
        return [{
            'account_id': account.id,
            'number_id': numbers[phone].id,
            'kind': 'text',
            'template_id': False,
            'purpose': CARE,
            'priority': PRIORITY_OF_PURPOSE[CARE],
            'values': {},
            'body': text,
            'partner_id': partner.id,
            'phone': phone,
            'typed_number': False,
            'res_model': res_model or False,
            'res_id': res_id or False,
        } for partner, phone, text, res_model, res_id in texts]

    @api.model
    def _one_per_person(self, drafts, seen):
        """Leave out whose number is written to already. Without a usable number each record is told about.

        :param set seen: numbers that are written to; it grows
        :return: the drafts that are left: of records with the same number the first.
        """
        kept = []
        for draft in drafts:
            if draft['phone'] not in seen:
                kept.append(draft)
            if draft['phone']:
                seen.add(draft['phone'])
        return kept

    def _numbers_of(self, account, number, people):
        """Choose from which number each person is written to: the given one, else the one the person knows.

        :param number: a number of the account, or an empty recordset for "the one each person knows"
        :param people: iterable of phone numbers
        :return: number by phone
        """
        if number:
            return dict.fromkeys(people, number)
        # sudo: number, pair - which of our numbers a person knows is no secret to who writes to the person
        numbers = account.number_ids.sudo()
        able = numbers.filtered('able_to_send') or numbers
        known = self.env['fluxforce.whatsapp.pair'].sudo()._known_numbers(able, [phone for phone in people if phone])
        return {phone: able.browse(known[phone]) if phone in known else able[:1] for phone in people}

    @api.model
    def _enqueue(self, drafts, log=True, is_set_up=False):
        """Put messages into the outbox; what the gate refuses is kept as refused, with the reason.

        :param list drafts: from :meth:`_prepare_drafts`.
        :param bool log: keep each message in the chatter of its document, with its ticks.
        :param bool is_set_up: an administrator has chosen the template, as in an automation rule: whoever sets it off
            need not be one of those who may send it.
        :return: the messages, as sudo, in the order of ``drafts``.
        :raise AccessError: if the user may not send one of their templates
        """
        if not is_set_up:
            self.env['fluxforce.whatsapp.template'].browse(
                {draft['template_id'] for draft in drafts if draft['template_id']})._check_may_send()
        drafts = [self._with_content_key(draft) for draft in self.env['fluxforce.whatsapp.portal']._open(drafts)]
        verdicts = self._judge_drafts(drafts)
        files = self._prepare_files(drafts, verdicts)
        # sudo: message - users write to the outbox through the gate only
        messages = self.sudo()._insert([
            {**self._prepare_moments(draft), **self._prepare_content(draft), **self._prepare_verdict_values(verdict),
             **files.get(index, {})}
            for index, (draft, verdict) in enumerate(zip(drafts, verdicts, strict=True))])
        if files:
            messages._take_over_files()
        if log:
            self.env['fluxforce.whatsapp.chatter']._log(messages.filtered(
                lambda message: message.state != 'refused' and message.res_model))
        if any(message.state == 'queued' for message in messages):
            self.env['fluxforce.whatsapp.sender']._wake_outbox()
        messages.number_id._watch_rush()
        return messages

    @api.model
    def _insert(self, vals_list):
        """Write rows of the outbox; an addon that writes very many overrides it.

        :return: the messages, in their order.
        """
        return self.create(vals_list)

    @api.model
    def _enqueue_texts(self, account_or_number, texts, log=True):
        """Put free text into the outbox: answers to people who wrote in the last 24 hours, see the gate.

        :param account_or_number: a number to write from, or an account: then each person's own.
        :param list texts: (contact or empty, E.164 number, text up to 4096 characters, model or False, id or False of
            the document in whose chatter it is shown)
        :return: the messages, as sudo, in the order of ``texts``.
        """
        is_number = account_or_number._name == 'fluxforce.whatsapp.number'
        account = account_or_number.account_id if is_number else account_or_number
        number = account_or_number if is_number else None
        return self._enqueue(self._prepare_text_drafts(account, texts, number), log=log) if texts else self.sudo()

    def _prepare_moments(self, draft):
        """A draft may carry its own moments: a campaign's end, a planned start."""
        begins = draft.get('due_at') or fields.Datetime.now()
        return {'due_at': begins, 'expires_at': expires_at(draft['purpose'], begins)}

    def _judge_drafts(self, drafts):
        """:return: what the gate says about each at the moment from which it goes, as the composer's summary does."""
        gate, now, verdicts, by_moment = self.env['fluxforce.whatsapp.gate'], fields.Datetime.now(), {}, {}
        for index, draft in enumerate(drafts):
            is_later = draft.get('due_at') and draft['due_at'] > now
            by_moment.setdefault(draft['due_at'] if is_later else None, []).append(index)
        for moment, indexes in by_moment.items():  # a send has one
            verdicts.update(zip(indexes, gate._judge([drafts[index] for index in indexes], now=moment), strict=True))
        return [self._of_planned(draft, verdicts[index], now) for index, draft in enumerate(drafts)]

    def _of_planned(self, draft, verdict, now):
        """What is planned for later does not wait for what holds it back now: it is asked about again at its moment."""
        is_later = draft.get('due_at') and draft['due_at'] > now
        return Verdict(verdict.key, Action.ALLOW) if is_later and verdict.action is Action.HOLD else verdict

    def _with_content_key(self, draft):
        """:return: the draft with what tells the same content again: the gate asks for it, and it is kept."""
        if draft.get('content_key'):
            return draft
        return {**draft, 'content_key': content_key(draft['template_id'], draft['values'])}

    def _prepare_content(self, draft):
        """:return: the draft's own values."""
        return {name: value for name, value in draft.items() if name not in DRAFT_ONLY}

    def _prepare_verdict_values(self, verdict):
        state = self.env['fluxforce.whatsapp.gate']._state_after(verdict.action)
        values = {'state': state, 'reason': verdict.reason or False, 'reason_detail': verdict.detail or False}
        if state == 'held':
            values['due_at'] = verdict.until or False  # without a moment it waits for an event
        return values
