import time

from odoo.tests import HttpCase, tagged

from .common import WhatsappCommon, inbound_payload, status_payload


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

    def test_a_message_is_cancelled_in_the_outbox_and_put_back(self):
        message = self.queue_agreed(self.ana)

        self.start_tour('/odoo/action-fluxforce_whatsapp.fluxforce_whatsapp_message_action',
                        'fluxforce_whatsapp_outbox', login=self.salesperson.login)

        self.env.invalidate_all()
        self.assertEqual(message.state, 'queued')

    def test_a_number_is_stopped_with_one_click(self):
        self.queue_agreed(self.ana)

        self.start_tour(f'/odoo/action-fluxforce_whatsapp.fluxforce_whatsapp_number_action/{self.number.id}',
                        'fluxforce_whatsapp_stop_number', login=self.whatsapp_admin.login)

        self.env.invalidate_all()
        self.assertFalse(self.number.stopped)

    def test_a_consent_is_recorded_on_the_contact(self):
        self.tour('fluxforce_whatsapp_record_consent')

        consent = self.ana.whatsapp_consent_ids
        self.assertEqual((consent.purpose, consent.decision, consent.source), ('utility', 'given', 'form'))
        self.assertEqual((consent.user_id, consent.phone), (self.salesperson, '+447400123001'))

    def test_who_has_not_agreed_cannot_be_written_to(self):
        self.tour('fluxforce_whatsapp_refused')

        self.assertFalse(self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)]))

    # --- A salesperson's walk --------------------------------------------------------------------------------

    def test_a_newcomer_sends_sees_the_reply_and_answers(self):
        self.give_consent(self.ana)

        self.tour('fluxforce_whatsapp_walk_send')
        self.run_sender()
        self.ana_writes('Thank you! Which colour is it?')
        self.tour('fluxforce_whatsapp_walk_answer')

        messages = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)], order='id')
        self.assertEqual(messages.mapped('kind'), ['template', 'text'])
        self.assertEqual(messages[-1].body, 'It is *blue*.')

    def ana_writes(self, text):
        self.assertEqual(self.post_webhook(inbound_payload(text, timestamp=int(time.time()))).status_code, 200)
        self.apply_webhooks()

    def test_a_wrong_click_loses_nothing(self):
        self.ana_writes('Which colour is it?')

        self.tour('fluxforce_whatsapp_wrong_click')

    def test_many_are_written_to_in_the_background(self):
        self.env['ir.config_parameter'].sudo().set_param('fluxforce_whatsapp.background_above', 3)
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1270{index:02}', 'ref': f'S{index}'} for index in range(5)])
        self.give_consent(people)

        self.tour_from_list(people, 'fluxforce_whatsapp_bulk', self.salesperson)

        self.assertEqual(self.env['fluxforce.whatsapp.dispatch'].search([]).state, 'cancelled')

    # --- Many at once ----------------------------------------------------------------------------------------

    def tour_from_list(self, partners, name, user):
        action = self.env['ir.actions.act_window'].create({
            'name': 'Some Contacts', 'res_model': 'res.partner', 'view_mode': 'list',
            'domain': repr([('id', 'in', partners.ids)])})
        self.start_tour(f'/odoo/action-{action.id}', name, login=user.login)
        self.env.invalidate_all()

    def test_the_composer_tells_who_gets_it_who_not_and_why(self):
        self.give_consent(self.ana | self.ben)

        self.tour_from_list(self.ana | self.ben | self.chloe | self.phoneless, 'fluxforce_whatsapp_gate_summary',
                            self.salesperson)

        self.assertFalse(self.env['fluxforce.whatsapp.message'].search([]), 'nothing was sent by looking')

    def test_an_administrator_says_why_before_something_critical_goes(self):
        crowd = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1260{index:02}'} for index in range(12)])
        self.give_consent(crowd, 'marketing')
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})

        self.tour_from_list(crowd, 'fluxforce_whatsapp_gate_critical', self.whatsapp_admin)

        self.assertEqual(self.env['fluxforce.whatsapp.override'].search([]).reason, 'Recall of a helmet')
