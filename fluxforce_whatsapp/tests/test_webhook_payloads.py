"""What a user sees of every webhook that Meta documents: one line per case in ``SEEN``."""
import json
import re
import time

from odoo.tests import HttpCase, tagged
from odoo.tools import html2plaintext, mute_logger

from .common import WhatsappCommon, inbound_payload
from .fake_meta import PHONE_ID, PHONE_ID_2, WABA_ID
from .samples import SAMPLES

# The samples' account and numbers, and ours in their place.
OURS = {
    '217004918845120': WABA_ID, '560318847729901': PHONE_ID, '560318847730455': PHONE_ID_2,
    '493023125042': '34910000111', '493023125077': '34910000222',
}
TEMPLATE_ID = '904417733250118'
# The samples' time, in seconds since 1970; they are told as if they had happened since yesterday.
BEGIN = 1795430400
MOMENT = re.compile(r'(?<!\d)179[56]\d{6}(?!\d)')
DAY = 24 * 3600

# --- What there is to see: each takes the test and the journal's entry -----------------------------------------------


def kept(test, event):
    """Nothing but the line in the journal."""
    test.assertEqual(event.state, 'done')
    test.assertEqual(set(event.item_ids.mapped('state')), {'ignored'})
    test.assertFalse(test.written())


def chatter(*texts):
    """What people wrote, in the chatter of their contacts, in this order."""
    def check(test, event):
        test.assertApplied(event)
        test.assertEqual(test.written(), list(texts))
    return check


def shown(*parts):
    """One message in the chatter of its person, with all of this in it, in this order."""
    def check(test, event):
        test.assertApplied(event)
        text, = test.written()
        test.assertRegex(text, '(?s)' + '.*'.join(map(re.escape, parts)))
    return check


def reaction(*emojis):
    """What the person thinks of a message of ours, on that message."""
    def check(test, event):
        test.assertApplied(event)
        test.assertEqual(test.sent.mail_message_id.reaction_ids.mapped('content'), list(emojis))
    return check


def changed(text):
    """What the person wrote before reads so now; nothing new is in the chatter."""
    def check(test, event):
        test.assertApplied(event)
        test.assertFalse(test.written())
        test.assertIn(text, html2plaintext(test.env['mail.message'].browse(test.last_message).body))
    return check


def notice(words):
    """A remark of WhatsApp about the person, in the person's chatter."""
    def check(test, event):
        test.assertApplied(event)
        remark = test.env['mail.message'].search([
            ('id', '>', test.last_message), ('model', '=', 'res.partner'), ('body', '!=', '')])
        test.assertIn(words, html2plaintext(remark.body))
    return check


def state(*names):
    """How the messages of the outbox stand, in the order of their ids at Meta."""
    def check(test, event):
        test.assertApplied(event)
        test.assertEqual(test.sent.mapped('state'), list(names))
    return check


def failed(code):
    """A message of the outbox did not arrive, for the reason Meta gives."""
    def check(test, event):
        test.assertApplied(event)
        test.assertEqual((test.sent.state, test.sent.error_code), ('failed', code))
        test.assertTrue(test.sent.explanation)
    return check


def template(**values):
    """How our copy of the template stands."""
    return shows('utility_template', values)


def number(**values):
    return shows('number', values)


def account(**values):
    return shows('account', values)


def limit(tier):
    """How many people the portfolio may reach."""
    def check(test, event):
        test.assertApplied(event)
        test.assertEqual(test.account.portfolio_id.messaging_limit, tier)
    return check


def shows(name, values):
    def check(test, event):
        test.assertApplied(event)
        record = getattr(test, name)
        test.assertEqual({field: record[field] for field in values}, values)
    return check


def alert(kind):
    """A warning with what to do."""
    def check(test, event):
        test.assertApplied(event)
        test.assertIn(kind, test.env['fluxforce.whatsapp.alert'].search(
            [('account_id', '=', test.account.id), ('state', '=', 'open')]).mapped('kind'))
    return check


def note(words):
    """A remark in the account's chatter."""
    def check(test, event):
        test.assertApplied(event)
        test.assertIn(words, ' '.join(map(html2plaintext, test.account.message_ids.filtered('body').mapped('body'))))
    return check


