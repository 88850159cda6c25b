from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .mailing import MailingCommon

OUTBOX = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_whatsapp_message_mailing'
RUNNER = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner'


@tagged('post_install', '-at_install')
class TestMailingSend(MailingCommon, TransactionCase):

    def in_batches_of(self, size):
        return patch(f'{RUNNER}.BATCH', size)

    # --- Prepare -------------------------------------------------------------------------------------------------

    def test_everybody_gets_one_message_with_the_responsibles_rights(self):
        mailing = self.agreed()

        self.run_mailings()

        messages = self.messages(mailing)
        self.assertEqual(messages.partner_id, self.people)
        self.assertEqual(messages.create_uid, self.marketer)
        self.assertEqual(self.traces(mailing).whatsapp_message_id, messages)
        self.assertEqual((mailing.state, mailing.scheduled, mailing.expected), ('sending', 3, 3))

    def test_a_second_run_adds_nobody(self):
        mailing = self.agreed()
        self.run_mailings()

        self.run_mailings()

        self.assertEqual((len(self.traces(mailing)), len(self.messages(mailing))), (3, 3))

    def test_several_batches_reach_everybody_once(self):
        mailing = self.agreed()

        with self.in_batches_of(2):
            self.run_mailings()

        self.assertEqual(len(self.messages(mailing)), 3)

    def test_enrolling_anew_adds_nobody(self):
        mailing = self.agreed()
        traces = self.env['mailing.trace']

        traces._enrol(mailing, self.people.ids)
        traces._enrol(mailing, self.people.ids)

        self.assertEqual(self.traces(mailing).mapped('res_id'), self.people.ids)

    def test_a_list_of_one_person(self):
        mailing = self.sent(self.ana, whatsapp_canary=True)

        self.assertEqual((mailing.sent, mailing.whatsapp_phase), (1, 'rest'))

    def test_who_did_not_agree_is_refused_with_the_reason(self):
        self.give_consent(self.ana)
        mailing = self.launched()

        self.run_mailings()

        self.assertEqual((mailing.scheduled, mailing.canceled, mailing.whatsapp_refused), (1, 2, 2))
        self.assertEqual(self.traces(mailing)[1].trace_status, 'cancel')
        self.assertEqual(self.traces(mailing)[1].failure_type, 'whatsapp_no_consent')
        self.assertIn('has not agreed', self.traces(mailing)[1].whatsapp_explanation)

    def test_people_with_one_number_get_one_message(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        mailing = self.agreed(self.people | twin)

        with self.in_batches_of(2):
            self.run_mailings()

        self.assertEqual(len(self.messages(mailing)), 3)
        self.assertEqual(self.traces(mailing)[-1].failure_type, 'whatsapp_same_number')

    def test_number_changed_after_the_enrolment_is_used_once(self):
        mailing = self.agreed(self.ana | self.ben)
        with self.in_batches_of(1), patch.object(self.registry['fluxforce.mailing.runner'], '_prepare', lambda *_: 0):
            self.run_mailings()
        self.ben.phone = self.ana.phone

        self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, self.ana)

    @mute_logger(RUNNER)
    def test_a_bad_record_stops_nobody_else(self):
        mailing = self.agreed(template=self.utility_template)

        with self.failing_for(self.ben):
            self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, self.ana | self.chloe)
        bad = self.traces(mailing)[1]
        self.assertEqual((bad.trace_status, bad.failure_type), ('error', 'whatsapp_error'))
        self.assertEqual(bad.failure_reason, 'no such value')

    @mute_logger(RUNNER)
    def test_a_bad_record_among_people_with_one_number_stops_nobody(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        mailing = self.agreed(self.people | twin, template=self.utility_template)

        with self.failing_for(self.ben):
            self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, self.ana | self.chloe)
        self.assertEqual(self.traces(mailing)[-1].failure_type, 'whatsapp_same_number')

    def test_a_deleted_record_is_told(self):
        mailing = self.agreed()
        with patch.object(self.registry['fluxforce.mailing.runner'], '_prepare', lambda *_: 0):
            self.run_mailings()
        self.ben.unlink()

        self.run_mailings()

        self.assertEqual(self.traces(mailing)[1].failure_type, 'whatsapp_gone')
        self.assertEqual(len(self.messages(mailing)), 2)

    def test_a_record_the_responsible_may_not_read_gets_nothing(self):
        mailing = self.agreed()
        with patch.object(self.registry['fluxforce.mailing.runner'], '_prepare', lambda *_: 0):
            self.run_mailings()
        self.env['ir.rule'].create({
            'name': 'Not Ben', 'model_id': self.env['ir.model']._get_id('res.partner'),
            'domain_force': repr([('id', '!=', self.ben.id)])})

        self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, self.ana | self.chloe)

    @mute_logger(RUNNER)
    def test_what_cannot_be_served_is_paused_with_the_reason_and_the_others_go_on(self):
        broken, other = self.agreed(), self.agreed(self.ana)
        broken.sudo().mailing_domain = '[('

        self.run_mailings()

        self.assertEqual(broken.state, 'paused')
        self.assertIn('Recipients cannot be read', broken.whatsapp_problem)
        self.assertIn(self.marketer, broken.activity_ids.user_id)
        self.assertEqual(len(self.messages(other)), 1)

    @mute_logger(RUNNER)
    def test_what_could_not_begin_begins_when_it_is_resumed(self):
        mailing = self.agreed()
        self.plain_template.sudo().status = 'PAUSED'
        self.run_mailings()
        self.assertEqual((mailing.state, mailing.whatsapp_started_at), ('paused', False))
        self.plain_template.sudo().status = 'APPROVED'

        mailing.action_whatsapp_resume()
        self.run_mailings()

        self.assertTrue(mailing.whatsapp_started_at)
        self.assertEqual(len(self.messages(mailing)), 3)

    def test_core_does_not_send_them(self):
        mailing = self.agreed()

        with self.no_commit():
            self.env['mailing.mailing']._process_mass_mailing_queue()

        self.assertEqual(mailing.state, 'in_queue')

    def test_core_still_sends_its_own(self):
        mail = self.env['mailing.mailing'].create({
            'subject': 'By e-mail', 'body_html': '<p>Hello</p>', 'state': 'in_queue', 'email_from': 'us@example.com',
            'mailing_model_id': self.env['ir.model']._get_id('res.partner'),
            'mailing_domain': repr([('id', '=', self.ana.id)])})

        with self.no_commit():
            self.env['mailing.mailing']._process_mass_mailing_queue()

        self.assertEqual(mail.state, 'done')

    def test_queries_do_not_grow_with_the_recipients(self):
        self.prepared_queries(self.crowd_of(30, 0))  # warm
        few, many = (self.prepared_queries(self.crowd_of(count, start)) for count, start in ((30, 100), (60, 200)))

        self.assertEqual(few, many)

    def test_rows_written_together_are_those_of_the_orm(self):
        with patch(f'{OUTBOX}.MANY', 1000):
            one_by_one = self.agreed(self.crowd_of(25, 0))
            self.run_mailings()
        together = self.agreed(self.crowd_of(25, 100))
        self.run_mailings()

        first, second = (self.messages(mailing)[0] for mailing in (together, one_by_one))
        own = {'id', 'key', 'partner_id', 'phone', 'typed_number', 'res_id', 'content_key', 'mailing_id', 'create_date',
               'write_date', 'write_uid', 'due_at', 'expires_at', 'report_ids'}
        stored = [name for name, field in first._fields.items() if field.store and name not in own]
        self.assertEqual(first.read(stored)[0] | {'id': 0}, second.read(stored)[0] | {'id': 0})
        self.assertEqual(first.expires_at - first.due_at, second.expires_at - second.due_at)

    def crowd_of(self, count, start):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 15{index:04}', 'ref': 'X'}
            for index in range(start, start + count)])
        self.give_consent(people)
        return people

    def prepared_queries(self, people):
        """:return: the queries of a mailing from the launch to the outbox."""
        mailing = self.launched(people, template=self.utility_template)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        with self.no_commit():
            self.env['fluxforce.mailing.runner']._work_off()
        self.env.flush_all()
        queries = self.cr.sql_log_count - before
        mailing.action_whatsapp_stop()
        self.run_mailings()  # the next run is about the next one only
        return queries

    # --- What came back --------------------------------------------------------------------------------------------

    def test_recipients_follow_their_messages(self):
        mailing = self.sent()
        ana, ben, chloe = self.messages(mailing)
        self.report(ana | ben)
        self.report(ben, 'read')
        self.report(chloe, 'failed', error=131026)

        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('trace_status'), ['sent', 'open', 'bounce'])
        self.assertEqual(self.traces(mailing)[2].failure_type, 'whatsapp_undeliverable')
        self.assertTrue(self.traces(mailing)[1].open_datetime)

    def test_figures_are_those_of_the_outbox_at_once(self):
        mailing = self.sent()
        ana, ben, __ = self.messages(mailing)
        self.report(ana | ben)
        self.report(ben, 'read')

        self.assertEqual((mailing.sent, mailing.delivered, mailing.opened), (3, 2, 1))
        self.assertEqual((mailing.received_ratio, mailing.opened_ratio), (66.67, 50.0))
        self.assertEqual(mailing.whatsapp_progress, 100)

    def test_a_reply_counts_once(self):
        mailing = self.sent()
        ana = self.messages(mailing)[0]
        self.report(ana)
        self.answer(ana)
        self.answer(ana, 'And when?')

        self.run_mailings()

        self.assertEqual((mailing.replied, self.traces(mailing)[0].trace_status), (1, 'reply'))

    def test_a_stop_is_no_reply(self):
        mailing = self.sent()
        ana = self.messages(mailing)[0]
        self.report(ana)
        self.answer(ana, 'STOP')

        self.run_mailings()

        self.assertEqual(mailing.replied, 0)

    def test_a_mailing_is_done_when_nothing_waits(self):
        mailing = self.agreed()
        self.run_mailings()
        self.assertEqual(mailing.state, 'sending')

        self.run_sender()
        self.run_mailings()

        self.assertEqual((mailing.state, bool(mailing.sent_date)), ('done', True))

    def test_following_costs_the_same_for_any_number(self):
        few, many = self.sent(self.crowd_of(5, 0)), self.sent(self.crowd_of(40, 100))

        self.assertEqual(self.following_queries(few), self.following_queries(many))

    def following_queries(self, mailing):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.env['mailing.trace']._follow(mailing)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    # --- Pause, resume, stop -------------------------------------------------------------------------------------

    def test_a_pause_holds_what_waits_at_once(self):
        mailing = self.agreed()
        self.run_mailings()

        mailing.action_whatsapp_pause()
        self.run_sender()

        self.assertFalse(self.meta.sends)
        self.assertEqual(set(self.messages(mailing).mapped('reason')), {'halted'})

    def test_a_paused_one_is_not_released_by_the_sender(self):
        mailing = self.agreed()
        self.run_mailings()
        mailing.action_whatsapp_pause()
        self.run_sender()

        self.run_sender()

        self.assertEqual(set(self.messages(mailing).mapped('state')), {'held'})

    def test_resumed_it_goes_on_with_everybody(self):
        mailing = self.agreed()
        self.run_mailings()
        mailing.action_whatsapp_pause()
        self.run_sender()

        mailing.action_whatsapp_resume()
        self.run_mailings()
        self.run_sender()

        self.assertEqual(len(self.meta.sends), 3)
        self.assertEqual(mailing.sent, 3)

    def test_a_pause_between_batches_prepares_nobody_else(self):
        mailing = self.agreed()
        with self.in_batches_of(2), patch.object(
                self.registry['ir.cron'], '_commit_progress', lambda *_args, **_kwargs: 0):
            self.env['fluxforce.mailing.runner']._work_off()
            self.env['fluxforce.mailing.runner']._work_off()
        self.env.invalidate_all()
        mailing.action_whatsapp_pause()

        self.run_mailings()

        self.assertEqual(len(self.messages(mailing)), 2)
        mailing.action_whatsapp_resume()
        self.run_mailings()
        self.assertEqual(len(self.messages(mailing)), 3)

    def test_a_stop_takes_back_what_has_not_gone(self):
        mailing = self.agreed()
        self.run_mailings()

        mailing.action_whatsapp_stop()
        self.run_sender()
        self.run_mailings()

        self.assertFalse(self.meta.sends)
        self.assertEqual(set(self.messages(mailing).mapped('state')), {'cancelled'})
        self.assertEqual((mailing.state, mailing.canceled), ('stopped', 3))

    def test_what_was_stopped_does_not_go_on(self):
        mailing = self.agreed()
        mailing.action_whatsapp_stop()

        with self.assertRaisesRegex(UserError, 'Only a paused'):
            mailing.action_whatsapp_resume()

    def test_what_has_begun_is_kept(self):
        mailing = self.sent()

        with self.assertRaisesRegex(UserError, 'kept as evidence'):
            mailing.unlink()

    # --- Try again ---------------------------------------------------------------------------------------------------

    def test_a_failure_that_may_pass_is_tried_again_for_that_person_only(self):
        mailing = self.sent()
        ana = self.messages(mailing)[0]
        self.report(self.messages(mailing) - ana)
        self.report(ana, 'failed', error=131000)
        self.run_mailings()
        self.assertEqual((mailing.failed, mailing.whatsapp_retry_count), (1, 1))
        self.let_pass(self.messages(mailing), minutes=1)

        mailing.action_retry_failed()
        self.run_mailings()
        self.run_sender()

        again = self.messages(mailing) - self.messages(mailing)[:3]
        self.assertEqual(again.partner_id, self.ana)
        self.assertEqual(ana.again_id, again)
        self.assertEqual((mailing.failed, mailing.sent, mailing.expected), (0, 3, 3))

    def test_who_cannot_be_reached_is_not_tried_again(self):
        mailing = self.sent(self.ana)
        self.report(self.messages(mailing), 'failed', error=131026)
        self.run_mailings()

        with self.assertRaisesRegex(UserError, 'Nobody can be tried again'):
            mailing.action_retry_failed()

    def test_who_agrees_later_gets_it_on_the_next_try(self):
        self.give_consent(self.ana)
        mailing = self.launched(self.ana | self.ben)
        self.run_mailings()
        self.run_sender()
        self.run_mailings()
        self.give_consent(self.ben)

        mailing.action_retry_failed()
        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('whatsapp_message_id.state'), ['accepted', 'queued'])

    def test_who_said_stop_is_never_tried_again(self):
        self.give_consent(self.ana | self.ben)
        self.withdraw_consent(self.ben)
        mailing = self.launched(self.ana | self.ben)
        self.run_mailings()
        self.run_sender()
        self.run_mailings()

        self.assertEqual(mailing.whatsapp_retry_count, 0)

    def test_a_message_sent_again_by_hand_stands_for_the_recipient(self):
        mailing = self.sent(self.ana)
        self.report(self.messages(mailing), 'failed', error=131000)
        self.messages(mailing).with_user(self.marketer).action_send_again()

        self.run_mailings()

        self.assertEqual(self.traces(mailing).whatsapp_message_id, self.messages(mailing)[1])

    def retried(self):
        """:return: a mailing about to try its only recipient again, with the message that failed."""
        self.account.duplicate_hours = 0
        mailing = self.sent(self.ana)
        failed = self.messages(mailing)
        self.report(failed, 'failed', error=131000)
        self.run_mailings()
        self.let_pass(failed, minutes=1)
        mailing.action_retry_failed()
        return mailing, failed

    def test_what_is_sent_again_by_hand_before_the_retry_goes_once(self):
        mailing, failed = self.retried()
        failed.with_user(self.marketer).action_send_again()

        self.run_mailings()
        self.run_sender()

        self.assertEqual(len(self.messages(mailing)), 2)
        self.assertEqual(self.traces(mailing).whatsapp_message_id, failed.again_id)
        self.assertFalse(self.traces(mailing).whatsapp_due)

    def test_what_is_sent_again_by_hand_is_followed_before_the_retry(self):
        mailing, failed = self.retried()
        failed.with_user(self.marketer).action_send_again()
        self.env['mailing.trace']._follow(mailing)  # somebody looks at the figures meanwhile

        self.run_mailings()

        self.assertEqual(len(self.messages(mailing)), 2)

    # --- What meets everybody ----------------------------------------------------------------------------------------

    @mute_logger(RUNNER)
    def test_an_error_that_meets_everybody_pauses_it(self):
        mailing = self.agreed(template=self.utility_template)

        with self.failing_for(*self.people):
            self.run_mailings()

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('paused', 0))
        self.assertIn('no such value', mailing.whatsapp_problem)
        self.assertFalse(self.traces(mailing).filtered('failure_type'))

    @mute_logger(RUNNER)
    def test_once_it_is_mended_everybody_gets_it(self):
        mailing = self.agreed(template=self.utility_template)
        with self.failing_for(*self.people):
            self.run_mailings()

        mailing.action_whatsapp_resume()
        self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, self.people)

    @mute_logger(RUNNER)
    def test_who_resumes_it_as_it_is_puts_these_people_aside(self):
        mailing = self.agreed(template=self.utility_template)
        with self.failing_for(*self.people):
            self.run_mailings()
            mailing.action_whatsapp_resume()
            self.run_mailings()

        self.assertEqual(set(self.traces(mailing).mapped('failure_type')), {'whatsapp_error'})
        self.assertNotEqual(mailing.state, 'paused')

    @mute_logger(RUNNER)
    def test_what_may_not_be_read_by_the_responsible_any_more_pauses_it(self):
        mailing = self.agreed()
        with patch.object(self.registry['fluxforce.mailing.runner'], '_prepare', lambda *_: 0):
            self.run_mailings()

        with patch.object(self.registry['mailing.mailing'], '_prepare_whatsapp_drafts',
                          side_effect=AccessError('You may not read contacts.')):
            self.run_mailings()

        self.assertEqual(mailing.state, 'paused')
        self.assertIn('You may not read contacts.', mailing.whatsapp_problem)

    # --- What it has brought -----------------------------------------------------------------------------------------

    def test_what_counts_as_brought_depends_on_the_days_of_the_mailing(self):
        mailing = self.sent(self.ana, whatsapp_conversion_days=3)

        self.assertEqual(self.env['fluxforce.conversion']._days(self.messages(mailing)), 3)
        self.assertEqual(self.mailing().whatsapp_conversion_days, 30)

    # --- Bad input ---------------------------------------------------------------------------------------------------

    @mute_logger(RUNNER)
    def test_a_mailing_about_an_app_that_is_gone_is_paused_and_says_so(self):
        mailing = self.agreed()

        with self.without_model('res.partner', mailing):
            self.run_mailings()

        self.assertEqual(mailing.state, 'paused')
        self.assertIn('not installed any more', mailing.whatsapp_problem)

    def test_a_draft_about_an_app_that_is_gone_says_so(self):
        mailing = self.mailing()

        with self.without_model('res.partner', mailing), self.assertRaisesRegex(UserError, 'not installed any more'):
            mailing.action_whatsapp_check()

    def without_model(self, _name, mailing):
        """The app of the recipients was taken away."""
        return patch.object(self.registry['mailing.mailing'], '_whatsapp_model_name', lambda _self: 'gone.model')
