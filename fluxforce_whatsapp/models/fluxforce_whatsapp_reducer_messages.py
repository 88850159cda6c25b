from odoo import fields, models

from ..cloud_api.webhooks import InboundMessage
from ..const import MESSAGE_TYPE
from ..text_format import to_markup
from .mail_thread import INBOUND


class FluxforceWhatsappReducer(models.AbstractModel):
    """Messages: what people write to us."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_message(self, account, items):
        inbound = [InboundMessage.from_item(item._to_item()) for item in items]
        self._open_windows(items, inbound)
        known = [(item, message) for item, message in zip(items, inbound, strict=True) if message]
        identities = self.env['fluxforce.whatsapp.identity']._of_senders(account, [message for __, message in known])
        done = items.browse()
        for (item, message), identity in zip(known, identities, strict=True):
            if identity.partner_id:
                self._post_inbound(account, identity.partner_id, message)
                done += item
        done.write({'state': 'done'})
        (items - done).write({'state': 'ignored'})

    def _open_windows(self, items, inbound):
        """Whoever writes may be answered with anything for a day, from the number written to."""
        numbers = self.env['fluxforce.whatsapp.number'].with_context(active_test=False).search(
            [('phone_number_id', 'in', items.mapped('phone_number_id'))])
        by_id = {number.phone_number_id: number.id for number in numbers}
        written = [(by_id[item.phone_number_id], message.sender, message.timestamp or fields.Datetime.now())
                   for item, message in zip(items, inbound, strict=True)
                   if message and message.sender and item.phone_number_id in by_id]
        self.env['fluxforce.whatsapp.pair']._open_windows(written)
        # Whoever wrote costs nobody's budget any more.
        self.env['fluxforce.whatsapp.message']._release_waiting([
            ('number_id', 'in', [number_id for number_id, __, __ in written]),
            ('phone', 'in', [f'+{wa_id}' for __, wa_id, __ in written]), ('reason', 'in', ('budget', 'warmup'))])

    def _post_inbound(self, account, partner, message):
        """Show a person's message in the contact's chatter; its followers here and who is in charge are told."""
        partner.with_company(account.company_id).with_context(whatsapp_inbound=INBOUND).message_post(
            body=to_markup(message.text),
            author_id=partner.id,
            message_type=MESSAGE_TYPE,
            subtype_xmlid='fluxforce_whatsapp.mt_whatsapp',
            partner_ids=self._in_charge(account, partner).partner_id.ids,
        )

    def _in_charge(self, account, partner):
        """:return: the contact's salesperson, else whoever wrote to it last."""
        written = self.env['fluxforce.whatsapp.message'].search(
            [('partner_id', '=', partner.id), ('account_id', '=', account.id)], limit=1)
        return (partner.user_id or written.create_uid).filtered(lambda user: user.active and user._is_internal())
