from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import ComposerCommon

DISPATCH = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_dispatch'


@tagged('post_install', '-at_install')
class TestDispatch(ComposerCommon, TransactionCase):
    """A send to many people is queued in the background: nobody twice, nobody forgotten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['ir.config_parameter'].sudo().set_param('fluxforce_whatsapp.background_above', 3)

    def send_to(self, people, template=None, **values):
        """Press Send in the composer for many. :return: the bulk send."""
        action = self.compose(people, template, **values).action_send()
        return self.env['fluxforce.whatsapp.dispatch'].browse(action['res_id'])

    def in_batches_of(self, size):
        return patch(f'{DISPATCH}.BATCH', size)

    def bus_messages(self):
        self.env.cr.precommit.run()
        return self.env['bus.bus'].sudo().search([]).mapped('message')

    # --- Asked for -------------------------------------------------------------------------------------------

    def test_few_are_queued_at_once(self):
        people = self.crowd(3)

        self.compose(people).action_send()

        self.assertEqual(len(self.messages_to(people)), 3)
        self.assertFalse(self.env['fluxforce.whatsapp.dispatch'].search([]))

    def test_many_are_queued_in_the_background(self):
        people = self.crowd(7)

        dispatch = self.send_to(people)

        self.assertEqual((dispatch.state, dispatch.total, dispatch.user_id), ('running', 7, self.salesperson))
        self.assertEqual(dispatch.name, 'order_update to 7 people')
        self.assertFalse(self.messages_to(people), 'the click itself queues nothing')

        self.run_dispatch()

        self.assertEqual((dispatch.state, dispatch.done_count, dispatch.progress), ('done', 7, 100))
        messages = self.messages_to(people)
        self.assertEqual(messages.mapped('state'), ['queued'] * 7)
        self.assertEqual(messages.create_uid, self.salesperson)
        self.assertEqual(messages.dispatch_id, dispatch)

    def test_the_scheduled_action_is_woken(self):
        people = self.crowd(7)

        with self.capture_triggers('fluxforce_whatsapp.ir_cron_dispatch') as captured:
            self.send_to(people)

        self.assertEqual(len(captured.records), 1)

    def test_pressing_send_twice_sends_once(self):
        composer = self.compose(self.crowd(7))
        composer.action_send()

        with self.assertRaisesRegex(UserError, 'sent already'):
            composer.action_send()

        self.assertEqual(len(self.env['fluxforce.whatsapp.dispatch'].search([])), 1)

    def test_nobody_who_would_get_it_is_an_error(self):
        people = self.env['res.partner'].create([{'name': f'Stranger {number}'} for number in range(7)])

        with self.assertRaisesRegex(UserError, 'Nobody of them would get it'):
            self.send_to(people)

    def test_what_may_cost_the_account_needs_its_reason_also_in_the_background(self):
        people = self.crowd(12)
        self.give_consent(people, 'marketing')
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})

        with self.assertRaisesRegex(AccessError, 'Ask a WhatsApp administrator'):
            self.send_to(people, self.marketing_template, number_id=self.number.id)

    # --- Served ----------------------------------------------------------------------------------------------

    def test_the_refused_are_counted_and_kept_with_their_reason(self):
        people = self.crowd(5) | self.chloe | self.phoneless

        dispatch = self.send_to(people)
        self.run_dispatch()

        self.assertEqual((dispatch.done_count, dispatch.refused_count), (5, 2))
        self.assertEqual(self.messages_to(self.chloe).reason, 'no_consent')

    def test_one_person_behind_two_records_gets_one_message_also_across_batches(self):
        people = self.crowd(5)
        people[4].phone = people[0].phone
        self.give_consent(people[4])

        with self.in_batches_of(2):
            dispatch = self.send_to(people)
            self.run_dispatch()

        self.assertEqual((dispatch.done_count, dispatch.left_out_count), (4, 1))

    def test_a_record_that_is_gone_is_left_out(self):
        people = self.crowd(5)
        dispatch = self.send_to(people)
        people[2].unlink()

        self.run_dispatch()

        self.assertEqual((dispatch.state, dispatch.done_count, dispatch.left_out_count), ('done', 4, 1))

    def test_what_the_sender_may_not_read_any_more_is_left_out(self):
        people = self.crowd(5)
        dispatch = self.send_to(people)
        self.env['ir.rule'].sudo().create({
            'name': 'Hidden', 'model_id': self.env.ref('base.model_res_partner').id,
            'domain_force': f"[('id', '!=', {people[1].id})]"})

        self.run_dispatch()

        self.assertEqual((dispatch.done_count, dispatch.left_out_count), (4, 1))
        self.assertFalse(self.messages_to(people[1]))

    def test_a_record_that_fails_does_not_stop_the_others(self):
        people = self.crowd(5)
        dispatch = self.send_to(people)
        original = type(dispatch)._queue_together

        def queue_together(dispatch, ids):
            if people[3].id in ids:
                raise ValueError('broken')
            return original(dispatch, ids)

        with patch.object(type(dispatch), '_queue_together', queue_together), mute_logger(DISPATCH):
            self.run_dispatch()

        self.assertEqual((dispatch.state, dispatch.done_count, dispatch.left_out_count), ('done', 4, 1))

    def test_a_worker_that_dies_leaves_nobody_served_twice(self):
        people = self.crowd(6)
        with self.in_batches_of(2):
            dispatch = self.send_to(people)
            self.env['fluxforce.whatsapp.dispatch']._serve_next()
            self.env.flush_all()
            with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint(), patch.object(
                    type(dispatch.line_ids), '_mark', side_effect=KeyboardInterrupt):
                self.env['fluxforce.whatsapp.dispatch']._serve_next()
            self.env.invalidate_all()
            self.run_dispatch()

        self.assertEqual(dispatch.done_count, 6)
        self.assertEqual(sorted(self.messages_to(people).mapped('partner_id').ids), sorted(people.ids))
        self.assertEqual(len(self.messages_to(people)), 6)

    def test_two_bulk_sends_take_turns(self):
        first, second = self.crowd(4), self.env['res.partner'].create([
            {'name': f'Other {number}', 'phone': f'+44 7400 1290{number:02}', 'ref': 'S1'} for number in range(4)])
        self.give_consent(second)
        with self.in_batches_of(2):
            long, short = self.send_to(first), self.send_to(second)
            self.env.cr.execute("UPDATE fluxforce_whatsapp_dispatch SET write_date = write_date - interval '1 day'")
            self.env.invalidate_all()
            self.env['fluxforce.whatsapp.dispatch']._serve_next()
            long.flush_recordset()
            self.env['fluxforce.whatsapp.dispatch']._serve_next()

        self.assertEqual((long.done_count, short.done_count), (2, 2))

    def test_what_is_left_is_told_to_the_scheduler(self):
        told = []
        people = self.crowd(5)
        with self.in_batches_of(2):
            self.send_to(people)
            with patch('odoo.addons.base.models.ir_cron.IrCron._commit_progress',
                       lambda _self, processed=0, *, remaining=None, **_: told.append((processed, remaining)) or 60.0):
                self.env['fluxforce.whatsapp.dispatch']._cron_run()

        self.assertEqual(told, [(2, 4), (2, 2), (1, 1), (0, 0), (0, 0)])

    def test_a_planned_bulk_send_has_its_moment(self):
        moment = self.env['fluxforce.whatsapp.composer']._fields['send_at'].to_datetime('2099-01-01 09:00:00')
        people = self.crowd(5)

        self.send_to(people, send_at=moment)
        self.run_dispatch()

        self.assertEqual(set(self.messages_to(people).mapped('due_at')), {moment})

    def test_each_gets_their_own_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        spanish = self.translate(self.plain_template, 'es', 'Atendemos de 9 a 17 h.')
        people = self.crowd(5)
        people[0].lang = 'es_ES'

        self.send_to(people, self.plain_template)
        self.run_dispatch()

        self.assertEqual(self.messages_to(people[0]).template_id, spanish)
        self.assertEqual(self.messages_to(people[1]).template_id, self.plain_template)

    def test_what_was_typed_goes_along(self):
        people = self.crowd(5)
        composer = self.compose(people, self.named_template)
        composer.value_ids.value = 'Friday'

        composer.action_send()
        self.run_dispatch()

        self.assertEqual({values['body:date'] for values in self.messages_to(people).mapped('values')}, {'Friday'})

    # --- Ended -----------------------------------------------------------------------------------------------

    def test_who_asked_is_told_at_the_end(self):
        people = self.crowd(5)
        with patch.object(type(self.salesperson), '_bus_send', autospec=True) as told:
            self.send_to(people)
            self.run_dispatch()

        user, kind, content = told.call_args.args[:3]
        self.assertEqual((user, kind), (self.salesperson, 'simple_notification'))
        self.assertEqual((content['type'], content['message']), ('success', '5 queued.'))

    def test_who_may_not_send_any_more_queues_no_more(self):
        people = self.crowd(5)
        dispatch = self.send_to(people)
        self.salesperson.group_ids -= self.env.ref('fluxforce_whatsapp.group_whatsapp_user')

        self.run_dispatch()

        self.assertEqual(dispatch.state, 'failed')
        self.assertIn('may not send WhatsApp messages any more', dispatch.note)
        self.assertFalse(self.messages_to(people))

    def test_who_may_read_none_of_the_documents_any_more_queues_no_more(self):
        people = self.crowd(5)
        dispatch = self.send_to(people)
        self.env['ir.model.access'].sudo().search([('model_id.model', '=', 'res.partner')]).perm_read = False

        self.run_dispatch()

        self.assertEqual(dispatch.state, 'failed')
        self.assertIn('may not read these documents any more', dispatch.note)

    def test_a_template_that_is_gone_stops_it_and_it_goes_on_afterwards(self):
        people = self.crowd(5)
        dispatch = self.send_to(people)
        self.utility_template.sudo().status = 'DISABLED'
        self.run_dispatch()
        self.assertEqual(dispatch.state, 'failed')
        self.assertIn('Meta does not send', dispatch.note)
        with self.assertRaisesRegex(UserError, 'Meta does not send'):
            dispatch.action_resume()

        self.utility_template.sudo().status = 'APPROVED'
        dispatch.action_resume()
        self.run_dispatch()

        self.assertEqual((dispatch.state, dispatch.done_count), ('done', 5))

    def test_what_has_not_gone_is_cancelled(self):
        people = self.crowd(6)
        with self.in_batches_of(4):
            dispatch = self.send_to(people)
            self.env['fluxforce.whatsapp.dispatch']._serve_next()
            gone = self.messages_to(people)[0]
            gone.state = 'sent'

            dispatch.with_user(self.salesperson).action_cancel()
            self.run_dispatch()

        self.assertEqual(dispatch.state, 'cancelled')
        self.assertEqual(self.messages_to(people).mapped('state'), ['sent', 'cancelled', 'cancelled', 'cancelled'])
        shown = self.notification_of(self.messages_to(people)[1])
        self.assertEqual(shown.notification_status, 'canceled', 'the chatter shows it')

    def test_a_colleague_neither_sees_nor_cancels_it(self):
        dispatch = self.send_to(self.crowd(5))
        colleague = self.env['res.users'].create({
            'name': 'Carla Colleague', 'login': 'carla.colleague',
            'group_ids': [(6, 0, self.env.ref('fluxforce_whatsapp.group_whatsapp_user').ids)]})

        self.assertFalse(self.env['fluxforce.whatsapp.dispatch'].with_user(colleague).search([]))
        with self.assertRaises(AccessError):
            dispatch.with_user(colleague).action_cancel()
        dispatch.with_user(self.whatsapp_admin).action_cancel()
        self.assertEqual(dispatch.state, 'cancelled')

    def test_nothing_personal_is_kept_of_the_records(self):
        dispatch = self.send_to(self.crowd(5))
        self.assertEqual(len(dispatch.line_ids), 5)

        self.run_dispatch()

        self.env.invalidate_all()
        self.assertFalse(dispatch.line_ids)
