from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .test_editor import EditorCommon


@tagged('post_install', '-at_install')
class TestRehearsal(EditorCommon, TransactionCase):
    """A walk through the journey with one person."""

    def rehearse(self, campaign=None, user=None, **values):
        return self.env['fluxforce.campaign.rehearsal'].with_user(user or self.marketer).create({
            'campaign_id': (campaign or self.journey()).id, 'record': f'res.partner,{self.ana.id}', **values})

    def states(self, rehearsal):
        return {row['step']: row['state'] for row in rehearsal.walk['rows']}

    def test_it_begins_with_one_of_the_audience(self):
        rehearsal = self.env['fluxforce.campaign.rehearsal'].with_user(self.marketer).create({
            'campaign_id': self.journey().id})

        self.assertIn(rehearsal.record, self.people)

    def test_the_steps_come_one_after_the_other(self):
        rehearsal = self.rehearse()

        rehearsal.action_next()
        self.assertEqual(self.states(rehearsal), {self.hello.id: 'done', self.call.id: 'waiting'})
        rehearsal.action_next()
        self.assertEqual(self.states(rehearsal)[self.call.id], 'done')
        self.assertTrue(rehearsal.is_over)

    def test_what_the_person_does_decides_the_way(self):
        rehearsal = self.rehearse()
        rehearsal.action_next()

        rehearsal.write({'message_id': self.hello.id, 'event': 'read'})
        rehearsal.action_happen()
        rehearsal.action_next()

        self.assertEqual(self.states(rehearsal)[self.call.id], 'skipped')

    def test_it_tells_in_words_what_happened(self):
        rehearsal = self.rehearse()
        rehearsal.action_next()

        self.assertIn('Hello', rehearsal.history)
        self.assertIn('Waits: Not read within 2 days', rehearsal.history)

    def test_the_message_is_shown_as_the_person_would_get_it(self):
        rehearsal = self.rehearse()
        rehearsal.action_next()

        self.assertIn('body', rehearsal.preview_data)

    def test_nothing_is_sent_and_nobody_comes_in(self):
        rehearsal = self.rehearse()
        for __ in range(3):
            rehearsal.action_next()

        self.assertFalse(self.messages(rehearsal.campaign_id))
        self.assertFalse(self.participants(rehearsal.campaign_id))
        self.assertFalse(self.ana.activity_ids)

    def test_with_somebody_made_up_conditions_hold_as_one_likes(self):
        campaign = self.journey()
        self.change(campaign, do='add', type='condition', values={'name': 'Is new', 'condition_domain': '[]'})
        rehearsal = self.rehearse(campaign, who='made_up', holds=False)
        for __ in range(5):
            rehearsal.action_next()

        rows = {row['step']: row for row in rehearsal.walk['rows']}
        self.assertIs(rows[self.step(campaign, 'Is new').id]['holds'], False)

    def test_it_starts_again_with_somebody_else(self):
        rehearsal = self.rehearse()
        rehearsal.action_next()

        rehearsal.action_restart()
        rehearsal.record = f'res.partner,{self.ben.id}'

        self.assertFalse(rehearsal.walk)

    def test_its_messages_go_to_whoever_tries_it_and_to_nobody_else(self):
        me = self.marketer.partner_id
        me.phone = '+44 7400 199001'
        self.give_consent(me)
        for who in ('record', 'made_up'):
            self.rehearse(who=who, goes_to_me=True).action_next()

        messages = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', me.id)])
        self.assertEqual(messages.mapped('phone'), ['+447400199001', '+447400199001'])
        self.assertFalse(messages.campaign_id)
        self.assertFalse(self.env['fluxforce.whatsapp.message'].search([('partner_id', 'in', self.people.ids)]))

    def test_without_a_number_of_ones_own_it_says_so(self):
        with self.assertRaisesRegex(UserError, 'no phone number to send to'):
            self.rehearse(goes_to_me=True).action_next()

    def test_a_reply_where_none_was_sent_is_refused_in_words(self):
        with self.assertRaisesRegex(UserError, 'Choose with which message'):
            self.rehearse().action_happen()

    def test_a_record_the_user_may_not_read_is_not_walked_with(self):
        self.env['ir.rule'].create({
            'name': 'Not Ana', 'model_id': self.env['ir.model']._get('res.partner').id,
            'domain_force': f"[('id', '!=', {self.ana.id})]"})

        with self.assertRaises(AccessError):
            self.rehearse().action_next()
