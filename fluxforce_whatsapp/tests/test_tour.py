from odoo.tests import HttpCase, tagged

from .common import WhatsappCommon, status_payload


@tagged('post_install', '-at_install')
class TestTour(WhatsappCommon, HttpCase):
    """The main job in a real browser, as the salesperson."""

    def tour(self, name):
        self.start_tour(f'/odoo/res.partner/{self.ana.id}', name, login=self.salesperson.login)
        self.env.invalidate_all()

    def test_a_message_is_sent_from_the_chatter_and_its_ticks_follow(self):
        self.give_consent(self.ana)

        self.tour('fluxforce_whatsapp_send')

        message = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)])
        self.assertEqual((message.state, message.create_uid), ('queued', self.salesperson))

        self.run_sender()
        for status in ('sent', 'delivered', 'read'):
            self.assertEqual(self.post_webhook(status_payload(message.wamid, status, message.key)).status_code, 200)
        self.apply_webhooks()
        self.assertEqual(message.state, 'read')

        self.tour('fluxforce_whatsapp_read')

    def test_a_consent_is_recorded_on_the_contact(self):
        self.tour('fluxforce_whatsapp_record_consent')

        consent = self.ana.whatsapp_consent_ids
        self.assertEqual((consent.purpose, consent.decision, consent.source), ('utility', 'given', 'form'))
        self.assertEqual((consent.user_id, consent.phone), (self.salesperson, '+447400123001'))

    def test_who_has_not_agreed_cannot_be_written_to(self):
        self.tour('fluxforce_whatsapp_refused')

        self.assertFalse(self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)]))
