from unittest.mock import Mock

from psycopg2 import errors

from odoo.tests import BaseCase, tagged

from ..models.conflicts import TRIES, again_on_conflict


@tagged('post_install', '-at_install')
class TestConflicts(BaseCase):

    def test_work_that_met_another_transaction_is_begun_anew(self):
        env, work = Mock(), Mock(side_effect=[errors.SerializationFailure(), errors.DeadlockDetected(), 'done'])

        self.assertEqual(again_on_conflict(env, work), 'done')

        self.assertEqual(env.cr.rollback.call_count, 2)

    def test_a_conflict_at_the_flush_counts_too(self):
        env, work = Mock(), Mock(return_value='done')
        env.flush_all.side_effect = [errors.SerializationFailure(), None]

        self.assertEqual(again_on_conflict(env, work), 'done')

        self.assertEqual(work.call_count, 2)

    def test_it_gives_up_in_the_end(self):
        env, work = Mock(), Mock(side_effect=errors.SerializationFailure())

        with self.assertRaises(errors.SerializationFailure):
            again_on_conflict(env, work)

        self.assertEqual(work.call_count, TRIES)

    def test_what_would_come_back_at_every_try_is_not_tried_again(self):
        env, work = Mock(), Mock(side_effect=errors.ProgramLimitExceeded())

        with self.assertRaises(errors.ProgramLimitExceeded):
            again_on_conflict(env, work)

        self.assertEqual(work.call_count, 1)
        env.cr.rollback.assert_not_called()
