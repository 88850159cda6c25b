from odoo import fields, models
from odoo.exceptions import UserError

# Of a mailing, what decides who gets it, what and when.
SETTINGS = (
    'whatsapp_number_id', 'user_id', 'whatsapp_in_own_language', 'mailing_model_real', 'mailing_domain',
    'ab_testing_enabled', 'ab_testing_pc', 'keep_archives', 'whatsapp_ends_at', 'whatsapp_canary',
    'whatsapp_canary_size', 'whatsapp_canary_hours', 'whatsapp_limit_failed', 'whatsapp_limit_blocked',
    'whatsapp_limit_opted_out', 'whatsapp_limit_unread')


class MailingMailing(models.Model):
    """A mailing is launched by a check: who gets it, what it costs, when it is finished, and who approved it."""

    _name = 'mailing.mailing'
    _inherit = ['mailing.mailing', 'fluxforce.launch.mixin']

    _launch_problem = 'whatsapp_problem'
    _launch_field = 'mailing_id'

    # ------------------------------------------------------------
    # WHAT IT IS
    # ------------------------------------------------------------

    def _launch_title(self):
        return self.subject

    def _launch_company(self):
        return self.whatsapp_company_id

    def _launch_number(self):
        return self.whatsapp_number_id

    def _launch_messages(self):
        return {self: 1}

    def _launch_templates(self):
        return self.whatsapp_template_id

    def _launch_audience(self):
        """:return: ids of all recipients; of a mailing that has begun, of who has not got it yet."""
        ids = self._whatsapp_everybody()
        if self.whatsapp_enrolled_at:
            # sudo: trace, batch - only who is left
            left = self.env['mailing.trace'].sudo().search_fetch(
                [('mass_mailing_id', '=', self.id), ('whatsapp_due', '=', True)], ['res_id'])
            to_come = self.env['fluxforce.mailing.batch'].sudo()._ids_left(self)
            ids = sorted({*left.mapped('res_id'), *to_come}.intersection(ids))
        gone = self.env['fluxforce.mailing.runner']._left_lists(self, ids)
        return [id_ for id_ in ids if id_ not in gone]

    def _launch_documents(self):
        return self._whatsapp_documents()

    def _launch_drafts(self, message, records):
        return self._prepare_whatsapp_drafts(records)

    def _launch_known(self, ids):
        """:return: also who has left the list: they are recipients, too, with that as the reason."""
        return max(len(self._whatsapp_everybody()), self._whatsapp_enrolled() if self.whatsapp_enrolled_at else 0)

    def _whatsapp_enrolled(self):
        """:return: how many recipients it has, whether or not their turn has come"""
        # sudo: trace, batch - only how many
        traces = self.env['mailing.trace'].sudo().search_count(
            [('mass_mailing_id', '=', self.id), ('is_test_trace', '=', False)])
        return traces + self.env['fluxforce.mailing.batch'].sudo()._counts(self).get(self.id, 0)

    def _launch_concerned(self, going):
        row = self._whatsapp_figures().get(self.id) if self.whatsapp_enrolled_at else None
        return going + (row['sent'] + row['sending'] + row['unknown'] if row else 0)

    def _launch_dialog_view(self):
        return self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_launch')

    def _launch_parts(self):
        return [
            [self[name].id if self._fields[name].type == 'many2one' else self[name] for name in SETTINGS],
            sorted(self.contact_list_ids.ids), sorted(self._whatsapp_free_values().items()),
            self.whatsapp_template_id.id, self._template_parts(self._whatsapp_siblings())]

    def _launch_headline(self, going, total):
        return self.env._('%(going)s of %(total)s recipients get it.', going=going, total=total)

    def _launch_notes(self, going):
        if self.whatsapp_enrolled_at:
            yield self.env._('These are the people who are left.')
        if self._is_version():
            yield self.env._('This version goes to %(share)s %% of them.', share=self.ab_testing_pc)
        if self._has_canary(going) and not self.whatsapp_enrolled_at:
            yield self.env._(
                'It begins with %(count)s people; after %(hours)s h, what they did decides about the others.',
                count=self.whatsapp_canary_size, hours=self.whatsapp_canary_hours)

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
        typed = {key for key, value in self._whatsapp_free_values().items() if value.strip()}
        if empty := self._whatsapp_siblings()._unfilled(typed):
            raise UserError(self.env._(
                'Texts to Fill In: %(variables)s is empty. Write what everybody gets there.',
                variables=', '.join(empty.mapped('display_name'))))

    def _check_draft(self):
        if self.state != 'draft':
            raise UserError(self.env._('Only a draft can be sent. Duplicate the mailing to send it again.'))
        self._check_whatsapp_ready()

    def _check_launchable(self):
        if self.state == 'paused':
            self._check_whatsapp_ready()
        else:
            self._check_draft()

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def action_whatsapp_check(self):
        """Ask the gate about everybody and keep the answer; nothing is sent."""
        self._check_launch_rights()
        for mailing in self:
            mailing._check_draft()
            mailing._look()

    def action_whatsapp_confirm(self):
        """Show what would happen before anything is sent."""
        self.ensure_one()
        self._check_launch_rights()
        self._check_draft()
        self._current_check()
        return self._launch_dialog()

    # ------------------------------------------------------------
    # LAUNCH
    # ------------------------------------------------------------

    def action_whatsapp_launch(self):
        """Send it: now, or at the moment chosen."""
        self.ensure_one()
        if self.schedule_type == 'scheduled' and not self.schedule_date:
            raise UserError(self.env._('Send on: choose a moment, or choose "Send now".'))
        return self.action_put_in_queue() or {'type': 'ir.actions.act_window_close'}

    def action_schedule(self):
        if self._is_whatsapp():
            if not self.schedule_date:
                self.schedule_type = 'scheduled'
            return self.action_whatsapp_confirm()
        return super().action_schedule()

    def action_put_in_queue(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        for mailing in ours:
            if again := mailing._launch():
                return again
        return super(MailingMailing, self - ours).action_put_in_queue() if self - ours else None

    def _launch(self):
        """:return: action that shows what has changed since somebody decided; None if it is launched."""
        self._check_launch_rights()
        self._check_draft()
        if again := self._look_again_dialog():
            return again
        self._check_somebody(self._current_check())
        self._grant()
        # sudo: mailing - moved by the buttons only
        self.sudo().write({'state': 'in_queue', 'whatsapp_problem': False})
        self._whatsapp_wake(self.schedule_date or fields.Datetime.now())
        return None

    def _check_somebody(self, check):
        if not check.sendable_count + check.held_count:
            raise UserError(self.env._('Nobody would get it. The check on the mailing says why.'))
