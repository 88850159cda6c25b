from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import ComposerCommon


@tagged('post_install', '-at_install')
class TestPrice(ComposerCommon, TransactionCase):
    """What a send costs, by a table that people keep: estimated where it is known, told where it is not."""

    def price(self, amount, prefix='44', category='utility', **values):
        return self.env['fluxforce.whatsapp.price'].create({
            'market': 'United Kingdom', 'prefix': prefix, 'category': category, 'amount': amount,
            'currency_id': self.env.ref('base.EUR').id, **values})

    def test_the_table_is_delivered_empty(self):
        self.assertFalse(self.env['fluxforce.whatsapp.price'].search([]))

    def test_the_composer_tells_what_it_costs(self):
        self.price(0.25)
        self.give_consent(self.ana | self.ben)

        cost = self.compose(self.ana | self.ben | self.chloe).cost

        self.assertIn('0.50', cost.replace(',', '.'), 'Chloe has not agreed: she costs nothing')
        self.assertIn('€', cost)

    def test_without_a_row_nothing_is_guessed(self):
        self.give_consent(self.ana)

        self.assertEqual(self.compose(self.ana).cost, 'No price known for United Kingdom (messages: 1).')

    def test_the_price_of_today_counts(self):
        today = fields.Date.today()
        self.price(0.25, valid_from=today - timedelta(days=90))
        self.price(9, valid_from=today + timedelta(days=1))
        self.give_consent(self.ana)

        self.assertIn('0.25', self.compose(self.ana).cost.replace(',', '.'))

    def test_a_country_code_may_be_typed_as_it_is_dialled(self):
        self.assertEqual(self.price(1, '+44').prefix, '44')
        self.assertEqual(self.price(1, '0034').prefix, '34')

    def test_a_country_code_has_digits_only(self):
        with self.assertRaisesRegex(ValidationError, 'Enter digits only'):
            self.price(1, 'Spain')

    def test_the_same_row_twice_is_refused(self):
        self.price(0.25)

        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.price(0.26)

    def test_a_salesperson_reads_prices_and_does_not_change_them(self):
        price = self.price(0.25).with_user(self.salesperson)

        self.assertEqual(price.amount, 0.25)
        with self.assertRaises(AccessError):
            price.amount = 0

    def test_another_companys_price_does_not_count(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.price(0.25, company_id=other.id)
        self.give_consent(self.ana)

        self.assertIn('No price known', self.compose(self.ana).cost)
