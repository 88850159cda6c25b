from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..models.fluxforce_campaign_audience import FluxforceCampaign
from .figures import FiguresCommon
from .mailing import MailingCommon

WELCOME = {'name': 'Welcome'}
TIPS = {'name': 'Tips', 'after': 'Welcome'}
# What can be counted on the fingers, see FiguresCommon.meet_fates.
COUNTED = {
    'people': 12, 'sent': 9, 'delivered': 8, 'read': 5, 'replied': 1, 'clicked': 1, 'converted': 1, 'failed': 2,
    'refused': 1, 'waiting': 0, 'unknown': 0, 'left_out': 0, 'blocked': 2, 'opted_out': 1, 'conversions': 1,
    'orders': 1, 'amount': 90, 'cost': 0.4, 'cost_per_reply': 0.4, 'cost_per_order': 0.4, 'unpriced': 0,
    'sent_rate': 75, 'delivered_rate': 88.89, 'read_rate': 62.5, 'replied_rate': 12.5, 'clicked_rate': 12.5,
    'converted_rate': 12.5, 'failed_rate': 18.18, 'refused_rate': 8.33, 'blocked_rate': 25, 'opted_out_rate': 12.5,
}


@tagged('post_install', '-at_install')
class TestFigures(FiguresCommon, TransactionCase):
    """Every figure of people with known fates is the one counted by hand."""

    # --- The same everywhere ---------------------------------------------------------------------------------------

    def test_the_funnel_is_what_is_counted_by_hand(self):
        row, = self.funnel(self.fateful())

        self.assertEqual({name: row[name] for name in COUNTED}, COUNTED)
        self.assertEqual(row['currency'], self.env.company.currency_id.id)

    def test_form_list_editor_and_report_say_the_same(self):
        campaign = self.fateful()

        self.assertEqual(
            (campaign.sent_count, campaign.delivered_count, campaign.read_count, campaign.failed_count,
             campaign.refused_count, campaign.clicked_count, campaign.waiting_count, campaign.conversion_amount),
            (9, 8, 5, 2, 1, 1, 0, 90))
        self.assertEqual(
            (campaign.people, campaign.people_sent, campaign.people_delivered, campaign.people_read,
             campaign.people_replied, campaign.people_opted_out, campaign.people_blocked),
            (12, 9, 8, 5, 1, 1, 2))
        self.assertEqual((campaign.read_rate, campaign.reply_rate, campaign.cost, campaign.cost_per_order),
                         (62.5, 12.5, 0.4, 0.4))
        step, = self.env['fluxforce.campaign.editor'].with_user(self.marketer)._prepare_steps(campaign.activity_ids)
        shown = {figure['key']: figure['count'] for figure in step['figures']}
        self.assertEqual([shown[name] for name in ('delivered', 'read', 'replied', 'clicked')], [8, 5, 1, 1])
        (people, sent, rate), = self.env['fluxforce.marketing.report'].with_user(self.marketer)._read_group(
            [('campaign_id', '=', campaign.id)], [], ['people:count_distinct', 'sent:sum', 'read_rate:avg'])
        self.assertEqual((people, sent, rate), (12, 9, 62.5))

    def test_each_button_opens_as_many_messages_as_it_counts(self):
        campaign = self.fateful().with_user(self.marketer)

        for count in ('sent_count', 'delivered_count', 'read_count', 'refused_count'):
            with self.subTest(count=count):
                action = campaign.with_context(campaign_count=count).action_open_messages()
                found = self.env[action['res_model']].with_user(self.marketer).search(action['domain'])
                self.assertEqual(len(found), campaign[count])

    def test_the_page_shows_them(self):
        page = str(self.fateful().with_user(self.marketer).figures_html)

        for words in ('By Step', 'By How They Agreed', '62.5', 'Web form', 'Paper form', 'percentage points'):
            self.assertIn(words, page)

    # --- Told apart ------------------------------------------------------------------------------------------------

    def test_rows_by_consent(self):
        campaign = self.fateful()

        self.assertEqual(self.by('consent_source', campaign), {
            'Web form': 10, 'Paper form': 1, 'No consent on record': 1})
        self.assertEqual(self.figures()._cohorts([campaign.id])[0]['delivered'], 7)

    def test_who_agrees_anew_at_once_had_agreed_by_the_consent_before(self):
        now = fields.Datetime.now()
        self.give_consent(self.ana, given_at=now - timedelta(days=1))
        campaign = self.started(self.ana)
        self.go_on()
        self.messages(campaign).sudo().claimed_at = now - timedelta(minutes=1)

        self.give_consent(self.ana, source='paper', given_at=now - timedelta(seconds=58))

        self.assertEqual(self.by('consent_source', campaign), {'Web form': 1})

    def test_rows_by_step_template_campaign_and_day(self):
        campaign = self.fateful()
        other = self.agreed(self.ana)
        self.go_on()

        self.assertEqual(self.by('activity', campaign), {'catalogue': 12})
        self.assertEqual([row['people'] for row in self.funnel(campaign, by='template')], [12])
        self.assertEqual([(row['key'], row['people']) for row in self.funnel(campaign, other, by='campaign')],
                         [(campaign.id, 12), (other.id, 1)])
        today = fields.Date.context_today(self.figures())
        self.assertEqual([row['key'] for row in self.funnel(campaign, by='day')], [str(today)])

    def test_rows_by_the_ways_of_a_split(self):
        campaign = self.begun(
            WELCOME, {'name': 'Split', 'after': 'Welcome', 'type': 'split'},
            {'name': 'Short', 'after': 'Split', 'trigger': 'variant', 'share': 100},
            {'name': 'Long', 'after': 'Split', 'trigger': 'variant', 'share': 0},
            {'name': 'Thanks', 'after': 'Short'})

        self.assertEqual(self.by('variant', campaign), {'Short': 3, 'No variant': 3})
        self.assertEqual(campaign.activity_ids.filtered(lambda step: step.name == 'Thanks').variant_id.name, 'Short')

    def test_what_nobody_can_be_told_apart_by_is_refused(self):
        with self.assertRaisesRegex(UserError, 'weather'):
            self.funnel(by='weather')

    def test_nobody_is_one_empty_row(self):
        row, = self.funnel(self.campaign())

        self.assertEqual((row['people'], row['read_rate'], row['cost']), (0, 0, None))
        self.assertEqual(self.funnel(self.campaign(), by='activity'), [])

    def test_only_the_days_asked_for(self):
        campaign = self.agreed()
        self.go_on()
        today = fields.Date.context_today(self.figures())

        self.assertEqual(self.funnel(campaign, date_from=today, date_to=today)[0]['people'], 3)
        self.assertEqual(self.funnel(campaign, date_to=today - timedelta(days=1))[0]['people'], 0)
        self.assertEqual(self.funnel(campaign, date_from=str(today + timedelta(days=1)))[0]['people'], 0)

    # --- Once ------------------------------------------------------------------------------------------------------

    def test_people_of_two_steps_are_counted_once(self):
        campaign = self.begun(WELCOME, {**TIPS, 'delay': 2})
        self.let_days_pass(campaign, days=2)

        self.assertEqual(self.funnel(campaign)[0]['sent'], 3)
        self.assertEqual(self.by('activity', campaign, figure='sent'), {'Welcome': 3, 'Tips': 3})
        self.assertEqual(campaign.sent_count, 6)

    def test_a_stop_counts_for_the_last_step_before_it(self):
        self.give_consent(self.people, 'marketing')
        campaign = self.begun({**WELCOME, 'template_id': self.text_template.id},
                              {**TIPS, 'template_id': self.text_template.id, 'delay': 2}, partners=self.ana)
        self.let_days_pass(campaign, days=2)

        self.replies(self.ana, 'stop')

        self.assertEqual(self.by('activity', campaign, figure='opted_out'), {'Welcome': 0, 'Tips': 1})

    def test_what_was_taken_back_is_nobodys(self):
        campaign = self.agreed()
        self.run_campaigns()
        campaign.action_stop()
        self.run_campaigns()

        self.assertEqual(self.funnel(campaign)[0]['people'], 0)

    def test_a_late_reply_is_none(self):
        campaign = self.begun(WELCOME, partners=self.ana)
        self.let_days_pass(campaign, days=8)

        self.replies(self.ana)
        self.go_on()

        self.assertEqual(self.funnel(campaign)[0]['replied'], 0)

    # --- Money -----------------------------------------------------------------------------------------------------

    def test_without_a_price_nobody_knows_the_cost(self):
        self.env['fluxforce.whatsapp.price'].search([]).unlink()
        row, = self.funnel(self.fateful())

        self.assertEqual((row['cost'], row['cost_per_reply'], row['unpriced']), (None, None, 8))

    def test_the_price_is_the_one_the_composer_estimates_by(self):
        prices = self.env['fluxforce.whatsapp.price']
        prices.create([{'prefix': prefix, 'category': 'marketing', 'amount': amount, 'valid_from': day,
                        'company_id': company} for prefix, amount, day, company in (
            (False, 9, '2020-01-01', False), ('4', 8, '2024-01-01', False), ('447400', 0.2, '2020-01-01', False),
            ('447400', 0.3, '2021-01-01', False), ('447400', 0.4, '2021-01-01', self.account.company_id.id),
            ('447400', 7, '2099-01-01', False))])
        campaign = self.fateful()
        message = self.message_to(campaign, self.crowd['Ana'])

        rate = prices._price_table(message.company_id).find(message.phone, message.purpose)

        self.assertEqual(rate.amount, 0.4)
        self.assertEqual(message.report_ids.cost, 0.4)

    def test_a_price_in_another_currency_is_converted(self):
        company = self.account.company_id
        other = self.env['res.currency'].with_context(active_test=False).search(
            [('id', '!=', company.currency_id.id)], limit=1)
        other.active = True
        self.env['res.currency.rate'].create([
            {'currency_id': other.id, 'name': '2020-01-01', 'rate': 4, 'company_id': company.root_id.id}])
        self.env['fluxforce.whatsapp.price'].search([]).write({'currency_id': other.id, 'amount': 0.4})
        campaign = self.fateful()
        message = self.message_to(campaign, self.crowd['Ana'])

        expected = other._convert(0.4, company.currency_id, company, fields.Date.today(), round=False)

        self.assertAlmostEqual(message.report_ids.cost, expected, places=6)

    # --- Compared --------------------------------------------------------------------------------------------------

    def test_campaigns_side_by_side_are_one_query(self):
        campaigns = self.agreed(self.ana) | self.agreed(self.ben) | self.agreed(self.chloe)
        self.go_on()
        campaigns.sudo().mapped('currency_id.name')
        self.env.flush_all()

        with self.assertQueryCount(1):
            self.assertEqual(campaigns.sudo().mapped('people'), [1, 1, 1])
            self.assertEqual(campaigns.sudo().mapped('cost'), [0, 0, 0])

    def test_the_hold_out_tells_the_lift(self):
        campaign = self.fateful()
        for name in ('Ben', 'Egon', 'Mia'):
            self.crowd[name].ref = 'VIP'

        self.look_for_the_goal()

        found = self.figures()._lift(campaign.with_user(self.marketer))
        self.assertEqual([found[name] for name in ('treated', 'treated_goal', 'held_out', 'held_out_goal')],
                         [12, 2, 2, 1])
        self.assertEqual((found['treated_rate'], found['held_out_rate'], found['lift']), (16.67, 50, -33.33))
        self.assertFalse(found['is_sure'])
        self.assertTrue(found['low'] < found['lift'] < found['high'])

    def test_a_goal_after_its_days_does_not_count(self):
        campaign = self.fateful(conversion_days=1)
        self.let_days_pass(campaign, days=2)
        self.crowd['Ben'].ref = 'VIP'

        self.look_for_the_goal()

        self.assertEqual(self.figures()._lift(campaign)['treated_goal'], 0)

    def test_days_to_the_goal_without_bound_are_very_many(self):
        campaign = self.fateful(conversion_days=10 ** 9)
        self.crowd['Ben'].ref = 'VIP'

        self.look_for_the_goal()

        self.assertEqual(self.figures()._lift(campaign)['treated_goal'], 1)

    def test_who_said_stop_may_reach_the_goal_as_the_others_do(self):
        campaign = self.fateful()
        self.participants(campaign).filtered(lambda one: one.partner_id == self.crowd['Fay']).state = 'stopped'
        self.crowd['Fay'].ref = 'VIP'

        self.look_for_the_goal()

        self.assertEqual(self.figures()._lift(campaign)['treated_goal'], 1)

    def test_without_something_to_compare_with_there_is_no_lift(self):
        everybody = self.agreed(goal_domain="[('ref', '=', 'VIP')]")
        with patch.object(FluxforceCampaign, '_is_held_out', lambda *_: True):
            goalless = self.agreed()
            replying = self.agreed(goal_domain="[('ref', '=', 'VIP')]", on_reply='goal')
            self.go_on()

        for campaign in (everybody, goalless, replying):
            self.assertIsNone(self.figures()._lift(campaign))

    # --- Hours -----------------------------------------------------------------------------------------------------

    def hours(self, campaign):
        """:return: (weekday, hour) in which messages were read, each as often as it was."""
        hours = self.figures()._reading_hours([campaign.id])
        return [(day, hour) for day in range(7) for hour in range(24) for __ in range(hours[day][hour])]

    def read_at(self, phone='+44 7400 123001', zone=False, moment=datetime(2026, 6, 1, 22, 30)):
        """:return: when somebody read a message, by the clock where they live; the first of June is a Monday."""
        partner = self.env['res.partner'].create({'name': 'Reader', 'phone': phone, 'tz': zone})
        campaign = self.agreed(partner)
        self.go_on()
        self.messages(campaign).write({'state': 'read', 'read_at': moment})
        return campaign, self.hours(campaign)

    def test_the_hour_is_that_of_the_contacts_zone(self):
        campaign, hours = self.read_at(zone='Asia/Tokyo')

        self.assertEqual(hours, [(1, 7)])
        row = self.messages(campaign).report_ids
        self.assertEqual((row.read_weekday, row.read_hour), ('2', '07'))

    def test_else_of_the_number(self):
        self.assertEqual(self.read_at()[1], [(0, 23)])  # summer time

    def test_a_number_of_several_zones_is_in_the_companys(self):
        self.account.company_id.partner_id.tz = 'Atlantic/Azores'

        self.assertEqual(self.read_at('+351 912 345 678')[1], [(0, 22)])

    def test_or_in_the_middle_of_them(self):
        self.account.company_id.partner_id.tz = 'Asia/Tokyo'

        self.assertEqual(self.read_at('+351 912 345 678')[1], [(0, 23)])

    def test_a_zone_the_database_does_not_know_is_passed_over(self):
        campaign, __ = self.read_at()
        self.env.cr.execute("UPDATE res_partner SET tz = 'Mars/Olympus_Mons' WHERE id = %s",
                            [self.messages(campaign).partner_id.id])

        self.assertEqual(self.hours(campaign), [(0, 23)])

    # --- Rights ----------------------------------------------------------------------------------------------------

    def test_marketers_of_another_company_count_nothing(self):
        campaign = self.fateful()
        company = self.env['res.company'].create({'name': 'Other Bicycles'})
        stranger = new_test_user(
            self.env, 'stella.stranger', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer',
            company_id=company.id, company_ids=[(6, 0, company.ids)])

        self.assertEqual(self.funnel(campaign, user=stranger)[0]['people'], 0)
        self.assertEqual(self.funnel(user=stranger)[0]['people'], 0)
        self.assertEqual(sum(map(sum, self.figures(stranger)._reading_hours([campaign.id]))), 0)
        with self.assertRaises(AccessError):
            self.figures(stranger)._lift(campaign.with_user(stranger))

    def test_salespeople_see_no_figures(self):
        with self.assertRaises(AccessError):
            self.funnel(user=self.salesperson)

    def test_a_template_tells_where_it_was_sent(self):
        self.fateful()

        page = str(self.text_template.with_user(self.marketer).figures_html)

        self.assertIn('By Campaign', page)
        self.assertIn('Spring Offer', page)


