import json
import time
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon, inbound_payload, status_payload, webhook_payload
from .fake_meta import PHONE_ID, WABA_ID, template_row

TEMPLATE = {'message_template_id': 9001, 'message_template_name': 'support_hours', 'message_template_language': 'en'}
NUMBER = {'display_phone_number': '34910000111'}


def update_payload(field, value, minutes=0, waba_id=WABA_ID):
    """A webhook body with one thing that happened so many minutes after the test began."""
    moment = int(time.time()) + 60 * minutes
    return {'object': 'whatsapp_business_account', 'entry': [
        {'id': waba_id, 'time': moment, 'changes': [{'field': field, 'value': value}]}]}


class UpdateCase(WhatsappCommon, TransactionCase):

    def tell(self, field, value, **options):
        """Let one thing be told. :return: its item in the journal"""
        return self.receive(update_payload(field, value, **options)).item_ids

    def alerts(self, kind, state='open'):
        return self.env['fluxforce.whatsapp.alert'].search([('kind', '=', kind), ('state', '=', state)])

    def notes(self):
        """:return: what the account's chatter says, newest first."""
        return ' '.join(self.account.message_ids.filtered('body').mapped('body'))


@tagged('post_install', '-at_install')
class TestTemplateStatus(UpdateCase):

    def status(self, event, minutes=0, **value):
        return self.tell('message_template_status_update', {**TEMPLATE, 'event': event, **value}, minutes=minutes)

    def test_a_pause_stops_the_template_and_says_why(self):
        item = self.status('PAUSED', reason=None, other_info={
            'title': 'FIRST_PAUSE', 'description': 'Your template has been paused because of its quality.'})

        self.assertEqual((item.state, self.plain_template.status), ('done', 'PAUSED'))
        alert = self.alerts('template_stopped')
        self.assertEqual(alert.template_id, self.plain_template)
        self.assertIn('first pause, for three hours. Your template has been paused', alert.detail)
        self.assertEqual(self.plain_template.status_reason, alert.detail)

    def test_a_second_pause_says_what_comes_next(self):
        self.status('PAUSED', other_info={'title': 'SECOND_PAUSE'})

        self.assertIn('the next time it is disabled for good', self.alerts('template_stopped').detail)

    def test_a_pause_during_pacing_is_told_as_such(self):
        self.status('PAUSED', other_info={'title': 'RATE_LIMITING_PAUSE'})

        self.assertIn('did not like them', self.alerts('template_stopped').detail)

    def test_what_waits_is_held_during_a_pause_and_goes_when_it_is_over(self):
        message = self.queue_agreed(self.ana)
        self.status('PAUSED')
        self.run_sender()
        self.assertEqual((message.state, message.reason), ('held', 'template_paused'))

        self.status('APPROVED', minutes=180, other_info={'title': 'UNPAUSE'})

        self.assertEqual((self.plain_template.status, message.state), ('APPROVED', 'queued'))
        self.assertFalse(self.plain_template.status_reason)
        self.assertFalse(self.alerts('template_stopped'))

    def test_an_unpaused_template_is_one_that_is_sent_again(self):
        for event in ('UNPAUSED', 'REINSTATED'):
            with self.subTest(event=event):
                self.plain_template.status = 'PAUSED'

                self.status(event, minutes=1 + len(event))

                self.assertEqual(self.plain_template.status, 'APPROVED')

    def test_a_rejection_is_put_in_words_with_metas_advice(self):
        self.status('REJECTED', reason='INVALID_FORMAT', rejection_info={
            'reason': 'Two variables stand side by side.', 'recommendation': 'Put text between the variables.'})

        self.assertEqual((self.plain_template.status, self.plain_template.rejected_reason),
                         ('REJECTED', 'INVALID_FORMAT'))
        self.assertEqual(self.alerts('template_stopped').detail,
                         'Meta has rejected the template. Its form is not valid. Two variables stand side by side. '
                         'Put text between the variables.')

    def test_a_reason_nobody_knows_is_shown_as_it_is(self):
        self.status('REJECTED', reason='BORING')

        self.assertIn('BORING', self.alerts('template_stopped').detail)

    def test_a_disabled_template_is_told(self):
        self.status('DISABLED', disable_info={'disable_date': '1795430400'})

        self.assertEqual(self.plain_template.status, 'DISABLED')
        self.assertIn('for good', self.alerts('template_stopped').detail)

    def test_other_states_are_taken_over_without_alarm(self):
        for minutes, event in enumerate(('IN_APPEAL', 'PENDING', 'LOCKED', 'LIMIT_EXCEEDED', 'ARCHIVED',
                                         'PENDING_DELETION')):
            with self.subTest(event=event):
                self.status(event, minutes=minutes)

                self.assertEqual(self.plain_template.status, event)
                self.assertFalse(self.alerts('template_stopped'))

    def test_a_deleted_template_goes_to_the_archive(self):
        self.status('DELETED')

        self.assertEqual((self.plain_template.status, self.plain_template.active), ('DELETED', False))

    def test_a_flagged_template_still_goes_and_people_are_warned(self):
        self.status('FLAGGED')

        self.assertEqual(self.plain_template.status, 'APPROVED')
        self.assertIn('will be disabled', self.alerts('template_quality').detail)

    def test_a_template_taken_from_the_archive_is_fetched(self):
        self.plain_template.status = 'ARCHIVED'

        self.status('UNARCHIVED')

        self.assertTrue(self.plain_template.sync_asked and self.account.sync_asked_at)

    def test_an_event_nobody_knows_is_kept_and_listed_under_its_name(self):
        item = self.status('DREAMING')

        self.assertEqual((item.state, self.plain_template.status), ('ignored', 'APPROVED'))
        self.assertIn('message_template_status_update DREAMING', self.alerts('other').detail)

    def test_what_happened_earlier_does_not_win(self):
        self.status('APPROVED', minutes=10)

        item = self.status('PAUSED', minutes=5)

        self.assertEqual((item.state, self.plain_template.status), ('ignored', 'APPROVED'))
        self.assertFalse(self.alerts('template_stopped'))

    def test_disorder_within_one_body_ends_in_the_newest(self):
        paused, back = (
            update_payload('message_template_status_update', {**TEMPLATE, 'event': event}, minutes=minutes)
            for event, minutes in (('PAUSED', 5), ('APPROVED', 10)))

        self.receive({**paused, 'entry': [*back['entry'], *paused['entry']]})

        self.assertEqual(self.plain_template.status, 'APPROVED')

    def test_of_the_same_second_the_stop_wins_in_any_order(self):
        for template, events in ((self.plain_template, ('PAUSED', 'APPROVED')),
                                 (self.utility_template, ('APPROVED', 'PAUSED'))):
            with self.subTest(events=events):
                moment = int(time.time()) + 600
                for event in events:
                    payload = update_payload('message_template_status_update', {
                        'message_template_id': template.template_id, 'event': event})
                    payload['entry'][0]['time'] = moment
                    self.receive(payload)

                self.assertEqual(template.status, 'PAUSED')

    def test_what_happened_before_the_last_fetch_is_known_already(self):
        item = self.status('PAUSED', minutes=-30)

        self.assertEqual((item.state, self.plain_template.status), ('ignored', 'APPROVED'))

    def test_a_moment_far_ahead_does_not_outlast_everything(self):
        payload = update_payload('message_template_status_update', {**TEMPLATE, 'event': 'PAUSED'})
        payload['entry'][0]['time'] = 4_000_000_000

        self.receive(payload)

        self.assertEqual(self.plain_template.status, 'PAUSED')
        self.assertLess(self.plain_template.told_at['status'],
                        fields.Datetime.to_string(fields.Datetime.now() + timedelta(days=2)))

    def test_a_template_is_found_by_name_and_either_spelling_of_the_language(self):
        self.plain_template.language = 'en_US'

        self.tell('message_template_status_update', {
            'event': 'PAUSED', 'message_template_name': 'support_hours', 'message_template_language': 'en-US'})

        self.assertEqual(self.plain_template.status, 'PAUSED')

    def test_another_language_is_another_template(self):
        self.tell('message_template_status_update', {
            'event': 'PAUSED', 'message_template_name': 'support_hours', 'message_template_language': 'de'})

        self.assertEqual(self.plain_template.status, 'APPROVED')

    def test_a_template_nobody_knows_is_fetched(self):
        self.meta.templates.append(template_row('9100', 'made_at_meta', 'Hello'))
        self.tell('message_template_status_update', {'event': 'APPROVED', 'message_template_id': 9100})
        self.assertTrue(self.account.sync_asked_at)

        with self.no_commit():
            self.env['fluxforce.whatsapp.account']._cron_sync()

        self.assertTrue(self.env['fluxforce.whatsapp.template'].search([('template_id', '=', '9100')]))

    def test_a_fetch_that_finds_the_template_back_ends_the_alert(self):
        self.status('PAUSED')

        self.account.action_sync_templates()

        self.assertEqual(self.plain_template.status, 'APPROVED')
        self.assertFalse(self.alerts('template_stopped'))

    def test_an_odd_form_is_kept(self):
        event = self.receive({'object': 'whatsapp_business_account', 'entry': [
            {'id': WABA_ID, 'changes': [{'field': 'message_template_status_update', 'value': ['?']}]}]})

        self.assertEqual(event.item_ids.state, 'ignored')


