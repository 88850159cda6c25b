import base64
from datetime import timedelta

import requests

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import DesignCommon
from .fake_meta import app_row, refused_connection
from .test_template_draft import PIXEL

PDF = base64.b64encode(b'%PDF-1.4\n%%EOF')


class ApprovalCase(DesignCommon, TransactionCase):

    def said(self, draft):
        """:return: what the draft's chatter says."""
        return ' '.join(draft.sudo().message_ids.filtered('body').mapped('body'))

    def to_dos(self, user):
        return self.env['mail.activity'].search([
            ('res_model', '=', 'fluxforce.whatsapp.template.draft'), ('user_id', '=', user.id)])

    def alerts(self, kind):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', kind), ('state', '=', 'open')])

    def requests(self, draft):
        return self.env['fluxforce.whatsapp.template.request'].search([('draft_id', '=', draft.id)])


@tagged('post_install', '-at_install')
class TestReview(ApprovalCase):
    """Before a template goes to Meta somebody else reads it."""

    def test_the_reviewer_gets_a_to_do(self):
        draft = self.draft(reviewer_id=self.approver.id)

        draft.action_ask_review()

        self.assertEqual((draft.state, draft.reviewer_id), ('in_review', self.approver))
        self.assertIn('Review the template parcel_left', self.to_dos(self.approver).summary)

    def test_without_a_choice_who_is_responsible_reviews(self):
        self.account.user_id = self.approver
        draft = self.draft()

        draft.action_ask_review()

        self.assertEqual(draft.reviewer_id, self.approver)

    def test_nobody_approves_what_they_wrote(self):
        draft = self.draft(user=self.approver, reviewer_id=self.whatsapp_admin.id)
        draft.action_ask_review()

        self.assertFalse(draft.may_review)
        with self.assertRaisesRegex(UserError, 'You have written on parcel_left'):
            draft.action_approve()

    def test_nor_what_they_only_changed(self):
        draft = self.draft(reviewer_id=self.whatsapp_admin.id)
        draft.with_user(self.approver).footer = 'Bicycles Ltd.'
        draft.action_ask_review()

        with self.assertRaisesRegex(UserError, 'You have written on'):
            draft.with_user(self.approver).action_approve()

    def test_nor_what_they_changed_in_a_row(self):
        draft = self.draft(button_ids=[Command.create({'text': 'Thanks'})], reviewer_id=self.whatsapp_admin.id)
        draft.with_user(self.approver).button_ids.text = 'Thank you'
        draft.action_ask_review()

        self.assertFalse(draft.with_user(self.approver).may_review)

    def test_the_company_may_allow_it(self):
        self.company.whatsapp_own_review = True
        draft = self.draft(user=self.approver, reviewer_id=self.approver.id)
        draft.action_ask_review()

        draft.action_approve()

        self.assertEqual((draft.state, draft.reviewed_by), ('ready', self.approver))

    def test_an_author_approves_nothing(self):
        self.company.whatsapp_own_review = True
        draft = self.draft()
        draft.action_ask_review()

        with self.assertRaisesRegex(AccessError, 'Approver'):
            draft.action_approve()

    def test_without_anybody_who_may_review_it_is_said_what_to_do(self):
        self.env.ref('fluxforce_whatsapp.group_whatsapp_approver').sudo().all_user_ids.filtered(
            lambda user: user not in self.approver).active = False
        draft = self.draft(user=self.approver)

        with self.assertRaisesRegex(UserError, 'nobody who may review it'):
            draft.action_ask_review()

    def test_changes_are_asked_for_in_words(self):
        draft = self.draft(reviewer_id=self.approver.id)
        draft.action_ask_review()
        wizard = self.env['fluxforce.whatsapp.template.review'].with_user(self.approver).create({
            'draft_id': draft.id, 'note': 'Name the shop.'})

        wizard.action_confirm()

        self.assertEqual(draft.state, 'changes_asked')
        self.assertIn('Name the shop.', self.said(draft))
        self.assertFalse(self.to_dos(self.approver))
        self.assertIn('Name the shop.', self.to_dos(self.author).note)

    def test_a_second_review_shows_what_changed_since_the_first(self):
        draft = self.draft(reviewer_id=self.approver.id)
        draft.action_ask_review()
        draft.with_user(self.approver)._ask_changes('Name the shop.')

        draft.body = 'Hi {{first_name}}, your parcel has left Bicycles today.'

        self.assertIn('last reviewer read', draft.diff_base)
        self.assertIn('<ins>Bicycles</ins>', draft.diff)

    def test_the_text_stays_while_it_is_read(self):
        draft = self.draft()
        draft.action_ask_review()

        for write in (lambda: draft.write({'body': 'Hi.'}), lambda: draft.variable_ids.write({'sample': 'Eva'}),
                      lambda: draft.variable_ids.unlink()):
            with self.assertRaisesRegex(UserError, 'is "In Review"'):
                write()

    def test_what_changed_while_it_was_read_is_not_approved(self):
        draft = self.draft()
        draft.action_ask_review()
        read = draft.with_user(self.approver).with_context(seen_version=draft.version)
        draft.action_take_back()
        draft.button_ids = [Command.create({'kind': 'QUICK_REPLY', 'text': 'Thanks'})]
        draft.action_ask_review()

        with self.assertRaisesRegex(UserError, 'has changed since you opened it'):
            read.action_approve()

        read.with_context(seen_version=draft.version).action_approve()
        self.assertEqual(draft.state, 'ready')

    def test_nor_what_changed_in_a_row_of_it(self):
        draft = self.draft(button_ids=[Command.create({'kind': 'QUICK_REPLY', 'text': 'Thanks'})])
        draft.action_ask_review()
        read = draft.with_user(self.approver).with_context(seen_version=draft.version)
        draft.action_take_back()
        draft.button_ids.text = 'No thanks'
        draft.action_ask_review()

        with self.assertRaisesRegex(UserError, 'has changed since you opened it'):
            read.action_approve()

    def test_nothing_is_moved_into_a_draft_that_was_approved(self):
        ready = self.reviewed(name='parcel_ready')
        draft = self.draft(
            name='parcel_other', category='MARKETING',
            button_ids=[Command.create({'kind': 'URL', 'text': 'Pay', 'url': 'https://example.com'})],
            card_ids=[Command.create({'header_kind': 'IMAGE'})])

        for rows in (draft.button_ids, draft.card_ids):
            with self.subTest(rows._name), self.assertRaisesRegex(UserError, 'Take it back first'):
                rows.draft_id = ready

    def test_nor_into_the_draft_of_another(self):
        draft = self.draft(button_ids=[Command.create({'kind': 'QUICK_REPLY', 'text': 'Thanks'})])
        theirs = self.draft(user=self.approver, name='parcel_theirs')

        with self.assertRaises(AccessError):
            draft.button_ids.draft_id = theirs

    def test_what_was_approved_and_taken_back_is_reviewed_again(self):
        draft = self.reviewed()

        draft.action_take_back()

        self.assertEqual((draft.state, draft.reviewed_by), ('draft', self.env['res.users']))
        with self.assertRaisesRegex(UserError, 'is "Draft" by now'):
            draft.action_submit()

    def test_what_was_approved_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, 'kept as evidence'):
            self.reviewed().unlink()
        self.draft().unlink()


