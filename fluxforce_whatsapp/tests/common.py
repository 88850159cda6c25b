import json
import time
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..cloud_api.const import SIGNATURE_HEADER
from ..cloud_api.signature import sign
from ..models.fluxforce_whatsapp_consent import NOT_CORRECTED
from .fake_meta import APP_SECRET, HOST, MEDIA_HOST, PHONE_ID, TOKEN, WABA_ID, FakeMeta, refused_connection

SENDER = 'odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_sender'
# 2026-06-01 12:00:00 UTC
NOON = 1780315200


def status_payload(wamid, status, key=None, timestamp=NOON, error=None, recipient='447400123001', user_id=None,
                   **envelope):
    """A webhook body with one status, as Meta sends it.

    :param error: an error code, or a dict as in Meta's ``errors``
    """
    data = {'id': wamid, 'status': status, 'timestamp': str(timestamp), 'recipient_id': recipient}
    if user_id:
        data['recipient_user_id'] = user_id
    if key:
        data['biz_opaque_callback_data'] = key
    if error:
        data['errors'] = [error if isinstance(error, dict) else {'code': error, 'title': 'Simulated refusal'}]
    return webhook_payload({'statuses': [data]}, **envelope)


def inbound_payload(text='Hello', sender='447400123001', name='Ana Costa', wamid='wamid.INBOUND1', timestamp=NOON,
                    user_id=None, contact=True, **envelope):
    """A webhook body with one message from a person; ``sender=None`` is somebody who hides the number."""
    message = {'id': wamid, 'timestamp': str(timestamp), 'type': 'text', 'text': {'body': text}}
    person = {'profile': {'name': name}}
    if sender:
        message['from'] = sender
        person['wa_id'] = sender
    if user_id:
        message['from_user_id'] = user_id
        person['user_id'] = user_id
    return webhook_payload({'messages': [message], **({'contacts': [person]} if contact else {})}, **envelope)


def message_payload(kind, content=None, sender='447400123001', wamid='wamid.INBOUND1', timestamp=NOON, name='Ana Costa',
                    **message):
    """A webhook body with one message of any type.

    :param content: what stands under the type's own name, None for nothing
    :param message: further keys of the message
    """
    data = {'id': wamid, 'from': sender, 'timestamp': str(timestamp), 'type': kind, **message}
    if content is not None:
        data[kind] = content
    return webhook_payload({'messages': [data], 'contacts': [{'profile': {'name': name}, 'wa_id': sender}]})


def webhook_payload(value, field='messages', waba_id=WABA_ID, phone_number_id=PHONE_ID):
    """The envelope around one change."""
    metadata = {'display_phone_number': '34910000111', 'phone_number_id': phone_number_id}
    value = {'messaging_product': 'whatsapp', 'metadata': metadata, **value}
    return {'object': 'whatsapp_business_account',
            'entry': [{'id': waba_id, 'time': NOON, 'changes': [{'field': field, 'value': value}]}]}


def together(*payloads):
    """Several bodies as the one batch Meta may make of them."""
    return {**payloads[0], 'entry': [entry for payload in payloads for entry in payload['entry']]}