@tagged('post_install', '-at_install')
class TestTemplateQualityAndCategory(UpdateCase):

    def quality(self, score, minutes=0, field='message_template_quality_update'):
        return self.tell(field, {**TEMPLATE, 'previous_quality_score': 'GREEN', 'new_quality_score': score},
                         minutes=minutes)

    def category(self, minutes=0, **value):
        return self.tell('template_category_update', {**TEMPLATE, **value}, minutes=minutes)

    def test_a_lower_quality_is_shown_and_told(self):
        self.quality('RED')

        self.assertEqual(self.plain_template.quality, 'RED')
        alert = self.alerts('template_quality')
        self.assertEqual((alert.template_id, alert.severity, alert.detail),
                         (self.plain_template, 'warning', 'Its quality now: Low.'))

    def test_a_medium_quality_is_told_without_a_to_do(self):
        self.quality('YELLOW')

        self.assertEqual(self.alerts('template_quality').severity, 'info')

    def test_a_quality_that_is_high_again_ends_the_alert(self):
        self.quality('RED')

        self.quality('GREEN', minutes=5)

        self.assertFalse(self.alerts('template_quality'))

    def test_an_older_quality_does_not_win(self):
        self.quality('GREEN', minutes=10)

        self.quality('RED', minutes=5)

        self.assertEqual(self.plain_template.quality, 'GREEN')

    def test_a_quality_under_the_field_of_the_status_is_read_as_one(self):
        self.quality('RED', field='message_template_status_update')

        self.assertEqual((self.plain_template.quality, self.plain_template.status), ('RED', 'APPROVED'))

    def test_a_score_nobody_knows_is_shown_as_other(self):
        self.quality('PURPLE')

        self.assertEqual(self.plain_template.quality, 'OTHER')

    def test_a_category_that_is_to_change_is_told_with_its_date(self):
        moment = int(datetime(2027, 1, 2, 10, tzinfo=timezone.utc).timestamp())

        self.category(new_category='UTILITY', correct_category='MARKETING', category_update_timestamp=moment)

        self.assertEqual(self.plain_template.category, 'UTILITY')
        alert = self.alerts('template_category')
        self.assertIn('Meta is going to treat the template as Marketing instead of Utility. From 01/02/2027',
                      alert.detail)

    def test_a_new_category_counts_at_once_for_what_waits(self):
        message = self.queue_agreed(self.ana)

        self.category(previous_category='UTILITY', new_category='MARKETING')
        self.run_sender()

        self.assertEqual(self.plain_template.category, 'MARKETING')
        self.assertEqual((message.state, message.reason), ('refused', 'no_consent'))
        self.assertIn('Meta treats the template as Marketing now; it was Utility before.',
                      self.alerts('template_category').detail)

    def test_a_notice_that_comes_after_the_change_is_ignored(self):
        self.category(previous_category='UTILITY', new_category='MARKETING', minutes=10)
        alert = self.alerts('template_category')

        self.category(new_category='UTILITY', correct_category='MARKETING', minutes=5)

        self.assertEqual((self.plain_template.category, alert.count), ('MARKETING', 1))

    def test_an_older_change_does_not_win(self):
        self.category(new_category='MARKETING', minutes=10)

        self.category(new_category='AUTHENTICATION', minutes=5)

        self.assertEqual(self.plain_template.category, 'MARKETING')

    def test_a_category_taken_for_wrong_is_told(self):
        self.tell('template_correct_category_detection', {
            **TEMPLATE, 'category': 'UTILITY', 'correct_category': 'MARKETING'})

        self.assertIn('Meta takes the template for Marketing, although it is Utility',
                      self.alerts('template_category').detail)

    def test_a_changed_text_is_fetched_and_its_messages_wait_for_it(self):
        message = self.queue_agreed(self.ana)
        self.meta.templates[0]['components'][0]['text'] = 'We are open all day.'

        self.tell('message_template_components_update', {**TEMPLATE, 'message_template_element': 'We are open …'},
                  minutes=1)
        self.run_sender()
        self.assertEqual((message.state, message.reason), ('held', 'template_sync'))
        with self.no_commit():
            self.env['fluxforce.whatsapp.account']._cron_sync()

        self.assertEqual((self.plain_template.body, message.state), ('We are open all day.', 'queued'))

    def test_a_fetch_that_meets_a_webhook_is_made_again_at_once(self):
        self.plain_template.sync_asked = True
        real, met = type(self.account)._refresh, []

        def refresh(account, templates=False):
            met.append(real(account, templates))
            if len(met) == 1:
                raise SerializationFailure()
        with self.no_commit(), patch.object(type(self.account), '_refresh', refresh), \
                patch.object(self.env.cr, 'rollback'):
            self.env['fluxforce.whatsapp.account']._cron_sync()

        self.assertEqual(len(met), 2)
        self.assertFalse(self.plain_template.sync_asked)

    def test_a_change_from_before_the_last_fetch_is_not_fetched_again(self):
        self.tell('message_template_components_update', TEMPLATE, minutes=-30)

        self.assertFalse(self.plain_template.sync_asked)


