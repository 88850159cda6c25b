from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged

from .. import uninstall_hook
from .common import WhatsappCommon, inbound_payload

OWN = 'fluxforce_whatsapp.res_partner_action_send'


@tagged('post_install', '-at_install')
class TestEverywhere(WhatsappCommon, TransactionCase):
    """*Send WhatsApp* stands wherever there is somebody to write to."""

    def entries(self, model, user=None):
        actions = self.env['ir.actions.actions'].with_user(user or self.salesperson).get_bindings(model)
        return [action['name'] for action in actions.get('action', ())]

    def addressable(self):
        return self.env['ir.model']._whatsapp_models()

    def test_contacts_have_it_once(self):
        self.assertEqual(self.entries('res.partner').count('Send WhatsApp'), 1)

    def test_a_model_with_chatter_and_a_contact_has_it_without_anything_to_set_up(self):
        model = next(name for name in self.addressable() if name != 'res.partner')

        self.assertIn('Send WhatsApp', self.entries(model))

    def test_who_may_not_send_has_it_nowhere(self):
        self.assertFalse([model for model in self.addressable()
                          if 'Send WhatsApp' in self.entries(model, self.outsider)])

    def test_records_without_anybody_to_write_to_have_none(self):
        self.assertNotIn('fluxforce.whatsapp.account', self.addressable())
        self.assertNotIn('res.country', self.addressable())

    def test_the_numbers_people_are_written_to_on_are_named(self):
        self.assertEqual(self.addressable()['res.partner'], ('phone',))


@tagged('post_install', '-at_install')
class TestTemplateInMenu(WhatsappCommon, TransactionCase):

    def entries(self):
        actions = self.env['ir.actions.actions'].with_user(self.salesperson).get_bindings('res.partner')
        return [action['name'] for action in actions.get('action', ())]

    def open_entry(self, people, **context):
        """Choose the template's entry with these selected. :return: the composer that opens"""
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()
        entry = self.utility_template.menu_action_id.with_user(self.salesperson)
        action = entry.with_context(active_model='res.partner', active_ids=people.ids, **context).run()
        return self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).browse(
            action['params']['composer_id'])

    def test_a_template_stands_in_the_menu_of_its_records(self):
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()

        self.assertIn('WhatsApp: order_update', self.entries())

    def test_its_entry_opens_the_composer_with_it(self):
        composer = self.open_entry(self.ana)

        self.assertEqual((composer.template_id, composer._records()), (self.utility_template, self.ana))

    def test_its_entry_sends_it_also_to_who_could_be_answered(self):
        self.receive(inbound_payload(timestamp=int(fields.Datetime.now().timestamp())))

        composer = self.open_entry(self.ana)

        self.assertTrue(composer.window_until)
        self.assertEqual(composer.mode, 'template')

    def test_its_entry_takes_more_than_a_list_hands_over(self):
        self.env['ir.config_parameter'].sudo().set_param('web.active_ids_limit', 2)
        people = self.ana | self.ben | self.chloe

        composer = self.open_entry(self.ana | self.ben, active_domain=[('id', 'in', people.ids)])

        self.assertEqual(composer.record_count, 3)

    def test_who_sends_may_look_at_a_template_that_stands_in_a_menu(self):
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()

        self.assertEqual(Form(self.utility_template.with_user(self.salesperson)).name, 'order_update')

    def test_it_is_taken_out_again(self):
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()
        self.utility_template.with_user(self.whatsapp_admin).action_remove_from_menu()

        self.assertNotIn('WhatsApp: order_update', self.entries())

    def test_without_the_addon_no_entry_is_left_behind(self):
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()

        uninstall_hook(self.env)

        self.assertNotIn('WhatsApp: order_update', self.entries())

    def test_an_archived_template_stands_in_no_menu(self):
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()
        self.utility_template.active = False

        self.assertNotIn('WhatsApp: order_update', self.entries())

    def test_salespeople_do_not_change_the_menu(self):
        with self.assertRaisesRegex(AccessError, 'administrator'):
            self.utility_template.with_user(self.salesperson).action_add_to_menu()
