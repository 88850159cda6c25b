from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import consteq, format_date, hash_sign, hmac, verify_hash_signed

from ..policy.consent import EXPIRED, GIVEN, NONE, PENDING, WITHDRAWN
from ..policy.purpose import AUTHENTICATION, MARKETING, UTILITY

SCOPE = 'fluxforce_whatsapp.preferences.1'
# The sentences of the page; goes up when one of them changes.
WORDING_VERSION = 'preference-page-1'
# The purposes the page offers; a conversation needs no consent.
PURPOSES = (MARKETING, UTILITY, AUTHENTICATION)
# So many changes a person makes in an hour; more is a program. (Our own choice.)
MOST_CHANGES = 30
# Longer than any token of ours.
LONGEST_TOKEN = 500


@dataclass(frozen=True)
class Reader:
    """Whose page it is.

    :ivar partner: res.partner, as sudo
    :ivar company: res.company, as sudo
    """

    partner: object
    company: object

    @property
    def key(self):
        """Under which the ledger knows the person."""
        return self.partner.id, self.partner.phone_sanitized


@dataclass(frozen=True)
class Held:
    """What a person told us for one purpose.

    :ivar str state: as of :func:`policy.consent.current`
    :ivar entry: :class:`policy.consent.Entry` that decided, or None
    :ivar tuple numbers: those of our numbers it is for, as people read them; none: all
    """

    state: str
    entry: object
    numbers: tuple = ()


