from odoo.tests import HttpCase, tagged

from .common import DesignCommon

DRAFTS = '/odoo/action-fluxforce_whatsapp.fluxforce_whatsapp_template_draft_action'
TEMPLATES = '/odoo/action-fluxforce_whatsapp.fluxforce_whatsapp_template_action'


@tagged('post_install', '-at_install')
class TestTemplateTour(DesignCommon, HttpCase):
    """A template from the first word to a pause, in a real browser, with three users' rights."""

    def tour(self, name, user, url=DRAFTS):
        self.start_tour(url, f'fluxforce_whatsapp_template_{name}', login=user.login)
        self.env.invalidate_all()

    def test_a_template_is_written_reviewed_rejected_corrected_approved_sent_and_paused(self):
        self.account.user_id = self.approver
        self.give_consent(self.ana)

        self.tour('write', self.author, TEMPLATES)
        draft = self.env['fluxforce.whatsapp.template.draft'].search([('name', '=', 'parcel_left')])
        self.assertEqual((draft.user_id, draft.reviewer_id, draft.state), (self.author, self.approver, 'in_review'))
        self.tour('approve', self.approver)
        self.tour('submit', self.author)
        self.run_requests()
        self.decide(draft, 'REJECTED', reason='INVALID_FORMAT')
        self.assertEqual(draft.state, 'rejected')

        self.tour('correct', self.author)
        self.tour('approve_change', self.approver)
        self.tour('submit', self.author)
        draft.template_id.sudo().told_at = False  # the rejection lies some time back
        self.run_requests()
        self.decide(draft, 'APPROVED')
        self.assertEqual((draft.state, draft.template_id.status), ('approved', 'APPROVED'))

        self.tour('send', self.salesperson, f'/odoo/res.partner/{self.ana.id}')
        self.run_sender()
        message = self.env['fluxforce.whatsapp.message'].search([('partner_id', '=', self.ana.id)])
        self.assertEqual((message.state, message.template_id), ('accepted', draft.template_id))

        self.decide(draft, 'PAUSED', other_info={'title': 'FIRST_PAUSE'})
        self.assertEqual((draft.template_id.status, draft.state), ('PAUSED', 'approved'))
        self.tour('paused', self.salesperson, f'{TEMPLATES}/{draft.template_id.id}')
