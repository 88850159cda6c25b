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

    def test_a_salesperson_imports_none(self):
        content = self.exported(self.journey())

        with self.assertRaises(AccessError):
            self.imported(content, self.salesperson)
