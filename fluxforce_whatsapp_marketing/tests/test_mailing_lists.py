from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .mailing import MailingCommon


@tagged('post_install', '-at_install')
class TestMailingLists(MailingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.regulars, cls.news = cls.env['mailing.list'].create([{'name': 'Regulars'}, {'name': 'News'}])
        cls.dora, cls.emil, cls.faye = cls.env['mailing.contact'].create([
            {'name': 'Dora Lind', 'mobile': '+44 7400 123101', 'list_ids': [(6, 0, cls.regulars.ids)]},
            {'name': 'Emil Novak', 'mobile': '+44 7400 123102', 'list_ids': [(6, 0, (cls.regulars | cls.news).ids)]},
            {'name': 'Faye Wong', 'list_ids': [(6, 0, cls.regulars.ids)]},
        ])
        cls.plain_template.model_id = cls.env['ir.model']._get('mailing.contact')

    def agree(self, *contacts, purpose='utility'):
        self.env['fluxforce.whatsapp.consent'].with_user(self.salesperson).create([{
            'phone': contact.phone_sanitized, 'purpose': purpose, 'decision': 'given', 'source': 'form',
            'wording': 'Yes, please.'} for contact in contacts])

    def to_lists(self, lists, **values):
        mailing = self.mailing(mailing_model_id=self.env['ir.model']._get_id('mailing.list'),
                               contact_list_ids=[(6, 0, lists.ids)], mailing_domain=repr(
                                   [('list_ids', 'in', lists.ids)]), **values)
        mailing.action_put_in_queue()
        self.run_mailings()
        return mailing

    def test_who_agreed_gets_it(self):
        self.agree(self.dora)

        mailing = self.to_lists(self.regulars)

        self.assertEqual(self.messages(mailing).filtered(lambda message: message.state == 'queued').phone,
                         self.dora.phone_sanitized)
        self.assertEqual(self.traces(mailing).mapped('failure_type'),
                         [False, 'whatsapp_no_consent', 'whatsapp_no_phone'])

    def test_who_left_the_list_gets_nothing(self):
        self.agree(self.dora, self.emil)
        self.account.stop_by_mailing = False
        self.dora.subscription_ids.opt_out = True

        mailing = self.to_lists(self.regulars)

        self.assertEqual(self.messages(mailing).filtered(lambda message: message.state == 'queued').phone,
                         self.emil.phone_sanitized)
        self.assertEqual(self.traces(mailing)[0].failure_type, 'whatsapp_left_list')

    def test_who_left_one_of_two_lists_still_gets_it(self):
        self.agree(self.emil)
        self.account.stop_by_mailing = False
        self.emil.subscription_ids.filtered(lambda one: one.list_id == self.news).opt_out = True

        mailing = self.to_lists(self.regulars | self.news)

        self.assertIn(self.emil.phone_sanitized, self.messages(mailing).mapped('phone'))

    def test_contacts_show_what_they_agreed_to(self):
        self.agree(self.dora, purpose='marketing')

        self.assertEqual((self.dora | self.emil | self.faye).mapped('whatsapp_consent'), ['given', 'none', 'none'])

    def test_contacts_are_found_by_what_they_agreed_to(self):
        self.agree(self.dora, purpose='marketing')
        contacts = self.dora | self.emil | self.faye
        search = self.env['mailing.contact'].search

        self.assertEqual(search([('whatsapp_consent', '=', 'given'), ('id', 'in', contacts.ids)]), self.dora)
        self.assertEqual(search([('whatsapp_consent', '!=', 'given'), ('id', 'in', contacts.ids)]),
                         self.emil | self.faye)

    def test_lists_count_whom_whatsapp_may_reach(self):
        self.agree(self.dora, self.emil, purpose='marketing')
        self.env['phone.blacklist'].create({'number': self.emil.phone_sanitized})

        self.assertEqual(self.regulars.contact_count_whatsapp, 1)

    def test_a_list_opens_a_new_mailing(self):
        action = self.regulars.action_send_mailing_whatsapp()

        mailing = self.env['mailing.mailing'].with_user(self.marketer).with_context(**action['context']).create(
            {'subject': 'News'})
        self.assertEqual((mailing.mailing_type, mailing.contact_list_ids), ('whatsapp', self.regulars))
        self.assertEqual(mailing.mailing_model_real, 'mailing.contact')

    def test_consent_is_recorded_from_the_contact(self):
        action = self.dora.action_record_whatsapp_consent()

        self.assertEqual(action['context']['default_phone'], '+447400123101')

    def test_the_check_leaves_out_who_left_the_list(self):
        self.agree(self.dora, self.emil)
        self.account.stop_by_mailing = False
        self.dora.subscription_ids.opt_out = True
        mailing = self.mailing(mailing_model_id=self.env['ir.model']._get_id('mailing.list'),
                               contact_list_ids=[(6, 0, self.regulars.ids)],
                               mailing_domain=repr([('list_ids', 'in', self.regulars.ids)]))

        mailing.action_whatsapp_check()

        check = mailing.launch_check_id
        self.assertEqual((check.total_count, check.sendable_count, check.refused_count), (2, 1, 1))

    def test_who_left_the_list_before_the_check_does_not_make_it_grow(self):
        self.env.company.whatsapp_approval_above = 1
        self.agree(self.dora, self.emil)
        self.account.stop_by_mailing = False
        self.dora.subscription_ids.opt_out = True

        mailing = self.to_lists(self.regulars)

        self.assertEqual((mailing.state, mailing.whatsapp_problem), ('sending', False))

    def test_a_list_of_one_person(self):
        self.agree(self.dora)
        self.news.contact_ids = self.dora
        mailing = self.to_lists(self.news)

        self.assertEqual((mailing.launch_check_id.people_count, self.messages(mailing).phone),
                         (1, self.dora.phone_sanitized))

    def test_lists_ask_the_ledger_about_their_own_people_only(self):
        self.agree(self.dora, self.emil, purpose='marketing')
        asked, ledger = [], self.registry['fluxforce.whatsapp.consent']
        original = ledger._current_states

        def current_states(ledger, company, people):
            asked.extend(phone for __, phone in people)
            return original(ledger, company, people)

        with patch.object(ledger, '_current_states', current_states):
            self.assertEqual(self.env['mailing.list'].browse(self.news.id).contact_count_whatsapp, 1)

        self.assertEqual(asked, [self.emil.phone_sanitized])
