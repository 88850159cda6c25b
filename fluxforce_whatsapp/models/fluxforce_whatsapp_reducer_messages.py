from odoo import models

from ..cloud_api import const as meta
from ..cloud_api.const import CLOCKS_APART
from ..cloud_api.inbound import InboundMessage, Media
from ..cloud_api.media import clean_name
from ..policy.variants import all_spellings


class FluxforceWhatsappReducer(models.AbstractModel):
    """Messages: what people write to us."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_message(self, account, items):
        read = {item: InboundMessage.from_item(item._to_item()) for item in items}
        readable = items.filtered(lambda item: read[item]).sorted(
            lambda item: (self._moment(item, read[item]), item.id))
        (items - readable).write({'state': 'ignored'})
        self._open_windows(readable, read)
        changes = readable.filtered(lambda item: read[item].changes_another)
        self._take_in(account, readable - changes, read)
        self._reduce_changes(account, changes, read)

    def _moment(self, item, message):
        """:return: when it was written, never later than it came; where Meta does not say, when it came."""
        came = item.event_id.received_at
        return min(message.timestamp or came, came + CLOCKS_APART)

    def _open_windows(self, items, read):
        """Whoever writes may be answered with anything for a day, from the number written to."""
        numbers = self._numbers_by_id(items)
        written = [(numbers[item.phone_number_id].id, read[item].sender, self._moment(item, read[item]))
                   for item in items
                   if read[item].sender and read[item].opens_window and item.phone_number_id in numbers]
        self.env['fluxforce.whatsapp.pair']._open_windows(written)
        # Whoever wrote costs nobody's budget any more.
        self.env['fluxforce.whatsapp.message']._release_waiting([
            ('number_id', 'in', [number_id for number_id, __, __ in written]),
            ('phone', 'in', all_spellings((wa_id for __, wa_id, __ in written), '+')),
            ('reason', 'in', ('budget', 'warmup'))])

    def _numbers_by_id(self, items):
        numbers = self.env['fluxforce.whatsapp.number'].with_context(active_test=False).search(
            [('phone_number_id', 'in', items.mapped('phone_number_id'))])
        return {number.phone_number_id: number for number in numbers}

    # ------------------------------------------------------------
    # TAKE IN
    # ------------------------------------------------------------

    def _take_in(self, account, items, read):
        """Keep new messages and show them where they belong; without a contact they are kept only."""
        known = self._known_wamids(account, [read[item].message_id for item in items])
        again = items.filtered(lambda item: read[item].message_id in known)
        again.write({'state': 'done'})
        identities = self._identities(account, items - again, read)
        fresh = (items - again).filtered(lambda item: identities[item])
        messages = self.env['fluxforce.whatsapp.inbound'].create(
            self._prepare_inbound_values_list(account, fresh, read, identities))
        self._want_files(messages, [read[item] for item in fresh])
        self._bring_changes(account, messages.mapped('wamid'))
        shown = messages._show()
        self.env['fluxforce.whatsapp.listener']._heed(account, messages, [read[item] for item in fresh])
        self.env['fluxforce.whatsapp.opt_in']._read_inbound(account, messages, [read[item] for item in fresh])
        done = fresh.filtered(lambda item: read[item].message_id in shown.mapped('wamid'))
        done.write({'state': 'done'})
        (items - again - done).write({'state': 'ignored'})

    def _known_wamids(self, account, wamids):
        return set(self.env['fluxforce.whatsapp.inbound'].search(
            [('account_id', '=', account.id), ('wamid', 'in', wamids)]).mapped('wamid'))

    def _identities(self, account, items, read):
        """:return: who wrote each item. Who only has a new number is looked for but never made a contact."""
        notices = items.filtered(lambda item: read[item].type == meta.MESSAGE_SYSTEM)
        writers = items - notices
        people = self.env['fluxforce.whatsapp.identity']
        self.env['fluxforce.whatsapp.renewal']._take(
            account, [(read[item], self._moment(item, read[item])) for item in notices])
        found = zip(writers, people._of_senders(account, [read[item] for item in writers]), strict=True)
        named = zip(notices, people._known(account, [read[item] for item in notices]), strict=True)
        return {**dict(found), **dict(named)}

    def _prepare_inbound_values_list(self, account, items, read, identities):
        numbers = self._numbers_by_id(items)
        words = self.env['fluxforce.whatsapp.inbound.words']
        values_list = []
        for item in items:
            message, text = read[item], words._of(read[item])
            values_list.append({
                'account_id': account.id,
                'number_id': numbers[item.phone_number_id].id if item.phone_number_id in numbers else False,
                'identity_id': identities[item].id,
                'partner_id': identities[item].partner_id.id,
                'wamid': message.message_id,
                'type': message.type,
                'kind': words._kind(message),
                'map_url': words._map_url(message.content),
                'sent_at': self._moment(item, message),
                'original': text,
                'body': text,
                'reply_to': message.reply_to or False,
                'group': message.group_id or False,
                'forwarded': message.forwarded or False,
                **self._prepare_referral_values(message.referral),
            })
        return values_list

    def _prepare_referral_values(self, referral):
        return {} if not referral else {
            'referral_type': referral.source_type or self.env._('unknown'),
            'referral_source': referral.source_id,
            'referral_headline': referral.headline or referral.body,
            'referral_url': referral.url,
            'referral_click': referral.click_id,
        }

    def _want_files(self, messages, read):
        files = [(message, said.content) for message, said in zip(messages, read, strict=True)
                 if isinstance(said.content, Media)]
        self.env['fluxforce.whatsapp.media'].create([{
            'inbound_id': message.id,
            'kind': file.kind,
            'media_id': file.media_id,
            'filename': clean_name(file.filename),
            'mime_type': file.mime_type,
            'sha256': file.sha256,
            'url': file.url,
        } for message, file in files])
        if files:
            self.env['fluxforce.whatsapp.media']._wake()
