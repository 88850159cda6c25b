from unittest.mock import patch

from psycopg2.errors import CheckViolation, SerializationFailure

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.fluxforce_campaign_audience import CampaignError
from .common import JourneyCommon
from .mailing import WithManager

MODELS = 'odoo.addons.fluxforce_whatsapp_marketing.models'
LAUNCH, RUNNER = f'{MODELS}.fluxforce_launch_mixin', f'{MODELS}.fluxforce_campaign_runner'
LOT = 'odoo.addons.fluxforce_whatsapp_marketing.flow.lots.lot'
WELCOME = {'name': 'Welcome'}
LATER = {'name': 'Later', 'after': 'Welcome', 'delay': 2}


class ApprovalCommon(WithManager, JourneyCommon):
    """A company in which a manager approves what goes to more than two people."""

    def setUp(self):
        super().setUp()
        self.env.company.whatsapp_approval_above = 2

    def approved(self, *steps, **values):
        """:return: a campaign that a manager has approved, not started yet."""
        campaign = self.journey(*(steps or (WELCOME, LATER)), **values)
        self.approve(campaign)
        return campaign

    def approve(self, campaign):
        """Ask for it and get it."""
        campaign.action_ask_approval()
        campaign.with_user(self.manager).action_approve()

    def running(self, *steps, **values):
        """:return: an approved campaign whose first message has gone."""
        campaign = self.approved(*steps, **values)
        campaign.action_start()
        self.go_on()
        return campaign

    def editing(self, campaign, **change):
        editor = self.env['fluxforce.campaign.editor'].with_user(self.marketer)
        agreed = change.pop('agreed', True)
        return editor.apply(campaign.id, change, editor.get_flow(campaign.id)['version'], agreed)


