"""Delivers webhooks: batches, signature, retries, and the faults a network adds."""

import asyncio
import contextlib
import time

import aiohttp

from .encoding import meta_json, signature
from .payloads import BODY, body_of

RANDOM_BATCH = 5
MAX_BYTES = 3_000_000
REORDER_SECONDS = 0.6
SECOND_COPY_SECONDS = 0.2
KEEP_ALIVE_SECONDS = 1.0  # short: a receiver that closes an idle connection must not look like a lost webhook
NETWORK_ERRORS = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError)


class WebhookQueue:
    """Updates on their way to the callback of each account."""

    def __init__(self, sim):
        """Take the simulator for settings, randomness, clock and world."""
        self.sim = sim
        self.waiting = {}
        self.kept = []
        self.log = []
        self.dropped = 0
        self.unheard = 0
        self.open = 0
        self.busy = 0
        self.tasks = set()
        self.session = None

    @property
    def pending(self):
        """Number of updates and deliveries that are not settled."""
        return self.open + sum(len(updates) for updates in self.waiting.values())

    def heard(self, waba_id):
        """Tell whether anybody is subscribed to the account; count what is lost when not."""
        if self.sim.callback(waba_id):
            return True
        self.unheard += 1
        return False

    def push(self, update):
        """Report one update, after the delay and the losses the settings ask for."""
        faults = self.sim.settings.webhook_faults
        if not self.heard(update.waba_id):
            return
        if faults.drop and self.sim.network.random() < faults.drop:
            self.dropped += 1
        elif update.kind == 'statuses' and self.sim.settings.silence:
            self._silence(update)
        else:
            self._send_on(update, faults)

    def _silence(self, update):
        if self.sim.settings.silence == 'lose':
            self.dropped += 1
        else:
            self.kept.append(update)

    def end_silence(self):
        """Report what was kept back."""
        kept, self.kept = self.kept, []
        for update in kept:
            self.push(update)

    def _send_on(self, update, faults):
        delay = faults.delay
        if faults.reorder and self.sim.network.random() < faults.reorder:
            delay += self.sim.network.uniform(0, REORDER_SECONDS)
        if delay:
            self.sim.schedule.after(delay, self._enqueue, update)
        else:
            self._enqueue(update)

    def _enqueue(self, update):
        waiting = self.waiting.setdefault(update.waba_id, [])
        waiting.append(update)
        if len(waiting) == 1:
            self.sim.schedule.after(self.sim.settings.batch_linger, self._flush)

    def _flush(self):
        """Form batches while there are updates and free connections."""
        for waba_id, updates in self.waiting.items():
            while updates and self.busy < self.sim.settings.webhook_concurrency:
                size = self.sim.settings.batch_size or self.sim.network.randint(1, RANDOM_BATCH)
                batch = updates[:_alike(updates, size)]
                del updates[:len(batch)]
                self._post_batch(waba_id, batch)

    def _post_batch(self, waba_id, batch):
        faults = self.sim.settings.webhook_faults
        if faults.reorder and self.sim.network.random() < faults.reorder:
            self.sim.network.shuffle(batch)
        body = meta_json(body_of(batch))
        if len(body) > MAX_BYTES and len(batch) > 1:
            half = len(batch) // 2
            self._post_batch(waba_id, batch[:half])
            self._post_batch(waba_id, batch[half:])
            return
        record = self._record(waba_id, batch, body)
        self._start(record, body)
        if faults.duplicate and self.sim.network.random() < faults.duplicate:
            for _copy in range(faults.copies):
                self._post_copy(record, body)

    def _post_copy(self, record, body):
        copy = {**record, 'id': len(self.log) + 1, 'attempts': [], 'duplicate_of': record['id']}
        self.log.append(copy)
        # half of the copies race with the first one, half come a little later
        delay = self.sim.network.choice((0.0, self.sim.network.uniform(0, SECOND_COPY_SECONDS)))
        self._start(copy, body, delay)

    def _record(self, waba_id, batch, body):
        record = {
            'id': len(self.log) + 1, 'waba_id': waba_id, 'url': self.sim.callback(waba_id), 'bytes': len(body),
            'updates': len(batch), 'fields': sorted({update.field for update in batch}), 'state': 'open',
            'attempts': [],
        }
        self.log.append(record)
        return record

    def _start(self, record, body, delay=0.0):
        self.open += 1
        self.busy += 1
        task = asyncio.ensure_future(self._deliver(record, body, delay))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _deliver(self, record, body, delay):
        """Send one POST until it is answered with 2xx, nobody is subscribed any more or the retry schedule ends."""
        waits = [delay, *self.sim.settings.retry_schedule]
        try:
            for position, seconds in enumerate(waits):
                await self._pause(seconds, position)
                record['url'] = self.sim.callback(record['waba_id'])
                if not record['url']:
                    self.unheard += record['updates']
                    record['state'] = 'unheard'
                    return
                if await self._attempt(record, body):
                    record['state'] = 'delivered'
                    return
            record['state'] = 'given_up'
        finally:
            self.open -= 1
            self.busy -= 1
            self._flush()

    async def _pause(self, seconds, position):
        if not position:
            await asyncio.sleep(seconds)
            return
        # a failed delivery gives its place to others while it waits
        self.busy -= 1
        self._flush()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.busy += 1

    async def _attempt(self, record, body):
        started, code, error = time.monotonic(), None, None
        headers = {'Content-Type': 'application/json', 'User-Agent': 'facebookexternalua',
                   'X-Hub-Signature-256': signature(self.sim.world.app['secret'], body)}
        timeout = aiohttp.ClientTimeout(total=self.sim.settings.webhook_timeout)
        try:
            async with self._client().post(record['url'], data=body, headers=headers, timeout=timeout,
                                           allow_redirects=False) as answer:
                await answer.read()
                code = answer.status
        except NETWORK_ERRORS as problem:
            error = type(problem).__name__
        seconds = round(time.monotonic() - started, 4)
        record['attempts'].append({'at': time.time(), 'http': code, 'error': error, 'seconds': seconds})
        return code is not None and 200 <= code < 300

    def _client(self):
        if self.session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS)
            self.session = aiohttp.ClientSession(connector=connector, trust_env=False)
        return self.session

    async def handshake(self, url, verify_token):
        """Do Meta's GET verification; return '' or the words of Meta's refusal."""
        challenge = str(self.sim.network.randrange(10**9, 10**10))
        query = {'hub.mode': 'subscribe', 'hub.challenge': challenge, 'hub.verify_token': verify_token}
        timeout = aiohttp.ClientTimeout(total=self.sim.settings.webhook_timeout)
        try:
            async with self._client().get(url, params=query, timeout=timeout, allow_redirects=False) as answer:
                text = await answer.text(errors='replace')
                if answer.status != 200:
                    return f'HTTP Status Code = {answer.status}; HTTP Message = {answer.reason}'
                return '' if text == challenge else 'Challenge mismatch: the answer is not the exact challenge'
        except NETWORK_ERRORS as problem:
            return f'Connection failed ({type(problem).__name__})'

    async def close(self):
        """Stop all deliveries."""
        self.waiting.clear()
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        if self.session is not None:
            await self.session.close()
            self.session = None


def _alike(updates, most):
    """Return how many of the first updates may go in one POST: a whole body goes alone."""
    bodies = [position for position, update in enumerate(updates[:most]) if update.kind == BODY]
    return max(1, bodies[0]) if bodies else most