@tagged('post_install', '-at_install')
class TestMailingFigures(MailingCommon, TransactionCase):
    """A mailing's form and the funnel count the same rows."""

    def funnel(self, mailing, **options):
        return self.env['fluxforce.marketing.figures'].with_user(self.marketer)._funnel(
            mailing_ids=mailing.ids, **options)

    def test_form_and_funnel_agree(self):
        mailing = self.sent(self.crowd(6))
        delivered, read, answered, failed, silent, stopped = self.messages(mailing)
        self.report(delivered | read | answered | stopped)
        self.report(read, 'read')
        self.answer(answered)
        self.report(failed, 'failed', error=131026)
        self.withdraw_consent(stopped.partner_id, 'utility', source='call')
        self.run_mailings()

        row, = self.funnel(mailing)
        self.assertEqual(
            [row[name] for name in ('people', 'sent', 'delivered', 'read', 'replied', 'failed', 'opted_out')],
            [6, 5, 4, 2, 1, 1, 1])
        self.assertEqual(
            (mailing.expected, mailing.sent, mailing.delivered, mailing.opened, mailing.replied, mailing.bounced,
             mailing.whatsapp_opted_out), (6, 5, 4, 2, 1, 1, 1))
        self.assertEqual((mailing.opened_ratio, mailing.replied_ratio), (row['read_rate'], row['replied_rate']))
        self.assertEqual(silent.state, 'accepted')

    def test_what_is_sent_again_by_hand_counts_once_and_at_once(self):
        mailing = self.sent(self.crowd(1))
        message = self.messages(mailing)
        self.report(message, 'failed', error=131000)
        message.with_user(self.marketer).action_send_again()
        self.let_pass(self.messages(mailing)[-1], minutes=5)
        self.run_sender()

        row, = self.funnel(mailing)
        self.assertEqual((row['people'], row['sent'], row['failed']), (1, 1, 0))
        self.assertEqual((mailing.sent, mailing.failed), (1, 0))

    def test_a_failure_by_a_stop_at_whatsapp_is_a_block_once(self):
        mailing = self.sent(self.crowd(2))
        self.report(self.messages(mailing)[0], 'failed', error=131050)

        self.assertEqual((mailing.whatsapp_blocked, mailing.whatsapp_opted_out), (1, 0))
        self.assertEqual(self.funnel(mailing)[0]['blocked'], 1)

    def test_who_follows_the_link_has_read_it(self):
        mailing = self.sent(self.crowd(1))
        message = self.messages(mailing)
        message._clicked({message.id: fields.Datetime.now()})
        self.run_mailings()

        self.assertEqual((mailing.clicked, mailing.opened, mailing.delivered), (1, 1, 1))
        self.assertEqual(self.traces(mailing).trace_status, 'open')

    def test_versions_are_told_apart(self):
        mailing = self.sent(self.crowd(2), ab_testing_enabled=True, ab_testing_pc=100)

        row, = self.funnel(mailing, by='variant')

        self.assertEqual((row['key'], row['people']), (f'mailing.mailing,{mailing.id}', 2))

    def test_what_it_cost_and_brought_is_one_query_for_all(self):
        self.env['fluxforce.whatsapp.price'].create({
            'prefix': '44', 'category': 'utility', 'amount': 0.05, 'valid_from': '2020-01-01'})
        mailings = self.sent(self.crowd(2)) | self.sent(self.ana)
        self.report(self.messages(mailings[0]))
        mailings.sudo().mapped('whatsapp_currency_id.name')
        self.env.flush_all()

        with self.assertQueryCount(1):
            self.assertEqual(mailings.sudo().mapped('whatsapp_cost'), [0.1, 0])

    def test_the_page_shows_them(self):
        mailing = self.sent(self.crowd(2)).with_user(self.marketer)

        self.assertIn('By How They Agreed', str(mailing.whatsapp_figures_html))
