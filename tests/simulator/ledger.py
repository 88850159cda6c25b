"""What the simulator has accepted, in order: the truth every test compares with."""

from collections import Counter
from dataclasses import dataclass, field, fields

from .rates import Rates


@dataclass(slots=True)
class Message:
    """One accepted message; `accepted_at` and the times of the statuses are Unix seconds."""

    wamid: str
    key: str | None
    to: str
    wa_id: str | None
    user_id: str | None
    phone_number_id: str
    type: str
    accepted_at: float
    template_id: str | None = None
    template: str | None = None
    language: str | None = None
    category: str = 'service'
    text: str = ''
    content: dict | list | None = None
    buttons: list = field(default_factory=list)
    links: list = field(default_factory=list)
    message_status: str | None = None
    statuses: list = field(default_factory=list)

    def as_dict(self, names):
        """Return the entry of GET /log with the named fields."""
        return {name: getattr(self, name) for name in names}


FIELDS = tuple(item.name for item in fields(Message))


class Ledger:
    """Accepted and refused messages with running totals."""

    def __init__(self):
        """Start empty."""
        self.messages = []
        self.by_wamid = {}
        self.keys = Counter()
        self.totals = Counter()
        self.rejected = Counter()
        self.rates = Rates()
        self.inbound = []
        self.inbound_by_id = {}
        self.visits = []

    def accept(self, message, now):
        """Book an accepted message; `now` = monotonic seconds."""
        self.messages.append(message)
        self.rates.accepted[message.phone_number_id].append(now)
        self.by_wamid[message.wamid] = message
        if message.key is not None:
            self.keys[message.key] += 1

    def receive(self, entry, now):
        """Book a message a person wrote; `now` = monotonic seconds."""
        self.inbound.append(entry)
        self.rates.inbound[entry['phone_number_id']].append(now)
        self.inbound_by_id[entry['wamid']] = entry

    def rate_figures(self):
        """Return the answer of GET /log/rates; times are Unix seconds."""
        first, last = (self.messages[0], self.messages[-1]) if self.messages else (None, None)
        return {**self.rates.as_dict(), 'accepted': len(self.messages),
                'first_at': first and first.accepted_at, 'last_at': last and last.accepted_at}

    def status(self, message, name, timestamp, code=None):
        """Book a status of an accepted message, counted once per message and status."""
        entry = {'status': name, 'timestamp': timestamp}
        if code:
            entry['code'] = code
        message.statuses.append(entry)
        self.totals[name] += 1

    def summary(self):
        """Return the totals of GET /log/summary."""
        duplicates = sorted(key for key, count in self.keys.items() if count > 1)
        return {
            'accepted': len(self.messages),
            'keys': len(self.keys),
            'duplicates': len(duplicates),
            'duplicate_keys': duplicates,
            'sent': self.totals['sent'],
            'delivered': self.totals['delivered'],
            'read': self.totals['read'],
            'failed': self.totals['failed'],
            'inbound': len(self.inbound),
            'rejected': {str(code): count for code, count in sorted(self.rejected.items())},
        }
