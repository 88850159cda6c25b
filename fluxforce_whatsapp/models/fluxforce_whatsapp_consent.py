from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..policy.consent import Entry, current
from ..policy.purpose import PURPOSES


class FluxforceWhatsappConsent(models.Model):
    """The ledger: who agreed to what, or took it back, and how we know. Entries are only ever added."""

    _name = 'fluxforce.whatsapp.consent'
    _description = 'WhatsApp Consent'
    _order = 'given_at desc, id desc'

    partner_id = fields.Many2one('res.partner', 'Contact', index=True, ondelete='set null')
    phone = fields.Char(index='btree_not_null', help='The number it was given for, in international form.')
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    purpose = fields.Selection([*PURPOSES.items()], required=True)
    decision = fields.Selection([('given', 'Given'), ('withdrawn', 'Withdrawn')], required=True, default='given')
    source = fields.Selection([
        ('form', 'Web form'),
        ('paper', 'Paper form'),
        ('call', 'Phone call'),
        ('email', 'E-mail'),
        ('counter', 'In person'),
        ('message', 'WhatsApp message'),
        ('import', 'Import'),
        ('other', 'Other'),
    ], required=True)
    wording = fields.Text(required=True, help='The exact words the person agreed to, or used to withdraw.')
    note = fields.Char(help='Where the proof is: file, call number, page.')
    given_at = fields.Datetime('Date', required=True, default=fields.Datetime.now)
    expires_at = fields.Datetime('Valid until')
    user_id = fields.Many2one('res.users', 'Recorded by', required=True, readonly=True,
                              default=lambda self: self.env.user, ondelete='restrict')

    _whom = models.Constraint('CHECK(partner_id IS NOT NULL OR phone IS NOT NULL)',
                              'A consent belongs to a contact or to a phone number.')
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
            if not values.get('phone') and values.get('partner_id'):
                values['phone'] = self.env['res.partner'].browse(values['partner_id']).phone_sanitized
        consents = super().create(vals_list)
        consents._refresh_partners()
        return consents

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._(
            'A recorded consent is never changed. Record a new one that says what is true now.'))

    def unlink(self):  # pylint: disable=method-required-super
        # On purpose for uninstalling too: tables are dropped then, not emptied.
        raise UserError(self.env._(  # pylint: disable=no-raise-unlink
            'A recorded consent is never deleted. If the person withdrew it, record the withdrawal.'))

    @api.constrains('given_at')
    def _check_given_at(self):
        if any(consent.given_at > fields.Datetime.now() for consent in self):
            raise ValidationError(self.env._('The date of a consent cannot lie in the future.'))

    # ------------------------------------------------------------
    # CURRENT STATE
    # ------------------------------------------------------------

    @api.model
    def _current_states(self, company, people):
        """What holds now, for many people at once.

        A consent counts for the number it was given for (or, recorded without a number, for the contact); a
        withdrawal counts for the contact and for the number, whichever it was recorded with. (Our own rule: doubt is
        decided for the person.)

        :param company: the company whose account sends.
        :param people: iterable of (partner id or False, E.164 number or False).
        :return: by (partner id, number), a dict purpose → given | withdrawn | none.
        """
        people = set(people)
        entries = self._entries_by_person(company, people)
        now = fields.Datetime.now()
        return {person: current(entries[person], now) for person in people}

    def _entries_by_person(self, company, people):
        partners = [partner for partner, __ in people if partner]
        phones = [phone for __, phone in people if phone]
        consents = self.sudo().search_fetch(  # sudo: consent - the gate decides for who may not read the ledger
            [('company_id', '=', company.id), '|', ('partner_id', 'in', partners), ('phone', 'in', phones)],
            ['partner_id', 'phone', 'purpose', 'decision', 'given_at', 'expires_at'])
        by_partner, by_phone = consents.grouped(lambda c: c.partner_id.id), consents.grouped('phone')
        empty = self.sudo().browse()
        result = defaultdict(list)
        for partner, phone in people:
            candidates = (by_partner.get(partner, empty) if partner else empty) | (
                by_phone.get(phone, empty) if phone else empty)
            result[partner, phone] = [consent._to_entry() for consent in candidates
                                      if consent.decision == 'withdrawn' or consent.phone in (False, phone)]
        return result

    def _to_entry(self):
        return Entry(purpose=self.purpose, decision=self.decision, given_at=self.given_at, sequence=self.id,
                     expires_at=self.expires_at or None)

    def _refresh_partners(self):
        for company, consents in self.grouped('company_id').items():
            consents.partner_id._refresh_whatsapp_consent(company)
