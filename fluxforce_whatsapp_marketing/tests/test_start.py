from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestStart(MarketingCommon, TransactionCase):

    def assertStartRefused(self, campaign, words):
        with self.assertRaisesRegex(UserError, words):
            campaign.action_start()
        self.assertEqual(campaign.state, 'draft')

    def test_start_wakes_the_cron(self):
        campaign = self.campaign()

        with self.capture_triggers('fluxforce_whatsapp_marketing.ir_cron_run') as capture:
            campaign.action_start()

        self.assertEqual(len(capture.records), 1)
        self.assertEqual(campaign.state, 'running')

    def test_start_shows_the_check_first(self):
        campaign = self.campaign()

        action = campaign.action_confirm_start()

        self.assertEqual((action['res_id'], action['target']), (campaign.id, 'new'))
        self.assertIn('of 3 can be sent', campaign.check_result)
        self.assertEqual(campaign.state, 'draft')

    def test_start_needs_a_template(self):
        campaign = self.campaign(activity_ids=[(0, 0, {'type': 'whatsapp'})])

        self.assertStartRefused(campaign, 'field Template')

    def test_start_needs_an_approved_template(self):
        self.assertStartRefused(self.campaign(template=self.pending_template), 'not approved')

    def test_start_needs_a_template_meta_still_has(self):
        campaign = self.campaign()
        self.plain_template.active = False

        self.assertStartRefused(campaign, 'no longer')

    def test_start_needs_a_number(self):
        self.assertStartRefused(self.campaign(number_id=False), 'field From')

    def test_start_needs_an_audience(self):
        self.assertStartRefused(self.campaign(self.env['res.partner']), 'field Audience')

    def test_start_needs_a_readable_filter(self):
        for domain in ('[(', "[('nonsense', '=', 1)]", '5', '__import__("os")'):
            with self.subTest(domain=domain):
                self.assertStartRefused(self.campaign(domain=domain), 'Audience cannot be read')

    def test_start_needs_a_template_for_the_audience(self):
        self.plain_template.model_id = self.env['ir.model']._get_id('fluxforce.whatsapp.account')

        self.assertStartRefused(self.campaign(), 'made for WhatsApp Account')

    def test_start_needs_a_template_of_the_account(self):
        other = self.account.copy({'waba_id': '217000000000009'})
        self.plain_template.account_id = other

        self.assertStartRefused(self.campaign(), 'different WhatsApp accounts')

    def test_start_refuses_what_nobody_can_be_asked_for(self):
        self.utility_template.variable_ids[0].source = 'free'

        self.assertStartRefused(self.campaign(template=self.utility_template), 'Nobody can be asked')

    def test_running_campaign_cannot_be_started_again(self):
        campaign = self.started()

        with self.assertRaisesRegex(UserError, 'Only a draft'):
            campaign.action_start()
