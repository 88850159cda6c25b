from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import MODELS, JourneyCommon

WELCOME = {'name': 'Welcome'}
IS_VIP = "[('ref', '=', 'VIP')]"


@tagged('post_install', '-at_install')
class TestGoals(JourneyCommon, TransactionCase):
    """Who reaches the goal within the days it has is noted, whatever became of the campaign and of them: the people it
    wrote to and the hold-out are compared only if both are looked at for as long."""

    def tidied(self):
        """Let the hourly look at what is at rest happen."""
        with self.no_commit():
            self.env['fluxforce.campaign']._cron_tidy()
        self.env.flush_all()
        self.env.invalidate_all()

    def reached(self, campaign):
        return self.participants(campaign).filtered('reached_at')

    def test_who_is_through_reaches_the_goal_although_the_campaign_is_done(self):
        campaign = self.begun(WELCOME, goal_domain=IS_VIP)
        self.assertEqual(campaign.state, 'done')
        self.ana.ref = 'VIP'

        self.tidied()

        self.assertEqual((self.reached(campaign).partner_id, self.reached(campaign).state), (self.ana, 'done'))
        self.assertEqual(campaign.state, 'done')

    def test_hold_out_reaches_the_goal_although_the_campaign_is_done(self):
        campaign = self.begun(WELCOME, goal_domain=IS_VIP, holdout_share=100)
        self.assertEqual(campaign.state, 'done')
        self.ben.ref = 'VIP'

        self.tidied()

        self.assertEqual((self.reached(campaign).partner_id, self.reached(campaign).state), (self.ben, 'holdout'))

    def test_goal_counts_for_the_days_it_has(self):
        campaign = self.begun(WELCOME, goal_domain=IS_VIP, conversion_days=30)
        self.let_days_pass(campaign, days=31)
        self.ana.ref = 'VIP'

        self.tidied()

        self.assertFalse(self.reached(campaign))

    def test_goal_of_a_campaign_that_is_stopped_or_paused_counts(self):
        for press in ('action_stop', 'action_pause'):
            with self.subTest(press=press):
                self.people.ref = False
                campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 5}, goal_domain=IS_VIP)
                getattr(campaign, press)()
                self.ana.ref = 'VIP'

                self.tidied()

                self.assertEqual((self.reached(campaign).partner_id, self.standing(campaign, self.ana)),
                                 (self.ana, 'goal'))

    def test_who_left_or_said_stop_is_looked_at_as_long_as_the_hold_out(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 5}, goal_domain=IS_VIP)
        for person, state in ((self.ana, 'exited'), (self.ben, 'stopped')):
            self.participants(campaign).filtered(lambda one, who=person: one.partner_id == who)._end(state, 'exit')
            person.ref = 'VIP'

        self.run_campaigns()

        self.assertEqual(self.reached(campaign).partner_id, self.ana | self.ben)
        self.assertEqual((self.standing(campaign, self.ana), self.standing(campaign, self.ben)), ('exited', 'stopped'))

    def test_reply_after_the_last_step_reaches_the_goal(self):
        campaign = self.begun(WELCOME, on_reply='goal')
        self.replies(self.ana)

        self.run_campaigns()

        self.assertEqual((self.reached(campaign).partner_id, self.reached(campaign).state), (self.ana, 'done'))

    def test_no_query_is_made_for_each_person(self):
        def queries_for(count):
            people = self.env['res.partner'].create([
                {'name': f'Person {index}', 'phone': f'+44 7400 13{count}{index:02}'} for index in range(count)])
            campaign = self.begun(WELCOME, goal_domain=IS_VIP, partners=people)
            people.ref = 'VIP'
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.tidied()
            self.assertEqual(self.reached(campaign).partner_id, people)
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(abs(queries_for(40) - queries_for(20)), 5)

    @mute_logger(f'{MODELS}.fluxforce_campaign_watch')
    def test_goal_that_cannot_be_read_is_told_and_the_others_are_looked_at(self):
        broken = self.begun(WELCOME, goal_domain=IS_VIP)
        campaign = self.begun(WELCOME, goal_domain=IS_VIP)
        broken.sudo().goal_domain = "[('nonsense', '=', 1)]"
        self.ana.ref = 'VIP'

        self.tidied()

        self.assertEqual(self.reached(campaign).partner_id, self.ana)
        self.assertIn('cannot be read any more', broken.problem)
        self.assertEqual(broken.state, 'done')
