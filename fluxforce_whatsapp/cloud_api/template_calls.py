"""Templates at Meta: create, edit, delete, read, unpause, and the samples of their headers [M26:templates, GU]."""

import re
from enum import StrEnum

from . import const
from .client import plain_file_name
from .errors import CloudApiError, NotSentError, OutcomeUnknownError, SettingsError, UnexpectedAnswerError
from .payloads import PayloadError
from .reading import string


class SampleProblem(StrEnum):
    """Why a file cannot be the sample of a header."""

    EMPTY = 'empty'
    TYPE = 'type'
    TOO_LARGE = 'too_large'
    OTHER_CONTENT = 'other_content'


class AppUnknownError(SettingsError):
    """Files are uploaded to an app, and it is not known which."""


#: How the files begin that are taken as samples. [own, from the formats]
_BEGINNINGS = {
    'application/pdf': re.compile(rb'%PDF-'),
    'image/jpeg': re.compile(rb'\xff\xd8\xff'),
    'image/png': re.compile(rb'\x89PNG\r\n\x1a\n'),
    'video/mp4': re.compile(rb'....ftyp', re.DOTALL),
}
#: Written so in the wild.
_OTHER_NAMES = {'image/jpg': 'image/jpeg'}


def sample_type(mime_type):
    """:return: the type as Meta's list has it, in lower case."""
    mime_type = (mime_type or '').split(';')[0].strip().lower()
    return _OTHER_NAMES.get(mime_type, mime_type)


def sample_problem(content, mime_type):
    """Tell why a file cannot be a sample, before any call.

    :param bytes content: of the file
    :param str mime_type: what it is said to be
    :return: a :class:`SampleProblem`, None for a good one
    """
    mime_type = sample_type(mime_type)
    if mime_type not in const.SAMPLE_TYPES:
        return SampleProblem.TYPE
    if not content:
        return SampleProblem.EMPTY
    if len(content) > const.SAMPLE_TYPES[mime_type][1]:
        return SampleProblem.TOO_LARGE
    return None if _BEGINNINGS[mime_type].match(content) else SampleProblem.OTHER_CONTENT


def creation_body(spec):
    """Build what Meta creates a template from.

    :param dict spec: Meta's creation form; what Meta does not know of it is left out
    :rtype: dict
    """
    return {key: spec[key] for key in const.TEMPLATE_CREATION_KEYS if spec.get(key) not in (None, False, '')}


def edit_body(spec, category_now=''):
    """Build what Meta changes a template by: its components as a whole, its time to live, maybe its category.

    :param dict spec: Meta's creation form
    :param str category_now: as Meta holds it: the same is not sent again, because an approved template keeps its own
    :rtype: dict
    """
    body = {key: spec[key] for key in const.TEMPLATE_EDIT_KEYS if spec.get(key) not in (None, False, '')}
    if string(body, 'category').upper() == (category_now or '').upper():
        body.pop('category', None)
    return body


