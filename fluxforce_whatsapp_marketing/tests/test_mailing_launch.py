from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .mailing import MailingCommon, ManagerCommon

CHECK = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_launch_check'


@tagged('post_install', '-at_install')
class TestMailingLaunch(MailingCommon, TransactionCase):

    def assertLaunchRefused(self, mailing, words):
        with self.assertRaisesRegex(UserError, words):
            mailing.action_put_in_queue()
        self.assertEqual(mailing.state, 'draft')

    def test_launch_wakes_the_scheduled_action(self):
        self.give_consent(self.people)
        mailing = self.mailing()

        with self.capture_triggers('fluxforce_whatsapp_marketing.ir_cron_mailings') as capture:
            mailing.action_put_in_queue()

        self.assertEqual(len(capture.records), 1)
        self.assertEqual(mailing.state, 'in_queue')

    def test_planned_mailing_wakes_it_at_its_moment(self):
        self.give_consent(self.people)
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        mailing = self.mailing(schedule_type='scheduled', schedule_date=tomorrow)

        with self.capture_triggers('fluxforce_whatsapp_marketing.ir_cron_mailings') as capture:
            mailing.action_put_in_queue()

        self.assertEqual(capture.records.call_at, tomorrow.replace(microsecond=0))
        self.run_mailings()
        self.assertEqual((mailing.state, len(self.traces(mailing))), ('in_queue', 0))

    def test_planned_mailing_can_be_cancelled(self):
        mailing = self.agreed(schedule_type='scheduled', schedule_date=fields.Datetime.now() + timedelta(days=1))

        mailing.action_cancel()

        self.assertEqual((mailing.state, mailing.schedule_date), ('draft', False))

    def test_launch_needs_a_template(self):
        self.assertLaunchRefused(self.mailing(whatsapp_template_id=False), 'field Template')

    def test_launch_needs_an_approved_template(self):
        self.assertLaunchRefused(self.mailing(template=self.pending_template), 'not approved')

    def test_launch_needs_a_template_for_the_recipients(self):
        self.plain_template.model_id = self.env['ir.model']._get_id('mailing.contact')

        self.assertLaunchRefused(self.mailing(), 'made for Mailing Contact')

    def test_launch_needs_a_number(self):
        self.assertLaunchRefused(self.mailing(whatsapp_number_id=False), 'field From')

    def test_launch_needs_a_readable_filter(self):
        for domain in ('[(', "[('nonsense', '=', 1)]", '5', '__import__("os")'):
            with self.subTest(domain=domain):
                self.assertLaunchRefused(self.mailing(mailing_domain=domain), 'Recipients cannot be read')

    def test_launch_needs_a_list(self):
        mailing = self.mailing(mailing_model_id=self.env['ir.model']._get_id('mailing.list'))

        self.assertLaunchRefused(mailing, 'Mailing Lists')

    def test_launch_needs_somebody_who_gets_it(self):
        self.assertLaunchRefused(self.mailing(), 'Nobody would get it')

    def test_launch_needs_the_texts_that_are_asked_for(self):
        self.give_consent(self.people)
        self.utility_template.variable_ids[0].source = 'free'
        mailing = self.mailing(template=self.utility_template)
        self.assertEqual(len(mailing.whatsapp_value_ids), 1)

        self.assertLaunchRefused(mailing, 'Texts to Fill In')

        mailing.whatsapp_value_ids.value = 'Dear customer'
        mailing.action_put_in_queue()
        self.run_mailings()
        self.assertEqual(set(message.values['body:1'] for message in self.messages(mailing)), {'Dear customer'})

    def test_texts_of_what_was_launched_stay_as_they_are(self):
        self.give_consent(self.people)
        self.utility_template.variable_ids[0].source = 'free'
        mailing = self.mailing(template=self.utility_template)
        mailing.whatsapp_value_ids.value = 'Dear customer'
        mailing.action_put_in_queue()

        with self.assertRaisesRegex(UserError, 'was launched'):
            mailing.whatsapp_value_ids.value = 'Buy now'

    def test_launch_refuses_an_end_in_the_past(self):
        self.assertLaunchRefused(
            self.mailing(whatsapp_ends_at=fields.Datetime.now() - timedelta(hours=1)), 'Ends on')

    def test_what_was_launched_stays_as_it_is(self):
        mailing = self.agreed()

        with self.assertRaisesRegex(UserError, 'was launched'):
            mailing.mailing_domain = '[]'

    def test_nobody_moves_it_by_hand(self):
        for values in ({'state': 'in_queue'}, {'whatsapp_enrolled_at': fields.Datetime.now()}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.mailing().write(values)

    def test_a_mailing_is_not_created_running(self):
        with self.assertRaises(AccessError):
            self.mailing(state='sending')

    def test_colleague_cannot_launch_with_the_rights_of_another(self):
        self.give_consent(self.people)
        mailing = self.mailing()

        with self.assertRaisesRegex(UserError, 'rights of Mara Marketer'):
            mailing.with_user(self.env.ref('base.user_admin')).with_user(
                self.colleague_marketer()).action_put_in_queue()

    def colleague_marketer(self):
        return self.marketer.copy({'login': 'carl.colleague', 'name': 'Carl Colleague'})

    # --- The check -------------------------------------------------------------------------------------------

    def test_the_check_tells_who_gets_it_and_who_does_not(self):
        self.give_consent(self.ana)
        mailing = self.mailing(self.people | self.phoneless)

        mailing.action_whatsapp_check()

        check = mailing.launch_check_id
        self.assertEqual((check.total_count, check.sendable_count, check.refused_count), (4, 1, 3))
        self.assertIn('has not agreed', check.result)
        self.assertFalse(self.messages(mailing))
        self.assertEqual(mailing.state, 'draft')

    def test_the_check_tells_people_with_one_number_apart(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        self.give_consent(self.ana | twin)
        mailing = self.mailing(self.ana | twin)

        mailing.action_whatsapp_check()

        self.assertEqual((mailing.launch_check_id.sendable_count, mailing.launch_check_id.duplicate_count), (1, 1))

    def test_the_check_tells_the_cost_and_the_end(self):
        self.give_consent(self.people)
        self.env['fluxforce.whatsapp.price'].create({'category': 'utility', 'amount': 0.5, 'source': 'Test'})
        mailing = self.mailing()

        mailing.action_whatsapp_check()

        self.assertIn('1.50', mailing.launch_cost)
        self.assertTrue(mailing.launch_finish)

    def test_the_check_of_very_many_takes_some_at_random(self):
        people = self.crowd(12)
        mailing = self.mailing(people)

        with patch(f'{CHECK}.CHECK_LIMIT', 4):
            mailing.action_whatsapp_check()

        check = mailing.launch_check_id
        self.assertEqual((check.total_count, check.looked_count, check.sendable_count), (12, 4, 12))

    def test_the_check_tells_what_the_guard_has_seen(self):
        self.give_consent(self.people)
        self.env['fluxforce.whatsapp.alert']._raise_alert('silence', self.account)
        mailing = self.mailing()

        mailing.action_whatsapp_check()

        self.assertIn('no reports come back', mailing.launch_warnings)

    def test_the_check_tells_who_cannot_be_prepared(self):
        self.give_consent(self.people)
        mailing = self.mailing(template=self.utility_template)

        with self.failing_for(self.ben):
            mailing.action_whatsapp_check()

        check = mailing.launch_check_id
        self.assertEqual((check.total_count, check.sendable_count, check.refused_count), (3, 2, 1))
        self.assertIn('no such value', check.result)

    def test_every_check_is_kept(self):
        self.give_consent(self.people)
        mailing = self.mailing()
        mailing.action_whatsapp_check()

        mailing.action_whatsapp_check()
        mailing.action_put_in_queue()

        checks = self.env['fluxforce.launch.check'].search([('mailing_id', '=', mailing.id)])
        self.assertEqual(checks.mapped('state'), ['launched', 'checked'])
        self.assertFalse(checks.with_user(self.marketer).has_access('unlink'))
        self.assertIn('Launched by Mara Marketer', mailing.message_ids[0].body)

    def test_a_change_after_the_check_is_checked_anew(self):
        self.give_consent(self.people)
        mailing = self.mailing(self.ana)
        mailing.action_whatsapp_check()
        mailing.mailing_domain = repr([('id', 'in', self.people.ids)])

        mailing.action_put_in_queue()

        self.assertEqual(mailing.launch_check_id.total_count, 3)

    def test_send_shows_the_check_first(self):
        self.give_consent(self.people)
        mailing = self.mailing()

        action = mailing.action_whatsapp_confirm()

        self.assertEqual((action['res_id'], action['target']), (mailing.id, 'new'))
        self.assertEqual(mailing.state, 'draft')

    # --- What may cost the account -----------------------------------------------------------------------------

    def critical(self, **values):
        """An offer to a crowd while people block the number; somebody released its brake."""
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})
        return self.mailing(self.crowd(12, 'marketing'), self.marketing_template, **values)

    def test_a_marketer_asks_an_administrator_for_what_is_critical(self):
        mailing = self.critical(launch_override_reason='I want to')

        with self.assertRaisesRegex(AccessError, 'Ask a WhatsApp administrator'):
            mailing.action_put_in_queue()

    def test_an_administrator_says_why_and_it_is_kept(self):
        self.marketer.group_ids += self.env.ref('fluxforce_whatsapp.group_whatsapp_admin')
        mailing = self.critical()
        self.assertLaunchRefused(mailing, 'Reason: say why')

        mailing.launch_override_reason = 'Recall of a helmet'
        mailing.action_put_in_queue()

        override = self.env['fluxforce.whatsapp.override'].search([])
        self.assertEqual((override.user_id, override.reason), (self.marketer, 'Recall of a helmet'))