@tagged('post_install', '-at_install')
class TestCampaignCheck(ApprovalCommon, TransactionCase):
    """What is found out before a campaign starts."""

    def test_it_tells_what_all_messages_cost_at_most(self):
        self.env['fluxforce.whatsapp.price'].create({'category': 'utility', 'amount': 0.5, 'source': 'Test'})
        campaign = self.journey(WELCOME, LATER)

        campaign.action_confirm_start()

        self.assertEqual((campaign.launch_check_id.people_count, campaign.launch_check_id.message_count), (3, 6))
        self.assertIn('3.00', campaign.launch_cost)
        self.assertIn('as if everybody got all 2 messages', campaign.launch_result)

    def test_it_is_finished_after_the_last_message(self):
        short, long = self.journey(WELCOME), self.journey(WELCOME, {**LATER, 'delay': 20})
        for campaign in short, long:
            campaign.action_check_audience()

        self.assertGreater((long.launch_check_id.finish_at - short.launch_check_id.finish_at).days, 18)

    def test_it_tells_who_may_get_a_later_message(self):
        campaign = self.journey(WELCOME, {**LATER, 'template_id': self.marketing_template.id})

        campaign.action_check_audience()

        self.assertIn('Later: 0 of 3 may get it', campaign.launch_result)

    def test_it_asks_about_a_later_message_as_of_its_day(self):
        self.plain_template.account_id.duplicate_hours = 24
        campaign = self.journey({'name': 'Offer', 'template_id': self.plain_template.id},
                                {'name': 'Again', 'template_id': self.plain_template.id, 'delay': 3})
        self.approve(campaign)
        campaign.action_start()
        self.go_on()
        campaign.action_pause()

        campaign.action_confirm_resume()

        self.assertEqual(campaign.launch_check_id.sendable_count, 3)

    def test_it_warns_of_a_later_message_too(self):
        self.env['fluxforce.whatsapp.alert']._raise_alert('silence', self.account)
        campaign = self.journey(WELCOME)

        campaign.action_check_audience()

        self.assertIn('no reports come back', campaign.launch_warnings)

    def test_it_looks_at_some_of_very_many(self):
        campaign = self.journey(WELCOME, LATER, partners=self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1280{index:02}'} for index in range(8)]))

        with patch('odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_launch_check.CHECK_LIMIT', 4):
            campaign.action_check_audience()

        check = campaign.launch_check_id
        self.assertEqual((check.total_count, check.looked_count, check.sendable_count), (8, 4, 8))

    def test_the_chatter_tells_by_which_check_it_was_launched(self):
        campaign = self.approved()

        campaign.action_start()

        self.assertEqual(campaign.launch_check_id.state, 'launched')
        self.assertIn('Launched by Mara Marketer, approved by Mona Manager', campaign.message_ids[0].body)

    def test_checks_are_kept_and_nobody_removes_them(self):
        campaign = self.approved()
        campaign.action_start()

        checks = self.env['fluxforce.launch.check'].with_user(self.marketer).search([('campaign_id', '=', campaign.id)])
        self.assertTrue(checks)
        self.assertFalse(checks.has_access('unlink'))
        self.assertFalse(checks.has_access('write'))

    def test_who_decided_by_an_outdated_check_sees_the_new_one(self):
        self.env.company.whatsapp_approval_above = 0
        campaign = self.journey(WELCOME)
        campaign.action_confirm_start()
        seen = campaign.launch_check_id
        campaign.domain = repr([('id', '=', self.ana.id)])  # by a colleague, meanwhile

        action = campaign.with_context(launch_check_shown=seen.id).action_start()

        self.assertEqual((action['target'], action['context']['launch_changed']), ('new', True))
        self.assertEqual(campaign.state, 'draft')

    def test_a_colleague_of_another_company_sees_no_check(self):
        campaign = self.approved()
        company = self.env['res.company'].create({'name': 'Other Bicycles'})
        stranger = new_test_user(self.env, 'stella', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer',
                                 company_id=company.id, company_ids=[(6, 0, company.ids)])

        self.assertFalse(campaign.launch_check_id.with_user(stranger).has_access('read'))

    def test_a_check_is_about_one_thing(self):
        check = self.approved().launch_check_id

        with self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            check.sudo().campaign_id = False
            check.sudo().flush_recordset()


@tagged('post_install', '-at_install')
class TestCampaignApproval(ApprovalCommon, TransactionCase):

    def test_a_large_campaign_waits_for_a_manager(self):
        campaign = self.journey(WELCOME)

        with self.assertRaisesRegex(UserError, 'more than 2 people'):
            campaign.action_start()

    def test_a_small_one_needs_nobody(self):
        campaign = self.journey(WELCOME, partners=self.ana)

        campaign.action_start()

        self.assertEqual(campaign.state, 'running')

    def test_who_gets_nothing_does_not_count(self):
        self.give_consent(self.ana)
        campaign = self.campaign(self.people)

        campaign.action_start()
        self.go_on()

        self.assertEqual(campaign.state, 'done')

    def test_zero_means_never(self):
        self.env.company.whatsapp_approval_above = 0
        campaign = self.journey(WELCOME)

        campaign.action_start()

        self.assertEqual(campaign.state, 'running')

    def test_the_manager_gets_a_to_do_and_approves(self):
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()
        check = campaign.launch_check_id
        self.assertIn(self.manager, check.activity_ids.user_id)

        check.with_user(self.manager).action_approve()
        campaign.action_start()

        self.assertEqual((check.state, check.approver_id), ('launched', self.manager))
        self.assertFalse(check.activity_ids)

    def test_an_approval_holds_for_a_later_check_of_the_same(self):
        campaign = self.approved()
        first = campaign.launch_check_id

        campaign.action_check_again()

        self.assertNotEqual(campaign.launch_check_id, first)
        self.assertEqual((campaign.launch_state, campaign.launch_check_id.approver_id), ('approved', self.manager))

    def test_an_approval_is_measured_by_what_the_manager_saw_however_often_it_is_checked(self):
        campaign = self.approved()
        campaign.launch_check_id.sudo().known_count = 10

        campaign.action_check_again()

        self.assertEqual((campaign.launch_state, campaign.launch_check_id.known_count), ('approved', 10))

    def test_a_text_is_approved_in_all_languages(self):
        self.env['res.lang']._activate_lang('es_ES')
        campaign = self.journey({'name': 'Hello', 'type': 'sms', 'sms_body': 'Hello'})
        before = campaign._launch_fingerprint()

        campaign.activity_ids.sudo().update_field_translations('sms_body', {'es_ES': 'Hola'})

        self.assertNotEqual(campaign._launch_fingerprint(), before)

    def test_who_waits_for_approval_still_waits_after_another_check(self):
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()

        campaign.action_check_again()

        self.assertEqual(campaign.launch_state, 'asked')
        self.assertIn(self.manager, campaign.launch_check_id.activity_ids.user_id)

    def test_nobody_approves_the_own_campaign(self):
        self.marketer.group_ids += self.env.ref('fluxforce_whatsapp.group_whatsapp_approver')
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()

        with self.assertRaises(AccessError):
            campaign.action_approve()

    def test_a_marketer_approves_nothing(self):
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()

        with self.assertRaises(AccessError):
            campaign.launch_check_id.with_user(self.marketer).action_approve()

    def test_a_manager_sends_it_back(self):
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()

        campaign.with_user(self.manager).action_reject()

        self.assertEqual(campaign.launch_state, 'rejected')
        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            campaign.action_start()

    def test_nobody_is_asked_about_what_was_deleted(self):
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()
        to_dos = campaign.launch_check_id.activity_ids

        campaign.unlink()

        self.assertFalse(to_dos.exists())

    def test_what_was_changed_after_the_approval_is_approved_anew(self):
        for values in ({'domain': repr([('id', 'in', self.people.ids), ('name', '!=', 'X')])}, {'cap': 3},
                       {'goal_domain': "[('name', '=', 'X')]"}, {'holdout_share': 0.0001}, {'reentry': 'after'}):
            with self.subTest(values=values):
                campaign = self.approved()
                campaign.write(values)

                with self.assertRaisesRegex(UserError, 'approved by a manager first'):
                    campaign.action_start()

    def test_another_text_of_the_template_is_approved_anew(self):
        campaign = self.approved()
        self.plain_template.components = [{'type': 'BODY', 'text': 'Buy now'}]

        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            campaign.action_start()

    def test_another_delay_is_approved_anew(self):
        campaign = self.approved()
        campaign.activity_ids[1].delay = 5

        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            campaign.action_start()

    def test_what_was_changed_meanwhile_is_not_approved(self):
        campaign = self.journey(WELCOME, LATER)
        campaign.action_ask_approval()
        campaign.activity_ids[1].unlink()

        with self.assertRaisesRegex(UserError, 'changed since it was checked'):
            campaign.with_user(self.manager).action_approve()


@tagged('post_install', '-at_install')
class TestCampaignStaysApproved(ApprovalCommon, TransactionCase):
    """What runs stays what was checked and approved."""

    def test_it_goes_on_after_a_pause_without_another_approval(self):
        campaign = self.running()
        campaign.action_pause()

        campaign.action_resume()

        self.assertEqual(campaign.state, 'running')

    def test_before_it_goes_on_it_tells_what_those_who_are_left_may_still_get(self):
        campaign = self.running(WELCOME, {**LATER, 'template_id': self.utility_template.id})
        campaign.action_pause()

        campaign.action_confirm_resume()

        check = campaign.launch_check_id
        self.assertEqual((check.sendable_count, check.message_count, check.people_count), (3, 3, 3))
        self.assertNotIn('the same text', campaign.launch_result)

    def test_what_was_changed_while_it_was_paused_is_approved_before_it_goes_on(self):
        campaign = self.running()
        campaign.action_pause()
        campaign.activity_ids[1].template_id = self.utility_template

        with self.assertRaisesRegex(UserError, 'approved by a manager first'):
            campaign.action_resume()

        self.approve(campaign)
        campaign.action_resume()
        self.assertEqual(campaign.state, 'running')

    def test_an_edited_campaign_pauses_until_it_is_approved(self):
        campaign = self.running()
        change = {'do': 'write', 'id': campaign.activity_ids[1].id, 'values': {'delay': 5}}

        asked = self.editing(campaign, agreed=False, **change)
        self.assertIn('A manager has approved the campaign as it is', ' '.join(asked['ask']['lines']))
        self.editing(campaign, **change)

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('changed since it was approved', campaign.problem)

    def test_another_name_of_a_step_changes_nothing(self):
        campaign = self.running()

        self.editing(campaign, do='write', id=campaign.activity_ids[1].id, values={'name': 'Reminder'})

        self.assertEqual(campaign.state, 'running')

    def test_a_small_campaign_is_edited_while_it_runs(self):
        campaign = self.begun(WELCOME, LATER, partners=self.ana)

        self.editing(campaign, do='write', id=campaign.activity_ids[1].id,
                     values={'template_id': self.utility_template.id})

        self.assertEqual(campaign.state, 'running')
        self.assertEqual(campaign.launch_check_id.template_ids, self.plain_template | self.utility_template)

    def test_settings_of_an_approved_campaign_are_not_changed_while_it_runs(self):
        campaign = self.running()

        with self.assertRaisesRegex(UserError, 'Pause it before'):
            campaign.cap = 5

    def test_a_template_that_is_another_one_pauses_what_runs(self):
        campaign = self.running()
        self.plain_template.components = [{'type': 'BODY', 'text': 'Buy now'}]

        self.run_campaigns()

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('changed since it was approved', campaign.problem)
        self.assertEqual(campaign.launch_state, 'asked')
        self.assertIn(self.manager, campaign.launch_check_id.activity_ids.user_id)

    @mute_logger(LAUNCH)
    def test_one_whose_people_cannot_be_read_pauses_all_the_same(self):
        campaign = self.running()
        self.plain_template.components = [{'type': 'BODY', 'text': 'Buy now'}]

        with patch.object(self.registry['fluxforce.campaign'], '_look', side_effect=ZeroDivisionError('no people')):
            self.run_campaigns()

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('changed since it was approved', campaign.problem)

    @mute_logger(RUNNER)
    def test_one_that_meets_others_while_it_pauses_does_not_keep_the_others(self):
        changed = self.running()
        other = self.started(partners=self.ana, template=self.utility_template)
        self.plain_template.components = [{'type': 'BODY', 'text': 'Buy now'}]

        with (patch.object(self.registry['fluxforce.campaign'], '_halt', side_effect=SerializationFailure('met')),
              patch.object(self.env.cr, 'rollback', self.env.invalidate_all)):
            self.run_campaigns()

        self.assertEqual(changed.state, 'running')
        self.assertEqual(len(self.messages(other)), 1)

    def grows(self, **values):
        """:return: a running campaign for whoever has a mark, that began with one of them."""
        self.give_consent(self.people)
        self.ana.ref = 'In'
        campaign = self.campaign(domain=repr([('id', 'in', self.people.ids), ('ref', '=', 'In')]), **values)
        campaign.action_start()
        return campaign

    def test_who_comes_in_later_is_counted(self):
        campaign = self.grows(entry='continuous')
        self.run_campaigns()
        self.people.ref = 'In'

        self.run_campaigns()

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('approved by a manager first', campaign.problem)
        self.assertEqual(campaign.launch_state, 'asked')
        self.assertEqual(self.messages(campaign).partner_id, self.ana)

    def test_who_comes_in_by_an_action_is_counted(self):
        campaign = self.grows(entry='action')
        self.people.ref = 'In'
        campaign.action_enrol(self.people)

        self.run_campaigns()

        self.assertEqual((campaign.state, len(self.messages(campaign))), ('paused', 0))

    def test_one_that_has_grown_before_it_began_is_counted(self):
        campaign = self.grows()
        self.people.ref = 'In'

        self.run_campaigns()

        self.assertEqual((campaign.state, len(self.messages(campaign))), ('paused', 0))

    def test_after_the_approval_whoever_comes_in_later_gets_it(self):
        campaign = self.grows(entry='continuous')
        self.people.ref = 'In'
        self.run_campaigns()
        campaign.with_user(self.manager).action_approve()

        campaign.action_resume()
        self.run_campaigns()

        self.assertEqual((campaign.state, len(self.messages(campaign))), ('running', 3))

    def test_an_approved_one_may_not_become_much_larger(self):
        self.give_consent(self.people)
        more = self.people.copy()
        for index, person in enumerate(more):
            person.phone = f'+44 7400 12900{index}'
        self.give_consent(more)
        self.people.ref = 'In'
        campaign = self.campaign(domain=repr([('id', 'in', (self.people | more).ids), ('ref', '=', 'In')]))
        self.approve(campaign)
        campaign.action_start()
        more.ref = 'In'

        self.run_campaigns()

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('6 instead of 3', campaign.problem)


@tagged('post_install', '-at_install')
class TestCampaignOverride(JourneyCommon, TransactionCase):
    """What may cost the account needs an administrator, also when it goes on or is changed."""

    def becomes_critical(self):
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})

    def crowded(self, *steps):
        crowd = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1270{index:02}'} for index in range(12)])
        self.give_consent(crowd, 'marketing')
        return self.begun(*steps, partners=crowd)

    def test_what_has_become_critical_does_not_just_go_on(self):
        campaign = self.crowded({'name': 'Offer', 'template_id': self.marketing_template.id, 'delay': 2})
        campaign.action_pause()
        self.becomes_critical()

        with self.assertRaisesRegex(AccessError, 'Ask a WhatsApp administrator'):
            campaign.action_resume()

        self.marketer.group_ids += self.env.ref('fluxforce_whatsapp.group_whatsapp_admin')
        campaign.launch_override_reason = 'Recall of a helmet'
        campaign.action_resume()
        self.assertEqual(campaign.state, 'running')
        self.assertEqual(self.env['fluxforce.whatsapp.override'].search([]).reason, 'Recall of a helmet')

    def test_a_reason_is_one_for_one_decision(self):
        self.marketer.group_ids += self.env.ref('fluxforce_whatsapp.group_whatsapp_admin')
        campaign = self.crowded({'name': 'Offer', 'template_id': self.marketing_template.id, 'delay': 2})
        self.becomes_critical()
        campaign.action_pause()
        campaign.launch_override_reason = 'Recall of a helmet'
        campaign.action_resume()
        campaign.action_pause()

        with self.assertRaisesRegex(UserError, 'Reason: say why'):
            campaign.action_resume()

    def test_a_new_message_that_is_critical_is_looked_at_first(self):
        campaign = self.crowded(WELCOME, {'name': 'Rest', 'type': 'wait', 'delay': 2})
        self.becomes_critical()
        editor = self.env['fluxforce.campaign.editor'].with_user(self.marketer)

        editor.apply(campaign.id, {
            'do': 'add', 'type': 'whatsapp', 'parent_id': campaign.activity_ids[1].id,
            'values': {'name': 'Offer', 'template_id': self.marketing_template.id}},
            editor.get_flow(campaign.id)['version'], True)

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('looked at before anybody gets it', campaign.problem)


