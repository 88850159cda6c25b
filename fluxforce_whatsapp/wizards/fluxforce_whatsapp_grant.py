import base64
import logging
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import split_every

from ..models.fluxforce_whatsapp_bought_list import Candidate
from ..models.fluxforce_whatsapp_reader import CONTENT_GROUP
from ..policy.variants import all_spellings, canonical
from ..sheets import MAX_BYTES, SheetError, read_people

_logger = logging.getLogger(__name__)

# What a person can say about many at once: where they agreed. What is said in WhatsApp is recorded one by one.
SOURCES = ('form', 'paper', 'call', 'email', 'counter', 'import', 'other')
# Entries written at once; the ORM prefetches up to this many.
BATCH = 500
# Problems shown in the table; the others are counted. (Our own choice.)
LINES_SHOWN = 1000
# People in one go, so that it ends within a request: more are split over several files. (Our own choice.)
MAX_PEOPLE = 30_000


class FluxforceWhatsappGrant(models.TransientModel):
    """Records the same consent of many people: selected contacts, or the rows of a file. All of them or none."""

    _name = 'fluxforce.whatsapp.grant'
    _description = 'Record WhatsApp Consents'

    state = fields.Selection([('draft', 'To Check'), ('checked', 'Checked'), ('done', 'Recorded')], default='draft',
                             readonly=True)
    partner_ids = fields.Many2many('res.partner', string='Contacts')
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)

    for_marketing = fields.Boolean('Marketing')
    for_utility = fields.Boolean('Service Updates')
    for_authentication = fields.Boolean('Sign-In Codes')
    source = fields.Selection('_select_source', required=True)
    wording = fields.Text(required=True, help='The exact words these people agreed to.')
    version = fields.Char('Version of the Wording', required=True, help='As your form or page numbers its texts.')
    given_at = fields.Datetime('Date', required=True, help='When they agreed; if on several days, the earliest: who '
                               'said stop in between has said stop.')
    note = fields.Char(help='Where the proof is: file, call number, page.')

    good_count = fields.Integer('Can Be Recorded', readonly=True)
    bad_count = fields.Integer('Cannot Be Recorded', readonly=True)
    line_ids = fields.One2many('fluxforce.whatsapp.grant.line', 'grant_id', 'Problems', readonly=True)
    keep_good = fields.Boolean('Leave Those Out', help='Record the others all the same.')
    warning = fields.Text(readonly=True)
    reason = fields.Text('Reason to Go On', help='Why these people agreed all the same. It is kept with each entry.')
    may_go_on = fields.Boolean(compute='_compute_may_go_on')

    @api.model
    def _select_source(self):
        labels = dict(self.env['fluxforce.whatsapp.consent']._fields['source']._description_selection(self.env))
        return [(source, labels[source]) for source in SOURCES]

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get('active_model') == 'res.partner' and 'partner_ids' in fields_list:
            values['partner_ids'] = [Command.set(self.env.context.get('active_ids') or [])]
        return values

    @api.depends_context('uid')
    def _compute_may_go_on(self):
        self.may_go_on = self.env.user.has_group(CONTENT_GROUP)

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _people(self):
        """:return: list of :class:`Candidate`, those with a problem as well."""
        return self._without_stopped(self._people_of_file() if self.file else self._people_of_contacts())

    def _check_count(self, count):
        if not count:
            raise UserError(self.env._('Choose contacts, or a file with one person a row.'))
        if count > MAX_PEOPLE:
            raise UserError(self.env._(
                'These are %(count)s people. Split them: at most %(limit)s in one go.', count=count, limit=MAX_PEOPLE))

    def _people_of_contacts(self):
        self._check_count(len(self.partner_ids))
        recipients = self.partner_ids._whatsapp_recipients()
        return [self._to_candidate('', partner, recipients[partner.id].number, recipients[partner.id].phone,
                                   partner.country_id, partner.name, partner.email) for partner in self.partner_ids]

    def _people_of_file(self):
        rows, typed = self._rows(), self.env['fluxforce.whatsapp.typed.number']
        self._check_count(len(rows))
        countries = self._countries()
        own = self.company_id.country_id
        country_of = {row.line: countries.get(row.country.lower(), own) for row in rows}
        phones = {row.line: typed._phone(row.phone, country_of[row.line]) for row in rows}
        partners = self._contacts_with(phones.values())
        people = [self._to_candidate(
            str(row.line), partners.get(canonical(phones[row.line]), self.env['res.partner']), row.phone,
            phones[row.line], country_of[row.line], row.name, row.email) for row in rows]
        return self._without_doubles(people)

    def _to_candidate(self, place, partner, typed, phone, country, name, email):
        if phone:
            problem = ''
        elif typed:
            problem = self.env['fluxforce.whatsapp.typed.number']._hint(typed, country)
        else:
            problem = self.env._('there is no phone number')
        named = any(text and not self._is_number(text) for text in (name, email, partner.name, partner.email))
        return Candidate(place, partner, phone, named, name or partner.name or typed or '', problem)

    def _is_number(self, text):
        return not any(character.isalpha() for character in text)

    def _rows(self):
        try:
            return read_people(base64.b64decode(self.file))
        except SheetError as error:
            raise UserError({
                'too_large': self.env._('The file is larger than %(size)s MB. Split it.', size=MAX_BYTES // 1024 ** 2),
                'unreadable': self.env._('The file cannot be read. Save it as CSV or XLSX and try again.'),
                'empty': self.env._('The file is empty.'),
                'no_phone_column': self.env._(
                    'No column of the file is named Phone. Its first row must name the columns: Phone, and if you have '
                    'them Name, Email and Country.'),
            }[error.code]) from error

    def _countries(self):
        """:return: countries by code and by name, in lower case."""
        countries = self.env['res.country'].search([('code', '!=', False)])
        return {text.lower(): country for country in countries for text in (country.name, country.code) if text}

    def _contacts_with(self, phones):
        """:return: the oldest contact of each number, by canonical number."""
        partners = self.env['res.partner'].search([
            ('phone_sanitized', 'in', all_spellings(phones, '+')),
            ('company_id', 'in', (False, self.company_id.id))], order='id desc')
        return {canonical(partner.phone_sanitized): partner for partner in partners}

    def _without_doubles(self, people):
        """:return: the same; of several rows with one number the first is taken."""
        seen, result = {}, []
        for person in people:
            first = person.phone and seen.setdefault(canonical(person.phone), person)
            if first and first is not person and not person.problem:
                person = replace(person, problem=self.env._('the same number as row %(row)s', row=first.place))
            result.append(person)
        return result

    def _without_stopped(self, people):
        """A list is no answer to a stop, whatever day stands on it. (Our own rule.)

        :return: the same; who stands withdrawn for a purpose chosen has a problem.
        """
        keys = {(person.partner.id, person.phone) for person in people if not person.problem}
        stopped = self.env['fluxforce.whatsapp.consent']._stopped(self.company_id, keys, self._purposes())
        return [person if person.problem else replace(person, problem=stopped.get(
            (person.partner.id, person.phone), '')) for person in people]

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def action_check(self):
        """Show what can be recorded and what cannot, and warn if it looks like a bought list."""
        self.ensure_one()
        self._check_complete()
        people = self._people()
        good = [person for person in people if not person.problem]
        guard = self.env['fluxforce.whatsapp.bought.list']
        found = guard._signs(good)
        if found:
            guard._raise(self.company_id, found, len(good))
        bad = [person for person in people if person.problem]
        self.write({
            'state': 'checked', 'good_count': len(good), 'bad_count': len(bad), 'warning': guard._explain(found),
            'line_ids': [Command.clear(), *[Command.create({
                'place': person.place, 'shown': person.shown, 'problem': person.problem,
            }) for person in bad[:LINES_SHOWN]]],
        })
        return self._open()

    def _check_complete(self):
        if not self._purposes():
            raise UserError(self.env._('Choose what these people agreed to: at least one purpose.'))
        if self.given_at > fields.Datetime.now():
            raise ValidationError(self.env._('Date: the date of a consent cannot lie in the future.'))
        for name in ('wording', 'version'):
            if not (self[name] or '').strip():
                raise UserError(self.env._('%(field)s: fill it in; without it nobody can prove a consent.',
                                           field=self._fields[name]._description_string(self.env)))

    def _purposes(self):
        return [purpose for purpose in ('marketing', 'utility', 'authentication') if self[f'for_{purpose}']]

    def _open(self):
        return {
            'type': 'ir.actions.act_window', 'name': self.env._('Record Consents'), 'res_model': self._name,
            'res_id': self.id, 'view_mode': 'form', 'target': 'new',
        }

    def action_back(self):
        """Change what was entered; it is checked again then."""
        self.state = 'draft'
        return self._open()

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    def action_record(self):
        """Record the consents: of everybody, or of nobody if anything goes wrong.

        :raise UserError: if something has to be decided first.
        """
        self.ensure_one()
        if self.state != 'checked':
            return self.action_check()
        self._check_complete()
        people = self._people()
        good = [person for person in people if not person.problem]
        self._check_decided(good, len(people) - len(good))
        self._record(good)
        self.write({'state': 'done', 'good_count': len(good), 'file': False})
        return self._open()

    def _check_decided(self, good, bad_count):
        if bad_count and not self.keep_good:
            raise UserError(self.env._(
                '%(count)s people cannot be recorded. Correct them, or tick Leave Those Out.', count=bad_count))
        if not good:
            raise UserError(self.env._('There is nobody whose consent can be recorded.'))
        guard = self.env['fluxforce.whatsapp.bought.list']
        if not guard._signs(good):
            return
        if not self.may_go_on:
            raise AccessError(self.env._(
                'This looks like a bought list. Only a WhatsApp administrator may go on, with a reason.'))
        if not (self.reason or '').strip():
            raise UserError(self.env._('Reason to Go On: write down how each of these people has agreed.'))
        guard._settle(self.company_id, self.reason)

    def _record(self, people):
        values = self._prepare_common_values()
        done = 0
        for batch in split_every(BATCH, people, list):
            # A batch is written or not; the first that fails takes all others back with it.
            with self.env.cr.savepoint():
                self.env['fluxforce.whatsapp.consent'].create([{
                    **values, 'purpose': purpose, 'partner_id': person.partner.id, 'phone': person.phone,
                } for person in batch for purpose in self._purposes()])
            done += len(batch)
            _logger.info('WhatsApp consents of %s of %s people recorded', done, len(people))

    def _prepare_common_values(self):
        reason = (self.reason or '').strip()
        return {
            'company_id': self.company_id.id, 'decision': 'given', 'source': self.source, 'wording': self.wording,
            'wording_version': self.version, 'given_at': self.given_at,
            'note': '; '.join(filter(None, (self.note, reason and self.env._(
                'Recorded in spite of a warning, because: %(reason)s', reason=reason)))) or False,
        }
