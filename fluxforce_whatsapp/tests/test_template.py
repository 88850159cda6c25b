from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import WhatsappCommon
from .fake_meta import template_row


@tagged('post_install', '-at_install')
class TestTemplate(WhatsappCommon, TransactionCase):

    def sync(self, *rows):
        self.env['fluxforce.whatsapp.template']._sync(self.account, list(rows))

    def order_update(self, text='Hi {{1}}, your order {{2}} is on its way.', **values):
        return template_row('9002', 'order_update', text, samples=('Mira', 'S00042'), **values)

    def variable(self, template, key):
        return template.variable_ids.filtered(lambda variable: variable.key == key)

    # --- Variables -------------------------------------------------------------------------------------------

    def test_the_variables_are_those_of_the_text_with_metas_samples(self):
        self.assertEqual(
            [(variable.key, variable.display_name, variable.sample) for variable in self.utility_template.variable_ids],
            [('body:1', '{{1}}', 'Mira'), ('body:2', '{{2}}', 'S00042')])

    def test_a_variable_named_like_a_field_is_filled_from_it(self):
        name, date = self.named_template.variable_ids

        self.assertEqual((name.source, name.field_path), ('field', 'name'))
        self.assertEqual((date.source, date.field_path), ('free', False))

    def test_every_part_of_a_template_has_its_variables(self):
        self.sync(template_row('1', 'parcel', 'Your parcel has left.', more=(
            {'type': 'HEADER', 'format': 'TEXT', 'text': 'Parcel {{1}}', 'example': {'header_text': ['P-118']}},
            {'type': 'BUTTONS', 'buttons': [{'type': 'URL', 'text': 'Track', 'url': 'https://shop.example.com/{{1}}',
                                             'example': ['https://shop.example.com/P-118']}]})))

        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'parcel')])
        self.assertEqual(
            [(variable.key, variable.component, variable.sample) for variable in template.variable_ids],
            [('header:1', 'header', 'P-118'), ('button:0:1', 'button', 'P-118')])

    def test_a_new_sync_keeps_the_mapping(self):
        self.variable(self.utility_template, 'body:2').fallback = 'your order'

        self.sync(self.order_update('Dear {{1}}, order {{2}} has left us.'))

        self.assertEqual(self.utility_template.body, 'Dear {{1}}, order {{2}} has left us.')
        second = self.variable(self.utility_template, 'body:2')
        self.assertEqual((second.source, second.field_path, second.fallback), ('field', 'ref', 'your order'))

    def test_a_variable_named_like_a_picture_stops_no_sync(self):
        self.sync(template_row('1', 'look', 'Look at {{image_1920}} and {{category_properties}}, please.',
                               samples={'image_1920': 'this', 'category_properties': 'that'}))

        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'look')])
        self.assertEqual(template.variable_ids.mapped('source'), ['free', 'free'])

    def test_only_what_has_to_be_filled_in_is_asked_for(self):
        self.assertEqual(self.marketing_template.variable_ids.mapped('key'), ['body:1'])
        self.assertTrue(self.marketing_template.has_more)
        self.assertFalse(self.plain_template.has_more)

    def test_what_may_stay_empty_is_filled_in_by_who_wants_to(self):
        self.marketing_template.with_user(self.whatsapp_admin).action_add_optional()
        answer = self.variable(self.marketing_template, 'button:0:payload')
        self.assertEqual((answer.source, answer.display_name), ('nothing', 'Button 1, hidden answer'))
        self.assertFalse(self.marketing_template.has_more)
        self.give_consent(self.ana | self.ben, 'marketing')
        self.assertEqual(self.queue(self.ana, self.marketing_template).state, 'queued')

        answer.with_user(self.whatsapp_admin).write({'source': 'field', 'field_path': 'ref'})
        self.queue(self.ben, self.marketing_template)
        self.run_sender()

        self.assertEqual([sent['template']['components'][1:] for sent in self.meta.sends], [[], [{
            'type': 'button', 'sub_type': 'quick_reply', 'index': '0',
            'parameters': [{'type': 'payload', 'payload': 'S00043'}]}]])

    def test_a_new_sync_keeps_what_was_added(self):
        self.marketing_template.with_user(self.whatsapp_admin).action_add_optional()

        self.env['fluxforce.whatsapp.template']._sync(self.account, self.meta.templates)

        self.assertIn('button:0:payload', self.marketing_template.variable_ids.mapped('key'))

    def test_nothing_fits_only_what_may_stay_empty(self):
        with self.assertRaisesRegex(ValidationError, '"Nothing" does not fit here'):
            self.utility_template.variable_ids[0].source = 'nothing'

    def test_a_salesperson_adds_nothing(self):
        with self.assertRaises(AccessError):
            self.marketing_template.with_user(self.salesperson).action_add_optional()

    def test_an_administrator_only_says_where_a_value_comes_from(self):
        variable = self.utility_template.variable_ids[0].with_user(self.whatsapp_admin)

        with self.assertRaises(AccessError):
            variable.template_id = self.marketing_template
        variable.write({'source': 'constant', 'constant': 'Friend', 'fallback': False})

    def test_variables_of_other_companies_are_neither_seen_nor_changed(self):
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = new_test_user(self.env, 'olga.other', 'fluxforce_whatsapp.group_whatsapp_admin',
                                 company_id=other.id, company_ids=[Command.set(other.ids)])
        theirs = self.env['fluxforce.whatsapp.template.variable'].with_user(stranger)

        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.browse(self.utility_template.variable_ids.ids).write({'source': 'constant', 'constant': 'Pay here'})

    def test_a_variable_that_is_gone_is_removed_and_a_new_one_added(self):
        self.sync(self.order_update('Hi {{1}}, until {{3}}.'))

        self.assertEqual(self.utility_template.variable_ids.mapped('key'), ['body:1', 'body:3'])
        self.assertEqual(self.variable(self.utility_template, 'body:3').source, 'free')

    def test_a_deleted_template_is_archived_and_cannot_be_sent(self):
        message = self.queue_agreed(self.ana, self.utility_template)

        self.sync()
        self.run_sender()

        self.assertEqual((self.utility_template.active, self.utility_template.status), (False, 'DELETED'))
        self.assertEqual((message.state, message.reason), ('refused', 'template_not_approved'))

    def test_a_reason_of_none_is_no_reason(self):
        self.sync(self.order_update(rejected_reason='NONE'))
        self.assertFalse(self.utility_template.rejected_reason)

        self.sync(self.order_update(status='REJECTED', rejected_reason='INVALID_FORMAT'))
        self.assertEqual(self.utility_template.rejected_reason, 'INVALID_FORMAT')

    def test_a_part_we_cannot_send_is_told(self):
        self.sync(template_row('1', 'carousel', 'Look at these.', more=({'type': 'CAROUSEL', 'cards': []},)))

        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'carousel')])
        self.assertIn('carousel', template.problem)
        self.assertFalse(self.utility_template.problem)

    def test_a_row_without_id_is_skipped(self):
        row = template_row('1', 'parcel', 'Your parcel has left.')

        self.sync({'name': 'ghost', 'language': 'en'}, row)

        self.assertFalse(self.env['fluxforce.whatsapp.template'].search([('name', '=', 'ghost')]))
        self.assertTrue(self.env['fluxforce.whatsapp.template'].search([('name', '=', 'parcel')]))

    # --- What is Meta's and what is ours ---------------------------------------------------------------------

    def test_nobody_changes_what_is_metas(self):
        for user in (self.whatsapp_admin, self.system_admin):
            for name, value in {'category': 'UTILITY', 'status': 'APPROVED', 'components': [], 'name': 'x'}.items():
                with self.subTest(user=user.login, field=name), self.assertRaisesRegex(AccessError, 'Meta'):
                    self.marketing_template.with_user(user).write({name: value})

    def test_nobody_invents_or_deletes_a_template(self):
        templates = self.env['fluxforce.whatsapp.template'].with_user(self.system_admin)
        with self.assertRaises(AccessError):
            templates.create({'account_id': self.account.id, 'template_id': '7', 'name': 'x', 'language': 'en'})
        with self.assertRaises(AccessError):
            templates.browse(self.plain_template.id).unlink()

    def test_an_administrator_decides_what_is_ours(self):
        template = self.utility_template.with_user(self.whatsapp_admin)

        template.write({'active': False, 'model_id': self.env['ir.model']._get('res.users').id, 'variable_ids': [
            Command.update(template.variable_ids[1].id, {'source': 'constant', 'constant': 'of spring'})]})

        self.assertEqual((template.active, template.model, template.variable_ids[1].constant),
                         (False, 'res.users', 'of spring'))

    def test_an_administrator_brings_the_templates_up_to_date(self):
        self.meta.templates = [self.order_update('Dear {{1}}, order {{2}} has left us at {{3}}.')]

        self.account.with_user(self.system_admin).action_connect()

        self.assertEqual(self.utility_template.variable_ids.mapped('key'), ['body:1', 'body:2', 'body:3'])

    def test_templates_for_a_model_that_goes_are_for_contacts(self):
        model = self.env['ir.model'].create({'name': 'Bicycle', 'model': 'x_bicycle'})
        self.addCleanup(self.registry.reset_changes)
        self.utility_template.model_id = model
        self.variable(self.utility_template, 'body:2').field_path = 'x_name'
        message = self.queue_agreed(self.ana)
        message.template_id = self.utility_template

        model.unlink()

        self.assertEqual(self.utility_template.model, 'res.partner')
        self.assertEqual(
            [(variable.source, variable.field_path) for variable in self.utility_template.variable_ids],
            [('field', 'name'), ('free', False)])

    # --- Preview ---------------------------------------------------------------------------------------------

    def test_the_preview_shows_metas_samples(self):
        self.assertIn('Hi Mira, your order S00042 is on its way.', self.utility_template.preview)

    def test_the_preview_shows_header_footer_buttons_and_formatting(self):
        preview = self.marketing_template.preview

        for text in ('Spring is here', '<b>all helmets</b>', 'Tap Stop promotions', 'Stop promotions</div>'):
            with self.subTest(text=text):
                self.assertIn(text, preview)

    def test_the_preview_never_runs_what_a_template_says(self):
        self.sync(template_row('1', 'nasty', '<script>alert(1)</script> _hi_'))

        preview = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'nasty')]).preview
        self.assertNotIn('<script>', preview)
        self.assertIn('<i>hi</i>', preview)

    # --- Where values come from ------------------------------------------------------------------------------

    def test_a_field_that_does_not_exist_is_refused(self):
        for path in ('nickname', 'parent_id.nickname', 'name.first', '', 'country_id..name'):
            with self.subTest(path=path), self.assertRaisesRegex(ValidationError, 'is no field of Contact'):
                self.variable(self.utility_template, 'body:2').field_path = path

    def test_a_path_over_relations_is_followed(self):
        self.ana.country_id = self.env.ref('base.pt')
        self.variable(self.utility_template, 'body:2').field_path = 'country_id.name'

        self.assertEqual(self.utility_template._values_for(self.ana)[self.ana.id]['body:2'], 'Portugal')

    def test_the_value_is_read_with_the_senders_rights(self):
        self.variable(self.utility_template, 'body:2').field_path = 'user_ids.login'
        self.env['ir.rule'].create({
            'name': 'nobody sees users', 'model_id': self.env['ir.model']._get('res.users').id,
            'domain_force': "[('id', '=', user.id)]", 'groups': [self.env.ref('base.group_user').id]})
        contact = self.outsider.partner_id

        shown = self.utility_template._values_for(contact)[contact.id]
        self.env.invalidate_all()
        shown_to_salesperson = self.utility_template._values_for(contact.with_user(self.salesperson))[contact.id]

        self.assertEqual(shown['body:2'], 'otto.outside')
        self.assertNotIn('body:2', shown_to_salesperson)

    def test_a_field_the_sender_may_not_read_is_an_error_not_a_leak(self):
        # For WhatsApp users only.
        self.variable(self.utility_template, 'body:2').field_path = 'whatsapp_message_count'

        with self.assertRaises(UserError):
            self.utility_template._values_for(self.ana.with_user(self.outsider))

    def test_a_constant_is_the_same_for_everybody(self):
        self.variable(self.utility_template, 'body:2').write({'source': 'constant', 'constant': 'of spring'})

        values = self.utility_template._values_for(self.ana | self.ben)

        self.assertEqual({row['body:2'] for row in values.values()}, {'of spring'})

    def test_the_fallback_stands_in_for_an_empty_field(self):
        self.variable(self.utility_template, 'body:2').fallback = 'your order'
        self.ana.ref = False

        values = self.utility_template._values_for(self.ana | self.ben)

        self.assertEqual((values[self.ana.id]['body:2'], values[self.ben.id]['body:2']), ('your order', 'S00043'))

    def test_a_value_that_is_empty_or_blank_is_missing(self):
        self.ana.ref = False
        self.ben.ref = '   '

        for partner in self.ana | self.ben:
            with self.subTest(partner=partner.name):
                values = self.utility_template._values_for(partner)[partner.id]
                self.assertEqual(self.utility_template._form().missing(values), ['body:2'])

    def test_a_value_with_line_breaks_reaches_meta_in_one_line(self):
        self.ana.ref = 'S00042\nand S00043'
        self.queue_agreed(self.ana, self.utility_template)

        self.run_sender()

        self.assertEqual(self.meta.sends[0]['template']['components'][0]['parameters'][1]['text'],
                         'S00042 and S00043')