class WhatsappCommon(CronMixinCase):
    """A connected account, people and users, and a stand-in for Meta that answers every request made to it."""

    meta = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meta = FakeMeta()
        cls.company = cls.env.company
        cls.account = cls.env['fluxforce.whatsapp.account'].create(cls._account_values())
        cls.env['fluxforce.whatsapp.number']._sync(cls.account, cls.meta.numbers)
        cls.env['fluxforce.whatsapp.template']._sync(cls.account, cls.meta.templates)
        cls.account.state = 'connected'
        cls.number, cls.number_2 = cls.account.number_ids.sorted('phone_number_id')
        cls._set_up_templates()
        cls._set_up_people()

    def setUp(self):
        super().setUp()
        # A new one for each test; the handler looks it up on the class, also from the sender's threads.
        type(self).meta = FakeMeta()

    @classmethod
    def _account_values(cls, **values):
        # No quiet hours: the tests run at any time of the day. No limits per person: they write to Ana again and again.
        return {'name': 'Simulated Bicycles', 'waba_id': WABA_ID, 'token': TOKEN, 'app_secret': APP_SECRET,
                'quiet_from': 0, 'quiet_to': 0, 'marketing_most': 0, 'duplicate_hours': 0, **values}

    @classmethod
    def _set_up_templates(cls):
        templates = cls.env['fluxforce.whatsapp.template'].search([('account_id', '=', cls.account.id)])
        by_name = {template.name: template for template in templates}
        cls.plain_template = by_name['support_hours']
        cls.utility_template = by_name['order_update']
        cls.marketing_template = by_name['spring_offer']
        cls.named_template = by_name['appointment_reminder']
        cls.pending_template = by_name['summer_sale']
        cls._map(cls.utility_template, {'body:1': 'name', 'body:2': 'ref'})
        cls._map(cls.marketing_template, {'body:1': 'name'})

    @classmethod
    def _map(cls, template, paths):
        for variable in template.variable_ids:
            if variable.key in paths:
                variable.write({'source': 'field', 'field_path': paths[variable.key]})

    @classmethod
    def _set_up_people(cls):
        cls.salesperson = new_test_user(
            cls.env, 'selma.sales', 'fluxforce_whatsapp.group_whatsapp_user,base.group_partner_manager',
            name='Selma Sales', email='selma@example.com')
        cls.whatsapp_admin = new_test_user(
            cls.env, 'waldo.admin', 'fluxforce_whatsapp.group_whatsapp_admin', name='Waldo Admin',
            email='waldo@example.com')
        cls.system_admin = new_test_user(
            cls.env, 'sonja.system', 'base.group_system,fluxforce_whatsapp.group_whatsapp_admin', name='Sonja System',
            email='sonja@example.com')
        cls.outsider = new_test_user(
            cls.env, 'otto.outside', 'base.group_user,base.group_partner_manager', name='Otto Outside',
            email='otto@example.com')
        # +44 7400 123xxx is the range of the phone library's own examples; the drama numbers +44 7700 900xxx are
        # "not valid" to it.
        cls.ana, cls.ben, cls.chloe, cls.phoneless, cls.misdialled = cls.env['res.partner'].create([
            {'name': 'Ana Costa', 'phone': '+44 7400 123001', 'ref': 'S00042'},
            {'name': 'Ben Okafor', 'phone': '+44 7400 123002', 'ref': 'S00043'},
            {'name': 'Chloe Martin', 'phone': '+44 7400 123003', 'ref': 'S00044'},
            {'name': 'Petra Phoneless', 'phone': False},
            {'name': 'Mike Misdialled', 'phone': '+44 7700 900123'},
        ])

    @classmethod
    def _request_handler(cls, session, request, /, **kwargs):
        host = urlsplit(request.url).hostname or ''
        if host in (HOST, MEDIA_HOST):
            return cls.meta.handle(request)
        if host.endswith('.invalid'):
            raise refused_connection()
        return super()._request_handler(session, request, **kwargs)

    # --- Doing things ----------------------------------------------------------------------------------------

    def speak_spanish(self):
        """Let the company's language be another than that of whoever runs scheduled actions."""
        self.env['res.lang']._activate_lang('es_ES')
        self.company.partner_id.lang = 'es_ES'

    def give_consent(self, partners, purpose='utility', user=None, **values):
        """Record that people agreed, as the salesperson does."""
        return self._record_consent(partners, purpose, 'given', user, values)

    def withdraw_consent(self, partners, purpose='utility', user=None, **values):
        return self._record_consent(partners, purpose, 'withdrawn', user, values)

    def _record_consent(self, partners, purpose, decision, user, values):
        wording = {'given': 'Yes, keep me posted on WhatsApp.', 'withdrawn': 'Please stop.'}[decision]
        ledger = self.env['fluxforce.whatsapp.consent'].with_user(user or self.salesperson)
        if values.get('source') in NOT_CORRECTED:
            ledger = ledger.sudo()  # as the system records what the person said
        return ledger.create([{
            'partner_id': partner.id, 'purpose': purpose, 'decision': decision, 'source': 'form', 'wording': wording,
            **values,
        } for partner in partners])

    def queue(self, partners, template=None, number=None, user=None, free_values=None):
        """Put one message per contact into the outbox, as the composer does.

        :return: the messages, in the order of ``partners``
        """
        outbox = self.env['fluxforce.whatsapp.message'].with_user(user or self.salesperson)
        drafts = outbox._prepare_drafts(
            partners.with_user(user or self.salesperson), template or self.plain_template, number or self.number,
            free_values)
        return outbox._enqueue(drafts).sudo()

    def queue_agreed(self, partners, template=None, **options):
        """The same for people who have agreed to it."""
        self.give_consent(partners, (template or self.plain_template)._purpose())
        return self.queue(partners, template, **options)

    def run_sender(self):
        """Let the sender work until nothing is due; nothing is committed."""
        with self.no_commit():
            self.env['fluxforce.whatsapp.sender']._cron_send()
        self.env.invalidate_all()

    def run_action(self, name):
        """Let the sender run as one of its scheduled actions."""
        with self.no_commit():
            cron_id = self.env.ref(f'fluxforce_whatsapp.{name}').id
            self.env['fluxforce.whatsapp.sender'].with_context(cron_id=cron_id)._cron_send()
        self.env.invalidate_all()

    def in_other_hands(self, number, claimed_seconds_ago, invited=False):
        """As if another run had claimed for the number."""
        self.env.flush_all()
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_pace
               SET worker = 'other', claimed_at = clock_timestamp() AT TIME ZONE 'UTC' - %s * interval '1 second',
                   invited_until = CASE WHEN %s THEN clock_timestamp() AT TIME ZONE 'UTC' + interval '3 seconds' END
             WHERE number_id = %s
        """, [claimed_seconds_ago, invited, number.id])

    def let_pass(self, messages, **span):
        """Move the moments of messages, and what is known about their people, into the past as if time had gone by.

        :param span: as for ``timedelta``
        """
        self.env.flush_all()
        gone = timedelta(**span)
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_message
               SET due_at = due_at - %(gone)s, claimed_at = claimed_at - %(gone)s, create_date = create_date - %(gone)s
             WHERE id = ANY(%(ids)s)
        """, {'gone': gone, 'ids': messages.ids})
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_pair
               SET burst_at = burst_at - %(gone)s, blocked_until = blocked_until - %(gone)s,
                   window_until = window_until - %(gone)s, reached_at = reached_at - %(gone)s,
                   marketing_from = marketing_from - %(gone)s
        """, {'gone': gone})
        self.env.cr.execute(
            'UPDATE fluxforce_whatsapp_reach SET reached_at = reached_at - %s', [gone])
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_pace SET throttled_at = throttled_at - %(gone)s,
                   next_slot_at = next_slot_at - %(gone)s, closed_until = closed_until - %(gone)s
        """, {'gone': gone})
        self.env.invalidate_all()

    def make_due(self, messages):
        """Let the moment of each waiting message come."""
        for message in messages:
            self.let_pass(message, seconds=max((message.due_at - fields.Datetime.now()).total_seconds(), 0) + 1)

    def receive(self, *payloads):
        """Let webhook bodies come in, one transaction's worth, and apply them.

        :return: their journal entries
        """
        events = self.env['fluxforce.whatsapp.event']
        for payload in payloads:
            events |= events._store(self.account.id, json.dumps(payload).encode())
        self.apply_webhooks()
        return events

    def fetch_files(self):
        """Let the scheduled action fetch what is due; nothing is committed."""
        with self.no_commit():
            self.env['fluxforce.whatsapp.media']._cron_fetch()
        self.env.invalidate_all()

    def bring_files(self):
        """Let the scheduled actions print and upload what is due; nothing is committed."""
        with self.no_commit():
            self.env['fluxforce.whatsapp.printing']._cron_print()
            self.env['fluxforce.whatsapp.upload']._cron_upload()
        self.env.invalidate_all()

    def inbound(self, wamid='wamid.INBOUND1'):
        """:return: what was received under Meta's id."""
        return self.env['fluxforce.whatsapp.inbound'].search([('wamid', '=', wamid)])

    def apply_webhooks(self):
        with self.no_commit():
            self.env['fluxforce.whatsapp.event']._cron_process()
        self.env.invalidate_all()

    def no_commit(self):
        """A test's transaction cannot be committed: the seconds left are told without it."""
        return patch.object(IrCron, '_commit_progress', lambda *_args, **_kwargs: 60.0)

    def post_webhook(self, payload, secret=APP_SECRET, headers=None, token=None):
        """Post a body to the account's webhook as Meta does; for an ``HttpCase``.

        :param payload: a dict, or the raw bytes
        :param secret: what it is signed with, None for no signature
        """
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signature = {SIGNATURE_HEADER: sign(secret, raw)} if secret else {}
        answer = self.url_open(
            f'/fluxforce_whatsapp/webhook/{token or self.account.webhook_token}', data=raw,
            headers={'Content-Type': 'application/json', **signature, **(headers or {})})
        self.env.invalidate_all()
        return answer

    # --- Looking ---------------------------------------------------------------------------------------------

    def chatter(self, partner):
        """:return: the WhatsApp messages in a contact's chatter, oldest first."""
        return partner.message_ids.filtered(lambda message: message.message_type == 'whatsapp_message').sorted('id')

    def notification_of(self, message):
        """:return: the notification that shows a message's state in the chatter."""
        return self.env['mail.notification'].search([('whatsapp_message_id', '=', message.id)])


