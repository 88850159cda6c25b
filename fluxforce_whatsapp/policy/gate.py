"""The gate: the one decision before a message goes, for a batch of requests.

It is asked when a message is written and again when it is about to go, with what is true at that moment. It only
compares; what it needs to know comes with each request. Whatever is unknown counts as not allowed.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from .consent import EXPIRED, GIVEN, PENDING, WITHDRAWN
from .purpose import CARE, MARKETING, UTILITY
from .variants import canonical

TEMPLATE_APPROVED = 'APPROVED'
TEMPLATE_PAUSED = 'PAUSED'
#: States of a number in which Meta lets it send [OA v23.0, 2025-11-21]; the same set as in ``cloud_api.const``.
NUMBER_STATES_ABLE = frozenset({'CONNECTED', 'FLAGGED'})
#: What is not sent to the same person twice in a while. A code is asked for again by the person, and an answer is
#: written by a person. [own]
PURPOSES_ONCE = frozenset({MARKETING, UTILITY})
#: What a stop on the phone blacklist ends: all that a business begins. A code is asked for by the person. [own]
PURPOSES_BLACKLISTED = frozenset({MARKETING, UTILITY})


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
    CONSENT_EXPIRED = 'consent_expired'
    OPT_IN_PENDING = 'opt_in_pending'
    COMPANY_MISMATCH = 'company_mismatch'
    BLOCKED_BY_US = 'blocked_by_us'
    BLACKLISTED = 'blacklisted'
    NOT_ON_WHATSAPP = 'not_on_whatsapp'
    US_MARKETING = 'us_marketing'
    DUPLICATE = 'duplicate'
    FREQUENCY_CAP = 'frequency_cap'
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
class Cap:
    """How much marketing one person gets at most.

    :ivar int most: messages
    :ivar timedelta span: in so long a time
    """

    most: int
    span: timedelta


@dataclass(slots=True)
class Request:
    """One message that wants to go, with all that matters to the decision.

    :ivar key: the message's own key
    :ivar to: E.164 number or BSUID, or None
    :ivar purpose: a code of ``purpose.PURPOSES``; None (a category nobody knows) is refused
    :ivar consent: ``given``, ``withdrawn``, ``expired``, ``pending`` or ``none`` for that purpose, see
        ``consent.current``
    :ivar consent_detail: when and how it was decided, or ''
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
    :ivar other_company: name of the company the person or the document belongs to, if it is not the account's, or None
    :ivar blocked: why somebody of ours does not want this person written to, or None
    :ivar blacklisted: whether the number is on the phone blacklist
    :ivar undeliverable_at: UTC moment of Meta's last word that the number cannot be reached (131026), or None
    :ivar spared_region: whether Meta delivers no marketing to this country
    :ivar content: what is the same for the same message to the same person, or None
    :ivar sent_before: whether the same content went to the person a short while ago, or waits to
    :ivar cap: how much marketing a person gets, or None for no limit
    :ivar marketing_moments: UTC moments of the latest marketing to the person, newest first, within the cap's span
    """

    key: str
    to: str | None
    purpose: str | None
    consent: str
    is_template: bool
    template_status: str | None
    template_problem: str | None
    number_state: str | None
    number_problem: str | None
    account_active: bool
    window_open: bool
    phone_problem: str | None
    missing_values: tuple[str, ...] = ()
    template_stale: bool = False
    new_phone: str | None = None
    halted: bool = False
    brake: str = 'none'
    quiet_until: datetime | None = None
    marketing_from: datetime | None = None
    expires_at: datetime | None = None
    consent_detail: str = ''
    other_company: str | None = None
    blocked: str | None = None
    blacklisted: bool = False
    undeliverable_at: datetime | None = None
    spared_region: bool = False
    content: object = None
    sent_before: bool = False
    cap: Cap | None = None
    marketing_moments: tuple[datetime, ...] = ()


class Verdict(NamedTuple):
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


def decide(requests, now, complete=None):
    """Decide about a batch; the first rule of ``RULES`` that objects gives the verdict.

    What the batch itself gives away counts for what comes after it: the same content goes to a person once, and
    nobody gets more marketing than the cap allows.

    :param Iterable[Request] requests: any number
    :param datetime now: UTC
    :param complete: is called once with the list of requests that no rule of ``RULES_ABOUT_PEOPLE`` refuses, to add
        what only the other rules ask about; None where the requests have it already
    :return: one verdict per request, in the same order
    :rtype: list[Verdict]
    """
    requests = list(requests)
    verdicts = [_objection(RULES_ABOUT_PEOPLE, request, now) for request in requests]
    left = [index for index, verdict in enumerate(verdicts) if verdict is None]
    if complete and left:
        complete([requests[index] for index in left])
    contents, marketing = set(), Counter()
    for index in left:
        verdicts[index] = _verdict(requests[index], contents, marketing, now)
    return verdicts


def _verdict(request, contents, marketing, now):
    """:param set contents: what the batch gives away, added to. :param Counter marketing: the same, by person."""
    if request.content in contents:
        request = replace(request, sent_before=True)
    person = request.cap and canonical(request.to)
    if person and person in marketing:
        request = replace(request, marketing_moments=(now,) * marketing[person] + request.marketing_moments)
    verdict = _objection(RULES_ABOUT_MESSAGES, request, now) or Verdict(request.key, Action.ALLOW)
    if request.content is not None and verdict.action in (Action.ALLOW, Action.HOLD):
        contents.add(request.content)
    if person and verdict.action is Action.ALLOW:
        marketing[person] += 1
    return verdict


def _objection(rules, request, now):
    """:return: the verdict of the first rule that objects, or None."""
    for rule in rules:
        verdict = rule(request, now)
        if verdict is not None:
            return verdict
    return None


def combine(verdict, other):
    """Put a further addon's verdict beside the gate's own: the stricter one holds.

    :param Verdict verdict: the gate's
    :param Verdict other: about the same request, or None
    :rtype: Verdict
    """
    if other is None or _strictness(other) <= _strictness(verdict):
        return verdict
    return other


def _strictness(verdict):
    # What waits for an event waits longer than what waits for a moment, a later moment longer than an earlier one.
    rank = {Action.ALLOW: 0, Action.HOLD: 1, Action.EXPIRE: 2, Action.REFUSE: 3}[verdict.action]
    return rank, verdict.action is Action.HOLD and verdict.until is None, verdict.until or datetime.min


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
    return _refuse(request, Reason.CONSENT_WITHDRAWN, request.consent_detail)


def consent_expired(request, _now):
    """Refuse what the person agreed to until a day that has passed. [own]"""
    if request.consent != EXPIRED or _answers_the_person(request):
        return None
    return _refuse(request, Reason.CONSENT_EXPIRED, request.consent_detail)


def opt_in_pending(request, _now):
    """Refuse while the person has not confirmed: a consent asked for is none yet [M26:getting-opt-in]."""
    if request.consent != PENDING or _answers_the_person(request):
        return None
    return _refuse(request, Reason.OPT_IN_PENDING, request.consent_detail)


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


def company_mismatch(request, _now):
    """Refuse another company's contact or document: its consents and numbers are not this account's. [own]"""
    return _refuse(request, Reason.COMPANY_MISMATCH, request.other_company) if request.other_company else None


def blocked_by_us(request, _now):
    """Refuse whom somebody of ours has blocked, also an answer. [own]"""
    return _refuse(request, Reason.BLOCKED_BY_US, request.blocked) if request.blocked else None


def blacklisted(request, _now):
    """Refuse whose number is on Odoo's phone blacklist: a stop said elsewhere is a stop. [own]"""
    stopped = request.blacklisted and request.purpose in PURPOSES_BLACKLISTED
    return _refuse(request, Reason.BLACKLISTED) if stopped else None


