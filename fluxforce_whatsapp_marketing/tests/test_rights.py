from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestRights(MarketingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env['res.company'].create({'name': 'Other Bicycles'})
        groups = 'fluxforce_whatsapp_marketing.group_whatsapp_marketer,base.group_partner_manager'
        cls.colleague = new_test_user(cls.env, 'carl.colleague', groups, name='Carl Colleague')
        cls.stranger = new_test_user(cls.env, 'stella.stranger', groups, name='Stella Stranger',
                                     company_id=cls.company_b.id, company_ids=[(6, 0, cls.company_b.ids)])

    def test_salesperson_cannot_create_a_campaign(self):
        with self.assertRaises(AccessError):
            self.campaign(user=self.salesperson)

    def test_salesperson_sees_no_campaign(self):
        campaign = self.campaign()

        self.assertFalse(campaign.with_user(self.salesperson).has_access('read'))

    def test_salesperson_still_sends_again(self):
        campaign = self.agreed(self.ana)
        self.run_campaigns()
        self.messages(campaign).with_user(self.salesperson).action_cancel()

        self.messages(campaign).with_user(self.salesperson).action_send_again()

        self.assertEqual(self.messages(campaign).mapped('state'), ['cancelled', 'queued'])

    def test_marketer_writes_templates_and_approves_none(self):
        draft = self.env['fluxforce.whatsapp.template.draft'].with_user(self.marketer).create({
            'account_id': self.account.id, 'name': 'spring', 'language': 'en', 'body': 'Spring is here at last.'})
        draft.action_ask_review()

        self.assertFalse(draft.may_review)
        with self.assertRaises(AccessError):
            draft.action_approve()

    def test_approver_is_a_marketer(self):
        approver = new_test_user(self.env, 'arne.approver', 'fluxforce_whatsapp.group_whatsapp_approver')

        self.assertTrue(self.campaign(user=approver).has_access('write'))

    def test_administrator_is_a_marketer(self):
        campaign = self.campaign(user=self.whatsapp_admin)

        self.assertTrue(campaign.has_access('write'))

    def test_marketer_of_another_company_sees_nothing(self):
        campaign = self.agreed()
        self.run_campaigns()

        for records in (campaign, campaign.activity_ids, self.participants(campaign), self.messages(campaign)):
            with self.subTest(model=records._name):
                self.assertFalse(records.with_user(self.stranger).search([('id', 'in', records.ids)]))
                with self.assertRaises(AccessError):
                    records.with_user(self.stranger).check_access('read')

    def test_number_of_another_company_is_refused(self):
        with self.assertRaisesRegex(UserError, 'company'):
            self.campaign(company_id=self.company_b.id, user_id=self.stranger.id, user=self.env.user)

    def test_responsible_of_another_company_is_refused(self):
        with self.assertRaisesRegex(UserError, 'company'):
            self.campaign(user_id=self.stranger.id)

    def test_participants_are_not_written_by_hand(self):
        campaign = self.agreed()
        self.run_campaigns()
        participants = self.participants(campaign).with_user(self.marketer)

        with self.assertRaises(AccessError):
            participants.write({'state': 'waiting'})

    def test_state_is_not_written_by_hand(self):
        campaign = self.campaign()

        with self.assertRaises(AccessError):
            campaign.state = 'running'
        with self.assertRaises(AccessError):
            self.campaign(state='running')

    def test_no_default_makes_a_campaign_run(self):
        campaign = self.env['fluxforce.campaign'].with_user(self.marketer).with_context(default_state='running').create(
            {'name': 'Spring Offer'})

        self.assertEqual(campaign.state, 'draft')

    def test_nobody_starts_with_the_rights_of_somebody_else(self):
        campaign = self.campaign(user_id=self.whatsapp_admin.id)

        for button in ('action_start', 'action_check_audience', 'action_confirm_start'):
            with self.subTest(button=button), self.assertRaisesRegex(UserError, 'field Responsible'):
                getattr(campaign, button)()

    def test_colleague_goes_on_with_own_rights(self):
        campaign = self.started().with_user(self.colleague)
        campaign.action_stop()

        campaign.user_id = self.colleague
        campaign.action_resume()

        self.assertEqual(campaign.state, 'running')

    def test_administrator_starts_the_campaign_of_a_marketer(self):
        campaign = self.campaign()

        campaign.with_user(self.whatsapp_admin).action_start()

        self.assertEqual((campaign.state, campaign.user_id), ('running', self.marketer))
