import json
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..flow.timing import Openings
from .common import MODELS, JourneyCommon

WELCOME = {'name': 'Welcome'}


@tagged('post_install', '-at_install')
class TestSteps(JourneyCommon, TransactionCase):
    """What steps of each type do, and what they need."""

    def server_action(self, code):
        return self.env['ir.actions.server'].create({
            'name': 'Mark', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'code', 'code': code})

    def test_server_action_runs_for_each_with_the_rights_of_the_responsible(self):
        action = self.server_action("records.write({'comment': env.user.login})")
        self.begun({'name': 'Mark', 'type': 'action', 'server_action_id': action.id})

        self.assertEqual(set(self.people.mapped('comment')), {'<p>mara.marketer</p>'})

    def test_action_that_ends_the_journey_counts_as_done(self):
        action = self.server_action('records.action_whatsapp_end_consent()')
        self.give_consent(self.people, 'marketing')
        campaign = self.begun({'name': 'Offer', 'template_id': self.marketing_template.id},
                              {'name': 'End', 'type': 'action', 'server_action_id': action.id, 'after': 'Offer'})

        self.assertEqual(self.state_of(campaign, self.ana, 'End'), 'done')
        self.assertEqual(set(self.participants(campaign).mapped('state')), {'stopped'})

    def test_to_do_is_for_the_salesperson_of_the_record_else_for_the_responsible(self):
        self.ana.user_id = self.salesperson
        self.begun({'name': 'Call', 'type': 'todo', 'activity_summary': 'Call them'}, partners=self.ana | self.ben)

        self.assertEqual((self.ana.activity_ids.user_id, self.ben.activity_ids.user_id),
                         (self.salesperson, self.marketer))
        self.assertEqual(self.ana.activity_ids.summary, 'Call them')

    def test_to_do_needs_no_right_to_change_the_record(self):
        marketer = new_test_user(self.env, 'only.marketer', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer')
        self.agreed(self.ana, user=marketer,
                    activity_ids=[(0, 0, {'name': 'Call', 'type': 'todo', 'activity_summary': 'Call them'})])

        self.run_campaigns()

        self.assertEqual(self.ana.activity_ids.user_id, marketer)

    def mail_template(self):
        return self.env['mail.template'].create({
            'name': 'Hello', 'model_id': self.env['ir.model']._get_id('res.partner'), 'subject': 'Hello',
            'body_html': '<p>Hello</p>', 'email_to': '{{ object.email }}', 'auto_delete': False})

    def test_email_goes_to_who_has_an_address_and_did_not_ask_for_none(self):
        self.ana.email, self.ben.email = 'ana@example.com', 'ben@example.com'
        self.env['mail.blacklist'].create({'email': 'ben@example.com'})
        campaign = self.begun({'name': 'Mail', 'type': 'email', 'mail_template_id': self.mail_template().id})

        sent = self.env['mail.mail'].search([('subject', '=', 'Hello')])
        self.assertEqual(sent.mapped('res_id'), self.ana.ids)
        self.assertEqual(self.state_of(campaign, self.ben, 'Mail'), ('skipped', 'no_email'))
        self.assertEqual(self.state_of(campaign, self.chloe, 'Mail'), ('skipped', 'no_email'))

    def test_blacklist_counts_for_an_address_written_with_a_name(self):
        self.ana.email = 'Ana Again <ana@example.com>'
        self.env['mail.blacklist'].create({'email': 'ana@example.com'})

        campaign = self.begun({'name': 'Mail', 'type': 'email', 'mail_template_id': self.mail_template().id})

        self.assertEqual(self.state_of(campaign, self.ana, 'Mail'), ('skipped', 'no_email'))

    def test_who_is_put_aside_by_one_step_gets_none_of_the_others_meanwhile(self):
        self.ana.email = 'ana@example.com'
        action = self.server_action("raise UserError('No.')")
        with mute_logger(f'{MODELS}.fluxforce_campaign_runner'):
            campaign = self.begun(
                {'name': 'Mark', 'type': 'action', 'server_action_id': action.id},
                {'name': 'Mail', 'type': 'email', 'mail_template_id': self.mail_template().id}, partners=self.ana)

        self.assertFalse(self.env['mail.mail'].search([('subject', '=', 'Hello')]))
        self.assertEqual(self.participants(campaign).state, 'error')

    def test_webhook_addresses_are_not_shown_to_who_plans_campaigns(self):
        action = self.env['ir.actions.server'].create({
            'name': 'Tell', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'webhook',
            'webhook_url': 'https://hooks.example.com/secret'})

        self.assertFalse(self.env['ir.actions.server'].with_user(self.marketer).search([('id', '=', action.id)]))
        self.assertTrue(self.env['ir.actions.server'].with_user(self.whatsapp_admin).search([], limit=1))

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner', 'odoo.addons.base.models.ir_actions')
    def test_webhook_is_called_once_for_each_although_the_batch_was_undone(self):
        tell = self.env['ir.actions.server'].create({
            'name': 'Tell', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'webhook',
            'webhook_url': 'https://hooks.example.com/secret'})
        fail = self.server_action(
            f"for record in records:\n    if record.id == {self.ben.id}:\n        raise UserError('No way')")

        with patch('requests.post') as post:
            self.env.cr.postcommit.clear()
            self.begun({'name': 'Tell', 'type': 'action', 'server_action_id': tell.id},
                       {'name': 'Mark', 'type': 'action', 'server_action_id': fail.id})
            self.env.cr.postcommit.run()

        told = sorted(json.loads(call.kwargs['data'])['_id'] for call in post.call_args_list)
        self.assertEqual(told, sorted(self.people.ids))

    def test_step_keeps_to_the_working_hours_of_the_company(self):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        hours = Openings(((tomorrow, tomorrow + timedelta(hours=8)),), tomorrow + timedelta(days=9))
        facts = self.env.registry['fluxforce.campaign.facts']

        with patch.object(facts, '_working_hours', lambda _self, _company: hours):
            campaign = self.begun({**WELCOME, 'hours': 'working'}, partners=self.ana)

        trace = self.trace_of(campaign, self.ana, 'Welcome')
        self.assertEqual((trace.state, trace.due_at), ('waiting', tomorrow))

    def test_working_hours_are_those_of_the_calendar_of_the_company(self):
        hours = self.env['fluxforce.campaign.facts']._working_hours(self.env.company)

        self.assertTrue(hours.spans)
        self.assertFalse([begin for begin, __ in hours.spans if begin.weekday() > 4])

    def test_step_keeps_out_of_the_quiet_hours_where_the_person_lives(self):
        hour = fields.Datetime.now().hour
        self.account.write({'quiet_from': float((hour - 2) % 24), 'quiet_to': float((hour + 4) % 24)})

        campaign = self.begun({'name': 'Note', 'type': 'wait', 'hours': 'waking'}, partners=self.ana)

        trace = self.trace_of(campaign, self.ana, 'Note')
        self.assertEqual(trace.state, 'waiting')
        self.assertLess(trace.due_at, fields.Datetime.now() + timedelta(hours=6))

    def test_step_before_a_date_waits_for_it(self):
        field = self.env['ir.model.fields'].create({
            'name': 'x_event', 'model_id': self.env['ir.model']._get_id('res.partner'), 'ttype': 'date',
            'state': 'manual'})
        day = date.today() + timedelta(days=10)
        self.ana.x_event, self.ben.x_event = day, date.today() - timedelta(days=5)
        campaign = self.begun({**WELCOME, 'trigger': 'date', 'date_field': field.name, 'delay': -3})

        self.assertEqual(self.state_of(campaign, self.ana, 'Welcome'), 'waiting')
        self.assertEqual(self.state_of(campaign, self.ben, 'Welcome'), ('skipped', 'past'))
        self.assertEqual(self.state_of(campaign, self.chloe, 'Welcome'), ('skipped', 'no_date'))

        # Its day begins by the company's clock, which may be hours behind.
        self.ana.x_event = (fields.Datetime.now() - timedelta(hours=12)).date() + timedelta(days=3)
        self.let_days_pass(campaign, days=1)
        self.assertEqual(self.state_of(campaign, self.ana, 'Welcome'), 'done')

    # --- Errors --------------------------------------------------------------------------------------------------

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner', 'odoo.addons.base.models.ir_actions')
    def test_step_that_raises_parks_that_person_and_the_others_go_on(self):
        action = self.server_action(
            f"for record in records:\n    if record.id == {self.ben.id}:\n        raise UserError('No way')")
        campaign = self.begun({'name': 'Mark', 'type': 'action', 'server_action_id': action.id},
                              {'name': 'Tips', 'after': 'Mark'}, {'name': 'Later', 'type': 'wait', 'delay': 5})

        self.assertEqual(self.state_of(campaign, self.ben, 'Mark'), 'failed')
        self.assertEqual(self.state_of(campaign, self.ben, 'Later'), ('cancelled', 'parked'))
        self.assertEqual(self.standing(campaign, self.ben), 'error')
        self.assertIn('No way', self.participants(campaign).filtered(lambda p: p.state == 'error').explanation)
        self.assertEqual(self.messages(campaign).partner_id, self.ana | self.chloe)

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner', 'odoo.addons.base.models.ir_actions', 'odoo.sql_db')
    def test_error_of_the_database_does_not_reach_the_others(self):
        action = self.server_action(
            f"for record in records:\n    if record.id == {self.ben.id}:\n        env.cr.execute('SELECT 1 / 0')")
        campaign = self.begun({'name': 'Mark', 'type': 'action', 'server_action_id': action.id})

        self.assertEqual([self.state_of(campaign, person, 'Mark') for person in self.people],
                         ['done', 'failed', 'done'])

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner', 'odoo.addons.base.models.ir_actions')
    def test_who_was_parked_goes_on_where_they_stood(self):
        action = self.server_action("raise UserError('Not yet')")
        campaign = self.begun({'name': 'Mark', 'type': 'action', 'server_action_id': action.id},
                              {'name': 'Tips', 'after': 'Mark'}, partners=self.ana)
        action.code = 'True'

        self.participants(campaign).with_user(self.marketer).action_try_again()
        self.go_on()

        self.assertEqual(len(self.messages(campaign)), 1)
        self.assertEqual(campaign.state, 'done')

    def lose_the_app_of(self, campaign):
        """Let a campaign be about records whose app is gone, as a database without the app's code is."""
        campaign.flush_recordset()
        self.env.cr.execute("""
            WITH gone AS (
                INSERT INTO ir_model (model, name, state, "order")
                     VALUES ('gone.app', '{"en_US": "Gone"}', 'base', 'id') RETURNING id)
            UPDATE fluxforce_campaign SET model_id = gone.id FROM gone WHERE fluxforce_campaign.id = %s
        """, [campaign.id])
        self.env.invalidate_all()

    def test_draft_about_an_app_that_is_gone_says_so(self):
        campaign = self.journey(WELCOME)
        self.lose_the_app_of(campaign)

        self.assertEqual(campaign.audience_count, 0)
        with self.assertRaisesRegex(UserError, 'not installed any more'):
            campaign._check_startable()

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner')
    def test_campaign_about_an_app_that_is_gone_is_stopped_and_says_so(self):
        campaign = self.journey(WELCOME)
        campaign.action_start()
        self.lose_the_app_of(campaign)
        other = self.journey(WELCOME)
        other.action_start()

        self.go_on()

        self.assertEqual(campaign.state, 'stopped')
        self.assertIn('not installed any more', campaign.problem)
        self.assertEqual(other.state, 'done')

    # --- What a campaign needs -----------------------------------------------------------------------------------

    def assertStartRefused(self, campaign, words):
        with self.assertRaisesRegex(UserError, words):
            campaign.action_start()

    def test_start_needs_a_step(self):
        self.assertStartRefused(self.journey(), 'Add a step')

    def test_start_needs_what_each_step_does(self):
        for step, words in (
                ({'type': 'email'}, 'E-mail Template'),
                ({'type': 'action'}, 'field Action'),
                ({'type': 'condition'}, 'field Condition'),
                ({'type': 'split'}, 'leads nowhere'),
                ({'type': 'wait', 'trigger': 'date', 'date_field': 'name'}, 'date'),
                ({'type': 'wait', 'trigger': 'date', 'date_field': 'nonsense'}, 'date'),
                ({'type': 'wait', 'domain': '[('}, 'cannot be read')):
            with self.subTest(step=step):
                self.assertStartRefused(self.journey({'name': 'Step', **step}), words)

    def test_start_refuses_to_write_to_who_wants_no_more(self):
        campaign = self.journey(
            WELCOME, {'name': 'Look', 'after': 'Welcome', 'trigger': 'opted_out', 'type': 'wait'},
            {'name': 'Sorry', 'after': 'Look'})

        self.assertStartRefused(campaign, 'want no more')

    def test_step_cannot_follow_itself(self):
        campaign = self.journey(WELCOME, {'name': 'Tips', 'after': 'Welcome'})

        with self.assertRaisesRegex(ValidationError, 'follow itself'):
            campaign.activity_ids[0].parent_id = campaign.activity_ids[1]

    def test_step_of_another_campaign_cannot_be_followed(self):
        with self.assertRaisesRegex(ValidationError, 'another campaign'):
            self.journey(WELCOME).activity_ids.parent_id = self.journey(WELCOME).activity_ids

    def test_step_begins_as_the_one_before_allows(self):
        campaign = self.journey({'name': 'Wait', 'type': 'wait'}, {'name': 'Tips', 'after': 'Wait'})

        with self.assertRaisesRegex(ValidationError, 'cannot begin like that'):
            campaign.activity_ids[1].trigger = 'read'

    def test_only_a_date_is_counted_back_from(self):
        with self.assertRaisesRegex(ValidationError, 'counted back'):
            self.journey({**WELCOME, 'delay': -1})

    def test_copy_has_the_same_tree(self):
        campaign = self.journey(WELCOME, {'name': 'Thanks', 'after': 'Welcome', 'trigger': 'read'},
                                {'name': 'Gift', 'after': 'Thanks', 'delay': 1})

        copy = campaign.copy()

        self.assertEqual([(step.name, step.parent_id.name, step.trigger) for step in copy.activity_ids], [
            ('Welcome', False, 'begin'), ('Thanks', 'Welcome', 'read'), ('Gift', 'Thanks', 'done')])
        self.assertEqual(copy.activity_ids.campaign_id, copy)

    # --- Pause and end -------------------------------------------------------------------------------------------

    def test_paused_campaign_does_nothing_and_its_messages_wait(self):
        campaign = self.journey(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 1}, partners=self.ana)
        campaign.action_start()
        self.run_campaigns()

        campaign.action_pause()
        self.go_on()

        self.assertEqual((self.messages(campaign).state, self.messages(campaign).reason), ('held', 'halted'))

        campaign.action_resume()
        self.go_on()
        self.assertEqual(self.messages(campaign).state, 'accepted')
        self.assertEqual(campaign.state, 'running')

    def test_stop_takes_a_message_back_with_what_was_to_follow_it(self):
        campaign = self.journey(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 1}, partners=self.ana)
        campaign.action_start()
        self.run_campaigns()

        campaign.action_stop()
        self.run_campaigns()
        self.assertEqual(self.state_of(campaign, self.ana, 'Welcome'), 'waiting')
        self.assertFalse(self.trace_of(campaign, self.ana, 'Tips'))

        campaign.action_resume()
        self.go_on()
        self.let_days_pass(campaign, days=1)
        self.assertEqual(self.messages(campaign).filtered(lambda message: message.state == 'accepted').mapped(
            'campaign_activity_id.name'), ['Welcome', 'Tips'])

    def test_campaign_whose_end_has_come_does_no_more(self):
        campaign = self.begun(WELCOME, {'name': 'Tips', 'after': 'Welcome', 'delay': 1},
                              ends_at=fields.Datetime.now() + timedelta(hours=5))
        campaign.sudo().ends_at = fields.Datetime.now() - timedelta(hours=1)

        self.let_days_pass(campaign, days=1)

        self.assertEqual((campaign.state, len(self.messages(campaign))), ('done', 3))
        self.assertEqual(self.state_of(campaign, self.ana, 'Tips'), ('cancelled', 'ended'))
