import time
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.models.mail_thread import MailThread

from .common import WhatsappCommon, inbound_payload, message_payload, together, webhook_payload

NOTIFY = 'odoo.addons.mail.models.mail_thread.MailThread.message_notify'


class StopCommon(WhatsappCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana.user_id = cls.salesperson

    def setUp(self):
        super().setUp()
        self.told = 0

    def write_in(self, text, wamid=None, ago=0, **values):
        """Let Ana, or whoever is given, write something a moment ago."""
        self.receive(self.written(text, wamid, ago, **values))

    def written(self, text, wamid=None, ago=0, **values):
        self.told += 1
        return inbound_payload(
            text, wamid=wamid or f'wamid.STOP{self.told}', timestamp=int(time.time()) - ago, **values)

    def state_of(self, partner, purpose='marketing'):
        person = (partner.id, partner.phone_sanitized)
        return self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])[person][purpose]

    def ledger(self, partner, decision='withdrawn'):
        return self.env['fluxforce.whatsapp.consent'].search(
            [('partner_id', '=', partner.id), ('decision', '=', decision)], order='id')

    def answers(self, phone='+447400123001'):
        return self.env['fluxforce.whatsapp.message'].search([('kind', '=', 'text'), ('phone', '=', phone)], order='id')

    def notes(self, partner):
        return partner.message_ids.filtered(lambda message: 'no more WhatsApp messages' in (message.body or ''))


