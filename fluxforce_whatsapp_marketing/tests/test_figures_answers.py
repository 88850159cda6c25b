from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import JourneyCommon


@tagged('post_install', '-at_install')
class TestFiguresAnswers(JourneyCommon, TransactionCase):
    """Only what a person says themselves is their reply or their stop."""

    def funnel(self, campaign):
        row, = self.env['fluxforce.marketing.figures'].with_user(self.marketer)._funnel([campaign.id])
        return row

    def test_a_stop_is_no_reply_though_others_reply(self):
        campaign = self.begun({'name': 'Welcome'})
        self.replies(self.ana, 'STOP')
        self.replies(self.ben, 'Tell me more')
        self.run_campaigns()

        self.assertEqual(self.funnel(campaign)['replied'], 1)

    def test_a_consent_that_ends_by_itself_is_no_stop(self):
        self.give_consent(self.people, 'marketing')
        campaign = self.started(template=self.marketing_template)
        self.run_campaigns()
        self.messages(campaign).write({'state': 'read', 'claimed_at': fields.Datetime.now()})

        self.ana.with_user(self.marketer).action_whatsapp_end_consent()
        self.withdraw_consent(self.ben, 'marketing')

        self.assertEqual(self.funnel(campaign)['opted_out'], 1)
