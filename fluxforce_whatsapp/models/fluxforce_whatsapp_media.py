import logging
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools.mimetypes import guess_mimetype

from ..cloud_api import const as meta
from ..cloud_api.client import Client
from ..cloud_api.media import FINAL, MediaError, Problem, Wanted, agree, detect, fetch, file_name
from .conflicts import CONFLICTS

_logger = logging.getLogger(__name__)

KINDS = [
    ('image', 'Picture'),
    ('video', 'Video'),
    ('audio', 'Sound'),
    ('voice', 'Voice note'),
    ('document', 'Document'),
    ('sticker', 'Sticker'),
]
ICONS = {'image': 'fa-picture-o', 'video': 'fa-film', 'audio': 'fa-music', 'voice': 'fa-microphone',
         'document': 'fa-file-o', 'sticker': 'fa-smile-o'}
PROBLEMS = [
    (Problem.GONE.value, 'Gone at WhatsApp'),
    (Problem.REFUSED.value, 'Refused by WhatsApp'),
    (Problem.SETTINGS.value, 'Account not able to ask'),
    (Problem.UNREACHABLE.value, 'WhatsApp not reached'),
    (Problem.FOREIGN.value, 'Not at WhatsApp'),
    (Problem.TOO_LARGE.value, 'Too large'),
    (Problem.EMPTY.value, 'Empty'),
    (Problem.DAMAGED.value, 'Damaged'),
    (Problem.OTHER_TYPE.value, 'Not what it was said to be'),
    ('broken', 'Could not be kept'),
]
# Pauses between the five tries, over a day; Meta keeps the file of a webhook for days. (Our own choice.)
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=20))
# Claims older than this belong to a worker that is gone: longer than two links and a whole download may take.
# (Our own choice.)
CLAIM_LIFETIME = timedelta(seconds=2 * meta.MEDIA_TOTAL_TIMEOUT_S + 2 * meta.TOTAL_TIMEOUT_S)
# Largest file that is taken, bytes.
MAX_BYTES = meta.MEDIA_MAX_BYTES
# Looked at for one that nobody has in hand.
CANDIDATES = 10


@dataclass(frozen=True)
class Job:
    """All that fetching one file needs, so that no transaction is open meanwhile."""

    id: int
    client: Client
    wanted: Wanted


