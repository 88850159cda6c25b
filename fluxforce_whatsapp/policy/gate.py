"""The gate: the one decision before a message goes, for a batch of requests.

It is asked when a message is written and again when it is about to go, with what is true at that moment. It only
compares; what it needs to know comes with each request. Whatever is unknown counts as not allowed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from .consent import GIVEN, WITHDRAWN
from .purpose import CARE, MARKETING

TEMPLATE_APPROVED = 'APPROVED'
TEMPLATE_PAUSED = 'PAUSED'
#: States of a number in which Meta lets it send [OA v23.0, 2025-11-21]; the same set as in ``cloud_api.const``.
NUMBER_STATES_ABLE = frozenset({'CONNECTED', 'FLAGGED'})


class Action(str, Enum):
    """What to do with a message."""

    #: Send it.
    ALLOW = 'allow'
    #: Keep it and ask again.
    HOLD = 'hold'
    #: End it.
    REFUSE = 'refuse'
    #: End it: it comes too late.
    EXPIRE = 'expire'

    def __str__(self):
        return self.value


class Reason(str, Enum):
    """Why a message is held or refused."""

    NO_PHONE = 'no_phone'
    INVALID_PHONE = 'invalid_phone'
    RECIPIENT_CHANGED = 'recipient_changed'
    NO_CONSENT = 'no_consent'
    CONSENT_WITHDRAWN = 'consent_withdrawn'
    TEMPLATE_NOT_APPROVED = 'template_not_approved'
    TEMPLATE_UNSUPPORTED = 'template_unsupported'
    MISSING_VALUE = 'missing_value'
    NUMBER_UNABLE = 'number_unable'
    ACCOUNT_INACTIVE = 'account_inactive'
    OUTSIDE_WINDOW = 'outside_window'
    TEMPLATE_PAUSED = 'template_paused'
    TEMPLATE_SYNC = 'template_sync'
    HALTED = 'halted'
    BRAKE = 'brake'
    QUIET_HOURS = 'quiet_hours'
    MARKETING_GAP = 'marketing_gap'
    EXPIRED = 'expired'

    def __str__(self):
        return self.value


@dataclass(frozen=True)
class Request:
    """One message that wants to go, with all that matters to the decision.

    :ivar key: the message's own key
    :ivar to: E.164 number or BSUID, or None
    :ivar purpose: a code of ``purpose.PURPOSES``; None (a category nobody knows) is refused
    :ivar consent: ``given``, ``withdrawn`` or ``none`` for that purpose, see ``consent.current``
    :ivar is_template: False for free text and everything else that needs the service window
    :ivar template_status: Meta's, as it is now
    :ivar template_problem: what in the template cannot be sent, or None
    :ivar missing_values: names of values that are absent or blank
    :ivar number_state: Meta's status of the business number
    :ivar number_problem: why the number cannot send although its state allows it, or None
    :ivar account_active: whether the account may be used
    :ivar window_open: whether the person wrote or called in the last 24 hours
    :ivar phone_problem: why the phone number cannot be used, or None
    :ivar template_stale: whether the template is being fetched anew
    :ivar new_phone: the contact's number if it has become another one since the message was written, or None
    :ivar halted: whether what the message belongs to (a campaign) was stopped by a person
    :ivar brake: ``none``, ``slow``, ``marketing`` or ``all``: what the number's brake stops
    :ivar quiet_until: end of the person's quiet hours, UTC, or None outside of them
    :ivar marketing_from: UTC moment before which Meta wants no marketing to this person (131049), or None
    :ivar expires_at: UTC moment from which it is of no use, or None
    """

    key: str
    to: str | None
    purpose: str | None
    consent: str
    is_template: bool
    template_status: str | None
    template_problem: str | None
    missing_values: tuple[str, ...]
    number_state: str | None
    number_problem: str | None
    account_active: bool
    window_open: bool
    phone_problem: str | None
    template_stale: bool = False
    new_phone: str | None = None
    halted: bool = False
    brake: str = 'none'
    quiet_until: datetime | None = None
    marketing_from: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """The decision about one request.

    :ivar key: the request's
    :ivar action: ``Action``
    :ivar reason: plain text code of ``Reason``, '' if allowed
    :ivar detail: particulars in English, or ''
    :ivar until: when to ask again; None for when something changes
    """

    key: str
    action: Action
    reason: str = ''
    detail: str = ''
    until: datetime | None = None


def decide(requests, now):
    """Decide about a batch; the first rule of ``RULES`` that objects gives the verdict.

    :param Iterable[Request] requests: any number
    :param datetime now: UTC
    :return: one verdict per request, in the same order
    :rtype: list[Verdict]
    """
    return [_verdict(request, now) for request in requests]


def _verdict(request, now):
    for rule in RULES:
        verdict = rule(request, now)
        if verdict is not None:
            return verdict
    return Verdict(request.key, Action.ALLOW)


def _refuse(request, reason, detail=''):
    return Verdict(request.key, Action.REFUSE, reason.value, detail or '')


def _hold(request, reason, detail='', until=None):
    return Verdict(request.key, Action.HOLD, reason.value, detail or '', until)


# --- One rule per reason -------------------------------------------------------------------------------------------


def invalid_phone(request, _now):
    """Refuse a number that is known not to work."""
    return _refuse(request, Reason.INVALID_PHONE, request.phone_problem) if request.phone_problem else None


def no_phone(request, _now):
    """Refuse when there is nobody to send to."""
    return None if request.to and request.to.strip() else _refuse(request, Reason.NO_PHONE)


def outside_window(request, _now):
    """Refuse free text outside the service window; only templates may go there [S26:messages/send-messages]."""
    return None if request.is_template or request.window_open else _refuse(request, Reason.OUTSIDE_WINDOW)


def consent_withdrawn(request, _now):
    """Refuse what the person has withdrawn."""
    if request.consent != WITHDRAWN or _answers_the_person(request):
        return None
    return _refuse(request, Reason.CONSENT_WITHDRAWN)


def no_consent(request, _now):
    """Refuse without a consent of its own for this purpose [M26:getting-opt-in]; an unknown purpose has none."""
    if _answers_the_person(request) or (request.purpose and request.consent == GIVEN):
        return None
    return _refuse(request, Reason.NO_CONSENT)


def _answers_the_person(request):
    # Who wrote to us wants an answer; the open window is the proof.
    return request.purpose == CARE and request.window_open


def recipient_changed(request, _now):
    """Refuse a number that is no longer the person's: it may belong to somebody else by now. [own]"""
    return _refuse(request, Reason.RECIPIENT_CHANGED, request.new_phone) if request.new_phone else None