@tagged('post_install', '-at_install')
class TestStop(StopCommon, TransactionCase):
    """Who says stop gets no more, wherever and however it is said."""

    # --- A word ----------------------------------------------------------------------------------------------

    def test_a_stop_word_takes_the_consent_back_in_the_persons_words(self):
        self.give_consent(self.ana, 'marketing')

        self.write_in('STOP! 🛑')

        entry = self.ledger(self.ana)
        self.assertEqual((self.state_of(self.ana), entry.source, entry.wording), ('withdrawn', 'keyword', 'STOP! 🛑'))
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')
        self.assertIn(self.number.display_phone_number, entry.note)

    def test_it_ends_marketing_only_unless_the_account_says_more(self):
        self.write_in('stop')

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ana, 'utility')), ('withdrawn', 'none'))

    def test_it_ends_everything_but_codes_where_the_account_says_so(self):
        self.account.stop_means = 'all'

        self.write_in('stop')

        self.assertEqual([self.state_of(self.ana, purpose) for purpose in ('marketing', 'utility', 'authentication')],
                         ['withdrawn', 'withdrawn', 'none'])

    def test_each_shipped_language_has_stop_and_start_words(self):
        for language in ('en', 'es', 'pt', 'fr', 'de', 'it'):
            kinds = self.env['fluxforce.whatsapp.keyword'].search([('language', '=', language)]).mapped('kind')
            self.assertEqual(set(kinds), {'stop', 'start'}, language)

    def test_a_word_of_ones_own_in_another_script_is_heard(self):
        self.env['fluxforce.whatsapp.keyword'].with_user(self.whatsapp_admin).create(
            {'word': 'стоп', 'kind': 'stop', 'language': 'ru'})

        self.write_in('СТОП ✋')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_an_archived_word_is_not_heard(self):
        self.env.ref('fluxforce_whatsapp.keyword_en_stop').active = False

        self.write_in('stop')

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_a_word_of_another_company_is_not_heard(self):
        other = self.env['res.company'].create({'name': 'Other Bicycles'})
        self.env['fluxforce.whatsapp.keyword'].create({'word': 'genug', 'company_id': other.id})

        self.write_in('genug')

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_a_word_without_letters_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'at least one letter'):
            self.env['fluxforce.whatsapp.keyword'].create({'word': '🛑'})

    def test_a_salesperson_changes_no_words(self):
        with self.assertRaises(AccessError):
            self.env.ref('fluxforce_whatsapp.keyword_en_stop').with_user(self.salesperson).active = False

    def test_an_ordinary_message_changes_nothing(self):
        self.give_consent(self.ana, 'marketing')

        self.write_in('See you at the bus stop')

        self.assertEqual((self.state_of(self.ana), self.answers().ids), ('given', []))

    def test_a_stop_in_a_group_is_none(self):
        self.receive(message_payload('text', {'body': 'stop'}, timestamp=int(time.time()), group_id='GROUP1'))

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_a_stop_of_somebody_unknown_counts_for_their_number(self):
        self.account.create_contacts = False

        self.write_in('stop', sender='447400123009', name='Nora New')

        states = self.env['fluxforce.whatsapp.consent']._current_states(self.company, [(False, '+447400123009')])
        self.assertEqual(states[False, '+447400123009']['marketing'], 'withdrawn')

    # --- A button --------------------------------------------------------------------------------------------

    def tap(self, label, template=None, **values):
        """Ana taps a button of a template that went to her."""
        message = self.queue_agreed(self.ana, template or self.marketing_template)
        self.run_sender()
        self.receive(message_payload(
            'button', {'text': label, 'payload': label}, timestamp=int(time.time()),
            context={'id': message.wamid, 'from': '34910000111'}, **values))

    def test_a_tapped_button_that_sounds_like_a_stop_is_one(self):
        self.tap('Stop promotions')

        self.assertEqual((self.state_of(self.ana), self.ledger(self.ana).source), ('withdrawn', 'button'))

    def test_a_button_marked_on_its_template_is_a_stop(self):
        components = self.marketing_template.components
        components[-1]['buttons'][0]['text'] = 'Not interested'
        self.marketing_template.sudo().components = components
        self.marketing_template.with_user(self.whatsapp_admin).stop_button = 'not interested'

        self.tap('Not interested')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_another_button_is_none(self):
        self.tap('Yes, gladly')

        self.assertEqual(self.state_of(self.ana), 'given')

    def test_a_reply_button_of_a_question_is_heard(self):
        reply = {'type': 'button_reply', 'button_reply': {'id': 'x', 'title': 'Unsubscribe'}}
        self.receive(message_payload('interactive', reply, timestamp=int(time.time())))

        self.assertEqual((self.state_of(self.ana), self.ledger(self.ana).source), ('withdrawn', 'button'))

    def test_a_label_the_template_has_not_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Stop promotions'):
            self.marketing_template.with_user(self.whatsapp_admin).stop_button = 'Leave me'

    # --- What waits ------------------------------------------------------------------------------------------

    def test_a_stop_in_the_middle_of_a_campaign_leaves_that_persons_messages_unsent_and_sends_the_others(self):
        crowd = self.env['res.partner'].create([
            {'name': f'Person {n}', 'phone': f'+44 7400 1240{n:02d}'} for n in range(60)])
        messages = self.queue_agreed(crowd, self.marketing_template)
        mine = messages[30]

        self.write_in('stop', sender=mine.phone.lstrip('+'), name=mine.partner_id.name)
        self.run_sender()

        self.assertEqual((mine.state, mine.reason), ('cancelled', 'consent_withdrawn'))
        self.assertEqual(set((messages - mine).mapped('state')), {'accepted'})
        offered = [body['to'] for body in self.meta.sends if body['type'] == 'template']
        self.assertEqual((len(offered), mine.phone in offered), (59, False))

    def test_what_serves_another_purpose_still_goes(self):
        update = self.queue_agreed(self.ana)
        offer = self.queue_agreed(self.ana, self.marketing_template)

        self.write_in('stop')

        self.assertEqual((update.state, offer.state), ('queued', 'cancelled'))
        self.assertIn('taken back', offer.explanation)

    def test_what_went_out_stays(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)
        self.run_sender()

        self.write_in('stop')

        self.assertEqual(offer.state, 'accepted')

    def test_what_an_employee_records_counts_the_same(self):
        offer, other = self.queue_agreed(self.ana | self.ben, self.marketing_template)

        self.withdraw_consent(self.ana, 'marketing', source='call', wording='Asked on the phone.')

        self.assertEqual((offer.state, other.state), ('cancelled', 'queued'))

    def test_a_withdrawal_that_a_later_consent_follows_cancels_nothing(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)

        self.withdraw_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=30))

        self.assertEqual(offer.state, 'queued')

    def test_another_companys_messages_are_no_concern_of_it(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)
        other = self.env['res.company'].create({'name': 'Other Bicycles'})

        self.env['fluxforce.whatsapp.stop']._stop(other, [(self.ana, self.ana.phone_sanitized)], ['marketing'],
                                                  'keyword', 'stop')

        self.assertEqual((offer.state, self.state_of(self.ana)), ('queued', 'given'))

    def test_whatsapps_own_stop_cancels_what_waits(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)

        self.receive(webhook_payload({'user_preferences': [{
            'wa_id': '447400123001', 'detail': 'User requested to stop marketing messages',
            'category': 'marketing_messages', 'value': 'stop', 'timestamp': int(time.time())}]}, 'user_preferences'))

        self.assertEqual(offer.state, 'cancelled')

    def test_metas_refusal_for_a_stop_cancels_the_next_offer(self):
        first = self.queue_agreed(self.ana, self.marketing_template)
        second = self.queue(self.ana, self.marketing_template)
        second.due_at = fields.Datetime.now() + timedelta(hours=1)
        self.meta.fail('messages', 131050)

        self.run_sender()

        self.assertEqual((first.state, second.state), ('failed', 'cancelled'))

    def edit_in(self, text, wamid='wamid.EDIT', target='wamid.HELLO', ago=0, **values):
        content = {'original_message_id': target, 'message': {'type': 'text', 'text': {'body': text}}}
        self.receive(message_payload('edit', content, wamid=wamid, timestamp=int(time.time()) - ago, **values))

    def test_a_message_edited_into_a_stop_word_is_a_stop_from_then_on(self):
        self.give_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(minutes=30))
        self.write_in('sotp', 'wamid.HELLO', ago=3600)
        self.edit_in('STOP', ago=60)

        entry = self.ledger(self.ana)
        self.assertEqual((entry.source, entry.wording, self.state_of(self.ana)), ('keyword', 'STOP', 'withdrawn'))
        self.assertAlmostEqual(
            entry.given_at, fields.Datetime.now() - timedelta(seconds=60), delta=timedelta(seconds=30))

    def test_an_edit_that_comes_twice_stops_once(self):
        self.write_in('sotp', 'wamid.HELLO', ago=7200)
        self.edit_in('STOP', ago=3600)
        self.give_consent(self.ana, 'marketing')
        self.edit_in('STOP', ago=3600)

        self.assertEqual((len(self.ledger(self.ana)), self.state_of(self.ana)), (1, 'given'))

    def test_an_edit_into_anything_else_is_no_command(self):
        self.withdraw_consent(self.ana, 'marketing', source='keyword')
        self.write_in('Hello', 'wamid.HELLO')
        self.edit_in('start')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_a_number_on_the_phone_blacklist_stops(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)

        self.env['phone.blacklist'].add('+447400123001')

        self.assertEqual((offer.state, self.ledger(self.ana).source), ('cancelled', 'blacklist'))

    def test_a_number_that_comes_back_onto_the_blacklist_stops_again(self):
        self.env['phone.blacklist'].add('+447400123001')
        self.env['phone.blacklist'].remove('+447400123001')
        self.assertEqual(self.state_of(self.ana), 'withdrawn')
        self.give_consent(self.ana, 'marketing')

        self.env['phone.blacklist'].add('+447400123001')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_an_address_on_the_mail_blacklist_stops_marketing(self):
        self.account.stop_means = 'all'
        self.ana.email = 'ana@example.com'

        self.env['mail.blacklist']._add('Ana@example.com')

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ana, 'utility')), ('withdrawn', 'none'))
        self.assertEqual(self.ledger(self.ana).source, 'mailing')

    def test_mailings_do_not_count_where_the_account_says_so(self):
        self.account.stop_by_mailing = False
        self.ana.email = 'ana@example.com'

        self.env['mail.blacklist']._add('ana@example.com')

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_who_leaves_a_mailing_list_stops_marketing(self):
        if 'mailing.subscription' not in self.env:
            self.skipTest('Mailings are not installed.')
        self.ana.email = 'ana@example.com'
        contact = self.env['mailing.contact'].create({'name': 'Ana', 'email': 'ana@example.com'})
        mailing_list = self.env['mailing.list'].create({'name': 'Spring News'})
        subscription = self.env['mailing.subscription'].create({'contact_id': contact.id, 'list_id': mailing_list.id})
        self.assertEqual(self.state_of(self.ana), 'none')

        subscription.opt_out = True

        self.assertEqual(self.state_of(self.ana), 'withdrawn')
        self.assertIn('Spring News', self.ledger(self.ana).wording)

    def test_who_is_known_to_mailings_by_number_only_stops_too(self):
        self.env['fluxforce.whatsapp.elsewhere']._heed_mailing(phones=['+447400123001'])

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    # --- Once ------------------------------------------------------------------------------------------------

    def test_two_stops_in_one_batch_have_one_effect_and_one_answer(self):
        self.receive(together(self.written('stop', ago=1), self.written('STOP')))

        self.assertEqual((len(self.ledger(self.ana)), len(self.answers()), len(self.notes(self.ana))), (1, 1, 1))

    def test_a_stop_said_again_at_once_has_one_effect(self):
        self.write_in('stop', ago=5)
        self.write_in('STOP!!!')

        self.assertEqual((len(self.ledger(self.ana)), len(self.answers())), (1, 1))

    def test_a_stop_said_again_later_is_kept_but_not_answered_again(self):
        self.write_in('stop', ago=3600)
        self.write_in('I said stop. STOP', ago=1800)
        self.write_in('stop')

        self.assertEqual((len(self.ledger(self.ana)), len(self.answers())), (2, 1))

    def test_the_same_webhook_again_changes_nothing(self):
        payload = self.written('stop')
        self.receive(payload)
        self.receive(payload)

        self.assertEqual((len(self.ledger(self.ana)), len(self.answers())), (1, 1))

    def test_the_salesperson_is_told_once(self):
        with patch(NOTIFY, autospec=True) as notify:
            self.write_in('stop', ago=3600)
            self.write_in('stop')

        self.assertEqual([call.kwargs['partner_ids'] for call in notify.call_args_list],
                         [self.salesperson.partner_id.ids])
        self.assertEqual(len(self.notes(self.ana)), 1)

    def test_a_salesperson_with_several_contacts_is_told_once_of_all(self):
        self.ben.user_id = self.salesperson

        with patch(NOTIFY, autospec=True, side_effect=MailThread.message_notify) as notify:
            self.withdraw_consent(self.ana | self.ben, 'marketing', user=self.system_admin)

        body = notify.call_args.kwargs['body']
        self.assertEqual((notify.call_count, 'Ana Costa' in body, 'Ben Okafor' in body), (1, True, True))
        self.assertEqual((len(self.notes(self.ana)), len(self.notes(self.ben))), (1, 1))

    def test_the_note_on_the_contact_is_in_the_companys_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.company.partner_id.lang = 'es_ES'

        self.write_in('stop')

        noted = self.ana.message_ids.filtered(lambda message: message.message_type == 'notification')
        self.assertIn('no quiere más', ' '.join(noted.mapped('body')))

    def test_who_recorded_it_is_not_told(self):
        with patch(NOTIFY, autospec=True) as notify:
            self.withdraw_consent(self.ana, 'marketing')

        self.assertFalse(notify.called)

    @mute_logger('odoo.addons.fluxforce_whatsapp.models.conflicts')
    def test_a_stop_is_heard_although_nobody_could_be_told(self):
        with patch(NOTIFY, side_effect=ValueError):
            self.write_in('stop')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    # --- The answer ------------------------------------------------------------------------------------------

    def test_the_answer_goes_out_although_the_person_has_just_stopped(self):
        self.write_in('stop')
        self.run_sender()

        answer = self.answers()
        body, = self.meta.sends
        self.assertEqual((answer.state, answer.purpose, body['type'], body['to']),
                         ('accepted', 'care', 'text', '+447400123001'))
        self.assertEqual(body['text'], {'body': answer.body, 'preview_url': False})
        self.assertIn('no more advertising', answer.body)
        self.assertEqual(self.chatter(self.ana)[-1], answer.mail_message_id)

    def test_it_goes_out_although_care_was_taken_back_too(self):
        self.withdraw_consent(self.ana, 'care')

        self.write_in('stop')

        self.assertEqual(self.answers().state, 'queued')

    def test_no_answer_where_the_account_says_so(self):
        self.account.answer_stops = False

        self.write_in('stop')

        self.assertFalse(self.answers())

    def test_no_answer_to_a_stop_that_comes_after_a_day(self):
        self.write_in('stop', ago=25 * 3600)

        self.assertEqual((self.state_of(self.ana), self.answers().ids), ('withdrawn', []))

    def test_after_a_day_a_stop_is_answered_again(self):
        self.write_in('stop', ago=26 * 3600)
        self.env.cr.execute("UPDATE fluxforce_whatsapp_pair SET stop_answered_at = now() - interval '25 hours'")

        self.write_in('stop')

        self.assertEqual(len(self.answers()), 1)

    def test_the_answer_is_in_the_persons_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.account.stop_answer = 'Done.'
        self.account.with_context(lang='es_ES').stop_answer = 'Hecho.'
        self.ana.lang = 'es_ES'

        self.write_in('stop')

        self.assertEqual(self.answers().body, 'Hecho.')

    def test_to_somebody_who_came_from_whatsapp_it_is_in_the_language_of_the_word(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.account.stop_answer = 'Done.'
        self.account.with_context(lang='es_ES').stop_answer = 'Hecho.'

        self.write_in('Baja', sender='34612345678', name='Eva Nueva')

        self.assertEqual(self.answers('+34612345678').body, 'Hecho.')

    def test_an_answer_that_is_too_long_is_refused(self):
        with self.assertRaisesRegex(ValidationError, '4096'):
            self.account.stop_answer = 'x' * 4097

    def test_a_machine_that_answers_the_answer_is_not_answered(self):
        self.agreed_before()
        for __ in range(5):
            self.write_in('stop')
            self.write_in('start')

        self.assertEqual(len(self.answers()), 2)

    # --- Start -----------------------------------------------------------------------------------------------

    def agreed_before(self, purpose='marketing', **values):
        """Ana agreed, two days ago."""
        return self.give_consent(self.ana, purpose, given_at=fields.Datetime.now() - timedelta(days=2), **values)

    def test_a_start_lifts_what_a_stop_word_withdrew(self):
        self.agreed_before()
        self.write_in('stop', ago=60)
        self.write_in('START')

        entry = self.ledger(self.ana, 'given')[-1]
        self.assertEqual((self.state_of(self.ana), entry.source), ('given', 'keyword'))
        self.assertIn('START', entry.note)
        self.assertIn('Welcome back', self.answers()[-1].body)

    def test_it_brings_back_the_very_consent_that_was_stopped(self):
        before = self.agreed_before(
            wording='Offers once a month, please.', expires_at=fields.Datetime.now() + timedelta(days=30))
        self.write_in('stop', ago=60)
        self.write_in('START')

        entry = self.ledger(self.ana, 'given')[-1]
        self.assertEqual((entry.wording, entry.expires_at), (before.wording, before.expires_at))

    def test_it_gives_no_consent_that_there_never_was(self):
        self.account.stop_means = 'all'
        self.agreed_before('utility')
        self.write_in('stop', ago=60)
        self.write_in('START')

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ana, 'utility')), ('withdrawn', 'given'))

    def test_who_never_agreed_is_not_made_to_by_a_start(self):
        self.write_in('stop', ago=60)
        self.write_in('START')

        self.assertEqual((self.state_of(self.ana), len(self.ledger(self.ana, 'given')), len(self.answers())),
                         ('withdrawn', 0, 1))

    def test_a_consent_for_one_number_comes_back_for_that_number_only(self):
        self.agreed_before(number_id=self.number_2.id)
        self.write_in('stop', ago=60)
        self.write_in('START')

        people = [(self.ana.id, self.ana.phone_sanitized, number.id) for number in self.number + self.number_2]
        states = self.env['fluxforce.whatsapp.consent']._current_states(self.company, people)
        self.assertEqual(self.ledger(self.ana, 'given')[-1].number_id, self.number_2)
        self.assertEqual([states[person]['marketing'] for person in people], ['withdrawn', 'given'])

    def test_a_no_to_one_number_survives_a_start_elsewhere(self):
        self.agreed_before()
        self.withdraw_consent(self.ana, 'marketing', number_id=self.number_2.id,
                              given_at=fields.Datetime.now() - timedelta(days=1))
        self.write_in('stop', ago=60)
        self.write_in('START')

        person = (self.ana.id, self.ana.phone_sanitized, self.number_2.id)
        states = self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])
        self.assertEqual(states[person]['marketing'], 'withdrawn')

    def test_a_consent_that_has_ended_does_not_come_back(self):
        self.agreed_before(expires_at=fields.Datetime.now() - timedelta(days=1))
        self.write_in('stop', ago=60)
        self.write_in('START')

        self.assertEqual((self.state_of(self.ana), len(self.ledger(self.ana, 'given'))), ('withdrawn', 1))

    def test_a_start_agrees_to_nothing_that_was_not_stopped(self):
        self.write_in('start')

        self.assertEqual((self.state_of(self.ana), self.answers().ids), ('none', []))

    def test_a_start_does_not_lift_what_was_told_to_an_employee(self):
        self.agreed_before()
        self.withdraw_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(hours=2))
        self.write_in('stop', ago=60)
        self.write_in('start')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_a_start_does_not_lift_whatsapps_own_stop(self):
        self.agreed_before()
        self.withdraw_consent(self.ana, 'marketing', source='meta', given_at=fields.Datetime.now() - timedelta(hours=2))
        self.write_in('start')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_a_start_of_somebody_blacklisted_in_another_spelling_changes_nothing(self):
        self.ana.phone = '+54 9 11 2345 6789'
        self.withdraw_consent(self.ana, 'marketing', source='keyword')
        self.env['phone.blacklist'].create({'number': '+541123456789', 'active': True})

        self.write_in('start', sender='5491123456789')

        self.assertEqual(self.state_of(self.ana), 'withdrawn')

    def test_a_start_of_somebody_blacklisted_changes_nothing_and_the_salesperson_is_told(self):
        self.agreed_before()
        self.write_in('stop', ago=60)
        self.env['phone.blacklist'].add('+447400123001')

        with patch(NOTIFY, autospec=True) as notify:
            self.write_in('start')

        self.assertEqual((self.state_of(self.ana), len(self.answers())), ('withdrawn', 1))
        self.assertIn('phone blacklist', notify.call_args.kwargs['body'])

    def test_a_start_of_somebody_we_have_blocked_changes_nothing_and_the_salesperson_is_told(self):
        self.agreed_before()
        self.write_in('stop', ago=60)
        self.inbound('wamid.STOP1').identity_id.with_user(self.salesperson)._block('Insults us')

        with patch(NOTIFY, autospec=True) as notify:
            self.write_in('start')

        self.assertEqual((self.state_of(self.ana), len(self.answers())), ('withdrawn', 1))
        self.assertIn('blocked', notify.call_args.kwargs['body'])

    def test_start_and_stop_in_one_batch_end_with_the_last_word(self):
        self.agreed_before()
        self.receive(together(self.written('start', ago=1), self.written('stop')))
        self.assertEqual((self.state_of(self.ana), len(self.answers())), ('withdrawn', 1))

        self.receive(together(self.written('start', ago=-1)))
        self.assertEqual(self.state_of(self.ana), 'given')

    # --- For one number only ---------------------------------------------------------------------------------

    def test_a_no_to_one_number_leaves_what_waits_at_the_other(self):
        self.give_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=2))
        first = self.queue(self.ana, self.marketing_template, self.number)
        second = self.queue(self.ana, self.marketing_template, self.number_2)

        self.withdraw_consent(self.ana, 'marketing', number_id=self.number_2.id)

        self.assertEqual((first.state, second.state), ('queued', 'cancelled'))

    def test_a_no_to_one_number_does_not_hide_metas_refusal_at_the_other(self):
        self.give_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=2))
        self.withdraw_consent(self.ana, 'marketing', number_id=self.number_2.id)
        self.queue(self.ana, self.marketing_template, self.number)
        self.meta.fail('messages', 131050)

        self.run_sender()

        self.assertEqual(self.ledger(self.ana).mapped('source'), ['form', 'meta'])

    def test_a_no_to_one_number_does_not_swallow_a_stop_to_all(self):
        self.agreed_before()
        self.withdraw_consent(self.ana, 'marketing', number_id=self.number_2.id)

        self.write_in('stop')

        person = (self.ana.id, self.ana.phone_sanitized, self.number.id)
        states = self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])
        self.assertEqual(states[person]['marketing'], 'withdrawn')

    def test_who_said_no_to_one_number_is_asked_about_what_they_write_to_the_other(self):
        self.withdraw_consent(self.ana, 'marketing', number_id=self.number_2.id,
                              given_at=fields.Datetime.now() - timedelta(days=1))

        self.write_in('Stop sending me this please', 'wamid.QUESTION')

        self.assertEqual(self.inbound('wamid.QUESTION').stop_question, 'open')

    # --- A contact of another company ------------------------------------------------------------------------

    def move_away(self):
        """Ana becomes a contact of another company."""
        self.write_in('Hello', ago=3600)
        self.ana.company_id = self.env['res.company'].create({'name': 'Other Bicycles'})

    def state_of_number(self):
        person = (False, '+447400123001')
        return self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])[person]['marketing']

    def test_a_stop_of_another_companys_contact_counts_for_the_number(self):
        self.agreed_before()
        self.move_away()

        event = self.receive(self.written('stop', 'wamid.MOVED'))

        self.assertEqual((event.item_ids.state, self.state_of_number()), ('done', 'withdrawn'))
        self.assertTrue(self.inbound('wamid.MOVED'))

    def test_whatsapps_own_stop_of_another_companys_contact_counts_for_the_number(self):
        self.agreed_before()
        self.move_away()

        self.receive(webhook_payload({'user_preferences': [{
            'wa_id': '447400123001', 'detail': 'User requested to stop marketing messages',
            'category': 'marketing_messages', 'value': 'stop', 'timestamp': int(time.time())}]}, 'user_preferences'))

        self.assertEqual(self.state_of_number(), 'withdrawn')

    def test_metas_refusal_for_another_companys_contact_counts_for_the_number(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)
        self.move_away()

        self.env['fluxforce.whatsapp.consent']._withdraw_for(offer, 'The person has stopped marketing.')

        self.assertEqual(self.state_of_number(), 'withdrawn')

    def test_a_stop_of_another_companys_contact_that_somebody_decides_counts_for_the_number(self):
        message = self.ask()
        self.move_away()

        message.with_user(self.system_admin).action_record_stop()

        self.assertEqual(self.state_of_number(), 'withdrawn')

    # --- What sounds like a stop -----------------------------------------------------------------------------

    def ask(self, text='Stop sending me this please'):
        self.give_consent(self.ana, 'marketing')
        self.write_in(text, 'wamid.QUESTION')
        return self.inbound('wamid.QUESTION')

    def test_a_sentence_is_for_the_salesperson_to_decide(self):
        message = self.ask()

        activity = self.ana.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.salesperson, 'This sounds like a stop'))
        self.assertIn('Stop sending me this', activity.note)
        self.assertEqual((message.stop_question, self.state_of(self.ana), self.answers().ids), ('open', 'given', []))
        self.assertEqual(self.ana.with_user(self.salesperson).whatsapp_stop_question, 'Stop sending me this please')

    def test_a_contact_without_a_question_shows_none(self):
        self.assertFalse(self.ana.with_user(self.salesperson).whatsapp_stop_question)

    def test_without_a_salesperson_the_accounts_responsible_is_asked(self):
        self.ana.user_id = False
        self.account.user_id = self.whatsapp_admin

        self.ask()

        self.assertEqual(self.ana.activity_ids.user_id, self.whatsapp_admin)

    def test_nobody_is_asked_twice(self):
        self.ask()
        self.write_in('unsubscribe me now please')

        self.assertEqual(len(self.ana.activity_ids), 1)

    def test_who_has_stopped_already_is_not_asked_about(self):
        self.write_in('stop', ago=60)
        self.write_in('I told you to stop messaging me')

        self.assertFalse(self.ana.activity_ids)

    def test_the_salesperson_records_the_stop(self):
        message = self.ask()

        self.ana.with_user(self.salesperson).action_record_whatsapp_stop()

        entry = self.ledger(self.ana)
        self.assertEqual((entry.source, entry.wording, entry.user_id),
                         ('message', 'Stop sending me this please', self.salesperson))
        self.assertEqual((message.stop_question, message.stop_decided_by_id), ('stop', self.salesperson))
        self.assertFalse(self.ana.activity_ids)
        self.assertEqual(len(self.answers()), 1)

    def test_the_salesperson_finds_that_it_is_none(self):
        message = self.ask()

        message.with_user(self.salesperson).action_not_a_stop()

        self.assertEqual((message.stop_question, self.state_of(self.ana)), ('no', 'given'))
        self.assertFalse(self.ana.activity_ids)

    def test_it_is_decided_once(self):
        message = self.ask()
        message.with_user(self.salesperson).action_not_a_stop()

        with self.assertRaisesRegex(UserError, 'decided already'):
            message.with_user(self.salesperson).action_record_stop()

    def test_a_question_whose_text_is_deleted_by_now_can_still_be_decided(self):
        message = self.ask()
        self.env['fluxforce.whatsapp.wiping']._wipe_received(message.sudo())

        message.with_user(self.salesperson).action_record_stop()

        self.assertEqual(self.ledger(self.ana).wording, 'The text was deleted for data protection.')

    def test_an_outsider_decides_nothing(self):
        message = self.ask()

        with self.assertRaises(AccessError):
            message.with_user(self.outsider).action_record_stop()


