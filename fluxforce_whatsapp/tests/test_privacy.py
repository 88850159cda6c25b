import base64
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload, message_payload

ANA = '447400123001'


class PrivacyCase(WhatsappCommon, TransactionCase):
    """Ana Costa has agreed, was written to, and has written."""

    def setUp(self):
        super().setUp()
        self.consent = self.give_consent(self.ana, 'marketing', note='Card of Ana Costa')
        self.sent = self.queue_agreed(self.ana)
        self.run_sender()
        self.receive(inbound_payload('My secret', ANA, user_id='GB.1'))
        self.received = self.inbound()
        self.person = self.received.identity_id

    def open(self, user=None):
        return self.env['fluxforce.whatsapp.personal.data'].with_user(user or self.manager()).with_context(
            active_id=self.ana.id).create({})

    def manager(self):
        """Somebody who manages WhatsApp and contacts."""
        self.whatsapp_admin.group_ids |= self.env.ref('base.group_partner_manager')
        return self.whatsapp_admin

    def erase(self, reason='Her letter of 3 May'):
        wizard = self.open()
        wizard.reason = reason
        wizard.action_erase()
        self.env.invalidate_all()

    def texts(self):
        return ' '.join(self.ana.message_ids.mapped('body'))


@tagged('post_install', '-at_install')
class TestExport(PrivacyCase):

    def export(self):
        wizard = self.open()
        wizard.action_export()
        return json.loads(base64.b64decode(wizard.file))

    def test_all_that_is_kept_is_handed_out(self):
        told = self.export()

        self.assertEqual(told['messages_received'][0]['body'], 'My secret')
        self.assertEqual(told['messages_sent'][0]['phone'], f'+{ANA}')
        person, = told['people_on_whatsapp']
        self.assertEqual((person['wa_id'], person['bsuid']), (ANA, 'GB.1'))
        self.assertIn('Card of Ana Costa', [consent['note'] for consent in told['consents']])

    def test_consents_are_handed_out_with_all_that_proves_them(self):
        file = self.env['ir.attachment'].create({'name': 'card.pdf', 'raw': b'signed'})
        self.give_consent(self.ana, 'authentication', self.env.user, language='en_GB', evidence_ref='call 7',
                          evidence_ip='203.0.113.7', attachment_ids=[fields.Command.link(file.id)])

        consent, = [one for one in self.export()['consents'] if one['purpose'] == 'authentication']

        self.assertEqual((consent['language'], consent['evidence_ref'], consent['evidence_ip'], consent['files']),
                         ('en_GB', 'call 7', '203.0.113.7', ['card.pdf']))

    def test_nobody_elses(self):
        self.queue_agreed(self.ben)
        self.receive(inbound_payload('Another secret', '447400123002', 'Ben Okafor', 'wamid.BEN'))

        self.assertNotIn('Another secret', json.dumps(self.export()))

    def test_files_are_listed(self):
        self.receive(message_payload('image', {'id': 'media.1', 'mime_type': 'image/jpeg'}, wamid='wamid.INBOUND2'))

        files = [file for message in self.export()['messages_received'] for file in message['files']]
        self.assertEqual(files, [{'name': None, 'type': 'image/jpeg', 'size': None}])

    def test_only_whatsapp_administrators_hand_it_out(self):
        for user in (self.salesperson, self.outsider):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env['fluxforce.whatsapp.privacy'].with_user(user)._export(self.ana)

    def test_the_form_says_what_is_there(self):
        with Form(self.env['fluxforce.whatsapp.personal.data'].with_user(self.manager()).with_context(
                active_id=self.ana.id)) as form:
            self.assertEqual(form.found, '1 messages received, 1 sent, 2 consents')


