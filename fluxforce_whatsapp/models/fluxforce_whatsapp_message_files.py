from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..cloud_api import outgoing
from ..cloud_api.checks import PayloadError
from ..cloud_api.free_form import checked
from ..policy.gate import Action
from ..policy.wait import Wait
from .fluxforce_whatsapp_message import WAITING
from .fluxforce_whatsapp_reader import CONTENT_GROUP


class FluxforceWhatsappMessage(models.Model):
    """Messages that carry files, and answers that are more than text.

    What a file is called until Meta has it, see ``cloud_api.outgoing``. A message waits on hold for its files; the gate
    sees to it, at the claim too.
    """

    _inherit = 'fluxforce.whatsapp.message'

    # Its name may tell as much as the text.
    attachment_id = fields.Many2one('ir.attachment', 'File', readonly=True, copy=False, index='btree_not_null',
                                    ondelete='set null', groups=CONTENT_GROUP)
    own_file = fields.Boolean(readonly=True, copy=False,
                              help='The file was made for this message, so it is deleted with its text.')
    to_print = fields.Boolean(readonly=True, copy=False, help='Its report is still to be printed.')
    reply_to = fields.Char('Answer To', readonly=True, help='Meta\'s ID of the message that is quoted.')
    upload_ids = fields.Many2many('fluxforce.whatsapp.upload', 'fluxforce_whatsapp_message_upload_rel', 'message_id',
                                  'upload_id', 'Files at WhatsApp', readonly=True, copy=False, groups=CONTENT_GROUP)

    _to_print_idx = models.Index("(priority, id) WHERE to_print")

    # ------------------------------------------------------------
    # INTO THE OUTBOX
    # ------------------------------------------------------------

    @api.model
    def _enqueue_files(self, account_or_number, rows, log=True):
        """Put files into the outbox: answers to people who wrote in the last 24 hours, see the gate.

        Several files become several messages; the text goes with the first that can carry one, else before them.

        :param account_or_number: a number to write from, or an account: then each person's own.
        :param list rows: (contact or empty, E.164 number, attachments the user may read, text or '', model or False,
            id or False of the document in whose chatter it is shown)
        :return: the messages, as sudo: those of the first row, those of the second …
        :raise UserError: naming a file that WhatsApp does not take, and the remedy
        """
        return self._enqueue_contents(account_or_number, self._rows_of_files(rows), log=log)

    @api.model
    def _rows_of_files(self, rows):
        """:return: rows as :meth:`_enqueue_contents` takes them, of rows as :meth:`_enqueue_files` takes them"""
        return [(partner, phone, content, res_model, res_id)
                for partner, phone, attachments, text, res_model, res_id in rows
                for content in self._contents_of_files(attachments, text)]

    def _contents_of_files(self, attachments, text):
        """:return: the contents of the messages that bring these files and the text, in their order"""
        attachments.check_access('read')
        contents = [self._content_of_file(attachment) for attachment in attachments]
        if text:
            first = next((content for content in contents if content['type'] in ('image', 'video', 'document')), None)
            if first:
                first[first['type']]['caption'] = text
            else:
                contents.insert(0, {'type': 'text', 'text': {'body': text}})
        return contents

    def _content_of_file(self, attachment):
        file = self.env['fluxforce.whatsapp.file']
        kind = outgoing.kind_of(file._type_of(attachment))
        value = file._value_of(attachment, kind)
        if value.get('problem'):
            raise UserError(value['problem'])
        return {'type': kind, kind: value}

    @api.model
    def _enqueue_contents(self, account_or_number, rows, log=True):
        """Put answers of any kind into the outbox, see ``cloud_api.free_form`` and ``cloud_api.interactive``.

        :param account_or_number: a number to write from, or an account: then each person's own.
        :param list rows: (contact or empty, E.164 number, content, model or False, id or False of the document); a
            sixth part is Meta's id of the message that is answered
        :return: the messages, as sudo, in the order of ``rows``.
        :raise UserError: naming the part that WhatsApp would refuse
        """
        if not rows:
            return self.sudo()
        is_number = account_or_number._name == 'fluxforce.whatsapp.number'
        account = account_or_number.account_id if is_number else account_or_number
        number = account_or_number if is_number else None
        return self._enqueue(self._prepare_content_drafts(account, rows, number), log=log)

    @api.model
    def _prepare_content_drafts(self, account, rows, number=None):
        """Values of one message without a template each, nothing written; parameters as of the two above."""
        for row in rows:
            self._check_content(row[2])
        texts = [(partner, phone, outgoing.words(content), res_model, res_id)
                 for partner, phone, content, res_model, res_id, *__ in rows]
        drafts = self._prepare_text_drafts(account, texts, number)
        for draft, (__, __, content, __, __, *reply_to) in zip(drafts, rows, strict=True):
            # A text has its own column; so all of it is found and forgotten in one place.
            values = {} if content['type'] == 'text' else content
            draft.update(kind=content['type'], values=values, reply_to=next(iter(reply_to), False))
        return drafts

    def _check_content(self, content):
        try:
            checked(outgoing.assumed(content))
        except PayloadError as error:
            raise UserError(self.env['fluxforce.whatsapp.wording']._refusal(error)) from error

    @api.model
    def _prepare_files(self, drafts, verdicts):
        """Have the files of these drafts printed and uploaded.

        :return: by index of the draft, further values of its row
        """
        going = {index: found for index, (draft, verdict) in enumerate(zip(drafts, verdicts, strict=True))
                 if verdict.action in (Action.ALLOW, Action.HOLD) and (found := outgoing.files(draft['values']))}
        if not going:
            return {}
        uploads = self.env['fluxforce.whatsapp.upload']._ensure(self._wanted(drafts, going))
        result = {index: self._prepare_file_values(drafts[index], found, uploads, verdicts[index])
                  for index, found in going.items()}
        if any(values['to_print'] for values in result.values()):
            self.env['fluxforce.whatsapp.printing']._wake()
        return result

    def _wanted(self, drafts, going):
        """:return: what of it is to be uploaded, as :meth:`fluxforce.whatsapp.upload._ensure` takes it"""
        return {(drafts[index]['number_id'], file['checksum']): (file, drafts[index]['priority'])
                for index, found in going.items() for __, file in found if 'attachment' in file}

    def _prepare_file_values(self, draft, found, uploads, verdict):
        attached = [file for __, file in found if 'attachment' in file]
        mine = [uploads[draft['number_id'], file['checksum']] for file in attached]
        values = {
            'attachment_id': attached[0]['attachment'] if attached else False,
            'upload_ids': [Command.set([upload.id for upload in mine])],
            'to_print': len(attached) < len(found),
        }
        now = fields.Datetime.now()
        is_ready = not values['to_print'] and all(upload._is_good(now) for upload in mine)
        is_due = (draft.get('due_at') or now) <= now
        if verdict.action is Action.ALLOW and is_due and not is_ready:
            values.update(state='held', reason=Wait.FILE.value, due_at=False)
        return values

    def _draft_fields(self):
        return [*super()._draft_fields(), 'reply_to']

    def _prepare_again_draft(self):
        draft = super()._prepare_again_draft()
        return {**draft, 'reply_to': self.sudo().reply_to}  # sudo: message - whoever sends it again need not read it

    # ------------------------------------------------------------
    # WAITING FOR FILES
    # ------------------------------------------------------------

    @api.model
    def _files_here_domain(self):
        """:return: messages that wait for files which are all at Meta."""
        return (Domain('reason', '=', Wait.FILE.value) & Domain('to_print', '=', False)
                & ~Domain('upload_ids', 'any', [('state', '!=', 'done')]))

    def _release_ready(self):
        """Let those go whose files are all at Meta."""
        if self:
            self._release_waiting(Domain('id', 'in', self.ids) & self._files_here_domain())

    @api.model
    def _release_held(self, accounts):
        super()._release_held(accounts)
        self.env['fluxforce.whatsapp.upload']._resume(accounts)

    @api.model
    def _forgotten_domain(self):
        return super()._forgotten_domain() | self._files_here_domain()

    def _park(self, words):
        """Their file cannot be had: they wait for a person.

        :param str words: why, and what to do
        """
        waiting = self.filtered(lambda message: message.state in WAITING)
        waiting.write({'state': 'held', 'reason': Wait.NO_FILE.value, 'reason_detail': words[:500], 'due_at': False})

    def _wait_again(self):
        """A person has the file tried once more."""
        parked = self.filtered(lambda message: message.state == 'held' and message.reason == Wait.NO_FILE.value)
        parked.write({'reason': Wait.FILE.value, 'reason_detail': False})

    # ------------------------------------------------------------
    # SHOWN AND FORGOTTEN
    # ------------------------------------------------------------

    def _show_files(self):
        """Show the files with the messages in the chatter."""
        for attachment, messages in self.filtered('attachment_id').grouped('attachment_id').items():
            messages.mail_message_id.write({'attachment_ids': [Command.link(attachment.id)]})

    def _take_over_files(self):
        """What was uploaded to be sent belongs to the document from now on, as with core's own composer."""
        homeless = self.attachment_id.filtered(self._is_homeless)
        # What a template sends stays its own.
        homeless -= homeless and self.env['fluxforce.whatsapp.template.variable'].search(
            [('attachment_id', 'in', homeless.ids)]).attachment_id
        by_attachment = self.grouped('attachment_id')
        for attachment in homeless:
            message = by_attachment[attachment]
            if len(message) == 1:
                message.own_file = True
                if message.res_model and message.res_id:
                    attachment.write({'res_model': message.res_model, 'res_id': message.res_id})

    def _is_homeless(self, attachment):
        if not attachment.res_model:
            return not attachment.public  # what everybody may see is used elsewhere, too: a logo, a picture of a page
        model = self.env.get(attachment.res_model)
        return model is not None and model._transient

    def _drop_files(self):
        """Forget the files: those made for these messages go, the others only leave them."""
        for message in self.filtered('attachment_id'):
            message.mail_message_id.write({'attachment_ids': [Command.unlink(message.attachment_id.id)]})
        own = self.filtered('own_file').attachment_id
        shared = self.search([('attachment_id', 'in', own.ids), ('id', 'not in', self.ids)]).attachment_id
        (own - shared).unlink()
        self.write({'attachment_id': False, 'upload_ids': [Command.clear()], 'to_print': False})
