from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Longer than any id Meta documents (130 characters); what is longer cannot be kept in an index.
MAX_ID_LENGTH = 256
MAX_NAME_LENGTH = 255


@dataclass(frozen=True)
class Person:
    """:ivar partner: the contact, maybe empty. :ivar phone: in international form, '' if hidden or no number."""

    partner: object
    phone: str


class FluxforceWhatsappIdentity(models.Model):
    """One person on WhatsApp as an account sees them; the phone number may be hidden."""

    _name = 'fluxforce.whatsapp.identity'
    _description = 'WhatsApp Identity'
    _order = 'last_seen desc, id desc'
    _check_company_auto = True
    _rec_names_search = ['profile_name', 'wa_id', 'username']

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    partner_id = fields.Many2one('res.partner', 'Contact', index='btree_not_null', ondelete='set null',
                                 check_company=True)
    wa_id = fields.Char('WhatsApp ID', readonly=True, help='The number as WhatsApp has it, digits only.')
    bsuid = fields.Char('User ID', readonly=True, help='Meta\'s id of this person for this business portfolio.')
    username = fields.Char(readonly=True)
    profile_name = fields.Char(readonly=True)
    first_seen = fields.Datetime(readonly=True)
    last_seen = fields.Datetime(readonly=True)

    _wa_id_unique = models.UniqueIndex('(account_id, wa_id) WHERE wa_id IS NOT NULL', 'This person is already known.')
    _bsuid_unique = models.UniqueIndex('(account_id, bsuid) WHERE bsuid IS NOT NULL', 'This person is already known.')

    @api.depends('profile_name', 'username', 'wa_id', 'bsuid')
    def _compute_display_name(self):
        for identity in self:
            number = identity.wa_id and f'+{identity.wa_id}'
            identity.display_name = identity.profile_name or identity.username or number or identity.bsuid or ''

    @api.model
    def _of_senders(self, account, inbound):
        """Find or make the identity of each sender, with its contact.

        :param list inbound: :class:`InboundMessage` objects.
        :return: identities in the order of ``inbound``.
        """
        return self.concat(*[self._of_sender(account, message) for message in inbound])

    def _of_sender(self, account, message):
        self._check_ids(message)
        identity = self._find(account, message)
        values = self._prepare_seen_values(message)
        self._release_number(account, message, identity)
        if identity:
            identity.write({name: value for name, value in values.items() if value})
        else:
            identity = self.create({**values, 'account_id': account.id, 'first_seen': values['last_seen']})
        if not identity.partner_id:
            identity.partner_id = identity._find_partner() or identity._create_partner()
        return identity

    def _check_ids(self, message):
        """A shortened id could be somebody else's, so such a message is not taken."""
        if max(len(message.sender), len(message.user_id)) > MAX_ID_LENGTH:
            raise ValidationError(self.env._(
                'The id of the sender is longer than %(count)s characters.', count=MAX_ID_LENGTH))

    def _find(self, account, message):
        """The person's id at Meta is surer than the number: a number can change hands."""
        for name, value in (('bsuid', message.user_id), ('wa_id', message.sender)):
            identity = value and self.search([('account_id', '=', account.id), (name, '=', value)], limit=1)
            if identity and (name == 'bsuid' or not (identity.bsuid and message.user_id)):
                return identity
        return self.browse()

    def _release_number(self, account, message, identity):
        """Take the number from whom it was known by before it changed hands (or was hidden)."""
        if message.sender:
            former = self.search([('account_id', '=', account.id), ('wa_id', '=', message.sender)]) - identity
            former.write({'wa_id': False})
            former.flush_recordset(['wa_id'])  # before the number is given to another row: it is unique

    def _prepare_seen_values(self, message):
        return {
            'wa_id': message.sender or False,
            'bsuid': message.user_id or False,
            'username': message.username[:MAX_NAME_LENGTH] or False,
            'profile_name': message.profile_name[:MAX_NAME_LENGTH] or False,
            'last_seen': message.timestamp or fields.Datetime.now(),
        }

    def _find_partner(self):
        return self._partner_of(self.account_id, self.wa_id)

    @api.model
    def _partner_of(self, account, wa_id):
        """:return: whom we last wrote to at a WhatsApp ID, else the contact with this number."""
        if not wa_id:
            return self.env['res.partner']
        written = self.env['fluxforce.whatsapp.message'].search(
            [('wa_id', '=', wa_id), ('account_id', '=', account.id), ('partner_id', '!=', False)], limit=1)
        partner = written.partner_id
        if partner and partner.company_id in (self.env['res.company'], account.company_id):
            return partner
        return self.env['res.partner'].search(
            [('phone_sanitized', '=', f'+{wa_id}'), ('company_id', 'in', (False, account.company_id.id))],
            order='id', limit=1)

    # ------------------------------------------------------------
    # LOOK UP
    # ------------------------------------------------------------

    @api.model
    def _of_people(self, account, ids):
        """Find who is meant, without making anybody known who was not.

        :param list ids: (WhatsApp ID, BSUID) of each person, either may be ''.
        :return: a :class:`Person` for each, in the same order.
        """
        known = self.search([
            ('account_id', '=', account.id), '|', ('bsuid', 'in', [bsuid for __, bsuid in ids if bsuid]),
            ('wa_id', 'in', [wa_id for wa_id, __ in ids if wa_id])])
        by_bsuid, by_wa_id = known.grouped('bsuid'), known.grouped('wa_id')
        identities = [(bsuid and by_bsuid.get(bsuid)) or (wa_id and by_wa_id.get(wa_id)) or self.browse()
                      for wa_id, bsuid in ids]
        wa_ids = [wa_id or identity.wa_id for (wa_id, __), identity in zip(ids, identities, strict=True)]
        dialled = self._dialled_numbers(account, wa_ids)
        return [Person(identity.partner_id or self._partner_of(account, wa_id),
                       dialled.get(wa_id) or (wa_id and f'+{wa_id}') or '')
                for wa_id, identity in zip(wa_ids, identities, strict=True)]

    def _dialled_numbers(self, account, wa_ids):
        """:return: by WhatsApp ID, the number we wrote to: the ledger and the outbox know the person by it."""
        return dict(self.env['fluxforce.whatsapp.message']._read_group(
            [('wa_id', 'in', [wa_id for wa_id in wa_ids if wa_id]), ('account_id', '=', account.id),
             ('phone', '!=', False)], ['wa_id', 'phone']))

    def _create_partner(self):
        if not self.account_id.create_contacts:
            return self.env['res.partner']
        return self.env['res.partner'].create({
            'name': self.display_name,
            'phone': f'+{self.wa_id}' if self.wa_id else False,
            'company_id': False,
        })
