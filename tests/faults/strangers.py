"""What anybody may send to an address on the internet: forged, mangled or slow webhooks, and false handshakes."""
import gzip
import hashlib
import hmac
import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import requests
from kit.report import step

from tests.simulator.encoding import meta_json, signature
from tests.simulator.world import APP_SECRET, PHONE_ID, PHONE_NUMBER, WABA_ID

from .hook import SIGNATURE, Hook
from .inflow import WORKERS, absorb, listening
from .result import fault
from .snapshot import differences, snapshot
from .story import NOON, Story, envelope, phone
from .webhook_judge import WebhookVerdict

GROUP = 'webhooks'
OTHER_WABA, OTHER_SECRET = '217000000000099', 'the-other-secret-0123456789abcdef'
SETTLE_SECONDS = 120
MARK = 'nobody-may-read-this'
MEGABYTE = 1024 * 1024


def text_body(name, text='Hello', waba_id=WABA_ID, phone_id=PHONE_ID):
    """:return: one message of one person, with an id of its own."""
    item = {'from': phone(1), 'id': f'wamid.{name}', 'timestamp': str(NOON), 'type': 'text', 'text': {'body': text}}
    value = {'messaging_product': 'whatsapp', 'messages': [item],
             'metadata': {'display_phone_number': PHONE_NUMBER, 'phone_number_id': phone_id}}
    return {'object': 'whatsapp_business_account',
            'entry': [{'id': waba_id, 'changes': [{'field': 'messages', 'value': value}]}]}


# --- Forged ----------------------------------------------------------------------------------------------------------


@fault('F15', GROUP)
def forged(server, quick, result):
    """no, a wrong, a cut and a SHA-1 signature, another account's secret, and an old body once more"""
    told, verdict = Story(20, 10), WebhookVerdict()
    with listening(server, told) as field:
        add_other_account(field)
        hook, other = Hook(field), Hook(field, OTHER_WABA)
        take_story(field, hook, told)
        before = snapshot(field)
        for name, answer in forgeries(hook, other):
            if answer.status_code not in (401, 403, 404):
                verdict.accepted_forged.add(f'{name}: {answer.status_code}')
        take_story(field, hook, told)  # replayed: the signature is right, so it is taken, and must change nothing
        for name, account, body in crossed(hook, other):
            account.post(body, OTHER_SECRET if account is other else APP_SECRET)
            verdict.events.add(name)
        absorb(field, SETTLE_SECONDS)
        seen = snapshot(field)
        verdict.diverged = {change for change in differences(seen, before) if not change.startswith('journal')}
        verdict.accepted_forged |= kept_forgeries(field)
        result.require(MARK not in field.stage.odoo.log.read_text(errors='replace'), 'a body stands in the log')
    result.verdict = verdict


def add_other_account(field):
    with field.env() as env:
        env['fluxforce.whatsapp.account'].create({
            'name': 'Other', 'waba_id': OTHER_WABA, 'token': 'other', 'app_secret': OTHER_SECRET})


def take_story(field, hook, told):
    for body in told.bodies():
        hook.must_take(body)
    absorb(field, SETTLE_SECONDS)


