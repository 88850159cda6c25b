from odoo.tests import TransactionCase, tagged

from .replies import RepliesCommon


@tagged('post_install', '-at_install')
class TestReplyLeads(RepliesCommon, TransactionCase):
    """With Odoo's CRM a reply becomes a lead."""

    def setUp(self):
        super().setUp()
        if 'crm.lead' not in self.env:
            self.skipTest('CRM is not installed')
        self.stages = self.env['crm.stage'].search([])

    def leads(self, partner=None):
        return self.env['crm.lead'].search([('partner_id', '=', (partner or self.ana).id)])

    def test_a_reply_becomes_a_lead_of_the_contacts_salesperson(self):
        self.rule(action='lead', stage_id=self.stages[1].id)
        self.reply()

        self.follow_up()

        lead = self.leads()
        self.assertEqual((lead.name, lead.user_id, lead.stage_id),
                         ('Ana Costa replied to Spring Offer', self.salesperson, self.stages[1]))
        self.assertEqual(self.todos(lead).user_id, self.salesperson)

    def test_it_says_where_it_came_from(self):
        self.rule(action='lead')
        self.reply()

        self.follow_up()

        lead = self.leads()
        self.assertEqual((lead.campaign_id, lead.source_id.name, lead.medium_id.name),
                         (self.offer.utm_campaign_id, 'Spring Offer', 'WhatsApp'))

    def test_the_last_lines_of_the_conversation_stand_in_its_chatter(self):
        self.rule(action='lead', lines=2)
        self.reply('Is the blue one there?', wamid='wamid.R1')
        self.reply('In <b>size</b> 54', wamid='wamid.R2')

        self.follow_up()

        body = self.leads().message_ids[0].body
        self.assertIn('Is the blue one there?', body)
        self.assertIn('In &lt;b&gt;size&lt;/b&gt; 54', body)
        self.assertEqual(body.count('<li>'), 2)

    def test_the_open_lead_moves_on_and_no_second_one_is_made(self):
        lead = self.env['crm.lead'].create({
            'name': 'Bicycles', 'type': 'opportunity', 'partner_id': self.ana.id, 'stage_id': self.stages[0].id})
        self.rule(action='lead', stage_id=self.stages[1].id)
        self.reply()

        self.follow_up()

        self.assertEqual((self.leads(), lead.stage_id), (lead, self.stages[1]))

    def test_a_lead_that_is_further_is_not_moved_back(self):
        lead = self.env['crm.lead'].create({
            'name': 'Bicycles', 'type': 'opportunity', 'partner_id': self.ana.id, 'stage_id': self.stages[2].id})
        self.rule(action='lead', stage_id=self.stages[0].id)
        self.reply()

        self.follow_up()

        self.assertEqual(lead.stage_id, self.stages[2])

    def test_a_lead_that_is_won_is_left_alone(self):
        won = self.env['crm.lead'].create({
            'name': 'Bicycles', 'type': 'opportunity', 'partner_id': self.ana.id,
            'stage_id': self.stages.filtered('is_won')[:1].id})
        self.rule(action='lead')
        self.reply()

        self.follow_up()

        self.assertEqual(len(self.leads() - won), 1)

    def test_a_stage_that_was_deleted_keeps_no_lead_from_being_made(self):
        gone = self.env['crm.stage'].create({'name': 'Gone'})
        self.rule(action='lead', stage_id=gone.id)
        gone.unlink()
        self.reply()

        self.follow_up()

        self.assertEqual(len(self.leads()), 1)
