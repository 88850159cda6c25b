from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_datetime, formataddr

from ..cloud_api import const as meta
from ..const import MESSAGE_TYPE
from ..text_format import to_linked_markup
from .fluxforce_whatsapp_reader import CONTENT_GROUP
from .mail_thread import INBOUND

KINDS = [('place', 'Location'), ('cards', 'Contact card'), ('order', 'Order'), ('form', 'Form filled in')]
ICONS = {'place': 'fa-map-marker', 'cards': 'fa-address-card-o', 'order': 'fa-shopping-cart', 'form': 'fa-list-alt'}
# Characters of a quoted message, and of an ad, shown above what was written.
EXCERPT = 100


class FluxforceWhatsappInbound(models.Model):
    """One message a person wrote to us, where it is shown, and what became of it."""

    _name = 'fluxforce.whatsapp.inbound'
    _description = 'WhatsApp Message Received'
    _order = 'sent_at desc, id desc'
    _rec_name = 'identity_id'
    _check_company_auto = True

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'To', readonly=True, ondelete='set null')
    identity_id = fields.Many2one('fluxforce.whatsapp.identity', 'Person', readonly=True, index='btree_not_null',
                                  ondelete='set null', check_company=True)
    partner_id = fields.Many2one('res.partner', 'Contact', readonly=True, index='btree_not_null', ondelete='set null')
    wamid = fields.Char('Meta\'s ID', required=True, readonly=True)
    type = fields.Char(readonly=True, help='As Meta names it.')
    kind = fields.Selection(KINDS, readonly=True, help='Stands above what has no words of its own.')
    sent_at = fields.Datetime('Written', required=True, readonly=True, help='The moment the person wrote it.')

    # What was written is for those who may read the document it is about; they read ``text``.
    original = fields.Text('As First Written', readonly=True, groups=CONTENT_GROUP)
    edits = fields.Json(readonly=True, groups=CONTENT_GROUP, help='Each edit: its moment, its id at Meta and the text.')
    body = fields.Text('As It Reads Now', readonly=True, groups=CONTENT_GROUP)
    map_url = fields.Char('On a Map', readonly=True, groups=CONTENT_GROUP)
    quote = fields.Char(readonly=True, groups=CONTENT_GROUP, help='The beginning of the message it answers.')
    former_text = fields.Text('Before', compute='_compute_former_text', groups=CONTENT_GROUP)
    text = fields.Text('Message', compute='_compute_text', search='_search_text')
    edited_at = fields.Datetime('Edited', readonly=True)
    revoked_at = fields.Datetime('Deleted by the Person', readonly=True)
    wiped_at = fields.Datetime('Deleted for Data Protection', readonly=True)

    res_model = fields.Char('Document Model', readonly=True)
    res_id = fields.Many2oneReference('Document', model_field='res_model', readonly=True)
    mail_message_id = fields.Many2one('mail.message', 'Chatter Message', readonly=True, index='btree_not_null',
                                      ondelete='set null')

    reply_to = fields.Char('In Reply to', readonly=True, help='Meta\'s id of the message that was quoted.')
    group = fields.Char('WhatsApp Group', readonly=True, help='Meta\'s id of the group it was written in.')
    forwarded = fields.Selection([('once', 'Forwarded'), ('often', 'Forwarded many times')], readonly=True)
    referral_type = fields.Char('Came from', readonly=True, help='"ad" or "post", or something new.')
    referral_source = fields.Char('Ad or Post', readonly=True, help='Its id at Meta.')
    referral_headline = fields.Char('Headline', readonly=True)
    referral_url = fields.Char('Address of the Ad', readonly=True)
    referral_click = fields.Char('Click ID', readonly=True, help='To report to Meta what came of the ad.')

    media_ids = fields.One2many('fluxforce.whatsapp.media', 'inbound_id', readonly=True, groups=CONTENT_GROUP)
    media_state = fields.Selection(lambda self: self.env['fluxforce.whatsapp.media']._fields['state'].selection, 'File',
                                   compute='_compute_media')
    media_problem = fields.Char('Why the File Is Missing', compute='_compute_media')
    attachment_ids = fields.Many2many('ir.attachment', string='Files', compute='_compute_media')

    _document_idx = models.Index('(res_model, res_id)')
    _wamid_unique = models.Constraint('unique(account_id, wamid)', 'This message was already received.')

    # ------------------------------------------------------------
    # CONTENTS
    # ------------------------------------------------------------

    @api.depends('body', 'kind', 'revoked_at', 'wiped_at', 'media_ids.kind', 'media_ids.filename')
    @api.depends_context('uid', 'lang')
    def _compute_text(self):
        readable = self.env['fluxforce.whatsapp.reader']._readable(self)
        for message in self:
            # sudo: inbound - the document it is about may be read
            message.text = message.sudo()._in_words() if message in readable else self.env._(
                'You may not read the document this message is about.')

    def _search_text(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        # sudo: inbound - what is found is narrowed to what the user may read
        found = Domain('id', 'in', self.sudo()._search([('body', operator, value), ('revoked_at', '=', False)]))
        return found & self.env['fluxforce.whatsapp.reader']._domain(self._name)

    def _in_words(self):
        """:return: the message in one text: what kind of file, and the words."""
        if self.wiped_at:
            return self.env['fluxforce.whatsapp.wiping']._words()
        if self.revoked_at:
            return self.env._('The person deleted this message.')
        return ': '.join(filter(None, (self.media_ids._label() or self._kind_label(), self.body)))

    def _kind_label(self):
        return dict(self._fields['kind']._description_selection(self.env)).get(self.kind, '')

    @api.depends('original', 'edits', 'edited_at', 'revoked_at')
    @api.depends_context('lang', 'tz')
    def _compute_former_text(self):
        for message in self:
            versions = [(message.sent_at, message.original), *(
                (fields.Datetime.to_datetime(edit['at']), edit['text']) for edit in message._edits_in_order())]
            former = versions if message.revoked_at else versions[:-1]
            message.former_text = '\n\n'.join(
                f'{format_datetime(self.env, moment, tz=str(self.env.tz))}\n{text or ""}' for moment, text in former)

    def _edits_in_order(self):
        """:return: the edits by Meta's time; its id decides between two of the same second."""
        return sorted(self.edits or [], key=lambda edit: (edit['at'], edit['by']))

    @api.depends('media_ids.state', 'media_ids.problem')
    @api.depends_context('lang', 'uid')
    def _compute_media(self):
        for message in self:
            media = message.sudo().media_ids[:1]  # sudo: media - whether its file is here, not the file
            message.media_state = media.state
            message.media_problem = media._explain()
            # As the user: who may see the message need not be able to see the document its file belongs to.
            message.attachment_ids = media.attachment_id.with_env(self.env)._filtered_access('read')

    # ------------------------------------------------------------
    # IN THE CHATTER
    # ------------------------------------------------------------

    def _in_readers_language(self):
        """:return: the same message; what is said about it is said in the language of its company."""
        return self.with_context(lang=self.account_id._readers_language())

    def _show(self):
        """Show received messages where they belong, as far as that is known; who is in charge is told.

        :return: those that are shown.
        """
        landing = self.env['fluxforce.whatsapp.landing']
        places = landing._place(self)
        shown = self.filtered(lambda message: message.id in places)
        users = landing._in_charge(places, shown)
        for message in shown:
            message._post(places[message.id], users[message.id])
        shown._send_mails_soon()
        return shown

    def _send_mails_soon(self):
        """Core looks at its queue once in an hour; whoever is told by e-mail wants to answer before."""
        # sudo: mail.mail - only whether there is any
        if self.env['mail.mail'].sudo().search_count(
                [('mail_message_id', 'in', self.mail_message_id.ids), ('state', '=', 'outgoing')], limit=1):
            self.env.ref('mail.ir_cron_mail_scheduler_action').sudo()._trigger()  # sudo: ir.cron - only wakes it

    def _post(self, document, users):
        """Show a message on a document, as the person's.

        :param document: one record with a chatter.
        :param users: who is told besides the followers.
        """
        # E-mails about it are queued: a slow mail server must not keep other webhooks waiting.
        posting = document.with_company(self.company_id).with_context(
            whatsapp_inbound=INBOUND, mail_notify_force_send=False)
        values = {
            'body': self._in_readers_language()._render(),
            'date': min(self.sent_at, fields.Datetime.now()),
            'partner_ids': users.partner_id.ids,
        }
        if self.type == meta.MESSAGE_SYSTEM:  # WhatsApp says it about the person
            self.mail_message_id = posting.message_post(**values, subtype_xmlid='mail.mt_note')
            return
        self.mail_message_id = posting.message_post(
            **values, **self._prepare_author(), message_type=MESSAGE_TYPE,
            subtype_xmlid='fluxforce_whatsapp.mt_whatsapp')

    def _prepare_author(self):
        """:return: whose a message is in the chatter: the contact's, else the person's by name."""
        if self.partner_id:
            return {'author_id': self.partner_id.id}
        # An e-mail about it has the same sender, so there has to be an address, and this one is ours.
        name, address = self.identity_id.display_name, self.company_id.email
        return {'author_id': False, 'email_from': formataddr((name, address)) if address else name}

    def _render(self):
        """:return: the message as its readers see it in the chatter, as HTML."""
        return self.env['ir.qweb']._render('fluxforce_whatsapp.inbound_body', self._prepare_render_values())

    def _prepare_render_values(self):
        return {
            'revoked': self.revoked_at,
            'quote': self.quote,
            'group': self.group and self.identity_id.display_name,
            'forwarded': self.forwarded,
            'referral_type': self.referral_type,
            'referral_url': self.referral_url,
            'headline': self._excerpt(self.referral_headline or self.referral_source),
            'kind': self._kind_label(),
            'icon': ICONS.get(self.kind),
            'text': to_linked_markup(self.body),
            'map_url': self.map_url,
            'edited': self.edited_at,
            'missing': self.media_ids.filtered(lambda media: media.state in ('waiting', 'fetching', 'failed')),
        }

    def _excerpt(self, text):
        words = ' '.join((text or '').split())
        return words if len(words) <= EXCERPT else f'{words[:EXCERPT].rstrip()}…'

    def _refresh_shown(self):
        """Bring what the chatter shows to what is known now, and tell the browsers of who was notified."""
        for message in self.filtered('mail_message_id'):
            message.mail_message_id.body = message._in_readers_language()._render()
            self.env['fluxforce.whatsapp.chatter']._tell_changed(message.mail_message_id)

    # ------------------------------------------------------------
    # CHANGES BY THE PERSON
    # ------------------------------------------------------------

    def _edit(self, text, moment, wamid):
        """Keep an edit; the newest one shows, whatever the order in which they come.

        :param datetime moment: of the edit.
        :param str wamid: Meta's id of the edit.
        """
        self.ensure_one()
        if any(edit['by'] == wamid for edit in self.edits or []):
            return
        self.edits = [*(self.edits or []), {'at': fields.Datetime.to_string(moment), 'by': wamid, 'text': text}]
        newest = self._edits_in_order()[-1]
        self.write({'body': newest['text'], 'edited_at': newest['at']})
        self._refresh_shown()

    def _revoke(self, moment):
        """Take a message away as the person did; nothing brings it back."""
        self.ensure_one()
        self.revoked_at = min(filter(None, (self.revoked_at, moment)))
        self.media_ids._drop()
        self._refresh_shown()

    def _assign(self, partner):
        """Give a contact the messages of people who had none.

        :return: the messages that are shown now.
        """
        people = self.identity_id
        people.partner_id = partner
        people._bring_stops()
        lost = self.search([('identity_id', 'in', people.ids), ('partner_id', '=', False)], order='sent_at, id')
        lost.partner_id = partner
        placed = lost.filtered('mail_message_id')
        placed._sign(partner)
        (lost - placed)._show()
        lost.media_ids._show()
        self.env['fluxforce.whatsapp.reaction'].search([('wamid', 'in', lost.mapped('wamid'))])._show(
            {message.wamid: message.mail_message_id for message in lost})
        return lost

    def _move_to(self, partner):
        """Give shown messages another author, and another place if they stand with the contact itself.

        :param partner: whose they are, one record.
        """
        placed = self.filtered(lambda message: message.res_model == 'res.partner')
        placed.write({'res_id': partner.id})
        placed.mail_message_id.filtered(lambda shown: shown.model == 'res.partner').write({
            'res_id': partner.id, 'record_name': partner.display_name})
        self.write({'partner_id': partner.id})
        self._sign(partner)
        self.media_ids._show()

    def _sign(self, partner):
        """Make a contact the author of shown messages; what WhatsApp itself told about the person has none."""
        self.filtered(lambda message: message.type != meta.MESSAGE_SYSTEM).mail_message_id.write({
            'author_id': partner.id, 'email_from': partner.email_formatted})

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_fetch_again(self):
        """Try once more to fetch the file."""
        self._check_readable()
        self.sudo().media_ids._fetch_again()  # sudo: media - whoever may read the message may ask for its file

    def _check_readable(self):
        self.check_access('read')
        if self.env['fluxforce.whatsapp.reader']._readable(self) != self:
            raise AccessError(self.env._('You may not read the document this message is about.'))

    def action_assign(self):
        """Ask whose message it is."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Assign to a Contact'),
            'res_model': 'fluxforce.whatsapp.assign',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_inbound_ids': self.ids},
        }

    def action_open_document(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }
