from odoo import api, fields, models

# Longer than any emoji with all its modifiers.
EMOJI_LENGTH = 32


class FluxforceWhatsappReaction(models.Model):
    """The reaction of one person to one message, as it was last told; one taken back is remembered by its moment."""

    _name = 'fluxforce.whatsapp.reaction'
    _description = 'WhatsApp Reaction'
    _order = 'id desc'
    _rec_name = 'emoji'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    identity_id = fields.Many2one('fluxforce.whatsapp.identity', 'Person', required=True, readonly=True, index=True,
                                  ondelete='cascade')
    wamid = fields.Char('Message', required=True, readonly=True, index=True, help='Meta\'s id of the message.')
    emoji = fields.Char(readonly=True, help='Empty: taken back.')
    reacted_at = fields.Datetime(required=True, readonly=True)
    reaction_wamid = fields.Char('Meta\'s ID', required=True, readonly=True)

    _once = models.Constraint('unique(identity_id, wamid)', 'This person has reacted to this message already.')

    @api.model
    def _take(self, account, told):
        """Keep reactions; of one person's to one message the newest by Meta's time counts, whatever their order.

        :param list told: values of each (identity_id, wamid, emoji, reacted_at, reaction_wamid).
        :return: the reactions that changed.
        """
        known = self.search([('account_id', '=', account.id), ('wamid', 'in', [values['wamid'] for values in told])])
        by_place = {(reaction.identity_id.id, reaction.wamid): reaction for reaction in known}
        changed = self.browse()
        for values in told:
            place = values['identity_id'], values['wamid']
            reaction = by_place.get(place)
            if not reaction:
                changed |= by_place.setdefault(place, self.create({**values, 'account_id': account.id}))
            elif reaction._is_older_than(values):
                reaction.write(values)
                changed |= reaction
        return changed

    def _is_older_than(self, values):
        # Meta's moments are whole seconds; its id decides between two of the same.
        return (self.reacted_at, self.reaction_wamid) < (values['reacted_at'], values['reaction_wamid'])

    def _show(self, shown):
        """Show the reactions in the chatter, one per person, as core does for its users.

        :param dict shown: the chatter's message by Meta's id; what is not shown anywhere is only remembered.
        """
        guest = self.env['mail.guest']
        for reaction in self:
            message, partner = shown.get(reaction.wamid), reaction.identity_id.partner_id
            if not message or not partner:
                continue
            former = message.reaction_ids.filtered(lambda shown, partner=partner: shown.partner_id == partner)
            for content in set(former.mapped('content')) - {reaction.emoji}:
                message._message_reaction(content, 'remove', partner, guest)
                self.env['fluxforce.whatsapp.chatter']._tell_reaction(message, content)
            if reaction.emoji:
                message._message_reaction(reaction.emoji, 'add', partner, guest)
                self.env['fluxforce.whatsapp.chatter']._tell_reaction(message, reaction.emoji)