class TemplateCalls:
    """The templates of one account at Meta; errors of all calls as ``Client.get_account``.

    An outcome that is unknown (``OutcomeUnknownError``) may have created or changed the template: read the list before
    the call is made again.

    :param Client client: of the account
    :param str waba_id: id of the account
    :param str app_id: of the app that the token belongs to, for uploads; '' to read it from the subscription
    """

    def __init__(self, client, waba_id, app_id=''):
        self._client = client
        self._waba_id = waba_id
        self._app_id = app_id

    # --- Templates -------------------------------------------------------------------------------------------------

    def create_template(self, spec):
        """Submit a template to Meta's review.

        :param dict spec: Meta's creation form
        :return: ``id``, ``status`` and the ``category`` Meta gave it, which may differ from the one asked for
        :rtype: dict
        """
        answer = self._client.create_template(self._waba_id, creation_body(spec))
        if not answer.get('id'):
            raise UnexpectedAnswerError('The template was answered without an id.')
        return {'id': str(answer['id']), 'status': string(answer, 'status') or 'PENDING',
                'category': string(answer, 'category') or string(spec, 'category')}

    def edit_template(self, template_id, spec, category_now=''):
        """Change a template; Meta reviews it anew.

        :param str template_id: Meta's
        :param dict spec: Meta's creation form; name and language stay as they are
        :param str category_now: see :func:`edit_body`
        :return: Meta's answer
        :rtype: dict
        """
        return self._client.manage('POST', template_id, payload=edit_body(spec, category_now))

    def delete_template(self, name, template_id=None):
        """Delete a template in all its languages, or in one.

        :param str name: of the template
        :param template_id: Meta's id of the only language to delete
        :return: Meta's answer
        :rtype: dict
        :raise SettingsError: without a name, which is what Meta deletes by
        """
        if not name:
            raise SettingsError('The name of the template is missing.')
        params = {'name': name, **({'hsm_id': template_id} if template_id else {})}
        return self._client.manage('DELETE', self._waba_id, 'message_templates', params=params)

    def template(self, template_id):
        """Read a template as Meta holds it now.

        :param str template_id: Meta's
        :return: the fields of ``const.TEMPLATE_FIELDS`` that Meta gives
        :rtype: dict
        """
        return self._client.manage('GET', template_id, params={'fields': ','.join(const.TEMPLATE_FIELDS)})

    def unpause_template(self, template_id):
        """Let a template go on that was paused while Meta paced it; timed pauses end by themselves.

        :param str template_id: Meta's
        :return: Meta's answer
        :rtype: dict
        """
        return self._client.manage('POST', template_id, 'unpause')

    # --- Samples ---------------------------------------------------------------------------------------------------

    def upload_sample(self, content, filename, mime_type):
        """Upload the sample of a header; a broken upload goes on where it stopped.

        :param bytes content: of the file
        :param str filename: only its last part is told to Meta, in ASCII
        :param str mime_type: see ``const.SAMPLE_TYPES``
        :return: the handle for ``example.header_handle``; it is no media id
        :rtype: str
        :raise PayloadError: with ``field`` = ``sample`` and a :class:`SampleProblem` as text, before any call
        """
        problem = sample_problem(content, mime_type)
        if problem:
            raise PayloadError('sample', problem)
        return self._finish(self._begin(content, filename, sample_type(mime_type)), content)

    def _begin(self, content, filename, mime_type):
        params = {'file_name': plain_file_name(filename), 'file_length': len(content), 'file_type': mime_type}
        return string(self._client.manage('POST', self._app(), 'uploads', params=params), 'id')

    def _app(self):
        if not self._app_id:
            apps = self._client.list_subscribed_apps(self._waba_id)
            data = [app.get('whatsapp_business_api_data') for app in apps]
            ids = [string(app, 'id') for app in data if isinstance(app, dict)]
            self._app_id = ids[0] if len(ids) == 1 else ''
        if not self._app_id:
            raise AppUnknownError('The id of the Meta app is missing on the account.')
        return self._app_id

    def _finish(self, session_id, content, resumes=const.UPLOAD_RESUMES):
        """Send the file; after a break ask how far it came and send the rest."""
        try:
            is_resumed = resumes < const.UPLOAD_RESUMES
            offset = self._received(session_id, len(content)) if is_resumed else 0
            return self._send(session_id, content, offset)
        except CloudApiError as error:
            if not resumes or not _is_break(error):
                raise
        return self._finish(session_id, content, resumes - 1)

    def _send(self, session_id, content, offset):
        headers = {'file_offset': str(offset), 'Content-Type': 'application/octet-stream'}
        answer = self._client.upload_session('POST', session_id, data=content[offset:], headers=headers)
        if not string(answer, 'h'):
            raise UnexpectedAnswerError('The upload was answered without a handle.')
        return answer['h']

    def _received(self, session_id, size):
        offset = self._client.upload_session('GET', session_id).get('file_offset')
        offset = int(offset) if str(offset).isdigit() else -1
        if not 0 <= offset <= size:
            raise UnexpectedAnswerError('The upload does not tell how far it is.')
        return offset


def _is_break(error):
    """:return: whether an upload may go on after it: the line or what stands before Meta failed, not the request."""
    if isinstance(error, UnexpectedAnswerError):
        return (error.http_status or 0) >= 500
    return isinstance(error, (NotSentError, OutcomeUnknownError)) and not isinstance(error, SettingsError)
