from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import ComposerCommon


@tagged('post_install', '-at_install')
class TestServerAction(ComposerCommon, TransactionCase):
    """Server actions and automation rules send templates, through the same gate."""

    def action(self, template=None):
        return self.env['ir.actions.server'].create({
            'name': 'Tell customers', 'model_id': self.env['ir.model']._get_id('res.partner'), 'state': 'whatsapp',
            'whatsapp_template_id': (template or self.utility_template).id})

    def run_for(self, partners, template=None, user=None):
        action = self.action(template).with_context(active_model='res.partner', active_ids=partners.ids)
        return action.with_user(user).run() if user else action.run()

    def test_it_sends_to_each_record(self):
        self.give_consent(self.ana | self.ben)

        self.run_for(self.ana | self.ben)

        self.assertEqual(self.messages_to(self.ana | self.ben).mapped('state'), ['queued', 'queued'])

    def test_it_asks_the_gate(self):
        self.run_for(self.ana)

        self.assertEqual((self.messages_to(self.ana).state, self.messages_to(self.ana).reason),
                         ('refused', 'no_consent'))

    def test_it_works_whoever_triggers_it(self):
        self.give_consent(self.ana)

        self.run_for(self.ana, user=self.outsider)

        self.assertEqual(self.messages_to(self.ana).state, 'queued')

    def test_each_gets_their_own_language(self):
        self.env['res.lang']._activate_lang('es_ES')
        spanish = self.translate(self.plain_template, 'es', 'Atendemos de 9 a 17 h.')
        self.ana.lang = 'es_ES'
        self.give_consent(self.ana)

        self.run_for(self.ana, self.plain_template)

        self.assertEqual(self.messages_to(self.ana).template_id, spanish)

    def test_one_person_behind_two_records_gets_one_message(self):
        self.ben.phone = self.ana.phone
        self.give_consent(self.ana | self.ben)

        self.run_for(self.ana | self.ben)

        self.assertEqual(len(self.messages_to(self.ana | self.ben)), 1)

    def test_it_is_named_after_its_template(self):
        self.assertEqual(self.action()._generate_action_name(), 'Send order_update on WhatsApp')

    def test_texts_that_nobody_can_type_are_warned_of(self):
        self.assertIn('nobody is there to be asked', self.action(self.named_template).warning)
        self.assertFalse(self.action(self.plain_template).warning)

    def test_what_may_cost_the_account_does_not_go_by_itself(self):
        people = self.crowd(12)
        self.give_consent(people, 'marketing')
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})
        self.number_2.active = False

        with self.assertRaises(UserError):
            self.run_for(people, self.marketing_template)
