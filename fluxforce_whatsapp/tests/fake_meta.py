"""Meta's Graph API as the addon's tests meet it: at the wire, with settable refusals and faults."""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests
from urllib3.exceptions import NewConnectionError

HOST = 'graph.facebook.com'
MEDIA_HOST = 'lookaside.fbsbx.com'
WABA_ID = '217000000000001'
TOKEN = 'EAAfaketokenfaketokenfaketoken0001'
APP_ID = '330000000000001'
APP_SECRET = 'fake-app-secret-0123456789abcdef'
PHONE_ID = '560000000000001'
PHONE_ID_2 = '560000000000002'
# How the ids of files begin.
MEDIA_IDS = '7000000000000'
UNKNOWN_OBJECT = {'code': 100, 'error_subcode': 33, 'message': 'Unsupported get request. Object does not exist'}
# HTTP status by code, as Meta has it; 400 for the rest.
HTTP_STATUS = {190: 401, 10: 403, 200: 403, 131000: 500, 131031: 403, 132001: 404}


def number_row(phone_id=PHONE_ID, **values):
    """A business number as Meta lists it."""
    return {
        'id': phone_id,
        'display_phone_number': '+34 910 00 01 11',
        'verified_name': 'Simulated Bicycles',
        'status': 'CONNECTED',
        'quality_rating': 'GREEN',
        'throughput': {'level': 'STANDARD'},
        'whatsapp_business_manager_messaging_limit': 'TIER_2K',
        **values,
    }


def template_row(template_id, name, text, category='UTILITY', status='APPROVED', samples=(), more=(), **values):
    """A template as Meta lists it; ``samples`` is a list for {{1}} …, a dict for named variables."""
    body = {'type': 'BODY', 'text': text}
    if isinstance(samples, dict):
        body['example'] = {'body_text_named_params': [
            {'param_name': key, 'example': value} for key, value in samples.items()]}
    elif samples:
        body['example'] = {'body_text': [list(samples)]}
    return {
        'id': template_id, 'name': name, 'language': 'en', 'category': category, 'status': status,
        'parameter_format': 'NAMED' if isinstance(samples, dict) else 'POSITIONAL',
        'quality_score': {'score': 'UNKNOWN'}, 'rejected_reason': 'NONE', 'components': [body, *more], **values,
    }


def default_templates():
    footer = {'type': 'FOOTER', 'text': 'Tap Stop promotions and we will not write again.'}
    buttons = {'type': 'BUTTONS', 'buttons': [{'type': 'QUICK_REPLY', 'text': 'Stop promotions'}]}
    header = {'type': 'HEADER', 'format': 'TEXT', 'text': 'Spring is here'}
    return [
        template_row('9001', 'support_hours', 'Our support is open from 9 to 17 on weekdays.'),
        template_row('9002', 'order_update', 'Hi {{1}}, your order {{2}} is on its way.', samples=('Mira', 'S00042')),
        template_row('9003', 'spring_offer', 'Hi {{1}}, *all helmets* are 20% off.', 'MARKETING', samples=('Mira',),
                     more=(header, footer, buttons)),
        template_row('9004', 'appointment_reminder', 'Hi {{name}}, see you on {{date}}.',
                     samples={'name': 'Mira', 'date': '12 June'}),
        template_row('9005', 'summer_sale', 'Hi {{1}}, the sale starts soon.', 'MARKETING', 'PENDING', ('Mira',)),
    ]


def app_row(url=None, app_id=APP_ID):
    """An app as Meta lists it among those that get an account's webhooks."""
    row = {'whatsapp_business_api_data': {'id': app_id, 'name': 'Simulated app'}}
    return {**row, 'override_callback_uri': url} if url else row


@dataclass(frozen=True)
class Call:
    """One request that came in."""

    method: str
    endpoint: str
    path: str
    params: dict
    body: dict


def response(status, body, content_type='application/json'):
    """An HTTP answer as ``requests`` hands it out."""
    answer = requests.Response()
    answer.status_code = status
    answer._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer._content_consumed = True
    answer.headers['Content-Type'] = content_type
    return answer


def refused_connection():
    """What ``requests`` raises when nothing listens."""
    return requests.ConnectionError(NewConnectionError(None, 'Connection refused'))


