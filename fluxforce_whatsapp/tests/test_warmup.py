from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from ..policy.warmup import Step
from .common import WhatsappCommon
from .fake_meta import number_row

NEW_ID = '560000000000009'
NOON = '2026-06-01 12:00:00'


class WarmupCommon(WhatsappCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env.ref('fluxforce_whatsapp.warmup_default')

    def sync(self, **values):
        """Let Meta list one more number.

        :return: the number
        """
        self.env['fluxforce.whatsapp.number']._sync(
            self.account, [*self.meta.numbers, number_row(NEW_ID, **values)])
        return self.env['fluxforce.whatsapp.number'].search([('phone_number_id', '=', NEW_ID)])

    def registered_days_ago(self, days, **values):
        moment = fields.Datetime.now() - timedelta(days=days, minutes=1)
        return self.sync(last_onboarded_time=f'{moment.isoformat(timespec="seconds")}+0000', **values)

    def new_day(self):
        with self.enter_registry_test_mode():
            self.env.ref('fluxforce_whatsapp.ir_cron_count_warmup_days').method_direct_trigger()
        self.env.invalidate_all()


@tagged('post_install', '-at_install')
@freeze_time(NOON)
class TestWarmup(WarmupCommon, TransactionCase):

    # --- Which numbers begin slowly --------------------------------------------------------------------------

    def test_a_number_registered_today_warms_up(self):
        number = self.sync(last_onboarded_time='2026-06-01T08:00:00+0000', quality_rating='UNKNOWN')

        self.assertTrue(number.in_warmup)
        self.assertEqual(number.warmup_id, self.plan)
        self.assertEqual(number.registered_at, fields.Datetime.to_datetime('2026-06-01 08:00:00'))

    def test_the_time_zone_of_the_registration_is_heeded(self):
        number = self.sync(last_onboarded_time='2026-06-01T08:00:00+0200')

        self.assertEqual(number.registered_at, fields.Datetime.to_datetime('2026-06-01 06:00:00'))

    def test_a_young_number_warms_up_although_its_quality_is_high(self):
        self.assertTrue(self.registered_days_ago(5, quality_rating='GREEN').in_warmup)

    def test_a_number_older_than_the_plan_does_not(self):
        self.assertFalse(self.registered_days_ago(30, quality_rating='UNKNOWN').in_warmup)

    def test_a_number_of_unknown_age_without_a_rating_warms_up_from_today(self):
        for rating in ('UNKNOWN', 'NA', None):
            with self.subTest(rating=rating):
                number = self.sync(quality_rating=rating)

                self.assertTrue(number.in_warmup)
                self.assertEqual(number.registered_at, fields.Datetime.now())
                number.unlink()

    def test_a_number_of_unknown_age_that_meta_has_rated_has_a_history(self):
        for rating in ('GREEN', 'YELLOW', 'RED'):
            with self.subTest(rating=rating):
                number = self.sync(quality_rating=rating)

                self.assertFalse(number.in_warmup)
                number.unlink()

    def test_a_number_of_high_throughput_does_not(self):
        self.assertFalse(self.registered_days_ago(1, throughput={'level': 'HIGH'}).in_warmup)

    def test_a_registration_that_cannot_be_true_is_ignored(self):
        for moment in ('yesterday', '2036-06-01T08:00:00+0000', 1780300800, None, {}):
            with self.subTest(moment=moment):
                number = self.sync(last_onboarded_time=moment, quality_rating='UNKNOWN')

                self.assertEqual(number.registered_at, fields.Datetime.now())
                number.unlink()

    def test_connecting_again_does_not_begin_anew(self):
        number = self.sync(quality_rating='UNKNOWN')
        with freeze_time('2026-06-11 12:00:00'):
            self.sync(quality_rating='GREEN')

            self.assertTrue(number.in_warmup)
            self.env.invalidate_all()
            self.assertEqual(number.warmup_day, 10)

    def test_a_number_that_came_through_stays_through(self):
        number = self.sync(quality_rating='UNKNOWN')
        number.warmup_done_at = fields.Datetime.now()

        self.sync(quality_rating='UNKNOWN')

        self.assertFalse(number.in_warmup)

    # --- What it may do --------------------------------------------------------------------------------------

    def test_each_day_has_its_step(self):
        number = self.sync(last_onboarded_time='2026-06-01T08:00:00+0000')
        for day, step in (('06-01', Step(0, 50, 6)), ('06-04', Step(2, 100, 10)), ('06-05', Step(4, 250, 15)),
                          ('06-08', Step(7, 1000, 25)), ('06-15', Step(14, 2000, 40)), ('06-29', Step(21, 10000, 55))):
            with self.subTest(day=day), freeze_time(f'2026-{day} 12:00:00'):
                self.env.invalidate_all()

                self.assertEqual(number._warmup_step(), step)

    def test_a_grown_number_has_no_step(self):
        self.assertIsNone(self.number._warmup_step())

    def test_asking_for_the_step_costs_no_query(self):
        number = self.registered_days_ago(5)
        number._warmup_step()

        with self.assertQueryCount(0):
            number._warmup_step()

    def test_a_changed_plan_holds_at_once(self):
        number = self.registered_days_ago(5)
        self.assertEqual(number._warmup_step().people_per_day, 250)

        self.plan.step_ids[2].people_per_day = 200

        self.assertEqual(number._warmup_step().people_per_day, 200)

    def test_the_form_says_it_in_words(self):
        number = self.sync(last_onboarded_time='2026-05-27T08:00:00+0000')

        self.assertEqual(number.warmup_summary, 'Day 5 of 30: up to 250 people a day, 15 messages a minute. '
                                                'Ends on 06/26/2026 if the quality holds.')

    # --- Days that do not count ------------------------------------------------------------------------------

    def test_a_day_of_lower_quality_does_not_count(self):
        number = self.registered_days_ago(5, quality_rating='YELLOW')

        self.assertEqual(number.warmup_day, 4)
        self.assertIn('today does not count', number.warmup_summary)

    def test_it_is_taken_off_once_a_day(self):
        number = self.registered_days_ago(5, quality_rating='RED')
        self.new_day()
        self.new_day()

        self.assertEqual(number.warmup_lost_days, 1)

    def test_each_day_is_taken_off(self):
        number = self.registered_days_ago(5, quality_rating='RED')
        with freeze_time('2026-06-02 12:00:00'):
            self.new_day()

        self.assertEqual(number.warmup_lost_days, 2)

    def test_also_when_the_quality_came_back_before_the_day_was_over(self):
        number = self.registered_days_ago(5)
        self.sync(quality_rating='YELLOW')
        self.sync(quality_rating='GREEN')
        self.new_day()

        self.assertEqual(number.warmup_lost_days, 1)

    # --- The end ---------------------------------------------------------------------------------------------

    def test_it_ends_by_itself_when_the_quality_holds(self):
        number = self.sync(last_onboarded_time='2026-05-31T08:00:00+0000')
        with freeze_time('2026-06-29 12:00:00'):
            self.new_day()
            self.assertTrue(number.in_warmup)
        with freeze_time('2026-06-30 12:00:00'):
            self.new_day()
            self.assertFalse(number.in_warmup)
            self.assertIsNone(number._warmup_step())

    def test_it_does_not_end_while_the_quality_is_low(self):
        number = self.sync(last_onboarded_time='2026-05-31T08:00:00+0000')
        number.quality_rating = 'RED'
        with freeze_time('2026-08-30 12:00:00'):
            self.new_day()

            self.assertTrue(number.in_warmup)
            self.assertEqual(number._warmup_step().people_per_day, 10_000)

    def test_it_ends_when_meta_grants_the_high_throughput(self):
        number = self.registered_days_ago(5)

        self.sync(throughput={'level': 'HIGH'})

        self.assertFalse(number.in_warmup)

    def test_an_administrator_ends_it_early_and_the_account_tells(self):
        number = self.registered_days_ago(5)

        number.with_user(self.whatsapp_admin).action_end_warmup()

        self.assertFalse(number.in_warmup)
        said = self.account.message_ids[0]
        self.assertIn('ended early', said.body)
        self.assertEqual(said.author_id, self.whatsapp_admin.partner_id)

    def test_nobody_ends_it_on_the_first_day(self):
        number = self.sync(last_onboarded_time='2026-06-01T08:00:00+0000')

        with self.assertRaisesRegex(UserError, 'first day'):
            number.with_user(self.whatsapp_admin).action_end_warmup()

    def test_an_administrator_begins_it_again(self):
        self.number.with_user(self.whatsapp_admin).action_restart_warmup()

        self.assertEqual(self.number._warmup_step(), Step(0, 50, 6))
        self.assertIn('begins again', self.account.message_ids[0].body)

    def test_beginning_again_forgets_the_lost_days(self):
        number = self.registered_days_ago(5, quality_rating='RED')

        number.action_restart_warmup()

        self.assertEqual((number.warmup_day, number.warmup_lost_days), (0, 0))

    def test_a_salesperson_decides_nothing_about_it(self):
        number = self.registered_days_ago(5).with_user(self.salesperson)

        for action in (number.action_end_warmup, number.action_restart_warmup):
            with self.assertRaises(AccessError):
                action()

    def test_an_administrator_changes_the_plan_but_does_not_take_it_away(self):
        number = self.registered_days_ago(5).with_user(self.whatsapp_admin)
        other = self.plan.copy()

        number.warmup_id = other
        self.assertEqual(number.warmup_id, other)
        with self.assertRaisesRegex(UserError, 'End Warm-Up'):
            number.warmup_id = False

    def test_an_administrator_does_not_write_the_rest_by_hand(self):
        number = self.registered_days_ago(5).with_user(self.whatsapp_admin)

        for values in ({'warmup_done_at': NOON}, {'registered_at': '2020-01-01'}, {'brake': 'none'}):
            with self.assertRaises(AccessError):
                number.write(values)


@tagged('post_install', '-at_install')
class TestPlan(WarmupCommon, TransactionCase):
    """Plans are for people to change, as far as they make sense."""

    def create_plan(self, *steps, ends_on_day=30):
        names = ('day_from', 'people_per_day', 'messages_per_minute')
        return self.env['fluxforce.whatsapp.warmup'].with_user(self.whatsapp_admin).create({
            'name': 'Careful', 'ends_on_day': ends_on_day,
            'step_ids': [Command.create(dict(zip(names, step, strict=True))) for step in steps]})

    def assertRefused(self, message, *steps, **values):
        with self.assertRaisesRegex(ValidationError, message):
            self.create_plan(*steps, **values)

    def test_an_administrator_makes_a_plan(self):
        with Form(self.env['fluxforce.whatsapp.warmup'].with_user(self.whatsapp_admin)) as form:
            form.name = 'Careful'
            for day, people in ((0, 20), (10, 200)):
                with form.step_ids.new() as step:
                    step.day_from = day
                    step.people_per_day = people
                    step.messages_per_minute = 5

        self.assertEqual(form.record._steps(), (Step(0, 20, 5), Step(10, 200, 5)))

    def test_a_salesperson_does_not(self):
        with self.assertRaises(AccessError):
            self.plan.with_user(self.salesperson).name = 'Fast'

    def test_figures_that_make_no_sense_are_refused_by_name(self):
        for message, step in (
            ('People per Day.*from 1 to 100000', (0, 0, 6)),
            ('People per Day', (0, -1, 6)),
            ('People per Day', (0, 100_001, 6)),
            ('Messages per Minute.*from 1 to 4800', (0, 50, 0)),
            ('Messages per Minute', (0, 50, 4801)),
            ('From Day: -1', (-1, 50, 6)),
        ):
            with self.subTest(step=step):
                self.assertRefused(message, step)

    def test_a_message_a_second_in_the_first_week_is_refused(self):
        self.assertRefused('takes for abuse', (0, 50, 6), (6, 50, 60))

    def test_it_is_allowed_afterwards(self):
        self.assertTrue(self.create_plan((0, 50, 6), (7, 50, 60)))

    def test_a_plan_begins_on_day_0(self):
        self.assertRefused('From Day.*day 0', (1, 50, 6))

    def test_a_plan_has_steps(self):
        self.assertRefused('Steps: .* none')

    def test_no_two_steps_begin_on_the_same_day(self):
        self.assertRefused('same day', (0, 50, 6), (0, 60, 6))

    def test_a_plan_ends_after_its_last_step_begins(self):
        self.assertRefused('Ends on Day.*on day 11', (0, 50, 6), (10, 60, 6), ends_on_day=10)

    def test_steps_that_change_places_are_judged_when_all_are_written(self):
        second, third = self.plan.step_ids[1:3]
        self.plan.write({'step_ids': [
            Command.update(second.id, {'day_from': 4}), Command.update(third.id, {'day_from': 2})]})

        self.assertEqual(self.plan._steps()[:2], (Step(0, 50, 6), Step(2, 250, 15)))

    def test_a_step_written_by_itself_must_leave_a_plan_that_makes_sense(self):
        with self.assertRaisesRegex(ValidationError, 'same day'):
            self.plan.step_ids[1].day_from = 0

    def test_the_first_step_cannot_be_deleted_by_itself(self):
        with self.assertRaisesRegex(ValidationError, 'day 0'):
            self.plan.step_ids[0].unlink()

    def test_exactly_one_plan_is_for_new_numbers(self):
        other = self.create_plan((0, 20, 5))

        other.is_default = True

        self.assertFalse(self.plan.is_default)
        self.assertEqual(self.env['fluxforce.whatsapp.warmup']._default_plan(), other.sudo())

    def test_the_plan_for_new_numbers_stays(self):
        for change in (lambda: self.plan.write({'is_default': False}), lambda: self.plan.write({'active': False}),
                       self.plan.unlink):
            with self.assertRaisesRegex(UserError, 'For New Numbers'):
                change()

    def test_a_plan_that_numbers_follow_is_not_deleted(self):
        other = self.plan.copy()
        self.number.write({'warmup_id': other.id})

        with self.assertRaisesRegex(UserError, 'Simulated Bicycles'):
            other.unlink()

    def test_a_plan_nobody_follows_is_deleted_with_its_steps(self):
        other = self.plan.copy()
        steps = other.step_ids
        self.assertEqual(len(steps), 6)

        other.unlink()

        self.assertFalse(steps.exists())
