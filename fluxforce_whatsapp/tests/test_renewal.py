from datetime import timedelta
from itertools import permutations

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload, message_payload, webhook_payload

ANA, ANA_NEW, ANA_NEWEST = '447400123001', '447400123099', '447400123098'
BEFORE, CHANGED, AFTER = -50, -40, -30


class RenewalCase(WhatsappCommon, TransactionCase):
    """Ana Costa writes from her number, changes it, and goes on writing. Moments are minutes from now."""

    def at(self, minutes):
        return int((fields.Datetime.now() + timedelta(minutes=minutes)).timestamp())

    def said(self, text, sender, minutes, **options):
        return inbound_payload(text, sender, 'Ana Costa', f'wamid.{text}', self.at(minutes), **options)

    def told(self, minutes, old=ANA, new=ANA_NEW, what='user_changed_number', user_id=None, user_id_now=None):
        content = {'type': what, **({'wa_id': new} if new else {}), **({'user_id': user_id_now} if user_id_now else {})}
        ids = {'from_user_id': user_id} if user_id else {}
        return message_payload('system', content, sender=old or '', wamid=f'wamid.{what}.{new}',
                               timestamp=self.at(minutes), **ids)

    def receive_all(self, *payloads):
        for payload in payloads:
            self.receive(payload)

    def people(self):
        return self.env['fluxforce.whatsapp.identity'].search([('account_id', '=', self.account.id)])

    def authors(self, *texts):
        messages = self.env['mail.message'].search([('message_type', '=', 'whatsapp_message')])
        return [messages.filtered(lambda message, text=text: text in message.body).author_id for text in texts]

    def two_contacts_alert(self):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_contacts')])


