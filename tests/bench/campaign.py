"""What a campaign of many steps costs: to let 100,000 people in, and to decide about each of their steps."""
import fcntl
import json
import os
import sys
import time
from contextlib import contextmanager

import psutil
from kit.paths import CACHE
from kit.report import step

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

from tests.faults.ground import MARKETING, PEOPLE, UTILITY, add_people, offline_ground
from tests.faults.worker import fork

DATABASE = 'fluxforce_bench_campaign'
CAMPAIGN = 'fluxforce.campaign'
WORKERS = 2
IDLE_SECONDS = 0.2
# Times that the people have something to do and time passes: more than the journey has steps in a row.
ROUNDS = 6
# Each step with the name of the one before: two messages in a row, a fork, two ways after it.
STEPS = (
    {'name': 'Welcome', 'type': 'whatsapp', 'template': UTILITY},
    {'name': 'Reminder', 'type': 'whatsapp', 'template': MARKETING, 'after': 'Welcome', 'trigger': 'not_read',
     'delay': 2},
    {'name': 'Two?', 'type': 'condition', 'after': 'Welcome', 'trigger': 'read',
     'condition_domain': "[('ref', '=like', '%2')]"},
    {'name': 'Offer', 'type': 'whatsapp', 'template': MARKETING, 'after': 'Two?', 'trigger': 'yes', 'delay': 1},
    {'name': 'Rest', 'type': 'wait', 'after': 'Two?', 'trigger': 'no', 'delay': 1},
)
# What people do with what they got: of ten, the numbers 1 to 6 read, 7 to 9 get it only, 0 cannot be reached.
ACT = """
    UPDATE fluxforce_whatsapp_message message
       SET state = CASE WHEN fate = 0 THEN 'failed' WHEN fate <= 6 THEN 'read' ELSE 'delivered' END,
           wamid = 'wamid.' || message.id, claimed_at = moment, accepted_at = moment, sent_at = moment,
           delivered_at = CASE WHEN fate > 0 THEN moment END, read_at = CASE WHEN fate BETWEEN 1 AND 6 THEN moment END,
           failed_at = CASE WHEN fate = 0 THEN moment END, error_code = CASE WHEN fate = 0 THEN 131026 END
      FROM (SELECT id, substring(ref from 8)::int %% 10 AS fate, now() AT TIME ZONE 'utc' AS moment
              FROM res_partner WHERE ref LIKE 'outbox-%%') person
     WHERE message.partner_id = person.id AND message.state IN ('queued', 'held')
 RETURNING message.id
"""
# Three days pass for everything a campaign knows.
PASS = (
    "UPDATE fluxforce_campaign_participant SET entered_at = entered_at - interval '3 days'",
    """UPDATE fluxforce_whatsapp_message SET accepted_at = accepted_at - interval '3 days',
              claimed_at = claimed_at - interval '3 days', delivered_at = delivered_at - interval '3 days',
              read_at = read_at - interval '3 days', failed_at = failed_at - interval '3 days'""",
    "UPDATE fluxforce_campaign_trace SET due_at = due_at - interval '3 days', done_at = done_at - interval '3 days'",
    'VACUUM ANALYZE fluxforce_campaign_trace',
    'VACUUM ANALYZE fluxforce_whatsapp_message',
)
# What each person must have got, told by their number alone.
EXPECTED = """
    SELECT substring(person.ref from 8)::int AS number, wanted.step
      FROM res_partner person
     CROSS JOIN LATERAL (SELECT substring(person.ref from 8)::int %% 10 AS kind) told
      JOIN (VALUES ('Welcome'), ('Reminder'), ('Two?'), ('Offer'), ('Rest')) wanted (step)
        ON wanted.step = 'Welcome' OR (wanted.step = 'Reminder' AND kind >= 7)
        OR (wanted.step = 'Two?' AND kind BETWEEN 1 AND 6) OR (wanted.step = 'Offer' AND kind = 2)
        OR (wanted.step = 'Rest' AND kind BETWEEN 1 AND 6 AND kind <> 2)
     WHERE person.ref LIKE 'outbox-%%' AND substring(person.ref from 8)::int <= %(count)s
"""
DONE = """
    SELECT substring(person.ref from 8)::int AS number, activity.name AS step
      FROM fluxforce_campaign_trace trace
      JOIN fluxforce_campaign_activity activity ON activity.id = trace.activity_id
      JOIN fluxforce_campaign_participant participant ON participant.id = trace.participant_id
      JOIN res_partner person ON person.id = participant.res_id
     WHERE trace.state = 'done'
"""
# A step's second message to the same number, whoever's row it is on.
TWICE = """
    SELECT COALESCE(sum(extra), 0) AS count FROM (
        SELECT count(*) - 1 AS extra FROM fluxforce_whatsapp_message
         WHERE campaign_id IS NOT NULL GROUP BY campaign_activity_id, phone HAVING count(*) > 1) twice
"""


