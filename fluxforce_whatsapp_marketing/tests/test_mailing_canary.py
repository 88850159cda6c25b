from odoo.tests import TransactionCase, tagged

from .mailing import MailingCommon


@tagged('post_install', '-at_install')
class TestMailingCanary(MailingCommon, TransactionCase):

    def begun(self, **values):
        """:return: a mailing whose first people have got it."""
        mailing = self.canary(**values)
        self.run_mailings()
        self.run_sender()
        self.report(self.messages(mailing))
        self.run_mailings()
        return mailing

    def test_only_a_few_get_it_first(self):
        mailing = self.canary(6, 2)

        self.run_mailings()

        self.assertEqual(len(self.messages(mailing)), 2)
        self.assertEqual((mailing.state, mailing.whatsapp_phase, mailing.whatsapp_left), ('sending', 'wait', 6))

    def test_the_most_engaged_come_first(self):
        people = self.crowd(5)
        reader = people[3]
        earlier = self.queue(reader)
        self.run_sender()
        self.answer(earlier)
        mailing = self.launched(people, whatsapp_canary=True, whatsapp_canary_size=1)

        self.run_mailings()

        self.assertEqual(self.messages(mailing).partner_id, reader)

    def test_the_others_wait_until_the_first_had_time_to_read(self):
        mailing = self.begun()

        self.run_mailings()

        self.assertEqual(len(self.messages(mailing)), 2)
        self.assertTrue(mailing.whatsapp_decide_at)

    def test_readers_who_stay_let_all_others_follow(self):
        mailing = self.begun()
        self.report(self.messages(mailing), 'read')

        self.look_later(mailing)

        self.assertEqual((mailing.whatsapp_phase, len(self.messages(mailing))), ('rest', 6))
        self.assertIn('took it well', ' '.join(mailing.message_ids.mapped('body')))

    def test_failures_stop_it_by_itself(self):
        mailing = self.canary(6, 2)
        self.run_mailings()
        self.run_sender()
        self.report(self.messages(mailing), 'failed', error=131026)

        self.run_mailings()

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('paused', 2))
        self.assertIn('Failed: 100.0 %', mailing.whatsapp_problem)
        self.assertIn(self.marketer, mailing.activity_ids.user_id)

    def test_people_who_say_stop_stop_it(self):
        mailing = self.begun(count=6, size=3)
        self.withdraw_consent(self.messages(mailing)[:2].partner_id)

        self.look_later(mailing)

        self.assertEqual(mailing.state, 'paused')
        self.assertIn('Opted out', mailing.whatsapp_problem)

    def test_people_who_stop_us_in_whatsapp_count_as_blocks(self):
        mailing = self.begun(count=6, size=3)
        self.withdraw_consent(self.messages(mailing)[:2].partner_id, source='meta')

        self.look_later(mailing)

        self.assertEqual((mailing.whatsapp_blocked, mailing.whatsapp_opted_out), (2, 0))
        self.assertIn('Blocked', mailing.whatsapp_problem)

    def test_it_stops_also_when_the_others_are_on_their_way(self):
        mailing = self.begun()
        self.look_later(mailing)
        self.run_sender()
        self.report(self.messages(mailing)[2:], 'failed', error=131026)

        self.run_mailings()

        self.assertEqual(mailing.state, 'paused')

    def test_hardly_any_readers_let_it_go_on_slice_by_slice(self):
        mailing = self.begun(count=24, size=11)

        self.look_later(mailing)

        self.assertEqual((mailing.whatsapp_wave, len(self.messages(mailing))), (2, 22))
        self.assertIn('Not read: 100.0 %', ' '.join(mailing.message_ids.mapped('body')))

    def test_slices_end_with_everybody(self):
        mailing = self.begun(count=24, size=11)
        for __ in range(3):
            self.run_sender()
            self.report(self.messages(mailing).filtered(lambda message: message.state == 'accepted'))
            self.look_later(mailing)

        self.run_sender()
        self.run_mailings()

        self.assertEqual((len(self.messages(mailing)), mailing.state), (24, 'done'))

    def test_who_decides_to_go_on_is_obeyed(self):
        mailing = self.canary(6, 2)
        self.run_mailings()
        self.run_sender()
        self.report(self.messages(mailing), 'failed', error=131026)
        self.run_mailings()

        mailing.action_whatsapp_resume()
        self.run_mailings()

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('sending', 6))

    def test_a_small_mailing_needs_no_first_people(self):
        mailing = self.canary(2, 2)

        self.run_mailings()

        self.assertEqual((len(self.messages(mailing)), mailing.whatsapp_phase), (2, 'rest'))

    def slice_goes(self, mailing, status='read', **more):
        """Let the people of the latest slice get it, or not."""
        self.run_sender()
        self.report(self.messages(mailing).filtered(lambda message: message.state == 'accepted'), **more)
        latest = self.traces(mailing).filtered(lambda trace: trace.whatsapp_wave == mailing.whatsapp_wave)
        self.report(latest.whatsapp_message_id.filtered(lambda message: message.state == 'delivered'), status)

    def test_each_slice_is_judged_by_its_own_people(self):
        mailing = self.begun(count=60, size=12, whatsapp_limit_unread=40)
        self.look_later(mailing)  # hardly anybody of the first ones has read it
        self.assertEqual((mailing.whatsapp_wave, len(self.messages(mailing))), (2, 24))
        self.slice_goes(mailing)

        self.look_later(mailing)

        self.assertEqual((mailing.whatsapp_phase, len(self.messages(mailing))), ('rest', 60))

    def test_a_bad_slice_is_not_hidden_by_good_ones_before(self):
        mailing = self.begun(count=90, size=30)
        self.report(self.messages(mailing)[:3], 'read')
        mailing.sudo().whatsapp_limit_unread = 85
        self.look_later(mailing)
        self.assertEqual(mailing.whatsapp_wave, 2)
        self.run_sender()
        second = self.messages(mailing)[30:]
        self.report(second[:26])
        self.report(second[26:], 'failed', error=131026)

        self.run_mailings()

        self.assertEqual(mailing.state, 'paused')
        self.assertIn('Failed: 13.3 %', mailing.whatsapp_problem)
