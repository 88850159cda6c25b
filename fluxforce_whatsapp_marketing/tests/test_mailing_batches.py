from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .mailing import MailingCommon

RUNNER = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner'


@tagged('post_install', '-at_install')
class TestMailingBatches(MailingCommon, TransactionCase):
    """While a mailing is prepared, people get their traces together with their messages."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f'{RUNNER}.BATCH', 1))

    def begun(self, steps=1, **values):
        """:return: a mailing to three people of whom some are prepared: one by each step after the first."""
        mailing = self.agreed(**values)
        for __ in range(steps):
            self.step(mailing)
        return mailing

    def step(self, mailing):
        self.env['fluxforce.mailing.runner']._run_batch(mailing.sudo())
        self.env.invalidate_all()

    def test_who_waits_for_a_turn_is_counted(self):
        mailing = self.begun()

        self.assertEqual((len(self.traces(mailing)), mailing.expected, mailing.whatsapp_left), (0, 3, 3))

        self.step(mailing)

        self.assertEqual((len(self.traces(mailing)), mailing.expected, mailing.whatsapp_left), (1, 3, 3))
        self.assertEqual(self.traces(mailing).whatsapp_message_id, self.messages(mailing))

    def test_it_is_not_over_before_everybody_had_a_turn(self):
        mailing = self.begun(steps=2)
        self.run_sender()

        self.assertEqual(mailing.state, 'sending')
        self.run_mailings()
        self.run_sender()
        self.run_mailings()

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('done', 3))

    def test_a_pause_gives_a_trace_to_everybody_who_is_left(self):
        mailing = self.begun(steps=2)

        mailing.action_whatsapp_pause()

        self.assertEqual(self.traces(mailing).mapped('res_id'), self.people.ids)
        self.assertEqual(self.traces(mailing).mapped('whatsapp_due'), [False, True, True])
        self.assertEqual((mailing.expected, mailing.whatsapp_left), (3, 3))

    def test_after_a_pause_those_who_are_left_get_it_once(self):
        mailing = self.begun(steps=2)
        mailing.action_whatsapp_pause()

        mailing.action_whatsapp_resume()
        self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, self.people)
        self.assertEqual(self.traces(mailing).whatsapp_message_id, self.messages(mailing))

    def test_the_check_before_it_goes_on_is_about_those_who_are_left(self):
        mailing = self.begun(steps=2)
        mailing.action_whatsapp_pause()

        mailing.action_confirm_resume()

        self.assertEqual(mailing.launch_check_id.total_count, 2)

    def test_a_stop_tells_of_everybody_who_got_nothing(self):
        mailing = self.begun(steps=2)

        mailing.action_whatsapp_stop()

        self.assertEqual(self.traces(mailing)[1:].mapped('failure_type'), ['whatsapp_stopped'] * 2)
        self.run_mailings()
        self.assertEqual(len(self.messages(mailing)), 1)

    def test_one_that_stops_by_itself_knows_who_is_left(self):
        mailing = self.begun(steps=2)

        mailing._halt('Somebody has to look at it')

        self.assertEqual(self.traces(mailing).mapped('whatsapp_due'), [False, True, True])

    def test_who_is_not_served_is_told_why(self):
        self.give_consent(self.ana)
        mailing = self.launched()

        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('failure_type'), [False, *['whatsapp_no_consent'] * 2])

    def test_the_first_people_are_chosen_among_all(self):
        mailing = self.canary(count=6, size=2)

        self.step(mailing)

        self.assertEqual(self.traces(mailing).mapped('whatsapp_wave'), [1, 1, 0, 0, 0, 0])
