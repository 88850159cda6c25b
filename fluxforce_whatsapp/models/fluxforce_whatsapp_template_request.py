import logging
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..cloud_api import const as meta
from ..cloud_api import template_quota
from ..cloud_api import template_writing as writing
from ..cloud_api.client import Client
from ..cloud_api.errors import ApiError, CloudApiError, NotSentError, SettingsError
from ..cloud_api.payloads import PayloadError
from ..cloud_api.template_calls import AppUnknownError, TemplateCalls
from .conflicts import CONFLICTS

_logger = logging.getLogger(__name__)

KINDS = [('create', 'Create'), ('edit', 'Change'), ('delete', 'Delete'), ('unpause', 'Send again')]
# Pauses between the tries while Meta is not reached. (Our own choice.)
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
# Claims older than this belong to a worker that is gone: longer than all calls of one request may take. (Our own
# choice.)
CLAIM_LIFETIME = timedelta(seconds=2 * meta.MEDIA_TOTAL_TIMEOUT_S + 4 * meta.TOTAL_TIMEOUT_S)
# Meta refuses too many calls for about an hour. (Our own choice.)
WAIT_WHEN_SLOW = timedelta(hours=1)
# What the playbook does about an error that is passing.
PASSING = ('retry', 'slow')
# Meta has no such template. [M26:templates]
NOT_THERE = 2593002
CREATIONS_PER_HOUR = template_quota.CREATIONS[-1][1]
DONE_KEPT = ('done', 'calling')


@dataclass(frozen=True)
class Errand:
    """All that one request needs, so that no transaction is open meanwhile.

    :ivar category: the one Meta holds now, '' for a new template
    :ivar samples: (mark in the spec, content, file name, type) of each file to upload first
    :ivar told_at: what webhooks had told of the template before
    :ivar again: whether it may have been done already by a try whose outcome is not known
    """

    id: int
    kind: str
    client: Client
    waba_id: str
    app_id: str
    template_id: str
    name: str
    language: str
    category: str
    spec: dict
    samples: tuple
    told_at: dict
    again: bool


def _says(row, spec):
    """:return: whether Meta holds what was asked for already."""
    ttl = spec.get('message_send_ttl_seconds')
    return (writing.texts(row.get('components')) == writing.texts(spec['components'])
            and row.get('category') == spec['category'] and ttl in (None, row.get('message_send_ttl_seconds')))


