import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload, message_payload

ANA = '447400123001'


@tagged('post_install', '-at_install')
class TestReassign(WhatsappCommon, TransactionCase):
    """Somebody's messages stood with the wrong contact: an administrator gives them to the right one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anas_sister = cls.env['res.partner'].create({'name': 'Ada Costa'})

    def setUp(self):
        super().setUp()
        self.receive(inbound_payload('Hello', ANA), message_payload(
            'image', {'id': 'media.1', 'mime_type': 'image/jpeg', 'caption': 'Look'}, wamid='wamid.INBOUND2'))
        self.person = self.env['fluxforce.whatsapp.identity'].search([('wa_id', '=', ANA)])

    def give_to(self, partner, user=None):
        person = self.person.with_user(user or self.whatsapp_admin)
        action = person.action_another_contact()
        wizard = self.env[action['res_model']].with_user(user or self.whatsapp_admin).with_context(
            **action['context']).create({'partner_id': partner.id})
        result = wizard.action_confirm()
        self.env.invalidate_all()
        return result

    def words(self, partner):
        return [message.body.striptags().strip() for message in self.chatter(partner)]

    def test_what_was_written_moves_to_the_right_contact(self):
        self.give_to(self.anas_sister)

        self.assertEqual((self.words(self.ana), len(self.words(self.anas_sister))), ([], 2))
        self.assertEqual(self.chatter(self.anas_sister).author_id, self.anas_sister)
        self.assertEqual(self.inbound().partner_id, self.anas_sister)

    def test_what_is_written_from_now_on_goes_there(self):
        self.give_to(self.anas_sister)

        self.receive(inbound_payload('One more thing', ANA, wamid='wamid.INBOUND3'))

        self.assertIn('One more thing', self.words(self.anas_sister)[-1])

    def test_a_message_about_a_document_stays_there_with_the_right_author(self):
        place = self.env['res.partner'].create({'name': 'A document'})
        message = self.inbound()
        message.mail_message_id.write({'res_id': place.id, 'model': 'res.partner'})
        message.write({'res_model': 'res.company', 'res_id': self.company.id})

        self.give_to(self.anas_sister)

        self.assertEqual((message.res_model, message.mail_message_id.author_id), ('res.company', self.anas_sister))

    def test_a_person_without_contact_gets_one(self):
        self.account.create_contacts = False
        self.receive(inbound_payload('Who am I?', '447400123777', 'Stranger', 'wamid.INBOUND4'))
        self.person = self.env['fluxforce.whatsapp.identity'].search([('wa_id', '=', '447400123777')])

        self.give_to(self.anas_sister)

        self.assertIn('Who am I?', self.words(self.anas_sister)[-1])

    def test_consents_stay_with_the_number_they_were_recorded_for(self):
        consent = self.give_consent(self.ana, source='message')

        self.give_to(self.anas_sister)

        self.assertEqual((consent.partner_id, consent.phone), (self.ana, f'+{ANA}'))
        self.assertEqual(self.env['fluxforce.whatsapp.consent']._current_states(
            self.company, [(self.anas_sister.id, f'+{ANA}')])[self.anas_sister.id, f'+{ANA}']['utility'], 'given')

    def test_both_contacts_say_so(self):
        self.give_to(self.anas_sister)

        for partner in self.ana + self.anas_sister:
            self.assertIn('is now with Ada Costa', ' '.join(partner.message_ids.mapped('body')))

    def test_a_reaction_moves_along(self):
        sent = self.queue_agreed(self.ben)
        sent.wamid = 'wamid.SENT'
        self.receive(message_payload('reaction', {'message_id': 'wamid.SENT', 'emoji': '👍'}, wamid='wamid.R1'))

        self.give_to(self.anas_sister)

        self.assertEqual(sent.mail_message_id.reaction_ids.partner_id, self.anas_sister)

    def test_the_contact_that_has_them_already_is_refused(self):
        with self.assertRaisesRegex(UserError, 'is the contact of this person already'):
            self.give_to(self.ana)

    def test_a_salesperson_moves_nothing(self):
        with self.assertRaises(AccessError):
            self.give_to(self.anas_sister, self.salesperson)

    def test_the_person_shows_changes_of_number_and_messages(self):
        self.receive(message_payload('system', {'type': 'user_changed_number', 'wa_id': '447400123099'}, sender=ANA,
                                     wamid='wamid.CHANGE'))
        person = self.person.with_user(self.salesperson)

        with Form(person) as form:
            self.assertEqual(form.inbound_count, len(self.env['fluxforce.whatsapp.inbound'].search([])))
        self.assertEqual(person.renewal_ids.old_wa_id, ANA)

    def test_its_buttons_open_what_was_received_and_sent(self):
        self.queue_agreed(self.ana)

        received, sent = self.person.action_open_received(), self.person.action_open_sent()

        self.assertTrue(self.env['fluxforce.whatsapp.inbound'].search(received['domain']))
        self.assertEqual(self.env['fluxforce.whatsapp.message'].search(json.loads(json.dumps(
            sent['domain']))).partner_id, self.ana)
