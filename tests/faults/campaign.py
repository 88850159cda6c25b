"""A campaign of several steps while everything around it breaks: nobody gets a step twice, nobody is lost."""
import contextlib
import random
import time
from collections import Counter

import psycopg2
from kit.report import Stop

from .ground import MARKETING, UTILITY, ground
from .processes import cut_connections, supervise
from .result import fault

WORKERS = 3
# People in a batch: with few of them there are many moments at which a worker can die.
BATCH = 40
PAUSES = (0.1, 0.6)
SETTLE_SECONDS = 300
# Of fifty people, the one whose step raises, and the one whose record is deleted on the way.
RAISES, DELETED = 7, 13
OF = 50
MARK = f"""
for record in records:
    if int(record.ref[7:]) % {OF} == {RAISES}:
        raise UserError('It does not work for ' + record.ref)
    record.write({{'color': record.color + 1}})
"""
STEPS = (
    {'name': 'Welcome', 'type': 'whatsapp', 'template': UTILITY},
    {'name': 'Mark', 'type': 'action', 'after': 'Welcome'},
    {'name': 'Offer', 'type': 'whatsapp', 'template': MARKETING, 'after': 'Mark'},
    {'name': 'Seen', 'type': 'wait', 'after': 'Welcome', 'trigger': 'delivered'},
    {'name': 'Not seen', 'type': 'wait', 'after': 'Welcome', 'trigger': 'not_delivered', 'delay': 1},
)
OURS = "id IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module = 'fluxforce_whatsapp_marketing')"
# What is done, and for whom, as numbers of people.
DONE = """
    SELECT participant.number, participant.state AS standing, activity.name AS step, trace.state, trace.reason
      FROM fluxforce_campaign_trace trace
      JOIN fluxforce_campaign_activity activity ON activity.id = trace.activity_id
      JOIN (SELECT id, state, substring(phone from 6)::int AS number FROM fluxforce_campaign_participant) participant
        ON participant.id = trace.participant_id
"""


@fault('campaign')
def campaign(server, quick, result):
    """a campaign under kill -9, restarts of the database, a step that raises, deleted records and a paused template"""
    count, kills = (300, 14) if quick else (3_000, 80)
    with ground(server, workers=2, latency=0.1) as field:
        prepare(field, count)
        start(field, WORKERS)
        field.query("UPDATE fluxforce_campaign SET state = 'running', started_at = now() AT TIME ZONE 'utc'")
        chance = random.Random(7)
        result.facts.update(kills_while_enrolling=kill_until_enrolled(field, chance))
        break_things(field, chance, kills)
        settle(field)
        result.facts.update(kills=kills, participants=count)
        result.verdict = field.verdict([row['key'] for row in field.rows()])
        judge_people(field, result, count)
        judge_counts(field, result, count)


def prepare(field, count):
    """A campaign for the first people, served by our workers alone."""
    field.free_account(throughput_level='HIGH')
    field.query(f'UPDATE ir_cron SET active = false WHERE {OURS}')
    with field.env() as env:
        env['fluxforce.whatsapp.account'].search([]).write({'marketing_most': 0, 'duplicate_hours': 0})
        templates = {name: env['fluxforce.whatsapp.template'].search(
            [('name', '=', name), ('language', 'in', ('en', 'en_US'))], limit=1).id for name in (UTILITY, MARKETING)}
        action = env['ir.actions.server'].create({
            'name': 'Mark', 'model_id': env['ir.model']._get_id('res.partner'), 'state': 'code', 'code': MARK})
        record = env['fluxforce.campaign'].create({
            'name': 'Faults', 'user_id': env.ref('base.user_admin').id, 'activity_ids': False, 'on_talk': 'ignore',
            'domain': repr([('ref', 'in', [f'outbox-{number}' for number in range(1, count + 1)])])})
        made = {}
        for index, values in enumerate(STEPS):
            values = dict(values)
            parent, template = made.get(values.pop('after', None)), templates.get(values.pop('template', None))
            made[values['name']] = record.activity_ids.create({
                **values, 'campaign_id': record.id, 'parent_id': parent and parent.id, 'template_id': template,
                'sequence': index, 'server_action_id': values['type'] == 'action' and action.id})


