from odoo import api, models, tools
from odoo.tools.mimetypes import guess_mimetype

from ..cloud_api.media import clean_name, detect, file_name
from ..cloud_api.outgoing import unfit

# With more records than this the files of each are not opened before the message is written: then their size and the
# type that Odoo has noted are believed until they are uploaded. (Our own choice.)
OPENED_MOST = 50


class FluxforceWhatsappFile(models.AbstractModel):
    """Files that go out: how a message names them, and in words why Meta would not take one."""

    _name = 'fluxforce.whatsapp.file'
    _description = 'WhatsApp File to Send'

    # ------------------------------------------------------------
    # AS A VALUE
    # ------------------------------------------------------------

    @api.model
    def _value_of(self, attachment, kind, in_header=False, stem='', opened=True):
        """Name a file in a message, see ``cloud_api.outgoing``.

        :param attachment: one that the caller may hand out
        :param str kind: of message or header that carries it
        :param bool in_header: whether it is for the header of a template
        :param str stem: name of the file if the attachment's own is none for people
        :param bool opened: whether its content is looked at
        :return: the value, or one with the problem in words
        """
        attachment_sudo = attachment.sudo()  # sudo: ir.attachment - handed out by the caller
        if attachment_sudo.type == 'url' and (attachment_sudo.url or '').startswith(('http://', 'https://')):
            return {'link': attachment_sudo.url}
        problem = self._problem(attachment, kind, in_header, opened)
        if problem:
            return {'problem': problem}
        mime_type = self._type_of(attachment, opened)
        return {'attachment': attachment.id, 'checksum': attachment_sudo.checksum, 'kind': kind, 'header': in_header,
                'filename': file_name(stem or attachment_sudo.name or '', self.env._('file'), mime_type)}

    @api.model
    def _problem(self, attachment, kind, in_header=False, opened=True):
        """:return: why Meta would not take a file, naming it and the remedy; '' if it does."""
        attachment_sudo = attachment.sudo()  # sudo: ir.attachment - type, size and name
        return self._unfit_words(attachment_sudo.name, kind, self._type_of(attachment, opened),
                                 attachment_sudo.file_size, in_header)

    @api.model
    def _unfit_words(self, name, kind, mime_type, size, in_header=False):
        """:return: as :meth:`_problem`, of a file whose type and size are known."""
        found = unfit(kind, mime_type, size, in_header)
        if not found:
            return ''
        name = clean_name(name or '') or self.env._('The file')
        if found.code == 'empty':
            return self.env._('"%(name)s" is empty. Choose another file.', name=name)
        if found.code == 'too_large':
            return self.env._('"%(name)s" has %(size)s MB, WhatsApp takes %(most)s MB. Make it smaller.',
                              name=name, size=self._megabytes(size), most=self._megabytes(found.most))
        return self._wrong_type_words(name, kind, in_header)

    def _wrong_type_words(self, name, kind, in_header):
        words = {
            'image': self.env._('"%(name)s" is no picture WhatsApp takes. Save it as JPEG or PNG.', name=name),
            'video': self.env._('"%(name)s" is no film WhatsApp takes. Save it as MP4.', name=name),
            'audio': self.env._('"%(name)s" is no sound WhatsApp takes. Save it as MP3, M4A, AAC, AMR or Ogg.',
                                name=name),
            'sticker': self.env._('"%(name)s" is no sticker. Save it as WebP.', name=name),
            'document': self.env._('"%(name)s" is no document WhatsApp takes. Save it as PDF.', name=name),
        }
        if kind == 'document' and in_header:
            return self.env._('"%(name)s" is not a PDF, whatever its name says. Save it as PDF.', name=name)
        return words[kind]

    def _megabytes(self, size):
        """:return: as people read it: 0.5, 5, 30.1"""
        return f'{size / 1024 / 1024:.1f}'.removesuffix('.0')

    # ------------------------------------------------------------
    # WHAT IT IS
    # ------------------------------------------------------------

    @api.model
    def _type_of(self, attachment, opened=True):
        """:return: MIME type by the content; by what Odoo has noted if it is not to be opened."""
        attachment_sudo = attachment.sudo()  # sudo: ir.attachment - only its type
        if not opened:
            return attachment_sudo.mimetype or ''
        return self._type_of_content(attachment_sudo.checksum, attachment.id)

    # The checksum is the content's: what is known about it stays true.
    @tools.ormcache('checksum')
    def _type_of_content(self, checksum, attachment_id):
        attachments_sudo = self.env['ir.attachment'].sudo()  # sudo: ir.attachment - only its type
        return self._detect(attachments_sudo.with_context(bin_size=False).browse(attachment_id).raw or b'')

    @api.model
    def _detect(self, content):
        """:return: MIME type of a content."""
        return detect(content, guess_mimetype)
