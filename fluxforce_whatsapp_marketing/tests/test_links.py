import json
from datetime import timedelta
from http.cookies import SimpleCookie
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_portal import FluxforceWhatsappPortal

from ..models.fluxforce_whatsapp_click import MOST_CLICKS
from ..models.fluxforce_whatsapp_link import FluxforceWhatsappLink
from .links import PHONE, SHOP, LinksCommon


@tagged('post_install', '-at_install')
class TestLinks(LinksCommon, TransactionCase):
    """A link in a message is each person's own and leads to a page that was chosen for all."""

    def trackers(self):
        return self.env['link.tracker'].search([('url', '=like', 'https://shop.example.com/%')])

    # --- Into a message --------------------------------------------------------------------------------------

    def test_looking_ahead_makes_no_code_and_no_link(self):
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(self.ana, self.text_template, self.number)

        self.assertIn('/w/for-this-person-', drafts[0]['body'])
        self.assertFalse(self.trackers())

    def test_each_person_has_an_address_of_their_own(self):
        messages = self.send(self.people)

        codes = set(messages.mapped(self.code))
        self.assertEqual(len(codes), 3)
        self.assertTrue(all(code.isalnum() for code in codes))
        for message in messages:
            self.assertIn(f'/w/{self.code(message)} Have fun!', message.body)

    def test_the_page_is_shortened_once_for_all(self):
        self.send(self.people)
        self.send(self.people)

        self.assertEqual(self.trackers().mapped('title'), [f'catalogue: {SHOP}'])

    def test_a_button_gets_what_follows_its_approved_address(self):
        message = self.send(template=self.button_template)

        value, = message.values.values()
        self.assertTrue(value.isalnum(), value)

    def test_the_number_of_queries_does_not_follow_the_number_of_people(self):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+34 612 00 {index:04d}'} for index in range(40)])
        links, outbox = self.env['fluxforce.whatsapp.link'], self.env['fluxforce.whatsapp.message']
        drafts = outbox._prepare_drafts(people, self.text_template, self.number)
        links._personalise(drafts)
        self.env.flush_all()
        self.env.invalidate_all()

        with self.assertQueryCount(6):
            links._personalise(drafts)

    def test_the_same_text_is_known_again_although_the_codes_differ(self):
        first, second = self.send(), self.send()

        self.assertNotEqual(self.code(first), self.code(second))
        self.assertEqual(first.content_key, second.content_key)

    def test_who_is_sent_it_again_keeps_the_address_and_the_new_message_has_its_clicks(self):
        message = self.send()
        message.state = 'failed'

        again = message.with_user(self.marketer)._enqueue([message.with_user(self.marketer)._prepare_again_draft()])

        self.assertEqual(self.code(again), self.code(message))
        followed = self.env['fluxforce.whatsapp.link']._resolve(self.code(again))
        self.assertEqual(followed.message, again)

    def test_what_somebody_typed_stays_what_it_is(self):
        self.text_template.variable_ids.write({'source': 'free', 'constant': False})
        other = self.button_template.variable_ids
        self.give_consent(self.ana, 'marketing')
        typed = f'for-this-person-{other.id}-'

        message = self.queue(self.ana, self.text_template, user=self.marketer,
                             free_values={self.text_template.variable_ids.key: typed})

        self.assertEqual(list(message.values.values()), [typed])

    def test_the_codes_are_for_nobody_to_read(self):
        message = self.send()

        with self.assertRaises(AccessError):
            message.with_user(self.marketer).read(['link_token'])

    # --- What is wrong with it -------------------------------------------------------------------------------

    def test_only_pages_of_the_web_are_linked_to(self):
        for address in ('javascript:alert(1)', 'shop.example.com', 'data:text/html,hello', 'ftp://shop.example.com',
                        'https://', 'https://shop.example.com/a b', '//shop.example.com'):
            with self.subTest(address), self.assertRaisesRegex(ValidationError, 'is no web address'):
                self.text_template.variable_ids.constant = address
                self.text_template.variable_ids._check_mapping()

    def test_without_an_address_the_record_needs_a_page(self):
        with self.assertRaisesRegex(ValidationError, 'Contact has no page for customers. Write the address'):
            self.text_template.variable_ids.write({'source': 'link', 'constant': False})

    def test_a_button_with_another_address_is_refused(self):
        components = self.button_template.components
        components[-1]['buttons'][0]['url'] = 'https://shop.example.com/{{1}}'
        self.button_template.sudo().write({'components': components})

        with self.assertRaisesRegex(ValidationError, 'begins with "https://shop.example.com/"'):
            self.button_template.variable_ids.write({'source': 'link'})

    # --- The page of the record ------------------------------------------------------------------------------

    def with_pages(self):
        """Contacts have pages for customers, like the documents of Odoo's own apps."""
        def link(_portal, record):
            return f'https://bikes.example.com/my/orders/{record.id}?access_token={record.ref}'

        def keys(_portal, drafts):
            self.env['res.partner'].browse([draft['res_id'] for draft in drafts]).write({'ref': 'key'})

        for name, function in (('_has_page', lambda _portal, model: True), ('_link', link), ('_keys', keys)):
            self.startPatcher(patch.object(FluxforceWhatsappPortal, name, function))

    def test_without_an_address_the_link_opens_the_page_of_the_record(self):
        self.with_pages()
        self.startPatcher(patch.object(FluxforceWhatsappLink, '_has_key', lambda _links, model: True))
        self.text_template.variable_ids.constant = False
        message = self.send()

        followed = self.env['fluxforce.whatsapp.link']._resolve(self.code(message))

        self.assertNotIn('access_token', message.body)
        self.assertEqual(followed.target, f'https://bikes.example.com/my/orders/{self.ana.id}?access_token=key'
                                          '&utm_medium=WhatsApp')

    def test_the_page_of_a_record_closes_with_the_text_or_the_record(self):
        self.with_pages()
        self.text_template.variable_ids.constant = False
        message, other = self.send(), self.send(self.ben)
        message.wiped_at = fields.Datetime.now()
        other.res_id = self.env['res.partner'].search([], order='id desc', limit=1).id + 1000

        links = self.env['fluxforce.whatsapp.link']

        self.assertFalse(links._resolve(self.code(message)) or links._resolve(self.code(other)))

    # --- Where it comes from ---------------------------------------------------------------------------------

    def test_a_campaigns_links_tell_its_origin(self):
        self.give_consent(self.people, 'marketing')
        campaign = self.started(template=self.text_template)
        self.run_campaigns()

        tracker = self.trackers()
        query = parse_qs(urlsplit(tracker.redirected_url).query)
        self.assertEqual(query, {'size': ['54'], 'utm_campaign': ['Spring Offer'], 'utm_source': ['Spring Offer'],
                                 'utm_medium': ['WhatsApp']})
        self.assertEqual((campaign.utm_campaign_id, campaign.utm_source_id), (tracker.campaign_id, tracker.source_id))

    def test_two_campaigns_with_one_template_are_told_apart(self):
        self.give_consent(self.people, 'marketing')
        self.started(template=self.text_template)
        self.started(template=self.text_template, name='Summer Offer')
        self.run_campaigns()

        self.assertEqual(set(self.trackers().campaign_id.mapped('name')), {'Spring Offer', 'Summer Offer'})

    def test_a_mailings_links_tell_the_mailings_origin(self):
        mailing = self.env['mailing.mailing'].create({
            'subject': 'May News', 'mailing_model_id': self.env['ir.model']._get_id('res.partner'),
            'campaign_id': self.env['utm.campaign'].create({'title': 'May'}).id})
        outbox = self.env['fluxforce.whatsapp.message']
        draft, = outbox._prepare_drafts(self.ana, self.text_template, self.number)

        self.env['fluxforce.whatsapp.link']._personalise([{**draft, 'mailing_id': mailing.id}])

        tracker = self.trackers()
        self.assertEqual((tracker.campaign_id, tracker.source_id, tracker.mass_mailing_id),
                         (mailing.campaign_id, mailing.source_id, mailing))

    # --- Counting --------------------------------------------------------------------------------------------

    def click(self, message, times=1, ago=timedelta()):
        """Somebody follows a message's link, each time anew."""
        followed = self.env['fluxforce.whatsapp.link']._resolve(self.code(message))
        for turn in range(times):
            with freeze_time(fields.Datetime.now() - ago + timedelta(minutes=turn)):
                self.env['fluxforce.whatsapp.click']._keep(followed)

    def test_a_message_knows_the_first_time_its_link_was_followed(self):
        message = self.send()
        self.click(message, times=3, ago=timedelta(hours=1))

        self.assertFalse(message.clicked_at)
        self.count_clicks()

        first = min(message.click_ids.mapped('clicked_at'))
        self.assertEqual(message.clicked_at, first)
        self.click(message)
        self.count_clicks()
        self.assertEqual((message.clicked_at, len(message.click_ids)), (first, 4))

    def test_odoos_own_figures_count_them_once_each(self):
        message = self.send()
        self.click(message, times=2)

        self.count_clicks()
        self.count_clicks()

        self.assertEqual(self.trackers().count, 2)

    def test_the_first_click_wakes_those_who_count(self):
        message, other = self.send(self.ana | self.ben)

        with self.capture_triggers('fluxforce_whatsapp_marketing.ir_cron_count_clicks') as captured:
            self.click(message)
            self.click(other)

        self.assertEqual(len(captured.records), 1)

    def test_two_requests_for_one_tap_are_one_click(self):
        message = self.send()
        followed = self.env['fluxforce.whatsapp.link']._resolve(self.code(message))
        self.env['fluxforce.whatsapp.click']._keep(followed)
        self.env['fluxforce.whatsapp.click']._keep(followed)

        self.assertEqual(len(message.click_ids), 1)

    def test_a_link_that_is_followed_without_end_is_kept_a_few_times_only(self):
        message = self.send()
        self.click(message, times=MOST_CLICKS + 5, ago=timedelta(hours=2))

        self.assertEqual(len(message.click_ids), MOST_CLICKS)

    def test_a_campaign_counts_people(self):
        self.give_consent(self.people, 'marketing')
        campaign = self.started(template=self.text_template)
        self.run_campaigns()
        first, second, __ = self.messages(campaign)
        self.click(first, times=2)
        self.click(second)

        self.count_clicks()

        self.assertEqual(campaign.clicked_count, 2)

    def test_a_marketer_of_another_company_sees_no_click(self):
        message = self.send()
        self.click(message)
        other = self.env['res.company'].create({'name': 'Other Bicycles'})
        self.marketer.write({'company_ids': [(4, other.id)], 'company_id': other.id})

        clicks = self.env['fluxforce.whatsapp.click'].with_user(self.marketer)

        self.assertFalse(clicks.with_context(allowed_company_ids=other.ids).search([]))
        self.assertTrue(clicks.with_context(allowed_company_ids=self.company.ids).search([]))

    # --- Data protection -------------------------------------------------------------------------------------

    def test_which_links_a_person_followed_is_handed_out(self):
        self.click(self.send())

        told = json.loads(self.env['fluxforce.whatsapp.privacy'].with_user(self.whatsapp_admin)._export(self.ana))

        self.assertEqual([row['url'] for row in told['links_followed']], [SHOP])

    def test_erasure_takes_away_what_a_link_says_about_the_person(self):
        message = self.send()
        code = self.code(message)
        self.click(message)

        self.ana.with_user(self.whatsapp_admin)._whatsapp_erase('Her letter of 3 May')
        self.env.invalidate_all()

        followed = self.env['fluxforce.whatsapp.link']._resolve(code)
        self.assertFalse(message.click_ids or followed.message)
        self.assertTrue(followed.target.startswith('https://shop.example.com/spring'))


