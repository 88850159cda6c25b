from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..models import digest_digest
from .mailing import MailingCommon

OURS = {f'kpi_whatsapp_{name}' for name in ('sent', 'read', 'replied', 'amount', 'stopped', 'compared')}


@tagged('post_install', '-at_install')
class TestDigest(MailingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env.ref('fluxforce_whatsapp_marketing.digest_whatsapp_weekly')
        cls.dashboard = cls.env['fluxforce.marketing.dashboard'].with_user(cls.marketer)

    def kpis(self, user=None, digest=None):
        """:return: the rows of somebody's e-mail, by figure"""
        user = user or self.marketer
        rows = (digest or self.digest)._compute_kpis(user.company_id, user)
        return {row['kpi_name']: row for row in rows}

    def values(self, key):
        """:return: of a row, the figures of the last day, week and month"""
        row = self.kpis()[key]
        return [row[f'kpi_col{column}']['value'] for column in (1, 2, 3)]

    def sent_ago(self, partners, days=0, **values):
        """:return: a mailing that went so many days ago, and an hour"""
        mailing = self.sent(partners, **values)
        self.env.cr.execute('UPDATE fluxforce_whatsapp_message SET claimed_at = %s WHERE mailing_id = %s',
                            [datetime.now() - timedelta(days=days, hours=1), mailing.id])
        self.env.invalidate_all()
        return mailing

    def mail_to(self, user):
        """:return: the e-mail somebody gets"""
        self.digest._action_send_to_user(user)
        return self.env['mail.mail'].search([('email_to', '=', user.email_formatted)], limit=1, order='id desc')

    # --- Figures ---

    def test_figures_are_of_the_last_day_week_and_month(self):
        self.sent_ago(self.ana)
        self.sent_ago(self.ben, 3)
        self.sent_ago(self.chloe, 20)

        self.assertEqual(self.values('kpi_whatsapp_sent'), [1, 2, 3])

    def test_figures_are_compared_with_the_time_before(self):
        self.sent_ago(self.ana | self.ben)
        self.sent_ago(self.chloe, 10)

        self.assertEqual(self.kpis()['kpi_whatsapp_sent']['kpi_col2']['margin'], 100)

    def test_shares_are_of_those_who_got_it(self):
        mailing = self.sent_ago(self.ana | self.ben)
        self.report(self.messages(mailing))
        self.report(self.messages(mailing)[0], 'read')
        self.withdraw_consent(self.ben, 'utility')

        self.assertEqual(self.values('kpi_whatsapp_read')[1], '50.00')
        self.assertEqual(self.values('kpi_whatsapp_stopped')[1], '50.00')

    def test_more_stops_are_not_painted_green(self):
        self.assertNotIn('margin', self.kpis()['kpi_whatsapp_stopped']['kpi_col1'])

    def test_the_best_three_are_named(self):
        self.patch(digest_digest, 'FEWEST', 5)
        people = self.crowd(20)
        for replies, name in enumerate(('Spring', 'Summer', 'Autumn', 'Winter')):
            mailing = self.sent_ago(people[5 * replies:][:5], subject=name)
            self.report(self.messages(mailing))
            answered = self.traces(mailing)[:replies]
            answered.reply_datetime = datetime.now()
        self.env.flush_all()
        row = self.kpis()['kpi_whatsapp_compared']

        self.assertEqual([row[f'kpi_col{column}']['col_subtitle'] for column in (1, 2, 3)],
                         ['Winter', 'Autumn', 'Summer'])

    def test_where_nothing_can_be_compared_the_row_is_left_out(self):
        self.sent_ago(self.ana)

        self.assertNotIn('kpi_whatsapp_compared', self.kpis())

    def test_a_digest_of_many_figures_counts_once_for_all_of_them(self):
        self.sent_ago(self.ana)
        figures = type(self.env['fluxforce.marketing.figures'])
        calls, original = [], figures._funnels

        def funnels(model, by, **options):
            calls.append(by)
            return original(model, by, **options)

        self.patch(figures, '_funnels', funnels)
        self.kpis()

        # Three spans, each with the one before; and what is compared.
        self.assertEqual((calls.count([None]), len(calls)), (6, 7))

    # --- Who gets it ---

    def test_salesperson_gets_none_of_it(self):
        self.sent_ago(self.ana)
        standard = self.env.ref('digest.digest_digest_default')

        self.assertFalse(OURS & self.kpis(self.salesperson).keys())
        self.assertFalse(OURS & self.kpis(self.salesperson, standard).keys())

    def test_salesperson_reads_no_value(self):
        with self.assertRaises(AccessError):
            self.digest.with_user(self.salesperson).read(['kpi_whatsapp_sent_value'])

    def test_marketer_gets_it_in_the_standard_digest_too(self):
        standard = self.env.ref('digest.digest_digest_default')

        self.assertEqual(OURS & self.kpis(digest=standard).keys(),
                         {'kpi_whatsapp_sent', 'kpi_whatsapp_replied', 'kpi_whatsapp_stopped'})

    def test_another_company_is_counted_apart(self):
        self.sent_ago(self.ana)
        other = self.env['res.company'].create({'name': 'Other Bicycles'})
        self.marketer.sudo().company_ids |= other

        rows = {row['kpi_name']: row for row in self.digest._compute_kpis(other, self.marketer)}

        self.assertEqual(rows['kpi_whatsapp_sent']['kpi_col3']['value'], 0)

    def test_a_company_the_reader_may_not_see_is_left_out(self):
        self.sent_ago(self.ana)
        other = self.env['res.company'].create({'name': 'Other Bicycles'})

        rows = self.digest._compute_kpis(other, self.marketer)

        self.assertFalse(OURS & {row['kpi_name'] for row in rows})

    def test_marketer_switches_it_on_and_off(self):
        self.assertFalse(self.dashboard.get_data()['digest']['is_subscribed'])

        self.assertTrue(self.dashboard.toggle_digest())
        self.assertIn(self.marketer, self.digest.user_ids)

        self.assertFalse(self.dashboard.toggle_digest())
        self.assertNotIn(self.marketer, self.digest.user_ids)

    def test_a_digest_that_is_switched_off_is_not_offered(self):
        self.digest.action_deactivate()

        self.assertFalse(self.dashboard.get_data()['digest'])

    # --- E-mail ---

    def test_the_e_mail_tells_the_figures_and_leads_to_the_dashboard(self):
        self.sent_ago(self.ana)
        self.marketer.lang = 'en_US'

        body = self.mail_to(self.marketer).body_html

        self.assertIn('WhatsApp: People Written To', body)
        self.assertIn('/odoo/action-fluxforce_whatsapp_marketing.fluxforce_marketing_dashboard_action', body)

    def test_it_is_sent_every_week(self):
        self.digest.user_ids = self.marketer
        self.digest.next_run_date = datetime.now().date()
        # Core sends less to those who do not log in any more.
        self.env['res.users.log'].with_user(self.marketer).sudo().create({})

        self.env['digest.digest']._cron_send_digest_email()

        self.assertEqual(self.digest.next_run_date, datetime.now().date() + timedelta(weeks=1))
        self.assertTrue(self.env['mail.mail'].search([('email_to', '=', self.marketer.email_formatted)]))

    def test_tips_are_for_marketers(self):
        tips = self.env['digest.tip'].search([('name', 'in', ['Tip: Write when people read',
                                                              'Tip: Watch who wants no more'])])

        self.assertEqual(tips.group_id, self.env.ref('fluxforce_whatsapp_marketing.group_whatsapp_marketer'))
