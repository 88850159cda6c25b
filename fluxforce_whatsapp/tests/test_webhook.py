import json
import logging
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..cloud_api.const import WEBHOOK_MAX_BYTES
from .common import WhatsappCommon, inbound_payload, status_payload

_logger = logging.getLogger(__name__)

ADDON = 'odoo.addons.fluxforce_whatsapp'
CONTROLLER = f'{ADDON}.controllers.webhook'


@tagged('post_install', '-at_install')
class TestWebhook(WhatsappCommon, HttpCase):

    def setUp(self):
        super().setUp()
        self.url = f'/fluxforce_whatsapp/webhook/{self.account.webhook_token}'

    def journal(self):
        return self.env['fluxforce.whatsapp.event'].search([('account_id', '=', self.account.id)])

    def shake_hands(self, verify_token, **params):
        return self.url_open(self.url, params={
            'hub.mode': 'subscribe', 'hub.verify_token': verify_token, 'hub.challenge': '1158201444', **params})

    # --- Handshake -------------------------------------------------------------------------------------------

    def test_the_handshake_answers_with_the_challenge(self):
        answer = self.shake_hands(self.account.verify_token)

        self.assertEqual((answer.status_code, answer.text), (200, '1158201444'))
        self.assertTrue(answer.headers['Content-Type'].startswith('text/plain'))

    def test_a_wrong_verify_token_is_refused(self):
        with self.assertLogs(CONTROLLER, 'WARNING'):
            answer = self.shake_hands('guessed')

        self.assertEqual(answer.status_code, 403)

    def test_an_account_without_verify_token_answers_nobody(self):
        self.account.verify_token = False

        with mute_logger(CONTROLLER):
            self.assertEqual(self.shake_hands('').status_code, 403)
            self.assertEqual(self.shake_hands('False').status_code, 403)

    def test_a_wrong_mode_is_refused(self):
        with mute_logger(CONTROLLER):
            answer = self.shake_hands(self.account.verify_token, **{'hub.mode': 'unsubscribe'})

        self.assertEqual(answer.status_code, 403)

    def test_nothing_is_reflected_to_a_stranger(self):
        script = '<script>alert(1)</script>'

        with mute_logger(CONTROLLER):
            answer = self.shake_hands('guessed', **{'hub.challenge': script})

        self.assertNotIn('alert(1)', answer.text)

    def test_a_challenge_is_never_markup(self):
        answer = self.shake_hands(self.account.verify_token, **{'hub.challenge': '<b>1</b>'})

        self.assertTrue(answer.headers['Content-Type'].startswith('text/plain'))
        self.assertEqual(answer.headers['X-Content-Type-Options'], 'nosniff')

    def test_an_unknown_address_is_not_found(self):
        answer = self.url_open('/fluxforce_whatsapp/webhook/nobody', params={
            'hub.mode': 'subscribe', 'hub.verify_token': self.account.verify_token, 'hub.challenge': '1'})

        self.assertEqual(answer.status_code, 404)

    # --- Who may post ----------------------------------------------------------------------------------------

    def assertRefused(self, status, kept=0, **options):
        with mute_logger(CONTROLLER, 'odoo.http'):
            answer = self.post_webhook(inbound_payload(), **options)
        self.assertEqual(answer.status_code, status)
        self.assertEqual(len(self.journal()), kept)

    def test_an_unsigned_body_is_refused(self):
        self.assertRefused(403, secret=None)

    def test_a_wrongly_signed_body_is_refused(self):
        self.assertRefused(403, secret='another secret')

    def test_a_mangled_signature_is_refused(self):
        self.assertRefused(403, secret=None, headers={'X-Hub-Signature-256': 'sha256=zz'})

    def test_another_accounts_secret_does_not_open_this_one(self):
        self.env['fluxforce.whatsapp.account'].create(
            self._account_values(waba_id='217000000000002', app_secret='the-other-secret'))

        self.assertRefused(403, secret='the-other-secret')

    def test_without_app_secret_nothing_comes_in(self):
        self.account.app_secret = False

        self.assertRefused(403, secret='False')

    def test_after_a_change_of_the_secret_the_former_one_counts_for_a_while(self):
        former = self.account.app_secret
        self.account.app_secret = 'the-new-secret'

        self.assertEqual(self.post_webhook(inbound_payload('One'), secret='the-new-secret').status_code, 200)
        self.assertEqual(self.post_webhook(inbound_payload('Two'), secret=former).status_code, 200)

    def test_later_the_former_secret_counts_no_more(self):
        former = self.account.app_secret
        self.account.app_secret = 'the-new-secret'
        self.account.former_secret_until = fields.Datetime.now() - timedelta(seconds=1)

        self.assertRefused(403, secret=former)

    def test_a_slip_that_is_corrected_does_not_lose_the_secret_meta_signs_with(self):
        former = self.account.app_secret
        self.account.app_secret = 'a slip of the pen'
        self.account.app_secret = 'the-new-secret'

        self.assertEqual(self.post_webhook(inbound_payload('One'), secret=former).status_code, 200)
        self.assertRefused(403, secret='a slip of the pen', kept=1)

    def test_a_secret_that_leaked_can_be_ended_at_once(self):
        former = self.account.app_secret
        self.account.app_secret = 'the-new-secret'

        self.account.action_end_rotation()

        self.assertRefused(403, secret=former)

    def test_without_any_secret_the_former_one_counts_no_more(self):
        former = self.account.app_secret
        self.account.app_secret = 'the-new-secret'

        self.account.app_secret = False

        self.assertRefused(403, secret=former)

    def test_what_the_way_in_must_know_is_asked_of_the_database_once(self):
        accounts = self.env['fluxforce.whatsapp.account']
        accounts._entrance(self.account.webhook_token)

        with self.assertQueryCount(0):
            known = accounts._entrance(self.account.webhook_token)

        self.assertEqual(known['id'], self.account.id)

    def test_an_account_that_is_deleted_has_no_way_in(self):
        token = self.account.webhook_token
        account = self.account.copy({'waba_id': '9990001', 'webhook_token': 'an-address-of-its-own'})
        accounts = self.env['fluxforce.whatsapp.account']
        self.assertTrue(accounts._entrance('an-address-of-its-own'))

        account.unlink()

        self.assertIsNone(accounts._entrance('an-address-of-its-own'))
        self.assertTrue(accounts._entrance(token))

    def test_an_account_that_is_deleted_while_a_webhook_comes_has_no_way_in(self):
        gone = {**self.env['fluxforce.whatsapp.account']._entrance(self.account.webhook_token), 'id': 0}

        with (patch.object(self.env.registry['fluxforce.whatsapp.account'], '_entrance', lambda *_args: gone),
              self.assertNoLogs('odoo', 'WARNING')):
            answer = self.post_webhook(inbound_payload('Hello'))

        self.assertEqual(answer.status_code, 404)
        self.assertFalse(self.journal())

    def test_an_expired_secret_is_not_kept(self):
        self.account.app_secret = 'the-new-secret'
        self.account.former_secret_until = fields.Datetime.now() - timedelta(seconds=1)

        self.env['fluxforce.whatsapp.account']._gc_former_secrets()

        self.assertFalse(self.account.former_app_secret)

    def test_where_the_body_cannot_be_kept_meta_is_asked_to_come_again_and_it_is_not_logged(self):
        self.env.cr.execute('ALTER TABLE fluxforce_whatsapp_event RENAME COLUMN body TO elsewhere')

        with self.assertLogs('odoo', 'WARNING') as logs:
            answer = self.post_webhook(inbound_payload('my secret wish'))

        self.assertGreaterEqual(answer.status_code, 500)
        self.assertNotIn('my secret wish', '\n'.join(logs.output))

    def test_an_unknown_address_takes_nothing(self):
        self.assertRefused(404, token='nobody')

    def test_what_comes_for_an_archived_account_is_not_lost(self):
        self.account.active = False

        answer = self.post_webhook(inbound_payload('Hello'))
        self.apply_webhooks()

        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.journal().state, 'done')
        self.assertIn('Hello', self.chatter(self.ana).body)

    def test_what_is_too_large_is_refused(self):
        with mute_logger(CONTROLLER, 'odoo.http'):
            answer = self.post_webhook(b' ' * (WEBHOOK_MAX_BYTES + 1))

        self.assertEqual(answer.status_code, 413)
        self.assertFalse(self.journal())

    def test_a_refusal_does_not_log_the_body(self):
        with self.assertLogs(ADDON, 'DEBUG') as logs:
            self.post_webhook(inbound_payload('my secret wish'), secret='another secret')

        self.assertNotIn('my secret wish', '\n'.join(logs.output))
        self.assertIn('wrong signature', '\n'.join(logs.output))

    # --- What is kept ----------------------------------------------------------------------------------------

    def test_a_good_body_is_kept_as_it_came(self):
        payload = inbound_payload('¿Está listo? 🚲')

        answer = self.post_webhook(payload)

        self.assertEqual((answer.status_code, answer.text), (200, ''))
        self.assertEqual(self.journal().mapped('state'), ['pending'])
        self.assertEqual(json.loads(self.journal().body), payload)

    def test_nothing_is_applied_before_the_answer(self):
        before = self.chatter(self.ana)

        self.post_webhook(inbound_payload('Hello'))

        self.assertEqual(self.chatter(self.ana), before)

    def test_the_reducers_are_woken(self):
        with self.capture_triggers('fluxforce_whatsapp.ir_cron_process_events') as captured:
            self.post_webhook(inbound_payload())

        self.assertEqual(len(captured.records), 1)

    def test_for_what_comes_together_they_are_woken_once(self):
        with self.capture_triggers('fluxforce_whatsapp.ir_cron_process_events') as captured:
            self.post_webhook(inbound_payload(wamid='wamid.1'))
            self.post_webhook(inbound_payload(wamid='wamid.2'))

        self.assertEqual((len(captured.records), len(self.journal())), (1, 2))

    def test_they_are_woken_again_where_nobody_came(self):
        self.post_webhook(inbound_payload(wamid='wamid.1'))
        self.journal().received_at = fields.Datetime.now() - timedelta(seconds=10)

        with self.capture_triggers('fluxforce_whatsapp.ir_cron_process_events') as captured:
            self.post_webhook(inbound_payload(wamid='wamid.2'))

        self.assertEqual(len(captured.records), 1)

    def test_meta_gets_no_session(self):
        self.opener.cookies.clear_session_cookies()

        answer = self.post_webhook(inbound_payload())

        self.assertNotIn('session_id', answer.headers.get('Set-Cookie', ''))

    def test_a_good_body_is_not_logged(self):
        with self.assertLogs(ADDON, 'DEBUG') as logs:
            _logger.info('Now it comes')
            self.post_webhook(inbound_payload('my secret wish'))
            self.apply_webhooks()

        self.assertNotIn('my secret wish', '\n'.join(logs.output))
        self.assertNotIn('447400123001', '\n'.join(logs.output))

    def test_signed_but_malformed_is_a_bad_request(self):
        for raw in (b'{"object": ', b'[]', b'{"object": "page", "entry": []}', b'\xff\xfe'):
            with self.subTest(raw=raw), mute_logger(CONTROLLER):
                self.assertEqual(self.post_webhook(raw).status_code, 400)
        self.assertFalse(self.journal())

    def test_fields_nobody_knows_yet_are_kept(self):
        payload = status_payload('wamid.X', 'teleported')
        payload['entry'][0]['changes'].append({'field': 'brand_new', 'value': {'a': [1, None]}})

        self.assertEqual(self.post_webhook(payload).status_code, 200)
        self.apply_webhooks()

        self.assertEqual(self.journal().state, 'done')

    def test_nul_characters_do_not_break_the_journal(self):
        answer = self.post_webhook(inbound_payload('a\x00b'))
        self.apply_webhooks()

        self.assertEqual(answer.status_code, 200)
        self.assertIn('ab', self.chatter(self.ana)[-1:].body)
