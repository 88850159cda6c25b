import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from ..models import fluxforce_whatsapp_file as file
from ..models import fluxforce_whatsapp_template_draft_card as draft_card
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

    def test_a_film_is_known_by_its_beginning(self):
        """Not every server has the library that knows films."""
        film = base64.b64encode(b'\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41')
        for module in (draft_card, file):
            self.startPatcher(patch.object(module, 'guess_mimetype', lambda content: 'application/octet-stream',
                                           create=True))

        draft = self.draft(header_kind='VIDEO', header_file=film, header_filename='parcel.mp4')

        self.assertEqual([sample[-1] for sample in draft._samples()], ['video/mp4'])

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

    def test_a_variable_named_like_a_field_without_words_is_asked_for(self):
        for name in ('image_1920', 'signup_type'):
            variable = self.draft(name=f'parcel_{name}', body=f'Hi {{{{{name}}}}}, we are open again.').variable_ids
            with self.subTest(name):
                self.assertEqual((variable.source, variable.field_path), ('free', False))

    def test_what_no_record_can_give_is_told_while_writing(self):
        draft = self.draft(body='Hi {{name}}, we are open again.')
        self.assertFalse(draft.mapping_problem)

        draft.model_id = self.env['ir.model']._get('fluxforce.whatsapp.account')

        self.assertFalse(draft.mapping_problem)
        draft.variable_ids.field_path = 'company_id.name'
        draft.model_id = self.env['ir.model']._get('mail.blacklist')
        self.assertIn('"company_id.name" is no field of', draft.mapping_problem)

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

    def test_a_template_that_is_archived_here_keeps_its_name_at_meta(self):
        self.utility_template.active = False

        self.assertIn(('name', 'name_taken'), self.codes(self.draft(name='order_update')))

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

    def test_nobody_begins_with_an_approved_draft_by_way_of_a_default(self):
        """Defaults come with any call, in its context, and each user may keep some."""
        self.env['ir.default'].set(
            'fluxforce.whatsapp.template.draft', 'submitted_by', self.approver.id, self.author.id)
        drafts = self.env['fluxforce.whatsapp.template.draft'].with_user(self.author).with_context(
            default_state='ready', default_template_id=self.utility_template.id, default_reviewed_by=self.approver.id)

        draft = drafts.create({'account_id': self.account.id, 'name': 'parcel_left', 'body': 'Your parcel has left.'})

        self.assertEqual((draft.state, draft.version), ('draft', 1))
        self.assertFalse(draft.template_id or draft.reviewed_by or draft.submitted_by)

    def test_nor_when_a_template_is_changed(self):
        template = self.utility_template.with_user(self.author).with_context(default_state='ready')
        draft = self.env['fluxforce.whatsapp.template.draft'].browse(template.action_change()['res_id'])

        self.assertEqual((draft.state, draft.template_id), ('draft', self.utility_template))

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

    def test_the_file_that_is_sent_goes_along(self):
        draft = self.draft(header_kind='IMAGE', header_file=PIXEL, header_filename='parcel.png')
        media = draft.variable_ids.filtered(lambda one: one.key == 'header:media')
        media.write({'source': 'file', 'file': PIXEL, 'file_name': 'spring.png'})

        copied = draft.copy({'language': 'es'}).variable_ids.filtered(lambda one: one.key == 'header:media')

        self.assertEqual((copied.file, copied.file_name), (PIXEL, 'spring.png'))
        self.assertNotEqual(copied.attachment_id, media.attachment_id)

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

    def test_what_is_chosen_beside_the_text_is_shown_as_well(self):
        draft = self.change(self.utility_template)
        draft.write({'category': 'MARKETING', 'ttl_seconds': 50_000})

        self.assertIn('<del>Utility</del><ins>Marketing</ins>', draft.diff)
        self.assertIn('<ins>50000</ins>', draft.diff)

    def test_a_time_to_live_stays_when_the_text_changes(self):
        self.utility_template.ttl_seconds = 600

        self.assertEqual(self.change(self.utility_template).spec['message_send_ttl_seconds'], 600)

    def test_a_sign_in_code_is_changed(self):
        self.sync_one('code', '*{{1}}* is your verification code.', 'AUTHENTICATION', more=(
            {'type': 'FOOTER', 'text': 'This code expires in 10 minutes.', 'code_expiration_minutes': 10},
            {'type': 'BUTTONS', 'buttons': [{
                'type': 'URL', 'text': 'Copy code',
                'url': 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}'}]}))
        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'code')])

        draft = self.change(template)
        draft.expiration_minutes = 5

        self.assertFalse(draft.error_count, draft.problems)
        self.assertEqual((draft.button_ids.kind, draft.button_ids.otp_type), ('OTP', 'COPY_CODE'))
        self.assertIn('<del>10</del><ins>5</ins>', draft.diff)
        self.assertNotIn('verification', draft.diff)

    def test_what_a_change_would_drop_is_named_instead(self):
        self.sync_one('call_me', 'May we call you?', more=({'type': 'CALL_PERMISSION_REQUEST'},))
        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', 'call_me')])

        with self.assertRaisesRegex(UserError, 'CALL_PERMISSION_REQUEST. Change it in WhatsApp Manager'):
            self.change(template)

    def sync_one(self, name, text, category='UTILITY', **values):
        self.env['fluxforce.whatsapp.template']._sync(self.account, [
            template_row('1', name, text, category, **values)])

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
