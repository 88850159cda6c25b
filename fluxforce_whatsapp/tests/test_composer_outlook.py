from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import ComposerCommon


@tagged('post_install', '-at_install')
class TestComposerOutlook(ComposerCommon, TransactionCase):
    """What will happen, in one sentence, and the message as each person will see it."""

    def tomorrow(self):
        return fields.Datetime.now() + timedelta(days=1)

    # --- What will happen ------------------------------------------------------------------------------------

    def test_one_sentence_tells_what_will_happen(self):
        self.give_consent(self.ana | self.ben)

        verdict = self.compose(self.ana | self.ben | self.chloe | self.phoneless, self.plain_template).verdict

        self.assertIn('2 now, 1 not sent: no consent, 1 not sent: no phone number.', verdict)

    def test_a_template_that_only_others_may_send_is_told_before(self):
        self.give_consent(self.ana)
        self.utility_template.allowed_user_ids = self.whatsapp_admin

        composer = self.compose(self.ana)

        self.assertIn('may be sent only by: Waldo Admin', composer.verdict)
        self.assertEqual(composer.sendable_count, 0)

    def test_who_waits_is_told_with_the_moment(self):
        self.give_consent(self.ana | self.ben, 'marketing')
        self.account.write({'quiet_from': 0, 'quiet_to': 23.99})

        self.assertRegex(self.compose(self.ana | self.ben, self.marketing_template).verdict,
                         '2 held until (today|tomorrow) ')

    def test_records_that_may_not_be_read_are_left_out_and_told(self):
        self.give_consent(self.ana | self.ben)
        self.env['ir.rule'].sudo().create({
            'name': 'Hidden', 'model_id': self.env.ref('base.model_res_partner').id,
            'domain_force': f"[('id', '!=', {self.ben.id})]"})

        composer = self.compose(self.ana | self.ben | self.chloe)

        self.assertIn('1 left out: they are gone, or you may not read them.', composer.verdict)
        self.assertEqual(sum(composer.group_ids.mapped('count')), 2)
        composer.action_send()
        self.assertFalse(self.messages_to(self.ben))

    def test_who_may_be_read_is_shown_and_tried_out_whoever_was_chosen_first(self):
        self.salesperson.partner_id.phone = '+44 7400 123099'
        self.give_consent(self.salesperson.partner_id)
        self.env['ir.rule'].sudo().create({
            'name': 'Hidden', 'model_id': self.env.ref('base.model_res_partner').id,
            'domain_force': f"[('id', '!=', {self.ana.id})]"})

        composer = self.compose(self.ana + self.ben + self.chloe)

        self.assertEqual(composer.preview_name, 'Ben Okafor')
        composer.action_send_to_me()
        self.assertIn('Hi Ben Okafor', self.messages_to(self.salesperson.partner_id).body)

    def test_a_single_record_that_may_not_be_read_is_refused(self):
        self.env['ir.rule'].sudo().create({
            'name': 'Hidden', 'model_id': self.env.ref('base.model_res_partner').id,
            'domain_force': f"[('id', '!=', {self.ana.id})]"})

        with self.assertRaises(AccessError):
            self.compose(self.ana).action_send()

    # --- Later -----------------------------------------------------------------------------------------------

    def test_a_message_is_planned(self):
        self.give_consent(self.ana)
        moment = self.tomorrow()

        composer = self.compose(self.ana, send_at=moment)
        self.assertIn('The message goes out tomorrow', composer.verdict)
        action = composer.action_send()

        message = self.messages_to(self.ana)
        self.assertEqual((message.state, message.due_at), ('queued', moment))
        self.assertIn('1 planned for tomorrow', action['params']['message'])

    def test_the_same_text_may_be_planned_for_after_the_time_set(self):
        self.account.duplicate_hours = 24
        self.queue_agreed(self.ana, self.utility_template)
        self.run_sender()
        moment = fields.Datetime.now() + timedelta(hours=30)

        composer = self.compose(self.ana, send_at=moment)
        self.assertIn('The message goes out', composer.verdict)
        composer.action_send()

        self.assertEqual(self.messages_to(self.ana)[-1].state, 'queued')

    def test_the_same_text_is_not_planned_twice_for_the_same_time(self):
        self.account.duplicate_hours = 24
        self.give_consent(self.ana)
        moment = fields.Datetime.now() + timedelta(days=3)
        self.compose(self.ana, send_at=moment).action_send()

        with self.assertRaisesRegex(UserError, 'got the same text'):
            self.compose(self.ana, send_at=moment + timedelta(hours=1)).action_send()
        self.compose(self.ana).action_send()  # it is far from what is planned

    def test_what_is_planned_does_not_wait_for_the_quiet_hours_of_now(self):
        self.give_consent(self.ana, 'marketing')
        self.account.write({'quiet_from': 0, 'quiet_to': 23.99})
        moment = self.tomorrow()

        self.compose(self.ana, self.marketing_template, send_at=moment).action_send()

        message = self.messages_to(self.ana)
        self.assertEqual((message.state, message.due_at), ('queued', moment))

    def test_a_moment_that_has_passed_is_told_before(self):
        self.give_consent(self.ana)

        composer = self.compose(self.ana, send_at=fields.Datetime.now() - timedelta(minutes=1))

        self.assertIn('Send At: this moment has passed', composer.verdict)
        self.assertEqual(composer.sendable_count, 0)

    def test_a_moment_that_has_passed_is_an_error(self):
        self.give_consent(self.ana)

        with self.assertRaisesRegex(UserError, 'Send At: this moment has passed'):
            self.compose(self.ana, send_at=fields.Datetime.now() - timedelta(minutes=1)).action_send()

    # --- One after the other ---------------------------------------------------------------------------------

    def test_each_persons_message_can_be_looked_at(self):
        composer = self.compose(self.ana | self.ben)

        self.assertIn('Hi Ana Costa, your order S00042', composer.preview)
        composer.preview_index = 1
        self.assertEqual(composer.preview_name, 'Ben Okafor')
        self.assertIn('Hi Ben Okafor, your order S00043', composer.preview)

    def test_after_the_last_one_comes_the_first(self):
        self.assertEqual(self.compose(self.ana | self.ben, preview_index=2).preview_name, 'Ana Costa')

    def test_a_person_who_is_gone_is_passed_over(self):
        composer = self.compose(self.phoneless + self.ana)
        self.phoneless.unlink()

        self.assertEqual(composer.preview_name, 'Ana Costa')

    def test_where_nobody_is_left_nothing_is_shown(self):
        composer = self.compose(self.phoneless)
        self.phoneless.unlink()

        self.assertFalse(composer.preview)

    # --- Too long --------------------------------------------------------------------------------------------

    def text_of(self, length):
        """Let Ana's message have so many characters."""
        self.ana.name = 'A' * (length - len('Hi , your order S00042 is on its way.'))

    def test_as_many_characters_as_whatsapp_takes_are_sent(self):
        self.give_consent(self.ana)
        self.text_of(1024)

        self.compose(self.ana).action_send()

        self.assertEqual(self.messages_to(self.ana).state, 'queued')

    def test_one_more_is_refused_before(self):
        self.give_consent(self.ana)
        self.text_of(1025)

        composer = self.compose(self.ana)

        self.assertIn('longer than WhatsApp takes', composer.verdict)
        self.assertIn('1,025 of 1,024', composer.verdict)
        with self.assertRaisesRegex(UserError, '1,025 of 1,024'):
            composer.action_send()

    # --- To who writes ---------------------------------------------------------------------------------------

    def test_the_message_is_sent_to_the_users_own_number_first(self):
        me = self.salesperson.partner_id
        me.phone = '+44 7400 123099'
        self.give_consent(me)

        action = self.compose(self.ana | self.ben).action_send_to_me()

        message = self.messages_to(me)
        self.assertEqual((message.state, message.phone), ('queued', '+447400123099'))
        self.assertEqual(message.body, 'Hi Ana Costa, your order S00042 is on its way.')
        self.assertFalse(self.chatter(self.ana) | self.chatter(me), 'it is nobody else\'s message')
        self.assertNotIn('next', action['params'], 'the composer stays open')
        self.assertFalse(self.messages_to(self.ana | self.ben))

    def test_also_who_writes_has_to_have_agreed(self):
        self.salesperson.partner_id.phone = '+44 7400 123099'

        with self.assertRaisesRegex(UserError, 'record your consent on your own contact'):
            self.compose(self.ana).action_send_to_me()

    def test_without_a_number_of_ones_own_the_error_says_so(self):
        with self.assertRaisesRegex(UserError, 'Your own contact has no phone number'):
            self.compose(self.ana).action_send_to_me()

    # --- Changed meanwhile -----------------------------------------------------------------------------------

    def test_a_template_that_was_deleted_at_meta_is_told(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana)
        self.utility_template.sudo().write({'active': False, 'status': 'DELETED'})

        self.assertIn('Meta has not approved this template', composer.verdict)
        with self.assertRaisesRegex(UserError, 'Meta has not approved this template'):
            composer.action_send()

    def test_a_template_that_was_edited_at_meta_is_sent_as_it_is_now(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana, self.plain_template)
        self.plain_template.sudo().components = [{'type': 'BODY', 'text': 'Open from 10.'}]

        composer.action_send()

        self.assertEqual(self.messages_to(self.ana).body, 'Open from 10.')
