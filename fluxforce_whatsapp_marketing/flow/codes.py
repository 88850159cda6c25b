"""The code in a tracked address: which link it is, whose it is, and a signature so that nobody makes one up.

A code has letters and digits only: some phones cut off a sign at the end of an address they find in a text.
"""

import hashlib
import hmac
import secrets
import string

ALPHABET = string.digits + string.ascii_letters
#: Characters that stand for the person: 71 bits, which nobody guesses. (Our own choice.)
TOKEN_LENGTH = 12
#: Characters of the signature. It keeps who has a code from trying other links with it: 47 bits, to be tried over the
#: network. (Our own choice.)
SIGNATURE_LENGTH = 8
#: The longest code there can be: ids have 63 bits at most.
LONGEST = 11 + TOKEN_LENGTH + SIGNATURE_LENGTH


def new_token():
    """:return: what stands for one message in its addresses. :rtype: str"""
    return ''.join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def make(key, link, token):
    """:param str key: secret of the database
    :param int link: id of the link
    :param str token: of :func:`new_token`
    :rtype: str
    """
    return _digits(link) + token + _signature(key, link, token)


def read(key, code):
    """Tell what a code says; no database is asked, so that forged ones cost nothing.

    :return: (link, token); None if the code was not made with this key
    :rtype: tuple[int, str] | None
    """
    head = len(code) - TOKEN_LENGTH - SIGNATURE_LENGTH
    if not 0 < head <= LONGEST - TOKEN_LENGTH - SIGNATURE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    link, token = _number(code[:head]), code[head:head + TOKEN_LENGTH]
    is_ours = hmac.compare_digest(make(key, link, token), code)
    return (link, token) if is_ours else None


def _signature(key, link, token):
    digest = hmac.new(key.encode(), f'{link}:{token}'.encode(), hashlib.sha256).digest()
    return _digits(int.from_bytes(digest, 'big') % len(ALPHABET) ** SIGNATURE_LENGTH).rjust(
        SIGNATURE_LENGTH, ALPHABET[0])


def _digits(number):
    digits = ''
    while number or not digits:
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits


def _number(digits):
    number = 0
    for digit in digits:
        number = number * len(ALPHABET) + ALPHABET.index(digit)
    return number
