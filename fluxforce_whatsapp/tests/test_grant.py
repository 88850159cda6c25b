import base64
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_consent import FluxforceWhatsappConsent

from .common import WhatsappCommon

WORDING = 'I want to hear about my orders on WhatsApp.'


class GrantCase(WhatsappCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref('base.uk')

    def grant(self, partners=None, file=None, user=None, **values):
        """What is entered into the wizard, as it is opened from the contacts or from the menu."""
        wizards = self.env['fluxforce.whatsapp.grant'].with_user(user or self.salesperson)
        if partners:
            wizards = wizards.with_context(active_model='res.partner', active_ids=partners.ids)
        return wizards.create({
            'file': file and base64.b64encode(file.encode()), 'filename': 'people.csv', 'for_utility': True,
            'source': 'paper', 'wording': WORDING, 'version': '3',
            'given_at': fields.Datetime.now() - timedelta(days=2), **values})

    def record(self, grant, **decided):
        grant.action_check()
        grant.write(decided)
        grant.action_record()

    def consents(self):
        return self.env['fluxforce.whatsapp.consent'].search([('wording', '=', WORDING)])

    def file_of(self, count, start=0):
        return 'phone,name\n' + ''.join(f'+44 7400 {124000 + start + index},\n' for index in range(count))

    def alert(self):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'bought_list')])


