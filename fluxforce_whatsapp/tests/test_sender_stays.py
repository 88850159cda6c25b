import time
from datetime import datetime, timezone
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

    def put_off(self, seconds=5):
        """:return: two answers, the second of which a run that has ended put off."""
        answers = self.answer_ana_twice(seconds)
        with patch(f'{CLAIM}.ANSWER_SOON_S', 0):
            self.run_sender()
        return answers

    def wakes(self, name):
        return self.capture_triggers(f'fluxforce_whatsapp.{name}')

    def assertLeftToAnotherRun(self, messages, pauses):
        self.assertEqual((messages.mapped('state'), pauses), (['accepted', 'queued'], []))

    # --- Who is stayed for -----------------------------------------------------------------------------------

    def test_a_run_stays_for_an_answer_that_its_person_may_get_in_a_moment(self):
        answers, pauses = self.answer_ana_twice(seconds=3), self.watch_pauses()

        self.run_action('ir_cron_send')

        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])
        self.assertLessEqual(max(pauses), 0.5)

    def test_it_stays_for_what_another_run_put_off(self):
        answers, pauses = self.put_off(seconds=3), self.watch_pauses()

        self.run_action('ir_cron_send')

        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])
        self.assertTrue(pauses)

    def test_an_answer_whose_moment_comes_while_a_run_looks_is_not_missed(self):
        answers = self.put_off(seconds=1.5)
        hands = self.registry['fluxforce.whatsapp.pace']._hands

        def slow_look(pace, numbers):
            left = (answers[1].due_at - datetime.now(timezone.utc).replace(tzinfo=None)).total_seconds()
            time.sleep(left + 0.1 if left > 0 else 0)
            return hands(pace, numbers)

        self.patch(self.registry['fluxforce.whatsapp.pace'], '_hands', slow_look)
        self.run_action('ir_cron_send')

        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])

    def test_an_answer_that_may_go_much_later_is_left_to_another_run(self):
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()

        with patch(f'{CLAIM}.ANSWER_SOON_S', 0.5):
            self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(answers, pauses)

    def test_a_template_that_waits_for_its_person_keeps_no_run_from_ending(self):
        messages, pauses = self.queue_agreed(self.ana) | self.queue(self.ana), self.watch_pauses()

        self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(messages, pauses)

    def test_an_answer_that_waits_for_something_else_keeps_no_run_from_ending(self):
        answers, pauses = self.put_off(), self.watch_pauses()
        answers[1].reason = 'retry'

        self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(answers, pauses)

    def test_a_number_that_is_stopped_keeps_no_run_from_ending(self):
        answers = self.answer_ana_twice()
        pauses = self.watch_pauses(lambda: self.number.with_user(self.whatsapp_admin).action_pause())

        self.run_action('ir_cron_send')

        self.assertEqual((answers.mapped('state'), len(pauses)), (['accepted', 'queued'], 1))

    def test_answers_of_a_number_in_other_hands_are_left_to_those(self):
        answers, pauses = self.put_off(), self.watch_pauses()
        self.in_other_hands(self.number, claimed_seconds_ago=1)

        self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(answers, pauses)

    # --- What else there is to do ----------------------------------------------------------------------------

    def test_whoever_stays_sends_what_is_due_to_others_meanwhile(self):
        answers, composed = self.answer_ana_twice(seconds=3), []
        self.watch_pauses(lambda: composed or composed.append(self.queue_agreed(self.ben)))

        self.run_action('ir_cron_send')

        self.assertEqual([message.state for message in composed], ['accepted'])
        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])
        self.assertLess(composed[0].claimed_at, answers[1].claimed_at)

    def test_nobody_stays_where_one_process_does_all_scheduled_work(self):
        self.set_cron_threads(1)
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()

        self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(answers, pauses)

    def test_a_run_whose_time_is_over_lets_another_one_stay(self):
        answers, pauses = self.answer_ana_twice(), self.watch_pauses()

        with patch(f'{SENDER}.RUN_S', -1), self.wakes('ir_cron_send_more') as woken:
            self.run_action('ir_cron_send')

        self.assertLeftToAnotherRun(answers, pauses)
        self.assertTrue(woken.records)

    def test_a_run_that_is_not_the_first_actions_wakes_that_one_to_stay(self):
        answers, pauses = self.put_off(), self.watch_pauses()

        for run in (lambda: self.run_action('ir_cron_send_more'), self.run_sender):
            with self.wakes('ir_cron_send') as woken:
                run()

            self.assertLeftToAnotherRun(answers, pauses)
            self.assertEqual(len(woken.records), 1)

    def test_it_wakes_nobody_when_nobody_would_stay(self):
        answers = self.put_off()

        with self.wakes('ir_cron_send') as woken:
            self.set_cron_threads(1)
            self.run_action('ir_cron_send_more')
            self.set_cron_threads(2)
            self.let_pass(answers, seconds=10)
            self.run_action('ir_cron_send_more')

        self.assertEqual(answers.mapped('state'), ['accepted', 'accepted'])
        self.assertFalse(woken.records)