class ColleagueCommon(WhatsappCommon):
    """Somebody with the salesperson's rights, who is not the salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(cls.env, 'carla.colleague', 'fluxforce_whatsapp.group_whatsapp_user',
                                      name='Carla Colleague', email='carla@example.com')


class DesignCommon(WhatsappCommon):
    """An author, an approver, and templates on their way to Meta."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.author = new_test_user(cls.env, 'aurora.author', 'fluxforce_whatsapp.group_whatsapp_author',
                                   name='Aurora Author', email='aurora@example.com')
        cls.approver = new_test_user(cls.env, 'arne.approver', 'fluxforce_whatsapp.group_whatsapp_approver',
                                     name='Arne Approver', email='arne@example.com')

    def draft(self, user=None, samples=None, **values):
        """:return: a draft of the author that Meta would take, with rights of who wrote it."""
        drafts = self.env['fluxforce.whatsapp.template.draft'].with_user(user or self.author)
        draft = drafts.create({
            'account_id': self.account.id, 'name': 'parcel_left', 'language': 'en', 'category': 'UTILITY',
            'body': 'Hi {{first_name}}, your parcel has left our shop today.', **values})
        for variable in draft.variable_ids:
            variable.sample = (samples or {}).get(variable.name, 'Mira')
        return draft

    def reviewed(self, **values):
        """:return: a draft that may go to Meta."""
        draft = self.draft(**values)
        draft.action_ask_review()
        draft.with_user(self.approver).action_approve()
        return draft

    def submitted(self, **values):
        """:return: a draft that Meta has and has not decided about."""
        draft = self.reviewed(**values)
        draft.action_submit()
        self.run_requests()
        return draft

    def run_requests(self):
        """Let the scheduled action ask Meta for what is due; nothing is committed."""
        with self.no_commit():
            self.env['fluxforce.whatsapp.template.request']._cron_run()
        self.env.invalidate_all()

    def decide(self, draft, event, **value):
        """Let Meta's webhook tell what it decided about a submitted draft."""
        template = draft.template_id
        payload = webhook_payload({
            'message_template_id': int(template.template_id), 'message_template_name': template.name,
            'message_template_language': template.language, 'event': event, **value,
        }, field='message_template_status_update')
        payload['entry'][0]['time'] = int(time.time()) + 1  # Meta decides after it was asked
        self.receive(payload)


