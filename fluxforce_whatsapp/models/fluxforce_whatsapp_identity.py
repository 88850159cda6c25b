from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .fluxforce_whatsapp_renewal import Ids

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
    made_contact = fields.Boolean(readonly=True, help='Technical: the contact was made from what WhatsApp told.')
    first_seen = fields.Datetime(readonly=True)
    last_seen = fields.Datetime(readonly=True)
    blocked = fields.Boolean(readonly=True, copy=False, help='Nothing is sent to this person, not even answers.')
    block_reason = fields.Char('Why Blocked', readonly=True, copy=False)
    blocked_by_id = fields.Many2one('res.users', 'Blocked by', readonly=True, copy=False, ondelete='set null')
    blocked_at = fields.Datetime('Blocked on', readonly=True, copy=False)

    _wa_id_unique = models.UniqueIndex('(account_id, wa_id) WHERE wa_id IS NOT NULL', 'This person is already known.')
    _bsuid_unique = models.UniqueIndex('(account_id, bsuid) WHERE bsuid IS NOT NULL', 'This person is already known.')

    # Asked for at every decision of the gate; few people are blocked.
    _blocked_idx = models.Index('(company_id) WHERE blocked')

    @api.depends('profile_name', 'username', 'wa_id', 'bsuid')
    def _compute_display_name(self):
        for identity in self:
            number = identity.wa_id and f'+{identity.wa_id}'
            identity.display_name = identity.profile_name or identity.username or number or identity.bsuid or ''

    # ------------------------------------------------------------
    # WHO WRITES
    # ------------------------------------------------------------

    @api.model
    def _of_senders(self, account, inbound):
        """Find or make the identity of each sender, with its contact.

        :param list inbound: :class:`InboundMessage` objects.
        :return: identities in the order of ``inbound``.
        """
        for message in inbound:
            self._check_ids(message)
        inbound = self._with_present_ids(account, inbound)
        people = self._search_people(account, inbound)
        identities = self.concat(*[self._of_sender(account, message, people) for message in inbound])
        self.union(identities)._find_contacts(account)
        return identities

    @api.model
    def _known(self, account, inbound):
        """Find the identity of each sender without making or changing any.

        :return: list of identities, maybe empty ones, in the order of ``inbound``.
        """
        inbound = self._with_present_ids(account, inbound)
        people = self._search_people(account, inbound)
        return [self._find(message, people) for message in inbound]

    def _with_present_ids(self, account, inbound):
        """:return: the messages as if sent by who they are now: a change of number may have come before them."""
        ids = self.env['fluxforce.whatsapp.renewal']._present(
            account, [Ids(message.sender, message.user_id, message.timestamp) for message in inbound])
        return [replace(message, sender=person.wa_id, user_id=person.bsuid)
                for message, person in zip(inbound, ids, strict=True)]

    def _search_people(self, account, inbound):
        """:return: who is known, by (field, id at Meta); kept up while new ones are made."""
        known = self.search([
            ('account_id', '=', account.id), '|', ('bsuid', 'in', [message.user_id for message in inbound]),
            ('wa_id', 'in', [message.sender for message in inbound])])
        return {(name, identity[name]): identity for identity in known for name in ('bsuid', 'wa_id') if identity[name]}

    def _of_sender(self, account, message, people):
        identity = self._find(message, people)
        self._release_number(message, identity, people)
        values = self._prepare_seen_values(message)
        if identity:
            identity._see_again(values)
        else:
            identity = self.create({**values, 'account_id': account.id, 'first_seen': values['last_seen']})
        people.update({(name, identity[name]): identity for name in ('bsuid', 'wa_id') if identity[name]})
        return identity

    def _check_ids(self, message):
        """A shortened id could be somebody else's, so such a message is not taken."""
        if max(len(message.sender), len(message.user_id)) > MAX_ID_LENGTH:
            raise ValidationError(self.env._(
                'The id of the sender is longer than %(count)s characters.', count=MAX_ID_LENGTH))

    def _find(self, message, people):
        """The person's id at Meta is surer than the number: a number can change hands."""
        for name, value in (('bsuid', message.user_id), ('wa_id', message.sender)):
            identity = value and people.get((name, value))
            if identity and (name == 'bsuid' or not (identity.bsuid and message.user_id)):
                return identity
        return self.browse()

    def _release_number(self, message, identity, people):
        """Take the number from whom it was known by before it changed hands (or was hidden)."""
        former = people.get(('wa_id', message.sender), self.browse()) - identity
        if former:
            former.write({'wa_id': False})
            former.flush_recordset(['wa_id'])  # before the number is given to another row: it is unique

    def _see_again(self, values):
        """Take over what a message tells about its sender; one that comes late does not bring back an old name."""
        is_late = self.last_seen and values['last_seen'] < self.last_seen
        self.write({name: value for name, value in values.items()
                    if value and value != self[name] and not (is_late and self[name])})

    def _prepare_seen_values(self, message):
        return {
            'wa_id': message.sender or False,
            'bsuid': message.user_id or False,
            'username': message.username[:MAX_NAME_LENGTH] or False,
            'profile_name': message.profile_name[:MAX_NAME_LENGTH] or False,
            'last_seen': message.timestamp or fields.Datetime.now(),
        }

    # ------------------------------------------------------------
    # WHOSE CONTACT
    # ------------------------------------------------------------

    def _find_contacts(self, account):
        """Give each identity its contact: whom we last wrote to at this number, else the contact with this number,
        else a new one."""
        lacking = self.filtered(lambda identity: not identity.partner_id)
        partners = self._partners_of(account, lacking.mapped('wa_id'))
        owners = self._owners(account, partners.values())
        for identity in lacking:
            partner = partners.get(identity.wa_id)
            # A number can change hands: whoever comes with an id of their own is not who had the number before.
            if not identity.bsuid or owners.get(partner, identity.bsuid) == identity.bsuid:
                identity.partner_id = partner
        if account.create_contacts:
            lacking.filtered(lambda identity: not identity.partner_id)._create_partners()

    def _owners(self, account, partners):
        """:return: by contact, the BSUID of the person it is known to be."""
        known = self.search([
            ('account_id', '=', account.id), ('bsuid', '!=', False),
            ('partner_id', 'in', [partner.id for partner in partners])])
        return {identity.partner_id: identity.bsuid for identity in known}

    @api.model
    def _partners_of(self, account, wa_ids):
        """:return: by WhatsApp ID, whom we last wrote to at it, else the first contact with this number."""
        wa_ids = [wa_id for wa_id in wa_ids if wa_id]
        return {**self._partners_by_phone(account, wa_ids), **self._partners_written_to(account, wa_ids)}

    def _partners_written_to(self, account, wa_ids):
        outbox = self.env['fluxforce.whatsapp.message']
        groups = outbox._read_group([
            ('account_id', '=', account.id), ('wa_id', 'in', wa_ids), ('partner_id', '!=', False)],
            ['wa_id'], ['id:max'])
        partners = {wa_id: outbox.browse(latest).partner_id for wa_id, latest in groups}
        return {wa_id: partner for wa_id, partner in partners.items()
                if partner.company_id in (self.env['res.company'], account.company_id)}

    def _partners_by_phone(self, account, wa_ids):
        partners = self.env['res.partner'].search([
            ('phone_sanitized', 'in', [f'+{wa_id}' for wa_id in wa_ids]),
            ('company_id', 'in', (False, account.company_id.id))], order='id desc')
        return {partner.phone_sanitized.lstrip('+'): partner for partner in partners}

    def _create_partners(self):
        partners = self.env['res.partner'].create([{
            'name': identity.display_name,
            'phone': f'+{identity.wa_id}' if identity.wa_id else False,
            'company_id': False,
        } for identity in self])
        for identity, partner in zip(self, partners, strict=True):
            identity.write({'partner_id': partner.id, 'made_contact': True})

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
        dialled, partners = self._dialled_numbers(account, wa_ids), self._partners_of(account, wa_ids)
        return [Person(identity.partner_id or partners.get(wa_id) or self.env['res.partner'],
                       dialled.get(wa_id) or (wa_id and f'+{wa_id}') or '')
                for wa_id, identity in zip(wa_ids, identities, strict=True)]

    def _dialled_numbers(self, account, wa_ids):
        """:return: by WhatsApp ID, the number we wrote to: the ledger and the outbox know the person by it."""
        return dict(self.env['fluxforce.whatsapp.message']._read_group(
            [('wa_id', 'in', [wa_id for wa_id in wa_ids if wa_id]), ('account_id', '=', account.id),
             ('phone', '!=', False)], ['wa_id', 'phone']))

    # ------------------------------------------------------------
    # BLOCK
    # ------------------------------------------------------------

    def action_block(self):
        """Ask why these people are not to be written to."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Block'),
            'res_model': 'fluxforce.whatsapp.block',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_identity_ids': [fields.Command.set(self.ids)]},
        }

    def action_unblock(self):
        """Lift the block; what holds otherwise (consent, quiet hours) holds again."""
        self.check_access('write')
        blocked = self.filtered('blocked')
        blocked._note(self.env._('Unblocked on WhatsApp.'))
        blocked.write({'blocked': False, 'block_reason': False, 'blocked_by_id': False, 'blocked_at': False})

    def _block(self, reason):
        """Write to these people no more, whatever waits for them: the gate is asked at every send.

        :param str reason: kept with the user's name
        """
        self.check_access('read')
        # sudo: identity - every user may protect a colleague; only an administrator lifts it
        self.sudo().write({'blocked': True, 'block_reason': reason.strip(), 'blocked_by_id': self.env.uid,
                           'blocked_at': fields.Datetime.now()})
        self._note(self.env._('Blocked on WhatsApp: %(reason)s', reason=reason.strip()))

    def _note(self, text):
        for partner in self.partner_id:
            # sudo: res.partner - the note tells the contact's readers, whoever blocks
            partner.sudo().message_post(body=text, author_id=self.env.user.partner_id.id)
