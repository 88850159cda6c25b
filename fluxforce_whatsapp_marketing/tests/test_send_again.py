import time

from odoo.tests import TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.tests.common import message_payload

from .common import JourneyCommon

WELCOME = {'name': 'Welcome'}
THANKS = {'name': 'Thanks', 'after': 'Welcome', 'type': 'todo', 'trigger': 'read', 'activity_summary': 'Thank them'}
ANSWER = {'name': 'Answer', 'after': 'Welcome', 'type': 'todo', 'trigger': 'replied', 'activity_summary': 'Answer'}
TIPS = {'name': 'Tips', 'after': 'Welcome', 'delay': 2}


@tagged('post_install', '-at_install')
class TestSendAgain(JourneyCommon, TransactionCase):
    """A message of a step that failed is sent again by hand: the journey goes on with that one."""

    def failed(self, *steps, **values):
        """:return: a campaign to Ana whose first message failed, with all that follows from that."""
        campaign = self.journey(WELCOME, *steps, partners=self.ana, **values)
        campaign.action_start()
        self.run_campaigns()
        self.meta.fail('messages', 131026)
        self.go_on()
        self.meta.heal()
        return campaign

    def send_again(self, campaign):
        self.message_to(campaign, self.ana).with_user(self.salesperson).action_send_again()
        self.go_on()

    def test_what_was_passed_over_is_waited_for_again(self):
        campaign = self.failed(THANKS, TIPS)
        self.assertEqual((self.state_of(campaign, self.ana, 'Tips'), campaign.state), (('skipped', 'absent'), 'done'))

        self.send_again(campaign)

        self.assertEqual([self.state_of(campaign, self.ana, step) for step in ('Welcome', 'Thanks', 'Tips')],
                         ['done', 'waiting', 'waiting'])
        self.assertEqual((self.standing(campaign, self.ana), campaign.state), ('waiting', 'running'))

    def test_what_follows_the_new_message_is_done_in_its_time(self):
        campaign = self.failed(TIPS)
        self.send_again(campaign)

        self.let_days_pass(campaign, days=2)

        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'done')
        self.assertEqual(campaign.state, 'done')

    def test_reading_it_and_replying_to_it_count_for_the_step(self):
        campaign = self.failed(THANKS, ANSWER)
        self.send_again(campaign)

        self.becomes(campaign, self.ana, 'read')
        self.replies(self.ana)
        self.go_on()

        self.assertEqual((self.state_of(campaign, self.ana, 'Thanks'), self.state_of(campaign, self.ana, 'Answer')),
                         ('done', 'done'))
        step = campaign.activity_ids.filtered(lambda step: step.name == 'Welcome')
        self.assertEqual(step.figures['messages'], {'read': 1})
        self.assertTrue(self.trace_of(campaign, self.ana, 'Welcome').replied_at)

    def test_what_was_done_because_it_failed_is_not_done_again_nor_its_opposite(self):
        campaign = self.failed(
            {**THANKS, 'name': 'Call', 'trigger': 'not_delivered'},
            {'name': 'Seen', 'after': 'Welcome', 'type': 'wait', 'trigger': 'delivered'})
        self.assertEqual(self.state_of(campaign, self.ana, 'Call'), 'done')

        self.send_again(campaign)
        self.becomes(campaign, self.ana, 'delivered')
        self.go_on()

        self.assertEqual(len(self.ana.activity_ids), 1)
        self.assertEqual(self.state_of(campaign, self.ana, 'Seen')[0], 'skipped')

    def test_who_has_left_meanwhile_gets_the_message_and_nothing_that_follows(self):
        campaign = self.failed(TIPS)
        self.participants(campaign)._end('exited', 'exit')

        self.send_again(campaign)

        self.assertEqual(self.message_to(campaign, self.ana).state, 'accepted')
        self.assertEqual((self.standing(campaign, self.ana), campaign.state), ('exited', 'done'))

    def test_reply_to_the_first_one_whose_outcome_was_unknown_counts_for_the_step(self):
        campaign = self.failed(ANSWER)
        first = self.message_to(campaign, self.ana)
        first.sudo().wamid = 'wamid.FIRST'
        self.send_again(campaign)

        self.receive(message_payload(
            'text', {'body': 'Yes'}, context={'id': 'wamid.FIRST'}, timestamp=int(time.time())))
        self.go_on()

        self.assertEqual(self.state_of(campaign, self.ana, 'Answer'), 'done')
