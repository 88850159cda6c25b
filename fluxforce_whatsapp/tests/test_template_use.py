from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .common import ColleagueCommon


@tagged('post_install', '-at_install')
class TestTemplateUse(ColleagueCommon, TransactionCase):

    def found(self, user):
        return self.env['fluxforce.whatsapp.template'].with_user(user).search([('may_send', '=', True)])

    # --- Who may ---------------------------------------------------------------------------------------------

    def test_a_template_without_names_is_for_everybody_who_may_send(self):
        self.assertTrue(self.plain_template.with_user(self.salesperson).may_send)
        self.assertIn(self.plain_template, self.found(self.salesperson))

    def test_only_the_users_named_send_it(self):
        self.plain_template.allowed_user_ids = self.salesperson

        self.assertIn(self.plain_template, self.found(self.salesperson))
        self.assertNotIn(self.plain_template, self.found(self.colleague))

    def test_only_the_members_of_the_groups_named_send_it(self):
        self.plain_template.allowed_group_ids = self.env.ref('fluxforce_whatsapp.group_whatsapp_admin')

        self.assertIn(self.plain_template, self.found(self.whatsapp_admin))
        self.assertNotIn(self.plain_template, self.found(self.salesperson))

    def test_a_user_or_a_group_is_enough(self):
        self.plain_template.write({
            'allowed_user_ids': [Command.set(self.colleague.ids)],
            'allowed_group_ids': [Command.set(self.env.ref('fluxforce_whatsapp.group_whatsapp_admin').ids)]})

        for user in (self.colleague, self.whatsapp_admin):
            self.assertTrue(self.plain_template.with_user(user).may_send, user.name)
        self.assertFalse(self.plain_template.with_user(self.salesperson).may_send)

    def test_the_others_are_found_by_the_opposite(self):
        self.plain_template.allowed_user_ids = self.salesperson
        templates = self.env['fluxforce.whatsapp.template'].with_user(self.colleague)

        self.assertEqual(templates.search([('may_send', '=', False)]), self.plain_template)

    def test_a_template_whose_only_sender_is_archived_is_not_open_to_all(self):
        self.plain_template.allowed_user_ids = self.colleague
        self.colleague.active = False
        self.give_consent(self.ana)

        self.assertFalse(self.plain_template.with_user(self.salesperson).may_send)
        with self.assertRaisesRegex(AccessError, 'nobody at present'):
            self.queue(self.ana)

    def test_a_template_for_everybody_costs_no_query_to_ask(self):
        template = self.plain_template.with_user(self.salesperson)
        template.mapped('is_restricted')  # read with the template's other fields

        with self.assertQueryCount(0):
            template._check_may_send()

    def test_who_may_not_send_it_is_told_who_may(self):
        self.give_consent(self.ana)
        self.plain_template.allowed_user_ids = self.salesperson

        with self.assertRaisesRegex(AccessError, r'"support_hours \(en\)".*Selma Sales'):
            self.queue(self.ana, user=self.colleague)

    def test_who_may_send_it_sends_it(self):
        self.plain_template.allowed_user_ids = self.salesperson

        self.assertEqual(self.queue_agreed(self.ana).state, 'queued')

    def test_a_message_that_failed_is_not_sent_again_by_who_may_not(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'failed'})
        self.plain_template.allowed_user_ids = self.salesperson

        with self.assertRaises(AccessError):
            self.env['fluxforce.whatsapp.decision'].with_user(self.colleague)._send_again(
                message.with_user(self.colleague).sudo(False))

    def test_what_runs_by_itself_is_not_asked(self):
        self.give_consent(self.ana)
        self.plain_template.allowed_user_ids = self.salesperson
        outbox = self.env['fluxforce.whatsapp.message'].sudo()

        self.assertTrue(outbox._enqueue(outbox._prepare_drafts(self.ana, self.plain_template, self.number)))

    def test_what_an_administrator_has_set_up_is_set_off_by_anybody(self):
        self.give_consent(self.ana)
        self.plain_template.allowed_user_ids = self.salesperson
        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.colleague)
        drafts = outbox._prepare_drafts(self.ana.with_user(self.colleague), self.plain_template, self.number)

        self.assertEqual(outbox._enqueue(drafts, is_set_up=True).state, 'queued')

    def test_a_rule_sends_what_it_was_set_up_with_whoever_sets_it_off(self):
        self.give_consent(self.ana)
        self.plain_template.allowed_user_ids = self.colleague
        action = self.env['ir.actions.server'].create({
            'name': 'Tell the customer', 'model_id': self.plain_template.model_id.id, 'state': 'whatsapp',
            'whatsapp_template_id': self.plain_template.id})

        action.with_user(self.salesperson).with_context(
            active_model='res.partner', active_id=self.ana.id, active_ids=self.ana.ids).run()

        self.assertEqual(
            self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)]).state, 'queued')

    def test_an_administrator_says_who_may(self):
        self.plain_template.with_user(self.whatsapp_admin).allowed_user_ids = self.salesperson

        with self.assertRaises(AccessError):
            self.plain_template.with_user(self.salesperson).allowed_user_ids = False

    # --- Where used ------------------------------------------------------------------------------------------

    def test_what_was_sent_is_counted_and_shown(self):
        self.queue_agreed(self.ana | self.ben)
        self.run_sender()
        self.queue_agreed(self.chloe)

        self.assertEqual(self.plain_template.sent_count, 2)
        found = self.env['fluxforce.whatsapp.message'].search(self.plain_template.action_open_sent()['domain'])
        self.assertEqual(found.partner_id, self.ana | self.ben)

    def test_messages_of_other_templates_are_not_counted(self):
        self.queue_agreed(self.ana, self.utility_template)
        self.run_sender()

        self.assertEqual((self.plain_template.sent_count, self.utility_template.sent_count), (0, 1))

    def test_the_automations_of_a_template_are_counted_and_shown(self):
        action = self.env['ir.actions.server'].create({
            'name': 'Tell the customer', 'model_id': self.plain_template.model_id.id, 'state': 'whatsapp',
            'whatsapp_template_id': self.plain_template.id})

        self.assertEqual((self.plain_template.automation_count, self.utility_template.automation_count), (1, 0))
        domain = self.plain_template.action_open_automations()['domain']
        self.assertEqual(self.env['ir.actions.server'].search(domain), action)

    # --- The composer ----------------------------------------------------------------------------------------

    def test_the_composer_offers_only_what_the_user_may_send(self):
        self.plain_template.allowed_user_ids = self.colleague

        offered = {user: self.env['fluxforce.whatsapp.composer'].with_user(user).create(
            {'res_model': 'res.partner', 'res_ids': repr(self.ana.ids)}).offered_ids
            for user in (self.salesperson, self.colleague)}

        self.assertNotIn(self.plain_template, offered[self.salesperson])
        self.assertIn(self.plain_template, offered[self.colleague])