@tagged('post_install', '-at_install')
class TestStepsOfWhatHasBegun(JourneyCommon, TransactionCase):
    """Steps of a campaign that is paused or stopped, written beside the editor."""

    def setUp(self):
        super().setUp()
        self.campaign_ = self.begun(WELCOME, LATER)
        self.campaign_.action_pause()
        self.later = self.campaign_.activity_ids[1]

    def test_a_new_time_counts_for_those_who_wait(self):
        before = self.trace_of(self.campaign_, self.ana, 'Later').due_at

        self.later.delay = 20
        self.campaign_.action_resume()
        self.run_campaigns()

        self.assertGreater((self.trace_of(self.campaign_, self.ana, 'Later').due_at - before).days, 15)

    def test_a_step_is_not_moved(self):
        with self.assertRaisesRegex(UserError, 'under Journey'):
            self.later.parent_id = False

    def test_a_step_is_not_put_in(self):
        with self.assertRaisesRegex(UserError, 'under Journey'):
            self.campaign_.activity_ids = [(0, 0, {'type': 'wait'})]

    def test_a_step_is_not_taken_out(self):
        with self.assertRaisesRegex(UserError, 'under Journey'):
            self.later.active = False


@tagged('post_install', '-at_install')
class TestBadInput(ApprovalCommon, TransactionCase):
    """What a campaign does with what people may give it."""

    def test_an_audience_of_one_person(self):
        campaign = self.begun(WELCOME, partners=self.ana)

        self.assertEqual((campaign.state, campaign.sent_count), ('done', 1))
        self.assertEqual((campaign.launch_check_id.people_count, campaign.launch_check_id.is_large), (1, False))

    def test_ways_with_unequal_templates_are_each_sent_by_their_own_rule(self):
        self.env.company.whatsapp_approval_above = 0
        campaign = self.journey(
            {'name': 'Half', 'type': 'split'}, {'name': 'Update', 'after': 'Half', 'trigger': 'variant', 'share': 50},
            {'name': 'Offer', 'after': 'Half', 'trigger': 'variant', 'share': 50,
             'template_id': self.marketing_template.id},
            partners=self.env['res.partner'].create([
                {'name': f'Person {index}', 'phone': f'+44 7400 1310{index:02}'} for index in range(12)]))
        campaign.action_start()
        self.assertIn('Offer: 0 of 12 may get it', campaign.launch_result)

        with patch(LOT, lambda _salt, person: int(person[-1]) % 2 / 2):  # else once in a while all go one way
            self.go_on()

        by_step = self.messages(campaign).grouped(lambda message: message.campaign_activity_id.name)
        self.assertEqual(set(by_step['Offer'].mapped('state')), {'refused'})
        self.assertEqual(set(by_step['Update'].mapped('state')), {'accepted'})

    def test_a_filter_that_cannot_be_read_any_more_is_said_by_the_check(self):
        campaign = self.journey(WELCOME)
        campaign.domain = "[('field_of_an_app_that_is_gone', '=', 1)]"

        for button in ('action_confirm_start', 'action_ask_approval', 'action_check_again'):
            with self.subTest(button=button), self.assertRaisesRegex(UserError, 'Audience cannot be read'):
                getattr(campaign, button)()

    def test_a_goal_that_cannot_be_read_any_more_is_said_before_it_goes_on(self):
        campaign = self.running()
        campaign.action_pause()
        campaign.goal_domain = '[('

        with self.assertRaisesRegex(UserError, 'Goal cannot be read'):
            campaign.action_confirm_resume()

    def test_the_check_of_records_of_an_app_that_is_gone_says_so(self):
        campaign = self.journey(WELCOME)

        with patch.object(self.registry['fluxforce.campaign'], '_model', side_effect=CampaignError(
                'The app is not installed any more.')), self.assertRaisesRegex(UserError, 'not installed any more'):
            campaign.action_check_audience()

    def test_a_record_the_responsible_may_not_read_is_not_counted(self):
        self.env['ir.rule'].create({
            'name': 'Not Ana', 'model_id': self.env['ir.model']._get_id('res.partner'),
            'groups': [(4, self.env.ref('fluxforce_whatsapp_marketing.group_whatsapp_marketer').id)],
            'domain_force': repr([('id', '!=', self.ana.id)])})
        campaign = self.journey(WELCOME)

        campaign.action_check_audience()

        check = campaign.launch_check_id
        self.assertEqual((check.total_count, check.is_large), (2, False))
        self.assertNotIn(self.ana.name, check.result)

    def test_a_value_the_responsible_may_not_read_is_told_by_the_check(self):
        campaign = self.journey({**WELCOME, 'template_id': self.utility_template.id})

        with self.failing_for(self.ben):
            campaign.action_check_audience()

        self.assertEqual(campaign.launch_check_id.sendable_count, 2)
        self.assertIn('no such value', campaign.launch_result)

    def test_two_people_who_start_it_start_it_once(self):
        campaign = self.journey(WELCOME, partners=self.ana)
        campaign.action_start()

        with self.assertRaisesRegex(UserError, 'Only a draft'):
            campaign.with_user(self.whatsapp_admin).action_start()

    def test_two_managers_decide_once(self):
        campaign = self.journey(WELCOME)
        campaign.action_ask_approval()
        campaign.with_user(self.manager).action_reject()
        second = new_test_user(self.env, 'max.manager', 'fluxforce_whatsapp.group_whatsapp_approver')

        with self.assertRaises(AccessError):
            campaign.with_user(second).action_approve()
