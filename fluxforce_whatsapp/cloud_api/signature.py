"""The signature Meta puts on every webhook: HMAC-SHA256 of the raw body with the app secret [M26:create-webhook]."""

import hashlib
import hmac
import re

from .const import SIGNATURE_PREFIX

_HEADER = re.compile(re.escape(SIGNATURE_PREFIX) + r'[0-9a-f]{64}')


def sign(secret, raw):
    """Sign a body as Meta does.

    :param str secret: the app secret
    :param bytes raw: the body, byte for byte as it goes over the wire
    :return: the value of the signature header, ``sha256=<hex>``
    :raise ValueError: if the secret is blank: a signature made with an empty key protects nothing
    """
    if not _usable(secret):
        raise ValueError('The app secret is empty.')
    return SIGNATURE_PREFIX + hmac.new(secret.encode('utf-8', 'surrogatepass'), raw, hashlib.sha256).hexdigest()


def verify(secrets, raw, header):
    """Tell whether one of the secrets signed this body.

    All secrets are tried whatever the result, and each comparison takes constant time, so that neither the secret nor
    which account it belongs to can be read from the time taken.

    :param Iterable[str] secrets: app secrets that may have signed; blank ones never match
    :param bytes raw: the body exactly as received
    :param header: value of ``X-Hub-Signature-256``, or None
    :rtype: bool
    """
    if not isinstance(header, str) or not _HEADER.fullmatch(header):
        return False
    matches = [hmac.compare_digest(sign(secret, raw), header) for secret in secrets if _usable(secret)]
    return any(matches)


def _usable(secret):
    return isinstance(secret, str) and bool(secret.strip())
