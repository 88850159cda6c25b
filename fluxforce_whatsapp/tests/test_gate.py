from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon
from .fake_meta import number_row, template_row


@tagged('post_install', '-at_install')
class TestGate(WhatsappCommon, TransactionCase):
    """The gate as Odoo asks it; its rules one by one are tested in plain Python."""

    def judge(self, partners, template=None):
        outbox = self.env['fluxforce.whatsapp.message'].with_user(self.salesperson)
        drafts = outbox._prepare_drafts(
            partners.with_user(self.salesperson), template or self.plain_template, self.number)
        verdicts = self.env['fluxforce.whatsapp.gate'].with_user(self.salesperson)._judge(drafts)
        return [(str(verdict.action), str(verdict.reason)) for verdict in verdicts]

    def assertVerdict(self, action, reason, partner=None, template=None):
        self.assertEqual(self.judge(partner or self.ana, template), [(action, reason)])

    def test_who_agreed_may_be_written_to(self):
        self.give_consent(self.ana)

        self.assertVerdict('allow', '')

    def test_no_phone(self):
        self.give_consent(self.phoneless)

        self.assertVerdict('refuse', 'no_phone', self.phoneless)

    def test_invalid_phone(self):
        self.give_consent(self.misdialled)

        self.assertVerdict('refuse', 'invalid_phone', self.misdialled)

    def test_no_consent(self):
        self.assertVerdict('refuse', 'no_consent')

    def test_consent_for_something_else(self):
        self.give_consent(self.ana, 'utility')

        self.assertVerdict('refuse', 'no_consent', template=self.marketing_template)

    def test_consent_withdrawn(self):
        self.give_consent(self.ana)
        self.withdraw_consent(self.ana)

        self.assertVerdict('refuse', 'consent_withdrawn')

    def test_another_companys_consent(self):
        company = self.env['res.company'].create({'name': 'Other Company'})
        self.give_consent(self.ana, user=self.env.user, company_id=company.id)

        self.assertVerdict('refuse', 'no_consent')

    def test_template_not_approved(self):
        self.give_consent(self.ana, 'marketing')

        self.assertVerdict('refuse', 'template_not_approved', template=self.pending_template)

    def test_template_archived(self):
        self.give_consent(self.ana)
        self.plain_template.active = False

        self.assertVerdict('refuse', 'template_not_approved')

    def test_template_we_cannot_send(self):
        self.give_consent(self.ana)
        self.plain_template.components = [{'type': 'CAROUSEL', 'cards': []}]

        self.assertVerdict('refuse', 'template_unsupported')

    def test_category_nobody_knows(self):
        self.give_consent(self.ana)
        self.plain_template.category = 'OTHER'

        self.assertVerdict('refuse', 'no_consent')

    def test_missing_value(self):
        self.give_consent(self.ana)
        self.ana.ref = False

        self.assertVerdict('refuse', 'missing_value', template=self.utility_template)

    def test_number_unable_waits(self):
        self.give_consent(self.ana)
        self.number.status = 'BANNED'

        self.assertVerdict('hold', 'number_unable')

    def test_account_stopped_waits(self):
        self.give_consent(self.ana)
        self.account.state = 'error'

        self.assertVerdict('hold', 'account_inactive')

    def test_many_are_judged_at_once_in_their_order(self):
        self.give_consent(self.ben | self.phoneless)

        self.assertEqual(self.judge(self.ana | self.ben | self.phoneless),
                         [('refuse', 'no_consent'), ('allow', ''), ('refuse', 'no_phone')])

    # --- Asked again at the send -----------------------------------------------------------------------------

    def test_metas_new_category_counts_at_the_send(self):
        message = self.queue_agreed(self.ana)
        self.env['fluxforce.whatsapp.template']._sync(self.account, [
            template_row('9001', 'support_hours', 'Our support is open from 9 to 17 on weekdays.', 'MARKETING')])

        self.run_sender()

        self.assertEqual((message.state, message.reason), ('refused', 'no_consent'))
        self.assertFalse(self.meta.sends)

    def test_a_number_unable_at_the_send_keeps_the_message_where_it_is(self):
        message = self.queue_agreed(self.ana)
        self.number.status = 'RATE_LIMITED'

        self.run_sender()

        self.assertEqual((message.state, message.attempts), ('queued', 0))
        self.assertIn('the message waits', message.explanation)
        self.assertEqual(self.notification_of(message).notification_status, 'ready')
        self.assertFalse(self.meta.sends)

    def test_what_waited_for_its_number_goes_when_the_number_is_able_again(self):
        self.number.status = 'RATE_LIMITED'
        message = self.queue_agreed(self.ana)
        self.assertEqual(message.state, 'held')
        self.meta.numbers = [number_row()]

        self.account.with_user(self.system_admin).action_connect()
        self.run_sender()

        self.assertEqual(message.state, 'accepted')

    def test_every_reason_has_words(self):
        gate = self.env['fluxforce.whatsapp.gate']
        from ..policy.gate import Reason  # noqa: PLC0415

        for reason in Reason:
            with self.subTest(reason=reason.value):
                self.assertNotEqual(gate._explain(reason.value), reason.value)
                self.assertIn('(detail)', gate._explain(reason.value, 'detail'))
