from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestTemplateUse(MarketingCommon, TransactionCase):

    def test_the_campaigns_of_a_template_are_counted_and_shown(self):
        campaigns = self.campaign() | self.campaign()
        self.campaign(template=self.utility_template)

        self.assertEqual(self.plain_template.campaign_count, 2)
        action = self.plain_template.with_user(self.marketer).action_open_campaigns()
        self.assertEqual(self.env['fluxforce.campaign'].search(action['domain']), campaigns)

    def test_a_campaign_starts_only_with_a_template_its_responsible_may_send(self):
        campaign = self.campaign()
        self.plain_template.allowed_user_ids = self.salesperson

        with self.assertRaisesRegex(AccessError, 'Selma Sales'):
            campaign.action_start()

        self.plain_template.allowed_user_ids = [Command.link(self.marketer.id)]
        campaign.action_start()
        self.assertEqual(campaign.state, 'running')

    def test_a_campaign_whose_responsible_may_no_longer_send_it_stands_still_and_says_so(self):
        campaign = self.agreed(self.ana)
        self.plain_template.allowed_user_ids = self.salesperson

        self.run_campaigns()

        self.assertFalse(self.messages(campaign))
        self.assertIn('Selma Sales', ' '.join(filter(None, [
            campaign.problem, *self.participants(campaign).mapped('error')])))
