from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import MODELS, JourneyCommon

WELCOME, TIPS = {'name': 'Welcome'}, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}
IS_VIP = "[('ref', '=', 'VIP')]"


@tagged('post_install', '-at_install')
class TestLeave(JourneyCommon, TransactionCase):
    """Who gets no more of a campaign, or waits with it: goal, exit, reply, talk, hold-out, cap."""

    def test_a_goal_without_a_condition_is_none(self):
        campaign = self.begun({'name': 'Welcome'}, goal_domain='[]', exit_domain='[]')
        campaign.sudo().write({'goal_domain': '[]'})
        self.go_on()

        self.assertEqual(set(self.participants(campaign).mapped('state')), {'done'})
        self.assertFalse(campaign.goal_domain or campaign.exit_domain)

    def test_who_has_reached_the_goal_gets_no_further_step(self):
        campaign = self.begun(WELCOME, TIPS, goal_domain=IS_VIP, partners=self.ana | self.ben)
        self.ana.ref = 'VIP'

        self.let_days_pass(campaign, days=2)

        self.assertEqual((self.standing(campaign, self.ana), self.standing(campaign, self.ben)), ('goal', 'done'))
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), ('cancelled', 'goal'))
        self.assertEqual(campaign.goal_count, 1)

    def test_goal_is_noted_while_somebody_still_waits(self):
        campaign = self.begun(WELCOME, TIPS, goal_domain=IS_VIP, partners=self.ana)
        self.ana.ref = 'VIP'

        self.run_campaigns()

        self.assertTrue(self.participants(campaign).reached_at)

    def test_goal_after_the_last_step_counts_for_the_days_it_says(self):
        campaign = self.begun(WELCOME, TIPS, goal_domain=IS_VIP, conversion_days=10, entry='continuous')
        self.let_days_pass(campaign, days=2)
        self.ana.ref = 'VIP'
        self.run_campaigns()
        self.let_days_pass(campaign, days=9)
        self.ben.ref = 'VIP'
        self.run_campaigns()

        reached = self.participants(campaign).filtered('reached_at')
        self.assertEqual(reached.partner_id, self.ana)
        self.assertEqual(reached.state, 'done')

    def test_who_is_to_leave_leaves(self):
        campaign = self.begun(WELCOME, TIPS, exit_domain=IS_VIP, partners=self.ana)
        self.ana.ref = 'VIP'

        self.run_campaigns()

        self.assertEqual((self.standing(campaign, self.ana), campaign.state), ('exited', 'done'))
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), ('cancelled', 'exit'))

    def test_archived_record_can_be_a_reason_to_leave(self):
        campaign = self.begun(WELCOME, TIPS, exit_domain="[('active', '=', False)]", partners=self.ana)
        self.ana.active = False

        self.run_campaigns()

        self.assertEqual(self.standing(campaign, self.ana), 'exited')

    def test_reply_may_end_the_journey(self):
        for person, on_reply, state in ((self.ana, 'exit', 'exited'), (self.ben, 'goal', 'goal')):
            with self.subTest(on_reply=on_reply):
                campaign = self.begun(WELCOME, TIPS, on_reply=on_reply, partners=person)
                self.replies(person)

                self.run_campaigns()

                self.assertEqual(self.standing(campaign, person), state)

    def test_reply_changes_nothing_by_itself(self):
        campaign = self.begun(WELCOME, TIPS, partners=self.ana)
        self.replies(self.ana)

        self.run_campaigns()

        self.assertEqual(self.standing(campaign, self.ana), 'waiting')

    def talk(self, partner):
        """Let the salesperson answer somebody."""
        self.replies(partner, wamid='wamid.TALK')
        self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)._enqueue_texts(
            self.number, [(partner, partner.phone_sanitized, 'I call you at four.', 'res.partner', partner.id)])
        self.run_sender()

    def test_campaign_waits_while_somebody_of_us_talks_with_the_person(self):
        campaign = self.begun(WELCOME, TIPS, partners=self.ana | self.ben)
        self.talk(self.ana)

        self.let_days_pass(campaign, days=2)

        self.assertEqual((self.state_of(campaign, self.ana, 'Tips'), self.state_of(campaign, self.ben, 'Tips')),
                         ('waiting', 'done'))
        due = self.trace_of(campaign, self.ana, 'Tips').due_at
        self.assertGreater(due, fields.Datetime.now() + timedelta(hours=23))

        self.env['fluxforce.whatsapp.message'].search([('kind', '=', 'text')]).create_date -= timedelta(hours=25)
        self.let_pass(self.env['fluxforce.whatsapp.message'].search([('kind', '=', 'text')]), hours=25)
        self.let_days_pass(campaign, days=1)
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'done')

    def test_campaign_may_end_with_a_talk(self):
        campaign = self.begun(WELCOME, TIPS, on_talk='exit', partners=self.ana)
        self.talk(self.ana)

        self.let_days_pass(campaign, days=2)

        self.assertEqual(self.standing(campaign, self.ana), 'exited')

    def test_who_leaves_in_a_batch_gets_nothing_else_of_it(self):
        campaign = self.begun(
            WELCOME, TIPS, {'name': 'Call', 'after': 'Welcome', 'delay': 2, 'type': 'todo', 'activity_summary': 'Call'},
            on_talk='exit', partners=self.ana)
        self.talk(self.ana)

        self.let_days_pass(campaign, days=2)

        self.assertEqual(self.state_of(campaign, self.ana, 'Call'), ('cancelled', 'exit'))
        self.assertFalse(self.ana.activity_ids)

    def test_who_reaches_the_goal_by_a_step_gets_no_other_one_of_the_batch(self):
        action = self.env['ir.actions.server'].create({
            'name': 'Make VIP', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'code',
            'code': "records.write({'ref': 'VIP'})"})

        campaign = self.begun({'name': 'Mark', 'type': 'action', 'server_action_id': action.id}, {'name': 'Offer'},
                              goal_domain=IS_VIP)

        self.assertFalse(self.messages(campaign))
        self.assertEqual({self.standing(campaign, person) for person in self.people}, {'goal'})
        self.assertEqual(self.state_of(campaign, self.ana, 'Offer'), ('cancelled', 'goal'))

    def test_nothing_follows_for_whom_a_step_has_ended_the_journey(self):
        action = self.env['ir.actions.server'].create({
            'name': 'Out', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'code', 'code': """
env['fluxforce.campaign.participant'].sudo().search([('res_id', 'in', records.ids)]).filtered(
    lambda one: one.partner_id.ref == 'OUT')._end('exited', 'exit')"""})
        self.ana.ref = 'OUT'

        campaign = self.begun({'name': 'Look', 'type': 'action', 'server_action_id': action.id},
                              {'name': 'Offer', 'after': 'Look'}, partners=self.ana | self.ben)

        self.assertEqual((self.standing(campaign, self.ana), self.standing(campaign, self.ben)), ('exited', 'done'))
        self.assertFalse(self.trace_of(campaign, self.ana, 'Offer'))
        self.assertEqual(self.messages(campaign).partner_id, self.ben)

    def test_campaign_may_go_on_beside_a_talk(self):
        campaign = self.begun(WELCOME, TIPS, on_talk='ignore', partners=self.ana)
        self.talk(self.ana)

        self.let_days_pass(campaign, days=2)

        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'done')

    def test_hold_out_gets_nothing_and_is_counted(self):
        campaign = self.begun(WELCOME, goal_domain=IS_VIP, holdout_share=100)
        self.ana.ref = 'VIP'
        self.run_campaigns()

        self.assertFalse(self.messages(campaign))
        self.assertEqual((campaign.holdout_count, campaign.state), (3, 'done'))

    def test_hold_out_may_reach_the_goal_all_the_same(self):
        campaign = self.begun(WELCOME, goal_domain=IS_VIP, holdout_share=100, entry='continuous')
        self.ana.ref = 'VIP'

        self.run_campaigns()

        reached = self.participants(campaign).filtered('reached_at')
        self.assertEqual((reached.partner_id, reached.state), (self.ana, 'holdout'))

    def test_check_tells_of_the_hold_out_and_the_run_agrees(self):
        crowd = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1250{index:02}'} for index in range(40)])
        campaign = self.journey(WELCOME, partners=crowd, holdout_share=30)

        campaign.action_start()
        self.go_on()

        check = campaign.launch_check_id
        self.assertEqual((check.holdout_count, check.sendable_count), (campaign.holdout_count, campaign.sent_count))
        self.assertTrue(0 < campaign.holdout_count < 40)

    def test_nobody_gets_more_than_the_cap_from_all_campaigns(self):
        self.begun(WELCOME, partners=self.ana)
        campaign = self.begun({'name': 'Offer'}, cap=1, cap_days=7, partners=self.ana | self.ben)

        self.assertEqual((self.state_of(campaign, self.ana, 'Offer'), self.state_of(campaign, self.ben, 'Offer')),
                         ('waiting', 'done'))
        due = self.trace_of(campaign, self.ana, 'Offer').due_at
        self.assertGreater(due, fields.Datetime.now() + timedelta(days=6))

    def test_step_that_would_be_late_after_the_cap_is_passed_over(self):
        first = self.begun(WELCOME, partners=self.ana)
        campaign = self.begun({'name': 'Offer', 'expiry': 2}, cap=1, cap_days=7, partners=self.ana)

        self.let_days_pass(first, days=8)
        self.let_days_pass(campaign, days=8)

        self.assertEqual(self.state_of(campaign, self.ana, 'Offer'), ('skipped', 'late'))

    def test_two_first_messages_share_the_cap(self):
        campaign = self.begun(WELCOME, {'name': 'Offer'}, cap=1, partners=self.ana)

        self.assertEqual(len(self.messages(campaign)), 1)

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner')
    def test_filter_that_no_longer_parses_stops_the_campaign_with_the_reason(self):
        for field in ('goal_domain', 'exit_domain'):
            with self.subTest(field=field):
                campaign = self.begun(WELCOME, TIPS, partners=self.ana)
                campaign.sudo()[field] = "[('nonsense', '=', 1)]"

                self.let_days_pass(campaign, days=2)

                self.assertEqual(campaign.state, 'stopped')
                self.assertIn('filter', campaign.problem)
                self.assertEqual(self.standing(campaign, self.ana), 'waiting')

    def test_who_wants_no_more_leaves_and_somebody_is_told(self):
        self.give_consent(self.ana, 'marketing')
        campaign = self.begun(
            {**WELCOME, 'template_id': self.marketing_template.id}, {**TIPS, 'template_id': self.marketing_template.id},
            {'name': 'Look', 'after': 'Welcome', 'trigger': 'opted_out', 'type': 'todo',
             'activity_summary': 'What annoyed them?'}, partners=self.ana)

        self.replies(self.ana, 'stop')
        self.go_on()

        self.assertEqual(self.standing(campaign, self.ana), 'stopped')
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), ('cancelled', 'stopped'))
        self.assertEqual(self.state_of(campaign, self.ana, 'Look'), 'done')
        self.assertEqual(self.ana.activity_ids.summary, 'What annoyed them?')