@tagged('post_install', '-at_install')
class TestGrant(GrantCase):
    """The same consent of many people is recorded at once."""

    def test_of_the_contacts_selected_in_the_list(self):
        self.record(self.grant(self.ana + self.ben, for_marketing=True))

        self.assertEqual([person.whatsapp_consent_utility for person in self.ana + self.ben], ['given', 'given'])
        self.assertEqual(self.ben.whatsapp_consent_marketing, 'given')
        self.assertFalse(self.ben.whatsapp_consent_authentication)

    def test_what_proves_it_stands_in_each_entry(self):
        self.record(self.grant(self.ana, note='Folder 118'))

        consent = self.consents()
        self.assertEqual((consent.source, consent.wording_version, consent.note, consent.user_id),
                         ('paper', '3', 'Folder 118', self.salesperson))
        self.assertLess(consent.given_at, fields.Datetime.now() - timedelta(days=1))

    def test_of_a_file_contacts_are_found_by_number(self):
        self.record(self.grant(file='Teléfono;Nombre\n07400 123001;Ana\n+44 7400 123777;Somebody\n'))

        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')
        self.assertEqual(self.consents().filtered(lambda consent: not consent.partner_id).phone, '+447400123777')

    def test_the_country_of_a_row_counts(self):
        self.record(self.grant(file='phone,country\n600 123 456,Spain\n'))

        self.assertEqual(self.consents().phone, '+34600123456')

    def test_broken_rows_are_listed_with_row_and_reason(self):
        grant = self.grant(file='phone,name\n07400 123001,Ana\n\n07400,Short\n,Nobody\n07400 123001,Ana again\n'
                                '07400 123002 / 07400 123003,Two\n')

        grant.action_check()

        self.assertEqual((grant.good_count, grant.bad_count), (1, 4))
        self.assertEqual([(line.place, line.shown) for line in grant.line_ids],
                         [('4', 'Short'), ('5', 'Nobody'), ('6', 'Ana again'), ('7', 'Two')])
        self.assertEqual(['digits are missing' in grant.line_ids[0].problem, 'no phone' in grant.line_ids[1].problem,
                          'row 2' in grant.line_ids[2].problem, 'two numbers' in grant.line_ids[3].problem], [True] * 4)

    def test_nothing_is_recorded_until_somebody_says_that_broken_rows_are_left_out(self):
        grant = self.grant(self.ana + self.phoneless)

        with self.assertRaisesRegex(UserError, '1 people cannot be recorded'):
            self.record(grant)

        self.assertFalse(self.consents())

    def test_the_good_ones_are_recorded_if_somebody_says_so(self):
        self.record(self.grant(self.ana + self.phoneless), keep_good=True)

        self.assertEqual(self.consents().partner_id, self.ana)

    def test_a_failure_in_the_second_batch_takes_the_first_back(self):
        create, calls = FluxforceWhatsappConsent.create, []

        def fail_at_the_second(consents, vals_list):
            calls.append(len(vals_list))
            if len(calls) == 2:
                raise RuntimeError('Disk full')
            return create(consents, vals_list)

        grant = self.grant(file=self.file_of(45))
        grant.action_check()
        with (patch('odoo.addons.fluxforce_whatsapp.wizards.fluxforce_whatsapp_grant.BATCH', 40),
              patch.object(FluxforceWhatsappConsent, 'create', fail_at_the_second),
              self.assertRaisesRegex(RuntimeError, 'Disk full'), self.cr.savepoint()):
            grant.action_record()

        self.assertEqual((calls, len(self.consents())), ([40, 5], 0))

    def test_a_date_in_the_future_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'future'):
            self.grant(self.ana, given_at=fields.Datetime.now() + timedelta(hours=1)).action_check()

    def test_without_purpose_wording_or_version_there_is_no_consent(self):
        for values, hint in (({'for_utility': False}, 'at least one purpose'), ({'wording': ' '}, 'Wording: fill'),
                             ({'version': ' '}, 'Version of the Wording: fill')):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, hint):
                self.grant(self.ana, **values).action_check()

    def test_files_that_are_no_table_are_refused_with_the_remedy(self):
        for content, hint in (('name\nAna\n', 'No column of the file is named Phone'), ('\n', 'is empty'),
                              ('\x00\x01', 'Save it as CSV or XLSX'), ('x' * 5_300_000, 'larger than 5 MB')):
            with self.subTest(hint=hint), self.assertRaisesRegex(UserError, hint):
                self.grant(file=content).action_check()

    def test_too_many_people_at_once_are_to_be_split(self):
        with (patch('odoo.addons.fluxforce_whatsapp.wizards.fluxforce_whatsapp_grant.MAX_PEOPLE', 3),
              self.assertRaisesRegex(UserError, '4 people. Split them: at most 3')):
            self.grant(file=self.file_of(4)).action_check()

    def test_a_stop_said_between_the_signature_and_the_list_still_counts(self):
        now = fields.Datetime.now()
        self.give_consent(self.ben, given_at=now - timedelta(days=11))
        self.withdraw_consent(self.ben, given_at=now - timedelta(days=7))
        grant = self.grant(self.ana + self.ben, given_at=now - timedelta(days=2))

        self.record(grant, keep_good=True)

        self.assertEqual((grant.line_ids.shown, grant.good_count), ('Ben Okafor', 1))
        self.assertIn('said stop on', grant.line_ids.problem)
        self.assertEqual([person.whatsapp_consent_utility for person in self.ana + self.ben], ['given', 'withdrawn'])

    def test_a_stop_of_a_number_without_contact_counts_in_a_file(self):
        self.withdraw_consent(self.env['res.partner'].browse([False]), phone='+44 7400 123777')
        grant = self.grant(file='phone,name\n07400 123777,Ed\n07400 123778,Flo\n', given_at=fields.Datetime.now())

        grant.action_check()

        self.assertEqual((grant.line_ids.place, grant.good_count), ('2', 1))

    def test_a_stop_for_another_purpose_keeps_nobody_out(self):
        self.withdraw_consent(self.ben, 'marketing')

        self.record(self.grant(self.ben))

        self.assertEqual(self.ben.whatsapp_consent_utility, 'given')

    def test_a_stop_said_after_the_check_counts_as_well(self):
        grant = self.grant(self.ana + self.ben, given_at=fields.Datetime.now())
        grant.action_check()
        self.withdraw_consent(self.ben)

        with self.assertRaisesRegex(UserError, '1 people cannot be recorded'):
            grant.action_record()

    def test_the_questions_asked_of_the_ledger_do_not_grow_with_the_people(self):
        few, many = self.grant(file=self.file_of(20)), self.grant(file=self.file_of(400))
        few._people(), many._rows()

        counts = []
        for grant in (few, many):
            before = self.cr.sql_log_count
            grant._people()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_two_contacts_with_one_number_both_get_their_entry(self):
        twin = self.env['res.partner'].create({'name': 'Costa Ltd', 'phone': '+44 7400 123001'})

        self.record(self.grant(self.ana + twin))

        self.assertEqual(self.consents().partner_id, self.ana + twin)

    def test_recording_checks_first(self):
        grant = self.grant(self.ana)

        grant.action_record()

        self.assertEqual((grant.state, len(self.consents())), ('checked', 0))

    def test_it_can_be_filled_in(self):
        wizards = self.env['fluxforce.whatsapp.grant'].with_user(self.salesperson).with_context(
            active_model='res.partner', active_ids=self.ana.ids)
        with Form(wizards) as form:
            form.for_utility = True
            form.source = 'paper'
            form.given_at = fields.Datetime.now()
            form.version = '3'
            form.wording = WORDING
        form.record.action_check()

        self.assertEqual((form.record.partner_ids, form.record.good_count), (self.ana, 1))

    def test_what_only_whatsapp_tells_is_no_source(self):
        sources = dict(self.env['fluxforce.whatsapp.grant']._select_source())

        self.assertNotIn('meta', sources)

    def test_an_outsider_records_nothing(self):
        with self.assertRaises(AccessError):
            self.grant(self.ana, user=self.outsider)


