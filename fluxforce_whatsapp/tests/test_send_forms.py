from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import code_translations

from ..cloud_api import free_form, interactive
from ..cloud_api.checks import PayloadError
from ..cloud_api.templates import parameter_components
from .common import WhatsappCommon, inbound_payload
from .fake_meta import template_row

CARD = {'components': [
    {'type': 'HEADER', 'format': 'IMAGE'}, {'type': 'BODY', 'text': 'Only {{1}} euros today.'},
    {'type': 'BUTTONS', 'buttons': [{'type': 'QUICK_REPLY', 'text': 'Keep one'}]},
]}
# What the i18n files say once they are brought up to date; the test does not wait for them.
SPANISH = {
    '%(part)s: it has %(length)s characters, WhatsApp takes %(limit)s. Shorten it.':
        '%(part)s: tiene %(length)s caracteres y WhatsApp admite %(limit)s. Acórtelo.',
    'Button %(number)s, label': 'Botón %(number)s, etiqueta',
}


@tagged('post_install', '-at_install')
class TestSendForms(WhatsappCommon, TransactionCase):
    """Templates and answers of every kind, from what Meta lists to what Meta gets."""

    def sync(self, *more, category='MARKETING'):
        """:return: the template that Meta lists with these parts"""
        self.env['fluxforce.whatsapp.template']._sync(self.account, [
            template_row('1', 'new_kind', 'Look at this.', category, more=more)])
        return self.env['fluxforce.whatsapp.template'].search([('name', '=', 'new_kind')])

    def sent_components(self, template, values):
        self.queue_agreed(self.ana, template, free_values=values)
        self.run_sender()
        return self.meta.sends[-1]['template']['components']

    def spanish(self):
        self.env['res.lang']._activate_lang('es_ES')
        return patch.object(code_translations, 'get_python_translations', lambda _module, _lang: SPANISH)

    def label_too_long(self):
        content = interactive.reply_buttons('Does it fit?', [('1', 'Yes, and quickly please')])
        with self.assertRaises(PayloadError) as caught:
            free_form.checked(free_form.interactive_content(content))
        return caught.exception

    # --- Templates -------------------------------------------------------------------------------------------

    def test_each_card_of_a_carousel_has_its_variables(self):
        template = self.sync({'type': 'CAROUSEL', 'cards': [CARD, CARD]})

        self.assertFalse(template.problem)
        self.assertEqual(template.variable_ids.mapped('key'), [
            'card:0:header:media', 'card:0:body:1', 'card:1:header:media', 'card:1:body:1'])

    def test_the_end_of_an_offer_is_asked_for(self):
        template = self.sync(
            {'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {'text': 'Ends soon', 'has_expiration': True}})

        self.assertEqual(template.variable_ids.mapped('key'), ['offer:expires_at'])
        self.assertEqual(self.sent_components(template, {'offer:expires_at': '2040-05-01 18:00:00'}), [
            {'type': 'limited_time_offer', 'parameters': [{
                'type': 'limited_time_offer', 'limited_time_offer': {'expiration_time_ms': 2_219_508_000_000}}]}])

    def test_a_place_in_the_header_may_be_typed(self):
        template = self.sync({'type': 'HEADER', 'format': 'LOCATION'}, category='UTILITY')

        self.assertEqual(self.sent_components(template, {'header:location': '41.3874, 2.1686; Shop'}), [
            {'type': 'header', 'parameters': [{'type': 'location', 'location': {
                'latitude': '41.3874', 'longitude': '2.1686', 'name': 'Shop'}}]}])

    def test_a_form_is_named_although_nothing_is_asked_for(self):
        template = self.sync({'type': 'BUTTONS', 'buttons': [{'type': 'FLOW', 'text': 'Book', 'flow_id': '7'}]})

        self.assertFalse(template.variable_ids)
        self.assertEqual(self.sent_components(template, {}), [{'type': 'button', 'sub_type': 'flow', 'index': '0'}])

    def test_a_value_that_cannot_be_sent_fails_that_message_in_words(self):
        template = self.sync({'type': 'HEADER', 'format': 'LOCATION'}, category='UTILITY')

        message = self.queue_agreed(self.ana, template, free_values={'header:location': 'Barcelona'})
        self.run_sender()

        self.assertEqual(message.state, 'failed')
        self.assertIn('Location of the header: write it like "41.3874, 2.1686; Shop; Carrer 1".', message.error_message)

    # --- In the user's language ------------------------------------------------------------------------------

    def test_a_refusal_is_said_in_the_users_language_with_all_its_parts(self):
        with self.spanish():
            words = self.env['fluxforce.whatsapp.wording'].with_context(lang='es_ES')._refusal(self.label_too_long())

        self.assertEqual(words, 'Botón 1, etiqueta: tiene 23 caracteres y WhatsApp admite 20. Acórtelo.')

    def test_a_list_of_what_is_missing_is_put_together(self):
        with self.assertRaises(PayloadError) as caught:
            parameter_components([CARD['components'][0], CARD['components'][1]], {})

        self.assertEqual(self.env['fluxforce.whatsapp.wording']._refusal(caught.exception),
                         'No value for: Picture of the header; Text, {{1}}')

    def test_other_errors_are_said_as_they_are(self):
        self.assertEqual(self.env['fluxforce.whatsapp.wording']._refusal(ValueError('odd')), 'odd')

    # --- Without a template ----------------------------------------------------------------------------------

    def test_an_answer_with_buttons_goes_out_in_an_open_window(self):
        self.receive(inbound_payload('Hello', timestamp=int(fields.Datetime.now().timestamp())))
        content = free_form.interactive_content(interactive.reply_buttons('Does it fit?', [('1', 'Yes'), ('2', 'No')]))

        self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)._enqueue_contents(self.number, [
            (self.ana, '+447400123001', content, 'res.partner', self.ana.id)])
        self.run_sender()

        self.assertEqual(self.meta.sends[-1]['interactive']['action']['buttons'][1], {
            'type': 'reply', 'reply': {'id': '2', 'title': 'No'}})