class ComposerCommon(WhatsappCommon):
    """Opens the composer as the buttons do."""

    def compose(self, partners, template=None, user=None, **values):
        """Open the composer for contacts and choose a template."""
        return self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).create({
            'res_model': partners._name, 'res_ids': repr(partners.ids), 'mode': 'template',
            'template_id': (template or self.utility_template).id, **values})

    def compose_answer(self, partner, text='It has arrived.', user=None, **values):
        """Open the composer for a contact and write an answer."""
        return self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).create({
            'res_model': partner._name, 'res_ids': repr(partner.ids), 'mode': 'answer', 'text': text, **values})

    def messages_to(self, partners):
        return self.env['fluxforce.whatsapp.message'].search([('partner_id', 'in', partners.ids)], order='id')

    def crowd(self, count, **values):
        """:return: so many people who agreed to service updates."""
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 13{index:04}', 'ref': f'S{index}', **values}
            for index in range(count)])
        self.give_consent(people)
        return people

    def background_above(self, count):
        """Let sends to more people than this go in the background."""
        self.env['ir.config_parameter'].sudo().set_param('fluxforce_whatsapp.background_above', count)

    def run_dispatch(self):
        """Let the scheduled action queue what was asked for; nothing is committed."""
        with self.no_commit():
            self.env['fluxforce.whatsapp.dispatch']._cron_run()
        self.env.invalidate_all()

    def translate(self, template, language, text, **values):
        """:return: another language of a template, as Meta lists it."""
        return self.env['fluxforce.whatsapp.template'].sudo().create({
            'account_id': template.account_id.id, 'template_id': f'{template.template_id}{language}',
            'name': template.name, 'language': language, 'category': template.category, 'status': 'APPROVED',
            'parameter_format': template.parameter_format, 'model_id': template.model_id.id,
            'components': [{'type': 'BODY', 'text': text}], **values})
