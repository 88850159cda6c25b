from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from .mailing import MailingCommon


@tagged('post_install', '-at_install')
class TestMailingTest(MailingCommon, TransactionCase):

    def setUp(self):
        super().setUp()
        self.marketer.partner_id.phone = '+44 7400 123200'
        self.draft = self.mailing(template=self.utility_template)

    def wizard(self):
        return Form(self.env['fluxforce.mailing.test'].with_user(self.marketer).with_context(
            default_mailing_id=self.draft.id))

    def test_it_goes_to_oneself_with_the_values_of_a_recipient(self):
        self.give_consent(self.marketer.partner_id)

        self.wizard().save().action_send()

        message = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.marketer.partner_id.id)])
        self.assertEqual((message.state, message.values['body:1']), ('queued', 'Ana Costa'))
        self.assertFalse(message.mailing_id)
        self.assertIn('Test sent', self.draft.message_ids[0].body)

    def test_another_recipient_can_be_chosen(self):
        self.give_consent(self.marketer.partner_id)
        wizard = self.wizard()
        wizard.record = f'res.partner,{self.ben.id}'

        wizard.save().action_send()

        message = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.marketer.partner_id.id)])
        self.assertEqual(message.values['body:1'], 'Ben Okafor')

    def test_the_rules_hold_for_colleagues_too(self):
        wizard = self.wizard()
        self.assertIn('has not agreed', wizard.verdict)

        with self.assertRaisesRegex(UserError, 'None of them may get it'):
            wizard.save().action_send()

    def test_a_test_is_not_for_a_list(self):
        wizard = self.wizard().save()
        wizard.partner_ids = self.crowd(11)

        with self.assertRaisesRegex(UserError, 'at most 10'):
            wizard.action_send()