class FluxforceWhatsappTemplateRequest(models.Model):
    """What Meta is asked to do with a template: the queue, and the record by which Meta's quotas are kept.

    The claim is committed before Meta is asked and no transaction waits for an answer. After a try whose outcome is
    not known Meta is asked first what it has.
    """

    _name = 'fluxforce.whatsapp.template.request'
    _inherit = ['fluxforce.whatsapp.chore']
    _description = 'WhatsApp Template Request'
    _order = 'id desc'
    _rec_name = 'name'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', readonly=True, index='btree_not_null',
                               ondelete='set null')
    template_id = fields.Many2one('fluxforce.whatsapp.template', readonly=True, index='btree_not_null',
                                  ondelete='set null')
    name = fields.Char(required=True, readonly=True)
    language = fields.Char(readonly=True)
    spec = fields.Json(readonly=True)
    was_approved = fields.Boolean(readonly=True, help='Changes of an approved template count against Meta\'s quota, '
                                                      'and its name is blocked once it is deleted.')
    state = fields.Selection(
        [('waiting', 'Waiting'), ('calling', 'Being asked'), ('done', 'Done'), ('refused', 'Refused'),
         ('failed', 'Not reached'), ('cancelled', 'Cancelled')], required=True, readonly=True, default='waiting')
    attempts = fields.Integer('Tries', readonly=True)
    next_at = fields.Datetime('Next Try', readonly=True, default=fields.Datetime.now)
    claimed_at = fields.Datetime('Asked on', readonly=True)
    problem = fields.Text(readonly=True)

    _waiting_idx = models.Index("(next_at, id) WHERE state IN ('waiting', 'calling')")

    # ------------------------------------------------------------
    # ASK
    # ------------------------------------------------------------

    @api.model
    def _ask(self, kind, draft=None, template=None, **values):
        """Have Meta asked soon.

        :param str kind: of ``KINDS``.
        :param draft: what is created or changed.
        :param template: the template it is about; None for a new one.
        :param values: further values, as the name where all languages are meant.
        :return: the request, as sudo.
        :raise UserError: if the same is asked of Meta already
        """
        subject = draft or template
        if not draft:
            self._check_not_asked(kind, subject)
        request = self.sudo().create({  # sudo: request - written by nobody else
            'kind': kind, 'account_id': subject.account_id.id, 'draft_id': draft.id if draft else False,
            'template_id': template.id if template else False, 'name': subject.name, 'language': subject.language,
            'spec': draft._spec() if draft else False,
            'was_approved': bool(template) and template.status == meta.TEMPLATE_STATUS_SENDABLE, **values})
        self._wake()
        return request

    def _check_not_asked(self, kind, template):
        """Pressing twice asks once: Meta would refuse the second one, and people would be told so."""
        # sudo: request - of every author
        if self.sudo().search_count([
                ('account_id', '=', template.account_id.id), ('kind', '=', kind), ('name', '=', template.name),
                ('language', 'in', (template.language, False)), ('state', 'in', ('waiting', 'calling'))], limit=1):
            raise UserError(self.env._('Meta is asked already. Wait for its answer.'))

    @api.model
    def _wake(self, at=None):
        # sudo: ir.cron - only wakes it
        self.env.ref('fluxforce_whatsapp.ir_cron_template_requests').sudo()._trigger(at=at)

    # ------------------------------------------------------------
    # QUOTAS
    # ------------------------------------------------------------

    @api.model
    def _creations(self, account):
        """:return: the moments of the account's creations in the last hour."""
        return self.sudo().search([  # sudo: request - of every author
            ('account_id', '=', account.id), ('kind', '=', 'create'), ('state', 'in', DONE_KEPT),
            ('claimed_at', '>', fields.Datetime.now() - template_quota.CREATIONS[-1][0])]).mapped('claimed_at')

    @api.model
    def _edits(self, template):
        """:return: the moments of the template's changes in 30 days that count."""
        return self.sudo().search([  # sudo: request - of every author
            ('template_id', '=', template.id), ('kind', '=', 'edit'), ('was_approved', '=', True),
            ('state', 'in', DONE_KEPT), ('claimed_at', '>', fields.Datetime.now() - template_quota.EDITS[-1][0]),
        ]).mapped('claimed_at')

    @api.model
    def _name_from(self, account, name, language):
        """:return: from when on a deleted name may be used again, None if it is free."""
        deleted = self.sudo().search([  # sudo: request - of every author
            ('account_id', '=', account.id), ('kind', '=', 'delete'), ('state', '=', 'done'),
            ('was_approved', '=', True), ('name', '=', name), ('language', 'in', (language, False)),
        ], order='claimed_at desc', limit=1)
        return template_quota.name_free_at(deleted.claimed_at or None, fields.Datetime.now())

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Ask Meta for what waits, one after the other, while the scheduler has time."""
        self._work_off()

    def _take_up_abandoned(self):
        """Claims of workers that died: Meta may have done it, so it is asked first what it has."""
        abandoned = self.search([
            ('state', '=', 'calling'), ('claimed_at', '<', fields.Datetime.now() - CLAIM_LIFETIME),
        ]).try_lock_for_update()
        abandoned.write({'state': 'waiting', 'next_at': fields.Datetime.now()})
        self._commit(len(abandoned))

    def _claim(self):
        """Take the request that has waited longest; the claim is committed.

        :return: a :class:`Errand`, None if nothing is due.
        """
        self._put_off_creations()
        due = self.search(self._due_domain(), order='next_at, id', limit=10).try_lock_for_update(limit=1)
        job = due._prepare_job() if due else None
        due.write({'state': 'calling', 'claimed_at': fields.Datetime.now(), 'attempts': due.attempts + 1})
        self._commit(0)
        return job

    def _put_off_creations(self):
        """An account that has made as many templates as it may in an hour makes the next ones later."""
        waiting = self.search([*self._due_domain(), ('kind', '=', 'create')])
        for account, requests in waiting.grouped('account_id').items():
            room = template_quota.creations(self._creations(account), fields.Datetime.now())
            if room.next_at:
                speaker = self.with_context(lang=account._readers_language())
                requests.write({'next_at': room.next_at, 'problem': speaker.env._(
                    'Meta takes %(limit)s new templates an hour; this one goes when there is room.',
                    limit=CREATIONS_PER_HOUR)})
                self._wake(room.next_at)

    @api.model
    def _due_domain(self):
        return [('state', '=', 'waiting'), ('next_at', '<=', fields.Datetime.now()),
                ('account_id.state', '=', 'connected'), ('account_id.active', '=', True)]

    def _prepare_job(self):
        return Errand(
            id=self.id, kind=self.kind, client=self.account_id._client(), waba_id=self.account_id.waba_id,
            app_id=self.account_id.app_id or '',
            template_id=self.template_id.template_id or '', name=self.name, language=self.language or '',
            category=self.template_id.category or '', spec=self.spec or {},
            samples=tuple(self.draft_id._samples()) if self.spec else (), told_at=self.template_id.told_at or {},
            again=self.attempts > 0)

    # ------------------------------------------------------------
    # CALL
    # ------------------------------------------------------------

    @api.model
    def _run(self, job):
        """Ask Meta; no transaction is open.

        :return: Meta's row of the template, ``{}`` if it is gone or cannot be read, or the exception.
        """
        try:
            with job.client:
                return getattr(self, f'_run_{job.kind}')(
                    job, TemplateCalls(job.client, job.waba_id, job.app_id))
        except (CloudApiError, PayloadError) as error:
            return error
        except Exception as error:
            _logger.exception('WhatsApp template request %s failed', job.id)
            return error

    def _run_create(self, job, calls):
        there = job.again and self._find_row(job)
        if there:
            return there
        spec = self._with_samples(job, calls)
        answer = calls.create_template(spec)
        return self._row(calls, answer.get('id'), {**spec, **answer})

    def _run_edit(self, job, calls):
        if job.again:
            row = calls.template(job.template_id)
            if row.get('status') == 'PENDING' or _says(row, job.spec):
                return row
        spec = self._with_samples(job, calls)
        calls.edit_template(job.template_id, spec, job.category)
        return self._row(calls, job.template_id, {**spec, 'id': job.template_id, 'status': 'PENDING'})

    def _run_delete(self, job, calls):
        try:
            calls.delete_template(job.name, job.template_id or None)
        except ApiError as error:
            if not job.again or NOT_THERE not in (error.code, error.subcode):
                raise
        return {}

    def _run_unpause(self, job, calls):
        calls.unpause_template(job.template_id)
        return self._row(calls, job.template_id, {})

    def _find_row(self, job):
        rows = job.client.list_templates(job.waba_id)
        return next((row for row in rows if (row.get('name'), row.get('language')) == (job.name, job.language)), None)

    def _row(self, calls, template_id, fallback):
        """:return: what Meta holds now; what was sent if that cannot be told."""
        try:
            return calls.template(template_id)
        except CloudApiError as error:
            _logger.info('WhatsApp template %s could not be read back: %s', template_id, error)
            return fallback

    def _with_samples(self, job, calls):
        handles = {mark: calls.upload_sample(content, filename, mimetype)
                   for mark, content, filename, mimetype in job.samples}
        return {**job.spec, 'components': writing.with_handles(job.spec['components'], handles)}

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    @api.model
    def _record(self, job, outcome):
        """Keep what came of a try.

        :param outcome: from :meth:`_run`.
        :return: the seconds left.
        """
        request = self.browse(job.id).exists()
        if request.state == 'calling':
            request._keep(outcome, job.told_at)
        return self._commit(1)

    def _keep(self, outcome, told_at):
        # Who asked for it reads what came of it.
        self = self.with_context(lang=self.draft_id.user_id.lang or self.account_id._readers_language())
        try:
            if isinstance(outcome, Exception):
                self._record_failure(outcome)
                return
            with self.env.cr.savepoint():
                self._record_done(outcome, told_at)
        except CONFLICTS:
            raise  # with the whole step
        except Exception as error:
            _logger.exception('WhatsApp template request %s could not be recorded', self.id)
            self.account_id._ask_for_sync()
            self._give_back('failed', self._explain(error), False)

    def _record_done(self, row, told_at):
        self.write({'state': 'done', 'problem': False})
        if self.kind == 'delete':
            self._drop_templates()
            return
        if not row:
            self.account_id._ask_for_sync()
            return
        template = self.env['fluxforce.whatsapp.template']._adopt(self.account_id, row, told_at)
        self.template_id = template
        if self.draft_id:
            self.draft_id._taken(template)

    def _drop_templates(self):
        """Archive what is gone at Meta: one language, or all of a name."""
        domain = [('id', '=', self.template_id.id)] if self.language else [
            ('account_id', '=', self.account_id.id), ('name', '=', self.name)]
        self.env['fluxforce.whatsapp.template'].search(domain).write({'active': False, 'status': 'DELETED'})

    def _record_failure(self, error):
        """Try again what is passing; give everything else back to who asked for it."""
        is_refusal = isinstance(error, ApiError)
        if is_refusal and error.info.action not in PASSING and not error.seems_passing:
            self._give_back('refused', self._explain(error), error.info.action == 'fail')
        elif isinstance(error, PayloadError):
            self._give_back('refused', self._explain(error), True)
        elif self.attempts > len(PAUSES) or isinstance(error, SettingsError):
            self._give_back('failed', self._explain(error), False)
        else:
            pause = WAIT_WHEN_SLOW if is_refusal and error.info.action == 'slow' else PAUSES[self.attempts - 1]
            self._put_off(fields.Datetime.now() + pause, self._explain(error))

    def _put_off(self, moment, problem):
        self.write({'state': 'waiting', 'next_at': moment, 'problem': problem})
        self._wake(moment)

    def _give_back(self, state, problem, is_about_content):
        self.write({'state': state, 'problem': problem})
        if self.draft_id:
            self.draft_id._given_back(problem, is_about_content)
        elif self.template_id:
            self.account_id.message_post(body=self.env._(
                'Meta did not do what was asked with the template %(name)s: %(problem)s', name=self.name,
                problem=problem))

    def _explain(self, error):
        if isinstance(error, ApiError) and error.info.action == 'fail':
            return error.user_message
        if isinstance(error, PayloadError):
            return self.env._(
                'Sample File: Meta does not take it. Choose a picture (JPEG, PNG), a film (MP4) or a PDF.')
        if isinstance(error, AppUnknownError):
            return self.env._(
                'Sample File: several Meta apps are subscribed to the account. Enter the Meta App ID of yours on the '
                'account, page Webhooks, and submit again.')
        if isinstance(error, (ApiError, SettingsError, NotSentError)):
            return self.account_id._explain(error)
        if isinstance(error, CloudApiError):
            return self.env._('The connection broke before Meta had answered. Meta is asked what became of it.')
        return self.env._('Something went wrong here: %(error)s', error=type(error).__name__)

    def _cancel(self):
        """Take back what Meta was not asked for yet.

        :raise UserError: if it is too late.
        """
        locked = self.try_lock_for_update()
        if locked != self or any(request.state != 'waiting' or request.attempts for request in self):
            raise UserError(self.env._('Meta is asked already. Wait for its answer.'))
        self.write({'state': 'cancelled'})
