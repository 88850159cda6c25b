"""Whether Meta and we reach each other: where the webhooks go, and what our own address answers."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import requests
from cloud_api import checkup
from cloud_api.errors import ApiError, NotSentError

URL = 'https://odoo.example.com/webhook/abc'
PLAN = checkup.Plan('310000000000001', URL, 'verify-me')


def row(app_id='1', url=''):
    return {'whatsapp_business_api_data': {'id': app_id}, **({'override_callback_uri': url} if url else {})}


class Client:
    """Answers like the client of the Graph API; what is subscribed here shows in the next listing."""

    def __init__(self, rows=(), error=None, refusal=None):
        self.rows, self.error, self.refusal, self.repairs = list(rows), error, refusal, 0

    def get_account(self, _waba_id):
        if self.error:
            raise self.error

    def list_subscribed_apps(self, _waba_id):
        return self.rows

    def subscribe_here(self, _waba_id, url, _verify_token):
        if self.refusal:
            raise self.refusal
        self.repairs += 1
        self.rows = [row('1', url)]


class Session:
    """Answers a handshake with the challenge, or as it is told."""

    def __init__(self, status=200, body=None, error=None):
        self.status, self.body, self.error, self.asked = status, body, error, None

    def get(self, url, params, **options):
        if self.error:
            raise self.error
        self.asked = (url, params, options)
        body = params['hub.challenge'] if self.body is None else self.body
        return nullcontext(SimpleNamespace(status_code=self.status, iter_content=lambda _size: iter([body.encode()])))


# --- Where the webhooks go -----------------------------------------------------------------------------------------


def test_our_address_among_several_is_ours():
    assert checkup.place_of([row('1', 'https://other.example.com'), row('2', URL)], URL) == (checkup.HERE, '')


@pytest.mark.parametrize('rows', [[], [row('1')], [row('1'), row('2', 'https://other.example.com')]])
def test_no_address_is_a_lost_one(rows):
    assert checkup.place_of(rows, URL) == (checkup.LOST, '')


def test_another_address_is_left_where_it_is():
    assert checkup.place_of([row('1', 'https://other.example.com/secret')], URL) == (
        checkup.ELSEWHERE, 'other.example.com')


def test_another_apps_address_is_not_ours():
    assert checkup.place_of([row('2', 'https://other.example.com')], URL, app_id='1') == (checkup.LOST, '')


def test_rows_of_an_odd_form_are_no_subscription():
    assert checkup.place_of([{}, {'whatsapp_business_api_data': 7, 'override_callback_uri': 8}], URL) == (
        checkup.LOST, '')


# --- The whole check -----------------------------------------------------------------------------------------------


def test_all_is_well():
    findings = checkup.check(Client([row('7', URL)]), PLAN, Session())
    assert (findings.subscription, findings.app_id, findings.handshake, findings.repaired) == (
        checkup.HERE, '7', checkup.ANSWERED, False)


def test_a_lost_subscription_is_made_again():
    client = Client()
    findings = checkup.check(client, PLAN, Session())
    assert (client.repairs, findings.repaired, findings.app_id) == (1, True, '1')


def test_a_repair_that_meta_refuses_is_told():
    findings = checkup.check(Client(refusal=ApiError(2200, 'Callback verification failed')), PLAN, Session())
    assert (findings.repaired, findings.subscription_error.code) == (False, 2200)


def test_without_the_account_nothing_more_is_asked_of_meta():
    client = Client(error=ApiError(190, 'Expired'))
    findings = checkup.check(client, PLAN, Session())
    assert (findings.account_error.code, findings.subscription, client.repairs) == (190, '', 0)


@pytest.mark.parametrize(('error', 'passing'), [
    (ApiError(80007, 'Too many calls'), True), (ApiError(131000, 'Something went wrong'), True),
    (ApiError(190, 'Expired'), False), (NotSentError('No route'), False),
])
def test_come_back_later_is_no_trouble(error, passing):
    assert checkup.is_passing(error) is passing


def test_where_meta_asks_to_come_back_nothing_is_known():
    busy = ApiError(80007, 'Too many calls')
    assert checkup.Findings(account_error=busy).is_put_off
    assert checkup.Findings(subscription_error=busy).is_put_off
    assert not checkup.Findings(account_error=NotSentError('refused')).is_put_off
    assert not checkup.Findings(subscription=checkup.HERE).is_put_off


# --- Our own address -----------------------------------------------------------------------------------------------


def test_the_handshake_is_metas():
    session = Session()
    assert checkup.shake_hands(URL, 'verify-me', session) == checkup.ANSWERED
    url, params, options = session.asked
    assert (url, params['hub.mode'], params['hub.verify_token']) == (URL, 'subscribe', 'verify-me')
    assert (options['allow_redirects'], options['timeout'] <= 10) == (False, True)


@pytest.mark.parametrize(('session', 'problem'), [
    (Session(error=requests.ConnectionError('refused')), checkup.UNREACHABLE),
    (Session(error=requests.Timeout()), checkup.UNREACHABLE),
    (Session(error=requests.exceptions.SSLError('self-signed')), checkup.CERTIFICATE),
    (Session(403), checkup.REFUSED),
    (Session(404), checkup.NOT_OURS),
    (Session(302), checkup.NOT_OURS),
    (Session(body='<html>Welcome</html>'), checkup.NOT_OURS),
])
def test_whatever_else_is_named(session, problem):
    assert checkup.shake_hands(URL, 'verify-me', session) == problem


def test_an_address_that_is_none_is_not_reached():
    assert checkup.shake_hands('not an address', 'verify-me') == checkup.UNREACHABLE