@tagged('post_install', '-at_install')
class TestFreeText(StopCommon, TransactionCase):
    """Answers in words of one's own, while the person's message keeps the window open."""

    def say(self, text='Hello Ana', **values):
        return self.env['fluxforce.whatsapp.message']._enqueue_texts(
            self.number, [(self.ana, '+447400123001', text, 'res.partner', self.ana.id)], **values)

    def test_within_the_window_it_needs_no_consent(self):
        self.write_in('Hello')
        message = self.say()
        self.run_sender()

        self.assertEqual((message.state, message.kind, message.template_id.id), ('accepted', 'text', False))
        self.assertEqual(self.meta.sends[0]['text']['body'], 'Hello Ana')

    def test_outside_the_window_it_is_refused(self):
        message = self.say()

        self.assertEqual((message.state, message.reason), ('refused', 'outside_window'))

    def test_a_window_that_closes_meanwhile_counts_at_the_claim(self):
        self.write_in('Hello')
        message = self.say()
        self.env.cr.execute("UPDATE fluxforce_whatsapp_pair SET window_until = now() - interval '1 minute'")

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('refused', 'outside_window'))

    def test_it_is_shown_in_the_chatter_with_its_ticks(self):
        self.write_in('Hello')
        message = self.say('*Hello* Ana')
        self.run_sender()

        self.assertIn('<b>Hello</b> Ana', self.chatter(self.ana)[-1].body)
        self.assertEqual(self.notification_of(message).notification_status, 'pending')

    def test_from_an_account_it_goes_from_the_number_the_person_knows(self):
        self.receive(self.written('Hello', phone_number_id=self.number_2.phone_number_id))

        message = self.env['fluxforce.whatsapp.message']._enqueue_texts(
            self.account, [(self.ana, '+447400123001', 'Hello', False, False)])

        self.assertEqual((message.number_id, message.state), (self.number_2, 'queued'))

    def test_it_goes_before_offers(self):
        self.write_in('Hello')
        offer = self.queue_agreed(self.ben, self.marketing_template)

        self.assertLess(self.say().priority, offer.priority)

    def test_a_text_that_is_too_long_is_refused_without_holding_others_back(self):
        self.write_in('Hello')
        long, short = self.say('x' * 4097), self.say('short')
        with mute_logger('odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_claim'):
            self.run_sender()
        self.make_due(short)
        self.run_sender()

        self.assertEqual((long.state, short.state), ('refused', 'accepted'))

    def test_it_can_be_sent_again(self):
        self.write_in('Hello')
        message = self.say()
        self.meta.fail('messages', 131026)
        self.run_sender()
        self.meta.heal()

        message.with_user(self.salesperson).action_send_again()

        self.assertEqual((message.again_id.kind, message.again_id.state, message.again_id.body),
                         ('text', 'queued', 'Hello Ana'))

    def test_it_goes_to_who_wrote_even_if_the_contact_has_another_number(self):
        self.write_in('Hello')
        self.ana.phone = '+44 7400 123009'

        self.assertEqual(self.say().state, 'queued')

    def test_the_forecast_and_the_explanation_know_it(self):
        self.write_in('Hello')
        message = self.say()

        self.assertTrue(message.goes_out)
        self.assertFalse(message.explanation)

    def test_a_message_without_template_is_free_text(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.cr.savepoint():
            message = self.say()
            message.kind = 'template'
            message.flush_recordset()
