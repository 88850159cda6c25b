"""What statuses tell about one message, put together: the same whatever order and however often they come."""

from dataclasses import dataclass
from datetime import datetime

from . import const
from .webhooks import advances

#: Not gone out as far as we knew; a status that proves the opposite is right.
NOT_SENT = ('held', 'refused', 'cancelled', 'expired')
#: The moment a status is reported for, by status.
MOMENTS = {const.STATUS_SENT: 'sent_at', const.STATUS_DELIVERED: 'delivered_at', const.STATUS_READ: 'read_at'}


@dataclass
class Track:
    """One message on its way.

    :ivar id: the caller's own
    :ivar str state: of the message; statuses only move it forward
    :ivar datetime sent_at: each moment is the earliest that was reported, naive UTC
    :ivar bool moved: whether a status moved it
    :ivar bool changed: whether a status changed anything
    :ivar bool named: whether a status told Meta's id, or another one
    """

    id: int
    key: str
    state: str
    wamid: str | None = None
    wa_id: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    error_code: int | None = None
    error_message: str | None = None
    moved: bool = False
    changed: bool = False
    named: bool = False

    def follow(self, status, now):
        """Take over what a status tells.

        :param Status status: about this message
        :param datetime now: taken where Meta gives no moment, or one far ahead, naive UTC
        """
        moment = min(status.timestamp or now, now + const.CLOCKS_APART)
        if self._may_move(status.status):
            self._move(status, moment)
        if status.status in MOMENTS:
            self._note(MOMENTS[status.status], moment)
        # Our own key is surer than the id an answer gave.
        if self.wamid != status.message_id and (not self.wamid or status.key == self.key):
            self._set('wamid', status.message_id)
            self.named = True
        if status.recipient_id and not self.wa_id:
            self._set('wa_id', status.recipient_id)

    def _may_move(self, new):
        if self.state in NOT_SENT:
            return new != const.STATUS_FAILED and advances(const.STATUS_UNKNOWN, new)
        return advances(self.state, new)

    def _move(self, status, moment):
        """Whatever is reported beyond a failure takes it back."""
        failed = status.status == const.STATUS_FAILED
        self.state, self.moved, self.changed = status.status, True, True
        self.failed_at = moment if failed else None
        self.error_code = (status.error_code or 0) if failed else None
        self.error_message = (status.error_details or status.error_title) if failed else None

    def _note(self, name, moment):
        known = getattr(self, name)
        if known is None or moment < known:
            self._set(name, moment)

    def _set(self, name, value):
        setattr(self, name, value)
        self.changed = True
