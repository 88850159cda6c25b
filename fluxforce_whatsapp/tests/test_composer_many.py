import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import ComposerCommon

AUDIENCE = 'odoo.addons.fluxforce_whatsapp.wizards.fluxforce_whatsapp_composer_audience'


@tagged('post_install', '-at_install')
class TestComposerMany(ComposerCommon, TransactionCase):
    """The composer for very many people: they stay on the server, and their summary is made on demand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['ir.config_parameter'].sudo().set_param('fluxforce_whatsapp.background_above', 3)

    def open_for(self, people, **context):
        composer = self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).with_context(
            active_model='res.partner', active_ids=people.ids, **context)
        action = composer._open_for_selection()
        return self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).browse(
            action['params']['composer_id'])

    def test_the_ids_are_not_handed_to_the_browser(self):
        people = self.crowd(5)

        composer = self.open_for(people)

        self.assertEqual((composer.record_count, composer.recipient), (5, '5 records'))
        names = self.env['fluxforce.whatsapp.composer'].get_view(view_type='form')['models'][
            'fluxforce.whatsapp.composer']
        shown = composer.web_read({name: {} for name in names if name != 'kept_ids'})[0]
        self.assertNotIn('kept_ids', names)
        self.assertFalse(shown['res_ids'])

    def test_more_than_a_list_hands_over_are_taken_from_its_domain(self):
        people = self.crowd(5)
        self.env['ir.config_parameter'].sudo().set_param('web.active_ids_limit', 2)

        composer = self.open_for(people[:2], active_domain=[('id', 'in', people.ids)])

        self.assertEqual(composer.record_count, 5)

    def test_the_summary_is_asked_for_and_then_kept(self):
        composer = self.open_for(self.crowd(4) | self.chloe)
        composer.template_id = self.utility_template
        self.assertIn('Asking about 5 people', composer.verdict)
        self.assertEqual(composer.sendable_count, 0)

        composer.ask()

        self.assertIn('4 of 5 can be sent.', composer.verdict)
        self.assertIn('4 now, 1 not sent: no consent.', composer.verdict)
        self.assertEqual(composer.group_ids.mapped('count'), [4, 1])
        self.assertEqual(composer.sendable_count, 4)

    def test_another_template_is_asked_about_anew(self):
        composer = self.open_for(self.crowd(5))
        composer.template_id = self.utility_template
        composer.ask()

        composer.template_id = self.plain_template

        self.assertIn('Asking about', composer.verdict)
        self.assertFalse(composer.group_ids)

    def test_the_people_of_a_row_can_be_opened(self):
        composer = self.open_for(self.crowd(4) | self.chloe)
        composer.template_id = self.utility_template
        composer.ask()

        action = composer.with_context(whatsapp_action='refuse', whatsapp_reason='no_consent').action_open_people()

        self.assertEqual(self.env['res.partner'].search(action['domain']), self.chloe)

    def test_what_was_found_out_long_ago_is_asked_again_before_it_is_sent_by(self):
        people = self.crowd(5)
        composer = self.open_for(people)
        composer.template_id = self.utility_template
        composer.ask()
        self.withdraw_consent(people)
        composer.sudo().told = {**composer.sudo().told, 'asked_at': '2026-01-01 00:00:00'}

        with self.assertRaisesRegex(UserError, 'Nobody of them would get it'):
            composer.action_send()

    def test_what_was_found_out_cannot_be_written_by_hand(self):
        composer = self.open_for(self.crowd(5))

        with self.assertRaises(AccessError):
            composer.write({'told': {'is_critical': False}})

    def test_what_is_kept_fits_into_json(self):
        composer = self.open_for(self.crowd(5))
        composer.template_id = self.utility_template

        self.assertTrue(json.dumps(composer._tell(composer._survey())))

    def test_ids_that_are_none_are_refused(self):
        composer = self.open_for(self.crowd(5))
        for odd in (['a'], 'x', [-1], [True], {'a': 1}):
            with self.subTest(odd=odd), self.assertRaisesRegex(UserError, 'cannot be read'):
                composer.kept_ids = odd
                composer._read_ids()

    def test_the_first_message_is_shown_at_once(self):
        composer = self.open_for(self.crowd(5))
        composer.template_id = self.utility_template

        self.assertIn('Hi Person 0, your order S0', composer.preview)

    def test_a_long_selection_is_not_carried_along_by_an_action_of_a_template_either(self):
        people = self.crowd(5)
        composer = self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).with_context(
            active_model='res.partner', active_ids=people.ids)
        with patch(f'{AUDIENCE}.SHORT_LIST', 4):
            form = Form(composer)
            self.assertFalse(form.res_ids)
            self.assertEqual(form.record_count, 5)
            form.template_id = self.utility_template
            saved = form.save()

        self.assertEqual(saved.kept_ids, people.ids)

    def test_what_was_found_out_about_some_does_not_hold_for_as_many_others(self):
        people = self.crowd(5)
        strangers = self.env['res.partner'].create([{'name': f'Stranger {number}'} for number in range(5)])
        composer = self.open_for(people)
        composer.template_id = self.utility_template
        composer.ask()

        composer.kept_ids = strangers.ids

        self.assertIn('Asking about', composer.verdict)
        with self.assertRaisesRegex(UserError, 'Nobody of them would get it'):
            composer.action_send()
