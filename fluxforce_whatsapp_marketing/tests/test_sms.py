from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import MODELS, JourneyCommon

HELLO = {'name': 'Hello', 'type': 'sms', 'sms_body': 'Hello {{ object.name }}, it is ready.'}
BROKEN = 'Hello {{ object.name'
CODE = "Hello {{ object.env['res.users'].search_count([]) }}"


class SmsCommon(JourneyCommon):

    def sms(self):
        return self.env['sms.sms'].search([], order='id')

    def reasons(self, campaign, step='Hello'):
        return {person.name: self.state_of(campaign, person, step) for person in self.people}

    @contextmanager
    def without_sms(self):
        """Odoo's app for SMS is not installed."""
        with patch.dict(self.env.registry.models):
            del self.env.registry.models['sms.template']
            yield


@tagged('post_install', '-at_install')
class TestSms(SmsCommon, TransactionCase):
    """A step that writes an SMS."""

    def test_each_gets_the_text_with_their_own_values(self):
        campaign = self.begun(HELLO, partners=self.ana | self.ben)

        self.assertEqual([(sms.number, sms.body, sms.partner_id) for sms in self.sms()], [
            (self.ana.phone_sanitized, 'Hello Ana Costa, it is ready.', self.ana),
            (self.ben.phone_sanitized, 'Hello Ben Okafor, it is ready.', self.ben)])
        self.assertEqual((self.state_of(campaign, self.ana, 'Hello'), campaign.state), ('done', 'done'))

    def test_they_are_queued_together_and_nothing_is_sent_meanwhile(self):
        sms = self.env.registry['sms.sms']
        original, calls = sms.create, []

        def create(records, vals_list):
            calls.append(len(vals_list))
            return original(records, vals_list)

        with patch.object(sms, 'create', create), patch.object(sms, '_send_with_api') as send:
            self.begun(HELLO)

        self.assertEqual(calls, [3])
        send.assert_not_called()
        self.assertEqual(set(self.sms().mapped('state')), {'outgoing'})

    def test_text_is_in_the_language_of_the_person(self):
        self.env['res.lang']._activate_lang('es_ES')
        self.ana.lang = 'es_ES'
        campaign = self.journey(HELLO, partners=self.ana | self.ben)
        campaign.activity_ids.with_context(lang='es_ES').sms_body = 'Hola, {{ object.name }}.'

        campaign.action_start()
        self.go_on()

        self.assertEqual(self.sms().mapped('body'), ['Hola, Ana Costa.', 'Hello Ben Okafor, it is ready.'])

    def test_nothing_goes_to_a_number_on_the_blacklist_or_to_none(self):
        self.env['phone.blacklist'].create({'number': self.ben.phone_sanitized})
        self.chloe.phone = False

        campaign = self.begun(HELLO)

        self.assertEqual(self.reasons(campaign), {
            'Ana Costa': 'done', 'Ben Okafor': ('skipped', 'blacklist'), 'Chloe Martin': ('skipped', 'no_phone')})
        self.assertEqual(self.sms().partner_id, self.ana)

    def test_offer_does_not_go_to_who_wants_no_more_of_them(self):
        campaign = self.journey(HELLO)
        self.withdraw_consent(self.ben, 'marketing')

        campaign.action_start()
        self.go_on()

        self.assertEqual(self.state_of(campaign, self.ben, 'Hello'), ('skipped', 'withdrawn'))
        self.assertEqual(self.sms().partner_id, self.ana | self.chloe)

    def test_update_goes_to_who_wants_no_more_offers(self):
        campaign = self.journey({**HELLO, 'sms_purpose': 'utility'}, partners=self.ben)
        self.withdraw_consent(self.ben, 'marketing')

        campaign.action_start()
        self.go_on()

        self.assertEqual(self.sms().partner_id, self.ben)

    def test_text_of_which_nothing_is_left_is_not_sent(self):
        self.ana.function = False

        campaign = self.begun({**HELLO, 'sms_body': '{{ object.function }}'}, partners=self.ana)

        self.assertEqual(self.state_of(campaign, self.ana, 'Hello'), ('skipped', 'no_text'))

    def test_stop_ends_a_campaign_of_offers_by_sms(self):
        campaign = self.begun(HELLO, {**HELLO, 'name': 'Again', 'after': 'Hello', 'delay': 3},
                              partners=self.ana)

        self.withdraw_consent(self.ana, 'marketing')

        self.assertEqual((self.standing(campaign, self.ana), self.state_of(campaign, self.ana, 'Again')),
                         ('stopped', ('cancelled', 'stopped')))

    def test_it_is_logged_in_the_chatter_when_asked(self):
        self.begun({**HELLO, 'log_in_chatter': True}, partners=self.ana)

        note = self.ana.message_ids.filtered(lambda message: message.message_type == 'sms')
        self.assertEqual((len(note), self.sms().mail_message_id), (1, note))
        self.assertIn('it is ready', note.body)

    def test_it_counts_for_the_messages_per_person(self):
        self.begun(HELLO, partners=self.ana)
        campaign = self.begun({'name': 'Offer'}, cap=1, cap_days=7, partners=self.ana | self.ben)

        self.assertEqual((self.state_of(campaign, self.ana, 'Offer'), self.state_of(campaign, self.ben, 'Offer')),
                         ('waiting', 'done'))

    def test_who_got_enough_waits_with_it(self):
        self.begun({'name': 'Offer'}, partners=self.ana)
        campaign = self.begun(HELLO, cap=1, cap_days=7, partners=self.ana)

        self.assertEqual(self.state_of(campaign, self.ana, 'Hello'), 'waiting')
        self.assertFalse(self.sms())

    def test_start_needs_a_text_that_can_be_read(self):
        with self.assertRaisesRegex(UserError, 'Write the text'):
            self.journey({**HELLO, 'sms_body': ' '}).action_start()

    def test_it_does_not_follow_who_wants_no_more(self):
        campaign = self.journey({'name': 'Welcome'}, {**HELLO, 'after': 'Welcome', 'trigger': 'opted_out'})

        with self.assertRaisesRegex(UserError, 'want no more'):
            campaign.action_start()

    def test_code_in_the_text_needs_an_editor_of_templates(self):
        campaign = self.journey(HELLO)

        for step in (campaign.activity_ids, campaign.activity_ids.sudo()):  # the editor writes as the latter
            for text in (CODE, '{{ object.no_such_field }}', '{{ object }}', '{{ 7 * 7 }}', '{{ object.signup_type }}'):
                with self.assertRaisesRegex(ValidationError, 'only editors of e-mail templates'):
                    step.sms_body = text
        campaign.activity_ids.with_user(self.env.ref('base.user_admin')).sms_body = CODE
        self.assertIn('may not use the placeholders', campaign.activity_ids.problem)
        with self.assertRaisesRegex(UserError, 'may not use the placeholders'):
            campaign.action_start()

    def test_code_in_a_translation_needs_an_editor_of_templates_as_well(self):
        self.env['res.lang']._activate_lang('es_ES')
        campaign = self.journey(HELLO)

        with self.assertRaises(ValidationError):  # in the language that is written
            campaign.activity_ids.update_field_translations('sms_body', {'es_ES': CODE})

    def test_translation_of_a_campaign_that_runs_stays_as_it_is(self):
        self.env['res.lang']._activate_lang('es_ES')
        campaign = self.journey(HELLO)
        campaign.action_start()

        with self.assertRaisesRegex(UserError, 'Stop the campaign'):
            campaign.activity_ids.update_field_translations('sms_body', {'es_ES': 'Hola'})

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner', 'odoo.addons.mail.models.mail_render_mixin')
    def test_text_that_fails_for_one_puts_that_one_aside(self):
        self.env.ref('base.group_user')._apply_group(self.env.ref('mail.group_mail_template_editor'))
        self.ben.color = 1

        campaign = self.begun({**HELLO, 'sms_body': 'Hello {{ 1 / (1 - object.color) }}'})

        self.assertEqual([self.standing(campaign, person) for person in self.people], ['done', 'error', 'done'])
        self.assertEqual(self.sms().mapped('body'), ['Hello 1.0'] * 2)

    def test_values_are_written_as_people_read_them(self):
        self.ana.write({'parent_id': self.ben.id, 'type': 'delivery', 'function': False, 'color': 0})

        self.begun({**HELLO, 'sms_body': '{{ object.parent_id.name }} / {{ object.parent_id }} / {{ object.type }} / '
                                         '{{ object.function ||| friend }} / {{ object.color }}'}, partners=self.ana)

        self.assertEqual(self.sms().body, 'Ben Okafor / Ben Okafor / Delivery / friend / 0')

    # --- What is told of it --------------------------------------------------------------------------------------

    def test_it_is_told_in_a_sentence(self):
        step = self.journey({**HELLO, 'sms_body': 'It is\nready, {{ object.parent_id.city }}'}).activity_ids

        self.assertEqual(step.summary, 'At the beginning: send "It is ready, [City]" by SMS.')

    def test_sentence_names_a_field_that_is_gone_by_nothing(self):
        step = self.journey(HELLO).activity_ids.with_user(self.env.ref('base.user_admin'))
        step.sms_body = '{{ object.gone.city }} and {{ 1 + 1 }}'

        self.assertEqual(step._sms_excerpt(), '[…] and […]')

    def test_editor_offers_it_and_says_what_is_missing(self):
        campaign = self.journey({**HELLO, 'sms_body': False})
        flow = self.env['fluxforce.campaign.editor'].get_flow(campaign.id)

        self.assertIn('sms', [one['type'] for one in flow['types']])
        self.assertEqual(flow['steps'][0]['problem'], 'Write the text of the SMS.')

    def test_test_run_shows_what_it_says(self):
        campaign = self.journey(HELLO, partners=self.ana)
        wizard = self.env['fluxforce.campaign.rehearsal'].with_user(self.marketer).create({
            'campaign_id': campaign.id, 'who': 'record', 'record': f'res.partner,{self.ana.id}'})

        wizard.action_next()

        self.assertIn('Hello Ana Costa, it is ready.', wizard.history)
        self.assertFalse(self.sms())

    def test_it_leaves_and_comes_back_with_a_file(self):
        campaign = self.journey({**HELLO, 'sms_purpose': 'utility'})
        documents = self.env['fluxforce.campaign.document'].with_user(self.marketer)

        twin = documents._create_campaign(documents._export(campaign), self.account)

        self.assertEqual((twin.activity_ids.type, twin.activity_ids.sms_body, twin.activity_ids.sms_purpose), (
            'sms', HELLO['sms_body'], 'utility'))


