from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ..models.fluxforce_marketing_dashboard import FEWEST
from .mailing import MailingCommon

# What is wider than the screen and in no box that scrolls of its own; and the week side by side, not the day.
LOOK = """
    (function look() {
        if (!document.querySelector(".o_fluxforce_heatmap table")) {
            return setTimeout(look, 100);
        }
        const parts = [...document.querySelectorAll(".o_fluxforce_dashboard_page *")];
        const wide = parts.filter((part) => !part.closest(".o_fluxforce_scroll")
            && part.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
        const columns = document.querySelectorAll(".o_fluxforce_heatmap thead th").length;
        if (wide.length || columns !== 7) {
            throw new Error(`Cut off: ${wide.map((part) => part.className)}; ${columns} columns`);
        }
        console.log("test successful");
    })();
"""


@tagged('post_install', '-at_install')
class TestDashboard(MailingCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env['res.company'].create({'name': 'Other Bicycles'})
        cls.stranger = new_test_user(
            cls.env, 'stella.stranger', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer',
            name='Stella Stranger', company_id=cls.company_b.id, company_ids=[(6, 0, cls.company_b.ids)])

    def dashboard(self, user=None):
        return self.env['fluxforce.marketing.dashboard'].with_user(user or self.marketer)

    def data(self, period='30', user=None):
        return self.dashboard(user).get_data(period)

    def tile(self, key, period='30'):
        return {tile['key']: tile for tile in self.data(period)['tiles']}[key]

    def listed(self, key, period='30', **narrower):
        """:return: the messages behind a figure"""
        action = self.dashboard().open_list(period, key, **narrower)
        return self.env[action['res_model']].with_user(self.marketer).search(action['domain']).message_id

    def read_by(self, mailing, *partners):
        self.report(self.messages(mailing).filtered(lambda message: message.partner_id in partners), 'read')

    def days_ago(self, messages, days):
        """Let messages have gone so many days ago."""
        moment = datetime.now() - timedelta(days=days)
        self.env.cr.execute('UPDATE fluxforce_whatsapp_message SET claimed_at = %s WHERE id = ANY(%s)',
                            [moment, messages.ids])
        self.env.invalidate_all()

    # --- Figures ---

    def test_tiles_count_people_of_campaigns_and_mailings(self):
        mailing = self.sent(self.ana | self.ben)
        self.report(self.messages(mailing))
        self.read_by(mailing, self.ana)

        self.assertEqual((self.tile('sent')['value'], self.tile('read')['value']), (2, 50))

    def test_nothing_ever_sent_asks_what_to_begin_with(self):
        data = self.data()

        self.assertTrue(data['is_unused'])
        self.assertEqual(data['actions']['mailing']['views'][0][1], 'form')

    def test_an_empty_period_is_not_an_empty_house(self):
        mailing = self.sent(self.ana)
        self.days_ago(self.messages(mailing), 20)

        data = self.data('7')

        self.assertEqual((data['is_empty'], data['is_unused']), (True, False))

    def test_funnel_tells_who_was_lost_on_the_way(self):
        self.give_consent(self.ana, 'utility')
        self.launched(self.ana | self.ben)
        self.run_mailings()
        self.run_sender()

        counts = {stage['key']: stage['count'] for stage in self.data()['funnel']}

        self.assertEqual((counts['people'], counts['refused']), (2, 1))

    # --- Compared with before ---

    def test_a_count_is_compared_in_percent(self):
        self.days_ago(self.messages(self.sent(self.ana)), 40)
        self.sent(self.ben | self.chloe)

        self.assertEqual(self.tile('sent')['change'], 100)

    def test_a_rate_is_compared_in_points(self):
        before = self.sent(self.ana | self.ben)
        self.report(self.messages(before))
        self.read_by(before, self.ana)
        self.days_ago(self.messages(before), 40)
        now = self.sent(self.chloe)
        self.read_by(now, self.chloe)

        self.assertEqual(self.tile('read')['change'], 50)

    def test_without_anything_before_no_change_is_claimed(self):
        self.sent(self.ana)

        self.assertIs(self.tile('sent')['change'], False)
        self.assertIs(self.tile('read')['change'], False)

    def test_all_time_is_compared_with_nothing(self):
        self.sent(self.ana)

        self.assertEqual((self.data('all')['before'], self.tile('sent', 'all')['change']), ('', False))

    def test_a_period_nobody_knows_is_the_usual_one(self):
        self.assertEqual(self.data('fortnight')['period'], '30')

    @freeze_time('2026-03-04 23:30:00')
    def test_today_is_the_day_of_the_user(self):
        self.marketer.tz = 'Asia/Tokyo'

        self.assertIn('03/05/2026', self.data('7')['span'])

    # --- Who wants no more ---

    def test_the_line_has_a_point_for_each_day_of_the_period(self):
        mailing = self.sent(self.ana)
        self.report(self.messages(mailing))

        trend = self.data('7')['trend']

        self.assertEqual([point['delivered'] for point in trend], [0, 0, 0, 0, 0, 0, 1])
        self.assertEqual(trend[-1]['first'], trend[-1]['last'])

    def test_a_year_is_drawn_by_months_within_the_year(self):
        self.sent(self.ana)

        with freeze_time('2026-12-15'):
            self.sent(self.ben)
            trend = self.data('year')['trend']

        self.assertEqual(len(trend), 12)
        self.assertEqual((trend[0]['first'], trend[-1]['last']), ('2026-01-01', '2026-12-15'))

    def test_who_stopped_is_a_share_of_those_who_got_it(self):
        mailing = self.sent(self.ana | self.ben)
        self.report(self.messages(mailing))
        self.withdraw_consent(self.ana, 'utility')

        self.assertEqual(self.data('7')['trend'][-1]['opted_out_rate'], 50)

    # --- Compared with each other ---

    def test_campaigns_and_mailings_to_enough_people_are_compared(self):
        people = self.crowd(FEWEST)
        mailing = self.sent(people)
        self.sent(people[:1], subject='To one')
        self.report(self.messages(mailing))
        self.read_by(mailing, people[0])

        compared, = self.data()['campaigns']

        self.assertEqual((compared['key'], compared['people'], compared['read_rate']),
                         (f'mailing-{mailing.id}', FEWEST, 100 / FEWEST))

    def test_a_name_opens_the_mailing(self):
        mailing = self.sent(self.ana)

        action = self.dashboard().open_origin(f'mailing-{mailing.id}')

        form = self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_whatsapp')
        self.assertEqual((action['res_id'], action['views']), (mailing.id, [(form.id, 'form')]))

    # --- Lists ---

    def test_a_tile_opens_the_messages_it_counts(self):
        mailing = self.sent(self.ana | self.ben)
        self.report(self.messages(mailing))
        self.read_by(mailing, self.ana)

        self.assertEqual(self.listed('read').partner_id, self.ana)
        self.assertEqual(self.listed('sent').partner_id, self.ana | self.ben)

    def test_a_list_has_the_name_of_its_figure_and_is_not_found_again_without_its_filter(self):
        action = self.dashboard().open_list('30', 'replied')

        self.assertEqual((action['display_name'], action['views'][0][1]), ('Replied', 'list'))
        self.assertFalse({'id', 'path'} & action.keys())

    def test_every_figure_opens_a_list(self):
        data = self.data()

        for key in {one['key'] for name in ('tiles', 'funnel', 'measures') for one in data[name]}:
            with self.subTest(figure=key):
                self.assertFalse(self.listed(key))

    def test_a_list_keeps_to_the_period(self):
        mailing = self.sent(self.ana)
        self.days_ago(self.messages(mailing), 20)

        self.assertFalse(self.listed('sent', '7'))
        self.assertEqual(self.listed('sent', '30'), self.messages(mailing))

    def test_a_list_of_one_day(self):
        mailing = self.sent(self.ana)
        today, yesterday = date.today(), date.today() - timedelta(days=1)

        self.assertEqual(self.listed('sent', first=str(today), last=str(today)), self.messages(mailing))
        self.assertFalse(self.listed('sent', first=str(yesterday), last=str(yesterday)))

    def test_a_list_of_one_mailing(self):
        self.sent(self.ana)
        mailing = self.sent(self.ben)

        self.assertEqual(self.listed('sent', origin=f'mailing-{mailing.id}'), self.messages(mailing))

    # --- Reading hours ---

    def test_a_campaign_knows_when_its_people_read(self):
        campaign = self.campaign()

        self.assertEqual([len(day) for day in campaign.reading_hours], [24] * 7)
        self.assertFalse(self.env['fluxforce.campaign'].new({}).reading_hours)

    def test_a_mailing_knows_when_its_people_read(self):
        mailing = self.sent(self.ana)
        self.read_by(mailing, self.ana)

        self.assertEqual(sum(map(sum, mailing.whatsapp_reading_hours)), 1)

    # --- Rights ---

    def test_salesperson_sees_nothing(self):
        mailing = self.sent(self.ana)

        for name, values in (('get_data', ['30']), ('open_list', ['30', 'sent']),
                             ('open_origin', [f'mailing-{mailing.id}']), ('toggle_digest', [])):
            with self.subTest(method=name), self.assertRaises(AccessError):
                getattr(self.dashboard(self.salesperson), name)(*values)

    def test_menu_is_for_marketers(self):
        menu = self.env.ref('fluxforce_whatsapp_marketing.menu_dashboard')

        self.assertIn(menu, menu.with_user(self.marketer)._filter_visible_menus())
        self.assertNotIn(menu, menu.with_user(self.salesperson)._filter_visible_menus())

    def test_marketer_of_another_company_sees_nothing_of_this_one(self):
        mailing = self.sent(self.ana)

        self.assertTrue(self.data(user=self.stranger)['is_unused'])
        with self.assertRaises(AccessError):
            self.dashboard(self.stranger).open_origin(f'mailing-{mailing.id}')
        with self.assertRaises(AccessError):
            self.dashboard(self.stranger).open_list('30', 'sent', origin=f'mailing-{mailing.id}')


@tagged('post_install', '-at_install')
class TestDashboardNarrow(MailingCommon, HttpCase):
    """On a telephone."""

    browser_size = '375x700'
    touch_enabled = True

    def test_nothing_is_cut_off(self):
        mailing = self.sent(self.crowd(FEWEST))
        self.report(self.messages(mailing), 'read')

        self.browser_js('/odoo/whatsapp-marketing', LOOK, login=self.marketer.login, timeout=180)
