from collections import Counter

from odoo import api, models
from odoo.fields import Domain

from .fluxforce_whatsapp_identity import MAX_ID_LENGTH


class FluxforceWhatsappIdentity(models.Model):
    """What reports of our messages tell about the people who got them."""

    _inherit = 'fluxforce.whatsapp.identity'

    @api.model
    def _learn_ids(self, account, told):
        """Note the id of people known by number only, as reports of our messages tell it: who hides the number later is
        still known. Who never wrote stays unknown, or everybody we write to would be among the people who wrote to us.

        :param list told: :class:`Ids`, none of them with an empty one
        """
        told = self._told_of_one_person(told)
        lacking = self.search([('account_id', '=', account.id), ('wa_id', 'in', list(told)), ('bsuid', '=', False)],
                              order='id') if told else self.browse()
        spoken_for = self._spoken_for(account, [told[identity.wa_id] for identity in lacking])
        for identity in lacking:
            ids = told[identity.wa_id]
            # A report that comes late tells whose number it was.
            is_late = identity.first_seen and ids.moment < identity.first_seen
            if not is_late and spoken_for.isdisjoint((ids.wa_id, ids.bsuid)):
                identity.bsuid = ids.bsuid

    def _told_of_one_person(self, told):
        """:return: by number, what was told last, without numbers of several ids and ids of several numbers."""
        latest = {(ids.wa_id, ids.bsuid): ids for ids in sorted(told, key=lambda ids: ids.moment)}
        numbers, bsuids = Counter(wa_id for wa_id, __ in latest), Counter(bsuid for __, bsuid in latest)
        return {wa_id: ids for (wa_id, bsuid), ids in latest.items()
                if numbers[wa_id] == bsuids[bsuid] == 1 and len(bsuid) <= MAX_ID_LENGTH}

    def _spoken_for(self, account, told):
        """:return: those of the numbers and ids that a person has given up, and ids that somebody is known by."""
        if not told:
            return set()
        wa_ids, bsuids = [ids.wa_id for ids in told], [ids.bsuid for ids in told]
        renewals = self.env['fluxforce.whatsapp.renewal'].search(Domain('account_id', '=', account.id) & (
            Domain('old_wa_id', 'in', wa_ids) | Domain('old_bsuid', 'in', bsuids)))
        known = self.search([('account_id', '=', account.id), ('bsuid', 'in', bsuids)])
        return {*renewals.mapped('old_wa_id'), *renewals.mapped('old_bsuid'), *known.mapped('bsuid')}
