"""What every fault and bench begins with: a fresh copy of a prepared database, Meta's stand-in, Odoo, workers."""
import contextlib
import time

from kit import databases, odoo, ports, scene
from kit.paths import CACHE
from kit.report import Stop, step
from kit.stage import Stage

from odoo import SUPERUSER_ID, api, sql_db
from odoo.tools import split_every

from tests.simulator.testing import RunningSimulator
from tests.simulator.world import PHONE_ID

from . import worker
from .diary import Diary
from .judge import judge

BASE = 'fluxforce_outbox'
DATABASE = 'fluxforce_faults'
PEOPLE = 25_000
BATCH = 500
POLL_SECONDS = 0.25
UTILITY, MARKETING = 'order_update', 'welcome_offer'
# Above what any sender reaches: who is to be measured must not be slowed down by the other side.
NO_LIMIT = 100_000
UNLIMITED = 'TIER_UNLIMITED'
# An account and a number for which nothing but their throughput counts; fields that do not exist yet are left out.
FREE = {
    'fluxforce.whatsapp.account': {'quiet_from': 0.0, 'quiet_to': 0.0},
    'fluxforce.whatsapp.number': {
        'registered_at': '2020-01-01 00:00:00', 'warmup_done_at': '2020-02-01 00:00:00', 'warmup_id': False,
        'brake': 'none', 'messaging_limit': UNLIMITED},
    'fluxforce.whatsapp.portfolio': {'messaging_limit': UNLIMITED, 'quiet_from': 0.0, 'quiet_to': 0.0},
}
PERSON = """
    WITH person AS (
        INSERT INTO res_partner (name, complete_name, ref, phone, phone_sanitized, active, type, lang, create_uid,
                                 write_uid, create_date, write_date)
        SELECT name, name, 'outbox-' || n, phone, phone, true, 'contact', 'en_US', 1, 1, now(), now()
          FROM (SELECT n, 'Customer ' || n AS name, '+3353' || lpad(n::text, 7, '0') AS phone
                  FROM generate_series(%s, %s) AS n) AS people
     RETURNING id, phone)
    INSERT INTO fluxforce_whatsapp_consent (partner_id, phone, company_id, purpose, decision, source, wording, given_at,
                                            user_id, create_uid, write_uid, create_date, write_date)
    SELECT id, phone, 1, purpose, 'given', 'form', 'Write to me.', now() - interval '1 day', 1, 1, 1, now(), now()
      FROM person, unnest(ARRAY['utility', 'marketing']) AS purpose
"""


CRON = "(SELECT res_id FROM ir_model_data WHERE module = 'fluxforce_whatsapp' AND name = %s)"
SEND_CRONS = ("(SELECT res_id FROM ir_model_data WHERE module = 'fluxforce_whatsapp' "
              "AND name IN ('ir_cron_send', 'ir_cron_send_more'))")


# --- Databases -------------------------------------------------------------------------------------------------------


def prepared(server):
    """A connected account, filled templates and people who agreed, as a template to copy. :return: its name."""
    stamp = f'{databases.addons_fingerprint()} {PEOPLE}'
    if databases.comment(server, BASE) != stamp:
        disconnect(server, BASE)
        databases.drop(server, BASE)
        databases.ensure(server, BASE)
        with step(f'Account, templates and {PEOPLE} people'), Stage(server, BASE, latency=0) as stage:
            lift_metas_limits(stage.simulator)
            scene.prepare(stage)
        add_people(server, BASE, 1, PEOPLE)
        databases.set_comment(server, BASE, stamp)
    return BASE


def add_people(server, database, first, last):
    with server.cursor(database) as cursor:
        cursor.execute(PERSON, [first, last])
        cursor.execute('ANALYZE')


def fresh(server, database):
    """A copy of the prepared database. :return: its name."""
    base = prepared(server)
    disconnect(server, database)
    databases.copy(server, base, database)
    return database


def disconnect(server, database):
    """End every connection, also those of workers that were killed a moment ago."""
    sql_db.close_all()
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
                       "AND backend_type = 'client backend'", [database])


def lift_metas_limits(simulator):
    """No portfolio limit and no throughput limit at Meta's side; the sender's own pace is what counts."""
    world = simulator.control('GET', '/world')
    for waba in world['wabas']:
        for thing in (waba, *waba['phone_numbers']):
            thing.update(whatsapp_business_manager_messaging_limit=UNLIMITED)
        for number in waba['phone_numbers']:
            number.update(throughput_limit=NO_LIMIT, messaging_limit_tier=UNLIMITED)
    simulator.control('POST', '/reset', {'world': world})


