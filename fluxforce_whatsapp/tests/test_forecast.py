from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

from ..policy.pace import Answers
from .common import WhatsappCommon

MORNING = '2026-06-01 08:00:00'


@tagged('post_install', '-at_install')
class TestForecast(WhatsappCommon, TransactionCase):
    """Why and when: what people are told about what waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.tz = 'Europe/Madrid'
        cls.account.portfolio_id.messaging_limit = 'TIER_UNLIMITED'

    def goes_out(self, message, user=None):
        message.invalidate_recordset()
        user = user or self.salesperson
        return message.with_user(user).with_context(tz=user.tz, lang=user.lang).goes_out.replace('\u202f', ' ')

    def held(self, until, reason='quiet_hours'):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'held', 'reason': reason, 'due_at': until, 'expires_at': False})
        return message

    def fill(self, count, number=None, purpose='marketing', priority=5, state='queued', minutes_ago=60, **columns):
        """Put messages into the table, as a campaign would have done."""
        values = {'account_id': self.account.id, 'company_id': self.company.id, 'kind': 'template',
                  'number_id': (number or self.number).id,
                  'template_id': self.marketing_template.id, 'purpose': purpose, 'priority': priority, 'state': state,
                  'phone': '+447400123009', 'due_at': fields.Datetime.now() - timedelta(minutes=minutes_ago), **columns}
        names = ', '.join(values)
        self.env.cr.execute(f"""
            INSERT INTO fluxforce_whatsapp_message (key, create_date, {names})
            SELECT 'fill' || nextval('fluxforce_whatsapp_message_id_seq'), now(), {', '.join(['%s'] * len(values))}
              FROM generate_series(1, %s)
        """, [*values.values(), count])

    # --- When ------------------------------------------------------------------------------------------------

    def test_the_first_in_line_goes_in_a_moment(self):
        self.assertEqual(self.goes_out(self.queue_agreed(self.ana)), 'in a moment')

    @freeze_time(MORNING)
    def test_what_waits_for_a_moment_goes_then_by_the_clock_of_who_looks(self):
        message = self.held(fields.Datetime.now() + timedelta(hours=4, minutes=32))

        self.assertEqual(self.goes_out(message), 'today 2:32 PM')

    @freeze_time(MORNING)
    def test_what_ends_before_its_moment_is_not_promised(self):
        message = self.held(fields.Datetime.now() + timedelta(hours=5))
        message.expires_at = fields.Datetime.now() + timedelta(hours=2)

        self.assertEqual(self.goes_out(message), 'never: it ends today 12:00 PM')

    @freeze_time(MORNING)
    def test_the_day_is_that_of_who_looks(self):
        message = self.held(fields.Datetime.now() + timedelta(hours=14, minutes=30))

        self.assertEqual(self.goes_out(message), 'tomorrow 12:30 AM')

    @freeze_time(MORNING)
    def test_later_in_the_week_the_weekday_is_told(self):
        self.assertEqual(self.goes_out(self.held(fields.Datetime.now() + timedelta(days=3))), 'Thursday 10:00 AM')

    @freeze_time(MORNING)
    def test_further_on_the_date_is_told(self):
        self.assertEqual(self.goes_out(self.held(fields.Datetime.now() + timedelta(days=30))), '07/01/2026 10:00 AM')

    @freeze_time(MORNING)
    def test_it_is_told_in_the_language_of_who_looks(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.salesperson.lang = 'es_ES'

        self.assertIn('jueves a las 10:00', self.goes_out(self.held(fields.Datetime.now() + timedelta(days=3))))

    @freeze_time(MORNING)
    def test_the_place_in_line_and_the_pace_of_now_tell_the_moment(self):
        self.fill(6000)
        self.number.operator_limit = 10

        message = self.queue_agreed(self.ana, self.marketing_template)

        self.assertEqual(self.goes_out(message), 'about today 10:10 AM')

    @freeze_time(MORNING)
    def test_what_is_more_urgent_waits_for_no_campaign(self):
        self.fill(6000)
        self.number.operator_limit = 10

        self.assertEqual(self.goes_out(self.queue_agreed(self.ana, self.utility_template)), 'in a moment')

    @freeze_time(MORNING)
    def test_another_numbers_queue_does_not_matter(self):
        self.fill(6000, number=self.number_2)
        self.number.operator_limit = 10

        self.assertEqual(self.goes_out(self.queue_agreed(self.ana, self.marketing_template)), 'in a moment')

    @freeze_time(MORNING)
    def test_behind_more_than_are_counted_the_earliest_moment_is_told(self):
        self.number.operator_limit = 1
        self.fill(700)
        message = self.queue_agreed(self.ana, self.marketing_template)

        with patch('odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_forecast.COUNTED', 600):
            self.assertEqual(self.goes_out(message), 'not before today 10:10 AM')

    @freeze_time(MORNING)
    def test_a_light_brake_doubles_the_time_of_marketing(self):
        self.fill(6000)
        self.number.write({'operator_limit': 10, 'brake': 'slow'})

        message = self.queue_agreed(self.ana, self.marketing_template)

        self.assertEqual(self.goes_out(message), 'about today 10:21 AM')

    def test_beyond_the_limit_of_people_it_waits_for_room(self):
        self.fill(2000)
        self.account.portfolio_id.messaging_limit = 'TIER_2K'

        message = self.queue_agreed(self.ana, self.marketing_template)

        self.assertEqual(self.goes_out(message), 'when room for more people returns')

    # --- What keeps it ---------------------------------------------------------------------------------------

    def test_a_stopped_number_tells_what_has_to_happen(self):
        message = self.queue_agreed(self.ana)
        self.number.with_user(self.whatsapp_admin).action_pause()

        self.assertEqual(self.goes_out(message), 'when sending is resumed')
        self.assertIn('Stopped by Waldo Admin', message.explanation)

    def test_an_account_that_lost_its_connection_tells_so(self):
        message = self.queue_agreed(self.ana)
        self.account.state = 'error'

        self.assertEqual(self.goes_out(message), 'when the account is connected again')

    def test_a_brake_on_marketing_tells_so(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.number.brake = 'marketing'

        self.assertEqual(self.goes_out(message), 'when the brake is released')

    def test_a_paused_template_tells_so(self):
        message = self.held(False, reason='template_paused')

        self.assertEqual(self.goes_out(message), 'when Meta lets the template go again')

    def test_what_went_out_has_no_forecast(self):
        message = self.queue_agreed(self.ana)
        self.run_sender()

        self.assertFalse(message.with_user(self.salesperson).goes_out)

    def test_an_unknown_outcome_waits_for_a_report_then_for_a_person(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'unknown', 'unknown_at': fields.Datetime.now()})
        self.assertEqual(self.goes_out(message), 'waits for a report of WhatsApp')

        message.unknown_at -= timedelta(minutes=61)

        self.assertEqual(self.goes_out(message), 'waits for a decision')

    # --- Many ------------------------------------------------------------------------------------------------

    def test_eighty_rows_cost_no_more_queries_than_ten(self):
        self.fill(90)
        messages = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson).search([], limit=80)
        messages[:10].mapped('goes_out')  # fills the caches of languages, accounts and the like
        for count in (10, 80):
            with self.subTest(count=count):
                self.env.invalidate_all()
                with self.assertQueryCount(16):
                    messages[:count].mapped('goes_out')

    # --- The queue of a number -------------------------------------------------------------------------------

    @freeze_time(MORNING)
    def test_the_number_tells_how_its_queue_stands(self):
        self.fill(1200)
        self.fill(30, state='held', minutes_ago=-60)
        self.number.operator_limit = 10

        self.assertEqual((self.number.queue_due_count, self.number.queue_held_count), (1200, 30))
        self.assertEqual(self.number.queue_rate, '9 messages a second')
        self.assertEqual(self.number.queue_limit, 'Your own limit holds it back.')
        self.assertEqual(self.number.queue_finish, 'about 2 minutes')
        self.assertEqual(self.number.queue_next, 'in a moment')

    def test_metas_throughput_is_named_where_nothing_else_holds_it_back(self):
        self.assertIn('what Meta takes from this number', self.number.queue_limit)
        self.assertRegex(self.number.queue_rate, r'^7\d messages a second$')

    def test_a_number_slowed_down_by_meta_says_so(self):
        now = self.env['fluxforce.whatsapp.claim']._now()
        self.env['fluxforce.whatsapp.pace']._tighten(self.number.id, now, Answers(10, passing=10))

        self.assertIn('Meta asked to slow down', self.number.queue_limit)

    def test_a_stopped_number_says_why_and_promises_nothing(self):
        self.fill(10)
        self.number.with_user(self.whatsapp_admin).action_pause()

        self.assertIn('Stopped by Waldo Admin', self.number.queue_limit)
        self.assertEqual((self.number.queue_finish, self.number.queue_next), ('', 'when sending is resumed'))

    def test_what_was_sent_in_the_last_hour_is_counted(self):
        self.queue_agreed(self.ana | self.ben)
        self.run_sender()

        self.assertEqual(self.number.queue_sent_count, 2)

    def test_an_empty_queue_needs_no_time(self):
        self.assertEqual((self.number.queue_due_count, self.number.queue_finish, self.number.queue_next), (0, '', ''))

    # --- Limits that make no sense ---------------------------------------------------------------------------

    def test_an_own_limit_below_zero_or_above_metas_is_refused_by_name(self):
        for limit in (-1, 81, 2_000):
            with self.subTest(limit=limit), self.assertRaisesRegex(ValidationError, r'Own Limit .* from 0 .* to 80'):
                self.number.with_user(self.whatsapp_admin).operator_limit = limit

    def test_for_a_number_shared_with_the_app_the_own_limit_ends_at_twenty(self):
        self.number.on_business_app = True

        with self.assertRaisesRegex(ValidationError, 'to 20'):
            self.number.operator_limit = 21