@tagged('post_install', '-at_install')
class TestErase(PrivacyCase):

    def test_texts_are_gone_here_and_in_the_chatter(self):
        self.erase()

        self.assertFalse(self.received.body or self.received.original or self.sent.body or self.sent.values)
        self.assertNotIn('My secret', self.texts())
        self.assertIn('deleted for data protection', self.received.text)
        self.assertIn('deleted for data protection', self.sent.text)

    def test_names_ids_and_numbers_are_gone(self):
        self.erase()

        self.assertFalse(self.person.exists())
        self.assertFalse(self.sent.phone or self.sent.wa_id or self.sent.typed_number)
        self.assertFalse(self.env['fluxforce.whatsapp.pair'].search([('person', '=', f'+{ANA}')]))
        self.assertFalse(self.notification_of(self.sent).whatsapp_number)

    def test_files_are_gone(self):
        self.receive(message_payload('image', {'id': 'media.1', 'mime_type': 'image/jpeg'}, wamid='wamid.INBOUND2'))
        media = self.inbound('wamid.INBOUND2').media_ids
        media.attachment_id = self.env['ir.attachment'].create({'name': 'Ana.jpg', 'raw': b'face'})

        self.erase()

        self.assertEqual((media.state, media.attachment_id.exists()), ('wiped', self.env['ir.attachment']))

    def test_the_journal_does_not_hold_it_either(self):
        self.erase()

        events = self.env['fluxforce.whatsapp.event'].search([])
        self.assertNotIn('My secret', ' '.join(events.mapped('body')))
        self.assertNotIn('My secret', str(events.item_ids.mapped('content')))

    def test_a_change_that_still_waits_for_its_message_stops_nobody(self):
        event = self.receive(message_payload('revoke', {'original_message_id': 'wamid.LATER'}, wamid='wamid.REVOKE'))
        self.assertEqual(event.item_ids.state, 'waiting')
        self.erase()

        self.receive(inbound_payload('Hello', sender='447400123002', wamid='wamid.BEN'))

        self.assertEqual(event.item_ids.state, 'ignored')
        self.assertTrue(self.inbound('wamid.BEN'))

    def test_proof_of_the_consent_stays_without_name_and_number(self):
        self.erase()

        self.assertFalse(self.consent.partner_id or self.consent.phone or self.consent.note)
        self.assertEqual((self.consent.purpose, self.consent.decision, self.consent.source, self.consent.wording),
                         ('marketing', 'given', 'form', 'Yes, keep me posted on WhatsApp.'))
        self.assertTrue(self.consent.erased_at)

    def test_for_whom_it_was_given_can_be_proved_with_the_number_and_the_key_only(self):
        secret = self.env['ir.config_parameter'].sudo().get_param('database.secret')
        expected = self.consent._hash_number(secret)

        self.erase()

        self.assertEqual(self.consent.number_hash, expected)
        guess = self.env['fluxforce.whatsapp.consent'].new({'phone': f'+{ANA}'})._hash_number('guess')
        self.assertNotEqual(guess, expected)

    def test_what_the_person_wrote_to_withdraw_is_gone(self):
        withdrawal = self.withdraw_consent(self.ana, source='message', wording='Ana Costa here, stop!')

        self.erase()

        self.assertNotIn('Ana Costa', withdrawal.wording)

    def state_of(self, partner, purpose='marketing'):
        person = (partner.id, partner.phone_sanitized)
        return self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])[person][purpose]

    def test_a_stop_outlives_what_was_erased(self):
        self.withdraw_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=2))
        self.erase()

        self.give_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=365))

        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_marketing), ('withdrawn', 'withdrawn'))
        twin = self.env['res.partner'].create({'name': 'From an Old List', 'phone': f'+{ANA}'})
        self.assertEqual((self.state_of(twin), self.state_of(self.ben)), ('withdrawn', 'none'))

    def test_whoever_agrees_anew_after_it_has_agreed(self):
        self.withdraw_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=2))
        self.erase()

        self.give_consent(self.ana, 'marketing')

        self.assertEqual(self.state_of(self.ana), 'given')

    def test_a_stop_recorded_without_number_outlives_it_for_the_number_of_the_contact(self):
        phone, self.ana.phone = self.ana.phone, False
        self.withdraw_consent(self.ana, 'marketing')
        self.ana.phone = phone

        self.erase()

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_an_erased_consent_counts_for_nobody(self):
        self.erase()

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_the_questions_asked_of_the_ledger_do_not_grow_with_the_people(self):
        self.withdraw_consent(self.ana, 'marketing')
        self.erase()
        ledger = self.env['fluxforce.whatsapp.consent']

        for count in (10, 300):
            with self.subTest(count=count), self.assertQueryCount(2):
                ledger._current_states(self.company, [(False, f'+44740{index:07}') for index in range(count)])

    def test_what_waits_is_not_sent(self):
        waiting = self.queue(self.ana)

        self.erase()

        self.assertEqual(waiting.state, 'cancelled')

    def test_the_contact_shows_no_consent_any_more(self):
        self.erase()

        self.assertFalse(self.ana.whatsapp_consent_marketing)

    def test_who_did_it_and_why_is_kept(self):
        self.erase()

        self.assertIn('erased by Waldo Admin', self.texts())
        self.assertIn('Her letter of 3 May', self.texts())

    def test_without_a_reason_nothing_is_erased(self):
        with self.assertRaisesRegex(UserError, 'Reason'):
            self.erase(' ')

    def test_only_whatsapp_administrators_erase(self):
        for user in (self.salesperson, self.outsider):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.ana.with_user(user)._whatsapp_erase('No reason')

    def test_a_number_somebody_else_has_as_well_stays_known_for_them(self):
        office = self.env['res.partner'].create({'name': 'Costa Ltd', 'phone': f'+{ANA}'})
        theirs = self.give_consent(office)

        self.erase()

        self.assertEqual((theirs.partner_id, theirs.phone), (office, f'+{ANA}'))
        self.assertTrue(self.env['fluxforce.whatsapp.pair'].search([('person', '=', f'+{ANA}')]))

    def test_odoos_privacy_lookup_finds_what_is_kept(self):
        """It looks for stored links to contacts that do not cascade."""
        for name in ('message', 'inbound', 'consent', 'identity'):
            with self.subTest(model=name):
                link = self.env[f'fluxforce.whatsapp.{name}']._fields['partner_id']
                self.assertTrue(link.store and link.type == 'many2one' and link.ondelete != 'cascade')

    def test_others_are_not_touched(self):
        self.receive(inbound_payload('Another text', '447400123002', 'Ben Okafor', 'wamid.BEN'))

        self.erase()

        self.assertEqual(self.inbound('wamid.BEN').body, 'Another text')

    def test_whoever_writes_again_is_known_anew(self):
        self.erase()

        self.receive(inbound_payload('Me again', ANA, wamid='wamid.AGAIN'))

        self.assertEqual(self.inbound('wamid.AGAIN').identity_id.wa_id, ANA)


