from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import WhatsappCommon


@tagged('post_install', '-at_install')
class TestConsent(WhatsappCommon, TransactionCase):

    def state_of(self, partner, purpose='utility', company=None):
        """What the gate goes by."""
        person = (partner.id, partner.phone_sanitized)
        return self.env['fluxforce.whatsapp.consent']._current_states(
            company or self.company, [person])[person][purpose]

    # --- The ledger ------------------------------------------------------------------------------------------

    def test_an_entry_is_never_changed(self):
        consent = self.give_consent(self.ana)

        for user in (self.salesperson, self.system_admin, self.env.user):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                consent.with_user(user).wording = 'Something else'
        with self.assertRaisesRegex(UserError, 'never changed'):
            consent.sudo().write({'decision': 'withdrawn'})

    def test_an_entry_is_never_deleted(self):
        consent = self.give_consent(self.ana)

        for user in (self.salesperson, self.system_admin, self.env.user):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                consent.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, 'never deleted'):
            consent.sudo().unlink()

    def test_who_recorded_it_cannot_be_forged(self):
        consent = self.give_consent(self.ana, user_id=self.system_admin.id)

        self.assertEqual(consent.user_id, self.salesperson)

    def test_the_number_it_was_given_for_is_kept(self):
        self.assertEqual(self.give_consent(self.ana).phone, '+447400123001')

    def test_it_cannot_lie_in_the_future(self):
        with self.assertRaisesRegex(ValidationError, 'future'):
            self.give_consent(self.ana, given_at=fields.Datetime.now() + timedelta(days=1))

    def test_it_belongs_to_somebody(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.give_consent(self.env['res.partner'].browse([False]))

    def test_it_says_in_which_words(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.give_consent(self.ana, wording=False)

    def test_an_outsider_cannot_record_one(self):
        with self.assertRaises(AccessError):
            self.give_consent(self.ana, user=self.outsider)

    # --- What holds now --------------------------------------------------------------------------------------

    def test_without_an_entry_there_is_none(self):
        self.assertEqual(self.state_of(self.ana), 'none')
        self.assertFalse(self.ana.whatsapp_consent_utility)

    def test_the_contact_shows_what_was_given(self):
        self.give_consent(self.ana)

        self.assertEqual(self.state_of(self.ana), 'given')
        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')
        self.assertFalse(self.ana.whatsapp_consent_marketing, 'each purpose needs its own')

    def test_the_latest_decision_wins(self):
        self.give_consent(self.ana)
        self.withdraw_consent(self.ana)
        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_utility), ('withdrawn', 'withdrawn'))

        self.give_consent(self.ana)
        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_utility), ('given', 'given'))

    def test_an_older_decision_recorded_later_does_not_win(self):
        self.withdraw_consent(self.ana)

        self.give_consent(self.ana, given_at=fields.Datetime.now() - timedelta(days=30))

        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_utility), ('withdrawn', 'withdrawn'))

    def test_an_expired_consent_does_not_hold(self):
        self.give_consent(self.ana, given_at=fields.Datetime.now() - timedelta(days=30),
                          expires_at=fields.Datetime.now() - timedelta(days=1))

        self.assertEqual(self.state_of(self.ana), 'none')

    def test_a_new_number_has_no_consent_yet(self):
        self.give_consent(self.ana)

        self.ana.with_user(self.salesperson).phone = '+44 7400 123555'

        self.assertEqual(self.state_of(self.ana), 'none')
        self.assertFalse(self.ana.whatsapp_consent_utility)

    def test_the_old_number_brings_the_consent_back(self):
        self.give_consent(self.ana)
        self.ana.phone = '+44 7400 123555'

        self.ana.phone = '07400 123001'
        self.ana.country_id = self.env.ref('base.uk')

        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')

    def test_a_withdrawal_follows_the_person_to_a_new_number(self):
        self.withdraw_consent(self.ana)

        self.ana.phone = '+44 7400 123555'

        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_utility), ('withdrawn', 'withdrawn'))

    def test_a_withdrawal_counts_for_everybody_with_the_number(self):
        twin = self.env['res.partner'].create({'name': 'Ana at Work', 'phone': '+44 7400 123001'})
        self.give_consent(twin)

        self.withdraw_consent(self.ana)

        self.assertEqual(self.state_of(twin), 'withdrawn')

    def test_a_consent_recorded_without_a_number_is_for_the_contact(self):
        self.give_consent(self.phoneless)

        self.phoneless.phone = '+44 7400 123444'

        self.assertEqual((self.state_of(self.phoneless), self.phoneless.whatsapp_consent_utility), ('given', 'given'))

    # --- The contact's fields --------------------------------------------------------------------------------

    def test_nobody_sets_the_state_on_the_contact_by_hand(self):
        for user in (self.salesperson, self.outsider, self.system_admin):
            with self.subTest(user=user.login), self.assertRaisesRegex(AccessError, 'record it with its source'):
                self.ana.with_user(user).whatsapp_consent_marketing = 'given'

    def test_a_contact_is_not_born_with_consent(self):
        with self.assertRaises(AccessError):
            self.env['res.partner'].with_user(self.salesperson).create(
                {'name': 'Ivy Import', 'whatsapp_consent_marketing': 'given'})

    def test_a_default_value_does_not_give_consent(self):
        partner = self.env['res.partner'].with_user(self.salesperson).with_context(
            default_whatsapp_consent_marketing='given').create({'name': 'Ivy Import'})

        self.assertFalse(partner.whatsapp_consent_marketing)

    def test_a_copied_contact_has_no_consent(self):
        self.give_consent(self.ana)

        self.assertFalse(self.ana.copy().whatsapp_consent_utility)

    def test_a_salesperson_still_edits_the_contact(self):
        self.ana.with_user(self.salesperson).write({'name': 'Ana C.', 'phone': '+44 7400 123555'})

        self.assertEqual(self.ana.name, 'Ana C.')

    # --- Companies -------------------------------------------------------------------------------------------

    def test_another_companys_consent_does_not_count(self):
        other = self.env['res.company'].create({'name': 'Other Company'})

        self.give_consent(self.ana, user=self.env.user, company_id=other.id)

        self.assertEqual((self.state_of(self.ana), self.state_of(self.ana, company=other)), ('none', 'given'))
        self.assertFalse(self.ana.whatsapp_consent_utility)
        self.assertEqual(self.ana.with_company(other).whatsapp_consent_utility, 'given')

    def test_another_companys_entries_are_not_seen(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        consent = self.give_consent(self.ana, user=self.env.user, company_id=other.id)

        with self.assertRaises(AccessError):
            consent.with_user(self.salesperson).read(['wording'])

    def test_a_consent_cannot_be_recorded_for_a_company_one_does_not_belong_to(self):
        other = self.env['res.company'].create({'name': 'Other Company'})

        with self.assertRaises(AccessError):
            self.give_consent(self.ana, company_id=other.id)

    def test_a_new_number_drops_the_consent_in_every_company(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.give_consent(self.ana, user=self.env.user, company_id=other.id)

        self.ana.phone = '+44 7400 123555'

        self.assertFalse(self.ana.with_company(other).whatsapp_consent_utility)
