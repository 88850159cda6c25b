from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.base.models.ir_cron import IrCron

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestStop(MarketingCommon, TransactionCase):

    def states(self, campaign):
        return self.participants(campaign).mapped('state')

    def run_until_stopped(self, campaign, batches):
        """Run in batches of one and stop after some of them, as somebody else would."""
        done = []

        def commit_progress(_cron, processed=0, **_kwargs):
            done.append(processed)
            if len(done) == batches:
                campaign.action_stop()
            return 60.0

        with patch.object(IrCron, '_commit_progress', commit_progress), self.in_batches_of(1):
            self.env['fluxforce.campaign']._cron_run()
        self.env.invalidate_all()

    def test_stop_before_the_first_run_sends_nothing(self):
        campaign = self.agreed()

        campaign.action_stop()
        self.run_campaigns()

        self.assertFalse(self.messages(campaign))
        self.assertEqual(campaign.state, 'stopped')

    def test_stop_between_batches_leaves_the_rest_waiting(self):
        campaign = self.agreed()
        # 3 batches enrol and the 4th finds nobody more but serves the first.
        self.run_until_stopped(campaign, 4)

        self.assertEqual(len(self.messages(campaign)), 1)
        self.assertEqual(self.states(campaign)[1:], ['waiting', 'waiting'])

    def test_stop_takes_back_what_waits_in_the_outbox(self):
        campaign = self.agreed()
        self.run_campaigns()

        campaign.action_stop()
        self.run_campaigns()

        self.assertEqual(self.messages(campaign).mapped('state'), ['cancelled'] * 3)
        self.assertEqual(self.states(campaign), ['waiting'] * 3)
        self.assertEqual((campaign.participant_count, campaign.waiting_count), (3, 3))

    def test_what_a_campaign_took_back_is_not_put_back_by_hand(self):
        campaign = self.agreed()
        self.run_campaigns()
        campaign.action_stop()
        self.run_campaigns()

        with self.assertRaisesRegex(UserError, 'can be put back'):
            self.messages(campaign).with_user(self.salesperson).action_put_back()

        self.assertEqual(self.messages(campaign).mapped('state'), ['cancelled'] * 3)

    def test_stop_leaves_what_went_out(self):
        campaign = self.agreed()
        self.run_campaigns()
        self.run_sender()

        with self.assertRaisesRegex(UserError, 'Only a campaign that is running'):
            campaign.action_stop()

        self.assertEqual(self.messages(campaign).mapped('state'), ['accepted'] * 3)

    def test_resume_continues_with_the_rest(self):
        campaign = self.agreed()
        self.run_until_stopped(campaign, 4)

        campaign.action_resume()
        self.run_campaigns()

        self.assertEqual(campaign.state, 'done')
        self.assertEqual(self.messages(campaign).filtered('participant_id').mapped('state'), ['queued'] * 3)
        self.assertEqual(self.states(campaign), ['done'] * 3)

    def test_resume_leaves_it_to_the_scheduled_action_to_let_go_what_waited(self):
        campaign = self.agreed(entry='continuous')
        self.run_campaigns()
        campaign.action_pause()
        self.run_sender()
        self.assertEqual(set(self.messages(campaign).mapped('reason')), {'halted'})

        campaign.action_resume()
        self.assertEqual(self.messages(campaign).mapped('state'), ['held'] * 3)

        with self.in_batches_of(2):
            self.run_campaigns()
        self.assertEqual(self.messages(campaign).mapped('state'), ['queued'] * 3)

    def test_resume_queues_again_what_was_taken_back(self):
        campaign = self.agreed()
        self.run_campaigns()
        campaign.action_stop()
        self.run_campaigns()

        campaign.action_resume()
        self.run_campaigns()

        live = self.messages(campaign).filtered('participant_id')
        self.assertEqual(live.mapped('state'), ['queued'] * 3)
        self.assertEqual(live.participant_id, self.participants(campaign))
        self.assertEqual(campaign.waiting_count, 3)

    def test_nobody_gets_it_twice_over_stop_and_resume(self):
        campaign = self.agreed()
        self.run_until_stopped(campaign, 4)
        campaign.action_resume()
        self.run_campaigns()

        self.run_sender()

        self.assertEqual(sorted(self.messages(campaign).filtered(lambda m: m.state == 'accepted').mapped('phone')),
                         sorted(self.people.mapped('phone_sanitized')))

    def test_message_taken_back_and_sent_again_by_hand_is_not_sent_by_resume(self):
        campaign = self.agreed(self.ana)
        self.run_campaigns()
        campaign.action_stop()
        self.run_campaigns()

        self.messages(campaign).with_user(self.salesperson).action_send_again()
        campaign.action_resume()
        self.run_campaigns()

        self.assertEqual(self.messages(campaign).mapped('state'), ['cancelled', 'queued'])
        self.assertEqual(campaign.participant_count, 1)

    def test_failed_message_sent_again_is_counted_once(self):
        campaign = self.agreed(self.ana)
        self.run_campaigns()
        self.meta.fail('messages', 131026)
        self.run_sender()
        self.assertEqual(campaign.failed_count, 1)
        self.meta.heal()

        self.messages(campaign).with_user(self.marketer).action_send_again()
        self.run_sender()

        self.assertEqual((campaign.failed_count, campaign.sent_count), (0, 1))

    def test_resume_asks_again_whether_the_template_is_approved(self):
        campaign = self.agreed()
        campaign.action_stop()
        self.plain_template.status = 'PAUSED'

        with self.assertRaisesRegex(UserError, 'not approved'):
            campaign.action_resume()

    def test_draft_can_be_neither_stopped_nor_resumed(self):
        campaign = self.campaign()

        with self.assertRaises(UserError):
            campaign.action_stop()
        with self.assertRaises(UserError):
            campaign.action_resume()

    def test_what_is_not_taken_back_yet_waits_and_says_why(self):
        campaign = self.agreed()
        self.run_campaigns()
        campaign.sudo().state = 'stopped'

        self.run_sender()

        self.assertEqual(set(self.messages(campaign).mapped('reason')), {'halted'})
        self.assertIn('campaign was stopped', self.messages(campaign)[0].explanation)
