"""Asking whether everything between Meta and us still works; plain calls, made with no database at hand."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_errors

from . import const, transport
from .errors import ApiError, CloudApiError, SettingsError
from .payloads import PayloadError
from .reading import as_dict, id_text, string

#: Where an account's webhooks go.
HERE = 'here'
#: The app lost its subscription, or the address that was given for this account.
LOST = 'lost'
#: Somebody gave another address.
ELSEWHERE = 'elsewhere'

#: What became of a handshake with our own address.
ANSWERED = ''
UNREACHABLE = 'unreachable'
CERTIFICATE = 'certificate'
REFUSED = 'refused'
NOT_OURS = 'not_ours'

_ANSWER_MAX_BYTES = 1024


@dataclass(frozen=True)
class Plan:
    """What to check, read from the database before.

    :ivar waba_id: id of the account
    :ivar webhook_url: our own address for it
    :ivar verify_token: what Meta shows at a handshake
    :ivar app_id: id of our app if it is known from an earlier check, else ''
    """

    waba_id: str
    webhook_url: str
    verify_token: str
    app_id: str = ''


@dataclass
class Findings:
    """What a check found; None and '' where nothing is wrong or nothing was asked.

    :ivar account_error: why Meta does not show the account
    :ivar subscription_error: why Meta does not tell, or does not take, the subscription
    :ivar subscription: ``HERE``, ``LOST``, ``ELSEWHERE`` or '' if it could not be asked
    :ivar repaired: whether a lost subscription was made again
    :ivar other_host: the server the webhooks go to, if it is not ours; never the whole address, it is a secret
    :ivar app_id: of our app, if it could be told
    :ivar handshake: ``ANSWERED`` or what is wrong with our own address
    """

    account_error: CloudApiError | None = None
    subscription_error: CloudApiError | None = None
    subscription: str = ''
    repaired: bool = False
    other_host: str = ''
    app_id: str = ''
    handshake: str = ANSWERED

    @property
    def is_put_off(self):
        """:return: whether Meta only asked to come back later, so that the connection with it is not known."""
        return is_passing(self.account_error) or is_passing(self.subscription_error)


def check(client, plan, session=None):
    """Ask Meta for the account and its subscription, repair that if it is lost, and ask our own address.

    :param Client client: of the account; the caller closes it
    :param Plan plan: what to check
    :param session: a ``requests`` session for our own address, or None to open one
    :rtype: Findings
    """
    findings = Findings()
    try:
        client.get_account(plan.waba_id)
    except CloudApiError as error:
        findings.account_error = error
    else:
        _check_subscription(client, plan, findings)
    findings.handshake = shake_hands(plan.webhook_url, plan.verify_token, session)
    return findings


def _check_subscription(client, plan, findings):
    try:
        rows = client.list_subscribed_apps(plan.waba_id)
        findings.subscription, findings.other_host = place_of(rows, plan.webhook_url, plan.app_id)
        if findings.subscription == LOST:
            client.subscribe_here(plan.waba_id, plan.webhook_url, plan.verify_token)
            findings.repaired = True
            rows = client.list_subscribed_apps(plan.waba_id)
        findings.app_id = app_of(rows, plan.webhook_url)
    except CloudApiError as error:
        findings.subscription_error = error
    except PayloadError as error:
        findings.subscription_error = SettingsError(str(error))


def place_of(rows, url, app_id=''):
    """Say where an account's webhooks go.

    A lost address may be given again, another one must not be taken away: it may be another server's that was
    connected on purpose. [own]

    :param list rows: Meta's ``subscribed_apps`` of the account
    :param str url: our own address for it
    :param str app_id: our app's id if known; without it every app may be ours
    :return: ``HERE``, ``LOST`` or ``ELSEWHERE``, and the other server
    """
    if any(string(row, 'override_callback_uri') == url for row in rows):
        return HERE, ''
    ours = [row for row in rows if not app_id or _app_id(row) == app_id]
    others = [string(row, 'override_callback_uri') for row in ours]
    return (ELSEWHERE, _host(others[0])) if others and all(others) else (LOST, '')


def app_of(rows, url):
    """:return: id of the app whose webhooks of this account come to an address, '' for none."""
    return next((_app_id(row) for row in rows if string(row, 'override_callback_uri') == url), '')


def _host(url):
    try:
        return urlsplit(url).hostname or '?'
    except ValueError:
        return '?'


def _app_id(row):
    return id_text(as_dict(row, 'whatsapp_business_api_data').get('id'))


def shake_hands(url, verify_token, session=None):
    """Do with our own address what Meta does before it sends webhooks there [M26:create-webhook-endpoint].

    :param str url: our webhook address
    :param str verify_token: what it knows
    :param session: a ``requests`` session, or None to open one
    :return: ``ANSWERED``, or ``UNREACHABLE``, ``CERTIFICATE``, ``REFUSED``, ``NOT_OURS``
    :rtype: str
    """
    own = session or transport.new_session()
    try:
        return _ask(own, url, verify_token)
    except requests.exceptions.SSLError:
        return CERTIFICATE
    except (OSError, urllib3_errors.HTTPError, ValueError):
        return UNREACHABLE
    finally:
        if session is None:
            own.close()


def _ask(session, url, verify_token):
    nonce = secrets.token_urlsafe(16)
    params = {'hub.mode': 'subscribe', 'hub.challenge': nonce, 'hub.verify_token': verify_token}
    with transport.one_call(const.HANDSHAKE_TIMEOUT_S), session.get(
            url, params=params, timeout=const.HANDSHAKE_TIMEOUT_S, allow_redirects=False, stream=True) as answer:
        body = next(answer.iter_content(_ANSWER_MAX_BYTES), b'')
    if answer.status_code == 403:
        return REFUSED
    return ANSWERED if answer.status_code == 200 and body.decode('utf-8', 'replace').strip() == nonce else NOT_OURS


def is_passing(error):
    """:return: whether Meta only asks to come back later: nothing is wrong with the connection."""
    return isinstance(error, ApiError) and error.info.action in ('retry', 'slow')
