from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..policy.consent import NONE, RESUMED, Entry, current_entries
from ..policy.purpose import MARKETING, PURPOSES

# How far back a consent that has expired is looked for, in case the daily clean-up did not run for a while.
EXPIRED_LOOK_BACK = timedelta(days=30)
# Entries refreshed at once; the ORM prefetches up to this many.
BATCH = 500


class FluxforceWhatsappConsent(models.Model):
    """The ledger: who agreed to what, or took it back, and how we know. Entries are only ever added."""

    _name = 'fluxforce.whatsapp.consent'
    _description = 'WhatsApp Consent'
    _order = 'given_at desc, id desc'
    _check_company_auto = True

    partner_id = fields.Many2one('res.partner', 'Contact', index=True, ondelete='set null', check_company=True)
    phone = fields.Char(index='btree_not_null', help='The number it was given for, in international form.')
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    purpose = fields.Selection([*PURPOSES.items()], required=True)
    decision = fields.Selection(
        [('given', 'Given'), ('withdrawn', 'Withdrawn'), ('resumed', 'Stop lifted in WhatsApp')], required=True,
        default='given', help='A lifted stop is no consent: what the person told us before counts again.')
    source = fields.Selection([
        ('form', 'Web form'),
        ('paper', 'Paper form'),
        ('call', 'Phone call'),
        ('email', 'E-mail'),
        ('counter', 'In person'),
        ('message', 'WhatsApp message'),
        ('meta', 'WhatsApp\'s own stop'),
        ('import', 'Import'),
        ('other', 'Other'),
    ], required=True)
    wording = fields.Text(required=True, help='The exact words the person agreed to, or used to withdraw.')
    note = fields.Char(help='Where the proof is: file, call number, page.')
    given_at = fields.Datetime('Date', required=True, default=fields.Datetime.now)
    expires_at = fields.Datetime('Valid until')
    user_id = fields.Many2one('res.users', 'Recorded by', required=True, readonly=True,
                              default=lambda self: self.env.user, ondelete='restrict')

    _stops_idx = models.Index("(given_at) WHERE decision = 'withdrawn' AND source IN ('message', 'meta')")
    _company_phone_idx = models.Index('(company_id, phone)')

    @api.depends('purpose', 'decision', 'partner_id', 'phone')
    def _compute_display_name(self):
        purposes = dict(self._fields['purpose']._description_selection(self.env))
        decisions = dict(self._fields['decision']._description_selection(self.env))
        for consent in self:
            whom = consent.partner_id.display_name or consent.phone or ''
            what = f'{purposes.get(consent.purpose, "")} – {decisions.get(consent.decision, "")}'
            consent.display_name = f'{whom}: {what}'

    # ------------------------------------------------------------
    # APPEND ONLY
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            # Who records is a fact, not a field to fill in.
            values['user_id'] = self.env.uid
            values['phone'] = self._prepare_phone(values)
            self._check_not_whatsapps(values)
        consents = super().create(vals_list)
        consents._check_whom()
        consents._refresh_partners()
        return consents

    def _prepare_phone(self, values):
        """:return: the number in the one form in which it is compared; the contact's own if none is given."""
        partner = self.env['res.partner'].browse(values.get('partner_id'))
        typed = (values.get('phone') or '').strip()
        if not typed:
            return partner.phone_sanitized
        company = self.env['res.company'].browse(values.get('company_id') or self.env.company.id)
        number = partner._phone_format(number=typed, country=partner.country_id or company.country_id)
        if not number:
            raise ValidationError(self.env._(
                'Phone: "%(phone)s" cannot be right. Enter it with its country code, for example +44 7400 123456.',
                phone=typed))
        return number

    def _check_not_whatsapps(self, values):
        """:raise UserError: if a person records what only WhatsApp tells."""
        if not self.env.su and values.get('decision') == RESUMED:
            raise UserError(self.env._(
                'That a stop was lifted in WhatsApp is recorded when WhatsApp tells it. If the person agrees again, '
                'record the consent.'))

    def _check_whom(self):
        """No constraint of the database: when the contact is deleted, what was recorded stays without a name."""
        if any(not consent.partner_id and not consent.phone for consent in self):
            raise ValidationError(self.env._('A consent belongs to a contact or to a phone number. Choose one.'))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._(
            'A recorded consent is never changed. Record a new one that says what is true now.'))

    def unlink(self):
        if self.env.su and self.env.context.get(MODULE_UNINSTALL_FLAG):
            return super().unlink()  # the demo's entries, just before their table is dropped
        raise UserError(self.env._(  # pylint: disable=no-raise-unlink
            'A recorded consent is never deleted. If the person withdrew it, record the withdrawal.'))

    @api.constrains('given_at')
    def _check_given_at(self):
        if any(consent.given_at > fields.Datetime.now() for consent in self):
            raise ValidationError(self.env._('The date of a consent cannot lie in the future.'))

    @api.model
    def _withdraw_for(self, message, wording):
        """Keep that Meta told us of a stop: the person wants no more of this kind from us.

        :param message: the one that was refused
        :param str wording: what Meta said, in words
        """
        # WhatsApp's own stop is for marketing, whatever the template was taken for when the message was queued.
        states = self._current_states(message.company_id, [(message.partner_id.id, message.phone)])
        if states[message.partner_id.id, message.phone].get(MARKETING) != 'withdrawn':
            self.create([{
                'partner_id': message.partner_id.id, 'phone': message.phone, 'company_id': message.company_id.id,
                'purpose': MARKETING, 'decision': 'withdrawn', 'source': 'meta', 'wording': wording}])

    @api.model
    def _record_from_whatsapp(self, company, vals_list):
        """Keep what people chose about marketing in WhatsApp itself.

        :param company: the company whose account they chose it for
        :param list vals_list: partner_id, phone, decision, given_at and Meta's words as ``wording``, maybe none
        """
        fallback = self.env._('Chosen in WhatsApp.')
        partners = self.env['res.partner']
        self.create([{
            **values, 'company_id': company.id, 'purpose': MARKETING, 'source': 'meta',
            'wording': values['wording'] or fallback,
            # WhatsApp's form of a number need not be one that can be dialled; then it is for the contact.
            'phone': values['phone'] and partners._phone_format(number=values['phone']),
        } for values in vals_list])

    @api.model
    def _carry_over(self, company, partner, old_phone, new_phone):
        """What a person has told us holds for their new number as well: add it to the ledger, with the day it was told.

        :param partner: the contact, maybe empty.
        :param str old_phone: E.164. :param str new_phone: E.164.
        """
        person, moved = (partner.id, old_phone), (partner.id, new_phone)
        states = self._current_states(company, [person, moved])
        wanted = {purpose for purpose, state in states[person].items()
                  if state != NONE and states[moved].get(purpose) != state}
        entries = self.sudo().search(  # sudo: consent - the ledger continues whoever reads it
            Domain('company_id', '=', company.id) & Domain('purpose', 'in', list(wanted)) & (
                Domain('phone', '=', old_phone) | Domain('partner_id', 'in', partner.ids)))
        latest = {}
        for entry in entries.sorted(lambda entry: (entry.given_at, entry.id)):
            if entry.decision == states[person][entry.purpose]:
                latest[entry.purpose] = entry
        note = self.env._('Carried over from %(number)s: WhatsApp told of the new number.', number=old_phone)
        self.sudo().create([{  # sudo: consent - as above
            **entry._prepare_copy(), 'partner_id': partner.id, 'phone': new_phone, 'note': note,
        } for entry in latest.values()])

    def _prepare_copy(self):
        self.ensure_one()
        return {'company_id': self.company_id.id, **{name: self[name] for name in (
            'purpose', 'decision', 'source', 'wording', 'given_at', 'expires_at')}}

    # ------------------------------------------------------------
    # CURRENT STATE
    # ------------------------------------------------------------

    @api.model
    def _current_states(self, company, people):
        """What holds now, for many people at once.

        A consent counts for the number it was given for (or, recorded without a number, for the contact); a
        withdrawal counts for the contact and for the number, whichever it was recorded with, and so does its lifting
        in WhatsApp. (Our own rule: doubt is decided for the person.)

        :param company: the company whose account sends.
        :param people: iterable of (partner id or False, E.164 number or False).
        :return: by (partner id, number), a dict purpose → given | withdrawn | expired | none.
        """
        return {person: {purpose: state for purpose, (state, __) in states.items()}
                for person, states in self._current_entries(company, people).items()}

    @api.model
    def _current_entries(self, company, people):
        """The same as :meth:`_current_states` with the entry that decided.

        :return: by (partner id, number), a dict purpose → (state, :class:`policy.consent.Entry` or None).
        """
        people = set(people)
        entries = self._entries_by_person(company, people)
        now = fields.Datetime.now()
        return {person: current_entries(entries[person], now) for person in people}

    def _entries_by_person(self, company, people):
        """:return: by person, what the ledger holds about it. By SQL: the gate asks this about thousands at once."""
        partners = [partner for partner, __ in people if partner]
        phones = [phone for __, phone in people if phone]
        self.flush_model()
        self.env.cr.execute("""
            SELECT partner_id, phone, purpose, decision, given_at, id, expires_at, source
              FROM fluxforce_whatsapp_consent
             WHERE company_id = %s AND (partner_id = ANY(%s) OR phone = ANY(%s))
        """, [company.id, partners, phones])
        by_partner, by_phone = defaultdict(list), defaultdict(list)
        for partner, phone, *values in self.env.cr.fetchall():
            line = (phone, self._prepare_entry(*values))
            if partner:
                by_partner[partner].append(line)
            if phone:
                by_phone[phone].append(line)
        return {(partner, phone): self._entries_of(phone, by_partner.get(partner, ()), by_phone.get(phone, ()))
                for partner, phone in people}

    def _entries_of(self, phone, of_contact, of_number):
        """:return: each entry once; a consent for another number of the contact does not count for this one."""
        return list({entry.sequence: entry for recorded_for, entry in (*of_contact, *of_number)
                     if entry.decision != 'given' or recorded_for in (None, phone)}.values())

    def _prepare_entry(self, purpose, decision, given_at, sequence, expires_at, source):
        return Entry(purpose=purpose, decision=decision, given_at=given_at, sequence=sequence, expires_at=expires_at,
                     by_platform=source == 'meta', source=source)

    def _refresh_partners(self):
        """Bring what the contacts show up to date: those of the entries, and all who have one of the numbers."""
        for company, consents in self.grouped('company_id').items():
            numbers = list(set(consents.mapped('phone')) - {False})
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