@tagged('post_install', '-at_install')
class TestNumbers(UpdateCase):

    def quality(self, event, minutes=0, **value):
        return self.tell('phone_number_quality_update', {**NUMBER, 'event': event, **value}, minutes=minutes)

    def name(self, decision, minutes=0, **value):
        return self.tell('phone_number_name_update', {
            **NUMBER, 'decision': decision, 'requested_verified_name': 'Better Bicycles', **value}, minutes=minutes)

    def test_a_faster_number_is_faster_at_once_and_has_warmed_up(self):
        self.number.write({'warmup_id': self.env.ref('fluxforce_whatsapp.warmup_default').id,
                           'registered_at': fields.Datetime.now()})

        self.quality('THROUGHPUT_UPGRADE', max_daily_conversations_per_business='TIER_UNLIMITED')

        self.assertEqual((self.number.throughput_level, self.number.in_warmup), ('HIGH', False))
        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_UNLIMITED')
        self.assertIn('up to 1000 messages a second', self.notes())

    def test_the_old_key_of_the_limit_is_read_as_well(self):
        self.quality('UPGRADE', current_limit='TIER_10K', old_limit='TIER_2K')

        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_10K')

    def test_a_flagged_number_is_told_and_still_sends(self):
        self.quality('FLAGGED')

        self.assertEqual((self.number.status, self.number.able_to_send), ('FLAGGED', True))
        self.assertEqual(self.alerts('quality').number_id, self.number)

    def test_a_flag_that_is_taken_back_ends_it(self):
        self.quality('FLAGGED')

        self.quality('UNFLAGGED', minutes=5)

        self.assertEqual(self.number.status, 'CONNECTED')
        self.assertFalse(self.alerts('quality'))

    def test_an_older_flag_does_not_win(self):
        self.quality('UNFLAGGED', minutes=10)

        self.quality('FLAGGED', minutes=5)

        self.assertEqual(self.number.status, 'CONNECTED')

    def test_an_event_nobody_knows_is_listed_and_its_limit_counts(self):
        self.quality('GLOWING', max_daily_conversations_per_business='TIER_10K')

        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_10K')
        self.assertIn('phone_number_quality_update GLOWING', self.alerts('other').detail)

    def test_an_approved_name_is_the_one_shown(self):
        self.name('APPROVED', rejection_reason=None)

        self.assertEqual(self.number.verified_name, 'Better Bicycles')

    def test_a_rejected_name_is_told_with_its_reason(self):
        self.name('REJECTED', rejection_reason='NAME_NOT_CONSISTENT')

        alert = self.alerts('name_rejected')
        self.assertEqual((alert.number_id, self.number.verified_name), (self.number, 'Simulated Bicycles'))
        self.assertEqual(alert.detail, 'Meta has rejected the name "Better Bicycles". It does not match the name of '
                                       'the business elsewhere, as on its website.')

    def test_a_name_that_is_approved_in_the_end_ends_the_alert(self):
        self.name('REJECTED')

        self.name('APPROVED', minutes=5)

        self.assertFalse(self.alerts('name_rejected'))

    def test_an_older_decision_about_a_name_does_not_win(self):
        self.name('APPROVED', minutes=10)

        self.name('REJECTED', minutes=5)

        self.assertFalse(self.alerts('name_rejected'))

    def test_a_name_that_is_still_looked_at_is_kept_only(self):
        self.assertEqual((self.name('PENDING').state, self.name('DEFERRED').state), ('ignored', 'ignored'))
        self.assertFalse(self.alerts('other'))

    def test_a_number_nobody_knows_yet_is_asked_for(self):
        with self.capture_triggers('fluxforce_whatsapp.ir_cron_sync') as triggers:
            item = self.tell('phone_number_quality_update', {
                'display_phone_number': '34910009999', 'event': 'ONBOARDING'})

        self.assertEqual(item.state, 'ignored')
        self.assertTrue(triggers.records)

    def test_a_request_to_reset_the_pin_is_an_alarm(self):
        self.tell('security', {**NUMBER, 'event': 'PIN_RESET_REQUEST', 'requester': '61559900112233'})

        alert = self.alerts('pin')
        self.assertEqual((alert.number_id, alert.severity), (self.number, 'critical'))
        self.assertIn('Asked for by the Facebook user 61559900112233.', alert.detail)

    def test_a_changed_pin_is_told(self):
        self.tell('security', {**NUMBER, 'event': 'PIN_CHANGED'})

        self.assertEqual(self.alerts('pin').severity, 'warning')

    def test_whatever_else_happens_to_a_pin_is_told_under_its_name(self):
        self.tell('security', {**NUMBER, 'event': 'PIN_TELEPORTED'})

        self.assertIn('PIN_TELEPORTED', self.alerts('pin').detail)


