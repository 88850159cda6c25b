from odoo import api, fields, models
from odoo.exceptions import UserError

from ..cloud_api import cards, free_form, interactive
from ..cloud_api import const as meta


class FluxforceWhatsappComposer(models.TransientModel):
    """Answers that are more than a text: buttons, lists, places, contacts."""

    _inherit = 'fluxforce.whatsapp.composer'

    option_ids = fields.One2many('fluxforce.whatsapp.composer.option', 'composer_id', 'Buttons or Rows')
    footer = fields.Char('Small Print')
    list_label = fields.Char('Button That Opens the List')
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    place = fields.Char('Name of the Place')
    address = fields.Char('Address of the Place')
    contact_id = fields.Many2one('res.partner', 'Contact to Share', ondelete='set null')

    @api.model
    def _select_answer_kinds(self):
        return super()._select_answer_kinds() + [
            ('buttons', self.env._('Text with buttons')), ('list', self.env._('Text with a list')),
            ('location', self.env._('Place')), ('contact', self.env._('Contact'))]

    @api.onchange('contact_id')
    def _onchange_contact_id(self):
        """A contact whose place is known can be sent as a place as well."""
        if self.contact_id and not self.address:
            self.address = (self.contact_id.contact_address or '').strip().replace('\n', ', ') or False

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _text_limit(self):
        if self.answer_kind == 'buttons':
            return meta.INTERACTIVE_BODY_MAX
        return meta.LIST_BODY_MAX if self.answer_kind == 'list' else super()._text_limit()

    @api.depends('answer_kind')
    def _compute_text_left(self):
        super()._compute_text_left()

    def _needs_text(self):
        return super()._needs_text() and self.answer_kind not in ('location', 'contact')

    def _check_answer(self):
        super()._check_answer()
        check = {'buttons': self._check_buttons, 'list': self._check_list, 'location': self._check_location,
                 'contact': self._check_contact}.get(self.answer_kind)
        if check:
            check()
            # What is left is checked as the sender will.
            self.env['fluxforce.whatsapp.message']._check_content(self._answer_content())

    def _check_buttons(self):
        self._check_labels(self.env._('Buttons'), meta.REPLIES_MAX, meta.REPLY_TITLE_MAX)
        self._check_length(self.env._('Small Print'), self.footer, meta.INTERACTIVE_FOOTER_MAX)

    def _check_list(self):
        self._check_labels(self.env._('Rows'), meta.LIST_ROWS_MAX, meta.ROW_TITLE_MAX)
        for option in self.option_ids:
            self._check_length(self.env._('Description of "%(label)s"', label=option.title), option.description,
                               meta.ROW_DESCRIPTION_MAX)
        if not (self.list_label or '').strip():
            raise UserError(self.env._('Button That Opens the List: write its label, e.g. "Choose".'))
        self._check_length(self.env._('Button That Opens the List'), self.list_label, meta.LIST_BUTTON_MAX)
        self._check_length(self.env._('Small Print'), self.footer, meta.INTERACTIVE_FOOTER_MAX)

    def _check_labels(self, name, most, longest):
        labels = [(option.title or '').strip() for option in self.option_ids]
        if not labels or not all(labels):
            raise UserError(self.env._('%(field)s: add at least one, and a label for each.', field=name))
        if len(labels) > most:
            raise UserError(self.env._('%(field)s: there are %(count)s, WhatsApp takes %(limit)s. Remove some.',
                                       field=name, count=len(labels), limit=most))
        if len(set(labels)) < len(labels):
            raise UserError(self.env._('%(field)s: two have the same label. Change one of them.', field=name))
        for label in labels:
            self._check_length(f'{name}, "{label}"', label, longest)

    def _check_length(self, name, text, limit):
        if len(text or '') > limit:
            raise UserError(self.env._('%(field)s: it has %(length)s characters, WhatsApp takes %(limit)s. Shorten it.',
                                       field=name, length=len(text), limit=limit))

    def _check_location(self):
        if not self.latitude and not self.longitude:
            raise UserError(self.env._('Latitude and Longitude: enter where the place is, e.g. 41.3874 and 2.1686.'))
        if abs(self.latitude) > 90 or abs(self.longitude) > 180:
            raise UserError(self.env._(
                'Latitude and Longitude: there is no such place. Latitude goes to 90, longitude to 180.'))

    def _check_contact(self):
        if not self.contact_id:
            raise UserError(self.env._('Contact to Share: choose one.'))

    # ------------------------------------------------------------
    # CONTENT
    # ------------------------------------------------------------

    def _answer_content(self):
        """:return: the content as the outbox keeps it: ``{'type': T, T: {…}}``."""
        labels = [(str(number), (option.title or '').strip(), (option.description or '').strip())
                  for number, option in enumerate(self.option_ids, 1)]
        text, footer = (self.text or '').strip(), (self.footer or '').strip() or None
        if self.answer_kind == 'buttons':
            buttons = [(key, label) for key, label, __ in labels]
            return free_form.interactive_content(interactive.reply_buttons(text, buttons, footer=footer))
        if self.answer_kind == 'list':
            return free_form.interactive_content(interactive.list_menu(
                text, (self.list_label or '').strip(), [('', labels)], footer=footer))
        if self.answer_kind == 'location':
            return free_form.location(self.latitude, self.longitude, self.place or '', self.address or '')
        return free_form.contacts([self._card()])

    def _card(self):
        partner = self.contact_id
        phone = partner._whatsapp_recipients()[partner.id].phone
        company = partner.commercial_company_name if not partner.is_company else ''
        return cards.card(partner.name or '', phone, partner.email or '', company or '', partner.function or '',
                          partner.website or '')

    def _answer_contents(self):
        if self.answer_kind in ('buttons', 'list', 'location', 'contact'):
            return [self._answer_content()]
        return super()._answer_contents()

    @api.depends('option_ids.title', 'option_ids.description', 'footer', 'list_label', 'latitude', 'longitude', 'place',
                 'address', 'contact_id')
    def _compute_verdict(self):
        super()._compute_verdict()

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.depends('option_ids.title', 'footer', 'list_label', 'place', 'address', 'contact_id')
    def _compute_answer_preview(self):
        super()._compute_answer_preview()

    def _has_something(self):
        return super()._has_something() or self.answer_kind in ('location', 'contact')

    def _answer_parts(self):
        parts = super()._answer_parts()
        if self.answer_kind == 'location':
            return {**parts, 'body': '', 'header': {'format': 'LOCATION', 'text': self.place or '',
                                                    'address': self.address or ''}}
        if self.answer_kind == 'contact':
            return {**parts, 'body': f'👤 {self.contact_id.display_name or ""}'}
        return {**parts, 'footer': self.footer or '', 'buttons': self._shown_buttons()}

    def _shown_buttons(self):
        if self.answer_kind == 'list':
            return [{'kind': 'list', 'label': self.list_label or '', 'detail': ''}]
        if self.answer_kind == 'buttons':
            return [{'kind': 'quick_reply', 'label': option.title or '', 'detail': ''} for option in self.option_ids]
        return []
