from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import JourneyCommon


@tagged('post_install', '-at_install')
class TestFigures(JourneyCommon, TransactionCase):

    def funnel(self, *campaigns, user=None, **options):
        ids = [campaign.id for campaign in campaigns]
        return self.env['fluxforce.marketing.figures'].with_user(user or self.marketer)._funnel(ids, **options)

    def test_people_are_counted_once(self):
        campaign = self.agreed()
        self.run_campaigns()
        messages = self.messages(campaign)
        messages[0].state, messages[1].state, messages[2].state = 'read', 'delivered', 'failed'

        row, = self.funnel(campaign)

        self.assertEqual([row[name] for name in ('people', 'sent', 'delivered', 'read', 'failed')], [3, 2, 2, 1, 1])
        self.assertEqual((row['delivered_rate'], row['read_rate']), (100, 50))
        self.assertIsNone(row['cost'])

    def test_a_stop_is_no_reply_though_others_reply(self):
        campaign = self.begun({'name': 'Welcome'})
        self.replies(self.ana, 'STOP')
        self.replies(self.ben, 'Tell me more')
        self.run_campaigns()

        row, = self.funnel(campaign)

        self.assertEqual(row['replied'], 1)

    def test_a_consent_that_ends_by_itself_is_no_stop(self):
        self.give_consent(self.people, 'marketing')
        campaign = self.started(template=self.marketing_template)
        self.run_campaigns()
        self.messages(campaign).write({'state': 'read', 'claimed_at': fields.Datetime.now()})

        self.ana.with_user(self.marketer).action_whatsapp_end_consent()
        self.withdraw_consent(self.ben, 'marketing')

        row, = self.funnel(campaign)
        self.assertEqual(row['opted_out'], 1)

    def test_every_way_to_tell_rows_apart(self):
        campaign = self.agreed()
        self.run_campaigns()

        for by in ('activity', 'template', 'variant', 'campaign', 'mailing', 'consent_source', 'day'):
            with self.subTest(by=by):
                self.assertEqual([row['people'] for row in self.funnel(campaign, by=by)], [3])
