"""A mailing that is prepared while its workers die, and is held and goes on: nobody is lost, nobody has it twice."""
import contextlib
import os
import random
import signal
import sys
import time

import psycopg2
from kit.report import Stop

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import Registry

from .ground import PHONE_ID, UTILITY, offline_ground
from .result import fault
from .worker import fork

DATABASE = 'fluxforce_faults_mailing'
MODULE = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_mailing_runner'
WORKERS = 3
# People in a batch: with few of them there are many moments at which a worker can die.
BATCH = 20
PAUSES = (0.02, 0.2)
SETTLE_SECONDS = 300
# Of fifty people, the one whose record is deleted on the way.
DELETED, OF = 13, 50
# So many kills later that happens; each time after so many the mailing is held.
DELETE_AFTER, HOLD_EACH = 3, 4
# Who comes to press a button tries again when a worker was faster.
TRIES = 20
LEFT = """
    SELECT 1 FROM mailing_mailing mailing WHERE mailing.whatsapp_enrolled_at IS NULL
        OR EXISTS (SELECT 1 FROM fluxforce_mailing_batch WHERE mailing_id = mailing.id)
        OR EXISTS (SELECT 1 FROM mailing_trace WHERE mass_mailing_id = mailing.id AND whatsapp_due)
"""
TRACES = """
    SELECT substring(person.ref from 8)::int AS number, trace.res_id, trace.failure_type, message.id AS message
      FROM mailing_trace trace
      LEFT JOIN res_partner person ON person.id = trace.res_id
      LEFT JOIN fluxforce_whatsapp_message message ON message.id = trace.whatsapp_message_id
"""


@fault('mailing')
def mailing(server, quick, result):
    """a mailing whose workers are killed while they prepare it, that is paused and resumed, and loses records"""
    count, kills = (1_000, 20) if quick else (10_000, 200)
    with offline_ground(server, DATABASE, latency=0) as field:
        people = prepare(field, count)
        pids = [work(field) for _ in range(WORKERS)]
        done = break_things(field, pids, kills, people)
        finish(field, pids)
        result.facts.update(done, people=count)
        judge(field, result, people)


def prepare(field, count):
    """Launch a mailing. :return: by the id of a record, the number of its person."""
    field.query('UPDATE ir_cron SET active = false')
    field.free_account()
    with field.env() as env:
        env['res.company'].search([]).whatsapp_approval_above = 0
        env['fluxforce.whatsapp.account'].search([]).write({'marketing_most': 0, 'duplicate_hours': 0})
        last = env['res.partner'].search([('ref', '=', f'outbox-{count}')])
        domain = [('ref', '=like', 'outbox-%'), ('id', '<=', last.id)]
        template = env['fluxforce.whatsapp.template'].search(
            [('name', '=', UTILITY), ('language', 'in', ('en', 'en_US'))], limit=1)
        env['mailing.mailing'].create({
            'subject': 'Faults', 'mailing_type': 'whatsapp', 'user_id': env.ref('base.user_admin').id,
            'whatsapp_canary': False, 'mailing_model_id': env['ir.model']._get_id('res.partner'),
            'mailing_domain': repr(domain), 'whatsapp_template_id': template.id,
            'whatsapp_number_id': env['fluxforce.whatsapp.number'].search([('phone_number_id', '=', PHONE_ID)]).id,
        }).action_put_in_queue()
        return {person.id: int(person.ref.removeprefix('outbox-'))
                for person in env['res.partner'].search(domain)}


# --- What works ------------------------------------------------------------------------------------------------------


def work(field):
    """:return: id of a process that prepares the mailing until it is killed."""
    sql_db.close_all()
    return fork(lambda: serve(field.database, os.getppid()))


def serve(database, parent):
    registry = Registry(database)
    sys.modules[MODULE].BATCH = BATCH
    while os.getppid() == parent:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            runner = env['fluxforce.mailing.runner']
            for mailing_id in runner._ids_with_work():
                runner._run_batch(env['mailing.mailing'].browse(mailing_id))


# --- What breaks -----------------------------------------------------------------------------------------------------


def break_things(field, pids, kills, people):
    """Kill workers at random moments; in between a person holds the mailing, and records are deleted.

    :return: how often what was done
    """
    chance, done = random.Random(7), {'kills': 0, 'pauses': 0, 'deleted': 0}
    while field.query(LEFT) and done['kills'] < kills:
        time.sleep(chance.uniform(*PAUSES))
        kill(pids, chance.randrange(WORKERS))
        done['kills'] += 1
        if done['kills'] == DELETE_AFTER:
            done['deleted'] = delete_records(field, people)
        if done['kills'] % HOLD_EACH == 0:
            done['pauses'] += hold(field, chance)
        pids.append(work(field))
    return done


def kill(pids, place):
    pid = pids.pop(place)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def hold(field, chance):
    """Pause the mailing, if it is being sent, and resume it. :return: how often it was paused."""
    if not field.query("SELECT 1 FROM mailing_mailing WHERE state = 'sending'"):
        return 0
    press(field, 'action_whatsapp_pause')
    time.sleep(chance.uniform(*PAUSES))
    press(field, 'action_whatsapp_resume')
    return 1


def press(field, button):
    again(field, lambda env: getattr(env['mailing.mailing'].search([]), button)())


def delete_records(field, people):
    """:return: how many people were deleted"""
    gone = [res_id for res_id, number in people.items() if number % OF == DELETED]
    again(field, lambda env: env['res.partner'].browse(gone).unlink())
    return len(gone)


def again(field, work_of):
    """Do what a user does who tries again when somebody else was faster."""
    for _ in range(TRIES):
        with contextlib.suppress(psycopg2.errors.OperationalError, ConcurrencyError), field.env() as env:
            return work_of(env)
        time.sleep(PAUSES[1])
    raise Stop('A worker was always faster.')


def finish(field, pids):
    end = time.monotonic() + SETTLE_SECONDS
    while field.query(LEFT):
        if time.monotonic() > end:
            raise Stop(f'After {SETTLE_SECONDS} s somebody is still to be prepared.')
        time.sleep(0.2)
    while pids:
        kill(pids, 0)


# --- What must hold --------------------------------------------------------------------------------------------------


def judge(field, result, people):
    """Everybody has one trace and one message, who was deleted at most one."""
    rows, outbox = field.query(TRACES), field.query(
        'SELECT id, res_id FROM fluxforce_whatsapp_message WHERE mailing_id IS NOT NULL')
    served = [row['res_id'] for row in rows]
    result.require(len(served) == len(set(served)), 'somebody has two traces')
    result.require(set(served) == people.keys(), f'{len(people.keys() - set(served))} have no trace')
    written = [row['res_id'] for row in outbox]
    result.require(len(written) == len(set(written)), 'somebody has two messages')
    staying = {res_id for res_id, number in people.items() if number % OF != DELETED}
    result.require(staying <= set(written), f'{len(staying - set(written))} have no message')
    kept = {row['message'] for row in rows if row['message']}
    result.require(kept == {row['id'] for row in outbox}, 'traces and messages do not belong together')
    with field.env() as env:
        shown = env['mailing.mailing'].search([]).expected
    result.require(shown == len(people), f'{shown} recipients are shown')
    result.facts.update(messages=len(outbox), traces=len(rows))