def salesperson(env):
    """:return: the id of a new user who may send."""
    return env['res.users'].with_context(no_reset_password=True).create({
        'name': 'Selma Sales', 'login': 'selma.bench', 'email': 'selma@example.com',
        'group_ids': [(6, 0, [env.ref('fluxforce_whatsapp.group_whatsapp_user').id])]}).id


# --- Ground ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def ground(server, database=DATABASE, server_sends=False, settings=None, **options):
    """A :class:`Ground` on a fresh database; everything it starts ends with it.

    :param bool server_sends: let the Odoo server's own crons send; else only :attr:`Ground.workers` do.
    :param dict settings: of the simulator.
    :param options: of :class:`kit.stage.Stage`.
    """
    fresh(server, database)
    set_send_cron(server, database, active=server_sends)
    with Stage(server, database, **{'latency': 0.3, **options}) as stage:
        result = Ground(server, database, stage.simulator, stage)
        lift_metas_limits(stage.simulator)
        stage.simulator.control('PATCH', '/settings', {'retry_schedule': [1] * 120, **(settings or {})})
        stage.connect()
        yield from result.use()


@contextlib.contextmanager
def offline_ground(server, database, latency):
    """A :class:`Ground` without an Odoo server: nobody listens to webhooks, nothing but the workers runs."""
    fresh(server, database)
    set_send_cron(server, database, active=False)
    with RunningSimulator(latency=latency) as simulator:
        lift_metas_limits(simulator)
        result = Ground(server, database, simulator)
        with result.env() as env:
            env['fluxforce.whatsapp.account'].search([]).base_url = simulator.graph_url
        yield from result.use()


def set_send_cron(server, database, active):
    with server.cursor(database) as cursor:
        cursor.execute(f'UPDATE ir_cron SET active = %s WHERE id IN {SEND_CRONS}', [active])


