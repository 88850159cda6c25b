from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..policy.consent import ASKED, GIVEN, PENDING, current_entries
from ..policy.opt_in import same_words
from ..policy.variants import all_spellings, canonical
from .fluxforce_whatsapp_message import GONE_OUT, WAITING

# Each person is asked to confirm once in so long. (Our own choice.)
ASK_AGAIN = timedelta(days=30)
# The longest label of a quick-reply button [S26:templates/components]; longer texts are no answer.
LONGEST_LABEL = 25


class FluxforceWhatsappAsking(models.AbstractModel):
    """Double opt-in: a template asks whether a person really agrees, and the tap on its button is the consent."""

    _name = 'fluxforce.whatsapp.asking'
    _description = 'WhatsApp Double Opt-In'

    # ------------------------------------------------------------
    # ASK
    # ------------------------------------------------------------

    @api.model
    def _check_template(self, template):
        """:raise ValidationError: if a template cannot ask."""
        if not template:
            raise ValidationError(self.env._('Template That Asks: choose the template that asks for confirmation.'))
        if template.model != 'res.partner':
            raise ValidationError(self.env._('Template That Asks: choose one that applies to contacts.'))
        if not template.confirm_label:
            raise ValidationError(self.env._(
                'Template That Asks: "%(template)s" has no quick-reply button. Its first one is what the person taps '
                'to agree.', template=template.display_name))

    @api.model
    def _ask(self, consents):
        """Send the asking template to the people of entries just made.

        The gate lets it through once for each person while they are to be asked; else it is kept as refused.

        :param consents: entries with the decision ``asked``
        :raise UserError: if there is no template to ask with, or nobody to ask
        """
        for (company, link), group in consents.grouped(lambda c: (c.company_id, c.opt_in_id)).items():
            template = (link or company).sudo()._asking_template()  # sudo: which template asks is set for all
            if not template:
                raise UserError(self.env._(
                    'There is no template yet that asks for confirmation. An administrator chooses one under Settings '
                    '> WhatsApp.'))
            self._check_people(group)
            self._send(template, link.number_id or group[:1].number_id, group)

    def _check_people(self, consents):
        if not all(consent.partner_id or consent.opt_in_id for consent in consents):
            raise UserError(self.env._('Only a contact can be asked for confirmation. Choose one.'))

    def _send(self, template, number, consents):
        outbox = self.env['fluxforce.whatsapp.message']
        if number.account_id != template.account_id:
            number = number.browse()
        drafts = outbox._prepare_drafts(consents.partner_id, template, number)
        by_partner = {partner.id: theirs for partner, theirs in consents.grouped('partner_id').items()}
        outbox._enqueue([{
            **draft, 'phone': by_partner[draft['partner_id']][-1:].phone or draft['phone'],
            'confirm_label': template.confirm_label,
            'asked_consent_ids': [fields.Command.set(by_partner[draft['partner_id']].ids)],
        } for draft in drafts], is_set_up=True)

    @api.model
    def _may_ask(self, drafts, now):
        """Find which asking messages may go without a consent: those to people who wait for the question and were not
        asked lately.

        :param list drafts: of asking messages
        :return: list of booleans, in their order
        """
        states, earlier = self._states(drafts), self._earlier(drafts, now)
        return [PENDING in states[self._key(draft)].values() and not self._was_asked(draft, earlier)
                for draft in drafts]

    def _key(self, draft):
        return draft['account_id'], draft['partner_id'] or False, draft['phone'] or False, draft['number_id']

    def _states(self, drafts):
        people = {}
        for draft in drafts:
            account_id, *person = self._key(draft)
            people.setdefault(account_id, set()).add(tuple(person))
        result = {}
        # sudo: account - the decision does not depend on who asks
        for account in self.env['fluxforce.whatsapp.account'].sudo().browse(people):
            states = self.env['fluxforce.whatsapp.consent']._current_states(account.company_id, people[account.id])
            for person, state in states.items():
                result[(account.id, *person)] = state
        return result

    def _earlier(self, drafts, now):
        """:return: asking messages to these people of late, by (company, number)."""
        # sudo: message - the decision does not depend on who asks
        found = self.env['fluxforce.whatsapp.message'].sudo().search([
            ('confirm_label', '!=', False), ('phone', 'in', all_spellings((draft['phone'] for draft in drafts), '+')),
            ('create_date', '>', now - ASK_AGAIN), ('state', 'in', (*WAITING, *GONE_OUT))])
        return found.grouped(lambda message: (message.company_id.id, canonical(message.phone)))

    def _was_asked(self, draft, earlier):
        # sudo: account - as above
        company = self.env['fluxforce.whatsapp.account'].sudo().browse(draft['account_id']).company_id
        others = earlier.get((company.id, canonical(draft['phone'])), self.env['fluxforce.whatsapp.message'])
        return any(not draft.get('message_id') or other.id < draft['message_id'] for other in others)

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    @api.model
    def _read_answers(self, account, said):
        """Record the consent of who confirms: by tapping the button, or by writing exactly what is on it as the answer
        to it. A second tap changes nothing.

        :param list said: (inbound record, its :class:`InboundMessage`)
        """
        short = [(message, words) for message, words in said if words.text and len(words.text) <= LONGEST_LABEL]
        asked = self._asked(account, [message for message, __ in short])
        latest = self._latest_sent(asked)
        answers = {}
        for message, words in short if asked else ():
            question = self._question(message, words, asked, latest)
            if question:
                answers.setdefault(question, message)
        if answers:
            self._confirm(account, answers)

    def _asked(self, account, messages):
        """:return: the asking messages sent to who wrote these."""
        outbox = self.env['fluxforce.whatsapp.message']
        wa_ids = [message.identity_id.wa_id for message in messages if message.identity_id.wa_id]
        partners = [message.partner_id.id for message in messages if message.partner_id]
        if not (wa_ids or partners):
            return outbox
        return outbox.search([
            ('account_id', '=', account.id), ('confirm_label', '!=', False), ('state', 'in', GONE_OUT),
            '|', ('wa_id', 'in', wa_ids), ('partner_id', 'in', partners)])

    def _question(self, message, words, asked, latest):
        """:return: the asking message that is answered with a yes, maybe none."""
        theirs = asked.filtered(lambda question: same_words(words.text, question.confirm_label)
                                and self._is_to(question, message))
        if words.reply_to:
            return theirs.filtered(lambda question: question.wamid == words.reply_to)[:1]
        return (theirs & latest)[:1]

    def _is_to(self, question, message):
        """:return: whether a question went to who wrote; who has neither contact nor number is nobody we asked."""
        partner, wa_id = message.partner_id, message.identity_id.wa_id
        return bool(partner and question.partner_id == partner or wa_id and question.wa_id == wa_id)

    def _latest_sent(self, asked):
        """:return: what we last wrote to these people from these numbers: a bare "Yes" answers that only."""
        groups = asked._read_group([
            ('number_id', 'in', asked.number_id.ids), ('phone', 'in', asked.mapped('phone')),
            ('state', 'in', GONE_OUT)], ['number_id', 'phone'], ['id:max']) if asked else ()
        return asked.browse([latest for __, __, latest in groups])

    def _confirm(self, account, answers):
        """Record what was asked for by the questions that were answered, and nothing else that waits.

        :param dict answers: by question, the message that confirms
        """
        # sudo: consent - the ledger continues whoever runs the webhooks
        consents = self.env['fluxforce.whatsapp.consent'].sudo().with_company(account.company_id)
        people = {question: (question.partner_id.id, question.phone, question.number_id.id) for question in answers}
        entries = consents._entries_by_person(account.company_id, set(people.values()))
        confirmed = {
            sequence: message for question, message in answers.items()
            for sequence in self._confirmed(question, entries[people[question]])}
        consents.create([self._prepare_confirmation(consents.browse(sequence), message)
                         for sequence, message in confirmed.items()])

    def _confirmed(self, question, entries):
        """:return: ids of the entries a yes to this question confirms: those it was sent for that wait still."""
        # sudo: message - as above
        asked = set(question.sudo().asked_consent_ids.ids)
        told = [entry for entry in entries if entry.decision != ASKED or entry.sequence in asked]
        return [entry.sequence for state, entry in current_entries(told, fields.Datetime.now()).values()
                if state == PENDING]

    def _prepare_confirmation(self, entry, message):
        """:return: values of the consent: in the words and for the number the person was asked for."""
        return {
            **entry._prepare_copy(), 'partner_id': entry.partner_id._whatsapp_of(entry.company_id).id,
            'phone': entry.phone, 'decision': GIVEN,
            'source': 'button', 'evidence_ref': message.wamid, 'expires_at': entry.expires_at,
            'note': self.env._('Confirmed when asked: "%(text)s"', text=message.body or ''),
            'given_at': min(message.sent_at, fields.Datetime.now()),  # Meta's clock may be a little ahead
        }
