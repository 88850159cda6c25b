"""Everything that can be changed while the simulator runs (PATCH /settings). Durations are seconds."""

import time
from dataclasses import asdict, dataclass, field, fields

from . import latency

MAX_BATCH = 1000


class SettingsError(ValueError):
    """A PATCH /settings body that cannot be used."""


@dataclass
class WebhookFaults:
    """What goes wrong on the way of a webhook; `delay` in seconds, `copies` a number, the others probabilities 0..1."""

    delay: float = 0.0
    duplicate: float = 0.0
    copies: int = 1
    reorder: float = 0.0
    drop: float = 0.0
    early: float = 0.0


@dataclass
class Settings:
    """One value per behaviour; the defaults are Meta's documented figures or a quick stand-in for them."""

    latency: float | list | dict = 0.0
    latency_split: float = 0.5
    throughput: int = 80
    pair_rate: bool = True
    pair_interval: float = 6.0
    pair_burst: int = 45
    pair_burst_window: float = 6.0
    service_window: float = 86400.0
    limit_window: float = 86400.0
    portfolio_limit: int | None = None
    held_templates: dict = field(default_factory=dict)
    upgrade_seconds: float = 60.0
    app_usage_percent: int = 1
    business_usage_percent: int = 1
    regain_minutes: int = 0
    management_limit: int = 5000
    statuses: bool = True
    read_ratio: float = 1.0
    sent_after: float = 0.05
    delivered_after: float = 0.2
    read_after: float = 0.5
    reply_after: float = 0.5
    review_seconds: float = 1.0
    review_outcome: str = 'APPROVED'
    review_reason: str = 'INVALID_FORMAT'
    reviews: dict = field(default_factory=dict)
    category_correction: bool = True
    category_change_seconds: float | None = None
    creation_limit: int = 100
    creation_window: float = 3600.0
    template_limit: int = 6000
    edit_quotas: list = field(default_factory=lambda: [[86_400.0, 1], [2_592_000.0, 10]])
    name_block_seconds: float = 2_592_000.0
    deletion_seconds: float = 0.0
    pause_seconds: list = field(default_factory=lambda: [10_800.0, 21_600.0])
    media_url_seconds: float = 300.0
    upload_cuts: list = field(default_factory=list)
    media_kept_seconds: float = 2_592_000.0
    retry_schedule: list = field(default_factory=lambda: [0.5, 1.0, 2.0, 4.0, 8.0])
    webhook_timeout: float = 10.0
    webhook_concurrency: int = 8
    webhook_faults: WebhookFaults = field(default_factory=WebhookFaults)
    silence: str = ''
    batch_size: int | None = None
    batch_linger: float = 0.01
    account_locked: bool = False
    policy_blocked: bool = False
    permission_removed: bool = False
    payment_problem: bool = False
    token_revoked: bool = False
    prepend_country_code: bool = False
    override_needs_subscription: bool = False
    hang_seconds: float = 60.0
    send_faults: list = field(default_factory=list)
    timed_faults: list = field(default_factory=list)
    random_faults: list = field(default_factory=list)

    def patch(self, changes):
        """Apply a dict of changes all at once; raise SettingsError and change nothing when one is unusable."""
        checked = {key: self._checked(key, value) for key, value in changes.items()}
        for key, value in checked.items():
            setattr(self, key, value)

    def _checked(self, key, value):
        if key not in {item.name for item in fields(self)}:
            raise SettingsError(f'unknown setting {key}')
        if key == 'webhook_faults':
            return self._checked_faults(value)
        return CHECKS[key](value) if key in CHECKS else self._checked_type(key, value)

    def _checked_type(self, key, value):
        current = getattr(self, key)
        if isinstance(current, bool) != isinstance(value, bool):
            raise SettingsError(f'{key}: wrong type {type(value).__name__}')
        if isinstance(current, (int, float)) and not isinstance(value, (int, float)):
            raise SettingsError(f'{key}: a number is needed')
        if isinstance(current, list) and not isinstance(value, list):
            raise SettingsError(f'{key}: a list is needed')
        return value

    def _checked_faults(self, value):
        merged = {**asdict(self.webhook_faults), **value}
        try:
            return WebhookFaults(**{key: NUMBERS.get(key, float)(number) for key, number in merged.items()})
        except (TypeError, ValueError) as error:
            raise SettingsError(f'webhook_faults: {error}') from error

    def as_dict(self):
        """Return all values for GET /settings."""
        return asdict(self)


