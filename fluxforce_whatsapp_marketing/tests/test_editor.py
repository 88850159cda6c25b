from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import MODELS, MarketingCommon


class EditorCommon(MarketingCommon):
    """A campaign with two steps, and what the browser asks the server for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.editor = cls.env['fluxforce.campaign.editor'].with_user(cls.marketer)

    def journey(self, **values):
        """:return: a campaign that writes, and whose salesperson calls two days later who has not read it."""
        campaign = self.campaign(**values)
        self.hello = campaign.activity_ids
        self.hello.name = 'Hello'
        self.call = self.hello.create({
            'campaign_id': campaign.id, 'parent_id': self.hello.id, 'type': 'todo', 'trigger': 'not_read', 'delay': 2,
            'name': 'Call', 'activity_summary': 'Call them'})
        return campaign

    def change(self, campaign, agreed=False, version=None, user=None, **change):
        editor = self.editor.with_user(user or self.marketer)
        version = version or editor.get_flow(campaign.id)['version']
        return editor.apply(campaign.id, change, version, agreed)

    def step(self, campaign, name):
        return campaign.activity_ids.filtered(lambda step: step.name == name)

    def way(self, step):
        return step.parent_id.name or '', step.trigger, step.delay


@tagged('post_install', '-at_install')
class TestEditor(EditorCommon, TransactionCase):

    # --- What is drawn ---------------------------------------------------------------------------------------

    def test_each_step_tells_what_it_follows_and_how(self):
        steps = self.editor.get_flow(self.journey().id)['steps']

        self.assertEqual([(step['name'], step['parent_id'], step['branch']) for step in steps], [
            ('Hello', False, 'At the beginning'), ('Call', self.hello.id, 'Not read within 2 days')])

    def test_how_a_step_may_follow_another_depends_on_its_type(self):
        types = {one['type']: [way for way, __ in one['triggers']]
                 for one in self.editor.get_flow(self.journey().id)['types']}

        self.assertEqual(types['condition'], ['yes', 'no'])
        self.assertIn('read', types['whatsapp'])
        self.assertNotIn('read', types['wait'])
        self.assertIn('begin', types['begin'])

    def test_what_is_wrong_with_a_step_is_said(self):
        campaign = self.journey()
        self.call.activity_summary = False
        self.hello.template_id = False

        self.assertEqual([step['problem'] for step in self.editor.get_flow(campaign.id)['steps']],
                         ['Choose the template.', 'Write what is to be done.'])

    def test_a_filter_that_cannot_be_read_any_more_is_said(self):
        self.journey()
        self.call.domain = "[('gone_field', '=', 1)]"

        self.assertEqual(self.call.problem, 'The filter in the field Only for cannot be read. Set it again.')

    def test_a_date_the_records_do_not_have_is_said(self):
        self.journey()
        self.call.write({'trigger': 'date', 'date_field': 'no_such_date'})

        self.assertEqual(self.call.problem, '"no_such_date" is no date of these records.')

    def test_a_button_the_message_does_not_have_is_said(self):
        self.journey()
        self.call.write({'trigger': 'button', 'delay': 0, 'trigger_button': 'No such button'})

        self.assertEqual(self.call.problem, 'The message before it has no button "No such button".')

    def test_counts_are_shown_with_the_people_behind_them(self):
        campaign = self.journey()
        self.give_consent(self.people)
        campaign.action_start()
        self.run_campaigns()

        step = self.editor.get_flow(campaign.id)['steps'][0]
        figures = {figure['key']: figure['count'] for figure in step['figures']}
        action = self.editor.open_figure(self.hello.id, 'done')

        self.assertEqual(figures, {'done': 3})
        self.assertEqual(self.env['fluxforce.campaign.trace'].search_count(action['domain']), 3)

    # --- What is changed -------------------------------------------------------------------------------------

    def test_a_step_is_added_after_another(self):
        campaign = self.journey()

        self.change(campaign, do='add', type='wait', parent_id=self.call.id, values={'name': 'Pause', 'delay': 3})

        self.assertEqual(self.way(self.step(campaign, 'Pause')), ('Call', 'done', 3))

    def test_a_step_put_between_two_goes_the_way_the_lower_one_did(self):
        campaign = self.journey()

        self.change(campaign, do='add', type='todo', parent_id=self.hello.id, above_id=self.call.id, values={
            'name': 'Look', 'activity_summary': 'Look who it is', 'trigger': 'not_read', 'delay': 2})

        self.assertEqual(self.way(self.step(campaign, 'Look')), ('Hello', 'not_read', 2))
        self.assertEqual(self.way(self.call), ('Look', 'done', 0))

    def test_a_step_is_moved_with_what_follows_it(self):
        campaign = self.journey()
        self.change(campaign, do='add', type='wait', parent_id=self.hello.id, values={'name': 'Pause'})
        pause = self.step(campaign, 'Pause')
        self.change(campaign, do='add', type='wait', parent_id=pause.id, values={'name': 'More'})

        self.change(campaign, do='move', id=pause.id, parent_id=self.call.id, trigger='done')

        self.assertEqual(self.way(pause), ('Call', 'done', 0))
        self.assertEqual(self.way(self.step(campaign, 'More')), ('Pause', 'done', 0))

    def test_a_step_that_cannot_follow_as_before_follows_straight_on(self):
        campaign = self.journey()
        self.change(campaign, do='add', type='wait', parent_id=self.hello.id, values={'name': 'Pause'})

        self.change(campaign, do='move', id=self.call.id, parent_id=self.step(campaign, 'Pause').id, trigger='done')

        self.assertEqual(self.way(self.call), ('Pause', 'done', 0))

    def test_a_step_cannot_follow_what_comes_after_it(self):
        campaign = self.journey()

        with self.assertRaisesRegex(UserError, 'cannot follow itself'):
            self.change(campaign, do='move', id=self.hello.id, parent_id=self.call.id)

    def test_two_steps_change_places(self):
        campaign = self.journey()
        self.change(campaign, do='copy', id=self.call.id)
        twin = self.step(campaign, 'Call (copy)')

        self.change(campaign, do='shift', id=twin.id, by=-1)

        self.assertLess(twin.sequence, self.call.sequence)

    def test_a_copy_stands_beside_its_original_without_what_follows(self):
        campaign = self.journey()

        self.change(campaign, do='copy', id=self.hello.id)

        self.assertEqual(self.way(self.step(campaign, 'Hello (copy)')), ('', 'begin', 0))
        self.assertFalse(self.step(campaign, 'Hello (copy)').child_ids)

    def test_a_step_with_followers_is_deleted_only_when_that_is_meant(self):
        campaign = self.journey()

        asked = self.change(campaign, do='remove', id=self.hello.id)
        self.assertEqual(asked['ask']['lines'], ['The step after it is deleted, too.'])
        self.assertEqual(len(campaign.activity_ids), 2)

        self.change(campaign, agreed=True, do='remove', id=self.hello.id)
        self.assertFalse(campaign.activity_ids)

    def test_the_last_step_is_deleted_without_a_question(self):
        campaign = self.journey()

        self.change(campaign, do='remove', id=self.call.id)

        self.assertEqual(campaign.activity_ids, self.hello)

    # --- Two people, and people without the right ------------------------------------------------------------

    def test_whoever_comes_second_sees_what_the_first_has_done(self):
        campaign = self.journey()
        seen = self.editor.get_flow(campaign.id)['version']
        self.change(campaign, do='add', type='wait', parent_id=self.call.id, values={'name': 'Pause'})

        answer = self.change(campaign, version=seen, do='remove', id=self.call.id)

        self.assertIn('Somebody else', answer['conflict'])
        self.assertEqual([step['name'] for step in answer['flow']['steps']], ['Hello', 'Call', 'Pause'])

    def test_a_step_of_another_campaign_is_not_touched(self):
        campaign, hello = self.journey(), self.hello
        other = self.journey()

        with self.assertRaisesRegex(UserError, 'no longer there'):
            self.change(other, do='write', id=hello.id, values={'name': 'Mine'})
        self.assertEqual(campaign.activity_ids[0].name, 'Hello')

    def test_a_form_does_not_decide_to_which_campaign_a_step_belongs(self):
        campaign, other = self.journey(), self.campaign()

        self.change(campaign, do='write', id=campaign.activity_ids[-1].id, values={
            'name': 'Called', 'campaign_id': other.id, 'no_such_field': 1})

        self.assertEqual(self.step(campaign, 'Called').campaign_id, campaign)

    def test_a_salesperson_neither_sees_nor_changes_it(self):
        campaign = self.journey()

        with self.assertRaises(AccessError):
            self.editor.with_user(self.salesperson).get_flow(campaign.id)
        with self.assertRaises(AccessError):
            self.change(campaign, version='1', user=self.salesperson, do='remove', id=self.hello.id)


@tagged('post_install', '-at_install')
class TestEditorWhileRunning(EditorCommon, TransactionCase):
    """People are in it: what a change means for them is told first, then happens."""

    def setUp(self):
        super().setUp()
        self.give_consent(self.people)
        self.running = self.journey()
        self.running.action_start()
        self.run_campaigns()
        self.run_sender()
        self.run_campaigns()

    def traces(self, step, state='waiting'):
        return self.env['fluxforce.campaign.trace'].search([('activity_id', '=', step.id), ('state', '=', state)])

    def test_the_editor_says_that_people_are_in_it(self):
        self.assertIn('has begun', self.editor.get_flow(self.running.id)['hint'])

    def test_three_wait_for_the_call(self):
        self.assertEqual(len(self.traces(self.call)), 3)

    def test_a_changed_step_is_asked_about_first(self):
        answer = self.change(self.running, do='write', id=self.call.id, values={'delay': 5})

        self.assertEqual(answer['ask']['lines'], [
            'Waiting for this step: 3. They get it as it is then.', 'Get it later than planned so far: 3.'])
        self.assertEqual(self.call.delay, 2)

    def lines_of(self, **values):
        return self.change(self.running, do='write', id=self.call.id, values=values)['ask']['lines'][1:]

    def test_the_question_tells_how_many_get_it_at_another_time(self):
        self.assertEqual(self.lines_of(delay=0), ['Get it at once, as their time has come by then: 3.'])
        self.assertEqual(self.lines_of(delay=1), ['Get it earlier than planned so far: 3.'])
        self.assertEqual(self.lines_of(trigger='failed', delay=0), ['Get it later than planned so far: 3.'])
        self.assertEqual(self.lines_of(activity_summary='Ring them'), [])

    def test_the_question_tells_who_does_not_get_it_any_more(self):
        for message in self.messages(self.running):
            message.accepted_at -= timedelta(days=9)

        self.assertEqual(self.lines_of(expiry=1), ['Do not get it any more, nor what follows: 3.'])

    def test_a_question_changes_nothing(self):
        before = self.traces(self.call).mapped('due_at')

        self.lines_of(delay=0)

        self.assertEqual((self.call.delay, self.traces(self.call).mapped('due_at')), (2, before))

    def test_the_question_tells_about_the_first_of_many(self):
        with patch(f'{MODELS}.fluxforce_campaign_editor_people.LOOKED_AT', 2):
            self.assertEqual(self.lines_of(delay=1), [
                'Get it earlier than planned so far: 2.', 'Only the first 2 were looked at.'])

    def test_who_waits_below_a_step_they_had_is_asked_about_anew(self):
        self.change(self.running, agreed=True, do='add', type='wait', parent_id=self.hello.id,
                    values={'name': 'Pause', 'trigger': 'done'})
        pause, far = self.step(self.running, 'Pause'), fields.Datetime.now() + timedelta(days=9)
        waiting = self.traces(self.call)
        self.env['fluxforce.campaign.trace']._insert([
            (self.running.id, self.running.company_id.id, trace.participant_id.id, pause.id, 'done', None, None)
            for trace in waiting])
        waiting.due_at = far

        self.change(self.running, agreed=True, do='move', id=pause.id, parent_id=self.hello.id, above_id=self.call.id)

        self.assertEqual(self.traces(self.call), waiting)
        self.assertLess(max(waiting.mapped('due_at')), far)

    def test_who_waits_where_a_step_is_moved_to_is_told(self):
        self.change(self.running, agreed=True, do='add', type='wait', parent_id=self.hello.id, values={'name': 'Pause'})

        answer = self.change(self.running, do='move', id=self.step(self.running, 'Pause').id, parent_id=self.hello.id,
                             above_id=self.call.id)

        self.assertEqual(answer['ask']['lines'], ['Waiting at its new place: 3. They get it first.'])

    def test_those_who_wait_for_a_changed_step_wait_by_its_new_time(self):
        before = self.traces(self.call).mapped('due_at')

        self.change(self.running, agreed=True, do='write', id=self.call.id, values={'delay': 5})
        self.run_campaigns()

        self.assertTrue(all(new > old for new, old in zip(
            self.traces(self.call).mapped('due_at'), before, strict=True)))

    def test_a_step_put_above_is_got_by_those_who_wait_below(self):
        self.change(self.running, agreed=True, do='add', type='wait', parent_id=self.hello.id, above_id=self.call.id,
                    values={'name': 'Pause', 'trigger': 'not_read', 'delay': 2})

        self.assertEqual(len(self.traces(self.step(self.running, 'Pause'))), 3)
        self.assertFalse(self.traces(self.call))

    def test_those_who_are_past_do_not_get_a_new_step(self):
        answer = self.change(self.running, do='add', type='wait', parent_id=self.hello.id, values={'name': 'Pause'})

        self.assertEqual(answer['ask']['lines'], ['Past this point: 3. They do not get the new step.'])

    def test_a_step_taken_out_is_waited_for_no_more_and_its_past_is_kept(self):
        self.change(self.running, agreed=True, do='remove', id=self.hello.id)

        self.assertFalse(self.running.activity_ids)
        self.assertFalse(self.traces(self.call))
        self.assertEqual(len(self.traces(self.hello, 'done')), 3)
        self.assertEqual(set(self.participants(self.running).mapped('state')), {'done'})

    def test_the_others_go_on_after_a_step_was_taken_out(self):
        self.change(self.running, agreed=True, do='remove', id=self.call.id)
        self.run_campaigns()

        self.assertEqual(self.running.state, 'done')

    def test_a_step_that_could_not_be_done_does_not_get_in(self):
        with self.assertRaisesRegex(UserError, 'Choose the template'):
            self.change(self.running, agreed=True, do='add', type='whatsapp', parent_id=self.call.id,
                        values={'name': 'Again'})

    def test_only_the_responsible_changes_what_is_done_with_their_rights(self):
        self.running.sudo().user_id = self.whatsapp_admin

        with self.assertRaisesRegex(UserError, 'with the rights of'):
            self.change(self.running, agreed=True, do='write', id=self.call.id, values={'delay': 5})

    def test_an_action_made_for_other_records_does_not_get_in(self):
        action = self.env['ir.actions.server'].create({
            'name': 'Mark', 'model_id': self.env['ir.model']._get_id('res.users'), 'state': 'code', 'code': 'pass'})

        with self.assertRaisesRegex(UserError, 'made for other records'):
            self.change(self.running, agreed=True, do='add', type='action', parent_id=self.call.id,
                        values={'name': 'Mark', 'server_action_id': action.id})

    def test_other_steps_are_not_written_by_way_of_one_of_its_own(self):
        other = self.campaign()

        self.change(self.running, agreed=True, do='write', id=self.call.id, values={
            'child_ids': [[1, other.activity_ids.id, {'name': 'Mine'}]]})

        self.assertNotEqual(other.activity_ids.name, 'Mine')

    def test_a_form_does_not_move_a_step_with_people_in_it(self):
        self.change(self.running, agreed=True, do='write', id=self.call.id, values={'parent_id': False, 'delay': 5})

        self.assertEqual((self.call.parent_id, self.call.delay), (self.hello, 5))

    def test_what_was_to_follow_and_is_taken_out_meanwhile_stops_nobody(self):
        self.traces(self.call).write({'due_at': fields.Datetime.now()})
        self.call.sudo().active = False

        self.run_campaigns()

        self.assertEqual(len(self.traces(self.call, 'skipped')), 3)
        self.assertEqual(self.running.state, 'done')

    def test_a_campaign_that_is_over_is_not_changed(self):
        self.running.sudo().state = 'done'

        with self.assertRaisesRegex(UserError, 'is over'):
            self.change(self.running, agreed=True, do='remove', id=self.call.id)
