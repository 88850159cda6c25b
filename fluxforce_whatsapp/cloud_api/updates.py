"""What Meta reports besides messages and statuses: templates, numbers, accounts, people's own choices.

Each class reads the items of some webhook fields into plain facts. Every key is optional, numbers and moments come in
either spelling, texts are '' and everything else None where Meta says nothing; a value that nobody knows is handed on
as it came. [S26:webhooks/reference, 2026-09-11; the odd forms: payloads collected in the field]
"""

import re
from dataclasses import dataclass
from datetime import datetime

from . import const
from .errors import ApiError
from .reading import as_dict, as_list, id_text, integer, string, to_datetime

_NOT_DIGITS = re.compile(r'\D')
_PEOPLE_OF_TIER = {tier: people for tier, people in const.MESSAGING_LIMITS.items() if people}
#: What Meta writes for "no reason".
_NOTHING = 'NONE'


@dataclass(frozen=True)
class TemplateUpdate:
    """Something about one template: its status, quality, category or parts.

    :ivar language: with an underscore, whichever way Meta wrote it
    :ivar event: of message_template_status_update, upper case
    :ivar reason: code of a rejection
    :ivar explanation: what is wrong, in Meta's words
    :ivar recommendation: what to do about it, in Meta's words
    :ivar title: code of a pause, e.g. ``FIRST_PAUSE``
    :ivar quality: the new one, only of a quality update
    :ivar category: the one the template has now
    :ivar correct_category: the one Meta takes for right, if it says so
    :ivar category_at: when it gets that one, naive UTC
    """

    template_id: str
    name: str
    language: str
    event: str
    reason: str
    explanation: str
    recommendation: str
    title: str
    quality: str
    category: str
    correct_category: str
    category_at: datetime | None

    @classmethod
    def from_item(cls, item):
        """Read an item of the template fields.

        :rtype: TemplateUpdate
        """
        data = item.data
        rejection, other = as_dict(data, 'rejection_info'), as_dict(data, 'other_info')
        return cls(
            template_id=id_text(data.get('message_template_id')),
            name=string(data, 'message_template_name'),
            language=plain_language(string(data, 'message_template_language')),
            event=_code(data, 'event'),
            reason=_code(data, 'reason'),
            explanation=string(rejection, 'reason') or string(other, 'description'),
            recommendation=string(rejection, 'recommendation'),
            title=_code(other, 'title'),
            quality=_code(data, 'new_quality_score'),
            category=_code(data, 'new_category') or _code(data, 'category') or _code(data, 'message_template_category'),
            correct_category=_code(data, 'correct_category'),
            category_at=to_datetime(data.get('category_update_timestamp')),
        )


@dataclass(frozen=True)
class NumberUpdate:
    """Something about one number: its limit, throughput, name or PIN.

    :ivar digits: the number as people dial it, digits only; it carries no id
    :ivar event: upper case
    :ivar tier: limit of people in 24 hours as a key of ``const.MESSAGING_LIMITS``
    :ivar decision: about a name, upper case
    :ivar name: the name that was asked for
    :ivar reason: code of a rejection
    :ivar requester: id of the Facebook user who asked to reset a PIN
    """

    digits: str
    event: str
    tier: str
    decision: str
    name: str
    reason: str
    requester: str

    @classmethod
    def from_item(cls, item):
        """Read an item of phone_number_quality_update, phone_number_name_update or security.

        :rtype: NumberUpdate
        """
        data = item.data
        return cls(
            digits=plain_digits(data.get('display_phone_number')),
            event=_code(data, 'event'),
            tier=tier_of(data.get('max_daily_conversations_per_business')) or tier_of(data.get('current_limit')),
            decision=_code(data, 'decision'),
            name=string(data, 'requested_verified_name'),
            reason=_code(data, 'rejection_reason'),
            requester=id_text(data.get('requester')),
        )


@dataclass(frozen=True)
class Restriction:
    """:ivar type: code, upper case. :ivar until: naive UTC. :ivar remediation: what to do, in Meta's words."""

    type: str
    until: datetime | None
    remediation: str


@dataclass(frozen=True)
class AccountUpdate:
    """Something about the whole account.

    :ivar event: of account_update, upper case
    :ivar waba_id: of the account it is about, where the entry belongs to a partner
    :ivar app_id: of the app it is about, where it is about one
    :ivar digits: the number it is about, if it is about one, digits only
    :ivar ban_state: upper case
    :ivar ban_date: as Meta writes it, e.g. ``November 30, 2026``
    :ivar violation: code, upper case
    :ivar remediation: what to do, in Meta's words
    :ivar restrictions: tuple of :class:`Restriction`
    :ivar disconnected_by: codes of the reason and of who began it, of a number in the Business app
    :ivar decision: of account_review_update, upper case
    :ivar tier: of business_capability_update, a key of ``const.MESSAGING_LIMITS``
    """

    event: str
    waba_id: str
    app_id: str
    digits: str
    ban_state: str
    ban_date: str
    violation: str
    remediation: str
    restrictions: tuple
    disconnected_by: str
    decision: str
    tier: str

    @classmethod
    def from_item(cls, item):
        """Read an item of account_update, account_review_update or business_capability_update.

        :rtype: AccountUpdate
        """
        data = item.data
        ban, violation = as_dict(data, 'ban_info'), as_dict(data, 'violation_info')
        disconnection = as_dict(data, 'disconnection_info')
        return cls(
            event=_code(data, 'event'),
            waba_id=id_text(as_dict(data, 'waba_info').get('waba_id')),
            app_id=id_text(as_dict(data, 'waba_info').get('partner_app_id')),
            digits=plain_digits(data.get('phone_number')),
            ban_state=_code(ban, 'waba_ban_state'),
            ban_date=id_text(ban.get('waba_ban_date')),
            violation=_code(violation, 'violation_type'),
            remediation=string(violation, 'remediation'),
            restrictions=_restrictions(data.get('restriction_info')),
            disconnected_by=' '.join(filter(None, (_code(disconnection, 'reason'),
                                                   _code(disconnection, 'initiated_by')))),
            decision=_code(data, 'decision'),
            tier=tier_of(data.get('max_daily_conversations_per_business')),
        )