def decision(name):
    """What a person decided about marketing, in the ledger."""
    def check(test, event):
        test.assertApplied(event)
        newest = test.env['fluxforce.whatsapp.consent'].search(
            [('purpose', '=', 'marketing')], order='id desc', limit=1)
        test.assertEqual((newest.decision, newest.source), (name, 'meta'))
    return check


def unchanged(test, event):
    """It was so already."""
    test.assertApplied(event)
    test.assertFalse(test.env['fluxforce.whatsapp.alert'].search([('account_id', '=', test.account.id)]))


def both(*checks):
    """Several of these."""
    def check(test, event):
        for one in checks:
            one(test, event)
    return check


# By field and case of data/webhooks.json.
SEEN = {
    'messages': {
        'inbound_text': chatter('Hallo, ist der Fahrradtermin morgen noch frei?'),
        'inbound_text_pre_bsuid_shape': chatter('Guten Tag, ich habe eine Frage zu Auftrag 4471.'),
        'inbound_text_username_only_no_phone': chatter('Hola, ¿tenéis la silla en verde?'),
        'inbound_text_with_parent_bsuid_and_username': chatter('Danke, passt so.'),
        'inbound_text_quoted_reply': chatter('Ja, genau diese Rechnung meine ich.'),
        'inbound_text_forwarded': shown('Forwarded', 'Sommerfest am 12. Juni, alle sind eingeladen'),
        'inbound_text_frequently_forwarded': shown('Forwarded many times', 'Bitte an zehn Freunde weiterleiten'),
        'inbound_text_from_click_to_whatsapp_ad': shown(
            'Came from the ad', 'Jetzt schreiben', 'Ich möchte einen Termin buchen'),
        'inbound_text_from_page_post_referral_video': shown(
            'Came from the', 'Werkstatt-Tipp 3', 'Habt ihr dafür auch Ersatzteile?'),
        'inbound_text_product_inquiry': shown('About the product HELM-M-RED', 'Gibt es den Helm auch in L?'),
        'inbound_text_in_group': shown('Mira Vogt in a WhatsApp group', 'Treffpunkt 9 Uhr am Laden?'),
        'inbound_text_identity_key_hash': chatter("Neue Handynummer, ich bin's"),
        'inbound_image_with_caption': shown('So sieht die Kette aus', 'Picture, being fetched'),
        'inbound_image_no_caption': shown('Picture, being fetched'),
        'inbound_audio_voice_note': shown('Voice note, being fetched'),
        'inbound_audio_file': shown('Sound, being fetched'),
        'inbound_video': shown('Geräusch beim Treten', 'Video, being fetched'),
        'inbound_document': shown('Unterschriebener Mietvertrag', 'Document mietvertrag-0417.pdf, being fetched'),
        'inbound_sticker': shown('Sticker, being fetched'),
        'inbound_location': shown('Location', 'Radhaus Nord', 'Lindenufer 4, 10178 Berlin', 'Show on a map'),
        'inbound_location_answer_to_location_request': shown('Location', '52.520100, 13.411200', 'Show on a map'),
        'inbound_contacts_shared_card': shown('Contact card', 'Jonas Behr, Behr Logistik', '+49 30 23125 561'),
        'inbound_contacts_from_request_contact_info_button': shown('Contact card', '+34900111222'),
        'inbound_contacts_shared_vcard_origin_other': shown('Contact card', 'Jonas Behr', '+493023125561'),
        'inbound_interactive_button_reply': chatter('Bestätigen'),
        'inbound_interactive_list_reply': shown('09:30 Uhr', 'Werkstatt Nord'),
        'inbound_interactive_flow_reply': shown('Form filled in', 'First name: Mira', 'Marketing consent: Yes'),
        'inbound_interactive_address_reply': shown('Form filled in', 'Asha Rao', '110001, Block C, New Delhi'),
        'inbound_interactive_call_permission_accept': shown('You may call until'),
        'inbound_interactive_call_permission_reject': shown('You may not call.'),
        'inbound_template_quick_reply_button': chatter('Keine Werbung mehr'),
        'inbound_template_otp_did_not_request_code': chatter("I didn't request a code"),
        'inbound_order': shown('Order', '1 × HELM-L-RED (89.90 EUR)', 'Bitte als Geschenk verpacken'),
        'inbound_reaction_added': reaction('👍'),
        'inbound_reaction_removed': reaction(),
        'inbound_system_user_changed_number': notice('493023125888'),
        'inbound_system_user_changed_number_before_2026': notice('493023125888'),
        'inbound_system_user_changed_user_id': notice('given this person a new id'),
        'inbound_unsupported_poll': shown('A message that WhatsApp does not hand on: poll'),
        'inbound_unsupported_without_subtype': shown('A message that WhatsApp does not hand on'),
        'inbound_edit_text': changed('Morgen um 10, nicht um 9'),
        'inbound_edit_image_caption': changed('Kette und Ritzel'),
        'inbound_revoke': changed('deleted'),
        'value_level_error_throughput': alert('meta_error'),
        'value_level_error_no_storage_retention': alert('meta_error'),
        'user_action_marketing_link_click': kept,
        'status_sent_marketing_v24': state('sent'),
        'status_sent_marketing_v23_with_conversation': state('sent'),
        'status_sent_utility_free_customer_service': state('sent'),
        'status_sent_utility_regular': state('sent'),
        'status_sent_service_free_customer_service': state('sent'),
        'status_sent_service_regular': state('sent'),
        'status_sent_free_entry_point': state('sent'),
        'status_sent_authentication': state('sent'),
        'status_delivered_authentication_international': state('delivered'),
        'status_sent_marketing_messages_api': state('sent'),
        'status_sent_with_callback_data': state('sent'),
        'status_sent_with_identity_key_hash': state('sent'),
        'status_delivered': state('delivered'),
        'status_delivered_parent_bsuid': state('delivered'),
        'status_delivered_username_only_no_recipient_id': state('delivered'),
        'status_read': state('read'),
        'status_read_without_prior_delivered': state('read'),
        'status_played_voice_message': state('played'),
        'status_failed_131049_per_user_marketing_limit': failed(131049),
        'status_failed_131050_user_stopped_marketing': both(failed(131050), decision('withdrawn')),
        'status_failed_131026_undeliverable': failed(131026),
        'status_failed_131047_window_closed': failed(131047),
        'status_failed_131048_spam_rate_limit': both(failed(131048), number(brake='marketing'), alert('brake')),
        'status_failed_131053_media_upload': failed(131053),
        'status_failed_132015_held_message_dropped': both(failed(132015), alert('template_stopped')),
        'status_failed_130472_experiment': failed(130472),
        'status_failed_131042_payment': both(failed(131042), alert('account_stopped')),
        'status_failed_131036_no_storage_payload_missing': failed(131036),
        'status_delivered_group_two_participants': state('delivered'),
        'status_read_group_aggregated_pricing_inside_conversation': state('read'),
        'status_read_group_legacy_participant_key': state('read'),
        'batched_several_changes_and_numbers': both(chatter('Erste Nachricht', 'Bonjour'), state('sent', 'read')),
    },
    'user_preferences': {
        'marketing_stop': decision('withdrawn'),
        'marketing_resume': decision('resumed'),
    },
    'message_template_status_update': {
        'approved': unchanged,
        'pending': template(status='PENDING'),
        'rejected_with_rejection_info': both(template(status='REJECTED'), alert('template_stopped')),
        'rejected_incorrect_category': both(template(status='REJECTED'), alert('template_stopped')),
        'paused_first': both(template(status='PAUSED'), alert('template_stopped')),
        'paused_rate_limiting': both(template(status='PAUSED'), alert('template_stopped')),
        'unpaused': unchanged,
        'disabled': both(template(status='DISABLED'), alert('template_stopped')),
        'flagged': alert('template_quality'),
        'in_appeal': template(status='IN_APPEAL'),
        'reinstated': unchanged,
        'pending_deletion': template(status='PENDING_DELETION'),
        'deleted': template(status='DELETED', active=False),
        'limit_exceeded': template(status='LIMIT_EXCEEDED'),
        'locked': template(status='LOCKED'),
        'archived': template(status='ARCHIVED'),
        'unarchived': template(sync_asked=True),
    },
    'message_template_quality_update': {
        'green_to_yellow': both(template(quality='YELLOW'), alert('template_quality')),
        'yellow_to_red': both(template(quality='RED'), alert('template_quality')),
        'unknown_to_green': template(quality='GREEN'),
    },
    'message_template_components_update': {
        'edited_body_footer_buttons': template(sync_asked=True),
    },
    'template_category_update': {
        'upcoming_change_24h_notice': alert('template_category'),
        'change_done': both(template(category='MARKETING'), alert('template_category')),
    },
    'template_correct_category_detection': {
        'detected_marketing': alert('template_category'),
    },
    'phone_number_quality_update': {
        'onboarding': limit('TIER_250'),
        'throughput_upgrade': both(number(throughput_level='HIGH'), limit('TIER_UNLIMITED')),
        'throughput_upgrade_legacy_current_limit': both(number(throughput_level='HIGH'), limit('TIER_UNLIMITED')),
    },
    'phone_number_name_update': {
        'approved': number(verified_name='Radhaus Nord'),
        'rejected': alert('name_rejected'),
    },
    'business_username_update': {
        'deleted': kept,
        'approved': kept,
    },
    'security': {
        'pin_changed': alert('pin'),
        'pin_reset_request': alert('pin'),
        'pin_request_success': alert('pin'),
    },
    'account_update': {
        'violation': alert('violation'),
        'violation_with_remediation': alert('violation'),
        'restriction_business_initiated': both(number(brake='all'), alert('brake'), alert('restriction')),
        'restriction_customer_initiated': both(number(brake='all'), alert('brake'), alert('restriction')),
        'restriction_utility_templates': alert('restriction'),
        'restriction_calling_on_number': alert('restriction'),
        'disabled': both(account(state='error'), alert('account_stopped')),
        'disable_scheduled': alert('ban'),
        'reinstated': unchanged,
        'deleted': both(account(state='error'), alert('account_stopped')),
        'offboarded_coexistence': both(account(state='error'), alert('account_stopped')),
        'reconnected_coexistence': unchanged,
        'partner_added': kept,
        'partner_app_installed': kept,
        'partner_app_uninstalled': both(account(state='error'), alert('account_stopped')),
        'partner_removed': both(account(state='error'), alert('account_stopped')),
        'partner_removed_coexistence': alert('number_stopped'),
        'auth_international_eligibility': kept,
        'primary_location_set': kept,
        'volume_tier_reached': kept,
        'marketing_messages_terms_signed': kept,
        'ad_account_linked': kept,
        'partner_client_certification_approved': kept,
    },
    'account_alerts': {
        'limit_increase_deferred': alert('meta_alert'),
        'limit_increase_failed': alert('meta_alert'),
        'limit_increase_needs_info': alert('meta_alert'),
        'official_business_account_approved': note('The number is an official business account now'),
        'official_business_account_rejected': note('Meta did not make the number an official business account'),
        'profile_picture_lost': alert('meta_alert'),
    },
    'account_review_update': {
        'approved': account(review_status='APPROVED'),
        'rejected': both(account(review_status='REJECTED'), alert('review')),
        'pending': account(review_status='PENDING'),
        'deferred': account(review_status='DEFERRED'),
    },
    'business_capability_update': {
        'new_portfolio_tier_250': limit('TIER_250'),
        'limit_2000_as_integer': unchanged,
        'limit_tier_string': limit('TIER_10K'),
    },
    'account_settings_update': {
        'calling_settings_changed': kept,
    },
    'smb_message_echoes': {
        'text': kept,
        'image': kept,
        'edit': kept,
        'revoke': kept,
    },
    'smb_app_state_sync': {
        'contact_add': kept,
        'contact_remove': kept,
    },
    'history': {
        'threads_chunk': kept,
        'media_content': kept,
        'declined_by_business': kept,
    },
    'partner_solutions': {
        # Its entry names the business, not the account [S26:webhooks/reference/partner_solutions].
        'solution_created': kept,
    },
    'payment_configuration_update': {
        'needs_testing': kept,
    },
    'automatic_events': {
        'lead_submitted': kept,
        'purchase': kept,
    },
    'flows': {
        'status_change_throttled': kept,
        'client_error_rate': kept,
        'endpoint_error_rate': kept,
        'endpoint_latency': kept,
        'endpoint_availability_recovered': kept,
    },
    'calls': {
        'user_initiated_connect': kept,
        'business_initiated_ringing': kept,
        'terminate_completed': kept,
    },
    'group_lifecycle_update': {
        'created': kept,
        'create_failed': kept,
        'deleted': kept,
    },
    'group_participants_update': {
        'joined_by_invite_link': kept,
        'join_request_created': kept,
        'removed_by_business': kept,
        'left': kept,
    },
    'group_settings_update': {
        'subject_ok_description_failed': kept,
    },
    'group_status_update': {
        'suspended': kept,
        'suspension_cleared': kept,
    },
    'messaging_handovers': {
        'control_passed_to_app': kept,
    },
    'standby': {
        'standby_inbound_text': kept,
    },
}


