from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import WhatsappCommon, status_payload


class OutboxCase(WhatsappCommon, TransactionCase):

    def as_salesperson(self, messages):
        return messages.with_user(self.salesperson)

    def held(self, partners=None, reason='retry', **span):
        messages = self.queue_agreed(partners or self.ana)
        until = fields.Datetime.now() + timedelta(**(span or {'hours': 2}))
        messages.write({'state': 'held', 'reason': reason, 'due_at': until})
        return messages

    def gone(self, partners=None):
        messages = self.queue_agreed(partners or self.ben)
        self.run_sender()
        return messages

    def failed(self, partners=None):
        self.meta.fail('messages', 131026)
        messages = self.gone(partners or self.chloe)
        self.meta.heal()
        return messages

    def unknown(self, partners=None, minutes=61):
        messages = self.queue_agreed(partners or self.ana)
        at = fields.Datetime.now() - timedelta(minutes=minutes)
        messages.write({'state': 'unknown', 'attempts': 1, 'claimed_at': at, 'unknown_at': at})
        return messages

    def told(self, action):
        return action['params']['message']


@tagged('post_install', '-at_install')
class TestOutboxActions(OutboxCase):
    """What people decide about many messages at once, and what they are told about it."""

    # --- Cancel and put back ---------------------------------------------------------------------------------

    def test_cancel_tells_how_many_were_not_possible(self):
        messages = self.gone(self.ben | self.chloe) | self.queue_agreed(self.ana)

        told = self.told(self.as_salesperson(messages).action_cancel())

        self.assertEqual(told, '1 cancelled. 2 left as they are: they had gone out or ended already.')

    def test_a_cancelled_message_says_no_more_why_it_waited(self):
        message = self.held()

        self.as_salesperson(message).action_cancel()

        self.assertFalse(message.reason)
        self.assertFalse(message.explanation)

    def test_a_cancelled_message_is_put_back_and_goes(self):
        message = self.queue_agreed(self.ana)
        self.as_salesperson(message).action_cancel()

        told = self.told(self.as_salesperson(message).action_put_back())

        self.assertEqual((message.state, told), ('queued', '1 put back.'))
        self.assertEqual(self.notification_of(message).notification_status, 'ready')
        self.run_sender()
        self.assertEqual(message.state, 'accepted')

    def test_put_back_asks_the_gate(self):
        message = self.queue_agreed(self.ana)
        self.as_salesperson(message).action_cancel()
        self.withdraw_consent(self.ana)

        self.as_salesperson(message).action_put_back()

        self.assertEqual((message.state, message.reason), ('refused', 'consent_withdrawn'))

    def test_put_back_keeps_a_moment_that_is_still_to_come(self):
        message = self.held(hours=2)
        due_at = message.due_at
        self.as_salesperson(message).action_cancel()

        self.as_salesperson(message).action_put_back()
        self.run_sender()

        self.assertEqual((message.state, message.due_at), ('queued', due_at))

    def test_what_is_too_late_or_was_sent_again_is_not_put_back(self):
        late, again = self.queue_agreed(self.ana | self.ben)
        self.as_salesperson(late | again).action_cancel()
        late.expires_at = fields.Datetime.now()
        self.as_salesperson(again).action_send_again()

        with self.assertRaisesRegex(UserError, 'too late'):
            self.as_salesperson(late | again).action_put_back()

        self.assertEqual((late | again).mapped('state'), ['cancelled', 'cancelled'])

    # --- Try again -------------------------------------------------------------------------------------------

    def test_what_waits_for_a_moment_is_tried_now(self):
        message = self.held(reason='rescheduled')

        self.as_salesperson(message).action_retry()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_who_is_asked_about_too_early_is_held_again(self):
        self.account.write({'quiet_from': 0, 'quiet_to': 23.99})
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.assertEqual(message.state, 'held')

        self.as_salesperson(message).action_retry()
        self.run_sender()

        self.assertEqual((message.state, message.reason), ('held', 'quiet_hours'))
        self.assertFalse(self.meta.sends)

    def test_what_ended_is_sent_once_more(self):
        message = self.failed()

        told = self.told(self.as_salesperson(message).action_retry())
        self.run_sender()

        self.assertEqual((message.state, message.again_id.state), ('failed', 'accepted'))
        self.assertEqual(told, '1 are tried again now.')

    def test_many_are_tried_again_and_counted(self):
        messages = self.failed(self.ana) | self.gone(self.ben) | self.held(self.chloe)

        told = self.told(self.as_salesperson(messages).action_retry())

        self.assertEqual(told, '2 are tried again now. 1 left as they are: they are about to go, had gone out or wait '
                               'for a decision.')

    def test_an_unknown_outcome_is_never_among_them(self):
        message = self.unknown()

        with self.assertRaisesRegex(UserError, 'Only messages that wait'):
            self.as_salesperson(message).action_retry()

        self.assertEqual((message.state, message.again_id.ids), ('unknown', []))

    # --- Put off ---------------------------------------------------------------------------------------------

    def put_off(self, messages, user=None, **values):
        action = messages.with_user(user or self.salesperson).action_reschedule()
        wizard = self.env[action['res_model']].with_user(user or self.salesperson).with_context(
            **action['context']).create({'moment': fields.Datetime.now() + timedelta(hours=3), **values})
        return wizard.action_confirm()

    def test_messages_are_put_off(self):
        message = self.queue_agreed(self.ana)
        moment = fields.Datetime.now() + timedelta(hours=3)

        told = self.told(self.put_off(message, moment=moment))
        self.run_sender()

        self.assertEqual((message.state, message.reason, message.due_at), ('held', 'rescheduled', moment))
        self.assertEqual(told, '1 put off.')
        self.make_due(message)
        self.run_sender()
        self.assertEqual(message.state, 'accepted')

    def test_a_moment_in_the_past_is_refused_by_name(self):
        message = self.queue_agreed(self.ana)

        with self.assertRaisesRegex(UserError, 'New Moment: choose one in the future'):
            self.put_off(message, moment=fields.Datetime.now() - timedelta(minutes=1))

    def test_a_moment_after_its_expiry_is_refused_by_name(self):
        message = self.queue_agreed(self.ana)

        with self.assertRaisesRegex(UserError, 'New Moment: 1 of these messages would be too late'):
            self.put_off(message, moment=message.expires_at + timedelta(minutes=1))

        self.assertEqual(message.state, 'queued')

    def test_the_expiry_is_moved_where_one_wants_it(self):
        message = self.queue_agreed(self.ana)
        moment = message.expires_at + timedelta(hours=1)

        self.put_off(message, moment=moment, move_expiry=True)

        self.assertEqual(message.expires_at, moment + timedelta(hours=24))

    def test_what_went_out_cannot_be_put_off(self):
        with self.assertRaisesRegex(UserError, 'queued or on hold'):
            self.put_off(self.gone())

    # --- Unknown outcomes ------------------------------------------------------------------------------------

    def decide(self, messages, note=False):
        """Open the window in which unknown outcomes are decided."""
        action = self.as_salesperson(messages).action_settle()
        return self.env[action['res_model']].with_user(self.salesperson).with_context(
            **action['context']).create({'note': note})

    def settle(self, messages, note=False):
        return self.decide(messages, note).action_confirm()

    def test_only_what_whatsapp_did_not_report_in_time_is_to_be_decided(self):
        fresh, old = self.unknown(self.ana, minutes=5), self.unknown(self.ben, minutes=61)

        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)
        self.assertEqual(outbox.search([('to_decide', '=', True)]), old)
        self.assertIn(fresh, outbox.search([('to_decide', '=', False)]))
        self.assertEqual((fresh.to_decide, old.to_decide), (False, True))

    def test_each_account_says_how_long_whatsapp_has(self):
        message = self.unknown(minutes=5)

        self.account.unknown_wait_minutes = 5

        self.assertTrue(message.to_decide)
        self.assertEqual(self.env['fluxforce.whatsapp.message'].search([('to_decide', '=', True)]), message)

    def test_it_went_out_is_kept_with_who_said_so(self):
        message = self.unknown()

        told = self.told(self.settle(message, 'She showed it to me'))

        self.assertEqual((message.state, message.accepted_at), ('accepted', message.claimed_at))
        self.assertEqual((message.settled_by_id, message.settled_note), (self.salesperson, 'She showed it to me'))
        self.assertEqual(told, '1 settled.')
        with self.assertRaises(UserError):
            self.as_salesperson(message).action_send_again()

    def test_a_report_of_whatsapp_is_better_knowledge(self):
        message = self.unknown()
        self.settle(message)

        self.receive(status_payload('wamid.LATE', 'failed', message.key, error=131026))

        self.assertEqual(message.state, 'failed')

    def test_nothing_is_decided_before_whatsapp_had_its_time(self):
        message = self.unknown(minutes=5)

        with self.assertRaisesRegex(UserError, 'not told in time'):
            self.settle(message)
        with self.assertRaisesRegex(UserError, 'has had its time'):
            self.as_salesperson(message).action_send_again()

    def test_an_unknown_outcome_is_sent_again_through_the_gate(self):
        message = self.unknown()
        self.withdraw_consent(self.ana)

        self.as_salesperson(message).action_send_again()

        self.assertEqual(message.again_id.state, 'refused')

    def test_of_many_only_unknown_outcomes_are_sent_again(self):
        message, failed = self.unknown(self.ana), self.failed(self.chloe)

        told = self.told(self.decide(message | failed).action_send_again())

        self.assertEqual((message.again_id.state, failed.again_id.ids), ('queued', []))
        self.assertEqual(told, '1 are sent again. 1 left as they are: they wait for no decision.')

    # --- What is shown ---------------------------------------------------------------------------------------

    def test_a_message_that_meta_watches_is_shown_as_such(self):
        message = self.gone()
        message.held_by_meta = True

        self.assertEqual(message.shown_state, 'Accepted – Meta watches the template')
        self.assertIn('watches', message.explanation)

    def test_what_happened_is_told_in_its_order(self):
        message = self.gone()
        self.receive(status_payload(message.wamid, 'delivered', message.key))

        self.assertRegex(str(message.moments).replace('\n', ''), 'Queued.*Given to Meta.*Accepted by Meta')

    def test_on_hold_finds_what_waits_at_a_stopped_number(self):
        message = self.queue_agreed(self.ana)
        self.number.with_user(self.whatsapp_admin).action_pause()

        found = self.env['fluxforce.whatsapp.message'].search(
            ['|', ('state', '=', 'held'), '&', ('state', '=', 'queued'), ('number_id.stopped', '=', True)])

        self.assertEqual(found, message)

    def test_every_reason_has_a_label(self):
        from ..models.fluxforce_whatsapp_message_length import TOO_LONG  # noqa: PLC0415
        from ..policy.gate import Reason  # noqa: PLC0415
        from ..policy.wait import Wait  # noqa: PLC0415

        labels = dict(self.env['fluxforce.whatsapp.message']._fields['reason'].selection)

        self.assertEqual(set(labels), {TOO_LONG, *(reason.value for reason in (*Reason, *Wait))})


