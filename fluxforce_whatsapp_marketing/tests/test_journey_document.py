import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestJourneyDocument(MarketingCommon, TransactionCase):
    """A journey leaves as a file and comes back from one."""

    def journey(self):
        campaign = self.campaign(goal_domain="[('name', 'ilike', 'x')]", on_reply='goal')
        hello = campaign.activity_ids
        hello.create({
            'campaign_id': campaign.id, 'parent_id': hello.id, 'type': 'todo', 'trigger': 'replied', 'name': 'Answer',
            'activity_summary': 'Answer', 'activity_type_id': self.env.ref('mail.mail_activity_data_call').id})
        return campaign

    def exported(self, campaign):
        action = campaign.action_export()
        export = self.env['fluxforce.campaign.export'].browse(int(action['url'].split('/')[4]))
        return json.loads(base64.b64decode(export.file))

    def imported(self, content, user=None):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        wizard = self.env['fluxforce.campaign.import'].with_user(user or self.marketer).create({
            'file': base64.b64encode(content), 'account_id': self.account.id})
        return self.env['fluxforce.campaign'].browse(wizard.action_import()['res_id'])

    def test_what_comes_back_is_the_same_journey(self):
        campaign = self.journey()

        twin = self.imported(self.exported(campaign))

        self.assertEqual((twin.name, twin.state, twin.domain, twin.goal_domain, twin.on_reply), (
            'Spring Offer', 'draft', campaign.domain, campaign.goal_domain, 'goal'))
        hello, answer = twin.activity_ids
        self.assertEqual(hello.template_id, self.plain_template)
        self.assertEqual((answer.parent_id, answer.trigger, answer.activity_type_id), (
            hello, 'replied', self.env.ref('mail.mail_activity_data_call')))

    def test_nothing_about_people_is_in_the_file(self):
        text = json.dumps(self.exported(self.journey()))

        self.assertNotIn('participant', text)
        self.assertNotIn(self.ana.phone, text)

    def test_what_is_not_there_stays_empty_and_the_step_says_so(self):
        content = self.exported(self.journey())
        content['steps'][0]['template']['name'] = 'gone_template'

        hello = self.imported(content).activity_ids[0]

        self.assertFalse(hello.template_id)
        self.assertEqual(hello.problem, 'Choose the template.')

    def test_another_file_is_refused_in_words(self):
        for content in (b'\x00\x01', b'[]', b'{"name": "x"}', b'[' * 100000):
            with self.assertRaisesRegex(UserError, 'no file of a journey'):
                self.imported(content)

    def test_a_journey_about_records_that_are_not_installed_is_refused_in_words(self):
        content = {**self.exported(self.journey()), 'model': 'no.such.model'}

        with self.assertRaisesRegex(UserError, 'not installed here'):
            self.imported(content)

    def test_a_fault_is_named_by_its_step(self):
        content = self.exported(self.journey())
        content['steps'][1]['after'] = 'nowhere'

        with self.assertRaisesRegex(UserError, 'follows one that is not in the file'):
            self.imported(content)

    def odd(self, **step):
        """:return: the document of a journey whose second step is changed."""
        content = self.exported(self.journey())
        content['steps'][1].update(step)
        return content

    def test_odd_values_are_refused_with_their_step_and_field(self):
        for field, value in (('after', ['step1']), ('delay', True), ('delay', 'soon'), ('name', 7), ('type', 'fax'),
                             ('log_in_chatter', 1), ('template', 'welcome'), ('trigger', {}), ('name', 'a\0b'),
                             ('sms_body', '\ud83d'), ('domain', [[]])):
            with self.subTest(field=field, value=value):
                content = self.odd(**{field: value})

                with self.assertRaises(UserError) as refused:
                    self.imported(content)
                self.assertIn(f'The step "{content["steps"][1]["key"]}": its entry "{field}"', str(refused.exception))

    def test_an_odd_setting_is_refused_with_its_name(self):
        for field, value in (('cap', True), ('entry', ['once']), ('talk_hours', 10 ** 12), ('domain', {})):
            with self.subTest(field=field), self.assertRaisesRegex(UserError, f'The entry "{field}" of the journey'):
                self.imported({**self.exported(self.journey()), 'settings': {field: value}})

    def test_a_button_named_by_an_odd_place_is_none(self):
        for label in ('#²', '#٣', '#99', f'#{"9" * 5000}', '#'):
            with self.subTest(label=label[:5]):
                content = self.odd(trigger='button', trigger_button=label)

                steps = self.imported(content).activity_ids
                self.assertIn(steps[1].trigger_button, (False, label))

    def test_a_place_of_a_button_on_the_first_step_is_none(self):
        content = self.exported(self.journey())
        content['steps'][0]['trigger_button'] = '#0'

        self.assertFalse(self.imported(content).activity_ids[0].trigger_button)

    def test_what_is_nested_a_thousand_times_is_refused(self):
        content = json.dumps(self.exported(self.journey())).encode()
        for place in (b'"settings": {', b'"steps": ['):
            nested = content.replace(place, b'"x": ' + b'[' * 1000 + b']' * 1000 + b', ' + place, 1)
            self.assertTrue(self.imported(nested))  # what nobody asks about does no harm
        nested = b'{"fluxforce_journey": 1, "model": "res.partner", "steps": ' + b'[' * 1000 + b']' * 1000 + b'}'

        with self.assertRaises(UserError):
            self.imported(nested)

    def test_ten_megabytes_are_refused_in_words(self):
        with self.assertRaisesRegex(UserError, 'too large'):
            self.imported(b'[' + b'0,' * (5 * 1024 ** 2) + b'0]')

    def test_odd_filters_are_said_by_the_campaign(self):
        content = {**self.exported(self.journey()), 'settings': {'domain': '(' * 5000, 'goal_domain': '!' * 5000}}

        campaign = self.imported(content)

        self.assertEqual(campaign.audience_count, 0)
        with self.assertRaisesRegex(UserError, 'cannot be read'):
            campaign.action_start()

    def test_a_setting_the_campaign_refuses_is_told_by_it(self):
        content = {**self.exported(self.journey()), 'settings': {'reentry': 'after', 'reentry_days': 0}}

        with self.assertRaisesRegex(UserError, 'Days until Then'):
            self.imported(content)

    def test_a_salesperson_imports_none(self):
        content = self.exported(self.journey())

        with self.assertRaises(AccessError):
            self.imported(content, self.salesperson)
