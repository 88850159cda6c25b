from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

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

    def test_a_typed_number_is_kept_in_international_form(self):
        consent = self.give_consent(self.env['res.partner'].browse([False]), phone='+44 7400 123001')

        self.assertEqual(consent.phone, '+447400123001')

    def test_a_number_typed_the_national_way_is_the_contacts_countrys(self):
        self.phoneless.country_id = self.env.ref('base.uk')

        self.assertEqual(self.give_consent(self.phoneless, phone='07400 123009').phone, '+447400123009')

    def test_a_number_without_contact_is_the_companys_countrys(self):
        self.company.country_id = self.env.ref('base.uk')

        consent = self.give_consent(self.env['res.partner'].browse([False]), phone='07400 123009')

        self.assertEqual(consent.phone, '+447400123009')

    def test_a_number_that_cannot_be_right_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Phone.*country code'):
            self.give_consent(self.ana, phone='call me')

    def test_a_withdrawal_typed_by_number_counts_for_who_has_it(self):
        self.give_consent(self.ana)

        self.withdraw_consent(self.env['res.partner'].browse([False]), phone='+44 7400 123001')

        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_utility), ('withdrawn', 'withdrawn'))

    def test_it_cannot_lie_in_the_future(self):
        with self.assertRaisesRegex(ValidationError, 'future'):
            self.give_consent(self.ana, given_at=fields.Datetime.now() + timedelta(days=1))

    def test_it_belongs_to_somebody(self):
        with self.assertRaisesRegex(ValidationError, 'belongs to a contact or to a phone number'):
            self.give_consent(self.env['res.partner'].browse([False]))

    def test_of_a_deleted_contact_without_number_an_anonymous_entry_stays(self):
        consent = self.give_consent(self.phoneless)

        self.phoneless.unlink()

        self.assertFalse(consent.partner_id or consent.phone)
        self.assertEqual(consent.wording, 'Yes, keep me posted on WhatsApp.')

    def test_uninstalling_may_delete_it(self):
        consent = self.give_consent(self.ana)

        consent.sudo().with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()

        self.assertFalse(consent.exists())

    def test_nobody_pretends_to_uninstall(self):
        consent = self.give_consent(self.ana)

        with self.assertRaisesRegex(UserError, 'never deleted'):
            consent.with_user(self.system_admin).with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()

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

        self.assertEqual(self.state_of(self.ana), 'expired')

    def test_an_expired_consent_disappears_from_the_contact(self):
        self.give_consent(self.ana, expires_at=fields.Datetime.now() + timedelta(hours=1))
        self.give_consent(self.ben)
        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')

        with self.at(timedelta(days=1)):
            self.env['fluxforce.whatsapp.consent']._refresh_expired()

        self.assertFalse(self.ana.whatsapp_consent_utility)
        self.assertEqual(self.ben.whatsapp_consent_utility, 'given')

    def at(self, later):
        """Let Odoo's clock be ahead."""
        return patch.object(fields.Datetime, 'now', return_value=fields.Datetime.now() + later)

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

    def test_contacts_with_consent_can_be_merged(self):
        twin = self.env['res.partner'].create({'name': 'Ana Costa', 'phone': '+44 7400 123888'})
        self.give_consent(twin, 'marketing')
        self.give_consent(self.ana)

        self.merge(twin, into=self.ana)

        self.assertFalse(twin.exists())
        self.assertEqual(self.ana.whatsapp_consent_utility, 'given')
        self.assertEqual(len(self.ana.whatsapp_consent_ids), 2, 'the whole ledger follows')

    def test_merging_does_not_bring_a_consent_for_another_number(self):
        twin = self.env['res.partner'].create({'name': 'Ana Costa', 'phone': '+44 7400 123888'})
        self.give_consent(twin, 'marketing')

        self.merge(twin, into=self.ana)

        self.assertEqual(self.state_of(self.ana, 'marketing'), 'none')
        self.assertFalse(self.ana.whatsapp_consent_marketing)

    def test_merging_keeps_a_withdrawal(self):
        twin = self.env['res.partner'].create({'name': 'Ana Costa'})
        self.withdraw_consent(twin)
        self.give_consent(self.ana, given_at=fields.Datetime.now() - timedelta(days=1))

        self.merge(twin, into=self.ana)

        self.assertEqual((self.state_of(self.ana), self.ana.whatsapp_consent_utility), ('withdrawn', 'withdrawn'))

    def merge(self, partner, into):
        """Merge as a contact manager does."""
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.outsider).create(
            {'partner_ids': [fields.Command.set((partner | into).ids)], 'dst_partner_id': into.id})
        wizard.action_merge()
        self.env.invalidate_all()

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

    def test_a_contact_of_another_company_has_no_consent_here(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        theirs = self.env['res.partner'].create({'name': 'Xenia', 'company_id': other.id})

        with self.assertRaisesRegex(UserError, 'company inconsistencies'):
            self.give_consent(theirs, user=self.env.user)

    def test_a_new_number_drops_the_consent_in_every_company(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.give_consent(self.ana, user=self.env.user, company_id=other.id)

        self.ana.phone = '+44 7400 123555'

        self.assertFalse(self.ana.with_company(other).whatsapp_consent_utility)
