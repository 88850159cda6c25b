from unittest.mock import patch

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

    def test_buttons_and_rows_are_kept(self):
        self.remember(self.ana, mode='answer', answer_kind='list', options=[['Today', 'Until 17:00'], ['Tomorrow', '']])

        composer = self.open(self.ana)
        composer.action_take_up()

        self.assertEqual(composer.option_ids.mapped('title'), ['Today', 'Tomorrow'])
        self.assertEqual(composer.option_ids[0].description, 'Until 17:00')

    def test_the_planned_moment_is_kept(self):
        self.remember(self.ana, mode='template', send_at='2031-01-02 08:00:00')

        composer = self.open(self.ana)
        composer.action_take_up()

        self.assertEqual(str(composer.send_at), '2031-01-02 08:00:00')

    def test_files_are_kept_but_for_those_that_may_not_be_read(self):
        mine = self.env['ir.attachment'].with_user(self.salesperson).create({'name': 'mine.txt', 'raw': b'mine'})
        theirs = self.env['ir.attachment'].with_user(self.whatsapp_admin).create({'name': 'theirs.txt', 'raw': b'hers'})
        self.remember(self.ana, mode='answer', answer_kind='files', attachment_ids=(mine + theirs).ids)

        composer = self.open(self.ana)
        composer.action_take_up()

        self.assertEqual(composer.attachment_ids, mine)

    def test_two_windows_that_begin_at_once_are_no_error(self):
        self.remember(self.ana, text='In one window')

        with patch.object(self.registry['fluxforce.whatsapp.composer.memory'], '_of', lambda self, _composer: self):
            self.remember(self.ana, text='In the other one')

        self.assertEqual(len(self.kept()), 1)