def us_marketing(request, _now):
    """Refuse marketing where Meta delivers none [S26:support/error-codes 131049, 2026-09-11]."""
    stopped = request.purpose == MARKETING and request.is_template and request.spared_region
    return _refuse(request, Reason.US_MARKETING) if stopped else None


def not_on_whatsapp(request, _now):
    """Refuse marketing to a number Meta could not reach lately: failures cost quality. A service update is tried. [own;
    131026 says no more for privacy, S26:support/error-codes, 2026-09-11]"""
    stopped = request.purpose == MARKETING and request.undeliverable_at and not request.window_open
    detail = f'{request.undeliverable_at:%Y-%m-%d}' if stopped else ''
    return _refuse(request, Reason.NOT_ON_WHATSAPP, detail) if stopped else None


def duplicate(request, _now):
    """Refuse what the person got a short while ago, or is about to get. [own]"""
    return _refuse(request, Reason.DUPLICATE) if request.sent_before else None


def frequency_cap(request, _now):
    """Hold marketing to whom got enough of it, until the oldest is long enough ago; refuse what would come too late.

    [own; Meta's own cap is adaptive and unknown beforehand, S26:marketing-messages per-user limits]
    """
    cap, moments = request.cap, request.marketing_moments
    if cap is None or request.purpose != MARKETING or len(moments) < cap.most:
        return None
    room_at = moments[cap.most - 1] + cap.span
    if request.expires_at is not None and room_at >= request.expires_at:
        return _refuse(request, Reason.FREQUENCY_CAP)
    return _hold(request, Reason.FREQUENCY_CAP, until=room_at)


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


#: Who is written to at all: most of those who are not are known by now, and what the outbox tells about them matters no
#: more. None of these asks what else is in the batch.
RULES_ABOUT_PEOPLE = (
    invalid_phone,
    no_phone,
    recipient_changed,
    company_mismatch,
    expired,
    blocked_by_us,
    outside_window,
    consent_withdrawn,
    consent_expired,
    opt_in_pending,
    no_consent,
    blacklisted,
    us_marketing,
)
#: What is left, about what the person got and about the message itself.
RULES_ABOUT_MESSAGES = (
    not_on_whatsapp,
    template_paused,
    template_not_approved,
    template_unsupported,
    missing_value,
    duplicate,
    account_inactive,
    number_unable,
    template_sync,
    halted,
    brake,
    marketing_gap,
    quiet_hours,
    frequency_cap,
)
#: In this order: what is wrong with the message is told before what it would merely have to wait for.
RULES = (*RULES_ABOUT_PEOPLE, *RULES_ABOUT_MESSAGES)