def start(field, count=1):
    field.workers.start(count, campaigns=BATCH)


# --- What breaks -----------------------------------------------------------------------------------------------------


def kill_until_enrolled(field, chance):
    """:return: how many workers were killed while people came in."""
    kills = 0
    while not field.query('SELECT 1 FROM fluxforce_campaign WHERE enrolled_at IS NOT NULL'):
        time.sleep(chance.uniform(*PAUSES) / 3)
        kill_one(field, chance)
        kills += 1
    return kills


def kill_one(field, chance):
    field.workers.kill(chance.choice(field.workers.pids))
    start(field)


def break_things(field, chance, kills):
    """Kill workers at random moments; in between the other things happen, each once or twice."""
    events = {kills // 6: lambda: delete_records(field), kills // 4: lambda: cut(field, 0),
              kills // 3: lambda: set_template(field, 'PAUSED'), kills // 2: lambda: cut(field, 1),
              2 * kills // 3: lambda: set_template(field, 'APPROVED')}
    for number in range(kills):
        time.sleep(chance.uniform(*PAUSES))
        if number in events:
            events[number]()
        kill_one(field, chance)


def cut(field, turn):
    """End every connection, or restart PostgreSQL, while workers and Odoo are at work."""
    cut_connections(field.server, turn)
    time.sleep(1)
    supervise(field.stage)


def set_template(field, status):
    field.query('UPDATE fluxforce_whatsapp_template SET status = %s WHERE name = %s', status, MARKETING)


def delete_records(field):
    """Delete people who are on the way, as a user does who tries again when somebody else was faster."""
    numbers = [f'outbox-{number}' for row in field.query(
        'SELECT DISTINCT substring(phone from 6)::int AS number FROM fluxforce_campaign_participant')
        if (number := row['number']) % OF == DELETED]
    for _ in range(20):
        with contextlib.suppress(psycopg2.errors.OperationalError), field.env() as env:
            env['res.partner'].search([('ref', 'in', numbers)]).unlink()
            return
        time.sleep(0.3)
    raise Stop('The records could not be deleted.')


# --- What must hold --------------------------------------------------------------------------------------------------


def settle(field):
    """Let everything come to rest: messages first, then the steps that follow them, until nobody waits any more."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        field.hurry()
        # A worker that was killed had messages in hand: what became of them is known by their statuses, or never.
        change(field, 'fluxforce_whatsapp_message', "claimed_at = claimed_at - interval '1 day'",
               "state = 'sending' AND claimed_at < now() AT TIME ZONE 'utc' - interval '20 seconds'")
        # Whoever waits for a day waits no longer.
        field.query("UPDATE fluxforce_campaign_activity SET delay = 0 WHERE name = 'Not seen'")
        change(field, 'fluxforce_campaign_trace', "due_at = now() AT TIME ZONE 'utc'",
               "state = 'waiting' AND due_at IS NOT NULL")
        if not waiting(field):
            break
        if time.monotonic() > end:
            raise Stop(f'After {SETTLE_SECONDS} s {waiting(field)} people still wait. Outbox: {field.states()}')
        time.sleep(0.5)
    field.settle()


def change(field, table, values, condition):
    """Change what no worker has in hand: waiting for one that waits for us would end in a deadlock."""
    field.query(f'UPDATE {table} SET {values} WHERE id IN '
                f'(SELECT id FROM {table} WHERE {condition} FOR UPDATE SKIP LOCKED)')


def waiting(field):
    row, = field.query("SELECT count(*) FROM fluxforce_campaign_participant WHERE state = 'waiting'")
    signals, = field.query('SELECT count(*) FROM fluxforce_campaign_signal')
    return row['count'] + signals['count']


def judge_people(field, result, count):
    """Compare what everybody got with what they had to get, told by their numbers alone."""
    everybody = set(range(1, count + 1))
    raising, deleted = ({number for number in everybody if number % OF == rest} for rest in (RAISES, DELETED))
    sent = messages_sent(field)
    marks = Counter({row['number']: row['color'] for row in field.query(
        "SELECT substring(ref from 8)::int AS number, color FROM res_partner "
        "WHERE ref LIKE 'outbox-%%' AND color > 0", {})})
    rows = field.query(DONE)
    for step, wanted in (('Welcome', everybody), ('Offer', everybody - raising)):
        got = Counter(number for name, number in sent if name == step)
        result.require(set(got) <= wanted, f'{step}: {len(set(got) - wanted)} got it who must not')
        missed = wanted - set(got) - deleted - unknown(field)
        result.require(not missed, f'{step}: {len(missed)} missed')
        result.require(max(got.values(), default=0) <= 1, f'{step}: somebody got it twice')
    result.require(set(marks) | deleted == everybody - raising, 'Mark: not done for exactly those it is for')
    result.require(set(marks.values()) <= {1}, 'Mark: done twice for somebody')
    judge_ways(result, rows, everybody, raising, deleted)


def messages_sent(field):
    """:return: (step, number of the person) of each message Meta's stand-in accepted, as often as it did."""
    rows = {row['key']: (row['step'], row['number']) for row in field.query("""
        SELECT message.key, activity.name AS step, substring(message.phone from 6)::int AS number
          FROM fluxforce_whatsapp_message message
          JOIN fluxforce_campaign_activity activity ON activity.id = message.campaign_activity_id
    """)}
    return [rows[entry['key']] for entry in field.ledger() if entry['key'] in rows]


def unknown(field):
    """:return: numbers of people about whose message nobody knows: a person has to decide, it never goes by itself."""
    return {row['number'] for row in field.query("SELECT substring(phone from 6)::int AS number "
                                                 "FROM fluxforce_whatsapp_message WHERE state = 'unknown'")}


def judge_ways(result, rows, everybody, raising, deleted):
    """One trace for each step, one of two ways, and an end for everybody."""
    seen = Counter((row['number'], row['step']) for row in rows)
    result.require(max(seen.values()) == 1, 'two traces of one step')
    result.require({number for number, __ in seen} == everybody, 'somebody has no step at all')
    ways = Counter(row['number'] for row in rows if row['step'] in ('Seen', 'Not seen') and row['state'] == 'done')
    result.require(max(ways.values(), default=0) <= 1, 'somebody went both ways')
    parked = {row['number'] for row in rows if row['standing'] == 'error'}
    result.require(raising <= parked, f'{len(raising - parked)} whose step raised were not put aside')
    result.require(parked <= raising | deleted, f'{len(parked - raising - deleted)} were put aside for nothing')
    result.require(not [row for row in rows if row['state'] == 'waiting'], 'somebody still waits')
    result.facts.update(parked=len(parked), deleted=len(deleted))


def judge_counts(field, result, count):
    """What the campaign shows adds up, and agrees with Meta's stand-in."""
    with field.env() as env:
        record = env['fluxforce.campaign'].search([])
        shown = record.read(['participant_count', 'waiting_count', 'sent_count', 'failed_count', 'refused_count',
                             'unknown_count', 'state'])[0]
        states = dict(env['fluxforce.campaign.participant']._read_group([], ['state'], ['__count']))
    result.facts.update(shown={name: value for name, value in shown.items() if name != 'id'}, standing=states)
    result.require(sum(states.values()) == count == shown['participant_count'], 'participants do not add up')
    result.require(shown['state'] == 'done' and not shown['waiting_count'], 'the campaign does not end')
    accepted = len({entry['key'] for entry in field.ledger()})
    most = shown['sent_count'] + shown['unknown_count'] + shown['failed_count']
    result.require(shown['sent_count'] <= accepted <= most,
                   'messages shown as sent do not agree with Meta')
