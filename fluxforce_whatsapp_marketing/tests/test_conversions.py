from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..models.fluxforce_conversion_source import FluxforceConversionSource
from ..models.utm_mixin import Counting
from .links import LinksCommon


class ConversionsCommon(LinksCommon):
    """People whom a campaign has reached."""

    def setUp(self):
        super().setUp()
        self.give_consent(self.people, 'marketing')
        self.offer = self.reached_by('Spring Offer')

    def reached_by(self, name, partners=None, days_ago=1, clicked=False):
        """:return: a campaign whose messages reached people some days ago."""
        campaign = self.started(partners, template=self.text_template, name=name)
        self.run_campaigns()
        self.run_sender()
        messages = self.messages(campaign)
        messages.write({'state': 'delivered', 'clicked_at': clicked and fields.Datetime.now()})
        self.env.flush_all()
        self.let_pass(messages, days=days_ago)
        return campaign

    def count(self):
        """Let the scheduled action look through everything that changed since the tests began."""
        with self.no_commit():
            self.env['fluxforce.conversion.source']._cron_count()
        self.env.invalidate_all()

    def conversions(self, campaign=None):
        return self.env['fluxforce.conversion'].search([('campaign_id', '=', (campaign or self.offer).id)], order='id')


@tagged('post_install', '-at_install')
class TestConversions(ConversionsCommon, TransactionCase):
    """What a campaign has brought is counted once, for one message.

    Contacts of the firm Bicycles stand for the orders of an app: with a reference they are confirmed, and their colour
    is what they are worth.
    """

    def setUp(self):
        super().setUp()
        partner_class = self.env.registry['res.partner']
        counting = Counting((('barcode', '!=', False),), ('create_date',), 'color', (('ref', '!=', False),))
        self.startPatcher(patch.object(partner_class, '_whatsapp_counting', lambda _self: counting, create=True))
        self.startPatcher(patch.object(FluxforceConversionSource, '_models', lambda _self: ['res.partner']))

    def order(self, phone='+44 7400 123001', **values):
        return self.env['res.partner'].create({
            'name': 'Order 1', 'phone': phone, 'barcode': 'S1', 'ref': 'paid', 'color': 9, **values})

    def test_an_order_counts_for_the_campaign_that_reached_the_person(self):
        order = self.order()

        self.count()

        conversion = self.conversions()
        message = self.messages(self.offer).filtered(lambda one: one.partner_id == self.ana)
        self.assertEqual((conversion.res_id, conversion.message_id, conversion.how, conversion.amount),
                         (order.id, message, 'message', 9))
        self.assertEqual((self.offer.conversion_count, self.offer.conversion_amount), (1, 9))

    def test_it_counts_once_however_often_it_is_looked_at(self):
        self.order()

        self.count()
        self.count()

        self.assertEqual(len(self.conversions()), 1)

    def test_the_campaign_whose_link_was_followed_has_the_credit(self):
        clicked = self.reached_by('With a Click', self.ana, days_ago=3, clicked=True)
        self.order()

        self.count()

        self.assertEqual((self.conversions().ids, self.conversions(clicked).how), ([], 'click'))

    def test_what_comes_after_the_days_counts_for_nobody(self):
        self.let_pass(self.messages(self.offer), days=31)
        self.order()

        self.count()

        self.assertFalse(self.conversions())

    def test_a_message_that_reached_nobody_brings_nothing(self):
        self.messages(self.offer).state = 'failed'
        self.order()

        self.count()

        self.assertFalse(self.conversions())

    def test_a_message_that_is_not_from_a_campaign_brings_nothing(self):
        self.messages(self.offer).write({'campaign_id': False})
        self.order()

        self.count()

        self.assertFalse(self.env['fluxforce.conversion'].search([]))

    def test_a_colleague_of_the_same_firm_counts_as_the_person(self):
        firm = self.env['res.partner'].create({'name': 'Bicycles', 'is_company': True})
        self.ana.parent_id = firm
        self.order(phone='+44 7400 123099', parent_id=firm.id)

        self.count()

        self.assertEqual(self.conversions().message_id.partner_id, self.ana)

    def test_an_order_that_is_cancelled_counts_no_more(self):
        order = self.order()
        self.count()

        order.barcode = False
        self.count()

        self.assertFalse(self.conversions())

    def test_a_value_that_changes_is_followed_and_the_credit_stays(self):
        order = self.order()
        self.count()
        self.reached_by('Summer Offer', self.ana, days_ago=0)

        order.color = 4
        self.count()

        self.assertEqual(self.conversions().amount, 4)

    def test_what_is_not_earned_yet_is_worth_nothing(self):
        self.order(ref=False)

        self.count()

        self.assertEqual((self.offer.conversion_count, self.offer.conversion_amount), (1, 0))

    def test_an_order_of_another_company_counts_for_no_campaign_of_ours(self):
        other = self.env['res.company'].create({'name': 'Other Bicycles'})
        self.order(company_id=other.id)

        self.count()

        self.assertFalse(self.conversions())

    def test_an_archived_kind_is_not_counted(self):
        self.count()
        self.env['fluxforce.conversion.source'].search([('model', '=', 'res.partner')]).active = False
        self.order()

        self.count()

        self.assertFalse(self.conversions())

    def test_many_that_changed_at_once_are_all_looked_at(self):
        self.count()
        with patch('odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_conversion_source.BATCH', 2):
            for index in range(5):
                self.order(barcode=f'S{index}')
            self.count()

        self.assertEqual(len(self.conversions()), 5)

    def test_a_marketer_sees_those_of_their_company(self):
        self.order()
        self.count()

        self.assertTrue(self.conversions().with_user(self.marketer).mapped('record_name'))

    def test_erasure_takes_the_person_away_and_leaves_the_figure(self):
        self.order()
        self.count()

        self.ana.with_user(self.whatsapp_admin)._whatsapp_erase('Her letter of 3 May')

        conversion = self.conversions()
        self.assertFalse(conversion.partner_id or conversion.record_name)
        self.assertEqual(conversion.amount, 9)


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

    def test_an_old_lead_that_is_won_after_the_message_counts(self):
        self.need('crm.lead')
        lead = self.env['crm.lead'].create({'name': 'Bicycles', 'partner_id': self.ana.id})
        self.env.flush_all()
        self.env.cr.execute('UPDATE crm_lead SET create_date = %s WHERE id = %s',
                            [fields.Datetime.now() - timedelta(days=60), lead.id])
        self.env.invalidate_all()
        self.count()
        self.assertFalse(self.conversions())

        lead.action_set_won()
        self.count()

        self.assertEqual(self.conversions().res_id, lead.id)

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
