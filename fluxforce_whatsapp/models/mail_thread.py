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

    @api.model
    def notify_cancel_by_type(self, notification_type):
        super().notify_cancel_by_type(notification_type)
        if notification_type == NOTIFICATION_TYPE:
            self._notify_cancel_by_type_generic(NOTIFICATION_TYPE)
        return True
