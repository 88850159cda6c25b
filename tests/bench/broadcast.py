"""What it costs to prepare a mailing, beside Odoo core's SMS mailing of the same kind of people."""
import sys
import time
from collections import Counter

import psutil
from kit.report import step

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from tests.faults.ground import MARKETING, offline_ground
from tests.faults.worker import apart_together

from . import core_mailing

DATABASE = 'fluxforce_bench_broadcast'
MAILING, RUNNER = 'mailing.mailing', 'fluxforce.mailing.runner'
RUNNER_MODULE = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner'
# There are two scheduled actions for mailings.
WORKERS = 2
# So many of the last people have the numbers of the first: they are in another worker's hands.
TWINS = 10
# Until then both have loaded Odoo, which is not measured.
LOADING_SECONDS = 15
IDLE_SECONDS = 0.05
PEOPLE = """
    INSERT INTO res_partner (name, complete_name, ref, phone, phone_sanitized, active, type, lang, create_uid,
                             write_uid, create_date, write_date)
    SELECT 'Customer ' || n, 'Customer ' || n, 'gate-' || n, '+3363' || lpad(n::text, 7, '0'),
           '+3363' || lpad(n::text, 7, '0'), true, 'contact', 'en_US', 1, 1, now(), now()
      FROM generate_series(1, {count}) AS n
"""
CONSENTS = """
    INSERT INTO fluxforce_whatsapp_consent (partner_id, phone, company_id, purpose, decision, source, wording, given_at,
                                            user_id, create_uid, write_uid, create_date, write_date)
    SELECT id, phone, 1, 'marketing', 'given', 'form', 'Write to me.', now() - interval '1 day', 1, 1, 1, now(), now()
      FROM res_partner WHERE ref LIKE 'gate-%%'
"""
# Who shares a number with somebody else gets nothing of their own.
SHARE_NUMBERS = """
    UPDATE res_partner twin SET phone = first.phone, phone_sanitized = first.phone
      FROM res_partner first, generate_series(1, %(first)s) AS n
     WHERE first.ref = 'gate-' || n AND twin.ref = 'gate-' || n + %(distance)s
"""


def broadcast(server, quick):
    """a mailing prepared, from the launch to the last message in the outbox, beside core's SMS mailing

    ``ms_per_recipient`` is enrolling, the gate with its rules on, values, the message and the mark of each recipient,
    commits counted, with a marketer's rights, from the launch until both of the scheduled actions for mailings are
    through; ``cpu_ms_per_recipient`` is what Python took for it in both. ``core_sms_ms_per_recipient`` is what
    ``mass_mailing_sms`` does to the same point, one transaction, nothing sent. ``check_s`` is the launch check; it
    looks at 10,000 of them. ``follow_ms`` brings all recipients to the states of their messages.
    """
    count, core_count = (2_000, 500) if quick else (100_000, 10_000)
    with offline_ground(server, DATABASE, latency=0) as field:
        with step(f'{core_count} SMS by Odoo core'):
            core = core_mailing.queue_seconds(server, PEOPLE.format(count=core_count))
        with step(f'{count} recipients'), field.env() as env:
            mailing_id, marketer = populate(env, count)
        with field.env() as env:
            figures = launch(env(user=marketer, su=False), mailing_id)
        with step(f'{count} messages'):
            figures.update(prepare(field, mailing_id, count))
        figures['prepared'] = field.count('queued')
    core_ms = 1000 * core['seconds'] / core['count']
    return {'recipients': count, **figures, 'core_sms_ms_per_recipient': round(core_ms, 3),
            'ratio': round(figures['ms_per_recipient'] / core_ms, 3)}


