from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .mailing import MailingCommon

RUNNER = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner'


@tagged('post_install', '-at_install')
class TestMailingBatches(MailingCommon, TransactionCase):
    """While a mailing is prepared, people get their traces together with their messages."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f'{RUNNER}.BATCH', 1))

    def begun(self, steps=1, **values):
        """:return: a mailing to three people of whom some are prepared: one by each step after the first."""
        mailing = self.agreed(**values)
        for __ in range(steps):
            self.step(mailing)
        return mailing

    def step(self, mailing):
        self.env['fluxforce.mailing.runner']._run_batch(mailing.sudo())
        self.env.invalidate_all()

    def paused(self, looks_meanwhile):
        """:param bool looks_meanwhile: whether the scheduled action has come since."""
        mailing = self.begun(steps=2)
        mailing.action_whatsapp_pause()
        if looks_meanwhile:
            self.run_mailings()
        return mailing

    def test_who_waits_for_a_turn_is_counted(self):
        mailing = self.begun()

        self.assertEqual((len(self.traces(mailing)), mailing.expected, mailing.whatsapp_left), (0, 3, 3))

        self.step(mailing)

        self.assertEqual((len(self.traces(mailing)), mailing.expected, mailing.whatsapp_left), (1, 3, 3))
        self.assertEqual(self.traces(mailing).whatsapp_message_id, self.messages(mailing))

    def test_it_is_not_over_before_everybody_had_a_turn(self):
        mailing = self.begun(steps=2)
        self.run_sender()

        self.assertEqual(mailing.state, 'sending')
        self.run_mailings()
        self.run_sender()
        self.run_mailings()

        self.assertEqual((mailing.state, len(self.messages(mailing))), ('done', 3))

    def test_after_a_pause_everybody_who_is_left_gets_a_trace(self):
        mailing = self.begun(steps=2)
        mailing.action_whatsapp_pause()

        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('res_id'), self.people.ids)
        self.assertEqual(self.traces(mailing).mapped('whatsapp_due'), [False, True, True])
        self.assertEqual((mailing.expected, mailing.whatsapp_left), (3, 3))

    def test_who_was_deleted_before_the_turn_is_told_of(self):
        mailing = self.begun(steps=2)
        self.chloe.unlink()

        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('failure_type'), [False, False, 'whatsapp_gone'])

    def test_who_was_deleted_while_it_was_paused_is_told_of(self):
        mailing = self.begun(steps=2)
        mailing.action_whatsapp_pause()
        self.chloe.unlink()
        self.run_mailings()

        mailing.action_whatsapp_resume()
        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('failure_type'), [False, False, 'whatsapp_gone'])

    def test_who_was_erased_before_the_turn_gets_nothing(self):
        mailing = self.begun()

        self.ana.with_user(self.whatsapp_admin)._whatsapp_erase('Her letter of 3 May')
        self.run_mailings()

        self.assertEqual(self.messages(mailing).mapped('res_id'), (self.ben | self.chloe).ids)
        self.assertEqual(self.traces(mailing)[0].failure_type, 'whatsapp_gone')

    def test_a_subscriber_who_was_erased_before_the_turn_gets_nothing(self):
        news = self.env['mailing.list'].create({'name': 'News'})
        subscriber = self.env['mailing.contact'].create({
            'name': 'Ana Costa', 'mobile': '+44 7400 123001', 'list_ids': news.ids})
        self.plain_template.sudo().model_id = self.env['ir.model']._get_id('mailing.contact')
        mailing = self.begun(
            mailing_model_id=self.env['ir.model']._get_id('mailing.list'), contact_list_ids=news.ids,
            mailing_domain=repr([('list_ids', 'in', news.ids)]))

        self.ana.with_user(self.whatsapp_admin)._whatsapp_erase('Her letter of 3 May')
        self.run_mailings()

        self.assertFalse(self.messages(mailing))
        self.assertEqual((self.traces(mailing).res_id, self.traces(mailing).failure_type),
                         (subscriber.id, 'whatsapp_gone'))

    def test_after_a_pause_those_who_are_left_get_it_once(self):
        for looks_meanwhile in (False, True):
            mailing = self.paused(looks_meanwhile)

            mailing.action_whatsapp_resume()
            self.run_mailings()

            self.assertEqual(self.messages(mailing).partner_id, self.people)
            self.assertEqual(self.traces(mailing).whatsapp_message_id, self.messages(mailing))

    def test_the_check_before_it_goes_on_is_about_those_who_are_left(self):
        for looks_meanwhile in (False, True):
            mailing = self.paused(looks_meanwhile)

            mailing.action_confirm_resume()

            self.assertEqual(mailing.launch_check_id.total_count, 2)

    def test_after_a_stop_everybody_who_got_nothing_is_told_of(self):
        mailing = self.begun(steps=2)
        mailing.action_whatsapp_stop()

        self.run_mailings()

        self.assertEqual(self.traces(mailing)[1:].mapped('failure_type'), ['whatsapp_stopped'] * 2)
        self.assertEqual((len(self.messages(mailing)), mailing.expected, mailing.whatsapp_left), (1, 3, 0))

    def test_who_is_not_served_is_told_why(self):
        self.give_consent(self.ana)
        mailing = self.launched()

        self.run_mailings()

        self.assertEqual(self.traces(mailing).mapped('failure_type'), [False, *['whatsapp_no_consent'] * 2])

    def test_the_first_people_are_chosen_among_all(self):
        mailing = self.canary(count=6, size=2)

        self.step(mailing)

        self.assertEqual(self.traces(mailing).mapped('whatsapp_wave'), [1, 1, 0, 0, 0, 0])
