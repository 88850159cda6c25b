from ast import literal_eval

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.fluxforce_whatsapp_chatter import NOTIFICATION_STATUS
from .common import WhatsappCommon, inbound_payload
from .fake_meta import TOKEN

USER_ACTIONS = ('message', 'template', 'consent', 'identity', 'inbound')
ADMIN_ACTIONS = ('template_draft', 'account', 'portfolio', 'number', 'event', 'keyword')


@tagged('post_install', '-at_install')
class TestViews(WhatsappCommon, TransactionCase):
    """Every screen opens, filled with data, for the least of those who may see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The order matters: the message needs the consent.
        case = cls()
        case.queue_agreed(cls.ana)
        case.receive(inbound_payload('Hello'))
        cls.env['fluxforce.whatsapp.template.draft'].create({
            'account_id': cls.account.id, 'name': 'parcel_left', 'body': 'Your parcel has left our shop.'})

    def open(self, name, user):
        """Load all views of an action and read in each what the browser would read."""
        action = self.env['ir.actions.act_window'].with_user(user)._for_xml_id(
            f'fluxforce_whatsapp.fluxforce_whatsapp_{name}_action')
        model = self.env[action['res_model']].with_user(user)
        views = model.get_views([*action['views'], (False, 'search')])['views']
        for kind, view in views.items():
            with self.subTest(action=name, view=kind, user=user.login):
                self.assertTrue(view['arch'])
        records = model.search([], limit=5)
        self.assertTrue(records)
        with Form(records[0]) as form:
            self.assertTrue(form)

    def test_a_salesperson_opens_the_daily_screens(self):
        for name in USER_ACTIONS:
            self.open(name, self.salesperson)

    def test_a_whatsapp_admin_opens_every_screen(self):
        for name in (*USER_ACTIONS, *ADMIN_ACTIONS):
            self.open(name, self.whatsapp_admin)

    def test_a_salesperson_sees_no_configuration(self):
        menus = self.env['ir.ui.menu'].with_user(self.salesperson)._visible_menu_ids()

        self.assertIn(self.env.ref('fluxforce_whatsapp.menu_outbox').id, menus)
        self.assertNotIn(self.env.ref('fluxforce_whatsapp.menu_configuration').id, menus)

    def test_the_failures_of_the_messaging_menu_open_as_ones_own_of_any_age(self):
        action = self.env['ir.actions.act_window'].with_user(self.salesperson)._for_xml_id(
            'fluxforce_whatsapp.fluxforce_whatsapp_failure_action')

        self.assertEqual(safe_eval(action['context']), {'search_default_undelivered': 1, 'search_default_mine': 1})

    def test_what_the_messaging_menu_counts_is_what_its_list_shows(self):
        view = self.env['fluxforce.whatsapp.message'].get_view(view_type='search')
        (node,) = etree.fromstring(view['arch']).xpath("//filter[@name='undelivered']")
        counted = {state for state, status in NOTIFICATION_STATUS.items() if status == 'exception'}

        ((field, operator, listed),) = literal_eval(node.get('domain'))
        self.assertEqual((field, operator, set(listed)), ('state', 'in', counted))

    def test_my_messages_and_the_last_days_narrow_each_other(self):
        """Filters that no separator divides are joined by *or*."""
        view = self.env['fluxforce.whatsapp.message'].get_view(view_type='search')
        search = etree.fromstring(view['arch'])

        self.assertTrue(search.xpath(
            "//filter[@name='mine'][preceding-sibling::*[1][self::separator]]"
            "[following-sibling::*[1][self::separator]]"))

    def test_every_filter_of_the_outbox_finds_without_error(self):
        view = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson).get_view(view_type='search')
        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)
        for node in etree.fromstring(view['arch']).xpath('//filter'):
            with self.subTest(filter=node.get('name')):
                if node.get('domain'):
                    outbox.search(safe_eval(node.get('domain'), {'uid': self.salesperson.id}))
                if node.get('context'):
                    outbox.formatted_read_group([], [safe_eval(node.get('context'))['group_by']], ['__count'])

    def test_the_columns_of_the_kanban_follow_a_messages_life(self):
        message = self.env['fluxforce.whatsapp.message'].search([], limit=1)
        for state in ('read', 'held', 'cancelled'):
            message.copy({'key': f'key-{state}', 'state': state})

        groups = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson).with_context(
            read_group_expand=True).web_read_group([], ['state'], ['__count'])['groups']

        self.assertEqual([group['state'] for group in groups], ['queued', 'held', 'read', 'cancelled'])

    def test_one_click_stops_a_number_and_it_says_so(self):
        self.number.with_user(self.whatsapp_admin).action_pause()

        self.assertTrue(self.number.stopped)
        self.assertIn('Stopped by Waldo Admin', self.number.stop_explanation)
        with self.assertRaises(AccessError):
            self.number.with_user(self.salesperson).action_resume()

    def test_the_account_shows_how_its_portfolio_stands(self):
        self.run_sender()

        account = self.account.with_user(self.whatsapp_admin)
        self.assertEqual((account.budget_limit, account.budget_used, account.budget_reserved, account.budget_free),
                         (2000, 1, 200, 1799))

    def test_a_full_portfolio_says_when_room_returns(self):
        self.run_sender()
        self.account.portfolio_id.write({'messaging_limit': 'TIER_50', 'reserved_share': 90})
        self.env['fluxforce.whatsapp.reach']._book(
            self.account.portfolio_id, {f'+44740012{index:04}' for index in range(50)}, fields.Datetime.now())

        self.assertIn('tomorrow', self.account.with_user(self.whatsapp_admin).budget_room)

    def test_an_outsider_sees_no_menu(self):
        menus = self.env['ir.ui.menu'].with_user(self.outsider)._visible_menu_ids()

        self.assertNotIn(self.env.ref('fluxforce_whatsapp.menu_root').id, menus)

    def test_an_outsider_still_opens_a_contact(self):
        with Form(self.ana.with_user(self.outsider)) as form:
            form.name = 'Ana C.'

        self.assertEqual(self.ana.name, 'Ana C.')

    def test_a_system_administrator_sets_up_an_account(self):
        self.env.invalidate_all()
        with Form(self.env['fluxforce.whatsapp.account'].with_user(self.system_admin)) as form:
            form.name = 'Second account'
            form.waba_id = '217000000000002'
            form.token = TOKEN
            form.app_secret = 'secret'

        self.assertEqual(form.record.state, 'draft')
        self.assertTrue(form.record.webhook_token and form.record.verify_token)

    def test_a_whatsapp_admin_prepares_an_account_without_its_secrets(self):
        with Form(self.env['fluxforce.whatsapp.account'].with_user(self.whatsapp_admin)) as form:
            form.name = 'Second account'
            form.waba_id = '217000000000002'

        account = form.record.sudo()
        self.assertTrue(account.webhook_token and account.verify_token)
        self.assertFalse(account.token)

    def test_a_whatsapp_admin_maps_a_variable(self):
        with Form(self.utility_template.with_user(self.whatsapp_admin)) as form, form.variable_ids.edit(1) as line:
            line.field_path = 'email'

        self.assertEqual(self.utility_template.variable_ids[1].field_path, 'email')