class FluxforceWhatsappMedia(models.Model):
    """A file somebody sent: fetched by a scheduled action, one after the other.

    The claim is committed before Meta is asked and no transaction waits for an answer; a claim whose worker died is
    taken up again.
    """

    _name = 'fluxforce.whatsapp.media'
    _inherit = ['fluxforce.whatsapp.chore']
    _description = 'WhatsApp File Received'
    _order = 'id desc'
    _rec_name = 'filename'

    inbound_id = fields.Many2one('fluxforce.whatsapp.inbound', 'Message', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    account_id = fields.Many2one(related='inbound_id.account_id', store=True, index=True)
    company_id = fields.Many2one(related='inbound_id.company_id', store=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    media_id = fields.Char('Meta\'s ID', required=True, readonly=True)
    filename = fields.Char('Name as Sent', readonly=True)
    mime_type = fields.Char('Type as Told', readonly=True)
    sha256 = fields.Char('SHA-256 as Told', readonly=True)
    url = fields.Char('Link', readonly=True, groups='base.group_system', help='Of the webhook, good for some minutes.')
    state = fields.Selection(
        [('waiting', 'To be fetched'), ('fetching', 'Being fetched'), ('done', 'Here'),
         ('failed', 'Could not be fetched'), ('deleted', 'Deleted by the person'),
         ('wiped', 'Deleted for data protection')],
        required=True, readonly=True, default='waiting')
    attempts = fields.Integer('Tries', readonly=True)
    next_at = fields.Datetime('Next Try', readonly=True, default=fields.Datetime.now)
    claimed_at = fields.Datetime(readonly=True)
    problem = fields.Selection(PROBLEMS, readonly=True)
    problem_detail = fields.Char(readonly=True)
    attachment_id = fields.Many2one('ir.attachment', readonly=True, index='btree_not_null', ondelete='set null')

    _waiting_idx = models.Index("(next_at, id) WHERE state = 'waiting'")
    _fetching_idx = models.Index("(claimed_at) WHERE state = 'fetching'")

    # ------------------------------------------------------------
    # WHAT PEOPLE ARE TOLD
    # ------------------------------------------------------------

    def _label(self):
        """:return: what kind of file it is, with its name if it has one; '' for no file."""
        kind = self._kind_label()
        return f'{kind} {self.filename}' if self.filename else kind

    def _kind_label(self):
        return dict(self._fields['kind']._description_selection(self.env)).get(self.kind, '')

    def _icon(self):
        return ICONS.get(self.kind, 'fa-paperclip')

    def _explain(self):
        """:return: why the file is not here, in a sentence; '' while nothing went wrong."""
        if not self.problem or self.state not in ('waiting', 'fetching', 'failed'):
            return ''
        reason = self._problem_words()[self.problem]
        if self.state == 'failed':
            return self.env._('could not be fetched. %(reason)s', reason=reason)
        return self.env._('could not be fetched yet. %(reason)s It is tried again by itself.', reason=reason)

    def _problem_words(self):
        return {
            Problem.GONE.value: self.env._('WhatsApp does not have it any more.'),
            Problem.REFUSED.value: self.env._('WhatsApp does not hand it out.'),
            Problem.SETTINGS.value: self.env._('The WhatsApp account is not connected.'),
            Problem.UNREACHABLE.value: self.env._('WhatsApp was not reached, or the connection broke.'),
            Problem.FOREIGN.value: self.env._('It does not lie on one of WhatsApp\'s servers.'),
            Problem.TOO_LARGE.value: self.env._(
                'It is larger than %(size)s MB.', size=round(MAX_BYTES / 1024 / 1024)),
            Problem.EMPTY.value: self.env._('The file is empty.'),
            Problem.DAMAGED.value: self.env._('What came is not the file that was sent.'),
            Problem.OTHER_TYPE.value: self.env._('It is not the kind of file it claims to be, so it is not kept.'),
            'broken': self.env._('It could not be kept here.'),
        }

    # ------------------------------------------------------------
    # FETCH
    # ------------------------------------------------------------

    @api.model
    def _wake(self, at=None):
        """Have files fetched soon, or at a moment. Call once per batch."""
        self.env.ref('fluxforce_whatsapp.ir_cron_fetch_media').sudo()._trigger(at=at)  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_fetch(self):
        """Fetch what is due, one file after the other, while the scheduler has time."""
        self._work_off()

    def _take_up_abandoned(self):
        """Claims of workers that died: another try, if one is left."""
        abandoned = self.search([
            ('state', '=', 'fetching'), ('claimed_at', '<', fields.Datetime.now() - CLAIM_LIFETIME),
        ]).try_lock_for_update()
        for media in abandoned:
            media._put_off('broken', '')
        abandoned.inbound_id._refresh_shown()
        self._commit(len(abandoned))

    def _claim(self):
        """Take the file that has waited longest; the claim is committed.

        :return: a :class:`Job`, None if nothing is due.
        """
        due = self.search(self._due_domain(), order='next_at, id', limit=CANDIDATES).try_lock_for_update(limit=1)
        job = due._prepare_job() if due else None
        due.write({'state': 'fetching', 'claimed_at': fields.Datetime.now(), 'attempts': due.attempts + 1})
        self._commit(0)
        return job

    @api.model
    def _due_domain(self):
        return [('state', '=', 'waiting'), ('next_at', '<=', fields.Datetime.now())]

    def _prepare_job(self):
        number = self.inbound_id.number_id.phone_number_id or ''
        # The link in the webhook is minutes old at the first try and has had its time at all others.
        link = '' if self.attempts else self.url or ''
        return Job(self.id, self.account_id._client(), Wanted(self.media_id, number, link, self.sha256 or ''))

    @api.model
    def _run(self, job):
        """Ask Meta; no transaction is open.

        :return: the content, or a :class:`MediaError`.
        """
        try:
            with job.client:
                return fetch(job.client, job.wanted, MAX_BYTES)
        except MediaError as error:
            return error
        except Exception as error:
            _logger.exception('WhatsApp file %s could not be fetched', job.id)
            return MediaError(Problem.UNREACHABLE, type(error).__name__)

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    @api.model
    def _record(self, job, outcome):
        """Keep what came of a try.

        :param outcome: from :meth:`_run`.
        :return: the seconds left.
        """
        media = self.browse(job.id).exists()
        if media.state == 'fetching':  # the person may have deleted it meanwhile
            media._keep(outcome)
            media.inbound_id._refresh_shown()
        return self._commit(1)

    def _keep(self, outcome):
        try:
            if isinstance(outcome, MediaError):
                raise outcome
            with self.env.cr.savepoint():
                self._attach(outcome)
        except CONFLICTS:
            raise  # with the whole step
        except MediaError as error:
            self._put_off(error.problem.value, error.detail, final=error.problem in FINAL)
        except Exception as error:
            _logger.exception('WhatsApp file %s could not be kept', self.id)
            self._put_off('broken', f'{type(error).__name__}: {error}')

    def _put_off(self, problem, detail, final=False):
        """Try again later, with a growing pause, as long as tries are left."""
        is_over = final or self.attempts > len(PAUSES)
        values = {'state': 'failed' if is_over else 'waiting', 'problem': problem, 'problem_detail': detail}
        if not is_over:
            values['next_at'] = fields.Datetime.now() + PAUSES[max(self.attempts, 1) - 1]
            self._wake(values['next_at'])
        self.write(values)

    def _attach(self, content):
        """Keep the file where its message is shown, for whoever may see that.

        :raise MediaError: if it is not what it was said to be.
        """
        found = detect(content, guess_mimetype)
        mime_type = agree(self.kind, self.mime_type or '', found)
        if not mime_type:
            raise MediaError(Problem.OTHER_TYPE, f'{self.mime_type}, {found}')
        attachment = self._same_on_message(content) or self._create_attachment(content, mime_type)
        self.write({'state': 'done', 'attachment_id': attachment.id, 'problem': False, 'problem_detail': False})
        self._show()

    def _same_on_message(self, content):
        """:return: the attachment of the message with the same content, if it has one."""
        attachments = self.inbound_id.mail_message_id.attachment_ids
        checksum = attachments._compute_checksum(content)
        return attachments.filtered(lambda attachment: attachment.checksum == checksum)[:1]

    def _create_attachment(self, content, mime_type):
        # As it was sent: neither made smaller, nor shown as a page however it looks.
        attachments = self.env['ir.attachment'].with_context(image_no_postprocess=True, attachments_mime_plainxml=True)
        attachment = attachments.create({
            'name': file_name(self.filename or '', self._kind_label(), mime_type),
            'raw': content,
            'mimetype': mime_type,
            **self._prepare_place(),
        })
        if self.kind == 'voice':
            attachment._set_voice_metadata()
        return attachment

    def _prepare_place(self):
        """:return: which record decides who may see the file."""
        message = self.inbound_id
        if message.mail_message_id:
            return {'res_model': message.mail_message_id.model, 'res_id': message.mail_message_id.res_id}
        return {'res_model': message._name, 'res_id': message.id}

    def _show(self):
        """Bring the files that are here to the messages in the chatter."""
        for media in self.filtered(lambda media: media.attachment_id and media.inbound_id.mail_message_id):
            media.attachment_id.write(media._prepare_place())
            media.inbound_id.mail_message_id.write({'attachment_ids': [Command.link(media.attachment_id.id)]})

    # ------------------------------------------------------------
    # WHAT PEOPLE DO
    # ------------------------------------------------------------

    def _fetch_again(self):
        """Begin anew with what was given up or waits for its next try."""
        failed = self.filtered(lambda media: media.state == 'failed' or (media.state == 'waiting' and media.problem))
        failed.write({'state': 'waiting', 'attempts': 0, 'problem': False, 'problem_detail': False, 'url': False,
                      'next_at': fields.Datetime.now()})
        failed.inbound_id._refresh_shown()
        if failed:
            self._wake()

    def _drop(self):
        """The person deleted the messages: their files go as well."""
        for media in self.filtered('attachment_id'):
            media.attachment_id._delete_and_notify(media.inbound_id.mail_message_id)
        self.write({'state': 'deleted', 'problem': False, 'problem_detail': False})