@tagged('post_install', '-at_install')
class TestNewNumber(RenewalCase):

    def test_what_she_writes_from_the_new_number_is_hers(self):
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED), self.said('Again', ANA_NEW, AFTER))

        self.assertEqual(self.authors('Hello', 'Again'), [self.ana, self.ana])
        self.assertEqual(self.people().mapped('wa_id'), [ANA_NEW])

    def test_the_contact_gets_the_new_number(self):
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))

        self.assertEqual(self.ana.phone, '+44 7400 123099')

    def test_a_number_that_somebody_else_was_given_meanwhile_stays_on_the_contact(self):
        self.receive_all(self.said('Hello', ANA, BEFORE))
        self.ana.phone = '+44 7400 123555'

        self.receive_all(self.told(CHANGED))

        self.assertEqual(self.ana.phone, '+44 7400 123555')

    def test_a_contact_that_was_given_to_another_company_keeps_the_number_known_there(self):
        self.receive_all(self.said('Hello', ANA, BEFORE))
        self.ana.company_id = self.env['res.company'].create({'name': 'Other Company'})

        self.receive_all(self.told(CHANGED))

        self.assertEqual((self.ana.phone_sanitized, self.people().wa_id), (f'+{ANA}', ANA_NEW))

    def test_a_contact_who_never_wrote_gets_the_new_number_as_well(self):
        self.receive_all(self.told(CHANGED))

        self.assertEqual(self.ana.phone_sanitized, f'+{ANA_NEW}')
        self.assertFalse(self.people())

    def test_whoever_gets_the_old_number_is_somebody_else(self):
        self.receive_all(self.said('Hello', ANA, BEFORE, user_id='GB.1'),
                         self.told(CHANGED, user_id='GB.1', user_id_now='GB.2'),
                         inbound_payload('Who is this', ANA, 'Nora New', 'wamid.N', self.at(AFTER), user_id='GB.3'))

        newcomer, = self.authors('Who is this')
        self.assertEqual((newcomer.name, newcomer == self.ana), ('Nora New', False))

    def test_a_number_that_was_somebody_elses_is_hers_now(self):
        self.receive_all(inbound_payload('I am Ben', ANA_NEW, 'Ben', 'wamid.B', self.at(BEFORE - 10), user_id='GB.9'),
                         self.said('Hello', ANA, BEFORE, user_id='GB.1'),
                         self.told(CHANGED, user_id='GB.1', user_id_now='GB.2'))

        self.assertEqual({person.bsuid: person.wa_id for person in self.people()}, {'GB.9': False, 'GB.2': ANA_NEW})

    def test_two_changes_are_followed_to_the_last(self):
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(AFTER, ANA_NEW, ANA_NEWEST), self.told(CHANGED))

        self.assertEqual(self.people().mapped('wa_id'), [ANA_NEWEST])
        self.assertEqual(self.ana.phone_sanitized, f'+{ANA_NEWEST}')

    def test_whoever_is_blocked_stays_blocked_under_the_new_number(self):
        for who in ('before', 'since'):
            with self.subTest(blocked=who), self.env.cr.savepoint() as savepoint:
                self.receive_all(self.said('Hello', ANA, BEFORE), self.said('Again', ANA_NEW, AFTER))
                sender = {'before': ANA, 'since': ANA_NEW}[who]
                self.people().filtered(lambda person, sender=sender: person.wa_id == sender)._block('Threatens us')
                self.receive_all(self.told(CHANGED))

                self.assertEqual([(person.wa_id, person.blocked, person.block_reason, person.blocked_by_id)
                                  for person in self.people()], [(ANA_NEW, True, 'Threatens us', self.env.user)])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_notice_that_comes_twice_changes_nothing_more(self):
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))
        self.ana.phone = '+44 7400 123001'

        self.receive_all(self.told(CHANGED))

        self.assertEqual(self.ana.phone, '+44 7400 123001')

    def test_each_of_our_numbers_is_told_and_it_is_one_change(self):
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))
        again = self.told(CHANGED)
        again['entry'][0]['changes'][0]['value']['messages'][0]['id'] = 'wamid.OTHER'

        self.receive_all(again, self.said('Again', ANA_NEW, AFTER))

        self.assertEqual([(person.wa_id, person.partner_id) for person in self.people()], [(ANA_NEW, self.ana)])

    def test_numbers_that_are_handed_on_stay_with_their_people(self):
        self.ben.phone = f'+{ANA_NEW}'
        self.receive_all(inbound_payload('I am Ben', ANA_NEW, 'Ben', 'wamid.B', self.at(BEFORE - 10)),
                         self.said('Hello', ANA, BEFORE))

        # Ana's notice comes first, although Ben had left the number before.
        self.receive_all(self.told(CHANGED), self.told(CHANGED - 5, ANA_NEW, ANA_NEWEST))

        self.assertEqual(self.people().filtered(lambda person: person.partner_id == self.ana).wa_id, ANA_NEW)
        self.assertEqual(self.ana.phone_sanitized, f'+{ANA_NEW}')

    def test_what_we_wrote_to_her_does_not_make_her_of_whoever_has_the_number_now(self):
        self.queue_agreed(self.ana)
        self.run_sender()
        message = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)])
        self.env.cr.execute("UPDATE fluxforce_whatsapp_message SET create_date = create_date - interval '1 day', "
                            "claimed_at = claimed_at - interval '1 day' WHERE id = %s", [message.id])
        self.env.invalidate_all()
        self.receive_all(self.told(CHANGED))

        self.receive_all(inbound_payload('Who is this', ANA, 'Nora New', 'wamid.N', self.at(AFTER)))

        newcomer, = self.authors('Who is this')
        self.assertEqual((newcomer.name, newcomer == self.ana), ('Nora New', False))

    def test_a_hidden_new_number_leaves_the_old_one_to_nobody(self):
        self.receive_all(self.said('Hello', ANA, BEFORE, user_id='GB.1'), self.told(
            CHANGED, old=None, new='', what='user_changed_user_id', user_id='GB.1', user_id_now='GB.2'))

        self.assertEqual([(person.wa_id, person.bsuid) for person in self.people()], [(False, 'GB.2')])

    def test_a_new_id_alone_keeps_the_number(self):
        self.receive_all(self.said('Hello', ANA, BEFORE, user_id='GB.1'), self.told(
            CHANGED, new='', what='user_changed_user_id', user_id='GB.1', user_id_now='GB.2'))

        self.assertEqual([(person.wa_id, person.bsuid) for person in self.people()], [(ANA, 'GB.2')])

    def test_a_number_that_cannot_be_dialled_is_told_and_changes_no_contact(self):
        self.give_consent(self.ana, 'marketing', given_at='2026-01-01')

        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED, new='1'))

        self.assertEqual((self.people().partner_id, self.people().wa_id), (self.ana, '1'))
        self.assertEqual(self.ana.phone_sanitized, f'+{ANA}')
        self.assertIn('cannot be dialled', self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'other')]).detail)

    def test_people_of_another_account_keep_theirs(self):
        other = self.account.copy({'waba_id': '990000000000001'})
        theirs = self.env['fluxforce.whatsapp.identity'].create(
            {'account_id': other.id, 'wa_id': ANA, 'first_seen': '2026-01-01', 'last_seen': '2026-01-01'})

        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))

        self.assertEqual(theirs.wa_id, ANA)


