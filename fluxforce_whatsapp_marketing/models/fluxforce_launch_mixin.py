import hashlib
import json
import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS
from odoo.addons.fluxforce_whatsapp.policy.forecast import speed_of
from odoo.addons.fluxforce_whatsapp.policy.purpose import MARKETING

from ..flow.finish import Capacity, finishes_at

_logger = logging.getLogger(__name__)

MARKETER_GROUP = 'fluxforce_whatsapp_marketing.group_whatsapp_marketer'
ADMIN_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'
WARNING_TYPE = 'mail.mail_activity_data_warning'
# For so long something may be launched by what a check found. (Our own choice.)
FRESH = timedelta(minutes=30)


class NeedsApproval(UserError):
    """What runs is no longer what a manager has approved, or has become so large that one must."""


class FluxforceLaunchMixin(models.AbstractModel):
    """Nothing is launched unchecked: who gets it, what it costs, when it is finished, and who approved it.

    What inherits it (campaigns, mailings) says whom it goes to and with what: the part "WHAT IT IS". It has the fields
    ``state`` and ``user_id``.
    """

    _name = 'fluxforce.launch.mixin'
    _description = 'WhatsApp Launch'

    # Names of the field that tells what stopped it, and of the one by which a check is about it.
    _launch_problem = 'problem'
    _launch_field = 'campaign_id'

    launch_check_id = fields.Many2one('fluxforce.launch.check', 'Launch Check', readonly=True, copy=False,
                                      index='btree_not_null', ondelete='set null')
    launch_check_count = fields.Integer('Launch Checks', compute='_compute_launch_check_count')
    launch_result = fields.Html(related='launch_check_id.result', string='Who Gets It')
    launch_warnings = fields.Html(related='launch_check_id.warnings')
    launch_checked_at = fields.Datetime(related='launch_check_id.create_date', string='Checked')
    launch_cost = fields.Char(related='launch_check_id.cost')
    launch_finish = fields.Char(related='launch_check_id.finish')
    launch_state = fields.Selection(related='launch_check_id.state', string='State of the Check')
    launch_is_critical = fields.Boolean(related='launch_check_id.is_critical')
    launch_note = fields.Char(related='launch_check_id.note')
    launch_needs_approval = fields.Boolean(compute='_compute_launch_approval')
    launch_may_approve = fields.Boolean(compute='_compute_launch_approval')
    launch_may_override = fields.Boolean(compute='_compute_launch_approval')
    launch_override_reason = fields.Char(
        'Reason', copy=False, help='Why it is sent although it may cost the account. It is kept.')

    def _compute_launch_check_count(self):
        field = self._launch_field
        counts = dict(self.env['fluxforce.launch.check']._read_group(
            [(field, 'in', self._origin.ids)], [field], ['__count']))
        for subject in self:
            subject.launch_check_count = counts.get(subject._origin, 0)

    @api.depends('launch_check_id.state', 'launch_check_id.is_large')
    @api.depends_context('uid')
    def _compute_launch_approval(self):
        may_override = self.env['fluxforce.whatsapp.summary']._may_override()
        for subject in self:
            check = subject.launch_check_id
            subject.launch_needs_approval = check.is_large and check.state not in ('approved', 'launched')
            subject.launch_may_approve = bool(check) and check._may_approve(self.env.user)
            subject.launch_may_override = may_override

    def unlink(self):
        # sudo: check - gone with what it is about, and with it the to-dos of those who were asked
        field = self._launch_field
        self.env['fluxforce.launch.check'].sudo().search([(field, 'in', self.ids)]).unlink()
        return super().unlink()

    # ------------------------------------------------------------
    # WHAT IT IS
    # ------------------------------------------------------------

    def _launch_title(self):
        """:return: how people call it."""
        raise NotImplementedError

    def _launch_company(self):
        """:return: the company whose account it is sent with."""
        raise NotImplementedError

    def _launch_number(self):
        """:return: the number it comes from; maybe empty."""
        raise NotImplementedError

    def _launch_messages(self):
        """:return: dict of records that stand for one message each, in the order in which people get them, to how often
            each is sent at most."""
        raise NotImplementedError

    def _launch_templates(self):
        """:return: the templates of its messages."""
        raise NotImplementedError

    def _launch_audience(self):
        """:return: list of ids of all it goes to, or has still to go to, in the order in which they are served."""
        raise NotImplementedError

    def _launch_documents(self):
        """:return: empty recordset of their model, with the responsible's rights."""
        raise NotImplementedError

    def _launch_drafts(self, message, records):
        """:return: drafts of a message for the gate; nothing is written."""
        raise NotImplementedError

    def _launch_parts(self):
        """:return: all that decides who gets what, as what can be written as JSON."""
        raise NotImplementedError

    def _launch_headline(self, going, total):
        """:return: how many get it, in words."""
        raise NotImplementedError

    def _launch_dialog_view(self):
        """:return: the form that shows the check before anything is sent."""
        raise NotImplementedError

    def _check_launchable(self):
        """:raise UserError: if it cannot be launched, or go on, as it is; it names the field at fault and the remedy.
        """
        raise NotImplementedError

    def _launch_notes(self, going):
        """:return: what else is to be known, in sentences."""
        return ()

    def _launch_known(self, ids):
        """:param list ids: of those it goes to. :return: how many people it knows, whether or not they get something.
        """
        return len(ids)

    def _launch_concerned(self, going):
        """:param int going: how many get something from now on. :return: how many do altogether, with those before."""
        return going

    def _share_of(self, count):
        """:return: of so many people, to how many it goes."""
        return count

    def _is_by_person(self):
        """:return: whether a number gets it once only."""
        return True

    def _is_held_out(self, model, res_id, phone):
        """:return: whether somebody gets nothing, to compare with."""
        return False

    def _planned_at(self):
        """:return: the moment from which it goes, None for at once."""
        return None

    def _launch_moments(self):
        """:return: by message, the moment from which it goes, None for at once: the gate is asked as of then."""
        return dict.fromkeys(self._launch_messages(), self._planned_at())

    # ------------------------------------------------------------
    # WHO ANSWERS FOR IT
    # ------------------------------------------------------------

    def _check_responsible(self):
        """:raise UserError: if the responsible may not send, or if somebody else would use their rights."""
        user = self.user_id
        if not user:
            raise UserError(self.env._('Choose who answers for it in the field Responsible.'))
        # sudo: res.users - whether the responsible still may send
        if not user.sudo().active or not user.sudo().has_group(MARKETER_GROUP):
            raise UserError(self.env._(
                '%(user)s may not send to many people. Choose somebody with the right "WhatsApp: Marketer" in the '
                'field Responsible.', user=user.name))
        if not self.env.su and user != self.env.user and not self.env.user.has_group(ADMIN_GROUP):
            raise UserError(self.env._(
                'Whom it goes to is read with the rights of %(user)s, so only they or an administrator may do this. '
                'Put yourself into the field Responsible to go on with your own rights.', user=user.name))

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def _launch_fingerprint(self):
        """:return: the same for the same campaign or mailing, whoever asks: what was checked and approved holds for
            nothing else."""
        # sudo: all it is made of - only whether it is the same; language: texts count as they were written
        parts = self.sudo().with_context(lang=None, active_test=True)._launch_parts()
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def _template_parts(self, templates):
        """:return: all that decides what people get with some templates."""
        return [[template.id, template.components, template.category, [
            [variable[name] for name in ('key', 'source', 'field_path', 'constant', 'fallback')]
            for variable in template.variable_ids.sorted('key')]] for template in templates.sorted('id')]

    def _look(self):
        """Find out who gets it. :return: what was found out, kept as evidence."""
        check = self.env['fluxforce.launch.check']._find_out(self)
        self.sudo().launch_check_id = check  # sudo: mailing, campaign - kept by the check only
        return check

    def _current_check(self):
        """:return: the check to launch by: the last one, if it is about this very campaign or mailing and recent."""
        check = self.launch_check_id
        holds = check.state != 'launched' and check.fingerprint == self._launch_fingerprint() and (
            check.create_date > fields.Datetime.now() - FRESH)
        return check if check and holds else self._look()

    def _launch_dialog(self, **context):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Ready to Send?'),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self._launch_dialog_view().id, 'form')],
            'target': 'new',
            'context': {'dialog_size': 'medium', **context},
        }

    def _look_again_dialog(self):
        """Whoever decided by a check that is outdated sees the one of now.

        :return: action; None if the check the user saw still holds
        """
        shown = self.env.context.get('launch_check_shown')
        if shown and shown != self._current_check().id:
            return self._launch_dialog(launch_changed=True)
        return None

    def action_check_again(self):
        """Find out anew, and show it."""
        self.ensure_one()
        self._check_launch_rights()
        self._check_launchable()
        self._look()
        return self._launch_dialog()

    def action_confirm_resume(self):
        """Show who is left, and what else the check finds, before it goes on."""
        self.ensure_one()
        self._check_launch_rights()
        self._check_launchable()
        self._current_check()
        return self._launch_dialog()

    def action_open_launch_checks(self):
        """Show all checks, with who approved what."""
        self.ensure_one()
        field = self._launch_field
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.fluxforce_launch_check_action')
        return {**action, 'domain': [(field, '=', self.id)], 'context': {'create': False}}

    def _check_launch_rights(self):
        self.check_access('write')
        for subject in self:
            subject._check_responsible()

    # ------------------------------------------------------------
    # LAUNCH
    # ------------------------------------------------------------

    def _grant(self):
        """Let it go, for the first time or once more: by a check of now, approved where its size needs it, with a
        reason where it may cost the account."""
        check = self._current_check()
        if not self.env.su:  # what goes by itself was decided by a person before
            check._check_approved()
            check._override(self.launch_override_reason)
        check._launched()
        self.sudo().launch_override_reason = False  # sudo: mailing, campaign - a reason is one for one decision

    # ------------------------------------------------------------
    # APPROVE
    # ------------------------------------------------------------

    def action_ask_approval(self):
        """Ask a manager to approve what is large."""
        self.ensure_one()
        self._check_launch_rights()
        self._check_launchable()
        if again := self._look_again_dialog():
            return again
        self._current_check()._ask()
        return {'type': 'ir.actions.act_window_close'}

    def action_approve(self):
        """Let it be launched as it was checked."""
        self.ensure_one()
        self.check_access('read')
        if not self.launch_check_id or self.launch_check_id.fingerprint != self._launch_fingerprint():
            raise UserError(self.env._('It was changed since it was checked. Its responsible asks again.'))
        self.launch_check_id._approve()
        return True

    def action_reject(self):
        """Send it back to who asked."""
        self.ensure_one()
        self.check_access('read')
        self.launch_check_id._reject()
        return True

    # ------------------------------------------------------------
    # STAYS WHAT IT WAS
    # ------------------------------------------------------------

    def _is_changed(self):
        """:return: whether what goes to so many people that it was approved is not what was approved any more."""
        check = self.launch_check_id
        return check.is_large and check.state == 'launched' and check.fingerprint != self._launch_fingerprint()

    def _check_unchanged(self):
        """:raise NeedsApproval: see :meth:`_is_changed`"""
        if self._is_changed():
            raise NeedsApproval(self.env._(
                'It was changed since it was approved: the template or a setting is another one. A manager approves it '
                'as it is now, then it can be resumed.'))

    def _check_grown(self, known, bounded=True):
        """:raise NeedsApproval: so many people have come since the check that somebody has to approve it.

        :param int known: who is known now, see :meth:`_launch_known`
        :param bool bounded: see :meth:`FluxforceLaunchCheck._covers`
        """
        check = self.launch_check_id
        if check.state != 'launched' or check._covers(known, bounded):
            return
        if check.is_large:
            raise NeedsApproval(self.env._(
                'Since it was approved the people have become more: %(people)s instead of %(before)s. A manager '
                'approves it as it is now, then it can be resumed.', people=known, before=check.known_count))
        raise NeedsApproval(self.env._(
            'Since the check the people have become %(people)s; what goes to more than %(count)s is approved by a '
            'manager first. Once that is done it can be resumed.', people=known,
            count=check.company_id.whatsapp_approval_above))

    def _stop_for_approval(self, problem):
        """Hold it and ask managers. Nothing of it goes out until one approves and somebody resumes it."""
        self._halt(problem)
        try:
            with self.env.cr.savepoint():
                check = self._look()
                if check.is_large and check.state == 'checked' and check._managers():
                    check._ask()
        except CONFLICTS:
            raise
        except Exception:
            # Its audience cannot be read: it stays held, and whoever resumes it is told why.
            _logger.warning('%s cannot be checked', self, exc_info=True)
            self.env.invalidate_all()

    def _halt(self, problem):
        """Hold it until a person decides, who is told why.

        :param str problem: in words, kept on it.
        """
        # sudo: mailing, campaign - moved by the system
        self.sudo().write({'state': 'paused', self._launch_problem: problem})
        self._message_log(body=Markup('<p><strong>%s</strong></p><p>%s</p>') % (
            self.env._('It has stopped by itself.'), problem))
        self._tell_responsible(self.env._('%(title)s has stopped', title=self._launch_title()), problem)

    def _tell_responsible(self, title, words):
        """Let the responsible know what needs a decision: by a to-do where these records have some."""
        if not self.user_id:
            return
        if 'activity_user_id' in self._fields:
            self.activity_schedule(WARNING_TYPE, user_id=self.user_id.id, note=words, summary=title)
        else:
            self.message_notify(partner_ids=self.user_id.partner_id.ids, subject=title, body=words)

    # ------------------------------------------------------------
    # WHEN IT WILL BE FINISHED
    # ------------------------------------------------------------

    def _begins_at(self):
        return self._planned_at() or fields.Datetime.now()

    def _finish_words(self, messages):
        """:return: when so many messages more will have gone, in words."""
        moment = self._finishes_at(messages, self._begins_at())
        if not moment:
            return self.env._('never, as things stand: look at the number')
        return self.env['fluxforce.whatsapp.forecast']._moment_words(moment)

    def _finishes_at(self, messages, begins):
        """:return: a moment at the pace, budget and quiet hours of now, None for never."""
        return finishes_at(messages, self._capacity(), begins)

    def _capacity(self):
        # sudo: number, account - speeds and limits, no contents
        number = self._launch_number().sudo()
        account, forecast = number.account_id, self.env['fluxforce.whatsapp.forecast'].sudo()
        queue, purpose = forecast._queues(number, fields.Datetime.now())[number], self._launch_purpose()
        stopped = queue.stop or (purpose == MARKETING and queue.brake in ('marketing', 'all'))
        warmup, portfolio = number._warmup_step(), account.portfolio_id
        limits = [(warmup.people_per_day, queue.people_left)] if warmup else []
        if portfolio.limit_people:
            limits.append((portfolio.limit_people, (queue.budget_left or {}).get(purpose, 0)))
        per_day, left = min(limits, default=(None, None))
        quiet = (account.quiet_to - account.quiet_from) % 24 if purpose == MARKETING else 0
        return Capacity(0 if stopped else speed_of(purpose, queue), per_day, left, quiet)

    def _launch_purpose(self):
        """:return: the purpose of its messages: of several the one that waits most, offers."""
        purposes = [template._purpose() for template in self._launch_templates()]
        return MARKETING if MARKETING in purposes else next(iter(purposes), MARKETING)
