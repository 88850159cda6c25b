from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..models.fluxforce_whatsapp_portal import FOLLOWS, FluxforceWhatsappPortal
from .common import WhatsappCommon
from .fake_meta import template_row

PORTAL = 'https://bikes.example.com/my/orders/{}?access_token={}'

# Of the values for any number of people of two languages.
QUERIES = 8


@tagged('post_install', '-at_install')
class TestValues(WhatsappCommon, TransactionCase):
    """What fills the variables of a template."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('es_ES')
        cls.env['res.lang']._activate_lang('de_DE')
        cls.ana.write({'lang': 'es_ES', 'tz': 'Europe/Madrid'})
        cls.ben.write({'lang': 'en_US', 'tz': 'America/New_York'})
        cls.first, cls.second = cls.utility_template.variable_ids

    def map(self, path, form='plain', **values):
        self.second.write({'source': 'field', 'field_path': path, 'format': form, **values})

    def said_to(self, partner, user=None, **free_values):
        """:return: what the second variable says to a contact, None if it stays empty"""
        partners = partner.with_user(user or self.salesperson)
        return self.utility_template._values_for(partners, free_values)[partner.id].get('body:2')

    # --- Formats ---------------------------------------------------------------------------------------------

    def test_a_moment_is_told_by_the_persons_clock_and_in_the_persons_way(self):
        self.env.cr.execute("UPDATE res_partner SET create_date = '2026-06-12 07:30:00' WHERE id = ANY(%s)",
                            [(self.ana | self.ben).ids])
        self.env.invalidate_all()

        for form, ana, ben in (('datetime', '12/06/2026 9:30', '06/12/2026 3:30 AM'), ('time', '9:30', '3:30 AM'),
                               ('date', '12/06/2026', '06/12/2026'), ('plain', '12/06/2026 9:30', None)):
            with self.subTest(format=form):
                self.map('create_date', form)
                self.assertEqual(self.said_to(self.ana).replace('\u202f', ' '), ana)
                if ben:
                    self.assertEqual(self.said_to(self.ben).replace('\u202f', ' '), ben)

    def test_the_day_is_that_of_the_persons_clock(self):
        self.env.cr.execute("UPDATE res_partner SET create_date = '2026-06-12 23:30:00' WHERE id = %s", [self.ana.id])
        self.env.invalidate_all()
        self.map('create_date', 'date')

        self.assertEqual(self.said_to(self.ana), '13/06/2026')

    def test_who_has_no_time_zone_is_told_by_the_one_of_the_number(self):
        self.ana.write({'tz': False, 'lang': 'en_US', 'phone': '+81 90 1234 5678'})
        self.env.cr.execute("UPDATE res_partner SET create_date = '2026-06-12 23:30:00' WHERE id = %s", [self.ana.id])
        self.env.invalidate_all()
        self.map('create_date', 'time')

        self.assertEqual(self.said_to(self.ana).replace('\u202f', ' '), '8:30 AM')

    def test_who_has_no_language_is_told_in_that_of_the_template(self):
        self.ana.lang = False
        self.utility_template.sudo().language = 'de'
        self.map('partner_latitude', 'number', decimals=2)
        self.ana.partner_latitude = 1234.5

        self.assertEqual(self.said_to(self.ana), '1.234,50')

    def test_an_amount_has_its_currency_and_the_persons_separators(self):
        self.ana.partner_latitude = self.ben.partner_latitude = 1234.5
        self.env.company.currency_id = self.env.ref('base.EUR')
        self.map('partner_latitude', 'money')

        self.assertEqual(self.said_to(self.ana), '1.234,50\xa0€')
        self.assertEqual(self.said_to(self.ben), '1,234.50\xa0€')

    def test_a_number_has_as_many_decimals_as_asked_for(self):
        self.ana.partner_latitude = 1234.5678
        for decimals, words in ((0, '1.235'), (1, '1.234,6'), (3, '1.234,568')):
            with self.subTest(decimals=decimals):
                self.map('partner_latitude', 'number', decimals=decimals)
                self.assertEqual(self.said_to(self.ana), words)

    def test_a_choice_is_told_by_its_label_in_the_persons_language(self):
        field = self.env['ir.model.fields.selection'].search([
            ('field_id.model', '=', 'res.partner'), ('field_id.name', '=', 'type'), ('value', '=', 'invoice')])
        field.with_context(lang='es_ES').name = 'Facturación'
        self.ana.type = self.ben.type = 'invoice'
        self.map('type')

        self.assertEqual(self.said_to(self.ana), 'Facturación')
        self.assertEqual(self.said_to(self.ben), 'Invoice')

    def test_a_name_that_is_translated_is_told_in_the_persons_language(self):
        spain = self.env.ref('base.es')
        spain.with_context(lang='es_ES').name = 'España'
        (self.ana | self.ben).country_id = spain
        self.map('country_id')

        self.assertEqual(self.said_to(self.ana), 'España')
        self.assertEqual(self.said_to(self.ben), 'Spain')

    def test_text_with_layout_is_told_as_text(self):
        self.ana.comment = '<p>Rings <b>twice</b></p>'
        self.map('comment')

        self.assertEqual(self.said_to(self.ana), 'Rings *twice*')

    def test_several_records_are_told_one_after_the_other(self):
        self.env['res.partner'].create([
            {'name': name, 'parent_id': self.ana.id} for name in ('Carlos', 'Dolores')])
        self.map('child_ids.name')

        self.assertEqual(sorted(self.said_to(self.ana).split(', ')), ['Carlos', 'Dolores'])

    def test_yes_and_no_are_words(self):
        self.map('is_company')

        self.assertEqual(self.said_to(self.ben), 'No')

    def test_a_format_that_does_not_fit_its_field_is_refused(self):
        for path, form in (('name', 'money'), ('name', 'date'), ('partner_latitude', 'time'), ('active', 'number')):
            with self.subTest(path=path, format=form), self.assertRaisesRegex(ValidationError, 'Choose another format'):
                self.map(path, form)

    def test_a_field_without_words_is_refused(self):
        with self.assertRaisesRegex(ValidationError, '"image_1920" holds no words. Choose another field'):
            self.map('image_1920')

    # --- Other sources ---------------------------------------------------------------------------------------

    def test_who_sends_signs_with_name_and_phone(self):
        self.salesperson.partner_id.phone = '+34 910 00 01 23'
        self.first.source, self.second.source = 'sender_name', 'sender_phone'

        values = self.utility_template._values_for(self.ana.with_user(self.salesperson))[self.ana.id]

        self.assertEqual((values['body:1'], values['body:2']), ('Selma Sales', '+34 910 00 01 23'))

    def test_what_runs_by_itself_signs_with_the_fallback(self):
        self.first.write({'source': 'sender_name', 'fallback': 'Your bicycle shop'})

        values = self.utility_template._values_for(self.ana.with_user(self.env.ref('base.user_root')))

        self.assertEqual(values[self.ana.id]['body:1'], 'Your bicycle shop')

    def test_the_company_is_that_of_the_account(self):
        other = self.env['res.company'].create({'name': 'Another Shop'})
        self.salesperson.company_ids |= other
        self.second.source = 'company'

        self.assertEqual(self.said_to(self.ana.with_company(other)), self.company.name)

    def test_what_was_typed_goes_to_everybody(self):
        self.second.source = 'free'

        self.assertEqual(self.said_to(self.ana, **{'body:2': 'S00001'}), 'S00001')
        self.assertIsNone(self.said_to(self.ana))

    # --- Places and moments ----------------------------------------------------------------------------------

    def header(self, form):
        """:return: the variable of a template with such a header"""
        self.env['fluxforce.whatsapp.template']._sync(self.account, [
            template_row('1', 'place', 'Here we are.', more=({'type': 'HEADER', 'format': form},))])
        return self.env['fluxforce.whatsapp.template'].search([('name', '=', 'place')]).variable_ids

    def test_a_place_is_where_a_contact_of_the_record_is(self):
        shop = self.env['res.partner'].create({
            'name': 'Shop', 'street': 'Rua Nova 1', 'city': 'Porto', 'partner_latitude': 41.15,
            'partner_longitude': -8.61})
        self.ana.parent_id = shop
        variable = self.header('LOCATION')
        variable.write({'source': 'field', 'field_path': 'parent_id'})

        place = variable._value_for(self.ana.with_user(self.salesperson), {})

        self.assertEqual((place['latitude'], place['longitude'], place['name']), (41.15, -8.61, 'Shop'))
        self.assertIn('Rua Nova 1', place['address'])
        self.assertEqual(variable._value_for(self.ben, {}), '')

    def test_a_field_that_is_no_place_is_refused(self):
        with self.assertRaisesRegex(ValidationError, '"country_id" is no place'):
            self.header('LOCATION').write({'source': 'field', 'field_path': 'country_id'})

    def test_a_place_that_is_written_otherwise_is_refused_when_it_is_written(self):
        place = self.header('LOCATION')

        for values in ({'source': 'constant', 'constant': 'Our shop'}, {'fallback': 'Our shop'}):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, 'write it like "41.3874, 2.1686'):
                place.write(values)
        place.write({'source': 'constant', 'constant': '39.47, -0.38; Our shop'})

    def test_a_value_that_is_no_file_is_refused_in_words(self):
        with self.assertRaisesRegex(ValidationError, '"Link to the record" does not fit here'):
            self.header('IMAGE').source = 'portal'

    def offer(self):
        """:return: the variable with the end of an offer"""
        self.env['fluxforce.whatsapp.template']._sync(self.account, [template_row('1', 'offer', 'For you.', more=(
            {'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Ends soon', 'has_expiration': True}},
            {'type': 'BUTTONS', 'buttons': [{'type': 'COPY_CODE', 'example': '25OFF'}]}))])
        variables = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'offer')]).variable_ids
        return variables.filtered(lambda variable: variable.kind == 'datetime')

    def test_an_end_that_is_typed_is_meant_by_the_clock_of_who_types(self):
        self.salesperson.tz = 'Europe/Madrid'
        end = self.offer()

        self.assertEqual(end._value_for(self.ana.with_user(self.salesperson), {end.key: '2040-07-01 18:00'}),
                         '2040-07-01T18:00:00+02:00')
        self.assertEqual(end._value_for(self.ana.with_user(self.salesperson), {end.key: '2040-07-01 18:00+00:00'}),
                         '2040-07-01T18:00:00+00:00')

    def test_an_end_in_a_field_is_that_moment_by_the_persons_clock(self):
        self.env.cr.execute("UPDATE res_partner SET create_date = '2036-06-12 07:30:00' WHERE id = %s", [self.ana.id])
        self.env.invalidate_all()
        end = self.offer()
        end.write({'source': 'field', 'field_path': 'create_date'})

        self.assertEqual(end._value_for(self.ana.with_user(self.salesperson), {}), '2036-06-12T09:30:00+02:00')

    def test_an_end_without_a_moment_is_refused(self):
        with self.assertRaisesRegex(ValidationError, '"name" is no moment'):
            self.offer().write({'source': 'field', 'field_path': 'name'})

    # --- What cannot be filled -------------------------------------------------------------------------------

    def test_a_field_that_is_gone_is_told_on_the_template_and_nothing_is_sent(self):
        self.give_consent(self.ana)
        self.env.cr.execute("UPDATE fluxforce_whatsapp_template_variable SET field_path = 'x_gone' WHERE id = %s",
                            [self.second.id])
        self.env.invalidate_all()

        message = self.queue(self.ana, self.utility_template)

        self.assertEqual((message.state, message.reason), ('refused', 'missing_value'))
        for told in (self.utility_template.mapping_problem, message.explanation):
            self.assertIn('Variable {{2}}: "x_gone" is no field of Contact. Choose one in the column Field.', told)
        self.assertFalse(self.meta.sends)

    def test_what_the_sender_may_not_read_is_refused_by_name_and_told_to_nobody(self):
        self.env['ir.model.access'].search([('model_id.model', '=', 'res.bank')]).unlink()
        self.map('bank_ids.bank_id.name')
        bank = self.env['res.bank'].create({'name': 'Secret Bank'})
        self.env['res.partner.bank'].create({'acc_number': '1', 'partner_id': self.ana.id, 'bank_id': bank.id})

        with self.assertRaisesRegex(AccessError, 'cannot be read with your rights') as caught:
            self.said_to(self.ana)
        self.assertNotIn('Secret', str(caught.exception))

    # --- Links to the record ---------------------------------------------------------------------------------

    def with_pages(self):
        """Contacts have pages for customers, like the documents of Odoo's own apps."""
        def link(_portal, record):
            return PORTAL.format(record.id, record.ref or FOLLOWS)

        def keys(_portal, drafts):
            for record in self.env['res.partner'].browse([draft['res_id'] for draft in drafts]):
                record.ref = record.ref or f'key-{record.id}'
            return {('res.partner', draft['res_id']): f'key-{draft["res_id"]}' for draft in drafts}

        for name, function in (('_has_page', lambda _portal, model: True), ('_link', link), ('_keys', keys)):
            self.startPatcher(patch.object(FluxforceWhatsappPortal, name, function))

    def test_a_model_without_pages_has_no_link(self):
        with self.assertRaisesRegex(ValidationError, 'Contact has no page for customers'):
            self.second.source = 'portal'

    def test_looking_ahead_opens_no_page_and_sending_does(self):
        self.with_pages()
        self.ana.ref = False
        self.second.source = 'portal'
        self.give_consent(self.ana)

        self.assertEqual(self.said_to(self.ana), PORTAL.format(self.ana.id, FOLLOWS))
        self.assertFalse(self.ana.ref)

        message = self.queue(self.ana, self.utility_template)
        self.assertEqual(message.values['body:2'], PORTAL.format(self.ana.id, f'key-{self.ana.id}'))
        self.assertIn(f'key-{self.ana.id}', message.body)

    def test_a_button_carries_only_what_follows_its_approved_address(self):
        self.with_pages()
        variable = self.button('https://bikes.example.com/my/orders/{{1}}', 'https://bikes.example.com')

        self.assertEqual(variable._value_for(self.ana, {}), f'{self.ana.id}?access_token=S00042')

    def test_a_button_with_another_address_is_refused(self):
        self.with_pages()

        with self.assertRaisesRegex(ValidationError, 'begins with "https://shop.example.com/", links to records with '
                                                     '"https://bikes.example.com/"'):
            self.button('https://shop.example.com/{{1}}', 'https://bikes.example.com')

    def button(self, url, base_url):
        """:return: the variable of a button with a link to the record"""
        self.env['ir.config_parameter'].set_param('web.base.url', base_url)
        self.env['fluxforce.whatsapp.template']._sync(self.account, [template_row('1', 'parcel', 'It has left.', more=(
            {'type': 'BUTTONS', 'buttons': [{'type': 'URL', 'text': 'See', 'url': url, 'example': [url]}]},))])
        variable = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'parcel')]).variable_ids
        variable.source = 'portal'
        return variable

    def test_a_link_is_the_page_of_the_document_with_its_key(self):
        link = self.env['fluxforce.whatsapp.portal']._link
        document = SimpleNamespace(
            _fields={'access_url': None, 'access_token': None}, access_url='/my/orders/7', access_token='abc',
            get_base_url=lambda: 'https://bikes.example.com')

        self.assertEqual(link(document), 'https://bikes.example.com/my/orders/7?access_token=abc')
        document.access_token = False
        self.assertEqual(link(document), f'https://bikes.example.com/my/orders/7?access_token={FOLLOWS}')
        document.access_url = '#'
        self.assertEqual(link(document), '')

    # --- Many ------------------------------------------------------------------------------------------------

    def fill_many(self, count):
        """Values for people of two languages, with rights, relations and moments; the template is known already."""
        spain = self.env.ref('base.es')
        people = self.env['res.partner'].create([{
            'name': f'Person {index}', 'phone': f'+34 612 00 {index:04d}', 'country_id': spain.id,
            'lang': ('es_ES', 'en_US')[index % 2]} for index in range(count)]).with_user(self.salesperson)
        self.first.write({'source': 'field', 'field_path': 'country_id.name'})
        self.map('create_date', 'datetime')
        self.utility_template._values_for(self.ana.with_user(self.salesperson))
        self.env.flush_all()
        people.invalidate_recordset()
        return people

    def assertQueriesFor(self, count):
        people = self.fill_many(count)
        with self.assertQueryCount(QUERIES):
            values = self.utility_template._values_for(people)
        self.assertEqual(len({row['body:1'] for row in values.values()}), 1)

    def test_ten(self):
        self.assertQueriesFor(10)

    def test_a_hundred(self):
        self.assertQueriesFor(100)
