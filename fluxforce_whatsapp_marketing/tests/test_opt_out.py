import time

from odoo.tests import TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.tests.common import inbound_payload

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestOptOut(MarketingCommon, TransactionCase):
    """A stop ends what campaigns still had in mind for the person, and nothing of anybody else's."""

    def offer(self):
        self.give_consent(self.people, 'marketing')
        return self.started(template=self.marketing_template)

    def say_stop(self):
        self.receive(inbound_payload('stop', timestamp=int(time.time())))

    def test_who_waits_in_a_campaign_is_taken_out_by_their_stop(self):
        campaign = self.offer()
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())

        self.say_stop()

        participants = self.participants(campaign)
        self.assertEqual({p.partner_id.name: p.state for p in participants},
                         {'Ana Costa': 'stopped', 'Ben Okafor': 'waiting', 'Chloe Martin': 'waiting'})

    def test_the_others_get_it_and_the_campaign_ends(self):
        campaign = self.offer()
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())
        self.say_stop()

        self.run_campaigns()
        self.run_sender()

        self.assertEqual(campaign.state, 'done')
        self.assertEqual(self.messages(campaign).mapped('state'), ['accepted'] * 2)
        self.assertNotIn('+447400123001', [body['to'] for body in self.meta.sends if body['type'] == 'template'])

    def test_what_waits_in_the_outbox_is_cancelled(self):
        campaign = self.offer()
        self.run_campaigns()

        self.say_stop()

        states = {message.partner_id.name: message.state for message in self.messages(campaign)}
        self.assertEqual(states, {'Ana Costa': 'cancelled', 'Ben Okafor': 'queued', 'Chloe Martin': 'queued'})

    def test_a_resumed_campaign_does_not_bring_them_back(self):
        campaign = self.offer()
        self.run_campaigns()
        self.say_stop()
        campaign.action_stop()
        self.run_campaigns()

        campaign.action_resume()
        self.run_campaigns()

        live = self.messages(campaign).filtered(lambda message: message.state == 'queued')
        self.assertEqual(sorted(live.partner_id.mapped('name')), ['Ben Okafor', 'Chloe Martin'])

    def test_a_campaign_of_service_updates_goes_on(self):
        campaign = self.agreed(self.ana)
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())

        self.say_stop()

        self.assertEqual(self.participants(campaign).state, 'waiting')

    def test_a_stop_an_employee_records_counts_the_same(self):
        campaign = self.offer()
        self.env['fluxforce.campaign.entry']._enrol(campaign.sudo())

        self.withdraw_consent(self.ana, 'marketing', source='call')

        self.assertEqual(self.participants(campaign).mapped('state').count('stopped'), 1)