@tagged('post_install', '-at_install')
class TestDisorder(RenewalCase):

    def test_in_whatever_order_they_come_it_is_one_person_and_her_contact(self):
        payloads = [self.said('Hello', ANA, BEFORE), self.told(CHANGED), self.said('Again', ANA_NEW, AFTER)]
        for order in permutations(payloads):
            with self.subTest(order=[payload['entry'][0]['changes'][0]['value']['messages'][0]['id']
                                     for payload in order]):
                savepoint = self.env.cr.savepoint()
                self.receive_all(*order)
                self.assertEqual([(person.wa_id, person.partner_id) for person in self.people()], [(ANA_NEW, self.ana)])
                self.assertEqual(self.ana.phone_sanitized, f'+{ANA_NEW}')
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a_contact_that_was_made_meanwhile_is_asked_about_and_kept(self):
        self.receive_all(self.said('Hello', ANA, BEFORE), self.said('Again', ANA_NEW, AFTER))
        made, = self.authors('Again')
        self.assertNotEqual(made, self.ana)

        self.receive_all(self.told(CHANGED))

        self.assertTrue(made.exists())
        self.assertIn('are one person', self.two_contacts_alert().detail)
        self.assertEqual(self.people().partner_id, self.ana)

    def test_what_came_before_anybody_knew_who_it_is_is_shown_then(self):
        self.account.create_contacts = False
        self.receive_all(self.said('Again', ANA_NEW, AFTER))

        self.receive_all(self.told(CHANGED))

        self.assertEqual(self.authors('Again'), [self.ana])

    def test_her_reaction_goes_along_and_the_newest_counts(self):
        message = self.queue_agreed(self.ana)
        self.run_sender()
        self.receive_all(self.said('Hello', ANA, BEFORE), self.said('Again', ANA_NEW, AFTER))
        for sender, emoji, minutes in ((ANA, '👍', BEFORE), (ANA_NEW, '❤️', AFTER)):
            self.receive(message_payload('reaction', {'message_id': message.wamid, 'emoji': emoji}, sender=sender,
                                         wamid=f'wamid.{emoji}', timestamp=self.at(minutes)))

        self.receive_all(self.told(CHANGED))

        reactions = self.env['fluxforce.whatsapp.reaction'].search([('wamid', '=', message.wamid)])
        self.assertEqual(reactions.mapped('emoji'), ['❤️'])


