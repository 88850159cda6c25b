import base64

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..cloud_api import template_writing as writing

HEADERS = [('IMAGE', 'Picture'), ('VIDEO', 'Video'), ('PRODUCT', 'Product')]
# Types that the resumable upload takes, by header, with the largest size in MB. [GU; M26:media]
SAMPLES = {
    'IMAGE': (('image/jpeg', 'image/png'), 5),
    'VIDEO': (('video/mp4',), 16),
    'DOCUMENT': (('application/pdf',), 100),
}
MEGABYTE = 1024 * 1024


class FluxforceWhatsappTemplateDraftCard(models.Model):
    """One card of a carousel."""

    _name = 'fluxforce.whatsapp.template.draft.card'
    _description = 'WhatsApp Template Draft Card'
    _inherit = ['fluxforce.whatsapp.template.draft.part']
    _order = 'sequence, id'
    _rec_name = 'body'

    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    header_kind = fields.Selection(HEADERS, 'Picture or Video', required=True, default='IMAGE')
    header_file = fields.Binary('Sample File', attachment=True)
    header_filename = fields.Char('Name of the Sample File')
    body = fields.Text('Text', help='Up to 160 characters. Either all cards have a text or none.')
    button_ids = fields.One2many('fluxforce.whatsapp.template.draft.button', 'card_id', 'Buttons', copy=True)

    @api.constrains('header_file', 'header_kind')
    def _check_header_file(self):
        for card in self:
            self._check_sample(card)

    @api.model
    def _is_sample(self, kind, file):
        """:param str file: its content in base64. :return: whether Meta takes it as the sample of such a header."""
        types, megabytes = SAMPLES.get(kind, ((), 0))
        content = base64.b64decode(file or b'')
        return self.env['fluxforce.whatsapp.file']._detect(content) in types and len(content) <= megabytes * MEGABYTE

    @api.model
    def _check_sample(self, record):
        """:param record: a draft or a card. :raise ValidationError: if its sample is no file of the header's kind."""
        types, megabytes = SAMPLES.get(record.header_kind, ((), 0))
        if not types or not record.header_file:
            return
        content = base64.b64decode(record.with_context(bin_size=False).header_file)
        kind = dict(record._fields['header_kind']._description_selection(self.env))[record.header_kind]
        if self.env['fluxforce.whatsapp.file']._detect(content) not in types:
            raise ValidationError(self.env._(
                'Sample File: "%(file)s" is none that Meta takes for a header of the kind %(kind)s. Choose one of '
                'the type %(types)s.', file=record.header_filename or '', kind=kind,
                types=', '.join(one.split('/')[1] for one in types)))
        if len(content) > megabytes * MEGABYTE:
            raise ValidationError(self.env._(
                'Sample File: "%(file)s" is larger than the %(size)s MB that WhatsApp takes for a header of the kind '
                '%(kind)s. Make it smaller.', file=record.header_filename or '', size=megabytes, kind=kind))

    def _content(self):
        """:rtype: cloud_api.template_writing.Card"""
        self.ensure_one()
        mark = f'file:card:{self._origin.id or "new"}' if self.header_file else ''
        by_sequence = self.env['fluxforce.whatsapp.template.draft']._by_sequence
        return writing.Card(
            writing.Header(self.header_kind or '', handle=mark), self.body or '',
            tuple(button._content() for button in self.button_ids.sorted(by_sequence)))
