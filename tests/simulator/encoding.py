"""JSON as Meta writes it: ASCII only, slashes escaped. A receiver that re-serialises it gets another signature."""

import hashlib
import hmac
import json


def meta_json(data):
    """Return the bytes of `data` with \\uXXXX for non-ASCII characters and \\/ for slashes."""
    return json.dumps(data, separators=(',', ':')).replace('/', '\\/').encode()


def signature(secret, body):
    """Return the value of X-Hub-Signature-256 for the raw bytes `body`."""
    return 'sha256=' + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
