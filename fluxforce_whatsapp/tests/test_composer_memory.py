from odoo.tests import TransactionCase, tagged

from .common import ComposerCommon


@tagged('post_install', '-at_install')
class TestComposerMemory(ComposerCommon, TransactionCase):
    """A wrong click does not lose what somebody was writing."""

    def remember(self, partner, user=None, **content):
        self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).remember(
            {'res_model': 'res.partner', 'res_ids': repr(partner.ids)}, content)

    def open(self, partner, user=None):
        return self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).create({
            'res_model': 'res.partner', 'res_ids': repr(partner.ids)})

    def kept(self):
        return self.env['fluxforce.whatsapp.composer.memory'].sudo().search([])

    def test_what_was_begun_is_offered_again(self):
        self.remember(self.ana, mode='answer', text='It has arr')

        composer = self.open(self.ana)

        self.assertRegex(composer.begun, '^today ')
        composer.action_take_up()
        self.assertEqual((composer.mode, composer.text), ('answer', 'It has arr'))

    def test_texts_to_fill_in_are_kept_with_their_template(self):
        date = self.named_template.variable_ids.filtered(lambda variable: variable.name == 'date')
        self.remember(self.ana, mode='template', template_id=self.named_template.id, values={str(date.id): 'Friday'})

        composer = self.open(self.ana)
        composer.action_take_up()

        self.assertEqual(composer.template_id, self.named_template)
        self.assertEqual(composer.value_ids.mapped('value'), ['Friday'])

    def test_it_is_kept_for_its_record_and_its_user(self):
        self.remember(self.ana, text='For Ana')

        self.assertFalse(self.open(self.ben).begun)
        self.assertFalse(self.open(self.ana, self.whatsapp_admin).begun)

    def test_the_latest_words_are_kept(self):
        self.remember(self.ana, text='It')
        self.remember(self.ana, text='It has arrived')

        self.assertEqual(self.kept().content, {'text': 'It has arrived'})

    def test_it_is_forgotten_once_sent(self):
        self.give_consent(self.ana)
        self.remember(self.ana, template_id=self.utility_template.id)

        self.compose(self.ana).action_send()

        self.assertFalse(self.kept())

    def test_what_was_sent_is_not_kept_by_a_browser_that_is_late(self):
        self.give_consent(self.ana)
        composer = self.compose(self.ana)
        composer.action_send()

        composer.remember({'id': composer.id}, {'text': 'Hi'})

        self.assertFalse(self.kept())

    def test_it_can_be_thrown_away(self):
        self.remember(self.ana, text='Never mind')

        self.open(self.ana).action_throw_away()

        self.assertFalse(self.kept())

    def test_a_template_that_is_gone_is_left_out(self):
        self.remember(self.ana, mode='template', template_id=self.env['fluxforce.whatsapp.template'].search(
            [], order='id desc', limit=1).id + 1000)
        composer = self.open(self.ana)

        composer.action_take_up()

        self.assertFalse(composer.template_id)

    def test_nothing_but_the_message_is_kept(self):
        self.remember(self.ana, text='Hi', sent=True, told={'is_critical': False}, override_reason='x')

        self.assertEqual(self.kept().content, {'text': 'Hi'})

    def test_a_model_that_is_none_keeps_nothing(self):
        self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).remember(
            {'res_model': 'no.such.model', 'res_ids': '[1]'}, {'text': 'Hi'})

        self.assertFalse(self.kept())
