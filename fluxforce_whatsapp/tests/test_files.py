import base64
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from .common import WhatsappCommon, inbound_payload, status_payload
from .fake_meta import PHONE_ID, PHONE_ID_2, template_row
from .test_media import OGG, PDF, PNG

PRINTING = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_printing'
MB = 1024 * 1024
# Of the files for any number of records.
QUERIES = 8
UNKNOWN_MEDIA = {
    'code': 100, 'message': "Param image['id'] is not a valid whatsapp business account media attachment ID"}


class FilesCase(WhatsappCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picture_template = cls.with_header('IMAGE', '9101', 'picture')
        cls.document_template = cls.with_header('DOCUMENT', '9102', 'paper')
        cls.logo = cls.file('logo.png', PNG)

    @classmethod
    def with_header(cls, form, template_id, name):
        header = {'type': 'HEADER', 'format': form, 'example': {'header_handle': ['4::a']}}
        cls.env['fluxforce.whatsapp.template']._sync(cls.account, [
            *cls.meta.templates, *getattr(cls, 'rows', ()),
            template_row(template_id, name, 'Look at this.', more=(header,))])
        cls.rows = (*getattr(cls, 'rows', ()), template_row(template_id, name, 'Look at this.', more=(header,)))
        return cls.env['fluxforce.whatsapp.template'].search([('name', '=', name)])

    @classmethod
    def file(cls, name, content, **values):
        return cls.env['ir.attachment'].create({'name': name, 'raw': content, **values})

    def map_file(self, template, attachment=None, **values):
        values = {'source': 'file', 'attachment_id': (attachment or self.logo).id, **values}
        template.variable_ids.write(values)

    def sent_file(self, send):
        """:return: what a send says about its header"""
        parameter = send['template']['components'][0]['parameters'][0]
        return parameter[parameter['type']]

    @property
    def uploads(self):
        return self.env['fluxforce.whatsapp.upload'].search([], order='id')


@tagged('post_install', '-at_install')
class TestUpload(FilesCase):
    """Files are brought to Meta once, before the messages that carry them."""

    def setUp(self):
        super().setUp()
        self.map_file(self.picture_template)

    def test_a_message_waits_for_its_file_and_goes_when_it_is_there(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.assertEqual((message.state, message.reason, message.due_at), ('held', 'file', False))
        self.run_sender()
        self.assertFalse(self.meta.sends)

        self.bring_files()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')
        upload, = self.meta.uploads
        self.assertEqual((upload['file'], upload['filename'], upload['type']), (PNG, 'logo.png', 'image/png'))
        self.assertEqual(self.sent_file(self.meta.sends[0]), {'id': self.uploads.media_id})

    def test_one_file_is_brought_once_for_many_messages(self):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 12{3100 + index}'} for index in range(30)])
        self.queue_agreed(people, self.picture_template)

        self.bring_files()
        self.run_sender()

        self.assertEqual((len(self.meta.uploads), len(self.meta.sends)), (1, 30))

    def test_each_number_needs_its_own(self):
        self.give_consent(self.ana | self.ben)
        self.queue(self.ana, self.picture_template)
        self.queue(self.ben, self.picture_template, number=self.number_2)

        self.bring_files()
        self.run_sender()

        self.assertEqual({call.path.split('/')[2] for call in self.meta.called('media')}, {PHONE_ID, PHONE_ID_2})
        self.assertEqual(len({self.sent_file(send)['id'] for send in self.meta.sends}), 2)

    def test_what_is_at_meta_is_not_waited_for(self):
        self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()

        message = self.queue_agreed(self.ben, self.picture_template)

        self.assertEqual(message.state, 'queued')
        self.bring_files()
        self.assertEqual(len(self.meta.uploads), 1)

    def test_after_a_month_it_is_brought_anew(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()
        self.uploads.until = fields.Datetime.now() - timedelta(seconds=1)
        self.run_sender()
        self.assertEqual((message.state, message.reason), ('held', 'file'))

        self.bring_files()
        self.run_sender()

        self.assertEqual((message.state, len(self.meta.uploads)), ('accepted', 2))

    def test_a_planned_message_keeps_its_moment(self):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        self.give_consent(self.ana)
        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)
        draft, = outbox._prepare_drafts(self.ana, self.picture_template, self.number)

        message = outbox._enqueue([{**draft, 'due_at': tomorrow}]).sudo()
        self.bring_files()

        self.assertEqual((message.state, message.due_at), ('queued', tomorrow))
        self.assertEqual(len(self.meta.uploads), 1)

    def test_looking_ahead_brings_nothing(self):
        self.give_consent(self.ana)
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(
            self.ana, self.picture_template, self.number)

        verdict, = self.env['fluxforce.whatsapp.gate']._judge(drafts)

        self.assertEqual(verdict.action, 'allow')
        self.assertFalse(self.uploads)

    def test_who_is_refused_costs_no_upload(self):
        message = self.queue(self.ana, self.picture_template)

        self.assertEqual((message.state, self.uploads.ids), ('refused', []))

    def test_a_lost_release_is_found_again(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()
        message.write({'state': 'held', 'reason': 'file', 'due_at': False})

        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_a_killed_upload_is_done_again_and_the_message_goes_once(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.uploads.write({'state': 'uploading', 'claimed_at': fields.Datetime.now() - timedelta(hours=1)})

        self.bring_files()
        self.uploads.next_at = fields.Datetime.now()
        self.bring_files()
        self.run_sender()

        self.assertEqual((message.state, len(self.meta.sends)), ('accepted', 1))

    def test_what_another_worker_uploads_is_left_to_it(self):
        self.queue_agreed(self.ana, self.picture_template)
        self.uploads.write({'state': 'uploading', 'claimed_at': fields.Datetime.now()})

        self.bring_files()

        self.assertFalse(self.meta.uploads)

    # --- Trouble ---------------------------------------------------------------------------------------------

    def test_a_broken_line_is_tried_again_with_pauses(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.meta.fail('media', OSError('cut'))
        self.bring_files()
        self.assertEqual((self.uploads.state, self.uploads.problem), ('waiting', 'unreachable'))
        self.assertGreater(self.uploads.next_at, fields.Datetime.now())
        self.meta.heal()

        self.uploads.next_at = fields.Datetime.now()
        self.bring_files()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_after_the_last_try_the_messages_are_parked_with_the_reason(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.meta.fail('media', OSError('cut'))
        for __ in range(6):
            self.uploads.next_at = fields.Datetime.now()
            self.bring_files()

        self.assertEqual((self.uploads.state, message.state, message.reason), ('failed', 'held', 'no_file'))
        self.assertIn('WhatsApp was not reached', message.explanation)

    def test_a_refusal_parks_the_messages_and_a_person_tries_again(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.meta.fail('media', 131053)
        self.bring_files()
        self.assertEqual((self.uploads.state, message.reason), ('failed', 'no_file'))
        self.meta.heal()

        message.action_retry()
        self.run_sender()
        self.bring_files()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_one_bad_file_does_not_keep_the_others(self):
        bad = self.file('bad.png', PNG + b'more')
        message = self.queue_agreed(self.ana, self.picture_template)
        self.map_file(self.picture_template, bad)
        lost = self.queue_agreed(self.ben, self.picture_template)
        self.env.cr.execute("UPDATE ir_attachment SET checksum = 'other' WHERE id = %s", [bad.id])
        self.uploads.filtered(lambda upload: upload.attachment_id == bad).checksum = 'other'

        self.bring_files()
        self.run_sender()

        self.assertEqual((message.state, lost.state, lost.reason), ('accepted', 'held', 'no_file'))

    def test_a_file_that_was_deleted_meanwhile_is_told(self):
        picture = self.file('soon.png', PNG + b'gone')
        self.map_file(self.picture_template, picture)
        message = self.queue_agreed(self.ana, self.picture_template)
        picture.unlink()

        self.bring_files()

        self.assertEqual((message.state, message.reason), ('held', 'no_file'))
        self.assertIn('The file was deleted', message.explanation)

    def test_an_expired_token_stops_the_account_and_the_file_waits(self):
        self.queue_agreed(self.ana, self.picture_template)
        self.meta.fail('media', 190)

        self.bring_files()

        self.assertEqual((self.account.state, self.uploads.state), ('error', 'waiting'))
        self.meta.heal()
        self.bring_files()
        self.assertEqual(len(self.meta.uploads), 1)

        self.account.state = 'connected'
        self.env['fluxforce.whatsapp.message']._release_held(self.account)
        self.bring_files()

        self.assertEqual((self.uploads.state, len(self.meta.uploads)), ('done', 2))

    def test_only_an_administrator_has_files_tried_again(self):
        self.queue_agreed(self.ana, self.picture_template)
        self.meta.fail('media', 131053)
        self.bring_files()

        with self.assertRaises(AccessError):
            self.uploads.with_user(self.salesperson).action_upload_again()
        self.uploads.with_user(self.whatsapp_admin).action_upload_again()

        self.assertEqual(self.uploads.state, 'waiting')

    def test_a_file_meta_has_lost_is_brought_anew_once(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()
        self.meta.fail('messages', UNKNOWN_MEDIA)
        self.run_sender()
        self.assertEqual((message.state, message.reason, self.uploads.state), ('held', 'file', 'waiting'))
        self.meta.heal()

        self.bring_files()
        self.run_sender()

        self.assertEqual((message.state, len(self.meta.uploads), len(self.meta.sends)), ('accepted', 2, 2))

    def test_a_file_meta_never_takes_is_not_brought_for_ever(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()
        self.meta.fail('messages', UNKNOWN_MEDIA)
        self.run_sender()
        self.bring_files()
        self.run_sender()

        self.assertEqual((message.state, message.error_code, len(self.meta.uploads)), ('failed', 100, 2))

    def test_a_failure_reported_later_has_the_next_message_bring_it_anew(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()
        self.run_sender()
        self.receive(status_payload(message.wamid, 'failed', error=131053))
        self.assertEqual(message.state, 'failed')

        self.queue_agreed(self.ben, self.picture_template)
        self.bring_files()

        self.assertEqual(len(self.meta.uploads), 2)

    # --- Tidying up ------------------------------------------------------------------------------------------

    def test_what_has_had_its_time_is_forgotten(self):
        self.queue_agreed(self.ana, self.picture_template)
        self.bring_files()
        self.run_sender()
        self.uploads.until = fields.Datetime.now() - timedelta(days=8)

        self.env['fluxforce.whatsapp.upload']._gc_ended()

        self.env.invalidate_all()
        self.assertFalse(self.uploads)

    def test_the_file_of_a_template_outlives_the_texts_that_are_wiped(self):
        message = self.queue_agreed(self.ana, self.picture_template)
        self.assertEqual(self.chatter(self.ana).attachment_ids, self.logo)

        message.state = 'accepted'
        self.env['fluxforce.whatsapp.wiping']._wipe_sent(message)

        self.assertTrue(self.logo.exists())
        self.assertFalse(message.attachment_id | self.chatter(self.ana).attachment_ids)


@tagged('post_install', '-at_install')
class TestHeaders(FilesCase):
    """Where the file in the header of a template comes from."""

    def value(self, template, partner=None, **free_values):
        partners = (partner or self.ana).with_user(self.salesperson)
        return template._values_for(partners, free_values)[partners.id].get('header:media')

    def test_a_field_of_the_record_with_a_picture(self):
        self.ana.image_1920 = base64.b64encode(PNG)
        self.map_file(self.picture_template, source='field', field_path='image_1920')

        value = self.value(self.picture_template)

        kept = self.env['ir.attachment'].search([
            ('res_model', '=', 'res.partner'), ('res_field', '=', 'image_1920'), ('res_id', '=', self.ana.id)])
        self.assertEqual((value['attachment'], value['checksum'], value['filename']),
                         (kept.id, kept.checksum, 'Ana Costa.png'))
        self.assertIsNone(self.value(self.picture_template, self.ben))

    def test_a_field_with_the_address_of_a_file(self):
        self.ana.website = 'https://shop.example.com/spring.png'
        self.map_file(self.picture_template, source='field', field_path='website')

        self.assertEqual(self.value(self.picture_template), {'link': 'https://shop.example.com/spring.png'})

    def test_a_field_that_holds_no_file_is_refused(self):
        for path in ('country_id', 'avatar_128', 'active'):
            with self.subTest(path=path), self.assertRaisesRegex(ValidationError, 'holds no file'):
                self.map_file(self.picture_template, source='field', field_path=path)

    def test_a_file_chosen_at_sending(self):
        self.map_file(self.picture_template, source='free')
        mine = self.env['ir.attachment'].with_user(self.salesperson).create({'name': 'mine.png', 'raw': PNG})

        value = self.value(self.picture_template, **{'header:media': mine})

        self.assertEqual(value['attachment'], mine.id)

    def test_a_file_of_somebody_else_is_not_handed_out(self):
        self.map_file(self.picture_template, source='free')
        theirs = self.env['ir.attachment'].create({'name': 'theirs.png', 'raw': PNG, 'res_model': 'res.users.log',
                                                   'res_id': 0}).with_user(self.salesperson)

        with self.assertRaises(AccessError):
            self.value(self.picture_template, **{'header:media': theirs})

    def test_an_administrator_chooses_the_file_on_the_template(self):
        template = self.picture_template.with_user(self.whatsapp_admin)
        with Form(template) as form, form.variable_ids.edit(0) as line:
            line.source, line.file_name, line.file = 'file', 'spring.png', base64.b64encode(PNG)

        attachment = template.variable_ids.attachment_id
        self.assertEqual((attachment.name, attachment.raw, attachment.res_id),
                         ('spring.png', PNG, template.variable_ids.id))
        self.assertFalse(template.mapping_problem)
        self.assertEqual(self.value(self.picture_template)['filename'], 'spring.png')

    def test_a_file_that_is_missing_is_told_on_the_template(self):
        self.picture_template.variable_ids.source = 'file'

        self.assertIn('Variable Picture: the file is missing', self.picture_template.mapping_problem)

    def values_of_many(self, count):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 13{1000 + index}', 'image_1920': base64.b64encode(PNG)}
            for index in range(count)]).with_user(self.salesperson)
        self.map_file(self.picture_template, source='field', field_path='image_1920')
        self.value(self.picture_template)
        self.env.flush_all()
        people.invalidate_recordset()
        return people

    def assertQueriesFor(self, count):
        people = self.values_of_many(count)
        with self.assertQueryCount(QUERIES):
            values = self.picture_template._values_for(people)
        self.assertEqual(len([value for value in values.values() if value['header:media']['attachment']]), count)

    def test_ten(self):
        self.assertQueriesFor(10)

    def test_a_hundred(self):
        self.assertQueriesFor(100)

    def test_an_administrator_cannot_hand_out_what_they_may_not_read(self):
        secret = self.file('salaries.png', PNG, res_model='ir.mail_server', res_id=0)

        with self.assertRaises(AccessError):
            self.picture_template.variable_ids.with_user(self.whatsapp_admin).write({
                'source': 'file', 'attachment_id': secret.id})

    def test_a_field_with_a_file_the_sender_may_not_read_is_refused(self):
        secret = self.file('secret.png', PNG, res_model='ir.mail_server', res_id=0)
        self.env['ir.model.fields'].create({
            'name': 'x_paper_id', 'model_id': self.env['ir.model']._get_id('res.partner'), 'ttype': 'many2one',
            'relation': 'ir.attachment', 'state': 'manual'})
        self.addCleanup(self.registry.reset_changes)
        self.ana.x_paper_id = secret
        self.map_file(self.picture_template, source='field', field_path='x_paper_id')

        with self.assertRaisesRegex(AccessError, 'cannot be read with your rights'):
            self.value(self.picture_template)

    # --- What Meta would not take ----------------------------------------------------------------------------

    def test_a_file_that_does_not_fit_is_refused_where_it_is_chosen(self):
        for name, content, told in (
            ('big.png', PNG + b'.' * 5 * MB, '"big.png" has 5 MB, WhatsApp takes 5 MB'),
            ('huge.png', PNG + b'.' * 30 * MB, '"huge.png" has 30 MB, WhatsApp takes 5 MB. Make it smaller'),
            ('text.png', b'no picture at all', '"text.png" is no picture WhatsApp takes. Save it as JPEG or PNG'),
            ('empty.png', b'', '"empty.png" is empty'),
        ):
            with self.subTest(file=name), self.assertRaisesRegex(ValidationError, f'Picture: {told}'):
                self.map_file(self.picture_template, self.file(name, content))

    def test_a_pdf_that_is_none_is_refused_whatever_its_name_says(self):
        with self.assertRaisesRegex(ValidationError, 'Document: "offer.pdf" is not a PDF, whatever its name says'):
            self.map_file(self.document_template, self.file('offer.pdf', b'<html>no</html>'))

    def test_a_field_with_a_wrong_file_refuses_that_message_alone_and_names_the_remedy(self):
        self.ana.image_1920 = base64.b64encode(PNG)
        self.env['ir.attachment'].create({
            'name': 'image_1920', 'res_model': 'res.partner', 'res_field': 'image_1920', 'res_id': self.ben.id,
            'raw': b'GIF89a' + b'.' * 20, 'mimetype': 'image/png'})
        self.map_file(self.picture_template, source='field', field_path='image_1920')

        first, second = self.queue_agreed(self.ana | self.ben, self.picture_template)

        self.assertEqual((first.state, second.state, second.reason), ('held', 'refused', 'missing_value'))
        self.assertIn('Picture: "image_1920" is no picture WhatsApp takes', second.explanation)

    # --- Printed reports -------------------------------------------------------------------------------------

    def report(self, **values):
        return self.env['ir.actions.report'].create({
            'name': 'Card', 'model': 'res.partner', 'report_name': 'fluxforce_whatsapp.no_such_template',
            'report_type': 'qweb-pdf', 'print_report_name': "'Card of %s' % object.name", **values})

    def printer(self, content=PDF, seen=None):
        """What prints, without the program that does."""
        def render(reports, report_ref, res_ids=None, data=None):
            if seen is not None:
                seen.append((reports.env.user, reports.env.lang, res_ids))
            if isinstance(content, Exception):
                raise content
            return content(res_ids) if callable(content) else (content, 'pdf')
        return patch.object(self.registry['ir.actions.report'], '_render_qweb_pdf', render)

    def test_a_report_is_printed_with_the_senders_rights_in_the_persons_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.ana.lang = 'es_ES'
        self.map_file(self.document_template, source='report', report_id=self.report().id)
        message, seen = self.queue_agreed(self.ana, self.document_template), []
        self.assertEqual((message.state, message.reason, message.to_print), ('held', 'file', True))

        with self.printer(seen=seen):
            self.bring_files()
        self.run_sender()

        self.assertEqual(seen, [(self.salesperson, 'es_ES', [self.ana.id])])
        self.assertEqual(message.state, 'accepted')
        self.assertEqual(self.sent_file(self.meta.sends[0])['filename'], 'Card of Ana Costa.pdf')
        attachment = self.chatter(self.ana).attachment_ids
        self.assertEqual((attachment.name, attachment.raw), ('Card of Ana Costa.pdf', PDF))
        self.assertEqual((attachment.res_model, attachment.res_id), ('res.partner', self.ana.id))

    def test_the_number_of_an_invoice_stays_whole_in_the_name_of_its_file(self):
        report = self.report(print_report_name="'INV/2026/%05d' % 10")

        self.assertEqual(self.env['fluxforce.whatsapp.printing']._file_name(report, self.ana), 'INV_2026_00010.pdf')

    @mute_logger(PRINTING)
    def test_a_report_that_fails_parks_its_message_and_no_other(self):
        self.map_file(self.document_template, source='report', report_id=self.report().id)
        first, second = self.queue_agreed(self.ana | self.ben, self.document_template)

        def render(res_ids):
            if res_ids == [self.ana.id]:
                raise ZeroDivisionError
            return PDF, 'pdf'

        with self.printer(render):
            self.bring_files()
        self.run_sender()

        self.assertEqual((first.state, first.reason, second.state), ('held', 'no_file', 'accepted'))
        self.assertIn('The report could not be printed', first.explanation)

    def test_a_report_that_is_no_pdf_is_not_sent(self):
        self.map_file(self.document_template, source='report', report_id=self.report().id)
        message = self.queue_agreed(self.ana, self.document_template)

        with self.printer(lambda res_ids: (b'<html>', 'html')):
            self.bring_files()

        self.assertEqual((message.state, message.reason), ('held', 'no_file'))
        self.assertIn('did not become a PDF', message.explanation)

    @mute_logger(PRINTING)
    def test_a_parked_report_is_printed_again_when_a_person_asks(self):
        self.map_file(self.document_template, source='report', report_id=self.report().id)
        message = self.queue_agreed(self.ana, self.document_template)
        with self.printer(ZeroDivisionError()):
            self.bring_files()

        message.action_retry()
        self.run_sender()
        with self.printer():
            self.bring_files()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_a_report_the_sender_may_not_print_is_refused(self):
        report = self.report(group_ids=self.env.ref('base.group_system').ids)
        self.map_file(self.document_template, source='report', report_id=report.id)

        message = self.queue_agreed(self.ana, self.document_template)

        self.assertEqual((message.state, message.reason), ('refused', 'missing_value'))
        self.assertIn('may not be printed by Selma Sales', message.explanation)

    def test_a_report_of_another_model_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'there is no report of Contact'):
            self.map_file(self.document_template, source='report', report_id=self.report(model='res.users').id)

    def test_what_was_cancelled_is_not_printed(self):
        self.map_file(self.document_template, source='report', report_id=self.report().id)
        message, seen = self.queue_agreed(self.ana, self.document_template), []
        message.with_user(self.salesperson).action_cancel()

        with self.printer(seen=seen):
            self.bring_files()

        self.assertEqual((message.state, seen, message.to_print), ('cancelled', [], False))


@tagged('post_install', '-at_install')
class TestAnswers(FilesCase):
    """Answers that are more than text, while the conversation is open."""

    def setUp(self):
        super().setUp()
        self.receive(inbound_payload('Can you send me the offer?', timestamp=int(fields.Datetime.now().timestamp())))
        self.paper = self.mine('offer.pdf', PDF)

    def mine(self, name, content):
        return self.env['ir.attachment'].with_user(self.salesperson).create({
            'name': name, 'raw': content, 'res_model': 'mail.compose.message', 'res_id': 0})

    def outbox(self):
        return self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)

    def answer(self, *files, text='', log=True):
        attachments = self.env['ir.attachment'].with_user(self.salesperson).concat(*files)
        return self.outbox()._enqueue_files(self.number, [
            (self.ana, '+447400123001', attachments, text, 'res.partner', self.ana.id)], log=log)

    def send_content(self, content, *reply_to):
        messages = self.outbox()._enqueue_contents(self.number, [
            (self.ana, '+447400123001', content, 'res.partner', self.ana.id, *reply_to)])
        self.bring_files()
        self.run_sender()
        return messages

    def test_several_files_become_several_messages_with_the_text_at_the_first(self):
        messages = self.answer(self.paper, self.mine('photo.png', PNG), text='Here it is')
        self.bring_files()
        self.run_sender()

        self.assertEqual(messages.mapped('kind'), ['document', 'image'])
        self.assertEqual(set(messages.mapped('state')), {'accepted'})
        paper, photo = sorted(self.meta.sends, key=lambda send: send['type'])
        self.assertEqual((paper['document']['caption'], paper['document']['filename']), ('Here it is', 'offer.pdf'))
        self.assertNotIn('caption', photo['image'])

    def test_a_sound_cannot_carry_the_text_so_it_goes_before(self):
        messages = self.answer(self.mine('voice.ogg', OGG), text='Listen')

        self.assertEqual(messages.mapped('kind'), ['text', 'audio'])
        self.assertEqual(messages[0].body, 'Listen')

    def test_the_chatter_shows_the_file_and_it_belongs_to_the_document(self):
        self.answer(self.paper, text='Here it is')

        shown = self.chatter(self.ana)[-1]
        self.assertEqual(shown.attachment_ids, self.paper)
        self.assertIn('Here it is', shown.body)
        self.assertEqual((self.paper.res_model, self.paper.res_id), ('res.partner', self.ana.id))

    def test_a_file_made_for_the_message_is_wiped_with_it(self):
        message = self.answer(self.paper)
        message.state = 'accepted'

        self.env['fluxforce.whatsapp.wiping']._wipe_sent(message)

        self.assertFalse(self.paper.exists())

    def test_a_file_whatsapp_does_not_take_is_told_before(self):
        for name, content, told in (('a.zip', b'PK\x03\x04' + b'.' * 30, 'is no document WhatsApp takes'),
                                    ('b.pdf', b'\x00\x01\x02', 'is no document WhatsApp takes'),
                                    ('c.png', PNG + b'.' * 6 * MB, 'WhatsApp takes 5 MB')):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, f'"{name}".*{told}'):
                self.answer(self.mine(name, content))

    def test_without_a_conversation_it_is_refused(self):
        message = self.outbox()._enqueue_files(self.number, [
            (self.ben, '+447400123002', self.paper, '', 'res.partner', self.ben.id)])

        self.assertEqual((message.state, message.reason), ('refused', 'outside_window'))
        self.assertFalse(self.uploads)

    def test_a_file_of_somebody_else_cannot_be_sent(self):
        theirs = self.file('theirs.pdf', PDF, res_model='res.users.log', res_id=0)

        with self.assertRaises(AccessError):
            self.answer(theirs)

    def test_every_kind_of_answer_goes_out_as_meta_wants_it(self):
        buttons = {'type': 'button', 'body': {'text': 'Shall we?'}, 'action': {'buttons': [
            {'type': 'reply', 'reply': {'id': 'yes', 'title': 'Yes'}}]}}
        place = {'latitude': 41.15, 'longitude': -8.61, 'name': 'Shop'}
        card = {'name': {'formatted_name': 'Ben Okafor', 'first_name': 'Ben'}, 'phones': [{'phone': '+447400123002'}]}
        for content, body in (
            ({'type': 'interactive', 'interactive': buttons}, 'Shall we?\n[Yes]'),
            ({'type': 'location', 'location': place}, 'Shop'),
            ({'type': 'contacts', 'contacts': [card]}, 'Ben Okafor'),
            ({'type': 'reaction', 'reaction': {'message_id': 'wamid.INBOUND1', 'emoji': '👍'}}, '👍'),
            ({'type': 'text', 'text': {'body': 'Of course'}}, 'Of course'),
        ):
            with self.subTest(kind=content['type']):
                message = self.send_content(content)
                self.assertEqual((message.kind, message.body, message.state), (content['type'], body, 'accepted'))
                self.assertEqual(self.meta.sends[-1]['type'], content['type'])
                self.let_pass(message, seconds=30)

    def test_an_answer_quotes_its_question(self):
        self.send_content({'type': 'text', 'text': {'body': 'Of course'}}, 'wamid.INBOUND1')

        self.assertEqual(self.meta.sends[-1]['context'], {'message_id': 'wamid.INBOUND1'})

    def test_a_header_with_a_file_waits_for_it(self):
        file = self.env['fluxforce.whatsapp.file']._value_of(self.paper, 'document')
        message = self.send_content({'type': 'interactive', 'interactive': {
            'type': 'button', 'body': {'text': 'Shall we?'}, 'header': {'type': 'document', 'document': file},
            'action': {'buttons': [{'type': 'reply', 'reply': {'id': 'yes', 'title': 'Yes'}}]}}})

        self.assertEqual(message.state, 'accepted')
        self.assertEqual(self.meta.sends[-1]['interactive']['header']['document']['id'], self.uploads.media_id)

    def test_what_whatsapp_would_refuse_is_told_before(self):
        with self.assertRaisesRegex(UserError, 'Remove some|takes'):
            self.send_content({'type': 'text', 'text': {'body': 'x' * 4097}})