SEND_FAULTS = (
    'accept_then_close', 'accept_then_reset', 'accept_then_hang', 'accept_then_502', 'html502', 'badjson', 'truncate',
    'noid200', 'empty200', 'dupid', 'drip', 'reset_before_read', 'hang', 'ok',
)


def expand_fault(item):
    """Return one entry of `send_faults` in its long form, as often as its `times` says."""
    fault = {'fault': item} if isinstance(item, str) else dict(item)
    name = fault.get('fault')
    if isinstance(name, str) and ':' in name:
        fault['fault'], seconds = name.split(':', 1)
        fault['seconds'] = float(seconds)
    if 'code' not in fault and fault.get('fault') not in SEND_FAULTS:
        raise SettingsError(f'unknown send fault {item!r}')
    return [fault] * int(fault.pop('times', 1))


def timed_fault(item):
    """Return one entry of `timed_faults` with `until`, the monotonic second at which it ends; it begins now."""
    if not isinstance(item, dict) or not float(item.get('seconds', 0)) > 0:
        raise SettingsError('timed_faults: every entry is an object with seconds above 0')
    rest = {key: value for key, value in item.items() if key != 'seconds'}
    return {'probability': 1.0, **expand_fault(rest)[0], 'until': time.monotonic() + float(item['seconds'])}


def _checked_latency(value):
    try:
        return latency.checked(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(str(error)) from error


def _checked_limit(value):
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < -1):
        raise SettingsError('portfolio_limit: a number of people, null = by the tier, -1 = none')
    return value


def _checked_held(value):
    if not isinstance(value, dict) or not all(isinstance(first, int) and first >= 0 for first in value.values()):
        raise SettingsError('held_templates: {name or id of a template: messages that go out before it is held}')
    return dict(value)


#: [S26:webhooks/reference/message_template_status_update]
REVIEW_OUTCOMES = ('APPROVED', 'REJECTED', 'IN_APPEAL', 'PENDING')
REVIEW_REASONS = ('ABUSIVE_CONTENT', 'CATEGORY_NOT_AVAILABLE', 'INCORRECT_CATEGORY', 'INVALID_FORMAT', 'NONE',
                  'PROMOTIONAL', 'SCAM', 'TAG_CONTENT_MISMATCH')
REVIEW_KEYS = {'outcome', 'reason', 'seconds', 'category', 'correct_category'}


def _one_of(name, values):
    def checked(value):
        if value not in values:
            raise SettingsError(f'{name}: one of {", ".join(values)}')
        return value
    return checked


def _checked_reviews(value):
    for plan in value.values() if isinstance(value, dict) else [None]:
        if not isinstance(plan, dict) or set(plan) - REVIEW_KEYS:
            raise SettingsError(f'reviews: {{name of a template: {{{", ".join(sorted(REVIEW_KEYS))}}}}}')
        _one_of('outcome', REVIEW_OUTCOMES)(plan.get('outcome', 'APPROVED'))
        _one_of('reason', REVIEW_REASONS)(plan.get('reason', 'NONE'))
    return dict(value)


def _checked_seconds(value):
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
        raise SettingsError('category_change_seconds: seconds, null = never')
    return value


def _checked_silence(value):
    if value not in ('', 'lose', 'keep'):
        raise SettingsError("silence: 'lose' or 'keep', '' = no silence")
    return value


#: Types of the webhook faults that are no fractions.
NUMBERS = {'copies': int}
#: Checks of the settings that are more than a plain number, text or list.
CHECKS = {
    'latency': _checked_latency,
    'portfolio_limit': _checked_limit,
    'silence': _checked_silence,
    'held_templates': _checked_held,
    'reviews': _checked_reviews,
    'review_outcome': _one_of('review_outcome', REVIEW_OUTCOMES),
    'review_reason': _one_of('review_reason', REVIEW_REASONS),
    'category_change_seconds': _checked_seconds,
    'batch_size': lambda value: None if value is None else max(1, min(MAX_BATCH, int(value))),
    'send_faults': lambda value: [fault for item in value for fault in expand_fault(item)],
    'timed_faults': lambda value: [timed_fault(item) for item in value],
    'random_faults': lambda value: [expand_fault(item)[0] for item in value],
}
