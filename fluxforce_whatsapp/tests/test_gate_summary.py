from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon


@tagged('post_install', '-at_install')
class TestGateSummary(WhatsappCommon, TransactionCase):
    """Before the button is pressed: who gets it, who waits, who does not and why, and what may cost the account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crowd = cls.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 1260{index:02}'} for index in range(12)])

    def compose(self, partners, template=None, user=None, **values):
        return self.env['fluxforce.whatsapp.composer'].with_user(user or self.salesperson).create({
            'res_model': 'res.partner', 'res_ids': repr(partners.ids), 'number_id': self.number.id,
            'template_id': (template or self.marketing_template).id, **values})

    def compose_critical(self, user, **values):
        """Offers to a crowd while the number is rated low; its brake was released by a person."""
        self.give_consent(self.crowd, 'marketing')
        self.number.write({'quality_rating': 'RED'})
        self.number.write({'brake': 'none'})
        return self.compose(self.crowd, user=user, **values)

    # --- Who gets it -----------------------------------------------------------------------------------------

    def test_people_are_grouped_by_what_happens_and_why(self):
        self.give_consent(self.ana | self.ben, 'marketing')
        self.withdraw_consent(self.chloe, 'marketing')

        groups = self.compose(self.ana | self.ben | self.chloe | self.phoneless).group_ids

        self.assertEqual(
            [(group.action, group.count) for group in groups], [('allow', 2), ('refuse', 1), ('refuse', 1)])
        self.assertEqual(groups[0].names, 'Ana Costa, Ben Okafor')
        self.assertIn('has taken back the consent', groups[1].words)

    def test_who_waits_is_told_with_the_moments(self):
        self.give_consent(self.crowd, 'marketing')
        self.account.write({'quiet_from': 0, 'quiet_to': 23.99})

        composer = self.compose(self.crowd)
        group = composer.group_ids

        self.assertIn('0 of 12 can be sent. Waiting: 12.', composer.verdict)
        self.assertEqual((group.action, group.count), ('hold', 12))
        self.assertRegex(group.words, 'Goes out (today|tomorrow)')
        self.assertEqual(group.names, 'Person 0, Person 1, Person 2, Person 3, Person 4 …')

    def test_the_people_of_each_row_can_be_opened(self):
        self.give_consent(self.ana, 'marketing')
        self.account.write({'quiet_from': 0, 'quiet_to': 23.99})
        composer = self.compose(self.ana | self.chloe | self.phoneless)

        for people, row, title in (
                (self.ana, ('hold', 'quiet_hours'), 'Waits: Quiet hours'),
                (self.chloe, ('refuse', 'no_consent'), 'Not sent: No consent'),
                (self.phoneless, ('refuse', 'no_phone'), 'Not sent: No phone number')):
            with self.subTest(row=row):
                action = composer.with_context(whatsapp_action=row[0], whatsapp_reason=row[1]).action_open_people()
                self.assertEqual(action['name'], title)
                self.assertEqual(self.env['res.partner'].search(action['domain']), people)

    def test_what_is_the_same_for_all_of_a_row_is_told(self):
        self.give_consent(self.ana | self.ben | self.chloe, 'utility')
        (self.ana | self.ben).ref = False

        row = self.compose(self.ana | self.ben | self.chloe, self.utility_template).group_ids[-1]

        self.assertEqual((row.reason, row.count), ('missing_value', 2))
        self.assertIn('({{2}})', row.words)

    def test_what_differs_among_the_people_of_a_row_is_left_out(self):
        self.withdraw_consent(self.ana, 'marketing', source='call')
        self.withdraw_consent(self.ben, 'marketing', source='email')

        row = self.compose(self.ana | self.ben).group_ids

        self.assertEqual((row.reason, row.count), ('consent_withdrawn', 2))
        self.assertNotIn('(', row.words)

    def test_a_row_that_nobody_is_in_any_more_opens_an_empty_list(self):
        composer = self.compose(self.ana | self.chloe).with_context(whatsapp_action='hold', whatsapp_reason='brake')

        self.assertFalse(self.env['res.partner'].search(composer.action_open_people()['domain']))

    def test_a_single_person_needs_no_groups(self):
        self.assertFalse(self.compose(self.ana).group_ids)

    def test_every_reason_can_be_listed(self):
        summary = self.env['fluxforce.whatsapp.summary']
        from ..policy.gate import Action, Reason, Verdict  # noqa: PLC0415

        draft = self.env['fluxforce.whatsapp.message']._prepare_drafts(self.ana, self.plain_template, self.number)[0]
        verdicts = [Verdict(str(index), Action.REFUSE, reason.value) for index, reason in enumerate(Reason)]
        rows = summary._rows(summary._summarise([draft] * len(verdicts), verdicts))

        self.assertEqual({row['reason'] for row in rows}, {reason.value for reason in Reason})
        labels = dict(self.env['fluxforce.whatsapp.message']._fields['reason'].selection)
        self.assertFalse({reason.value for reason in Reason} - labels.keys())

    # --- What may cost the account ---------------------------------------------------------------------------

    def test_without_cause_nothing_is_warned_of(self):
        self.give_consent(self.ana | self.ben, 'marketing')

        composer = self.compose(self.ana | self.ben)

        self.assertFalse(composer.warnings)
        self.assertFalse(composer.is_critical)

    def test_offers_while_people_block_the_number_are_critical(self):
        composer = self.compose_critical(self.salesperson)

        self.assertTrue(composer.is_critical)
        self.assertIn('people block or report it', composer.warnings)
        self.assertIn('Ask a WhatsApp administrator', composer.warnings)

    def test_a_salesperson_cannot_send_what_is_critical(self):
        composer = self.compose_critical(self.salesperson, override_reason='I want to')

        with self.assertRaisesRegex(AccessError, 'Ask a WhatsApp administrator'):
            composer.action_send()

        self.assertFalse(self.env['fluxforce.whatsapp.message'].search([('partner_id', 'in', self.crowd.ids)]))

    def test_an_administrator_has_to_say_why(self):
        composer = self.compose_critical(self.whatsapp_admin, override_reason=' ')

        with self.assertRaisesRegex(UserError, 'Reason: say why'):
            composer.action_send()

    def test_the_reason_is_kept(self):
        composer = self.compose_critical(self.whatsapp_admin, override_reason='Recall of a helmet')

        composer.action_send()

        override = self.env['fluxforce.whatsapp.override'].search([])
        self.assertEqual((override.user_id, override.reason, override.recipients),
                         (self.whatsapp_admin, 'Recall of a helmet', 12))
        self.assertIn('people block or report it', override.warnings)
        self.assertIn('Recall of a helmet', self.account.message_ids[0].body)

    def test_service_updates_are_not_kept_back(self):
        self.give_consent(self.crowd, 'utility')
        self.number.write({'quality_rating': 'RED'})

        self.assertFalse(self.compose(self.crowd, self.plain_template).is_critical)

    def test_a_brake_is_told(self):
        self.give_consent(self.ana, 'marketing')
        self.number.write({'brake': 'marketing'})

        self.assertIn('The brake of the number is on', self.compose(self.ana).warnings)

    def test_a_template_people_dislike_is_told(self):
        self.give_consent(self.ana, 'marketing')
        self.marketing_template.quality = 'YELLOW'

        self.assertIn('People dislike this template', self.compose(self.ana).warnings)

    def test_a_young_number_is_told_how_many_it_reaches(self):
        self.give_consent(self.crowd, 'marketing')
        plan = self.env['fluxforce.whatsapp.warmup']._default_plan()
        plan.step_ids[0].people_per_day = 5
        self.number.write({'warmup_id': plan.id, 'warmup_done_at': False, 'registered_at': fields.Datetime.now()})

        self.assertIn('no more than 5 people a day', self.compose(self.crowd).warnings)

    def test_strangers_and_people_who_never_read_are_counted(self):
        self.give_consent(self.ana | self.ben | self.chloe, 'marketing')
        self.queue(self.ana, self.marketing_template).write({
            'state': 'delivered', 'claimed_at': fields.Datetime.now() - timedelta(days=3)})
        self.queue(self.ben, self.marketing_template).write({
            'state': 'read', 'claimed_at': fields.Datetime.now() - timedelta(days=3)})
        self.env['fluxforce.whatsapp.pair'].create([
            {'number_id': self.number.id, 'person': partner.phone_sanitized, 'reached_at': fields.Datetime.now()}
            for partner in self.ana | self.ben])
        people = {'+447400123001', '+447400123002', '+447400123003'}

        counts = self.env['fluxforce.whatsapp.summary']._count_strange_and_silent(self.account, people)

        self.assertEqual(counts, (1, 2, 1))

    def test_a_decision_is_seen_in_its_company_only(self):
        self.compose_critical(self.whatsapp_admin, override_reason='Recall').action_send()
        override = self.env['fluxforce.whatsapp.override'].search([])
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.whatsapp_admin.write({'company_ids': [fields.Command.link(other.id)], 'company_id': other.id})

        found = override.with_user(self.whatsapp_admin).with_company(other).with_context(
            allowed_company_ids=other.ids).search([])

        self.assertFalse(found)
