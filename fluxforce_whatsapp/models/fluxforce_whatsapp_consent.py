import hmac
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..policy.bought_list import FEW
from ..policy.consent import ASKED, GIVEN, RESUMED, WITHDRAWN, current
from ..policy.purpose import MARKETING, PURPOSES
from ..policy.variants import all_spellings, canonical, same_number

# What the person said in WhatsApp, or decided on the own page: facts that nobody corrects. Only the system records
# them, from the message itself; what an employee was written and notes down is CHAT, and can be corrected.
OWN_WORDS = ('message', 'keyword', 'button')
NOT_CORRECTED = (*OWN_WORDS, 'web', 'meta')
CHAT = 'chat'
# What a correction begins with.
CORRECTED_FIELDS = ('purpose', 'decision', 'source', 'wording', 'wording_version', 'language', 'given_at', 'expires_at',
                    'phone', 'partner_id', 'company_id', 'number_id')
# Sources whose wording is what the person wrote; the others quote what was put to them.
PERSONAL_SOURCES = (*OWN_WORDS, CHAT, 'email', 'call', 'mailing', 'other')
# What a file must say of each consent, and how many it may have: more go through Record Consents. (Our own choice.)
LOAD_COLUMNS = ('source', 'wording', 'given_at', 'purpose')
LOAD_LIMIT = FEW


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
        [('given', 'Given'), ('withdrawn', 'Withdrawn'), ('asked', 'Asked to confirm'),
         ('resumed', 'Stop lifted in WhatsApp')], required=True, default='given',
        help='Asked to confirm: a template asks the person, and only the tap on its button is the consent. A lifted '
             'stop is no consent: what the person told us before counts again.')
    source = fields.Selection([
        ('form', 'Web form'),
        ('web', 'Preference page'),
        ('paper', 'Paper form'),
        ('call', 'Phone call'),
        ('email', 'E-mail'),
        ('counter', 'In person'),
        ('message', 'WhatsApp message'),
        (CHAT, 'WhatsApp chat, noted down'),
        ('keyword', 'Stop or start word'),
        ('button', 'Button in WhatsApp'),
        ('meta', 'WhatsApp\'s own stop'),
        ('blacklist', 'Phone blacklist'),
        ('mailing', 'Mailing opt-out'),
        ('import', 'Import'),
        ('api', 'Other program'),
        ('other', 'Other'),
    ], required=True, help='WhatsApp message, button, word and stop and the preference page are recorded by '
                           'themselves, from what the person did there.')
    wording = fields.Text(required=True, help='The exact words the person agreed to, or used to withdraw.')
    wording_version = fields.Char('Version of the Wording', help='As your form or page numbers its texts.')
    language = fields.Char(help='Code of the language in which it was asked, such as es_ES.')
    number_id = fields.Many2one(
        'fluxforce.whatsapp.number', 'Only for Number', index='btree_not_null', ondelete='restrict', check_company=True,
        help='If set, it counts for messages from this number only: it was asked in the name of that brand.')
    note = fields.Char(help='Where the proof is: file, call number, page.')
    evidence_ids = fields.One2many('fluxforce.whatsapp.evidence', 'consent_id', 'Evidence', readonly=True)
    attachment_ids = fields.Many2many('ir.attachment', string='Files', compute='_compute_evidence', readonly=False,
                                      help='Scan, recording or screenshot. Seen by who records it and administrators.')
    evidence_ip = fields.Char('IP Address', compute='_compute_evidence', readonly=False)
    evidence_ref = fields.Char('Reference', help='Id of the message, form or call that proves it.')
    corrects_id = fields.Many2one('fluxforce.whatsapp.consent', 'Corrects', readonly=True, ondelete='restrict',
                                  check_company=True,
                                  help='The entry in whose place this one stands: it was wrong and no longer counts.')
    correction_ids = fields.One2many('fluxforce.whatsapp.consent', 'corrects_id', 'Corrected by')
    opt_in_id = fields.Many2one('fluxforce.whatsapp.opt_in', 'Opt-In Link', readonly=True, index='btree_not_null',
                                ondelete='restrict', check_company=True)
    may_be_corrected = fields.Boolean(compute='_compute_may_be_corrected')
    given_at = fields.Datetime('Date', required=True, default=fields.Datetime.now)
    expires_at = fields.Datetime('Valid until')
    user_id = fields.Many2one('res.users', 'Recorded by', required=True, readonly=True,
                              default=lambda self: self.env.user, ondelete='restrict')

    number_hash = fields.Char(readonly=True, help='Proof of whose it was, once the person had everything erased.')
    erased_at = fields.Datetime('Erased', readonly=True)

    _stops_idx = models.Index(
        "(given_at) WHERE decision = 'withdrawn' AND source IN ('message', 'chat', 'keyword', 'button', 'meta')")
    _company_phone_idx = models.Index('(company_id, phone)')
    _corrects_unique = models.UniqueIndex('(corrects_id) WHERE corrects_id IS NOT NULL',
                                          'This entry was corrected already. Correct its correction.')
    # What is left of a stop once the person had everything erased, see _erased_stops.
    _number_hash_idx = models.Index('(company_id, number_hash) WHERE number_hash IS NOT NULL')

    @api.depends('purpose', 'decision', 'partner_id', 'phone')
    def _compute_display_name(self):
        purposes = dict(self._fields['purpose']._description_selection(self.env))
        decisions = dict(self._fields['decision']._description_selection(self.env))
        for consent in self:
            whom = consent.partner_id.display_name or consent.phone or ''
            what = f'{purposes.get(consent.purpose, "")} – {decisions.get(consent.decision, "")}'
            consent.display_name = f'{whom}: {what}'

    @api.depends('evidence_ids')
    @api.depends_context('uid')
    def _compute_evidence(self):
        """Whoever may not see the evidence finds none."""
        evidence = self.env['fluxforce.whatsapp.evidence'].search([('consent_id', 'in', self._origin.ids)])
        by_consent = evidence.grouped('consent_id')
        for consent in self:
            seen = by_consent.get(consent._origin, evidence.browse())
            consent.attachment_ids = seen.attachment_ids
            consent.evidence_ip = seen[:1].ip

    @api.depends('source', 'decision', 'correction_ids')
    def _compute_may_be_corrected(self):
        for consent in self:
            consent.may_be_corrected = bool(consent._origin) and not consent.sudo().correction_ids and (
                consent.source not in NOT_CORRECTED)  # sudo: consent - one correction each, whoever may see it

    # ------------------------------------------------------------
    # APPEND ONLY
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_import()
        proofs = [self._take_proof(values) for values in vals_list]
        for values in vals_list:
            # Who records is a fact, not a field to fill in.
            values['user_id'] = self.env.uid
            values['phone'] = self._prepare_phone(values)
        self._check_corrections(vals_list)
        self._check_no_stop_overridden(vals_list)
        consents = super().create(vals_list)
        consents._check_whom()
        consents._check_who_said_it()
        consents._keep_proofs(proofs)
        consents._refresh_partners()
        self.env['fluxforce.whatsapp.stop']._follow(consents)
        consents.filtered(lambda consent: consent.decision == ASKED)._ask_to_confirm()
        return consents

    def _take_proof(self, values):
        """:return: what of an entry only few may see; it is kept apart from it."""
        return {'attachment_ids': values.pop('attachment_ids', None), 'ip': values.pop('evidence_ip', None)}

    def _keep_proofs(self, proofs):
        self.env['fluxforce.whatsapp.evidence']._keep(zip(self, proofs, strict=True))

    def _check_corrections(self, vals_list):
        """:raise UserError: for a correction of what the person said, or of what was corrected before; of two at the
        same time the unique index refuses one."""
        default = self.env.context.get('default_corrects_id')  # the form says it this way
        ids = [values.get('corrects_id', default) for values in vals_list]
        corrected = self.browse([consent_id for consent_id in ids if consent_id])
        if any(consent.source in NOT_CORRECTED for consent in corrected):
            raise UserError(self.env._(
                'The person said this in WhatsApp or on the preference page, so it is not corrected. Record what '
                'holds now.'))
        # sudo: consent - also corrections made for a contact the user does not see
        if corrected.sudo().correction_ids or len(corrected) > len(set(corrected.ids)):
            raise UserError(self.env._('This entry was corrected already. Correct its correction.'))

    def action_correct(self):
        """Open the form of a new entry that takes the place of this one."""
        self.ensure_one()
        values = self._convert_to_write({name: self[name] for name in CORRECTED_FIELDS})
        if self.phone == self.partner_id.phone_sanitized:
            del values['phone']  # it was the contact's, and follows if another one is chosen
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'view_mode': 'form', 'target': 'new',
            'name': self.env._('Correct'),
            'context': {**{f'default_{name}': self._to_default(value) for name, value in values.items()},
                        'default_corrects_id': self.id},
        }

    def _to_default(self, value):
        return fields.Datetime.to_string(value) if hasattr(value, 'isoformat') else value

    @api.model
    def load(self, fields, data):
        """Core's own import: only with all that proves a consent, and only for few people; :meth:`create` must not
        fill in today's date for a consent nobody knows the day of."""
        present = {name.split('/')[0] for name in fields}
        empty = [name for name in LOAD_COLUMNS if name not in present or any(
            not str(row[fields.index(name)] or '').strip() for row in data)]
        message = ''
        if empty:
            message = self.env._('Each consent needs a value for: %(fields)s.', fields=', '.join(
                self._fields[name]._description_string(self.env) for name in empty))
        elif len(data) >= LOAD_LIMIT:
            message = self.env._(
                'So many consents at once are recorded in People > Record Consents, which checks them. Here it is less '
                'than %(limit)s.', limit=LOAD_LIMIT)
        if message:
            return {'ids': False, 'messages': [{'type': 'error', 'message': message}], 'nextrow': 0}
        return super(FluxforceWhatsappConsent, self.with_context(whatsapp_consent_load=True)).load(fields, data)

    def _check_import(self):
        """:raise UserError: if a file of something else, such as contacts, brings consents along: only :meth:`load`
        looks whether they are proved."""
        context = self.env.context
        if context.get('_import_current_module') and not context.get('whatsapp_consent_load') and not self.env.su:
            raise UserError(self.env._(
                'WhatsApp consents are not imported together with other records. Take their columns out of the file '
                'and record them in People > Record Consents, which checks them.'))

    def _check_no_stop_overridden(self, vals_list):
        """:raise UserError: if a file says that somebody agreed who said stop; see ``_without_stopped`` of Record
        Consents."""
        if not self.env.context.get('whatsapp_consent_load'):
            return
        people = defaultdict(set)
        for values in vals_list:
            if values.get('decision', GIVEN) == GIVEN:
                company_id = values.get('company_id') or self.env.company.id
                people[company_id, values.get('purpose')].add((values.get('partner_id') or False, values['phone']))
        for (company_id, purpose), persons in people.items():
            stopped = self._stopped(self.env['res.company'].browse(company_id), persons, (purpose,))
            if stopped:
                raise UserError('\n'.join(f'{phone or ""}: {why}' for (__, phone), why in stopped.items()))

    def _prepare_phone(self, values):
        """:return: the number in the one form in which it is compared; the contact's own if none is given."""
        partner = self.env['res.partner'].browse(values.get('partner_id'))
        typed = (values.get('phone') or '').strip()
        if not typed:
            return partner.phone_sanitized
        company = self.env['res.company'].browse(values.get('company_id') or self.env.company.id)
        country = partner.country_id or company.country_id
        number = self.env['fluxforce.whatsapp.typed.number']._phone(typed, country)
        if not number:
            raise ValidationError(self.env._(
                'Phone: %(hint)s. With its country code it looks like +44 7400 123456.',
                hint=self.env['fluxforce.whatsapp.typed.number']._hint(typed, country)))
        return number

    def _check_who_said_it(self):
        """:raise UserError: if an employee records what only WhatsApp tells or only the system hears."""
        if self.env.su:
            return
        if any(consent.decision == RESUMED for consent in self):
            raise UserError(self.env._(
                'That a stop was lifted in WhatsApp is recorded when WhatsApp tells it. If the person agrees again, '
                'record the consent.'))
        labels = dict(self._fields['source']._description_selection(self.env))
        heard = self.filtered(lambda consent: consent.source in NOT_CORRECTED)
        if heard:
            raise UserError(self.env._(
                'Source: "%(heard)s" is recorded by itself, from what the person did. For what you were written in '
                'WhatsApp choose "%(chat)s".', heard=labels[heard[0].source], chat=labels[CHAT]))

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
            'A recorded consent is never deleted. If the person withdrew it, record the withdrawal. If they want their '
            'data erased, an administrator does it on the contact: Personal Data on WhatsApp.'))

    def _pseudonymise(self):
        """Take away whose an entry is, for good: name, number, note and the person's own words.

        The one way in which an entry changes; only ``fluxforce.whatsapp.privacy`` comes here, which checks the rights
        and writes a log. What stays proves what was agreed, when and how, and by a keyed hash for which number; by
        this a stop still counts. By SQL, because :meth:`write` refuses everybody.
        """
        partners = self.partner_id
        secret = self._secret()
        words = self.env['fluxforce.whatsapp.wiping']._words()
        hashes = [consent._hash_number(secret) for consent in self]
        self.env['fluxforce.whatsapp.evidence']._erase(self)
        self.env.flush_all()
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_consent consent
               SET phone = NULL, partner_id = NULL, note = NULL, evidence_ref = NULL,
                   number_hash = erased.number_hash, erased_at = %s,
                   wording = CASE WHEN source = ANY(%s) THEN %s ELSE wording END
              FROM unnest(%s::int[], %s::varchar[]) AS erased (id, number_hash)
             WHERE consent.id = erased.id
        """, [fields.Datetime.now(), list(PERSONAL_SOURCES), words, self.ids, hashes])
        self.env.invalidate_all()
        for company in self.company_id:
            partners._refresh_whatsapp_consent(company)

    @api.model
    def _secret(self):
        return self.env['ir.config_parameter'].sudo().get_param('database.secret')  # sudo: the database's own key

    def _hash_number(self, secret):
        """:return: what tells whether an entry was for a number, for who has number and key; None without number."""
        number = self.phone or self.partner_id.phone_sanitized
        return self._hash(secret, canonical(number)) if number else None

    @api.model
    def _hash(self, secret, number):
        return hmac.digest(secret.encode(), number.encode(), 'sha256').hex()

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
        partner = message.partner_id._whatsapp_of(message.company_id)
        person = (partner.id, message.phone, message.number_id.id)
        if self._current_states(message.company_id, [person])[person].get(MARKETING) != 'withdrawn':
            # sudo: consent - WhatsApp said it, whoever sends
            self.sudo().create([{
                'partner_id': partner.id, 'phone': message.phone, 'company_id': message.company_id.id,
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
    def _carry_over(self, renewal, partner, old_phone, new_phone):
        """What a person had told us before they changed number holds for the new one: add it to the ledger.

        For the old number it holds no more, whoever gets that. (Our own rule.)

        :param renewal: WhatsApp's notice of the change.
        :param partner: the contact, maybe empty.
        :param str old_phone: E.164. :param str new_phone: E.164.
        """
        ledger = self.sudo()  # sudo: consent - the ledger goes on whoever reads it
        entries = ledger._told_before(renewal, partner, old_phone)
        states = current([entry._to_entry() for entry in entries], fields.Datetime.now())
        present = self._current_states(renewal.company_id, [(partner.id, new_phone)])[partner.id, new_phone]
        latest = {entry.purpose: entry for entry in entries if entry.decision == states[entry.purpose]}
        note = self.env._('Carried over from %(number)s: WhatsApp told of the new number.', number=old_phone)
        ledger.create([{
            **entry._prepare_copy(), 'partner_id': partner._whatsapp_of(renewal.company_id).id, 'phone': new_phone,
            'note': note,
        } for purpose, entry in latest.items() if present.get(purpose) != entry.decision])
        ledger.create([entry._prepare_left(renewal.changed_at) for entry in latest.values()
                       if entry.decision == GIVEN and same_number(entry.phone or '', old_phone)])

    @api.model
    def _end_for_numbers(self, company, moments):
        """What was agreed to for these numbers no longer counts for anybody: they have changed hands.

        :param dict moments: by number in international form, when somebody else was seen to have it; naive UTC
        """
        since = {canonical(phone): moment for phone, moment in moments.items()}
        given = self.search([
            ('company_id', '=', company.id), ('decision', '=', GIVEN), ('correction_ids', '=', False),
            ('phone', 'in', all_spellings(moments, '+'))])
        ended = {(canonical(entry.phone), entry.purpose): entry for entry in given
                 if entry.given_at <= since[canonical(entry.phone)]}
        self.create([entry._prepare_left(since[number]) for (number, __), entry in ended.items()])

    def _told_before(self, renewal, partner, phone):
        """:return: what this person told us under the number until they left it, the oldest first."""
        whose = Domain('partner_id', 'in', (False, *partner.ids))
        told = self.search(
            Domain('company_id', '=', renewal.company_id.id) & Domain('given_at', '<=', renewal.changed_at) & whose
            & Domain('correction_ids', '=', False)
            & (Domain('phone', 'in', all_spellings([phone], '+')) | Domain('partner_id', 'in', partner.ids)),
            order='given_at, id')
        return told.filtered(
            lambda entry: entry.decision != GIVEN or not entry.phone or same_number(entry.phone, phone))

    def _prepare_copy(self):
        self.ensure_one()
        return {'company_id': self.company_id.id, **{name: self[name] for name in (
            'purpose', 'decision', 'source', 'wording', 'wording_version', 'language', 'given_at', 'expires_at',
            'evidence_ref')}, 'number_id': self.number_id.id, 'opt_in_id': self.opt_in_id.id}

    # ------------------------------------------------------------
    # RECORD FOR OTHER PROGRAMS
    # ------------------------------------------------------------

    @api.model
    def _record_given(self, company, people, purposes, source, wording, version=None, language=None, ip=None,
                      given_at=None, evidence=None, confirm=False, **values):
        """Record that many people agreed: for web forms, the shop, imports and other addons.

        :param company: the company they agreed to hear from
        :param people: list of (contact id or False, phone number as typed or False), one of both is enough
        :param purposes: codes of ``policy.purpose.PURPOSES``; each becomes an entry of its own
        :param str source: a value of the field ``source``, e.g. ``form``
        :param str wording: the very sentence the person agreed to
        :param str version: of the wording, e.g. ``checkout-3``
        :param str language: code, e.g. ``es_ES``
        :param str ip: of the person, seen by administrators only
        :param datetime given_at: UTC, now if None; never in the future
        :param evidence: ``ir.attachment`` records that prove it for all of these people
        :param bool confirm: ask each person by template to confirm first (double opt-in)
        :param values: other fields of the entries, e.g. ``note``, ``evidence_ref``, ``number_id``
        :return: the entries, with the rights of the caller
        """
        return self.create([{
            'company_id': company.id, 'partner_id': partner_id, 'phone': phone, 'purpose': purpose,
            'decision': ASKED if confirm else GIVEN, 'source': source, 'wording': wording, 'wording_version': version,
            'language': language, 'given_at': given_at or fields.Datetime.now(), 'evidence_ip': ip,
            'attachment_ids': [fields.Command.set(evidence.ids)] if evidence else None, **values,
        } for partner_id, phone in people for purpose in purposes])

    def _ask_to_confirm(self):
        """Send the template that asks, to each person once however many purposes it is about."""
        if self:
            self.env['fluxforce.whatsapp.asking']._ask(self)

    def _prepare_left(self, moment):
        return {
            'company_id': self.company_id.id, 'phone': self.phone, 'purpose': self.purpose, 'decision': WITHDRAWN,
            'source': 'other', 'given_at': moment,
            'wording': self.env._('WhatsApp told that this number is no longer the one of who had agreed.'),
        }
