import logging
import random

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_summary import Summary
from odoo.addons.fluxforce_whatsapp.policy.gate import Action
from odoo.addons.fluxforce_whatsapp.policy.price import Estimate
from odoo.addons.fluxforce_whatsapp.policy.warnings import CRITICAL

from ..flow.audience import Survey

_logger = logging.getLogger(__name__)

APPROVERS = 'fluxforce_whatsapp.group_whatsapp_approver'
ADMIN_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'
ACTIVITY_TYPE = 'mail.mail_activity_data_todo'
# How many messages a check asks about: what a person can wait for. Of more people it takes some at random. (Our own
# choice.)
CHECK_LIMIT = 10_000
# Managers who are asked at once. (Our own choice.)
ASKED = 5
# An approval holds although so much more people are concerned by now. (Our own choice: a tenth.)
GROWTH = 0.1
# So many people in a row with the same problem: everybody has it. (Our own choice.)
ALIKE = 10
# Of the reasons why somebody cannot be prepared, how many are shown.
FEW = 5
# What of each answer of the gate is kept.
ANSWER = ('action', 'reason', 'count', 'words')
# What becomes of an approval when the same thing is checked once more.
GRANTED = {'asked': 'asked', 'approved': 'approved', 'launched': 'approved'}


class FluxforceLaunchCheck(models.Model):
    """What was known before a campaign or a mailing was launched, and who approved it: kept as evidence.

    Managers find it among their to-dos.
    """

    _name = 'fluxforce.launch.check'
    _description = 'WhatsApp Launch Check'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'

    mailing_id = fields.Many2one('mailing.mailing', 'Mailing', readonly=True, index='btree_not_null',
                                 ondelete='cascade')
    campaign_id = fields.Many2one('fluxforce.campaign', 'Campaign', readonly=True, index='btree_not_null',
                                  ondelete='cascade')
    subject_name = fields.Char('Of', compute='_compute_subject_name')
    company_id = fields.Many2one('res.company', readonly=True, index=True)
    state = fields.Selection([
        ('checked', 'Checked'), ('asked', 'Waits for approval'), ('approved', 'Approved'), ('rejected', 'Sent back'),
        ('launched', 'Launched')], required=True, readonly=True, default='checked')
    user_id = fields.Many2one('res.users', 'Checked by', readonly=True)
    template_ids = fields.Many2many('fluxforce.whatsapp.template', string='Templates', readonly=True)
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', readonly=True, ondelete='set null')
    fingerprint = fields.Char(readonly=True, help='Technical: the same for the same campaign or mailing.')

    total_count = fields.Integer('Recipients', readonly=True)
    looked_count = fields.Integer('Looked At', readonly=True, help='Of very many people some are taken at random.')
    sendable_count = fields.Integer('Can Be Sent', readonly=True, help='Of the first message.')
    held_count = fields.Integer('Wait', readonly=True, help='With the first message.')
    refused_count = fields.Integer('Not Sent', readonly=True, help='Of the first message.')
    duplicate_count = fields.Integer('Duplicates', readonly=True)
    holdout_count = fields.Integer('Hold-Out', readonly=True)
    message_count = fields.Integer('Messages', readonly=True, help='At most: as if everybody got all of them.')
    people_count = fields.Integer('People', readonly=True, help='Who gets something, with those who have got it. An '
                                                                'approval is asked for above a number of them.')
    known_count = fields.Integer(readonly=True, help='Technical: who was known, whether or not they get something.')
    rows = fields.Json(readonly=True, help='Technical: the answers of the gate, grouped.')
    result = fields.Html('Who Gets It', readonly=True, sanitize=False)
    warnings = fields.Html(readonly=True, sanitize=False)
    dangers = fields.Text(readonly=True, help='What may cost the account.')
    is_critical = fields.Boolean('May Cost the Account', readonly=True)
    is_large = fields.Boolean('Needs Approval', readonly=True)
    cost = fields.Char(readonly=True)
    finish = fields.Char('Finished', readonly=True)
    finish_at = fields.Datetime('Finished At', readonly=True)

    asker_id = fields.Many2one('res.users', 'Asked by', readonly=True)
    asked_at = fields.Datetime('Approval Asked', readonly=True)
    approver_id = fields.Many2one('res.users', 'Decided by', readonly=True)
    approved_at = fields.Datetime('Decided', readonly=True)
    launched_at = fields.Datetime('Launched', readonly=True)
    note = fields.Char('In Short', compute='_compute_note')
    may_approve = fields.Boolean(compute='_compute_may_approve')

    _one_subject = models.Constraint('CHECK (num_nonnulls(mailing_id, campaign_id) = 1)',
                                     'A check is about one mailing or one campaign.')

    @api.depends('mailing_id', 'campaign_id')
    def _compute_subject_name(self):
        for check in self:
            check.subject_name = check._subject()._launch_title()

    @api.depends('state', 'approver_id')
    @api.depends_context('lang')
    def _compute_note(self):
        for check in self:
            name = check.approver_id.name
            check.note = {
                'asked': self.env._('Waits for the approval of a manager.'),
                'approved': self.env._('Approved by %(name)s.', name=name) if name else False,
                'rejected': self.env._('Sent back by %(name)s. Change it, then ask again.', name=name),
            }.get(check.state, False)

    @api.depends('state')
    @api.depends_context('uid')
    def _compute_may_approve(self):
        for check in self:
            check.may_approve = check._may_approve(self.env.user)

    @api.depends('subject_name')
    def _compute_display_name(self):
        for check in self:
            check.display_name = check.subject_name

    def _subject(self):
        """:return: the mailing or the campaign it is about, see :class:`FluxforceLaunchMixin`."""
        return self.mailing_id or self.campaign_id

    # ------------------------------------------------------------
    # FIND OUT
    # ------------------------------------------------------------

    @api.model
    def _find_out(self, subject):
        """Ask the gate about the people as the send will; nothing but the answer is written.

        :param subject: a mailing or a campaign
        """
        ids = subject._launch_audience()
        limit = CHECK_LIMIT // max(len(subject._launch_messages()), 1)
        looked = sorted(random.sample(ids, limit)) if len(ids) > limit else ids
        values = self._prepare_values(subject, ids, *self._survey(subject, looked))
        # What was asked or approved of the very same still is.
        before = subject.launch_check_id.sudo()  # sudo: check - written by the system only
        check = self.sudo().create({**values, **before._prepare_grant(values)})
        before.activity_unlink([ACTIVITY_TYPE])
        if check.state == 'asked':
            check._schedule_approval()
        return check.sudo(False)

    def _survey(self, subject, ids):
        """:return: what would happen to some people, and what it costs at most. :rtype: (Survey, Estimate)"""
        survey, estimate = Survey({message: Summary() for message in subject._launch_messages()}), Estimate()
        table = self.env['fluxforce.whatsapp.price']._price_table(subject._launch_company())
        moments = subject._launch_moments()
        for batch in split_every(BATCH, ids, subject._launch_documents().browse):
            self._survey_batch(subject, batch, moments, survey, estimate, table)
        return survey, estimate

    def _survey_batch(self, subject, records, moments, survey, estimate, table):
        drafted, broken = {}, {}
        for message in survey.summaries:
            drafted[message], broken[message] = self._drafts(subject, message, records)
        first = next(iter(survey.summaries), None)
        survey.broken.update(broken.get(first, {}).values())
        phones = self._phones(records, drafted.get(first))
        coming = survey.admit(phones, subject._is_by_person(), lambda res_id, phone: subject._is_held_out(
            records._name, res_id, phone))
        for message, times in subject._launch_messages().items():
            drafts = [draft for draft in drafted[message] if draft['res_id'] in coming]
            going = self._ask_gate(drafts, moments[message], survey.summaries[message])
            survey.going.update(draft['res_id'] for draft in going)
            survey.messages += times * len(going)
            table.estimate([(draft['phone'], draft['purpose']) for draft in going] * times, estimate)

    def _drafts(self, subject, message, records):
        """:return: drafts of a message, and by the id of each record that has none what is wrong with it."""
        try:
            with self.env.cr.savepoint():
                return subject._launch_drafts(message, records), {}
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.info('A message of %s cannot be prepared for %s', subject, records, exc_info=True)
            self.env.invalidate_all()
            if len(records) == 1:
                return [], {records.id: self._describe(error)}
            return self._drafts_one_by_one(subject, message, records, self._describe(error))

    def _drafts_one_by_one(self, subject, message, records, problem):
        """One bad record says nothing about the others; of what meets the first ones all have the same."""
        drafts, broken = [], {}
        for index, record in enumerate(records):
            if index == ALIKE and set(broken.values()) == {problem} and len(broken) == ALIKE:
                broken.update(dict.fromkeys(records[index:].ids, problem))
                break
            own, wrong = self._drafts(subject, message, record)
            drafts += own
            broken.update(wrong)
        return drafts, broken

    def _describe(self, error):
        return self.env['fluxforce.mailing.runner']._describe(error)

    def _phones(self, records, drafts):
        """:return: number or '' by record id."""
        if drafts is not None:
            return {**dict.fromkeys(records.ids, ''), **{draft['res_id']: draft['phone'] for draft in drafts}}
        recipients = records._whatsapp_recipients()
        return {record.id: recipients[record.id].phone for record in records}

    def _ask_gate(self, drafts, moment, summary):
        """:return: the drafts that go at a moment, or later; the summary grows."""
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(drafts, now=moment)
        self.env['fluxforce.whatsapp.summary']._summarise(drafts, verdicts, summary)
        return [draft for draft, verdict in zip(drafts, verdicts, strict=True)
                if verdict.action in (Action.ALLOW, Action.HOLD)]

    # ------------------------------------------------------------
    # KEEP
    # ------------------------------------------------------------

    def _prepare_values(self, subject, ids, survey, estimate):
        scale = len(ids) / survey.total if survey.total else 0
        people = round(scale * (len(survey.going) if survey.summaries else survey.admitted))
        concerned = subject._launch_concerned(people)
        # A version of a test goes to a part of them.
        going = subject._share_of(people)
        part = scale * going / people if people else 0
        messages, words = round(survey.messages * part), self._rows_of(survey)
        warned = self._warning_rows(subject, survey)
        critical = any(summary.is_critical for summary in survey.summaries.values())
        return {
            **self._prepare_subject(subject), **self._prepare_counts(survey, words, scale),
            'total_count': len(ids), 'looked_count': survey.total, 'message_count': messages,
            'people_count': concerned, 'known_count': subject._launch_known(ids),
            'rows': [{name: row[name] for name in ANSWER} for row in words],
            'result': self._render(subject, survey, words, len(ids), going),
            'warnings': self._render_warnings(warned, critical), 'is_critical': critical,
            'dangers': '\n'.join(row['title'] for row in warned if row['severity'] == CRITICAL),
            # A test is approved for all that its winner goes to.
            'is_large': subject._launch_company()._whatsapp_needs_approval(concerned),
            'cost': self._cost_words(estimate, part),
            'finish': subject._finish_words(messages) if messages else False,
            'finish_at': subject._finishes_at(messages, subject._begins_at()) if messages else False,
        }

    def _prepare_subject(self, subject):
        return {
            subject._launch_field: subject.id, 'company_id': subject._launch_company().id, 'user_id': self.env.uid,
            'template_ids': [fields.Command.set(subject._launch_templates().ids)],
            'number_id': subject._launch_number().id, 'fingerprint': subject._launch_fingerprint()}

    def _looked_at(self, survey):
        """:return: (message, summary) of those that somebody may get: who has begun is past the first."""
        return ((message, summary) for message, summary in survey.summaries.items() if summary.total)

    def _rows_of(self, survey):
        """:return: what the gate says about the first message, grouped."""
        __, summary = next(self._looked_at(survey), (None, Summary()))
        return [{name: row[name] for name in ('action', 'reason', 'count', 'words', 'names')}
                for row in self.env['fluxforce.whatsapp.summary']._rows(summary)]

    def _prepare_counts(self, survey, rows, scale):
        rows = [*rows, {'action': 'refuse', 'count': survey.broken.total()}]
        counts = {action: round(scale * sum(row['count'] for row in rows if row['action'] == action))
                  for action in ('allow', 'hold', 'refuse')}
        return {'sendable_count': counts['allow'], 'held_count': counts['hold'], 'refused_count': counts['refuse'],
                'duplicate_count': round(scale * survey.duplicates), 'holdout_count': round(scale * survey.held_out)}

    def _cost_words(self, estimate, part):
        for currency in estimate.amounts:
            estimate.amounts[currency] *= part
        return self.env['fluxforce.whatsapp.price']._words(estimate)

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    def _render(self, subject, survey, rows, total, going):
        return self.env['ir.qweb']._render('fluxforce_whatsapp_marketing.launch_check', {
            'rows': rows, 'duplicates': survey.duplicates, 'held_out': survey.held_out,
            'broken': survey.broken.most_common(FEW),
            'headline': subject._launch_headline(going, total), 'later': list(self._later_words(survey)),
            'notes': ' '.join([*subject._launch_notes(going), *self._sample_words(survey, total)])})

    def _sample_words(self, survey, total):
        if survey.total < total:
            yield self.env._('%(count)s were looked at, taken at random.', count=survey.total)

    def _later_words(self, survey):
        """:return: what the gate says about the other messages, a sentence each."""
        for message, summary in list(self._looked_at(survey))[1:]:
            going = sum(group.count for group in summary.groups.values() if group.action in (Action.ALLOW, Action.HOLD))
            yield self.env._('%(name)s: %(going)s of %(total)s may get it.', name=message.display_name, going=going,
                             total=summary.total)

    def _warning_rows(self, subject, survey):
        """:return: what may cost the account and what the guard has seen: dicts of severity, title and advice."""
        words = self.env['fluxforce.whatsapp.summary']
        rows = [row for summary in survey.summaries.values() for row in words._warning_rows(summary)]
        rows += [{'severity': alert.severity, 'title': alert.title, 'advice': alert.advice}
                 for alert in self._open_alerts(subject)]
        return list({row['title']: row for row in reversed(rows)}.values())[::-1]

    def _render_warnings(self, rows, critical):
        """:return: Markup; False for nothing."""
        return self.env['ir.qweb']._render('fluxforce_whatsapp.send_warnings', {
            'rows': rows, 'critical': critical,
            'may_override': self.env['fluxforce.whatsapp.summary']._may_override()}) if rows else False

    def _open_alerts(self, subject):
        """:return: open warnings of the guard about the account, its number or the templates."""
        number = subject._launch_number().sudo()  # sudo: number, template, alert - what it warns of concerns who sends
        alerts = self.env['fluxforce.whatsapp.alert'].sudo().search([
            ('account_id', '=', number.account_id.id), ('state', '=', 'open'),
            ('severity', 'in', ('warning', 'critical'))])
        return alerts.filtered(lambda alert: (
            alert.number_id <= number and alert.template_id <= subject._launch_templates().sudo()))

    # ------------------------------------------------------------
    # WHAT IT HOLDS FOR
    # ------------------------------------------------------------

    def _prepare_grant(self, values):
        """:return: what holds of this check for a later one: what was asked or approved of the same."""
        same = self.fingerprint == values['fingerprint'] and self.is_large and values['is_large']
        if not same or self.state not in GRANTED or not self._covers(values['known_count'], True):
            return {}
        grant = {'state': GRANTED[self.state], 'asker_id': self.asker_id.id, 'asked_at': self.asked_at,
                 'approver_id': self.approver_id.id, 'approved_at': self.approved_at}
        # What was approved is measured by what the manager saw, however often it is checked again.
        return grant if self.state == 'asked' else {**grant, 'known_count': self.known_count}

    def _covers(self, known, bounded):
        """Tell whether it holds although there may be more people by now.

        :param int known: who is known now, whether or not they get something
        :param bool bounded: an approval of it is one of so many people, not of whoever comes in later
        """
        grown = max(known - self.known_count, 0)
        if self.is_large:
            return not bounded or grown <= GROWTH * self.known_count
        return not self.company_id._whatsapp_needs_approval(self.people_count + grown)

    # ------------------------------------------------------------
    # APPROVE
    # ------------------------------------------------------------

    def _may_approve(self, user):
        """:return: whether a user may approve it: a manager, and not who asked unless an administrator."""
        self.ensure_one()
        if self.state != 'asked' or not user.has_group(APPROVERS):
            return False
        return user not in self.asker_id | self._subject().user_id or user.has_group(ADMIN_GROUP)

    def _check_may_approve(self):
        if not self._may_approve(self.env.user):
            raise AccessError(self.env._(
                'What goes to so many people is approved by somebody else with the right "WhatsApp: Approver", once '
                'its responsible has asked.'))

    def _check_approved(self):
        """:raise UserError: if a manager has to approve it first."""
        if self.is_large and self.state != 'approved':
            raise UserError(self.env._(
                'What goes to more than %(count)s people is approved by a manager first. Ask for the approval.',
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
            'account_id': self.number_id.account_id.id, 'number_id': self.number_id.id,
            'template_id': self.template_ids[:1].id, 'user_id': self.env.uid, 'reason': reason.strip(),
            'recipients': self.people_count, 'warnings': f'{self.subject_name}\n{self.dangers}'})._announce()

    def _ask(self):
        """Ask managers to approve it."""
        if not self.is_large:
            raise UserError(self.env._('It goes to few enough people to be sent without an approval.'))
        if not self._managers():
            raise UserError(self.env._(
                'There is nobody who may approve it. An administrator gives a colleague the right "WhatsApp: '
                'Approver", or changes the size in Settings > WhatsApp.'))
        asker = self._subject().user_id if self.env.su else self.env.user
        # sudo: check - written by its buttons only
        self.sudo().write({'state': 'asked', 'asked_at': fields.Datetime.now(), 'asker_id': asker.id})
        self.sudo()._schedule_approval()

    def _schedule_approval(self):
        for manager in self._managers():
            self.activity_schedule(ACTIVITY_TYPE, user_id=manager.id, note=self._nameless(),
                                   summary=self.env._('Approve %(title)s', title=self.subject_name))

    def _managers(self):
        """:return: some who may approve it."""
        # sudo: res.users - who may approve is no secret
        return self.env['res.users'].sudo().search([
            ('all_group_ids', 'in', self.env.ref(APPROVERS).ids), ('company_ids', 'in', self.company_id.ids),
            ('share', '=', False), ('id', 'not in', (self.asker_id | self._subject().user_id).ids)], limit=ASKED,
            order='id')

    def _approve(self):
        self._check_may_approve()
        self._decide('approved', self.env._('Approved.'))

    def _reject(self):
        self._check_may_approve()
        self._decide('rejected', self.env._('Sent back.'))

    def _decide(self, state, words):
        # sudo: check, mailing, campaign - written by its buttons only; managers need not be marketers
        self.sudo().write({'state': state, 'approver_id': self.env.uid, 'approved_at': fields.Datetime.now()})
        subject = self.sudo()._subject()
        self.sudo().activity_feedback([ACTIVITY_TYPE], feedback=words)
        subject.message_notify(partner_ids=subject.user_id.partner_id.ids, subject=self.subject_name, body=self.note)

    def action_approve(self):
        """Let it be launched as it was checked."""
        self._check_current()
        return self._subject().action_approve()

    def action_reject(self):
        """Send it back to who asked."""
        self._check_current()
        return self._subject().action_reject()

    def _check_current(self):
        self.ensure_one()
        if self._subject().launch_check_id != self:
            raise UserError(self.env._('It was checked once more since. Look at the latest check.'))

    def _launched(self):
        """Keep by what it was launched; the chatter tells it, too."""
        # sudo: check, mailing, campaign - written by the system only
        self.sudo().write({'state': 'launched', 'launched_at': fields.Datetime.now(), 'result': self._nameless()})
        self.sudo()._subject()._message_log(body=Markup('<p>%s</p>%s') % (self._launched_words(), self.result))

    def _launched_words(self):
        if self.is_large and self.approver_id:
            return self.env._('Launched by %(name)s, approved by %(approver)s, after this check:',
                              name=self.env.user.name, approver=self.approver_id.name)
        return self.env._('Launched by %(name)s after this check:', name=self.env.user.name)
