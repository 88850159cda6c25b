from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import WhatsappCommon
from .fake_meta import APP_SECRET, PHONE_ID, PHONE_ID_2, TOKEN, number_row, refused_connection, response, template_row

SECRETS = ('token', 'app_secret', 'verify_token', 'webhook_token', 'webhook_url')


@tagged('post_install', '-at_install')
class TestConnect(WhatsappCommon, TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The account of the other tests is connected by hand; here connecting itself is tested.
        cls.env['fluxforce.whatsapp.template'].search([]).unlink()
        cls.env['fluxforce.whatsapp.number'].search([]).unlink()
        cls.account.state = 'draft'
        cls.account = cls.account.with_user(cls.system_admin)

    def numbers(self):
        return self.env['fluxforce.whatsapp.number'].with_context(active_test=False).search(
            [('account_id', '=', self.account.id)])

    def templates(self):
        return self.env['fluxforce.whatsapp.template'].with_context(active_test=False).search(
            [('account_id', '=', self.account.id)])

    def assertNotConnected(self, message):
        """Connecting fails with a message that names the field, and leaves nothing behind."""
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            self.account.action_connect()
        self.assertEqual(self.account.state, 'draft')
        self.assertFalse(self.numbers())
        self.assertFalse(self.templates())

    # --- It works --------------------------------------------------------------------------------------------

    def test_connect_fetches_the_numbers(self):
        self.account.action_connect()

        number = self.numbers().filtered(lambda number: number.phone_number_id == PHONE_ID)
        self.assertEqual(set(self.numbers().mapped('phone_number_id')), {PHONE_ID, PHONE_ID_2})
        self.assertEqual(number.display_name, 'Simulated Bicycles +34 910 00 01 11')
        self.assertEqual((number.status, number.quality_rating, number.messaging_limit),
                         ('CONNECTED', 'GREEN', 'TIER_2K'))
        self.assertTrue(number.able_to_send)

    def test_connect_fetches_every_page_of_templates(self):
        action = self.account.action_connect()

        self.assertEqual(set(self.templates().mapped('name')), {row['name'] for row in self.meta.templates})
        self.assertEqual(len(self.meta.called('message_templates')), 2)
        self.assertEqual(action['params']['message'], 'Connected: 2 numbers and 5 templates.')

    def test_connect_subscribes_the_webhook_with_its_address_and_verify_token(self):
        self.account.action_connect()

        call = self.meta.called('subscribed_apps')[-1]
        self.assertEqual(call.method, 'POST')
        self.assertEqual(call.body, {'override_callback_uri': self.account.webhook_url,
                                     'verify_token': self.account.verify_token})
        self.assertTrue(self.account.webhook_url.endswith(f'/webhook/{self.account.webhook_token}'))

    def test_connect_says_what_meta_holds(self):
        self.account.action_connect()

        self.assertEqual(self.account.state, 'connected')
        self.assertEqual((self.account.currency_code, self.account.review_status), ('EUR', 'APPROVED'))
        self.assertTrue(self.account.last_connected)

    def test_the_number_of_numbers_and_templates_is_shown(self):
        self.account.action_connect()

        self.assertEqual((self.account.number_count, self.account.template_count), (2, 5))

    def test_connecting_again_updates_and_archives_what_is_gone(self):
        self.account.action_connect()
        self.meta.numbers = [number_row(quality_rating='RED')]
        self.meta.templates = [template_row('9001', 'support_hours', 'We are open all day.')]

        self.account.action_connect()

        kept, gone = self.numbers().sorted('phone_number_id')
        self.assertEqual((kept.quality_rating, kept.active, gone.active), ('RED', True, False))
        active = self.templates().filtered('active')
        self.assertEqual((active.name, active.body), ('support_hours', 'We are open all day.'))
        self.assertEqual(set((self.templates() - active).mapped('status')), {'DELETED'})

    def test_what_comes_back_is_taken_from_the_archive(self):
        self.account.action_connect()
        everything, self.meta.numbers = self.meta.numbers, self.meta.numbers[:1]
        self.account.action_connect()
        self.meta.numbers = everything

        self.account.action_connect()

        self.assertEqual(self.numbers().mapped('active'), [True, True])
        self.assertEqual(len(self.numbers()), 2)

    def test_the_operators_own_limit_survives(self):
        self.account.action_connect()
        self.numbers().operator_limit = 5

        self.account.action_connect()

        self.assertEqual(self.numbers().mapped('operator_limit'), [5, 5])

    def test_values_nobody_knows_yet_are_taken(self):
        self.meta.numbers = [number_row(status='TELEPORTING', quality_rating=None, throughput='?')]
        self.meta.templates = [template_row('1', 'odd', 'Hello', category='TELEPATHY', status='DREAMING',
                                            quality_score='?')]

        self.account.action_connect()

        self.assertEqual((self.numbers().status, self.numbers().quality_rating), ('OTHER', False))
        self.assertFalse(self.numbers().able_to_send)
        self.assertEqual((self.templates().category, self.templates().status), ('OTHER', 'OTHER'))

    def test_update_templates_fetches_their_present_category(self):
        self.account.action_connect()
        self.meta.templates[1]['category'] = 'MARKETING'

        self.account.action_sync_templates()

        self.assertEqual(self.templates().filtered(lambda t: t.name == 'order_update').category, 'MARKETING')

    def test_test_connection_says_what_answers_and_changes_nothing(self):
        action = self.account.action_test_connection()

        self.assertIn('Simulated Bicycles', action['params']['message'])
        self.assertEqual(self.account.state, 'draft')

    # --- It does not work, and says why ----------------------------------------------------------------------

    def test_a_wrong_token_is_named(self):
        self.account.token = 'EAAwrongwrongwrong'

        self.assertNotConnected('field Access Token')

    def test_a_token_pasted_with_a_line_break_is_named(self):
        self.account.token = f'{TOKEN[:10]}\n{TOKEN[10:]}'

        self.assertNotConnected('Access Token')

    def test_a_token_pasted_with_spaces_around_works(self):
        self.account.token = f' {TOKEN} '

        self.account.action_connect()

        self.assertEqual(self.account.state, 'connected')

    def test_a_wrong_waba_id_is_named(self):
        self.account.waba_id = '999'

        self.assertNotConnected('field WhatsApp Business Account ID')

    def test_an_unreachable_host_names_the_address(self):
        self.account.base_url = 'https://graph.facebook.invalid'

        self.assertNotConnected('field API Address')

    def test_an_answer_in_html_names_the_address(self):
        self.meta.fail('account', response(200, b'<html>Welcome to our proxy</html>', 'text/html'))

        self.assertNotConnected('fields API Address and API Version')

    def test_a_connection_cut_half_way_leaves_nothing(self):
        self.meta.fail('message_templates', refused_connection())

        self.assertNotConnected('API Address')

    def test_an_account_without_number_is_told_and_not_subscribed(self):
        self.meta.numbers = []

        self.assertNotConnected('no phone number yet')
        self.assertFalse(self.meta.called('subscribed_apps'))

    def test_missing_secrets_are_named_before_anything_is_asked(self):
        self.account.write({'token': False, 'app_secret': False})

        self.assertNotConnected('Fill in first: Access Token, App Secret')
        self.assertFalse(self.meta.calls)

    def test_an_address_meta_cannot_reach_names_the_setting(self):
        self.meta.fail('subscribed_apps', {'code': 2200, 'message': 'Callback verification failed'})

        self.assertNotConnected('web.base.url')

    def test_an_address_too_long_for_meta_names_the_setting(self):
        self.env['ir.config_parameter'].set_param('web.base.url', 'https://' + 'x' * 200 + '.example.com')

        self.assertNotConnected('web.base.url')

    def test_any_other_refusal_shows_metas_words_and_code(self):
        self.meta.fail('account', {'code': 368, 'message': 'Temporarily blocked for policies violations'})

        self.assertNotConnected(r'Temporarily blocked for policies violations \(code 368\)')

    def test_letters_in_the_waba_id_are_refused(self):
        with self.assertRaisesRegex(ValidationError, 'WhatsApp Business Account ID "21x7" must be digits only'):
            self.account.waba_id = '21x7'

    def test_a_bad_api_version_is_refused(self):
        for version in ('25.0', 'v25', 'latest', 'v25.0/../x'):
            with self.subTest(version=version), self.assertRaisesRegex(ValidationError, 'API Version'):
                self.account.api_version = version

    def test_a_bad_address_is_refused(self):
        for address in ('graph.facebook.com', 'ftp://graph.facebook.com', 'https://', 'file:///etc/passwd'):
            with self.subTest(address=address), self.assertRaisesRegex(ValidationError, 'API Address'):
                self.account.base_url = address

    def test_the_same_waba_twice_is_refused(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env['fluxforce.whatsapp.account'].create(self._account_values())

    def test_a_salesperson_cannot_connect_and_meta_is_not_asked(self):
        for action in ('action_connect', 'action_test_connection', 'action_sync_templates'):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(self.account.with_user(self.salesperson), action)()
        self.assertFalse(self.meta.calls)

    def test_a_whatsapp_admin_connects_without_seeing_the_secrets(self):
        self.account.with_user(self.whatsapp_admin).action_connect()

        self.assertEqual(self.account.state, 'connected')


@tagged('post_install', '-at_install')
class TestSecrets(WhatsappCommon, TransactionCase):

    def setUp(self):
        super().setUp()
        self.theirs = self.account.with_user(self.whatsapp_admin)

    def test_a_whatsapp_admin_cannot_read_them(self):
        for name in SECRETS:
            with self.subTest(field=name), mute_logger('odoo.models'), self.assertRaises(AccessError):
                self.theirs.read([name])

    def test_reading_everything_leaves_them_out(self):
        values = self.theirs.read()[0]

        self.assertFalse(set(SECRETS) & set(values))
        self.assertNotIn(TOKEN, str(values))

    def test_a_whatsapp_admin_does_not_learn_that_they_exist(self):
        self.assertFalse(set(SECRETS) & set(self.theirs.fields_get()))

    def test_they_cannot_be_guessed_by_searching(self):
        with self.assertRaises(AccessError):
            self.theirs.search([('token', '=like', 'EAA%')])

    def test_they_cannot_be_grouped_by(self):
        with self.assertRaises(AccessError):
            self.theirs._read_group([], ['token'])

    def test_they_cannot_be_exported(self):
        self.whatsapp_admin.group_ids += self.env.ref('base.group_allow_export')

        with self.assertRaises(AccessError):
            self.theirs.export_data(['name', 'token'])

    def test_they_cannot_be_read_through_a_number(self):
        self.whatsapp_admin.group_ids += self.env.ref('base.group_allow_export')

        with self.assertRaises(AccessError):
            self.number.with_user(self.whatsapp_admin).export_data(['account_id/token'])

    def test_a_whatsapp_admin_cannot_write_them(self):
        with self.assertRaises(AccessError):
            self.theirs.token = 'EAAmine'

    def test_a_copy_has_its_own(self):
        copy = self.account.copy({'waba_id': '217000000000002'})

        self.assertFalse(copy.token or copy.app_secret)
        self.assertNotEqual(copy.webhook_token, self.account.webhook_token)
        self.assertNotEqual(copy.verify_token, self.account.verify_token)

    def test_the_chatter_never_shows_them(self):
        self.account.write({'token': 'EAAnewnewnewnew', 'app_secret': 'new-secret'})
        self.env.flush_all()
        self.env.cr.precommit.run()

        shown = str(self.account.message_ids.mapped('body')) + str(
            self.account.message_ids.sudo().tracking_value_ids.read(['old_value_char', 'new_value_char']))
        for secret in ('EAAnewnewnewnew', TOKEN, 'new-secret', APP_SECRET):
            self.assertNotIn(secret, shown)

    def test_every_account_has_an_address_of_its_own(self):
        other = self.env['fluxforce.whatsapp.account'].create(self._account_values(waba_id='217000000000002'))

        self.assertEqual(len(set((self.account | other).mapped('webhook_url'))), 2)

    def test_a_client_does_not_show_its_token(self):
        with self.account._client() as client:
            self.assertNotIn(TOKEN, repr(client))


@tagged('post_install', '-at_install')
class TestGuards(WhatsappCommon, TransactionCase):
    """What the administrator of WhatsApp may not do, and what follows from what they do."""

    def test_a_whatsapp_admin_cannot_choose_where_the_token_is_sent(self):
        account = self.account.with_user(self.whatsapp_admin)

        for name, value in (('base_url', 'https://thief.example.com'), ('api_version', 'v1.0')):
            with self.assertRaises(AccessError):
                account.write({name: value})

    def test_a_whatsapp_admin_cannot_declare_a_banned_number_fit(self):
        self.number.status = 'BANNED'

        with self.assertRaisesRegex(AccessError, 'Meta'):
            self.number.with_user(self.whatsapp_admin).status = 'CONNECTED'

    def test_a_whatsapp_admin_sets_the_own_limit_of_a_number(self):
        self.number.with_user(self.whatsapp_admin).operator_limit = 5

        self.assertEqual(self.number.operator_limit, 5)

    def test_taking_the_account_from_the_archive_lets_its_messages_go(self):
        self.account.active = False
        message = self.queue_agreed(self.ana)
        self.run_sender()
        self.assertEqual((message.state, message.reason), ('held', 'account_inactive'))

        self.account.active = True

        self.assertEqual(message.state, 'queued')

    def test_an_account_that_has_sent_stays_with_its_company(self):
        self.queue_agreed(self.ana)

        with self.assertRaisesRegex(UserError, 'company'):
            self.account.company_id = self.env['res.company'].create({'name': 'Other'})
