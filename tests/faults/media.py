"""Files that people send and that cannot be had, or are not what they say."""
import time

from tests.simulator.world import PHONE_ID

from .inflow import absorb, listening
from .result import fault
from .story import phone
from .webhook_judge import WebhookVerdict

GROUP = 'webhooks'
MODEL = 'fluxforce.whatsapp.inbound'
MEGABYTE = 1024 * 1024
FETCH_SECONDS = 300
# Five tries of a file that drips, five of one that does not come, one after the other.
SLOW_SECONDS = 7200
MOST_MEMORY_MB = 1024
# What each person sends; a name in FETCHED can be had all the same.
FILES = {
    'good': {'image': {}},
    'expired link': {'image': {'fault': 'expired_link'}},
    'gone': {'image': {'fault': 'gone'}},
    'not found': {'image': {'fault': 'not_found'}},
    'unauthorised': {'document': {'fault': 'unauthorised'}},
    'wrong hash': {'image': {'fault': 'wrong_hash'}},
    'empty': {'voice': {'fault': 'empty'}},
    'cut': {'video': {'fault': 'cut'}},
    'gateway error': {'image': {'fault': 'html502'}},
    'drip': {'document': {'text': 'x' * 4096, 'fault': 'drip', 'seconds': 3600}},
    'silence': {'image': {'fault': 'hang', 'seconds': 3600}},
    'page for a picture': {'image': {'text': '<html><script>alert(1)</script></html>'}},
    'program for a picture': {'image': {'mime_type': 'image/png', 'text': 'MZ\x90 This program cannot be run'}},
    'path': {'document': {'filename': '../../../etc/passwd', 'text': '%PDF-1.4 path'}},
    'backslashes': {'document': {'filename': 'C:\\Windows\\x.pdf', 'text': '%PDF-1.4 backslashes'}},
    'accents': {'document': {'filename': 'Übersicht für José 🚲.pdf', 'text': '%PDF-1.4 accents'}},
    'long name': {'document': {'filename': 'x' * 1000 + '.pdf', 'text': '%PDF-1.4 long name'}},
    '100 MB': {'document': {'size': 100 * MEGABYTE}},
}
FETCHED = ('good', 'expired link', 'path', 'backslashes', 'accents', 'long name')
# Large: whether it is kept is a setting, that it does no harm is not.
EITHER = ('100 MB',)


@fault('F23', GROUP)
def files(server, quick, result):
    """links that expired, wrong sums, nothing, 100 MB, false types, slow lines, and names that lead elsewhere"""
    with listening(server) as field:
        result.verdict = WebhookVerdict()
        if MODEL not in field.registry:
            result.skip(f'There is no {MODEL} yet: files are not fetched.')
            return
        for number, given in enumerate(chosen(quick).values(), 1):
            send_file(field, number, given)
        absorb(field, FETCH_SECONDS)
        patience, held = FETCH_SECONDS if quick else SLOW_SECONDS, []
        field.wait(lambda: not fetching(field, held), patience, 'every file being here or given up')
        for number, name in enumerate(chosen(quick), 1):
            require_readable(field, result, number, name)
        result.facts['most_memory_mb'] = max(held)
        result.require(max(held) < MOST_MEMORY_MB, f'a process of Odoo held {max(held)} MB')


def chosen(quick):
    """Slow ones need the time-outs to pass."""
    slow = ('drip', 'silence', '100 MB')
    return {name: given for name, given in FILES.items() if not (quick and name in slow)}


def send_file(field, number, given):
    kind, = given
    words = {} if kind in ('voice', 'sticker') else {'caption': f'File {number}'}
    field.simulator.control('POST', f'/people/{phone(number)}/message', {
        kind: {**given[kind], **words}, 'phone_number_id': PHONE_ID})


def fetching(field, held):
    """:return: whether a file is neither here nor given up; what waits for its next try is tried now.

    :param list held: gets the megabytes that the largest process holds
    """
    held.append(worker_memory(field))
    field.query("""UPDATE fluxforce_whatsapp_media SET next_at = now() AT TIME ZONE 'UTC'
                    WHERE state = 'waiting' AND next_at > now() AT TIME ZONE 'UTC'""")
    field.wake('ir_cron_fetch_media')
    time.sleep(1)
    with field.env() as env:
        return any(message.media_state in ('waiting', 'fetching') for message in env[MODEL].search([]))


def require_readable(field, result, number, name):
    """The message stands in the chatter; a file that cannot be had is said to be missing, a name leads nowhere."""
    with field.env() as env:
        message = env[MODEL].search([('identity_id.wa_id', '=', phone(number))])
        result.require(len(message) == 1, f'{name}: {len(message)} messages')
        if len(message) != 1:
            return
        body = message.mail_message_id.body or ''
        has_words = f'File {number}' in body or message.type == 'audio'
        result.require(message.mail_message_id and has_words, f'{name}: the chatter says {body[:80]!r}')
        if name in EITHER:
            return
        failed = message.media_state == 'failed'
        result.require(failed == (name not in FETCHED), f'{name}: the file is {message.media_state}')
        result.require(not failed or message.media_problem, f'{name}: nothing tells why the file is missing')
        for attachment in message.mail_message_id.attachment_ids:
            harmless = not set('/\\\0') & set(attachment.name) and len(attachment.name) <= 255
            result.require(harmless, f'{name}: the file is called {attachment.name[:60]!r}')


def worker_memory(field):
    """:return: MB that the largest process of Odoo holds."""
    return max(process.memory_info().rss for process in field.stage.odoo.processes()) // MEGABYTE
