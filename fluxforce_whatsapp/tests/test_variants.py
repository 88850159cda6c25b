from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload

LUPE, LUPE_ON_WHATSAPP = '525512345678', '5215512345678'
BRUNO, BRUNO_WITHOUT_NINE, BRUNOS_NEIGHBOUR = '5511987654321', '551187654321', '551134567890'
CARLA, CARLA_WITHOUT_NINE, CARLA_WITH_FIFTEEN = '5491123456789', '541123456789', '54111523456789'


class VariantsCase(WhatsappCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lupe, cls.bruno = cls.env['res.partner'].create([
            {'name': 'Lupe Ramos', 'phone': '+52 55 1234 5678'}, {'name': 'Bruno Lima', 'phone': '+55 11 98765-4321'}])

    def write_from(self, sender, text='Hello', name='Lupe Ramos', **options):
        """Somebody writes, a moment ago.

        :return: the identities the account knows
        """
        now = int(fields.Datetime.now().timestamp())
        self.receive(inbound_payload(text, sender, name, f'wamid.{text}.{sender}', now, **options))
        return self.env['fluxforce.whatsapp.identity'].search([('account_id', '=', self.account.id)])

    def alerts(self):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_people')])


@tagged('post_install', '-at_install')
class TestVariants(VariantsCase):
    """One person's number in the spellings that WhatsApp and people use."""

    def test_three_spellings_and_an_id_are_one_person(self):
        self.write_from(CARLA, 'one', 'Carla')
        self.write_from(CARLA_WITHOUT_NINE, 'two', 'Carla')
        self.write_from(CARLA_WITH_FIFTEEN, 'three', 'Carla', user_id='AR.1')
        people = self.write_from(None, 'four', 'Carla', user_id='AR.1')

        self.assertEqual(len(people), 1)
        received = self.env['fluxforce.whatsapp.inbound'].search([('partner_id', '=', people.partner_id.id)])
        self.assertEqual(len(received), 4)

    def test_spellings_that_come_in_one_batch_are_one_person(self):
        now = int(fields.Datetime.now().timestamp())
        self.receive(*[inbound_payload('Hello', sender, 'Lupe Ramos', f'wamid.{sender}', now)
                       for sender in (LUPE, LUPE_ON_WHATSAPP)])

        self.assertEqual(self.env['fluxforce.whatsapp.identity'].search([]).partner_id, self.lupe)

    def test_the_number_is_kept_as_whatsapp_tells_it(self):
        self.assertEqual(self.write_from(LUPE_ON_WHATSAPP).wa_id, LUPE_ON_WHATSAPP)

    def test_the_contact_is_found_by_another_spelling(self):
        self.assertEqual(self.write_from(LUPE_ON_WHATSAPP).partner_id, self.lupe)
        self.assertEqual(self.write_from(BRUNO_WITHOUT_NINE).filtered(
            lambda person: person.wa_id == BRUNO_WITHOUT_NINE).partner_id, self.bruno)

    def test_a_land_line_is_somebody_else(self):
        self.env['res.partner'].create({'name': 'Bakery', 'phone': '+55 11 93456-7890'})

        self.assertEqual(self.write_from(BRUNOS_NEIGHBOUR, name='Notary').partner_id.name, 'Notary')

    def test_whom_we_wrote_to_is_found_by_another_spelling(self):
        twin = self.env['res.partner'].create({'name': 'Lupe at Work', 'phone': '+52 55 1234 5678'})
        message = self.queue_agreed(twin)
        message.wa_id = LUPE

        self.assertEqual(self.write_from(LUPE_ON_WHATSAPP).partner_id, twin)

    def test_a_contact_made_from_whatsapps_spelling_can_be_answered(self):
        self.account.create_contacts = True

        newcomer = self.write_from('5218187654321', name='Memo').partner_id

        self.assertEqual(newcomer.phone_sanitized, '+528187654321')

    def test_consent_given_for_one_spelling_counts_for_the_other(self):
        self.give_consent(self.env['res.partner'].browse([False]), phone=f'+{LUPE_ON_WHATSAPP}')

        self.assertEqual(self.lupe.whatsapp_consent_utility, 'given')
        self.assertEqual(self.queue(self.lupe).state, 'queued')

    def test_consent_kept_in_whatsapps_spelling_counts(self):
        consent = self.give_consent(self.env['res.partner'].browse([False]), phone=f'+{LUPE}')
        self.env.flush_all()
        self.env.cr.execute('UPDATE fluxforce_whatsapp_consent SET phone = %s WHERE id = %s',
                            [f'+{LUPE_ON_WHATSAPP}', consent.id])
        self.env.invalidate_all()

        self.assertEqual(self.queue(self.lupe).state, 'queued')

    def test_a_stop_under_one_spelling_counts_for_the_other(self):
        self.give_consent(self.lupe)

        self.withdraw_consent(self.env['res.partner'].browse([False]), phone=f'+{LUPE_ON_WHATSAPP}')

        self.assertEqual((self.lupe.whatsapp_consent_utility, self.queue(self.lupe).reason),
                         ('withdrawn', 'consent_withdrawn'))

    def test_the_window_is_open_whatever_the_spelling(self):
        self.write_from(LUPE_ON_WHATSAPP)

        pairs = self.env['fluxforce.whatsapp.pair']._of([self.number.id], [f'+{LUPE}'])

        self.assertTrue(pairs[self.number.id, f'+{LUPE}'].window_open(fields.Datetime.now()))

    def test_what_is_known_under_two_spellings_holds_for_both(self):
        pair = self.env['fluxforce.whatsapp.pair']
        until = fields.Datetime.add(fields.Datetime.now(), hours=3)
        pair._block([(self.number.id, f'+{LUPE}', until)])
        pair._hold_marketing([(self.number.id, f'+{LUPE_ON_WHATSAPP}', until)])

        row = pair._of([self.number.id], [f'+{LUPE}'])[self.number.id, f'+{LUPE}']

        self.assertEqual((row.person, row.blocked_until, row.marketing_from), (f'+{LUPE}', until, until))

    def test_a_window_is_opened_once_for_all_spellings(self):
        self.write_from(LUPE, 'one')
        self.write_from(LUPE_ON_WHATSAPP, 'two')

        self.assertEqual(self.env['fluxforce.whatsapp.pair'].search_count(
            [('person', 'in', (f'+{LUPE}', f'+{LUPE_ON_WHATSAPP}'))]), 1)

    # --- Two people -------------------------------------------------------------------------------------------

    def test_two_ids_under_two_spellings_stay_two_people_and_somebody_is_asked(self):
        self.write_from(LUPE, user_id='MX.1')
        people = self.write_from(LUPE_ON_WHATSAPP, name='Somebody Else', user_id='MX.2')

        self.assertEqual(sorted(people.mapped('wa_id')), [LUPE_ON_WHATSAPP, LUPE])
        self.assertIn('Somebody Else', self.alerts().detail)

    def test_they_are_told_apart_from_then_on_without_asking_again(self):
        self.write_from(LUPE, 'one', user_id='MX.1')
        self.write_from(LUPE_ON_WHATSAPP, 'two', user_id='MX.2')
        people = self.write_from(LUPE, 'three', user_id='MX.1')

        self.assertEqual((len(people), self.alerts().count), (2, 1))

    def test_one_id_under_two_spellings_is_no_question(self):
        self.write_from(LUPE, user_id='MX.1')
        people = self.write_from(LUPE_ON_WHATSAPP, user_id='MX.1')

        self.assertEqual((people.wa_id, bool(self.alerts())), (LUPE_ON_WHATSAPP, False))

    def test_the_id_for_linked_portfolios_is_kept(self):
        payload = inbound_payload('Hello', LUPE, user_id='MX.1')
        payload['entry'][0]['changes'][0]['value']['messages'][0]['from_parent_user_id'] = 'MX.ENT.7'
        self.receive(payload)

        self.assertEqual(self.env['fluxforce.whatsapp.identity'].search([]).parent_bsuid, 'MX.ENT.7')


@tagged('post_install', '-at_install')
class TestSharedNumbers(VariantsCase):
    """Two contacts with one number, one contact with two, a number that is edited: the rules of PEOPLE.md."""

    def test_of_two_contacts_with_one_number_the_one_last_written_to_gets_the_message(self):
        office = self.env['res.partner'].create({'name': 'Costa Ltd', 'phone': '+44 7400 123001'})
        messages = self.queue_agreed(self.ana + office)
        messages.wa_id = '447400123001'

        self.assertEqual(self.write_from('447400123001').partner_id, office)

    def test_of_two_contacts_nobody_wrote_to_the_older_one_gets_the_message(self):
        self.env['res.partner'].create({'name': 'Costa Ltd', 'phone': '+44 7400 123001'})

        self.assertEqual(self.write_from('447400123001').partner_id, self.ana)

    def test_a_consent_for_the_number_counts_for_both(self):
        office = self.env['res.partner'].create({'name': 'Costa Ltd', 'phone': '+44 7400 123001'})
        self.give_consent(self.ana)

        self.assertEqual(office.whatsapp_consent_utility, 'given')

    def test_a_withdrawal_of_one_counts_for_both(self):
        office = self.env['res.partner'].create({'name': 'Costa Ltd', 'phone': '+44 7400 123001'})
        self.give_consent(self.ana + office)
        self.withdraw_consent(office)

        self.assertEqual(self.ana.whatsapp_consent_utility, 'withdrawn')

    def test_one_contact_may_write_from_two_numbers(self):
        self.write_from('447400123001', 'one')
        second = self.write_from('447400123009', 'two').filtered(lambda person: person.wa_id == '447400123009')
        second.partner_id = self.ana

        people = self.write_from('447400123009', 'three')

        self.assertEqual((len(people), people.partner_id), (2, self.ana))

    def test_each_number_of_a_contact_has_its_own_consent(self):
        self.give_consent(self.ana)
        self.give_consent(self.ana, 'marketing', phone='+44 7400 123009')

        states = self.env['fluxforce.whatsapp.consent']._current_states(
            self.company, [(self.ana.id, '+447400123001'), (self.ana.id, '+447400123009')])

        self.assertEqual([(state['utility'], state['marketing']) for state in (
            states[self.ana.id, '+447400123001'], states[self.ana.id, '+447400123009'])],
            [('given', 'none'), ('none', 'given')])


@tagged('post_install', '-at_install')
class TestTypedNumber(WhatsappCommon, TransactionCase):
    """What is said about numbers that cannot be right."""

    def assertHint(self, typed, hint):
        with self.assertRaisesRegex(ValidationError, hint):
            self.give_consent(self.env['res.partner'].browse([False]), phone=typed)

    def test_each_problem_has_its_hint(self):
        self.company.country_id = self.env.ref('base.uk')
        for typed, hint in (
            ('07400 123001 / 07400 123002', 'two numbers'), ('call me', 'letters'),
            ('+44 20 7946 0018 ext. 12', 'extension'), ('07400', 'digits are missing'),
            ('07400 123001 999', 'too many digits'), ('+44 7700 900123', 'no such number'),
        ):
            with self.subTest(typed=typed):
                self.assertHint(typed, f'Phone: .*{hint}')

    def test_without_a_country_it_asks_for_one(self):
        self.company.country_id = False

        self.assertHint('07400 123001', 'country is missing')

    def test_the_composer_tells_it(self):
        self.ben.phone = '+44 7400 123002 / +44 7400 123009'
        self.give_consent(self.ben)

        message = self.queue(self.ben)

        self.assertEqual(message.reason, 'invalid_phone')
        self.assertIn('two numbers', message.explanation)

    def test_the_contacts_country_decides(self):
        self.phoneless.write({'country_id': self.env.ref('base.it').id, 'phone': '06 12345678'})

        self.assertEqual(self.phoneless._whatsapp_recipients()[self.phoneless.id].phone, '+390612345678')

    def test_the_contact_says_what_is_wrong_while_it_is_typed(self):
        with Form(self.env['res.partner'].with_user(self.salesperson)) as form:
            form.name = 'Nora'
            form.phone = '+44 7400 123001 / +44 7400 123002'
            self.assertIn('two numbers', form.whatsapp_phone_hint)
            form.phone = '+44 7400 123001'
            self.assertFalse(form.whatsapp_phone_hint)
