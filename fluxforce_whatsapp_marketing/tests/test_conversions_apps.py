from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .conversions import ConversionsCommon


@tagged('post_install', '-at_install')
class TestConversionApps(ConversionsCommon, TransactionCase):
    """What counts of Odoo's own apps."""

    def need(self, model):
        if model not in self.env:
            self.skipTest(f'{model} is not installed')

    def test_a_confirmed_order_counts_with_its_value_and_a_quotation_does_not(self):
        self.need('sale.order')
        product = self.env['product.product'].create({'name': 'Bicycle', 'list_price': 500, 'taxes_id': False})
        quotation, order = self.env['sale.order'].create([{
            'partner_id': self.ana.id, 'order_line': [(0, 0, {'product_id': product.id})]} for __ in range(2)])
        order.action_confirm()

        self.count()

        conversion = self.conversions().filtered(lambda one: one.res_model == 'sale.order')
        self.assertEqual((conversion.res_id, conversion.amount), (order.id, 500))
        order._action_cancel()
        self.count()
        self.assertFalse(self.conversions().filtered(lambda one: one.res_model == 'sale.order'))

    def test_a_lead_counts_and_its_value_once_it_is_won_where_nothing_is_sold(self):
        self.need('crm.lead')
        lead = self.env['crm.lead'].create({'name': 'Bicycles', 'partner_id': self.ana.id, 'expected_revenue': 700})
        self.count()
        conversion = self.conversions().filtered(lambda one: one.res_model == 'crm.lead')
        self.assertEqual((conversion.res_id, conversion.amount), (lead.id, 0))

        lead.action_set_won()
        self.count()

        worth = 0 if 'sale.order' in self.env else 700
        self.assertEqual(conversion.amount, worth)

    def old_lead(self):
        """:return: one from long before the message."""
        lead = self.env['crm.lead'].create({'name': 'Bicycles', 'partner_id': self.ana.id})
        self.env.flush_all()
        self.env.cr.execute('UPDATE crm_lead SET create_date = %s WHERE id = %s',
                            [fields.Datetime.now() - timedelta(days=60), lead.id])
        self.env.invalidate_all()
        return lead

    def test_an_old_lead_that_is_won_after_the_message_counts(self):
        self.need('crm.lead')
        lead = self.old_lead()
        self.count()
        self.assertFalse(self.conversions())

        lead.action_set_won()
        self.count()

        self.assertEqual(self.conversions().res_id, lead.id)

    def test_an_old_lead_that_is_lost_after_the_message_does_not_count(self):
        self.need('crm.lead')
        lead = self.old_lead()

        lead.action_set_lost()
        self.count()

        self.assertFalse(self.conversions())

    def test_who_came_by_the_link_as_somebody_else_counts_for_the_campaign(self):
        self.need('crm.lead')
        stranger = self.env['res.partner'].create({'name': 'A Friend', 'phone': '+44 7400 123077'})
        self.env['crm.lead'].create({
            'name': 'Bicycles', 'partner_id': stranger.id, 'campaign_id': self.offer.utm_campaign_id.id,
            'medium_id': self.offer.utm_medium_id.id})

        self.count()

        conversion = self.conversions()
        self.assertEqual((conversion.how, conversion.partner_id, conversion.message_id.ids), ('utm', stranger, []))

    def test_invoices_and_links_are_nothing_a_message_brings(self):
        models = self.env['fluxforce.conversion.source']._models()

        self.assertFalse({'account.move', 'link.tracker'} & set(models))
        self.assertEqual([name for name in ('crm.lead', 'sale.order') if name in self.env and name not in models], [])
