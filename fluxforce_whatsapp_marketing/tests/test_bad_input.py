from datetime import date, timedelta

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import MODELS, JourneyCommon

WELCOME = {'name': 'Welcome'}
RUNNER = f'{MODELS}.fluxforce_campaign_runner'


@tagged('post_install', '-at_install')
class TestBadInput(JourneyCommon, TransactionCase):
    """What goes wrong with a campaign that has begun; what is refused at its start stands in ``test_steps``."""

    def broken(self, *steps, **values):
        """:return: a campaign whose second step somebody has made unusable, after it went on."""
        campaign = self.begun(WELCOME, *steps, partners=self.ana | self.ben)
        step = campaign.activity_ids[1:]
        step.sudo().write(values)
        self.let_days_pass(campaign, days=3)
        return campaign

    @mute_logger(RUNNER)
    def test_filter_of_a_step_that_no_longer_parses_stops_the_campaign_with_the_reason(self):
        for field, step in (('domain', {'type': 'wait'}), ('condition_domain', {
                'type': 'condition', 'condition_domain': "[('ref', '=', 'VIP')]"})):
            for text in ("[('nonsense', '=', 1)]", '[(', '7', "[('name', 'like', "):
                with self.subTest(field=field, text=text):
                    campaign = self.broken({'name': 'Tips', 'after': 'Welcome', 'delay': 2, **step}, **{field: text})

                    self.assertEqual(campaign.state, 'stopped')
                    self.assertIn('filter', campaign.problem)
                    self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'waiting')

    @mute_logger(RUNNER)
    def test_date_the_records_no_longer_have_stops_the_campaign_with_the_reason(self):
        for name in ('gone_field', 'name'):
            with self.subTest(name=name):
                campaign = self.broken({
                    'name': 'Tips', 'after': 'Welcome', 'type': 'wait', 'trigger': 'date',
                    'date_field': 'create_date', 'delay': 2}, date_field=name)

                self.assertEqual(campaign.state, 'stopped')
                self.assertIn('"Tips" counts from a date that these records do not have', campaign.problem)
                self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), 'waiting')

    def test_message_whose_date_lies_in_the_past_is_passed_over_with_what_follows(self):
        field = self.env['ir.model.fields'].create({
            'name': 'x_event', 'model_id': self.env['ir.model']._get_id('res.partner'), 'ttype': 'date',
            'state': 'manual'})
        self.ana.x_event, self.ben.x_event = date.today() - timedelta(days=1), date(1, 1, 1)

        campaign = self.begun({**WELCOME, 'trigger': 'date', 'date_field': field.name},
                              {'name': 'Tips', 'after': 'Welcome'}, partners=self.ana | self.ben)

        self.assertEqual([self.state_of(campaign, person, 'Welcome') for person in self.ana | self.ben],
                         [('skipped', 'past')] * 2)
        self.assertFalse(self.messages(campaign) | self.trace_of(campaign, self.ana, 'Tips').message_id)
        self.assertEqual(campaign.state, 'done')

    def test_deleted_record_is_put_aside_whatever_waits_for_it(self):
        for step in ({'type': 'wait', 'trigger': 'date', 'date_field': 'create_date', 'delay': 2},
                     {'type': 'condition', 'condition_domain': "[('ref', '=', 'VIP')]", 'delay': 2},
                     {'delay': 2}, {'type': 'sms', 'sms_body': 'Hello {{ object.name }}', 'delay': 2}):
            with self.subTest(step=step):
                gone = self.ben.copy({'name': 'Gone', 'phone': '+44 7400 123777'})
                campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', **step},
                                      partners=self.ana | gone)
                participant = self.participants(campaign).filtered(lambda one, who=gone: one.res_id == who.id)
                gone.unlink()

                self.let_days_pass(campaign, days=3)

                self.assertEqual(participant.state, 'error')
                self.assertIn('no longer exists', participant.error)
                self.assertIn(self.standing(campaign, self.ana), ('waiting', 'done'))

    def test_record_the_responsible_may_read_no_longer_is_put_aside(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 2}, partners=self.ana | self.ben)
        self.env['ir.rule'].create({
            'name': 'Not Ben', 'model_id': self.env['ir.model']._get_id('res.partner'),
            'domain_force': repr([('id', '!=', self.ben.id)])})

        self.let_days_pass(campaign, days=3)

        self.assertEqual((self.standing(campaign, self.ana), self.standing(campaign, self.ben)), ('done', 'error'))
        self.assertIn('may no longer read it', self.participants(campaign)[1].error)

    def test_campaign_to_one_person_goes_through_shares_and_ends(self):
        campaign = self.begun(
            {'name': 'Split', 'type': 'split'}, {'name': 'One', 'after': 'Split', 'share': 50},
            {'name': 'Other', 'after': 'Split', 'share': 50}, partners=self.ana, holdout_share=0.0001)

        self.assertEqual((len(self.messages(campaign)), campaign.state, campaign.progress), (1, 'done', 100))

    def test_campaign_to_one_person_may_hold_that_one_out(self):
        campaign = self.begun(WELCOME, partners=self.ana, holdout_share=100)

        self.assertEqual((campaign.holdout_count, campaign.state), (1, 'done'))
        self.assertFalse(self.messages(campaign))