class Ground:
    """One database, Meta's stand-in, workers that drain, and the questions a judge asks."""

    def __init__(self, server, database, simulator, stage=None):
        """:param stage: the running :class:`kit.stage.Stage`, None without an Odoo server."""
        self.server, self.database, self.simulator, self.stage = server, database, simulator, stage
        self.workers = worker.Workers(database)
        self.log = CACHE / f'workers-{database}.log'
        self.log.unlink(missing_ok=True)
        self.registry = worker.open_registry(database, [
            *odoo.common_options(server, database), f'--logfile={self.log}', f'--http-interface={ports.HOST}'])
        self.free_account()

    def use(self):
        """Yield self, then end the workers."""
        try:
            yield self
        finally:
            self.workers.kill_all()
            disconnect(self.server, self.database)

    # --- Odoo ---

    @contextlib.contextmanager
    def env(self):
        """An environment of the superuser with a transaction of its own."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def free_account(self, **number_values):
        """Let nothing but the throughput hold messages back; ``number_values`` come on top."""
        with self.env() as env:
            for model, values in FREE.items():
                if model in env:
                    if model == 'fluxforce.whatsapp.number':
                        values = {**values, **number_values}
                    records = env[model].with_context(active_test=False).search([])
                    records.write({name: value for name, value in values.items() if name in records._fields})

    def enqueue(self, count, first=1, template=UTILITY, phone_id=PHONE_ID):
        """Put one message for each of ``count`` people into the outbox, through the gate. :return: the keys."""
        keys = []
        with self.env() as env:
            people = env['res.partner'].search([('ref', 'in', [f'outbox-{n}' for n in range(first, first + count)])],
                                               order='id')
            for batch in split_every(BATCH, people.ids):
                keys += self._enqueue_batch(env, batch, template, phone_id)
                env.cr.commit()
                env.invalidate_all()
        return keys

    def _enqueue_batch(self, env, partner_ids, template, phone_id):
        template = env['fluxforce.whatsapp.template'].search(
            [('name', '=', template), ('language', 'in', ('en', 'en_US'))], limit=1)
        number = env['fluxforce.whatsapp.number'].search([('phone_number_id', '=', phone_id)])
        outbox = env['fluxforce.whatsapp.message']
        drafts = outbox._prepare_drafts(env['res.partner'].browse(partner_ids), template, number)
        return outbox._enqueue(drafts, log=False).mapped('key')

    def query(self, statement, *values):
        """:param values: of the statement, or one dict. :return: rows as dicts."""
        values = values[0] if values and isinstance(values[0], dict) else values
        with self.server.cursor(self.database) as cursor:
            cursor.execute(statement, values)
            if cursor.description:
                return [dict(zip([column.name for column in cursor.description], row, strict=True))
                        for row in cursor.fetchall()]
        return []

    def rows(self):
        """:return: the outbox, first in first."""
        return self.query('SELECT * FROM fluxforce_whatsapp_message ORDER BY id')

    def count(self, *states):
        row, = self.query('SELECT count(*) FROM fluxforce_whatsapp_message WHERE state = ANY(%s)', list(states))
        return row['count']

    # --- Meta ---

    def set(self, **settings):
        self.simulator.control('PATCH', '/settings', settings)

    def ledger(self):
        return self.simulator.control('GET', '/log')

    def keep_diary(self):
        """Have the workers write down what they do. :return: the :class:`tests.faults.diary.Diary`"""
        self.workers.diary = Diary(CACHE / f'diary-{self.database}.jsonl')
        return self.workers.diary

    def stalls(self):
        """:return: when the simulator stood still, [Unix moment, seconds]."""
        return self.simulator.control('GET', '/log/stalls')

    def accepted(self):
        return self.simulator.control('GET', '/log/summary')['accepted']

    def calls(self):
        """:return: the calls that wanted to send."""
        return [entry for entry in self.simulator.control('GET', '/requests') if entry['path'].endswith('/messages')]

    # --- Time ---

    def wait(self, condition, seconds, what):
        """:raise Stop: if it takes longer."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Stop(f'After {seconds} s still not: {what}. Outbox: {self.states()}')
            time.sleep(POLL_SECONDS)

    def states(self):
        return {row['state']: row['count'] for row in self.query(
            'SELECT state, count(*) FROM fluxforce_whatsapp_message GROUP BY state')}

    def settle(self, seconds=180, in_hand=5, hurry=True):
        """Let everything come to rest. What dead workers had in hand is made old instead of waited for.

        :param float in_hand: seconds that a call of a living worker may still last.
        :param bool hurry: cut the outbox's waiting times short as well.
        """
        if not self.workers.pids and not self._server_sends():
            self.workers.start()
        self.wait(lambda: self._nothing_due(hurry), seconds, 'nothing due')
        self._let_go(in_hand)
        self.wait(self._at_rest, seconds, 'at rest')
        self.workers.stop()

    def _server_sends(self):
        return bool(self.query(f'SELECT 1 FROM ir_cron WHERE active AND id IN {SEND_CRONS}'))

    def _nothing_due(self, hurry):
        if hurry:
            self.hurry()
        self.wake_server()
        return not self.count('queued')

    def set_cron(self, name, active):
        """:param str name: of the scheduled action's record in the addon's data."""
        self.query(f'UPDATE ir_cron SET active = %s WHERE id = {CRON}', active, name)

    def wake(self, name):
        with self.env() as env:
            env.ref(f'fluxforce_whatsapp.{name}')._trigger()

    def unapplied(self):
        """:return: whether webhooks wait to be applied."""
        return bool(self.query("SELECT 1 FROM fluxforce_whatsapp_event WHERE state = 'pending' LIMIT 1"))

    def wake_server(self):
        """What every new message does; without any, a cron worker that was killed leaves its job for a minute."""
        if self._server_sends():
            self.wake('ir_cron_send')

    def hurry(self):
        """Make what waits for its time due now."""
        self.query("""UPDATE fluxforce_whatsapp_message SET due_at = now() AT TIME ZONE 'utc'
                       WHERE state IN ('queued', 'held') AND due_at > now() AT TIME ZONE 'utc'""")

    def _let_go(self, in_hand):
        with contextlib.suppress(Stop):
            self.wait(lambda: not self.count('sending'), in_hand, 'what is in hand')
        self.query("""UPDATE fluxforce_whatsapp_message SET claimed_at = claimed_at - interval '1 day'
                       WHERE state = 'sending'""")

    def _at_rest(self):
        self.wake_server()
        idle = self.simulator.control('GET', '/idle')['idle']
        return idle and not self.unapplied() and not self.count('queued', 'sending')

    def verdict(self, intents):
        """:rtype: tests.faults.judge.Verdict"""
        return judge(intents, self.rows(), self.ledger())
