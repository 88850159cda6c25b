from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon


@tagged('post_install', '-at_install')
class TestTemplatePreview(WhatsappCommon, TransactionCase):

    def look(self, template, record=None, user=None):
        """Open the preview as the salesperson does and choose a record."""
        form = Form(self.env['fluxforce.whatsapp.template.preview'].with_user(user or self.salesperson).with_context(
            default_template_id=template.id))
        if record is not None:
            form.preview_record = f'{record._name},{record.id}'
        return form

    def test_the_phone_beside_a_template_shows_metas_samples_marked_as_such(self):
        shown = self.utility_template.with_user(self.salesperson).preview_data

        self.assertEqual(shown['body'], 'Hi Mira, your order S00042 is on its way.')
        self.assertEqual([kind for __, __, kind in shown['samples']], ['sample', 'sample'])

    def test_it_shows_who_writes(self):
        self.assertEqual(self.plain_template.preview_data['name'], self.number.verified_name)

    def test_a_record_shows_its_own_values(self):
        form = self.look(self.utility_template, self.ana)

        self.assertIn('Hi Ana Costa, your order S00042', form.preview_data['body'])
        self.assertFalse(form.preview_data['samples'])
        self.assertFalse(form.missing)

    def test_a_record_without_a_value_is_told(self):
        self.ana.ref = False

        form = self.look(self.utility_template, self.ana)

        self.assertEqual(form.missing, 'Body {{2}}')

    def test_what_is_asked_when_sending_is_told(self):
        form = self.look(self.named_template, self.ana)

        self.assertIn('{{date}}', form.asked)
        self.assertNotIn('{{date}}', form.missing or '')

    def test_what_may_stay_empty_is_not_missed(self):
        self.marketing_template.with_user(self.whatsapp_admin).action_add_optional()

        self.assertFalse(self.look(self.marketing_template, self.ana).missing)

    def test_a_record_that_may_not_be_read_shows_nothing(self):
        wizard = self.env['fluxforce.whatsapp.template.preview'].with_user(self.salesperson).create({
            'template_id': self.utility_template.id, 'preview_record': f'res.partner,{self.ana.id}'})
        self.env['ir.rule'].create({
            'name': 'Not Ana', 'model_id': self.env['ir.model']._get_id('res.partner'), 'groups': [],
            'domain_force': f"[('id', '!=', {self.ana.id})]"})
        self.ana.mapped('name')  # read with more rights, and known since

        with self.assertRaises(AccessError):
            wizard._values()

    def test_a_record_is_chosen_to_begin_with(self):
        self.assertTrue(self.look(self.utility_template).preview_record)

    def test_a_text_from_right_to_left_is_told(self):
        self.plain_template.sudo().write({'language': 'ar'})

        self.assertTrue(self.plain_template.preview_data['rtl'])