@dataclass(frozen=True)
class AccountAlert:
    """One of Meta's own alerts (account_alerts).

    :ivar entity_type: upper case, what ``entity_id`` is the id of
    :ivar severity: CRITICAL, WARNING or INFORMATIONAL, upper case
    :ivar type: code, upper case
    :ivar description: in Meta's words
    """

    entity_type: str
    entity_id: str
    severity: str
    type: str
    description: str

    @classmethod
    def from_item(cls, item):
        """Read an item of account_alerts; keys beside ``alert_info`` are taken as well as those in it.

        :rtype: AccountAlert
        """
        info = {**item.data, **as_dict(item.data, 'alert_info')}
        return cls(
            entity_type=_code(info, 'entity_type'),
            entity_id=id_text(info.get('entity_id')),
            severity=_code(info, 'alert_severity'),
            type=_code(info, 'alert_type'),
            description=string(info, 'alert_description'),
        )


@dataclass(frozen=True)
class Preference:
    """What a person chose in WhatsApp about messages from us.

    :ivar wa_id: the person's number, digits only, '' if hidden
    :ivar user_id: BSUID
    :ivar value: ``stop``, ``resume`` or whatever may come, lower case
    :ivar category: lower case
    :ivar detail: in Meta's words
    :ivar at: naive UTC
    """

    wa_id: str
    user_id: str
    value: str
    category: str
    detail: str
    at: datetime | None

    @classmethod
    def from_item(cls, item):
        """Read an item of user_preferences.

        :rtype: Preference
        """
        data, contact = item.data, item.contact or {}
        return cls(
            wa_id=plain_digits(data.get('wa_id')) or plain_digits(contact.get('wa_id')),
            user_id=string(data, 'user_id') or string(contact, 'user_id'),
            value=string(data, 'value').lower(),
            category=string(data, 'category').lower(),
            detail=string(data, 'detail'),
            at=to_datetime(data.get('timestamp')),
        )


def error_of(item):
    """Read an error that is about no message (``errors`` of the field ``messages``).

    :rtype: ApiError
    """
    data = item.data
    words = string(data, 'title') or string(data, 'message')
    return ApiError(integer(data.get('code')), words, details=string(as_dict(data, 'error_data'), 'details') or words)


# --- One form for what comes in several ----------------------------------------------------------------------------


def plain_language(code):
    """:return: a template's language in the one form in which it is compared: ``en_US`` for ``en-US``."""
    return code.replace('-', '_')


def plain_digits(value):
    """:return: the digits of a phone number however it is set, '' for none."""
    return _NOT_DIGITS.sub('', id_text(value))


def tier_of(limit):
    """Bring a limit of people in 24 hours into the form of Meta's tiers; of two that may be meant the lower one.

    :param limit: a tier, a number of people, -1 for no limit, anything
    :return: a key of ``const.MESSAGING_LIMITS``, '' for none; a tier nobody knows as it came
    :rtype: str
    """
    if isinstance(limit, str) and limit.startswith('TIER_'):
        return '' if limit == 'TIER_NOT_SET' else limit
    people = const.LIMIT_NONE if limit == str(const.LIMIT_NONE) else integer(limit)
    if people == const.LIMIT_NONE:
        return 'TIER_UNLIMITED'
    if not people or people < 0:
        return ''
    fitting = [tier for tier, most in _PEOPLE_OF_TIER.items() if most <= people]
    return max(fitting, key=_PEOPLE_OF_TIER.get, default=min(_PEOPLE_OF_TIER, key=_PEOPLE_OF_TIER.get))


def _restrictions(value):
    pieces = as_list(value) or [value]
    return tuple(
        Restriction(type=_code(piece, 'restriction_type'), until=to_datetime(piece.get('expiration')),
                    remediation=string(piece, 'remediation'))
        for piece in pieces if isinstance(piece, dict) and _code(piece, 'restriction_type'))


def _code(data, name):
    """:return: a code of one of Meta's enums, the first of several, '' for none."""
    value = data.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    text = value.strip().upper() if isinstance(value, str) else ''
    return '' if text == _NOTHING else text
