import json
import secrets
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import ForeignKeyViolation, SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.mail.models.mail_message import MailMessage

from ..cloud_api.const import STATUS_RANK
from ..cloud_api.track import Track
from ..models.fluxforce_whatsapp_chatter import FluxforceWhatsappChatter
from ..models.fluxforce_whatsapp_event import STORING_LOCK
from .common import NOON, WhatsappCommon, inbound_payload, status_payload, together, webhook_payload
from .fake_meta import PHONE_ID

FAILURES = 'odoo.addons.fluxforce_whatsapp.models.failures'
EVENT = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_event'
ITEM = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_event_item'
MODELS = 'odoo.addons.fluxforce_whatsapp.models'
CONFLICTS = f'{MODELS}.conflicts'
MESSAGE = f'{MODELS}.fluxforce_whatsapp_message'
INBOUND = f'{MODELS}.fluxforce_whatsapp_inbound.FluxforceWhatsappInbound'
MESSAGES = f'{MODELS}.fluxforce_whatsapp_reducer_messages.FluxforceWhatsappReducer'


@tagged('post_install', '-at_install')
class TestStatuses(WhatsappCommon, TransactionCase):

    def setUp(self):
        super().setUp()
        self.message = self.queue_agreed(self.ana)
        self.run_sender()

    def report(self, *statuses, **options):
        return self.receive(*(
            status_payload(self.message.wamid, status, timestamp=NOON + index, **options)
            for index, status in enumerate(statuses)))

    def test_sent_delivered_and_read_move_it_forward_with_their_moments(self):
        for status, tick, moment in (
            ('sent', 'pending', 'sent_at'), ('delivered', 'sent', 'delivered_at'), ('read', 'read', 'read_at'),
        ):
            with self.subTest(status=status):
                self.report(status)
                self.assertEqual(self.message.state, status)
                self.assertEqual(self.message[moment], fields.Datetime.to_datetime('2026-06-01 12:00:00'))
                self.assertEqual(self.notification_of(self.message).notification_status, tick)

    def test_disorder_ends_in_the_furthest_state_with_every_moment(self):
        self.report('read', 'sent', 'delivered')

        self.assertEqual(self.message.state, 'read')
        self.assertTrue(self.message.sent_at and self.message.delivered_at and self.message.read_at)

    def test_a_duplicate_changes_nothing(self):
        self.report('delivered')
        before = self.message.read()

        self.report('delivered')

        self.assertEqual(self.message.read(), before)

    def test_a_duplicate_within_one_body_is_one(self):
        payload = status_payload(self.message.wamid, 'delivered')
        event = self.receive(together(payload, payload))

        self.assertEqual(event.state, 'done')
        self.assertEqual(len(event.item_ids), 1)

    def test_played_counts_as_read_in_the_chatter(self):
        self.report('played')

        self.assertEqual(self.message.state, 'played')
        self.assertEqual(self.notification_of(self.message).notification_status, 'read')

    def test_a_failure_shows_its_reason_in_the_chatter(self):
        self.report('failed', error={'code': 131026, 'title': 'Message undeliverable'})

        self.assertEqual(self.message.state, 'failed')
        self.assertEqual(self.message.error_code, 131026)
        self.assertIn('may not be on WhatsApp', self.message.explanation)
        self.assertEqual(self.notification_of(self.message).notification_status, 'exception')
        self.assertEqual(self.notification_of(self.message).failure_type, 'whatsapp_failed')

    def test_a_failure_nobody_knows_shows_metas_words(self):
        self.report('failed', error={'code': 999999, 'title': 'Solar flare'})

        self.assertEqual(self.message.explanation, 'Solar flare')

    def test_failed_after_read_is_ignored_completely(self):
        self.report('read', 'failed', error=131026)

        self.assertEqual(self.message.state, 'read')
        self.assertFalse(self.message.failed_at)
        self.assertFalse(self.message.error_code)
        self.assertFalse(self.message.explanation)

    def test_delivered_after_failed_takes_the_failure_back(self):
        self.report('failed', error=131026)

        self.report('delivered')

        self.assertEqual(self.message.state, 'delivered')
        self.assertEqual(self.notification_of(self.message).notification_status, 'sent')
        self.assertFalse(self.notification_of(self.message).failure_type)
        self.assertFalse(self.message.explanation)
        self.assertFalse(self.message.failed_at)

    def test_a_status_nobody_knows_is_kept_only(self):
        event = self.report('teleported')

        self.assertEqual(self.message.state, 'accepted')
        self.assertEqual((event.state, event.item_ids.state), ('done', 'ignored'))

    def test_a_status_nobody_knew_counts_after_an_update(self):
        event = self.report('teleported')

        with patch.dict(STATUS_RANK, teleported=STATUS_RANK['delivered']):
            event.with_user(self.whatsapp_admin).action_replay()
            self.apply_webhooks()

        self.assertEqual(event.item_ids.state, 'done')

    def test_a_state_is_kept_even_if_it_cannot_be_shown(self):
        sync = patch.object(FluxforceWhatsappChatter, '_sync', side_effect=ValueError('cannot be shown'))
        with sync, mute_logger(MESSAGE):
            event = self.report('delivered')

        self.assertEqual((event.item_ids.state, self.message.state), ('done', 'delivered'))

    def test_a_broken_document_takes_no_ticks_from_others(self):
        tell = patch.object(MailMessage, '_notify_message_notification_update', side_effect=ValueError('no name'))
        with tell, mute_logger(CONFLICTS):
            self.report('delivered')

        self.assertEqual(self.notification_of(self.message).notification_status, 'sent')

    def test_the_id_that_a_status_tells_counts_for_the_next_one_of_the_batch(self):
        lost = self.queue_agreed(self.ben)
        lost.write({'state': 'unknown', 'attempts': 1})

        self.receive(together(
            status_payload('wamid.LOST', 'sent', lost.key), status_payload('wamid.LOST', 'delivered')))

        self.assertEqual(lost.state, 'delivered')

    def test_a_status_that_comes_before_the_answer_finds_its_message_by_key(self):
        waiting = self.queue_agreed(self.ben)
        waiting.write({'state': 'sending', 'attempts': 1, 'claimed_at': fields.Datetime.now()})

        self.receive(status_payload('wamid.EARLY', 'delivered', waiting.key, recipient='447400123002'))

        self.assertEqual((waiting.state, waiting.wamid, waiting.wa_id), ('delivered', 'wamid.EARLY', '447400123002'))

    def test_a_status_settles_an_unknown_outcome(self):
        lost = self.queue_agreed(self.ben)
        lost.write({'state': 'unknown', 'attempts': 1, 'error_message': 'The connection broke.'})

        self.receive(status_payload('wamid.LOST', 'sent', lost.key))

        self.assertEqual((lost.state, lost.wamid), ('sent', 'wamid.LOST'))
        self.assertFalse(lost.explanation)

    def test_a_status_settles_what_was_not_thought_to_have_gone_out(self):
        for state in ('held', 'refused', 'cancelled', 'queued'):
            with self.subTest(state=state):
                message = self.queue_agreed(self.ben)
                message.write({'state': state, 'reason': 'number_unable', 'reason_detail': 'BANNED'})

                self.receive(status_payload(f'wamid.{state}', 'delivered', message.key))

                self.assertEqual(message.state, 'delivered')
                self.assertEqual((message.reason, message.reason_detail), (False, False))

    def test_a_failure_does_not_move_what_did_not_go_out(self):
        message = self.queue_agreed(self.ben)
        message.write({'state': 'cancelled'})

        self.receive(status_payload('wamid.X', 'failed', message.key, error=131026))

        self.assertEqual((message.state, message.error_code), ('cancelled', 0))

    def test_a_failure_is_explained_by_meta_not_by_an_earlier_reason(self):
        message = self.queue_agreed(self.ben)
        message.write({'state': 'unknown', 'reason': 'account_inactive'})

        self.receive(status_payload('wamid.X', 'failed', message.key, error={'code': 999999, 'title': 'Solar flare'}))

        self.assertEqual((message.state, message.explanation), ('failed', 'Solar flare'))

    def test_a_status_without_key_waits_for_the_answer_of_its_send(self):
        sending = self.queue_agreed(self.ben)
        sending.write({'state': 'sending', 'claimed_at': fields.Datetime.now()})
        event = self.receive(status_payload('wamid.EARLY', 'delivered'))
        self.assertEqual(event.item_ids.state, 'waiting')
        sending.write({'state': 'accepted', 'wamid': 'wamid.EARLY'})

        self.apply_webhooks()

        self.assertEqual((sending.state, event.item_ids.state), ('delivered', 'done'))
        self.assertEqual(self.notification_of(sending).notification_status, 'sent')

    def test_a_status_that_waited_and_then_breaks_needs_attention(self):
        sending = self.queue_agreed(self.ben)
        sending.write({'state': 'sending', 'claimed_at': fields.Datetime.now()})
        event = self.receive(status_payload('wamid.EARLY', 'delivered'))
        sending.write({'state': 'accepted', 'wamid': 'wamid.EARLY'})

        with patch.object(Track, 'follow', side_effect=ValueError('cannot read this')), mute_logger(FAILURES):
            self.apply_webhooks()

        self.assertEqual((event.state, event.error), ('error', 'ValueError: cannot read this'))

    def test_a_status_does_not_wait_for_ever(self):
        sending = self.queue_agreed(self.ben)
        sending.write({'state': 'sending', 'claimed_at': fields.Datetime.now()})
        event = self.receive(status_payload('wamid.OF-ANOTHER-SYSTEM', 'delivered'))
        event.received_at = fields.Datetime.now() - timedelta(minutes=11)

        self.apply_webhooks()

        self.assertEqual(event.item_ids.state, 'ignored')

    def test_a_status_of_an_unknown_message_is_kept_only(self):
        event = self.receive(status_payload('wamid.OF-ANOTHER-SYSTEM', 'delivered'))

        self.assertEqual(event.state, 'done')
        self.assertEqual(event.item_ids.state, 'ignored')

    def test_another_accounts_status_does_not_touch_our_message(self):
        other = self.env['fluxforce.whatsapp.account'].create(self._account_values(waba_id='217000000000002'))
        self.env['fluxforce.whatsapp.number']._sync(other, [{'id': '560000000000009', 'status': 'CONNECTED'}])
        self.account = other

        self.receive(status_payload('wamid.FORGED', 'failed', self.message.key, error=131026,
                                    waba_id='217000000000002', phone_number_id='560000000000009'))

        self.assertEqual(self.message.state, 'accepted')

    def test_a_number_that_is_not_set_up_parks_and_can_be_replayed(self):
        event = self.receive(status_payload(self.message.wamid, 'delivered', phone_number_id='560000000000777'))
        self.assertEqual((event.state, self.message.state), ('error', 'accepted'))
        self.assertIn('not set up here', event.error)

        self.env['fluxforce.whatsapp.number']._sync(
            self.account, [{'id': PHONE_ID, 'status': 'CONNECTED'}, {'id': '560000000000777', 'status': 'CONNECTED'}])
        event.with_user(self.whatsapp_admin).action_replay()
        self.apply_webhooks()

        self.assertEqual((event.state, self.message.state), ('done', 'delivered'))

    def test_another_waba_in_the_body_parks(self):
        event = self.receive(status_payload(self.message.wamid, 'delivered', waba_id='999'))

        self.assertEqual(event.state, 'error')
        self.assertEqual(self.message.state, 'accepted')

    def test_the_browser_is_told_once_per_batch(self):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1240{index:02}'} for index in range(20)])
        messages = self.queue_agreed(people)
        self.run_sender()
        channel = self.salesperson.partner_id
        self.env.cr.precommit.run()
        before = self._bus_rows(channel)

        self.receive(together(*(status_payload(message.wamid, 'delivered') for message in messages)))
        self.env.cr.precommit.run()

        self.assertEqual(set(messages.mapped('state')), {'delivered'})
        self.assertEqual(self._bus_rows(channel) - before, 1)

    def test_ticks_of_old_messages_change_without_telling_the_browsers(self):
        channel = self.salesperson.partner_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_message SET create_date = create_date - interval '2 days' WHERE id = %s",
                            [self.message.mail_message_id.id])
        self.env.invalidate_all()
        self.env.cr.precommit.run()
        before = self._bus_rows(channel)

        self.report('delivered')
        self.env.cr.precommit.run()

        self.assertEqual(self.notification_of(self.message).notification_status, 'sent')
        self.assertEqual(self._bus_rows(channel), before)

    def _bus_rows(self, partner):
        return self.env['bus.bus'].search_count([('channel', 'ilike', f'"res.partner",{partner.id}]')])


