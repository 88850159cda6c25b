import json
from datetime import timedelta
from itertools import permutations
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..cloud_api.inbound import InboundMessage
from ..cloud_api.webhooks import parse
from .common import NOON, WhatsappCommon, inbound_payload, message_payload, status_payload, together
from .fake_meta import PHONE_ID_2

DOCUMENT = 'fluxforce.whatsapp.account'


def edit_payload(text, wamid='wamid.EDIT', target='wamid.INBOUND1', **options):
    content = {'original_message_id': target, 'message': {'type': 'text', 'text': {'body': text}}}
    return message_payload('edit', content, wamid=wamid, **options)


def revoke_payload(wamid='wamid.REVOKE', target='wamid.INBOUND1', **options):
    return message_payload('revoke', {'original_message_id': target}, wamid=wamid, **options)


def reaction_payload(emoji, wamid='wamid.REACTION', target='wamid.INBOUND1', **options):
    content = {'message_id': target, **({'emoji': emoji} if emoji else {})}
    return message_payload('reaction', content, wamid=wamid, **options)


@tagged('post_install', '-at_install')
class TestContents(WhatsappCommon, TransactionCase):
    """How each kind of message reads."""

    def body_of(self, kind, content=None, **message):
        self.receive(message_payload(kind, content, **message))
        return self.chatter(self.ana)[-1:].body

    def test_what_was_written_is_kept_with_its_moment_and_its_people(self):
        self.receive(inbound_payload('Hello'))

        message = self.inbound()
        self.assertEqual((message.body, message.type, message.partner_id, message.number_id),
                         ('Hello', 'text', self.ana, self.number))
        self.assertEqual(message.sent_at, fields.Datetime.to_datetime('2026-06-01 12:00:00'))
        self.assertEqual(message.mail_message_id, self.chatter(self.ana))

    def test_the_chatter_shows_when_it_was_written(self):
        self.receive(inbound_payload('Hello'))

        self.assertEqual(self.chatter(self.ana).date, fields.Datetime.to_datetime('2026-06-01 12:00:00'))

    def test_a_clock_ahead_does_not_date_it_into_the_future(self):
        self.receive(inbound_payload('Hello', timestamp=NOON * 2))

        self.assertLessEqual(self.chatter(self.ana).date, fields.Datetime.now())

    def test_addresses_are_links(self):
        self.assertIn('href="https://a.example/x"', self.body_of('text', {'body': 'See https://a.example/x'}))

    def test_a_location_is_a_link_to_a_map_with_name_and_address(self):
        body = self.body_of('location', {'latitude': 52.5186, 'longitude': 13.4081, 'name': 'Bike House',
                                      'address': 'Bank 4, Berlin'})

        self.assertIn('https://www.openstreetmap.org/?mlat=52.518600&amp;mlon=13.408100', body)
        self.assertIn('Bike House', body)
        self.assertIn('Bank 4, Berlin', body)

    def test_contact_cards_show_names_and_numbers(self):
        body = self.body_of('contacts', [{'name': {'formatted_name': 'Jonas Behr'}, 'phones': [{'phone': '+49 30 1'}]}])

        self.assertIn('Jonas Behr', body)
        self.assertIn('+49 30 1', body)

    def test_a_tapped_button_shows_its_label(self):
        self.assertIn('No more offers', self.body_of('button', {'text': 'No more offers', 'payload': 'STOP'}))

    def test_a_reply_button_shows_its_title(self):
        reply = {'type': 'button_reply', 'button_reply': {'id': '1', 'title': 'Confirm'}}

        self.assertIn('Confirm', self.body_of('interactive', reply))

    def test_a_choice_shows_title_and_description(self):
        reply = {'type': 'list_reply', 'list_reply': {'title': '09:30', 'description': 'Workshop north'}}
        body = self.body_of('interactive', reply)

        self.assertIn('09:30', body)
        self.assertIn('Workshop north', body)

    def test_a_form_shows_its_answers_line_by_line(self):
        answers = {'flow_token': 'secret', 'first_name': 'Mira', 'newsletter': True}
        form = {'name': 'flow', 'body': 'Sent', 'response_json': json.dumps(answers)}
        body = self.body_of('interactive', {'type': 'nfm_reply', 'nfm_reply': form})

        self.assertIn('First name: Mira', body)
        self.assertIn('Newsletter: Yes', body)
        self.assertNotIn('secret', body)

    def test_a_permission_to_call_is_said_in_words(self):
        for response, words in (('accept', 'You may call.'), ('reject', 'You may not call.')):
            with self.subTest(response=response):
                reply = {'type': 'call_permission_reply', 'call_permission_reply': {'response': response}}
                self.assertIn(words, self.body_of('interactive', reply, wamid=f'wamid.{response}'))

    def test_an_order_shows_its_products(self):
        body = self.body_of('order', {'text': 'As a gift', 'product_items': [
            {'product_retailer_id': 'HELM-L', 'quantity': 2, 'item_price': 89.9, 'currency': 'EUR'}]})

        self.assertIn('2 × HELM-L (89.90 EUR)', body)
        self.assertIn('As a gift', body)

    def test_a_question_about_a_product_names_it(self):
        context = {'id': 'wamid.X', 'referred_product': {'product_retailer_id': 'HELM-M'}}

        self.assertIn('HELM-M', self.body_of('text', {'body': 'In size L?'}, context=context))

    def test_an_ad_is_named_above_the_message(self):
        body = self.body_of('text', {'body': 'Hi'}, referral={
            'source_type': 'ad', 'source_id': '1', 'headline': 'Spring check', 'source_url': 'https://fb.me/x',
            'ctwa_clid': 'click'})

        self.assertIn('Came from the ad', body)
        self.assertIn('href="https://fb.me/x"', body)
        self.assertIn('Spring check', body)
        self.assertEqual((self.inbound().referral_type, self.inbound().referral_click), ('ad', 'click'))

    def test_an_ad_without_a_headline_is_named_by_its_id(self):
        self.assertIn('4711', self.body_of('text', {'body': 'Hi'}, referral={'source_type': 'ad', 'source_id': '4711'}))

    def test_what_was_forwarded_says_so(self):
        for name, words in (('forwarded', 'Forwarded'), ('frequently_forwarded', 'Forwarded many times')):
            with self.subTest(name=name):
                self.assertIn(words, self.body_of('text', {'body': 'Hi'}, wamid=f'wamid.{name}', context={name: True}))

    def test_a_group_message_names_its_sender(self):
        body = self.body_of('text', {'body': 'At nine?'}, group_id='GROUP')

        self.assertIn('Ana Costa', body)
        self.assertIn('in a WhatsApp group', body)

    def test_a_group_message_opens_no_conversation_with_its_sender(self):
        self.receive(message_payload('text', {'body': 'At nine?'}, group_id='GROUP'))

        self.assertFalse(self.env['fluxforce.whatsapp.pair'].search([('window_until', '!=', False)]))

    def test_what_whatsapp_does_not_hand_on_is_named(self):
        self.assertIn('poll', self.body_of('unsupported', {'type': 'poll'}))

    def test_a_kind_nobody_knows_is_named(self):
        self.assertIn('hologram', self.body_of('hologram', {'id': '1'}))

    def test_an_empty_text_is_no_problem(self):
        self.assertIn('without text', self.body_of('text', {'body': ''}))

    def test_markup_is_shown_not_run_wherever_it_stands(self):
        evil = '<img src=x onerror=alert(1)>'
        for kind, content, message in (
            ('location', {'name': evil}, {}),
            ('contacts', [{'name': {'formatted_name': evil}}], {}),
            ('order', {'product_items': [{'product_retailer_id': evil}]}, {}),
            ('hologram', None, {'type': evil}),
            ('text', {'body': 'Hi'}, {'referral': {'source_type': 'ad', 'headline': evil}}),
        ):
            with self.subTest(kind=kind):
                body = self.body_of(kind, content, **{'wamid': f'wamid.{kind}', **message})
                self.assertNotIn('<img', body)
                self.assertIn('&lt;img', body)

    def test_messages_of_one_body_come_in_the_order_in_which_they_were_written(self):
        texts = ('First', 'Second', 'Third')
        payloads = [inbound_payload(text, wamid=f'wamid.{text}', timestamp=NOON + index)
                    for index, text in enumerate(texts)]

        self.receive(together(*reversed(payloads)))

        self.assertEqual(self.chatter(self.ana).mapped('body'), [f'<div>{text}</div>' for text in texts])

    def test_words_around_a_message_are_in_the_companys_language(self):
        self.speak_spanish()
        languages = []

        def say(words, _message):
            languages.append(words.env.lang)
            return 'Something'

        with patch.object(self.env.registry['fluxforce.whatsapp.inbound.words'], '_of', say):
            self.receive(message_payload('location', {'latitude': 1, 'longitude': 2}))

        self.assertEqual(languages, ['es_ES'])


