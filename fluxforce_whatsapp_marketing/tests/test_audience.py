from collections import Counter

from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestAudience(MarketingCommon, TransactionCase):

    def test_count_follows_the_filter(self):
        campaign = self.campaign(self.ana | self.ben)

        self.assertEqual(campaign.audience_count, 2)
        campaign.domain = repr([('id', '=', self.ana.id)])
        self.assertEqual(campaign.audience_count, 1)

    def test_count_of_unreadable_filter_is_zero(self):
        self.assertEqual(self.campaign(domain='[(').audience_count, 0)
        self.assertEqual(self.campaign(domain="[('nonsense', '=', 1)]").audience_count, 0)

    def test_filter_cannot_run_code(self):
        campaign = self.campaign(domain="[('id', 'in', __import__('os').listdir())]")

        with self.assertRaises(ValueError):
            campaign._audience_domain()

    def test_audience_holds_what_the_responsible_may_read(self):
        self.env['ir.rule'].create({
            'name': 'Not Ana', 'model_id': self.env['ir.model']._get_id('res.partner'),
            'groups': [(4, self.env.ref('fluxforce_whatsapp_marketing.group_whatsapp_marketer').id)],
            'domain_force': repr([('id', '!=', self.ana.id)])})

        self.assertEqual(self.campaign().sudo()._audience().ids, (self.ben | self.chloe).ids)

    def test_audience_is_of_the_campaign_company(self):
        self.ben.company_id = self.env['res.company'].create({'name': 'Other Bicycles'})

        self.assertEqual(self.campaign().sudo()._audience().ids, (self.ana | self.chloe).ids)

    def test_check_counts_who_can_be_sent_and_why_not(self):
        self.give_consent(self.ana)
        campaign = self.campaign(self.people | self.phoneless)

        campaign.action_check_audience()

        self.assertIn('1 of 4 people get messages', campaign.launch_result)
        self.assertEqual([(row['count'], row['reason']) for row in campaign.launch_check_id.rows],
                         [(1, ''), (2, 'no_consent'), (1, 'no_phone')])

    def test_check_keeps_its_answer_with_the_time(self):
        campaign = self.campaign()

        campaign.action_check_audience()

        self.assertTrue(campaign.launch_checked_at)
        self.assertEqual(campaign.state, 'draft')

    def test_check_sends_nothing(self):
        self.give_consent(self.people)
        campaign = self.campaign()

        campaign.action_check_audience()

        self.assertFalse(self.messages(campaign))
        self.assertFalse(self.participants(campaign))

    def test_check_tells_what_would_wait(self):
        self.give_consent(self.people)
        self.account.state = 'error'
        campaign = self.campaign()

        campaign.action_check_audience()

        self.assertEqual((campaign.launch_check_id.sendable_count, campaign.launch_check_id.held_count), (0, 3))
        self.assertIn('The WhatsApp account is not connected', campaign.launch_result)

    def test_check_and_run_say_the_same(self):
        self.give_consent(self.ana | self.ben)
        self.withdraw_consent(self.ben)
        twin = self.ana.copy({'name': 'Ana again'})
        audience = self.people | self.phoneless | self.misdialled | twin
        campaign = self.started(audience)
        check = campaign.launch_check_id

        self.run_campaigns()

        messages = self.messages(campaign)
        refused = messages.filtered(lambda message: message.state == 'refused')
        told = {row['reason']: row['count'] for row in check.rows if row['action'] == 'refuse'}
        self.assertEqual(check.sendable_count, len(messages - refused))
        self.assertEqual(check.refused_count, len(refused))
        self.assertEqual(told, Counter(refused.mapped('reason')))
        self.assertEqual(check.duplicate_count, campaign.duplicate_count)
        self.assertEqual(check.total_count, campaign.participant_count)
