from odoo.tests import TransactionCase, tagged

from .common import JourneyCommon

WELCOME = {'name': 'Welcome'}


@tagged('post_install', '-at_install')
class TestJourney(JourneyCommon, TransactionCase):
    """Which way people go through the steps of a campaign."""

    def test_next_step_comes_when_its_delay_is_over(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}, partners=self.ana)
        self.assertEqual((self.state_of(campaign, self.ana, 'Welcome'), self.state_of(campaign, self.ana, 'Tips')),
                         ('done', 'waiting'))

        self.let_days_pass(campaign, days=1)
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'waiting')

        self.let_days_pass(campaign, days=1)
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'done')
        self.assertEqual(self.message_to(campaign, self.ana, 'Tips').state, 'accepted')

    def test_delay_counts_from_the_moment_the_message_went_out(self):
        campaign = self.journey(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}, partners=self.ana)
        campaign.action_start()
        self.number.brake = 'all'
        self.go_on()

        self.assertFalse(self.trace_of(campaign, self.ana, 'Tips').due_at)

    def test_journey_is_over_when_nothing_is_left(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}, partners=self.ana)
        self.assertEqual((self.standing(campaign, self.ana), campaign.state), ('waiting', 'running'))

        self.let_days_pass(campaign, days=2)

        self.assertEqual((self.standing(campaign, self.ana), campaign.state), ('done', 'done'))

    def test_who_reads_and_who_does_not_go_different_ways(self):
        campaign = self.begun(
            WELCOME, {'name': 'Thanks', 'after': 'Welcome', 'trigger': 'read'},
            {'name': 'Reminder', 'after': 'Welcome', 'trigger': 'not_read', 'delay': 2})
        self.becomes(campaign, self.ana, 'read')

        self.go_on()
        self.let_days_pass(campaign, days=2)

        self.assertEqual([self.state_of(campaign, self.ana, step) for step in ('Thanks', 'Reminder')],
                         ['done', ('skipped', 'elsewhere')])
        self.assertEqual([self.state_of(campaign, self.ben, step) for step in ('Thanks', 'Reminder')],
                         [('skipped', 'elsewhere'), 'done'])

    def test_who_reads_after_the_reminder_is_not_thanked_as_well(self):
        campaign = self.begun(
            WELCOME, {'name': 'Thanks', 'after': 'Welcome', 'trigger': 'read'},
            {'name': 'Reminder', 'after': 'Welcome', 'trigger': 'not_read', 'delay': 2}, partners=self.ana)
        self.let_days_pass(campaign, days=2)

        welcome = self.message_to(campaign, self.ana, 'Welcome')
        welcome.write({'state': 'read', 'read_at': welcome.accepted_at})
        self.go_on()

        self.assertEqual(self.state_of(campaign, self.ana, 'Thanks'), ('skipped', 'elsewhere'))

    def test_delivered_is_followed(self):
        campaign = self.begun(WELCOME, {'name': 'Note', 'after': 'Welcome', 'trigger': 'delivered', 'type': 'wait'})
        self.becomes(campaign, self.ana, 'delivered')

        self.go_on()

        self.assertEqual((self.state_of(campaign, self.ana, 'Note'), self.state_of(campaign, self.ben, 'Note')),
                         ('done', 'waiting'))

    def test_reply_is_followed_by_its_words(self):
        campaign = self.begun(
            WELCOME, {'name': 'Offer', 'after': 'Welcome', 'trigger': 'replied', 'trigger_words': 'yes, please'},
            {'name': 'Ask', 'after': 'Welcome', 'trigger': 'replied', 'type': 'wait'})
        self.replies(self.ana, 'Yes!')
        self.replies(self.ben, 'What is this?')

        self.go_on()

        self.assertEqual([self.state_of(campaign, self.ana, step) for step in ('Offer', 'Ask')], ['done', 'waiting'])
        self.assertEqual([self.state_of(campaign, self.ben, step) for step in ('Offer', 'Ask')], ['waiting', 'done'])
        self.assertEqual(self.state_of(campaign, self.chloe, 'Ask'), 'waiting')

    def test_who_does_not_reply_is_reminded(self):
        campaign = self.begun(
            WELCOME, {'name': 'Reminder', 'after': 'Welcome', 'trigger': 'not_replied', 'delay': 3},
            partners=self.ana | self.ben)
        self.replies(self.ana)

        self.let_days_pass(campaign, days=3)

        self.assertEqual(self.state_of(campaign, self.ana, 'Reminder'), ('skipped', 'elsewhere'))
        self.assertEqual(self.state_of(campaign, self.ben, 'Reminder'), 'done')

    def test_reply_after_a_message_that_does_not_quote_it_counts_for_the_latest(self):
        campaign = self.begun(WELCOME, partners=self.ana)

        self.replies(self.ana)
        self.run_campaigns()

        self.assertTrue(self.trace_of(campaign, self.ana, 'Welcome').replied_at)

    def test_link_is_followed(self):
        campaign = self.begun(
            WELCOME, {'name': 'Details', 'after': 'Welcome', 'trigger': 'clicked'},
            {'name': 'Again', 'after': 'Welcome', 'trigger': 'not_clicked', 'delay': 1}, partners=self.ana | self.ben)
        self.env['fluxforce.campaign.signal']._note(self.message_to(campaign, self.ana), 'clicked')

        self.let_days_pass(campaign, days=1)

        self.assertEqual(self.state_of(campaign, self.ana, 'Details'), 'done')
        self.assertEqual(self.state_of(campaign, self.ben, 'Again'), 'done')

    def test_failure_is_followed_by_its_reason(self):
        campaign = self.journey(
            WELCOME,
            {'name': 'Call', 'after': 'Welcome', 'trigger': 'failed', 'trigger_reason': '131026', 'type': 'wait'},
            {'name': 'Other', 'after': 'Welcome', 'trigger': 'failed', 'trigger_reason': '131000', 'type': 'wait'},
            partners=self.ana)
        campaign.action_start()
        self.meta.fail('messages', 131026)
        self.go_on()

        self.assertEqual([self.state_of(campaign, self.ana, step) for step in ('Call', 'Other')],
                         ['done', ('skipped', 'absent')])

    def test_refusal_of_the_gate_is_a_failure_with_a_reason(self):
        campaign = self.journey(
            WELCOME, {'name': 'Call', 'after': 'Welcome', 'trigger': 'failed', 'trigger_reason': 'consent_withdrawn',
                      'type': 'wait'},
            {'name': 'Tips', 'after': 'Welcome'}, partners=self.ana)
        self.withdraw_consent(self.ana)
        campaign.action_start()

        self.go_on()

        self.assertEqual([self.state_of(campaign, self.ana, step) for step in ('Call', 'Tips')],
                         ['done', ('skipped', 'absent')])
        self.assertEqual(self.standing(campaign, self.ana), 'done')

    def test_condition_leads_one_way(self):
        self.ana.ref = 'VIP'
        campaign = self.begun(
            {'name': 'VIP?', 'type': 'condition', 'condition_domain': "[('ref', '=', 'VIP')]"},
            {'name': 'Gift', 'after': 'VIP?', 'trigger': 'yes'}, {'name': 'Card', 'after': 'VIP?', 'trigger': 'no'})

        self.assertEqual(self.message_to(campaign, self.ana).campaign_activity_id.name, 'Gift')
        self.assertEqual(self.message_to(campaign, self.ben).campaign_activity_id.name, 'Card')
        self.assertFalse(self.trace_of(campaign, self.ana, 'Card'))

    def test_split_gives_everybody_one_way(self):
        campaign = self.begun(
            {'name': 'Split', 'type': 'split'},
            {'name': 'A', 'after': 'Split', 'share': 50}, {'name': 'B', 'after': 'Split', 'share': 50})

        self.assertEqual(len(self.messages(campaign)), 3)
        self.assertEqual(campaign.activity_ids.mapped('trigger'), ['begin', 'variant', 'variant'])

    def test_step_for_some_passes_over_the_others_with_what_follows(self):
        campaign = self.begun(
            {**WELCOME, 'domain': repr([('id', '=', self.ana.id)])},
            {'name': 'Tips', 'after': 'Welcome', 'delay': 1}, partners=self.ana | self.ben)

        self.assertEqual(self.state_of(campaign, self.ben, 'Welcome'), ('skipped', 'filter'))
        self.assertFalse(self.trace_of(campaign, self.ben, 'Tips'))
        self.assertEqual((self.standing(campaign, self.ben), self.standing(campaign, self.ana)), ('done', 'waiting'))

    def test_step_that_comes_too_late_is_passed_over(self):
        campaign = self.begun(
            WELCOME, {'name': 'Tonight', 'after': 'Welcome', 'delay': 3, 'delay_unit': 'hours', 'expiry': 4,
                      'expiry_unit': 'hours'}, partners=self.ana)

        self.let_days_pass(campaign, hours=8)

        self.assertEqual(self.state_of(campaign, self.ana, 'Tonight'), ('skipped', 'late'))

    def test_what_nobody_does_is_not_waited_for_for_ever(self):
        campaign = self.begun(WELCOME, {'name': 'Thanks', 'after': 'Welcome', 'trigger': 'read'}, partners=self.ana)

        self.let_days_pass(campaign, days=31)

        self.assertEqual(self.state_of(campaign, self.ana, 'Thanks'), ('skipped', 'absent'))
        self.assertEqual(campaign.state, 'done')

    def test_forgotten_message_is_found(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}, partners=self.ana)
        trace = self.trace_of(campaign, self.ana, 'Tips')
        self.env.cr.execute('UPDATE fluxforce_campaign_trace SET due_at = NULL WHERE id = %s', [trace.id])
        self.env.invalidate_all()

        with self.no_commit():
            self.env['fluxforce.campaign']._cron_tidy()

        self.assertTrue(trace.due_at)

    def test_second_run_does_nothing_again(self):
        campaign = self.begun(WELCOME, {'name': 'Wait', 'after': 'Welcome', 'type': 'wait'},
                              {'name': 'Tips', 'after': 'Wait'})
        before = self.messages(campaign)

        self.go_on()
        self.go_on()

        self.assertEqual(self.messages(campaign), before)
        self.assertEqual(len(before), 6)

    def test_steps_in_small_batches_are_all_done(self):
        campaign = self.journey(WELCOME, {'name': 'Wait', 'after': 'Welcome', 'type': 'wait'},
                                {'name': 'Tips', 'after': 'Wait'})
        campaign.action_start()

        with self.in_batches_of(2):
            self.go_on()

        self.assertEqual(len(self.messages(campaign)), 6)
        self.assertEqual(campaign.state, 'done')

    def test_figures_of_each_step(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 2})

        self.assertEqual([activity.figures for activity in campaign.activity_ids], [
            {'waiting': 0, 'done': 3, 'skipped': 0, 'failed': 0, 'messages': {'accepted': 3}},
            {'waiting': 3, 'done': 0, 'skipped': 0, 'failed': 0, 'messages': {}}])

    def test_each_step_says_what_it_does(self):
        campaign = self.journey(
            WELCOME, {'name': 'Reminder', 'after': 'Welcome', 'trigger': 'not_read', 'delay': 2, 'hours': 'working'})

        self.assertEqual(campaign.activity_ids.mapped('summary'), [
            'At the beginning: send "support_hours" by WhatsApp.',
            '"Welcome" is not read within 2 days, in the working hours: send "support_hours" by WhatsApp.'])
