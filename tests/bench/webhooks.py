"""How fast webhooks are taken in, beside a bare route of Odoo, and how fast they are applied."""
import asyncio
import json
import time
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path

import aiohttp
from kit import odoo
from kit.report import step

from tests.faults.ground import UTILITY, ground
from tests.simulator.encoding import meta_json, signature
from tests.simulator.world import APP_SECRET, PHONE_ID, WABA_ID

from .meter import percentile

DATABASE = 'fluxforce_bench'
WORKERS = 4
# A route that does nothing with what is posted to it; it comes with a module of the bench's own.
BARE = '/bare_route'
CONNECTIONS = (8, 32)
# What a number at 80 messages/s causes: three statuses for each, and as much coming in.
OFFERED_PER_S = 320
# More than any server here takes.
MOST_PER_S = 2000
STATUSES = ('sent', 'delivered', 'read')
NOON = 1_795_430_400
DRAIN_SECONDS = 300
POLL_SECONDS = 0.1


def webhooks(server, quick):
    """single events at 8 and 32 connections beside a bare route, 320 events/s, a batch of 1,000, and the journal

    Both routes go by turns, because the machine's own pace changes meanwhile. Rates are the better of the two numbers
    of connections for either route; the scheduled action that applies webhooks rests meanwhile. It runs while 320
    events per second are offered and afterwards, when the time is taken in which it applies the statuses of messages
    that are in the outbox, ``per_body`` to a body.
    """
    turns, offered_seconds, statuses, per_body = (1, 1, 300, 10) if quick else (8, 15, 20_000, 10)
    with ground(server, DATABASE, workers=WORKERS, odoo_options=with_bare_route()) as field:
        target = Target(field)
        field.set_cron('ir_cron_process_events', active=False)
        with step(f'{" and ".join(map(str, CONNECTIONS))} connections'):
            floods = by_turns(target, turns)
        bare, ours = (max(loads, key=lambda load: load.rate) for loads in floods)
        batch_ms = asyncio.run(target.batch(1000))
        field.set_cron('ir_cron_process_events', active=True)
        with step('The journal is emptied'):
            field.wake('ir_cron_process_events')
            field.wait(lambda: not field.unapplied(), DRAIN_SECONDS, 'the journal being empty')
        target.prepare(OFFERED_PER_S * offered_seconds)
        with step(f'{OFFERED_PER_S} events/s'):
            offered = asyncio.run(offer(OFFERED_PER_S, offered_seconds, target.single))
        field.wait(lambda: not field.unapplied(), DRAIN_SECONDS, 'the journal being empty')
        drained = drain(field, target, statuses, per_body)
    return {
        'bare_per_s': round(bare.rate, 1), 'ours_per_s': round(ours.rate, 1),
        'ratio_to_bare': round(ours.rate / bare.rate, 2),
        'p50_ms': round(1000 * percentile(offered.seconds, 0.5), 1),
        'p99_ms': round(1000 * percentile(offered.seconds, 0.99), 1),
        'over_1s': sum(one > 1 for one in offered.seconds), 'offered_per_s': round(offered.rate, 1),
        'batch1000_ms': round(batch_ms), 'drained_statuses_per_s': round(drained, 1),
        'ms_per_status': round(1000 / drained, 3), 'per_body': per_body,
        'refused': offered.refused + sum(load.refused for loads in floods for load in loads),
    }


def with_bare_route():
    """:return: options of Odoo's command line; what is loaded for the whole server need not be installed."""
    addons = Path(__file__).parent / 'addons'
    return [f'--addons-path={odoo.addons_path()},{addons}', '--load=base,rpc,web,bare_route']


@dataclass
class Load:
    """What came of many requests.

    :ivar list rates: requests per second of each part
    :ivar list seconds: how long each took
    :ivar int refused: answers other than 200
    """

    rates: list = dataclass_field(default_factory=list)
    seconds: list = dataclass_field(default_factory=list)
    refused: int = 0

    @property
    def rate(self):
        return sum(self.rates) / len(self.rates)

    def add(self, other):
        self.rates += other.rates
        self.seconds += other.seconds
        self.refused += other.refused


