import base64
import re
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload, message_payload, together
from .fake_meta import template_row

WORDING = 'Send us this text to get offers from Simulated Bicycles on WhatsApp. You can stop them at any time.'


class OptInCommon(WhatsappCommon):
    """Opt-in links, and a template that asks for confirmation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        buttons = {'type': 'BUTTONS', 'buttons': [
            {'type': 'QUICK_REPLY', 'text': 'Yes, please'}, {'type': 'QUICK_REPLY', 'text': 'No'}]}
        cls.env['fluxforce.whatsapp.template']._sync(cls.account, [*cls.meta.templates, template_row(
            '9100', 'confirm_opt_in', 'Hi {{1}}, may we send you offers?', samples=('Mira',), more=(buttons,))])
        cls.asking_template = cls.env['fluxforce.whatsapp.template'].search([('name', '=', 'confirm_opt_in')])
        cls._map(cls.asking_template, {'body:1': 'name'})
        cls.link = cls.env['fluxforce.whatsapp.opt_in'].with_user(cls.whatsapp_admin).create({
            'name': 'Poster', 'number_id': cls.number.id, 'wording': WORDING,
            'message': 'Hello, send me your offers on WhatsApp.', 'language': 'en_US'}).sudo()

    def state_of(self, partner, purpose='marketing'):
        person = (partner.id, partner.phone_sanitized)
        return self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])[person][purpose]

    def ledger(self, partner=None):
        """:return: what is recorded of a contact, oldest first."""
        return self.env['fluxforce.whatsapp.consent'].search(
            [('partner_id', '=', (partner or self.ana).id)], order='id')

    def now(self):
        return int(fields.Datetime.now().timestamp())

    def say(self, text, wamid='wamid.INBOUND1', **options):
        """Ana writes."""
        self.receive(inbound_payload(text, wamid=wamid, timestamp=self.now(), **options))

    def asking(self, partner=None):
        """:return: the messages that ask a contact to confirm."""
        return self.env['fluxforce.whatsapp.message'].search(
            [('confirm_label', '!=', False), ('partner_id', '=', (partner or self.ana).id)], order='id')

    def tap(self, text='Yes, please', question=None, wamid='wamid.TAP1', **options):
        """Ana taps a button of the message that asks."""
        return message_payload(
            'button', {'text': text, 'payload': text}, wamid=wamid, timestamp=self.now(),
            context={'id': (question or self.asking()[-1:]).wamid, 'from': '34910000111'}, **options)


@tagged('post_install', '-at_install')
class TestOptInLink(OptInCommon, TransactionCase):
    """A link with a text that is ready to send: who sends it has agreed."""

    # --- The link --------------------------------------------------------------------------------------------

    def test_the_link_opens_a_conversation_with_the_text(self):
        link = urlsplit(self.link.link)

        self.assertEqual((link.scheme, link.netloc), ('https', 'wa.me'))
        self.assertEqual(link.path.lstrip('/'), ''.join(filter(str.isdigit, self.number.display_phone_number)))
        self.assertEqual(parse_qs(link.query), {'text': [self.link.text]})
        self.assertIn(self.link.code, self.link.text)

    def test_the_qr_code_is_a_picture(self):
        data = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)"', self.link.qr_code)[1]

        picture = etree.fromstring(base64.b64decode(data))
        self.assertTrue(picture.tag.endswith('svg'))
        self.assertGreater(len(picture.findall('.//{*}rect')), 100)

    def test_each_link_has_a_code_of_its_own(self):
        copy = self.link.copy()

        self.assertNotEqual(copy.code, self.link.code)

    def test_the_version_goes_up_with_the_wording(self):
        self.link.write({'wording': 'Other words.', 'name': 'Poster 2'})
        self.link.write({'wording': 'Other words.'})
        self.link.name = 'Poster 3'

        self.assertEqual(self.link.wording_version, 2)

    def test_what_people_have_agreed_to_is_not_changed(self):
        self.say(self.link.text)
        for name, value in (('wording', 'Other words.'), ('language', 'es_ES'), ('for_utility', True),
                            ('for_marketing', False), ('only_number', True)):
            with self.subTest(field=name), self.assertRaisesRegex(UserError, 'Duplicate'):
                self.link.write({name: value, 'for_authentication': False})

    def test_what_nobody_has_agreed_to_may_still_be_changed(self):
        self.say(self.link.text)

        self.link.write({'name': 'Poster by the door', 'wording': self.link.wording, 'active': False})
        copy = self.link.copy({'wording': 'Other words.'})
        copy.language = 'es_ES'

        self.assertEqual((self.link.in_use, copy.in_use, copy.wording_version), (True, False, 2))

    def test_the_number_of_a_consent_for_one_number_is_not_changed(self):
        self.link.only_number = True
        self.say(self.link.text)

        with self.assertRaisesRegex(UserError, 'Duplicate'):
            self.link.number_id = self.number_2

    def test_the_form_does_not_let_change_what_people_have_agreed_to(self):
        self.say(self.link.text)

        with Form(self.link.with_user(self.whatsapp_admin)) as form, self.assertRaisesRegex(AssertionError, 'readonly'):
            form.wording = 'Other words.'

    def test_it_is_about_something(self):
        with self.assertRaisesRegex(ValidationError, 'at least one'):
            self.link.for_marketing = False

    def test_a_salesperson_sees_it_but_does_not_change_it(self):
        link = self.link.with_user(self.salesperson)

        self.assertTrue(link.read(['link', 'wording', 'people_count']))
        with self.assertRaises(AccessError):
            link.wording = 'Something else'

    def test_another_company_does_not_see_it(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.whatsapp_admin.company_ids |= other
        links = self.env['fluxforce.whatsapp.opt_in'].with_user(self.whatsapp_admin)

        self.assertFalse(links.with_context(allowed_company_ids=other.ids).search([]))

    def test_an_administrator_makes_one_in_the_form(self):
        with Form(self.env['fluxforce.whatsapp.opt_in'].with_user(self.whatsapp_admin)) as form:
            form.name = 'Till receipt'
            form.wording = WORDING

        self.assertEqual(form.record.number_id, self.number)
        self.assertTrue(form.record.link)

    # --- Who comes -------------------------------------------------------------------------------------------

    def test_who_sends_the_text_has_agreed_in_these_words(self):
        self.say(self.link.text)

        entry = self.ledger()
        self.assertEqual(
            (entry.purpose, entry.decision, entry.source, entry.wording, entry.wording_version, entry.language,
             entry.evidence_ref, entry.opt_in_id, entry.phone),
            ('marketing', 'given', 'message', WORDING, '1', 'en_US', 'wamid.INBOUND1', self.link, '+447400123001'))
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_small_changes_do_not_matter(self):
        self.say(f'hi! send me your offers {self.link.code.lower()} thanks 👋')

        self.assertEqual(self.state_of(self.ana), 'given')

    def test_who_says_the_opposite_has_not_agreed(self):
        self.say(f'Hello, do not send me your offers on WhatsApp. ({self.link.code})')

        self.assertFalse(self.ledger())

    def test_who_turns_the_text_into_a_stop_has_not_agreed_and_somebody_decides(self):
        self.link.message = 'Hello, please send me your news on WhatsApp'
        for index, text in enumerate((
                'Hello, please take me off your news on WhatsApp', 'Leave me alone', 'quero me descadastrar por favor',
                'Hello, please remove me from your news on WhatsApp')):
            with self.subTest(text=text):
                self.say(f'{text} ({self.link.code})', wamid=f'wamid.OFF{index}')

                self.assertEqual(self.state_of(self.ana), 'none')
                self.assertEqual(self.inbound(f'wamid.OFF{index}').stop_question, 'open')

    def test_a_stop_word_beside_the_code_is_a_stop(self):
        for index, text in enumerate(('STOP (%s)', '%s remove me', 'Baja, por favor (%s)', 'S.T.O.P. %s')):
            with self.subTest(text=text):
                self.give_consent(self.ana, 'marketing')
                self.say(text % self.link.code.lower(), wamid=f'wamid.STOP{index}')

                self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_a_stop_word_beside_the_code_of_an_archived_link_is_a_stop(self):
        self.give_consent(self.ana, 'marketing')
        self.link.active = False

        self.say(f'STOP ({self.link.code})')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_a_no_is_none_although_the_text_of_the_link_says_no_itself(self):
        self.link.message = 'Send me your news, no spam'

        self.say(f'No ({self.link.code})', wamid='wamid.NO')
        self.assertFalse(self.ledger())
        self.say(self.link.text)
        self.assertEqual(self.state_of(self.ana), 'given')

    def test_a_text_that_sounds_like_a_stop_is_no_text_to_agree_with(self):
        with self.assertRaisesRegex(ValidationError, 'Text to Send'):
            self.link.message = 'Stop sending me letters, write to me here'

    def test_without_the_code_nothing_is_recorded(self):
        self.say('Hello, send me your offers on WhatsApp.')

        self.assertFalse(self.ledger())

    def test_each_purpose_of_the_link_is_recorded(self):
        self.link.for_utility = True

        self.say(self.link.text)

        self.assertEqual(set(self.ledger().mapped('purpose')), {'marketing', 'utility'})

    def test_a_stranger_becomes_a_contact_who_has_agreed(self):
        self.say(self.link.text, sender='447400123077', name='Zoe Newman')

        zoe = self.inbound().partner_id
        self.assertEqual((zoe.name, self.state_of(zoe)), ('Zoe Newman', 'given'))

    def test_without_contact_it_is_recorded_for_the_number(self):
        self.account.create_contacts = False

        self.say(self.link.text, sender='447400123077')

        entry = self.env['fluxforce.whatsapp.consent'].search([('phone', '=', '+447400123077')])
        self.assertEqual((entry.decision, entry.partner_id), ('given', self.env['res.partner']))

    def test_sending_it_twice_records_it_once(self):
        self.say(self.link.text)
        self.say(self.link.text, wamid='wamid.INBOUND2')
        self.receive(together(*[inbound_payload(self.link.text, sender='447400123002', wamid=f'wamid.B{index}',
                                                timestamp=self.now()) for index in range(2)]))

        self.assertEqual((len(self.ledger()), len(self.ledger(self.ben))), (1, 1))

    def test_a_webhook_that_comes_twice_records_it_once(self):
        payload = inbound_payload(self.link.text, timestamp=self.now())
        self.receive(payload)
        self.withdraw_consent(self.ana, 'marketing')
        self.receive(payload)

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_who_has_withdrawn_starts_again_with_the_text(self):
        self.withdraw_consent(self.ana, 'marketing')

        self.say(self.link.text)

        self.assertEqual(self.state_of(self.ana), 'given')

    def test_a_link_for_one_number_is_a_consent_for_it_only(self):
        self.link.only_number = True

        self.say(self.link.text)

        self.assertEqual(self.ledger().number_id, self.number)

    def test_an_archived_link_records_nothing(self):
        self.link.active = False

        self.say(self.link.text)

        self.assertFalse(self.ledger())

    def test_who_writes_it_in_a_group_has_not_agreed(self):
        self.receive(message_payload('text', {'body': self.link.text}, timestamp=self.now(), group_id='group-1'))

        self.assertFalse(self.ledger())

    def test_it_counts_the_people(self):
        self.say(self.link.text)
        self.say(self.link.text, sender='447400123002', wamid='wamid.INBOUND2')
        self.env.invalidate_all()

        self.assertEqual(self.link.with_user(self.salesperson).people_count, 2)


@tagged('post_install', '-at_install')
class TestDoubleOptIn(OptInCommon, TransactionCase):
    """A template asks, and the tap on its button is the consent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link.write({'confirm': True, 'template_id': cls.asking_template.id})
        cls.company.whatsapp_confirm_template_id = cls.asking_template

    def ask(self, partner=None, purpose='marketing', **values):
        """Record on the contact that the person is to be asked."""
        return self._record_consent(partner or self.ana, purpose, 'given', None, {'decision': 'asked', **values})

    # --- Asking ----------------------------------------------------------------------------------------------

    def test_who_comes_by_the_link_is_asked(self):
        self.say(self.link.text)
        self.run_sender()

        self.assertEqual(self.state_of(self.ana), 'pending')
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'pending')
        self.assertEqual([send['template']['name'] for send in self.meta.sends], ['confirm_opt_in'])

    def test_waiting_for_the_answer_is_no_permission(self):
        self.say(self.link.text)

        self.assertEqual(self.queue(self.ana, self.marketing_template).state, 'refused')

    def test_several_purposes_are_one_question(self):
        self.link.for_utility = True

        self.say(self.link.text)

        self.assertEqual(len(self.asking()), 1)

    def test_nobody_is_asked_twice_within_thirty_days(self):
        self.ask()
        self.run_sender()
        self.ask(purpose='utility')

        self.assertEqual(self.asking().mapped('state'), ['accepted', 'refused'])

    def test_after_thirty_days_one_may_ask_again(self):
        self.ask()
        self.run_sender()
        self.let_pass(self.asking(), days=31)
        self.ask(purpose='utility')

        self.assertEqual(self.asking().mapped('state'), ['accepted', 'queued'])

    def test_two_questions_that_wait_do_not_keep_each_other_waiting(self):
        self.ask()
        copy = self.asking().copy({'key': 'second'})

        self.run_sender()

        self.assertEqual((self.asking()[0].state, copy.state), ('accepted', 'refused'))

    def test_who_is_already_sure_is_not_asked(self):
        self.give_consent(self.ana, 'marketing')

        self.say(self.link.text)

        self.assertFalse(self.asking())

    def test_who_withdraws_before_the_question_goes_is_not_asked(self):
        self.ask()
        self.withdraw_consent(self.ana, 'marketing')

        self.run_sender()

        self.assertFalse(self.meta.sends)

    def test_who_has_withdrawn_is_not_asked_because_an_employee_says_so(self):
        self.withdraw_consent(self.ana, 'marketing')
        self.ask()
        self.run_sender()

        self.assertEqual((self.state_of(self.ana), self.asking().state), ('withdrawn', 'refused'))
        self.assertFalse(self.meta.sends)

    def test_who_has_withdrawn_and_wants_to_start_again_is_asked(self):
        self.withdraw_consent(self.ana, 'marketing')

        self.say(self.link.text)
        self.run_sender()
        self.assertEqual((self.state_of(self.ana), len(self.meta.sends)), ('pending', 1))
        self.receive(self.tap())

        self.assertEqual(self.state_of(self.ana), 'given')

    def test_who_has_withdrawn_offers_is_not_asked_about_updates_with_an_offer(self):
        self.asking_template.category = 'MARKETING'
        self.withdraw_consent(self.ana, 'marketing')
        self.ask(purpose='utility')

        self.assertEqual((self.asking().state, self.asking().reason), ('refused', 'consent_withdrawn'))

    def test_an_employee_asks_in_the_form(self):
        with Form(self.env['fluxforce.whatsapp.consent'].with_user(self.salesperson)) as form:
            form.partner_id = self.ana
            form.purpose = 'marketing'
            form.decision = 'asked'
            form.source = 'call'
            form.wording = 'May we send you offers?'

        self.assertEqual(self.asking().state, 'queued')

    def test_without_a_template_nobody_can_be_asked(self):
        self.company.whatsapp_confirm_template_id = False

        with self.assertRaisesRegex(UserError, 'Settings > WhatsApp'):
            self.ask()

    def test_a_number_without_contact_cannot_be_asked(self):
        with self.assertRaisesRegex(UserError, 'Only a contact'):
            self.ask(self.env['res.partner'].browse([False]), phone='+447400123009')

    def test_the_template_that_asks_has_a_button(self):
        for template in (self.plain_template, self.env['fluxforce.whatsapp.template']):
            with self.subTest(template=template.name), self.assertRaisesRegex(ValidationError, 'Template That Asks'):
                self.link.template_id = template
        with self.assertRaisesRegex(ValidationError, 'no quick-reply button'):
            self.company.whatsapp_confirm_template_id = self.plain_template

    def test_an_ordinary_message_is_not_taken_for_the_question(self):
        self.ask()

        message = self.queue(self.ana, self.asking_template)

        self.assertEqual((message.state, message.confirm_label), ('refused', False))

    # --- Answering -------------------------------------------------------------------------------------------

    def asked(self):
        """Ana came by the link and has the question."""
        self.say(self.link.text)
        self.run_sender()
        return self.asking()

    def test_a_tap_confirms_in_the_words_agreed_to(self):
        self.asked()

        self.receive(self.tap())

        entry = self.ledger()[-1]
        self.assertEqual(
            (entry.decision, entry.source, entry.wording, entry.wording_version, entry.evidence_ref, entry.opt_in_id),
            ('given', 'button', WORDING, '1', 'wamid.TAP1', self.link))
        self.assertIn('Yes, please', entry.note)
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_a_consent_for_one_number_is_asked_from_it_and_confirmed_for_it(self):
        self.link.only_number = True
        question = self.asked()

        self.receive(self.tap())

        self.assertEqual((question.state, question.number_id), ('accepted', self.number))
        self.assertEqual((self.ledger()[-1].decision, self.ledger()[-1].number_id), ('given', self.number))

    def test_a_second_tap_changes_nothing(self):
        self.asked()

        self.receive(together(self.tap(), self.tap(wamid='wamid.TAP2')))
        self.receive(self.tap(wamid='wamid.TAP3'))

        self.assertEqual(self.ledger().mapped('decision'), ['asked', 'given'])

    def test_a_tap_after_a_withdrawal_does_not_bring_it_back(self):
        self.asked()
        self.receive(self.tap())
        self.withdraw_consent(self.ana, 'marketing')

        self.receive(self.tap(wamid='wamid.TAP2'))

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_every_purpose_that_waits_is_confirmed(self):
        self.link.for_utility = True
        self.asked()

        self.receive(self.tap())

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ana, 'utility')), ('given', 'given'))

    def test_the_exact_words_of_the_button_confirm(self):
        self.asked()

        self.say('yes please!', wamid='wamid.WORDS')

        self.assertEqual(self.state_of(self.ana), 'given')

    def test_other_words_do_not_confirm(self):
        self.asked()

        for index, words in enumerate(('No', 'Yes', 'Yes, please call me', 'Maybe')):
            self.say(words, wamid=f'wamid.WORDS{index}')

        self.assertEqual(self.state_of(self.ana), 'pending')

    def test_the_other_button_does_not_confirm(self):
        self.asked()

        self.receive(self.tap('No'))

        self.assertEqual(self.state_of(self.ana), 'pending')

    def test_the_same_words_as_an_answer_to_something_else_do_not_confirm(self):
        question = self.asked()
        self.give_consent(self.ana)
        later = self.queue(self.ana, self.plain_template)
        self.let_pass(question, minutes=5)
        self.run_sender()
        self.assertEqual(later.state, 'accepted')

        self.say('Yes, please', wamid='wamid.WORDS')
        self.receive(self.tap(question=later))
        self.assertEqual(self.state_of(self.ana), 'pending')

        self.receive(self.tap(question=question, wamid='wamid.TAP2'))
        self.assertEqual(self.state_of(self.ana), 'given')

    def test_nobody_confirms_for_somebody_else(self):
        self.asked()

        self.receive(self.tap(sender='447400123002', name='Ben Okafor'))

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ben)), ('pending', 'none'))

    def test_a_tap_confirms_only_what_was_asked(self):
        question = self.asked()
        self.ask(purpose='utility')  # its own question is refused: one was asked lately
        self.assertEqual(self.asking().mapped('state'), ['accepted', 'refused'])

        self.receive(self.tap(question=question))

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ana, 'utility')), ('given', 'pending'))

    def test_a_tap_confirms_in_the_words_of_its_own_question(self):
        question = self.asked()
        self.ask(wording='May we send you the offers of our friends?')

        self.receive(self.tap(question=question))

        self.assertEqual((self.ledger()[-1].decision, self.ledger()[-1].wording), ('given', WORDING))

    def test_a_question_sent_again_asks_for_the_same(self):
        self.ask()
        self.asking().write({'state': 'failed'})
        self.asking().action_send_again()
        self.run_sender()

        self.receive(self.tap())

        self.assertEqual((len(self.asking()), self.state_of(self.ana)), (2, 'given'))

    def test_a_tap_does_not_lift_a_withdrawal_since_the_question(self):
        question = self.asked()
        self.withdraw_consent(self.ana, 'marketing')
        self.say(self.link.text, wamid='wamid.AGAIN')  # waits for a question of its own

        self.receive(self.tap(question=question))

        self.assertEqual(self.state_of(self.ana), 'pending')

    def test_who_has_neither_contact_nor_number_answers_nobodys_question(self):
        question = self.asked()
        question.wa_id = False
        self.account.create_contacts = False
        self.receive(together(
            inbound_payload('Hello', wamid='wamid.ANA', timestamp=self.now()),
            inbound_payload('Yes, please', sender=None, user_id='GB.555', wamid='wamid.GHOST', timestamp=self.now())))

        self.assertEqual(self.state_of(self.ana), 'pending')

    def test_a_name_with_tags_stays_text(self):
        self.ana.name = '<script>alert(1)</script>'

        self.asked()

        self.assertNotIn('<script>', self.chatter(self.ana)[0].body)