@tagged('post_install', '-at_install')
class TestMailingApproval(ManagerCommon, TransactionCase):

    def setUp(self):
        super().setUp()
        self.env.company.whatsapp_approval_above = 2
        self.give_consent(self.people)
        self.mailing_ = self.mailing()

    def ask(self):
        self.mailing_.action_ask_approval()

    def approve(self):
        self.mailing_.with_user(self.manager).action_approve()

    def test_a_large_mailing_waits_for_a_manager(self):
        with self.assertRaisesRegex(UserError, 'more than 2 people'):
            self.mailing_.action_put_in_queue()

    def test_a_small_one_needs_nobody(self):
        small = self.mailing(self.ana)

        small.action_put_in_queue()

        self.assertEqual(small.state, 'in_queue')

    def test_one_that_has_grown_since_the_check_is_not_sent_without_a_manager(self):
        self.ana.ref = 'In'
        small = self.mailing(mailing_domain=repr([('id', 'in', self.people.ids), ('ref', '=', 'In')]))
        small.action_put_in_queue()
        self.people.ref = 'In'

        with mute_logger('odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner'):
            self.run_mailings()

        self.assertEqual(small.state, 'paused')
        self.assertIn('approved by a manager first', small.whatsapp_problem)
        self.assertFalse(self.messages(small))

    def test_the_manager_gets_a_to_do_and_approves(self):
        self.ask()
        self.assertIn(self.manager, self.mailing_.launch_check_id.activity_ids.user_id)

        self.approve()
        self.mailing_.action_put_in_queue()

        check = self.mailing_.launch_check_id
        self.assertEqual((check.state, check.approver_id), ('launched', self.manager))
        self.assertNotIn(self.manager, self.mailing_.launch_check_id.activity_ids.user_id)

    def test_nobody_approves_the_own_mailing(self):
        self.marketer.group_ids += self.env.ref('fluxforce_whatsapp.group_whatsapp_approver')
        self.ask()

        with self.assertRaises(AccessError):
            self.mailing_.action_approve()

    def test_a_marketer_approves_nothing(self):
        self.ask()

        with self.assertRaises(AccessError):
            self.mailing_.with_user(self.marketer).action_approve()

    def test_what_was_changed_after_the_approval_is_approved_anew(self):
        self.ask()
        self.approve()
        self.mailing_.whatsapp_template_id = self.utility_template

        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            self.mailing_.action_put_in_queue()

    def test_what_was_changed_meanwhile_is_not_approved(self):
        self.ask()
        self.mailing_.whatsapp_template_id = self.utility_template

        with self.assertRaisesRegex(UserError, 'changed since it was checked'):
            self.approve()

    def test_a_manager_sends_it_back(self):
        self.ask()

        self.mailing_.with_user(self.manager).action_reject()

        self.assertEqual(self.mailing_.launch_state, 'rejected')
        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            self.mailing_.action_put_in_queue()

    def test_zero_means_never(self):
        self.env.company.whatsapp_approval_above = 0

        self.mailing_.action_put_in_queue()

        self.assertEqual(self.mailing_.state, 'in_queue')

    # --- It stays what was approved ----------------------------------------------------------------------------------

    def planned(self, **values):
        """:return: an approved mailing that waits for its moment."""
        self.mailing_.write({
            'schedule_type': 'scheduled', 'schedule_date': fields.Datetime.now() + timedelta(days=1), **values})
        self.ask()
        self.approve()
        self.mailing_.action_put_in_queue()
        return self.mailing_

    def its_moment_comes(self, mailing):
        mailing.sudo().schedule_date = fields.Datetime.now() - timedelta(minutes=1)
        self.run_mailings()

    def test_at_its_moment_it_goes_as_it_was_approved(self):
        mailing = self.planned()

        self.its_moment_comes(mailing)

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('sending', 3))

    def test_another_text_at_its_moment_pauses_it_and_a_manager_is_asked(self):
        mailing = self.planned()
        self.plain_template.components = [{'type': 'BODY', 'text': 'Buy now'}]

        self.its_moment_comes(mailing)

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('paused', 0))
        self.assertIn('changed since it was approved', mailing.whatsapp_problem)
        self.assertEqual(mailing.launch_state, 'asked')
        self.assertIn(self.manager, mailing.launch_check_id.activity_ids.user_id)

        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            mailing.action_whatsapp_resume()
        self.approve()
        mailing.action_whatsapp_resume()
        self.run_mailings()
        self.assertEqual((mailing.state, len(self.messages(mailing))), ('sending', 3))

    def test_more_people_than_were_approved_pause_it(self):
        more = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 17000{index}'} for index in range(3)])
        self.give_consent(more)
        self.people.ref = 'In'
        mailing = self.planned(mailing_domain=repr([('ref', '=', 'In')]))
        more.ref = 'In'

        self.its_moment_comes(mailing)

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('paused', 0))
        self.assertIn('6 instead of 3', mailing.whatsapp_problem)

    def test_who_gets_nothing_anyway_does_not_count_as_grown(self):
        strangers = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 18000{index}'} for index in range(3)])
        small = self.mailing(self.ana | strangers)

        small.action_put_in_queue()
        self.run_mailings()

        self.assertEqual(small.state, 'sending')

    def test_other_first_people_or_another_end_are_approved_anew(self):
        for values in ({'whatsapp_canary': True}, {'whatsapp_canary_size': 1}, {'whatsapp_canary_hours': 1},
                       {'whatsapp_limit_failed': 0}, {'whatsapp_limit_unread': 0},
                       {'whatsapp_ends_at': fields.Datetime.now() + timedelta(days=3)}):
            with self.subTest(values=values):
                mailing = self.mailing()
                mailing.action_ask_approval()
                mailing.with_user(self.manager).action_approve()
                mailing.write(values)

                with self.assertRaisesRegex(UserError, 'approved by a manager first'):
                    mailing.action_put_in_queue()

    def test_limits_of_an_approved_mailing_are_not_changed_while_it_is_sent(self):
        mailing = self.planned()
        self.its_moment_comes(mailing)

        with self.assertRaisesRegex(UserError, 'Pause it before'):
            mailing.whatsapp_limit_failed = 0

    def test_who_goes_on_after_a_pause_needs_no_other_approval(self):
        mailing = self.planned()
        self.its_moment_comes(mailing)
        mailing.action_whatsapp_pause()

        mailing.action_whatsapp_resume()

        self.assertEqual(mailing.state, 'sending')

    # --- Two people --------------------------------------------------------------------------------------------------

    def test_who_decided_by_an_outdated_check_sees_the_new_one(self):
        small = self.mailing(self.ana)
        small.action_whatsapp_confirm()
        seen = small.launch_check_id
        small.sudo().mailing_domain = repr([('id', 'in', (self.ana | self.ben).ids)])  # by somebody else, meanwhile

        action = small.with_context(launch_check_shown=seen.id).action_whatsapp_launch()

        self.assertEqual((action['res_id'], action['context']['launch_changed']), (small.id, True))
        self.assertEqual((small.state, small.launch_check_id.total_count), ('draft', 2))

    def test_who_decided_by_the_check_of_now_launches_it(self):
        small = self.mailing(self.ana)
        small.action_whatsapp_confirm()

        small.with_context(launch_check_shown=small.launch_check_id.id).action_whatsapp_launch()

        self.assertEqual(small.state, 'in_queue')
