import time
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..cloud_api.delivery import Pipeline
from .common import SENDER, WhatsappCommon, inbound_payload

CLAIM = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_claim'
PACE = 'odoo.addons.fluxforce_whatsapp.policy.pace'


@tagged('post_install', '-at_install')
class TestSenderStays(WhatsappCommon, TransactionCase):
    """In a conversation an answer must not wait for the scheduler's next minute."""

    def setUp(self):
        super().setUp()
        self.set_cron_threads(2)

    def set_cron_threads(self, count):
        self.startPatcher(patch(f'{SENDER}.config', {'max_cron_threads': count}))

    def answer_ana_twice(self, seconds=5):
        """Two answers to somebody who wrote a moment ago; WhatsApp takes one in so many seconds."""
        self.startPatcher(patch.multiple(PACE, PAIR_INTERVAL_S=seconds, PAIR_BURST=1))
        self.receive(inbound_payload('When do you open?', timestamp=int(time.time())))
        composer = self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson)
        for text in ('At nine.', 'And we close at six.'):
            composer.create({'res_model': 'res.partner', 'res_ids': repr(self.ana.ids), 'mode': 'answer',
                             'text': text}).action_send()
        return self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)], order='id')

    def watch_pauses(self, look=lambda: None):
        """:return: a list that fills with the pauses, in seconds, of a run that has nothing in flight.

        :param look: called before each of them.
        """
        wait, pauses = Pipeline.wait, []

        def watched_wait(pipeline, seconds):
            if seconds and not pipeline.running:
                pauses.append(seconds)
                look()
            return wait(pipeline, seconds)

        self.startPatcher(patch.object(Pipeline, 'wait', watched_wait))
        return pauses

    def is_woken(self, name):
        action = self.env.ref(f'fluxforce_whatsapp.{name}')
        return bool(self.env['ir.cron.trigger'].search_count([('cron_id', '=', action.id)]))

    def assertLeftToAnotherRun(self, messages, pauses):
        self.assertEqual((messages.mapped('state'), pauses), (['accepted', 'queued'], []))

    # --- Who is stayed for -----------------------------------------------------------------------------------

    def test_a_run_stays_for_an_answer_that_its_person_may_get_in_a_moment(self):
        answers, pauses = self.answer_ana_twice(seconds=1.5), self.watch_pauses()

        self.run_sender()

        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])
        self.assertLessEqual(max(pauses), 0.5)

    def test_it_stays_for_what_another_run_put_off(self):
        answers, pauses = self.answer_ana_twice(seconds=1.5), self.watch_pauses()
        with patch(f'{CLAIM}.ANSWER_SOON_S', 0):
            self.run_sender()
        self.assertLeftToAnotherRun(answers, pauses)

        self.run_sender()

        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])

    def test_an_answer_that_may_go_much_later_is_left_to_another_run(self):
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()

        with patch(f'{CLAIM}.ANSWER_SOON_S', 3):
            self.run_sender()

        self.assertLeftToAnotherRun(answers, pauses)

    def test_a_template_that_waits_for_its_person_keeps_no_run_from_ending(self):
        messages, pauses = self.queue_agreed(self.ana) | self.queue(self.ana), self.watch_pauses()

        self.run_sender()

        self.assertLeftToAnotherRun(messages, pauses)

    def test_a_number_that_is_stopped_keeps_no_run_from_ending(self):
        answers = self.answer_ana_twice()
        pauses = self.watch_pauses(lambda: self.number.with_user(self.whatsapp_admin).action_pause())

        self.run_sender()

        self.assertEqual((answers.mapped('state'), len(pauses)), (['accepted', 'queued'], 1))

    # --- What else there is to do ----------------------------------------------------------------------------

    def test_whoever_stays_sends_what_is_due_to_others_meanwhile(self):
        answers, composed = self.answer_ana_twice(seconds=3), []
        self.watch_pauses(lambda: composed or composed.append(self.queue_agreed(self.ben)))

        self.run_sender()

        self.assertEqual([message.state for message in composed], ['accepted'])
        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])
        self.assertLess(composed[0].claimed_at, answers[1].claimed_at)

    def test_nobody_stays_where_one_process_does_all_scheduled_work(self):
        self.set_cron_threads(1)
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()

        self.run_sender()

        self.assertLeftToAnotherRun(answers, pauses)

    def test_a_run_whose_time_is_over_lets_another_one_stay(self):
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()

        with patch(f'{SENDER}.RUN_S', -1):
            self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(answers, pauses)
        self.assertTrue(self.is_woken('ir_cron_send_more'))

    def test_who_only_helps_wakes_the_one_that_stays(self):
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()
        self.env['ir.cron.trigger'].search([]).unlink()

        self.run_action('ir_cron_send_more')

        self.assertLeftToAnotherRun(answers, pauses)
        self.assertTrue(self.is_woken('ir_cron_send'))
