from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models.fluxforce_conversion_source import FluxforceConversionSource
from ..models.utm_mixin import Counting
from .conversions import ConversionsCommon


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