@tagged('post_install', '-at_install')
class TestNotices(WhatsappCommon, TransactionCase):
    """What WhatsApp itself tells about a person."""

    def setUp(self):
        super().setUp()
        self.receive(inbound_payload('Hello'))

    def tell(self, what, **content):
        self.receive(message_payload('system', {'type': what, **content}, wamid='wamid.SYSTEM'))

    def test_a_new_number_is_a_note_on_the_contact(self):
        self.tell('user_changed_number', wa_id='447400123099')

        note, = self.ana.message_ids.filtered(lambda message: 'new WhatsApp number' in (message.body or ''))
        self.assertIn('+447400123099', note.body)
        self.assertEqual(note.subtype_id, self.env.ref('mail.mt_note'))
        self.assertNotEqual(note.author_id, self.ana)

    def test_a_new_id_is_a_note_on_the_contact(self):
        self.tell('user_changed_user_id', user_id='GB.2')

        self.assertIn('new id', self.ana.message_ids[0].body)

    def test_a_notice_about_somebody_unknown_makes_no_contact(self):
        event = self.receive(message_payload(
            'system', {'type': 'user_changed_number', 'wa_id': '447400123099'}, sender='447400123555', wamid='wamid.S'))

        self.assertEqual(event.item_ids.state, 'ignored')
        self.assertFalse(self.env['res.partner'].search([('phone_sanitized', '=', '+447400123555')]))


