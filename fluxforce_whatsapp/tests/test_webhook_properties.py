"""Whatever the order of webhooks, however often they come and whatever is in them."""
import re
from datetime import timedelta
from random import Random

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import NOON, WhatsappCommon, inbound_payload, status_payload, together, webhook_payload
from .samples import SAMPLES, mutate
from .test_webhook_payloads import TEMPLATE_ID, addressed_to_us

ITEM = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_event_item'
EVENT = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_event'
SHUFFLES = 8
ODD_PAYLOADS = 150
# Parked on purpose, with words for a person.
OUR_WORDS = ('ValidationError', 'UserError')
MOMENTS = ('sent_at', 'delivered_at', 'read_at', 'failed_at')


@tagged('post_install', '-at_install')
class TestWebhookProperties(WhatsappCommon, TransactionCase):

    def setUp(self):
        super().setUp()
        self.utility_template.template_id = TEMPLATE_ID
        self.messages = self.queue_agreed(self.ana + self.ben + self.chloe)
        self.run_sender()

    def assertSameWhenever(self, payloads):
        """The state after any order, with each of them twice, is the one after each once in order. :return: that."""
        expected = self.state_after(payloads)
        for seed in range(SHUFFLES):
            random = Random(seed)
            with self.subTest(seed=seed):
                self.assertEqual(self.state_after(random.sample(payloads * 2, 2 * len(payloads))), expected)
                self.assertEqual(self.state_after([together(*random.sample(payloads, len(payloads)))]), expected)
        return expected

    def state_after(self, payloads):
        """:return: what is seen once these have come, which is then undone."""
        savepoint = self.env.cr.savepoint()
        try:
            for payload in payloads:
                self.receive(payload)
            return self.what_is_seen()
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def what_is_seen(self):
        items = self.env['fluxforce.whatsapp.event.item'].search([('account_id', '=', self.account.id)])
        people = self.ana + self.ben + self.chloe
        pairs = self.env['fluxforce.whatsapp.pair'].search([('number_id', '=', self.number.id)])
        consents = self.env['fluxforce.whatsapp.consent'].search([('partner_id', 'in', people.ids)])
        return {
            'outbox': [(message.wamid, message.state, message.error_code, *(message[name] for name in MOMENTS))
                       for message in self.messages],
            'chatter': [sorted(self.chatter(person).mapped('body')) for person in people],
            'windows': {pair.person: pair.window_until for pair in pairs},
            'decisions': sorted((consent.partner_id.id, consent.purpose, consent.decision, consent.source)
                                for consent in consents),
            'template': (self.utility_template.status, self.utility_template.quality, self.utility_template.category),
            'number': (self.number.quality_rating, self.number.messaging_limit),
            'journal': sorted((item.dedupe_key, item.state) for item in items),
        }

    # --- Order and repetition ----------------------------------------------------------------------------------------

    def status(self, message, name, minute, **options):
        return status_payload(message.wamid, name, timestamp=NOON + 60 * minute, **options)

    def test_statuses_end_in_the_same_state_in_any_order(self):
        first, second, third = self.messages

        seen = self.assertSameWhenever([
            *(self.status(first, name, minute) for minute, name in enumerate(['sent', 'delivered', 'read'])),
            self.status(second, 'sent', 1), self.status(second, 'failed', 2, error=131026),
            self.status(third, 'failed', 1, error=131000), self.status(third, 'delivered', 2),
            self.status(first, 'teleported', 9),
        ])

        self.assertEqual([row[1] for row in seen['outbox']], ['read', 'failed', 'delivered'])

    def test_what_people_write_is_there_once_in_any_order(self):
        now = int(fields.Datetime.now().timestamp())

        seen = self.assertSameWhenever([
            inbound_payload(f'Question {minute}', sender, name, f'wamid.{sender}.{minute}', now - 60 * minute)
            for minute in range(3) for sender, name in (('447400123001', 'Ana Costa'), ('447400123002', 'Ben Okafor'))])

        self.assertEqual([len(bodies) for bodies in seen['chatter']], [4, 4, 1])  # with what was sent to them

    def test_the_newest_word_about_a_template_counts_in_any_order(self):
        self.assertSameWhenever([
            self.template_payload('message_template_status_update', minute, event=event, reason='NONE')
            for minute, event in enumerate(['PAUSED', 'APPROVED', 'FLAGGED', 'PAUSED'])
        ] + [
            self.template_payload('message_template_quality_update', 10 + minute, new_quality_score=score)
            for minute, score in enumerate(['GREEN', 'RED', 'YELLOW'])
        ])

    def template_payload(self, field, minute, **value):
        payload = webhook_payload({'message_template_id': int(TEMPLATE_ID), **value}, field)
        payload['entry'][0]['time'] = NOON + 60 * minute
        return payload

    def test_the_newest_preference_of_a_person_counts_in_any_order(self):
        self.give_consent(self.ana, 'marketing')

        self.assertSameWhenever([self.preference(value, minute) for minute, value in enumerate(['stop', 'resume'])])
        self.assertSameWhenever([self.preference(value, minute) for minute, value in enumerate(['resume', 'stop'])])

    def preference(self, value, minute):
        when = fields.Datetime.now() + timedelta(minutes=minute)
        entry = {'wa_id': '447400123001', 'category': 'marketing_messages', 'value': value,
                 'timestamp': int(when.timestamp()), 'detail': f'User requested to {value} marketing messages'}
        return webhook_payload({'user_preferences': [entry], 'contacts': [{'wa_id': '447400123001'}]},
                               'user_preferences')

    # --- Odd content -------------------------------------------------------------------------------------------------

    def test_odd_content_never_breaks_a_reducer(self):
        for seed in range(ODD_PAYLOADS):
            random = Random(seed)
            sample = SAMPLES[random.randrange(len(SAMPLES))]
            payload = mutate(self.about_ours(addressed_to_us(sample['payload'])), random, random.randint(1, 6))
            with self.subTest(seed=seed, field=sample['field'], case=sample['case']):
                self.assertNoneBroken(payload)

    def about_ours(self, payload):
        """A payload whose statuses are about a message that has just been accepted."""
        self.messages[0].write({'state': 'accepted'})
        for entry in payload['entry']:
            for change in entry['changes']:
                for status in change['value'].get('statuses', ()):
                    status['id'] = self.messages[0].wamid
        return payload

    def assertNoneBroken(self, payload):
        with mute_logger(ITEM, EVENT):
            event = self.receive(payload)
        errors = [item.error for item in event.item_ids if item.state == 'error']
        broken = [error for error in errors if re.match(r'\w+: ', error) and not error.startswith(OUR_WORDS)]
        self.assertFalse(broken)
        self.assertNotIn('pending', event.item_ids.mapped('state'))