def forgeries(hook, other):
    """Yield the name of each forgery and the answer to it."""
    raw = meta_json(text_body('FORGED', MARK))
    right = signature(APP_SECRET, raw)
    sha1 = 'sha1=' + hmac.new(APP_SECRET.encode(), raw, hashlib.sha1).hexdigest()
    for name, header in {
        'wrong': 'sha256=' + '0' * 64, 'cut': right[:-1], 'half': right[:40], 'empty': '', 'prefix only': 'sha256=',
        'sha1 in its place': sha1, 'sha1 named sha256': sha1.replace('sha1', 'sha256'), 'bare': right[7:],
        'longer': right + '0', 'spaced': right + ' x', 'two': f'{right},{right[:-1]}0',
        'not hexadecimal': 'sha256=' + 'g' * 64, 'not ASCII': 'sha256=ä' + '0' * 62,
        'secret empty': signature('', raw), 'the word False': signature('False', raw),
        'another secret': signature(OTHER_SECRET, raw), 'upper case secret': signature(APP_SECRET.upper(), raw),
    }.items():
        yield name, hook.post(raw, None, {SIGNATURE: header.encode()})
    yield 'none', hook.post(raw, None)
    yield 'sha1 header only', hook.post(raw, None, {'X-Hub-Signature': sha1})
    yield 'one byte changed', hook.post(raw.replace(b'FORGED', b'FORGES'), None, {SIGNATURE: right})
    yield 'written anew', hook.post(json.dumps(json.loads(raw)).encode(), None, {SIGNATURE: right})
    yield 'another address', other.post(raw, None, {SIGNATURE: right})
    yield 'nobody\'s address', requests.post(hook.url + 'x', raw, headers={SIGNATURE: right}, timeout=60)


def crossed(hook, other):
    """Well signed for one account, about another one."""
    yield 'ours about another', hook, text_body('CROSSED1', 'About another', OTHER_WABA, '1')
    yield 'another about ours', other, text_body('CROSSED2', 'About ours')


def kept_forgeries(field):
    kept = field.query('SELECT 1 FROM fluxforce_whatsapp_event WHERE position(%s IN body) > 0 LIMIT 1', MARK)
    return {'in the journal'} if kept else set()


# --- Mangled ---------------------------------------------------------------------------------------------------------


@fault('F16', GROUP)
def mangled(server, quick, result):
    """cut, re-encoded, deep, huge, compressed and odd bodies, well signed; and one bad thing among 999 good ones"""
    verdict = WebhookVerdict()
    with listening(server, Story(999, 1)) as field:
        hook = Hook(field)
        for name, (raw, headers) in mangled_bodies().items():
            answer = hook.post(raw, headers=headers)
            result.facts.setdefault('answers', {})[name] = answer.status_code
            if answer.status_code >= 500:
                verdict.http_5xx_on_bad_input.add(name)
            hook.must_take(text_body(f'AFTER {name}'))
        absorb(field, SETTLE_SECONDS)
        missing = len(mangled_bodies()) - count_texts(field, 'AFTER')
        result.require(not missing, f'{missing} good webhooks that came after a bad one are not applied')
        traced = 'Traceback' in field.stage.odoo.log.read_text(errors='replace')
        result.require(not traced, f'a traceback in {field.stage.odoo.log.name}')
        require_neighbours_apply(field, hook, result)
    result.verdict = verdict


