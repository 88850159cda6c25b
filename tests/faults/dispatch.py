"""Processes that die while they queue a send to many people, and a Send that is pressed by several at once."""
import random
import time
from collections import Counter

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from .ground import UTILITY, ground, salesperson
from .result import fault
from .worker import apart, fork, wait_for

COMPOSER, DISPATCH = 'fluxforce.whatsapp.composer', 'fluxforce.whatsapp.dispatch'
WORKERS = 3
# Records served in one transaction: so few that some are done between two kills.
BATCH = 40
PAUSES = (0.05, 0.5)
# Contacts with the number of another one.
TWINS = 15
CLICKS = 6
CLICK_SECONDS = 60
QUEUE_SECONDS = 300


@fault('dispatch')
def killed_while_queueing(server, quick, result):
    """kill -9 of what queues bulk sends, and Send pressed six times at once: nobody twice, nobody forgotten"""
    people, kills = (800, 12) if quick else (4_000, 150)
    with ground(server) as field:
        field.set_cron('ir_cron_dispatch', active=False)  # the workers do it
        bulk = Bulk(field, people)
        bulk.send()
        field.workers.start(WORKERS, bulk=BATCH)
        done = kill_while_queueing(field, bulk, random.Random(16), kills)
        field.wait(lambda: not bulk.running(), QUEUE_SECONDS, 'everybody being queued')
        field.workers.kill_all()
        judge_queue(field, bulk, result)
        field.settle(seconds=120 + bulk.asked / 20)
        result.verdict = field.verdict([row['key'] for row in field.rows()])
        reached = Counter(entry['to'] for entry in field.ledger())
        result.facts.update(kills=done, bulk_sends=bulk.sends, people=bulk.asked, reached=len(reached))
    result.require(len(reached) == bulk.asked, 'not everybody got theirs')
    result.require(max(reached.values()) == 1, 'somebody got it twice')


def kill_while_queueing(field, bulk, chance, at_least):
    """Kill at random moments; ask for another bulk send whenever one is over too early. :return: how many kills"""
    for __ in range(at_least):
        if not bulk.running():
            bulk.send()
        time.sleep(chance.uniform(*PAUSES))
        field.workers.kill(chance.choice(field.workers.pids))
        field.workers.start(bulk=BATCH)
    return at_least


def judge_queue(field, bulk, result):
    """Compare what stands in the outbox with who was asked for."""
    dispatches = field.query(f"SELECT * FROM {DISPATCH.replace('.', '_')}")
    messages = Counter(row['phone'] for row in field.rows())
    served = sum(row['done_count'] + row['refused_count'] + row['left_out_count'] for row in dispatches)
    left = field.query('SELECT count(*) FROM fluxforce_whatsapp_dispatch_line')[0]['count']
    result.facts.update(queued=sum(messages.values()), left_out=sum(row['left_out_count'] for row in dispatches))
    result.require(len(dispatches) == bulk.sends, f'{len(dispatches)} bulk sends instead of {bulk.sends}')
    result.require({row['state'] for row in dispatches} == {'done'}, 'a bulk send is not over')
    result.require(set(messages) == bulk.phones, 'people are missing in the outbox, or strangers are in it')
    result.require(max(messages.values()) == 1, 'somebody is in the outbox twice')
    result.require(served == bulk.asked + bulk.sends * TWINS, f'{served} are counted as served')
    result.require(not left, f'{left} records were left behind')


class Bulk:
    """Asks for bulk sends to people nobody wrote to yet, as a salesperson does.

    :ivar asked: how many people were asked for
    :ivar sends: how often
    """

    def __init__(self, field, people):
        self.field, self.people, self.phones, self.sends = field, people, set(), 0
        with field.env() as env:
            self.user = salesperson(env)
            env.cr.commit()

    @property
    def asked(self):
        return len(self.phones)

    def running(self):
        return self.field.query(f"SELECT 1 FROM {DISPATCH.replace('.', '_')} WHERE state = 'running' LIMIT 1")

    def send(self):
        """Open the composer, choose a template; several processes press Send at the same moment."""
        composer_id, phones = apart(self.open)
        self.phones.update(phones)
        self.sends += 1
        moment = time.time() + 1
        wait_for([fork(lambda: self.press(composer_id, moment)) for __ in range(CLICKS)], CLICK_SECONDS)

    def open(self):
        registry = Registry(self.field.database)
        with registry.cursor() as cr:
            root = api.Environment(cr, SUPERUSER_ID, {})
            first = self.asked + 1
            people = root['res.partner'].search(
                [('ref', 'in', [f'outbox-{number}' for number in range(first, first + self.people)])], order='id')
            twins = root['res.partner'].create([
                {'name': f'Twin of {person.name}', 'phone': person.phone} for person in people[:TWINS]])
            composer = root(user=self.user, su=False)[COMPOSER].with_context(
                active_model='res.partner', active_ids=(people | twins).ids)
            composer = composer.browse(composer._open_for_selection()['params']['composer_id'])
            composer.template_id = root['fluxforce.whatsapp.template'].search(
                [('name', '=', UTILITY), ('language', 'in', ('en', 'en_US'))], limit=1)
            composer.ask()
            cr.commit()
            return composer.id, people.mapped('phone_sanitized')

    def press(self, composer_id, moment):
        time.sleep(max(0, moment - time.time()))
        with Registry(self.field.database).cursor() as cr:
            env = api.Environment(cr, self.user, {})
            try:
                retrying(lambda: env[COMPOSER].browse(composer_id).action_send(), env)
            except UserError:
                cr.rollback()  # somebody else was first
