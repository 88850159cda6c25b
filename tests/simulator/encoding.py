"""JSON as Meta writes it: ASCII only, slashes escaped. A receiver that re-serialises it gets another signature."""

import hashlib
import hmac
import json

# one encoder for all answers: json.dumps builds a new one for each call with separators
_encode = json.JSONEncoder(separators=(',', ':')).encode


def meta_json(data):
    """Return the bytes of `data` with \\uXXXX for non-ASCII characters and \\/ for slashes."""
    return _encode(data).replace('/', '\\/').encode()


def signature(secret, body):
    """Return the value of X-Hub-Signature-256 for the raw bytes `body`."""
    return 'sha256=' + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
