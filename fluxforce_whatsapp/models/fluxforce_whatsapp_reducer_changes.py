from datetime import timedelta

from odoo import fields, models

from ..cloud_api import const as meta
from .fluxforce_whatsapp_identity import MAX_ID_LENGTH
from .fluxforce_whatsapp_reaction import EMOJI_LENGTH

# How long each run looks for the message that a change is about. After that the message itself, if it comes at all,
# brings its changes along: Meta repeats a webhook for days.
PATIENCE = timedelta(minutes=10)


class FluxforceWhatsappReducer(models.AbstractModel):
    """Changes: what people do to a message that is already there – react to it, edit it, delete it."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_changes(self, account, items, read):
        targets = [read[item].target for item in items]
        theirs = self._received_by_wamid(account, targets)
        by_kind = items.grouped(lambda item: read[item].type)
        self._edit_messages(account, by_kind.get(meta.MESSAGE_EDIT, items.browse()), read, theirs)
        self._revoke_messages(by_kind.get(meta.MESSAGE_REVOKE, items.browse()), read, theirs)
        self._react(account, by_kind.get(meta.MESSAGE_REACTION, items.browse()), read, theirs)

    def _received_by_wamid(self, account, wamids):
        received = self.env['fluxforce.whatsapp.inbound'].search(
            [('account_id', '=', account.id), ('wamid', 'in', wamids)])
        return {message.wamid: message for message in received}

    def _sent_by_wamid(self, account, wamids):
        sent = self.env['fluxforce.whatsapp.message'].search(
            [('account_id', '=', account.id), ('wamid', 'in', wamids)])
        return {message.wamid: message for message in sent}

    def _close_or_wait(self, items, read, known):
        """:return: the items whose message is known; the others wait for it, or are given up."""
        found = items.filtered(lambda item: read[item].target in known)
        since = fields.Datetime.now() - PATIENCE
        waiting = (items - found).filtered(lambda item: read[item].target and item.event_id.received_at >= since)
        found.write({'state': 'done'})
        waiting.write({'state': 'waiting'})
        (items - found - waiting).write({'state': 'ignored'})
        for item in items - found:
            target = read[item].target
            item.target = target if target and len(target) <= MAX_ID_LENGTH else False
        return found

    def _bring_changes(self, account, wamids):
        """Take up again what was told about messages before they came, however long ago.

        :param list wamids: Meta's ids of the messages that are known now
        """
        if wamids:
            early = self.env['fluxforce.whatsapp.event.item'].search([
                ('account_id', '=', account.id), ('target', 'in', wamids), ('state', '=', 'ignored')])
            early.filtered('content').write({'state': 'waiting'})

    def _edit_messages(self, account, items, read, theirs):
        edits = []
        for item in self._close_or_wait(items, read, theirs):
            message, said = theirs[read[item].target], read[item]
            if said.edited:
                if said.message_id not in {edit['by'] for edit in message.edits or []}:
                    edits.append((message, said.edited, self._moment(item, said)))
                words = self.env['fluxforce.whatsapp.inbound.words']
                message._edit(words._of(said.edited), self._moment(item, said), said.message_id)
        self.env['fluxforce.whatsapp.listener']._heed_edits(account, edits)

    def _revoke_messages(self, items, read, theirs):
        for item in self._close_or_wait(items, read, theirs):
            theirs[read[item].target]._revoke(self._moment(item, read[item]))

    def _react(self, account, items, read, theirs):
        ours = self._sent_by_wamid(account, [read[item].target for item in items])
        known = {**theirs, **ours}
        found = self._close_or_wait(items, read, known)
        people = self.env['fluxforce.whatsapp.identity']._of_senders(account, [read[item] for item in found])
        reactions = self.env['fluxforce.whatsapp.reaction']._take(account, [{
            'identity_id': person.id,
            'wamid': read[item].target,
            'emoji': read[item].emoji[:EMOJI_LENGTH] or False,
            'reacted_at': self._moment(item, read[item]),
            'reaction_wamid': read[item].message_id,
        } for item, person in zip(found, people, strict=True)])
        reactions._show({wamid: message.mail_message_id for wamid, message in known.items()})