@tagged('post_install', '-at_install')
class TestSubmission(ApprovalCase):
    """To Meta and back."""

    def test_meta_gets_what_was_reviewed(self):
        draft = self.submitted()

        call = self.meta.called('message_templates')[0]
        self.assertEqual((call.method, call.body), ('POST', draft.spec))
        self.assertEqual((draft.state, draft.template_id.status), ('submitted', 'PENDING'))
        self.assertEqual(draft.template_id.body, draft.body)

    def test_nothing_goes_to_meta_without_review(self):
        draft = self.draft()

        with self.assertRaises(UserError):
            draft.action_submit()
        self.run_requests()
        self.assertFalse(self.meta.calls)

    def test_an_account_that_is_not_connected_is_named(self):
        draft = self.reviewed()
        self.account.state = 'error'

        with self.assertRaisesRegex(UserError, 'Simulated Bicycles is not connected'):
            draft.action_submit()

    def test_the_template_takes_over_the_mapping(self):
        draft = self.draft(body='Hi {{name}}, your parcel {{parcel}} has left our shop.')
        parcel = draft.variable_ids.filtered(lambda one: one.name == 'parcel')
        parcel.write({'source': 'field', 'field_path': 'ref', 'fallback': 'of today'})
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        draft.action_submit()
        self.run_requests()

        name, parcel = draft.template_id.variable_ids
        self.assertEqual((name.source, name.field_path), ('field', 'name'))
        self.assertEqual((parcel.source, parcel.field_path, parcel.fallback), ('field', 'ref', 'of today'))

    def test_a_sample_is_uploaded_first(self):
        self.meta.subscriptions = [app_row()]
        draft = self.submitted(header_kind='IMAGE', header_file=PIXEL, header_filename='parcel.png')

        sent = self.meta.called('message_templates')[-1].body
        handle, = sent['components'][0]['example']['header_handle']
        self.assertTrue(handle.startswith('4::'), handle)
        self.assertEqual(draft.state, 'submitted')

    def test_an_approval_by_webhook_is_told(self):
        draft = self.submitted()

        self.decide(draft, 'APPROVED')

        self.assertEqual((draft.state, draft.template_id.status), ('approved', 'APPROVED'))
        self.assertIn('Meta has approved it', self.said(draft))

    def test_an_approval_is_found_by_fetching_as_well(self):
        draft = self.submitted()
        self.meta.templates[-1]['status'] = 'APPROVED'

        self.account.action_sync_templates()

        self.assertEqual(draft.state, 'approved')

    def test_a_webhook_that_overtakes_the_answer_counts(self):
        draft = self.reviewed()
        draft.action_submit()
        job = self.env['fluxforce.whatsapp.template.request']
        with self.no_commit():
            claimed = job._claim()
            outcome = job._run(claimed)
            self.meta.templates[-1]['status'] = 'APPROVED'
            self.account.action_sync_templates()
            self.meta.templates[-1]['status'] = 'PENDING'
            self.decide_by_name(draft)
            job._record(claimed, outcome)

        self.assertEqual((draft.template_id.status, draft.state), ('APPROVED', 'approved'))

    def decide_by_name(self, draft):
        template = self.env['fluxforce.whatsapp.template'].search([('name', '=', draft.name)])
        # Meta's clock is behind ours.
        template._keep_told('status', fields.Datetime.now() - timedelta(seconds=5), '0APPROVED')

    def test_a_rejection_says_why_and_what_to_change(self):
        draft = self.submitted()

        self.decide(draft, 'REJECTED', reason='PROMOTIONAL')

        self.assertEqual(draft.state, 'rejected')
        self.assertIn('advertises', draft.meta_reason)
        self.assertIn('Leave out offers', draft.meta_remedy)
        self.assertIn('Leave out offers', self.to_dos(self.author).note)

    def test_what_meta_says_is_told_in_the_language_of_the_author(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.author.lang = 'es_ES'
        draft = self.submitted()
        self.assertIn('Aprobada', self.said(draft))

        self.decide(draft, 'REJECTED', reason='INVALID_FORMAT')

        self.assertIn('Meta ha rechazado la plantilla', draft.meta_reason)
        self.assertIn('Corregir la plantilla', self.to_dos(self.author).summary)

    def test_a_refusal_at_once_is_told_in_it_as_well(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.author.lang = 'es_ES'
        draft = self.reviewed()
        draft.action_submit()
        self.meta.fail('message_templates', 190)
        self.run_requests()

        self.assertIn('Meta rechaza el token', draft.meta_reason)

    def test_every_reason_has_a_remedy(self):
        wording = self.env['fluxforce.whatsapp.wording']
        for code in wording._rejection_words():
            with self.subTest(code=code):
                self.assertIn(code, wording._remedy_words())
        self.assertIn('another review', wording._rejection_remedy('SOMETHING_NEW'))

    def test_a_rejected_one_is_corrected_reviewed_and_changed_at_meta(self):
        draft = self.submitted()
        self.decide(draft, 'REJECTED', reason='INVALID_FORMAT')
        draft.action_take_back()
        draft.body = 'Hi {{first_name}}, your parcel has left our shop in Valencia today.'
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        draft.action_submit()
        self.run_requests()

        self.assertEqual(self.meta.called('template')[-2].method, 'POST')
        self.assertEqual((draft.state, draft.template_id.status), ('submitted', 'PENDING'))
        self.assertIn('Valencia', draft.template_id.body)

    def test_a_refusal_at_once_comes_back_with_metas_words(self):
        draft = self.reviewed()
        self.meta.fail('message_templates', {
            'code': 100, 'error_subcode': 2388299, 'message': 'Invalid parameter',
            'error_user_msg': 'Variables can not be at the start or end.'})
        draft.action_submit()

        self.run_requests()

        self.assertEqual(draft.state, 'rejected')
        self.assertIn('Variables can not be at the start or end', draft.meta_reason)
        self.assertFalse(draft.template_id)

    def test_a_token_that_expired_is_not_the_texts_fault(self):
        draft = self.reviewed()
        self.meta.fail('message_templates', 190)
        draft.action_submit()

        self.run_requests()

        self.assertEqual(draft.state, 'ready')
        self.assertIn('field Access Token', draft.meta_reason)

    def test_while_meta_is_not_reached_it_is_tried_again(self):
        draft = self.reviewed()
        self.meta.fail('message_templates', refused_connection())
        draft.action_submit()
        self.run_requests()
        self.assertEqual((draft.state, draft.is_waiting), ('submitted', True))
        self.assertIn('cannot be reached', draft.request_problem)

        self.meta.heal()
        self.requests(draft).next_at = fields.Datetime.now()
        self.run_requests()

        self.assertEqual((draft.is_waiting, draft.template_id.status), (False, 'PENDING'))

    def test_a_broken_connection_does_not_make_it_twice(self):
        draft = self.reviewed()
        draft.action_submit()
        create = self.meta._create_template

        def create_and_break(call):
            create(call)
            raise requests.ConnectionError('Connection reset')

        self.meta._create_template = create_and_break
        self.run_requests()
        self.requests(draft).next_at = fields.Datetime.now()
        self.run_requests()

        posts = [call for call in self.meta.called('message_templates') if call.method == 'POST']
        self.assertEqual(len(posts), 1)
        self.assertEqual((draft.state, draft.template_id.status), ('submitted', 'PENDING'))

    def test_a_killed_worker_leaves_nothing_behind(self):
        draft = self.reviewed()
        draft.action_submit()
        self.requests(draft).write({
            'state': 'calling', 'attempts': 1, 'claimed_at': fields.Datetime.now() - timedelta(hours=3)})

        self.run_requests()

        self.assertEqual(draft.template_id.status, 'PENDING')

    def test_a_submission_is_cancelled_until_meta_is_asked(self):
        draft = self.reviewed()
        draft.action_submit()
        draft.action_cancel_submission()
        self.run_requests()
        self.assertEqual((draft.state, self.meta.calls), ('ready', []))

        draft.action_submit()
        self.run_requests()
        with self.assertRaisesRegex(UserError, 'asked already'):
            draft.action_cancel_submission()

    def test_what_cannot_be_recorded_does_not_stop_the_others(self):
        first = self.reviewed()
        first.action_submit()
        second = self.reviewed(name='parcel_here')
        second.action_submit()
        taken = type(first)._taken

        def fail_once(draft, template):
            if draft == first:
                raise ValueError('Something nobody thought of')
            return taken(draft, template)

        self.patch(type(first), '_taken', fail_once)
        with mute_logger('odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_template_request'):
            self.run_requests()

        self.assertEqual((first.state, second.state), ('ready', 'submitted'))
        self.assertEqual(second.template_id.status, 'PENDING')

    def test_a_change_made_at_meta_after_the_review_is_not_undone(self):
        draft = self.change_of(self.utility_template, 'Dear {{1}}, your order {{2}} is on its way.')
        self.utility_template.components = [{
            'type': 'BODY', 'text': 'Hi {{1}}, order {{2}} left.', 'example': {'body_text': [['Mira', 'S00042']]}}]

        with self.assertRaisesRegex(UserError, 'changed at Meta after the review'):
            draft.action_submit()

    def test_a_template_that_is_deleted_at_meta_meanwhile_is_made_anew(self):
        draft = self.submitted()
        self.meta.templates = self.meta.templates[:-1]

        self.account.action_sync_templates()

        self.assertEqual((draft.state, draft.template_id), ('ready', self.env['fluxforce.whatsapp.template']))
        self.assertIn('deleted at Meta', draft.meta_reason)
        draft.action_submit()
        self.run_requests()
        self.assertEqual((draft.state, draft.template_id.status), ('submitted', 'PENDING'))

    def test_two_drafts_of_the_same_template_are_told_apart(self):
        self.draft()

        self.assertIn('name_taken', {one['code'] for one in self.draft().problems})

    def test_a_change_keeps_the_entry_in_the_actions_menu(self):
        self.utility_template.with_user(self.whatsapp_admin).action_add_to_menu()

        self.change_of(self.utility_template, 'Dear {{1}}, your order {{2}} is on its way.').action_submit()
        self.run_requests()

        self.assertTrue(self.utility_template.menu_action_id)

    def test_what_was_mapped_on_the_template_meanwhile_stays(self):
        draft = self.change_of(self.utility_template, 'Dear {{1}}, your order {{2}} is on its way.')
        second = self.utility_template.variable_ids[1]
        second.with_user(self.whatsapp_admin).write({'field_path': 'city', 'fallback': 'of yours'})

        draft.action_submit()
        self.run_requests()

        self.assertEqual((second.field_path, second.fallback), ('city', 'of yours'))

    def test_what_the_draft_maps_otherwise_counts(self):
        draft = self.env['fluxforce.whatsapp.template.draft'].with_user(self.author).browse(
            self.utility_template.with_user(self.author).action_change()['res_id'])
        draft.variable_ids[1].field_path = 'city'
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        draft.action_submit()
        self.run_requests()

        self.assertEqual(self.utility_template.variable_ids.mapped('field_path'), ['name', 'city'])

    def test_a_sample_serves_again_when_the_template_is_changed(self):
        self.meta.subscriptions = [app_row()]
        card = {'header_kind': 'IMAGE', 'header_file': PIXEL, 'header_filename': 'city.png', 'button_ids': [
            Command.create({'kind': 'QUICK_REPLY', 'text': 'More'})]}
        for values, sample in (
                ({'header_kind': 'IMAGE', 'header_file': PIXEL, 'header_filename': 'parcel.png'}, lambda one: one),
                ({'name': 'bicycles', 'category': 'MARKETING',
                  'card_ids': [Command.create(card), Command.create(card)]},
                 lambda one: one.card_ids[1])):
            draft = self.submitted(**values)
            self.decide(draft, 'APPROVED')

            change = draft.browse(draft.template_id.with_user(self.author).action_change()['res_id'])

            with self.subTest(draft.name):
                self.assertNotEqual(change, draft)
                self.assertEqual(sample(change).header_file, PIXEL)
                self.assertFalse(change.error_count, change.problems)

    def test_a_sample_goes_to_the_app_that_is_ours(self):
        self.meta.subscriptions = [app_row(), app_row(app_id='330000000000002')]
        draft = self.submitted(header_kind='IMAGE', header_file=PIXEL, header_filename='parcel.png')
        self.assertEqual(draft.state, 'ready')
        self.assertIn('Enter the Meta App ID of yours on the account', draft.meta_reason)

        self.account.with_user(self.whatsapp_admin).app_id = '330000000000002'
        draft.action_submit()
        self.run_requests()

        self.assertEqual(draft.state, 'submitted')
        self.assertIn('/330000000000002/uploads', self.meta.called('uploads')[-1].path)

    def test_a_change_of_a_choice_is_asked_for_again_after_a_broken_connection(self):
        draft = self.env['fluxforce.whatsapp.template.draft'].with_user(self.author).browse(
            self.utility_template.with_user(self.author).action_change()['res_id'])
        draft.ttl_seconds = 600
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        draft.action_submit()
        self.meta.fail('template', requests.exceptions.ConnectionError('cut'))
        self.run_requests()
        self.meta.heal()
        self.requests(draft).next_at = fields.Datetime.now()
        self.run_requests()

        self.assertEqual(self.meta.called('template')[-2].body.get('message_send_ttl_seconds'), 600)

    def test_a_report_and_a_file_go_along(self):
        report = self.env['ir.actions.report'].create({
            'name': 'Card', 'model': 'res.partner', 'report_type': 'qweb-pdf', 'report_name': 'base.card'})
        self.meta.subscriptions = [app_row()]
        draft = self.draft(header_kind='DOCUMENT', header_file=PDF, header_filename='card.pdf')
        draft.variable_ids.filtered(lambda one: one.key == 'header:media').write({
            'source': 'report', 'report_id': report.id})
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        draft.action_submit()
        self.run_requests()

        media = draft.template_id.variable_ids.filtered(lambda one: one.key == 'header:media')
        self.assertEqual((media.source, media.report_id), ('report', report))

    # --- Categories ------------------------------------------------------------------------------------------

    def test_a_category_that_meta_chose_itself_is_told(self):
        draft = self.submitted()
        draft.template_id.sudo().category = 'MARKETING'

        self.decide(draft, 'APPROVED')

        self.assertIn('Utility was asked for', self.alerts('template_category').detail)

    def test_a_category_that_is_going_to_change_is_told_when_fetched(self):
        self.meta.templates[1]['correct_category'] = 'MARKETING'

        self.account.action_sync_templates()
        self.account.action_sync_templates()

        alert = self.alerts('template_category')
        self.assertEqual((alert.template_id, alert.count), (self.utility_template, 1))

    # --- Quotas ----------------------------------------------------------------------------------------------

    def change_of(self, template, body):
        draft = self.env['fluxforce.whatsapp.template.draft'].with_user(self.author).browse(
            template.with_user(self.author).action_change()['res_id'])
        draft.body = body
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        return draft

    def test_an_approved_template_is_changed_once_a_day(self):
        draft = self.change_of(self.utility_template, 'Dear {{1}}, your order {{2}} is on its way.')
        draft.action_submit()
        self.run_requests()
        self.decide(draft, 'APPROVED')

        again = self.change_of(self.utility_template, 'Hello {{1}}, your order {{2}} is on its way.')

        self.assertNotEqual(again, draft)
        self.assertIn('next change of this approved template', again.quota)
        with self.assertRaisesRegex(UserError, 'once a day'):
            again.action_submit()

    def test_a_rejected_template_is_changed_at_any_time(self):
        draft = self.change_of(self.utility_template, 'Dear {{1}}, your order {{2}} is on its way.')
        draft.action_submit()
        self.run_requests()
        self.decide(draft, 'REJECTED', reason='INVALID_FORMAT')

        draft.action_take_back()

        self.assertIn('as often as needed', draft.quota)

    def test_a_template_in_review_is_not_changed(self):
        draft = self.change_of(self.pending_template, 'Hi {{1}}, the sale starts in May.')

        with self.assertRaisesRegex(UserError, 'this one is "In review"'):
            draft.action_submit()

    def test_the_category_of_an_approved_template_stays(self):
        draft = self.env['fluxforce.whatsapp.template.draft'].with_user(self.author).browse(
            self.utility_template.with_user(self.author).action_change()['res_id'])
        draft.category = 'MARKETING'
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()

        with self.assertRaisesRegex(UserError, 'category|Category'):
            draft.action_submit()

    def test_more_than_a_hundred_new_ones_an_hour_wait(self):
        self.env['fluxforce.whatsapp.template.request'].create([{
            'kind': 'create', 'account_id': self.account.id, 'name': f'old_{number}', 'state': 'done',
            'claimed_at': fields.Datetime.now() - timedelta(minutes=20)} for number in range(100)])
        draft = self.reviewed()
        draft.action_submit()

        self.run_requests()

        self.assertFalse(self.meta.calls)
        self.assertIn('100 new templates an hour', draft.request_problem)
        self.assertAlmostEqual(self.requests(draft).next_at, fields.Datetime.now() + timedelta(minutes=40),
                               delta=timedelta(minutes=1))

    # --- Deleting --------------------------------------------------------------------------------------------

    def delete(self, template, **values):
        self.env['fluxforce.whatsapp.template.delete'].with_user(self.approver).create({
            'template_id': template.id, 'confirmed_name': template.name, **values}).action_confirm()
        self.run_requests()

    def test_a_template_is_deleted_at_meta_and_its_name_is_blocked(self):
        self.delete(self.utility_template)

        call = self.meta.called('message_templates')[-1]
        self.assertEqual((call.method, call.params), ('DELETE', {'name': 'order_update', 'hsm_id': '9002'}))
        self.assertEqual((self.utility_template.status, self.utility_template.active), ('DELETED', False))
        draft = self.reviewed(name='order_update')
        with self.assertRaisesRegex(UserError, 'blocked there until'):
            draft.action_submit()
        self.reviewed(name='order_update', language='es').action_submit()

    def test_pressing_twice_asks_meta_once(self):
        template = self.utility_template.with_user(self.approver)
        template._delete_at_meta(False, 'order_update')

        with self.assertRaisesRegex(UserError, 'Meta is asked already'):
            template._delete_at_meta(True, 'order_update')

    def test_the_name_of_a_rejected_one_stays_free(self):
        self.utility_template.status = 'REJECTED'
        self.delete(self.utility_template)

        self.reviewed(name='order_update').action_submit()

    def test_all_languages_go_together(self):
        self.delete(self.utility_template, scope='all')

        self.assertEqual(self.meta.called('message_templates')[-1].params, {'name': 'order_update'})
        self.assertFalse(self.utility_template.active)

    def test_who_does_not_type_the_name_deletes_nothing(self):
        with self.assertRaisesRegex(UserError, 'enter order_update'):
            self.delete(self.utility_template, confirmed_name='order')
        self.assertFalse(self.meta.calls)

    def test_an_author_deletes_nothing_at_meta(self):
        with self.assertRaises(AccessError):
            self.utility_template.with_user(self.author).action_delete_at_meta()

    # --- History ---------------------------------------------------------------------------------------------

    def test_what_meta_changes_is_kept_with_its_time(self):
        self.utility_template.quality = 'RED'

        entries = self.utility_template.history_ids.filtered(lambda one: one.what == 'quality')
        self.assertEqual([(one.before_label, one.after_label) for one in entries],
                         [('Not rated yet', 'Low'), ('', 'Not rated yet')])

    def test_a_template_that_meta_tries_out_is_asked_to_go_on(self):
        self.utility_template.status = 'PAUSED'
        self.meta.templates[1]['status'] = 'PAUSED'

        self.utility_template.with_user(self.approver).action_unpause()
        self.run_requests()

        self.assertEqual(self.utility_template.status, 'APPROVED')

    def test_buttons_of_cards_are_submitted(self):
        card = {'header_kind': 'IMAGE', 'header_file': PIXEL, 'header_filename': 'a.png', 'button_ids': [
            Command.create({'kind': 'QUICK_REPLY', 'text': 'More'})]}
        self.meta.subscriptions = [app_row()]
        draft = self.submitted(category='MARKETING', card_ids=[Command.create(card), Command.create(card)])

        carousel = self.meta.called('message_templates')[-1].body['components'][-1]
        self.assertEqual(carousel['type'], 'CAROUSEL')
        self.assertEqual([part['type'] for part in carousel['cards'][1]['components']], ['HEADER', 'BUTTONS'])
        self.assertEqual(draft.state, 'submitted')
