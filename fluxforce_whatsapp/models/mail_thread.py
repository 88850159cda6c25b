from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..const import MESSAGE_TYPE, NOTIFICATION_TYPE

# In the context of what a person wrote on WhatsApp. An object, because a browser can send any text along.
INBOUND = object()


class MailThread(models.AbstractModel):
    _inherit = 'mail.thread'

    message_has_whatsapp_error = fields.Boolean(
        'WhatsApp Delivery Error', compute='_compute_message_has_whatsapp_error',
        search='_search_message_has_whatsapp_error', help='A WhatsApp message of this record failed.')

    def _compute_message_has_whatsapp_error(self):
        # sudo: mail.message - only whether one failed
        failed = self.env['mail.message'].sudo()._read_group(
            [('model', '=', self._name), ('res_id', 'in', self.ids), ('has_whatsapp_error', '=', True),
             ('author_id', '=', self.env.user.partner_id.id)], ['res_id'])
        failed_ids = {res_id for res_id, in failed}
        for record in self:
            record.message_has_whatsapp_error = record._origin.id in failed_ids

    @api.model
    def _search_message_has_whatsapp_error(self, operator, operand):
        if operator != 'in':
            return NotImplemented
        return [('message_ids.has_whatsapp_error', '=', True)]

    def message_post(self, **kwargs):
        if kwargs.get('message_type') == MESSAGE_TYPE and self.env.context.get('whatsapp_inbound') is not INBOUND:
            raise AccessError(self.env._(
                'A WhatsApp message is not written into the chatter; send one with the button WhatsApp.'))
        return super().message_post(**kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """What a person wrote is not told to colleagues who follow the document but may not read it (any more)."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if self.env.context.get('whatsapp_inbound') is not INBOUND:
            return recipients
        users = self.env['res.users'].browse({recipient['uid'] for recipient in recipients if recipient['uid']})
        landing = self.env['fluxforce.whatsapp.landing']
        blind = [user.id for user in users if user._is_internal() and not landing._readable_by(user, self)]
        return [recipient for recipient in recipients if recipient['uid'] not in blind]

    @api.model
    def notify_cancel_by_type(self, notification_type):
        super().notify_cancel_by_type(notification_type)
        if notification_type == NOTIFICATION_TYPE:
            self._notify_cancel_by_type_generic(NOTIFICATION_TYPE)
        return True
