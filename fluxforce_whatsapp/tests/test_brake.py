from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from ..policy import brake
from ..policy.brake import Brake
from .common import WhatsappCommon
from .fake_meta import PHONE_ID, PHONE_ID_2, number_row


@tagged('post_install', '-at_install')
class TestBrake(WhatsappCommon, TransactionCase):

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()

    def sent(self, count=1, code=0, hours_ago=1, number=None, template=None, **values):
        """Messages as they lie in the outbox after they went, or after Meta's refusal."""
        number, template = number or self.number, template or self.marketing_template
        moment = self.now - timedelta(hours=hours_ago)
        outcome = {'state': 'failed', 'error_code': code, 'failed_at': moment} if code else {'state': 'delivered'}
        return self.env['fluxforce.whatsapp.message'].create([{
            'account_id': number.account_id.id, 'number_id': number.id, 'template_id': template.id,
            'purpose': template._purpose(), 'accepted_at': moment, 'phone': f'+4474001{index:05d}', **outcome, **values,
        } for index in range(count)])

    def evaluate(self, numbers=None):
        return (numbers or self.number)._evaluate_brake()

    def rate(self, quality, number_id=PHONE_ID):
        """Let Meta rate a number otherwise."""
        self.env['fluxforce.whatsapp.number']._sync(self.account, [
            number_row(phone_id, quality_rating=quality if phone_id == number_id else 'GREEN')
            for phone_id in (PHONE_ID, PHONE_ID_2)])

    def release(self, number=None, reason='The old list was removed', user=None):
        wizard = self.env['fluxforce.whatsapp.release'].with_user(user or self.whatsapp_admin).create(
            {'number_id': (number or self.number).id, 'reason': reason})
        return wizard.action_release()

    def assertBrake(self, level, reason=False, number=None):
        number = number or self.number
        self.assertEqual((number.brake, number.brake_reason), (level, reason))
        self.assertEqual(bool(number.braked_at), level != 'none')

    # --- Quality ---------------------------------------------------------------------------------------------

    def test_low_quality_stops_marketing(self):
        self.rate('RED')

        self.assertBrake('marketing', brake.QUALITY_RED)
        self.assertBrake('none', number=self.number_2)
        self.assertIn('block or report', self.number.brake_explanation)

    def test_why_it_brakes_is_told_in_the_companys_language(self):
        self.speak_spanish()

        self.rate('RED')

        alert = self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'brake')])
        self.assertIn('Meta califica la calidad como baja', alert.detail)

    def test_medium_quality_slows_it_down(self):
        self.rate('YELLOW')

        self.assertBrake('slow', brake.QUALITY_YELLOW)

    def test_a_number_that_comes_with_low_quality_brakes_at_once(self):
        self.env['fluxforce.whatsapp.number']._sync(self.account, [
            *self.meta.numbers, number_row('560000000000009', quality_rating='RED')])

        number = self.env['fluxforce.whatsapp.number'].search([('phone_number_id', '=', '560000000000009')])
        self.assertBrake('marketing', brake.QUALITY_RED, number)

    def test_slowness_ends_when_the_quality_is_high_again(self):
        self.rate('YELLOW')
        self.rate('GREEN')

        self.assertBrake('none')

    def test_slowness_stays_while_it_is_not_rated(self):
        self.rate('YELLOW')
        self.rate('UNKNOWN')

        self.assertBrake('slow', brake.QUALITY_YELLOW)

    def test_a_stop_stays_until_a_person_releases_it(self):
        self.rate('RED')
        self.rate('GREEN')

        self.assertBrake('marketing', brake.QUALITY_RED)

    def test_a_worse_rating_tightens(self):
        self.rate('YELLOW')
        self.rate('RED')

        self.assertBrake('marketing', brake.QUALITY_RED)

    def test_a_better_one_does_not_loosen(self):
        self.rate('RED')
        self.rate('YELLOW')

        self.assertBrake('marketing', brake.QUALITY_RED)

    # --- Refusals --------------------------------------------------------------------------------------------

    def test_nothing_wrong_brakes_nothing(self):
        self.sent(50)

        self.assertFalse(self.evaluate())
        self.assertBrake('none')

    def test_one_131048_stops_marketing(self):
        self.sent(50)
        self.sent(code=131048)

        self.assertEqual(self.evaluate(), self.number)
        self.assertBrake('marketing', brake.SPAM_LIMIT)

    def test_a_refused_message_that_waits_for_another_try_counts_too(self):
        self.sent(code=131048, state='queued', failed_at=False, claimed_at=self.now)
        self.evaluate()

        self.assertBrake('marketing', brake.SPAM_LIMIT)

    def test_many_131049_slow_it_down(self):
        self.sent(90)
        self.sent(10, code=131049)
        self.evaluate()

        self.assertBrake('slow', brake.PEOPLE_SPARED)

    def test_few_131049_among_many_do_not(self):
        self.sent(100)
        self.sent(10, code=131049)
        self.evaluate()

        self.assertBrake('none')

    def test_other_failures_do_not_brake(self):
        self.sent(30, code=131026)
        self.evaluate()

        self.assertBrake('none')

    def test_what_happened_more_than_a_day_ago_does_not_count(self):
        self.sent(code=131048, hours_ago=25)
        self.evaluate()

        self.assertBrake('none')

    def test_each_number_answers_for_itself(self):
        self.sent(code=131048, number=self.number_2)
        self.evaluate(self.number | self.number_2)

        self.assertBrake('none')
        self.assertBrake('marketing', brake.SPAM_LIMIT, self.number_2)

    def test_many_numbers_cost_one_query(self):
        numbers = self.number | self.number_2
        numbers.mapped('brake_released_quality')
        self.env.flush_all()

        with self.assertQueryCount(1):
            self.evaluate(numbers)

    # --- Opt-outs --------------------------------------------------------------------------------------------

    def test_whatsapps_own_opt_outs_count(self):
        self.sent(100)
        self.sent(5, code=131050)
        self.evaluate()

        self.assertBrake('marketing', brake.OPT_OUTS)

    def test_consents_taken_back_by_message_count_with_them(self):
        people = self.ana | self.ben | self.chloe
        for person in people:
            self.sent(partner_id=person.id)
        self.withdraw_consent(people, 'marketing', source='message')
        self.sent(2, code=131050)
        self.evaluate()

        self.assertBrake('marketing', brake.OPT_OUTS)

    def test_a_person_who_opts_out_in_both_ways_counts_once(self):
        people = self.ana | self.ben
        for person in people:
            self.sent(partner_id=person.id)
            self.sent(partner_id=person.id, code=131050)
        self.withdraw_consent(people, 'marketing', source='message')
        self.evaluate()

        self.assertBrake('none')

    def test_consents_taken_back_elsewhere_do_not_count(self):
        people = self.ana | self.ben | self.chloe
        for person in people:
            self.sent(partner_id=person.id)
        self.withdraw_consent(people, 'marketing', source='call')
        self.evaluate()

        self.assertBrake('none')

    def test_who_was_written_to_by_another_number_does_not_count(self):
        people = self.ana | self.ben | self.chloe
        for person in people:
            self.sent(partner_id=person.id, number=self.number_2)
        self.withdraw_consent(people, 'marketing', source='message')
        self.evaluate()

        self.assertBrake('none')

    # --- Templates -------------------------------------------------------------------------------------------

    def test_a_red_template_in_use_slows_marketing_down(self):
        self.sent()
        self.marketing_template.quality = 'RED'
        self.evaluate()

        self.assertBrake('slow', brake.TEMPLATES)

    def test_two_that_are_red_or_paused_stop_it(self):
        other = self.pending_template
        self.sent()
        self.sent(template=other)
        self.marketing_template.quality = 'RED'
        other.status = 'PAUSED'
        self.evaluate()

        self.assertBrake('marketing', brake.TEMPLATES)

    def test_a_red_template_nobody_uses_does_not_matter(self):
        self.marketing_template.quality = 'RED'
        self.evaluate()

        self.assertBrake('none')

    # --- Release ---------------------------------------------------------------------------------------------

    def test_a_person_releases_the_brake_and_the_reason_is_kept(self):
        self.rate('RED')

        self.release(reason='The old list was removed')

        self.assertBrake('none')
        self.assertEqual(self.number.brake_released_by, self.whatsapp_admin)
        self.assertEqual(self.number.brake_release_reason, 'The old list was removed')
        self.assertTrue(self.number.brake_released_at)
        said = self.account.message_ids[0]
        self.assertEqual(said.author_id, self.whatsapp_admin.partner_id)
        self.assertIn('The old list was removed', said.body)
        self.assertIn('quality low', said.body)

    def test_what_happened_before_the_release_no_longer_counts(self):
        self.sent(code=131048)
        self.evaluate()
        self.release()
        self.evaluate()

        self.assertBrake('none')

    def test_what_happens_afterwards_brakes_again(self):
        self.sent(code=131048)
        self.evaluate()
        self.release()
        self.sent(code=131048, failed_at=self.now + timedelta(minutes=1))
        self.evaluate()

        self.assertBrake('marketing', brake.SPAM_LIMIT)

    def test_a_rating_somebody_put_up_with_does_not_brake_again(self):
        self.rate('RED')
        self.release()
        self.rate('RED')
        self.evaluate()

        self.assertBrake('none')

    def test_it_does_when_it_recovered_in_between(self):
        self.rate('RED')
        self.release()
        self.rate('GREEN')
        self.rate('RED')

        self.assertBrake('marketing', brake.QUALITY_RED)

    def test_a_reason_must_say_something(self):
        self.rate('RED')

        for reason in ('ok', '       ', ' a b '):
            with self.assertRaisesRegex(UserError, 'Reason'):
                self.release(reason=reason)
        self.assertBrake('marketing', brake.QUALITY_RED)

    def test_there_must_be_something_to_release(self):
        with self.assertRaisesRegex(UserError, 'does not brake'):
            self.release()

    def test_a_salesperson_does_not_release(self):
        self.rate('RED')

        with self.assertRaises(AccessError):
            self.release(user=self.salesperson)

    def test_an_administrator_of_another_company_does_not_release(self):
        self.rate('RED')
        other = self.env['res.company'].create({'name': 'Other'})
        self.whatsapp_admin.write({'company_ids': [(6, 0, other.ids)], 'company_id': other.id})

        with self.assertRaises(AccessError):
            self.release()

    def test_what_was_held_is_looked_at_again(self):
        message = self.queue_agreed(self.ana, self.marketing_template)
        self.rate('RED')
        message.write({'state': 'held', 'reason': 'brake'})

        self.release()

        self.assertEqual(message.state, 'queued')

    def test_the_button_opens_the_question(self):
        self.rate('RED')
        action = self.number.with_user(self.whatsapp_admin).action_release_brake()

        wizard = self.env[action['res_model']].with_user(self.whatsapp_admin).with_context(**action['context'])
        with Form(wizard) as form:
            self.assertEqual(form.brake, 'marketing')
            self.assertIn('quality low', form.brake_explanation)
            form.reason = 'The old list was removed'
        form.record.action_release()

        self.assertBrake('none')

    # --- Alert -----------------------------------------------------------------------------------------------

    def open_alerts(self):
        return self.env['fluxforce.whatsapp.alert'].search(
            [('number_id', '=', self.number.id), ('kind', '=', 'brake'), ('state', '=', 'open')])

    def test_braking_raises_one_alert(self):
        self.rate('YELLOW')
        self.rate('RED')
        self.evaluate()

        self.assertEqual(len(self.open_alerts()), 1)
        self.assertIn('quality low', self.open_alerts().detail)

    def test_the_release_settles_it_with_the_reason(self):
        self.rate('RED')
        alert = self.open_alerts()
        self.release(reason='The old list was removed')

        self.assertEqual(alert.done_note, 'The old list was removed')

    def test_recovered_quality_settles_it(self):
        self.rate('YELLOW')
        self.rate('GREEN')

        self.assertFalse(self.open_alerts())

    # --- By other hands --------------------------------------------------------------------------------------

    def test_a_restriction_of_metas_stops_everything(self):
        self.rate('YELLOW')

        self.number._apply_brake(Brake(brake.ALL, 'restricted'))

        self.assertBrake('all', 'restricted')