@tagged('post_install', '-at_install')
class TestBoughtList(GrantCase):
    """What looks like a bought list needs an administrator with a reason."""

    def test_strangers_raise_a_critical_alert(self):
        grant = self.grant(file=self.file_of(60))

        grant.action_check()

        self.assertIn('neither a name nor an e-mail', grant.warning)
        self.assertEqual((self.alert().severity, self.alert().state), ('critical', 'open'))
        self.assertIn('main cause of bans', self.alert().advice)

    def test_a_salesperson_does_not_go_on(self):
        with self.assertRaisesRegex(AccessError, 'Only a WhatsApp administrator'):
            self.record(self.grant(file=self.file_of(60)), reason='They are ours')

        self.assertFalse(self.consents())

    def test_an_administrator_does_not_go_on_without_a_reason(self):
        with self.assertRaisesRegex(UserError, 'Reason to Go On'):
            self.record(self.grant(file=self.file_of(60), user=self.whatsapp_admin), reason=' ')

    def test_the_reason_is_kept_with_each_entry_and_with_the_alert(self):
        self.record(self.grant(file=self.file_of(60), user=self.whatsapp_admin), reason='Forms of the fair in May')

        self.assertEqual(len(self.consents()), 60)
        self.assertIn('Forms of the fair in May', self.consents()[0].note)
        alert = self.alert()
        self.assertEqual((alert.done_note, alert.done_by), ('Forms of the fair in May', self.whatsapp_admin))

    def test_customers_raise_none(self):
        customers = self.env['res.partner'].create([
            {'name': f'Customer {index}', 'phone': f'+44 7400 {125000 + index}'} for index in range(60)])
        self.env['fluxforce.whatsapp.inbound'].create([{
            'account_id': self.account.id, 'wamid': f'wamid.{customer.id}', 'sent_at': fields.Datetime.now(),
            'partner_id': customer.id} for customer in customers])

        grant = self.grant(customers)
        grant.action_check()

        self.assertFalse(grant.warning or self.alert())

    def test_contacts_made_just_now_are_as_new_as_no_contacts(self):
        newcomers = self.env['res.partner'].create([
            {'name': f'New {index}', 'phone': f'+44 7400 {125000 + index}'} for index in range(100)])

        grant = self.grant(newcomers)
        grant.action_check()

        self.assertIn('not among your contacts before', grant.warning)
        self.assertIn('never any business', grant.warning)

    def test_the_questions_asked_do_not_grow_with_the_people(self):
        guard, wizard = self.env['fluxforce.whatsapp.bought.list'], self.grant(file=self.file_of(20))
        few, many = wizard._people(), self.grant(file=self.file_of(400))._people()
        guard._signs(few)

        with self.assertQueryCount(0):
            guard._signs(many)


@tagged('post_install', '-at_install')
class TestLoad(GrantCase):
    """Core's own import into the ledger."""

    def load(self, columns, *rows):
        return self.env['fluxforce.whatsapp.consent'].with_user(self.salesperson).load(columns, rows)

    def test_with_all_that_proves_it_it_is_taken(self):
        result = self.load(['phone', 'purpose', 'source', 'wording', 'given_at'],
                           ['+44 7400 123001', 'utility', 'paper', WORDING, '2026-01-05 10:00:00'])

        self.assertEqual(self.ana.whatsapp_consent_utility, 'given', result)

    def test_without_source_wording_or_date_it_is_refused(self):
        whole = {'phone': '+44 7400 123001', 'purpose': 'utility', 'source': 'paper', 'wording': WORDING,
                 'given_at': '2026-01-05 10:00:00'}
        for missing in ('source', 'wording', 'given_at'):
            part = {name: value for name, value in whole.items() if name != missing}
            empty = {**whole, missing: ' '}
            for values in (part, empty):
                with self.subTest(missing=missing, values=values):
                    result = self.load(list(values), list(values.values()))
                    self.assertIn('Each consent needs a value', result['messages'][0]['message'])
        self.assertFalse(self.consents())

    def test_many_go_through_the_check(self):
        rows = [['+44 7400 123001', 'utility', 'paper', WORDING, '2026-01-05 10:00:00']] * 50

        result = self.load(['phone', 'purpose', 'source', 'wording', 'given_at'], *rows)

        self.assertIn('Record Consents', result['messages'][0]['message'])
        self.assertFalse(self.consents())

    def test_a_stop_is_not_overridden(self):
        stopped = fields.Datetime.now() - timedelta(days=2)
        self.withdraw_consent(self.ana, given_at=stopped)

        result = self.load(['phone', 'purpose', 'source', 'wording', 'given_at'],
                           ['+44 7400 123001', 'utility', 'paper', WORDING, str(fields.Datetime.now())],
                           ['+44 7400 123002', 'utility', 'paper', WORDING, str(fields.Datetime.now())])

        self.assertIn('said stop on', result['messages'][0]['message'])
        self.assertFalse(self.consents())

    def test_a_file_of_contacts_brings_no_consents_along(self):
        for context in ({'import_file': True}, {}):
            contacts = self.env['res.partner'].with_user(self.salesperson).with_context(**context)
            with self.subTest(context=context):
                result = contacts.load(
                    ['name', 'phone', 'whatsapp_consent_ids/purpose', 'whatsapp_consent_ids/source',
                     'whatsapp_consent_ids/wording'],
                    [['Ivy Import', '+44 7400 123777', 'marketing', 'paper', WORDING]])
                self.assertIn('Record Consents', result['messages'][0]['message'])
        self.assertFalse(self.consents())

    def test_contacts_are_imported_all_the_same(self):
        result = self.env['res.partner'].with_user(self.salesperson).with_context(import_file=True).load(
            ['name', 'phone'], [['Ivy Import', '+44 7400 123777']])

        self.assertTrue(result['ids'], result)
