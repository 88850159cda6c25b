import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import DesignCommon


@tagged('post_install', '-at_install')
class TestTemplateGallery(DesignCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gallery = cls.env['fluxforce.whatsapp.template.gallery']
        cls.reminder = cls.ready('appointment_reminder')

    @classmethod
    def ready(cls, key, language='en'):
        return cls.gallery.search([('key', '=', key), ('language', '=', language)])

    def use(self, row, languages=None, **values):
        """:return: the drafts the author makes of a ready template."""
        form = Form(self.env['fluxforce.whatsapp.template.gallery.use'].with_user(self.author).with_context(
            default_gallery_id=row.id))
        wizard = form.save()
        wizard.write({**({'language_ids': [Command.set(languages.ids)]} if languages is not None else {}), **values})
        action = wizard.action_use()
        domain = action.get('domain') or [('id', '=', action['res_id'])]
        return self.env['fluxforce.whatsapp.template.draft'].with_user(self.author).search(domain, order='id')

    # --- The shelf -------------------------------------------------------------------------------------------

    def test_every_ready_template_is_there_in_three_languages(self):
        rows = self.gallery.search([]).grouped('key')

        self.assertGreaterEqual(len(rows), 20)
        for key, row in rows.items():
            self.assertEqual(set(row.mapped('language')), {'en', 'es', 'pt_BR'}, key)

    def test_an_update_brings_back_what_the_file_says_and_adds_nothing_twice(self):
        count = self.gallery.search_count([])
        self.reminder.write({'title': 'Changed'})
        self.gallery.create({**self.reminder.copy_data()[0], 'key': 'gone', 'title': 'Gone'})

        self.gallery._load()

        self.assertEqual(self.gallery.search_count([]), count)
        self.assertEqual(self.reminder.title, 'Appointment reminder')
        self.assertFalse(self.ready('gone'))

    def test_it_is_found_by_its_words(self):
        self.assertIn(self.reminder, self.gallery.search([('body', 'ilike', 'reminder of your appointment')]))

    def test_the_phone_shows_it_with_its_samples(self):
        self.assertIn('Hi Mira, this is a reminder', self.reminder.preview_data['body'])
        self.assertTrue(self.reminder.preview_data['samples'])

    def test_it_opens_in_the_users_own_language(self):
        self.assertEqual(self.gallery.with_user(self.author).action_open_gallery()['context'], {
            'search_default_english': 1})
        self.assertEqual([self.gallery._filter_for(lang) for lang in ('es_MX', 'pt_BR', 'de_DE', False)],
                         ['spanish', 'portuguese', 'english', 'english'])

    # --- A draft of it ---------------------------------------------------------------------------------------

    def test_each_language_chosen_becomes_a_draft(self):
        rows = self.gallery.search([('key', '=', 'appointment_reminder'), ('language', '!=', 'pt_BR')])

        drafts = self.use(self.reminder, rows)

        self.assertEqual(drafts.mapped('language'), ['en', 'es'])
        self.assertEqual(set(drafts.mapped('name')), {'appointment_reminder_2'})  # Meta has one of that name

    def test_a_draft_says_what_the_ready_template_says(self):
        for row in self.gallery.search([('language', '=', 'es')]):
            with self.subTest(row.key):
                draft = self.use(row)
                wanted = row._spec(draft.name)
                self.assertEqual(draft._spec()['components'], wanted['components'])
                self.assertEqual((draft.category, draft.parameter_format), (row.category, 'named'))

    def test_nothing_is_to_be_mended_in_any_draft(self):
        for row in self.gallery.search([]):
            with self.subTest(row=row.key, language=row.language):
                draft = self.use(row)
                self.assertFalse(draft.error_count, draft.problems)

    def test_variables_are_filled_from_the_record_where_its_model_is_known(self):
        draft = self.use(self.ready('welcome'))

        sources = {variable.key: (variable.source, variable.field_path) for variable in draft.variable_ids}
        self.assertEqual(draft.model, 'res.partner')
        self.assertEqual(sources['body:first_name'], ('field', 'name'))

    def test_what_the_model_does_not_know_is_asked_when_sending(self):
        row = self.ready('welcome')
        row.mapping = {'body:first_name': {'source': 'field', 'field_path': 'no_such_field.name'}}

        draft = self.use(row)

        self.assertEqual(set(draft.variable_ids.mapped('source')), {'free'})

    def test_a_template_about_what_is_not_installed_applies_to_contacts(self):
        row = self.ready('welcome')
        row.model_name = 'no.such.model'

        self.assertEqual(self.use(row).model, 'res.partner')

    def test_links_lead_to_our_own_pages(self):
        self.env['ir.config_parameter'].set_param('web.base.url', 'https://shop.example.org')

        draft = self.use(self.ready('invoice_ready'))

        self.assertIn('https://shop.example.org/{{1}}', json.dumps(draft.spec))

    def test_a_name_that_is_taken_gets_a_number(self):
        self.use(self.ready('welcome'))

        self.assertEqual(self.use(self.ready('welcome')).name, 'welcome_2')

    def test_without_a_language_nothing_is_made(self):
        with self.assertRaisesRegex(UserError, 'choose at least one'):
            self.use(self.reminder, self.gallery)

    # --- Who may ---------------------------------------------------------------------------------------------

    def test_a_salesperson_looks_and_makes_none(self):
        self.assertTrue(self.reminder.with_user(self.salesperson).preview_data)
        with self.assertRaises(AccessError):
            self.env['fluxforce.whatsapp.template.gallery.use'].with_user(self.salesperson).create(
                {'gallery_id': self.reminder.id})

    def test_nobody_writes_the_gallery(self):
        with self.assertRaises(AccessError):
            self.reminder.with_user(self.whatsapp_admin).write({'title': 'Mine'})
