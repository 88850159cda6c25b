import logging
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import requests

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron

from ..cloud_api.delivery import NotStartedError, Outcome, Pipeline
from ..cloud_api.templates import Form
from ..models.fluxforce_whatsapp_claim import Claim, Tempo
from ..policy.pace import IN_COMPANY
from .common import SENDER, WhatsappCommon, status_payload
from .fake_meta import PHONE_ID, PHONE_ID_2, TOKEN, refused_connection, response

_logger = logging.getLogger(__name__)

OUTBOX = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message'
CLAIM_LOG = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_claim'
CLAIM = f'{CLAIM_LOG}.FluxforceWhatsappClaim'
MESSAGE = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message.FluxforceWhatsappMessage'
ADDON = Path(__file__).resolve().parent.parent


@tagged('post_install', '-at_install')
class TestSender(WhatsappCommon, TransactionCase):

    # --- What goes out ---------------------------------------------------------------------------------------

    def test_a_queued_message_is_accepted_with_metas_ids(self):
        message = self.queue_agreed(self.ana)

        self.run_sender()

        self.assertEqual(message.state, 'accepted')
        self.assertRegex(message.wamid, r'^wamid\.FAKE')
        self.assertEqual(message.wa_id, '447400123001')
        self.assertEqual(message.attempts, 1)
        self.assertTrue(message.accepted_at)

    def test_meta_gets_the_template_with_its_values_and_the_message_key(self):
        message = self.queue_agreed(self.ana, self.utility_template)

        self.run_sender()

        self.assertEqual(self.meta.sends, [{
            'messaging_product': 'whatsapp',
            'recipient_type': 'individual',
            'to': '+447400123001',
            'biz_opaque_callback_data': message.key,
            'type': 'template',
            'template': {
                'name': 'order_update',
                'language': {'code': 'en'},
                'components': [{'type': 'body', 'parameters': [
                    {'type': 'text', 'text': 'Ana Costa'}, {'type': 'text', 'text': 'S00042'}]}],
            },
        }])

    def test_named_variables_carry_their_names(self):
        self.queue_agreed(self.ana, self.named_template, free_values={'body:date': '12 June'})

        self.run_sender()

        self.assertEqual(self.meta.sends[0]['template']['components'][0]['parameters'], [
            {'type': 'text', 'parameter_name': 'name', 'text': 'Ana Costa'},
            {'type': 'text', 'parameter_name': 'date', 'text': '12 June'}])

    def test_a_template_without_variables_has_no_components(self):
        self.queue_agreed(self.ana)

        self.run_sender()

        self.assertNotIn('components', self.meta.sends[0]['template'])

    def test_each_message_leaves_through_its_own_number(self):
        self.queue_agreed(self.ana, number=self.number)
        self.queue_agreed(self.ben, number=self.number_2)

        self.run_sender()

        paths = {call.body['to']: call.path for call in self.meta.called('messages')}
        self.assertIn(PHONE_ID, paths['+447400123001'])
        self.assertIn(PHONE_ID_2, paths['+447400123002'])

    def test_many_messages_are_each_sent_once(self):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1240{index:02}'} for index in range(60)])
        messages = self.queue_agreed(people)

        self.run_sender()

        self.assertEqual(len(self.meta.sends), 60)
        self.assertEqual({body['biz_opaque_callback_data'] for body in self.meta.sends}, set(messages.mapped('key')))
        self.assertEqual(set(messages.mapped('state')), {'accepted'})

    def test_a_second_run_sends_nothing_again(self):
        self.queue_agreed(self.ana)
        self.run_sender()

        self.run_sender()

        self.assertEqual(len(self.meta.sends), 1)

    def test_what_a_person_waits_for_goes_before_marketing(self):
        self.number.operator_limit = 1
        self.queue_agreed(self.ana, self.marketing_template)
        self.queue_agreed(self.ben, self.plain_template)

        self.run_sender()

        self.assertEqual([body['template']['name'] for body in self.meta.sends], ['support_hours', 'spring_offer'])

    def test_the_tick_in_the_chatter_follows(self):
        message = self.queue_agreed(self.ana)
        self.assertEqual(self.notification_of(message).notification_status, 'ready')

        self.run_sender()

        self.assertEqual(self.notification_of(message).notification_status, 'pending')

    # --- Never twice -----------------------------------------------------------------------------------------

    def before_the_call(self, work):
        """Do something after the claim and before Meta hears of the message; for ``with``."""
        submit = Pipeline.submit

        def late_submit(pipeline, jobs):
            if jobs:
                work()
                self.env.flush_all()
            submit(pipeline, jobs)

        return patch.object(Pipeline, 'submit', late_submit)

    def test_the_claim_is_committed_before_the_call(self):
        message = self.queue_agreed(self.ana)
        events = []

        def commit(*_args, **_kwargs):
            message.invalidate_recordset()
            events.append(('commit', message.state))
            return 60.0

        self.meta.on_send = lambda body: events.append(('call', body['to']))
        with patch.object(IrCron, '_commit_progress', commit):
            self.env['fluxforce.whatsapp.sender']._cron_send()

        self.assertEqual(events[:3], [('commit', 'sending'), ('call', '+447400123001'), ('commit', 'accepted')])

    def test_a_time_out_leaves_the_outcome_unknown_for_good(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', requests.ReadTimeout('read timed out'))
        self.run_sender()
        self.assertEqual(message.state, 'unknown')
        self.meta.heal()

        self.let_pass(message, days=2)
        self.run_sender()

        self.assertEqual(message.state, 'unknown')
        self.assertEqual(len(self.meta.sends), 1)

    def test_a_connection_cut_in_the_middle_is_unknown_too(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', requests.ConnectionError(ConnectionResetError('reset by peer')))

        self.run_sender()

        self.assertEqual(message.state, 'unknown')

    def test_a_proxys_error_page_is_unknown_too(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', response(502, b'<html>Bad gateway</html>', 'text/html'))

        self.run_sender()

        self.assertEqual(message.state, 'unknown')

    def test_an_abandoned_claim_becomes_unknown_and_is_not_sent(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'sending', 'attempts': 1, 'claimed_at': fields.Datetime.now() - timedelta(hours=1)})

        with self.assertLogs(SENDER, 'WARNING'):
            self.run_sender()

        self.assertEqual(message.state, 'unknown')
        self.assertFalse(self.meta.sends)

    def test_a_fresh_claim_of_another_worker_is_left_alone(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'sending', 'attempts': 1, 'claimed_at': fields.Datetime.now()})

        self.run_sender()

        self.assertEqual(message.state, 'sending')
        self.assertFalse(self.meta.sends)

    def test_a_cancelled_message_is_not_sent(self):
        message = self.queue_agreed(self.ana)
        message.with_user(self.salesperson).action_cancel()

        self.run_sender()

        self.assertEqual(message.state, 'cancelled')
        self.assertFalse(self.meta.sends)

    def test_an_answer_does_not_undo_a_status_that_overtook_it(self):
        message = self.queue_agreed(self.ana)
        outbox = self.env['fluxforce.whatsapp.message'].browse(message.id)

        with self.before_the_call(lambda: outbox.write(
                {'state': 'delivered', 'wamid': 'wamid.EARLY', 'delivered_at': fields.Datetime.now()})):
            self.run_sender()

        self.assertEqual(message.state, 'delivered')
        self.assertEqual(message.wamid, 'wamid.EARLY')
        self.assertTrue(message.accepted_at)

    def test_an_answer_does_not_wipe_the_reason_of_a_failure_that_overtook_it(self):
        message = self.queue_agreed(self.ana)
        self._fail_before_the_answer(message)

        self.assertEqual(message.state, 'failed')
        self.assertEqual(message.error_code, 131026)
        self.assertIn('may not be on WhatsApp', message.explanation)
        self.assertTrue(message.failed_at)

    def _fail_before_the_answer(self, message):
        with self.before_the_call(
                lambda: self.receive(status_payload('wamid.EARLY', 'failed', message.key, error=131026))):
            self.run_sender()

    # --- Refusals and faults ---------------------------------------------------------------------------------

    def test_a_refused_connection_is_tried_again_later(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', refused_connection())

        self.run_sender()

        self.assertEqual(message.state, 'queued')
        self.assertGreater(message.due_at, fields.Datetime.now())
        self.assertEqual(len(self.meta.sends), 1)

    def test_the_next_try_goes_out(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', refused_connection())
        self.run_sender()
        self.meta.heal()

        self.make_due(message)
        self.run_sender()

        self.assertEqual(message.state, 'accepted')
        self.assertFalse(message.error_message)
        self.assertEqual(len(self.meta.sends), 2)

    def try_often(self, message, times):
        """Let the sender work each time the message is due."""
        for _try in range(times):
            self.make_due(message)
            self.run_sender()

    def test_an_outage_fails_nothing_however_long_it_lasts(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', refused_connection())

        self.try_often(message, 9)

        self.assertEqual(message.state, 'queued')
        self.assertLess(message.due_at - fields.Datetime.now(), timedelta(hours=1))

    def test_what_meta_asks_to_repeat_has_failed_with_words_after_five_tries(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 131016)

        self.try_often(message, 7)

        self.assertEqual(message.state, 'failed')
        self.assertEqual(len(self.meta.sends), 5)
        self.assertTrue(message.explanation)
        self.assertEqual(self.notification_of(message).notification_status, 'exception')

    def test_a_token_that_was_emptied_holds_the_messages_and_stops_the_account(self):
        message = self.queue_agreed(self.ana)
        self.account.token = False

        self.run_sender()

        self.assertEqual((message.state, message.attempts, self.account.state), ('queued', 0, 'error'))
        self.assertIn('Access Token', self.account.problem)

    def test_a_number_the_token_no_longer_sees_keeps_its_messages_and_stops(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', {'code': 100, 'message': 'Unsupported post request', 'error_subcode': 33})

        self.run_sender()

        self.assertEqual((message.state, message.attempts, self.account.state), ('queued', 0, 'connected'))
        self.assertTrue(self.number.problem)
        self.assertTrue(self.number.stopped)

    def test_being_held_is_no_attempt(self):
        message = self.queue_agreed(self.ana)

        for _time in range(6):
            self.plain_template.status = 'PAUSED'
            self.run_sender()
            self.assertEqual(message.state, 'held')
            self.plain_template.status = 'APPROVED'

        self.assertEqual((message.state, message.attempts), ('queued', 0))

    def test_what_was_not_begun_in_time_goes_back_untouched(self):
        message = self.queue_agreed(self.ana)
        late = Outcome(message.id, error=NotStartedError('Too late.'))

        with patch.object(Pipeline, '_send', side_effect=[late]), patch(f'{CLAIM}._claim_round', self.claim_once()):
            self.run_sender()

        self.assertEqual((message.state, message.attempts), ('queued', 0))

    def claim_once(self):
        """:return: the claim of a sender that looks only once."""
        rounds = iter([self.env.registry['fluxforce.whatsapp.claim']._claim_round])
        return lambda claim, *args: next(rounds, lambda *_args: Claim())(claim, *args)

    def test_a_tick_that_cannot_be_shown_does_not_lose_the_answer(self):
        message = self.queue_agreed(self.ana)

        with patch(f'{MESSAGE}._sync_notifications', side_effect=ValueError('broken')), mute_logger(OUTBOX):
            self.run_sender()

        self.assertEqual(message.state, 'accepted')
        self.assertTrue(message.wamid)

    def test_an_odd_id_in_an_answer_does_not_lose_the_others(self):
        messages = self.queue_agreed(self.ana | self.ben)
        odd = {'messaging_product': 'whatsapp', 'messages': [{'id': 'wamid.A\u0000B\ud800'}]}
        self.meta.fail('messages', response(200, odd), to='+447400123001')

        self.run_sender()

        self.assertEqual(messages.mapped('state'), ['accepted', 'accepted'])

    def test_an_answer_settles_a_message_that_was_given_up(self):
        message = self.queue_agreed(self.ana)

        with self.before_the_call(lambda: message.write({'state': 'unknown'})):
            self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_too_fast_is_tried_again_later(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 130429)

        self.run_sender()

        self.assertEqual(message.state, 'queued')
        self.assertGreater(message.due_at, fields.Datetime.now())
        self.assertEqual(message.error_code, 130429)

    def test_a_number_that_is_not_on_whatsapp_fails_with_words(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 131026)

        self.run_sender()

        self.assertEqual(message.state, 'failed')
        self.assertEqual(message.error_code, 131026)
        self.assertIn('may not be on WhatsApp', message.explanation)
        self.assertTrue(message.failed_at)

    def test_a_template_meta_does_not_find_fails_with_words(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 132001)

        self.run_sender()

        self.assertEqual(message.state, 'failed')
        self.assertIn('Synchronise the templates', message.explanation)

    def test_other_messages_wait_until_the_template_is_fetched_anew(self):
        self.plain_template.last_synced = fields.Datetime.now() - timedelta(days=1)
        self.queue_agreed(self.ana)
        self.meta.fail('messages', 132001)
        self.run_sender()
        self.meta.heal()

        waiting = self.queue_agreed(self.ben)
        self.assertEqual((waiting.state, waiting.reason), ('held', 'template_sync'))
        with self.no_commit():
            self.env['fluxforce.whatsapp.account']._cron_sync()
        self.run_sender()

        self.assertEqual(waiting.state, 'accepted')

    def test_a_template_fetched_a_moment_ago_is_not_asked_for_again(self):
        self.queue_agreed(self.ana)
        self.meta.fail('messages', 132001)

        self.run_sender()

        self.assertFalse(self.plain_template.sync_asked)

    def test_one_persons_refusal_does_not_touch_the_others(self):
        refused, accepted = self.queue_agreed(self.ana | self.ben)
        self.meta.fail('messages', 131026, to='+447400123001')

        self.run_sender()

        self.assertEqual((refused.state, accepted.state), ('failed', 'accepted'))

    def test_a_failure_shows_in_the_chatter_of_its_author(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 131026)

        self.run_sender()

        notification = self.notification_of(message)
        self.assertEqual(notification.notification_status, 'exception')
        self.assertEqual(notification.failure_type, 'whatsapp_failed')
        self.assertEqual(notification.author_id, self.salesperson.partner_id)
        self.assertTrue(self.ana.with_user(self.salesperson).message_has_whatsapp_error)

    def test_a_template_that_cannot_be_rendered_does_not_stop_the_queue(self):
        broken = self.queue_agreed(self.ana, self.utility_template)
        fine = self.queue_agreed(self.ben)
        def parameters(form, values):
            if form.variables:
                raise KeyError('example')
            return []

        with patch.object(Form, 'parameters', parameters), mute_logger(CLAIM_LOG):
            self.run_sender()

        self.assertEqual((broken.state, fine.state), ('failed', 'accepted'))
        self.assertTrue(broken.explanation)
        self.assertEqual(self.notification_of(broken).notification_status, 'exception')

    # --- The account is stopped ------------------------------------------------------------------------------

    def test_a_refused_token_keeps_the_messages_and_stops_the_account(self):
        messages = self.queue_agreed(self.ana | self.ben)
        self.meta.fail('messages', 190)

        self.run_sender()

        self.assertEqual(set(messages.mapped('state')), {'queued'})
        self.assertEqual(self.account.state, 'error')
        self.assertIn('Access Token', self.account.problem)

    def test_the_stop_is_told_once(self):
        before = self.account.message_ids
        self.queue_agreed(self.ana | self.ben)
        self.meta.fail('messages', 190)

        self.run_sender()

        notes = (self.account.message_ids - before).filtered('subject')
        self.assertEqual(notes.mapped('subject'), ['The account does not send (Simulated Bicycles)'])

    def test_a_stopped_account_makes_no_further_call(self):
        self.queue_agreed(self.ana)
        self.meta.fail('messages', 190)
        self.run_sender()

        waiting = self.queue_agreed(self.ben)
        self.run_sender()

        self.assertEqual(waiting.state, 'held')
        self.assertEqual(len(self.meta.sends), 1)

    def test_connecting_again_lets_the_held_messages_go(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 190)
        self.run_sender()
        self.meta.heal()

        with self.capture_triggers('fluxforce_whatsapp.ir_cron_send') as captured:
            self.account.with_user(self.system_admin).action_connect()
        self.run_sender()

        self.assertEqual(len(captured.records), 1)
        self.assertEqual(message.state, 'accepted')
        self.assertFalse(self.account.problem)

    # --- The gate, again at the claim ------------------------------------------------------------------------

    def withdraw_unnoticed(self, partner):
        """Take a consent back while another process holds the queue: what waits could not be cancelled."""
        with patch.object(type(self.env['fluxforce.whatsapp.stop']), '_cancel_batch', lambda service, batch: batch[:0]):
            self.withdraw_consent(partner)

    def test_a_consent_withdrawn_meanwhile_stops_the_message(self):
        message = self.queue_agreed(self.ana)
        self.withdraw_unnoticed(self.ana)

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('refused', 'consent_withdrawn'))
        self.assertFalse(self.meta.sends)
        self.assertEqual(self.notification_of(message).notification_status, 'exception')

    def test_a_template_paused_meanwhile_holds_the_message(self):
        message = self.queue_agreed(self.ana)
        self.plain_template.status = 'PAUSED'

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('held', 'template_paused'))
        self.assertFalse(self.meta.sends)

    def test_a_refusal_at_the_claim_does_not_stop_the_others(self):
        refused, accepted = self.queue_agreed(self.ana | self.ben)
        self.withdraw_unnoticed(self.ana)

        self.run_sender()

        self.assertEqual((refused.state, accepted.state), ('refused', 'accepted'))

    # --- Pace ------------------------------------------------------------------------------------------------

    def test_the_operators_limit_spreads_the_messages(self):
        self.number.operator_limit = 4
        messages = self.queue_agreed(self.crowd(5))

        self.run_sender()

        slots = sorted(messages.mapped('claimed_at'))
        self.env.cr.execute(
            'SELECT max(claimed_at) - min(claimed_at) FROM fluxforce_whatsapp_message WHERE id = ANY(%s)',
            [messages.ids])
        self.assertGreaterEqual(self.env.cr.fetchone()[0], timedelta(seconds=4 / 4))
        self.assertEqual((len(slots), len(self.meta.sends)), (5, 5))

    def test_the_limit_holds_when_the_cron_is_called_again_within_the_second(self):
        self.number.operator_limit = 2
        messages = self.queue_agreed(self.crowd(5))

        for _call in range(3):
            with patch(f'{SENDER}.LONGEST_RUN_S', 0.2):
                self.run_sender()

        self.env.cr.execute("""
            SELECT min(gap) FROM (SELECT claimed_at - lag(claimed_at) OVER (ORDER BY claimed_at) AS gap
              FROM fluxforce_whatsapp_message WHERE id = ANY(%s)) gaps
        """, [messages.ids])
        self.assertGreaterEqual(self.env.cr.fetchone()[0], timedelta(seconds=0.49))

    def crowd(self, size):
        return self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 12400{index}'} for index in range(size)])

    def test_nothing_is_begun_any_more_when_the_time_of_a_run_is_over(self):
        messages = self.queue_agreed(self.ana | self.ben)

        with patch(f'{SENDER}.LONGEST_RUN_S', -1):
            self.run_sender()

        self.assertEqual(messages.mapped('state'), ['queued', 'queued'])

    # --- In turns --------------------------------------------------------------------------------------------

    def test_a_number_is_left_to_the_run_that_is_at_it(self):
        mine, others = self.queue_agreed(self.ana, number=self.number_2), self.queue_agreed(self.ben)
        self.in_other_hands(self.number, claimed_seconds_ago=-3)

        self.run_sender()

        self.assertEqual((mine.state, others.state), ('accepted', 'queued'))

    def test_a_run_that_is_heard_of_no_more_is_relieved(self):
        message = self.queue_agreed(self.ana)
        self.in_other_hands(self.number, claimed_seconds_ago=4.7)

        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def claim(self, tempo):
        return self.env['fluxforce.whatsapp.claim']._claim_round(10, tempo)

    def pace(self):
        """:return: the stored times of the first number, with the database's ``now``."""
        return self.env['fluxforce.whatsapp.pace']._lock(self.number)

    def test_a_run_that_is_asked_for_help_first_makes_itself_known(self):
        self.queue_agreed(self.ana)
        self.in_other_hands(self.number, claimed_seconds_ago=0, invited=True)

        claim = self.claim(Tempo())

        self.assertFalse(claim.jobs)
        self.assertGreater(self.pace()['company_until'], self.pace()['now'])

    def test_it_joins_when_the_other_has_claimed_since(self):
        self.queue_agreed(self.ana)
        tempo = Tempo()
        self.in_other_hands(self.number, claimed_seconds_ago=0, invited=True)
        self.claim(tempo)
        self.assertFalse(self.claim(tempo).jobs, 'the other does not know of it yet')
        self.in_other_hands(self.number, claimed_seconds_ago=-0.1, invited=True)

        job, = self.claim(tempo).jobs

        self.assertEqual(job.slack, IN_COMPANY.slack)

    def test_who_joins_anew_after_a_while_makes_itself_known_anew(self):
        self.queue_agreed(self.ana)
        tempo = Tempo(announced={self.number.id: fields.Datetime.now() - timedelta(minutes=1)})
        self.in_other_hands(self.number, claimed_seconds_ago=0, invited=True)

        self.assertFalse(self.claim(tempo).jobs)

    def test_a_run_that_is_alone_may_be_late(self):
        self.queue_agreed(self.ana)

        claim = self.claim(Tempo())

        self.assertFalse(claim.shared)
        self.assertGreater(claim.jobs[0].late, IN_COMPANY.late)
        self.assertEqual(claim.jobs[0].most, 80)

    def test_a_run_that_knows_of_another_has_to_be_on_time(self):
        self.queue_agreed(self.ana)
        self.env['fluxforce.whatsapp.pace']._announce(self.number, fields.Datetime.now() + timedelta(seconds=5))

        claim = self.claim(Tempo())

        self.assertEqual(claim.shared, {PHONE_ID})
        self.assertLessEqual(claim.jobs[0].late, IN_COMPANY.late)

    def test_who_ends_after_a_jam_keeps_the_next_waiting(self):
        tempo = Tempo()
        self.queue_agreed(self.ana)
        self.claim(tempo)

        self.env['fluxforce.whatsapp.pace']._sign_off(tempo.name, {PHONE_ID: 0.8, PHONE_ID_2: 0.0})

        pace = self.pace()
        self.assertFalse(pace['worker'])
        self.assertAlmostEqual((pace['next_slot_at'] - pace['now']).total_seconds(), 0.8, delta=0.3)

    def test_who_ends_later_keeps_nobody_else_waiting(self):
        self.in_other_hands(self.number, claimed_seconds_ago=0)

        self.env['fluxforce.whatsapp.pace']._sign_off('mine', {PHONE_ID: 0.8})

        self.assertEqual((self.pace()['worker'], self.pace()['next_slot_at']), ('other', None))

    def test_a_run_whose_time_is_over_leaves_its_number_to_the_next(self):
        message = self.queue_agreed(self.ana)
        self.in_other_hands(self.number, claimed_seconds_ago=0, invited=True)

        with patch(f'{SENDER}.RUN_S', -1):
            self.run_sender()

        self.assertEqual(message.state, 'queued')

    def test_a_run_goes_on_until_it_is_relieved(self):
        message = self.queue_agreed(self.ana)

        with patch(f'{SENDER}.RUN_S', -1), self.capture_triggers('fluxforce_whatsapp.ir_cron_send_more') as captured:
            self.run_action('ir_cron_send')

        self.assertEqual(message.state, 'accepted')
        self.assertTrue(captured.records, 'the other action was not asked')

    def few_calls(self, count):
        return patch(f'{SENDER}.Pipeline', partial(Pipeline, workers=count, ahead=0))

    def test_a_run_with_too_few_calls_for_what_may_go_asks_for_help(self):
        self.queue_agreed(self.crowd(9))

        with self.few_calls(3), self.capture_triggers('fluxforce_whatsapp.ir_cron_send_more') as captured:
            self.run_action('ir_cron_send')

        self.assertTrue(captured.records, 'nobody was asked')

    def test_a_run_that_keeps_up_asks_nobody(self):
        self.queue_agreed(self.crowd(3))

        with self.few_calls(10), self.capture_triggers('fluxforce_whatsapp.ir_cron_send_more') as captured:
            self.run_action('ir_cron_send')

        self.assertFalse(captured.records)

    def test_the_two_actions_take_turns(self):
        for ending, following in (('ir_cron_send', 'ir_cron_send_more'), ('ir_cron_send_more', 'ir_cron_send')):
            with (self.subTest(ending=ending), patch(f'{SENDER}.LONGEST_RUN_S', -1),
                  self.capture_triggers(f'fluxforce_whatsapp.{following}') as captured):
                self.run_action(ending)

                self.assertTrue(captured.records)

    def test_without_the_second_action_the_first_wakes_itself(self):
        self.env.ref('fluxforce_whatsapp.ir_cron_send_more').active = False

        with (patch(f'{SENDER}.LONGEST_RUN_S', -1),
              self.capture_triggers('fluxforce_whatsapp.ir_cron_send') as captured):
            self.run_action('ir_cron_send')

        self.assertTrue(captured.records)

    def test_a_run_that_is_done_wakes_nobody(self):
        self.queue_agreed(self.ana)

        with self.capture_triggers() as captured:
            self.run_action('ir_cron_send')

        self.assertFalse(captured.records)

    # --- Secrets and the one way out -------------------------------------------------------------------------

    def test_the_token_shows_neither_in_logs_nor_on_the_message(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', {'code': 190, 'message': f'Malformed access token {TOKEN}'})

        with self.assertLogs('odoo.addons.fluxforce_whatsapp', 'DEBUG') as logs:
            _logger.debug('The sender starts')
            self.run_sender()

        self.assertNotIn(TOKEN, '\n'.join(logs.output))
        self.assertNotIn(TOKEN, f'{message.error_message} {message.explanation} {self.account.problem}')
        self.assertNotIn(TOKEN, ' '.join(self.account.message_ids.mapped('body')))

    def test_there_is_one_way_out(self):
        """No other code than the pipeline calls the client's ``send``, and none but the sender has one."""
        callers = self._files_with(r'\)\.send\(')
        self.assertEqual(callers, ['cloud_api/delivery.py'])
        self.assertEqual(self._files_with(r'(?<!class )\bPipeline\('), ['models/fluxforce_whatsapp_sender.py'])

    def _files_with(self, pattern):
        sources = [path for path in ADDON.rglob('*.py') if path.relative_to(ADDON).parts[0] != 'tests']
        return sorted(str(path.relative_to(ADDON)) for path in sources if re.search(pattern, path.read_text()))
