from odoo import fields, models

from odoo.addons.mail.tools.discuss import Store

from ..const import NOTIFICATION_TYPE


class MailNotification(models.Model):
    _inherit = 'mail.notification'

    notification_type = fields.Selection(selection_add=[(NOTIFICATION_TYPE, 'WhatsApp')],
                                         ondelete={NOTIFICATION_TYPE: 'cascade'})
    notification_status = fields.Selection(
        selection_add=[('read', 'Read')],
        ondelete={'read': lambda notifications: notifications.write({'notification_status': 'sent'})})
    failure_type = fields.Selection(selection_add=[('whatsapp_failed', 'WhatsApp message failed')])
    whatsapp_message_id = fields.Many2one('fluxforce.whatsapp.message', 'WhatsApp', index='btree_not_null',
                                          ondelete='set null')
    whatsapp_number = fields.Char(groups='base.group_user')

    def _to_store_defaults(self, target):
        whatsapp = [
            Store.Attr('whatsapp_explanation', lambda notification: notification._whatsapp_explanation(),
                       predicate=lambda notification: notification.notification_type == NOTIFICATION_TYPE),
            Store.Attr('whatsapp_number', predicate=lambda notification: (
                notification.notification_type == NOTIFICATION_TYPE and target.is_internal(self.env))),
        ]
        return super()._to_store_defaults(target) + whatsapp

    def _whatsapp_explanation(self):
        """:return: why the message failed or waits, in the reader's language."""
        reader = self.with_context(lang=self.env.user.lang or self.env.lang)  # also where it is pushed to them
        return reader.sudo().whatsapp_message_id.explanation or ''  # sudo: message - its state, no content

    def _filtered_for_web_client(self):
        whatsapp = self.filtered(lambda notification: notification.notification_type == NOTIFICATION_TYPE)
        return whatsapp | super(MailNotification, self - whatsapp)._filtered_for_web_client()
