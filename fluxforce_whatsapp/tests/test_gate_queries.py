from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon

# Of one decision about any number of people, all rules on.
QUERIES = 12


@tagged('post_install', '-at_install')
class TestGateQueries(WhatsappCommon, TransactionCase):
    """What a decision costs does not grow with the people it is about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({'duplicate_hours': 24, 'marketing_most': 4, 'quiet_from': 21, 'quiet_to': 8})

    def judge_many(self, count):
        """Ten kinds of people: with and without consent, blacklisted, without number, American, another company's."""
        other = self.env['res.company'].create({'name': f'Other of {count}'})
        people = self.env['res.partner'].create([{
            'name': f'Person {index}',
            'phone': {8: f'+1 202 555 {index:04}', 9: False}.get(index % 10, f'+44 7400 {125000 + index}'),
            'company_id': other.id if index % 10 == 7 else False,
        } for index in range(count)])
        self.give_consent(people[::2], 'marketing')
        self.give_consent(people.filtered(lambda person: person.phone and person.phone.startswith('+1')), 'marketing')
        self.env['phone.blacklist'].create([{'number': person.phone_sanitized} for person in people[:count:10]])
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(people, self.marketing_template, self.number)
        self.env.flush_all()
        self.env.invalidate_all()
        return drafts

    def assertQueriesFor(self, count):
        drafts = self.judge_many(count)
        with self.assertQueryCount(QUERIES):
            verdicts = self.env['fluxforce.whatsapp.gate']._judge(drafts)
        self.assertGreater(len({verdict.reason for verdict in verdicts}), 3)

    def test_ten(self):
        self.assertQueriesFor(10)

    def test_a_thousand(self):
        self.assertQueriesFor(1000)
