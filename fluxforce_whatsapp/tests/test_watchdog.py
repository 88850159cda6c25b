import ssl
import time
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import requests
from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron

from .common import WhatsappCommon, inbound_payload, status_payload
from .fake_meta import APP_ID, APP_SECRET, TOKEN, app_row, refused_connection, response

WATCHDOG = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_watchdog'
OUR_HOST = 'odoo.example.com'


class WatchdogCase(WhatsappCommon, TransactionCase):
    """Meta and our own address answer as they should, until a test says otherwise.

    :cvar own: what our own address does at a handshake: None for right, else an exception or an answer
    """

    own = None

    def setUp(self):
        super().setUp()
        type(self).own = None
        self.env['ir.config_parameter'].set_param('web.base.url', f'https://{OUR_HOST}')
        self.env['ir.config_parameter'].set_param('web.base.url.freeze', 'True')
        self.account.user_id = self.whatsapp_admin
        self.meta.subscriptions = [app_row(self.account.webhook_url)]

    @classmethod
    def _request_handler(cls, session, request, /, **kwargs):
        if urlsplit(request.url).hostname == OUR_HOST:
            return cls._own_answer(request)
        return super()._request_handler(session, request, **kwargs)

    @classmethod
    def _own_answer(cls, request):
        if isinstance(cls.own, Exception):
            raise cls.own
        challenge = parse_qs(urlsplit(request.url).query)['hub.challenge'][0]
        return response(200, challenge.encode(), 'text/plain') if cls.own is None else cls.own

    def watch(self):
        with self.no_commit():
            self.env['fluxforce.whatsapp.account']._cron_watch()
        self.env.invalidate_all()

    def alerts(self, kind, state='open'):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', kind), ('state', '=', state)])

    def notes(self):
        return ' '.join(self.account.message_ids.filtered('body').mapped('body'))

    def assertTrouble(self, words):
        """The check tells of one trouble, in these words, as an alert and on the account."""
        self.assertFalse(self.account.check_ok)
        self.assertIn(words, self.account.check_result)
        self.assertIn(words, self.alerts('watchdog').detail)