class FluxforceWhatsappPreferences(models.AbstractModel):
    """The page on which a person sees and changes what we may write: who it is for, what it shows, what it keeps."""

    _name = 'fluxforce.whatsapp.preferences'
    _description = 'WhatsApp Preference Page'

    # ------------------------------------------------------------
    # THE LINK
    # ------------------------------------------------------------

    @api.model
    def _sign(self, partner, company):
        """:return: the token of a person's page; it says nothing about the person and ends with the settable days."""
        days = company.sudo().whatsapp_preference_days  # sudo: company - any user may hand out the link
        return hash_sign(self.sudo().env, SCOPE, [partner.id, company.id, self._trace(partner)],  # sudo: the secret
                         expiration=timedelta(days=days))

    def _trace(self, partner):
        """:return: by which we know that the number is still the one the link was made for, without telling it."""
        return hmac(self.sudo().env, SCOPE, partner.phone_sanitized or '')[:16]  # sudo: the database's secret

    @api.model
    def _reader_of(self, token):
        """:return: the :class:`Reader` a token was made for; None if it is forged, too old or of a number that has
            changed since."""
        partner_id, company_id, trace = self._read(token)
        # sudo: res.partner, res.company - the token is the right to see this one person's page
        partner = self.env['res.partner'].sudo().browse(partner_id).exists()
        company = self.env['res.company'].sudo().browse(company_id).exists()
        if not (partner and company and consteq(trace, self._trace(partner))):
            return None
        return Reader(partner.with_company(company), company)

    def _read(self, token):
        nobody = False, False, ''
        try:
            # sudo: ir.config_parameter - the database's secret
            return verify_hash_signed(self.sudo().env, SCOPE, token[:LONGEST_TOKEN]) or nobody
        except (ValueError, OverflowError):  # not even the form of a token
            return nobody

    # ------------------------------------------------------------
    # WHAT IT SHOWS
    # ------------------------------------------------------------

    @api.model
    def _language(self, reader, wished, browsers):
        """:return: code of the language: the one chosen on the page, else the person's, else the browser's."""
        installed = [code for code, __ in self.env['res.lang'].get_installed()]
        by_family = {code.split('_')[0]: code for code in reversed(installed)}
        browsers = browsers or ''
        candidates = (wished, reader and reader.partner.lang, browsers, by_family.get(browsers.split('_')[0]),
                      self.env.lang)
        return next((code for code in candidates if code in installed), installed[0])

    @api.model
    def _masked(self, reader):
        """:return: the number as the person recognises it and nobody else learns it."""
        number = reader.partner.phone_sanitized
        return number and f'{number[:3]} {"•" * max(len(number) - 5, 0)}{number[-2:]}'

    @api.model
    def _rows(self, reader):
        """:return: list of dicts, one per purpose: code, title, what it is, both sentences, the state and its words."""
        held = self._held(reader)
        return [{
            'purpose': purpose, 'state': held[purpose].state,
            'words': self._state_words(held[purpose]), **self._texts(reader.company)[purpose],
        } for purpose in PURPOSES]

    def _held(self, reader):
        """:return: by purpose, what is :class:`Held`. What was agreed for one of our numbers is told, for it sends."""
        numbers = self._numbers(reader.company)
        keys = [reader.key, *[(*reader.key, number.id) for number in numbers]]
        entries = self.env['fluxforce.whatsapp.consent']._current_entries(reader.company, keys)
        general, of_numbers = entries[keys[0]], list(zip(numbers, keys[1:], strict=True))
        return {purpose: self._held_for(
            *general[purpose], [(number, *entries[key][purpose]) for number, key in of_numbers])
            for purpose in PURPOSES}

    def _numbers(self, company):
        # sudo: number - the person may know from which ones we write
        return self.env['fluxforce.whatsapp.number'].sudo().search([('company_id', '=', company.id)])

    def _held_for(self, state, entry, of_numbers):
        """:param list of_numbers: (our number, state, entry) of each."""
        bound = {told: [(number, its) for number, its_state, its in of_numbers if its_state == told]
                 for told in (GIVEN, PENDING)}
        told = GIVEN if bound[GIVEN] else PENDING
        if not bound[told] or state == GIVEN or (told == PENDING and state != NONE):
            return Held(state, entry)
        return Held(told, max((its for __, its in bound[told]), key=lambda its: its.given_at),
                    tuple(number.display_phone_number or number.display_name for number, __ in bound[told]))

    def _state_words(self, held):
        day = held.entry and format_date(self.env, held.entry.given_at, date_format='long')
        if held.numbers and held.state == GIVEN:
            return self.env._('You agreed on %(day)s to get them from %(numbers)s.', day=day,
                              numbers=', '.join(held.numbers))
        return {
            GIVEN: self.env._('You agreed on %(day)s.', day=day),
            WITHDRAWN: self.env._('You said no on %(day)s.', day=day),
            PENDING: self.env._('We asked you on %(day)s to confirm, and wait for your answer.', day=day),
            EXPIRED: self.env._('What you agreed to on %(day)s has ended.', day=day),
        }.get(held.state, self.env._('You have not told us yet, so we send you none of these.'))

    def _texts(self, company):
        """:return: by purpose, the title, what it is, and the sentences a person says yes or no with."""
        name = company.name
        return {
            MARKETING: {
                'title': self.env._('Offers and news'),
                'about': self.env._('Offers, news and invitations.'),
                'yes': self.env._('Yes, send me offers and news from %(company)s on WhatsApp.', company=name),
                'no': self.env._('No, send me no offers and news from %(company)s on WhatsApp.', company=name)},
            UTILITY: {
                'title': self.env._('Service updates'),
                'about': self.env._('Messages about what you have ordered, booked or asked for, such as confirmations '
                                    'and changes.'),
                'yes': self.env._('Yes, keep me posted about my orders and requests with %(company)s on WhatsApp.',
                                  company=name),
                'no': self.env._('No, send me no service updates from %(company)s on WhatsApp.', company=name)},
            AUTHENTICATION: {
                'title': self.env._('Sign-in codes'),
                'about': self.env._('Codes that prove it is you who signs in.'),
                'yes': self.env._('Yes, send me sign-in codes of %(company)s on WhatsApp.', company=name),
                'no': self.env._('No, send me no sign-in codes of %(company)s on WhatsApp.', company=name)},
        }

    # ------------------------------------------------------------
    # WHAT IT KEEPS
    # ------------------------------------------------------------

    @api.model
    def _save(self, reader, choices, ip):
        """Keep what a person chose; what is so already is not recorded again.

        :param dict choices: by purpose, ``yes`` or ``no``; anything else is left as it is
        :param str ip: of the person
        :return: False if this page was changed too often of late
        """
        changes = self._changes(reader, choices)
        if changes and not self._may_change(reader):
            return False
        texts = self._texts(reader.company)
        # sudo: consent - whoever holds the link decides for the person
        self.env['fluxforce.whatsapp.consent'].sudo().create([{
            'partner_id': reader.partner.id, 'company_id': reader.company.id, 'purpose': purpose, 'source': 'web',
            'decision': GIVEN if answer == 'yes' else WITHDRAWN, 'wording': texts[purpose][answer],
            'wording_version': WORDING_VERSION, 'language': self.env.lang, 'evidence_ip': ip,
        } for purpose, answer in changes.items()])
        return True

    def _changes(self, reader, choices):
        held = self._held(reader)
        wanted = {'yes': GIVEN, 'no': WITHDRAWN}
        return {purpose: choices[purpose] for purpose in PURPOSES
                if choices.get(purpose) in wanted and wanted[choices[purpose]] != held[purpose].state}

    def _may_change(self, reader):
        since = fields.Datetime.now() - timedelta(hours=1)
        # sudo: consent - only how many there are
        return self.env['fluxforce.whatsapp.consent'].sudo().search_count([
            ('partner_id', '=', reader.partner.id), ('company_id', '=', reader.company.id), ('source', '=', 'web'),
            ('create_date', '>', since)]) < MOST_CHANGES