@tagged('post_install', '-at_install')
class TestTakenAlong(RenewalCase):

    def current(self, phone, partner=None):
        person = (partner or self.ana).id, phone
        return self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])[person]

    def test_what_she_agreed_to_counts_for_the_new_number(self):
        self.give_consent(self.ana, 'marketing', given_at='2026-01-01')

        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))

        self.assertEqual(self.current(f'+{ANA_NEW}')['marketing'], 'given')
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_the_ledger_says_where_it_comes_from(self):
        given = self.give_consent(self.ana, 'marketing', given_at='2026-01-01')

        self.receive_all(self.told(CHANGED))

        carried = self.env['fluxforce.whatsapp.consent'].search([('phone', '=', f'+{ANA_NEW}')])
        self.assertEqual((carried.wording, carried.given_at), (given.wording, given.given_at))
        self.assertIn(f'+{ANA}', carried.note)

    def test_what_was_recorded_by_mistake_and_corrected_is_not_carried_over(self):
        mistake = self.give_consent(self.ana, 'marketing', given_at='2026-01-01')
        self.give_consent(self.ana, 'utility', given_at='2026-01-01', corrects_id=mistake.id)

        self.receive_all(self.told(CHANGED))

        states = self.current(f'+{ANA_NEW}')
        self.assertEqual((states['marketing'], states['utility']), ('none', 'given'))

    def test_whoever_gets_the_old_number_has_not_agreed(self):
        self.give_consent(self.ana, 'marketing', given_at='2026-01-01')
        self.receive_all(self.told(CHANGED))

        nora = self.env['res.partner'].create({'name': 'Nora New', 'phone': f'+{ANA}'})

        self.assertEqual(self.current(f'+{ANA}', nora)['marketing'], 'withdrawn')
        self.give_consent(nora, 'marketing')
        self.assertEqual(self.current(f'+{ANA}', nora)['marketing'], 'given')

    def test_what_somebody_else_agreed_to_under_the_number_is_not_hers(self):
        nora = self.env['res.partner'].create({'name': 'Nora New', 'phone': f'+{ANA}'})
        self.give_consent(nora, 'marketing', given_at='2026-01-01')

        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))

        self.assertEqual(self.current(f'+{ANA_NEW}')['marketing'], 'none')

    def test_what_was_agreed_to_by_whose_number_it_was_is_not_hers(self):
        ben = self.env['res.partner'].create({'name': 'Ben', 'phone': f'+{ANA_NEW}'})
        self.give_consent(ben, 'marketing', given_at='2026-01-01')
        self.receive_all(inbound_payload('I am Ben', ANA_NEW, 'Ben', 'wamid.B', self.at(BEFORE - 10), user_id='GB.9'),
                         self.said('Hello', ANA, BEFORE, user_id='GB.1'))

        self.receive_all(self.told(CHANGED, user_id='GB.1', user_id_now='GB.2'))

        self.assertEqual(self.current(f'+{ANA_NEW}')['marketing'], 'withdrawn')

    def test_a_stop_in_whatsapp_that_comes_late_finds_her(self):
        self.give_consent(self.ana, 'marketing', given_at='2026-01-01')
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))

        self.receive(webhook_payload({'user_preferences': [{
            'wa_id': ANA, 'category': 'marketing_messages', 'value': 'stop', 'timestamp': self.at(BEFORE),
            'detail': 'Stop'}], 'contacts': [{'wa_id': ANA}]}, 'user_preferences'))

        self.assertEqual(self.current(f'+{ANA_NEW}')['marketing'], 'withdrawn')

    def test_marketing_that_meta_holds_back_is_held_back_for_the_new_number(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.meta.fail('messages', 131049)
        self.run_sender()
        self.assertEqual(message.state, 'held')

        self.receive_all(self.told(CHANGED))

        pair = self.env['fluxforce.whatsapp.pair'].search([('person', '=', f'+{ANA_NEW}')])
        self.assertGreater(pair.marketing_from, fields.Datetime.now())

    def test_a_stop_counts_for_the_new_number(self):
        self.give_consent(self.ana, 'marketing', given_at='2026-01-01')
        self.withdraw_consent(self.ana, 'marketing', given_at='2026-02-01')

        self.receive_all(self.told(CHANGED))

        self.assertEqual(self.current(f'+{ANA_NEW}')['marketing'], 'withdrawn')

    def test_what_waits_goes_to_the_new_number(self):
        self.give_consent(self.ana, given_at='2026-01-01')
        message = self.queue(self.ana)
        self.receive_all(self.said('Hello', ANA, BEFORE), self.told(CHANGED))

        self.run_sender()

        self.assertEqual([call['to'] for call in self.meta.sends], [f'+{ANA_NEW}'])
        self.assertEqual(message.state, 'accepted')

    def test_a_merge_of_contacts_takes_their_messages_along(self):
        twin = self.env['res.partner'].create({'name': 'Ana again', 'phone': '+44 7400 123777'})
        message = self.queue_agreed(twin)
        self.receive(inbound_payload('Hi', '447400123777', 'Ana', 'wamid.T'))

        self.env['base.partner.merge.automatic.wizard']._merge((twin + self.ana).ids, self.ana, extra_checks=False)

        received = self.env['fluxforce.whatsapp.inbound'].search([('wamid', '=', 'wamid.T')])
        self.assertEqual({message.res_id, received.res_id}, {self.ana.id})
        self.assertEqual((message.partner_id, received.partner_id), (self.ana, self.ana))