@tagged('post_install', '-at_install')
class TestFollow(LinksCommon, HttpCase):
    """What happens when somebody, or something, opens a link."""

    def follow(self, code, agent=PHONE, method='GET', query='', **headers):
        return self.url_open(f'/w/{code}{query}', headers={'User-Agent': agent, **headers}, allow_redirects=False,
                             method=method)

    def cookies(self, answer):
        """:return: values of the cookies an answer sets"""
        cookie = SimpleCookie()
        for header in answer.raw.headers.getlist('Set-Cookie'):
            cookie.load(header)
        return {name: morsel.value for name, morsel in cookie.items() if name.startswith('odoo_utm')}

    def clicks(self, message):
        self.env.invalidate_all()
        return len(message.click_ids)

    def test_a_person_comes_to_the_page_and_is_kept_as_a_click(self):
        message = self.send()

        answer = self.follow(self.code(message))

        self.assertEqual(answer.status_code, 302)
        self.assertEqual(answer.headers['Location'].split('&utm')[0], SHOP)
        self.assertIn('utm_medium=WhatsApp', answer.headers['Location'])
        self.assertEqual(self.clicks(message), 1)

    def test_nothing_of_it_is_kept_on_the_way_or_told_to_the_page(self):
        answer = self.follow(self.code(self.send()))

        self.assertEqual((answer.headers['Cache-Control'], answer.headers['Referrer-Policy']),
                         ('no-store', 'no-referrer'))

    def test_what_is_ordered_later_can_tell_where_it_came_from(self):
        self.give_consent(self.ana, 'marketing')
        campaign = self.started(self.ana, template=self.button_template)
        self.run_campaigns()

        answer = self.follow(self.code(self.messages(campaign)))

        self.assertEqual(self.cookies(answer), {
            'odoo_utm_campaign': 'Spring Offer', 'odoo_utm_source': 'Spring Offer', 'odoo_utm_medium': 'WhatsApp'})

    def test_previews_and_other_programs_see_the_page_and_are_no_clicks(self):
        message = self.send()

        for agent in ('WhatsApp/2.24.13.78 A', 'facebookexternalhit/1.1', 'Googlebot/2.1', 'curl/8.5'):
            answer = self.follow(self.code(message), agent=agent)
            self.assertEqual(answer.status_code, 302)
            self.assertFalse(self.cookies(answer))
        self.assertEqual(self.clicks(message), 0)

    def test_who_only_asks_whether_there_is_a_page_is_no_click(self):
        message = self.send()

        self.assertEqual(self.follow(self.code(message), method='HEAD').status_code, 302)
        self.assertEqual(self.follow(self.code(message), **{'Sec-Purpose': 'prefetch'}).status_code, 302)
        self.assertEqual(self.clicks(message), 0)

    def test_nothing_is_sent_to_the_address(self):
        message = self.send()

        self.assertEqual(self.follow(self.code(message), method='POST').status_code, 405)
        self.assertEqual(self.clicks(message), 0)

    def test_the_request_has_no_say_in_where_it_leads(self):
        code = self.code(self.send())

        answer = self.follow(code, query='?url=https://evil.example.com&redirect=//evil.example.com&utm_medium=evil')

        self.assertNotIn('evil', answer.headers['Location'])

    def test_a_made_up_code_leads_nowhere(self):
        code = self.code(self.send())
        turned = code[:-1] + ('a' if code[-1] != 'a' else 'b')

        for wrong in (turned, 'record', '1', code + '0', 'x' * 300, 'https:evil.example.com', '%20', '☃'):
            self.assertEqual(self.follow(wrong).status_code, 404, wrong)

    def test_an_address_in_the_place_of_the_code_leads_nowhere_else(self):
        for wrong in ('https:%2F%2Fevil.example.com', '%2F%2Fevil.example.com', '..%2F..%2Fevil'):
            location = self.follow(wrong).headers.get('Location', self.base_url())
            self.assertTrue(location.startswith((f'{self.base_url()}', '/w/')), location)

    def test_a_link_whose_target_was_taken_away_leads_nowhere(self):
        code = self.code(self.send())
        self.env['link.tracker'].search([('url', '=', SHOP)]).unlink()

        self.assertEqual(self.follow(code).status_code, 404)

    def test_opening_a_link_changes_nothing_that_a_person_agreed_to(self):
        message = self.send()
        ledger = self.env['fluxforce.whatsapp.consent'].search_count([])

        self.follow(self.code(message))
        self.follow(self.code(message), agent='WhatsApp/2.24')

        self.assertEqual(self.env['fluxforce.whatsapp.consent'].search_count([]), ledger)
