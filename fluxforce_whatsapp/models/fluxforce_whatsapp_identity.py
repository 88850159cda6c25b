from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..cloud_api import const as meta
from ..policy.variants import all_spellings, canonical
from .fluxforce_whatsapp_renewal import Ids

# Longer than any id Meta documents (130 characters); what is longer cannot be kept in an index.
MAX_ID_LENGTH = 256
MAX_NAME_LENGTH = 255


@dataclass(frozen=True)
class Person:
    """:ivar partner: the contact, maybe empty. :ivar phone: in international form, '' if hidden or no number."""

    partner: object
    phone: str


@dataclass(frozen=True)
class Taken:
    """A number that was known as another row's.

    :ivar message: in which it came. :ivar identity: whose it is now. :ivar former: whose it was.
    :ivar bool by_another: whether they are surely two people: both have an id at Meta, or had a number of their own
    """

    message: object
    identity: object
    former: object
    by_another: bool


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
    parent_bsuid = fields.Char('Common User ID', readonly=True,
                               help='Meta\'s id of this person for all linked portfolios of one business.')
    username = fields.Char(readonly=True)
    profile_name = fields.Char(readonly=True)
    made_contact = fields.Boolean(readonly=True, help='Technical: the contact was made from what WhatsApp told.')
    first_seen = fields.Datetime(readonly=True)
    last_seen = fields.Datetime(readonly=True)
    blocked = fields.Boolean(readonly=True, copy=False, help='Nothing is sent to this person, not even answers.')
    block_reason = fields.Char('Why Blocked', readonly=True, copy=False)
    blocked_by_id = fields.Many2one('res.users', 'Blocked by', readonly=True, copy=False, ondelete='set null')
    blocked_at = fields.Datetime('Blocked on', readonly=True, copy=False)

    renewal_ids = fields.Many2many('fluxforce.whatsapp.renewal', string='Changes of Number or ID',
                                   compute='_compute_renewal_ids')
    inbound_count = fields.Integer('Received', compute='_compute_inbound_count')

    _wa_id_unique = models.UniqueIndex('(account_id, wa_id) WHERE wa_id IS NOT NULL', 'This person is already known.')
    _bsuid_unique = models.UniqueIndex('(account_id, bsuid) WHERE bsuid IS NOT NULL', 'This person is already known.')

    # Asked for at every decision of the gate; few people are blocked.
    _blocked_idx = models.Index('(company_id) WHERE blocked')

    @api.depends('profile_name', 'username', 'wa_id', 'bsuid')
    def _compute_display_name(self):
        for identity in self:
            number = identity.wa_id and f'+{identity.wa_id}'
            identity.display_name = identity.profile_name or identity.username or number or identity.bsuid or ''

    @api.depends('account_id', 'wa_id', 'bsuid')
    def _compute_renewal_ids(self):
        ids = {name: [value for value in self.mapped(name) if value] for name in ('wa_id', 'bsuid')}
        renewals = self.env['fluxforce.whatsapp.renewal'].search(
            Domain('account_id', 'in', self.account_id.ids)
            & Domain.OR(Domain(f'{when}_{name}', 'in', ids[name]) for name in ids for when in ('old', 'new')))
        for identity in self:
            identity.renewal_ids = renewals.filtered(identity._is_changed_by)

    def _is_changed_by(self, renewal):
        """:return: whether a change of number or id leads to this person, or away from their number or id."""
        return renewal.account_id == self.account_id and bool(
            (self.wa_id and self.wa_id in (renewal.old_wa_id, renewal.new_wa_id))
            or (self.bsuid and self.bsuid in (renewal.old_bsuid, renewal.new_bsuid)))

    def _compute_inbound_count(self):
        counts = dict(self.env['fluxforce.whatsapp.inbound']._read_group(
            [('identity_id', 'in', self.ids)], ['identity_id'], ['__count']))
        for identity in self:
            identity.inbound_count = counts.get(identity, 0)

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
        taken = []
        identities = self.concat(*[self._of_sender(account, message, people, taken) for message in inbound])
        self._welcome(account, [(one.message, one.former) for one in taken if one.by_another and one.message.user_id])
        self._reunite(account, [(one.identity, one.former) for one in taken if not one.by_another])
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
        """:return: the messages as if sent by who they are now: a change of number may have come before them. None is
            from further ahead than clocks differ: all that the person writes later would be late."""
        latest = fields.Datetime.now() + meta.CLOCKS_APART
        inbound = [replace(message, timestamp=message.timestamp and min(message.timestamp, latest))
                   for message in inbound]
        ids = self.env['fluxforce.whatsapp.renewal']._present(
            account, [Ids(message.sender, message.user_id, message.timestamp) for message in inbound])
        return [replace(message, sender=person.wa_id, user_id=person.bsuid)
                for message, person in zip(inbound, ids, strict=True)]

    def _search_people(self, account, inbound):
        """:return: who is known, by (field, id at Meta) and by ('number', canonical number); kept up while new ones are
            made."""
        known = self.search([
            ('account_id', '=', account.id),
            '|', ('bsuid', 'in', [message.user_id for message in inbound if message.user_id]),
            ('wa_id', 'in', all_spellings(message.sender for message in inbound))])
        return {key: identity for identity in known.sorted('id') for key in identity._keys()}

    def _keys(self):
        """:return: what this person is found by."""
        by_number = [('wa_id', self.wa_id), ('number', canonical(self.wa_id))] if self.wa_id else []
        return [('bsuid', self.bsuid), *by_number] if self.bsuid else by_number

    def _of_sender(self, account, message, people, taken):
        """:param list taken: a :class:`Taken` is added if the number was another row's."""
        identity = self._find(message, people)
        self._ask_about_double(message, identity, people)
        values = self._prepare_seen_values(message)
        former = self.browse() if identity._keeps_number(values) else self._release_number(message, identity, people)
        had_number = bool(identity.wa_id)
        if identity:
            identity._see_again(values)
        else:
            identity = self.create({**values, 'account_id': account.id, 'first_seen': values['last_seen']})
        people.update(dict.fromkeys(identity._keys(), identity))
        if former:
            taken.append(Taken(message, identity, former, by_another=bool(former.bsuid or had_number)))
        return identity

    def _check_ids(self, message):
        """A shortened id could be somebody else's, so such a message is not taken."""
        if max(len(message.sender), len(message.user_id)) > MAX_ID_LENGTH:
            raise ValidationError(self.env._(
                'The id of the sender is longer than %(count)s characters.', count=MAX_ID_LENGTH))

    def _find(self, message, people):
        """The person's id at Meta is surer than the number: a number can change hands. Of two who have it in different
        spellings, who has this one."""
        return self._find_by_ids(message.sender, message.user_id, people)

    def _find_by_ids(self, wa_id, bsuid, people):
        for name, value in (('bsuid', bsuid), ('wa_id', wa_id), ('number', canonical(wa_id))):
            identity = value and people.get((name, value))
            if identity and (name == 'bsuid' or not (identity.bsuid and bsuid)):
                return identity
        return self.browse()

    def _release_number(self, message, identity, people):
        """Take the number from whom it was known by before it changed hands (or was hidden).

        :return: whose it was, maybe empty
        """
        former = people.get(('wa_id', message.sender), self.browse()) - identity
        if former:
            former.write({'wa_id': False})
            former.flush_recordset(['wa_id'])  # before the number is given to another row: it is unique
        return former

    def _welcome(self, account, newcomers):
        """A number has another owner, as Meta's ids show: what was agreed to for it was not agreed to by who has it
        now, and whoever still has it on their contact cannot be reached there. Somebody has to look. (Our own rule.)

        :param list newcomers: (message, whose number it was)
        """
        if not newcomers:
            return
        now = fields.Datetime.now()
        # sudo: consent - the ledger goes on whoever reads the webhooks
        self.env['fluxforce.whatsapp.consent'].sudo()._end_for_numbers(account.company_id, {
            f'+{message.sender}': min(message.timestamp or now, now) for message, __ in newcomers})
        self.env['fluxforce.whatsapp.alert']._raise_alert('two_people', account, times=len(newcomers), detail='\n'.join(
            self.env._('+%(number)s was the number of %(known)s. Now somebody else writes from it: %(newcomer)s. What '
                       'was agreed to for this number no longer counts.',
                       number=message.sender, known=former.display_name,
                       newcomer=message.profile_name or message.username or message.user_id)
            for message, former in newcomers))

    def _reunite(self, account, taken):
        """Who was known by number only, wrote with the number hidden and now shows it: the block stays with the person.
        That both are one is likely, not sure, so the two rows and contacts stay and somebody has to look.

        :param list taken: (who has the number now, who had it)
        """
        for identity, former in taken:
            identity.write(self.env['fluxforce.whatsapp.moving']._prepare_block(identity, former))
            (identity | former)._leave_foreign_contacts()
        double = [(identity, former) for identity, former in taken
                  if identity.partner_id and former.partner_id and identity.partner_id != former.partner_id]
        if double:
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'two_contacts', account, times=len(double), detail='\n'.join(self.env._(
                    '%(former)s, known by +%(number)s, and %(later)s, who had hidden the number, seem to be one '
                    'person. New messages go to %(later)s.',
                    former=former.partner_id.display_name, number=identity.wa_id,
                    later=identity.partner_id.display_name) for identity, former in double))

    def _ask_about_double(self, message, identity, people):
        """One number in two spellings, with two ids at Meta: two people never become one, so somebody has to look.

        :param identity: who has written, maybe empty, as known before.
        """
        other = people.get(('number', canonical(message.sender)), self.browse())
        is_news = other and other.wa_id != message.sender and identity.wa_id != message.sender
        if is_news and other != identity and other.bsuid and message.user_id:
            self.env['fluxforce.whatsapp.alert']._raise_alert('two_people', other.account_id, detail=self.env._(
                '+%(one)s and +%(other)s are the same number in two spellings, but WhatsApp has two people there: '
                '%(newcomer)s and %(known)s.',
                one=message.sender, other=other.wa_id, known=other.display_name,
                newcomer=message.profile_name or message.username or message.user_id))

    def _see_again(self, values):
        """Take over what a message tells about its sender; one that comes late does not bring back an old name."""
        is_late = self._is_late(values)
        self.write({name: value for name, value in values.items()
                    if value and value != self[name] and not (is_late and self[name])})

    def _keeps_number(self, values):
        return bool(self.wa_id and self._is_late(values))

    def _is_late(self, values):
        return bool(self.last_seen and values['last_seen'] < self.last_seen)

    def _prepare_seen_values(self, message):
        return {
            'wa_id': message.sender or False,
            'bsuid': message.user_id or False,
            'parent_bsuid': message.parent_id[:MAX_ID_LENGTH] or False,
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
        self._leave_foreign_contacts()
        lacking = self.filtered(lambda identity: not identity.partner_id)
        partners = self._partners_of(account, lacking.mapped('wa_id'))
        owners = self._owners(account, partners.values())
        for identity in lacking:
            identity.partner_id = self._unless_anothers(partners.get(identity.wa_id), identity.bsuid, owners)
        if account.create_contacts:
            lacking.filtered(lambda identity: not identity.partner_id)._create_partners()
        lacking.filtered('partner_id')._bring_stops()

    def _leave_foreign_contacts(self):
        """A contact that was given to another company since is nobody to this one: its chatter is read over there."""
        foreign = self.filtered(lambda identity: identity.partner_id._whatsapp_moved_away(identity.company_id))
        foreign.write({'partner_id': False, 'made_contact': False})

    def _bring_stops(self):
        """What these people said before about stopping counts for the contact they are now, from when they said it."""
        said = self.env['fluxforce.whatsapp.inbound'].search(
            [('identity_id', 'in', self.ids), ('heard', '!=', False)], order='sent_at, id')
        elsewhere = said.filtered(lambda message: message.partner_id != message.identity_id.partner_id)
        for account, messages in elsewhere.grouped('account_id').items():
            self.env['fluxforce.whatsapp.listener']._heed_again(account, messages)

    def _unless_anothers(self, partner, bsuid, owners):
        """A number can change hands: whoever comes with an id of their own is not who had the number before.

        :param dict owners: of :meth:`_owners`
        :return: the contact with the person's number, none if it is known to be somebody else
        """
        is_theirs = partner and (not bsuid or owners.get(partner, bsuid) == bsuid)
        return partner if is_theirs else self.env['res.partner']

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
            ('account_id', '=', account.id), ('wa_id', 'in', all_spellings(wa_ids)), ('partner_id', '!=', False)],
            ['wa_id'], ['id:max'])
        newest_first = [outbox.browse(latest) for __, latest in sorted(groups, key=lambda group: -group[1])]
        left = self.env['fluxforce.whatsapp.renewal']._left(account, [message.wa_id for message in newest_first])
        # Whoever has moved away is not who has the number now.
        present = [message for message in newest_first
                   if message.wa_id not in left or message.create_date > left[message.wa_id]]
        partners = self._by_asked(wa_ids, [(message.wa_id, message.partner_id) for message in present])
        return {wa_id: partner for wa_id, partner in partners.items()
                if partner.company_id in (self.env['res.company'], account.company_id)}

    def _partners_by_phone(self, account, wa_ids):
        partners = self.env['res.partner'].search([
            ('phone_sanitized', 'in', all_spellings(wa_ids, '+')),
            ('company_id', 'in', (False, account.company_id.id))], order='id')
        return self._by_asked(wa_ids, [(partner.phone_sanitized, partner) for partner in partners])

    def _by_asked(self, wa_ids, found):
        """:param list found: (number in any spelling, value), what is preferred first.
        :return: by WhatsApp ID as asked, the value of its number."""
        values = {canonical(number): value for number, value in reversed(found)}
        return {wa_id: values[canonical(wa_id)] for wa_id in wa_ids if wa_id and canonical(wa_id) in values}

    def _create_partners(self):
        partners = self.env['res.partner'].create([{
            'name': identity.display_name,
            'phone': f'+{identity.wa_id}' if identity.wa_id else False,
            'company_id': False,
        } for identity in self])
        for identity, partner in zip(self, partners, strict=True):
            identity.write({'partner_id': partner.id, 'made_contact': True})

    # ------------------------------------------------------------
    # ANOTHER CONTACT
    # ------------------------------------------------------------

    def _give_to(self, partner):
        """Undo a wrong assignment: the person is this contact; what they wrote moves along, and that they said stop
        counts for this contact, too. Consents stay as recorded: agreeing is for whom it was recorded.

        :param partner: the right contact, one record.
        """
        self.ensure_one()
        former = self.partner_id
        received = self.env['fluxforce.whatsapp.inbound'].search([('identity_id', '=', self.id)])
        self.write({'partner_id': partner.id, 'made_contact': False})
        self._bring_stops()
        received.filtered('partner_id')._move_to(partner)
        self._move_reactions(former, partner)
        received._assign(partner)
        (former | partner)._message_log_batch(bodies=dict.fromkeys((former | partner).ids, self.env._(
            'WhatsApp: %(person)s was with the contact %(former)s and is now with %(contact)s, with all messages.',
            person=self.display_name, former=former.display_name or self.env._('nobody'),
            contact=partner.display_name)))

    def _move_reactions(self, former, partner):
        wamids = self.env['fluxforce.whatsapp.reaction'].search([('identity_id', '=', self.id)]).mapped('wamid')
        sent = self.env['fluxforce.whatsapp.message'].search([
            ('account_id', '=', self.account_id.id), ('wamid', 'in', wamids)])
        reactions = self.env['mail.message.reaction'].search([
            ('message_id', 'in', sent.mail_message_id.ids), ('partner_id', 'in', former.ids)])
        present = self.env['mail.message.reaction'].search([
            ('message_id', 'in', reactions.message_id.ids), ('partner_id', '=', partner.id)])
        doubles = {(reaction.message_id, reaction.content) for reaction in present}
        reactions.filtered(
            lambda reaction: (reaction.message_id, reaction.content) not in doubles).partner_id = partner

    def action_another_contact(self):
        """Ask which contact the person really is."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Another Contact'),
            'res_model': 'fluxforce.whatsapp.reassign',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_identity_id': self.id},
        }

    def action_open_received(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_inbound_action')
        return {**action, 'domain': [('identity_id', '=', self.id)], 'context': {}}

    def action_open_sent(self):
        """Open what was sent to the person, under any spelling of the number."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_message_action')
        to_the_number = Domain('wa_id', 'in', all_spellings([self.wa_id])) | Domain(
            'phone', 'in', all_spellings([self.wa_id], '+'))
        domain = Domain('account_id', '=', self.account_id.id) & to_the_number
        return {**action, 'domain': list(domain), 'context': {}}

    # ------------------------------------------------------------
    # LOOK UP
    # ------------------------------------------------------------

    @api.model
    def _of_people(self, account, ids):
        """Find who is meant, without making anybody known who was not. Another company's contact is none.

        :param list ids: (WhatsApp ID, BSUID) of each person, either may be ''.
        :return: a :class:`Person` for each, in the same order.
        """
        known = self.search([
            ('account_id', '=', account.id), '|', ('bsuid', 'in', [bsuid for __, bsuid in ids if bsuid]),
            ('wa_id', 'in', all_spellings(wa_id for wa_id, __ in ids))])
        people = {key: identity for identity in known.sorted('id') for key in identity._keys()}
        identities = [self._find_by_ids(wa_id, bsuid, people) for wa_id, bsuid in ids]
        wa_ids = [wa_id or identity.wa_id for (wa_id, __), identity in zip(ids, identities, strict=True)]
        dialled, partners = self._dialled_numbers(account, wa_ids), self._partners_of(account, wa_ids)
        owners = self._owners(account, partners.values())
        return [Person(identity.partner_id._whatsapp_of(account.company_id)
                       or self._unless_anothers(partners.get(wa_id), bsuid, owners),
                       dialled.get(wa_id) or (wa_id and f'+{wa_id}') or '')
                for wa_id, (__, bsuid), identity in zip(wa_ids, ids, identities, strict=True)]

    def _dialled_numbers(self, account, wa_ids):
        """:return: by WhatsApp ID, the number we wrote to: the ledger and the outbox know the person by it."""
        groups = self.env['fluxforce.whatsapp.message']._read_group(
            [('wa_id', 'in', all_spellings(wa_ids)), ('account_id', '=', account.id), ('phone', '!=', False)],
            ['wa_id', 'phone'], order='id:max')
        return {**self._by_asked(wa_ids, list(reversed(groups))), **dict(groups)}

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
