from odoo import api, fields, models

from ..cloud_api import template_writing as writing

KINDS = [
    ('QUICK_REPLY', 'Quick reply'),
    ('URL', 'Open a web page'),
    ('PHONE_NUMBER', 'Call a number'),
    ('COPY_CODE', 'Copy an offer code'),
    ('FLOW', 'Open a form'),
    ('REQUEST_CONTACT_INFO', 'Ask for contact data'),
    ('CATALOG', 'Open the catalogue'),
    ('MPM', 'Show several products'),
    ('SPM', 'Show one product'),
    ('VOICE_CALL', 'Call in WhatsApp'),
    ('OTP', 'Sign-in code'),
]
OTP_TYPES = [('COPY_CODE', 'Copied by a tap'), ('ONE_TAP', 'Filled in by a tap'), ('ZERO_TAP', 'Filled in by itself')]
# What the app suggests where a label is expected and none was written; Meta's own words for catalogues and products.
LABELS = {'CATALOG': 'View catalog', 'MPM': 'View items', 'SPM': 'View'}


class FluxforceWhatsappTemplateDraftButton(models.Model):
    """A button below the message, or below one card."""

    _name = 'fluxforce.whatsapp.template.draft.button'
    _description = 'WhatsApp Template Draft Button'
    _inherit = ['fluxforce.whatsapp.template.draft.part']
    _order = 'sequence, id'
    _rec_name = 'text'

    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', index='btree_not_null', ondelete='cascade')
    card_id = fields.Many2one('fluxforce.whatsapp.template.draft.card', index='btree_not_null', ondelete='cascade')
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default='QUICK_REPLY')
    text = fields.Char('Label', help='Up to 25 characters.')
    url = fields.Char('Address', help='Begins with https://. What differs from message to message stands at the end '
                                      'as {{1}}.')
    phone = fields.Char('Number to Call', help='With the code of the country: +34910000111.')
    flow = fields.Char('Form ID', help='Number of the form in WhatsApp Manager > Flows.')
    screen = fields.Char('First Screen')
    otp_type = fields.Selection(OTP_TYPES, 'Code Is', default='COPY_CODE')
    autofill = fields.Char('Label to Fill In')
    package = fields.Char('Android App', help='Name of the package that gets the code, such as com.example.shop.')
    signature = fields.Char('Signature of the App', help='Eleven characters, see Meta\'s page on one-tap codes.')
    terms = fields.Boolean('Terms Accepted',
                           help='People know that the code is filled in without a tap, and Meta\'s terms for it are '
                                'kept.')

    target = fields.Char('Opens', compute='_compute_target')

    @api.depends('kind', 'url', 'phone', 'flow', 'otp_type')
    @api.depends_context('lang')
    def _compute_target(self):
        otp_types = dict(self._fields['otp_type']._description_selection(self.env))
        for button in self:
            button.target = {
                'URL': button.url, 'PHONE_NUMBER': button.phone, 'FLOW': button.flow,
                'OTP': otp_types.get(button.otp_type)}.get(button.kind) or ''

    @api.onchange('kind')
    def _onchange_kind(self):
        self.text = self.text or LABELS.get(self.kind)

    def _draft(self):
        return self.draft_id | self.card_id.draft_id

    def _content(self):
        """:rtype: cloud_api.template_writing.Button"""
        self.ensure_one()
        return writing.Button(
            kind=self.kind or '', text=self.text or '', url=self.url or '', phone=(self.phone or '').replace(' ', ''),
            flow=self.flow or '', screen=self.screen or '', otp_type=self.otp_type or '',
            autofill=self.autofill or '', package=self.package or '', signature=self.signature or '',
            terms=self.terms)

    @api.model
    def _prepare_values(self, button):
        """:param button: a cloud_api.template_writing.Button. :return: the values of a row."""
        known = {kind for kind, __ in KINDS}
        return {
            'kind': button.kind if button.kind in known else 'QUICK_REPLY', 'text': button.text, 'url': button.url,
            'phone': button.phone, 'flow': button.flow, 'screen': button.screen,
            'otp_type': button.otp_type if button.otp_type in dict(OTP_TYPES) else 'COPY_CODE',
            'autofill': button.autofill, 'package': button.package, 'signature': button.signature,
            'terms': button.terms}
