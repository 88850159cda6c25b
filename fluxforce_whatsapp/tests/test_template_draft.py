from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from .common import DesignCommon
from .fake_meta import template_row

PIXEL = b'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='


@tagged('post_install', '-at_install')
class TestTemplateDraft(DesignCommon, TransactionCase):

    def codes(self, draft):
        return {(one['part'], one['code']) for one in draft.problems or []}

    # --- Meta's form of it -----------------------------------------------------------------------------------

    def test_what_is_written_becomes_metas_creation_form(self):
        draft = self.draft(
            header_kind='TEXT', header_text='Your parcel', footer='Bicycles Ltd.',
            button_ids=[Command.create({'kind': 'URL', 'text': 'Track it', 'url': 'https://shop.example.com/{{1}}'})])
        draft.variable_ids.filtered(lambda one: one.key == 'button:0:1').sample = 'P-118'

        self.assertEqual(draft.spec, {
            'name': 'parcel_left', 'language': 'en', 'category': 'UTILITY', 'parameter_format': 'named',
            'components': [
                {'type': 'HEADER', 'format': 'TEXT', 'text': 'Your parcel'},
                {'type': 'BODY', 'text': 'Hi {{first_name}}, your parcel has left our shop today.', 'example': {
                    'body_text_named_params': [{'param_name': 'first_name', 'example': 'Mira'}]}},
                {'type': 'FOOTER', 'text': 'Bicycles Ltd.'},
                {'type': 'BUTTONS', 'buttons': [{
                    'type': 'URL', 'text': 'Track it', 'url': 'https://shop.example.com/{{1}}',
                    'example': ['https://shop.example.com/P-118']}]}]})

    def test_a_sign_in_code_has_no_text_of_ones_own(self):
        draft = self.draft(category='AUTHENTICATION', body=False, expiration_minutes=10, button_ids=[
            Command.create({'kind': 'OTP', 'text': 'Copy code', 'otp_type': 'COPY_CODE'})])

        self.assertEqual(draft.spec['components'], [
            {'type': 'BODY', 'add_security_recommendation': True}, {'type': 'FOOTER', 'code_expiration_minutes': 10},
            {'type': 'BUTTONS', 'buttons': [{'type': 'OTP', 'text': 'Copy code', 'otp_type': 'COPY_CODE'}]}])
        self.assertFalse(draft.error_count, draft.problems)

    def test_a_file_stands_for_its_handle_until_it_is_uploaded(self):
        draft = self.draft(header_kind='IMAGE', header_file=PIXEL, header_filename='parcel.png')

        header = draft.spec['components'][0]
        self.assertEqual(header['example']['header_handle'], [f'file:draft:{draft.id}'])
        self.assertFalse(draft.error_count, draft.problems)

    def test_a_file_of_another_kind_is_refused_and_named(self):
        with self.assertRaisesRegex(ValidationError, r'"parcel.png" is none that Meta takes .*mp4'):
            self.draft(header_kind='VIDEO', header_file=PIXEL, header_filename='parcel.png')

    # --- Variables -------------------------------------------------------------------------------------------

    def test_the_variables_follow_the_text_while_typing(self):
        with Form(self.env['fluxforce.whatsapp.template.draft'].with_user(self.author)) as form:
            form.name = 'parcel_left'
            form.body = 'Hi {{first_name}}, parcel {{parcel}} has left.'
            with form.variable_ids.edit(0) as line:
                line.sample = 'Mira'
            form.body = 'Hi {{first_name}}, parcel {{number}} has left.'

        self.assertEqual([(one.name, one.sample) for one in form.record.variable_ids],
                         [('first_name', 'Mira'), ('number', False)])

    def test_a_variable_named_like_a_field_is_filled_from_it(self):
        variable = self.draft(body='Hi {{name}}, we are open again.').variable_ids

        self.assertEqual((variable.source, variable.field_path), ('field', 'name'))

    # --- Checks ----------------------------------------------------------------------------------------------

    def test_a_problem_is_shown_beside_its_part_while_typing(self):
        with Form(self.env['fluxforce.whatsapp.template.draft'].with_user(self.author)) as form:
            form.name = 'parcel_left'
            form.body = '{{first_name}}, your parcel has left our shop today.'
            self.assertIn('text-danger', form.problems_body)
            form.body = 'Hi {{first_name}}, your parcel has left our shop today.'
            with form.variable_ids.edit(0) as line:
                line.sample = 'Mira'
            self.assertFalse(form.problems_body)

    def test_every_problem_has_a_place_on_the_form(self):
        drafts = self.env['fluxforce.whatsapp.template.draft']
        places = {part: drafts._place_of(part) for part in (
            'name', 'language', 'category', 'header', 'body', 'footer', 'buttons', 'button:2', 'offer', 'card:0',
            'card:1:body', 'card:1:button:0', 'ttl', 'variables', 'news_of_meta')}

        self.assertEqual(places, {
            'name': 'general', 'language': 'general', 'category': 'general', 'header': 'header', 'body': 'body',
            'footer': 'footer', 'buttons': 'buttons', 'button:2': 'buttons', 'offer': 'offer', 'card:0': 'cards',
            'card:1:body': 'cards', 'card:1:button:0': 'cards', 'ttl': 'ttl', 'variables': 'variables',
            'news_of_meta': 'general'})

    def test_a_name_that_is_taken_at_meta_is_told(self):
        self.assertIn(('name', 'name_taken'), self.codes(self.draft(name='order_update')))
        self.assertNotIn(('name', 'name_taken'), self.codes(self.draft(name='order_update', language='es')))

    def test_nothing_that_has_errors_is_handed_on(self):
        draft = self.draft(name='Parcel left!')

        with self.assertRaisesRegex(UserError, 'mended first'):
            draft.action_ask_review()
        self.assertEqual(draft.state, 'draft')

    def test_advice_does_not_stop_it(self):
        draft = self.draft(body='Hi {{first_name}}, a 20% discount waits for you in our shop.')

        draft.action_ask_review()

        self.assertTrue(draft.advice_count)
        self.assertEqual(draft.state, 'in_review')

    # --- Preview ---------------------------------------------------------------------------------------------

    def test_the_preview_shows_the_samples(self):
        shown = self.draft(header_kind='IMAGE', header_file=PIXEL, header_filename='parcel.png').preview_data

        self.assertEqual(shown['body'], 'Hi Mira, your parcel has left our shop today.')
        self.assertTrue(shown['header']['url'].startswith('/web/content/'))

    # --- Who may ---------------------------------------------------------------------------------------------

    def test_a_salesperson_does_not_see_drafts(self):
        draft = self.draft()

        with self.assertRaises(AccessError):
            draft.with_user(self.salesperson).read(['body'])
        with self.assertRaises(AccessError):
            self.draft(user=self.salesperson)

    def test_an_author_does_not_change_the_draft_of_another(self):
        other = new_test_user(self.env, 'olga.other', 'fluxforce_whatsapp.group_whatsapp_author')
        draft = self.draft()

        self.assertEqual(draft.with_user(other).body, draft.body)
        with self.assertRaises(AccessError):
            draft.with_user(other).body = 'Mine now.'
        with self.assertRaises(AccessError):
            draft.with_user(other).variable_ids.sample = 'Mine'

    def test_an_approver_helps_with_the_draft_of_another(self):
        draft = self.draft()

        draft.with_user(self.approver).footer = 'Bicycles Ltd.'

        self.assertEqual(draft.footer, 'Bicycles Ltd.')

    def test_nobody_moves_a_draft_by_hand(self):
        for user in (self.author, self.approver, self.system_admin):
            values = {'state': 'ready', 'reviewed_by': user.id, 'template_id': self.plain_template.id}
            for name, value in values.items():
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    self.draft().with_user(user).write({name: value})

    def test_nobody_begins_with_an_approved_draft(self):
        with self.assertRaises(AccessError):
            self.draft(state='ready')

    def test_drafts_of_other_companies_are_not_seen(self):
        other = self.env['res.company'].create({'name': 'Other'})
        author = new_test_user(self.env, 'olga.other', 'fluxforce_whatsapp.group_whatsapp_author',
                               company_id=other.id, company_ids=[Command.set(other.ids)])
        self.draft()

        self.assertFalse(self.env['fluxforce.whatsapp.template.draft'].with_user(author).search([]))

    # --- Two people ------------------------------------------------------------------------------------------

    def test_who_saves_second_is_told_and_undoes_nothing(self):
        draft = self.draft()
        seen = draft.version
        draft.with_user(self.approver).write({'footer': 'Bicycles Ltd.', 'seen_version': seen})

        with self.assertRaisesRegex(UserError, 'Arne Approver has changed this draft since you opened it'):
            draft.write({'footer': 'My shop', 'seen_version': seen})

        self.assertEqual(draft.footer, 'Bicycles Ltd.')

    def test_the_same_person_saves_again_and_again(self):
        draft = self.draft()

        for text in ('One', 'Two'):
            draft.write({'footer': text, 'seen_version': draft.version})

        self.assertEqual(draft.footer, 'Two')

    # --- Languages -------------------------------------------------------------------------------------------

    def test_another_language_begins_as_a_copy(self):
        draft = self.draft(header_kind='IMAGE', header_file=PIXEL, header_filename='parcel.png', button_ids=[
            Command.create({'kind': 'QUICK_REPLY', 'text': 'Thanks'})])
        wizard = self.env['fluxforce.whatsapp.template.translate'].with_user(self.author).create({
            'draft_id': draft.id, 'language': 'es'})
        self.assertEqual(wizard.present, 'English')

        copy = draft.browse(wizard.action_confirm()['res_id'])

        self.assertEqual((copy.name, copy.language, copy.state), ('parcel_left', 'es', 'draft'))
        self.assertEqual((copy.button_ids.text, copy.header_filename), ('Thanks', 'parcel.png'))
        self.assertEqual(copy.variable_ids.filtered(lambda one: one.name == 'first_name').sample, 'Mira')
        self.assertEqual((copy | draft).mapped('language_count'), [2, 2])
        self.assertEqual(set(self.env['fluxforce.whatsapp.template.draft'].search(
            draft.action_open_languages()['domain'])), set(copy | draft))

    def test_languages_are_called_as_the_reader_knows_them(self):
        self.env['res.lang']._activate_lang('es_ES')
        labels = dict(self.env['fluxforce.whatsapp.template.draft'].with_context(
            lang='es_ES').fields_get(['language'])['language']['selection'])

        self.assertEqual((labels['de'], labels['pt_BR']), ('Alemán', 'Portugués (Brasil)'))

    # --- Change what is at Meta ------------------------------------------------------------------------------

    def change(self, template, user=None):
        action = template.with_user(user or self.author).action_change()
        return self.env['fluxforce.whatsapp.template.draft'].with_user(user or self.author).browse(action['res_id'])

    def test_a_change_begins_with_what_meta_holds(self):
        draft = self.change(self.marketing_template)

        self.assertEqual((draft.name, draft.category, draft.parameter_format, draft.header_text),
                         ('spring_offer', 'MARKETING', 'positional', 'Spring is here'))
        self.assertEqual(draft.button_ids.mapped('text'), ['Stop promotions'])
        variable = draft.variable_ids
        self.assertEqual((variable.sample, variable.source, variable.field_path), ('Mira', 'field', 'name'))
        self.assertEqual(draft.spec['components'][1], self.marketing_template.components[0])

    def test_the_change_under_way_is_opened_again(self):
        self.assertEqual(self.change(self.marketing_template), self.change(self.marketing_template, self.approver))

    def test_what_changes_is_shown_word_by_word(self):
        draft = self.change(self.utility_template)
        draft.body = 'Hi {{1}}, your parcel {{2}} is on its way.'

        self.assertIn('Compared with what Meta holds now', draft.diff_base)
        self.assertIn('<del>order</del><ins>parcel</ins>', draft.diff)

    def test_name_and_language_stay_as_meta_knows_them(self):
        draft = self.change(self.utility_template)

        with self.assertRaisesRegex(UserError, 'Meta knows this template already'):
            draft.name = 'order_update_2'

    def test_a_carousel_is_read_back(self):
        card = {'components': [
            {'type': 'header', 'format': 'image', 'example': {'header_handle': ['https://example.com/x']}},
            {'type': 'body', 'text': 'The city bicycle.'},
            {'type': 'buttons', 'buttons': [{'type': 'quick_reply', 'text': 'More'}]}]}
        self.env['fluxforce.whatsapp.template']._sync(self.account, [template_row(
            '1', 'bicycles', 'Look at these.', 'MARKETING', more=({'type': 'CAROUSEL', 'cards': [card, card]},))])
        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'bicycles')])

        draft = self.change(template)

        self.assertEqual(draft.card_ids.mapped('body'), ['The city bicycle.', 'The city bicycle.'])
        self.assertEqual(draft.card_ids.button_ids.mapped('text'), ['More', 'More'])
