"""A caller of the Graph port and a receiver of webhooks, for tests."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests

from . import world

FAST = {'sent_after': 0.0, 'delivered_after': 0.01, 'read_after': 0.01, 'reply_after': 0.01, 'review_seconds': 0.01}


class GraphClient:
    """Calls of one token; paths are relative to the version, e.g. `<PHONE_ID>/messages`."""

    def __init__(self, base_url, token=world.TOKEN, version='v24.0'):
        """Keep one session."""
        self.url = f'{base_url}/{version}'
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers['Authorization'] = f'Bearer {token}'

    def call(self, method, path, **options):
        """Return the response of one call."""
        options.setdefault('timeout', 10)
        return self.session.request(method, f'{self.url}/{path}', **options)

    def get(self, path, **params):
        """Return the response of a GET."""
        return self.call('GET', path, params=params)

    def post(self, path, data=None):
        """Return the response of a POST with a JSON body."""
        return self.call('POST', path, json={} if data is None else data)

    def delete(self, path, **params):
        """Return the response of a DELETE."""
        return self.call('DELETE', path, params=params)

    def send(self, data, phone_id=world.PHONE_ID):
        """Return the response of a send."""
        return self.post(f'{phone_id}/messages', data)


def message(to=world.PERSON_READS, **more):
    """Return the envelope of a message; a key with value None is left out."""
    data = {'messaging_product': 'whatsapp', 'recipient_type': 'individual', 'to': f'+{to}', **more}
    return {key: value for key, value in data.items() if value is not None}


def text(body='Hello', to=world.PERSON_READS, **more):
    """Return a text message."""
    return message(to, type='text', text={'body': body}, **more)


def template(name='order_update', language='en', values=('Mira', 'S00042'), to=world.PERSON_READS, components=None,
             **more):
    """Return a template message; `values` fill the body, `components` replace everything."""
    if components is None:
        components = [body(*values)] if values else []
    content = {'name': name, 'language': {'code': language}, 'components': components}
    return message(to, type='template', template=content, **more)


def body(*values):
    """Return a body component with positional texts."""
    return {'type': 'body', 'parameters': [{'type': 'text', 'text': value} for value in values]}


class Receiver:
    """A webhook endpoint in a thread. Set `answers` to a list of HTTP codes to be used up first."""

    def __init__(self, verify_token=world.VERIFY_TOKEN):
        """Listen on a free port of the loopback."""
        self.verify_token = verify_token
        self.answers = []
        self.posts = []
        self.lock = threading.Lock()
        handler = type('Handler', (_Handler,), {'receiver': self})
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}/hook'
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def take(self, headers, raw):
        """Keep one POST and return the HTTP code to answer."""
        with self.lock:
            code = self.answers.pop(0) if self.answers else 200
            self.posts.append({'headers': headers, 'raw': raw, 'json': json.loads(raw), 'code': code})
            return code

    def values(self, field='messages'):
        """Return all values of one field that were acknowledged, in order of arrival."""
        with self.lock:
            return [change['value'] for post in self.posts if post['code'] == 200
                    for entry in post['json']['entry'] for change in entry['changes'] if change['field'] == field]

    def items(self, kind):
        """Return all `statuses` or `messages` in order of arrival."""
        return [item for value in self.values() for item in value.get(kind, ())]

    def statuses(self):
        """Return the names of the statuses in order of arrival."""
        return [item['status'] for item in self.items('statuses')]

    def close(self):
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class _Handler(BaseHTTPRequestHandler):
    receiver = None

    def do_GET(self):
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        good = query.get('hub.verify_token') == self.receiver.verify_token
        self._answer(200 if good else 403, query.get('hub.challenge', '') if good else 'no')

    def do_POST(self):
        raw = self.rfile.read(int(self.headers['Content-Length']))
        self._answer(self.receiver.take(dict(self.headers), raw), '')

    def _answer(self, code, content):
        self.send_response(code)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *args):
        """Stay silent."""
