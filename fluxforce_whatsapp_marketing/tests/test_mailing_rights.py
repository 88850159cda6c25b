from odoo.exceptions import AccessError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import TransactionCase, new_test_user, tagged

from .mailing import MailingCommon


@tagged('post_install', '-at_install')
class TestMailingRights(MailingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env['res.company'].create({'name': 'Other Bicycles'})
        groups = 'fluxforce_whatsapp_marketing.group_whatsapp_marketer,base.group_partner_manager'
        cls.stranger = new_test_user(cls.env, 'stella.stranger', groups, name='Stella Stranger',
                                     company_id=cls.company_b.id, company_ids=[(6, 0, cls.company_b.ids)])
        cls.emailer = new_test_user(cls.env, 'emma.email', 'mass_mailing.group_mass_mailing_user', name='Emma Email')

    def test_marketer_of_another_company_sees_nothing(self):
        mailing = self.agreed()
        self.run_mailings()

        for records in (mailing, self.traces(mailing), mailing.launch_check_id):
            with self.subTest(model=records._name):
                self.assertFalse(records.with_user(self.stranger).has_access('read'))

    def test_who_sends_e_mails_sees_no_whatsapp_mailing(self):
        mailing = self.agreed()
        self.run_mailings()

        self.assertFalse(mailing.with_user(self.emailer).has_access('read'))
        self.assertFalse(self.traces(mailing).with_user(self.emailer).has_access('read'))

    def test_who_sends_e_mails_still_sees_those(self):
        mail = self.env['mailing.mailing'].create({
            'subject': 'By e-mail', 'mailing_model_id': self.env['ir.model']._get_id('res.partner')})

        self.assertTrue(mail.with_user(self.emailer).has_access('write'))

    def test_salesperson_sees_no_mailing_and_still_sends_again(self):
        mailing = self.agreed(self.ana)
        self.run_mailings()
        message = self.messages(mailing)
        self.assertFalse(mailing.with_user(self.salesperson).has_access('read'))
        message.with_user(self.salesperson).action_cancel()

        message.with_user(self.salesperson).action_send_again()

        self.assertEqual(self.messages(mailing).mapped('state'), ['cancelled', 'queued'])

    def test_marketer_writes_no_recipient(self):
        mailing = self.agreed()
        self.run_mailings()

        with self.assertRaises(AccessError):
            self.traces(mailing).with_user(self.marketer).write({'trace_status': 'reply'})

    def test_form_of_a_whatsapp_mailing_is_ours(self):
        form = self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_whatsapp')

        self.assertEqual(self.mailing().get_formview_id(), form.id)

    def test_copy_of_a_database_sends_no_mailing(self):
        mailing = self.agreed()
        self.env.flush_all()

        for query in get_neutralization_queries(['fluxforce_whatsapp_marketing']):
            self.env.cr.execute(query)

        self.env.invalidate_all()
        self.assertEqual(mailing.state, 'paused')

    # --- What is kept about a person --------------------------------------------------------------------------

    def test_a_persons_data_tell_the_mailings(self):
        mailing = self.sent(self.ana)

        privacy = self.env['fluxforce.whatsapp.privacy']
        told = privacy._told(privacy._trail(self.ana))

        self.assertEqual([row['mailing'] for row in told['mailings']], [mailing.subject])

    def test_an_erased_person_stays_a_figure_without_a_number(self):
        mailing = self.sent(self.ana)
        self.run_mailings()

        self.ana.with_user(self.whatsapp_admin)._whatsapp_erase('Asked by letter')

        self.assertEqual((self.traces(mailing).whatsapp_phone, mailing.expected), (False, 1))

    def test_figures_of_whatsapp_mailings_are_for_marketers_of_the_company(self):
        self.sent()
        report = self.env['mailing.trace.report']
        self.env.flush_all()

        def found(user):
            return report.with_user(user).search([('mailing_type', '=', 'whatsapp')])

        self.assertTrue(found(self.marketer))
        self.assertFalse(found(self.emailer))
        self.assertFalse(found(self.stranger))
