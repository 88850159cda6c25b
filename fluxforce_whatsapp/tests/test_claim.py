from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload
from .fake_meta import template_row

PACE = 'odoo.addons.fluxforce_whatsapp.policy.warmup'


@tagged('post_install', '-at_install')
class TestClaim(WhatsappCommon, TransactionCase):
    """What may go now, what waits and until when."""

    def setUp(self):
        super().setUp()
        self.portfolio = self.account.portfolio_id

    def crowd(self, size, start=0):
        return self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 126{index:03}'} for index in range(start, start + size)])

    def set_limit(self, people, reserved=0):
        """Let the portfolio have this limit: nobody knows a tier of two."""
        self.portfolio.reserved_share = reserved
        self.patch(self.registry['fluxforce.whatsapp.portfolio'], '_limit', lambda portfolio: people)

    def states(self, messages):
        return sorted(messages.mapped('state'))

    # --- Budget ----------------------------------------------------------------------------------------------

    def test_nobody_beyond_the_portfolios_limit_is_written_to(self):
        self.set_limit(2)
        messages = self.queue_agreed(self.crowd(5))

        self.run_sender()

        self.assertEqual(self.states(messages), ['accepted', 'accepted', 'held', 'held', 'held'])
        self.assertEqual(set(messages.filtered(lambda m: m.state == 'held').mapped('reason')), {'budget'})
        self.assertEqual(len(self.meta.sends), 2)

    def test_what_waits_for_room_tells_when_it_goes(self):
        self.set_limit(1)
        messages = self.queue_agreed(self.crowd(2))

        self.run_sender()

        held = messages.filtered(lambda m: m.state == 'held')
        self.assertAlmostEqual(held.due_at, fields.Datetime.now() + timedelta(hours=24), delta=timedelta(minutes=1))
        self.assertIn('as Meta allows', held.explanation)

    def test_the_rest_goes_when_people_leave_the_day(self):
        self.set_limit(2)
        messages = self.queue_agreed(self.crowd(4), self.marketing_template)
        self.run_sender()

        self.let_pass(messages, hours=24, minutes=1)
        self.run_sender()

        self.assertEqual(set(messages.mapped('state')), {'accepted'})

    def test_the_budget_counts_the_numbers_of_a_portfolio_together(self):
        self.set_limit(3)
        people = self.crowd(4)
        first = self.queue_agreed(people[:2], number=self.number)
        second = self.queue_agreed(people[2:], number=self.number_2)

        self.run_sender()

        self.assertEqual(len(self.meta.sends), 3)
        self.assertEqual(self.states(first | second), ['accepted', 'accepted', 'accepted', 'held'])

    def test_marketing_leaves_the_reserved_share_to_service_updates(self):
        self.set_limit(10, reserved=90)
        people = self.crowd(4)
        marketing = self.queue_agreed(people[:2], self.marketing_template)
        utility = self.queue_agreed(people[2:])

        self.run_sender()

        self.assertEqual(set(utility.mapped('state')), {'accepted'})
        self.assertEqual(set(marketing.mapped('state')), {'held'})

    def test_the_same_person_counts_once(self):
        self.set_limit(1)
        first = self.queue_agreed(self.ana)
        self.run_sender()
        self.let_pass(first, seconds=30)

        second = self.queue(self.ana)
        self.run_sender()

        self.assertEqual(second.state, 'accepted')

    def test_who_wrote_today_costs_nothing(self):
        self.set_limit(0)
        self.receive(inbound_payload('Where is my parcel?', timestamp=self.now_stamp()))

        message = self.queue_agreed(self.ana)
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_the_window_is_that_of_the_number_written_to(self):
        self.set_limit(0)
        self.receive(inbound_payload('Where is my parcel?', timestamp=self.now_stamp()))

        message = self.queue_agreed(self.ana, number=self.number_2)
        self.run_sender()

        self.assertEqual(message.state, 'held')

    def test_a_window_is_over_after_24_hours(self):
        self.set_limit(0)
        self.receive(inbound_payload('Where is my parcel?', timestamp=self.now_stamp() - 24 * 3600))

        message = self.queue_agreed(self.ana)
        self.run_sender()

        self.assertEqual(message.state, 'held')

    def test_a_higher_limit_lets_what_waits_go(self):
        self.set_limit(1)
        messages = self.queue_agreed(self.crowd(2))
        self.run_sender()
        self.set_limit(10)

        self.portfolio._learn_limit('TIER_10K')
        self.run_sender()

        self.assertEqual(set(messages.mapped('state')), {'accepted'})

    def test_the_form_shows_used_reserved_and_free(self):
        self.portfolio.write({'messaging_limit': 'TIER_250', 'reserved_share': 10})
        self.queue_agreed(self.crowd(3))

        self.run_sender()

        self.assertEqual((self.portfolio.limit_people, self.portfolio.used_people, self.portfolio.reserved_people,
                          self.portfolio.free_people), (250, 3, 25, 222))

    def test_a_tier_nobody_knows_is_the_lowest(self):
        self.portfolio.messaging_limit = 'TIER_OF_2030'

        self.assertEqual(self.portfolio._limit(), 250)

    def now_stamp(self):
        return int((fields.Datetime.now() - fields.Datetime.from_string('1970-01-01')).total_seconds())

    # --- Pair ------------------------------------------------------------------------------------------------

    def test_a_second_message_to_a_person_waits_six_seconds(self):
        first, second = self.queue_agreed(self.ana), self.queue(self.ana)

        self.run_sender()

        self.assertEqual((first.state, second.state, second.reason), ('accepted', 'queued', 'pair'))
        self.assertGreater(second.due_at, fields.Datetime.now() + timedelta(seconds=3))

    def test_the_second_message_goes_when_its_time_has_come(self):
        first, second = self.queue_agreed(self.ana), self.queue(self.ana)
        self.run_sender()

        self.let_pass(first | second, seconds=10)
        self.run_sender()

        self.assertEqual(second.state, 'accepted')

    def test_too_many_to_one_person_lets_only_that_person_wait(self):
        self.meta.fail('messages', 131056, to='+447400123001')
        first, second, other = self.queue_agreed(self.ana), self.queue(self.ana), self.queue_agreed(self.ben)

        self.run_sender()

        self.assertEqual((first.state, first.reason, second.state, other.state),
                         ('queued', 'pair', 'queued', 'accepted'))

    def test_the_order_to_a_person_is_kept(self):
        self.meta.fail('messages', 131016, to='+447400123001')
        first = self.queue_agreed(self.ana)
        self.run_sender()
        self.meta.heal()
        second = self.queue(self.ana)

        self.run_sender()
        self.assertEqual((first.state, second.state), ('queued', 'queued'))
        self.make_due(first)
        self.run_sender()

        self.assertEqual(first.state, 'accepted')

    # --- Whose number ----------------------------------------------------------------------------------------

    def test_a_person_keeps_the_number_they_know(self):
        self.let_pass(self.queue_agreed(self.ana, number=self.number_2), seconds=0)
        self.run_sender()

        draft, other = self.env['fluxforce.whatsapp.message']._prepare_drafts(
            self.ana | self.ben, self.plain_template, self.env['fluxforce.whatsapp.number'])

        self.assertEqual(draft['number_id'], self.number_2.id)
        self.assertEqual(other['number_id'], self.number.id)

    # --- Too late --------------------------------------------------------------------------------------------

    def test_a_service_update_is_not_sent_a_day_later(self):
        message = self.queue_agreed(self.ana)
        self.assertAlmostEqual(message.expires_at, message.due_at + timedelta(hours=24), delta=timedelta(seconds=1))
        message.expires_at = fields.Datetime.now() - timedelta(seconds=1)

        self.run_sender()

        self.assertEqual(message.state, 'expired')
        self.assertIn('too late', message.explanation)
        self.assertFalse(self.meta.sends)
        self.assertEqual(self.notification_of(message).notification_status, 'exception')

    # --- What changed meanwhile ------------------------------------------------------------------------------

    def test_a_number_that_changed_meanwhile_gets_nothing(self):
        message = self.queue_agreed(self.ana)
        self.ana.phone = '+44 7400 123009'

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('refused', 'recipient_changed'))
        self.assertFalse(self.meta.sends)

    def test_a_deleted_contact_does_not_stop_the_queue(self):
        orphan, other = self.queue_agreed(self.ana), self.queue_agreed(self.ben)
        self.ana.unlink()

        self.run_sender()

        # The consent was given for the number as well, so what was promised still goes.
        self.assertEqual((orphan.state, other.state), ('accepted', 'accepted'))

    def test_a_deleted_template_ends_its_messages_with_the_reason(self):
        message = self.queue_agreed(self.ana)
        self.env['fluxforce.whatsapp.template']._sync(self.account, [])

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('refused', 'template_not_approved'))

    def test_a_service_update_that_becomes_marketing_counts_as_marketing(self):
        self.set_limit(10, reserved=90)
        people = self.crowd(3)
        self.give_consent(people, 'marketing')
        messages = self.queue_agreed(people)
        self.env['fluxforce.whatsapp.template']._sync(self.account, [
            template_row('9001', 'support_hours', 'Our support is open from 9 to 17 on weekdays.', 'MARKETING')])

        self.run_sender()

        self.assertEqual(self.states(messages), ['accepted', 'held', 'held'])

    # --- A young number --------------------------------------------------------------------------------------

    def young(self):
        """Let the first number be registered a moment ago."""
        plan = self.env['fluxforce.whatsapp.warmup']._default_plan()
        self.number.write({'registered_at': fields.Datetime.now(), 'warmup_id': plan.id, 'warmup_done_at': False})
        self.assertTrue(self.number.in_warmup)
        return self.number._warmup_step()

    def test_a_young_number_sends_only_so_many_a_minute(self):
        step = self.young()
        messages = self.queue_agreed(self.crowd(step.messages_per_minute + 3))

        with self.without_waiting():
            self.run_sender()

        self.assertEqual(len(self.meta.sends), step.messages_per_minute)
        self.assertIn('queued', messages.mapped('state'))

    def without_waiting(self):
        """Let the slots of a slow number come at once."""
        return patch.multiple(PACE, YOUNG_MESSAGES_PER_SECOND=1000)

    def test_a_hundred_at_once_are_told_about_and_do_not_go(self):
        self.young()

        self.queue_agreed(self.crowd(100))

        kinds = self.env['fluxforce.whatsapp.alert'].search([('number_id', '=', self.number.id)]).mapped('kind')
        self.assertIn('burst_after_registration', kinds)
        self.assertIn('steady_fire', kinds)

    def test_a_young_number_reaches_only_so_many_people_a_day(self):
        step = self.young()
        self.patch(self.registry['fluxforce.whatsapp.pair'], '_count_reached', lambda *args: step.people_per_day)
        message = self.queue_agreed(self.ana)

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('held', 'warmup'))
        self.assertIn('warms up', message.explanation)

    # --- Quiet hours -----------------------------------------------------------------------------------------

    def test_an_offer_waits_for_the_morning(self):
        self.ana.tz = 'Europe/London'
        self.account.write(self._night_around_now('Europe/London'))

        message = self.queue_agreed(self.ana, self.marketing_template)

        self.assertEqual((message.state, message.reason), ('held', 'quiet_hours'))
        self.assertGreater(message.due_at, fields.Datetime.now())

    def test_a_service_update_does_not_wait_for_the_morning(self):
        self.ana.tz = 'Europe/London'
        self.account.write(self._night_around_now('Europe/London'))

        self.assertEqual(self.queue_agreed(self.ana).state, 'queued')

    def _night_around_now(self, zone):
        local = fields.Datetime.context_timestamp(self.account.with_context(tz=zone), fields.Datetime.now())
        hour = local.hour + local.minute / 60
        return {'quiet_from': (hour - 1) % 24, 'quiet_to': (hour + 1) % 24}

    # --- Stop ------------------------------------------------------------------------------------------------

    def test_one_click_stops_everything_of_a_number(self):
        message = self.queue_agreed(self.ana)
        self.number.with_user(self.whatsapp_admin).action_pause()

        self.run_sender()

        self.assertEqual((message.state, message.attempts), ('queued', 0))
        self.assertIn('Waldo Admin', message.explanation)
        self.assertFalse(self.meta.sends)

    def test_it_goes_on_where_it_stopped(self):
        message = self.queue_agreed(self.ana)
        self.account.with_user(self.whatsapp_admin).action_pause()
        self.run_sender()

        self.account.with_user(self.whatsapp_admin).action_resume()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_what_is_written_while_it_is_stopped_goes_afterwards(self):
        self.number.with_user(self.whatsapp_admin).action_pause()
        message = self.queue_agreed(self.ana)
        self.assertEqual((message.state, message.reason), ('held', 'brake'))

        self.number.with_user(self.whatsapp_admin).action_resume()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_a_brake_on_marketing_lets_service_updates_pass(self):
        marketing, utility = self.queue_agreed(self.ana, self.marketing_template), self.queue_agreed(self.ben)
        self.number.write({'brake': 'marketing', 'brake_reason': 'quality_red'})

        self.run_sender()

        self.assertEqual((marketing.state, utility.state), ('queued', 'accepted'))

    def test_a_copy_of_the_database_does_not_send(self):
        message = self.queue_agreed(self.ana)
        self.account.database_uuid = 'that-of-the-original'

        self.run_sender()

        self.assertEqual((message.state, self.account.state), ('queued', 'error'))
        self.assertIn('copy', self.account.problem)
        self.assertFalse(self.meta.sends)

    # --- One number's trouble --------------------------------------------------------------------------------

    def test_trouble_with_one_number_keeps_no_other_back(self):
        broken, fine = self.queue_agreed(self.ana), self.queue_agreed(self.ben, number=self.number_2)
        limits = self.registry['fluxforce.whatsapp.number']._pace_limits
        self.patch(self.registry['fluxforce.whatsapp.number'], '_pace_limits', lambda number, now: (
            1 / 0 if number.phone_number_id == self.number.phone_number_id else limits(number, now)))

        with self.assertLogs('odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_claim', 'ERROR'):
            self.run_sender()

        self.assertEqual((broken.state, fine.state), ('queued', 'accepted'))
        self.assertTrue(self.env['fluxforce.whatsapp.alert'].search([('number_id', '=', self.number.id)]))
