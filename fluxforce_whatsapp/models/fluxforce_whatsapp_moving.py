from odoo import api, models
from odoo.fields import Domain

from ..policy.variants import all_spellings, same_number
from .fluxforce_whatsapp_renewal import Ids


class FluxforceWhatsappMoving(models.AbstractModel):
    """Gives people who change their number, or get another id at Meta, what they had before.

    The rules (our own): the person, their contact, what they agreed to and what waits for them go along. Who wrote
    under the new ids before the notice came is the same person. Two contacts become one only if WhatsApp made one of
    them here and nobody has touched it since; otherwise people are asked.
    """

    _name = 'fluxforce.whatsapp.moving'
    _description = 'WhatsApp Moving'

    @api.model
    def _move(self, renewal):
        """:param renewal: the notice, one record of ``fluxforce.whatsapp.renewal``."""
        account = renewal.account_id
        old = Ids(renewal.old_wa_id or '', renewal.old_bsuid or '', renewal.changed_at)
        new, = self.env['fluxforce.whatsapp.renewal']._present(account, [old])
        whom, = self.env['fluxforce.whatsapp.identity']._of_people(account, [(old.wa_id, old.bsuid)])
        identity = self._join(renewal, new)
        partner = self._contact(account, identity, whom.partner, old)
        if new.wa_id and new.wa_id != old.wa_id:
            self._take_along(account, partner, whom.phone, f'+{new.wa_id}')

    # ------------------------------------------------------------
    # THE PERSON
    # ------------------------------------------------------------

    def _join(self, renewal, new):
        """:return: the identity of the person, with the new ids; empty if they never wrote."""
        former, holders = self._had(renewal), self._have(renewal.account_id, new)
        same = holders.filtered(lambda holder: self._is_same(holder, new, renewal))
        self._release_number(holders - same - former, new)
        if not former or former == same:
            return former or same
        for later in same - former:
            if not self._fold(former, later):
                return later
        former.write({'wa_id': new.wa_id or False, 'bsuid': new.bsuid or False})
        return former

    def _had(self, renewal):
        """:return: who had the former ids when they changed."""
        by_id = Domain('bsuid', '=', renewal.old_bsuid) if renewal.old_bsuid else Domain.FALSE
        by_number = Domain('wa_id', 'in', all_spellings([renewal.old_wa_id])) & Domain(
            'first_seen', '<=', renewal.changed_at)
        if renewal.old_bsuid:
            by_number &= Domain('bsuid', '=', False)
        found = self.env['fluxforce.whatsapp.identity'].search(
            Domain('account_id', '=', renewal.account_id.id) & (
                by_id | (by_number if renewal.old_wa_id else Domain.FALSE)))
        return found.sorted(lambda identity: not identity.bsuid)[:1]

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

    def _release_number(self, former_owners, ids):
        """Whoever had the number before it became this person's has it no more."""
        owners = former_owners.filtered(lambda owner: owner.wa_id == ids.wa_id)
        owners.write({'wa_id': False})
        owners.flush_recordset(['wa_id'])  # before the number is given to another row: it is unique

    # ------------------------------------------------------------
    # ONE PERSON OF TWO
    # ------------------------------------------------------------

    def _fold(self, former, later):
        """Make one person of the two rows WhatsApp says are one.

        :return: whether it was done; not if both have a contact that people may have worked with.
        """
        contact = self._one_contact(former.account_id, former.partner_id, later.partner_id)
        if not contact and (former.partner_id or later.partner_id):
            return False
        self._hand_over(former, later)
        values = {name: later[name] for name in ('profile_name', 'username') if later[name]}
        former.write({
            **values, 'partner_id': contact.id,
            'last_seen': max(filter(None, (former.last_seen, later.last_seen)), default=False)})
        later.flush_recordset()
        later.unlink()
        return True

    def _hand_over(self, former, later):
        later_reactions = self.env['fluxforce.whatsapp.reaction'].search([('identity_id', '=', later.id)])
        former_reactions = self.env['fluxforce.whatsapp.reaction'].search([('identity_id', '=', former.id)])
        # A person's reaction to a message is one; the newest counts.
        replaced = later_reactions.filtered(lambda reaction: reaction.wamid in former_reactions.mapped('wamid'))
        former_reactions.filtered(lambda reaction: reaction.wamid in replaced.mapped('wamid')).unlink()
        later_reactions.identity_id = former
        received = self.env['fluxforce.whatsapp.inbound'].search([('identity_id', '=', later.id)])
        received.identity_id = former

    def _contact(self, account, identity, known, old):
        """:return: the person's contact: whom we know by the former number is the person as well."""
        owners = self.env['fluxforce.whatsapp.identity']._owners(account, [known])
        if not known or owners.get(known, old.bsuid) not in (old.bsuid, identity.bsuid):
            return identity.partner_id
        if not identity:
            return known
        contact = self._one_contact(account, known, identity.partner_id)
        if contact:
            identity.partner_id = contact
        return identity.partner_id

    def _one_contact(self, account, former, later):
        """:return: the contact that is left, empty if both stay because people may have worked with them."""
        if not former or not later or former == later:
            return former or later
        untouched = self._untouched(former + later)
        if not untouched:
            self._ask(account, former, later)
            return former.browse()
        source = later if later in untouched else former
        kept = former + later - source
        wizard = self.env['base.partner.merge.automatic.wizard'].sudo()  # sudo: as core does it for an administrator
        wizard._merge((source + kept).ids, kept, extra_checks=False)
        return kept

    def _untouched(self, partners):
        """:return: the contacts that were made here from what WhatsApp told, and nobody has worked on since."""
        made = self.env['fluxforce.whatsapp.identity'].search(
            [('partner_id', 'in', partners.ids), ('made_contact', '=', True)]).partner_id
        return made.filtered(lambda partner: partner.write_uid == partner.create_uid and not partner.user_ids)

    def _ask(self, account, former, later):
        self.env['fluxforce.whatsapp.alert']._raise_alert('two_contacts', account, detail=self.env._(
            'WhatsApp says that %(former)s and %(later)s are one person, who has a new number or id.',
            former=former.display_name, later=later.display_name))

    # ------------------------------------------------------------
    # WHAT GOES ALONG
    # ------------------------------------------------------------

    def _take_along(self, account, partner, old_phone, new_phone):
        """:param str old_phone: in international form, as the ledger has it. :param str new_phone: likewise."""
        new_phone = partner._phone_format(number=new_phone) or new_phone
        if not old_phone or same_number(old_phone, new_phone):
            return
        self.env['fluxforce.whatsapp.consent']._carry_over(account.company_id, partner, old_phone, new_phone)
        if partner and partner.phone_sanitized == old_phone:
            partner.phone = partner._phone_format(number=new_phone, force_format='INTERNATIONAL') or new_phone
        self.env['fluxforce.whatsapp.message']._readdress(account, old_phone, new_phone)
