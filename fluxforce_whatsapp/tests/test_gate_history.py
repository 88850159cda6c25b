from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon
from .fake_meta import number_row


@tagged('post_install', '-at_install')
class TestGateHistory(WhatsappCommon, TransactionCase):
    """What a person got before counts: the same text is not sent twice, and marketing has a limit per person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({'duplicate_hours': 24, 'marketing_most': 2, 'marketing_days': 7})
        cls.offers = cls.marketing_template

    def send_offers(self, *days_ago, partner=None, number=None):
        """Offers that went out in the past."""
        self.account.write({'duplicate_hours': 0, 'marketing_most': 0})
        for days in days_ago:
            message = self.queue_agreed(partner or self.ana, self.offers, number=number)
            message.write({'state': 'delivered', 'claimed_at': fields.Datetime.now() - timedelta(days=days)})
        self.account.write({'marketing_most': 2})

    # --- The same text ---------------------------------------------------------------------------------------

    def test_the_same_text_is_refused_while_the_first_waits(self):
        self.queue_agreed(self.ana, self.offers)

        again = self.queue(self.ana, self.offers)

        self.assertEqual((again.state, again.reason), ('refused', 'duplicate'))

    def test_the_same_text_is_refused_after_the_first_went_out(self):
        self.queue_agreed(self.ana, self.utility_template)
        self.run_sender()

        again = self.queue(self.ana, self.utility_template)

        self.assertEqual((again.state, again.reason), ('refused', 'duplicate'))

    def test_the_first_of_two_is_no_duplicate_of_the_second_at_the_send(self):
        self.account.duplicate_hours = 0
        first, second = self.queue_agreed(self.ana), self.queue(self.ana)
        self.account.duplicate_hours = 24

        self.run_sender()

        self.assertEqual((first.state, second.state), ('accepted', 'refused'))
        self.assertEqual(len(self.meta.sends), 1)

    def test_the_same_text_to_another_spelling_of_the_number_is_refused(self):
        self.ana.phone = '+54 9 11 2345 6789'
        first = self.queue_agreed(self.ana, self.offers)
        self.ana.phone = '+54 11 2345 6789'

        again = self.queue(self.ana, self.offers)

        self.assertNotEqual(first.phone, again.phone)
        self.assertEqual((again.state, again.reason), ('refused', 'duplicate'))

    def test_other_values_are_another_text(self):
        self.queue_agreed(self.ana, self.utility_template)
        self.ana.ref = 'S00099'

        self.assertEqual(self.queue(self.ana, self.utility_template).state, 'queued')

    def test_another_person_gets_the_same_text(self):
        self.queue_agreed(self.ana)

        self.assertEqual(self.queue_agreed(self.ben).state, 'queued')

    def test_the_same_text_may_go_again_after_the_time_set(self):
        message = self.queue_agreed(self.ana)
        self.run_sender()
        self.let_pass(message, hours=25)

        self.assertEqual(self.queue(self.ana).state, 'queued')

    def test_what_did_not_go_out_makes_nothing_a_duplicate(self):
        self.queue_agreed(self.ana).write({'state': 'failed'})

        self.assertEqual(self.queue(self.ana).state, 'queued')

    def test_a_person_may_send_an_unknown_outcome_again(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'unknown', 'unknown_at': fields.Datetime.now() - timedelta(days=1)})

        self.env['fluxforce.whatsapp.decision']._send_again(message)
        self.run_sender()

        self.assertEqual(message.again_id.state, 'accepted')

    def test_sign_in_codes_may_be_repeated(self):
        self.plain_template.category = 'AUTHENTICATION'
        self.queue_agreed(self.ana)

        self.assertEqual(self.queue(self.ana).state, 'queued')

    # --- Marketing per person --------------------------------------------------------------------------------

    def test_marketing_waits_until_room_returns(self):
        self.send_offers(1, 5)

        message = self.queue(self.ana, self.offers)

        self.assertEqual((message.state, message.reason), ('held', 'frequency_cap'))
        self.assertAlmostEqual(message.due_at, fields.Datetime.now() + timedelta(days=2), delta=timedelta(minutes=1))

    def test_marketing_within_the_limit_goes(self):
        self.send_offers(1, 8)

        self.assertEqual(self.queue(self.ana, self.offers).state, 'queued')

    def test_service_updates_do_not_count_and_are_not_counted(self):
        self.send_offers(1, 2)

        self.assertEqual(self.queue_agreed(self.ana, self.utility_template).state, 'queued')

    def test_all_numbers_of_the_company_count_together(self):
        self.send_offers(1, number=self.number)
        self.send_offers(2, number=self.number_2)

        self.assertEqual(self.queue(self.ana, self.offers).reason, 'frequency_cap')

    def test_all_spellings_of_a_number_count_together(self):
        self.ana.phone = '+54 9 11 2345 6789'
        self.send_offers(1)
        self.ana.phone = '+54 11 2345 6789'
        self.send_offers(5)

        message = self.queue(self.ana, self.offers)

        self.assertEqual((message.state, message.reason), ('held', 'frequency_cap'))
        self.assertAlmostEqual(message.due_at, fields.Datetime.now() + timedelta(days=2), delta=timedelta(minutes=1))

    def test_what_would_come_too_late_is_refused(self):
        self.send_offers(1, 2)
        outbox = self.env['fluxforce.whatsapp.message']
        drafts = outbox._prepare_drafts(self.ana, self.offers, self.number)

        message = outbox._enqueue([{**draft, 'expires_at': fields.Datetime.now() + timedelta(days=1)}
                                   for draft in drafts])

        self.assertEqual((message.state, message.reason), ('refused', 'frequency_cap'))

    def test_the_limit_holds_at_the_send_and_does_not_count_the_message_itself(self):
        self.send_offers(1)
        self.meta.numbers = [number_row()]
        messages = self.queue(self.ana, self.offers) | self.queue(self.ana, self.offers)

        self.run_sender()

        self.assertEqual(messages.mapped('state'), ['accepted', 'held'])
        self.assertEqual(messages[1].reason, 'frequency_cap')

    def test_no_limit_where_none_is_set(self):
        self.send_offers(1, 2, 3)
        self.account.marketing_most = 0

        self.assertEqual(self.queue(self.ana, self.offers).state, 'queued')

    def test_limits_that_make_no_sense_are_refused(self):
        for values in ({'marketing_most': -1}, {'marketing_days': 0}, {'duplicate_hours': -1}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.account.write(values)
