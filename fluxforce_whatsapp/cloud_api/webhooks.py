"""Reading Meta's webhooks [S26:webhooks/reference].

Meta sends up to 1,000 things in one body, of several accounts and numbers, in any order and more than once; new fields
and types appear without notice. ``parse`` takes a body apart into items that can be handled, and fail, one by one.
Whatever has an odd form is kept as an item of kind ``other`` instead of being dropped.
"""

import hashlib
import hmac
import json
import math
from dataclasses import dataclass
from datetime import datetime

from . import const
from .reading import as_dict as _dict
from .reading import as_list as _as_list
from .reading import clean, to_datetime
from .reading import code as _code
from .reading import id_text as _id_text
from .reading import string as _string

STATUS = 'status'
MESSAGE = 'message'
ERROR = 'error'
OTHER = 'other'

_WABA_IN_KEY = 40


class MalformedWebhook(ValueError):
    """The body is not a WhatsApp webhook at all."""


@dataclass
class Item:
    """One thing that happened.

    :ivar str waba_id: id of the account, or ''
    :ivar str field: webhook field, e.g. ``messages``, or ''
    :ivar str kind: ``status``, ``message``, ``error`` or ``other``
    :ivar str phone_number_id: id of the business number, or ''
    :ivar str dedupe_key: the same for every delivery of the same thing; at most 128 characters. Meta dates neither the
        account errors of the field ``messages``, see ``key_on``, nor the clicks without a time: equal ones share a key,
        however far apart they came, so do not keep keys for ever
    :ivar dict data: the thing itself; ``{'odd': …}`` if it has no usable form
    :ivar dict value: what came with it, without the contacts and the lists that are taken apart: kept with each item
        they would grow with the square of the batch. Shared among items, do not change
    :ivar contact: Meta's contact entry of the person, or None
    :ivar time: the entry's ``time`` as Meta wrote it, None where it gives none (the field ``messages``)
    """

    waba_id: str
    field: str
    kind: str
    phone_number_id: str
    dedupe_key: str
    data: dict
    value: dict
    contact: dict | None
    time: int | str | None = None

    @property
    def moment(self):
        """:return: when it happened as Meta says, naive UTC; None where Meta does not say."""
        return to_datetime(self.time)

    def key_on(self, day):
        """Tell an account error that Meta does not date from the same one of another day.

        Its repetition on another day counts anew as well. That is only told once more; what is told of people and
        messages must never count twice.

        :param date day: on which it came
        :return: the dedupe key, with the day at most 128 characters as well
        """
        return f'{self.dedupe_key}:{day}' if self.kind == ERROR and self.time is None else self.dedupe_key


# --- Body to items -------------------------------------------------------------------------------------------------


def parse(raw):
    """Take a webhook body apart.

    NUL characters are dropped and broken surrogates replaced in every text, because PostgreSQL stores neither.

    :param bytes raw: the body as received, its signature already verified
    :rtype: list[Item]
    :raise MalformedWebhook: not JSON, not UTF-8, nested absurdly, or not the envelope of a WhatsApp webhook
    """
    return [item for entry in check(raw)['entry'] for item in _entry_items(entry)]


def check(raw):
    """Tell a webhook from what is none, without taking it apart.

    :return: the body
    :rtype: dict
    :raise MalformedWebhook: as for :func:`parse`
    """
    body = _load(raw)
    if not isinstance(body, dict) or body.get('object') != const.WEBHOOK_OBJECT:
        raise MalformedWebhook('This is not a WhatsApp webhook.')
    if not isinstance(body.get('entry'), list):
        raise MalformedWebhook('The webhook has no entries.')
    return body


def _load(raw):
    try:
        return clean(json.loads(raw.decode('utf-8'), parse_constant=_no_constant, parse_float=_finite))
    except (ValueError, RecursionError, AttributeError) as error:
        raise MalformedWebhook(f'The webhook is not JSON ({type(error).__name__}).') from None


def _no_constant(name):
    raise ValueError(f'{name} is not JSON')


def _finite(text):
    number = float(text)
    return number if math.isfinite(number) else text


def _entry_items(entry):
    if not isinstance(entry, dict):
        return [_odd('', None, '', entry)]
    waba_id = _id_text(entry.get('id'))
    if not isinstance(entry.get('changes'), list):
        return [_odd(waba_id, entry.get('time'), '', entry)]
    return [item for change in entry['changes'] for item in _change_items(waba_id, entry.get('time'), change)]


