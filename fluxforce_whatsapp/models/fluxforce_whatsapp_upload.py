import logging
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..cloud_api import const as meta
from ..cloud_api.client import Client
from ..cloud_api.errors import ApiError, CloudApiError, SettingsError
from ..cloud_api.outgoing import files, upload_all
from ..policy.playbook import Action
from .fluxforce_whatsapp_outcome import STOPPING

_logger = logging.getLogger(__name__)

PROBLEMS = [
    ('gone', 'Not here any more'),
    ('changed', 'Changed since'),
    ('unfit', 'Not taken by WhatsApp'),
    ('refused', 'Refused by WhatsApp'),
    ('settings', 'Account not able to send'),
    ('unreachable', 'WhatsApp not reached'),
    ('broken', 'Could not be read'),
]
# Pauses between the tries; after the last one a person decides. (Our own choice.)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180))
# Claims older than this belong to a worker that is gone: longer than a whole upload may take. (Our own choice.)
CLAIM_LIFETIME = timedelta(seconds=meta.MEDIA_TOTAL_TIMEOUT_S + 2 * meta.TOTAL_TIMEOUT_S)
# Uploaded at once, and bytes of them in memory, except of a single one. (Our own choice.)
MOST_AT_ONCE = 8
MOST_BYTES = 64 * 1024 * 1024
# Rows that nothing refers to are kept for so long after their end. (Our own choice.)
KEPT_DAYS = 7


@dataclass(frozen=True)
class FileJob:
    """All that one upload needs, so that no transaction is open meanwhile."""

    id: int
    client: Client
    phone_number_id: str
    content: bytes
    mime_type: str
    filename: str


class Unreadable(Exception):
    """A file cannot be uploaded whatever Meta says.

    :ivar str problem: of ``PROBLEMS``
    """

    def __init__(self, problem, detail=''):
        super().__init__(detail)
        self.problem = problem


