from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import JourneyCommon

PERSON = '+447400199999'


@tagged('post_install', '-at_install')
class TestTurns(JourneyCommon, TransactionCase):
    """Two workers that write to the same person at once: a limit per person is exact."""

    def taken(self):
        return self.env['fluxforce.campaign.turn'].search_count([])

    def test_turns_are_taken_as_soon_as_anybody_counts(self):
        self.begun({'name': 'Welcome'})
        self.assertFalse(self.taken())

        self.campaign(cap=2)
        self.begun({'name': 'Welcome'})

        self.assertEqual(self.taken(), 3)

    def test_turns_are_taken_for_what_reaches_the_person_only(self):
        self.begun({'name': 'Pause', 'type': 'wait'}, cap=2)

        self.assertFalse(self.taken())

    def test_who_a_turn_stands_for_is_not_told(self):
        self.begun({'name': 'Welcome'}, cap=2, partners=self.ana)

        turn = self.env['fluxforce.campaign.turn'].search([])
        self.assertEqual(len(turn.person), 16)
        self.assertNotIn(self.ana.phone_sanitized.lstrip('+'), turn.person)

    def test_old_turns_are_forgotten(self):
        self.begun({'name': 'Welcome'}, cap=2)
        self.env['fluxforce.campaign.turn'].search([], limit=1).taken_at = fields.Datetime.now() - timedelta(days=2)
        self.env.flush_all()

        self.env['fluxforce.campaign.turn']._gc_turns()

        self.assertEqual(self.taken(), 2)

    @mute_logger('odoo.sql_db')
    def test_second_of_two_transactions_is_refused_once_the_first_has_written(self):
        company = self.env.company.id
        with self.cursor() as first, self.cursor() as second:
            # Both have begun: what the second sees is as of now.
            first.execute('SELECT 1')
            second.execute('SELECT 1')
            self.take(first, company)
            first.commit()
            with self.assertRaises(SerializationFailure):
                self.take(second, company)
            second.rollback()
            self.take(second, company)  # made again, it sees what the first one wrote
            second.execute('DELETE FROM fluxforce_campaign_turn')
            second.commit()

    def cursor(self):
        """:return: a cursor of a transaction of its own, whatever the test's."""
        return self.registry._db.cursor()

    def take(self, cr, company):
        env = api.Environment(cr, SUPERUSER_ID, {})
        env['fluxforce.campaign.turn']._take(env['res.company'].browse(company), [PERSON])

    def test_batch_that_met_another_is_made_again_with_what_that_wrote(self):
        campaign = self.journey({'name': 'Offer'}, cap=1, partners=self.ana)
        campaign.action_start()
        turns = self.env.registry['fluxforce.campaign.turn']
        original, tries = turns._take, []

        def take(records, company, people):
            tries.append(people)
            if len(tries) == 1:
                raise SerializationFailure('could not serialize access')
            return original(records, company, people)

        with patch.object(turns, '_take', take), patch.object(self.env.cr, 'rollback', self.env.invalidate_all):
            self.go_on()

        self.assertEqual(len(tries), 2)
        self.assertEqual(len(self.messages(campaign)), 1)
