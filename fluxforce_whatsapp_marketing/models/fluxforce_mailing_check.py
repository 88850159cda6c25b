import random

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_summary import Summary
from odoo.addons.fluxforce_whatsapp.policy.gate import Action
from odoo.addons.fluxforce_whatsapp.policy.price import Estimate

APPROVERS = 'fluxforce_whatsapp.group_whatsapp_approver'
ADMIN_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'
ACTIVITY_TYPE = 'mail.mail_activity_data_todo'
# How many people a check looks at: what a person can wait for. Of more it takes some at random. (Our own choice.)
CHECK_LIMIT = 10_000


class FluxforceMailingCheck(models.Model):
    """What was known before a WhatsApp mailing was launched, and who approved it: kept as evidence."""

    _name = 'fluxforce.mailing.check'
    _description = 'WhatsApp Launch Check'
    _order = 'id desc'
    _rec_name = 'create_date'

    mailing_id = fields.Many2one('mailing.mailing', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', readonly=True, index=True)
    state = fields.Selection([
        ('checked', 'Checked'), ('asked', 'Waits for approval'), ('approved', 'Approved'), ('rejected', 'Sent back'),
        ('launched', 'Launched')], required=True, readonly=True, default='checked')
    user_id = fields.Many2one('res.users', 'Checked by', readonly=True)
    template_id = fields.Many2one('fluxforce.whatsapp.template', 'Template', readonly=True, ondelete='set null')
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', readonly=True, ondelete='set null')
    fingerprint = fields.Char(readonly=True, help='Technical: the same for the same mailing.')

    total_count = fields.Integer('Recipients', readonly=True)
    looked_count = fields.Integer('Looked At', readonly=True, help='Of very many people some are taken at random.')
    sendable_count = fields.Integer('Can Be Sent', readonly=True)
    held_count = fields.Integer('Wait', readonly=True)
    refused_count = fields.Integer('Not Sent', readonly=True)
    duplicate_count = fields.Integer('Duplicates', readonly=True)
    rows = fields.Json(readonly=True, help='Technical: the answers of the gate, grouped.')
    result = fields.Html('Who Gets It', readonly=True, sanitize=False)
    warnings = fields.Html(readonly=True, sanitize=False)
    is_critical = fields.Boolean('May Cost the Account', readonly=True)
    is_large = fields.Boolean('Needs Approval', readonly=True)
    cost = fields.Char(readonly=True)
    finish = fields.Char('Finished', readonly=True)
    finish_at = fields.Datetime('Finished At', readonly=True)

    asked_at = fields.Datetime('Approval Asked', readonly=True)
    approver_id = fields.Many2one('res.users', 'Approved or Sent Back by', readonly=True)
    approved_at = fields.Datetime('Decided', readonly=True)
    launched_at = fields.Datetime('Launched', readonly=True)
    note = fields.Char('In Short', compute='_compute_note')

    @api.depends('state', 'approver_id')
    @api.depends_context('lang')
    def _compute_note(self):
        for check in self:
            name = check.approver_id.name
            check.note = {
                'asked': self.env._('Waits for the approval of a manager.'),
                'approved': self.env._('Approved by %(name)s.', name=name),
                'rejected': self.env._('Sent back by %(name)s. Change it, then ask again.', name=name),
            }.get(check.state, False)

    # ------------------------------------------------------------
    # FIND OUT
    # ------------------------------------------------------------

    @api.model
    def _find_out(self, mailing):
        """Ask the gate about the recipients as the send will; nothing but the answer is written."""
        ids = mailing._whatsapp_everybody()
        looked = sorted(random.sample(ids, CHECK_LIMIT)) if len(ids) > CHECK_LIMIT else ids
        survey = self._survey(mailing, looked)
        # sudo: check - written by the system only
        return self.sudo().create(self._prepare_values(mailing, len(ids), len(looked), *survey)).sudo(False)

    def _survey(self, mailing, ids):
        """:return: the gate's answer as Summary, prices as Estimate, and how many share a number with an earlier one.
        """
        summary, estimate, seen, drafted = Summary(), Estimate(), set(), 0
        table = self.env['fluxforce.whatsapp.price']._price_table(mailing.whatsapp_company_id)
        outbox, gate = self.env['fluxforce.whatsapp.message'], self.env['fluxforce.whatsapp.gate']
        for batch in split_every(BATCH, ids, mailing._whatsapp_documents().browse):
            drafts = mailing._prepare_whatsapp_drafts(batch)
            drafted += len(drafts)
            drafts = outbox._one_per_person(drafts, seen)
            verdicts = gate._judge(drafts, now=mailing._planned_at())
            self.env['fluxforce.whatsapp.summary']._summarise(drafts, verdicts, summary)
            table.estimate([
                (draft['phone'], draft['purpose']) for draft, verdict in zip(drafts, verdicts, strict=True)
                if verdict.action in (Action.ALLOW, Action.HOLD)], estimate)
        return summary, estimate, drafted - summary.total

    def _prepare_values(self, mailing, total, looked, summary, estimate, duplicates):
        words = self.env['fluxforce.whatsapp.summary']
        rows = [{name: row[name] for name in ('action', 'reason', 'count', 'words', 'names')}
                for row in words._rows(summary)]
        counts = {action: sum(row['count'] for row in rows if row['action'] == action)
                  for action in ('allow', 'hold', 'refuse')}
        share = total / looked if looked else 0
        going = mailing._share_of(round((counts['allow'] + counts['hold']) * share))
        begins = mailing._planned_at() or fields.Datetime.now()
        company = mailing.whatsapp_company_id
        return {
            'mailing_id': mailing.id, 'company_id': company.id, 'user_id': self.env.uid,
            'template_id': mailing.whatsapp_template_id.id, 'number_id': mailing.whatsapp_number_id.id,
            'fingerprint': mailing._whatsapp_fingerprint(), 'total_count': total, 'looked_count': looked,
            'sendable_count': round(counts['allow'] * share), 'held_count': round(counts['hold'] * share),
            'refused_count': round(counts['refuse'] * share), 'duplicate_count': round(duplicates * share),
            'rows': rows, 'result': self._render(mailing, rows, total, looked, duplicates, going),
            'warnings': self._render_warnings(mailing, summary), 'is_critical': summary.is_critical,
            # A test is approved for all that its winner goes to.
            'is_large': company._whatsapp_needs_approval(round((counts['allow'] + counts['hold']) * share)),
            'cost': self._cost_words(estimate, share),
            'finish': mailing._finish_words(going) if going else False,
            'finish_at': mailing._finishes_at(going, begins) if going else False,
        }

    def _cost_words(self, estimate, share):
        for currency in estimate.amounts:
            estimate.amounts[currency] *= share
        return self.env['fluxforce.whatsapp.price']._words(estimate)

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    def _render(self, mailing, rows, total, looked, duplicates, going):
        return self.env['ir.qweb']._render('fluxforce_whatsapp_marketing.launch_check', {
            'rows': rows, 'duplicates': duplicates,
            'headline': self.env._('%(going)s of %(total)s recipients get it.', going=going, total=total),
            'notes': ' '.join(self._notes(mailing, total, looked, going)),
        })

    def _notes(self, mailing, total, looked, going):
        if mailing._is_version():
            yield self.env._('This version goes to %(share)s %% of them.', share=mailing.ab_testing_pc)
        if mailing._has_canary(going):
            yield self.env._(
                'It begins with %(count)s people; after %(hours)s h, what they did decides about the others.',
                count=mailing.whatsapp_canary_size, hours=mailing.whatsapp_canary_hours)
        if looked < total:
            yield self.env._('%(count)s were looked at, taken at random.', count=looked)

    def _render_warnings(self, mailing, summary):
        """:return: what may cost the account and what the guard has seen, Markup; False for nothing."""
        alerts = self._open_alerts(mailing)
        rows = [{'severity': alert.severity, 'title': alert.title, 'advice': alert.advice} for alert in alerts]
        own = self.env['fluxforce.whatsapp.summary']._render_warnings(summary)
        guard = rows and self.env['ir.qweb']._render('fluxforce_whatsapp.send_warnings', {
            'rows': rows, 'critical': False, 'may_override': True})
        return Markup('').join(part for part in (own, guard) if part) or False

    def _open_alerts(self, mailing):
        """:return: open warnings of the guard about the account, its number or the template."""
        # sudo: alert - what it warns of concerns who sends
        alerts = self.env['fluxforce.whatsapp.alert'].sudo().search([
            ('account_id', '=', mailing.whatsapp_account_id.id), ('state', '=', 'open'),
            ('severity', 'in', ('warning', 'critical'))])
        return alerts.filtered(lambda alert: (
            alert.number_id <= mailing.whatsapp_number_id.sudo()
            and alert.template_id <= mailing.whatsapp_template_id.sudo()))

    # ------------------------------------------------------------
    # APPROVE
    # ------------------------------------------------------------

    def _may_approve(self, user):
        """:return: whether a user may approve it: a manager, and not who asked unless an administrator."""
        self.ensure_one()
        if self.state != 'asked' or not user.has_group(APPROVERS):
            return False
        return user not in self.user_id | self.mailing_id.user_id or user.has_group(ADMIN_GROUP)

    def _check_may_approve(self):
        if not self._may_approve(self.env.user):
            raise AccessError(self.env._(
                'A mailing of this size is approved by somebody else with the right "WhatsApp: Approver", once its '
                'responsible has asked.'))

    def _check_approved(self):
        """:raise UserError: if a manager has to approve it first."""
        if self.is_large and self.state != 'approved':
            raise UserError(self.env._(
                'A mailing to more than %(count)s people is approved by a manager first. Ask for the approval.',
                count=self.company_id.whatsapp_approval_above))

    def _override(self, reason):
        """What may cost the account needs an administrator and a reason, which is kept."""
        if not self.is_critical:
            return
        if not self.env['fluxforce.whatsapp.summary']._may_override():
            raise AccessError(self.env._(
                'This may cost the account; the check says why. Ask a WhatsApp administrator to send it, or do what '
                'is advised.'))
        if not (reason or '').strip():
            raise UserError(self.env._('Reason: say why it is sent although it may cost the account. It is kept.'))
        # sudo: override - written by nobody else
        self.env['fluxforce.whatsapp.override'].sudo().create({
            'account_id': self.template_id.account_id.id, 'number_id': self.number_id.id,
            'template_id': self.template_id.id, 'user_id': self.env.uid, 'reason': reason.strip(),
            'recipients': self.sendable_count + self.held_count,
            'warnings': self.env._('Mailing: %(title)s', title=self.mailing_id.subject)})._announce()

    def _ask(self):
        if not self.is_large:
            raise UserError(self.env._('This mailing is small enough to be sent without an approval.'))
        managers = self._managers()
        if not managers:
            raise UserError(self.env._(
                'There is nobody who may approve it. An administrator gives a colleague the right "WhatsApp: '
                'Approver", or changes the size in Settings > WhatsApp.'))
        # sudo: check - written by its buttons only
        self.sudo().write({'state': 'asked', 'asked_at': fields.Datetime.now()})
        for manager in managers:
            self.mailing_id.activity_schedule(
                ACTIVITY_TYPE, user_id=manager.id, note=self.result,
                summary=self.env._('Approve the mailing %(title)s', title=self.mailing_id.subject))

    def _managers(self):
        # sudo: res.users - who may approve is no secret
        return self.env['res.users'].sudo().search([
            ('all_group_ids', 'in', self.env.ref(APPROVERS).ids), ('company_ids', 'in', self.company_id.ids),
            ('share', '=', False), ('id', 'not in', (self.user_id | self.mailing_id.user_id).ids)], limit=5, order='id')

    def _approve(self):
        self._check_may_approve()
        self._decide('approved', self.env._('Approved.'))

    def _reject(self):
        self._check_may_approve()
        self._decide('rejected', self.env._('Sent back.'))

    def _decide(self, state, words):
        # sudo: check, mailing - written by its buttons only; managers need not be marketers
        self.sudo().write({'state': state, 'approver_id': self.env.uid, 'approved_at': fields.Datetime.now()})
        mailing = self.sudo().mailing_id
        mailing.activity_ids.filtered(lambda activity: (
            activity.activity_type_id == self.env.ref(ACTIVITY_TYPE)
            and activity.user_id in self._managers() | self.env.user)).action_feedback(feedback=words)
        mailing.message_notify(partner_ids=mailing.user_id.partner_id.ids, subject=mailing.subject, body=self.note)

    def _launched(self):
        """Keep by what it was launched; the mailing's chatter tells it, too."""
        # sudo: check - written by the system only
        self.sudo().write({'state': 'launched', 'launched_at': fields.Datetime.now()})
        self.mailing_id._message_log(body=Markup('<p>%s</p>%s') % (
            self.env._('Launched by %(name)s after this check:', name=self.env.user.name), self.result))