def _change_items(waba_id, time, change):
    field = change.get('field') if isinstance(change, dict) else None
    value = change.get('value') if isinstance(change, dict) else None
    if not isinstance(field, str) or not isinstance(value, dict):
        return [_odd(waba_id, time, field if isinstance(field, str) else '', change)]
    return _Change(waba_id, time, field, value).items()


def _odd(waba_id, time, field, piece):
    key = _dedupe_key(OTHER, waba_id, time, field, piece)
    return Item(waba_id, field, OTHER, '', key, {'odd': piece}, {}, None, time)


#: The lists to take apart, by field: list name and kind of its items.
_LISTS = {
    'messages': (('messages', MESSAGE), ('statuses', STATUS), ('errors', ERROR), ('user_actions', OTHER)),
    'user_preferences': (('user_preferences', OTHER),),
}


class _Change:
    """One ``changes[]`` entry on its way to items."""

    def __init__(self, waba_id, time, field, value):
        self.waba_id = waba_id
        self.time = time
        self.field = field
        self.full_value = value
        apart = {'contacts', *(name for name, __ in _LISTS.get(field, ()))}
        self.value = {name: part for name, part in value.items() if name not in apart}
        metadata = value.get('metadata')
        self.phone_number_id = _id_text(metadata.get('phone_number_id')) if isinstance(metadata, dict) else ''
        self.contacts = [item for item in _as_list(value.get('contacts')) if isinstance(item, dict)]
        self.contact_by_id = {
            contact[name]: contact
            for contact in reversed(self.contacts)
            for name in ('wa_id', 'user_id')
            if isinstance(contact.get(name), str)
        }

    def items(self):
        """Items of this change; the whole value as one of kind ``other`` if nothing in it can be taken apart."""
        lists = [(name, kind) for name, kind in _LISTS.get(self.field, ()) if self.full_value.get(name)]
        if not lists:
            return [self._whole()]
        return [item for name, kind in lists for item in self._list_items(name, kind)]

    def _whole(self):
        key = _dedupe_key(OTHER, self.waba_id, self.time, self.field, self.full_value)
        return self._item(OTHER, key, self.full_value, None)

    def _list_items(self, name, kind):
        pieces = self.full_value[name]
        if not isinstance(pieces, list):
            return [self._odd_piece(pieces)]
        return [self._piece(kind, piece) if isinstance(piece, dict) else self._odd_piece(piece) for piece in pieces]

    def _odd_piece(self, piece):
        key = _dedupe_key(OTHER, self.waba_id, self.time, self.field, piece)
        return self._item(OTHER, key, {'odd': piece}, None)

    def _piece(self, kind, piece):
        identity = _IDENTITIES.get(self.field if kind == OTHER else kind, _nothing)(piece)
        key = _dedupe_key(kind, self.waba_id, *(identity or (self.time, self.field, self.phone_number_id, piece)))
        return self._item(kind, key, piece, self._contact(piece))

    def _item(self, kind, key, data, contact):
        return Item(self.waba_id, self.field, kind, self.phone_number_id, key, data, self.value, contact, self.time)

    def _contact(self, piece):
        for name in ('from_user_id', 'recipient_user_id', 'user_id', 'from', 'recipient_id', 'wa_id'):
            person = piece.get(name)
            if isinstance(person, str) and person in self.contact_by_id:
                return self.contact_by_id[person]
        # A contact's wa_id may differ from the sender's number; where there is only one, it is that person's.
        return self.contacts[0] if len(self.contacts) == 1 and not self._is_somebody_else(piece) else None

    def _is_somebody_else(self, piece):
        user_id = piece.get('from_user_id') or piece.get('recipient_user_id') or piece.get('user_id')
        return bool(user_id and self.contacts[0].get('user_id') and self.contacts[0]['user_id'] != user_id)


# --- What makes two deliveries the same ----------------------------------------------------------------------------


def _message_identity(piece):
    return ('id', piece['id']) if isinstance(piece.get('id'), str) and piece['id'] else None


def _status_identity(piece):
    if not isinstance(piece.get('id'), str) or not piece['id']:
        return None
    return 'id', piece['id'], piece.get('status'), _participant(piece)