@tagged('post_install', '-at_install')
class TestIdsToldByStatuses(WhatsappCommon, TransactionCase):
    """A status may tell the number and the id at Meta of who got the message: later only one of them may come."""

    def setUp(self):
        super().setUp()
        self.message = self.queue_agreed(self.ana)
        self.run_sender()

    def know(self, **ids):
        return self.env['fluxforce.whatsapp.identity'].create({'account_id': self.account.id, **ids})

    def report(self, *user_ids):
        self.receive(together(*(
            status_payload(self.message.wamid, status, user_id=user_id)
            for status, user_id in zip(('sent', 'delivered'), user_ids, strict=False))))

    def test_who_is_known_by_number_is_known_by_their_id_as_well(self):
        person = self.know(wa_id='447400123001')

        self.report('GB.1')

        self.assertEqual(person.bsuid, 'GB.1')

    def test_a_person_who_has_another_id_keeps_it(self):
        person = self.know(wa_id='447400123001', bsuid='GB.9')

        self.report('GB.1')

        self.assertEqual(person.bsuid, 'GB.9')

    def test_an_id_stays_with_whom_it_is_known_by(self):
        person, known = self.know(wa_id='447400123001'), self.know(bsuid='GB.1')

        self.report('GB.1')

        self.assertEqual((person.bsuid, known.bsuid), (False, 'GB.1'))

    def test_one_number_with_two_ids_tells_nothing(self):
        person = self.know(wa_id='447400123001')

        self.report('GB.1', 'GB.2')

        self.assertFalse(person.bsuid)

    def test_who_has_a_number_that_changed_hands_does_not_get_its_former_owners_id(self):
        person = self.know(wa_id='447400123001')
        self.env['fluxforce.whatsapp.renewal'].create({
            'account_id': self.account.id, 'wamid': 'wamid.MOVED', 'changed_at': fields.Datetime.now(),
            'old_wa_id': '447400123001', 'new_wa_id': '447400123099'})

        self.report('GB.1')

        self.assertFalse(person.bsuid)

    def test_who_turned_up_after_a_late_report_does_not_get_its_id(self):
        person = self.know(wa_id='447400123001', first_seen=fields.Datetime.now())

        self.report('GB.1')

        self.assertFalse(person.bsuid)

    def test_an_id_of_absurd_length_does_not_stop_the_status(self):
        self.know(wa_id='447400123001')

        self.report('GB.' + secrets.token_hex(3000))

        self.assertEqual(self.message.state, 'sent')

    def test_nobody_is_listed_who_never_wrote(self):
        self.report('GB.1')

        self.assertFalse(self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', 'GB.1')]))


@tagged('post_install', '-at_install')
class TestInbound(WhatsappCommon, TransactionCase):

    def test_a_text_lands_in_the_contacts_chatter_with_its_author(self):
        event = self.receive(inbound_payload('Is my order ready?'))

        message = self.chatter(self.ana)
        self.assertEqual(event.state, 'done')
        self.assertEqual(message.author_id, self.ana)
        self.assertIn('Is my order ready?', message.body)

    def test_colleagues_who_follow_the_contact_are_told(self):
        self.salesperson.notification_type = 'inbox'
        self.ana.message_subscribe(self.salesperson.partner_id.ids)

        self.receive(inbound_payload('Hello'))

        self.assertIn(self.salesperson.partner_id, self.chatter(self.ana).notified_partner_ids)

    def test_customers_who_follow_the_contact_are_not_told(self):
        self.ben.email = 'ben@example.com'
        self.ana.message_subscribe(self.ben.ids)

        self.receive(inbound_payload('Hello'))

        self.assertNotIn(self.ben, self.chatter(self.ana).notified_partner_ids)

    def test_the_contacts_salesperson_is_told(self):
        self.ana.user_id = self.salesperson

        self.receive(inbound_payload('Hello'))

        self.assertIn(self.salesperson.partner_id, self.chatter(self.ana).notified_partner_ids)

    def test_without_salesperson_who_wrote_last_is_told(self):
        self.queue_agreed(self.ana)
        self.run_sender()

        self.receive(inbound_payload('Thanks'))

        self.assertIn(self.salesperson.partner_id, self.chatter(self.ana)[-1:].notified_partner_ids)

    def test_nobody_in_charge_is_no_problem(self):
        nobody = self.env['res.users']
        with patch.object(self.env.registry['fluxforce.whatsapp.account'], '_responsible', lambda _account: nobody):
            self.assertEqual(self.receive(inbound_payload('Hello')).state, 'done')

        self.assertFalse(self.chatter(self.ana).notified_partner_ids)

    def test_markup_in_a_text_is_shown_not_run(self):
        self.receive(inbound_payload('<img src=x onerror=alert(1)>'))

        self.assertIn('&lt;img', self.chatter(self.ana).body)

    def test_line_breaks_stay(self):
        self.receive(inbound_payload('First\nSecond'))

        self.assertIn('First<br', self.chatter(self.ana).body)

    def test_an_unknown_sender_becomes_a_contact(self):
        self.receive(inbound_payload('Hello', sender='447400123999', name='Nina New'))

        partner = self.env['res.partner'].search([('phone_sanitized', '=', '+447400123999')])
        self.assertEqual(partner.name, 'Nina New')
        self.assertIn('Hello', self.chatter(partner).body)

    def test_an_unknown_sender_without_a_name_is_called_by_the_number(self):
        self.receive(inbound_payload('Hello', sender='447400123999', contact=False))

        self.assertEqual(self.env['res.partner'].search([('phone_sanitized', '=', '+447400123999')]).name,
                         '+447400123999')

    def test_a_second_message_does_not_make_a_second_contact(self):
        self.receive(inbound_payload('One', sender='447400123999', name='Nina New'),
                     inbound_payload('Two', sender='447400123999', name='Nina New', wamid='wamid.INBOUND2'))

        self.assertEqual(self.env['res.partner'].search_count([('name', '=', 'Nina New')]), 1)

    def test_the_setting_keeps_unknown_senders_out_of_the_contacts(self):
        self.account.create_contacts = False

        event = self.receive(inbound_payload('Hello', sender='447400123999', name='Nina New'))

        self.assertFalse(self.env['res.partner'].search([('name', '=', 'Nina New')]))
        self.assertEqual(event.item_ids.state, 'ignored')
        self.assertEqual(self.env['fluxforce.whatsapp.identity'].search([('wa_id', '=', '447400123999')]).profile_name,
                         'Nina New')

    def test_somebody_who_hides_the_number_is_known_by_metas_id(self):
        user_id = 'ES.77310025541908827744'
        self.receive(inbound_payload('One', sender=None, name='Noa R.', user_id=user_id),
                     inbound_payload('Two', sender=None, name='Noa R.', user_id=user_id, wamid='wamid.INBOUND2'))

        identity = self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', user_id)])
        self.assertEqual(identity.partner_id.name, 'Noa R.')
        self.assertFalse(identity.partner_id.phone)
        self.assertEqual(len(self.chatter(identity.partner_id)), 2)

    def test_a_hidden_number_that_shows_later_stays_the_same_person(self):
        user_id = 'ES.77310025541908827744'
        self.receive(inbound_payload('One', sender='447400123999', name='Noa R.'))
        self.receive(inbound_payload('Two', sender=None, name='Noa R.', user_id=user_id, wamid='wamid.INBOUND2'))

        event = self.receive(
            inbound_payload('Three', sender='447400123999', name='Noa R.', user_id=user_id, wamid='wamid.INBOUND3'))

        self.assertEqual(event.state, 'done')
        identity = self.env['fluxforce.whatsapp.identity'].search([('bsuid', '=', user_id)])
        self.assertEqual(identity.wa_id, '447400123999')
        self.assertIn('Three', self.chatter(identity.partner_id)[-1:].body)

    def test_a_number_that_changed_hands_is_another_person(self):
        self.receive(inbound_payload('One', sender='447400123999', name='Old Owner', user_id='GB.1'))

        self.receive(inbound_payload('Two', sender='447400123999', name='New Owner', user_id='GB.2',
                                     wamid='wamid.INBOUND2'))

        identities = self.env['fluxforce.whatsapp.identity'].search([('bsuid', 'in', ('GB.1', 'GB.2'))], order='bsuid')
        self.assertEqual(identities.mapped('profile_name'), ['Old Owner', 'New Owner'])
        self.assertEqual(identities.mapped('wa_id'), [False, '447400123999'])

    def test_whatsapps_form_of_a_mexican_number_finds_the_contact_we_wrote_to(self):
        lucia = self.env['res.partner'].create({'name': 'Lucía Herrera', 'phone': '+52 55 1234 5678'})
        self.meta.wa_ids['+525512345678'] = '5215512345678'
        self.queue_agreed(lucia)
        self.run_sender()

        self.receive(inbound_payload('Gracias', sender='5215512345678', name='Lu'))

        self.assertIn('Gracias', self.chatter(lucia)[-1:].body)
        self.assertFalse(self.env['res.partner'].search([('name', '=', 'Lu')]))

    def test_of_two_contacts_with_one_number_the_one_we_wrote_to_gets_the_answer(self):
        twin = self.env['res.partner'].create({'name': 'Ana at Work', 'phone': '+44 7400 123001'})
        self.queue_agreed(twin)
        self.run_sender()

        self.receive(inbound_payload('Thanks'))

        self.assertIn('Thanks', self.chatter(twin)[-1:].body)
        self.assertFalse(self.chatter(self.ana))

    def test_the_same_message_twice_is_one(self):
        self.receive(inbound_payload('Hello'))
        self.receive(inbound_payload('Hello'))

        self.assertEqual(len(self.chatter(self.ana)), 1)

    def test_what_is_not_text_is_named(self):
        payload = webhook_payload({'messages': [{
            'id': 'wamid.IMAGE', 'from': '447400123001', 'timestamp': str(NOON), 'type': 'image',
            'image': {'id': '1', 'caption': 'Our front door'}}]})

        self.receive(payload)

        self.assertIn('Picture', self.chatter(self.ana).body)
        self.assertIn('Our front door', self.chatter(self.ana).body)

    def test_one_broken_item_does_not_stop_its_neighbours(self):
        real = self.env.registry['fluxforce.whatsapp.inbound']._post

        def post(message, document, users):
            if message.body == 'Broken':
                raise ValueError('cannot read this')
            return real(message, document, users)

        payloads = [inbound_payload(text, wamid=f'wamid.{text}') for text in ('First', 'Broken', 'Last')]
        with patch(f'{INBOUND}._post', post), mute_logger(FAILURES):
            event = self.receive(together(*payloads))

        self.assertEqual([message.preview for message in self.chatter(self.ana)], ['First', 'Last'])
        self.assertEqual(event.state, 'error')
        self.assertEqual(event.error, 'ValueError: cannot read this')

    def test_a_broken_item_can_be_replayed_after_the_correction(self):
        with (patch(f'{INBOUND}._post', side_effect=ValueError('cannot read this')), mute_logger(FAILURES)):
            event = self.receive(inbound_payload('Hello'))

        event.with_user(self.whatsapp_admin).action_replay()
        self.apply_webhooks()

        self.assertEqual(event.state, 'done')
        self.assertEqual(len(self.chatter(self.ana)), 1)

    def test_a_database_error_in_one_item_does_not_lose_the_others(self):
        real = self.env.registry['fluxforce.whatsapp.inbound']._post

        def post(message, document, users):
            if message.body == 'Broken':
                message.env.cr.execute('SELECT 1 / 0')
            return real(message, document, users)

        payloads = [inbound_payload(text, wamid=f'wamid.{text}') for text in ('First', 'Broken', 'Last')]
        with patch(f'{INBOUND}._post', post), mute_logger(FAILURES, 'odoo.sql_db'):
            event = self.receive(together(*payloads))

        self.assertEqual([message.preview for message in self.chatter(self.ana)], ['First', 'Last'])
        self.assertEqual(event.item_ids.mapped('state'), ['done', 'error', 'done'])

    def test_a_senders_id_of_absurd_length_parks_alone(self):
        payloads = [inbound_payload('First', wamid='wamid.1'),
                    inbound_payload('Odd', wamid='wamid.2', user_id=secrets.token_hex(6000)),
                    inbound_payload('Last', wamid='wamid.3')]
        with mute_logger(FAILURES, 'odoo.sql_db'):
            event = self.receive(together(*payloads))

        self.assertEqual(event.item_ids.mapped('state'), ['done', 'error', 'done'])
        self.assertIn('longer than', event.error)

    def test_a_name_of_absurd_length_is_cut(self):
        self.receive(inbound_payload('Hello', sender='447400123999', name='N' * 5000))

        identity = self.env['fluxforce.whatsapp.identity'].search([('wa_id', '=', '447400123999')])
        self.assertEqual(len(identity.profile_name), 255)

    def test_what_the_database_cannot_keep_parks_alone(self):
        message = self.queue_agreed(self.ben)
        payloads = [status_payload(secrets.token_hex(6000), 'sent', message.key), inbound_payload('Hello')]

        with mute_logger(FAILURES, 'odoo.sql_db'):
            event = self.receive(together(*payloads))

        self.assertEqual(event.item_ids.mapped('state'), ['error', 'done'])

    def test_nobody_but_the_person_posts_as_the_person(self):
        for thread in (self.ana.with_user(self.outsider), self.ana.with_user(self.system_admin), self.ana.sudo(),
                       self.ana.sudo().with_context(fluxforce_whatsapp_inbound=True)):
            with self.subTest(user=thread.env.user.login), self.assertRaisesRegex(AccessError, 'WhatsApp'):
                thread.message_post(body='I agree to everything', author_id=self.ana.id,
                                    message_type='whatsapp_message')

    def test_many_bodies_are_all_applied(self):
        self.receive(*(inbound_payload(f'Message {index}', wamid=f'wamid.{index}') for index in range(45)))

        self.assertEqual(len(self.chatter(self.ana)), 45)
        self.assertFalse(self.env['fluxforce.whatsapp.event'].search([('state', '=', 'pending')]))

    def test_the_journal_does_not_grow_with_the_square_of_a_batch(self):
        people = [(f'4474001{index:05}', f'Person {index}') for index in range(100)]
        payload = webhook_payload({
            'messages': [{'id': f'wamid.{sender}', 'from': sender, 'timestamp': str(NOON), 'type': 'text',
                          'text': {'body': 'Hello'}} for sender, __ in people],
            'contacts': [{'wa_id': sender, 'profile': {'name': name}} for sender, name in people]})

        event = self.receive(payload)

        self.assertEqual(set(event.item_ids.mapped('state')), {'done'})
        kept = sum(len(json.dumps(item.content)) for item in event.item_ids)
        self.assertLess(kept, 4 * len(event.body))

    def test_a_message_of_another_company_does_not_land_on_its_contact(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        theirs = self.env['res.partner'].create(
            {'name': 'Xenia', 'phone': '+44 7400 123777', 'company_id': company.id})

        self.receive(inbound_payload('Hello', sender='447400123777', name='Xenia W.'))

        self.assertFalse(self.chatter(theirs))

    def test_a_contact_that_was_given_to_another_company_gets_no_more_messages(self):
        self.receive(inbound_payload('Hello'))
        self.ana.company_id = self.env['res.company'].create({'name': 'Other Company'})

        self.receive(inbound_payload('Again', wamid='wamid.2'))

        contact = self.inbound('wamid.2').partner_id
        self.assertEqual((self.chatter(self.ana).mapped('preview'), self.chatter(contact).mapped('preview')),
                         (['Hello'], ['Again']))
        self.assertFalse(contact.company_id)

    def test_a_contact_of_the_company_above_stays_the_persons(self):
        above = self.env['res.company'].create({'name': 'Above'})
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': above.id})
        self.ana.company_id = above

        self.assertFalse(self.ana._whatsapp_moved_away(branch))
        self.assertEqual(self.ana._whatsapp_moved_away(self.company), self.ana)


@tagged('post_install', '-at_install')
class TestJournal(WhatsappCommon, TransactionCase):
    """In which steps the journal is worked through, and what happens when a step does not end."""

    def store(self, *payloads):
        events = self.env['fluxforce.whatsapp.event']
        for payload in payloads:
            events |= events._store(self.account.id, json.dumps(payload).encode())
        return events

    def inbound(self, count, start=0):
        return together(*(
            inbound_payload(f'Message {index}', wamid=f'wamid.{index}') for index in range(start, start + count)))

    def run_cron(self, commit):
        """Run the cron with a stand-in for the commit, which gets what is told and returns the seconds left."""
        self.env.invalidate_all()
        with patch.object(IrCron, '_commit_progress', commit), patch.object(self.env.cr, 'rollback'):
            self.env['fluxforce.whatsapp.event']._cron_process()
        self.env.invalidate_all()

    def failing(self, error, times=100):
        """A reducer that ends in an error the first times it is called."""
        real = self.env.registry['fluxforce.whatsapp.reducer']._reduce_message
        calls = []

        def reduce(reducer, account, items):
            calls.append(len(items))
            if len(calls) <= times:
                raise error
            return real(reducer, account, items)
        return patch(f'{MESSAGES}._reduce_message', reduce)

    def test_a_body_of_many_items_is_applied_in_steps(self):
        event = self.store(self.inbound(250))
        seen = []

        def commit(cron, *_args, **_kwargs):
            self.env.flush_all()
            seen.append(cron.env['fluxforce.whatsapp.event.item'].search_count([('state', '=', 'done')]))
            return 60

        self.run_cron(commit)

        steps = [after - before for before, after in zip(seen, seen[1:], strict=False)]
        self.assertEqual([step for step in steps if step], [100, 100, 50])
        self.assertEqual(event.state, 'done')
        self.assertEqual(self.chatter(self.ana).mapped('preview'), [f'Message {index}' for index in range(250)])

    def test_what_was_being_stored_meanwhile_is_applied_in_the_same_run(self):
        """Its webhook woke nobody: it saw the first body, which was to be applied soon."""
        self.store(self.inbound(1))
        late = [self.inbound(1, start=1)]

        with patch.object(self.env.registry['fluxforce.whatsapp.event'], '_await_stores',
                          lambda _events: late and self.store(late.pop())):
            self.apply_webhooks()

        self.assertTrue(self.env['fluxforce.whatsapp.inbound'].search([('wamid', '=', 'wamid.1')]))

    def test_whoever_stores_a_body_is_waited_for(self):
        self.env.cr.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        before, = self.env.cr.fetchone()

        self.store(self.inbound(1))

        self.env.cr.execute("""
            SELECT count(*) FROM pg_locks
             WHERE locktype = 'advisory' AND mode = 'ShareLock' AND objid = %s AND pid = pg_backend_pid()
        """, [STORING_LOCK])
        self.assertEqual((before, self.env.cr.fetchone()), (0, (1,)))

    def test_nothing_is_taken_for_an_account_that_was_deleted_meanwhile(self):
        with self.assertRaises(ForeignKeyViolation), self.cr.savepoint():
            self.env['fluxforce.whatsapp.event']._store(0, b'{}')

    def test_for_a_body_that_takes_too_long_to_be_stored_another_run_looks(self):
        with db_connect(self.env.cr.dbname).cursor() as elsewhere:
            elsewhere.execute('SELECT pg_advisory_xact_lock_shared(%s)', [STORING_LOCK])
            with (patch(f'{EVENT}.STORING_TIMEOUT', timedelta(milliseconds=50)),
                  self.capture_triggers('fluxforce_whatsapp.ir_cron_process_events') as captured):
                self.apply_webhooks()

        self.assertEqual(len(captured.records), 1)

    def test_the_attempt_is_committed_before_the_work(self):
        event = self.store(self.inbound(1))
        attempts = []

        with self.failing(SystemExit()), self.assertRaises(SystemExit):
            self.run_cron(lambda *_args, **_kwargs: attempts.append(event.attempts) or 60)

        self.assertEqual(attempts[0], 1)

    def test_a_body_that_never_finishes_is_parked_in_the_end(self):
        event = self.store(self.inbound(1))
        event.attempts = 5

        self.apply_webhooks()

        self.assertEqual(event.state, 'error')
        self.assertIn('5 times', event.error)

    def test_a_parked_body_starts_counting_anew_when_it_is_replayed(self):
        event = self.store(self.inbound(1))
        event.write({'attempts': 5, 'state': 'error'})

        event.with_user(self.whatsapp_admin).action_replay()
        self.apply_webhooks()

        self.assertEqual((event.state, event.attempts), ('done', 1))

    def test_a_body_that_did_not_finish_goes_alone(self):
        first, second, third = events = self.store(*(self.inbound(1, start) for start in range(3)))
        second.attempts = 1
        together_with = []
        real = self.env.registry['fluxforce.whatsapp.event']._process

        def process(batch):
            together_with.append(batch)
            return real(batch)

        with patch(f'{EVENT}.FluxforceWhatsappEvent._process', process):
            self.apply_webhooks()

        self.assertEqual(together_with, [first, second, third])
        self.assertEqual(set(events.mapped('state')), {'done'})

    def test_a_run_that_is_out_of_time_goes_on_where_it_stopped(self):
        event = self.store(self.inbound(150))
        self.run_cron(lambda *_args, **_kwargs: 0 if len(self.chatter(self.ana)) else 60)
        self.assertEqual((event.state, event.attempts, len(self.chatter(self.ana))), ('pending', 0, 100))

        self.apply_webhooks()

        self.assertEqual(event.state, 'done')
        self.assertEqual(len(self.chatter(self.ana)), 150)

    def test_a_run_without_any_time_left_still_gets_on(self):
        # Odoo calls a cron up to ten times, also when its time was up after the first.
        event = self.store(self.inbound(350))

        for run in range(1, 4):
            self.run_cron(lambda *_args, **_kwargs: 0)
            self.assertEqual((event.state, len(self.chatter(self.ana))), ('pending', run * 100))

        self.run_cron(lambda *_args, **_kwargs: 0)
        self.assertEqual((event.state, len(self.chatter(self.ana))), ('done', 350))

    def test_what_remains_is_told_truly(self):
        self.store(*(self.inbound(10, start) for start in range(0, 300, 10)))
        told = []

        self.run_cron(lambda _cron, done=0, remaining=None, **_kwargs: told.append((done, remaining)) or 60)

        self.assertEqual(sum(done for done, __ in told), 300)
        self.assertEqual((told[0][1], told[-1][1]), (30, 0))

    def test_a_conflict_is_tried_again_at_once(self):
        event = self.store(self.inbound(1))

        with self.failing(SerializationFailure(), times=2):
            self.run_cron(lambda *_args, **_kwargs: 60)

        self.assertEqual(event.state, 'done')
        self.assertEqual(len(self.chatter(self.ana)), 1)

    def test_a_conflict_that_lasts_leaves_the_body_for_the_next_run(self):
        event = self.store(self.inbound(1))

        with self.failing(SerializationFailure()), self.assertLogs(EVENT, 'WARNING'):
            self.run_cron(lambda *_args, **_kwargs: 60)

        self.assertEqual((event.state, event.attempts), ('pending', 1))
        self.assertEqual(event.item_ids.state, 'pending')

    def test_a_conflict_at_the_very_start_asks_for_another_run(self):
        self.store(self.inbound(1))
        told = []

        with (patch(f'{EVENT}.FluxforceWhatsappEvent._park_hopeless', side_effect=SerializationFailure()),
              mute_logger(EVENT)):
            self.run_cron(lambda _cron, done=0, remaining=None, **_kwargs: told.append((done, remaining)) or 60)

        self.assertEqual(told, [(0, 1)])

    def test_what_people_wrote_is_not_logged_where_items_cannot_be_kept(self):
        event = self.store(self.inbound(1))
        self.env.cr.execute('ALTER TABLE fluxforce_whatsapp_event_item ADD CHECK (kind IS NULL) NOT VALID')

        with self.assertLogs('odoo', 'WARNING') as logs:
            self.apply_webhooks()

        self.assertEqual(event.state, 'error')
        self.assertNotIn('Message 0', event.error)
        self.assertNotIn('Message 0', '\n'.join(logs.output))

    def test_a_body_that_cannot_be_kept_in_items_parks_alone(self):
        real = self.env.registry['fluxforce.whatsapp.event.item']._insert

        def insert(items, parsed):
            if any('Message 0' in event.body for event, __ in parsed):
                raise ValueError('cannot keep this')
            return real(items, parsed)

        broken, fine = self.store(self.inbound(1), self.inbound(1, 1))
        with patch(f'{ITEM}.FluxforceWhatsappEventItem._insert', insert), mute_logger(FAILURES):
            self.apply_webhooks()

        self.assertEqual((broken.state, fine.state), ('error', 'done'))
        self.assertIn('cannot keep this', broken.error)


@tagged('post_install', '-at_install')
class TestAttention(WhatsappCommon, TransactionCase):
    """What could not be applied is told, can be applied again, and can be set aside."""

    def setUp(self):
        super().setUp()
        self.message = self.queue_agreed(self.ana)
        self.run_sender()

    def broken(self):
        with patch.object(Track, 'follow', side_effect=ValueError('cannot read this')), mute_logger(FAILURES):
            return self.receive(status_payload(self.message.wamid, 'delivered'))

    def alerts(self):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', 'webhook'), ('state', '=', 'open')])

    def test_what_cannot_be_applied_is_told_once(self):
        self.broken()
        self.apply_webhooks()

        self.assertEqual((self.alerts().account_id, self.alerts().count), (self.account, 1))

    def test_the_warning_ends_when_all_is_applied(self):
        event = self.broken()

        event.with_user(self.whatsapp_admin).action_replay()
        self.apply_webhooks()

        self.assertEqual((event.state, self.message.state), ('done', 'delivered'))
        self.assertFalse(self.alerts())

    def test_what_does_not_matter_is_set_aside(self):
        event = self.broken()

        event.with_user(self.whatsapp_admin).action_set_aside()

        self.assertEqual((event.state, event.item_ids.state), ('done', 'ignored'))
        self.assertFalse(self.alerts())

    def account_elsewhere(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        return self.env['fluxforce.whatsapp.account'].create(
            self._account_values(waba_id='217000000000002', company_id=company.id))

    def test_nobody_sees_the_webhooks_of_other_companies(self):
        events = self.env['fluxforce.whatsapp.event']
        ours, theirs = events._store(self.account.id, b'{}'), events._store(self.account_elsewhere().id, b'{}')
        self.account.active = False

        self.assertEqual(events.with_user(self.whatsapp_admin).search([('id', 'in', (ours | theirs).ids)]), ours)
        with self.assertRaises(AccessError):
            theirs.with_user(self.whatsapp_admin).read(['body'])

    def test_setting_aside_leaves_the_warnings_of_other_companies(self):
        other = self.account_elsewhere()
        self.env['fluxforce.whatsapp.event']._store(other.id, b'not JSON')
        event = self.broken()
        self.assertEqual(self.alerts().account_id, self.account | other)

        event.with_user(self.whatsapp_admin).action_set_aside()

        self.assertEqual(self.alerts().account_id, other)

    def test_a_warning_is_not_lost_with_the_run_that_should_have_given_it(self):
        self.broken()
        self.alerts().unlink()

        self.apply_webhooks()

        self.assertTrue(self.alerts())

    def test_whoever_has_closed_a_warning_is_not_told_of_the_same_again(self):
        self.broken()
        self.alerts()._mark_done('Seen.')
        self.alerts().done_at = fields.Datetime.now()

        self.apply_webhooks()

        self.assertFalse(self.alerts())

    def test_what_was_set_aside_can_still_be_applied(self):
        event = self.broken()
        event.item_ids.state = 'pending'  # as where the worker died again and again
        event.with_user(self.whatsapp_admin).action_set_aside()

        event.with_user(self.whatsapp_admin).action_replay()
        self.apply_webhooks()

        self.assertEqual((event.state, self.message.state), ('done', 'delivered'))

    def test_what_was_only_kept_can_be_applied_after_an_update(self):
        event = self.receive(webhook_payload({'news': 1}, field='brand_new'))
        self.assertEqual(event.item_ids.state, 'ignored')

        def learnt(_reducer, _account, items):
            items.write({'state': 'done'})

        with patch.object(self.registry['fluxforce.whatsapp.reducer'], '_reduce_field_brand_new', learnt, create=True):
            event.with_user(self.whatsapp_admin).action_replay()
            self.apply_webhooks()

        self.assertEqual(event.item_ids.state, 'done')

    def test_what_was_applied_is_not_applied_again(self):
        event = self.receive(status_payload(self.message.wamid, 'delivered'))

        with self.assertRaisesRegex(UserError, 'nothing to apply again'):
            event.with_user(self.whatsapp_admin).action_replay()

    def test_a_salesperson_may_not_replay(self):
        with self.assertRaises(AccessError):
            self.broken().with_user(self.salesperson).action_replay()


@tagged('post_install', '-at_install')
class TestRetention(WhatsappCommon, TransactionCase):

    def received(self, days_ago, wamid='wamid.INBOUND1'):
        event = self.receive(inbound_payload('My secret wish', wamid=wamid))
        event.received_at = fields.Datetime.now() - timedelta(days=days_ago)
        return event

    def clean(self):
        self.env['fluxforce.whatsapp.event']._gc_webhooks()

    def test_what_people_wrote_is_deleted_after_the_time_set_on_the_account(self):
        self.account.webhook_keep_days = 3
        old, recent = self.received(4), self.received(2, 'wamid.INBOUND2')

        self.clean()

        self.assertEqual((old.body, old.item_ids.content), ('', False))
        self.assertIn('My secret wish', recent.body)

    def test_its_key_still_tells_a_duplicate(self):
        self.account.webhook_keep_days = 1
        self.received(7)
        self.clean()
        before = self.chatter(self.ana)

        self.receive(inbound_payload('My secret wish'))

        self.assertEqual(self.chatter(self.ana), before)

    def test_after_eight_days_nothing_is_left(self):
        self.account.webhook_keep_days = 1
        event = self.received(9)

        self.clean()
        self.clean()

        self.assertFalse(event.exists())

    def test_what_needs_attention_is_kept_longer(self):
        self.account.webhook_keep_days = 1
        event = self.received(20)
        event.state = 'error'

        self.clean()

        self.assertIn('My secret wish', event.body)

    def test_who_keeps_everything_for_a_year_keeps_what_needs_attention_as_long(self):
        self.account.webhook_keep_days = 365
        event = self.received(200)
        event.state = 'error'

        self.clean()

        self.assertIn('My secret wish', event.body)

    def test_what_is_not_applied_yet_is_never_deleted(self):
        event = self.received(400)
        event.state = 'pending'

        self.clean()

        self.assertIn('My secret wish', event.body)

    def test_a_time_that_makes_no_sense_is_refused(self):
        for days in (0, -1, 5000):
            with self.subTest(days=days), self.assertRaisesRegex(ValidationError, 'Keep webhooks for'):
                self.account.webhook_keep_days = days
