from pathlib import Path

from odoo.tests import TransactionCase, tagged

from .common import WhatsappCommon
from .fake_meta import TOKEN

SCRIPT = Path(__file__).resolve().parent.parent / 'data' / 'neutralize.sql'


@tagged('post_install', '-at_install')
class TestNeutralize(WhatsappCommon, TransactionCase):

    def neutralize(self):
        self.env.flush_all()
        self.env.cr.execute(SCRIPT.read_text())
        self.env.invalidate_all()

    def test_a_copy_of_a_production_database_holds_no_secret(self):
        webhook_token, verify_token = self.account.webhook_token, self.account.verify_token

        self.neutralize()

        self.assertFalse(self.account.token or self.account.app_secret or self.account.former_app_secret)
        self.assertNotEqual(self.account.webhook_token, webhook_token)
        self.assertNotEqual(self.account.verify_token, verify_token)

    def test_the_copy_can_be_connected_to_a_test_account(self):
        self.neutralize()
        self.account.write({'token': TOKEN, 'app_secret': 'of the test app'})

        self.account.with_user(self.system_admin).action_connect()

        self.assertEqual(self.account.state, 'connected')

    def test_no_template_is_submitted_or_deleted_from_it(self):
        self.env['fluxforce.whatsapp.template.request']._ask('delete', template=self.plain_template)

        self.neutralize()
        self.account.write({'token': TOKEN, 'state': 'connected'})
        with self.no_commit():
            self.env['fluxforce.whatsapp.template.request']._cron_run()

        self.assertFalse(self.meta.calls)

    def test_no_account_is_connected(self):
        self.neutralize()

        self.assertEqual(self.account.state, 'draft')

    def test_nothing_waits_and_nothing_goes_out(self):
        waiting = self.queue_agreed(self.ana | self.ben | self.chloe)
        waiting[1].state = 'held'
        waiting[2].state = 'sending'

        self.neutralize()
        self.run_sender()

        self.assertEqual(set(waiting.mapped('state')), {'cancelled'})
        self.assertFalse(self.meta.calls)

    def test_what_went_out_stays_as_it_is(self):
        message = self.queue_agreed(self.ana)
        self.run_sender()

        self.neutralize()

        self.assertEqual(message.state, 'accepted')

    def test_a_new_message_cannot_leave_the_copy(self):
        self.neutralize()

        message = self.queue_agreed(self.ana)
        self.run_sender()

        self.assertEqual(message.state, 'held')
        self.assertFalse(self.meta.calls)
