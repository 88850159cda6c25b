import json

from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestPrivacy(MarketingCommon, TransactionCase):
    """What campaigns keep about a person is handed out and erased with all else."""

    def setUp(self):
        super().setUp()
        self.offer = self.agreed()
        self.env['fluxforce.campaign.entry']._enrol(self.offer.sudo())

    def ana_in(self, campaign):
        return self.participants(campaign).filtered(lambda participant: participant.res_id == self.ana.id)

    def erase(self):
        self.ana.with_user(self.whatsapp_admin)._whatsapp_erase('Her letter of 3 May')
        self.env.invalidate_all()

    def test_campaigns_are_handed_out(self):
        told = json.loads(self.env['fluxforce.whatsapp.privacy'].with_user(self.whatsapp_admin)._export(self.ana))

        campaign, = told['campaigns']
        self.assertEqual((campaign['campaign'], campaign['phone'], campaign['state']),
                         ('Spring Offer', '+447400123001', 'waiting'))

    def test_number_and_contact_are_gone_from_campaigns(self):
        self.run_campaigns()

        self.erase()

        participant = self.ana_in(self.offer)
        self.assertFalse(participant.phone or participant.partner_id)
        self.assertEqual((participant.state, participant.explanation), ('done', 'Erased for data protection.'))

    def test_who_waits_waits_no_more(self):
        self.erase()
        self.run_campaigns()

        self.assertEqual(self.ana_in(self.offer).state, 'stopped')
        self.assertNotIn(self.ana, self.messages(self.offer).partner_id)

    def test_who_was_put_aside_is_not_tried_again(self):
        self.ana_in(self.offer)._park('The number is wrong.')

        self.erase()

        self.assertEqual(self.ana_in(self.offer).state, 'stopped')

    def test_others_go_on(self):
        self.erase()

        others = self.participants(self.offer) - self.ana_in(self.offer)
        self.assertEqual((set(others.mapped('state')), len(others.partner_id)), ({'waiting'}, 2))
