import time

from odoo.tests import TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.tests.common import inbound_payload

from .common import JourneyCommon
from .links import LinksCommon
from .mailing import MailingCommon


class ClickCommon(LinksCommon):

    def click(self, message):
        """Somebody follows a message's link, and it is counted."""
        self.env['fluxforce.whatsapp.click']._keep(self.env['fluxforce.whatsapp.link']._resolve(self.code(message)))
        self.count_clicks()


@tagged('post_install', '-at_install')
class TestLinksOfJourneys(ClickCommon, JourneyCommon, TransactionCase):
    """Who follows a link goes on in the journey."""

    def test_who_followed_the_link_and_who_did_not_go_different_ways(self):
        self.give_consent(self.people, 'marketing')
        campaign = self.begun(
            {'name': 'Offer', 'template_id': self.text_template.id},
            {'name': 'Details', 'after': 'Offer', 'trigger': 'clicked', 'type': 'wait'},
            {'name': 'Again', 'after': 'Offer', 'trigger': 'not_clicked', 'delay': 1, 'type': 'wait'},
            partners=self.ana | self.ben)

        self.click(self.message_to(campaign, self.ana))
        self.let_days_pass(campaign, days=1)

        self.assertEqual([self.state_of(campaign, self.ana, step) for step in ('Details', 'Again')],
                         ['done', ('skipped', 'elsewhere')])
        self.assertEqual(self.state_of(campaign, self.ben, 'Again'), 'done')
        self.assertEqual(self.trace_of(campaign, self.ana, 'Offer').clicked_at,
                         self.message_to(campaign, self.ana).clicked_at)


@tagged('post_install', '-at_install')
class TestLinksOfMailings(ClickCommon, MailingCommon, TransactionCase):
    """A mailing's links, replies and lists."""

    def test_a_recipient_knows_that_the_link_was_followed(self):
        mailing = self.sent(template=self.text_template)
        message = self.messages(mailing)[0]

        self.click(message)

        clicked = self.traces(mailing).filtered('links_click_datetime')
        self.assertEqual((clicked.whatsapp_message_id, clicked.links_click_datetime), (message, message.clicked_at))
        self.assertEqual(message.click_ids.mailing_id, mailing)

    def test_its_links_tell_where_an_order_comes_from(self):
        mailing = self.sent(template=self.text_template)

        tracker = self.env['link.tracker'].search([('mass_mailing_id', '=', mailing.id)])
        self.assertEqual((len(tracker), tracker.source_id, tracker.medium_id.name),
                         (1, mailing.source_id, 'WhatsApp'))

    def test_a_reply_is_followed_up_by_a_rule_for_the_mailing(self):
        mailing = self.sent(template=self.text_template)
        rule = self.env['fluxforce.reply.rule'].create({
            'name': 'Interested', 'action': 'todo', 'mailing_ids': mailing.ids, 'user_id': self.salesperson.id})
        message = self.messages(mailing)[0]
        self.answer(message)

        with self.no_commit():
            self.env['fluxforce.reply']._cron_follow()

        received = self.inbound(f'wamid.ANSWER{message.id}')
        self.assertEqual((received.answered_id, received.reply_rule_id), (message, rule))

    def test_who_stops_is_taken_off_the_list_of_the_mailing(self):
        news, events = self.env['mailing.list'].create([{'name': 'News'}, {'name': 'Events'}])
        subscriber = self.env['mailing.contact'].create({
            'name': 'Ana Costa', 'mobile': '+44 7400 123001', 'list_ids': news.ids + events.ids})
        self.give_consent(self.ana, 'marketing')
        template = self.text_template
        template.sudo().model_id = self.env['ir.model']._get_id('mailing.contact')
        mailing = self.launched(
            template=template, mailing_model_id=self.env['ir.model']._get_id('mailing.list'),
            contact_list_ids=news.ids, mailing_domain=repr([('list_ids', 'in', news.ids)]))
        self.run_mailings()
        self.run_sender()
        self.assertEqual(self.messages(mailing).res_model, 'mailing.contact')

        self.receive(inbound_payload('stop', timestamp=int(time.time())))

        left = subscriber.subscription_ids.filtered('opt_out').list_id
        self.assertEqual(left, news)
