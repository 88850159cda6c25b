import time
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.fluxforce_whatsapp.tests.common import message_payload

from ..models.fluxforce_reply import FluxforceReply
from .replies import RepliesCommon


@tagged('post_install', '-at_install')
class TestReplies(RepliesCommon, TransactionCase):
    """Who replies to a campaign is followed up by the first rule that fits."""

    # --- What a message answers ------------------------------------------------------------------------------

    def test_a_message_soon_after_ours_answers_it(self):
        message = self.messages(self.offer).filtered(lambda one: one.partner_id == self.ana)

        self.assertEqual(self.reply().answered_id, message)

    def test_a_quoted_message_is_what_is_answered(self):
        first = self.messages(self.offer).filtered(lambda one: one.partner_id == self.ana)
        self.let_pass(first, minutes=5)
        self.queue_agreed(self.ana)
        self.run_sender()

        self.receive(message_payload('text', {'body': 'About the offer: yes'}, wamid='wamid.Q',
                                     timestamp=int(time.time()), context={'id': first.wamid}))

        self.assertEqual(self.inbound('wamid.Q').answered_id, first)

    def test_who_writes_weeks_later_answers_nothing(self):
        self.let_pass(self.messages(self.offer), days=8)

        self.assertFalse(self.reply().answered_id)

    # --- Which rule ------------------------------------------------------------------------------------------

    def test_the_owner_of_the_contact_is_reminded(self):
        rule = self.rule(summary='Call back', days=2)
        message = self.reply()

        self.follow_up()

        todo = self.todos(self.ana)
        self.assertEqual((todo.user_id, todo.summary), (self.salesperson, 'Call back'))
        self.assertEqual((todo.date_deadline - fields.Date.context_today(todo)).days, 2)
        self.assertEqual((message.reply_state, message.reply_rule_id), ('done', rule))

    def test_without_a_salesperson_the_campaigns_responsible_is_reminded(self):
        self.rule()
        self.reply(sender='447400123002')

        self.follow_up()

        self.assertEqual(self.todos(self.ben).user_id, self.marketer)

    def test_the_words_decide_whatever_their_case_and_accents(self):
        call = self.rule(name='Call', words='llámame, call me', sequence=1)
        other = self.rule(name='Other', sequence=2)
        first = self.reply('Por favor LLAMAME mañana', wamid='wamid.R1')
        second = self.reply('Recall men?', sender='447400123002', wamid='wamid.R2')

        self.follow_up()

        self.assertEqual((first.reply_rule_id, second.reply_rule_id), (call, other))

    def test_a_rule_of_another_campaign_does_not_count(self):
        other = self.campaign(name='Summer Offer')
        self.rule(campaign_ids=other.ids)
        message = self.reply()

        self.follow_up()

        self.assertEqual((message.reply_state, self.todos(self.ana)), ('none', self.env['mail.activity']))

    def test_a_rule_of_another_company_does_not_count(self):
        company = self.env['res.company'].create({'name': 'Other Bicycles'})
        self.env['fluxforce.reply.rule'].create({'name': 'Theirs', 'action': 'todo', 'company_id': company.id})
        message = self.reply()

        self.follow_up()

        self.assertFalse(message.reply_state)

    def test_a_message_that_answers_no_campaign_is_none_of_the_rules_business(self):
        self.rule()
        self.let_pass(self.messages(self.offer), minutes=5)
        self.queue_agreed(self.ana)
        self.run_sender()
        message = self.reply()

        self.follow_up()

        self.assertFalse(message.reply_state)

    def test_a_stop_is_no_reply(self):
        self.rule()
        message = self.reply('STOP')

        self.follow_up()

        self.assertEqual((message.reply_state, self.todos(self.ana)), ('none', self.env['mail.activity']))

    def test_what_the_person_took_back_is_none(self):
        self.rule()
        message = self.reply()
        message._revoke(message.sent_at)

        self.follow_up()

        self.assertEqual((message.reply_state, self.todos(self.ana)), ('none', self.env['mail.activity']))

    def test_what_sounds_like_a_stop_is_followed_up_once_somebody_says_it_is_none(self):
        rule = self.rule()
        message = self.reply('Could you stop sending me this at night, and call me?')
        self.follow_up()
        self.assertEqual(message.reply_state, 'none')

        message.with_user(self.whatsapp_admin).action_not_a_stop()
        self.follow_up()

        self.assertEqual(message.reply_rule_id, rule)

    # --- Once ------------------------------------------------------------------------------------------------

    def test_several_messages_make_one_todo(self):
        self.rule()
        self.reply('Yes', wamid='wamid.R1')
        self.reply('please', wamid='wamid.R2')
        self.follow_up()
        self.reply('today', wamid='wamid.R3')

        self.follow_up()
        self.follow_up()

        self.assertEqual(len(self.todos(self.ana)), 1)

    def test_without_a_rule_nothing_waits(self):
        self.assertFalse(self.reply().reply_state)

    # --- What goes wrong -------------------------------------------------------------------------------------

    @mute_logger('odoo.addons.fluxforce_whatsapp.models.failures')
    def test_one_that_fails_is_put_aside_and_the_others_go_on(self):
        self.rule()
        first = self.reply(wamid='wamid.R1')
        second = self.reply(sender='447400123002', wamid='wamid.R2')
        schedule = FluxforceReply._schedule

        def broken(self, rule, record, owner):
            if record == first.partner_id:
                raise ValueError('No such day')
            return schedule(self, rule, record, owner)

        with patch.object(FluxforceReply, '_schedule', broken):
            self.follow_up()

        self.assertEqual((first.reply_state, first.reply_problem), ('failed', 'ValueError: No such day'))
        self.assertEqual(second.reply_state, 'done')
        first.with_user(self.whatsapp_admin).action_follow_up_again()
        self.follow_up()
        self.assertEqual((first.reply_state, first.reply_problem), ('done', False))