@tagged('post_install', '-at_install')
class TestConnection(WatchdogCase):

    def test_the_result_is_in_the_companys_language(self):
        self.speak_spanish()

        self.watch()

        self.assertEqual(self.account.check_result, 'Todo está en orden.')

    def test_all_is_well(self):
        self.watch()

        self.assertEqual((self.account.check_ok, self.account.check_result), (True, 'Everything is in order.'))
        self.assertTrue(self.account.checked_at)
        self.assertEqual(self.account.app_id, APP_ID)
        self.assertFalse(self.alerts('watchdog'))

    def test_a_wrong_token_stops_the_account_and_names_the_field(self):
        self.account.token = 'EAAexpiredexpiredexpired'

        self.watch()

        self.assertEqual(self.account.state, 'error')
        self.assertFalse(self.account.check_ok)
        self.assertIn('field Access Token', self.account.check_result)

    def test_a_wrong_token_is_one_trouble_and_told_once(self):
        self.account.token = 'EAAexpiredexpiredexpired'

        self.watch()

        alerts = self.env['fluxforce.whatsapp.alert'].search([('account_id', '=', self.account.id)])
        self.assertEqual(alerts.mapped('kind'), ['account_stopped'])
        self.assertEqual(len(self.account.activity_ids), 1)

    def test_an_unreachable_meta_is_told_and_stops_nothing(self):
        self.meta.fail('account', refused_connection())

        self.watch()

        self.assertEqual(self.account.state, 'connected')
        self.assertTrouble('Meta cannot be reached')

    def test_meta_being_busy_is_no_trouble(self):
        self.watch()
        self.meta.fail('account', 80007)

        self.watch()

        self.assertTrue(self.account.check_ok)
        self.assertFalse(self.alerts('watchdog'))

    def test_a_check_that_meta_was_too_busy_for_is_shown_as_put_off_until_the_next(self):
        self.watch()
        self.meta.fail('account', 80007)
        self.watch()
        self.assertTrue(self.account.check_put_off)

        self.meta.heal()
        self.watch()

        self.assertFalse(self.account.check_put_off)

    def test_a_new_account_that_meta_was_too_busy_to_check_is_not_shown_as_wrong(self):
        self.account.checked_at = False
        self.meta.fail('account', 80007)

        for __ in range(2):
            self.watch()

            self.assertTrue(self.account.check_put_off)

    def test_what_was_wrong_is_still_shown_as_wrong_while_meta_is_too_busy(self):
        self.meta.subscriptions = [app_row('https://other.example.com/hook')]
        self.watch()
        self.meta.fail('account', 80007)

        self.watch()

        self.assertEqual((self.account.check_ok, self.account.check_put_off), (False, False))
        self.assertIn('see Alerts', self.account.check_result)

    def test_what_meta_was_too_busy_to_answer_is_not_called_in_order(self):
        for endpoint in ('account', 'subscribed_apps'):
            with self.subTest(endpoint=endpoint):
                self.account.check_ok = False
                self.meta.fail(endpoint, 80007)

                self.watch()

                self.assertFalse(self.account.check_ok)
                self.assertIn('could not be checked this time', self.account.check_result)
                self.meta.heal()

    def test_a_trouble_does_not_end_because_meta_is_too_busy_to_answer(self):
        self.meta.subscriptions = [app_row('https://other.example.com/hook')]
        self.watch()
        self.meta.fail('account', 80007)

        self.watch()

        self.assertTrue(self.alerts('watchdog'))
        self.assertFalse(self.account.check_ok)

    def test_what_is_wrong_here_is_told_while_meta_is_too_busy(self):
        self.watch()
        self.meta.fail('account', 80007)
        type(self).own = refused_connection()

        self.watch()

        self.assertTrouble('does not answer')

    def test_a_lost_subscription_is_made_again_and_noted(self):
        self.meta.subscriptions = []

        self.watch()

        self.assertEqual(self.meta.subscriptions, [app_row(self.account.webhook_url)])
        self.assertEqual(self.meta.called('subscribed_apps')[-2].body['verify_token'], self.account.verify_token)
        self.assertIn('lost the subscription', self.notes())
        self.assertTrue(self.account.check_ok)

    def test_a_subscription_without_our_address_is_mended(self):
        self.meta.subscriptions = [app_row()]

        self.watch()

        self.assertEqual(self.meta.subscriptions, [app_row(self.account.webhook_url)])

    def test_another_servers_address_is_told_and_left_alone(self):
        elsewhere = [app_row('https://other.example.com/hook')]
        self.meta.subscriptions = elsewhere

        self.watch()

        self.assertEqual(self.meta.subscriptions, elsewhere)
        self.assertTrouble('on the server other.example.com.')

    def test_no_part_of_a_webhooks_address_that_is_secret_is_told(self):
        self.meta.subscriptions = [app_row(f'https://other.example.com/webhook/{self.account.webhook_token}')]
        self.watch()
        self.meta.subscriptions = []
        self.meta.fail('subscribed_apps', {'code': 2200, 'message': f'No answer at {self.account.webhook_url}'})
        self.watch()

        told = ' '.join([*self.alerts('watchdog').mapped('detail'), self.account.check_result, self.notes()])
        self.assertIn('other.example.com', told)
        self.assertNotIn(self.account.webhook_token, told)

    def test_another_apps_address_is_no_reason_not_to_mend_ours(self):
        self.watch()
        self.meta.subscriptions = [app_row('https://other.example.com/hook', app_id='7')]

        self.watch()

        self.assertEqual(self.meta.subscriptions, [app_row(self.account.webhook_url)])

    def test_an_address_that_does_not_answer_is_told(self):
        for own, words in (
            (refused_connection(), 'does not answer at its own address https://odoo.example.com'),
            (requests.exceptions.SSLError(ssl.SSLError('self-signed')), 'certificate'),
            (response(403, b''), 'refuses the webhook'),
            (response(200, b'<html>Welcome</html>'), 'Something else than this Odoo'),
        ):
            with self.subTest(words=words):
                self.account.checked_at = False
                type(self).own = own

                self.watch()

                self.assertTrouble(words)

    def test_an_address_that_meta_reaches_need_not_be_reached_from_here(self):
        type(self).own = refused_connection()
        self.receive(inbound_payload('Hello'))

        self.watch()

        self.assertTrue(self.account.check_ok)

    def test_a_trouble_is_told_once_and_ends_by_itself(self):
        type(self).own = refused_connection()
        self.watch()
        self.watch()
        alert = self.alerts('watchdog')
        self.assertEqual((len(alert), alert.count, len(self.account.activity_ids)), (1, 2, 1))

        type(self).own = None
        self.watch()

        self.assertEqual((alert.state, len(self.account.activity_ids)), ('done', 0))

    def test_webhooks_that_nobody_applies_are_told(self):
        event = self.env['fluxforce.whatsapp.event']._store(self.account.id, b'{}')
        event.received_at = fields.Datetime.now() - timedelta(hours=1)

        self.watch()

        self.assertTrouble('scheduled action "WhatsApp: apply webhooks"')

    def test_an_old_webhook_that_is_applied_again_counts_from_then_on(self):
        events = self.env['fluxforce.whatsapp.event']
        event = events._store(self.account.id, b'not JSON')
        self.apply_webhooks()
        event.received_at = fields.Datetime.now() - timedelta(days=30)
        event.with_user(self.whatsapp_admin).action_replay()

        self.watch()

        self.assertTrue(self.account.check_ok)

    def test_an_old_webhook_that_is_applied_again_hides_no_other_that_nobody_applies(self):
        events = self.env['fluxforce.whatsapp.event']
        event = events._store(self.account.id, b'not JSON')
        self.apply_webhooks()
        event.with_user(self.whatsapp_admin).action_replay()
        events._store(self.account.id, b'{}').received_at = fields.Datetime.now() - timedelta(hours=1)

        self.watch()

        self.assertTrouble('scheduled action "WhatsApp: apply webhooks"')

    def test_a_webhook_that_is_begun_again_and_again_is_told(self):
        event = self.env['fluxforce.whatsapp.event']._store(self.account.id, b'{}')
        event.received_at = fields.Datetime.now() - timedelta(hours=1)
        event.attempts += 1  # just now

        self.watch()

        self.assertTrouble('scheduled action "WhatsApp: apply webhooks"')

    def test_only_connected_accounts_are_checked(self):
        self.account.state = 'draft'

        self.watch()

        self.assertFalse(self.meta.calls)

    def test_a_copy_of_the_database_takes_no_webhooks_away(self):
        self.account.database_uuid = 'of another database'
        self.meta.subscriptions = []

        self.watch()

        self.assertFalse(self.meta.calls)

    def test_nothing_is_held_while_others_answer(self):
        done = []
        type(self).own = None
        real_answer = type(self)._own_answer

        def answer(request):
            done.append('asked')
            return real_answer(request)

        def commit(*_args, **_kwargs):
            self.env.flush_all()
            done.append('committed')
            return 60.0

        with patch.object(IrCron, '_commit_progress', commit), patch.object(type(self), '_own_answer', answer):
            self.env['fluxforce.whatsapp.account']._cron_watch()

        asked = done.index('asked')
        self.assertEqual(done[asked - 1:asked + 2], ['committed', 'asked', 'committed'])

    def test_a_restriction_that_is_over_ends_with_the_round(self):
        self.number.write({'brake': 'all', 'brake_reason': 'restricted',
                           'brake_until': fields.Datetime.now() - timedelta(minutes=1)})

        self.watch()

        self.assertEqual(self.number.brake, 'none')


