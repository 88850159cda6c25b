from odoo import fields, models
from odoo.tools import SQL

from .mailing_mailing import WHATSAPP


class MailingList(models.Model):
    """Lists know whom WhatsApp may reach."""

    _inherit = 'mailing.list'

    contact_count_whatsapp = fields.Integer(
        'WhatsApp Contacts', compute='_compute_contact_count_whatsapp',
        help='With a number, on the list, not on the phone blacklist, and they agreed to offers.')

    def _compute_contact_count_whatsapp(self):
        self.env['mailing.contact'].flush_model(['phone_sanitized'])
        agreed = self.env['mailing.contact']._phones_with_consent(
            {'given'}, [('list_ids', 'in', self._origin.ids), ('phone_sanitized', '!=', False)])
        self.env.cr.execute(SQL(
            """
            SELECT subscription.list_id, count(*) FROM mailing_subscription subscription
              JOIN mailing_contact contact ON contact.id = subscription.contact_id
             WHERE subscription.list_id = ANY(%s) AND NOT COALESCE(subscription.opt_out, false)
               AND contact.phone_sanitized = ANY(%s)
               AND NOT EXISTS (SELECT 1 FROM phone_blacklist WHERE active AND number = contact.phone_sanitized)
             GROUP BY subscription.list_id
            """, self._origin.ids, agreed))
        counts = dict(self.env.cr.fetchall())
        for mailing_list in self:
            mailing_list.contact_count_whatsapp = counts.get(mailing_list._origin.id, 0)

    def action_view_contacts_whatsapp(self):
        """Show who agreed to offers on WhatsApp."""
        action = self.action_view_contacts()
        return {**action, 'context': {**action.get('context', {}), 'search_default_filter_whatsapp': 1}}

    def action_view_mailings(self):
        if not self.env.context.get('mailing_whatsapp'):
            return super().action_view_mailings()
        return {**self._whatsapp_action(), 'domain': [('id', 'in', self.mailing_ids.ids),
                                                      ('mailing_type', '=', WHATSAPP)]}

    def action_send_mailing(self):
        if self.env.context.get('mailing_whatsapp'):
            return self.action_send_mailing_whatsapp()
        return super().action_send_mailing()

    def action_send_mailing_whatsapp(self):
        """Open a new WhatsApp mailing to these lists."""
        form = self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_whatsapp')
        return {**self._whatsapp_action(), 'views': [(form.id, 'form')], 'target': 'current'}

    def _whatsapp_action(self):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.mailing_mailing_action_whatsapp')
        return {**action, 'context': {
            'default_mailing_type': WHATSAPP, 'default_contact_list_ids': self.ids, 'mailing_whatsapp': True,
            'default_mailing_model_id': self.env['ir.model']._get_id('mailing.list')}}