class FakeMeta:
    """One account's world. May be called by several threads at once.

    :ivar calls: every request to Meta, in order
    :ivar subscriptions: the apps that get the account's webhooks, as Meta lists them
    :ivar wa_ids: WhatsApp's form of a number, by the number dialled, where they differ
    :ivar files: what people sent, by media id; see :meth:`keep_file`
    :ivar on_send: called with the body of a send before it is answered, or None
    """

    def __init__(self):
        self.calls = []
        self.numbers = [number_row(), number_row(PHONE_ID_2, display_phone_number='+34 910 00 02 22')]
        self.templates = default_templates()
        self.account = {'id': WABA_ID, 'name': 'Simulated Bicycles', 'currency': 'EUR',
                        'account_review_status': 'APPROVED'}
        self.subscriptions = []
        self.wa_ids = {}
        self.files = {}
        self.on_send = None
        self._failures = {}
        self._lock = threading.Lock()

    # --- Setting and asking ----------------------------------------------------------------------------------

    def fail(self, endpoint, what, to=None):
        """Let calls fail until :meth:`heal`.

        :param str endpoint: ``account``, ``phone_numbers``, ``message_templates``, ``subscribed_apps``, ``messages``,
            ``media`` (the question for a link, an upload), ``download``
        :param what: an error code of Meta's, a dict with the error object, an exception, or an HTTP response
        :param to: only sends to this number
        """
        self._failures[endpoint, to] = what

    def heal(self):
        self._failures.clear()

    def keep_file(self, content, mime_type='image/png', media_id='700000000000001', **values):
        """Have a file that a person sent.

        :return: what the webhook tells about it
        """
        digest = hashlib.sha256(content)
        self.files[media_id] = {
            'content': content, 'mime_type': mime_type, 'sha256': digest.hexdigest(), 'file_size': len(content)}
        return {'id': media_id, 'mime_type': mime_type, 'sha256': base64.b64encode(digest.digest()).decode(), **values}

    def called(self, endpoint):
        """:return: the calls of an endpoint."""
        return [call for call in self.calls if call.endpoint == endpoint]

    @property
    def uploads(self):
        """:return: the forms of all files brought to Meta."""
        return [call.body for call in self.called('media') if call.method == 'POST']

    @property
    def sends(self):
        """:return: the bodies of all sends."""
        return [call.body for call in self.called('messages')]

    # --- Answering -------------------------------------------------------------------------------------------

    def handle(self, request):
        """:return: the answer to a prepared request of ``requests``."""
        with self._lock:
            call = self._read(request)
            self.calls.append(call)
            count = len(self.calls)
        if call.endpoint == 'messages' and self.on_send:
            self.on_send(call.body)
        failure = self._failures.get((call.endpoint, call.body.get('to'))) or self._failures.get((call.endpoint, None))
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            return failure if isinstance(failure, requests.Response) else self._error(failure)
        scheme = 'OAuth' if call.endpoint == 'upload' else 'Bearer'
        if request.headers.get('Authorization') != f'{scheme} {TOKEN}':
            return self._error(190)
        return getattr(self, f'_answer_{call.endpoint}')(call, count)

    def _read(self, request):
        parts = urlsplit(request.url)
        if parts.hostname == MEDIA_HOST:
            return Call(request.method, 'download', parts.path, {}, {})
        segments = parts.path.strip('/').split('/')[1:]
        if segments[0].startswith('upload:'):
            return Call(request.method, 'upload', parts.path, {}, {'size': len(request.body or b'')})
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        alone = 'media' if segments[0].startswith(MEDIA_IDS) else 'account'
        if any(row['id'] == segments[0] for row in self.templates):
            alone = 'template'
        return Call(request.method, segments[1] if len(segments) > 1 else alone, parts.path, params,
                    self._read_body(request))

    def _read_body(self, request):
        """:return: what was sent along; of a form with a file its fields, the file's name, type and content"""
        content_type = request.headers.get('Content-Type') or ''
        if not content_type.startswith('multipart/'):
            return json.loads(request.body) if request.body else {}
        boundary = content_type.partition('boundary=')[2].encode()
        body = {}
        for part in request.body.split(b'--' + boundary)[1:-1]:
            head, __, content = part.strip(b'\r\n').partition(b'\r\n\r\n')
            told = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode()))
            body[told['name']] = content if 'filename' in told else content.decode()
            body.update({'filename': told['filename']} if 'filename' in told else {})
        return body

    def _error(self, error):
        if not isinstance(error, dict):
            error = {'code': error, 'message': f'Simulated refusal {error}'}
        return response(HTTP_STATUS.get(error['code'], 400), {'error': {'type': 'OAuthException', **error}})

    def _knows(self, call):
        return f'/{WABA_ID}' in call.path

    def _answer_account(self, call, _count):
        return response(200, self.account) if self._knows(call) else self._error(UNKNOWN_OBJECT)

    def _answer_phone_numbers(self, call, _count):
        return response(200, {'data': self.numbers}) if self._knows(call) else self._error(UNKNOWN_OBJECT)

    def _answer_message_templates(self, call, _count):
        return {'POST': self._create_template, 'DELETE': self._delete_template}.get(
            call.method, self._list_templates)(call)

    def _create_template(self, call):
        row = {'id': f'95{len(self.templates):04}', 'status': 'PENDING', 'quality_score': {'score': 'UNKNOWN'},
               'rejected_reason': 'NONE', **call.body}
        row['parameter_format'] = str(row.get('parameter_format', '')).upper()
        self.templates.append(row)
        return response(200, {name: row[name] for name in ('id', 'status', 'category')})

    def _delete_template(self, call):
        gone = [row for row in self.templates if row['name'] == call.params.get('name')
                and call.params.get('hsm_id') in (None, row['id'])]
        self.templates = [row for row in self.templates if row not in gone]
        return response(200, {'success': True})

    def _answer_template(self, call, _count):
        row, = [row for row in self.templates if row['id'] == call.path.rpartition('/')[2]]
        if call.method == 'GET':
            return response(200, row)
        changed = {name: call.body[name] for name in ('components', 'category') if name in call.body}
        row.update(changed, status='PENDING')
        return response(200, {'success': True})

    def _answer_unpause(self, call, _count):
        for row in self.templates:
            if row['id'] in call.path:
                row['status'] = 'APPROVED'
        return response(200, {'success': True})

    def _answer_uploads(self, _call, count):
        return response(200, {'id': f'upload:FAKE{count}'})

    def _answer_upload(self, call, _count):
        return response(200, {'h': f'4::{call.path.rpartition(":")[2]}'})

    def _list_templates(self, call):
        """Two pages, whatever the limit."""
        half = (len(self.templates) + 1) // 2
        if call.params.get('after') == 'page-2':
            return response(200, {'data': self.templates[half:]})
        paging = {'cursors': {'after': 'page-2'}, 'next': f'https://{HOST}/next'}
        return response(200, {'data': self.templates[:half], 'paging': paging})

    def _answer_subscribed_apps(self, call, _count):
        if call.method == 'GET':
            return response(200, {'data': self.subscriptions})
        self.subscriptions = [app_row(call.body.get('override_callback_uri'))]
        return response(200, {'success': True})

    def _answer_messages(self, call, count):
        to = call.body.get('to', '')
        wa_id = self.wa_ids.get(to, to.lstrip('+'))
        return response(200, {
            'messaging_product': 'whatsapp',
            'contacts': [{'input': to, 'wa_id': wa_id}],
            'messages': [{'id': f'wamid.FAKE{count:06d}', 'message_status': 'accepted'}],
        })

    def _answer_media(self, call, count):
        if call.method == 'POST':
            return response(200, {'id': f'{MEDIA_IDS}{count:02d}'})
        media_id = call.path.rpartition('/')[2]
        if media_id not in self.files:
            return self._error(UNKNOWN_OBJECT)
        told = {name: value for name, value in self.files[media_id].items() if name != 'content'}
        return response(200, {**told, 'id': media_id, 'url': f'https://{MEDIA_HOST}/fresh/{media_id}'})

    def _answer_download(self, call, _count):
        file = self.files.get(call.path.rpartition('/')[2])
        return response(200, file['content'], file['mime_type']) if file else response(404, b'Not Found', 'text/plain')