@tagged('post_install', '-at_install')
class TestRound(WatchdogCase):
    """Several accounts: who is looked at first, and what is left to the next run."""

    def setUp(self):
        super().setUp()
        self.other = self.env['fluxforce.whatsapp.account'].create({
            'name': 'Second', 'waba_id': '217000000000002', 'token': TOKEN, 'app_secret': APP_SECRET,
            'state': 'connected'})
        self.now = fields.Datetime.now()
        self.account.checked_at = self.now - timedelta(hours=2)
        self.other.checked_at = self.now - timedelta(hours=1)

    def run_cron(self, left=60.0, **context):
        """Run the cron with so many seconds left after each step.

        :return: what was told about the progress: (done, remaining)
        """
        told = []

        def commit(_cron, done=0, *, remaining=None):
            self.env.flush_all()
            if remaining is not None:
                told.append((done, remaining))
            return left

        with patch.object(IrCron, '_commit_progress', commit), patch.object(self.env.cr, 'rollback'):
            self.env['fluxforce.whatsapp.account'].with_context(**context)._cron_watch()
        self.env.invalidate_all()
        return told

    def round_due(self, minutes_ago):
        """:return: the context in which the scheduler runs a round that has been due for a while."""
        cron = self.env.ref('fluxforce_whatsapp.ir_cron_watch')
        cron.nextcall = self.now - timedelta(minutes=minutes_ago)
        return {'cron_id': cron.id}

    def checked(self):
        """:return: the accounts about which Meta was asked just now."""
        return (self.account | self.other).filtered(lambda account: account.checked_at >= self.now)

    def fail_for(self, broken, name, error):
        """Let a method of an account fail."""
        real = getattr(self.env.registry['fluxforce.whatsapp.account'], name)

        def fail(account, *args):
            if account == broken:
                raise error
            return real(account, *args)
        return patch(f'{WATCHDOG}.FluxforceWhatsappWatchdog.{name}', fail)

    def test_whoever_was_not_looked_at_for_longest_comes_first_when_time_is_short(self):
        self.run_cron(left=0)

        self.assertEqual(self.checked(), self.account)

    def test_who_is_left_is_told_truly(self):
        self.assertEqual(self.run_cron(), [(1, 1), (1, 0)])

    def test_the_next_run_of_a_round_goes_on_where_the_first_stopped(self):
        context = self.round_due(minutes_ago=10)
        self.run_cron(left=0, **context)

        told = self.run_cron(left=0, **context)

        self.assertEqual((self.checked(), told), (self.account | self.other, [(1, 0)]))

    def test_a_round_that_somebody_asked_for_asks_about_each_account_once(self):
        context = self.round_due(minutes_ago=-10)
        self.env['ir.cron'].browse(context['cron_id']).lastcall = self.now - timedelta(minutes=1)
        self.run_cron(left=0, **context)

        told = self.run_cron(left=0, **context)

        self.assertEqual(told, [(1, 0)])

    def test_in_the_next_round_all_are_due_again(self):
        self.account.checked_at = self.other.checked_at = self.now - timedelta(minutes=1)

        self.run_cron(**self.round_due(minutes_ago=0))

        self.assertEqual(self.checked(), self.account | self.other)

    def test_a_run_whose_time_was_up_before_gives_others_their_turn(self):
        told = self.run_cron(cron_end_time=time.monotonic() - 1)

        self.assertEqual((told, self.meta.calls), ([(0, 2)], []))

    def test_webhooks_that_nobody_applies_are_told_before_meta_is_asked_about_the_account(self):
        event = self.env['fluxforce.whatsapp.event']._store(self.other.id, b'{}')
        event.received_at = self.now - timedelta(hours=1)

        self.run_cron(left=0)

        self.assertEqual(self.alerts('watchdog').filtered(
            lambda alert: 'apply webhooks' in alert.detail).account_id, self.other)
        self.assertNotIn(self.other, self.checked())

    def test_webhooks_that_nobody_applies_count_once_in_a_round(self):
        event = self.env['fluxforce.whatsapp.event']._store(self.account.id, b'{}')
        event.received_at = self.now - timedelta(hours=1)

        self.run_cron()

        self.assertEqual(self.alerts('watchdog').filtered(lambda alert: alert.account_id == self.account).count, 1)

    def test_one_accounts_trouble_does_not_stop_the_next(self):
        for name in ('_watch_journal', '_plan_check', '_heed_findings'):
            with self.subTest(name=name), mute_logger(WATCHDOG), self.fail_for(
                    self.account, name, ValueError('cannot do this')):
                self.other.check_result = False

                self.run_cron()

                self.assertIn('does not know the WhatsApp Business Account ID', self.other.check_result)

    def test_an_account_that_cannot_be_checked_waits_its_turn_like_the_others(self):
        for error in (ValueError('cannot do this'), SerializationFailure()):
            with self.subTest(error=error), mute_logger(WATCHDOG), self.fail_for(self.account, '_plan_check', error):
                self.account.checked_at = self.now - timedelta(hours=2)

                self.run_cron(left=0)

                self.assertEqual(self.checked(), self.account)

    def test_an_account_that_cannot_be_checked_is_not_called_in_order(self):
        self.account.check_ok = True

        with mute_logger(WATCHDOG), self.fail_for(self.account, '_heed_findings', ValueError('cannot do this')):
            self.run_cron()

        self.assertFalse(self.account.check_ok)
        self.assertIn('could not be finished', self.account.check_result)


