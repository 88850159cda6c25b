from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from .common import ColleagueCommon, inbound_payload


@tagged('post_install', '-at_install')
class TestWizards(ColleagueCommon, TransactionCase):
    """What somebody enters into a window is nobody else's."""

    def assertOnlyOwn(self, record):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(record.with_user(self.salesperson).read())
        theirs = record.with_user(self.colleague)
        self.assertFalse(theirs.search([('id', 'in', record.ids)]))
        with self.assertRaises(AccessError):
            theirs.read()

    def test_whom_a_message_would_reach_is_seen_by_who_writes_it(self):
        composer = self.env['fluxforce.whatsapp.composer'].with_user(self.salesperson).create({
            'res_model': 'res.partner', 'res_ids': repr((self.ana + self.ben).ids),
            'template_id': self.utility_template.id})
        self.assertOnlyOwn(composer.group_ids)

    def test_why_somebody_is_blocked_is_seen_by_who_blocks(self):
        self.receive(inbound_payload('Hello'))
        identity = self.inbound().identity_id
        self.assertOnlyOwn(self.env['fluxforce.whatsapp.block'].with_user(self.salesperson).create(
            {'identity_ids': identity.ids, 'reason': 'Insults'}))

    def test_every_window_has_its_rule(self):
        models = [model for model in self.env.values() if model._transient and model._module == 'fluxforce_whatsapp'
                  and not model._abstract and model._name.startswith('fluxforce.')]
        ruled = self.env['ir.rule'].search([('model_id.model', 'in', [model._name for model in models])])
        self.assertEqual({model._name for model in models} - set(ruled.model_id.mapped('model')), set())
