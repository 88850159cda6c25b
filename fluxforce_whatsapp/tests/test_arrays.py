from odoo.tests import TransactionCase, tagged

from ..models.arrays import int_array, text_array


@tagged('post_install', '-at_install')
class TestArrays(TransactionCase):
    """Many values in one constant of a statement arrive as they were."""

    def assertArrives(self, values, literal, kind):
        self.env.cr.execute(f'SELECT %s::{kind}[]', [literal])
        self.assertEqual(self.env.cr.fetchone()[0], values)

    def test_numbers(self):
        self.assertArrives([3, 1, 2], int_array([3, 1, 2]), 'int')

    def test_texts_that_mean_something_to_postgresql(self):
        values = ['+34600123456', 'a "quoted" one', 'back\\slash', 'a,b', '{c}', 'NULL', '', ' d ', "it's", 'ñandú']
        self.assertArrives(values, text_array(values), 'varchar')

    def test_none_at_all(self):
        self.assertArrives([], text_array(()), 'varchar')
        self.assertArrives([], int_array(()), 'int')