@tagged('post_install', '-at_install')
class TestLanding(WhatsappCommon, TransactionCase):
    """Where a message is shown, and who is told. A document here: an account, it has a chatter and a responsible."""

    def setUp(self):
        super().setUp()
        self.document = self.env[DOCUMENT].create(self._account_values(
            waba_id='217000000000077', name='The Order', user_id=False))

    def write_to_ana(self, document=None, number=None):
        """A message that went out to Ana about a document, her contact if none is given."""
        message = self.queue_agreed(self.ana, number=number)
        self.run_sender()
        if document:
            message.write({'res_model': document._name, 'res_id': document.id})
        return message

    def shown_on(self):
        message = self.inbound().mail_message_id
        return message.model, message.res_id

    def test_an_answer_comes_to_the_document_we_wrote_about(self):
        self.write_to_ana(self.document)

        self.receive(inbound_payload('Yes, please'))

        self.assertEqual(self.shown_on(), (DOCUMENT, self.document.id))
        self.assertEqual((self.inbound().res_model, self.inbound().res_id), (DOCUMENT, self.document.id))
        self.assertEqual(self.inbound().mail_message_id.author_id, self.ana)

    def test_the_latest_message_decides(self):
        old = self.write_to_ana(self.document)
        self.let_pass(old, hours=1)
        self.write_to_ana()

        self.receive(inbound_payload('Yes, please'))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))

    def test_after_a_month_a_document_is_forgotten(self):
        message = self.write_to_ana(self.document)
        message.claimed_at -= timedelta(days=31)

        self.receive(inbound_payload('Yes, please'))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))

    def test_another_number_is_another_conversation(self):
        self.write_to_ana(self.document, number=self.number_2)

        self.receive(inbound_payload('Yes, please'))
        self.receive(inbound_payload('Here too', wamid='wamid.INBOUND2', phone_number_id=PHONE_ID_2))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))
        self.assertEqual(self.inbound('wamid.INBOUND2').mail_message_id.model, DOCUMENT)

    def test_what_did_not_go_out_does_not_count(self):
        message = self.write_to_ana(self.document)
        message.state = 'failed'

        self.receive(inbound_payload('Hello'))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))

    def test_a_document_that_is_gone_gives_way_to_the_contact(self):
        self.write_to_ana(self.document)
        self.document.unlink()

        self.receive(inbound_payload('Yes, please'))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))

    def test_a_document_of_an_app_that_is_gone_gives_way_to_the_contact(self):
        message = self.write_to_ana(self.document)
        message.res_model = 'helpdesk.gone'

        self.receive(inbound_payload('Yes, please'))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))

    def test_a_quoted_message_decides_before_the_latest(self):
        quoted = self.write_to_ana(self.document)
        self.let_pass(quoted, hours=1)
        self.write_to_ana()

        self.receive(message_payload('text', {'body': 'This one'}, context={'id': quoted.wamid}))

        self.assertEqual(self.shown_on(), (DOCUMENT, self.document.id))

    def test_a_quoted_message_is_shown_above_the_answer(self):
        quoted = self.write_to_ana()

        self.receive(message_payload('text', {'body': 'This one'}, context={'id': quoted.wamid}))

        self.assertIn('Our support is open', self.inbound().mail_message_id.body)

    def test_a_person_may_quote_what_they_wrote_themselves(self):
        self.write_to_ana(self.document)
        self.receive(inbound_payload('Is it ready?'))
        self.write_to_ana()

        self.receive(message_payload('text', {'body': 'And?'}, wamid='wamid.2', context={'id': 'wamid.INBOUND1'}))

        answer = self.inbound('wamid.2').mail_message_id
        self.assertIn('Is it ready?', answer.body)
        self.assertEqual(answer.model, DOCUMENT)

    def test_a_quote_of_something_unknown_is_no_problem(self):
        event = self.receive(message_payload('text', {'body': 'And?'}, context={'id': 'wamid.UNKNOWN'}))

        self.assertEqual(event.state, 'done')

    def test_a_group_message_comes_to_the_contact(self):
        self.write_to_ana(self.document)

        self.receive(message_payload('text', {'body': 'At nine?'}, group_id='GROUP'))

        self.assertEqual(self.shown_on(), ('res.partner', self.ana.id))

    def test_a_contact_that_was_given_to_another_company_is_no_document_of_ours(self):
        self.write_to_ana()
        self.ana.company_id = self.env['res.company'].create({'name': 'Other Company'})

        self.receive(inbound_payload('Yes, please'))

        self.assertNotEqual(self.shown_on(), ('res.partner', self.ana.id))
        self.assertEqual(self.shown_on(), ('res.partner', self.inbound().partner_id.id))

    def test_what_whatsapp_tells_about_somebody_does_not_reach_another_company(self):
        self.receive(inbound_payload('Hello'))
        self.ana.company_id = self.env['res.company'].create({'name': 'Other Company'})

        self.receive(message_payload('system', {'type': 'something_new', 'body': 'News'}, wamid='wamid.SYSTEM'))

        self.assertFalse(self.inbound('wamid.SYSTEM').mail_message_id)

    def test_who_is_responsible_for_the_document_is_told(self):
        self.write_to_ana(self.document)
        self.document.user_id = self.whatsapp_admin

        self.receive(inbound_payload('Yes, please'))

        self.assertEqual(self.inbound().mail_message_id.notified_partner_ids, self.whatsapp_admin.partner_id)

    def test_who_may_not_read_the_document_is_not_told(self):
        self.write_to_ana(self.document)
        self.document.user_id = self.outsider  # who follows it from now on
        self.ana.user_id = self.outsider
        self.assertIn(self.outsider.partner_id, self.document.message_partner_ids)

        self.receive(inbound_payload('Yes, please'))

        # The outsider may read contacts, but no account: the next one who may is who wrote last.
        self.assertEqual(self.inbound().mail_message_id.notified_partner_ids, self.salesperson.partner_id)

    def test_somebody_archived_is_not_told(self):
        self.ana.user_id = self.outsider
        self.outsider.active = False

        self.receive(inbound_payload('Hello'))

        self.assertNotIn(self.outsider.partner_id, self.inbound().mail_message_id.notified_partner_ids)

    def test_of_a_stranger_the_responsible_of_the_account_is_told(self):
        self.account.user_id = self.whatsapp_admin

        self.receive(inbound_payload('Do you deliver?', sender='447400123999', name='Nina New'))

        self.assertEqual(self.inbound().mail_message_id.notified_partner_ids, self.whatsapp_admin.partner_id)

    def test_who_is_told_by_email_gets_it_soon_and_webhooks_do_not_wait_for_the_mail_server(self):
        self.ana.user_id = self.salesperson
        self.salesperson.notification_type = 'email'

        with self.capture_triggers('mail.ir_cron_mail_scheduler_action') as captured:
            self.receive(inbound_payload('Hello'))

        mail = self.env['mail.mail'].search([('mail_message_id', '=', self.inbound().mail_message_id.id)])
        self.assertEqual(mail.state, 'outgoing')
        self.assertEqual(len(captured.records), 1)

    def test_a_batch_asks_no_question_for_each_message(self):
        self.write_to_ana(self.document)

        few, many = self.count_queries(2), self.count_queries(20)

        self.assertLess(many, few + 5)

    def count_queries(self, count):
        """:return: queries for taking in messages, but for the posting itself: that is one call for each."""
        payloads = [inbound_payload('Hello', wamid=f'wamid.{count}-{index}') for index in range(count)]
        event = self.env['fluxforce.whatsapp.event']._store(self.account.id, json.dumps(together(*payloads)).encode())
        event._unpack_one()
        items = event.item_ids.browse(event.item_ids.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with patch.object(self.env.registry['fluxforce.whatsapp.inbound'], '_post', lambda *_args: None):
            self.env['fluxforce.whatsapp.reducer']._reduce_message(self.account, items)
            self.env.flush_all()
        self.assertEqual(set(items.mapped('state')), {'done'})
        return self.env.cr.sql_log_count - before


@tagged('post_install', '-at_install')
class TestNobodysMessages(WhatsappCommon, TransactionCase):
    """People who are no contacts, where the account makes none of them."""

    def setUp(self):
        super().setUp()
        self.account.create_contacts = False
        self.receive(inbound_payload('One', sender='447400123999', name='Nina New'),
                     inbound_payload('Two', sender='447400123999', name='Nina New', wamid='wamid.INBOUND2',
                                     timestamp=NOON + 60))
        self.nina = self.env['res.partner'].create({'name': 'Nina', 'phone': False})

    def assign(self, user=None, messages=None):
        wizard = self.env['fluxforce.whatsapp.assign'].with_user(user or self.whatsapp_admin).create({
            'inbound_ids': (messages or self.inbound()).ids, 'partner_id': self.nina.id})
        wizard.action_confirm()
        self.env.invalidate_all()

    def test_their_messages_are_kept(self):
        self.assertEqual((self.inbound().body, self.inbound().partner_id), ('One', self.env['res.partner']))

    def test_only_administrators_see_them(self):
        inbound = self.env['fluxforce.whatsapp.inbound']

        self.assertFalse(inbound.with_user(self.salesperson).search([('wamid', '=', 'wamid.INBOUND1')]))
        self.assertEqual(inbound.with_user(self.whatsapp_admin).search([('wamid', '=', 'wamid.INBOUND1')]).text, 'One')

    def answer_about_a_document(self):
        """Nina, whom a document names but no contact, answers what we wrote to her about it.

        :return: the document.
        """
        document = self.env[DOCUMENT].create(self._account_values(
            waba_id='217000000000077', name='The Order', user_id=self.whatsapp_admin.id))
        message = self.queue_agreed(self.ana)
        self.run_sender()
        message.write({'partner_id': False, 'wa_id': '447400123999', 'res_model': DOCUMENT, 'res_id': document.id})
        self.receive(inbound_payload('At nine', sender='447400123999', name='Nina New', wamid='wamid.ANSWER'))
        return document

    def test_an_answer_comes_to_the_document_all_the_same(self):
        self.company.email = 'shop@example.com'

        document = self.answer_about_a_document()

        shown = self.inbound('wamid.ANSWER').mail_message_id
        self.assertEqual((shown.model, shown.res_id, shown.body), (DOCUMENT, document.id, '<div>At nine</div>'))
        self.assertFalse(shown.author_id)
        self.assertEqual(shown.email_from, '"Nina New" <shop@example.com>')
        self.assertEqual(shown.notified_partner_ids, self.whatsapp_admin.partner_id)

    def test_assigned_it_stays_there_as_the_contacts(self):
        document = self.answer_about_a_document()

        self.assign(messages=self.inbound('wamid.ANSWER'))

        shown = self.inbound('wamid.ANSWER').mail_message_id
        self.assertEqual((shown.model, shown.res_id, shown.author_id), (DOCUMENT, document.id, self.nina))
        self.assertNotIn('At nine', ' '.join(self.chatter(self.nina).mapped('body')))

    def test_assigned_they_come_into_the_contacts_chatter_in_their_order(self):
        self.assign()

        self.assertEqual([message.preview for message in self.chatter(self.nina)], ['One', 'Two'])
        self.assertEqual(self.chatter(self.nina).mapped('date')[0], self.inbound().sent_at)

    def test_what_they_write_later_comes_to_the_same_contact(self):
        self.assign()

        self.receive(inbound_payload('Three', sender='447400123999', wamid='wamid.INBOUND3'))

        self.assertIn('Three', self.chatter(self.nina)[-1:].body)

    def test_assigned_messages_are_not_assigned_again(self):
        self.assign()

        with self.assertRaises(UserError):
            self.assign()

    def test_a_salesperson_assigns_nothing(self):
        with self.assertRaises(AccessError):
            self.assign(self.salesperson)


@tagged('post_install', '-at_install')
class TestChanges(WhatsappCommon, TransactionCase):
    """Edits and deletions by the person."""

    def test_an_edit_shows_the_new_text_and_that_it_was_edited(self):
        self.receive(inbound_payload('At nine'))

        self.receive(edit_payload('At ten', timestamp=NOON + 60))

        body = self.chatter(self.ana).body
        self.assertIn('At ten', body)
        self.assertIn('o-mail-Message-edited', body)
        self.assertNotIn('At nine', body)
        self.assertEqual(len(self.chatter(self.ana)), 1)

    def test_administrators_still_read_the_former_text(self):
        self.receive(inbound_payload('At nine'), edit_payload('At ten', timestamp=NOON + 60))
        message = self.inbound()

        self.assertIn('At nine', message.with_user(self.whatsapp_admin).former_text)
        self.assertNotIn('At ten', message.with_user(self.whatsapp_admin).former_text)
        with self.assertRaises(AccessError):
            message.with_user(self.salesperson).read(['former_text'])

    def test_an_edit_opens_no_conversation(self):
        self.receive(inbound_payload('At nine', timestamp=NOON))
        before = self.env['fluxforce.whatsapp.pair'].search([]).mapped('window_until')

        self.receive(edit_payload('At ten', timestamp=NOON + 3600))

        self.assertEqual(self.env['fluxforce.whatsapp.pair'].search([]).mapped('window_until'), before)

    def test_a_deleted_message_says_so_and_nothing_else(self):
        self.receive(inbound_payload('My secret'))

        self.receive(revoke_payload(timestamp=NOON + 60))

        body = self.chatter(self.ana).body
        self.assertIn('deleted this message', body)
        self.assertNotIn('My secret', body)
        self.assertNotIn('secret', self.inbound().with_user(self.salesperson).text)

    def test_administrators_still_read_what_was_deleted(self):
        self.receive(inbound_payload('My secret'), revoke_payload(timestamp=NOON + 60))

        self.assertIn('My secret', self.inbound().with_user(self.whatsapp_admin).former_text)

    def test_a_deleted_message_is_not_found_by_its_text(self):
        self.receive(inbound_payload('My secret'), revoke_payload(timestamp=NOON + 60))

        self.assertFalse(self.env['fluxforce.whatsapp.inbound'].with_user(self.salesperson).search(
            [('text', 'ilike', 'secret')]))

    def test_the_order_of_changes_does_not_matter(self):
        changes = (edit_payload('Early', 'wamid.E1', timestamp=NOON + 60),
                   edit_payload('Late', 'wamid.E2', timestamp=NOON + 120))
        bodies = set()
        for index, order in enumerate(permutations(changes)):
            target = f'wamid.T{index}'
            self.receive(inbound_payload('First', wamid=target))
            for number, change in enumerate(order):
                message = change['entry'][0]['changes'][0]['value']['messages'][0]
                again = json.loads(json.dumps(change).replace('wamid.INBOUND1', target).replace(
                    message['id'], f'{message["id"]}-{index}-{number}'))
                self.receive(again)
            bodies.add((self.inbound(target).body, self.inbound(target).mail_message_id.body))

        self.assertEqual({body for body, __ in bodies}, {'Late'})
        self.assertEqual(len(bodies), 1)

    def test_a_deletion_beats_a_later_edit(self):
        self.receive(inbound_payload('First'), revoke_payload(timestamp=NOON + 60))

        self.receive(edit_payload('Back again', timestamp=NOON + 120))

        self.assertIn('deleted this message', self.chatter(self.ana).body)

    def test_a_change_that_comes_before_its_message_waits_for_it(self):
        event = self.receive(edit_payload('At ten', timestamp=NOON + 60))
        self.assertEqual(event.item_ids.state, 'waiting')

        self.receive(inbound_payload('At nine'))

        self.assertEqual(event.item_ids.state, 'done')
        self.assertIn('At ten', self.chatter(self.ana).body)

    def test_a_change_and_its_message_may_come_in_one_body_in_any_order(self):
        self.receive(together(revoke_payload(timestamp=NOON + 60), inbound_payload('First')))

        self.assertIn('deleted this message', self.chatter(self.ana).body)

    def test_a_change_does_not_wait_for_ever(self):
        event = self.receive(revoke_payload())
        event.received_at = fields.Datetime.now() - timedelta(minutes=11)

        self.apply_webhooks()

        self.assertEqual(event.item_ids.state, 'ignored')

    def come_late(self, change):
        """Let a change come, and its message when nobody waits for it any more.

        :return: the webhook of the change.
        """
        event = self.receive(change)
        event.received_at = fields.Datetime.now() - timedelta(days=3)
        self.apply_webhooks()
        self.receive(inbound_payload('My secret'))
        return event

    def test_a_deletion_counts_however_late_its_message_comes(self):
        event = self.come_late(revoke_payload())

        self.assertEqual(event.item_ids.state, 'done')
        self.assertNotIn('My secret', self.chatter(self.ana).body)

    def test_an_edit_counts_however_late_its_message_comes(self):
        self.come_late(edit_payload('At ten', timestamp=NOON + 60))

        self.assertIn('At ten', self.chatter(self.ana).body)

    def test_a_change_whose_content_was_deleted_stays_as_it_is(self):
        event = self.receive(revoke_payload())
        event.item_ids.write({'state': 'ignored', 'content': False})

        self.receive(inbound_payload('Hello'))

        self.assertEqual(event.item_ids.state, 'ignored')

    def test_a_change_of_a_message_with_an_endless_id_is_kept(self):
        endless = ''.join(str(number) for number in range(2000))

        event = self.receive(message_payload('revoke', {'original_message_id': endless}))

        self.assertEqual(event.item_ids.state, 'waiting')

    def test_a_change_without_a_target_is_kept_only(self):
        event = self.receive(message_payload('edit', {'message': 'odd'}))

        self.assertEqual(event.item_ids.state, 'ignored')

    def test_a_change_of_another_account_changes_nothing(self):
        self.receive(inbound_payload('Mine'))
        other = self.env['fluxforce.whatsapp.account'].create(self._account_values(waba_id='217000000000002'))
        self.env['fluxforce.whatsapp.number']._sync(other, [{'id': '560000000000009', 'status': 'CONNECTED'}])
        forged = json.loads(json.dumps(revoke_payload()).replace('217000000000001', '217000000000002').replace(
            '560000000000001', '560000000000009'))
        self.account = other

        self.receive(forged)

        self.assertIn('Mine', self.chatter(self.ana).body)

    def test_who_was_told_of_a_message_sees_its_edit_at_once(self):
        self.ana.user_id = self.salesperson
        self.receive(inbound_payload('At nine'))
        self.env['bus.bus'].search([]).unlink()

        self.receive(edit_payload('At ten', timestamp=NOON + 60))

        sent = self.env['bus.bus'].search([]).mapped('message')
        self.assertTrue([message for message in sent if 'At ten' in message])


@tagged('post_install', '-at_install')
class TestReactions(WhatsappCommon, TransactionCase):

    def reactions(self, message=None):
        reactions = (message or self.chatter(self.ana)[:1]).reaction_ids
        return [(reaction.content, reaction.partner_id) for reaction in reactions]

    def test_a_reaction_to_our_message_shows_on_it(self):
        message = self.queue_agreed(self.ana)
        self.run_sender()

        self.receive(reaction_payload('👍', target=message.wamid))

        self.assertEqual(self.reactions(message.mail_message_id), [('👍', self.ana)])

    def test_a_reaction_to_their_own_message_shows_on_it(self):
        self.receive(inbound_payload('Hello'), reaction_payload('👍', timestamp=NOON + 1))

        self.assertEqual(self.reactions(), [('👍', self.ana)])

    def test_a_reaction_is_no_message_of_its_own(self):
        self.receive(inbound_payload('Hello'), reaction_payload('👍', timestamp=NOON + 1))

        self.assertEqual(len(self.chatter(self.ana)), 1)

    def test_a_new_reaction_replaces_the_former(self):
        self.receive(inbound_payload('Hello'), reaction_payload('👍', timestamp=NOON + 1))

        self.receive(reaction_payload('❤️', 'wamid.R2', timestamp=NOON + 2))

        self.assertEqual(self.reactions(), [('❤️', self.ana)])

    def test_a_reaction_taken_back_goes(self):
        self.receive(inbound_payload('Hello'), reaction_payload('👍', timestamp=NOON + 1))

        self.receive(reaction_payload(None, 'wamid.R2', timestamp=NOON + 2))

        self.assertFalse(self.reactions())

    def test_the_newest_reaction_counts_whatever_the_order(self):
        told = [reaction_payload('👍', 'wamid.R1', timestamp=NOON + 1),
                reaction_payload(None, 'wamid.R2', timestamp=NOON + 2),
                reaction_payload('❤️', 'wamid.R3', timestamp=NOON + 3)]
        self.receive(inbound_payload('Hello'))

        self.receive(*reversed(told))

        self.assertEqual(self.reactions(), [('❤️', self.ana)])

    def test_a_removal_that_comes_first_still_counts(self):
        self.receive(inbound_payload('Hello'), reaction_payload(None, 'wamid.R2', timestamp=NOON + 2))

        self.receive(reaction_payload('👍', 'wamid.R1', timestamp=NOON + 1))

        self.assertFalse(self.reactions())

    def test_two_of_the_same_second_end_the_same_in_both_orders(self):
        told = [reaction_payload('👍', 'wamid.R1', timestamp=NOON + 1),
                reaction_payload('❤️', 'wamid.R2', timestamp=NOON + 1)]
        ends = set()
        for index, order in enumerate(permutations(told)):
            target = f'wamid.T{index}'
            self.receive(inbound_payload('Hello', wamid=target))
            for payload in order:
                self.receive(json.loads(json.dumps(payload).replace('wamid.INBOUND1', target).replace(
                    'wamid.R', f'wamid.R{index}')))
            ends.add(self.inbound(target).mail_message_id.reaction_ids.content)

        self.assertEqual(len(ends), 1)

    def test_the_colleagues_own_reactions_stay(self):
        self.receive(inbound_payload('Hello'))
        shown = self.chatter(self.ana)
        shown._message_reaction('🎉', 'add', self.salesperson.partner_id, self.env['mail.guest'])

        self.receive(reaction_payload('👍', timestamp=NOON + 1), reaction_payload(None, 'wamid.R2', timestamp=NOON + 2))

        self.assertEqual(self.reactions(), [('🎉', self.salesperson.partner_id)])

    def test_a_reaction_to_a_message_that_is_not_here_waits(self):
        event = self.receive(reaction_payload('👍', target='wamid.LATER'))

        self.assertEqual(event.item_ids.state, 'waiting')

    def test_a_reaction_counts_however_late_its_message_comes(self):
        event = self.receive(reaction_payload('👍', timestamp=NOON + 1))
        event.received_at = fields.Datetime.now() - timedelta(days=3)
        self.apply_webhooks()

        self.receive(inbound_payload('Hello'))

        self.assertEqual(self.reactions(), [('👍', self.ana)])

    def test_a_reaction_counts_when_only_a_later_report_tells_which_message_it_was(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'unknown', 'attempts': 1, 'claimed_at': fields.Datetime.now()})
        event = self.receive(reaction_payload('👍', target='wamid.MINE', timestamp=NOON + 1))
        event.received_at = fields.Datetime.now() - timedelta(hours=3)
        self.apply_webhooks()

        self.receive(status_payload('wamid.MINE', 'delivered', message.key))

        self.assertEqual(self.reactions(message.mail_message_id), [('👍', self.ana)])

    def test_who_was_told_of_the_message_sees_the_reaction_at_once(self):
        self.ana.user_id = self.salesperson
        self.receive(inbound_payload('Hello'))
        self.env['bus.bus'].search([]).unlink()

        self.receive(reaction_payload('👍', timestamp=NOON + 1))

        channels = [json.loads(channel) for channel in self.env['bus.bus'].search([]).mapped('channel')]
        self.assertTrue([channel for channel in channels if self.salesperson.partner_id.id in channel])

    def test_an_emoji_of_absurd_length_is_cut(self):
        self.receive(inbound_payload('Hello'), reaction_payload('👍' * 500, timestamp=NOON + 1))

        self.assertEqual(len(self.chatter(self.ana).reaction_ids.content), 32)


