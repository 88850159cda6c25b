from odoo.exceptions import AccessError, UserError
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
        self.assertIn('0 of 3 people get messages', campaign.launch_result)
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

    # --- What may cost the account ---------------------------------------------------------------------------

    def critical_campaign(self, **values):
        """An offer to a crowd while people block the number; somebody released its brake."""
        crowd = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1260{index:02}'} for index in range(12)])
        self.give_consent(crowd, 'marketing')
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})
        return self.campaign(crowd, self.marketing_template, **values)

    def test_the_check_tells_what_may_cost_the_account(self):
        campaign = self.critical_campaign()

        campaign.action_confirm_start()

        self.assertIn('people block or report it', campaign.launch_warnings)
        self.assertTrue(campaign.launch_is_critical)
        self.assertFalse(campaign.launch_may_override)

    def test_a_marketer_asks_an_administrator_for_what_is_critical(self):
        campaign = self.critical_campaign(launch_override_reason='I want to')

        with self.assertRaisesRegex(AccessError, 'Ask a WhatsApp administrator'):
            campaign.action_start()

        self.assertEqual(campaign.state, 'draft')

    def test_an_administrator_says_why_and_it_is_kept(self):
        self.marketer.group_ids += self.env.ref('fluxforce_whatsapp.group_whatsapp_admin')
        campaign = self.critical_campaign()
        self.assertStartRefused(campaign, 'Reason: say why')

        campaign.launch_override_reason = 'Recall of a helmet'
        campaign.action_start()

        self.assertEqual(campaign.state, 'running')
        override = self.env['fluxforce.whatsapp.override'].search([])
        self.assertEqual((override.user_id, override.reason), (self.marketer, 'Recall of a helmet'))
