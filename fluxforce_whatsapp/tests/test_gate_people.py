from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..policy.gate import Action, Verdict
from .common import WhatsappCommon, inbound_payload


@tagged('post_install', '-at_install')
class TestGatePeople(WhatsappCommon, TransactionCase):
    """Who is not written to, whatever the message: each reason with what it tells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gate = cls.env['fluxforce.whatsapp.gate']

    def verdict(self, partner=None, template=None):
        partner = partner or self.ana
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(
            partner, template or self.marketing_template, self.number)
        return self.gate.with_user(self.salesperson)._judge(drafts)[0]

    def assertReason(self, reason, partner=None, template=None):
        self.assertEqual(self.verdict(partner, template).reason, reason)

    def explain(self, verdict):
        return self.gate._explain(verdict.reason, verdict.detail)

    # --- What the person said --------------------------------------------------------------------------------

    def test_a_withdrawal_tells_when_and_how(self):
        self.give_consent(self.ana, 'marketing', given_at='2026-01-05 10:00:00')
        self.withdraw_consent(self.ana, 'marketing', source='call', given_at='2026-03-07 10:00:00')

        verdict = self.verdict()

        self.assertEqual((verdict.reason, verdict.detail), ('consent_withdrawn', '2026-03-07 call'))
        self.assertIn('(03/07/2026, Phone call)', self.explain(verdict))

    def test_a_consent_that_ran_out_is_told_apart_from_none(self):
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.give_consent(self.ana, 'marketing', given_at=yesterday - timedelta(days=300), expires_at=yesterday)

        verdict = self.verdict()

        self.assertEqual((verdict.reason, verdict.detail), ('consent_expired', f'{yesterday:%Y-%m-%d}'))
        self.assertFalse(self.ana.whatsapp_consent_marketing)

    def test_a_consent_asked_for_and_not_confirmed_is_none_yet(self):
        with patch.object(type(self.env['fluxforce.whatsapp.asking']), '_ask', lambda *_args: None):
            self.give_consent(self.ana, 'marketing', decision='asked')

        self.assertReason('opt_in_pending')

    def test_a_number_on_the_blacklist_gets_no_offer_and_no_update(self):
        self.give_consent(self.ana, 'marketing')
        self.give_consent(self.ana, 'utility')
        self.env['phone.blacklist'].add('+447400123001')

        self.assertReason('consent_withdrawn')
        self.assertReason('blacklisted', template=self.utility_template)

    def test_a_number_taken_off_the_blacklist_gets_updates_again_and_offers_once_it_agrees(self):
        self.give_consent(self.ana, 'marketing')
        self.give_consent(self.ana, 'utility')
        self.env['phone.blacklist'].add('+447400123001')
        self.env['phone.blacklist'].remove('+447400123001')

        self.assertReason('', template=self.utility_template)
        self.assertReason('consent_withdrawn')

    # --- Whom we do not write to -----------------------------------------------------------------------------

    def block(self, reason='Threatens our staff'):
        self.receive(inbound_payload('Hello'))
        identity = self.env['fluxforce.whatsapp.identity'].search([('wa_id', '=', '447400123001')])
        self.env['fluxforce.whatsapp.block'].with_user(self.salesperson).create({
            'identity_ids': identity.ids, 'reason': reason}).action_confirm()
        return identity

    def test_who_is_blocked_by_us_gets_nothing(self):
        self.give_consent(self.ana, 'marketing')
        self.block()

        verdict = self.verdict()

        self.assertEqual((verdict.reason, verdict.detail), ('blocked_by_us', 'Threatens our staff'))

    def test_a_block_also_ends_what_waits(self):
        message = self.queue_agreed(self.ana)
        self.block()

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('refused', 'blocked_by_us'))
        self.assertFalse(self.meta.sends)

    def test_a_block_counts_for_each_spelling_of_the_number(self):
        self.account.create_contacts = False
        self.receive(inbound_payload(
            'Hello', sender='551187654321', name='Bruno', timestamp=int(fields.Datetime.now().timestamp())))
        self.inbound().identity_id._block('Threatens our staff')
        drafts = self.env['fluxforce.whatsapp.message']._prepare_text_drafts(
            self.account, [(self.env['res.partner'], '+5511987654321', 'Hello', False, False)], self.number)

        self.assertEqual(self.gate._judge(drafts)[0].reason, 'blocked_by_us')

    def test_a_number_on_the_blacklist_is_there_in_each_spelling(self):
        self.ana.phone = '+54 9 11 2345 6789'
        self.give_consent(self.ana, 'utility')
        self.env['phone.blacklist'].create({'number': '+541123456789'})

        self.assertReason('blacklisted', template=self.utility_template)

    def test_a_block_tells_who_when_and_why(self):
        identity = self.block()

        self.assertEqual((identity.blocked_by_id, identity.block_reason), (self.salesperson, 'Threatens our staff'))
        self.assertIn('Threatens our staff', self.ana.message_ids[0].body)

    def test_a_block_is_of_one_company(self):
        self.give_consent(self.ana, 'marketing')
        self.block().company_id = self.env['res.company'].create({'name': 'Other Company'})

        self.assertReason('')

    def test_only_an_administrator_lifts_a_block(self):
        self.give_consent(self.ana, 'marketing')
        identity = self.block()
        with self.assertRaises(AccessError):
            identity.with_user(self.salesperson).action_unblock()

        identity.with_user(self.whatsapp_admin).action_unblock()

        self.assertReason('')

    def test_another_companys_contact_is_refused(self):
        self.give_consent(self.ana, 'marketing')
        self.ana.company_id = self.env['res.company'].create({'name': 'Other Company'})

        verdict = self.verdict()

        self.assertEqual((verdict.reason, verdict.detail), ('company_mismatch', 'Other Company'))

    def test_another_companys_document_is_refused(self):
        self.give_consent(self.ana, 'marketing')
        other = self.env['res.company'].create({'name': 'Other Company'})
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(
            self.ana, self.marketing_template, self.number)
        user = new_test_user(self.env, 'olga.other', company_id=other.id, company_ids=[(6, 0, other.ids)])
        drafts[0].update(res_model='res.users', res_id=user.id)

        self.assertEqual(self.gate._judge(drafts)[0].reason, 'company_mismatch')

    # --- Whom Meta does not deliver to -----------------------------------------------------------------------

    def test_no_marketing_to_the_united_states(self):
        john, jean = self.env['res.partner'].create([
            {'name': 'John of Washington', 'phone': '+1 202-555-0123'}, {'name': 'Jean', 'phone': '+1 613-555-0123'}])
        self.give_consent(john | jean, 'marketing')
        self.give_consent(john, 'utility')
        john.ref = 'S1'

        self.assertReason('us_marketing', john)
        self.assertReason('', john, self.utility_template)
        self.assertReason('', jean)

    def fail_to_reach(self, **ago):
        message = self.queue_agreed(self.ana, self.marketing_template)
        message.write({'state': 'failed', 'error_code': 131026, 'failed_at': fields.Datetime.now() - timedelta(**ago)})
        return message

    def test_no_marketing_to_who_could_not_be_reached_lately(self):
        self.fail_to_reach(days=2)
        self.give_consent(self.ana, 'utility')

        self.assertReason('not_on_whatsapp')
        self.assertReason('', template=self.utility_template)

    def test_an_old_failure_to_reach_somebody_is_forgotten(self):
        self.fail_to_reach(days=31)

        self.assertReason('')

    def test_what_was_delivered_since_proves_that_the_person_is_there(self):
        self.fail_to_reach(days=2)
        self.queue(self.ana, self.utility_template).write({
            'state': 'delivered', 'delivered_at': fields.Datetime.now() - timedelta(days=1)})

        self.assertReason('')

    def test_a_failure_and_a_delivery_count_for_each_spelling_of_the_number(self):
        self.ana.phone = '+54 9 11 2345 6789'
        failed = self.fail_to_reach(days=2)
        self.ana.phone = '+54 11 2345 6789'
        self.assertNotEqual(failed.phone, self.ana.phone_sanitized)
        self.assertReason('not_on_whatsapp')

        failed.copy({'key': 'since', 'state': 'delivered', 'error_code': False, 'failed_at': False,
                     'delivered_at': fields.Datetime.now() - timedelta(days=1)})
        self.assertReason('')

    # --- Other addons ----------------------------------------------------------------------------------------

    def test_another_addon_adds_a_reason_with_one_method(self):
        self.give_consent(self.ana | self.ben, 'marketing')
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(
            self.ana | self.ben | self.chloe, self.marketing_template, self.number)
        more = {1: Verdict('1', Action.REFUSE, 'in_dispute'), 2: Verdict('2', Action.HOLD, 'in_dispute')}

        with patch.object(type(self.gate), '_more_reasons', lambda *_args: more):
            verdicts = self.gate._judge(drafts)

        self.assertEqual([verdict.reason for verdict in verdicts], ['', 'in_dispute', 'no_consent'])
