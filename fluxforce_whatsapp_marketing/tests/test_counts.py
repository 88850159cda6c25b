from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestCounts(MarketingCommon, TransactionCase):

    def set_states(self, campaign, *states):
        for message, state in zip(self.messages(campaign), states, strict=True):
            message.state = state
        self.env.invalidate_all()

    def test_what_went_further_counts_as_having_got_there(self):
        campaign = self.agreed()
        self.run_campaigns()

        self.set_states(campaign, 'sent', 'delivered', 'read')

        self.assertEqual((campaign.sent_count, campaign.delivered_count, campaign.read_count), (3, 2, 1))

    def test_everybody_is_in_one_count(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        campaign = self.agreed(self.people | twin)
        self.run_campaigns()

        self.set_states(campaign, 'failed', 'unknown', 'read')

        self.assertEqual(campaign.participant_count, 4)
        self.assertEqual((campaign.failed_count, campaign.unknown_count, campaign.sent_count, campaign.duplicate_count),
                         (1, 1, 1, 1))

    def test_shares_are_of_those_who_got_that_far(self):
        campaign = self.agreed(self.ana | self.ben)
        self.run_campaigns()

        self.set_states(campaign, 'read', 'sent')

        self.assertEqual((campaign.sent_ratio, campaign.delivered_ratio, campaign.read_ratio), (100, 50, 100))
        self.assertEqual(campaign.progress, 100)

    def test_draft_counts_nothing(self):
        campaign = self.campaign()

        self.assertEqual((campaign.participant_count, campaign.progress, campaign.delivered_ratio), (0, 0, 0))

    def test_counts_of_many_campaigns_are_two_queries(self):
        campaigns = self.agreed(self.ana) | self.agreed(self.ben) | self.agreed(self.chloe)
        self.run_campaigns()
        self.env.invalidate_all()
        campaigns.sudo().mapped('name')

        with self.assertQueryCount(2):
            campaigns.sudo().mapped('sent_count')

    def test_button_opens_the_messages_it_counts(self):
        campaign = self.agreed()
        self.run_campaigns()
        self.set_states(campaign, 'sent', 'delivered', 'failed')

        action = campaign.with_context(campaign_count='delivered_count').action_open_messages()

        found = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(found, self.messages(campaign)[1])

    def test_button_opens_the_participants_it_counts(self):
        campaign = self.agreed()
        self.run_campaigns()
        self.set_states(campaign, 'queued', 'held', 'failed')

        action = campaign.with_context(campaign_count='waiting_count').action_open_participants()

        found = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(len(found), campaign.waiting_count)
        self.assertEqual(found.partner_id, self.ana | self.ben)
