from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon


@tagged('post_install', '-at_install')
class TestServerAction(WhatsappCommon, TransactionCase):
    """Server actions and automation rules write to people as employees do: by the gate, into the outbox."""

    def action(self, template=None, **values):
        return self.env['ir.actions.server'].create({
            'name': 'Write to them', 'state': 'whatsapp', 'model_id': self.env.ref('base.model_res_partner').id,
            'whatsapp_template_id': (template or self.utility_template).id, **values})

    def run_for(self, action, partners, user=None, **context):
        action.with_user(user or self.env.user).with_context(
            active_model='res.partner', active_ids=partners.ids, active_id=partners[:1].id, **context).run()
        return self.messages(partners)

    def messages(self, partners):
        return self.env['fluxforce.whatsapp.message'].search([('partner_id', 'in', partners.ids)], order='id')

    def make_marketing_risky(self, count=12):
        """Enough people who agreed, and a number that people block."""
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1234{index:02}'} for index in range(count)])
        self.give_consent(people, 'marketing')
        self.number.sudo().quality_rating = 'RED'
        self.number_2.sudo().quality_rating = 'RED'
        return people

    # --- Sending -----------------------------------------------------------------------------------------------

    def test_each_record_gets_one_message(self):
        self.give_consent(self.ana + self.ben)

        messages = self.run_for(self.action(), self.ana + self.ben)

        self.assertEqual(messages.mapped('state'), ['queued', 'queued'])
        self.assertEqual(messages.partner_id, self.ana + self.ben)

    def test_who_did_not_agree_is_in_the_outbox_with_the_reason(self):
        message = self.run_for(self.action(), self.ana)

        self.assertEqual((message.state, message.reason), ('refused', 'no_consent'))

    def test_it_stands_in_the_chatter(self):
        self.give_consent(self.ana)

        message = self.run_for(self.action(), self.ana)

        self.assertEqual(message.mail_message_id.res_id, self.ana.id)

    def test_the_chosen_number_sends(self):
        self.give_consent(self.ana)

        message = self.run_for(self.action(whatsapp_number_id=self.number_2.id), self.ana)

        self.assertEqual(message.number_id, self.number_2)

    def test_whoever_triggers_a_rule_needs_no_right_to_whatsapp(self):
        self.give_consent(self.ana)
        action = self.action()

        action.sudo().with_context(
            active_model='res.partner', active_ids=self.ana.ids, active_id=self.ana.id, __action_done={}).run()

        self.assertEqual(self.messages(self.ana).state, 'queued')

    # --- What may cost the account -----------------------------------------------------------------------------

    def test_by_hand_what_may_cost_the_account_is_told_and_not_sent(self):
        people = self.make_marketing_risky()
        action = self.action(self.marketing_template)

        with self.assertRaisesRegex(UserError, 'may cost the account'):
            self.run_for(action, people)

        self.assertFalse(self.messages(people))

    def test_a_rule_that_may_cost_the_account_sends_nothing_and_warns(self):
        people = self.make_marketing_risky()

        messages = self.run_for(self.action(self.marketing_template), people, __action_done={})

        self.assertFalse(messages)
        alert = self.env['fluxforce.whatsapp.alert'].search([('template_id', '=', self.marketing_template.id)])
        self.assertEqual(alert.severity, 'critical')
        self.assertIn('12 people', alert.detail)

    # --- Setting up --------------------------------------------------------------------------------------------

    def test_its_name_says_what_it_sends(self):
        action = self.env['ir.actions.server'].new({
            'state': 'whatsapp', 'model_id': self.env.ref('base.model_res_partner').id,
            'whatsapp_template_id': self.utility_template.id})

        self.assertEqual(action._generate_action_name(), 'Send WhatsApp: order_update')

    def test_another_model_empties_the_template(self):
        action = self.action()

        action.model_id = self.env.ref('base.model_res_users')

        self.assertFalse(action.whatsapp_template_id)

    def test_only_models_with_somebody_to_write_to_are_offered(self):
        models = self.action().available_model_ids.mapped('model')

        self.assertIn('res.partner', models)
        self.assertNotIn('res.country', models)

    def test_a_template_that_meta_does_not_send_is_told(self):
        action = self.action(self.pending_template)

        self.assertIn('not approved', action.warning)

    def test_a_variable_nobody_fills_is_told(self):
        action = self.action(self.named_template)

        self.assertIn('nobody is there to answer', action.warning)
