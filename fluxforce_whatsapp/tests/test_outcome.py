from datetime import timedelta

import requests

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.fluxforce_whatsapp.cloud_api.delivery import Outcome

from .common import WhatsappCommon, status_payload
from .fake_meta import response


@tagged('post_install', '-at_install')
class TestOutcome(WhatsappCommon, TransactionCase):
    """What becomes of a message after Meta's answer, and of everything else."""

    def accepted_as(self, wamid, **values):
        return response(200, {'messaging_product': 'whatsapp', 'contacts': [],
                              'messages': [{'id': wamid, **values}]})

    def alerts(self, kind):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', kind)])

    # --- Accepted --------------------------------------------------------------------------------------------

    def test_what_meta_holds_to_watch_the_template_is_shown_and_not_sent_again(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', self.accepted_as('wamid.HELD', message_status='held_for_quality_assessment'))

        self.run_sender()

        self.assertEqual((message.state, message.held_by_meta), ('accepted', True))
        self.assertIn('watches', message.shown_state)
        self.assertFalse(message.may_be_sent_again)

    def test_what_meta_held_is_shown_as_sent_when_it_lets_go(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', self.accepted_as('wamid.HELD', message_status='held_for_quality_assessment'))
        self.run_sender()

        self.receive(status_payload('wamid.HELD', 'sent', message.key))

        self.assertEqual((message.state, message.held_by_meta), ('sent', False))

    def test_two_messages_never_share_an_id(self):
        first = self.queue_agreed(self.ana)
        self.meta.fail('messages', self.accepted_as('wamid.ONE'))
        self.run_sender()

        second = self.queue_agreed(self.ben)
        self.run_sender()

        self.assertEqual((first.state, first.wamid), ('accepted', 'wamid.ONE'))
        self.assertEqual((second.state, second.wamid), ('unknown', False))

    def test_our_own_key_is_surer_than_the_id_of_an_answer(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', self.accepted_as('wamid.SOMEBODYS'))
        self.run_sender()

        self.receive(status_payload('wamid.MINE', 'delivered', message.key))

        self.assertEqual((message.state, message.wamid), ('delivered', 'wamid.MINE'))

    # --- Unknown ---------------------------------------------------------------------------------------------

    def unknown(self, partner=None):
        message = self.queue_agreed(partner or self.ana)
        self.meta.fail('messages', requests.ReadTimeout('read timed out'))
        self.run_sender()
        self.meta.heal()
        return message

    def test_an_unknown_outcome_is_settled_by_a_status_with_its_key(self):
        message = self.unknown()

        self.receive(status_payload('wamid.LATE', 'delivered', message.key))

        self.assertEqual((message.state, message.wamid), ('delivered', 'wamid.LATE'))

    def test_an_unknown_outcome_is_offered_to_a_person_after_a_while(self):
        message = self.unknown()
        self.assertFalse(message.to_decide)

        message.unknown_at = fields.Datetime.now() - timedelta(minutes=self.account.unknown_wait_minutes)

        self.assertTrue(message.to_decide)
        self.assertIn(message, self.env['fluxforce.whatsapp.message'].search([('to_decide', '=', True)]))

    # --- Slower ----------------------------------------------------------------------------------------------

    def step(self, number=None):
        pace = self.env['fluxforce.whatsapp.pace']._read(number or self.number)
        return pace[(number or self.number).id]['throttle_step'] or 0

    def people(self, count, first=0):
        return self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1270{index:02}'} for index in range(first, first + count)])

    def test_too_fast_slows_the_number_down_and_counts_no_try(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 130429)

        self.run_sender()

        self.assertEqual((message.state, message.reason, message.attempts), ('queued', 'too_fast', 0))
        self.assertEqual(self.step(), 1)
        self.assertEqual(self.step(self.number_2), 0)

    def test_an_outage_leaves_a_trickle(self):
        self.queue_agreed(self.people(8))
        self.meta.fail('messages', 131016)

        self.run_sender()

        self.assertEqual(self.step(), 5)

    def halted(self, message):
        return self.env['fluxforce.whatsapp.outcome']._halted_ids([Outcome(message.id)])

    def test_what_is_planned_is_called_back_in_an_outage_and_not_once_it_is_over(self):
        message = self.queue_agreed(self.people(8))[0]
        self.meta.fail('messages', 131016)
        self.run_sender()
        self.assertEqual(self.halted(message), {self.number.phone_number_id})

        self.env.cr.execute("UPDATE fluxforce_whatsapp_pace SET throttled_at = throttled_at - interval '1 minute'")

        self.assertFalse(self.halted(message))

    def test_a_handful_of_lost_calls_among_many_good_ones_slows_nothing_down(self):
        self.queue_agreed(self.people(20))
        self.run_sender()
        unlucky = self.queue_agreed(self.people(6, first=20))
        self.meta.fail('messages', 131016)

        self.run_sender()

        self.assertEqual(set(unlucky.mapped('reason')), {'retry'})
        self.assertEqual(self.step(), 0)

    def test_calls_that_run_into_their_time_out_are_an_outage_although_others_are_quick(self):
        quick = self.queue_agreed(self.people(20))
        self.run_sender()
        self.let_pass(quick, seconds=12)
        slow = self.queue_agreed(self.people(12, first=20))
        self.meta.fail('messages', requests.ReadTimeout('read timed out'))

        self.run_sender()

        self.assertEqual(set(slow.mapped('state')), {'unknown'})
        self.assertEqual(self.step(), 5)

    def test_what_was_never_begun_is_no_good_answer(self):
        message = self.queue_agreed(self.ana)
        message.write({'claimed_at': fields.Datetime.now()})
        now = self.env['fluxforce.whatsapp.claim']._now()

        counted = self.env['fluxforce.whatsapp.outcome']._count_before(self.number, message.browse(), now)

        self.assertEqual(counted, (0, 0))

    def test_a_used_up_hour_closes_the_account_until_meta_takes_calls_again(self):
        message, later = self.queue_agreed(self.ana), self.queue_agreed(self.ben, number=self.number_2)
        answer = self.accepted_as('wamid.FULL')
        answer.headers['X-App-Usage'] = '{"call_count": 100, "total_cputime": 1, "total_time": 1}'
        self.meta.fail('messages', answer, to='+447400123001')
        self.number_2.sending_paused = True
        self.run_sender()
        self.number_2.sending_paused = False

        self.run_sender()

        self.assertEqual((message.state, later.state), ('accepted', 'queued'))
        self.let_pass(later, minutes=2)
        self.run_sender()
        self.assertEqual(later.state, 'accepted')

    # --- The person ------------------------------------------------------------------------------------------

    def test_who_stopped_at_whatsapp_has_stopped_here(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.meta.fail('messages', 131050)

        self.run_sender()

        self.assertEqual(message.state, 'failed')
        self.assertEqual(self.queue(self.ana, self.marketing_template).reason, 'consent_withdrawn')

    def test_a_stop_that_comes_by_webhook_counts_the_same(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.run_sender()

        self.receive(status_payload(message.wamid, 'failed', message.key, error=131050))

        self.assertEqual(self.queue(self.ana, self.marketing_template).reason, 'consent_withdrawn')

    def test_a_person_whatsapp_spares_gets_nothing_for_a_day(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.meta.fail('messages', 131049)

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('held', 'marketing_gap'))
        self.assertGreater(message.due_at, fields.Datetime.now() + timedelta(hours=23))

    def test_the_gap_grows_each_time(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.meta.fail('messages', 131049)
        self.run_sender()
        self.make_due(message)

        self.run_sender()

        self.assertGreater(message.due_at, fields.Datetime.now() + timedelta(hours=47))

    def test_other_offers_to_a_spared_person_wait_as_well(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.run_sender()
        self.receive(status_payload(message.wamid, 'failed', message.key, error=131049))

        other = self.queue(self.ana, self.marketing_template)

        self.assertEqual((message.state, other.state, other.reason), ('failed', 'held', 'marketing_gap'))

    # --- Template, number, account ---------------------------------------------------------------------------

    def test_a_template_meta_pauses_stops_at_the_first_refusal(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 132015)
        self.run_sender()

        other = self.queue_agreed(self.ben)
        self.run_sender()

        self.assertEqual((message.state, other.state, other.reason), ('failed', 'held', 'template_paused'))
        self.assertEqual(len(self.meta.sends), 1)
        self.assertEqual(self.alerts('template_stopped').template_id, self.plain_template)

    def test_a_number_that_is_not_registered_stops_alone(self):
        message, other = self.queue_agreed(self.ana), self.queue_agreed(self.ben, number=self.number_2)
        self.meta.fail('messages', 133010, to='+447400123001')

        self.run_sender()

        self.assertEqual((message.state, message.attempts, other.state), ('queued', 0, 'accepted'))
        self.assertEqual((self.account.state, bool(self.number.problem)), ('connected', True))
        self.assertEqual(self.alerts('number_stopped').number_id, self.number)

    def test_a_stopped_number_goes_on_when_somebody_says_so(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 133010)
        self.run_sender()
        self.meta.heal()

        self.number.with_user(self.whatsapp_admin).action_retry()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')
        self.assertEqual(self.alerts('number_stopped').state, 'done')

    def test_a_stopped_account_raises_one_alert_and_one_activity(self):
        self.queue_agreed(self.ana | self.ben)
        self.meta.fail('messages', 190)

        self.run_sender()

        self.assertEqual(len(self.alerts('account_stopped')), 1)
        self.assertEqual(len(self.account.activity_ids), 1)

    def test_why_an_account_stopped_is_told_in_the_companys_language(self):
        self.speak_spanish()
        self.queue_agreed(self.ana)
        self.meta.fail('messages', 190)

        self.run_sender()

        self.assertIn('Meta rechaza el token de acceso', self.alerts('account_stopped').detail)
        self.assertIn('Meta rechaza el token de acceso', self.account.problem)

    def test_why_a_number_stopped_is_told_in_the_companys_language(self):
        self.speak_spanish()
        self.queue_agreed(self.ana)
        self.meta.fail('messages', 133010)

        self.run_sender()

        self.assertIn('Meta lo rechaza', self.alerts('number_stopped').detail)

    def test_a_code_nobody_knows_fails_visibly_and_raises_an_alert(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 987654)

        self.run_sender()

        self.assertEqual((message.state, message.error_code), ('failed', 987654))
        self.assertIn('987654', self.alerts('unknown_error').detail)

    def test_the_spam_limit_stops_the_marketing_of_the_number(self):
        self.queue_agreed(self.ana, self.marketing_template)
        self.meta.fail('messages', 131048)

        self.run_sender()

        self.assertEqual(self.number.brake, 'marketing')

    def test_a_service_update_refused_for_the_spam_limit_is_not_tried_without_end(self):
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 131048)

        self.run_sender()

        self.assertEqual((message.state, len(self.meta.sends)), ('failed', 1))

    def test_what_an_administrator_decides_about_an_error_counts(self):
        self.env['fluxforce.whatsapp.error'].search([('code', '=', 131026)]).action = 'retry'
        message = self.queue_agreed(self.ana)
        self.meta.fail('messages', 131026)

        self.run_sender()

        self.assertEqual(message.state, 'queued')