def campaign(server, quick):
    """100,000 people through a campaign of five steps with branches, by two workers

    ``enrol_s`` is from the start to the moment everybody has come in and waits for the first step. ``ms_per_step`` is
    the time of both workers together for all steps that came to an end (done or passed over), without what belongs to
    sending: to write a message's values, ask the gate and put it into the outbox, which ``queue_ms_per_message`` tells.
    ``cpu_ms_per_step`` is the same as CPU time of the workers, which does not depend on what else the machine does.
    People act and time passes between rounds, which is not measured. ``duplicates`` are second messages of a step to
    one number; ``missed`` is by how many people the steps that were done differ from what each person had to get, told
    by their number alone. ``growth_mb`` is by how much a worker grew after its first batch, at most.
    """
    count = 2_000 if quick else 100_000
    with offline_ground(server, DATABASE, latency=0) as field:
        prepare(field, count)
        diary = CACHE / f'campaign-{os.getpid()}.jsonl'
        diary.write_text('')
        with working(field, diary):
            with step(f'{count} people come in'):
                enrol_s = enrol(field, count)
            came_at = time.time()
            with step(f'{len(STEPS)} steps'):
                go_through(field, diary)
        figures = add_up(field, read(diary), came_at, count)
        for path in (diary, diary.with_suffix('.lock')):
            path.unlink()
    return {'participants': count, 'enrol_s': round(enrol_s, 1), **figures}


def prepare(field, count):
    if count > PEOPLE:
        with step(f'{count} people'):
            add_people(field.server, field.database, PEOPLE + 1, count)
    with field.env() as env:
        env.cr.execute('UPDATE ir_cron SET active = false')
        templates = {name: env['fluxforce.whatsapp.template'].search(
            [('name', '=', name), ('language', 'in', ('en', 'en_US'))], limit=1).id for name in (UTILITY, MARKETING)}
        numbers = [f'outbox-{number}' for number in range(1, count + 1)]
        record = env[CAMPAIGN].create({
            'name': 'Bench', 'user_id': env.ref('base.user_admin').id, 'activity_ids': False, 'on_talk': 'ignore',
            'domain': repr([('ref', '=like', 'outbox-%')]) if count >= PEOPLE else repr([('ref', 'in', numbers)])})
        draw(record, templates)
        env['fluxforce.whatsapp.account'].search([]).write({'marketing_most': 0, 'duplicate_hours': 0})


def draw(record, templates):
    made = {}
    for index, values in enumerate(STEPS):
        values = dict(values)
        parent, template = made.get(values.pop('after', None)), templates.get(values.pop('template', None))
        made[values['name']] = record.activity_ids.create({
            **values, 'campaign_id': record.id, 'parent_id': parent and parent.id, 'template_id': template,
            'sequence': index})


# --- Workers ---------------------------------------------------------------------------------------------------------


@contextmanager
def working(field, diary):
    """Two processes that run the scheduled action as long as this lasts."""
    sql_db.close_all()
    flag = diary.with_suffix('.run')
    flag.touch()
    pids = [fork(lambda: work(field.database, diary, flag)) for _ in range(WORKERS)]
    try:
        yield
    finally:
        flag.unlink()
        for pid in pids:
            os.waitpid(pid, 0)


def work(database, diary, flag):
    meter = Meter()
    meter.watch()
    registry = Registry(database)
    while flag.exists():
        with held(diary, fcntl.LOCK_SH), registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            began = meter.begin(cr)
            env[CAMPAIGN]._cron_run()
            if meter.count:
                note(diary, began=began, **meter.figures(cr))
        time.sleep(IDLE_SECONDS)


@contextmanager
def held(diary, how):
    """Workers share it while they work; whoever has it alone has the database to itself."""
    with diary.with_suffix('.lock').open('w') as file:
        fcntl.flock(file, how)
        yield


