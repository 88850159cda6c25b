from odoo import api, models
from odoo.fields import Domain

from ..policy.variants import all_spellings, same_number
from .fluxforce_whatsapp_renewal import Ids


class FluxforceWhatsappMoving(models.AbstractModel):
    """Gives people who change their number, or get another id at Meta, what they had before.

    The rules (our own): the person, their contact, what they agreed to and what waits for them go along. Who wrote
    under the new ids before the notice came is the same person. Contacts never become one by themselves: where there
    are two, the one known before goes on and people are asked.
    """

    _name = 'fluxforce.whatsapp.moving'
    _description = 'WhatsApp Moving'

    @api.model
    def _move(self, renewal):
        """:param renewal: the notice, one record of ``fluxforce.whatsapp.renewal``."""
        old = Ids(renewal.old_wa_id or '', renewal.old_bsuid or '', renewal.changed_at)
        new, = self.env['fluxforce.whatsapp.renewal']._present(renewal.account_id, [old])
        former = self._had(renewal)
        former._leave_foreign_contacts()
        known = self._known_contact(renewal, former)
        identity = self._join(renewal, former, new)
        partner = self._settle_contact(identity, known)
        if old.wa_id and new.wa_id and not same_number(old.wa_id, new.wa_id):
            self._take_along(renewal, partner, old.wa_id, new.wa_id)

    # ------------------------------------------------------------
    # THE PERSON
    # ------------------------------------------------------------

    def _join(self, renewal, former, new):
        """:return: the identity of the person, with the new ids; empty if they never wrote."""
        holders = self._have(renewal.account_id, new)
        holders._leave_foreign_contacts()
        same = holders.filtered(lambda holder: self._is_same(holder, new, renewal))
        self._release_number(holders - same - former, new, renewal)
        if not former:
            return same[:1]
        for later in same - former:
            self._fold(former, later)
        former.write({'wa_id': new.wa_id or False, 'bsuid': new.bsuid or False})
        return former

    def _had(self, renewal):
        """:return: who had the former ids when they changed."""
        by_id = Domain('bsuid', '=', renewal.old_bsuid) if renewal.old_bsuid else Domain.FALSE
        found = self.env['fluxforce.whatsapp.identity'].search(
            Domain('account_id', '=', renewal.account_id.id) & (by_id | self._had_number(renewal)))
        return found.sorted(lambda identity: not identity.bsuid)[:1]

    def _had_number(self, renewal):
        """:return: a domain: the number tells who it was, unless it has become another person's since."""
        if not renewal.old_wa_id or renewal._was_passed_on():
            return Domain.FALSE
        by_number = Domain('wa_id', 'in', all_spellings([renewal.old_wa_id])) & Domain(
            'first_seen', '<=', renewal.changed_at)
        return by_number & Domain('bsuid', '=', False) if renewal.old_bsuid else by_number

    def _have(self, account, ids):
        """:return: who has one of these ids at present."""
        by_id = Domain('bsuid', '=', ids.bsuid) if ids.bsuid else Domain.FALSE
        by_number = Domain('wa_id', 'in', all_spellings([ids.wa_id]))
        return self.env['fluxforce.whatsapp.identity'].search(
            Domain('account_id', '=', account.id) & (by_id | by_number))

    def _is_same(self, holder, ids, renewal):
        """:return: whether it is the person of the notice, who has written already since they changed."""
        if ids.bsuid and holder.bsuid:
            return holder.bsuid == ids.bsuid
        return same_number(holder.wa_id, ids.wa_id) and holder.first_seen >= renewal.changed_at

    def _release_number(self, former_owners, ids, renewal):
        """Whoever had the number before it became this person's has it no more, and what they agreed to for it was not
        agreed to by who has it now. (Our own rule: in doubt the newcomer is asked again.)
        """
        owners = former_owners.filtered(lambda owner: owner.wa_id == ids.wa_id)
        if owners:
            owners.write({'wa_id': False})
            owners.flush_recordset(['wa_id'])  # before the number is given to another row: it is unique
            # sudo: consent - the ledger goes on whoever reads the webhooks
            self.env['fluxforce.whatsapp.consent'].sudo()._end_for_numbers(
                renewal.company_id, {f'+{ids.wa_id}': renewal.changed_at})

    def _fold(self, former, later):
        """Make one person of the two rows WhatsApp says are one."""
        if former.partner_id and later.partner_id and former.partner_id != later.partner_id:
            self._ask(former.account_id, former.partner_id, later.partner_id)
        self._hand_over(former, later)
        former.write({
            **{name: later[name] for name in ('profile_name', 'username') if later[name]},
            'partner_id': former.partner_id.id or later.partner_id.id,
            **self._prepare_block(former, later),
            'last_seen': max(filter(None, (former.last_seen, later.last_seen)), default=False)})
        later.flush_recordset()
        later.unlink()

    def _prepare_block(self, former, later):
        """:return: values of the block, which stays with the person whichever of the two rows has it."""
        return {} if former.blocked or not later.blocked else {
            'blocked': True, 'block_reason': later.block_reason, 'blocked_by_id': later.blocked_by_id.id,
            'blocked_at': later.blocked_at}

    def _hand_over(self, former, later):
        """What the later row wrote and how it reacted is the former's; of two reactions to a message the newer."""
        received = self.env['fluxforce.whatsapp.inbound'].search([('identity_id', '=', later.id)])
        received.identity_id = former
        reactions = self.env['fluxforce.whatsapp.reaction'].search([('identity_id', 'in', (former + later).ids)])
        for twins in reactions.grouped('wamid').values():
            newest = twins.sorted(lambda reaction: (reaction.reacted_at, reaction.reaction_wamid))[-1]
            (twins - newest).unlink()
            newest.identity_id = former

    # ------------------------------------------------------------
    # THE CONTACT
    # ------------------------------------------------------------

    def _known_contact(self, renewal, former):
        """:return: the person's contact before the change: whom we know by the former number is the person as well."""
        if former.partner_id or not renewal.old_wa_id or renewal._was_passed_on():
            return former.partner_id
        identities = self.env['fluxforce.whatsapp.identity']
        partner = identities._partners_of(renewal.account_id, [renewal.old_wa_id]).get(renewal.old_wa_id)
        owners = identities._owners(renewal.account_id, [partner] if partner else [])
        is_theirs = owners.get(partner, renewal.old_bsuid) in (renewal.old_bsuid, renewal.new_bsuid)
        return partner if partner and is_theirs else self.env['res.partner']

    def _settle_contact(self, identity, known):
        """:return: the person's contact from now on, maybe empty."""
        if not identity or not known:
            return identity.partner_id or known
        if identity.partner_id and identity.partner_id != known:
            self._ask(identity.account_id, known, identity.partner_id)
        identity.partner_id = known
        identity._bring_stops()
        hidden = self.env['fluxforce.whatsapp.inbound'].search(
            [('identity_id', '=', identity.id), ('partner_id', '=', False)])
        if hidden:
            hidden._assign(known)
        return known

    def _ask(self, account, former, later):
        self.env['fluxforce.whatsapp.alert']._raise_alert('two_contacts', account, detail=self.env._(
            'WhatsApp says that %(former)s and %(later)s are one person, who has a new number or id.',
            former=former.display_name, later=later.display_name))

    # ------------------------------------------------------------
    # WHAT GOES ALONG
    # ------------------------------------------------------------

    def _take_along(self, renewal, partner, old_wa_id, new_wa_id):
        account = renewal.account_id
        dialled = self.env['fluxforce.whatsapp.identity']._dialled_numbers(account, [old_wa_id])
        old_phone = dialled.get(old_wa_id) or f'+{old_wa_id}'
        new_phone = partner._phone_format(number=f'+{new_wa_id}')
        if not new_phone:
            self._tell_undiallable(account, partner, new_wa_id)
            return
        if partner and partner.phone_sanitized == old_phone:
            partner.phone = partner._phone_format(number=new_phone, force_format='INTERNATIONAL') or new_phone
            # Before the ledger: for the old number the consent ends, and with it what still waits there.
            self.env['fluxforce.whatsapp.message']._readdress(partner, old_phone, new_phone)
        self.env['fluxforce.whatsapp.consent']._carry_over(renewal, partner, old_phone, new_phone)
        self.env['fluxforce.whatsapp.pair']._carry_over(account.number_ids, old_phone, new_phone)

    def _tell_undiallable(self, account, partner, wa_id):
        """A number nobody can dial is not written over one that can be."""
        self.env['fluxforce.whatsapp.alert']._raise_alert('other', account, severity='warning', detail=self.env._(
            '%(person)s has the new WhatsApp number +%(number)s, which cannot be dialled as it stands. Ask the person '
            'and correct the contact.', person=partner.display_name or self.env._('Somebody'), number=wa_id))