def mangled_bodies():
    """:return: (raw, headers) by name."""
    good = meta_json(text_body('MANGLED'))
    large = meta_json(text_body('LARGE', 'x' * (3_000_000 - 1000)))
    deep = b'[' * 200_000 + b']' * 200_000
    plain = {
        'cut': good[:-20], 'half': good[:len(good) // 2], 'empty': b'', 'blank': b'  \n', 'array': b'[' + good + b']',
        'word': b'"hello"', 'null': b'null', 'invalid UTF-8': good.replace(b'Hello', b'He\xff\xfello'),
        'UTF-16': json.dumps(json.loads(good)).encode('utf-16'), 'byte order mark': b'\xef\xbb\xbf' + good,
        'NUL byte': good.replace(b'Hello', b'He\x00llo'), 'NUL escape': good.replace(b'Hello', b'He\\u0000llo'),
        'half a pair': good.replace(b'Hello', b'\\ud800'), 'deep': deep,
        'deep inside': good.replace(b'"Hello"', deep), 'NaN': good.replace(b'"Hello"', b'NaN'),
        'huge number': good.replace(b'"Hello"', b'9' * 5000), 'huge exponent': good.replace(b'"Hello"', b'1e999999'),
        'twice': good + good, 'three megabytes': large, 'too large': b' ' * (3 * MEGABYTE + 1),
        'another object': good.replace(b'whatsapp_business_account', b'page'),
        'HTML': b'<html><body>502</body></html>', 'XML': b'<?xml version="1.0"?><a/>',
    }
    odd = {f'odd entry {number}': meta_json({'object': 'whatsapp_business_account', 'entry': entry})
           for number, entry in enumerate(ODD_ENTRIES)}
    return {**{name: (raw, {}) for name, raw in {**plain, **odd}.items()}, **mislabelled(good)}


ODD_ENTRIES = (
    {}, None, [], [None], [{}], [[]], 'x', [{'id': None, 'changes': {}}], [{'changes': [{'field': 7, 'value': 7}]}],
    [{'id': WABA_ID, 'changes': [{'field': 'messages', 'value': {'messages': {'a': 1}, 'statuses': 'x'}}]}],
    [{'id': WABA_ID, 'changes': [{'field': '__class__', 'value': {}}, {'field': 'x' * 5000, 'value': {}}]}],
)


def mislabelled(good):
    """Good bodies that say to be something else."""
    types = {'text': 'text/plain', 'form': 'application/x-www-form-urlencoded', 'no type': '',
             'multipart': 'multipart/form-data; boundary=x', 'multipart without boundary': 'multipart/form-data',
             'wrong charset': 'application/json; charset=utf-16',
             'unknown charset': 'application/json; charset=nothing', 'nonsense': ';;;'}
    return {
        **{name: (good, {'Content-Type': value}) for name, value in types.items()},
        'gzip': (gzip.compress(good), {'Content-Encoding': 'gzip'}),
        'gzip in name only': (good, {'Content-Encoding': 'gzip'}),
        'bomb': (gzip.compress(b' ' * (50 * MEGABYTE)), {'Content-Encoding': 'gzip'}),
    }


def require_neighbours_apply(field, hook, result):
    """A thing that cannot be used must not keep the 999 others of its body from being applied."""
    good = [{'id': f'wamid.STORY{number}', 'status': 'delivered', 'timestamp': str(NOON)} for number in range(1, 1000)]
    # In the middle, and before the one that makes its message delivered.
    bad = {'id': 'wamid.STORY999', 'status': 'failed', 'timestamp': {}, 'errors': [{'code': 10 ** 30}],
           'recipient_id': []}
    hook.must_take(envelope([(NOON, 'messages', item, 'statuses') for item in [*good[:500], bad, *good[500:]]]))
    absorb(field, SETTLE_SECONDS)
    delivered = field.count('delivered')
    result.facts['delivered_beside_a_bad_one'] = delivered
    result.require(delivered == 999, f'{delivered} of 999 were applied beside a bad one')


def count_texts(field, word):
    rows = field.query("SELECT count(DISTINCT content->'data'->>'id') FROM fluxforce_whatsapp_event_item "
                       "WHERE content->'data'->>'id' LIKE %s AND state = 'done'", f'wamid.{word} %')
    return rows[0]['count']


# --- Slow ------------------------------------------------------------------------------------------------------------


@fault('F17', GROUP)
def slow_connections(server, quick, result):
    """connections that drip hold all HTTP workers but one; and a crowd that says nothing"""
    probes, crowd = (10, 40) if quick else (40, 200)
    with listening(server) as field:
        hook = Hook(field)
        for name, part in {'headers': b'POST / HTTP/1.1\r\nX-Slow: ', 'body': half_a_post(hook)}.items():
            with step(f'{WORKERS - 1} connections drip their {name}'), dripping(hook, part, WORKERS - 1):
                slowest = max(timed(hook, f'{name}{turn}') for turn in range(probes))
            result.facts[f'slowest_beside_dripping_{name}'] = round(slowest, 2)
            result.require(slowest <= 1, f'a webhook took {slowest:.1f} s beside dripping {name}')
        with step(f'{crowd} connections say nothing'), idle(hook, crowd):
            result.facts['answered_after_a_crowd'] = round(timed(hook, 'crowd'), 1)
        absorb(field, SETTLE_SECONDS)
        # A worker gives a silent connection two seconds: without a proxy a crowd costs that much each.
        longest = 2 * crowd / WORKERS + 10
        result.require(result.facts['answered_after_a_crowd'] <= longest, f'blocked for more than {longest:.0f} s')
        result.require(timed(hook, 'after') <= 1, 'slow after the crowd had gone')
    result.verdict = WebhookVerdict()


def timed(hook, name):
    """:return: seconds until a good webhook on a connection of its own is acknowledged."""
    began = time.monotonic()
    hook.session.close()
    hook.must_take(text_body(f'TIMED {name}'))
    time.sleep(0.1)
    return time.monotonic() - began - 0.1


def half_a_post(hook):
    path = urlsplit(hook.url).path
    return f'POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n'.encode()


def connect(hook):
    address = urlsplit(hook.url)
    return socket.create_connection((address.hostname, address.port), timeout=30)


@contextmanager
def idle(hook, count):
    """So many connections without a word."""
    with ExitStack() as sockets:
        for _ in range(count):
            sockets.enter_context(connect(hook))
        yield


@contextmanager
def dripping(hook, beginning, count):
    """So many connections that begin and then send a byte each second, in the background."""
    over = threading.Event()
    drips = [threading.Thread(target=drip, args=(hook, beginning, over)) for _ in range(count)]
    for thread in drips:
        thread.start()
    time.sleep(1.5)  # until each has a worker
    try:
        yield
    finally:
        over.set()
        for thread in drips:
            thread.join()


def drip(hook, beginning, over):
    """Keep one worker busy; begin anew when it has had enough."""
    while not over.is_set():
        with suppress(OSError), connect(hook) as connection:
            connection.sendall(beginning)
            while not over.wait(1):
                connection.sendall(b'x')


# --- Handshake -------------------------------------------------------------------------------------------------------


@fault('F18', GROUP)
def handshake(server, quick, result):
    """only the right token gets its challenge back, as plain text; nothing is reflected otherwise"""
    verdict, script = WebhookVerdict(), '<script>alert(1)</script>'
    with listening(server) as field:
        hook = Hook(field)
        right = {'mode': 'subscribe', 'verify_token': hook.verify_token, 'challenge': '1158201444'}
        for challenge in ('1158201444', '0', script, 'ä 🚲', 'x' * 2000):
            for _again in range(2):
                require_challenge(result, hook.ask(**{**right, 'challenge': challenge}), challenge)
        for name, query in wrong_handshakes({**right, 'challenge': script}).items():
            answer = hook.ask(**query)
            if answer.status_code < 400 or 'alert(1)' in answer.text:
                verdict.accepted_forged.add(f'{name}: {answer.status_code}')
            if answer.status_code >= 500:
                verdict.http_5xx_on_bad_input.add(name)
    result.verdict = verdict


def require_challenge(result, answer, challenge):
    kind = answer.headers.get('Content-Type', '')
    as_text = kind.startswith('text/plain') and answer.headers.get('X-Content-Type-Options') == 'nosniff'
    echoed = (answer.status_code, answer.content.decode()) == (200, challenge)
    result.require(echoed, f'{challenge[:20]!r} was not echoed')
    result.require(as_text, f'the challenge came as {kind}')


def wrong_handshakes(right):
    """:return: queries by name; each misses or spoils something."""
    token = right['verify_token']
    missing = {f'without {name}': {key: value for key, value in right.items() if key != name} for name in right}
    spoilt = {f'token {value[:20]!r}': {**right, 'verify_token': value}
              for value in ('guessed', '', ' ', token[:-1], token + 'x', token.swapcase(), 'False', 'é', '\x00',
                            'x' * 5000)}
    modes = {f'mode {mode!r}': {**right, 'mode': mode} for mode in ('unsubscribe', '', 'SUBSCRIBE')}
    return {**missing, **spoilt, **modes, 'nothing': {}, 'challenge empty': {**right, 'challenge': ''},
            'two tokens': {**right, 'verify_token': ['guessed', token]}}
