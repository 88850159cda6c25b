from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon
from .fake_meta import template_row


@tagged('post_install', '-at_install')
class TestComposer(WhatsappCommon, TransactionCase):

    def compose(self, partners, template=None, user=None, **values):
        """Open the composer as the chatter button does and choose a template."""
        return self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).create({
            'res_model': partners._name, 'res_ids': repr(partners.ids),
            'template_id': (template or self.utility_template).id, **values})

    def form(self, partners, user=None):
        return Form(self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).with_context(
            default_res_model='res.partner', default_res_ids=repr(partners.ids)))

    def messages_to(self, partners):
        return self.env['fluxforce.whatsapp.message'].search([('partner_id', 'in', partners.ids)], order='id')

    # --- Before sending --------------------------------------------------------------------------------------

    def test_the_first_number_able_to_send_is_proposed(self):
        self.number.status = 'BANNED'

        self.assertEqual(self.form(self.ana).number_id, self.number_2)

    def test_with_several_numbers_each_person_is_written_to_from_the_one_it_knows(self):
        self.give_consent(self.ana | self.ben)
        self.queue(self.ben, self.utility_template, number=self.number_2)
        self.run_sender()

        form = self.form(self.ana | self.ben)
        self.assertFalse(form.number_id)
        form.template_id = self.utility_template
        form.save().action_send()

        self.assertEqual(self.messages_to(self.ana).number_id, self.number)
        self.assertEqual(self.messages_to(self.ben)[-1].number_id, self.number_2)

    def test_an_account_without_any_number_cannot_send(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana)
        self.account.number_ids.active = False

        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, 'no number to send from'):
            composer.action_send()

    def test_a_hold_is_told_with_its_moment(self):
        self.give_consent(self.ana | self.ben, 'marketing')
        self.account.write({'quiet_from': 0, 'quiet_to': 23.99})

        verdict = self.compose(self.ana, self.marketing_template).verdict

        self.assertRegex(verdict, 'It is night where this person lives.*Goes out (today|tomorrow) ')
        group = self.compose(self.ana | self.ben, self.marketing_template).group_ids
        self.assertEqual((group.action, group.count), ('hold', 2))
        self.assertRegex(group.words, 'It is night.*Goes out (today|tomorrow) ')

    def test_the_recipient_is_shown_with_the_number_dialled(self):
        self.assertEqual(self.form(self.ana).recipient, 'Ana Costa · +447400123001')

    def test_the_preview_shows_the_contacts_own_values(self):
        with self.form(self.ana) as form:
            form.template_id = self.utility_template
            self.assertIn('Hi Ana Costa, your order S00042 is on its way.', form.preview_data['body'])

    def test_a_contacts_markup_is_shown_not_run(self):
        self.ana.name = '<script>alert(1)</script>'

        composer = self.compose(self.ana)

        self.assertNotIn('<script>', composer.preview)

    def test_the_verdict_says_that_the_person_may_be_written_to(self):
        self.give_consent(self.ana)

        self.assertIn('This person may be written to', self.compose(self.ana).verdict)

    def test_the_verdict_says_why_not(self):
        composer = self.compose(self.ana)

        self.assertIn('has not agreed to messages of this kind', composer.verdict)
        self.assertEqual(composer.sendable_count, 0)

    def test_the_verdict_follows_the_template(self):
        self.give_consent(self.ana, 'utility')
        with self.form(self.ana) as form:
            form.template_id = self.marketing_template
            self.assertIn('has not agreed', form.verdict)
            form.template_id = self.utility_template
            self.assertIn('may be written to', form.verdict)

    def test_without_number_the_verdict_says_so(self):
        self.assertIn('There is no phone number', self.compose(self.phoneless).verdict)

    def test_a_number_that_cannot_be_right_is_told(self):
        self.give_consent(self.misdialled)

        self.assertIn('cannot be right', self.compose(self.misdialled).verdict)

    def test_a_missing_value_is_told_before(self):
        self.give_consent(self.ana)
        self.ana.ref = False

        composer = self.compose(self.ana)

        self.assertIn('A value of the template is empty', composer.verdict)
        self.assertIn('{{2}}', composer.preview)

    def test_a_stopped_account_is_told_but_the_message_may_wait(self):
        self.give_consent(self.ana)
        self.account.state = 'error'

        composer = self.compose(self.ana)

        self.assertIn('the message waits', composer.verdict)
        self.assertEqual(composer.sendable_count, 1)

    def test_a_missing_value_is_named_as_in_the_text(self):
        self.give_consent(self.ana)
        self.ana.ref = False

        composer = self.compose(self.ana)

        self.assertIn('({{2}})', composer.verdict)
        with self.assertRaisesRegex(UserError, r'\(\{\{2\}\}\)'):
            composer.action_send()

    def test_a_number_that_cannot_be_right_is_shown_as_typed(self):
        self.assertIn('(+44 7700 900123: there is no such number', self.compose(self.misdialled).verdict)

    def test_the_state_of_a_template_is_told_in_words(self):
        self.give_consent(self.ana, 'marketing')

        self.assertIn('(In review)', self.compose(self.ana, self.pending_template).verdict)

    def test_the_templates_offered_are_those_of_the_number(self):
        other = self.env['fluxforce.whatsapp.account'].create(self._account_values(waba_id='217000000000002'))
        self.env['fluxforce.whatsapp.template']._sync(other, self.meta.templates)

        composer = self.compose(self.ana, number_id=self.number.id)

        self.assertEqual(composer.offered_ids.account_id, self.account)
        self.assertIn(self.plain_template, composer.offered_ids)
        self.assertNotIn(self.pending_template, composer.offered_ids, 'Meta would not send it')

    def test_the_category_is_shown_in_the_users_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        field = self.env['ir.model.fields']._get('fluxforce.whatsapp.template', 'category')
        field.selection_ids.filtered(lambda option: option.value == 'UTILITY').with_context(
            lang='es_ES').name = 'Servicio'

        self.assertEqual(self.compose(self.ana).with_context(lang='es_ES').purpose, 'Servicio')

    def test_for_many_the_verdict_counts_by_reason(self):
        self.give_consent(self.ana | self.ben)

        composer = self.compose(self.ana | self.ben | self.chloe | self.phoneless, self.plain_template)

        self.assertIn('2 of 4 can be sent.', composer.verdict)
        self.assertEqual(
            [(group.action, group.reason, group.count, group.names) for group in composer.group_ids],
            [('allow', '', 2, 'Ana Costa, Ben Okafor'), ('refuse', 'no_consent', 1, 'Chloe Martin'),
             ('refuse', 'no_phone', 1, 'Petra Phoneless')])
        self.assertEqual(composer.sendable_count, 2)

    def test_without_any_account_the_composer_says_what_to_do(self):
        self.account.active = False
        self.account.number_ids.active = False

        form = self.form(self.ana)

        self.assertIn('No WhatsApp number is connected yet', form.verdict)

    def test_the_menu_entry_takes_the_selected_contacts(self):
        composer = self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).with_context(
            active_model='res.partner', active_ids=(self.ana | self.ben).ids).new({})

        self.assertEqual(composer.record_count, 2)

    # --- Sending ---------------------------------------------------------------------------------------------

    def test_send_queues_the_message(self):
        self.give_consent(self.ana)

        action = self.compose(self.ana).action_send()

        message = self.messages_to(self.ana)
        self.assertEqual((message.state, message.phone), ('queued', '+447400123001'))
        self.assertEqual(message.body, 'Hi Ana Costa, your order S00042 is on its way.')
        self.assertEqual(message.create_uid, self.salesperson)
        self.assertEqual(action['params']['message'], 'The message is on its way.')
        self.assertFalse(self.meta.calls, 'nothing is sent from the click itself')

    def test_the_same_record_twice_is_one(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana, res_ids=repr([self.ana.id, self.ana.id]))

        composer.action_send()

        self.assertEqual(len(self.messages_to(self.ana)), 1)

    def test_one_person_behind_two_records_gets_one_message(self):
        twin = self.env['res.partner'].create({'name': 'Ana at Work', 'phone': '+44 7400 123001', 'ref': 'S1'})
        self.give_consent(self.ana | self.ben)
        composer = self.compose(self.ana | twin | self.ben)
        self.assertIn('2 of 2 can be sent', composer.verdict)
        self.assertIn('1 left out', composer.verdict)

        composer.action_send()

        self.assertEqual(len(self.messages_to(self.ana | twin | self.ben)), 2)

    def test_all_without_number_are_told_not_left_out(self):
        nobody = self.env['res.partner'].create({'name': 'Nora Numberless'})

        composer = self.compose(self.phoneless | nobody, self.plain_template)

        self.assertEqual((composer.group_ids.reason, composer.group_ids.count), ('no_phone', 2))

    def test_pressing_send_twice_sends_once(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana)
        composer.action_send()

        with self.assertRaisesRegex(UserError, 'sent already'):
            composer.action_send()

        self.assertEqual(len(self.messages_to(self.ana)), 1)

    def test_a_message_that_waits_is_not_called_on_its_way(self):
        self.give_consent(self.ana)
        self.account.state = 'error'

        action = self.compose(self.ana).action_send()

        self.assertNotIn('on its way', action['params']['message'])
        self.assertIn('1 on hold', action['params']['message'])
        self.assertEqual(action['params']['type'], 'warning')

    def test_send_shows_the_message_in_the_chatter_with_its_state(self):
        self.give_consent(self.ana, 'marketing')

        self.compose(self.ana, self.marketing_template).action_send()

        message = self.chatter(self.ana)
        self.assertEqual(message.author_id, self.salesperson.partner_id)
        self.assertIn('Spring is here', message.body)
        self.assertIn('<b>all helmets</b>', message.body)
        notification = message.notification_ids
        self.assertEqual((notification.notification_type, notification.notification_status), ('whatsapp', 'ready'))
        self.assertEqual(notification.res_partner_id, self.ana)
        self.assertTrue(notification.is_read, 'the contact must not find it in an inbox of Odoo')
        self.assertIn(notification, message.notification_ids._filtered_for_web_client())

    def test_nobody_is_mailed_about_it(self):
        self.give_consent(self.ana)
        self.ana.email = 'ana@example.com'
        self.ana.message_subscribe((self.ana | self.outsider.partner_id).ids)

        mails_before = self.env['mail.mail'].search_count([])
        self.compose(self.ana).action_send()

        self.assertEqual(self.env['mail.mail'].search_count([]), mails_before)

    def test_a_refused_person_raises_the_reason_and_writes_nothing(self):
        composer = self.compose(self.ana)

        with self.assertRaisesRegex(UserError, 'has not agreed to messages of this kind'):
            composer.action_send()

        self.assertFalse(self.messages_to(self.ana))
        self.assertFalse(self.chatter(self.ana))

    def test_without_phone_number_the_error_says_so(self):
        with self.assertRaisesRegex(UserError, 'There is no phone number. Add one to the contact.'):
            self.compose(self.phoneless, self.plain_template).action_send()

    def test_among_many_the_refused_are_kept_with_their_reason(self):
        self.give_consent(self.ana)

        action = self.compose(self.ana | self.ben).action_send()

        self.assertEqual(self.messages_to(self.ana).state, 'queued')
        self.assertEqual((self.messages_to(self.ben).state, self.messages_to(self.ben).reason),
                         ('refused', 'no_consent'))
        self.assertIn('1 were refused', action['params']['message'])
        self.assertEqual(action['params']['type'], 'warning')
        self.assertFalse(self.chatter(self.ben))

    def test_free_values_are_asked_for_and_sent(self):
        self.give_consent(self.ana)
        with self.form(self.ana) as form:
            form.template_id = self.named_template
            self.assertIn('A value of the template is empty', form.verdict)
            with form.value_ids.edit(0) as line:
                self.assertEqual(line.sample, '12 June')
                line.value = 'Friday'
            self.assertIn('see you on Friday', form.preview_data['body'])
        form.save().action_send()

        self.assertEqual(self.messages_to(self.ana).values, {'body:name': 'Ana Costa', 'body:date': 'Friday'})

    def test_a_place_that_is_typed_otherwise_is_told_while_typing(self):
        self.env['fluxforce.whatsapp.template']._sync(self.account, [template_row(
            '1', 'place', 'Here we are.', more=({'type': 'HEADER', 'format': 'LOCATION'},))])
        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'place')])
        self.give_consent(self.ana)
        composer = self.compose(self.ana, template)

        composer.value_ids.value = 'Our shop'

        self.assertIn('write it like "41.3874, 2.1686', composer.typed_problem)
        with self.assertRaisesRegex(UserError, 'write it like'):
            composer.action_send()
        composer.value_ids.value = '39.47, -0.38; Our shop'
        self.assertFalse(composer.typed_problem)
        composer.action_send()
        self.assertEqual(self.messages_to(self.ana).state, 'queued')

    def test_a_template_made_for_other_records_is_refused(self):
        self.give_consent(self.ana)
        self.plain_template.model_id = self.env['ir.model']._get('discuss.channel')

        with self.assertRaisesRegex(UserError, 'is made for'):
            self.compose(self.ana, self.plain_template).action_send()

    def test_a_template_of_another_account_is_refused(self):
        self.give_consent(self.ana)
        other = self.env['fluxforce.whatsapp.account'].create(self._account_values(waba_id='217000000000002'))
        self.env['fluxforce.whatsapp.number']._sync(other, [{'id': '560000000000009', 'status': 'CONNECTED'}])

        with self.assertRaisesRegex(UserError, 'different WhatsApp accounts'):
            self.compose(self.ana, number_id=other.number_ids.id).action_send()

    def test_no_record_is_an_error(self):
        composer = self.compose(self.env['res.partner'])

        with self.assertRaisesRegex(UserError, 'Choose at least one'):
            composer.action_send()

    def test_nothing_to_write_to_is_no_success(self):
        self.assertNotIn('alert-success', self.compose(self.env['res.partner']).verdict or '')

    def test_a_list_of_documents_that_is_code_is_not_run(self):
        with self.assertRaises(UserError):
            self.compose(self.ana, res_ids='__import__("os").getcwd()').action_send()

    def test_a_list_of_documents_that_is_odd_is_refused(self):
        for odd in ("['a']", '5', '{1: 2}', '[None]', '[99999999999999]', '[[1]]', '[True]', '[' * 500):
            with self.subTest(odd=odd[:20]), self.assertRaisesRegex(UserError, 'cannot be read'):
                self.compose(self.ana, res_ids=odd).action_send()

    def test_a_colleagues_texts_are_not_seen(self):
        composer = self.compose(self.ana, self.named_template, user=self.whatsapp_admin)
        self.assertTrue(composer.value_ids)

        with self.assertRaises(AccessError):
            composer.value_ids.with_user(self.salesperson).read(['value'])

    def test_an_outsider_cannot_open_the_composer(self):
        with self.assertRaises(AccessError):
            self.compose(self.ana, user=self.outsider)

    def test_an_outsider_cannot_queue(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana)

        with self.assertRaises(AccessError):
            composer.with_user(self.outsider).action_send()

    def test_a_salesperson_cannot_use_a_colleagues_composer(self):
        composer = self.compose(self.ana, user=self.whatsapp_admin)

        with self.assertRaises(AccessError):
            composer.with_user(self.salesperson).action_send()

    # --- Many ------------------------------------------------------------------------------------------------

    def people(self, count):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1240{index:02}', 'ref': f'S{index}'}
            for index in range(count)])
        self.give_consent(people)
        return people

    def test_the_sender_is_woken_once_for_fifty(self):
        composer = self.compose(self.people(50))

        with self.capture_triggers('fluxforce_whatsapp.ir_cron_send') as captured:
            composer.action_send()

        self.assertEqual(len(captured.records), 1)

    def test_each_of_fifty_gets_a_key_of_its_own(self):
        people = self.people(50)

        self.compose(people).action_send()

        self.assertEqual(len(set(self.messages_to(people).mapped('key'))), 50)

    def test_fifty_cost_no_more_queries_than_ten(self):
        self.send_to_new_people(10)  # fills the caches
        for count in (10, 50):
            with self.subTest(count=count):
                self.send_to_new_people(count, queries=40)

    def send_to_new_people(self, count, queries=100):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1250{index:02}', 'ref': f'S{index}'}
            for index in range(count)])
        self.give_consent(people)
        composer = self.compose(people)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(queries):
            composer.action_send()
            self.env.flush_all()
