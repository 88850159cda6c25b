"""The budget: unique people a portfolio may reach outside a service window in a moving 24 hours [S26:messaging-limits].

Who was reached in the last 24 hours costs nothing more, nor does an answer inside a window.
"""

from dataclasses import dataclass
from datetime import timedelta

from .purpose import MARKETING

#: [S26:messaging-limits, 2026-09-11]
WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Budget:
    """How a limit stands.

    :ivar limit: people in 24 hours, None for no limit
    :ivar used: people reached in the last 24 hours
    :ivar reserved_share: percent of the limit that marketing leaves to utility and authentication
    """

    limit: int | None
    used: int
    reserved_share: int = 0

    @property
    def reserved(self):
        """People kept free for what is not marketing."""
        return 0 if self.limit is None else self.limit * self.reserved_share // 100

    def room(self, purpose):
        """Count whom else may be reached.

        :param purpose: a code of ``purpose.PURPOSES``
        :return: people, None for any number
        :rtype: int | None
        """
        if self.limit is None:
            return None
        usable = self.limit - (self.reserved if purpose == MARKETING else 0)
        return max(usable - self.used, 0)


def room_moments(reached, count):
    """Tell when room returns: a person is free again 24 hours after the last message.

    :param list reached: moments at which people were reached, the oldest first
    :param int count: how many moments are asked for
    :return: ascending moments, one for each; when more are asked for than people leave, the next days are used
    :rtype: list[datetime]
    """
    if not reached:
        return []
    return [reached[index % len(reached)] + WINDOW * (1 + index // len(reached)) for index in range(count)]