@tagged('post_install', '-at_install')
class TestLimit(UpdateCase):

    def limit(self, people, minutes=0):
        return self.tell('business_capability_update', {
            'max_daily_conversations_per_business': people, 'max_phone_numbers_per_waba': 25}, minutes=minutes)

    def test_a_new_limit_holds_for_the_portfolio_at_once(self):
        self.limit('TIER_10K')

        self.assertEqual(self.account.portfolio_id.limit_people, 10_000)

    def test_a_limit_written_as_a_number_is_the_same_limit(self):
        self.limit(10_000)

        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_10K')

    def test_more_room_lets_waiting_messages_go(self):
        message = self.queue_agreed(self.ana)
        message.write({'state': 'held', 'reason': 'budget'})

        self.limit(-1)

        self.assertEqual((self.account.portfolio_id.limit_people, message.state), (0, 'queued'))

    def test_an_older_limit_does_not_win(self):
        self.limit('TIER_10K', minutes=10)

        self.limit('TIER_250', minutes=5)

        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_10K')

    def test_a_limit_from_before_the_last_fetch_does_not_win(self):
        self.limit('TIER_250', minutes=-30)

        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_2K')

    def test_of_the_same_second_the_lower_limit_wins(self):
        for limits in (('TIER_10K', 'TIER_250'), ('TIER_250', 'TIER_10K')):
            with self.subTest(limits=limits):
                self.account.portfolio_id.told_at = False
                for limit in limits:
                    payload = update_payload('business_capability_update', {
                        'max_daily_conversations_per_business': limit, 'case': str(limits)})
                    payload['entry'][0]['time'] = int(self.number.create_date.timestamp()) + 36_000
                    self.receive(payload)

                self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_250')

    def test_no_limit_told_changes_nothing(self):
        self.assertEqual(self.limit('TIER_NOT_SET').state, 'ignored')
        self.assertEqual(self.account.portfolio_id.messaging_limit, 'TIER_2K')