@tagged('post_install', '-at_install')
class TestReaders(WhatsappCommon, TransactionCase):
    """Who may read what was written."""

    def setUp(self):
        super().setUp()
        self.document = self.env[DOCUMENT].create(self._account_values(waba_id='217000000000077', name='The Order'))
        self.receive(inbound_payload('My secret'))

    def hide(self):
        """Let the message be about something that salespeople may not read."""
        self.inbound().write({'res_model': 'ir.config_parameter', 'res_id': self.env['ir.config_parameter'].search(
            [], limit=1).id})

    def test_who_may_read_the_document_reads_the_message(self):
        self.assertEqual(self.inbound().with_user(self.salesperson).text, 'My secret')

    def test_who_may_not_read_the_document_reads_no_message(self):
        self.hide()

        self.assertIn('may not read', self.inbound().with_user(self.salesperson).text)
        self.assertEqual(self.inbound().with_user(self.whatsapp_admin).text, 'My secret')

    def test_a_search_finds_only_what_may_be_read(self):
        inbound = self.env['fluxforce.whatsapp.inbound'].with_user(self.salesperson)
        self.assertTrue(inbound.search([('text', 'ilike', 'secret')]))
        self.hide()

        self.assertFalse(inbound.search([('text', 'ilike', 'secret')]))

    def test_the_words_themselves_are_for_administrators(self):
        for name in ('body', 'original', 'edits', 'quote'):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.inbound().with_user(self.salesperson).read([name])

    def test_another_companys_messages_are_not_seen(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        stranger = self.whatsapp_admin.copy({'login': 'stranger', 'company_id': company.id,
                                             'company_ids': company.ids, 'name': 'Sam Stranger'})

        self.assertFalse(self.env['fluxforce.whatsapp.inbound'].with_user(stranger).search([]))

    def test_nobody_writes_what_was_received(self):
        with self.assertRaises(AccessError):
            self.inbound().with_user(self.whatsapp_admin).write({'type': 'text'})


@tagged('post_install', '-at_install')
class TestWhoItIs(WhatsappCommon, TransactionCase):

    def test_a_newcomer_at_somebodys_old_number_is_another_person(self):
        self.receive(inbound_payload('I am Ana', user_id='GB.1'))

        self.receive(inbound_payload('I have her number now', wamid='wamid.2', user_id='GB.2', name='Nora New'))

        self.assertEqual(self.chatter(self.ana).mapped('preview'), ['I am Ana'])
        newcomer = self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', 'GB.2')]).partner_id
        self.assertEqual((newcomer.name, newcomer == self.ana), ('Nora New', False))

    def newcomer(self, bsuid='GB.2', **values):
        """Ana has agreed and written; now somebody else writes from her number.

        :return: the newcomer's contact
        """
        agreed_at = fields.Datetime.now() - timedelta(days=2)
        now = int(fields.Datetime.now().timestamp())
        self.give_consent(self.ana, 'marketing', given_at=agreed_at, **values)
        self.give_consent(self.ana, given_at=agreed_at)
        self.receive(inbound_payload('I am Ana', user_id='GB.1', timestamp=now - 3600))
        self.receive(inbound_payload('I have her number now', wamid='wamid.2', user_id=bsuid, name='Nora New',
                                     timestamp=now))
        return self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', bsuid)]).partner_id

    def test_a_newcomer_does_not_inherit_what_the_former_owner_of_the_number_agreed_to(self):
        nora = self.newcomer()

        messages = self.queue(nora + self.ana, self.marketing_template) + self.queue(nora + self.ana)
        self.assertEqual(messages.mapped('reason'), ['consent_withdrawn'] * 4)

    def test_what_waits_for_the_former_owner_does_not_go_to_the_newcomer(self):
        offer = self.queue_agreed(self.ana, self.marketing_template)

        self.newcomer()

        self.assertEqual(offer.state, 'cancelled')

    def test_somebody_is_asked_once_about_a_number_that_changed_hands(self):
        self.newcomer()
        self.receive(inbound_payload('Me again', wamid='wamid.3', user_id='GB.2', name='Nora New'))

        alert = self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_people')])
        self.assertEqual(alert.count, 1)
        self.assertIn('Nora New', alert.detail)

    def test_what_the_newcomer_agrees_to_counts(self):
        nora = self.newcomer()
        self.give_consent(nora, 'marketing')

        self.assertEqual(self.queue(nora, self.marketing_template).state, 'queued')

    def test_the_same_person_keeps_what_they_agreed_to(self):
        self.newcomer('GB.1')

        self.assertEqual(self.queue(self.ana, self.marketing_template).state, 'queued')
        self.assertFalse(self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_people')]))

    def hidden_and_shown(self, meanwhile=lambda anita: None):
        """Ana is known by her number; Anita writes without hers, and later turns out to have Ana's.

        :param meanwhile: what is done with Anita before that
        :return: Anita, who has the number now
        """
        self.receive(inbound_payload('One'))
        self.receive(inbound_payload('Two', sender=None, name='Anita', wamid='wamid.2', user_id='GB.1'))
        anita = self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', 'GB.1')])
        meanwhile(anita)
        self.receive(inbound_payload('Three', name='Anita', wamid='wamid.3', user_id='GB.1'))
        return anita

    def block_ana(self, _anita):
        self.inbound().identity_id.with_user(self.salesperson)._block('Asked us to stop by phone')

    def test_who_is_blocked_by_number_stays_blocked_under_their_id(self):
        anita = self.hidden_and_shown(self.block_ana)

        self.assertEqual((anita.wa_id, anita.blocked, anita.block_reason, anita.blocked_by_id),
                         ('447400123001', True, 'Asked us to stop by phone', self.salesperson))

    def test_somebody_is_asked_about_two_contacts_with_one_number(self):
        self.hidden_and_shown()

        alert = self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_contacts')])
        self.assertEqual(alert.count, 1)
        self.assertIn('Ana Costa, known by +447400123001, and Anita', alert.detail)

    def test_nobody_is_asked_where_both_are_one_contact(self):
        self.hidden_and_shown(lambda anita: anita._give_to(self.ana))

        self.assertFalse(self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_contacts')]))

    def second_number(self, timestamp):
        """Ana, blocked, is known by her number only; Otto, known by id and another number, turns out to have Ana's.

        :param timestamp: of Otto's message from Ana's number
        :return: (Ana, Otto) on WhatsApp
        """
        self.receive(inbound_payload('One'))
        self.block_ana(None)
        self.receive(inbound_payload('Two', sender='447400123888', name='Otto', wamid='wamid.2', user_id='GB.3'))
        self.receive(inbound_payload('Three', name='Otto', wamid='wamid.3', user_id='GB.3', timestamp=timestamp))
        return self.inbound().identity_id, self.inbound('wamid.2').identity_id

    def test_who_had_another_number_is_not_blocked_for_the_former_owner_of_this_one(self):
        ana, otto = self.second_number(NOON + 60)

        self.assertEqual((ana.blocked, otto.blocked, otto.wa_id), (True, False, '447400123001'))
        self.assertIn('Otto', self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'two_people')]).detail)

    def test_a_message_that_comes_late_takes_no_number_from_anybody(self):
        ana, otto = self.second_number(NOON - 3600)

        self.assertEqual((ana.wa_id, otto.wa_id), ('447400123001', '447400123888'))

    def test_what_a_newcomer_writes_is_not_shown_on_the_document_of_who_had_the_number(self):
        order = self.env[DOCUMENT].create(self._account_values(waba_id='217000000000077', name='The Order'))
        self.receive(inbound_payload('One', user_id='GB.1'))
        message = self.queue_agreed(self.ana)
        self.run_sender()
        message.write({'res_model': DOCUMENT, 'res_id': order.id})

        self.receive(inbound_payload('I am new', wamid='wamid.2', user_id='GB.2', name='Nora New'))

        shown = self.inbound('wamid.2')
        self.assertEqual((shown.res_model, shown.res_id), ('res.partner', shown.partner_id.id))
        self.assertNotEqual(shown.partner_id, self.ana)

    def test_a_moment_far_ahead_keeps_no_service_window_open(self):
        self.receive(inbound_payload('Hello', timestamp=99999999999))

        window = self.env['fluxforce.whatsapp.pair'].search([('number_id', '=', self.number.id)]).window_until
        self.assertLess(window, fields.Datetime.now() + timedelta(days=2))

    def test_a_moment_far_ahead_does_not_make_all_that_follows_late(self):
        self.receive(inbound_payload('Hello', name='Ana', timestamp=99999999999))
        tomorrow = fields.Datetime.now() + timedelta(days=1)

        with freeze_time(tomorrow):
            self.receive(inbound_payload('Again', name='Ana Costa', wamid='wamid.2',
                                         timestamp=int(tomorrow.timestamp())))

        person = self.env['fluxforce.whatsapp.identity'].search([('wa_id', '=', '447400123001')])
        self.assertEqual((person.profile_name, person.last_seen), ('Ana Costa', tomorrow))

    def test_only_the_people_of_a_batch_are_read(self):
        self.env['fluxforce.whatsapp.identity'].create({'account_id': self.account.id, 'wa_id': '447400123002'})
        item, = parse(json.dumps(inbound_payload('My id is not told')).encode())

        people = self.env['fluxforce.whatsapp.identity']._search_people(self.account, [InboundMessage.from_item(item)])

        self.assertFalse(people)