class Meter:
    """What one run of the scheduled action does, and how much of it belongs to sending."""

    def __init__(self):
        self.process, self.first_mb, self.most_mb = psutil.Process(), None, 0

    def begin(self, cr):
        """:return: the moment (Unix)."""
        self.count, self.sending_s, self.queued, self.queries = 0, 0.0, 0, cr.sql_log_count
        self.sending_cpu_s, self.began, self.cpu_began = 0.0, time.perf_counter(), time.process_time()
        return time.time()

    def figures(self, cr):
        return {'count': self.count, 'sending_s': self.sending_s, 'queued': self.queued,
                'queries': cr.sql_log_count - self.queries, 'seconds': time.perf_counter() - self.began,
                'cpu_s': time.process_time() - self.cpu_began - self.sending_cpu_s,
                'growth_mb': self.most_mb - self.first_mb}

    def watch(self):
        models = 'odoo.addons.fluxforce_whatsapp_marketing.models.'
        runner = sys.modules[f'{models}fluxforce_campaign_runner'].FluxforceCampaignRunner
        signal = sys.modules[f'{models}fluxforce_campaign_signal'].FluxforceCampaignSignal
        performer = sys.modules[f'{models}fluxforce_campaign_performer'].FluxforceCampaignPerformer
        runner._run_batch = self._counted(runner._run_batch)
        signal._work_off = self._counted(signal._work_off)
        performer._perform_whatsapp = self._timed(performer._perform_whatsapp)

    def _counted(self, function):
        def watched(model, *arguments):
            done = function(model, *arguments)
            self.count += done
            size = self.process.memory_info().rss / 1024 ** 2
            if done:
                self.first_mb, self.most_mb = self.first_mb or size, max(self.most_mb, size)
            return done
        return watched

    def _timed(self, function):
        def watched(model, activity, cases, records):
            began, cpu_began = time.perf_counter(), time.process_time()
            done = function(model, activity, cases, records)
            model.env.flush_all()
            self.sending_s += time.perf_counter() - began
            self.sending_cpu_s += time.process_time() - cpu_began
            self.queued += len(done)
            return done
        return watched


def note(diary, **facts):
    with diary.open('a') as file:
        file.write(json.dumps({'pid': os.getpid(), **facts}) + '\n')


def read(diary):
    return [json.loads(line) for line in diary.read_text().splitlines()]


# --- The run ---------------------------------------------------------------------------------------------------------


def enrol(field, count):
    """Start, and wait until everybody has come in. :return: seconds."""
    # The first step is let loose afterwards, so that nothing else is measured.
    field.query("UPDATE fluxforce_campaign_activity SET delay = 1, delay_unit = 'days' WHERE name = 'Welcome'")
    began = time.perf_counter()
    field.query("UPDATE fluxforce_campaign SET state = 'running', started_at = now() AT TIME ZONE 'utc'")
    field.wait(lambda: field.query('SELECT 1 FROM fluxforce_campaign WHERE enrolled_at IS NOT NULL'), 1800,
               'everybody has come in')
    seconds = time.perf_counter() - began
    came, = field.query("SELECT count(*) FROM fluxforce_campaign_participant WHERE state = 'waiting'")
    assert came['count'] == count, came
    return seconds


def go_through(field, diary):
    """Let time pass and people act until the campaign is done."""
    for _ in range(ROUNDS):
        with held(diary, fcntl.LOCK_EX):
            for statement in PASS:
                field.query(statement)
        field.wait(lambda: not due(field), 1800, 'nothing due')
        with held(diary, fcntl.LOCK_EX):
            act(field)
        field.wait(lambda: not due(field), 1800, 'nothing due')
        if field.query("SELECT 1 FROM fluxforce_campaign WHERE state = 'done'"):
            return


def due(field):
    return field.query("""
        SELECT 1 FROM fluxforce_campaign_trace WHERE state = 'waiting' AND due_at <= now() AT TIME ZONE 'utc'
         UNION ALL SELECT 1 FROM fluxforce_campaign_signal LIMIT 1
    """)


def act(field):
    """Let the people do what they do, and tell it as the sender and the webhooks do."""
    ids = [row['id'] for row in field.query(ACT, {})]
    with field.env() as env:
        env['fluxforce.campaign.signal']._note_moved(ids)


# --- Figures ---------------------------------------------------------------------------------------------------------


def add_up(field, entries, came_at, count):
    steps, = field.query("SELECT count(*) FROM fluxforce_campaign_trace WHERE state <> 'waiting'")
    served = [entry for entry in entries if entry['began'] >= came_at]
    seconds, cpu, sending, queued, queries = (
        sum(entry[name] for entry in served) for name in ('seconds', 'cpu_s', 'sending_s', 'queued', 'queries'))
    return {
        'ms_per_step': round(1000 * (seconds - sending) / steps['count'], 3),
        'cpu_ms_per_step': round(1000 * cpu / steps['count'], 3),
        'queries_per_step': round(queries / steps['count'], 3),
        'growth_mb': round(max(entry['growth_mb'] for entry in entries)),
        **compare(field, count),
        'steps': steps['count'], 'messages': queued, 'queue_ms_per_message': round(1000 * sending / max(queued, 1), 3),
        'workers': len({entry['pid'] for entry in served}),
    }


def compare(field, count):
    """:return: what happened more than once, and what differs from what had to happen."""
    twice, = field.query(TWICE)
    left, = field.query("SELECT count(*) FROM fluxforce_campaign_participant WHERE state <> 'done'")
    wanted, got = ([(row['number'], row['step']) for row in field.query(statement, {'count': count})]
                   for statement in (EXPECTED, DONE))
    return {'duplicates': int(twice['count']) + len(got) - len(set(got)),
            'missed': len(set(wanted) ^ set(got)) + left['count']}
