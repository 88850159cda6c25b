from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ..policy.consent import GIVEN, WITHDRAWN, current, current_entries
from ..policy.gate import Reason
from ..policy.purpose import MARKETING, UTILITY
from ..policy.variants import all_spellings, canonical
from .conflicts import beside
from .fluxforce_whatsapp_message import BATCH, WAITING

# A stop said again so soon is the same one, said in two webhooks or twice by an angry thumb. (Our own choice.)
SAME_STOP = timedelta(minutes=10)
# Stands for any of our numbers that the ledger names nowhere: for it counts what was said to all of them.
ANY_OTHER = -1
# What a person says by themselves in WhatsApp; only such a stop is lifted by their own START.
BY_THEMSELVES = ('keyword', 'button')
# What one stop means, by the account's setting. Codes are asked for by the person and are never meant.
PURPOSES_OF_STOP = {'marketing': (MARKETING,), 'all': (MARKETING, UTILITY)}


class FluxforceWhatsappStop(models.AbstractModel):
    """Who says stop is heard, wherever it is said: the ledger knows, nothing more goes out, who is in charge is told.

    Every way in writes the ledger, and every withdrawal in the ledger has the same consequences, see :meth:`_follow`.
    """

    _name = 'fluxforce.whatsapp.stop'
    _description = 'WhatsApp Stop'

    # ------------------------------------------------------------
    # SAID
    # ------------------------------------------------------------

    @api.model
    def _stop(self, company, people, purposes, source, wording, given_at=None, note=None, number=None):
        """Record that people want no more messages for some purposes.

        :param company: whose messages they do not want.
        :param list people: (contact, maybe empty; E.164 number or False) of each.
        :param purposes: iterable of codes of ``policy.purpose``.
        :param str source: a code of the ledger's field ``source``.
        :param str wording: their exact words, or one for each in the order of ``people``.
        :param given_at: when they said it, UTC, or one moment for each; now if not given.
        :param note: where the proof is.
        :param number: our number they said it to.
        :return: the new entries of the ledger; who has said it before adds none.
        """
        now = fields.Datetime.now()
        note = ' '.join(filter(None, (note, number and self._to_number(number)))) or False
        said = self._prepare_said(people, wording, given_at, now)
        withdrawn = self._withdrawn_at(company, said, purposes)
        # sudo: consent - what a person wants is recorded whoever hears it
        return self.env['fluxforce.whatsapp.consent'].sudo().create([{
            'company_id': company.id, 'partner_id': partner.id, 'phone': phone, 'purpose': purpose,
            'decision': WITHDRAWN, 'source': source, 'wording': words, 'given_at': moment, 'note': note,
        } for (partner, phone), (words, moment) in said.items() for purpose in purposes
            if withdrawn.get((partner.id, phone, purpose), moment - SAME_STOP) <= moment - SAME_STOP])

    def _prepare_said(self, people, wording, given_at, now):
        """:return: by person, their latest words and when they were said; who cannot be named in the ledger is left
        out."""
        words = [wording] * len(people) if isinstance(wording, str) else wording
        moments = given_at if isinstance(given_at, (list, tuple)) else [given_at] * len(people)
        said = {}
        for (partner, phone), text, moment in zip(people, words, moments, strict=True):
            person = partner, partner._whatsapp_dialable(phone)
            latest = min(moment or now, now)
            if (partner or person[1]) and latest >= said.get(person, ('', latest))[1]:
                said[person] = text, latest
        return said

    def _withdrawn_at(self, company, people, purposes):
        """:return: by (partner id, phone, purpose), when what stands withdrawn for all our numbers was withdrawn last.
        """
        persons = [(partner.id, phone) for partner, phone in people]
        numbers, now = (ANY_OTHER, *self._named_numbers(company)), fields.Datetime.now()
        entries = self.env['fluxforce.whatsapp.consent']._entries_by_person(
            company, [(*person, number) for person in persons for number in numbers])
        states = {key: current(those, now) for key, those in entries.items()}
        return {(*person, purpose): self._last_withdrawal(entries[(*person, ANY_OTHER)], purpose)
                for person in persons for purpose in purposes
                if all(states[(*person, number)][purpose] == WITHDRAWN for number in numbers)}

    def _last_withdrawal(self, entries, purpose):
        return max(entry.given_at for entry in entries if entry.purpose == purpose and entry.decision == WITHDRAWN)

    def _named_numbers(self, company):
        """:return: ids of those of our numbers for which alone something stands in the ledger."""
        # sudo: consent - as above
        groups = self.env['fluxforce.whatsapp.consent'].sudo()._read_group(
            [('company_id', '=', company.id), ('number_id', '!=', False)], ['number_id'])
        return [number.id for number, in groups]

    def _to_number(self, number):
        return self.env._('Said to %(number)s.', number=number.display_phone_number or number.display_name)

    # ------------------------------------------------------------
    # TAKEN BACK
    # ------------------------------------------------------------

    @api.model
    def _start(self, company, people, purposes, wording, given_at=None, number=None):
        """Record that people want messages again: the very consents their stop had ended count once more.

        It lifts only what they withdrew by themselves with a word or a button, and gives nothing they had not agreed to
        before. What they told a person, what WhatsApp or a blacklist says stays as it is. (Our own rule: a word that
        comes easily undoes no more than a word that came as easily.)

        :param list people: as in :meth:`_stop`, so are the other parameters.
        :return: the people for whom something was lifted, as they were given.
        """
        said = self._prepare_said(people, wording, given_at, fields.Datetime.now())
        blacklisted, shut_out = self._blacklisted(said), self._shut_out(company, said)
        lifted = self._liftable(
            company, {person: moment for person, (__, moment) in said.items() if person not in shut_out}, purposes)
        # sudo: consent - as above
        self.env['fluxforce.whatsapp.consent'].sudo().create([
            self._prepare_again(consent, person, *said[person], number) for person, consent in lifted])
        self._tell_shut_out(shut_out, blacklisted)
        done = {person for person, __ in lifted}
        return [(partner, phone) for partner, phone in people if (partner, partner._whatsapp_dialable(phone)) in done]

    def _prepare_again(self, consent, person, words, moment, number):
        """:return: values of the entry that brings a consent back as it was: its wording, its number, its end."""
        partner, phone = person
        note = self.env._('Asked for again in WhatsApp: "%(words)s".', words=words)
        return {**consent._prepare_copy(), 'partner_id': partner.id, 'phone': phone, 'source': 'keyword',
                'given_at': moment, 'note': f'{note} {self._to_number(number)}' if number else note}

    def _shut_out(self, company, people):
        """:return: set of the people whom a START does not let in again: their number is on the blacklist, or somebody
        of ours has blocked them. Other addons add theirs."""
        return self._blacklisted(people) | self._blocked(company, people)

    def _blacklisted(self, people):
        numbers = [phone for __, phone in people if phone]
        # sudo: phone.blacklist - only whether the number is on it
        black = self.env['phone.blacklist'].sudo().search([('number', 'in', all_spellings(numbers, '+'))])
        shut_out = {canonical(number) for number in black.mapped('number')}
        return {(partner, phone) for partner, phone in people if phone and canonical(phone) in shut_out}

    def _blocked(self, company, people):
        # sudo: identity - only whether they are blocked
        blocked = self.env['fluxforce.whatsapp.identity'].sudo().search([
            ('blocked', '=', True), ('company_id', '=', company.id),
            '|', ('partner_id', 'in', [partner.id for partner, __ in people if partner]),
            ('wa_id', 'in', all_spellings(phone for __, phone in people))])
        numbers = {canonical(identity.wa_id) for identity in blocked} - {''}
        return {(partner, phone) for partner, phone in people
                if partner in blocked.partner_id or canonical(phone) in numbers}

    def _liftable(self, company, moments, purposes):
        """:param dict moments: by person, when they asked to start.
        :return: list of (person, consent): what held, and would hold still, had they not said stop by word or button.
        """
        scopes = (None, *self._named_numbers(company))  # None: all of them together
        keys = {(*person, scope): (person[0].id, person[1], scope) for person in moments for scope in scopes}
        # sudo: consent - as above
        ledger = self.env['fluxforce.whatsapp.consent'].sudo()
        entries = ledger._entries_by_person(company, keys.values())
        held = [(key, self._held_before_stop(entries[keys[key]], purpose, moments[key[:2]]))
                for key in keys for purpose in purposes]
        held = [(key, entry.sequence) for key, entry in held if entry]
        consents = ledger.browse([consent_id for __, consent_id in held])
        # What holds for all our numbers is lifted once, and only where no single number was told otherwise.
        return [(key[:2], consent) for (key, __), consent in zip(held, consents, strict=True)
                if key[2] == (consent.number_id.id or None)]

    def _held_before_stop(self, entries, purpose, moment):
        """:return: the consent that would hold without the person's own stops until a moment, None if there is none."""
        own = [entry for entry in entries if entry.purpose == purpose]
        stops = self._withdrawn_since_consent(own, purpose)
        if not stops or any(entry.source not in BY_THEMSELVES or entry.given_at > moment for entry in stops):
            return None
        state, consent = current_entries(
            [entry for entry in own if entry not in stops], fields.Datetime.now())[purpose]
        return consent if state == GIVEN else None

    def _withdrawn_since_consent(self, own, purpose):
        """:param own: the entries of the purpose.
        :return: the withdrawals that stand; none if the last word was another one."""
        if current(own, fields.Datetime.now()).get(purpose) != WITHDRAWN:
            return []
        given = max((entry.given_at for entry in own if entry.decision == GIVEN), default=None)
        return [entry for entry in own if entry.decision == WITHDRAWN and (given is None or entry.given_at >= given)]

    # ------------------------------------------------------------
    # WHAT FOLLOWS
    # ------------------------------------------------------------

    @api.model
    def _follow(self, consents):
        """Do what a withdrawal means, whichever way it came into the ledger: nothing that waits goes out, journeys end,
        and who looks after the contact hears of it once.

        :param consents: entries just recorded.
        """
        # sudo: consent - the consequences do not depend on who recorded it
        withdrawn = consents.sudo().filtered(lambda consent: consent.decision == WITHDRAWN)
        for company, entries in withdrawn.grouped('company_id').items():
            standing, news = self._standing(company, entries)
            cancelled = self._cancel(company, standing)
            # A journey is no single number's: what is for one number only, the gate heeds.
            for purpose, same in standing.filtered(lambda entry: not entry.number_id).grouped('purpose').items():
                self._stop_journeys(company, [(entry.partner_id, entry.phone) for entry in same], (purpose,))
            # It must never keep a stop from being heard.
            beside(self.env, lambda news=news, cancelled=cancelled: self._tell(news, cancelled),
                   'Somebody could not be told of a stop')

    def _standing(self, company, consents):
        """:return: those that are the last word, and those of them that are news."""
        ids, now = set(consents.ids), fields.Datetime.now()
        persons = {consent: (consent.partner_id.id, consent.phone, consent.number_id.id or ANY_OTHER)
                   for consent in consents}
        entries = consents._entries_by_person(company, persons.values())
        after = {person: current(those, now) for person, those in entries.items()}
        before = {person: current([entry for entry in those if entry.sequence not in ids], now)
                  for person, those in entries.items()}
        standing = consents.filtered(lambda consent: after[persons[consent]][consent.purpose] == WITHDRAWN)
        return standing, standing.filtered(lambda consent: before[persons[consent]][consent.purpose] != WITHDRAWN)

    def _cancel(self, company, consents):
        """Take what waits for these people and purposes out of the queue; what a sender holds goes its way.

        :return: the messages.
        """
        outbox = self.env['fluxforce.whatsapp.message'].sudo()  # sudo: message - as the consequences
        waiting = outbox.browse()
        for (purpose, number), same in consents.grouped(lambda entry: (entry.purpose, entry.number_id)).items():
            ours = Domain('number_id', '=', number.id) if number else Domain.TRUE
            people = (Domain('partner_id', 'in', same.partner_id.ids)
                      | Domain('phone', 'in', all_spellings(same.mapped('phone'), '+')))
            waiting |= outbox.search(Domain('company_id', '=', company.id) & Domain('state', 'in', WAITING)
                                     & Domain('purpose', '=', purpose) & ours & people)
        cancelled = outbox.browse()
        for batch in split_every(BATCH, waiting.ids, outbox.browse):
            cancelled |= self._cancel_batch(batch)
        return cancelled

    def _cancel_batch(self, messages):
        free = messages.try_lock_for_update().filtered(lambda message: message.state in WAITING)
        free.write({'state': 'cancelled', 'reason': Reason.CONSENT_WITHDRAWN.value, 'reason_detail': False})
        free._show_ticks()
        return free

    @api.model
    def _stop_journeys(self, company, people, purposes):
        """End what is planned for people beyond the outbox. Empty here: addons that plan override it.

        :param list people: (contact, maybe empty; E.164 number or False) of each.
        :param purposes: those for which the people want nothing more.
        """

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def _tell(self, consents, cancelled):
        """Keep a note on each contact and tell each contact's salesperson once, if it is not they who recorded it."""
        contacts = self._contacts_of(consents)
        counts = defaultdict(int)
        for message in cancelled:
            counts[message.partner_id] += 1
        named, numbered = consents.grouped('partner_id'), consents.grouped('phone')
        none = consents.browse()
        by_contact = {partner: named.get(partner, none) | (
            numbered.get(partner.phone_sanitized, none) if partner.phone_sanitized else none) for partner in contacts}
        # A chatter is told in the language of its company, as by the account; whoever is notified, in their own.
        speaker = self.with_context(lang=consents.company_id.partner_id.lang or self.env.lang)
        bodies = {partner.id: speaker._say(partner, by_contact[partner], counts[partner]) for partner in contacts}
        if contacts:
            contacts._message_log_batch(bodies=bodies)
        for owner, theirs in contacts.grouped('user_id').items():
            if owner.active and owner != self.env.user:
                self._notify(owner, theirs, by_contact, counts)

    def _contacts_of(self, consents):
        numbers = list(set(consents.filtered(lambda consent: not consent.partner_id).mapped('phone')) - {False})
        # sudo: res.partner - also the contacts the recording user does not see
        partners = self.env['res.partner'].sudo()
        found = partners.search([('phone_sanitized', 'in', numbers), (
            'company_id', 'in', [False, *consents.company_id.ids])]) if numbers else partners
        return consents.partner_id.sudo() | found

    def _notify(self, owner, contacts, by_contact, counts):
        speaker = self.with_context(lang=owner.lang)
        record = contacts if len(contacts) == 1 else self.env['mail.thread']
        body = '\n'.join(speaker._say(partner, by_contact[partner], counts[partner]) for partner in contacts)
        record.message_notify(
            partner_ids=owner.partner_id.ids, body=body, subject=speaker.env._('A stop on WhatsApp'))

    def _say(self, partner, consents, cancelled):
        labels = dict(consents._fields['purpose']._description_selection(self.env))
        purposes = ', '.join(labels[purpose] for purpose in dict.fromkeys(consents.mapped('purpose')))
        text = self.env._('%(name)s wants no more WhatsApp messages of this kind: %(purposes)s.',
                          name=partner.display_name, purposes=purposes)
        if cancelled:
            text += ' ' + self.env._('%(count)s that waited were cancelled.', count=cancelled)
        return text

    def _tell_shut_out(self, shut_out, blacklisted):
        """A START that changes nothing is for a person to look at."""
        for person in shut_out:
            partner = person[0]
            if partner.user_id.active:
                speaker = self.with_context(lang=partner.user_id.lang)
                # sudo: res.partner - as above
                partner.sudo().message_notify(
                    partner_ids=partner.user_id.partner_id.ids, subject=speaker.env._('A start on WhatsApp'),
                    body=speaker._say_shut_out(partner, person in blacklisted))

    def _say_shut_out(self, partner, is_blacklisted):
        if is_blacklisted:
            return self.env._('%(name)s asked by WhatsApp to get messages again, but the number is on the '
                              'phone blacklist, so nothing has changed. Take it off the list and record the '
                              'consent if it is meant.', name=partner.display_name)
        return self.env._('%(name)s asked by WhatsApp to get messages again, but somebody of your company has blocked '
                          'this person, so nothing has changed. If it is meant, an administrator presses Unblock under '
                          'People > People on WhatsApp and records the consent.', name=partner.display_name)