def populate(env, count):
    env.cr.execute(PEOPLE.format(count=count).replace('%', '%%'), ())
    env.cr.execute(CONSENTS, ())
    env.cr.execute(SHARE_NUMBERS, {'first': TWINS, 'distance': count - TWINS})
    for table in ('res_partner', 'fluxforce_whatsapp_consent'):
        env.cr.execute(f'ANALYZE {table}')
    env.cr.execute('UPDATE ir_cron SET active = false')
    env['res.company'].search([]).whatsapp_approval_above = 0
    env['fluxforce.whatsapp.account'].search([]).write(
        {'marketing_most': 4, 'marketing_days': 7, 'duplicate_hours': 24})
    marketer = env['res.users'].with_context(no_reset_password=True).create({
        'name': 'Mara Marketer', 'login': 'mara.bench', 'email': 'mara@example.com',
        'group_ids': [(6, 0, [env.ref('fluxforce_whatsapp_marketing.group_whatsapp_marketer').id])]})
    mailing = env[MAILING].create({
        'subject': 'Offer', 'mailing_type': 'whatsapp', 'user_id': marketer.id, 'whatsapp_canary': False,
        'mailing_model_id': env['ir.model']._get_id('res.partner'), 'mailing_domain': "[('ref', 'like', 'gate-')]",
        'whatsapp_number_id': env['fluxforce.whatsapp.number'].search([('phone_number_id', '=', '560000000000001')]).id,
        'whatsapp_template_id': env['fluxforce.whatsapp.template'].search([('name', '=', MARKETING)], limit=1).id})
    return mailing.id, marketer.id


def launch(env, mailing_id):
    begun = time.perf_counter()
    env[MAILING].browse(mailing_id).action_put_in_queue()
    env.cr.commit()
    return {'check_s': round(time.perf_counter() - begun, 2)}


def prepare(field, mailing_id, count):
    """Let the two scheduled actions work until everybody is prepared. :return: what it cost."""
    begins_at = time.time() + LOADING_SECONDS
    workers = apart_together([lambda: work(field.database, mailing_id, begins_at)] * WORKERS)
    seconds = max(worker['ended_at'] for worker in workers) - begins_at
    with field.env() as env:
        begun = time.perf_counter()
        env['mailing.trace']._follow(env[MAILING].browse(mailing_id))
        env.cr.commit()
        followed = time.perf_counter() - begun
        traces = Counter(env['mailing.trace'].search(
            [('mass_mailing_id', '=', mailing_id)]).mapped(lambda trace: bool(trace.whatsapp_message_id)))
    assert traces == {True: count - TWINS, False: TWINS}, traces
    return {'ms_per_recipient': round(1000 * seconds / count, 3),
            'cpu_ms_per_recipient': round(1000 * sum(worker['cpu_s'] for worker in workers) / count, 3),
            'queries_per_1000': round(1000 * sum(worker['queries'] for worker in workers) / count),
            'growth_mb': round(max(worker['growth_mb'] for worker in workers)), 'follow_ms': round(1000 * followed),
            'workers': sum(bool(worker['batches']) for worker in workers)}


def work(database, mailing_id, begins_at):
    """What a cron worker does, from a moment on that is the same for all. :return: its part of it."""
    process, registry, served = psutil.Process(), Registry(database), count_batches()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        is_left(env, mailing_id)
        cr.commit()
        assert time.time() < begins_at, 'It takes longer to load Odoo than the bench thinks'
        time.sleep(begins_at - time.time())
        size, queries, cpu, ended_at = process.memory_info().rss, cr.sql_log_count, time.process_time(), begins_at
        while is_left(env, mailing_id):
            before = served.total()
            env[RUNNER]._work_off()
            ended_at = time.time() if served.total() > before else ended_at
            cr.commit()
            time.sleep(IDLE_SECONDS)
        return {'ended_at': ended_at, 'cpu_s': time.process_time() - cpu, 'queries': cr.sql_log_count - queries,
                'growth_mb': (process.memory_info().rss - size) / 1024 ** 2, 'batches': served.total()}


def count_batches():
    """:return: Counter that grows with each batch this process serves."""
    runner, served = sys.modules[RUNNER_MODULE].FluxforceMailingRunner, Counter()
    run_batch = runner._run_batch

    def counted(model, mailing):
        processed = run_batch(model, mailing)
        served['batches'] += bool(processed)
        return processed

    runner._run_batch = counted
    return served


def is_left(env, mailing_id):
    """:return: whether somebody is to be prepared still."""
    mailing = env[MAILING].browse(mailing_id)
    return not mailing.whatsapp_enrolled_at or env['fluxforce.mailing.batch']._counts(mailing) or (
        env['mailing.trace'].search_count([('mass_mailing_id', '=', mailing_id), ('whatsapp_due', '=', True)], limit=1))