@tagged('post_install', '-at_install')
class TestSilence(WatchdogCase):

    def setUp(self):
        super().setUp()
        self.message = self.queue_agreed(self.ana)
        self.run_sender()

    def accepted(self, minutes_ago, messages=None):
        (messages or self.message).accepted_at = fields.Datetime.now() - timedelta(minutes=minutes_ago)

    def report(self, message=None, status='sent'):
        self.receive(status_payload((message or self.message).wamid, status, timestamp=int(time.time())))

    def test_no_report_after_a_quarter_of_an_hour_is_an_alarm(self):
        self.accepted(minutes_ago=16)

        self.watch()

        alert = self.alerts('silence')
        self.assertEqual((alert.severity, self.account.silent_since), ('critical', self.message.accepted_at))
        self.assertIn('no report has come back', self.account.check_result)

    def test_before_that_nothing_is_said(self):
        self.accepted(minutes_ago=14)

        self.watch()

        self.assertFalse(self.alerts('silence'))
        self.assertTrue(self.account.check_ok)

    def test_how_long_is_a_setting_of_the_account(self):
        self.account.silence_minutes = 5
        self.accepted(minutes_ago=6)

        self.watch()

        self.assertTrue(self.alerts('silence'))

    def test_a_setting_that_makes_no_sense_is_refused(self):
        for minutes in (0, -1, 100_000):
            with self.subTest(minutes=minutes), self.assertRaisesRegex(ValidationError, 'Alarm when no reports'):
                self.account.silence_minutes = minutes

    def test_with_reports_nothing_is_said(self):
        self.report()
        self.accepted(minutes_ago=60)

        self.watch()

        self.assertFalse(self.alerts('silence'))

    def test_one_message_without_a_report_among_others_is_no_silence(self):
        other = self.queue_agreed(self.ben)
        self.run_sender()
        self.accepted(minutes_ago=60)
        self.report(other)

        self.watch()

        self.assertFalse(self.alerts('silence'))

    def test_what_meta_holds_back_itself_is_no_silence(self):
        self.accepted(minutes_ago=60)
        self.message.held_by_meta = True

        self.watch()

        self.assertFalse(self.alerts('silence'))

    def test_messages_of_people_are_no_reports(self):
        self.accepted(minutes_ago=60)
        self.receive(inbound_payload('Hello'))

        self.watch()

        self.assertTrue(self.alerts('silence'))

    def test_an_alarm_does_not_wait_until_meta_was_asked_about_all_others(self):
        self.accepted(minutes_ago=16)
        self.account.checked_at = before = fields.Datetime.now() - timedelta(minutes=1)
        self.env['fluxforce.whatsapp.account'].create({
            'name': 'Second', 'waba_id': '217000000000002', 'token': TOKEN, 'app_secret': APP_SECRET,
            'state': 'connected'})

        with patch.object(IrCron, '_commit_progress', lambda *_args, **_kwargs: 0):
            self.env['fluxforce.whatsapp.account']._cron_watch()

        self.assertEqual(self.account.checked_at, before)
        self.assertTrue(self.alerts('silence'))

    def test_a_silence_is_told_once(self):
        self.accepted(minutes_ago=16)

        self.watch()
        self.watch()

        self.assertEqual(self.alerts('silence').count, 1)

    def test_when_reports_come_again_the_gap_is_told_honestly(self):
        lost = self.queue_agreed(self.ben)
        self.run_sender()
        self.accepted(minutes_ago=60, messages=self.message | lost)
        self.watch()
        since = self.account.silent_since

        self.report()
        self.watch()

        self.assertFalse(self.alerts('silence') or self.account.silent_since)
        self.assertEqual((self.account.gap_from, self.account.gap_count), (since, 1))
        self.assertGreater(self.account.gap_to, since)
        alert = self.alerts('gap')
        self.assertEqual(alert.severity, 'info')
        self.assertIn('Messages that Meta accepted meanwhile and that had none yet: 1.', alert.detail)
        self.assertIn('no reports came', self.notes())

    def test_what_is_missing_after_a_gap_shrinks_as_meta_repeats_its_reports(self):
        late, lost = self.queue_agreed(self.ben), self.queue_agreed(self.chloe)
        self.run_sender()
        self.accepted(minutes_ago=60, messages=self.message | late | lost)
        self.watch()
        self.report()
        self.watch()
        self.assertEqual(self.account.gap_count, 2)

        self.report(late)
        self.env.invalidate_all()

        self.assertEqual(self.account.gap_count, 1)

    def test_without_a_gap_nothing_is_missing(self):
        self.accepted(minutes_ago=60)

        self.assertEqual(self.account.gap_count, 0)

    def test_a_silence_after_a_gap_is_another_one(self):
        self.accepted(minutes_ago=60)
        self.watch()
        self.report()
        self.env['fluxforce.whatsapp.event.item'].search([('kind', '=', 'status')]).received_at = (
            fields.Datetime.now() - timedelta(minutes=40))
        again = self.queue_agreed(self.ben)
        self.run_sender()
        self.accepted(minutes_ago=20, messages=again)

        self.watch()

        self.assertEqual(self.account.silent_since, again.accepted_at)
        self.assertTrue(self.alerts('gap'))
        self.assertTrue(self.alerts('silence'))

    def test_a_silence_that_ends_without_a_report_leaves_no_gap(self):
        self.accepted(minutes_ago=60)
        self.watch()
        self.message.state = 'failed'

        self.watch()

        self.assertFalse(self.alerts('silence') | self.alerts('gap'))

    def test_while_webhooks_are_not_applied_nobody_knows_whether_there_is_silence(self):
        self.accepted(minutes_ago=60)
        event = self.env['fluxforce.whatsapp.event']._store(self.account.id, b'{}')
        event.received_at = fields.Datetime.now() - timedelta(minutes=30)

        self.watch()

        self.assertFalse(self.alerts('silence'))


