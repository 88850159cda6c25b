from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestJourneyGallery(MarketingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gallery = cls.env['fluxforce.campaign.gallery'].with_user(cls.marketer)

    def ready(self, key):
        return self.gallery.search([('key', '=', key)])

    def use(self, key, **values):
        """:return: the campaign the marketer makes of a ready journey."""
        wizard = self.env['fluxforce.campaign.gallery.use'].with_user(self.marketer).create({
            'gallery_id': self.ready(key).id, 'account_id': self.account.id, **values})
        return self.env['fluxforce.campaign'].with_user(self.marketer).browse(wizard.action_use()['res_id'])

    # --- The shelf -------------------------------------------------------------------------------------------

    def test_there_are_at_least_eight(self):
        self.assertGreaterEqual(len(self.gallery.search([])), 8)

    def test_an_update_brings_back_what_the_file_says(self):
        count = self.gallery.search_count([])
        gallery = self.gallery.sudo()
        gallery.search([], limit=1).icon = 'fa-bug'
        gallery.create({'key': 'gone', 'model_name': 'res.partner', 'texts': {'en': {}}, 'journey': {'steps': []}})

        gallery._load()

        self.assertEqual(self.gallery.search_count([]), count)
        self.assertFalse(self.gallery.search([('icon', '=', 'fa-bug')]))

    def test_it_speaks_the_users_language(self):
        self.env['res.lang']._activate_lang('es_ES')

        self.assertEqual(self.ready('welcome').title, 'Welcome')
        self.assertEqual(self.ready('welcome').with_context(lang='es_ES').title, 'Bienvenida')

    def test_it_is_found_by_its_words(self):
        self.assertIn(self.ready('reactivation'), self.gallery.search([('title', 'ilike', 'renewed consent')]))

    def test_a_journey_whose_app_is_not_there_is_shown_with_what_it_needs(self):
        needy = self.gallery.search([('model_name', 'not in', list(self.env))])
        self.assertTrue(needy, 'the tests run without some apps')

        self.assertEqual(set(needy.mapped('is_available')), {False})
        self.assertTrue(all(needy.mapped('missing_app')))
        with self.assertRaisesRegex(UserError, 'needs the app'):
            needy[0].action_use()

    # --- Use -------------------------------------------------------------------------------------------------

    def test_a_journey_becomes_a_draft_of_a_campaign_with_its_steps(self):
        campaign = self.use('welcome')

        self.assertEqual((campaign.name, campaign.state, campaign.user_id), ('Welcome', 'draft', self.marketer))
        self.assertEqual(campaign.activity_ids.mapped('type'), ['whatsapp', 'todo', 'whatsapp', 'todo'])
        self.assertEqual(campaign.activity_ids[1].parent_id, campaign.activity_ids[0])

    def test_templates_that_are_not_there_become_drafts(self):
        hello = self.use('welcome').activity_ids[0]

        self.assertEqual((hello.draft_id.name, hello.draft_id.state), ('welcome', 'draft'))
        self.assertEqual(hello.problem, 'Its template is a draft: send it to Meta.')

    def test_a_draft_that_is_there_already_is_taken(self):
        first, second = self.use('welcome'), self.use('welcome')

        self.assertEqual(first.activity_ids[0].draft_id, second.activity_ids[0].draft_id)

    def test_once_meta_has_the_draft_the_step_has_its_template(self):
        campaign = self.use('welcome')
        draft = campaign.activity_ids[0].draft_id.sudo()

        with patch.object(self.registry['fluxforce.whatsapp.template.draft'], '_hand_over_mapping',
                          lambda self, template: None):
            draft._taken(self.plain_template)

        self.assertEqual((campaign.activity_ids[0].template_id, campaign.activity_ids[0].draft_id.id), (
            self.plain_template, False))

    def test_a_template_of_that_name_is_taken(self):
        self.plain_template.sudo().write({'name': 'welcome', 'language': 'en'})

        self.assertEqual(self.use('welcome').activity_ids[0].template_id, self.plain_template)

    def test_buttons_are_named_as_the_message_names_them(self):
        self.assertEqual(self.use('welcome').activity_ids[1].trigger_button, 'I have a question')
        self.assertEqual(self.use('welcome', language='es').activity_ids[1].trigger_button, 'Tengo una pregunta')

    def test_every_journey_that_can_be_used_here_can_be_used(self):
        for row in self.gallery.search([]).filtered('is_available'):
            with self.subTest(row.key):
                campaign = self.use(row.key)
                problems = set(campaign.activity_ids.mapped('problem')) - {False}
                self.assertLessEqual(problems, {'Its template is a draft: send it to Meta.'})

    def test_without_an_account_it_says_which_field_to_fill(self):
        with self.assertRaisesRegex(UserError, 'Account: choose'):
            self.use('welcome', account_id=False)

    # --- The answer to "shall we go on?" ---------------------------------------------------------------------

    def test_a_renewed_consent_is_recorded(self):
        self.ana.with_user(self.marketer).action_whatsapp_renew_consent()

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_who_may_not_change_contacts_records_it_all_the_same(self):
        marketer = new_test_user(self.env, 'only.marketer', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer')

        self.env.ref('fluxforce_whatsapp_marketing.action_renew_consent').with_user(marketer).with_context(
            active_model='res.partner', active_ids=self.ana.ids, active_id=self.ana.id).run()

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_without_an_answer_the_consent_ends(self):
        self.give_consent(self.ana, 'marketing')

        self.ana.with_user(self.marketer).action_whatsapp_end_consent()

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')