def expired(request, now):
    """End what comes too late to be of use; see ``expiry``."""
    if request.expires_at is None or request.expires_at > now:
        return None
    return Verdict(request.key, Action.EXPIRE, Reason.EXPIRED.value)


def template_paused(request, _now):
    """Hold while Meta pauses the template: it comes back by itself after 3 or 6 hours [M26:template_pausing]."""
    is_paused = request.is_template and (request.template_status or '').upper() == TEMPLATE_PAUSED
    return _hold(request, Reason.TEMPLATE_PAUSED) if is_paused else None


def template_not_approved(request, _now):
    """Refuse a template Meta would not send [M26:template_pausing]."""
    if not request.is_template or (request.template_status or '').upper() == TEMPLATE_APPROVED:
        return None
    return _refuse(request, Reason.TEMPLATE_NOT_APPROVED, request.template_status)


def template_unsupported(request, _now):
    """Refuse a template with parts this product cannot fill."""
    if not request.is_template or not request.template_problem:
        return None
    return _refuse(request, Reason.TEMPLATE_UNSUPPORTED, request.template_problem)


def missing_value(request, _now):
    """Refuse a half-filled message."""
    if not request.missing_values:
        return None
    return _refuse(request, Reason.MISSING_VALUE, ', '.join(request.missing_values))


def account_inactive(request, _now):
    """Hold while the account may not be used: nothing is wrong with the message itself."""
    return None if request.account_active else _hold(request, Reason.ACCOUNT_INACTIVE)


def number_unable(request, _now):
    """Hold while the number cannot send; an unknown state is not able."""
    state = (request.number_state or '').upper()
    if not request.number_problem and state in NUMBER_STATES_ABLE:
        return None
    return _hold(request, Reason.NUMBER_UNABLE, request.number_problem or request.number_state)


def template_sync(request, _now):
    """Hold until we know the template as Meta does: else one message after the other would fail. [own]"""
    return _hold(request, Reason.TEMPLATE_SYNC) if request.template_stale else None


def halted(request, _now):
    """Hold what somebody stopped as a whole."""
    return _hold(request, Reason.HALTED) if request.halted else None


def brake(request, _now):
    """Hold what the number's brake stops; see ``brake``."""
    stopped = request.brake == 'all' or (request.brake == 'marketing' and request.purpose == MARKETING)
    return _hold(request, Reason.BRAKE) if stopped else None


def marketing_gap(request, now):
    """Hold marketing to a person whom Meta wants to spare; sooner, Meta blocks the account [CL:2026-04-30]."""
    if request.purpose != MARKETING or request.marketing_from is None or request.marketing_from <= now:
        return None
    return _hold(request, Reason.MARKETING_GAP, until=request.marketing_from)


def quiet_hours(request, _now):
    """Hold while the person sleeps. [own]"""
    return _hold(request, Reason.QUIET_HOURS, until=request.quiet_until) if request.quiet_until else None


#: In this order: what is wrong with the message is told before what it would merely have to wait for.
RULES = (
    invalid_phone,
    no_phone,
    recipient_changed,
    expired,
    outside_window,
    consent_withdrawn,
    no_consent,
    template_paused,
    template_not_approved,
    template_unsupported,
    missing_value,
    account_inactive,
    number_unable,
    template_sync,
    halted,
    brake,
    marketing_gap,
    quiet_hours,
)