@tagged('post_install', '-at_install')
class TestAccounts(UpdateCase):

    def setUp(self):
        super().setUp()
        self.in_a_day = int(time.time()) + 24 * 3600

    def account_update(self, event, minutes=0, **value):
        return self.tell('account_update', {'event': event, **value}, minutes=minutes)

    def restrict(self, *types, minutes=0, until=None, **value):
        return self.account_update('ACCOUNT_RESTRICTION', minutes=minutes, restriction_info=[
            {'restriction_type': one, 'expiration': until or self.in_a_day} for one in types], **value)

    def ban(self, state, minutes=0):
        return self.account_update('DISABLED_UPDATE', minutes=minutes, ban_info={
            'waba_ban_state': state, 'waba_ban_date': 'November 30, 2026'})

    # --- Violations and restrictions -------------------------------------------------------------------------

    def test_a_violation_is_an_alarm_in_words(self):
        self.account_update('ACCOUNT_VIOLATION', violation_info={
            'violation_type': 'SUPPLEMENTS', 'remediation': 'Remove the listed products.'})

        alert = self.alerts('violation')
        self.assertEqual(alert.severity, 'critical')
        self.assertEqual(alert.detail, 'Meta says that the account breaks its policy: unsafe supplements. '
                                       'Remove the listed products.')

    def test_without_templates_nothing_goes_out(self):
        message = self.queue_agreed(self.ana)

        self.restrict('RESTRICTED_BIZ_INITIATED_MESSAGING', 'RESTRICTED_ADD_PHONE_NUMBER_ACTION')
        self.run_sender()

        self.assertEqual((self.account.number_ids.mapped('brake'), self.meta.sends), (['all', 'all'], []))
        self.assertIn(message.state, ('queued', 'held'))
        self.assertEqual(self.number.brake_until, datetime.fromtimestamp(
            self.in_a_day, timezone.utc).replace(tzinfo=None))

    def test_a_restriction_is_told_with_what_it_forbids_and_its_end(self):
        self.restrict('RESTRICTED_BIZ_INITIATED_MESSAGING', 'RESTRICTED_ADD_PHONE_NUMBER_ACTION')

        alert = self.alerts('restriction')
        self.assertEqual(alert.severity, 'critical')
        self.assertIn('No templates may be sent. No further numbers may be added. Until ', alert.detail)

    def test_a_restriction_ends_by_itself(self):
        message = self.queue_agreed(self.ana)
        self.restrict('RESTRICTED_BIZ_INITIATED_MESSAGING')
        self.number.flush_recordset()
        self.account.number_ids.brake_until = fields.Datetime.now() - timedelta(minutes=1)
        self.account.restrictions = {kind: {**one, 'until': '2026-01-01 00:00:00'}
                                     for kind, one in self.account.restrictions.items()}

        self.env['fluxforce.whatsapp.number']._end_restrictions()
        self.run_sender()

        self.assertEqual((self.number.brake, self.number.brake_until, message.state), ('none', False, 'accepted'))
        self.assertFalse(self.alerts('restriction') | self.alerts('brake'))

    def test_the_rules_of_the_brake_are_asked_again_when_a_restriction_ends(self):
        self.restrict('RESTRICTED_BIZ_INITIATED_MESSAGING')
        self.number.quality_rating = 'RED'
        self.account.number_ids.brake_until = fields.Datetime.now() - timedelta(minutes=1)
        self.account.restrictions = False

        self.env['fluxforce.whatsapp.number']._end_restrictions()

        self.assertEqual((self.number.brake, self.number_2.brake), ('marketing', 'none'))

    def test_a_restriction_nobody_knows_stops_marketing(self):
        self.restrict('RESTRICTED_SINGING')

        self.assertEqual(self.number.brake, 'marketing')
        self.assertIn('RESTRICTED_SINGING', self.alerts('restriction').detail)

    def test_a_restriction_of_calls_only_is_told(self):
        self.restrict('RESTRICTED_BUSINESS_INITIATED_CALLING')

        self.assertEqual(self.number.brake, 'none')
        self.assertTrue(self.alerts('restriction'))

    def test_a_restriction_of_one_number_leaves_the_others(self):
        self.restrict('RESTRICTED_BIZ_INITIATED_MESSAGING', phone_number='34910000111')

        self.assertEqual((self.number.brake, self.number_2.brake), ('all', 'none'))

    def test_a_restriction_that_is_over_when_it_is_told_changes_nothing(self):
        item = self.restrict('RESTRICTED_BIZ_INITIATED_MESSAGING', until=int(time.time()) - 60)

        self.assertEqual((item.state, self.number.brake), ('ignored', 'none'))

    def test_restrictions_end_the_same_in_whatever_order_they_are_told(self):
        longer = self.in_a_day + 3600
        told = ((1, 'RESTRICTED_BIZ_INITIATED_MESSAGING', longer),
                (2, 'RESTRICTED_CUSTOMER_INITIATED_MESSAGING', self.in_a_day))
        ends = []
        for order in (told, told[::-1]):
            self.account.write({'restrictions': False, 'told_at': False})
            self.account.number_ids._unbrake('Anew.')
            for minutes, kind, until in order:
                self.restrict(kind, minutes=minutes, until=until, case=str(order))
            ends.append(self.number.brake_until)

        self.assertEqual(ends[0], ends[1])
        self.assertEqual(ends[0], datetime.fromtimestamp(longer, timezone.utc).replace(tzinfo=None))

    # --- The end, and its return -----------------------------------------------------------------------------

    def test_a_disabled_account_stops_and_says_what_to_do(self):
        self.ban('DISABLE')

        self.assertEqual(self.account.state, 'error')
        self.assertIn('appeal', self.account.problem)
        self.assertTrue(self.alerts('account_stopped'))

    def test_a_reinstated_account_goes_on_by_itself(self):
        self.ban('DISABLE')
        message = self.queue_agreed(self.ana)

        self.ban('REINSTATE', minutes=5)
        self.run_sender()

        self.assertEqual((self.account.state, self.account.problem, message.state), ('connected', False, 'accepted'))
        self.assertFalse(self.alerts('account_stopped'))

    def test_an_older_ban_does_not_win(self):
        self.ban('REINSTATE', minutes=10)

        item = self.ban('DISABLE', minutes=5)

        self.assertEqual((self.account.state, item.state), ('connected', 'ignored'))

    def test_a_reinstatement_does_not_mend_a_wrong_token(self):
        self.account.write({'state': 'error', 'problem': 'Meta refuses the access token.'})

        self.ban('REINSTATE')

        self.assertEqual(self.account.state, 'error')

    def test_a_ban_that_is_to_come_is_an_alarm_with_its_date(self):
        self.ban('SCHEDULE_FOR_DISABLE')

        self.assertEqual(self.account.state, 'connected')
        alert = self.alerts('ban')
        self.assertEqual(alert.severity, 'critical')
        self.assertIn('November 30, 2026', alert.detail)

    def test_what_happened_is_told_in_the_companys_language(self):
        self.speak_spanish()

        self.ban('SCHEDULE_FOR_DISABLE')

        self.assertIn('Meta va a deshabilitar la cuenta', self.alerts('ban').detail)

    def test_a_ban_that_is_called_off_ends_the_alarm(self):
        self.ban('SCHEDULE_FOR_DISABLE')

        self.ban('REINSTATE', minutes=5)

        self.assertFalse(self.alerts('ban'))

    def test_an_account_that_is_no_longer_ours_stops(self):
        for event in ('ACCOUNT_DELETED', 'ACCOUNT_OFFBOARDED', 'PARTNER_REMOVED', 'PARTNER_APP_UNINSTALLED'):
            with self.subTest(event=event):
                self.account.write({'state': 'connected', 'problem': False, 'told_at': False})

                self.account_update(event)

                self.assertEqual((self.account.state, self.account.stop_cause), ('error', event))
                self.assertIn('press Connect', self.account.problem)

    def test_an_account_that_was_connected_again_at_meta_goes_on(self):
        self.account_update('ACCOUNT_OFFBOARDED')

        self.account_update('ACCOUNT_RECONNECTED', minutes=5)

        self.assertEqual(self.account.state, 'connected')

    def test_what_ended_before_somebody_connected_anew_is_over(self):
        self.account.last_connected = fields.Datetime.now()

        self.account_update('PARTNER_APP_UNINSTALLED', minutes=-30)

        self.assertEqual(self.account.state, 'connected')

    def test_a_number_that_leaves_the_cloud_api_stops_alone(self):
        self.account_update('PARTNER_REMOVED', phone_number='34910000111', disconnection_info={
            'reason': 'PRIMARY_INACTIVITY', 'initiated_by': 'SYSTEM'})

        self.assertEqual((self.account.state, self.number.stopped, self.number_2.stopped), ('connected', True, False))
        self.assertIn('PRIMARY_INACTIVITY', self.number.problem)

    def test_another_clients_account_does_not_concern_ours(self):
        self.account_update('PARTNER_REMOVED', waba_info={'waba_id': '999'})

        self.assertEqual(self.account.state, 'connected')

    def test_another_app_that_was_removed_does_not_concern_ours(self):
        self.account.app_id = '1'

        self.account_update('PARTNER_APP_UNINSTALLED', waba_info={'waba_id': self.account.waba_id,
                                                                  'partner_app_id': '2'})
        self.assertEqual(self.account.state, 'connected')

        self.account_update('PARTNER_APP_UNINSTALLED', minutes=1, waba_info={'partner_app_id': '1'})
        self.assertEqual(self.account.state, 'error')

    def test_what_changes_nothing_is_kept(self):
        for event in ('PARTNER_ADDED', 'VOLUME_BASED_PRICING_TIER_UPDATE', 'MM_LITE_TERMS_SIGNED'):
            with self.subTest(event=event):
                self.assertEqual(self.account_update(event).state, 'ignored')
        self.assertFalse(self.alerts('other'))

    def test_an_event_nobody_knows_is_kept_and_listed_under_its_name(self):
        self.assertEqual(self.account_update('ACCOUNT_LEVITATED').state, 'ignored')
        self.assertIn('account_update ACCOUNT_LEVITATED', self.alerts('other').detail)

    # --- Review, alerts and errors ---------------------------------------------------------------------------

    def test_a_rejected_account_is_told_until_it_is_approved(self):
        self.tell('account_review_update', {'decision': 'REJECTED'})
        self.assertEqual((self.account.review_status, len(self.alerts('review'))), ('REJECTED', 1))

        self.tell('account_review_update', {'decision': 'APPROVED'}, minutes=5)

        self.assertEqual((self.account.review_status, len(self.alerts('review'))), ('APPROVED', 0))

    def test_an_older_review_does_not_win(self):
        self.tell('account_review_update', {'decision': 'APPROVED'}, minutes=5)

        self.tell('account_review_update', {'decision': 'REJECTED'}, minutes=1)

        self.assertEqual(self.account.review_status, 'APPROVED')
        self.assertFalse(self.alerts('review'))

    def test_metas_own_alert_is_told_with_its_severity(self):
        self.tell('account_alerts', {'entity_type': 'BUSINESS', 'entity_id': '884', 'alert_info': {
            'alert_severity': 'CRITICAL', 'alert_status': 'ACTIVE',
            'alert_type': 'INCREASED_CAPABILITIES_ELIGIBILITY_FAILED', 'alert_description': 'Not for this business.'}})

        alert = self.alerts('meta_alert')
        self.assertEqual((alert.severity, alert.detail),
                         ('critical', 'Meta does not raise the limit of people. Not for this business.'))

    def test_metas_alert_about_a_number_is_told_for_it(self):
        self.tell('account_alerts', {'entity_type': 'PHONE_NUMBER', 'entity_id': PHONE_ID, 'alert_info': {
            'alert_severity': 'WARNING', 'alert_type': 'PROFILE_PICTURE_LOST'}})

        self.assertEqual(self.alerts('meta_alert').number_id, self.number)

    def test_what_is_merely_information_is_a_note(self):
        self.tell('account_alerts', {'entity_type': 'PHONE_NUMBER', 'entity_id': PHONE_ID, 'alert_info': {
            'alert_severity': 'INFORMATIONAL', 'alert_status': 'NONE', 'alert_type': 'OBA_APPROVED'}})

        self.assertFalse(self.alerts('meta_alert'))
        self.assertIn('official business account now', self.notes())

    def test_an_error_of_no_message_is_told_in_words(self):
        event = self.receive(webhook_payload({'errors': [
            {'code': 130429, 'title': 'Rate limit hit', 'error_data': {'details': 'Too many messages'}}]}))

        alert = self.alerts('meta_error')
        self.assertEqual((event.item_ids.state, alert.number_id), ('done', self.number))
        self.assertIn('The number sent faster than it may', alert.detail)
        self.assertIn('Too many messages', alert.detail)

    def undated_error(self, days_ago=0):
        """Let the same error of no message come, without a time, at noon of some day."""
        payload = webhook_payload({'errors': [{'code': 130429, 'title': 'Rate limit hit'}]})
        del payload['entry'][0]['time']
        event = self.env['fluxforce.whatsapp.event']._store(self.account.id, json.dumps(payload).encode())
        event.received_at = fields.Datetime.now().replace(hour=12) - timedelta(days=days_ago)
        self.apply_webhooks()
        return event

    def test_the_same_error_on_another_day_is_told_again(self):
        self.undated_error(days_ago=1)
        self.alerts('meta_error')._mark_done('Seen.')

        event = self.undated_error()

        self.assertEqual(event.item_ids.state, 'done')
        self.assertTrue(self.alerts('meta_error'))

    def test_an_error_that_meta_repeats_on_the_same_day_is_told_once(self):
        self.undated_error()

        event = self.undated_error()

        self.assertFalse(event.item_ids)
        self.assertEqual(self.alerts('meta_error').count, 1)

    def test_a_click_on_a_link_is_kept(self):
        event = self.receive(webhook_payload({'user_actions': [{
            'action_type': 'marketing_messages_link_click', 'timestamp': '1795431000',
            'marketing_messages_link_click_data': {'click_component': 'cta', 'click_id': 'clk_1'}}]}))

        self.assertEqual((event.state, event.item_ids.state), ('done', 'ignored'))


