import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

MARKETER_GROUP = 'fluxforce_whatsapp_marketing.group_whatsapp_marketer'
ADMIN_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'
# For so long a mailing may be launched by what a check found. (Our own choice.)
FRESH = timedelta(minutes=30)


class MailingMailing(models.Model):
    """Nothing is launched unchecked: who gets it, what it costs, when it is finished, and who approved it."""

    _inherit = 'mailing.mailing'

    whatsapp_check_id = fields.Many2one('fluxforce.mailing.check', 'Launch Check', readonly=True, copy=False,
                                        index='btree_not_null', ondelete='set null')
    whatsapp_check_count = fields.Integer('Launch Checks', compute='_compute_whatsapp_check_count')
    whatsapp_check_result = fields.Html(related='whatsapp_check_id.result')
    whatsapp_check_warnings = fields.Html(related='whatsapp_check_id.warnings')
    whatsapp_check_cost = fields.Char(related='whatsapp_check_id.cost')
    whatsapp_check_finish = fields.Char(related='whatsapp_check_id.finish')
    whatsapp_check_state = fields.Selection(related='whatsapp_check_id.state')
    whatsapp_check_is_critical = fields.Boolean(related='whatsapp_check_id.is_critical')
    whatsapp_check_note = fields.Char(related='whatsapp_check_id.note')
    whatsapp_needs_approval = fields.Boolean(compute='_compute_whatsapp_approval')
    whatsapp_may_approve = fields.Boolean(compute='_compute_whatsapp_approval')
    whatsapp_may_override = fields.Boolean(compute='_compute_whatsapp_approval')
    whatsapp_override_reason = fields.Char(
        'Reason', copy=False, help='Why it is sent although it may cost the account. It is kept.')

    def _compute_whatsapp_check_count(self):
        counts = dict(self.env['fluxforce.mailing.check']._read_group(
            [('mailing_id', 'in', self._origin.ids)], ['mailing_id'], ['__count']))
        for mailing in self:
            mailing.whatsapp_check_count = counts.get(mailing._origin, 0)

    @api.depends('whatsapp_check_id.state', 'whatsapp_check_id.is_large')
    @api.depends_context('uid')
    def _compute_whatsapp_approval(self):
        for mailing in self:
            check = mailing.whatsapp_check_id
            mailing.whatsapp_needs_approval = check.is_large and check.state not in ('approved', 'launched')
            mailing.whatsapp_may_approve = bool(check) and check._may_approve(self.env.user)
            mailing.whatsapp_may_override = self.env['fluxforce.whatsapp.summary']._may_override()

    # ------------------------------------------------------------
    # READY
    # ------------------------------------------------------------

    def _check_whatsapp_ready(self):
        """:raise UserError: naming the field at fault and the remedy."""
        self.ensure_one()
        self._check_responsible()
        if not self.whatsapp_number_id:
            raise UserError(self.env._(
                'Choose the number to send from in the field From. An administrator connects one under WhatsApp > '
                'Configuration > Accounts.'))
        self._check_recipients()
        self._check_template()
        self._check_values()
        self._check_versions()
        if self.whatsapp_ends_at and self.whatsapp_ends_at <= max(
                self.schedule_date or fields.Datetime.now(), fields.Datetime.now()):
            raise UserError(self.env._(
                'The mailing would end before it begins. Choose a later moment in the field Ends on, or none.'))

    def _check_responsible(self):
        user = self.user_id
        if not user:
            raise UserError(self.env._('Choose who answers for the mailing in the field Responsible.'))
        # sudo: res.users - whether the responsible still may send
        if not user.sudo().active or not user.sudo().has_group(MARKETER_GROUP):
            raise UserError(self.env._(
                '%(user)s may not send WhatsApp mailings. Choose somebody with the right "WhatsApp: Marketer" in the '
                'field Responsible.', user=user.name))
        if not self.env.su and user != self.env.user and not self.env.user.has_group(ADMIN_GROUP):
            raise UserError(self.env._(
                'This mailing reads its recipients with the rights of %(user)s, so only they or an administrator may '
                'do this. Put yourself into the field Responsible to go on with your own rights.', user=user.name))

    def _check_recipients(self):
        if self.mailing_on_mailing_list and not self.contact_list_ids:
            raise UserError(self.env._('Choose at least one list in the field Mailing Lists.'))
        try:
            self._whatsapp_domain()
        except ValueError as error:
            raise UserError(self.env._(
                'The filter in the field Recipients cannot be read. Set it again. (%(error)s)', error=error)) from error
        if not self._whatsapp_documents()._whatsapp_is_addressable():
            raise UserError(self.env._(
                'Records of %(model)s have no phone number. Choose others in the field Recipients.',
                model=self.mailing_model_id.name))

    def _check_template(self):
        self.whatsapp_template_id._check_goes_to(
            self.mailing_model_real, self.whatsapp_number_id, self.user_id, self.env._('Recipients'))

    def _check_values(self):
        empty = self.whatsapp_value_ids.filtered(lambda line: not (line.value or '').strip())
        if empty:
            raise UserError(self.env._(
                'Texts to Fill In: %(variables)s is empty. Write what everybody gets there.',
                variables=', '.join(empty.variable_id.mapped('display_name'))))

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def _whatsapp_fingerprint(self):
        """:return: the same for the same mailing: what was checked and approved holds for nothing else."""
        template = self.whatsapp_template_id
        parts = [template.id, template.components, template.category, self.whatsapp_number_id.id, self.user_id.id,
                 self.whatsapp_in_own_language, sorted(self._whatsapp_free_values().items()), self.mailing_model_real,
                 self.mailing_domain, sorted(self.contact_list_ids.ids), self.ab_testing_enabled, self.ab_testing_pc]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def action_whatsapp_check(self):
        """Ask the gate about everybody and keep the answer; nothing is sent."""
        self._check_whatsapp_rights()
        for mailing in self:
            mailing._check_draft()
            mailing._whatsapp_check()

    def _check_draft(self):
        if self.state != 'draft':
            raise UserError(self.env._('Only a draft can be sent. Duplicate the mailing to send it again.'))
        self._check_whatsapp_ready()

    def _whatsapp_check(self):
        """:return: what was just found out, kept as evidence."""
        check = self.env['fluxforce.mailing.check']._find_out(self)
        self.sudo().whatsapp_check_id = check  # sudo: mailing - kept by the check only
        return check

    def _current_check(self):
        """:return: the check to launch by: the last one, if it is about this very mailing and recent or approved."""
        check = self.whatsapp_check_id
        holds = check.fingerprint == self._whatsapp_fingerprint() and (
            check.state == 'approved' or check.create_date > fields.Datetime.now() - FRESH)
        return check if check and holds else self._whatsapp_check()

    def action_whatsapp_confirm(self):
        """Show what would happen before anything is sent."""
        self.ensure_one()
        self._check_whatsapp_rights()
        self._check_draft()
        self._current_check()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Ready to Send?'),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_launch').id, 'form')],
            'target': 'new',
            'context': {'dialog_size': 'medium'},
        }

    def action_whatsapp_check_again(self):
        """Find out anew, and show it."""
        self._check_whatsapp_rights()
        self._check_draft()
        self._whatsapp_check()
        return self.action_whatsapp_confirm()

    def action_open_whatsapp_checks(self):
        """Show all checks of a mailing, with who approved what."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Launch Checks'),
            'res_model': 'fluxforce.mailing.check',
            'view_mode': 'list,form',
            'domain': [('mailing_id', '=', self.id)],
            'context': {'create': False},
        }

    # ------------------------------------------------------------
    # LAUNCH
    # ------------------------------------------------------------

    def action_whatsapp_launch(self):
        """Send it: now, or at the moment chosen."""
        self.ensure_one()
        if self.schedule_type == 'scheduled' and not self.schedule_date:
            raise UserError(self.env._('Send on: choose a moment, or choose "Send now".'))
        self.action_put_in_queue()
        return {'type': 'ir.actions.act_window_close'}

    def action_schedule(self):
        if self._is_whatsapp():
            if not self.schedule_date:
                self.schedule_type = 'scheduled'
            return self.action_whatsapp_confirm()
        return super().action_schedule()

    def action_put_in_queue(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        for mailing in ours:
            mailing._launch()
        return super(MailingMailing, self - ours).action_put_in_queue() if self - ours else None

    def _launch(self):
        self._check_whatsapp_rights()
        self._check_draft()
        check = self._current_check()
        self._check_somebody(check)
        if not self.env.su:  # the winner of a test was approved with it
            check._check_approved()
            check._override(self.whatsapp_override_reason)
        check._launched()
        # sudo: mailing - moved by the buttons only
        self.sudo().write({'state': 'in_queue', 'whatsapp_problem': False})
        self._whatsapp_wake(self.schedule_date or fields.Datetime.now())

    def _check_somebody(self, check):
        if not check.sendable_count + check.held_count:
            raise UserError(self.env._('Nobody would get it. The check on the mailing says why.'))

    # ------------------------------------------------------------
    # APPROVE
    # ------------------------------------------------------------

    def action_whatsapp_ask_approval(self):
        """Ask a manager to approve a large mailing."""
        self.ensure_one()
        self._check_whatsapp_rights()
        self._check_draft()
        check = self._current_check()
        self._check_somebody(check)
        check._ask()
        return {'type': 'ir.actions.act_window_close'}

    def action_whatsapp_approve(self):
        """Let it be launched as it was checked."""
        self.ensure_one()
        self.check_access('read')
        if not self.whatsapp_check_id or self.whatsapp_check_id.fingerprint != self._whatsapp_fingerprint():
            raise UserError(self.env._('The mailing was changed since it was checked. Its responsible asks again.'))
        self.whatsapp_check_id._approve()
        return True

    def action_whatsapp_reject(self):
        """Send it back to who asked."""
        self.ensure_one()
        self.check_access('read')
        self.whatsapp_check_id._reject()
        return True
