from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import WhatsappCommon, status_payload


@tagged('post_install', '-at_install')
class TestMessage(WhatsappCommon, TransactionCase):

    def failed(self, partners=None):
        """Messages that Meta refused."""
        messages = self.queue_agreed(partners or self.ana)
        self.meta.fail('messages', 131026)
        self.run_sender()
        self.meta.heal()
        return messages.with_user(self.salesperson)

    def copies(self, messages):
        return self.env['fluxforce.whatsapp.message'].search(
            [('partner_id', 'in', messages.partner_id.ids), ('id', 'not in', messages.ids)], order='id')

    # --- Cancel ----------------------------------------------------------------------------------------------

    def test_a_queued_message_can_be_cancelled(self):
        message = self.queue_agreed(self.ana).with_user(self.salesperson)

        message.action_cancel()

        self.assertEqual(message.state, 'cancelled')
        self.assertEqual(self.notification_of(message).notification_status, 'canceled')

    def test_a_held_message_can_be_cancelled(self):
        self.account.state = 'error'
        message = self.queue_agreed(self.ana).with_user(self.salesperson)

        message.action_cancel()

        self.assertEqual(message.state, 'cancelled')

    def test_what_went_out_cannot_be_cancelled(self):
        message = self.queue_agreed(self.ana).with_user(self.salesperson)
        self.run_sender()

        with self.assertRaisesRegex(UserError, 'queued or on hold'):
            message.action_cancel()

        self.assertEqual(message.state, 'accepted')

    def test_of_many_those_that_wait_are_cancelled(self):
        gone = self.queue_agreed(self.ana)
        self.run_sender()
        waiting = self.queue_agreed(self.ben)

        (gone | waiting).with_user(self.salesperson).action_cancel()

        self.assertEqual((gone.state, waiting.state), ('accepted', 'cancelled'))

    # --- Send again ------------------------------------------------------------------------------------------

    def test_send_again_makes_a_new_message_and_keeps_the_old(self):
        message = self.failed()

        action = message.action_send_again()

        copy = self.copies(message)
        self.assertEqual((message.state, copy.state), ('failed', 'queued'))
        self.assertNotEqual(copy.key, message.key)
        self.assertEqual((copy.body, copy.phone), (message.text, message.phone))
        self.assertEqual(action['res_id'], copy.id, 'it is shown at once what became of it')
        self.assertEqual(len(self.chatter(self.ana)), 2)

    def test_a_message_is_sent_again_only_once(self):
        message = self.failed()
        message.action_send_again()

        with self.assertRaisesRegex(UserError, 'only once'):
            message.action_send_again()

        self.assertEqual(len(self.copies(message)), 1)

    def test_send_again_goes_to_the_contacts_number_as_it_is_now(self):
        message = self.failed()
        self.ana.phone = '+44 7400 123555'
        self.give_consent(self.ana)

        message.action_send_again()

        self.assertEqual(self.copies(message).phone, '+447400123555')

    def test_send_again_asks_the_gate(self):
        message = self.failed()
        self.withdraw_consent(self.ana)

        message.action_send_again()

        self.assertEqual(self.copies(message).state, 'refused')

    def test_an_unknown_outcome_is_sent_again_only_by_a_person(self):
        message = self.queue_agreed(self.ana).with_user(self.salesperson)
        message.sudo().write({'state': 'unknown', 'attempts': 1})

        message.action_send_again()
        self.run_sender()

        self.assertEqual((message.state, self.copies(message).state), ('unknown', 'accepted'))

    def test_what_went_out_is_not_sent_again(self):
        message = self.queue_agreed(self.ana).with_user(self.salesperson)
        self.run_sender()

        with self.assertRaisesRegex(UserError, 'did not go out'):
            message.action_send_again()

        self.assertFalse(self.copies(message))

    def test_two_messages_to_one_contact_are_both_sent_again(self):
        messages = self.failed() | self.failed()

        action = messages.action_send_again()

        copies = self.copies(messages)
        self.assertEqual(action['domain'], [('id', 'in', copies.ids)])
        self.assertEqual(copies.mapped('state'), ['queued', 'queued'])
        self.assertEqual(len(copies.mail_message_id), 2)
        self.assertEqual(len(copies.mail_message_id.notification_ids), 2)

    def test_a_deleted_contact_does_not_break_send_again(self):
        other = self.failed(self.ben)
        message = self.failed(self.ana)
        self.ana.unlink()

        (message | other).action_send_again()

        self.assertEqual(self.copies(other).state, 'queued')

    # --- Failures in the messaging menu ----------------------------------------------------------------------

    def test_a_failure_put_aside_stays_aside(self):
        message = self.failed()
        self.env['res.partner'].with_user(self.salesperson).notify_cancel_by_type('whatsapp')
        self.assertEqual(self.notification_of(message).notification_status, 'canceled')

        self.receive(status_payload('wamid.LATE', 'failed', message.key, error=131026))

        self.assertEqual(self.notification_of(message).notification_status, 'canceled')

    def test_putting_failures_aside_touches_only_ones_own(self):
        mine = self.failed()
        theirs = self.queue_agreed(self.ben, user=self.whatsapp_admin)
        self.meta.fail('messages', 131026)
        self.run_sender()

        self.env['res.partner'].with_user(self.salesperson).notify_cancel_by_type('whatsapp')

        self.assertEqual(self.notification_of(mine).notification_status, 'canceled')
        self.assertEqual(self.notification_of(theirs).notification_status, 'exception')

    def test_contacts_with_a_failure_can_be_found(self):
        self.failed()

        found = self.env['res.partner'].with_user(self.salesperson).search([('message_has_whatsapp_error', '=', True)])

        self.assertEqual(found, self.ana)

    # --- Words -----------------------------------------------------------------------------------------------

    def test_the_explanation_is_in_the_readers_language(self):
        message = self.failed()
        self.env['res.lang']._activate_lang('fr_FR')
        error = self.env['fluxforce.whatsapp.error'].search([('code', '=', 131026)])
        error.with_context(lang='fr_FR').write({'title': 'Numéro introuvable', 'advice': 'Vérifiez-le.'})

        self.assertEqual(message.with_context(lang='fr_FR').explanation, 'Numéro introuvable. Vérifiez-le.')
        self.assertIn('cannot be delivered', message.with_context(lang='en_US').explanation)

    def test_an_unknown_outcome_is_explained_by_itself_not_by_what_the_connection_or_an_earlier_try_said(self):
        message = self.queue_agreed(self.ana)

        for trouble in ({'error_message': '[Errno 104] Connection reset by peer'}, {'error_code': 130429}):
            with self.subTest(trouble=trouble):
                message.write({'state': 'unknown', **trouble})

                self.assertEqual(message.explanation,
                                 'No clear answer of Meta\'s has come: the message may have gone out or not.')

    def test_the_browser_gets_the_explanation_and_the_number(self):
        from odoo.addons.mail.tools.discuss import Store  # noqa: PLC0415
        message = self.failed()
        mail_message = message.mail_message_id.with_user(self.salesperson)

        store = Store(bus_channel=self.salesperson)
        mail_message._message_notifications_to_store(store)
        (data,) = store.get_result()['mail.notification']

        self.assertIn('may not be on WhatsApp', data['whatsapp_explanation'])
        self.assertEqual(data['whatsapp_number'], '+447400123001')

    def test_what_is_pushed_to_a_browser_is_in_its_users_language(self):
        message = self.failed()
        self.env['res.lang']._activate_lang('fr_FR')
        self.env['fluxforce.whatsapp.error'].search([('code', '=', 131026)]).with_context(lang='fr_FR').write(
            {'title': 'Numéro introuvable'})
        self.salesperson.lang = 'fr_FR'

        pushed = self.notification_of(message).with_context(lang='en_US').with_user(self.salesperson)

        self.assertIn('Numéro introuvable', pushed._whatsapp_explanation())

    def test_every_error_of_the_playbook_is_a_record(self):
        from ..cloud_api.errors import ERRORS  # noqa: PLC0415
        self.assertEqual(set(self.env['fluxforce.whatsapp.error'].search([]).mapped('code')), set(ERRORS))

    # --- Who may what ----------------------------------------------------------------------------------------

    def test_nobody_writes_to_the_outbox_but_through_the_gate(self):
        message = self.queue_agreed(self.ana)

        for user in (self.salesperson, self.whatsapp_admin):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    message.with_user(user).write({'state': 'queued'})
                with self.assertRaises(AccessError):
                    message.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    message.with_user(user).create({
                        'account_id': self.account.id, 'number_id': self.number.id,
                        'template_id': self.plain_template.id, 'phone': '+447400123001'})

    def test_an_outsider_sees_no_message(self):
        message = self.queue_agreed(self.ana)

        with self.assertRaises(AccessError):
            message.with_user(self.outsider).read(['body'])

    def test_an_outsider_sees_the_tick_but_not_the_outbox(self):
        message = self.failed()

        texts = self.notification_of(message).with_user(self.outsider)._whatsapp_explanation()

        self.assertIn('may not be on WhatsApp', texts)

    def test_another_companys_messages_are_not_seen(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        stranger = new_test_user(self.env, 'stella.stranger', 'fluxforce_whatsapp.group_whatsapp_admin',
                                 company_id=company.id, company_ids=[(6, 0, company.ids)])
        message = self.queue_agreed(self.ana)

        self.assertFalse(self.env['fluxforce.whatsapp.message'].with_user(stranger).search([]))
        for action in ('action_cancel', 'action_send_again'):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(message.with_user(stranger), action)()

    def test_another_companys_account_and_templates_are_not_seen(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        stranger = new_test_user(self.env, 'stella.stranger', 'fluxforce_whatsapp.group_whatsapp_admin',
                                 company_id=company.id, company_ids=[(6, 0, company.ids)])

        for model in ('account', 'number', 'template', 'template.variable', 'identity', 'event', 'event.item'):
            with self.subTest(model=model):
                self.assertFalse(self.env[f'fluxforce.whatsapp.{model}'].with_user(stranger).search([]))

    def test_an_account_with_messages_cannot_be_deleted(self):
        self.queue_agreed(self.ana)

        with mute_logger('odoo.sql_db'), self.assertRaises(Exception), self.cr.savepoint():  # noqa: B017
            self.account.unlink()
            self.env.flush_all()

        self.assertTrue(self.account.exists())

    def test_the_contact_counts_its_messages(self):
        self.queue_agreed(self.ana)

        partner = self.ana.with_user(self.salesperson)
        self.assertEqual(partner.whatsapp_message_count, 1)
        self.assertEqual(partner.action_open_whatsapp_messages()['domain'], [('partner_id', '=', self.ana.id)])

    def test_a_message_type_chosen_in_the_browser_sends_nothing(self):
        self.give_consent(self.ana)

        with self.assertRaisesRegex(AccessError, 'button WhatsApp'):
            self.ana.with_user(self.outsider).message_post(body='Hi', message_type='whatsapp_message')
        self.run_sender()

        self.assertFalse(self.meta.sends)

    def test_the_document_is_opened_from_the_message(self):
        action = self.queue_agreed(self.ana).action_open_document()

        self.assertEqual((action['res_model'], action['res_id']), ('res.partner', self.ana.id))

    def test_it_is_dated_when_it_was_queued(self):
        self.assertLessEqual(self.queue_agreed(self.ana).create_date, fields.Datetime.now())
