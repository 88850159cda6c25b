"""The whole state of a running simulator; everything else works on one `Simulator`."""

import base64
import hashlib
import random
import time

from . import latency
from .budget import Budget
from .courier import Courier
from .hangs import Hangs
from .heartbeat import Heartbeat
from .ledger import Ledger
from .limits import PairRate, SlidingWindow
from .media_store import MediaStore
from .pacing import Pacing
from .request_log import new_log
from .schedule import Schedule
from .settings import Settings
from .template_life import TemplateLife
from .twilio import TwilioLedger
from .uploads import Uploads
from .visits import Visits
from .webhooks import WebhookQueue
from .world import World

HOUR = 3600.0


class Simulator:
    """One Meta with one world. `options` are settings that survive a reset (the command line)."""

    def __init__(self, seed=1, options=None):
        """Start with the default world."""
        self.options = options or {}
        self.graph_url = ''
        self.internal_errors = 0
        self.schedule = Schedule(self._planned_action_failed)
        # answers that are due later; unlike the schedule it outlives a reset, so that every caller gets an answer
        self.waits = Schedule(self._planned_action_failed)
        # what comes in hours: nobody waits for it to be idle
        self.later = Schedule(self._planned_action_failed)
        self.hangs = Hangs(self.waits)
        self.heartbeat = Heartbeat()
        self.webhooks = WebhookQueue(self)
        self.visits = Visits(self)
        self._fill(seed, None)

    def _fill(self, seed, world):
        self.seed = seed
        self.rng = random.Random(seed)
        # a stream of its own: the timing of webhooks must not change what people do
        self.network = random.Random(f'{seed}:network')
        self.counters = {}
        self.settings = Settings()
        self.settings.patch(self.options)
        self.world = World(world)
        self.ledger = Ledger()
        self.media = MediaStore(self)
        self.uploads = Uploads(self)
        self.template_life = TemplateLife(self)
        self.courier = Courier(self)
        self.throughput, self.management, self.windows = {}, {}, {}
        self.budgets, self.maintenance_until = {}, {}
        self.pacing = Pacing(self)
        self.pairs = PairRate()
        self.requests = new_log()
        self.twilio = TwilioLedger()
        self.sending = 0
        self.epoch = object()

    def _planned_action_failed(self):
        self.internal_errors += 1

    async def reset(self, seed=None, world=None):
        """Forget everything and start again; None = the same seed, the default world."""
        fresh = World(world)  # an unusable world must not leave a half-reset simulator
        self.schedule.clear()
        self.later.clear()
        await self.webhooks.close()
        await self.visits.close()
        self.webhooks = WebhookQueue(self)
        self._fill(self.seed if seed is None else seed, None)
        self.world = fresh

    @property
    def now(self):
        """Monotonic seconds."""
        return time.monotonic()

    @property
    def pending(self):
        """Number of things that are still going to happen."""
        return self.schedule.pending + self.webhooks.pending + self.visits.pending + self.sending

    def count(self, kind):
        """Return the next number of a counter, from 1."""
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]

    def wamid(self, digits):
        """Return the next message id, always the same for the same seed and position."""
        mark = hashlib.sha1(f'{self.seed}:{self.count("wamid")}'.encode()).hexdigest()[:20].upper()
        raw = b'\x1d\x18' + bytes([len(digits)]) + digits.encode() + b'\x15\x02\x00\x11\x18\x14' + mark.encode() + b'\0'
        return 'wamid.' + base64.b64encode(raw).decode()

    def object_id(self, kind, start):
        """Return the next numeric id of a kind, counted from `start`."""
        return str(start + self.seed % 1000 * 1_000_000 + self.count(kind))

    def trace_id(self):
        """Return the next fbtrace_id."""
        mark = hashlib.sha1(f'trace:{self.seed}:{self.count("trace")}'.encode()).digest()
        return 'A' + base64.urlsafe_b64encode(mark)[:22].decode()

    def latency(self):
        """Return the latency of one call in seconds."""
        return latency.draw(self.settings.latency, self.rng)

    def callback(self, waba_id):
        """Return where webhooks of an account go, '' = nowhere."""
        waba = self.world.wabas[waba_id]
        if not waba.get('subscribed'):
            return ''
        return waba.get('override_callback_uri') or self.world.app.get('callback_url') or ''

    def throughput_of(self, phone_id):
        """Return the one-second window of a number, inbound and outbound together."""
        return self.throughput.setdefault(phone_id, SlidingWindow(1.0))

    def management_of(self, waba_id):
        """Return the one-hour window of management calls of an account."""
        return self.management.setdefault(waba_id, SlidingWindow(HOUR))

    def budget_of(self, waba_id):
        """Return the messaging limit of the portfolio that owns an account."""
        portfolio_id = self.world.portfolio_of(waba_id)
        if portfolio_id not in self.budgets:
            self.budgets[portfolio_id] = Budget(self, portfolio_id)
        return self.budgets[portfolio_id]

    def window_open(self, phone_id, person):
        """Tell whether the person wrote to the number within the service window."""
        written = self.windows.get((phone_id, person.user_id))
        return written is not None and self.now - written < self.settings.service_window
