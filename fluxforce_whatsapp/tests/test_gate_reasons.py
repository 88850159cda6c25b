from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from markupsafe import escape

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..policy.gate import Reason
from ..policy.wait import Wait
from .common import WhatsappCommon, inbound_payload

# What the gate says only about a message that was written before: the composer writes a template now, for the contact's
# present number. ``halted`` is said of a stopped campaign, see the addon fluxforce_whatsapp_marketing.
AFTER_WRITING = {Reason.RECIPIENT_CHANGED, Reason.OUTSIDE_WINDOW, Reason.EXPIRED, Reason.HALTED}


@tagged('post_install', '-at_install')
class TestGateReasons(WhatsappCommon, TransactionCase):
    """Each reason of the gate, in a situation of real life, is told before sending, in words that say what to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offer, cls.update = cls.marketing_template, cls.utility_template
        cls.other_company = cls.env['res.company'].create({'name': 'Other Company'})
        cls.salesperson.company_ids += cls.other_company

    def setUp(self):
        super().setUp()
        for purpose in ('marketing', 'utility'):
            self.give_consent(self.ana, purpose, given_at='2026-01-05 10:00:00')

    def situations(self):
        """:return: by reason, what happens to Ana, who has agreed to everything; and the template, the offer if it
            does not matter."""
        return {
            # The person
            Reason.NO_PHONE: (lambda: self.ana.write({'phone': False}), None),
            Reason.INVALID_PHONE: (lambda: self.ana.write({'phone': '+44 7700 900123'}), None),
            Reason.NO_CONSENT: (lambda: self.ana.write({'phone': '+44 7400 123009'}), None),
            Reason.CONSENT_WITHDRAWN: (lambda: self.withdraw_consent(self.ana, 'marketing', source='call'), None),
            Reason.CONSENT_EXPIRED: (self.let_consent_run_out, None),
            Reason.OPT_IN_PENDING: (self.ask_to_confirm, None),
            Reason.COMPANY_MISMATCH: (lambda: self.ana.write({'company_id': self.other_company.id}), None),
            Reason.BLOCKED_BY_US: (self.block, None),
            Reason.BLACKLISTED: (lambda: self.env['phone.blacklist'].add('+447400123001'), self.update),
            Reason.US_MARKETING: (self.move_to_the_united_states, None),
            Reason.NOT_ON_WHATSAPP: (self.fail_to_reach, None),
            Reason.DUPLICATE: (self.send_the_same, None),
            # The message
            Reason.TEMPLATE_NOT_APPROVED: (lambda: None, self.pending_template),
            Reason.TEMPLATE_UNSUPPORTED: (
                lambda: self.offer.write({'components': [{'type': 'CAROUSEL', 'cards': []}]}), None),
            Reason.MISSING_VALUE: (lambda: self.ana.write({'ref': False}), self.update),
            # What it waits for
            Reason.TEMPLATE_PAUSED: (lambda: self.offer.write({'status': 'PAUSED'}), None),
            Reason.TEMPLATE_SYNC: (lambda: self.offer.write({'sync_asked': True}), None),
            Reason.NUMBER_UNABLE: (lambda: self.number.write({'status': 'RATE_LIMITED'}), None),
            Reason.ACCOUNT_INACTIVE: (lambda: self.account.write({'state': 'error'}), None),
            Reason.BRAKE: (lambda: self.number.write({'brake': 'marketing'}), None),
            Reason.QUIET_HOURS: (lambda: self.account.write({'quiet_from': 0, 'quiet_to': 23.99}), None),
            Reason.MARKETING_GAP: (self.be_spared, None),
            Reason.FREQUENCY_CAP: (self.get_enough_offers, None),
        }

    # --- What happens to Ana ---------------------------------------------------------------------------------

    def let_consent_run_out(self):
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.give_consent(self.ana, 'marketing', given_at=yesterday - timedelta(days=9), expires_at=yesterday)

    def ask_to_confirm(self):
        self.ana.phone = '+44 7400 123009'
        with patch.object(type(self.env['fluxforce.whatsapp.asking']), '_ask', lambda *_args: None):
            self.give_consent(self.ana, 'marketing', decision='asked')

    def block(self):
        self.receive(inbound_payload('Hello'))
        self.env['fluxforce.whatsapp.identity'].search([('partner_id', '=', self.ana.id)])._block('Threatens our staff')

    def move_to_the_united_states(self):
        self.ana.phone = '+1 202-555-0123'
        self.give_consent(self.ana, 'marketing')

    def fail_to_reach(self):
        self.queue(self.ana, self.offer).write({
            'state': 'failed', 'error_code': 131026, 'failed_at': fields.Datetime.now()})

    def send_the_same(self):
        self.account.duplicate_hours = 24
        self.queue(self.ana, self.offer)

    def be_spared(self):
        self.queue(self.ana, self.offer)
        self.meta.fail('messages', 131049)
        self.run_sender()

    def get_enough_offers(self):
        self.queue(self.ana, self.offer).write({'state': 'delivered', 'claimed_at': fields.Datetime.now()})
        self.account.write({'marketing_most': 1, 'marketing_days': 7})

    # --- In the composer -------------------------------------------------------------------------------------

    def compose(self, partners, template):
        both = (self.company + self.other_company).ids
        return self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).with_context(
            allowed_company_ids=both).create({
                'res_model': 'res.partner', 'res_ids': repr(partners.ids), 'number_id': self.number.id,
                'template_id': template.id})

    def test_every_reason_has_its_situation(self):
        self.assertEqual(self.situations().keys() | AFTER_WRITING, set(Reason))

    def test_the_composer_tells_every_reason_to_who_writes_to_many(self):
        gate = self.env['fluxforce.whatsapp.gate']
        for reason, (happens, template) in self.situations().items():
            with self.subTest(reason=reason.value), closing(self.env.cr.savepoint()):
                happens()
                groups = self.compose(self.ana | self.chloe, template or self.offer).group_ids
                row = groups.filtered(lambda group, reason=reason: group.reason == reason.value)
                self.assertTrue(row, groups.mapped('reason'))
                self.assertTrue(row.words.startswith(gate._explain(reason.value)), row.words)
                self.assertIn('Ana Costa', row.names)

    def test_the_composer_tells_every_reason_to_who_writes_to_one(self):
        gate = self.env['fluxforce.whatsapp.gate']
        for reason, (happens, template) in self.situations().items():
            with self.subTest(reason=reason.value), closing(self.env.cr.savepoint()):
                happens()
                composer = self.compose(self.ana, template or self.offer)
                self.assertIn(escape(gate._explain(reason.value)), composer.verdict)

    # --- In the outbox ---------------------------------------------------------------------------------------

    def test_the_outbox_tells_the_reasons_that_come_up_later(self):
        gate = self.env['fluxforce.whatsapp.gate']
        message = self.queue(self.ana, self.update)
        for reason in [*Reason, *Wait]:
            with self.subTest(reason=reason.value):
                message.write({'state': 'held', 'reason': reason.value})
                self.assertEqual(message.explanation, gate._explain(reason.value))
                self.assertGreater(len(message.explanation.split()), 3, 'words, not a code')

    def test_a_number_that_changed_is_told(self):
        message = self.queue(self.ana, self.update)
        self.ana.phone = '+44 7400 123009'

        self.run_sender()

        self.assertRegex(message.explanation, 'has changed since the message was written.*Send it again')

    def test_what_came_too_late_is_told(self):
        message = self.queue(self.ana, self.update)
        message.expires_at = fields.Datetime.now() - timedelta(seconds=1)

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('expired', 'expired'))
        self.assertIn('too late', message.explanation)

    def test_free_text_to_who_has_not_written_is_told(self):
        message = self.env['fluxforce.whatsapp.message']._enqueue_texts(
            self.account, [(self.ana, '+447400123001', 'Hello Ana', 'res.partner', self.ana.id)])

        self.assertEqual((message.state, message.reason), ('refused', 'outside_window'))
        self.assertIn('Use an approved template', message.explanation)
