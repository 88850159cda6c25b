import json
from datetime import timedelta

from freezegun import freeze_time

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

    def checked(self):
        """:return: a campaign whose check names all who have not agreed to it."""
        campaign = self.campaign(template=self.marketing_template)
        campaign.action_check_audience()
        self.assertIn('Ana Costa', campaign.launch_result)
        return campaign

    def test_a_check_that_names_the_person_does_so_no_more(self):
        campaign = self.checked()

        self.erase()

        self.assertNotIn('Ana Costa', campaign.launch_result)
        self.assertIn('0 of 3 people get messages', campaign.launch_result)

    def test_a_check_of_others_stays_as_it_is(self):
        campaign = self.campaign(self.ben, template=self.marketing_template)
        campaign.action_check_audience()

        self.erase()

        self.assertIn('Ben', campaign.launch_result)

    def test_nobody_decides_by_an_old_check_and_it_names_nobody(self):
        campaign = self.checked()
        with freeze_time(campaign.launch_checked_at + timedelta(days=31)):
            self.env['fluxforce.launch.check']._gc_names()

        self.assertNotIn('Ana Costa', campaign.launch_result)

    def test_what_is_kept_of_a_launch_names_nobody(self):
        self.give_consent(self.ben, 'marketing')
        campaign = self.checked()

        campaign.action_start()

        told = [campaign.launch_result, *campaign.message_ids.mapped('body')]
        self.assertTrue(any('1 of 3 people get messages' in text for text in told[1:]))
        self.assertFalse([text for text in told if 'Ana Costa' in text])

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