class FluxforceWhatsappUpload(models.Model):
    """A file at Meta: one row per content and number, whatever many messages carry it.

    Messages wait for it in the state *on hold*. A claim is committed before Meta is asked and no transaction waits for
    the answer; a claim whose worker died is taken up again: a file that is uploaded twice does no harm.
    """

    _name = 'fluxforce.whatsapp.upload'
    _inherit = ['fluxforce.whatsapp.chore']
    _description = 'WhatsApp File Sent'
    _order = 'id desc'

    number_id = fields.Many2one('fluxforce.whatsapp.number', 'Number', required=True, readonly=True, index=True,
                                ondelete='cascade')
    account_id = fields.Many2one(related='number_id.account_id', store=True, index=True)
    company_id = fields.Many2one(related='number_id.company_id', store=True, index=True)
    checksum = fields.Char(required=True, readonly=True, help='Of the content: the same file is uploaded once.')
    attachment_id = fields.Many2one('ir.attachment', 'File', readonly=True, index='btree_not_null',
                                    ondelete='set null')
    name = fields.Char(readonly=True)
    mime_type = fields.Char('Type', readonly=True, help='By its content.')
    size = fields.Integer('Bytes', readonly=True, aggregator=None)
    media_id = fields.Char('Meta\'s ID', readonly=True)
    state = fields.Selection(
        [('waiting', 'To be uploaded'), ('uploading', 'Being uploaded'), ('done', 'At WhatsApp'),
         ('failed', 'Could not be uploaded')],
        required=True, readonly=True, default='waiting', index=True)
    priority = fields.Integer(readonly=True, aggregator=None)
    attempts = fields.Integer('Tries', readonly=True, aggregator=None)
    next_at = fields.Datetime('Next Try', readonly=True, default=fields.Datetime.now)
    claimed_at = fields.Datetime(readonly=True)
    uploaded_at = fields.Datetime('Uploaded', readonly=True)
    until = fields.Datetime('Good Until', readonly=True, help='After that it is uploaded anew when it is needed.')
    problem = fields.Selection(PROBLEMS, readonly=True)
    problem_detail = fields.Char(readonly=True)
    explanation = fields.Char('Why', compute='_compute_explanation')
    message_ids = fields.Many2many('fluxforce.whatsapp.message', 'fluxforce_whatsapp_message_upload_rel', 'upload_id',
                                   'message_id', 'Messages', readonly=True)

    _content_unique = models.Constraint('unique(number_id, checksum)', 'This file is already there.')
    _waiting_idx = models.Index("(priority, next_at, id) WHERE state = 'waiting'")
    _uploading_idx = models.Index("(claimed_at) WHERE state = 'uploading'")

    # ------------------------------------------------------------
    # WHAT PEOPLE ARE TOLD
    # ------------------------------------------------------------

    @api.depends('name', 'number_id')
    def _compute_display_name(self):
        for upload in self:
            upload.display_name = upload.name or upload.checksum

    @api.depends('problem', 'problem_detail', 'state')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for upload in self:
            upload.explanation = upload._explain()

    def _explain(self):
        """:return: why the file is not at Meta, in a sentence; '' while nothing went wrong."""
        if not self.problem or self.state == 'done':
            return ''
        words = self._problem_words()[self.problem]
        if self.problem in ('unfit', 'refused') and self.problem_detail:
            words = self.problem_detail
        if self.state == 'failed':
            return words
        return self.env._('%(reason)s It is tried again by itself.', reason=words)

    def _problem_words(self):
        return {
            'gone': self.env._('The file was deleted. Send the message again with another one.'),
            'changed': self.env._('The file was changed after the message was written. Send the message again.'),
            'unfit': self.env._('WhatsApp takes no files of this kind.'),
            'refused': self.env._('WhatsApp did not take the file.'),
            'settings': self.env._('The WhatsApp account is not connected.'),
            'unreachable': self.env._('WhatsApp was not reached, or the connection broke.'),
            'broken': self.env._('The file could not be read here.'),
        }

    # ------------------------------------------------------------
    # WHAT MESSAGES NEED
    # ------------------------------------------------------------

    @api.model
    def _ensure(self, wanted):
        """See that files are, or will be, at Meta. What is there and good is only looked at.

        :param dict wanted: by (number id, checksum), a tuple: the file's value, the message's priority
        :return: the uploads by (number id, checksum), as sudo
        """
        self = self.sudo()  # sudo: upload - belongs to the sender
        found = self._find(wanted)
        missing = {key: value for key, value in wanted.items() if key not in found}
        if missing:
            self._insert(missing)
            found.update(self._find(missing))
        now = fields.Datetime.now()
        stale = self.concat(*found.values()).filtered(lambda upload: upload._is_stale(now))
        for upload in stale:
            value, priority = wanted[upload.number_id.id, upload.checksum]
            upload._begin_anew(attachment_id=value['attachment'], priority=priority)
        if missing or stale:
            self._wake()
        return found

    def _find(self, keys):
        """:return: uploads by (number id, checksum)"""
        uploads = self.sudo().search([('number_id', 'in', list({number for number, __ in keys})),
                                      ('checksum', 'in', list({checksum for __, checksum in keys}))])
        return {key: upload for upload in uploads if (key := (upload.number_id.id, upload.checksum)) in keys}

    def _insert(self, wanted):
        """Two transactions may want the same file at the same moment: the second one is begun anew by its caller."""
        numbers = self.env['fluxforce.whatsapp.number'].browse({number for number, __ in wanted}).sudo()
        owners = {number.id: (number.account_id.id, number.company_id.id) for number in numbers}
        now = fields.Datetime.now()
        rows = [(number, *owners[number], checksum, value['attachment'], value.get('filename') or None, priority, now,
                 self.env.uid, self.env.uid, now, now) for (number, checksum), (value, priority) in wanted.items()]
        self.env.cr.execute_values("""
            INSERT INTO fluxforce_whatsapp_upload (number_id, account_id, company_id, checksum, attachment_id, name,
                                                   priority, next_at, create_uid, write_uid, create_date, write_date,
                                                   state)
            SELECT *, 'waiting' FROM (VALUES %s) AS new ON CONFLICT (number_id, checksum) DO NOTHING
        """, rows, template='(%s, %s, %s, %s, %s, %s, %s, %s::timestamp, %s, %s, %s::timestamp, %s::timestamp)')

    def _is_good(self, now):
        return self.state == 'done' and self.until > now

    def _is_stale(self, now):
        """:return: whether it has to be uploaded anew, or tried again."""
        return self.state == 'failed' or (self.state == 'done' and self.until <= now)

    def _begin_anew(self, **values):
        self.write({'state': 'waiting', 'attempts': 0, 'media_id': False, 'problem': False, 'problem_detail': False,
                    'next_at': fields.Datetime.now(), **values})

    @api.model
    def _media_ids(self, messages):
        """:return: by number, Meta's ids by checksum, of the files of these messages that are good now."""
        keys = {(message.number_id.id, file['checksum']) for message in messages
                for __, file in files(message.values) if 'attachment' in file}
        now, ids = fields.Datetime.now(), {}
        for upload in self._find(keys).values() if keys else ():
            if upload._is_good(now):
                ids.setdefault(upload.number_id, {})[upload.checksum] = upload.media_id
        return ids

    @api.model
    def _forget(self, uploads, before):
        """Meta does not know these any more: they are uploaded anew, unless that has happened since.

        :param dict before: by upload, the moment at which its id was used
        """
        lost = uploads.filtered(lambda upload: upload.state == 'done' and upload.uploaded_at <= before[upload])
        lost._begin_anew()
        if lost:
            self._wake()

    @api.model
    def _resume(self, accounts):
        """These accounts send again: what waits for them is uploaded at once."""
        waiting = self.sudo().search([('account_id', 'in', accounts.ids), ('state', '=', 'waiting')])
        if waiting:
            waiting.next_at = fields.Datetime.now()
            self._wake()

    # ------------------------------------------------------------
    # UPLOAD
    # ------------------------------------------------------------

    @api.model
    def _wake(self, at=None):
        """Have files uploaded soon, or at a moment. Call once per batch."""
        self.env.ref('fluxforce_whatsapp.ir_cron_upload').sudo()._trigger(at=at)  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_upload(self):
        """Upload what is due, a few files at a time, while the scheduler has time."""
        self.env['fluxforce.whatsapp.account']._stop_copies()
        self._work_off()

    def _take_up_abandoned(self):
        """Claims of workers that died: another try."""
        abandoned = self.search([
            ('state', '=', 'uploading'), ('claimed_at', '<', fields.Datetime.now() - CLAIM_LIFETIME),
        ]).try_lock_for_update()
        for upload in abandoned:
            upload._put_off('broken')
        self._commit(len(abandoned))

    def _claim(self):
        """Take the most urgent files; the claim is committed.

        :return: list of :class:`FileJob`, empty if nothing is due.
        """
        jobs = []
        while not jobs:
            due = self.search(self._due_domain(), order='priority, next_at, id',
                              limit=MOST_AT_ONCE).try_lock_for_update()
            if not due:
                return []
            jobs = due._prepare_jobs()
            self._commit(len(due) - len(jobs))
        return jobs

    @api.model
    def _due_domain(self):
        return [('state', '=', 'waiting'), ('next_at', '<=', fields.Datetime.now()), ('number_id.stopped', '=', False),
                ('account_id.state', '=', 'connected')]

    def _prepare_jobs(self):
        """Claim as many of these as fit into memory; what cannot be read at all fails here."""
        jobs, size, clients = [], 0, {}
        for upload in self:
            try:
                content = upload._read()
            except Unreadable as error:
                upload._fail(error.problem, str(error))
                continue
            size += len(content)
            if jobs and size > MOST_BYTES:
                break
            account = upload.account_id
            client = clients.setdefault(account, account._client())
            upload.write({'state': 'uploading', 'claimed_at': fields.Datetime.now(), 'attempts': upload.attempts + 1})
            jobs.append(FileJob(upload.id, client, upload.number_id.phone_number_id, content, upload.mime_type,
                            upload.name or ''))
        return jobs

    def _read(self):
        """:return: the content; its type and size are noted
        :raise Unreadable: it is not there, another one, or nothing for Meta
        """
        attachment_sudo = self.attachment_id.sudo()  # sudo: ir.attachment - who wrote the message handed it out
        if not attachment_sudo:
            raise Unreadable('gone')
        content = attachment_sudo.with_context(bin_size=False).raw or b''
        if attachment_sudo._compute_checksum(content) != self.checksum:
            raise Unreadable('changed' if content else 'broken')
        self.write({'mime_type': self.env['fluxforce.whatsapp.file']._detect(content), 'size': len(content)})
        if not any(self.mime_type in types for types, __ in meta.OUTGOING_MEDIA.values()):
            raise Unreadable('unfit', self._unfit_words())
        return content

    def _unfit_words(self):
        return self.env._('"%(name)s" is of the kind %(type)s, which WhatsApp does not take. Save it as PDF, JPEG, '
                          'PNG, MP4 or MP3.', name=self.name or '', type=self.mime_type)

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    @api.model
    def _run(self, jobs):
        return upload_all(jobs)

    @api.model
    def _record(self, jobs, outcomes):
        """Keep what came of the uploads.

        :param list jobs: that were claimed
        :param list outcomes: (upload id, Meta's id or the error)
        :return: the seconds left
        """
        done = self.browse()
        for upload_id, outcome in outcomes:
            upload = self.browse(upload_id).exists()
            if upload.state != 'uploading':
                continue  # taken up by another worker meanwhile
            if isinstance(outcome, str):
                upload._keep(outcome)
                done |= upload
            else:
                upload._heed(outcome)
        done.message_ids._release_ready()
        return self._commit(len(outcomes))

    def _keep(self, media_id):
        now = fields.Datetime.now()
        self.write({'state': 'done', 'media_id': media_id, 'uploaded_at': now, 'problem': False,
                    'problem_detail': False, 'until': now + timedelta(days=meta.UPLOAD_DAYS)})

    def _heed(self, error):
        """Try again later, stop what must not go on, or give up."""
        if isinstance(error, ApiError):
            return self._heed_refusal(error)
        if isinstance(error, SettingsError):
            self.account_id._stop(error)
            return self._put_off('settings', error)
        if not isinstance(error, CloudApiError):
            _logger.error('WhatsApp file %s could not be uploaded', self.id, exc_info=error)
            return self._put_off('broken', type(error).__name__)
        # It was not told whether Meta has it. Another upload of the same file does no harm.
        return self._put_off('unreachable', error)

    def _heed_refusal(self, error):
        instruction, = self.env['fluxforce.whatsapp.error']._instructions_for([error])
        if instruction.action in STOPPING:
            stopped = self.number_id if instruction.action is Action.PAUSE_NUMBER else self.account_id
            stopped._stop(error)
            return self._put_off('settings', error)
        if instruction.action in (Action.RETRY, Action.SLOW):
            return self._put_off('unreachable', error)
        return self._fail('refused', error.user_message)

    def _put_off(self, problem, detail=''):
        """Try again later, with a growing pause, as long as tries are left."""
        if self.attempts > len(PAUSES):
            self._fail(problem, detail)
            return
        moment = fields.Datetime.now() + PAUSES[max(self.attempts, 1) - 1]
        self.write({'state': 'waiting', 'problem': problem, 'problem_detail': str(detail)[:500], 'next_at': moment})
        self._wake(moment)

    def _fail(self, problem, detail=''):
        """Give up; the messages that wait for it are told."""
        self.write({'state': 'failed', 'problem': problem, 'problem_detail': str(detail)[:500]})
        self.message_ids._park(self._explain())

    # ------------------------------------------------------------
    # WHAT PEOPLE DO, AND TIDYING UP
    # ------------------------------------------------------------

    def action_upload_again(self):
        """Try anew what was given up; the messages that were parked for it wait again."""
        self.check_access('read')
        failed = self.filtered(lambda upload: upload.state == 'failed').sudo()  # sudo: upload - by its button only
        failed._begin_anew()
        failed.message_ids._wait_again()
        if failed:
            self._wake()

    @api.autovacuum
    def _gc_ended(self):
        """What has had its time and no message waits for says nothing any more."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.env.flush_all()
        self.env.cr.execute(SQL("""
            DELETE FROM fluxforce_whatsapp_upload upload
             WHERE COALESCE(until, next_at) < %s AND NOT EXISTS (
                SELECT FROM fluxforce_whatsapp_message_upload_rel rel
                  JOIN fluxforce_whatsapp_message message ON message.id = rel.message_id
                 WHERE rel.upload_id = upload.id AND message.state IN ('queued', 'held', 'sending'))
        """, before))
