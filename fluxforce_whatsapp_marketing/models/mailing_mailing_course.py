from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.fluxforce_whatsapp.policy.playbook import Action

from ..flow import canary
from .mailing_mailing import HALTED, SENDING

# Asking again about these people would be asking against their will, or in vain. (Our own choice.)
NEVER_AGAIN = ('consent_withdrawn', 'blocked_by_us', 'blacklisted', 'us_marketing', 'not_on_whatsapp', 'duplicate')
# What the playbook says about an error that the next try would meet again.
FINAL_ACTIONS = (Action.FAIL.value, Action.SUPPRESS.value)


class MailingMailing(models.Model):
    """Pause, resume, stop and try again what may be tried again."""

    _inherit = 'mailing.mailing'

    def write(self, vals):
        """Who is left when it is held gets a trace: by the scheduled action, the button would meet its workers."""
        result = super().write(vals)
        if vals.get('state') in HALTED:
            self._whatsapp_wake()
        return result

    def action_whatsapp_pause(self):
        """Nothing goes out until somebody resumes it; what waits in the outbox is held there."""
        self._check_launch_rights()
        if any(mailing.state != 'sending' for mailing in self):
            raise UserError(self.env._('Only a mailing that is being sent can be paused.'))
        self.sudo().write({'state': 'paused', 'whatsapp_problem': False})  # sudo: mailing - moved by the buttons only

    def action_whatsapp_resume(self):
        """Go on with who is left; what the first people did does not count against it any more."""
        self._check_launch_rights()
        for mailing in self:
            if mailing.state != 'paused':
                raise UserError(self.env._('Only a paused mailing can be resumed.'))
            mailing._check_whatsapp_ready()
            if again := mailing._look_again_dialog():
                return again
            mailing._grant()
        for mailing in self.sudo():  # sudo: mailing - moved by the buttons only
            # Who goes on although the first people stopped it has decided; it would stop again at once.
            stops = mailing._whatsapp_verdict()[1].action is canary.Action.STOP
            decided = {'whatsapp_is_decided': True, 'whatsapp_phase': 'rest', 'whatsapp_decide_at': False}
            # One that could not begin at its moment begins now.
            state = SENDING if mailing.whatsapp_started_at else 'in_queue'
            mailing.write({'state': state, 'whatsapp_problem': False, **(decided if stops else {})})
        self._whatsapp_wake()
        return {'type': 'ir.actions.act_window_close'}

    def action_whatsapp_stop(self):
        """Send to nobody else, for good. What waits in the outbox is taken back, what went out stays."""
        self._check_launch_rights()
        if any(mailing.state not in ('in_queue', 'sending', 'paused') for mailing in self):
            raise UserError(self.env._('Only a mailing that has begun and is not over can be stopped.'))
        for mailing in self.sudo():  # sudo: mailing, trace - moved by the buttons only
            mailing.write({'state': 'stopped', 'sent_date': fields.Datetime.now(), 'whatsapp_decide_at': False})
            mailing.env['mailing.trace']._give_up(mailing)
        self._whatsapp_wake()

    def action_cancel(self):
        """Take a planned mailing back into a draft."""
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        if ours:
            ours._check_launch_rights()
            if any(mailing.state not in ('in_queue', 'paused') or mailing.whatsapp_started_at for mailing in ours):
                raise UserError(self.env._('This mailing has begun. Pause or stop it instead.'))
            # sudo: mailing - moved by the buttons only
            super(MailingMailing, ours.sudo()).action_cancel()
        return super(MailingMailing, self - ours).action_cancel()

    def action_retry_failed(self):
        """Prepare anew who failed or was refused for a reason that may be gone; the gate decides again."""
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        if ours:
            ours._retry_whatsapp()
        return super(MailingMailing, self - ours).action_retry_failed() if self - ours else None

    def _retry_whatsapp(self):
        self._check_launch_rights()
        if any(mailing.state not in ('done', 'sending') for mailing in self):
            raise UserError(self.env._('Only a mailing that is sent or being sent can be tried again.'))
        for mailing in self:
            mailing._check_whatsapp_ready()
            mailing._check_retried()
        if not self.env['mailing.trace'].sudo()._retry(self):  # sudo: trace - written by the system only
            raise UserError(self.env._(
                'Nobody can be tried again: those who are left said stop, cannot be reached, or their outcome is not '
                'known.'))
        # sudo: mailing - moved by the buttons only; what begins with a few goes on so
        over = self.sudo().filtered(lambda mailing: mailing.state == 'done')
        over.write({'state': SENDING, 'whatsapp_phase': 'rest'})
        self.sudo().write({'whatsapp_problem': False})
        self._whatsapp_wake()

    def _check_retried(self):
        """:raise UserError: others than those it was approved for, or something else, would be tried again."""
        if self._is_changed():
            raise UserError(self.env._(
                'It was changed since it was approved: the template or a setting is another one. Duplicate it for '
                'those who are left and ask for the approval.'))

    # ------------------------------------------------------------
    # BY ITSELF
    # ------------------------------------------------------------

    def _tell_verdict(self, verdict):
        self._message_log(body=self._verdict_words(verdict))

    def _verdict_words(self, verdict):
        """:return: what the first people decided and why, in words."""
        figures = ', '.join(self._finding_words(finding) for finding in verdict.findings)
        texts = {
            'go': self.env._('The first people took it well: everybody else gets it now.'),
            'slow': self.env._('The next slice goes out, and another look follows.'),
            'stop': self.env._('Nobody else gets it until you decide. Look at what the first people say before you '
                               'resume.'),
        }
        return f'{figures}. {texts[verdict.action.value]}' if figures else texts[verdict.action.value]

    def _finding_words(self, finding):
        names = {
            'failed': self.env._('Failed'),
            'blocked': self.env._('Blocked'),
            'opted_out': self.env._('Opted out'),
            'unread': self.env._('Not read'),
        }
        return self.env._('%(what)s: %(share)s %% (limit %(limit)s %%)', what=names[finding.kind],
                          share=f'{finding.share:.1f}', limit=f'{finding.limit:g}')

    # ------------------------------------------------------------
    # WHAT MAY BE TRIED AGAIN
    # ------------------------------------------------------------

    def _retry_condition(self):
        """:return: SQL on a recipient and its message, whether it may be prepared anew.

        What went out or may have, and what a person has sent again already, never is.
        """
        final = self.env['fluxforce.whatsapp.error'].search([('action', 'in', FINAL_ACTIONS)]).mapped('code')
        return SQL(
            """(trace.failure_type IN ('whatsapp_error', 'whatsapp_gone') AND message.id IS NULL
                OR message.again_id IS NULL AND (
                   message.state = 'failed' AND (message.error_code IS NULL OR message.error_code != ALL(%s))
                   OR message.state = 'expired'
                   OR message.state = 'refused' AND (message.reason IS NULL OR message.reason != ALL(%s))))""",
            final, list(NEVER_AGAIN))

    # ------------------------------------------------------------
    # WHO IS WHERE
    # ------------------------------------------------------------

    def _action_view_traces_filtered(self, view_filter):
        if not self._is_whatsapp():
            return super()._action_view_traces_filtered(view_filter)
        self.env['mailing.trace'].sudo()._follow(self)  # sudo: trace - written by the system only
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.mailing_trace_action_whatsapp')
        return {**action, 'domain': [('mass_mailing_id', 'in', self.ids)],
                'context': {'create': False, 'one_mailing': True, f'search_default_filter_{view_filter}': True}}

    def action_view_traces_delivered(self):
        """Show who got it."""
        return self._action_view_traces_filtered('delivered')

    def action_view_traces_opened(self):
        """Show who read it."""
        return self._action_view_traces_filtered('opened')

    def action_view_traces_replied(self):
        """Show who answered."""
        return self._action_view_traces_filtered('replied')

    def action_view_traces_clicked(self):
        """Show who followed a link."""
        return self._action_view_traces_filtered('clicked')

    def action_compare_versions(self):
        """Show the versions of an A/B test beside each other."""
        action = super().action_compare_versions()
        if not self._is_whatsapp():
            return action
        return {**self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.mailing_mailing_action_whatsapp'), 'domain': action['domain'], 'context': {}}