@tagged('post_install', '-at_install')
class TestPage(WatchdogCase):

    def test_check_now_says_what_comes_out(self):
        action = self.account.with_user(self.whatsapp_admin).action_check_now()

        self.assertEqual((action['params']['type'], action['params']['message']),
                         ('success', 'Everything is in order.'))

    def test_check_now_says_what_is_wrong(self):
        type(self).own = refused_connection()

        action = self.account.with_user(self.whatsapp_admin).action_check_now()

        self.assertEqual(action['params']['type'], 'warning')
        self.assertIn('does not answer', action['params']['message'])

    def test_check_now_calls_it_no_success_where_meta_was_too_busy(self):
        self.watch()
        self.meta.fail('account', 80007)

        action = self.account.with_user(self.whatsapp_admin).action_check_now()

        self.assertEqual(action['params']['type'], 'warning')
        self.assertIn('could not be checked this time', action['params']['message'])

    def test_a_salesperson_cannot_check_and_meta_is_not_asked(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.salesperson).action_check_now()
        self.assertFalse(self.meta.calls)

    def test_the_page_shows_how_the_journal_stands(self):
        self.receive(inbound_payload('Hello'), status_payload('wamid.X', 'sent'))
        old = self.env['fluxforce.whatsapp.event']._store(self.account.id, b'{}')
        old.write({'received_at': fields.Datetime.now() - timedelta(hours=3), 'state': 'error'})
        self.env.invalidate_all()

        account = self.account.with_user(self.whatsapp_admin)
        self.assertTrue(account.webhook_last_at > old.received_at)
        self.assertEqual((account.webhook_hour_done, account.webhook_hour_error), (2, 0))
        self.assertEqual((account.webhook_day_done, account.webhook_day_error), (2, 1))
        self.assertEqual((account.webhook_error_count, account.webhook_waiting_count), (1, 0))

    def test_the_button_opens_what_needs_attention(self):
        action = self.account.with_user(self.whatsapp_admin).action_open_webhook_errors()

        self.assertEqual((action['res_model'], action['domain'], action['context']),
                         ('fluxforce.whatsapp.event', [('account_id', '=', self.account.id)],
                          {'search_default_error': 1}))

    def test_the_figures_are_for_administrators(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.salesperson).read(['webhook_error_count'])
        with self.assertRaises(AccessError):
            self.account.with_user(self.salesperson).read(['check_result'])

    def test_the_form_opens_for_an_administrator(self):
        self.watch()
        now = fields.Datetime.now()
        self.account.write({'gap_from': now - timedelta(hours=1), 'gap_to': now})

        with Form(self.account.with_user(self.whatsapp_admin)) as form:
            form.silence_minutes = 30

        self.assertEqual(self.account.silence_minutes, 30)

    def test_the_queries_behind_the_page_use_indexes(self):
        self.env.cr.execute("""
            SELECT indexname FROM pg_indexes WHERE tablename IN ('fluxforce_whatsapp_event',
                                                                'fluxforce_whatsapp_event_item')
        """)
        names = {name for name, in self.env.cr.fetchall()}

        self.assertLessEqual({'fluxforce_whatsapp_event_received_idx', 'fluxforce_whatsapp_event_parked_idx',
                              'fluxforce_whatsapp_event_item_status_idx'}, names)
