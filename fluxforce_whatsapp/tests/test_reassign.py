import json
import time
from datetime import timedelta

from odoo import fields
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

    # --- A stop follows the person ---------------------------------------------------------------------------

    def hidden(self, *words, create_contacts=True):
        """Somebody who hides the number writes, an hour ago and later."""
        self.account.create_contacts = create_contacts
        now = int(time.time())
        self.receive(*[inbound_payload(text, None, 'Anita', f'wamid.H{n}', now - 3600 + n * 60, user_id='GB.7')
                       for n, text in enumerate(words)])
        self.person = self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', 'GB.7')])

    def offer(self, **values):
        """Ana agreed to offers, and one waits for her."""
        self.give_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=2), **values)
        return self.queue(self.ana, self.marketing_template)

    def test_a_stop_follows_the_person_to_the_right_contact(self):
        offer = self.offer()
        self.hidden('stop')

        self.give_to(self.ana)

        self.assertEqual((self.ana.whatsapp_consent_marketing, offer.state), ('withdrawn', 'cancelled'))
        stop = self.env['fluxforce.whatsapp.consent'].search(
            [('partner_id', '=', self.ana.id), ('decision', '=', 'withdrawn')])
        self.assertEqual((stop.source, stop.wording, stop.given_at),
                         ('keyword', 'stop', self.inbound('wamid.H0').sent_at))

    def test_a_stop_of_somebody_who_was_no_contact_counts_once_they_are_one(self):
        self.offer()
        self.hidden('stop', create_contacts=False)
        wizard = self.env['fluxforce.whatsapp.assign'].with_user(self.whatsapp_admin).create(
            {'inbound_ids': self.inbound('wamid.H0').ids, 'partner_id': self.ana.id})

        wizard.action_confirm()
        self.env.invalidate_all()

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

    def test_a_stop_of_somebody_who_was_no_contact_counts_once_they_show_their_number(self):
        self.offer()
        self.hidden('stop', create_contacts=False)

        self.receive(inbound_payload('Hello', ANA, 'Ana Costa', 'wamid.SHOWN', int(time.time()), user_id='GB.7'))

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

    def test_their_later_start_follows_them_too(self):
        self.offer()
        self.hidden('stop', 'start')

        self.give_to(self.ana)

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_a_stop_after_the_start_is_the_last_word(self):
        self.offer()
        self.hidden('start', 'stop')

        self.give_to(self.ana)

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

    def test_a_consent_given_after_the_stop_is_the_last_word(self):
        self.hidden('stop')
        self.give_consent(self.ana, 'marketing')

        self.give_to(self.ana)

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_a_consent_does_not_follow_the_person(self):
        self.hidden('Hello')
        self.give_consent(self.person.partner_id, 'marketing')

        self.give_to(self.ana)

        self.assertFalse(self.ana.whatsapp_consent_marketing)

    def test_a_stop_that_somebody_recognised_follows_the_person_and_no_start_lifts_it(self):
        self.offer()
        self.hidden('Stop sending me this please')
        self.inbound('wamid.H0').with_user(self.salesperson).action_record_stop()
        self.give_to(self.ana)
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

        self.receive(inbound_payload('start', None, 'Anita', 'wamid.H9', int(time.time()), user_id='GB.7'))

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

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
