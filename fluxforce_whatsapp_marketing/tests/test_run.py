from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron

from .common import MarketingCommon

RUNNER = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_campaign_runner'


@tagged('post_install', '-at_install')
class TestRun(MarketingCommon, TransactionCase):

    def test_each_record_is_enrolled_once(self):
        campaign = self.started()

        self.run_campaigns()

        self.assertEqual(self.participants(campaign).mapped('res_id'), self.people.ids)

    def test_second_run_adds_nobody(self):
        campaign = self.agreed()
        self.run_campaigns()

        self.run_campaigns()

        self.assertEqual(len(self.participants(campaign)), 3)
        self.assertEqual(len(self.messages(campaign)), 3)

    def test_enrolling_the_same_records_again_adds_nobody(self):
        campaign = self.agreed()
        entry = self.env['fluxforce.campaign.entry']
        rows = entry._prepare_rows(campaign, self.people)

        entry._insert(rows)
        entry._insert(rows)

        self.assertEqual(len(self.participants(campaign)), 3)

    def test_audience_of_several_batches_is_enrolled_completely(self):
        campaign = self.agreed()

        with self.in_batches_of(2):
            self.run_campaigns()

        self.assertEqual(campaign.participant_count, 3)
        self.assertTrue(campaign.enrolled_at)
        self.assertEqual(len(self.messages(campaign)), 3)

    def test_who_agreed_gets_a_message(self):
        campaign = self.agreed()

        self.run_campaigns()

        messages = self.messages(campaign)
        self.assertEqual(messages.mapped('state'), ['queued'] * 3)
        self.assertEqual(messages.participant_id, self.participants(campaign))
        self.assertEqual(self.participants(campaign).message_id, messages)
        self.assertEqual(messages.create_uid, self.marketer)

    def test_who_did_not_agree_is_refused_and_counted(self):
        self.give_consent(self.ana)
        campaign = self.started()

        self.run_campaigns()

        self.assertEqual((campaign.waiting_count, campaign.refused_count), (1, 2))

    def test_people_with_the_same_number_get_one_message(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        campaign = self.agreed(self.ana | twin)

        self.run_campaigns()

        self.assertEqual(self.messages(campaign).partner_id, self.ana)
        self.assertEqual(self.participants(campaign).mapped('state'), ['done', 'duplicate'])

    def test_same_number_in_a_later_batch_gets_no_second_message(self):
        twin = self.ana.copy({'name': 'Ana at work'})
        campaign = self.agreed(self.people | twin)

        with self.in_batches_of(2):
            self.run_campaigns()

        self.assertEqual(len(self.messages(campaign)), 3)
        self.assertEqual(campaign.duplicate_count, 1)

    def test_number_changed_after_enrolment_gets_no_second_message(self):
        campaign = self.agreed(self.ana | self.ben)
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())
        self.ben.phone = self.ana.phone

        self.run_campaigns()

        self.assertEqual(self.messages(campaign).partner_id, self.ana)

    def test_new_number_is_used(self):
        campaign = self.agreed(self.ana)
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())
        self.ana.phone = '+44 7400 123099'

        self.run_campaigns()

        self.assertEqual(self.participants(campaign).phone, '+447400123099')

    def test_campaign_is_done_at_the_end(self):
        campaign = self.agreed()

        self.run_campaigns()

        self.assertEqual(campaign.state, 'done')
        self.assertTrue(campaign.done_at)

    def test_audience_that_grows_later_is_not_enrolled(self):
        campaign = self.agreed(self.ana, domain=repr([('ref', '=', 'S00042')]))
        self.run_campaigns()
        self.env['res.partner'].create({'name': 'Dora', 'ref': 'S00042', 'phone': '+44 7400 123004'})

        self.run_campaigns()

        self.assertEqual(campaign.participant_count, 1)

    @mute_logger(RUNNER)
    def test_failing_participant_is_put_aside_and_the_others_go_on(self):
        campaign = self.agreed(template=self.utility_template)

        with self.failing_for(self.ben):
            self.run_campaigns()

        parked = self.participants(campaign).filtered(lambda participant: participant.state == 'error')
        self.assertEqual((parked.partner_id, parked.error), (self.ben, 'ValueError: no such value'))
        self.assertEqual(self.messages(campaign).partner_id, self.ana | self.chloe)
        self.assertEqual((campaign.state, campaign.failed_count), ('done', 1))

    @mute_logger(RUNNER)
    def test_who_was_put_aside_can_be_tried_again(self):
        campaign = self.agreed(template=self.utility_template)
        with self.failing_for(self.ben):
            self.run_campaigns()

        self.participants(campaign).with_user(self.marketer).action_try_again()
        self.run_campaigns()

        self.assertEqual(len(self.messages(campaign)), 3)
        self.assertEqual((campaign.state, campaign.failed_count), ('done', 0))

    def test_deleted_record_is_put_aside(self):
        campaign = self.agreed()
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())
        self.ben.unlink()

        self.run_campaigns()

        self.assertEqual(self.participants(campaign).mapped('state'), ['done', 'error', 'done'])

    @mute_logger(RUNNER)
    def test_campaign_that_cannot_be_served_is_stopped_with_the_reason(self):
        campaign = self.agreed()
        other = self.agreed()
        campaign.sudo().domain = '[('

        self.run_campaigns()

        self.assertEqual(campaign.state, 'stopped')
        self.assertTrue(campaign.problem)
        self.assertEqual(other.state, 'done')

    def test_messages_stay_out_of_the_chatter(self):
        self.agreed(self.ana)

        self.run_campaigns()

        self.assertFalse(self.chatter(self.ana))

    def test_messages_are_logged_in_the_chatter_when_asked(self):
        self.agreed(self.ana, log=True)

        self.run_campaigns()

        self.assertEqual(len(self.chatter(self.ana)), 1)

    def test_values_are_those_of_each_record(self):
        campaign = self.agreed(template=self.utility_template)

        self.run_campaigns()

        self.assertEqual([message.values['body:1'] for message in self.messages(campaign)],
                         ['Ana Costa', 'Ben Okafor', 'Chloe Martin'])

    def test_progress_is_told_after_every_batch(self):
        self.agreed()
        told = []

        def commit_progress(_cron, processed=0, *, remaining=None):
            told.append((processed, remaining))
            return 60.0

        with patch.object(IrCron, '_commit_progress', commit_progress), self.in_batches_of(2):
            self.env['fluxforce.campaign']._cron_run()

        # Enrols 2, then 1 (and is complete), serves 2, then 1, then finds nobody.
        self.assertEqual(told, [(2, 3), (1, 3), (2, 1), (1, 0), (0, 0)])

    def test_scheduled_action_runs_the_campaigns(self):
        campaign = self.agreed()

        with self.enter_registry_test_mode():
            self.env.ref('fluxforce_whatsapp_marketing.ir_cron_run').method_direct_trigger()

        self.env.invalidate_all()
        self.assertEqual((campaign.state, campaign.waiting_count), ('done', 3))

    def test_it_comes_again_when_the_next_step_is_due(self):
        campaign = self.agreed(activity_ids=[(0, 0, {'type': 'wait', 'delay': 2, 'delay_unit': 'minutes'})])
        self.forget_wakes()

        self.run_campaigns()

        due_at = self.env['fluxforce.campaign.trace'].search([('campaign_id', '=', campaign.id)], limit=1).due_at
        self.assertEqual(self.wakes(), [due_at])

    def test_for_what_is_due_much_later_it_comes_by_itself(self):
        self.agreed(activity_ids=[(0, 0, {'type': 'wait', 'delay': 1, 'delay_unit': 'hours'})])
        self.forget_wakes()

        self.run_campaigns()

        self.assertEqual(self.wakes(), [])

    def test_what_happens_while_it_is_at_work_is_looked_at_soon(self):
        now = fields.Datetime.now()
        self.forget_wakes()
        self.action()._trigger(now - timedelta(seconds=5))  # served at this moment: it goes at the end of that run

        self.env['fluxforce.campaign']._wake_later(timedelta(seconds=20))

        self.assertEqual(len([moment for moment in self.wakes() if moment > now]), 1)

    def action(self):
        return self.env.ref('fluxforce_whatsapp_marketing.ir_cron_run').sudo()

    def forget_wakes(self):
        self.env['ir.cron.trigger'].sudo().search([('cron_id', '=', self.action().id)]).unlink()

    def wakes(self):
        """:return: when the scheduled action is to come, besides by itself"""
        return self.env['ir.cron.trigger'].sudo().search([('cron_id', '=', self.action().id)]).mapped('call_at')

    def test_run_ends_when_the_cron_has_no_time_left(self):
        campaign = self.agreed()

        with patch.object(IrCron, '_commit_progress', lambda *_args, **_kwargs: 0), self.in_batches_of(2):
            self.env['fluxforce.campaign']._cron_run()

        self.assertEqual(len(self.participants(campaign)), 2)
        self.assertFalse(self.messages(campaign))

    def test_queries_do_not_grow_with_the_participants(self):
        self.run_counted(self.people_with_numbers(5))  # warm
        few = self.run_counted(self.people_with_numbers(10, start=100))
        many = self.run_counted(self.people_with_numbers(100, start=200))

        self.assertEqual(few, many)

    def test_queries_of_a_run(self):
        self.run_counted(self.people_with_numbers(5))
        campaign = self.agreed(self.people_with_numbers(100, start=200), template=self.utility_template)
        self.env.flush_all()
        self.env.invalidate_all()

        # For two batches, the end and when to come again: each begins with nothing read, so that what others did
        # meanwhile counts.
        with self.assertQueryCount(98), self.no_commit():
            self.env['fluxforce.campaign']._cron_run()
            self.env.flush_all()

        self.assertEqual(len(self.messages(campaign)), 100)

    def run_counted(self, partners):
        """:return: the queries of a campaign's whole run."""
        self.agreed(partners, template=self.utility_template)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        with self.no_commit():
            self.env['fluxforce.campaign']._cron_run()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def people_with_numbers(self, count, start=0):
        return self.env['res.partner'].create([
            {'name': f'Person {index}', 'ref': f'P{index}', 'phone': f'+44 7400 12{index:04}'}
            for index in range(4000 + start, 4000 + start + count)])