class Target:
    """The account's webhook address and bodies for it."""

    def __init__(self, field):
        with field.env() as env:
            account = env['fluxforce.whatsapp.account'].search([('waba_id', '=', WABA_ID)])
            self.path = f'/fluxforce_whatsapp/webhook/{account.webhook_token}'
        self.url = field.stage.url
        self.ready = []

    async def bare(self, session):
        return await self.post(session, BARE, *self.ready[-1])

    async def single(self, session):
        """Post one status of a message that is not in the outbox, a new one each time."""
        return await self.post(session, self.path, *self.ready.pop())

    def prepare(self, count):
        """Write bodies beforehand: who makes the load shares the machine with who bears it."""
        known = len(self.ready)
        self.ready += [signed([status(f'wamid.{time.time_ns()}.{number}', 'delivered')])
                       for number in range(known, count)]

    async def post(self, session, path, body, headers):
        async with session.post(self.url + path, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def batch(self, size):
        """:return: milliseconds until a body with so many updates is acknowledged."""
        async with aiohttp.ClientSession() as session:
            statuses = [status(f'wamid.BATCH{number}', 'delivered') for number in range(size)]
            began = time.monotonic()
            code = await self.post(session, self.path, *signed(statuses))
            assert code == 200, code
            return 1000 * (time.monotonic() - began)


def signed(statuses):
    """:return: body and headers as Meta would send them."""
    body = meta_json(envelope(statuses))
    return body, {'Content-Type': 'application/json', 'X-Hub-Signature-256': signature(APP_SECRET, body)}


def status(wamid, name, key=None):
    return {'id': wamid, 'status': name, 'timestamp': str(NOON), 'recipient_id': '33536490001',
            **({'biz_opaque_callback_data': key} if key else {}),
            'pricing': {'billable': True, 'pricing_model': 'PMP', 'type': 'regular', 'category': 'utility'}}


def envelope(statuses):
    value = {'messaging_product': 'whatsapp', 'statuses': statuses,
             'metadata': {'display_phone_number': '34910000111', 'phone_number_id': PHONE_ID}}
    return {'object': 'whatsapp_business_account',
            'entry': [{'id': WABA_ID, 'changes': [{'field': 'messages', 'value': value}]}]}


def by_turns(target, turns):
    """Flood either route for a second with each number of connections; who is first, changes with each turn.

    :return: list of :class:`Load` for the bare route and for ours, by number of connections
    """
    routes = target.bare, target.single
    loads = {(route, connections): Load() for connections in CONNECTIONS for route in routes}
    for turn in range(turns):
        target.prepare(len(CONNECTIONS) * MOST_PER_S)
        for (route, connections), load in list(loads.items())[::-1 if turn % 2 else 1]:
            load.add(asyncio.run(flood(connections, 1, route)))
    return [[loads[route, connections] for connections in CONNECTIONS] for route in routes]


async def flood(connections, seconds, request):
    """As many requests as go through so many connections. :rtype: Load"""
    load, began = Load(), time.monotonic()
    async with new_session(connections) as session:
        await asyncio.gather(*(repeat(session, request, load, began + seconds) for _ in range(connections)))
    load.rates.append(len(load.seconds) / (time.monotonic() - began))
    return load


async def repeat(session, request, load, end):
    while time.monotonic() < end:
        await measured(session, request, load)


async def measured(session, request, load):
    began = time.monotonic()
    load.refused += await request(session) != 200
    load.seconds.append(time.monotonic() - began)


async def offer(per_second, seconds, request):
    """So many requests per second, each at its moment whatever became of the others. :rtype: Load"""
    load, tasks, began = Load(), [], time.monotonic()
    async with new_session(max(CONNECTIONS)) as session:
        for number in range(per_second * seconds):
            await asyncio.sleep(max(0, began + number / per_second - time.monotonic()))
            tasks.append(asyncio.ensure_future(measured(session, request, load)))
        await asyncio.gather(*tasks)
    load.rates.append(len(load.seconds) / (time.monotonic() - began))
    return load


def new_session(connections):
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections))


def drain(field, target, count, per_body):
    """:return: statuses per second, from the first to the last that is applied."""
    keys = field.enqueue(count // len(STATUSES), template=UTILITY)
    field.query("UPDATE fluxforce_whatsapp_message SET state = 'accepted', wamid = 'wamid.' || key WHERE key = ANY(%s)",
                keys)
    field.query('ANALYZE')
    told = [status(f'wamid.{key}', name, key) for name in STATUSES for key in keys]
    bodies = [told[start:start + per_body] for start in range(0, len(told), per_body)]
    store(field, bodies)
    with step(f'{len(told)} statuses in {len(bodies)} bodies are applied'):
        began = time.monotonic()
        field.wake('ir_cron_process_events')
        while field.unapplied():
            time.sleep(POLL_SECONDS)
        seconds = time.monotonic() - began
    assert field.count('read') == len(keys), field.states()
    return len(told) / seconds


def store(field, bodies):
    """Put bodies into the journal as the endpoint does, without the way over HTTP."""
    rows = [(json.dumps(envelope(statuses)),) for statuses in bodies]
    with field.server.cursor(field.database) as cursor:
        cursor.executemany("""
            INSERT INTO fluxforce_whatsapp_event (account_id, received_at, body, size, state, attempts)
            SELECT id, now() AT TIME ZONE 'UTC', body, length(body), 'pending', 0
              FROM fluxforce_whatsapp_account, (VALUES (%s)) AS new (body)
        """, rows)
