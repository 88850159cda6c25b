import logging
import time

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

from ..cloud_api.const import HEADER_DOCUMENT
from ..cloud_api.media import file_name
from ..cloud_api.outgoing import files, replaced
from .conflicts import CONFLICTS, again_on_conflict
from .fluxforce_whatsapp_message import WAITING

_logger = logging.getLogger(__name__)


class FluxforceWhatsappPrinting(models.AbstractModel):
    """Prints the reports that messages bring along, one after the other, beside the sending.

    With the rights of who sends, in the language of the person. A report that cannot be printed parks its message and
    no other.
    """

    _name = 'fluxforce.whatsapp.printing'
    _description = 'WhatsApp Printing of Reports'

    @api.model
    def _wake(self):
        """Have reports printed soon. Call once per batch."""
        self.env.ref('fluxforce_whatsapp.ir_cron_print').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _ask(self, message_ids):
        """Have the reports of these messages printed, whatever was tried before."""
        if message_ids:
            # sudo: message - belongs to the sender
            self.env['fluxforce.whatsapp.message'].sudo().browse(message_ids).to_print = True
            self._wake()

    @api.model
    def _cron_print(self):
        """Print what is asked for while the scheduler has time; each is committed on its own."""
        try:
            while message := self._next():
                again_on_conflict(self.env, lambda message=message: self._print_guarded(message))
                if self.env['ir.cron']._commit_progress(1, remaining=self._count()) <= 0:
                    break
        except CONFLICTS:
            self.env.cr.rollback()
            _logger.warning('Printing for WhatsApp met other transactions again and again, trying again later')

    def _domain(self):
        return [('to_print', '=', True)]

    def _next(self):
        return self.env['fluxforce.whatsapp.message'].search(self._domain(), order='priority, id', limit=1)

    def _count(self):
        return self.env['fluxforce.whatsapp.message'].search_count(self._domain())

    # ------------------------------------------------------------
    # ONE MESSAGE
    # ------------------------------------------------------------

    def _print_guarded(self, message):
        """One report's trouble is no other's."""
        if message.state not in WAITING:
            message.to_print = False
            return
        try:
            with self.env.cr.savepoint():
                self._print(message)
        except CONFLICTS:
            raise
        except (AccessError, UserError) as error:
            self._give_up(message, str(error))
        except Exception as error:
            _logger.exception('The report of WhatsApp message %s could not be printed', message.id)
            self._give_up(message, self.env._(
                'The report could not be printed; the server\'s log has the error (%(kind)s).',
                kind=type(error).__name__))

    def _print(self, message):
        """Print, keep the file with the document, have it uploaded."""
        began = time.monotonic()
        made = [self._make(message, file) for __, file in files(message.values) if 'report' in file]
        for attachment in made:
            problem = self.env['fluxforce.whatsapp.file']._problem(attachment, 'document', in_header=True)
            if problem:
                raise UserError(problem)
        _logger.info('Printed for WhatsApp message %s in %.1f s', message.id, time.monotonic() - began)
        self._attach(message, iter(made))

    def _attach(self, message, made):
        value_of = self.env['fluxforce.whatsapp.file']._value_of
        values = replaced(message.values, lambda file: value_of(next(made), 'document', in_header=True)
                          if 'report' in file else file)
        found = [file for __, file in files(values)]
        uploads = self.env['fluxforce.whatsapp.upload']._ensure({
            (message.number_id.id, file['checksum']): (file, message.priority) for file in found})
        message.write({
            'values': values, 'to_print': False, 'own_file': True, 'attachment_id': found[0]['attachment'],
            'upload_ids': [fields.Command.set([upload.id for upload in uploads.values()])]})
        message._show_files()
        message._release_ready()

    def _give_up(self, message, words):
        message.to_print = False
        message._park(words)
        message._show_ticks()

    # ------------------------------------------------------------
    # ONE REPORT
    # ------------------------------------------------------------

    def _make(self, message, file):
        """:return: the printed report as an attachment of the document
        :raise UserError: it is not to be had
        """
        report_sudo = self.env['ir.actions.report'].sudo().browse(file['report']).exists()  # sudo: as core prints
        document = self._document(message, file)
        self._check_may_print(report_sudo, document)
        content, kind = self.env['ir.actions.report'].with_env(document.env)._render_qweb_pdf(
            report_sudo, [document.id])
        if kind != 'pdf' or not content.startswith(b'%PDF'):
            raise UserError(self.env._('The report "%(report)s" did not become a PDF. Ask an administrator whether '
                                       'reports can be printed.', report=report_sudo.name))
        # sudo: ir.attachment - of the document that its sender may read
        return self.env['ir.attachment'].sudo().create({
            'name': self._file_name(report_sudo, document), 'raw': content, 'mimetype': HEADER_DOCUMENT,
            'res_model': document._name, 'res_id': document.id})

    def _document(self, message, file):
        """:return: the document as its sender sees it, in the language of who gets it"""
        if message.res_model not in self.env:
            raise UserError(self.env._('The document of this message is gone.'))
        documents = self.env[message.res_model].with_user(message.create_uid).with_company(message.company_id)
        document = documents.with_context(lang=file.get('lang') or self.env.lang).browse(message.res_id)
        if not document.exists():
            raise UserError(self.env._('The document of this message is gone.'))
        return document

    @api.model
    def _check_may_print(self, report_sudo, document):
        """:raise UserError: the report is gone or not for this user."""
        if not report_sudo or report_sudo.model != document._name:
            raise UserError(self.env._('The report of this template is gone. Choose another one on the template.'))
        document.check_access('read')
        if report_sudo.group_ids and not report_sudo.group_ids & document.env.user.all_group_ids:
            raise AccessError(self.env._('The report "%(report)s" may not be printed by %(user)s.',
                                         report=report_sudo.name, user=document.env.user.name))

    @api.model
    def _file_name(self, report_sudo, document):
        """:return: as the report itself names its file; the strokes in the number of an invoice are no folders"""
        name = report_sudo.print_report_name and safe_eval(
            report_sudo.print_report_name, {'object': document, 'time': safe_time})
        name = str(name or report_sudo.name or '').replace('/', '_').replace('\\', '_')
        return file_name(name, self.env._('file'), HEADER_DOCUMENT)
