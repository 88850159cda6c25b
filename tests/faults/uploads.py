"""Processes that die while they bring files to Meta, and files that Meta loses."""
import base64
import random
import time

from .ground import ground
from .result import fault

WORKERS = 3
PAUSES = (0.1, 0.5)
# Files in the hands of one worker: with few most kills hit one that uploads.
AT_ONCE = 2
# A picture of one pixel; what follows its end belongs to nobody and makes each file another one.
PNG = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'
                       '+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')
TEMPLATE = 'new_collection'
SETTLE_SECONDS = 240


@fault('uploads')
def killed_while_uploading(server, quick, result):
    """kill -9 between the upload of a file and the send of its messages: none goes twice, none without its file"""
    files, people, kills = (6, 10, 8) if quick else (40, 25, 60)
    with ground(server, latency=0.3) as field:
        field.set_cron('ir_cron_upload', active=False)  # the workers do it
        intents = [key for number in range(files) for key in enqueue(field, number, people)]
        field.workers.start(WORKERS, uploads=AT_ONCE)
        kill_while_uploading(field, random.Random(6), kills)
        field.wait(lambda: not waiting(field), SETTLE_SECONDS, 'every file being at Meta')
        field.settle(seconds=SETTLE_SECONDS)
        result.verdict = field.verdict(intents)
        made = uploads_made(field)
        result.facts.update(kills=kills, files=files, uploads=made)
        gone = len(field.ledger())
    result.require(gone + len(result.verdict.unknown_left) >= len(intents), 'not everybody got theirs')
    result.require(made <= files + kills * AT_ONCE, 'files were uploaded oftener than workers died with them')


def enqueue(field, number, people):
    """Put a file of its own into the header, and one message for each of some people into the outbox."""
    with field.env() as env:
        template = env['fluxforce.whatsapp.template'].search([('name', '=', TEMPLATE), ('language', '=', 'en_US')])
        header = template.variable_ids.filtered(lambda variable: variable.key == 'header:media')
        picture = env['ir.attachment'].create({
            'name': f'picture-{number}.png', 'raw': PNG + str(number).encode(), 'res_model': header._name,
            'res_id': header.id})
        header.write({'source': 'file', 'attachment_id': picture.id})
        (template.variable_ids - header).write({'source': 'field', 'field_path': 'name'})
        env.cr.commit()
    return field.enqueue(people, first=1 + number * people, template=TEMPLATE)


def kill_while_uploading(field, chance, kills):
    for __ in range(kills):
        time.sleep(chance.uniform(*PAUSES))
        field.workers.kill(chance.choice(field.workers.pids))
        field.workers.start(uploads=AT_ONCE)
        # Instead of waiting until a claim is taken for dead.
        let_go(field)


def waiting(field):
    """:return: how many messages wait for a file"""
    let_go(field)
    row, = field.query("SELECT count(*) FROM fluxforce_whatsapp_message WHERE state = 'held'")
    return row['count']


def let_go(field):
    field.query("""UPDATE fluxforce_whatsapp_upload SET claimed_at = claimed_at - interval '1 day'
                    WHERE state = 'uploading' AND claimed_at < now() AT TIME ZONE 'utc' - interval '2 seconds'""")
    field.query("UPDATE fluxforce_whatsapp_upload SET next_at = now() AT TIME ZONE 'utc' WHERE state = 'waiting'")


def uploads_made(field):
    return sum(entry['path'].endswith('/media') and entry['method'] == 'POST'
               for entry in field.simulator.control('GET', '/requests'))
