from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date, split_every

from ..policy.consent import ASKED, GIVEN, RESUMED, WITHDRAWN, Entry, current_entries
from ..policy.variants import all_spellings, canonical
from .arrays import int_array, text_array
from .fluxforce_whatsapp_consent import OWN_WORDS

# How far back a consent that has expired is looked for, in case the daily clean-up did not run for a while.
EXPIRED_LOOK_BACK = timedelta(days=30)
# Entries refreshed at once; the ORM prefetches up to this many.
BATCH = 500


class FluxforceWhatsappConsent(models.Model):
    """What the ledger says at this moment, and that the contacts show it."""

    _inherit = 'fluxforce.whatsapp.consent'

    # ------------------------------------------------------------
    # CURRENT STATE
    # ------------------------------------------------------------

    @api.model
    def _current_states(self, company, people):
        """What holds now, for many people at once.

        A consent counts for the number it was given for (or, recorded without a number, for the contact); a
        withdrawal counts for the contact and for the number, whichever it was recorded with, and so does its lifting
        in WhatsApp, also once the person had everything erased. What was said to one of our own numbers only counts
        for messages from it; as long as nobody says from which number one goes, such a consent does not count and
        such a withdrawal does. What was corrected does not count. (Our own rules: doubt is decided for the person.)
        All spellings of a number are one number.

        :param company: the company whose account sends.
        :param people: iterable of (partner id or False, E.164 number or False); the id of our own number that sends
            may follow as the third.
        :return: by person as given, a dict purpose → given | withdrawn | expired | pending | none.
        """
        return {person: {purpose: state for purpose, (state, __) in states.items()}
                for person, states in self._current_entries(company, people).items()}

    @api.model
    def _current_entries(self, company, people):
        """The same as :meth:`_current_states` with the entry that decided.

        :return: by person as given, a dict purpose → (state, :class:`policy.consent.Entry` or None).
        """
        people = set(people)
        entries = self._entries_by_person(company, people)
        now = fields.Datetime.now()
        return {person: current_entries(entries[person], now) for person in people}

    @api.model
    def _stopped(self, company, people, purposes):
        """Find whom nobody may record as agreeing together with others, because they said stop.

        :param people: as for :meth:`_current_states`.
        :param purposes: codes of ``policy.purpose``.
        :return: by person, for those who stand withdrawn for one of the purposes, why not and what to do.
        """
        found = {}
        for person, states in self._current_entries(company, people).items():
            stops = [entry for purpose, (state, entry) in states.items()
                     if state == WITHDRAWN and purpose in purposes]
            if stops:
                found[person] = self._words_of_stop(max(stops, key=lambda entry: entry.given_at))
        return found

    def _words_of_stop(self, entry):
        purposes = dict(self._fields['purpose']._description_selection(self.env))
        day = format_date(self.env, fields.Datetime.context_timestamp(self, entry.given_at).date())
        return self.env._('said stop on %(day)s (%(purpose)s); record it one by one if they agreed again',
                          day=day, purpose=purposes[entry.purpose])

    def _entries_by_person(self, company, people):
        """:return: by person, what the ledger holds about it. By SQL: the gate asks this about thousands at once."""
        self.flush_model()
        # The row of nothing is there only if anybody had everything erased: before, nobody is looked for by hash.
        self.env.cr.execute("""
            SELECT partner_id, phone, number_id, purpose, decision, given_at, id, expires_at, source
              FROM fluxforce_whatsapp_consent consent
             WHERE company_id = %(company)s
               AND (partner_id = ANY(%(partners)s::int[]) OR phone = ANY(%(phones)s::varchar[]))
               AND NOT EXISTS (SELECT 1 FROM fluxforce_whatsapp_consent WHERE corrects_id = consent.id)
            UNION ALL
            (SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
               FROM fluxforce_whatsapp_consent
              WHERE company_id = %(company)s AND number_hash IS NOT NULL
              ORDER BY number_hash LIMIT 1)  -- in the order of the index, so that nothing else is read
        """, {'company': company.id, 'partners': int_array({person[0] for person in people if person[0]}),
              'phones': text_array(all_spellings({person[1] for person in people if person[1]}, '+'))})
        found = self.env.cr.fetchall()
        rows = [row for row in found if row[3]]
        if len(rows) < len(found):
            rows += self._erased_stops(company, {canonical(person[1]) for person in people if person[1]})
        by_partner, by_number = defaultdict(list), defaultdict(list)
        for partner, phone, number, *values in rows:
            line = (canonical(phone), number, self._prepare_entry(*values))
            if partner:
                by_partner[partner].append(line)
            if phone:
                by_number[line[0]].append(line)
        return {person: self._entries_of(person, by_partner, by_number) for person in people}

    def _erased_stops(self, company, numbers):
        """An erased stop still counts for its number, or an older list would bring the person back. (Our own rule.)

        :param set numbers: canonical numbers asked about.
        :return: rows as :meth:`_entries_by_person` reads them, with the number whose hash the entry keeps.
        """
        secret = self._secret()
        by_hash = {self._hash(secret, number): number for number in numbers}
        self.env.cr.execute("""
            SELECT number_hash, number_id, purpose, decision, given_at, id, expires_at, source
              FROM fluxforce_whatsapp_consent consent
             WHERE company_id = %s AND number_hash = ANY(%s) AND decision = ANY(%s)
               AND NOT EXISTS (SELECT 1 FROM fluxforce_whatsapp_consent WHERE corrects_id = consent.id)
        """, [company.id, list(by_hash), [WITHDRAWN, RESUMED]])
        return [(None, by_hash[number_hash], *values) for number_hash, *values in self.env.cr.fetchall()]

    def _entries_of(self, person, by_partner, by_number):
        """:return: each entry once; a consent for another number of the contact does not count for this one."""
        partner, phone, *ours = person
        number, found = canonical(phone), {}
        for lines in (by_partner.get(partner, ()) if partner else (), by_number.get(number, ()) if number else ()):
            for recorded_for, bound_to, entry in lines:
                is_for_another = recorded_for not in ('', number) and entry.decision in (GIVEN, ASKED)
                if not is_for_another and (not bound_to or self._counts_for(entry, bound_to, *ours)):
                    found[entry.sequence] = entry
        return list(found.values())

    def _counts_for(self, entry, bound_to, number_id=None):
        """:return: whether what was said to one of our numbers counts for messages from another, None for an unknown
            one."""
        if bound_to == number_id:
            return True
        return not number_id and entry.decision not in (GIVEN, ASKED)

    def _prepare_entry(self, purpose, decision, given_at, sequence, expires_at, source):
        return Entry(purpose, decision, given_at, sequence, expires_at, source == 'meta', source in OWN_WORDS, source)

    def _to_entry(self):
        return self._prepare_entry(self.purpose, self.decision, self.given_at, self.id, self.expires_at or None,
                                   self.source)

    def _refresh_partners(self):
        """Bring what the contacts show up to date: those of the entries, and all who have one of the numbers."""
        for company, consents in (self | self.sudo().corrects_id).grouped('company_id').items():
            numbers = all_spellings(consents.mapped('phone'), '+')
            # sudo: res.partner - also the contacts the recording user does not see
            partners = self.env['res.partner'].sudo().with_context(active_test=False)
            partners = consents.partner_id.sudo() | partners.search([('phone_sanitized', 'in', numbers)])
            partners._refresh_whatsapp_consent(company)

    @api.autovacuum
    def _refresh_expired(self):
        """Once a day, take consents that have expired off the contacts. The gate knows at the very moment."""
        now = fields.Datetime.now()
        expired = self.search([('expires_at', '<=', now), ('expires_at', '>', now - EXPIRED_LOOK_BACK)])
        for batch in split_every(BATCH, expired.ids, self.browse):
            batch._refresh_partners()
