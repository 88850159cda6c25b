from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .mailing import MailingCommon


@tagged('post_install', '-at_install')
class TestMailingVersions(MailingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 16{index:04}', 'ref': f'S{index}'} for index in range(10)])

    def versions(self, **other):
        """:return: two versions, each to a fifth of ten people."""
        self.give_consent(self.partners)
        first = self.mailing(self.partners, ab_testing_enabled=True, ab_testing_pc=20)
        second = first.copy({'whatsapp_template_id': self.utility_template.id, **other}).with_user(self.marketer)
        return first, second

    def tried(self):
        """:return: two versions that people have got."""
        first, second = self.versions()
        for version in (first, second):
            version.action_put_in_queue()
        self.run_mailings()
        self.run_sender()
        self.report(self.messages(first) | self.messages(second))
        return first, second

    def decide_now(self, version):
        version.campaign_id.ab_testing_schedule_datetime = fields.Datetime.now() - timedelta(minutes=1)
        self.run_mailings()

    def test_each_goes_to_its_share_and_nobody_gets_both(self):
        first, second = self.tried()

        self.assertEqual((len(self.traces(first)), len(self.traces(second))), (2, 2))
        self.assertFalse(set(self.traces(first).mapped('res_id')) & set(self.traces(second).mapped('res_id')))

    def test_people_with_one_number_do_not_get_both(self):
        twin = self.partners[0].copy({'name': 'Twin'})
        people = self.partners[:1] | twin
        self.give_consent(people)
        first = self.mailing(people, ab_testing_enabled=True, ab_testing_pc=50)
        second = first.copy().with_user(self.marketer)
        for version in (first, second):
            version.action_put_in_queue()

        self.run_mailings()

        self.assertEqual(len(self.messages(first)) + len(self.messages(second)), 1)

    def test_versions_share_a_campaign(self):
        first, second = self.versions()

        self.assertEqual(first.campaign_id, second.campaign_id)
        self.assertEqual(first.ab_testing_mailings_whatsapp_count, 2)

    def test_the_version_with_more_replies_goes_to_all_others(self):
        first, second = self.tried()
        self.answer(self.messages(second)[0])

        self.decide_now(first)
        self.run_mailings()

        winner = first.campaign_id.ab_testing_winner_mailing_id
        self.assertEqual(winner.whatsapp_template_id, self.utility_template)
        self.assertEqual(len(self.traces(winner)), 6)
        served = [trace.res_id for mailing in (first, second, winner) for trace in self.traces(mailing)]
        self.assertEqual(len(served), len(set(served)))

    def test_the_winner_is_sent_once(self):
        first, second = self.tried()
        self.answer(self.messages(first)[0])
        self.decide_now(first)

        self.decide_now(first)

        self.assertEqual(len(first.campaign_id.mailing_whatsapp_ids), 3)

    def test_versions_with_templates_of_another_category_are_refused(self):
        first, second = self.versions(whatsapp_template_id=self.marketing_template.id)
        first.whatsapp_template_id = self.plain_template

        with self.assertRaisesRegex(UserError, 'the category of the template'):
            second.action_put_in_queue()

    def test_versions_to_other_people_are_refused(self):
        first, second = self.versions(mailing_domain='[]')

        with self.assertRaisesRegex(UserError, 'the recipients'):
            second.action_put_in_queue()

    def test_where_nobody_can_tell_a_person_is_asked(self):
        first, second = self.versions()
        for version in (first, second):
            version.action_put_in_queue()
        self.run_mailings()

        self.decide_now(first)

        self.assertFalse(first.campaign_id.ab_testing_completed)
        self.assertEqual(first.ab_testing_whatsapp_winner_selection, 'manual')
        self.assertIn('Choose the winner', (first | second).activity_ids.summary)

    def test_a_person_chooses_the_winner(self):
        first, second = self.tried()

        second.action_select_as_winner()
        self.run_mailings()

        self.assertEqual(len(self.traces(first.campaign_id.ab_testing_winner_mailing_id)), 6)

    def test_a_winner_for_more_people_than_one_may_write_to_alone_waits_for_a_decision(self):
        everybody = {'mailing_domain': repr([('ref', 'like', 'S')])}
        first, second = self.versions(**everybody)
        first.write(everybody)
        self.env.company.whatsapp_approval_above = len(self.partners) + 2
        for version in (first, second):
            version.action_put_in_queue()
        self.run_mailings()
        self.run_sender()
        self.give_consent(self.env['res.partner'].create([
            {'name': f'Late {index}', 'phone': f'+44 7400 17{index:04}', 'ref': f'S2{index}'} for index in range(10)]))

        second.action_select_as_winner()
        self.run_mailings()

        final = first.campaign_id.ab_testing_winner_mailing_id
        self.assertEqual((final.state, len(self.messages(final))), ('draft', 0))
        self.assertIn('waits for you', final.activity_ids.summary)
        self.assertEqual(final.activity_ids.user_id, self.marketer)

    def test_a_draft_does_not_win(self):
        draft = self.mailing()

        with self.assertRaisesRegex(UserError, 'Only a version that was sent can win'):
            draft.action_select_as_winner()
        self.assertEqual(draft.state, 'draft')

    def test_the_winner_does_not_go_to_who_had_a_version_that_is_archived(self):
        first, second = self.tried()
        had = self.traces(first).mapped('res_id')
        first.sudo().write({'state': 'done', 'active': False})

        second.action_select_as_winner()
        self.run_mailings()

        final = first.campaign_id.ab_testing_winner_mailing_id
        self.assertFalse(set(had) & set(self.traces(final).mapped('res_id')))

    @mute_logger('odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner')
    def test_a_winner_that_cannot_be_sent_does_not_stop_the_others(self):
        broken, __ = self.tried()
        other, __ = self.tried()
        self.answer(self.messages(other)[0])
        original = self.registry['mailing.mailing']._find_winner

        def find_winner(mailings):
            if mailings[:1].campaign_id == broken.campaign_id:
                raise ZeroDivisionError('no figures')
            return original(mailings)

        broken.campaign_id.ab_testing_schedule_datetime = fields.Datetime.now() - timedelta(minutes=2)
        with patch.object(self.registry['mailing.mailing'], '_find_winner', find_winner):
            self.decide_now(other)

        self.assertTrue(other.campaign_id.ab_testing_winner_mailing_id)
        self.assertEqual(broken.ab_testing_whatsapp_winner_selection, 'manual')
        self.assertIn('no figures', broken.campaign_id.mailing_whatsapp_ids.activity_ids.mapped('note')[0])
