import base64
from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import WhatsappCommon


@tagged('post_install', '-at_install')
class TestPreferences(WhatsappCommon, HttpCase):
    """The page on which a person decides, as a browser without JavaScript sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana.lang = 'en_US'

    def link(self, partner=None, company=None):
        partner = partner or self.ana
        return partner.with_user(self.salesperson)._whatsapp_preference_url(company or self.company)

    def token(self, **whom):
        return self.link(**whom).rsplit('/', 1)[1]

    def open(self, token, query='', **options):
        answer = self.url_open(f'/whatsapp/preferences/{token}{query}', **options)
        return answer, html.fromstring(answer.content)

    def choose(self, token, query='', **choices):
        """Open the page, choose and press Save."""
        __, page = self.open(token, query)
        form = page.forms[0]
        for purpose, answer in choices.items():
            form.fields[purpose] = answer
        answer = self.url_open(form.action, data=dict(form.form_values()))
        self.env.invalidate_all()
        return answer, html.fromstring(answer.content)

    def ledger(self):
        return self.env['fluxforce.whatsapp.consent'].search([('partner_id', '=', self.ana.id)])

    # --- What it shows ---------------------------------------------------------------------------------------

    def test_a_contact_that_is_not_saved_yet_has_no_link(self):
        self.assertFalse(self.env['res.partner'].new({'name': 'Nobody yet'}).whatsapp_preference_url)

    def test_it_shows_what_is_stored_for_this_person(self):
        self.give_consent(self.ana, 'utility')
        self.withdraw_consent(self.ana, 'marketing')

        answer, page = self.open(self.token())

        self.assertEqual(answer.status_code, 200)
        checked = {field.name: field.get('value') for field in page.xpath('//input[@type="radio"][@checked]')}
        self.assertEqual(checked, {'utility': 'yes', 'marketing': 'no'})
        text = page.text_content()
        self.assertIn('You agreed on', text)
        self.assertIn('You said no on', text)
        self.assertIn('You have not told us yet', text)

    def words_of(self, page, purpose):
        return page.xpath(f'//p[@id="state_{purpose}"]')[0].text_content().strip()

    def test_what_was_agreed_for_one_of_our_numbers_is_told_with_the_number(self):
        self.give_consent(self.ana, 'marketing', number_id=self.number.id)

        __, page = self.open(self.token())

        self.assertIn('You agreed on', self.words_of(page, 'marketing'))
        self.assertIn(self.number.display_phone_number, self.words_of(page, 'marketing'))
        self.assertNotIn(self.number_2.display_phone_number, page.text_content())
        self.assertEqual(page.xpath('//input[@type="radio"][@checked]/@id'), ['marketing_yes'])

    def test_a_stop_for_one_of_our_numbers_does_not_hide_that_another_still_writes(self):
        self.give_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=1))
        self.withdraw_consent(self.ana, 'marketing', number_id=self.number.id)

        __, page = self.open(self.token())

        self.assertIn(self.number_2.display_phone_number, self.words_of(page, 'marketing'))

    def test_whoever_agreed_for_one_of_our_numbers_says_no_to_all(self):
        self.give_consent(self.ana, 'marketing', number_id=self.number.id)

        __, page = self.choose(self.token(), marketing='no')

        self.assertIn('You said no on', self.words_of(page, 'marketing'))

    def test_it_does_not_tell_the_number_the_name_or_the_address(self):
        self.ana.email = 'ana@example.com'

        answer, page = self.open(self.token())

        self.assertIn('+44', page.text_content())
        for secret in ('7400123001', '7400 123001', 'Ana Costa', 'ana@example.com'):
            self.assertNotIn(secret, answer.text)

    def test_it_needs_no_javascript_and_no_login(self):
        answer, page = self.open(self.token())

        self.assertFalse(page.xpath('//script'))
        self.assertTrue(answer.text.lstrip().startswith('<!DOCTYPE html>'))
        self.assertTrue(page.xpath('//meta[@name="viewport"]'))

    def test_each_choice_has_its_label(self):
        __, page = self.open(self.token())

        for field in page.xpath('//input[@type="radio"]'):
            self.assertTrue(page.xpath(f'//label[@for="{field.get("id")}"]'), field.get('id'))
        self.assertEqual(len(page.xpath('//fieldset/legend')), 3)

    def test_it_wears_the_companys_name_and_colour(self):
        self.company.write({'name': 'Bicycles <b>& Sons</b>', 'primary_color': '#ffcc00'})

        answer, page = self.open(self.token())

        self.assertIn('Bicycles <b>& Sons</b>', page.text_content())
        self.assertFalse(page.xpath('//b'))
        self.assertIn('#ffcc00', page.get('style'))
        self.assertIn('#000000', page.get('style'), 'black reads better on yellow')
        self.assertIn(f'/logo.png?company={self.company.id}', answer.text)

    def test_a_colour_that_is_none_is_left_out(self):
        self.company.primary_color = 'red; } body { display: none'

        answer, __ = self.open(self.token())

        self.assertNotIn('display: none', answer.text)

    def test_it_is_not_kept_framed_or_indexed(self):
        answer, __ = self.open(self.token())

        self.assertEqual(answer.headers['Cache-Control'], 'no-store')
        self.assertEqual(answer.headers['X-Frame-Options'], 'DENY')
        self.assertEqual(answer.headers['Referrer-Policy'], 'no-referrer')

    # --- Languages -------------------------------------------------------------------------------------------

    def speak_spanish(self):
        self.env['res.lang']._activate_lang('es_ES')

    def test_it_speaks_the_persons_language(self):
        self.speak_spanish()
        self.ana.lang = 'es_ES'

        __, page = self.open(self.token(), headers={'Accept-Language': 'en-US'})

        self.assertEqual(page.get('lang'), 'es-ES')

    def test_else_it_speaks_the_browsers(self):
        self.speak_spanish()
        self.ana.lang = False

        for browsers in ('es-ES', 'es-MX,es;q=0.9'):
            __, page = self.open(self.token(), headers={'Accept-Language': browsers})
            self.assertEqual(page.get('lang'), 'es-ES', browsers)

    def test_the_person_may_choose_another_one_and_it_is_kept(self):
        self.speak_spanish()
        token = self.token()
        __, page = self.open(token)
        self.assertEqual(page.get('lang'), 'en-US')
        self.assertEqual(len(page.xpath('//nav/a')), 2)

        answer, page = self.choose(token, '?lang=es_ES', marketing='yes')

        self.assertEqual(page.get('lang'), 'es-ES')
        self.assertEqual(self.ledger().language, 'es_ES')

    def test_each_language_is_offered_by_its_own_name(self):
        self.speak_spanish()

        __, page = self.open(self.token())

        self.assertIn('Español', [link.text for link in page.xpath('//nav/a')])

    def test_a_language_that_is_none_changes_nothing(self):
        answer, page = self.open(self.token(), '?lang=%22%3E%3Cscript%3Ealert(1)')

        self.assertEqual((answer.status_code, page.get('lang')), (200, 'en-US'))
        self.assertNotIn('<script>alert', answer.text)

    # --- What it keeps ---------------------------------------------------------------------------------------

    def test_a_choice_goes_into_the_ledger_with_the_sentence_shown(self):
        token = self.token()
        __, page = self.open(token)
        shown = page.xpath('//label[@for="marketing_yes"]')[0].text_content().strip()

        answer, page = self.choose(token, marketing='yes')

        entry = self.ledger()
        self.assertEqual((entry.purpose, entry.decision, entry.source, entry.language),
                         ('marketing', 'given', 'web', 'en_US'))
        self.assertEqual(entry.wording, shown)
        self.assertTrue(entry.wording_version)
        self.assertEqual(entry.with_user(self.whatsapp_admin).evidence_ip, '127.0.0.1')
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')
        self.assertIn('Saved', page.text_content())

    def test_each_purpose_is_changed_by_itself(self):
        self.give_consent(self.ana, 'utility')
        self.give_consent(self.ana, 'marketing')

        self.choose(self.token(), marketing='no')

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')
        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')
        self.assertEqual(len(self.ledger()), 3, 'what is as before is not recorded again')

    def test_who_has_withdrawn_may_start_again(self):
        self.withdraw_consent(self.ana, 'marketing')

        self.choose(self.token(), marketing='yes')

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')

    def test_saving_again_records_nothing(self):
        token = self.token()
        self.choose(token, marketing='yes')

        self.choose(token)

        self.assertEqual(len(self.ledger()), 1)

    def test_what_is_no_choice_is_left_alone(self):
        token = self.token()
        __, page = self.open(token)
        values = dict(page.forms[0].form_values())

        self.url_open(page.forms[0].action, data={**values, 'marketing': 'maybe', 'care': 'yes', 'partner_id': '1'})

        self.assertFalse(self.ledger())

    def test_another_site_cannot_choose(self):
        answer = self.url_open(f'/whatsapp/preferences/{self.token()}', data={'marketing': 'yes'})

        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.ledger())

    def test_a_program_that_changes_it_on_and_on_is_stopped(self):
        token = self.token()
        for index in range(30):
            self._record_consent(self.ana, 'marketing', ('given', 'withdrawn')[index % 2], None, {'source': 'web'})

        answer, __ = self.choose(token, marketing='yes')

        self.assertEqual(answer.status_code, 429)
        self.assertEqual(len(self.ledger()), 30)

    # --- Links that are not good -----------------------------------------------------------------------------

    def refusal(self, token):
        answer, __ = self.open(token)
        self.assertEqual(answer.status_code, 404)
        return answer.text

    def test_every_link_that_is_not_good_gets_the_same_answer(self):
        token, gone = self.token(), self.env['res.partner'].create({'name': 'Gone'})
        tampered = token[:30] + ('A' if token[30] != 'A' else 'B') + token[31:]
        with freeze_time(fields.Datetime.now() - timedelta(days=91)):
            expired = self.token()
        deleted = self.token(partner=gone)
        gone.unlink()

        bad_ones = (tampered, expired, deleted, 'x', 'AQ' * 40, token + 'x' * 600, '%C3%A9')
        answers = {self.refusal(bad) for bad in bad_ones}

        self.assertEqual(len(answers), 1)
        self.assertNotIn(self.company.name, answers.pop())

    def test_nothing_is_kept_by_a_link_that_is_not_good(self):
        token = self.token()
        __, page = self.open(token)
        values = {**dict(page.forms[0].form_values()), 'marketing': 'yes'}

        answer = self.url_open(f'/whatsapp/preferences/{token[:-2]}zz', data=values)

        self.assertEqual(answer.status_code, 404)
        self.assertFalse(self.ledger())

    def test_it_ends_after_the_days_of_the_settings(self):
        self.company.whatsapp_preference_days = 7
        with freeze_time(fields.Datetime.now() - timedelta(days=8)):
            token = self.token()

        self.refusal(token)

    def test_it_ends_with_the_number_it_was_made_for(self):
        token = self.token()
        self.ana.phone = '+44 7400 123099'

        self.refusal(token)

    def test_the_link_tells_no_number(self):
        raw = base64.urlsafe_b64decode(self.token() + '===')

        self.assertNotIn(b'7400123001', raw)

    # --- Companies -------------------------------------------------------------------------------------------

    def test_each_company_has_a_page_of_its_own(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.give_consent(self.ana, 'marketing')

        answer, page = self.choose(self.token(company=other), marketing='no')

        self.assertIn('Other Company', page.text_content())
        self.assertEqual(self.ana.with_company(self.company).whatsapp_consent_marketing, 'given')
        self.assertEqual(self.ana.with_company(other).whatsapp_consent_marketing, 'withdrawn')

    # --- Where people find it --------------------------------------------------------------------------------

    def test_the_contact_shows_the_link_to_copy(self):
        url = self.ana.with_user(self.salesperson).whatsapp_preference_url

        self.assertEqual(self.url_open(url).status_code, 200)

    def test_a_template_carries_the_link(self):
        variable = self.utility_template.variable_ids[1]
        variable.source = 'preferences'

        self.queue_agreed(self.ana, self.utility_template)
        self.run_sender()

        parameters = self.meta.sends[-1]['template']['components'][0]['parameters']
        self.assertIn('/whatsapp/preferences/', parameters[1]['text'])
        self.assertEqual(self.url_open(parameters[1]['text']).status_code, 200)

    def test_a_button_carries_only_its_end(self):
        variable = self.utility_template.variable_ids[1]
        variable.sudo().write({'source': 'preferences', 'component': 'button'})

        value = variable._value_for(self.ana, {})

        self.assertNotIn('/', value)
        self.assertEqual(self.open(value)[0].status_code, 200)
