"""The messaging limit: unique people a portfolio reaches outside a service window. Times: monotonic seconds.

Meta names no error code for it; 131048 is our assumption. People count when a message is accepted (Meta: delivered).
"""

import time

from .errors import GraphError

#: People in a moving 24 hours, None = no limit. [S26:messaging-limits]
TIERS = {'TIER_NOT_SET': 250, 'TIER_50': 50, 'TIER_250': 250, 'TIER_1K': 1000, 'TIER_2K': 2000, 'TIER_10K': 10_000,
         'TIER_100K': 100_000, 'TIER_UNLIMITED': None}
TIER_FIELD = 'whatsapp_business_manager_messaging_limit'
UNLIMITED = -1


class Budget:
    """Whom one portfolio has reached lately, over all its accounts and numbers."""

    def __init__(self, sim, portfolio_id):
        """Take the simulator for settings, clock and world."""
        self.sim = sim
        self.portfolio_id = portfolio_id
        self.reached = {}  # user id: moment of the last message outside a window, the oldest first

    @property
    def limit(self):
        """The people allowed, None = no limit: the setting, else the tier of the portfolio."""
        asked = self.sim.settings.portfolio_limit
        if asked is None:
            return TIERS.get(self.sim.world.tier(self.portfolio_id))
        return None if asked == UNLIMITED else asked

    def check(self, person):
        """Raise 131048 when the person is one too many; those reached already cost nothing."""
        limit = self.limit
        if limit is None:
            return
        self._forget()
        if person.user_id not in self.reached and len(self.reached) >= limit:
            raise GraphError(131048)

    def book(self, person, now):
        """Note that the person was reached."""
        self.reached.pop(person.user_id, None)
        self.reached[person.user_id] = now

    def _forget(self):
        horizon = self.sim.now - self.sim.settings.limit_window
        while self.reached:
            user_id, moment = next(iter(self.reached.items()))
            if moment > horizon:
                return
            del self.reached[user_id]

    def as_dict(self):
        """Return the answer of GET /log/budget; `room_at` = Unix seconds at which the oldest person is forgotten."""
        self._forget()
        oldest = next(iter(self.reached.values()), None)
        wait = None if oldest is None else oldest + self.sim.settings.limit_window - self.sim.now
        return {'portfolio_id': self.portfolio_id, 'tier': self.sim.world.tier(self.portfolio_id),
                'limit': self.limit, 'used': len(self.reached), 'room_at': None if wait is None else time.time() + wait}