@tagged('post_install', '-at_install')
class TestOutboxRights(OutboxCase):
    """Rows are for the company, contents for those who may read the document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, 'clara.clerk', 'fluxforce_whatsapp.group_whatsapp_user', name='Clara Clerk')
        model = cls.env['ir.model']._get('res.partner')
        cls.env['ir.rule'].create({
            'name': 'Clara reads no customers', 'model_id': model.id, 'groups': [],
            'domain_force': f"[('id', '!=', {cls.ana.id})] if user.login == 'clara.clerk' else [(1, '=', 1)]"})

    def setUp(self):
        super().setUp()
        self.message = self.queue_agreed(self.ana)
        self.other = self.queue_agreed(self.ben)
        self.env.invalidate_all()

    def seen_by(self, user, messages=None):
        return (messages or self.message).with_user(user)

    def test_who_may_not_read_the_document_sees_the_row(self):
        row, = self.seen_by(self.clerk).read(['state', 'phone', 'explanation', 'goes_out'])

        self.assertEqual(row['state'], 'queued')

    def test_who_may_not_read_the_document_does_not_read_the_message(self):
        row, = self.seen_by(self.clerk).read(['text'])

        self.assertEqual(row['text'], 'You may not read the document this message is about.')

    def test_nobody_but_administrators_reads_the_columns(self):
        for user in (self.clerk, self.salesperson):
            for column in ('body', 'values'):
                with self.subTest(user=user.login, column=column), self.assertRaises(AccessError):
                    self.seen_by(user).read([column])

        self.assertTrue(self.seen_by(self.whatsapp_admin).read(['body'])[0]['body'])

    def test_a_message_is_not_found_by_words_one_may_not_read(self):
        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.clerk)

        found = outbox.search([('text', 'ilike', 'support is open')])

        self.assertEqual(found.ids, self.other.ids)
        with self.assertRaises(AccessError):
            outbox.search([('body', 'ilike', 'support')])
        with self.assertRaises(AccessError):
            outbox._read_group([], ['body'], ['__count'])

    def test_who_may_read_the_document_reads_and_finds_the_message(self):
        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)

        self.assertIn('support is open', self.seen_by(self.salesperson).text)
        self.assertEqual(outbox.search([('text', 'ilike', 'support is open')]).ids, [self.other.id, self.message.id])

    def test_administrators_read_all_of_it(self):
        self.assertIn('support is open', self.seen_by(self.whatsapp_admin).text)

    def test_who_may_not_read_the_document_decides_nothing_about_it(self):
        for action in ('action_cancel', 'action_retry', 'action_put_back', 'action_send_again'):
            with self.subTest(action=action), self.assertRaisesRegex(UserError, 'documents that you may not read'):
                getattr(self.seen_by(self.clerk), action)()

        self.assertEqual(self.message.state, 'queued')

    def test_among_many_the_hidden_ones_are_counted_apart(self):
        told = self.told(self.seen_by(self.clerk, self.message | self.other).action_cancel())

        self.assertEqual(told, '1 cancelled. 1 are about documents that you may not read.')
        self.assertEqual((self.message.state, self.other.state), ('queued', 'cancelled'))

    def test_a_message_about_a_deleted_document_is_its_authors(self):
        self.message.write({'res_id': 2 ** 30})
        self.env.invalidate_all()

        self.assertIn('may not read', self.seen_by(self.clerk).text)
        self.assertIn('support', self.seen_by(self.salesperson).text)
        self.seen_by(self.salesperson).action_cancel()
        self.assertEqual(self.message.state, 'cancelled')

    def test_the_texts_of_eighty_rows_cost_no_more_queries_than_ten(self):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1240{index:02}'} for index in range(80)])
        messages = self.queue_agreed(people).with_user(self.salesperson)
        messages[:1].mapped('text')
        for count in (10, 80):
            with self.subTest(count=count):
                self.env.invalidate_all()
                with self.assertQueryCount(10):
                    messages[:count].mapped('text')
