from unittest.mock import patch

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import MODELS, JourneyCommon

WELCOME, TIPS = {'name': 'Welcome'}, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}
IS_VIP = "[('ref', '=', 'VIP')]"


@tagged('post_install', '-at_install')
class TestEntry(JourneyCommon, TransactionCase):
    """How people come into a campaign, and come in once more."""

    def test_who_begins_to_fit_comes_in(self):
        self.ana.ref = 'VIP'
        campaign = self.begun(WELCOME, domain=IS_VIP, entry='continuous')
        self.ben.ref = 'VIP'

        self.go_on()

        self.assertEqual(self.participants(campaign).partner_id, self.ana | self.ben)
        self.assertEqual((len(self.messages(campaign)), campaign.state), (2, 'running'))

    def test_newcomers_of_several_batches_all_come_in(self):
        campaign = self.begun(WELCOME, domain=IS_VIP, entry='continuous')
        self.people.ref = 'VIP'

        with self.in_batches_of(2):
            self.go_on()

        self.assertEqual(len(self.messages(campaign)), 3)

    def test_audience_may_be_empty_at_the_beginning(self):
        campaign = self.begun(WELCOME, domain=IS_VIP, entry='continuous')

        self.assertEqual((campaign.state, campaign.participant_count), ('running', 0))

    def test_action_lets_records_come_in(self):
        campaign = self.begun(WELCOME, entry='action', domain='[]')

        self.assertEqual(campaign.action_enrol(self.ana | self.ben), 2)
        self.go_on()

        self.assertEqual(self.messages(campaign).partner_id, self.ana | self.ben)

    def test_action_lets_nobody_in_who_does_not_fit_or_takes_part(self):
        campaign = self.begun(WELCOME, entry='action', domain=repr([('id', 'in', (self.ana | self.ben).ids)]))
        campaign.action_enrol(self.ana)

        self.assertEqual(campaign.action_enrol(self.people), 1)

    def test_action_needs_records_of_the_campaign(self):
        campaign = self.begun(WELCOME, entry='action')

        with self.assertRaisesRegex(UserError, 'other records'):
            campaign.action_enrol(self.account)
        with self.assertRaisesRegex(UserError, 'takes in records'):
            campaign.action_enrol(self.ana.ids)

    def failing_entry(self, work):
        """Letting people in does something else."""
        return patch.object(self.env.registry['fluxforce.campaign.entry'], '_take_in', work)

    @mute_logger(f'{MODELS}.fluxforce_campaign_enrol')
    def test_broken_campaign_is_paused_with_its_problem_and_the_record_is_saved(self):
        campaign = self.begun(WELCOME, entry='action')
        campaign.sudo().domain = "[('nonsense', '=', 1)]"
        self.ana.comment = 'Saved'

        self.assertEqual(campaign.action_enrol(self.ana), 0)

        self.assertEqual(campaign.state, 'paused')
        self.assertIn('Audience cannot be read', campaign.problem)
        self.assertIn('Ana Costa', campaign.problem)
        self.assertIn('Saved', self.ana.comment)

    @mute_logger(f'{MODELS}.fluxforce_campaign_enrol', 'odoo.sql_db')
    def test_error_of_the_database_does_not_reach_whoever_saves_the_record(self):
        campaign, other = self.begun(WELCOME, entry='action'), self.begun(WELCOME, entry='action')

        with self.failing_entry(lambda entry, *_args: entry.env.cr.execute('SELECT 1 / 0')):
            self.assertEqual((campaign | other).action_enrol(self.ana), 0)
        self.ana.comment = 'Saved'
        self.env.flush_all()

        self.assertEqual((campaign.state, other.state), ('paused', 'paused'))

    def test_transaction_that_meets_another_is_made_again_by_odoo(self):
        campaign = self.begun(WELCOME, entry='action')

        def meet_another(*_args):
            raise ConcurrencyError('somebody else')

        with self.failing_entry(meet_another), self.assertRaises(ConcurrencyError):
            campaign.action_enrol(self.ana)
        self.assertEqual(campaign.state, 'running')

    @mute_logger(f'{MODELS}.fluxforce_campaign_enrol')
    def test_who_could_not_come_in_does_when_the_campaign_is_mended(self):
        campaign = self.begun(WELCOME, entry='action')
        good, campaign.sudo().domain = campaign.domain, '[('
        campaign.action_enrol(self.ana)
        campaign.sudo().domain = good

        campaign.action_resume()

        self.assertEqual((campaign.action_enrol(self.ana), campaign.state, campaign.problem), (1, 'running', False))

    def test_draft_takes_nobody_in(self):
        self.assertEqual(self.journey(WELCOME).action_enrol(self.ana), 0)

    def test_server_action_of_a_salesperson_lets_a_record_come_in(self):
        campaign = self.begun(WELCOME, entry='action', domain='[]')
        action = self.env['ir.actions.server'].create({
            'name': 'Into the campaign', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'campaign',
            'fluxforce_campaign_id': campaign.id})

        action.with_user(self.salesperson).with_context(
            active_model='res.partner', active_ids=self.ana.ids, active_id=self.ana.id).run()
        self.go_on()

        self.assertEqual(self.messages(campaign).partner_id, self.ana)

    def test_action_and_audience_together_lose_nobody(self):
        campaign = self.journey(WELCOME)
        campaign.action_start()
        campaign.action_enrol(self.chloe)

        with self.in_batches_of(1):
            self.go_on()

        self.assertEqual(self.participants(campaign).partner_id, self.people)
        self.assertEqual(len(self.messages(campaign)), 3)

    def test_nobody_comes_in_again_by_themselves(self):
        campaign = self.begun(WELCOME, entry='continuous', partners=self.ana)

        self.let_days_pass(campaign, days=800)

        self.assertEqual(campaign.participant_count, 1)

    def test_who_may_comes_in_again_after_the_days_it_says(self):
        campaign = self.begun(WELCOME, entry='continuous', reentry='after', reentry_days=30, partners=self.ana)

        self.let_days_pass(campaign, days=29)
        self.assertEqual(campaign.participant_count, 1)

        self.let_days_pass(campaign, days=1)
        self.go_on()
        self.assertEqual(campaign.participant_count, 2)
        self.assertEqual(len(self.messages(campaign)), 2)
        self.assertEqual(self.participants(campaign).mapped('is_current'), [False, True])

    def test_who_is_still_on_the_way_does_not_come_in_again(self):
        campaign = self.begun(WELCOME, {**TIPS, 'delay': 60}, entry='continuous', reentry='after', reentry_days=30,
                              partners=self.ana)

        self.let_days_pass(campaign, days=40)

        self.assertEqual(campaign.participant_count, 1)

    def test_each_record_of_a_person_may_have_a_journey_of_its_own(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        campaign = self.begun(WELCOME, unicity='record', partners=self.ana | twin)

        self.assertEqual(self.participants(campaign).mapped('state'), ['done', 'done'])
        self.assertEqual(len(self.messages(campaign)), 2)

    def test_saved_filter_is_taken_over(self):
        saved = self.env['ir.filters'].create({
            'name': 'VIPs', 'model_id': 'res.partner', 'domain': IS_VIP, 'user_ids': False})
        campaign = self.env['fluxforce.campaign'].with_user(self.marketer).new({'filter_id': saved.id})

        campaign._onchange_filter_id()

        self.assertEqual(campaign.domain, IS_VIP)
