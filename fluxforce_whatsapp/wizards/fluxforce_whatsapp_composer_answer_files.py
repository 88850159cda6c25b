from odoo import api, fields, models
from odoo.exceptions import UserError

from ..cloud_api import const as meta

# How a file is called on the phone.
PICTURES = ('image/jpeg', 'image/png')


class FluxforceWhatsappComposer(models.TransientModel):
    """Answers with files: several files become several messages, the text goes with the first that can carry it."""

    _inherit = 'fluxforce.whatsapp.composer'

    attachment_ids = fields.Many2many('ir.attachment', 'fluxforce_whatsapp_composer_attachment_rel', 'composer_id',
                                      'attachment_id', 'Files', bypass_search_access=True)

    @api.model
    def _select_answer_kinds(self):
        kinds = super()._select_answer_kinds()
        return [*kinds[:1], ('files', self.env._('Files')), *kinds[1:]]

    def _text_limit(self):
        return meta.CAPTION_MAX if self.answer_kind == 'files' else super()._text_limit()

    def _needs_text(self):
        return super()._needs_text() and self.answer_kind != 'files'

    def _has_something(self):
        return super()._has_something() or (self.answer_kind == 'files' and bool(self.attachment_ids))

    def _check_answer(self):
        super()._check_answer()
        if self.answer_kind == 'files':
            if not self.attachment_ids:
                raise UserError(self.env._('Files: choose at least one.'))
            self._answer_contents()

    @api.depends('attachment_ids')
    def _compute_verdict(self):
        super()._compute_verdict()

    @api.depends('attachment_ids')
    def _compute_answer_preview(self):
        super()._compute_answer_preview()

    def _answer_contents(self):
        if self.answer_kind != 'files':
            return super()._answer_contents()
        return self.env['fluxforce.whatsapp.message']._contents_of_files(self._files(), (self.text or '').strip())

    def _files(self):
        """:return: the files in the order in which they were chosen; Odoo lists the newest first."""
        return self.attachment_ids._origin.sorted('id')

    def _answer_parts(self):
        """The first file; the others follow as messages of their own."""
        parts, file = super()._answer_parts(), self._files()[:1]
        if self.answer_kind != 'files' or not file:
            return parts
        kind = 'IMAGE' if file.mimetype in PICTURES else 'VIDEO' if (file.mimetype or '').startswith('video/') else (
            'DOCUMENT')
        url = f'/web/image/{file.id}' if kind == 'IMAGE' else ''
        return {**parts, 'header': {'format': kind, 'text': '', 'url': url, 'filename': file.name, 'samples': []}}
