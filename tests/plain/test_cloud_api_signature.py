"""Webhook signatures."""

import pytest
from cloud_api.signature import sign, verify

BODY = b'{"object":"whatsapp_business_account"}'
#: HMAC-SHA256 of BODY under 'app-secret', made with openssl.
KNOWN = 'sha256=0bf7374433906636bed1653bc7c64affb42fa5da9a39e251ab95c2e3a9c06923'


def test_signature_is_hmac_sha256_of_the_raw_body():
    assert sign('app-secret', BODY) == KNOWN


def test_right_signature_is_accepted():
    assert verify(['app-secret'], BODY, KNOWN)


def test_any_of_the_secrets_may_have_signed():
    assert verify(iter(['other', 'app-secret', 'third']), BODY, KNOWN)


def test_signature_of_another_secret_is_refused():
    assert not verify(['other'], BODY, KNOWN)


def test_changed_body_is_refused():
    assert not verify(['app-secret'], BODY + b' ', KNOWN)


@pytest.mark.parametrize(
    'header',
    [
        None,
        '',
        'sha256=',
        KNOWN[:-1],
        KNOWN + '0',
        KNOWN + '\n',
        KNOWN.replace('sha256', 'sha1'),
        KNOWN[7:],
        'sha256=' + 'ä' * 64,
        'sha256=' + '\u0660' * 64,
        b'sha256=00',
    ],
)
def test_malformed_header_is_refused(header):
    assert not verify(['app-secret'], BODY, header)


@pytest.mark.parametrize('secrets', [[], [''], ['  '], [None], [False]])
def test_blank_secrets_never_match(secrets):
    assert not verify(secrets, BODY, KNOWN)


@pytest.mark.parametrize('secret', ['', ' ', None])
def test_blank_secret_signs_nothing(secret):
    with pytest.raises(ValueError, match='empty'):
        sign(secret, BODY)


def test_all_secrets_are_tried_whatever_the_result(monkeypatch):
    tried = []
    monkeypatch.setattr('cloud_api.signature.hmac.compare_digest', lambda a, b: tried.append(a) or True)
    verify(['app-secret', 'other', 'third'], BODY, KNOWN)
    assert len(tried) == 3
