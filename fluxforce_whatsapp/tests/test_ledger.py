import base64
from datetime import timedelta

from lxml import etree
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import ColleagueCommon


@tagged('post_install', '-at_install')
class TestLedger(ColleagueCommon, TransactionCase):
    """What an entry holds besides the decision: evidence, number, correction; and how other programs record one."""

    def state_of(self, partner, purpose='utility', number=None):
        person = (partner.id, partner.phone_sanitized, *([number.id] if number else []))
        return self.env['fluxforce.whatsapp.consent']._current_states(self.company, [person])[person][purpose]

    def upload(self, user=None, **values):
        """A file as the form's button uploads it."""
        return self.env['ir.attachment'].with_user(user or self.salesperson).create({
            'name': 'form-118.pdf', 'datas': base64.b64encode(b'signed'), 'res_model': 'fluxforce.whatsapp.consent',
            'res_id': 0, **values})

    def prove(self, file, **values):
        return self.give_consent(self.ana, attachment_ids=[fields.Command.link(file.id)], **values)

    # --- Evidence --------------------------------------------------------------------------------------------

    def test_who_records_a_consent_and_administrators_see_its_evidence(self):
        consent = self.prove(self.upload(), evidence_ip='203.0.113.7')
        self.env.invalidate_all()

        for user in (self.salesperson, self.whatsapp_admin):
            with self.subTest(user=user.name):
                seen = consent.with_user(user)
                self.assertEqual(seen.attachment_ids.raw, b'signed')
                self.assertEqual(seen.evidence_ip, '203.0.113.7')

    def test_nobody_else_sees_its_evidence(self):
        consent = self.prove(self.upload(), evidence_ip='203.0.113.7')
        file = consent.attachment_ids
        self.env.invalidate_all()

        for user in (self.colleague, self.outsider):
            with self.subTest(user=user.name):
                seen = consent.with_user(user)
                self.assertFalse(seen.attachment_ids)
                self.assertFalse(seen.evidence_ip)
                with self.assertRaises(AccessError):
                    file.with_user(user).read(['datas'])

    def test_evidence_is_kept_as_it_is(self):
        consent = self.prove(self.upload())

        for user in (self.salesperson, self.whatsapp_admin):
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    consent.attachment_ids.with_user(user).write({'raw': b'forged'})
                with self.assertRaises(AccessError):
                    consent.attachment_ids.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, 'as it is'):
            consent.sudo().evidence_ids.write({'ip': '203.0.113.8'})
        with self.assertRaisesRegex(UserError, 'as it is'):
            consent.sudo().evidence_ids.unlink()

    def test_a_file_of_another_document_is_copied(self):
        file = self.upload(res_model='res.partner', res_id=self.ana.id)

        consent = self.prove(file)

        self.assertNotEqual(consent.sudo().attachment_ids, file)
        self.assertEqual(file.res_id, self.ana.id)

    def test_a_file_one_may_not_read_proves_nothing(self):
        file = self.upload(user=self.system_admin)

        with self.assertRaises(AccessError):
            self.prove(file)

    def test_the_form_takes_files(self):
        with Form(self.env['fluxforce.whatsapp.consent'].with_user(self.salesperson)) as form:
            form.partner_id = self.ana
            form.purpose = 'utility'
            form.source = 'paper'
            form.wording = 'Yes, keep me posted.'
            form.attachment_ids.add(self.upload())

        self.assertEqual(form.record.attachment_ids.raw, b'signed')

    # --- One of several numbers ------------------------------------------------------------------------------

    def test_a_consent_for_one_number_counts_for_it_only(self):
        self.give_consent(self.ana, number_id=self.number.id)

        self.assertEqual(self.state_of(self.ana, number=self.number), 'given')
        self.assertEqual(self.state_of(self.ana, number=self.number_2), 'none')
        self.assertEqual(self.state_of(self.ana), 'none', 'nobody says from which number')

    def test_a_withdrawal_for_one_number_counts_for_it_only(self):
        self.give_consent(self.ana)
        self.withdraw_consent(self.ana, number_id=self.number.id)

        self.assertEqual(self.state_of(self.ana, number=self.number), 'withdrawn')
        self.assertEqual(self.state_of(self.ana, number=self.number_2), 'given')
        self.assertEqual(self.state_of(self.ana), 'withdrawn', 'doubt is decided for the person')

    def test_the_number_is_one_of_the_company(self):
        other = self.env['res.company'].create({'name': 'Other Company'})

        with self.assertRaises(UserError):
            self.give_consent(self.ana, number_id=self.number.id, company_id=other.id, user=self.env.user)

    # --- Corrections -----------------------------------------------------------------------------------------

    def correct(self, consent, user=None, **changes):
        """Press Correct, change what is wrong and save."""
        consent = consent.with_user(user or self.salesperson)
        action = consent.action_correct()
        with Form(self.env[action['res_model']].with_user(user or self.salesperson).with_context(
                **action['context'])) as form:
            for name, value in changes.items():
                form[name] = value
        return form.record

    def test_a_correction_begins_with_what_was_recorded(self):
        consent = self.give_consent(self.ana, note='Form 118', language='en_US', wording_version='3')

        correction = self.correct(consent, wording='Yes, keep me posted on my orders.')

        self.assertEqual(correction.corrects_id, consent)
        for name in ('partner_id', 'purpose', 'decision', 'source', 'given_at', 'phone', 'language', 'wording_version'):
            self.assertEqual(correction[name], consent[name], name)

    def test_what_was_corrected_no_longer_counts(self):
        consent = self.give_consent(self.ana, 'marketing')

        self.correct(consent, purpose='utility')

        self.assertEqual(self.state_of(self.ana, 'marketing'), 'none')
        self.assertEqual(self.state_of(self.ana, 'utility'), 'given')
        self.assertFalse(self.ana.whatsapp_consent_marketing)
        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')

    def test_a_consent_recorded_for_the_wrong_contact_is_corrected_for_both(self):
        consent = self.give_consent(self.ana)

        self.correct(consent, partner_id=self.ben)

        self.assertEqual(self.state_of(self.ana), 'none')
        self.assertFalse(self.ana.whatsapp_consent_utility)

    def test_an_entry_is_corrected_once(self):
        consent = self.give_consent(self.ana)
        self.correct(consent)

        with self.assertRaisesRegex(UserError, 'corrected already'):
            self.correct(consent)

    def test_what_the_person_said_is_not_corrected(self):
        for source in ('message', 'keyword', 'button', 'web', 'meta'):
            stop = self.withdraw_consent(self.ana, source=source)
            with self.subTest(source=source):
                self.assertFalse(stop.may_be_corrected)
                with self.assertRaisesRegex(UserError, 'not corrected'):
                    self.correct(stop, decision='given')

    def test_of_two_corrections_at_the_same_time_one_is_refused(self):
        consent = self.give_consent(self.ana)
        first, second = self.give_consent(self.ana), self.give_consent(self.ana)
        self.env.flush_all()
        self.correct_by_sql(first, consent)

        with mute_logger('odoo.sql_db'), self.assertRaises(UniqueViolation) as refused, self.cr.savepoint():
            self.correct_by_sql(second, consent)
        self.assertIn('corrected already', consent._sql_error_to_message(refused.exception))

    def correct_by_sql(self, entry, consent):
        """As another transaction does, which did not see the first one."""
        self.cr.execute('UPDATE fluxforce_whatsapp_consent SET corrects_id = %s WHERE id = %s', [consent.id, entry.id])

    # --- Who said it -----------------------------------------------------------------------------------------

    def test_nobody_records_by_hand_what_only_the_system_hears(self):
        ledger = self.env['fluxforce.whatsapp.consent'].with_user(self.salesperson)
        for source in ('message', 'keyword', 'button', 'web', 'meta'):
            for decision in ('given', 'withdrawn', 'asked'):
                with (self.subTest(source=source, decision=decision),
                      self.assertRaisesRegex(UserError, 'WhatsApp chat, noted down')):
                    ledger.create({'partner_id': self.ana.id, 'purpose': 'utility', 'decision': decision,
                                   'source': source, 'wording': 'Yes.'})

    def test_what_somebody_was_written_is_noted_down_and_can_be_corrected(self):
        consent = self.give_consent(self.ana, source='chat')

        self.correct(consent, purpose='marketing')

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_what_was_noted_down_is_not_the_persons_own_word_after_a_stop(self):
        self.withdraw_consent(self.ana)

        entry = self.give_consent(self.ana, source='chat')

        self.assertFalse(entry._to_entry().own_words)

    # --- Who reads it ----------------------------------------------------------------------------------------

    def test_others_than_whatsapp_users_read_no_entry(self):
        consent = self.give_consent(self.ana, note='She is ill')

        with self.assertRaises(AccessError):
            consent.with_user(self.outsider).read(['wording'])
        with self.assertRaises(AccessError):
            self.ana.with_user(self.outsider).read(['whatsapp_consent_ids'])

    def test_others_than_whatsapp_users_use_contacts_as_ever(self):
        self.give_consent(self.ana)
        self.env.invalidate_all()

        with Form(self.ana.with_user(self.outsider)) as form:
            form.phone = '+44 7400 123555'
        self.assertFalse(self.ana.whatsapp_consent_utility)
        plain = new_test_user(self.env, 'paula.plain', 'base.group_user', name='Paula Plain')
        self.assertTrue(Form(self.ana.with_user(plain)))

    # --- Other programs --------------------------------------------------------------------------------------

    def record(self, people, **values):
        """As a web form does."""
        return self.env['fluxforce.whatsapp.consent']._record_given(
            self.company, people, ['utility', 'marketing'], 'form', 'Yes, write to me on WhatsApp.', **values)

    def test_a_form_records_many_people_at_once(self):
        moment = fields.Datetime.now() - timedelta(hours=1)

        consents = self.record(
            [(self.ana.id, False), (False, '+44 7400 123009')], version='checkout-3', language='es_ES',
            ip='203.0.113.7', given_at=moment, evidence=self.upload(user=self.env.user), evidence_ref='SO0042')

        self.assertEqual(len(consents), 4)
        self.assertEqual(set(consents.mapped('phone')), {'+447400123001', '+447400123009'})
        self.assertEqual(self.ana.whatsapp_consent_marketing, 'given')
        for consent in consents:
            self.assertEqual(
                (consent.wording_version, consent.language, consent.evidence_ip, consent.given_at,
                 consent.evidence_ref, len(consent.attachment_ids)),
                ('checkout-3', 'es_ES', '203.0.113.7', moment, 'SO0042', 1))

    def test_a_form_records_nothing_of_the_future(self):
        with self.assertRaisesRegex(ValidationError, 'future'):
            self.record([(self.ana.id, False)], given_at=fields.Datetime.now() + timedelta(hours=1))

    def test_the_number_of_queries_does_not_grow_with_the_people(self):
        partners = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+4474001240{index:02}'} for index in range(44)])
        people = [(partner.id, False) for partner in partners]
        self.record(people[:4])
        self.env.flush_all()

        counts = []
        for group in (people[4:14], people[14:44]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.record(group)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # One update per contact shown; the rest stays the same.
        self.assertLess(counts[1] - counts[0], 2 * 20 + 10, counts)

    # --- Screens ---------------------------------------------------------------------------------------------

    def test_contacts_are_found_and_grouped_by_what_they_agreed_to(self):
        self.give_consent(self.ana, 'marketing')
        partners = self.env['res.partner'].with_user(self.salesperson)
        arch = etree.fromstring(partners.get_view(view_type='search')['arch'])
        nodes = arch.xpath('//filter[contains(@name, "whatsapp")]')
        self.assertGreaterEqual(len(nodes), 7)
        for node in nodes:
            with self.subTest(filter=node.get('name')):
                if node.get('domain'):
                    partners.search(safe_eval(node.get('domain')), limit=1)
                if node.get('context'):
                    field = safe_eval(node.get('context'))['group_by']
                    groups = partners.formatted_read_group([('id', 'in', self.ana.ids)], [field], ['__count'])
                    self.assertEqual(len(groups), 1)

    def test_every_filter_of_the_ledger_finds_without_error(self):
        ledger = self.env['fluxforce.whatsapp.consent'].with_user(self.salesperson)
        for node in etree.fromstring(ledger.get_view(view_type='search')['arch']).xpath('//filter'):
            with self.subTest(filter=node.get('name')):
                if node.get('domain'):
                    ledger.search(safe_eval(node.get('domain')))
                if node.get('context'):
                    ledger.formatted_read_group([], [safe_eval(node.get('context'))['group_by']], ['__count'])

    def test_the_tab_shows_the_newest_first(self):
        self.give_consent(self.ana, given_at=fields.Datetime.now() - timedelta(days=2))
        stop = self.withdraw_consent(self.ana)
        self.env.invalidate_all()

        self.assertEqual(self.ana.with_user(self.salesperson).whatsapp_consent_ids[0], stop)