def _participant(piece):
    # Meta's samples spell the participant of a group in more than one way.
    names = ('recipient_participant_id', 'participant_recipient_id', 'recipient_participant_user_id')
    return next((piece[name] for name in names if piece.get(name)), None)


def _preference_identity(piece):
    person = piece.get('wa_id') or piece.get('user_id')
    if not person or piece.get('timestamp') is None:
        return None
    return person, piece.get('category'), piece.get('value'), str(piece['timestamp'])


def _nothing(_piece):
    return None


#: By kind, for kind ``other`` by field. Everything else is told apart by all it holds, with the entry's time.
_IDENTITIES = {MESSAGE: _message_identity, STATUS: _status_identity, 'user_preferences': _preference_identity}


def _dedupe_key(kind, waba_id, *identity):
    text = json.dumps([waba_id, *identity], sort_keys=True, separators=(',', ':'))
    return f'{kind}:{waba_id[:_WABA_IN_KEY]}:{hashlib.sha256(text.encode()).hexdigest()}'


# --- Items to facts ------------------------------------------------------------------------------------------------


@dataclass
class Status:
    """What became of a message we sent. Texts are '' and the rest None where Meta says nothing.

    :ivar timestamp: naive UTC
    :ivar key: our own key from ``biz_opaque_callback_data``
    """

    message_id: str
    status: str
    timestamp: datetime | None
    recipient_id: str
    user_id: str
    key: str
    error_code: int | None
    error_title: str
    error_details: str
    pricing_category: str
    raw: dict

    @classmethod
    def from_item(cls, item):
        """Read an item of kind ``status``.

        :return: None if it is of another kind or names no message or no status
        :rtype: Status | None
        """
        data = item.data
        if item.kind != STATUS or not _string(data, 'id') or not _string(data, 'status'):
            return None
        error = next((entry for entry in _as_list(data.get('errors')) if isinstance(entry, dict)), {})
        return cls(
            message_id=_string(data, 'id'),
            status=_string(data, 'status'),
            timestamp=to_datetime(data.get('timestamp')),
            recipient_id=_string(data, 'recipient_id'),
            user_id=_string(data, 'recipient_user_id'),
            key=_string(data, 'biz_opaque_callback_data'),
            error_code=_code(error.get('code')),
            error_title=_string(error, 'title') or _string(error, 'message'),
            error_details=_string(_dict(error, 'error_data'), 'details') or _string(error, 'message'),
            # Group statuses may carry the price inside the conversation.
            pricing_category=_string(_dict(data, 'pricing'), 'category')
            or _string(_dict(_dict(data, 'conversation'), 'pricing'), 'category'),
            raw=data,
        )


# --- State ladder --------------------------------------------------------------------------------------------------


def advances(old, new):
    """Tell whether a message may move from one state to another; duplicates and disorder change nothing.

    ``failed`` only beats what is below ``delivered``; a message called failed that turns up delivered, read or played
    was not failed [S26:webhooks/reference/messages/status].

    :param old: state now; empty for none yet
    :param str new: state reported; one that nobody knows never advances
    :rtype: bool
    """
    delivered = const.STATUS_RANK[const.STATUS_DELIVERED]
    if new == const.STATUS_FAILED:
        return not old or const.STATUS_RANK.get(old, delivered) < delivered
    rank = const.STATUS_RANK.get(new)
    if rank is None:
        return False
    if old == const.STATUS_FAILED:
        return rank >= delivered
    return not old or rank > const.STATUS_RANK.get(old, math.inf)


# --- Handshake -----------------------------------------------------------------------------------------------------


def challenge(params, verify_token):
    """Answer Meta's GET handshake [M26:create-webhook-endpoint].

    :param Mapping params: the query parameters
    :param verify_token: the account's token; a blank one never matches
    :return: the text to answer with (as text/plain), or None to refuse
    :rtype: str | None
    """
    given, wanted, answer = params.get('hub.verify_token'), verify_token, params.get('hub.challenge')
    if not all(isinstance(text, str) and text.strip() for text in (given, wanted, answer)):
        return None
    same = hmac.compare_digest(given.encode('utf-8', 'surrogatepass'), wanted.encode('utf-8', 'surrogatepass'))
    return answer if same and params.get('hub.mode') == 'subscribe' else None