@tagged('post_install', '-at_install')
class TestWithoutSms(SmsCommon, TransactionCase):
    """Odoo's app for SMS is not installed, or not any more: the addon does not need it."""

    def test_it_is_offered_only_where_it_is_installed(self):
        steps = self.env['fluxforce.campaign.activity']
        self.assertIn('sms', dict(steps._selection_type()))

        with self.without_sms():
            self.assertNotIn('sms', dict(steps._selection_type()))
            self.assertNotIn('sms', dict(steps.fields_get(['type'])['type']['selection']))

    def test_step_that_is_there_says_what_is_missing(self):
        step = self.journey(HELLO).activity_ids
        self.assertFalse(step.problem)

        with self.without_sms():
            self.env.invalidate_all()
            self.assertEqual(step.problem, "Odoo's app for SMS is not installed.")
            with self.assertRaisesRegex(UserError, 'SMS is not installed'):
                step.campaign_id.action_start()

    @mute_logger(f'{MODELS}.fluxforce_campaign_runner')
    def test_campaign_that_has_begun_is_stopped_and_says_so(self):
        campaign = self.journey(HELLO)
        campaign.action_start()

        with self.without_sms():
            self.go_on()

        self.assertEqual(campaign.state, 'stopped')
        self.assertIn('not installed any more', campaign.problem)
        self.assertEqual({self.standing(campaign, person) for person in self.people}, {'waiting'})

    def test_file_with_such_a_step_is_refused_in_words(self):
        documents = self.env['fluxforce.campaign.document']
        content = documents._export(self.journey(HELLO))

        with self.without_sms(), self.assertRaisesRegex(UserError, r'not installed here \(sms\)'):
            documents._create_campaign(content, self.account)
