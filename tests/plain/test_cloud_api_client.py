"""The client against a stand-in for Meta on this machine: what is known after each kind of answer or fault."""

import json
import socket
import threading
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from cloud_api import client, const, transport
from cloud_api.client import Client, SendResult
from cloud_api.errors import (
    ApiError,
    CloudApiError,
    ForeignHostError,
    MediaTooLargeError,
    NotSentError,
    OutcomeUnknownError,
    SettingsError,
    UnexpectedAnswerError,
)
from cloud_api.payloads import PayloadError, text_message
from cloud_api.usage import Usage

TOKEN = 'EAAtestTOKEN0123456789abcdef'
NUMBER = '520000000000001'
WABA = '310000000000001'
PAYLOAD = text_message('+351910000001', 'Hello', 'key-1')
ACCEPTED = {
    'messaging_product': 'whatsapp',
    'contacts': [{'input': '+351910000001', 'wa_id': '351910000001', 'user_id': 'PT.1001'}],
    'messages': [{'id': 'wamid.OUT0001', 'message_status': 'accepted'}],
}


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # many connect at once; the library lets five wait


class Meta:
    """A server whose answers are functions or constants; it remembers the requests it got."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        meta = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                request = {'method': self.command, 'path': self.path, 'headers': self.headers, 'body': body}
                meta.requests.append(request)
                answer = meta.answer(request) if callable(meta.answer) else meta.answer
                status, content, headers = (*answer, {})[:3]
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {'Content-Length': str(len(raw)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_DELETE = handle_any

            def log_message(self, *_args):
                pass

        self.server = Server(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv('NO_PROXY', '*')


@pytest.fixture(autouse=True, params=[False, True], ids=['requests', 'direct'])
def way(monkeypatch, request):
    """Whatever is known after a call must be known on both ways."""
    monkeypatch.setitem(globals(), 'Client', partial(client.Client, direct=request.param))


@contextmanager
def meta_answering(*answer):
    meta = Meta(answer[0] if len(answer) == 1 else answer)
    try:
        with Client(meta.url, 'v25.0', TOKEN, timeout=(1, 1)) as client:
            yield client, meta
    finally:
        meta.close()


@contextmanager
def raw_server(behaviour):
    """A TCP server that runs ``behaviour(connection, stop)`` for each connection; ``stop`` is set in the end."""
    stop = threading.Event()
    listener = socket.create_server(('127.0.0.1', 0))

    def serve():
        while not stop.is_set():
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=behave, args=(connection,), daemon=True).start()

    def behave(connection):
        with connection, suppress(OSError):
            behaviour(connection, stop)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f'http://127.0.0.1:{listener.getsockname()[1]}'
    finally:
        stop.set()
        listener.close()


def read_request(connection):
    """Read one whole send: the client writes its head and its body apart."""
    received = b''
    while not received.endswith(json.dumps(PAYLOAD).encode()):
        received += connection.recv(65536)


def send_to(url, timeout=(1, 0.3), total_timeout=2, **kwargs):
    with Client(url, 'v25.0', TOKEN, timeout=timeout, total_timeout=total_timeout, **kwargs) as client:
        return client.send(NUMBER, PAYLOAD)


def error_answer(code, message='Refused', **more):
    return {'error': {'message': message, 'type': 'OAuthException', 'code': code, 'fbtrace_id': 'trace-1', **more}}


# --- Sending: accepted or refused ----------------------------------------------------------------------------------


def test_accepted_message_gives_its_id():
    with meta_answering(200, ACCEPTED) as (client, _meta):
        assert client.send(NUMBER, PAYLOAD) == SendResult('wamid.OUT0001', '351910000001', 'PT.1001', 'accepted')


def test_send_posts_the_payload_to_the_number():
    with meta_answering(200, ACCEPTED) as (client, meta):
        client.send(NUMBER, PAYLOAD)
    request = meta.requests[0]
    assert (request['method'], request['path']) == ('POST', f'/v25.0/{NUMBER}/messages')
    assert json.loads(request['body']) == PAYLOAD
    assert request['headers']['Authorization'] == f'Bearer {TOKEN}'


def test_token_wins_over_netrc(tmp_path, monkeypatch):
    netrc = tmp_path / 'netrc'
    netrc.write_text('machine 127.0.0.1 login someone password else\n')
    monkeypatch.setenv('NETRC', str(netrc))
    with meta_answering(200, ACCEPTED) as (client, meta):
        client.send(NUMBER, PAYLOAD)
    assert meta.requests[0]['headers']['Authorization'] == f'Bearer {TOKEN}'


def test_result_without_contacts_is_still_accepted():
    with meta_answering(200, {'messages': [{'id': 'wamid.OUT0002'}]}) as (client, _meta):
        assert client.send(NUMBER, PAYLOAD) == SendResult('wamid.OUT0002')


def test_held_message_tells_so():
    answer = {'messages': [{'id': 'wamid.OUT0003', 'message_status': const.MESSAGE_STATUS_HELD}]}
    with meta_answering(200, answer) as (client, _meta):
        assert client.send(NUMBER, PAYLOAD).message_status == 'held_for_quality_assessment'


@pytest.mark.parametrize('status', [400, 429])
def test_throughput_error_counts_whatever_its_http_status(status):
    with meta_answering(status, error_answer(130429)) as (client, _meta), pytest.raises(ApiError) as caught:
        client.send(NUMBER, PAYLOAD)
    assert (caught.value.code, caught.value.info.action) == (130429, 'slow')


def test_error_carries_what_support_asks_for():
    answer = error_answer(131026, '(#131026) Undeliverable', error_data={'details': 'Not on WhatsApp'})
    with meta_answering(400, answer) as (client, _meta), pytest.raises(ApiError) as caught:
        client.send(NUMBER, PAYLOAD)
    error = caught.value
    assert (error.http_status, error.fbtrace_id, error.details) == (400, 'trace-1', 'Not on WhatsApp')


def test_server_fault_with_metas_error_is_a_refusal():
    with meta_answering(500, error_answer(131000)) as (client, _meta), pytest.raises(ApiError) as caught:
        client.send(NUMBER, PAYLOAD)
    assert caught.value.info.action == 'retry'


def test_error_object_in_a_200_is_a_refusal():
    with meta_answering(200, error_answer(131047)) as (client, _meta), pytest.raises(ApiError):
        client.send(NUMBER, PAYLOAD)


def test_revoked_token_stops_the_account():
    with meta_answering(401, error_answer(190)) as (client, _meta), pytest.raises(ApiError) as caught:
        client.send(NUMBER, PAYLOAD)
    assert caught.value.info.action == 'new_token'


# --- Sending: usage ------------------------------------------------------------------------------------------------

USAGE_HEADERS = {
    'x-app-usage': '{"call_count": 28, "total_cputime": 25, "total_time": 25}',
    'x-business-use-case-usage': json.dumps({WABA: [{'call_count': 85, 'estimated_time_to_regain_access': 3}]}),
}


def test_accepted_message_tells_the_usage():
    with meta_answering(200, ACCEPTED, USAGE_HEADERS) as (client, _meta):
        assert client.send(NUMBER, PAYLOAD).usage == Usage(85, 180)


def test_accepted_message_without_usage_headers_tells_none():
    with meta_answering(200, ACCEPTED) as (client, _meta):
        assert client.send(NUMBER, PAYLOAD).usage is None


@pytest.mark.parametrize('answer', [(400, error_answer(80007)), (502, b'<html>Bad gateway</html>')])
def test_error_tells_the_usage(answer):
    with meta_answering(*answer, USAGE_HEADERS) as (client, _meta), pytest.raises(CloudApiError) as caught:
        client.send(NUMBER, PAYLOAD)
    assert caught.value.usage == Usage(85, 180)


def test_odd_usage_headers_do_not_harm_a_send():
    with meta_answering(200, ACCEPTED, {'X-App-Usage': '{"call_count": [}'}) as (client, _meta):
        assert client.send(NUMBER, PAYLOAD) == SendResult('wamid.OUT0001', '351910000001', 'PT.1001', 'accepted')


# --- Sending: outcome unknown --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    'answer',
    [
        (200, b''),
        (200, b'<html>ok</html>'),
        (200, b'{"messages": [{"id": "wamid.cut'),
        (200, {'messages': []}),
        (200, {'messages': [{}]}),
        (200, {'messages': [{'id': ''}]}),
        (200, {'messages': [{'id': 7}]}),
        (200, {'messages': 'odd'}),
        (200, b'[]'),
        (200, b'[' * 100000),
        (502, b'<html>Bad gateway</html>'),
        (500, b'{}'),
        (503, b'{"error": "busy"}'),
        (504, {'error': {'code': None}}),
        (403, b'<html>Proxy says no</html>'),
    ],
)
def test_answer_without_id_or_metas_error_is_unknown(answer):
    with meta_answering(*answer) as (client, _meta), pytest.raises(OutcomeUnknownError) as caught:
        client.send(NUMBER, PAYLOAD)
    assert caught.value.http_status == answer[0]


def test_redirect_is_not_followed():
    with meta_answering(307, b'', {'Location': '/elsewhere'}) as (client, meta):
        with pytest.raises(OutcomeUnknownError):
            client.send(NUMBER, PAYLOAD)
        assert len(meta.requests) == 1


def test_send_is_never_repeated():
    with meta_answering(503, b'busy', {'Retry-After': '0'}) as (client, meta):
        with pytest.raises(OutcomeUnknownError):
            client.send(NUMBER, PAYLOAD)
        assert len(meta.requests) == 1


def test_connection_closed_after_the_request_is_unknown():
    def accept_then_close(connection, _stop):
        read_request(connection)

    with raw_server(accept_then_close) as url, pytest.raises(OutcomeUnknownError):
        send_to(url)


def test_connection_reset_after_the_request_is_unknown():
    def accept_then_reset(connection, _stop):
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\x00\x00\x00\x00\x00\x00\x00')

    with raw_server(accept_then_reset) as url, pytest.raises(OutcomeUnknownError):
        send_to(url)


def test_silence_after_the_request_is_unknown():
    def hang(connection, stop):
        read_request(connection)
        stop.wait(10)

    with raw_server(hang) as url, pytest.raises(OutcomeUnknownError):
        send_to(url)


def test_answer_cut_in_the_middle_is_unknown():
    def cut(connection, _stop):
        read_request(connection)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"messages":[{"id":"wamid.X"}]}')

    with raw_server(cut) as url, pytest.raises(OutcomeUnknownError):
        send_to(url)


def test_no_http_at_all_is_unknown():
    def rubbish(connection, _stop):
        read_request(connection)
        connection.sendall(b'220 mail.example ready\r\n')

    with raw_server(rubbish) as url, pytest.raises(OutcomeUnknownError):
        send_to(url)


@pytest.mark.parametrize('start', [b'HTTP/1.1 200 OK\r\nX: ', b'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n'])
def test_dripping_answer_ends_at_the_total_deadline(start):
    def drip(connection, stop):
        read_request(connection)
        connection.sendall(start)
        while not stop.wait(0.05):
            connection.sendall(b' ')

    with raw_server(drip) as url, pytest.raises(OutcomeUnknownError):
        send_to(url, total_timeout=0.4)


def test_kept_connection_closed_by_the_server_is_unknown():
    answer = json.dumps(ACCEPTED).encode()
    head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n'.encode()

    def one_answer_then_close_upon_the_second_request(connection, _stop):
        read_request(connection)
        connection.sendall(head + answer)
        read_request(connection)

    with (
        raw_server(one_answer_then_close_upon_the_second_request) as url,
        Client(url, 'v25.0', TOKEN, timeout=(1, 1)) as client,
    ):
        client.send(NUMBER, PAYLOAD)
        with pytest.raises(OutcomeUnknownError):
            client.send(NUMBER, PAYLOAD)


def test_oversized_answer_to_a_send_is_unknown(monkeypatch):
    call = client.Client._call
    monkeypatch.setattr(call, '__defaults__', (None, 100, *call.__defaults__[2:]))
    with meta_answering(200, b' ' * 101) as (sender, _meta), pytest.raises(OutcomeUnknownError):
        sender.send(NUMBER, PAYLOAD)


# --- Sending: surely not sent --------------------------------------------------------------------------------------


def refused_url():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return f'http://127.0.0.1:{listener.getsockname()[1]}'


def test_refused_connection_was_not_sent():
    with pytest.raises(NotSentError):
        send_to(refused_url())


def test_refused_connection_was_not_sent_with_a_foreign_session():
    with requests.Session() as session, pytest.raises(NotSentError):
        send_to(refused_url(), session=session)


def test_unknown_host_was_not_sent():
    with pytest.raises(NotSentError):
        send_to('http://graph.invalid')


def test_failed_tls_handshake_was_not_sent():
    def talk_plain_text(connection, _stop):
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')

    with raw_server(talk_plain_text) as url, pytest.raises(NotSentError):
        send_to(url.replace('http:', 'https:'))


def test_silence_during_the_tls_handshake_was_not_sent():
    def hang(_connection, stop):
        stop.wait(10)

    with raw_server(hang) as url, pytest.raises(NotSentError):
        send_to(url.replace('http:', 'https:'), timeout=(0.3, 0.3))


def test_unreachable_proxy_was_not_sent(monkeypatch):
    monkeypatch.delenv('NO_PROXY')
    monkeypatch.delenv('no_proxy', raising=False)
    monkeypatch.setenv('HTTPS_PROXY', refused_url())
    with pytest.raises(NotSentError):
        send_to('https://graph.invalid')


def test_failure_handled_by_the_caller_does_not_colour_the_next():
    with meta_answering(502, b'') as (client, _meta):
        try:
            send_to(refused_url())
        except NotSentError:
            with pytest.raises(OutcomeUnknownError):
                client.send(NUMBER, PAYLOAD)


@pytest.mark.parametrize('base_url', ['', 'graph.facebook.com', 'http://', 'http://[broken', 'ftp://graph.invalid'])
def test_wrong_address_is_a_setting_to_correct(base_url):
    with pytest.raises(SettingsError):
        send_to(base_url)


@pytest.mark.parametrize('token', ['', None, '  ', 'with space inside', 'line\nbreak', 'schlüssel'])
def test_unusable_token_is_a_setting_to_correct(token):
    with Client('http://127.0.0.1:9', 'v25.0', token) as client, pytest.raises(SettingsError):
        client.send(NUMBER, PAYLOAD)


@pytest.mark.parametrize('number', ['', None, False, '..', 'a/b', '1?x=1', 520])
def test_unusable_id_is_a_setting_to_correct(number):
    with Client('http://127.0.0.1:9', 'v25.0', TOKEN) as client, pytest.raises(SettingsError):
        client.send(number, PAYLOAD)


@pytest.mark.parametrize('version', ['', 'latest', '25.0', 'v25.0/..'])
def test_unusable_version_is_a_setting_to_correct(version):
    with Client('http://127.0.0.1:9', version, TOKEN) as client, pytest.raises(SettingsError):
        client.send(NUMBER, PAYLOAD)


@pytest.mark.parametrize('payload', [{'x': float('nan')}, {'x': object()}, {'x': b''}])
def test_payload_that_is_no_json_is_not_sent(payload):
    with meta_answering(200, ACCEPTED) as (client, meta):
        with pytest.raises(SettingsError):
            client.send(NUMBER, payload)
        assert meta.requests == []


def test_payload_goes_as_json():
    with meta_answering(200, ACCEPTED) as (client, meta):
        client.send(NUMBER, PAYLOAD)
    assert meta.requests[0]['headers']['Content-Type'] == 'application/json'


# --- Secrets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    'answer',
    [
        (401, error_answer(190, f'Malformed access token {TOKEN}')),
        (400, error_answer(100, 'Odd', error_data={'details': f'access_token={TOKEN}&x=1'})),
        (502, f'<html>GET /v25.0?access_token={TOKEN} Authorization: Bearer {TOKEN}</html>'.encode()),
        (200, TOKEN.encode()),
    ],
)
def test_no_answer_brings_the_token_into_an_exception(answer):
    with meta_answering(*answer) as (client, _meta), pytest.raises(CloudApiError) as caught:
        client.send(NUMBER, PAYLOAD)
    assert TOKEN not in str(caught.value) + repr(vars(caught.value)) + getattr(caught.value, 'user_message', '')


def test_no_transport_failure_brings_the_token_into_an_exception():
    with pytest.raises(NotSentError) as caught:
        send_to(f'{refused_url()}/{TOKEN}')
    assert TOKEN not in str(caught.value)


def test_client_does_not_show_its_token():
    assert TOKEN not in repr(Client('http://127.0.0.1:9', 'v25.0', TOKEN))


def test_verify_token_does_not_come_back_in_an_exception():
    answer = error_answer(2200, 'Handshake with hook-secret-1 failed')
    with meta_answering(400, answer) as (client, _meta), pytest.raises(ApiError) as caught:
        client.subscribe_app(WABA, 'https://example.com/hook', 'hook-secret-1')
    assert 'hook-secret-1' not in str(caught.value)


# --- Session -------------------------------------------------------------------------------------------------------


def test_connection_is_kept_between_sends():
    ports = set()

    def answer(request):
        return 200, ACCEPTED

    with meta_answering(answer) as (client, meta):
        original = meta.server.process_request

        def remember(request, address):
            ports.add(address[1])
            original(request, address)

        meta.server.process_request = remember
        client.send(NUMBER, PAYLOAD)
        client.send(NUMBER, PAYLOAD)
    assert len(ports) == 1


def test_shared_session_stays_open():
    with meta_answering(200, ACCEPTED) as (_client, meta), transport.new_session() as session:
        for _time in range(2):
            with Client(meta.url, 'v25.0', TOKEN, session=session) as client:
                assert client.send(NUMBER, PAYLOAD).message_id == 'wamid.OUT0001'


def test_cookies_are_not_kept():
    with meta_answering(200, ACCEPTED, {'Set-Cookie': 'a=b; Path=/'}) as (client, meta):
        client.send(NUMBER, PAYLOAD)
        client.send(NUMBER, PAYLOAD)
    assert 'Cookie' not in meta.requests[1]['headers']


def test_threads_may_send_at_once():
    results = []

    def answer(request):
        key = json.loads(request['body'])['biz_opaque_callback_data']
        return 200, {'messages': [{'id': f'wamid.{key}'}]}

    with meta_answering(answer) as (client, _meta):

        def send(key):
            results.append((key, client.send(NUMBER, text_message('+351910000001', 'Hello', key)).message_id))

        threads = [threading.Thread(target=send, args=(f'key-{number}',)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 40
    assert all(message_id == f'wamid.{key}' for key, message_id in results)


def test_retries_are_off():
    assert transport.new_session().get_adapter('https://graph.facebook.com').max_retries.total == 0


# --- Management ----------------------------------------------------------------------------------------------------


def test_account_is_read_with_its_fields():
    with meta_answering(200, {'id': WABA, 'name': 'Shop'}) as (client, meta):
        assert client.get_account(WABA)['name'] == 'Shop'
    assert meta.requests[0]['path'].startswith(f'/v25.0/{WABA}?fields=id%2Cname')


@pytest.mark.parametrize('body', [b'<html><h1>Log\x00in</h1></html>', b'', b'[1]', b'"text"', b'\xff\xfe'])
def test_answer_that_is_not_metas_is_named(body):
    with meta_answering(200, body) as (client, _meta), pytest.raises(UnexpectedAnswerError) as caught:
        client.get_account(WABA)
    assert caught.value.http_status == 200
    assert str(caught.value).isprintable()


def test_management_call_answered_without_success_is_not_taken_for_one():
    with meta_answering(200, {'success': False}) as (client, _meta), pytest.raises(UnexpectedAnswerError):
        client.unsubscribe_app(WABA)


def paged(pages):
    """Answer with the page named by ``after``; each page is (rows, cursor of the next)."""

    def answer(request):
        after = request['path'].split('after=')[1] if 'after=' in request['path'] else ''
        rows, following = pages[after]
        paging = {'cursors': {'after': following}, 'next': 'https://graph.facebook.com/next'} if following else {}
        return 200, {'data': rows, 'paging': paging}

    return answer


def test_templates_of_all_pages_are_listed():
    pages = {'': ([{'id': '1'}], 'A'), 'A': ([{'id': '2'}], 'B'), 'B': ([{'id': '3'}], '')}
    with meta_answering(paged(pages)) as (client, meta):
        assert [row['id'] for row in client.list_templates(WABA)] == ['1', '2', '3']
    assert 'limit=100' in meta.requests[0]['path']


def test_last_page_may_carry_a_cursor():
    answer = {'data': [{'id': '1'}], 'paging': {'cursors': {'before': 'A', 'after': 'B'}}}
    with meta_answering(200, answer) as (client, meta):
        assert len(client.list_phone_numbers(WABA)) == 1
    assert len(meta.requests) == 1


@pytest.mark.parametrize('cursors', [{'after': 'A'}, {}, None])
def test_listing_without_end_is_an_error(cursors):
    answer = {'data': [{'id': '1'}], 'paging': {'cursors': cursors, 'next': 'https://graph.facebook.com/next'}}
    with meta_answering(200, answer) as (client, _meta), pytest.raises(UnexpectedAnswerError):
        client.list_templates(WABA)


def expiring(times):
    """Refuse the second page as expired, so many times."""
    left = [times]

    def answer(request):
        if 'after=' not in request['path']:
            return 200, {'data': [{'id': '1'}], 'paging': {'cursors': {'after': 'A'}, 'next': 'x'}}
        if left[0]:
            left[0] -= 1
            return 400, error_answer(131059)
        return 200, {'data': [{'id': '2'}]}

    return answer


def test_expired_cursor_starts_the_listing_again():
    with meta_answering(expiring(1)) as (client, _meta):
        assert [row['id'] for row in client.list_templates(WABA)] == ['1', '2']


def test_cursor_expired_twice_is_an_error():
    with meta_answering(expiring(2)) as (client, _meta), pytest.raises(ApiError) as caught:
        client.list_templates(WABA)
    assert caught.value.code == 131059


def test_template_is_submitted():
    answer = {'id': '700001', 'status': 'PENDING', 'category': 'MARKETING'}
    with meta_answering(200, answer) as (client, meta):
        assert client.create_template(WABA, {'name': 'order_ready'}) == answer
    assert json.loads(meta.requests[0]['body']) == {'name': 'order_ready'}


def test_template_error_names_metas_real_reason():
    answer = error_answer(100, 'Invalid parameter', error_subcode=2388293, error_user_msg='Too many variables')
    with meta_answering(400, answer) as (client, _meta), pytest.raises(ApiError) as caught:
        client.create_template(WABA, {})
    assert caught.value.info.code == 2388293
    assert 'Too many variables' in caught.value.user_message


def test_subscription_carries_address_and_token():
    with meta_answering(200, {'success': True}) as (client, meta):
        client.subscribe_app(WABA, 'https://example.com/hook', 'hook-secret-1')
    wanted = {'override_callback_uri': 'https://example.com/hook', 'verify_token': 'hook-secret-1'}
    assert json.loads(meta.requests[0]['body']) == wanted


def test_subscription_without_address_uses_the_apps_own():
    with meta_answering(200, {'success': True}) as (client, meta):
        client.subscribe_app(WABA)
    assert meta.requests[0]['body'] in (b'', b'{}')


def test_subscription_address_too_long_for_meta():
    with Client('http://127.0.0.1:9', 'v25.0', TOKEN) as client, pytest.raises(PayloadError):
        client.subscribe_app(WABA, 'https://example.com/' + 'x' * 200, 'hook-secret-1')


def test_subscribed_apps_are_listed():
    with meta_answering(200, {'data': [{'whatsapp_business_api_data': {'id': '9'}}]}) as (client, _meta):
        assert client.list_subscribed_apps(WABA)[0]['whatsapp_business_api_data']['id'] == '9'


def test_unsubscribing_deletes():
    with meta_answering(200, {'success': True}) as (client, meta):
        client.unsubscribe_app(WABA)
    assert meta.requests[0]['method'] == 'DELETE'


def test_message_is_marked_as_read():
    with meta_answering(200, {'success': True}) as (client, meta):
        client.mark_read(NUMBER, 'wamid.IN0001')
    wanted = {'messaging_product': 'whatsapp', 'status': 'read', 'message_id': 'wamid.IN0001'}
    assert json.loads(meta.requests[0]['body']) == wanted


# --- Media ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('method', 'more'), [('mark_read', {}), ('show_typing', {'typing_indicator': {'type': 'text'}})])
def test_received_message_is_marked(method, more):
    with meta_answering(200, {'success': True}) as (client, meta):
        assert getattr(client, method)(NUMBER, 'wamid.A') == {'success': True}
    assert meta.requests[0]['path'] == f'/v25.0/{NUMBER}/messages'
    assert json.loads(meta.requests[0]['body']) == {
        'messaging_product': 'whatsapp', 'status': 'read', 'message_id': 'wamid.A', **more}


def test_upload_gives_the_media_id():
    with meta_answering(200, {'id': '9001'}) as (client, meta):
        assert client.upload_media(NUMBER, b'%PDF-1', 'application/pdf', 'offer.pdf') == '9001'
    body = meta.requests[0]['body']
    assert b'name="messaging_product"' in body and b'%PDF-1' in body and b'Content-Type: application/pdf' in body


@pytest.mark.parametrize(
    ('filename', 'told'),
    [
        ('../../etc/passwd', 'passwd'),
        ('C:\\temp\\offer.pdf', 'offer.pdf'),
        ('Rechnung März.pdf', 'Rechnung_M_rz.pdf'),
        ('a"\r\nX: y.pdf', 'a_X_y.pdf'),
        ('', 'file'),
    ],
)
def test_upload_tells_a_harmless_file_name(filename, told):
    with meta_answering(200, {'id': '9001'}) as (client, meta):
        client.upload_media(NUMBER, b'x', 'application/pdf', filename)
    assert f'filename="{told}"'.encode() in meta.requests[0]['body']


def test_upload_without_id_is_an_error():
    with meta_answering(200, {}) as (client, _meta), pytest.raises(UnexpectedAnswerError):
        client.upload_media(NUMBER, b'x', 'image/png', 'a.png')


def test_media_is_looked_up_for_a_number():
    with meta_answering(200, {'id': '9001', 'url': 'https://lookaside.fbsbx.com/x'}) as (client, meta):
        assert client.get_media('9001', NUMBER)['url'] == 'https://lookaside.fbsbx.com/x'
    assert meta.requests[0]['path'] == f'/v25.0/9001?phone_number_id={NUMBER}'


def test_media_is_downloaded_with_the_token():
    with meta_answering(200, b'\x89PNG') as (client, meta):
        assert client.download_media(f'{meta.url}/file', 10) == b'\x89PNG'
    assert meta.requests[0]['headers']['Authorization'] == f'Bearer {TOKEN}'


def test_media_larger_than_allowed_is_not_read():
    with meta_answering(200, b'x' * 11) as (client, meta), pytest.raises(MediaTooLargeError):
        client.download_media(f'{meta.url}/file', 10)


def test_expired_media_address_is_told_by_its_status():
    with meta_answering(404, b'Not found') as (client, meta), pytest.raises(UnexpectedAnswerError) as caught:
        client.download_media(f'{meta.url}/file', 100)
    assert caught.value.http_status == 404


def test_media_is_followed_to_where_meta_sends_us_on():
    def send_on(connection, _stop):
        path = connection.recv(65536).split(b' ')[1]
        answer = b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfound'
        if path == b'/file':
            answer = b'HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n'
        connection.sendall(answer)

    with raw_server(send_on) as url, Client(url, 'v25.0', TOKEN, timeout=(1, 1)) as client:
        assert client.download_media(f'{url}/file', 100) == b'found'


def test_media_is_not_followed_to_a_foreign_host():
    def send_away(connection, _stop):
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 302 Found\r\nLocation: https://evil.example/x\r\nContent-Length: 0\r\n\r\n')

    with (
        raw_server(send_away) as url,
        Client(url, 'v25.0', TOKEN, timeout=(1, 1)) as client,
        pytest.raises(ForeignHostError),
    ):
        client.download_media(f'{url}/file', 100)


def test_media_sent_on_for_ever_is_given_up():
    def send_round(connection, _stop):
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n')

    with (
        raw_server(send_round) as url,
        Client(url, 'v25.0', TOKEN, timeout=(1, 1)) as client,
        pytest.raises(UnexpectedAnswerError),
    ):
        client.download_media(f'{url}/file', 100)


def test_media_cut_off_is_not_taken_for_whole():
    def cut(connection, _stop):
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')

    with (
        raw_server(cut) as url,
        Client(url, 'v25.0', TOKEN, timeout=(1, 1)) as client,
        pytest.raises(OutcomeUnknownError),
    ):
        client.download_media(f'{url}/file', 1000)


@pytest.mark.parametrize(
    'url',
    [
        'https://evil.example/file',
        'http://lookaside.fbsbx.com/file',
        'https://evilfbsbx.com/file',
        'https://lookaside.fbsbx.com.evil.example/file',
        'https://evil.example\\@lookaside.fbsbx.com/file',
        'https://lookaside.fbsbx.com@evil.example/file',
        'https://lookaside.fbsbx.com:8443/file',
        'https://evil.example#.fbsbx.com',
        'file:///etc/passwd',
        '',
        None,
    ],
)
def test_token_goes_to_no_foreign_host(url):
    with Client('https://graph.facebook.com', 'v25.0', TOKEN) as client, pytest.raises(SettingsError):
        client.download_media(url, 100)


@pytest.mark.parametrize('url', ['https://lookaside.fbsbx.com/a?mid=1', 'https://graph.facebook.com/a'])
def test_metas_hosts_may_have_the_token(url):
    assert Client('https://graph.facebook.com', 'v25.0', TOKEN)._may_hold_token(url)
