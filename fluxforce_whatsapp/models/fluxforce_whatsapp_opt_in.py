import base64
import secrets
from urllib.parse import quote

from markupsafe import Markup
from reportlab.graphics.barcode import createBarcodeDrawing

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..policy.consent import ASKED, GIVEN
from ..policy.keywords import Wish
from ..policy.opt_in import CODE_ALPHABET, CODE_LENGTH, Invitation, accepts, codes_in, without_codes
from ..policy.purpose import AUTHENTICATION, MARKETING, UTILITY

# Meta's click-to-chat link: opens a conversation with a text that is ready to send.
CLICK_TO_CHAT = 'https://wa.me'
# Of the picture; it is drawn in lines, so a poster may enlarge it at will.
QR_SIZE = 200
PURPOSE_FIELDS = {MARKETING: 'for_marketing', UTILITY: 'for_utility', AUTHENTICATION: 'for_authentication'}
# What people agree to; it does not change once somebody has.
AGREED_FIELDS = ('wording', 'language', *PURPOSE_FIELDS.values(), 'only_number')


class FluxforceWhatsappOptIn(models.Model):
    """A link and a QR code with which people agree: they send us a text that is ready to send."""

    _name = 'fluxforce.whatsapp.opt_in'
    _description = 'WhatsApp Opt-In Link'
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, help='Where people find it, such as "Poster in the shop".')
    active = fields.Boolean(default=True, help='What people send after it was archived is no consent.')
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'Number', required=True, ondelete='restrict',
                                check_company=True, default=lambda self: self._default_number())
    account_id = fields.Many2one(related='number_id.account_id')
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    for_marketing = fields.Boolean('Marketing', default=True)
    for_utility = fields.Boolean('Service Updates')
    for_authentication = fields.Boolean('Sign-in Codes')
    only_number = fields.Boolean('Only for This Number', help='The consent counts for messages from this number only.')
    message = fields.Char('Text to Send', required=True,
                          default=lambda self: self.env._('Hello, please send me your news on WhatsApp.'))
    code = fields.Char(required=True, readonly=True, copy=False, default=lambda self: self._new_code(),
                       help='By it we know which link a person came from.')
    text = fields.Char('Text as People Send It', compute='_compute_text')
    wording = fields.Text('Wording Shown', required=True,
                          help='The sentence that stands beside the link or the QR code. The ledger keeps it: show '
                               'exactly this, with the name of your business.')
    wording_version = fields.Integer('Version', readonly=True, copy=False, default=1,
                                     help='Goes up with each change of the wording or its language.')
    language = fields.Selection(lambda self: self.env['res.lang'].get_installed(), required=True,
                                default=lambda self: self.env.lang or 'en_US')
    confirm = fields.Boolean('Ask for Confirmation',
                             help='Double opt-in: a template asks, and only the tap on its button is the consent.')
    template_id = fields.Many2one(
        'fluxforce.whatsapp.template', 'Template That Asks', ondelete='restrict', check_company=True,
        domain="[('account_id', '=', account_id), ('model', '=', 'res.partner'), ('confirm_label', '!=', False)]",
        help='Its first quick-reply button is the consent. Each person is asked once in 30 days at most.')
    link = fields.Char(compute='_compute_link')
    qr_code = fields.Html('QR Code', compute='_compute_qr_code', sanitize=False)
    people_count = fields.Integer('People', compute='_compute_use')
    in_use = fields.Boolean(compute='_compute_use',
                            help='People have agreed by this link: what they agreed to is not changed any more.')

    _code_unique = models.Constraint('unique(code)', 'This code is already in use. Save again.')

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    def _default_number(self):
        numbers = self.env['fluxforce.whatsapp.number'].search([('company_id', '=', self.env.company.id)])
        return numbers.filtered('able_to_send')[:1] or numbers[:1]

    def _new_code(self):
        return ''.join(secrets.choice(CODE_ALPHABET) for __ in range(CODE_LENGTH))

    @api.depends('message', 'code')
    def _compute_text(self):
        for opt_in in self:
            opt_in.text = f'{opt_in.message or ""} ({opt_in.code})'.strip()

    @api.depends('text', 'number_id.display_phone_number')
    def _compute_link(self):
        for opt_in in self:
            digits = ''.join(filter(str.isdigit, opt_in.number_id.display_phone_number or ''))
            opt_in.link = digits and f'{CLICK_TO_CHAT}/{digits}?text={quote(opt_in.text, safe="")}'

    @api.depends('link')
    @api.depends_context('lang')
    def _compute_qr_code(self):
        for opt_in in self:
            opt_in.qr_code = opt_in.link and self._render_qr_code(opt_in.link, opt_in.code)

    def _render_qr_code(self, link, code):
        """:return: the picture and a link to save it, Markup."""
        drawing = createBarcodeDrawing('QR', value=link, width=QR_SIZE, height=QR_SIZE)
        data = f'data:image/svg+xml;base64,{base64.b64encode(drawing.asString("svg").encode()).decode()}'
        picture = Markup('<img src="%s" width="%s" height="%s" alt="%s"/>') % (
            data, QR_SIZE, QR_SIZE, self.env._('QR code'))
        return picture + Markup('<div><a href="%s" download="%s.svg">%s</a></div>') % (
            data, code, self.env._('Download'))

    def _compute_use(self):
        # sudo: consent - how many there are is no secret
        groups = self.env['fluxforce.whatsapp.consent'].sudo()._read_group(
            [('opt_in_id', 'in', self.ids)], ['opt_in_id'], ['evidence_ref:count_distinct'])
        people = {opt_in.id: count for opt_in, count in groups}
        for opt_in in self:
            opt_in.people_count = people.get(opt_in._origin.id, 0)
            opt_in.in_use = opt_in._origin.id in people

    @api.constrains(*PURPOSE_FIELDS.values())
    def _check_purposes(self):
        if any(not opt_in._purposes() for opt_in in self):
            raise ValidationError(self.env._('Choose at least one thing that people agree to: marketing, service '
                                             'updates or sign-in codes.'))

    @api.constrains('message')
    def _check_message(self):
        for opt_in in self:
            matcher = self.env['fluxforce.whatsapp.keyword']._matcher(opt_in.company_id)
            if self._sounds_like_stop(matcher, opt_in.message):
                raise ValidationError(self.env._(
                    'Text to Send: this sounds like a stop, so nobody agrees by sending it. Choose other words.'))

    @api.constrains('confirm', 'template_id', 'number_id')
    def _check_template(self):
        for opt_in in self.filtered('confirm'):
            self.env['fluxforce.whatsapp.asking']._check_template(opt_in.template_id)
            if opt_in.template_id.account_id != opt_in.number_id.account_id:
                raise ValidationError(self.env._(
                    'Template That Asks: it belongs to another WhatsApp account than the number. Choose one of the '
                    'same account.'))

    def write(self, vals):
        self._check_agreed(vals)
        if not vals.keys() & {'wording', 'language'}:
            return super().write(vals)
        for opt_in in self:
            changed = any(name in vals and vals[name] != opt_in[name] for name in ('wording', 'language'))
            super(FluxforceWhatsappOptIn, opt_in).write(
                {**vals, 'wording_version': opt_in.wording_version + 1} if changed else vals)
        return True

    def _check_agreed(self, vals):
        """:raise UserError: for a change of what people have agreed to: posters hang and codes are on paper, and what
        is recorded of the next person would not be what that person has read."""
        for opt_in in self.filtered('in_use'):
            agreed = AGREED_FIELDS + ('number_id',) * opt_in.only_number
            if any(name in vals and vals[name] != opt_in._to_write(name) for name in agreed):
                raise UserError(self.env._(
                    '"%(link)s": people have agreed by this link, so what they agreed to stays as it is. Archive it '
                    'and make a new one: Duplicate gives it a code of its own.', link=opt_in.name))

    def _to_write(self, name):
        value = self[name]
        return value.id if name == 'number_id' else value

    def action_open_consents(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_consent_action')
        return {**action, 'domain': [('opt_in_id', '=', self.id)], 'context': {'create': False}}

    # ------------------------------------------------------------
    # WHO COMES
    # ------------------------------------------------------------

    def _purposes(self):
        return [purpose for purpose, name in PURPOSE_FIELDS.items() if self[name]]

    def _asking_template(self):
        """:return: the template that asks the people of this link to confirm."""
        return self.template_id

    def _invitation(self):
        return Invitation(self.code, self.text)

    @api.model
    def _read_inbound(self, account, messages, read):
        """Record who agrees by what was just received: the text of a link, or an answer to the template that asks.

        :param messages: ``fluxforce.whatsapp.inbound`` records.
        :param list read: the :class:`InboundMessage` of each.
        """
        said = [(message, words) for message, words in zip(messages, read, strict=True) if not words.group_id]
        self._take_up(account, said)
        self.env['fluxforce.whatsapp.asking']._read_answers(account, said)

    def _take_up(self, account, said):
        codes = {code for __, words in said if words.type == 'text' for code in codes_in(words.text)}
        links = self.search([('code', 'in', list(codes)), ('number_id.account_id', '=', account.id)]) if codes else self
        came = self._willing(account, [
            (message, words, link) for message, words in said if words.type == 'text'
            for link in links if accepts(words.text, link._invitation())])
        if came:
            # sudo: consent - the ledger continues whoever runs the webhooks
            consents = self.env['fluxforce.whatsapp.consent'].sudo().with_company(account.company_id)
            consents.create(self._prepare_consents(account, came))

    def _willing(self, account, came):
        """:return: those without whoever wrote something that is, or sounds like, a stop: that was heard as one, or a
        person decides."""
        if not came:
            return came
        matcher = self.env['fluxforce.whatsapp.keyword']._matcher(account.company_id)
        texts = self._without_codes([words.text for __, words, __ in came])
        return [one for one, text in zip(came, texts, strict=True) if not self._sounds_like_stop(matcher, text)]

    def _sounds_like_stop(self, matcher, text):
        found = matcher.match(text)
        return bool(found) and found.wish in (Wish.STOP, Wish.LOOKS_LIKE_STOP)

    @api.model
    def _without_codes(self, texts):
        """:return: texts of messages without the codes of links, archived ones as well, in their order."""
        codes = {code for text in texts for code in codes_in(text)}
        # sudo: opt_in - a code is none of the person's words, whosever link it is
        known = set(self.sudo().with_context(active_test=False).search(
            [('code', 'in', list(codes))]).mapped('code')) if codes else ()
        return [without_codes(text, known) for text in texts]

    def _prepare_consents(self, account, came):
        """:return: values of the ledger's entries; what a person has agreed to already is not recorded again."""
        people = self.env['fluxforce.whatsapp.identity']._of_people(
            account, [(message.identity_id.wa_id or '', message.identity_id.bsuid or '') for message, __, __ in came])
        keys = [(person.partner.id, person.partner._whatsapp_dialable(person.phone), link.number_id.id)
                for person, (__, __, link) in zip(people, came, strict=True)]
        states = self.env['fluxforce.whatsapp.consent']._current_states(account.company_id, keys)
        values_list, known = [], set()
        for (message, __, link), key in zip(came, keys, strict=True):
            for purpose in link._purposes() if any(key[:2]) else ():
                if states[key].get(purpose) != GIVEN and (key, purpose, link.id) not in known:
                    values_list.append(link._prepare_consent(message, key, purpose))
                    known.add((key, purpose, link.id))
        return values_list

    def _prepare_consent(self, message, person, purpose):
        partner_id, phone, __ = person
        return {
            'partner_id': partner_id, 'phone': phone, 'company_id': self.company_id.id, 'purpose': purpose,
            'decision': ASKED if self.confirm else GIVEN, 'source': 'message', 'wording': self.wording,
            'wording_version': str(self.wording_version), 'language': self.language,
            'number_id': self.number_id.id if self.only_number else False, 'opt_in_id': self.id,
            'evidence_ref': message.wamid,
            'given_at': min(message.sent_at, fields.Datetime.now()),  # Meta's clock may be a little ahead
        }
