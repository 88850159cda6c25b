from odoo import fields, models

from ..const import MESSAGE_TYPE, NOTIFICATION_TYPE


class MailMessage(models.Model):
    _inherit = 'mail.message'

    message_type = fields.Selection(
        selection_add=[(MESSAGE_TYPE, 'WhatsApp')],
        ondelete={MESSAGE_TYPE: lambda messages: messages.write({'message_type': 'comment'})})
    has_whatsapp_error = fields.Boolean(compute='_compute_has_whatsapp_error', search='_search_has_whatsapp_error')

    def _compute_has_whatsapp_error(self):
        # sudo: mail.notification - like core does for its own channels
        failed = self.env['mail.notification'].sudo().search([
            ('notification_type', '=', NOTIFICATION_TYPE),
            ('mail_message_id', 'in', self.ids),
            ('notification_status', '=', 'exception')]).mail_message_id
        for message in self:
            message.has_whatsapp_error = message in failed

    def _search_has_whatsapp_error(self, operator, operand):
        if operator != 'in':
            return NotImplemented
        return [('notification_ids', 'any', [
            ('notification_status', '=', 'exception'),
            ('notification_type', '=', NOTIFICATION_TYPE),
        ])]
