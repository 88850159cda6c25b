from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from .common import WhatsappCommon
from .fake_meta import APP_SECRET, TOKEN

WARNING = 'mail.mail_activity_data_warning'


class AlertCase(WhatsappCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alerts = cls.env['fluxforce.whatsapp.alert']
        cls.account.user_id = cls.whatsapp_admin

    def raise_quality(self, **options):
        return self.alerts._raise_alert('quality', self.account, **{'number': self.number, **options})

    def activities(self):
        return self.account.activity_search([WARNING])

    def notes(self):
        """:return: the bodies of what the chatter of the account tells, newest first."""
        return self.account.message_ids.filtered('body').mapped('body')

    def other_account(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        return self.env['fluxforce.whatsapp.account'].create(
            {'name': 'Elsewhere', 'waba_id': '217000000000009', 'token': TOKEN, 'app_secret': APP_SECRET,
             'company_id': company.id})


@tagged('post_install', '-at_install')
class TestRaise(AlertCase):

    def test_an_alert_says_what_happened_and_when(self):
        alert = self.raise_quality(detail='Green before, yellow now.')

        self.assertEqual((alert.state, alert.count, alert.detail), ('open', 1, 'Green before, yellow now.'))
        self.assertEqual((alert.account_id, alert.number_id, alert.company_id),
                         (self.account, self.number, self.company))
        self.assertEqual(alert.first_at, alert.last_at)

    def test_the_same_again_is_counted(self):
        alert = self.raise_quality()

        again = self.raise_quality(times=4)

        self.assertEqual((again, alert.count), (alert, 5))

    def test_another_number_is_another_alert(self):
        self.assertNotEqual(self.raise_quality(), self.raise_quality(number=self.number_2))

    def test_the_whole_account_is_another_alert_than_a_number(self):
        self.assertNotEqual(self.raise_quality(), self.raise_quality(number=None))

    def test_another_template_is_another_alert(self):
        alerts = [self.alerts._raise_alert('template_stopped', self.account, template=template)
                  for template in (self.marketing_template, self.utility_template, self.marketing_template)]

        self.assertEqual((alerts[0], alerts[0].count), (alerts[2], 2))
        self.assertNotEqual(alerts[0], alerts[1])

    def test_the_newest_detail_comes_first(self):
        self.raise_quality(detail='Yellow.')

        alert = self.raise_quality(detail='Red.')

        self.assertEqual(alert.detail, 'Red.\nYellow.')

    def test_what_was_told_is_not_told_again(self):
        for _turn in range(3):
            alert = self.raise_quality(detail='Yellow.')

        self.assertEqual((alert.detail, alert.count), ('Yellow.', 3))

    def test_a_repetition_without_detail_leaves_it(self):
        self.raise_quality(detail='Yellow.')

        self.assertEqual(self.raise_quality().detail, 'Yellow.')

    def test_details_do_not_grow_without_end(self):
        for turn in range(50):
            alert = self.raise_quality(detail=f'{turn} ' + 'x' * 3000)

        self.assertEqual(len(alert.detail), 2000)
        self.assertTrue(alert.detail.startswith('49 '))

    def test_after_the_end_it_begins_anew(self):
        first = self.raise_quality()
        first._mark_done('Mended.')

        second = self.raise_quality()

        self.assertNotEqual(first, second)
        self.assertEqual((first.state, second.state, second.count), ('done', 'open', 1))

    def test_anybody_s_work_may_raise_one(self):
        alert = self.alerts.with_user(self.salesperson)._raise_alert(
            'steady_fire', self.account.with_user(self.salesperson), self.number.with_user(self.salesperson))

        self.assertEqual(alert.severity, 'warning')

    def test_a_repetition_is_cheap(self):
        self.raise_quality()
        self.env.flush_all()

        with self.assertQueryCount(2):
            self.raise_quality()

    # --- Whom it reaches -------------------------------------------------------------------------------------

    def test_the_responsible_user_gets_one_activity_and_the_chatter_one_note(self):
        before = len(self.notes())
        for _turn in range(3):
            alert = self.raise_quality(detail='Yellow now.')

        self.assertEqual(self.activities(), alert.activity_id)
        self.assertEqual(alert.activity_id.user_id, self.whatsapp_admin)
        self.assertEqual(len(self.notes()) - before, 1)
        self.assertIn('Yellow now.', self.notes()[0])
        self.assertIn('restricted or blocked', self.notes()[0])

    def test_a_mere_information_disturbs_nobody(self):
        before = self.notes()

        self.alerts._raise_alert('budget', self.account)

        self.assertFalse(self.activities())
        self.assertEqual(self.notes(), before)

    def test_what_gets_worse_is_told_again_with_the_same_activity(self):
        alert = self.raise_quality()
        before = len(self.notes())

        self.raise_quality(severity='critical', detail='Red.')

        self.assertEqual((alert.severity, len(self.activities())), ('critical', 1))
        self.assertEqual(len(self.notes()) - before, 1)

    def test_what_gets_better_stays_as_bad_as_it_was(self):
        alert = self.raise_quality(severity='critical')

        self.raise_quality(severity='info')

        self.assertEqual(alert.severity, 'critical')

    def test_metas_words_are_shown_as_text(self):
        self.raise_quality(detail='<b>odd</b>')

        self.assertIn('&lt;b&gt;odd', self.notes()[0])

    def test_it_speaks_the_language_of_who_is_responsible(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.whatsapp_admin.lang = 'fr_FR'
        kind = self.env['ir.model.fields.selection'].search(
            [('field_id.model', '=', 'fluxforce.whatsapp.alert'), ('value', '=', 'quality')])
        kind.with_context(lang='fr_FR').name = 'La qualité a baissé'

        self.assertIn('La qualité a baissé', self.raise_quality().activity_id.summary)

    def test_without_a_responsible_user_the_first_administrator_is_asked(self):
        self.account.user_id = False

        administrator = self.raise_quality().activity_id.user_id

        self.assertTrue(administrator.active)
        self.assertTrue(administrator.has_group('fluxforce_whatsapp.group_whatsapp_admin'))
        self.assertIn(self.company, administrator.company_ids)

    def test_a_responsible_user_who_may_not_see_the_account_is_not_asked(self):
        self.account.user_id = self.outsider

        self.assertNotEqual(self.account._responsible(), self.outsider)

    def test_a_responsible_user_who_has_left_is_not_asked(self):
        self.account.user_id = self.system_admin
        self.system_admin.active = False

        self.assertNotEqual(self.account._responsible(), self.system_admin)

    def test_without_anybody_there_is_no_activity(self):
        elsewhere = self.other_account()
        self.env['res.users'].search([]).company_ids -= elsewhere.company_id

        alert = self.alerts._raise_alert('account_stopped', elsewhere)

        self.assertFalse(alert.activity_id)
        self.assertEqual(alert.company_id, elsewhere.company_id)

    def test_who_sets_an_account_up_is_responsible(self):
        account = self.env['fluxforce.whatsapp.account'].with_user(self.system_admin).create(
            self._account_values(waba_id='217000000000002'))

        self.assertEqual(account.user_id, self.system_admin)


@tagged('post_install', '-at_install')
class TestEnd(AlertCase):

    def done(self, alerts, note='Campaign stopped.', user=None):
        """End alerts as a person does."""
        action = alerts.with_user(user or self.whatsapp_admin).action_done()
        wizard = Form(self.env[action['res_model']].with_user(user or self.whatsapp_admin).with_context(
            **action['context']))
        wizard.note = note
        wizard.save().action_confirm()

    def test_an_admin_ends_it_with_a_note(self):
        alert = self.raise_quality()

        self.done(alert)

        self.assertEqual((alert.state, alert.done_note, alert.done_by),
                         ('done', 'Campaign stopped.', self.whatsapp_admin))
        self.assertTrue(alert.done_at)

    def test_the_activity_ends_with_it(self):
        alert = self.raise_quality()

        self.done(alert)

        self.assertFalse(self.activities())
        self.assertIn('Campaign stopped.', self.notes()[0])

    def test_the_activities_of_other_alerts_stay(self):
        alert, other = self.raise_quality(), self.raise_quality(number=self.number_2)

        self.done(alert)

        self.assertEqual(self.activities(), other.activity_id)

    def test_several_end_at_once(self):
        alerts = self.raise_quality() | self.raise_quality(number=self.number_2)

        self.done(alerts)

        self.assertEqual(alerts.mapped('state'), ['done', 'done'])

    def test_a_note_of_blanks_is_none(self):
        with self.assertRaisesRegex(UserError, 'Write down'):
            self.done(self.raise_quality(), note='  ')

    def test_what_is_done_is_not_done_again(self):
        alert = self.raise_quality()
        self.done(alert)

        with self.assertRaisesRegex(UserError, 'still open'):
            self.done(alert)

    def test_an_activity_marked_as_done_by_hand_does_no_harm(self):
        alert = self.raise_quality()
        alert.activity_id.with_user(self.whatsapp_admin).action_feedback('Seen.')

        self.done(alert)

        self.assertEqual(alert.state, 'done')

    def test_a_salesperson_reads_and_ends_none(self):
        alert = self.raise_quality()

        self.assertTrue(alert.with_user(self.salesperson).read(['title', 'advice', 'detail']))
        with self.assertRaises(AccessError):
            self.done(alert, user=self.salesperson)

    def test_the_cause_being_gone_ends_it(self):
        alert = self.raise_quality()

        self.alerts._close('quality', self.account, self.number, 'Green again.')

        self.assertEqual((alert.state, alert.done_note), ('done', 'Green again.'))
        self.assertFalse(alert.done_by)
        self.assertFalse(self.activities())

    def test_only_the_alert_meant_ends(self):
        alert, whole_account = self.raise_quality(), self.raise_quality(number=None)

        self.alerts._close('quality', self.account, note='Green again.')

        self.assertEqual((alert.state, whole_account.state), ('open', 'done'))

    def test_closing_what_is_not_open_does_nothing(self):
        self.assertFalse(self.alerts._close('quality', self.account, self.number))


@tagged('post_install', '-at_install')
class TestScreens(AlertCase):

    def test_every_kind_has_words(self):
        for kind, __ in self.alerts._fields['kind'].selection:
            alert = self.alerts._raise_alert(kind, self.account)
            self.assertTrue(alert.title and alert.advice, kind)
            self.assertIn(alert.severity, ('info', 'warning', 'critical'))

    def test_the_name_tells_what_it_is_about(self):
        self.assertEqual(self.raise_quality().display_name,
                         'The quality rating has dropped (Simulated Bicycles +34 910 00 01 11)')

    def test_everybody_opens_the_screens(self):
        alert = self.raise_quality(detail='Yellow.')
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_alert_action')
        for user in (self.salesperson, self.whatsapp_admin):
            with self.subTest(user=user.login):
                alerts = self.alerts.with_user(user)
                self.assertEqual(set(alerts.get_views([*action['views'], (False, 'search')])['views']),
                                 {'list', 'kanban', 'form', 'search'})
                with Form(alert.with_user(user)) as form:
                    self.assertEqual(form.title, 'The quality rating has dropped')

    def test_only_admins_get_the_button(self):
        for user, expected in ((self.salesperson, False), (self.whatsapp_admin, True)):
            with self.subTest(user=user.login):
                arch = self.alerts.with_user(user).get_view(view_type='form')['arch']
                self.assertEqual('action_done' in arch, expected)

    def test_another_companys_alerts_are_not_seen(self):
        theirs = self.alerts._raise_alert('account_stopped', self.other_account())

        self.assertNotIn(theirs, self.alerts.with_user(self.salesperson).search([]))
        with self.assertRaises(AccessError):
            theirs.with_user(self.whatsapp_admin).read(['detail'])

    def test_an_outsider_sees_none(self):
        with self.assertRaises(AccessError):
            self.raise_quality().with_user(self.outsider).read(['detail'])