@tagged('post_install', '-at_install')
class TestPreferences(UpdateCase):

    def setUp(self):
        super().setUp()
        self.now = int(time.time())

    def prefer(self, value, seconds_ago=0, **person):
        person = person or {'wa_id': '447400123001'}
        return self.receive(webhook_payload({
            'user_preferences': [{
                **person, 'detail': f'User requested to {value} marketing messages', 'category': 'marketing_messages',
                'value': value, 'timestamp': self.now - seconds_ago}],
        }, field='user_preferences')).item_ids

    def agree_to_offers(self, partner, days_ago=1):
        self.give_consent(partner, 'marketing', given_at=fields.Datetime.now() - timedelta(days=days_ago))

    def consents(self, partner):
        return self.env['fluxforce.whatsapp.consent'].search([('partner_id', '=', partner.id)], order='id')

    def test_a_stop_is_a_withdrawal_in_whatsapps_words(self):
        self.agree_to_offers(self.ana)

        item = self.prefer('stop')

        entry = self.consents(self.ana)[-1]
        self.assertEqual((item.state, self.ana.whatsapp_consent_marketing), ('done', 'withdrawn'))
        self.assertEqual((entry.decision, entry.source, entry.purpose, entry.wording),
                         ('withdrawn', 'meta', 'marketing', 'User requested to stop marketing messages'))

    def test_queued_marketing_does_not_go_after_a_stop(self):
        self.agree_to_offers(self.ana)
        message = self.queue(self.ana, self.marketing_template)

        self.prefer('stop')
        self.run_sender()

        self.assertEqual((message.state, message.reason, self.meta.sends), ('cancelled', 'consent_withdrawn', []))

    def test_service_updates_go_on_after_a_stop(self):
        message = self.queue_agreed(self.ana)

        self.prefer('stop')
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_a_resume_lifts_the_stop_and_the_earlier_consent_holds(self):
        self.agree_to_offers(self.ana)
        self.prefer('stop', seconds_ago=60)

        self.prefer('resume')

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')
        self.assertEqual(self.consents(self.ana).mapped('decision'), ['given', 'withdrawn', 'resumed'])

    def test_a_resume_is_no_consent(self):
        self.prefer('stop', seconds_ago=60)

        self.prefer('resume')

        self.assertFalse(self.ana.whatsapp_consent_marketing)

    def test_a_resume_does_not_lift_what_the_person_told_us(self):
        self.agree_to_offers(self.ana, days_ago=2)
        self.withdraw_consent(self.ana, 'marketing', given_at=fields.Datetime.now() - timedelta(days=1))
        self.prefer('stop', seconds_ago=60)

        self.prefer('resume')

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

    def test_the_newest_wins_in_whatever_order_they_come(self):
        self.agree_to_offers(self.ana | self.ben)

        self.prefer('resume')
        self.prefer('stop', seconds_ago=60)
        self.prefer('stop', wa_id='447400123002')
        self.prefer('resume', seconds_ago=60, wa_id='447400123002')

        self.assertEqual((self.ana.whatsapp_consent_marketing, self.ben.whatsapp_consent_marketing),
                         ('given', 'withdrawn'))

    def test_the_same_twice_is_recorded_once(self):
        self.prefer('stop')
        self.prefer('stop')

        self.assertEqual(len(self.consents(self.ana)), 1)

    def test_a_person_who_hides_the_number_is_found_by_the_identity(self):
        self.agree_to_offers(self.ben)
        self.env['fluxforce.whatsapp.identity'].create(
            {'account_id': self.account.id, 'bsuid': 'GB.77', 'partner_id': self.ben.id})

        self.prefer('stop', user_id='GB.77')

        self.assertEqual(self.ben.whatsapp_consent_marketing, 'withdrawn')

    def test_a_newcomer_at_somebodys_old_number_is_not_taken_for_that_person(self):
        self.env['fluxforce.whatsapp.identity'].create(
            {'account_id': self.account.id, 'bsuid': 'GB.1', 'wa_id': '447400123001', 'partner_id': self.ana.id})

        self.prefer('stop', user_id='GB.2', wa_id='447400123001')

        entry = self.env['fluxforce.whatsapp.consent'].search([('phone', '=', '+447400123001')])
        self.assertEqual((entry.decision, entry.partner_id.id), ('withdrawn', False))

    def test_a_stop_of_somebody_who_is_no_contact_is_kept_for_the_number(self):
        self.prefer('stop', wa_id='447400123888')

        entry = self.env['fluxforce.whatsapp.consent'].search([('phone', '=', '+447400123888')])
        self.assertEqual((entry.decision, entry.partner_id.id), ('withdrawn', False))

    def test_a_stop_of_somebody_nobody_can_tell_needs_attention(self):
        item = self.prefer('stop', user_id='GB.unknown')

        self.assertEqual((item.state, item.event_id.state), ('error', 'error'))
        self.assertIn('nobody here', item.error)
        self.assertEqual((self.alerts('webhook').severity, self.alerts('webhook').count), ('critical', 1))
        self.assertIn('GB.unknown', self.alerts('webhook').detail)

    def test_it_counts_when_it_is_applied_again_once_the_person_is_known(self):
        self.agree_to_offers(self.ben)
        item = self.prefer('stop', user_id='GB.77')
        self.env['fluxforce.whatsapp.identity'].create(
            {'account_id': self.account.id, 'bsuid': 'GB.77', 'partner_id': self.ben.id})

        item.event_id.with_user(self.whatsapp_admin).action_replay()
        self.apply_webhooks()

        self.assertEqual((item.state, self.ben.whatsapp_consent_marketing), ('done', 'withdrawn'))
        self.assertFalse(self.alerts('webhook'))

    def test_a_stop_of_somebody_nobody_can_tell_takes_no_other_with_it(self):
        self.agree_to_offers(self.ana)
        stops = [{**person, 'category': 'marketing_messages', 'value': 'stop', 'timestamp': self.now}
                 for person in ({'user_id': 'GB.unknown'}, {'wa_id': '447400123001'})]

        items = self.receive(webhook_payload({'user_preferences': stops}, field='user_preferences')).item_ids

        self.assertEqual(items.sorted('id').mapped('state'), ['error', 'done'])
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

    def test_that_somebody_nobody_can_tell_lets_it_come_again_is_kept_only(self):
        self.assertEqual(self.prefer('resume', user_id='GB.unknown').state, 'ignored')

    def test_who_hides_the_number_by_now_is_known_by_the_id_that_a_status_told(self):
        self.agree_to_offers(self.ana)
        message = self.queue(self.ana, self.marketing_template)
        self.run_sender()
        self.receive(inbound_payload('Hello'))
        self.receive(status_payload(message.wamid, 'delivered', user_id='GB.1'))

        self.prefer('stop', user_id='GB.1')

        self.assertEqual(self.ana.whatsapp_consent_marketing, 'withdrawn')

    def test_whatsapps_form_of_a_number_finds_the_one_we_wrote_to(self):
        lucia = self.env['res.partner'].create({'name': 'Lucía Herrera', 'phone': '+52 55 1234 5678'})
        self.meta.wa_ids['+525512345678'] = '5215512345678'
        self.queue_agreed(lucia)
        self.run_sender()

        self.prefer('stop', wa_id='5215512345678')

        self.assertEqual(self.consents(lucia)[-1].phone, '+525512345678')

    def test_a_choice_nobody_knows_is_kept_and_listed(self):
        self.assertEqual(self.prefer('whisper').state, 'ignored')
        self.assertIn('marketing_messages whisper', self.alerts('other').detail)

    def test_many_stops_after_marketing_brake_the_number(self):
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1235{index:02}'} for index in range(5)])
        self.agree_to_offers(people)
        self.queue(people, self.marketing_template)
        self.run_sender()

        for index in range(5):
            self.prefer('stop', wa_id=f'4474001235{index:02}')

        self.assertEqual((self.number.brake, self.number.brake_reason), ('marketing', 'opt_outs'))

    def test_people_do_not_record_that_a_stop_was_lifted(self):
        with self.assertRaisesRegex(UserError, 'recorded when WhatsApp tells it'):
            self._record_consent(self.ana, 'marketing', 'withdrawn', None, {'decision': 'resumed'})