@tagged('post_install', '-at_install')
class TestRetention(PrivacyCase):

    def wipe(self):
        with self.no_commit():
            self.env['fluxforce.whatsapp.wiping']._cron_wipe()
        self.env.invalidate_all()

    def later(self, **span):
        return patch.object(fields.Datetime, 'now', return_value=fields.Datetime.now() + timedelta(**span))

    def test_nothing_goes_by_itself(self):
        with self.later(days=5000):
            self.wipe()

        self.assertEqual(self.received.body, 'My secret')

    def test_texts_older_than_the_months_set_go(self):
        self.account.keep_months = 6

        with self.later(days=200):
            self.wipe()

        self.assertFalse(self.received.body or self.sent.body)
        self.assertNotIn('My secret', self.texts())

    def test_younger_ones_stay(self):
        self.account.keep_months = 6
        now = int(fields.Datetime.now().timestamp())
        self.receive(inbound_payload('A new one', ANA, wamid='wamid.NEW', timestamp=now))

        self.wipe()

        self.assertEqual(self.inbound('wamid.NEW').body, 'A new one')

    def test_that_it_was_sent_and_the_consents_stay(self):
        self.account.keep_months = 6

        with self.later(days=200):
            self.wipe()

        self.assertEqual((self.sent.phone, self.sent.state), (f'+{ANA}', 'accepted'))
        self.assertEqual(self.consent.phone, f'+{ANA}')

    def test_what_waits_keeps_its_text(self):
        waiting = self.queue(self.ana)
        self.account.keep_months = 6

        with self.later(days=200):
            self.wipe()

        self.assertTrue(waiting.body)