@tagged('post_install', '-at_install')
class TestWebhookPayloads(WhatsappCommon, HttpCase):
    """Every sample, addressed to our account, comes in by the real endpoint and is applied."""

    def setUp(self):
        super().setUp()
        self.env['res.partner'].create({'name': 'Mira Vogt', 'phone': '+49 30 23125310'})
        self.utility_template.template_id = TEMPLATE_ID
        self.account.answer_stops = False  # only what came in is looked at
        # What the samples tell happened after Meta was asked.
        for records in (self.number, self.number_2, self.utility_template):
            records.last_synced = '2020-01-01 00:00:00'
        self.sent = self.env['fluxforce.whatsapp.message']

    def receive_sample(self, payload):
        """Let it come in and be applied. :return: its entry in the journal."""
        self.queue_what_was_sent(payload)
        self.receive_what_was_written(payload)
        self.last_message = self.env['mail.message'].search([], order='id desc', limit=1).id
        self.assertEqual(self.post_webhook(payload).status_code, 200)
        with mute_logger('odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_event_item'):
            self.apply_webhooks()
        return self.env['fluxforce.whatsapp.event'].search([('account_id', '=', self.account.id)], limit=1)

    def queue_what_was_sent(self, payload):
        """Whatever a status or a reaction is about is in our outbox."""
        wamids = {status['id'] for status in told(payload, 'statuses')}
        liked = {message['reaction']['message_id'] for message in told(payload, 'messages') if 'reaction' in message}
        for wamid in sorted(wamids | liked):
            message = self.queue_agreed(self.ana)
            message.write({'state': 'accepted', 'wamid': wamid})
            self.sent += message

    def receive_what_was_written(self, payload):
        """Whoever changes something has written it before."""
        for message in told(payload, 'messages'):
            if message['type'] in ('edit', 'revoke', 'system'):
                wamid = message.get(message['type'], {}).get('original_message_id', 'wamid.BEFORE')
                self.receive(inbound_payload(
                    'What was there before', sender=message.get('from'), user_id=message.get('from_user_id'),
                    wamid=wamid, name='Mira Vogt'))

    def written(self):
        """:return: what has come into any chatter from WhatsApp, as plain text."""
        messages = self.env['mail.message'].search(
            [('id', '>', self.last_message), ('message_type', '=', 'whatsapp_message')], order='id')
        return [html2plaintext(message.body) for message in messages]

    def assertApplied(self, event):
        self.assertEqual((event.state, set(event.item_ids.mapped('state'))), ('done', {'done'}), event.error)

    def test_every_sample_has_its_line(self):
        samples = {(sample['field'], sample['case']) for sample in SAMPLES}

        self.assertEqual({(field, case) for field, cases in SEEN.items() for case in cases}, samples)


def told(payload, name):
    """:return: all that the field ``messages`` holds under a name."""
    return [one for entry in payload['entry'] for change in entry['changes'] if change['field'] == 'messages'
            for one in change['value'].get(name, ())]


def addressed_to_us(payload):
    text = json.dumps(payload)
    for theirs, ours in OURS.items():
        text = text.replace(theirs, ours)
    later = int(time.time()) - DAY - BEGIN
    return json.loads(MOMENT.sub(lambda found: str(int(found[0]) + later), text))


def add_test(field, case, payload):
    """A test of its own for each sample, so that none sees what another has left."""
    def test(self):
        event = self.receive_sample(addressed_to_us(payload))

        SEEN[field][case](self, event)

    setattr(TestWebhookPayloads, f'test_{field}_{case}', test)


for sample in SAMPLES:
    add_test(**sample)
