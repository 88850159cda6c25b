import time

from odoo.tests import TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.tests.common import inbound_payload

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestLists(MarketingCommon, TransactionCase):
    """Who stops a campaign is taken off the mailing lists by which it came, and off no other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.news, cls.events = cls.env['mailing.list'].create([{'name': 'News'}, {'name': 'Events'}])
        cls.subscriber = cls.env['mailing.contact'].create({
            'name': 'Ana Costa', 'email': 'ana@example.com', 'list_ids': cls.news.ids + cls.events.ids})

    def written(self, domain=None, contact=None):
        """Ana got an offer of a campaign to subscribers. :return: its message"""
        self.give_consent(self.ana, 'marketing')
        campaign = self.campaign(template=self.marketing_template, domain=repr(domain or []))
        message = self.queue(self.ana, self.marketing_template)
        self.run_sender()
        message.write({'res_model': 'mailing.contact', 'res_id': (contact or self.subscriber).id,
                       'campaign_id': campaign.id})
        return message

    def say_stop(self):
        self.receive(inbound_payload('stop', timestamp=int(time.time())))

    def lists(self, contact=None):
        """:return: names of the lists somebody is on."""
        on = (contact or self.subscriber).subscription_ids.filtered(lambda one: not one.opt_out)
        return sorted(on.list_id.mapped('name'))

    def test_the_lists_of_the_campaign_are_left_and_the_others_stay(self):
        self.written([('list_ids', 'in', self.news.ids)])

        self.say_stop()

        self.assertEqual(self.lists(), ['Events'])

    def test_a_campaign_to_all_subscribers_concerns_all_lists(self):
        self.written()

        self.say_stop()

        self.assertEqual(self.lists(), [])

    def test_the_subscriber_shows_why(self):
        self.written([('list_ids', '=', self.news.id)])

        self.say_stop()

        self.assertIn('taken off: News', ''.join(self.subscriber.message_ids.mapped('body')))

    def test_who_is_on_the_list_twice_leaves_it_twice(self):
        twin = self.env['mailing.contact'].create({
            'name': 'A. Costa', 'email': 'ANA@example.com', 'list_ids': self.news.ids + self.events.ids})
        other = self.env['mailing.contact'].create({
            'name': 'Ben Okafor', 'email': 'ben@example.com', 'list_ids': self.news.ids})
        self.written([('list_ids', 'in', self.news.ids)])

        self.say_stop()

        self.assertEqual((self.lists(twin), self.lists(other)), (['Events'], ['News']))

    def test_a_stop_an_employee_records_counts_the_same(self):
        self.written([('list_ids', 'in', self.news.ids)])

        self.withdraw_consent(self.ana, 'marketing', source='call')

        self.assertEqual(self.lists(), ['Events'])

    def test_who_wants_no_more_service_updates_stays_on_the_lists(self):
        self.written()

        self.withdraw_consent(self.ana, 'utility', source='call')

        self.assertEqual(self.lists(), ['Events', 'News'])

    def test_what_was_written_long_ago_concerns_no_list(self):
        message = self.written()
        self.let_pass(message, days=31)

        self.say_stop()

        self.assertEqual(self.lists(), ['Events', 'News'])

    def test_a_message_without_a_list_takes_nobody_off_one(self):
        self.give_consent(self.ana, 'marketing')
        self.started(self.ana, template=self.marketing_template)
        self.run_campaigns()
        self.run_sender()

        self.say_stop()

        self.assertEqual(self.lists(), ['Events', 'News'])

    def test_a_domain_that_no_longer_parses_concerns_all_lists_of_the_subscriber(self):
        message = self.written()
        message.campaign_id.sudo().domain = '[('

        self.say_stop()

        self.assertEqual(self.lists(), [])

    def test_the_stop_stands_once_in_the_ledger(self):
        self.written()

        self.say_stop()

        withdrawn = self.env['fluxforce.whatsapp.consent'].search([
            ('partner_id', '=', self.ana.id), ('decision', '=', 'withdrawn')])
        self.assertEqual(withdrawn.mapped('source'), ['keyword'])
