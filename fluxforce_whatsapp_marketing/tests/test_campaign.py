from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestCampaign(MarketingCommon, TransactionCase):

    def test_number_that_can_send_is_proposed(self):
        self.number.status = 'BANNED'

        campaign = self.env['fluxforce.campaign'].with_user(self.marketer).create({'name': 'Spring Offer'})

        self.assertEqual(campaign.number_id, self.number_2)

    def test_new_campaign_has_one_message_to_fill_in(self):
        campaign = self.env['fluxforce.campaign'].with_user(self.marketer).create({'name': 'Spring Offer'})

        self.assertEqual(campaign.activity_ids.mapped('type'), ['whatsapp'])
        self.assertEqual((campaign.model, campaign.user_id), ('res.partner', self.marketer))

    def test_marketer_makes_a_campaign_in_the_form(self):
        with Form(self.env['fluxforce.campaign'].with_user(self.marketer)) as form:
            form.name = 'Spring Offer'
            form.domain = repr([('id', '=', self.ana.id)])
            self.assertEqual(form.audience_count, 1)
            with form.activity_ids.edit(0) as message:
                message.template_id = self.plain_template
            self.assertIn('9 to 17', form.preview_data['body'])

        self.assertEqual(form.record.activity_ids.template_id, self.plain_template)
        self.assertEqual(form.record.number_id, self.number)

    def test_model_without_phone_number_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'no phone number'):
            self.campaign(model_id=self.env['ir.model']._get_id('fluxforce.whatsapp.account'))

    def test_preview_shows_the_template(self):
        campaign = self.campaign()

        self.assertEqual(campaign.preview_data, self.plain_template.preview_data)

    def test_copy_is_a_draft_with_the_same_message_and_audience(self):
        campaign = self.started()

        copy = campaign.copy()

        self.assertEqual((copy.state, copy.name), ('draft', 'Spring Offer (copy)'))
        self.assertEqual((copy.domain, copy.activity_ids.template_id), (campaign.domain, self.plain_template))
        self.assertFalse(copy.launch_result)

    def test_audience_of_running_campaign_stays(self):
        campaign = self.started()

        with self.assertRaisesRegex(UserError, 'audience'):
            campaign.domain = '[]'

    def test_message_of_running_campaign_stays(self):
        campaign = self.started()

        with self.assertRaisesRegex(UserError, 'Stop the campaign'):
            campaign.activity_ids.template_id = self.utility_template

    def test_message_of_stopped_campaign_can_be_changed(self):
        campaign = self.started()
        campaign.action_stop()

        campaign.activity_ids.template_id = self.utility_template

        self.assertEqual(campaign.activity_ids.template_id, self.utility_template)

    def test_draft_can_be_deleted(self):
        campaign = self.campaign()

        campaign.unlink()

        self.assertFalse(campaign.exists())

    def test_begun_campaign_is_kept(self):
        campaign = self.started()

        with self.assertRaisesRegex(UserError, 'evidence'):
            campaign.unlink()

    def test_running_campaign_cannot_be_archived(self):
        campaign = self.started()

        with self.assertRaisesRegex(UserError, 'Stop'):
            campaign.active = False

    def test_new_campaign_for_contacts_begins_with_those_who_agreed_to_offers(self):
        self.give_consent(self.ana, 'marketing')
        campaign = self.env['fluxforce.campaign'].with_user(self.marketer).create({'name': 'Spring Offer'})

        audience = campaign._audience()

        self.assertIn(self.ana, audience)
        self.assertNotIn(self.ben, audience)

    def test_new_campaign_for_another_model_begins_with_all_its_records(self):
        audience_models = self.env['fluxforce.campaign']._audience_models()
        other = self.env['ir.model'].search(
            [('model', 'in', audience_models), ('model', '!=', 'res.partner')], limit=1)

        campaign = self.env['fluxforce.campaign'].with_user(self.marketer).new({'model_id': other.id})

        self.assertEqual(campaign.domain, '[]')
