import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import ComposerCommon, inbound_payload

GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'
PNG = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E'
                       'rkJggg==')


@tagged('post_install', '-at_install')
class TestComposerAnswer(ComposerCommon, TransactionCase):
    """For a day after a person wrote they can be answered without a template."""

    def let_ana_write(self, hours_ago=0):
        moment = fields.Datetime.now() - timedelta(hours=hours_ago)
        self.receive(inbound_payload('Has it arrived?', timestamp=int(moment.timestamp())))

    def form(self, partner):
        return Form(self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).with_context(
            default_res_model='res.partner', default_res_ids=repr(partner.ids)))

    # --- The window ------------------------------------------------------------------------------------------

    def test_who_wrote_lately_is_answered_without_a_template(self):
        self.let_ana_write()

        form = self.form(self.ana)
        self.assertEqual(form.mode, 'answer')
        form.text = 'It arrives on *Friday*.'
        self.assertIn('may be written to', form.verdict)
        form.save().action_send()

        message = self.messages_to(self.ana)
        self.assertEqual((message.state, message.kind, message.body), ('queued', 'text', 'It arrives on *Friday*.'))
        self.assertEqual((message.res_model, message.res_id), ('res.partner', self.ana.id))
        self.assertIn('Friday', self.chatter(self.ana)[-1].body)

    def test_who_did_not_write_gets_a_template(self):
        self.assertEqual(self.form(self.ana).mode, 'template')

    def test_the_number_that_was_written_to_answers_whichever_was_used_last(self):
        self.queue_agreed(self.ana, number=self.number)
        self.run_sender()
        moment = fields.Datetime.now() - timedelta(hours=3)
        self.env['fluxforce.whatsapp.pair']._open_windows([(self.number_2.id, '447400123001', moment)])

        composer = self.compose_answer(self.ana)
        composer.action_send()

        self.assertEqual(self.messages_to(self.ana)[-1].number_id, self.number_2)

    def test_who_wrote_to_the_number_of_another_account_is_answered_from_it(self):
        other = self.env['fluxforce.whatsapp.account'].create(self._account_values(waba_id='217000000000002'))
        self.env['fluxforce.whatsapp.number']._sync(other, [{'id': '560000000000009', 'status': 'CONNECTED'}])
        other.state = 'connected'
        self.env['fluxforce.whatsapp.pair']._open_windows([
            (other.number_ids.id, '447400123001', fields.Datetime.now())])

        form = self.form(self.ana)
        self.assertEqual(form.mode, 'answer')
        form.text = 'It has arrived.'
        form.save().action_send()

        self.assertEqual(self.messages_to(self.ana).number_id, other.number_ids)

    def test_several_are_not_answered_where_one_of_the_first_may_not_be_read(self):
        self.let_ana_write()
        self.env['ir.rule'].sudo().create({
            'name': 'Hidden', 'model_id': self.env.ref('base.model_res_partner').id,
            'domain_force': f"[('id', '!=', {self.phoneless.id})]"})

        self.assertEqual(self.form(self.phoneless + self.ana + self.ben).mode, 'template')

    def test_it_is_told_how_long_the_conversation_stays_open(self):
        self.let_ana_write(hours_ago=20)

        composer = self.compose_answer(self.ana)

        self.assertRegex(composer.window_words, r'The conversation closes in 3 h 59 min\.|4 h 0 min')

    def test_outside_the_conversation_the_reason_and_the_remedy_are_told(self):
        composer = self.compose_answer(self.ana)

        self.assertIn('Ana Costa has not written in the last 24 hours', composer.verdict)
        self.assertIn('approved templates only', composer.verdict)
        self.assertEqual(composer.sendable_count, 0)
        with self.assertRaisesRegex(UserError, 'has not written in the last 24 hours'):
            composer.action_send()

    def test_from_there_it_is_one_click_to_the_templates(self):
        composer = self.compose_answer(self.ana)

        composer.action_use_template()

        self.assertEqual(composer.mode, 'template')

    def test_a_conversation_that_closed_while_writing_is_told(self):
        self.let_ana_write()
        composer = self.compose_answer(self.ana)
        self.let_pass(self.env['fluxforce.whatsapp.message'], hours=25)

        with self.assertRaisesRegex(UserError, 'has not written in the last 24 hours'):
            composer.action_send()

    def test_many_are_not_answered_at_once(self):
        self.let_ana_write()

        with self.assertRaisesRegex(UserError, 'one person at a time'):
            self.compose_answer(self.ana | self.ben).action_send()

    def test_an_answer_may_wait_until_the_conversation_closes_and_no_longer(self):
        self.let_ana_write()
        moment = fields.Datetime.now() + timedelta(hours=2)

        with self.assertRaisesRegex(UserError, 'the conversation closes before'):
            self.compose_answer(self.ana, send_at=moment + timedelta(days=1)).action_send()
        self.compose_answer(self.ana, send_at=moment).action_send()

        self.assertEqual(self.messages_to(self.ana).due_at, moment)

    # --- The text --------------------------------------------------------------------------------------------

    def test_as_many_characters_as_whatsapp_takes_are_sent(self):
        self.let_ana_write()

        self.compose_answer(self.ana, 'a' * 4096).action_send()

        self.assertEqual(self.messages_to(self.ana).state, 'queued')

    def test_one_more_is_told_with_both_figures(self):
        self.let_ana_write()
        composer = self.compose_answer(self.ana, 'a' * 4097)

        self.assertIn('4,097 of 4,096 characters', composer.text_left)
        self.assertEqual(composer.sendable_count, 0)
        with self.assertRaisesRegex(UserError, 'Text: it has 4,097 characters, WhatsApp takes 4,096'):
            composer.action_send()

    def test_figures_are_written_as_in_the_users_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.let_ana_write()

        composer = self.compose_answer(self.ana, 'x' * 1234).with_context(lang='es_ES')

        self.assertIn('1.234', composer.text_left)
        self.assertIn('4.096', composer.text_left)

    def test_nothing_written_is_told(self):
        self.let_ana_write()

        with self.assertRaisesRegex(UserError, 'Text: write something first'):
            self.compose_answer(self.ana, ' ').action_send()

    def test_pressing_send_twice_sends_once(self):
        self.let_ana_write()
        composer = self.compose_answer(self.ana)
        composer.action_send()

        with self.assertRaisesRegex(UserError, 'sent already'):
            composer.action_send()

    def test_direction_marks_and_emoji_go_as_they_are(self):
        self.let_ana_write()
        text = '\u200fمرحبا\u200e 👩‍👩‍👧‍👦🏽'

        self.compose_answer(self.ana, text).action_send()

        self.assertEqual(self.messages_to(self.ana).body, text)

    # --- More than a text ------------------------------------------------------------------------------------

    def answer(self, kind, **values):
        self.let_ana_write()
        return self.compose_answer(self.ana, answer_kind=kind, **values)

    def options(self, *labels):
        return [(0, 0, {'title': label}) for label in labels]

    def problem(self, kind, **values):
        return self.answer(kind, **values)._answer_problem()

    def test_a_text_with_buttons(self):
        content = self.answer('buttons', option_ids=self.options('Yes', 'No'), footer='Tap one')._answer_content()

        self.assertEqual(content['interactive']['type'], 'button')
        self.assertEqual([button['reply']['title'] for button in content['interactive']['action']['buttons']],
                         ['Yes', 'No'])
        self.assertEqual(content['interactive']['footer'], {'text': 'Tap one'})

    def test_what_is_wrong_with_buttons_is_told(self):
        for labels, words in (
                ((), 'Buttons: add at least one'), (('A', 'B', 'C', 'D'), 'there are 4, WhatsApp takes 3'),
                (('A', 'A'), 'two have the same label'), (('A' * 21,), '21 characters')):
            with self.subTest(labels=labels):
                self.assertIn(words, self.problem('buttons', option_ids=self.options(*labels)))

    def test_labels_of_twenty_characters_are_right(self):
        self.assertFalse(self.problem('buttons', option_ids=self.options('A' * 20)))

    def test_a_text_with_buttons_is_shorter_than_one_without(self):
        options = self.options('Yes')
        self.assertFalse(self.problem('buttons', text='a' * 1024, option_ids=options))
        self.assertIn('WhatsApp takes 1,024', self.problem('buttons', text='a' * 1025, option_ids=options))

    def test_a_list_needs_the_label_of_its_button(self):
        options = self.options('Monday', 'Tuesday')

        self.assertIn('write its label', self.problem('list', option_ids=options))
        self.assertFalse(self.problem('list', option_ids=options, list_label='Choose'))

    def test_a_place_has_to_be_one(self):
        self.assertIn('enter where the place is', self.problem('location'))
        self.assertIn('no such place', self.problem('location', latitude=91, longitude=2))
        self.assertFalse(self.problem('location', latitude=41.3874, longitude=2.1686, place='Our workshop'))

    def test_a_contact_is_shared_as_a_card(self):
        content = self.answer('contact', contact_id=self.ben.id)._answer_content()

        self.assertEqual(content['contacts'][0]['name']['formatted_name'], 'Ben Okafor')
        self.assertEqual(content['contacts'][0]['phones'][0]['wa_id'], '447400123002')
        self.assertIn('choose one', self.problem('contact'))

    def test_the_phone_shows_what_is_written(self):
        composer = self.answer('buttons', option_ids=self.options('Yes', 'No'))

        self.assertEqual(composer.answer_preview['body'], 'It has arrived.')
        self.assertEqual([button['label'] for button in composer.answer_preview['buttons']], ['Yes', 'No'])

    def test_every_kind_reaches_the_outbox_as_what_it_is(self):
        for kind, values, expected in (
                ('buttons', {'option_ids': self.options('Yes')}, 'interactive'),
                ('list', {'option_ids': self.options('Monday'), 'list_label': 'Choose'}, 'interactive'),
                ('location', {'latitude': 41.3874, 'longitude': 2.1686, 'place': 'Our workshop'}, 'location'),
                ('contact', {'contact_id': self.ben.id}, 'contacts')):
            with self.subTest(kind=kind):
                self.answer(kind, **values).action_send()

                message = self.messages_to(self.ana)[-1]
                self.assertEqual((message.kind, message.state), (expected, 'queued'))
                self.assertEqual(message.values['type'], expected)

    def file(self, name, content, mimetype):
        return self.env['ir.attachment'].with_user(self.salesperson).create({
            'name': name, 'raw': content, 'mimetype': mimetype, 'res_model': 'fluxforce.whatsapp.composer'})

    def test_several_files_become_several_messages(self):
        picture = self.file('helmet.png', PNG, 'image/png')
        text = self.file('terms.txt', b'Return it within 14 days.', 'text/plain')

        self.answer('files', attachment_ids=[(6, 0, (picture | text).ids)]).action_send()

        messages = self.messages_to(self.ana)
        self.assertEqual(messages.mapped('kind'), ['image', 'document'])
        self.assertEqual(messages[0].values['image']['caption'], 'It has arrived.')

    def test_files_go_in_the_order_in_which_they_were_chosen(self):
        first, second = self.file('first.png', PNG, 'image/png'), self.file('second.png', PNG + b'2', 'image/png')
        composer = self.answer('files', attachment_ids=[(6, 0, (first | second).ids)])
        composer.flush_recordset()
        composer.invalidate_recordset()  # saved by the browser, sent by the next click

        composer.action_send()

        messages = self.messages_to(self.ana)
        self.assertEqual([message.values['image']['filename'] for message in messages], ['first.png', 'second.png'])
        self.assertEqual(messages[0].values['image']['caption'], 'It has arrived.')

    def test_a_file_that_whatsapp_does_not_take_is_told(self):
        odd = self.file('smile.gif', base64.b64decode(GIF), 'image/gif')

        self.assertIn('smile.gif', self.problem('files', attachment_ids=[(6, 0, odd.ids)]))

    def test_files_without_a_file_are_told(self):
        self.assertIn('Files: choose at least one', self.problem('files'))

    def test_a_file_needs_no_text(self):
        picture = self.file('helmet.png', PNG, 'image/png')

        self.assertFalse(self.problem('files', text=False, attachment_ids=[(6, 0, picture.ids)]))

    def test_a_picture_that_everybody_may_see_is_not_taken_for_the_messages_own(self):
        logo = self.env['ir.attachment'].create({'name': 'logo.png', 'raw': PNG, 'public': True})
        mine = self.file('mine.png', PNG + b'1', 'image/png')

        self.answer('files', text=False, attachment_ids=[(6, 0, (logo | mine).ids)]).action_send()

        self.assertEqual(self.messages_to(self.ana).mapped('own_file'), [False, True])
        self.assertFalse(logo.res_model)
