"""Reading messages that people write, each type into plain facts [S26:webhooks/reference/messages, 2026-09-11].

No words of our own in here: how a place or an order reads is for the caller, in the reader's language. Every key may be
missing or odd; a type that nobody knows is a message without content.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import const
from .reading import as_dict, as_list, clean, digits, string, to_datetime
from .webhooks import MESSAGE

_UNDERSCORES = re.compile(r'[_\s]+')


# --- Facts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Media:
    """A file a person sent; it has to be fetched.

    :ivar str kind: ``image``, ``video``, ``audio``, ``voice``, ``document`` or ``sticker``
    :ivar str mime_type: as told by Meta
    :ivar str sha256: of the content, as told by Meta
    :ivar str url: link of the webhook, good for minutes; ''
    :ivar str filename: as the person's phone named it, anything; ''
    """

    media_id: str
    kind: str
    mime_type: str = ''
    sha256: str = ''
    url: str = ''
    filename: str = ''


@dataclass(frozen=True)
class Place:
    """A location; without coordinates both are None."""

    latitude: float | None
    longitude: float | None
    name: str = ''
    address: str = ''
    url: str = ''


@dataclass(frozen=True)
class Card:
    """A contact a person passed on."""

    name: str
    company: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]


@dataclass(frozen=True)
class Cards:
    """The contacts of one message."""

    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Choice:
    """A row chosen from a list."""

    title: str
    description: str


@dataclass(frozen=True)
class Answers:
    """A form that was filled in.

    :ivar rows: pairs of question (as the form names it, readable) and answer (text, bool or number)
    """

    rows: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class CallPermission:
    """Whether the business may call.

    :ivar str response: ``accept``, ``reject`` or something new
    :ivar until: naive UTC, None for no end
    """

    response: str
    is_permanent: bool
    until: datetime | None


@dataclass(frozen=True)
class OrderLine:
    """One product of an order; quantity and price None where Meta gives none."""

    product: str
    quantity: float | None
    price: float | None
    currency: str


@dataclass(frozen=True)
class Order:
    """A basket of catalogue products."""

    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class Renewal:
    """What WhatsApp tells about the person: a new number or a new id.

    :ivar str what: ``user_changed_number``, ``user_changed_user_id`` or something new
    :ivar str phone: the new number, digits; ''
    :ivar str user_id: the new BSUID, ''
    """

    what: str
    phone: str
    user_id: str
    words: str


@dataclass(frozen=True)
class Unreadable:
    """Something WhatsApp does not hand on.

    :ivar str what: its kind, e.g. ``poll``; ''
    """

    what: str


@dataclass(frozen=True)
class Referral:
    """The ad or post through which the person came.

    :ivar str click_id: to report a result to the ad's account, ''
    """

    source_type: str
    source_id: str
    url: str
    headline: str
    body: str
    click_id: str


@dataclass
class InboundMessage:
    """A message from a person. Texts are '' where Meta says nothing.

    :ivar sender: the person's number, digits only; '' if hidden
    :ivar user_id: the person's BSUID
    :ivar parent_id: the BSUID for linked portfolios of one business, where Meta tells it
    :ivar username: without a leading @
    :ivar timestamp: naive UTC, or None
    :ivar text: the person's own words: the text, a caption, the label of a button or of a choice
    :ivar content: one of the facts of this module, or None
    :ivar reply_to: id of the message this one quotes
    :ivar group_id: of the group it was written in, '' for a conversation
    :ivar forwarded: '', ``once`` or ``often``
    :ivar referral: the ad it came from, or None
    :ivar product: id of the catalogue product asked about
    :ivar target: id of the message that a reaction, an edit or a revocation is about
    :ivar emoji: of a reaction; '' takes it back
    :ivar edited: the message as it reads after an edit, or None
    """

    message_id: str
    sender: str
    user_id: str
    profile_name: str
    username: str
    timestamp: datetime | None
    type: str
    text: str
    content: Any
    reply_to: str
    group_id: str = ''
    forwarded: str = ''
    referral: Referral | None = None
    product: str = ''
    target: str = ''
    emoji: str = ''
    edited: Any = None
    parent_id: str = ''

    @classmethod
    def from_item(cls, item):
        """Read an item of kind ``message``.

        :return: None if it is of another kind or has no id
        :rtype: InboundMessage | None
        """
        if item.kind != MESSAGE or not string(item.data, 'id'):
            return None
        return cls._read(item.data, item.contact or {})

    @classmethod
    def _read(cls, data, contact):
        profile, context = as_dict(contact, 'profile'), as_dict(data, 'context')
        kind = string(data, 'type')
        return cls(
            message_id=string(data, 'id'),
            sender=digits(data, 'from') or digits(contact, 'wa_id'),
            user_id=string(data, 'from_user_id') or string(contact, 'user_id'),
            profile_name=string(profile, 'name'),
            username=string(profile, 'username').lstrip('@'),
            timestamp=to_datetime(data.get('timestamp')),
            type=kind,
            text=_TEXTS.get(kind, _caption)(data),
            content=_CONTENTS.get(kind, _no_content)(data),
            reply_to=string(context, 'id'),
            group_id=string(data, 'group_id'),
            forwarded=_forwarded(context),
            referral=_referral(as_dict(data, 'referral')),
            product=string(as_dict(context, 'referred_product'), 'product_retailer_id'),
            target=_target(data, kind),
            emoji=string(as_dict(data, 'reaction'), 'emoji'),
            edited=cls._edited(data) if kind == const.MESSAGE_EDIT else None,
            parent_id=string(data, 'from_parent_user_id') or string(contact, 'parent_user_id'),
        )

    @classmethod
    def _edited(cls, data):
        inner = as_dict(as_dict(data, 'edit'), 'message')
        # An edit of an edit would have no end.
        return None if string(inner, 'type') in ('', const.MESSAGE_EDIT) else cls._read(inner, {})

    @property
    def changes_another(self):
        """Whether it is no message of its own but changes one."""
        return self.type in const.MESSAGE_CHANGES

    @property
    def is_tap(self):
        """Whether a button was tapped: of a template, or of a question in the conversation."""
        return self.type == 'button' or (self.type == 'interactive' and self.content is None and bool(self.text))

    @property
    def is_words(self):
        """Whether it is the person's own words alone, or the label of a button: what can be a command."""
        return self.type == 'text' or self.is_tap

    @property
    def opens_window(self):
        """Whether it opens the service window: a person wrote, to us alone. [own reading: of changes to a message, of
        groups and of WhatsApp's own notices no page says that they do]"""
        return not self.group_id and self.type not in (
            const.MESSAGE_EDIT, const.MESSAGE_REVOKE, const.MESSAGE_SYSTEM)


# --- What is common to all types -----------------------------------------------------------------------------------


def _forwarded(context):
    if context.get('frequently_forwarded') is True:
        return 'often'
    return 'once' if context.get('forwarded') is True else ''


def _referral(data):
    if not data:
        return None
    return Referral(
        source_type=string(data, 'source_type'),
        source_id=string(data, 'source_id'),
        url=_web_address(string(data, 'source_url')),
        headline=string(data, 'headline'),
        body=string(data, 'body'),
        click_id=string(data, 'ctwa_clid'),
    )


def _target(data, kind):
    name = 'message_id' if kind == const.MESSAGE_REACTION else 'original_message_id'
    return string(as_dict(data, kind), name) if kind in const.MESSAGE_CHANGES else ''


def _web_address(text):
    """:return: the address, '' if it is not one of the web: it becomes a link."""
    return text if re.fullmatch(r'https?://[!-~]+', text) else ''


# --- The person's own words, by type -------------------------------------------------------------------------------


def _caption(data):
    return string(as_dict(data, string(data, 'type')), 'caption')


def _button_text(data):
    button = as_dict(data, 'button')
    return string(button, 'text') or string(button, 'payload')


def _interactive_text(data):
    reply = _interactive_reply(data)
    return string(reply, 'title')


def _interactive_reply(data):
    interactive = as_dict(data, 'interactive')
    return as_dict(interactive, string(interactive, 'type'))


_TEXTS = {
    'text': lambda data: string(as_dict(data, 'text'), 'body'),
    'button': _button_text,
    'interactive': _interactive_text,
    'order': lambda data: string(as_dict(data, 'order'), 'text'),
}


# --- The facts, by type --------------------------------------------------------------------------------------------


def _no_content(_data):
    return None


def _media(data):
    kind = string(data, 'type')
    file = as_dict(data, kind)
    if not string(file, 'id'):
        return None
    return Media(
        media_id=string(file, 'id'),
        kind='voice' if file.get('voice') is True else kind,
        mime_type=string(file, 'mime_type').split(';')[0].strip().lower(),
        sha256=string(file, 'sha256'),
        url=string(file, 'url'),
        filename=string(file, 'filename'),
    )


def _place(data):
    location = as_dict(data, 'location')
    return Place(
        latitude=_coordinate(location.get('latitude'), 90),
        longitude=_coordinate(location.get('longitude'), 180),
        name=string(location, 'name'),
        address=string(location, 'address'),
        url=_web_address(string(location, 'url')),
    )


def _coordinate(value, most):
    number = _number(value)
    return number if number is not None and abs(number) <= most else None


def _number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _cards(data):
    return Cards(tuple(_card(card) for card in as_list(data.get('contacts')) if isinstance(card, dict)))


def _card(card):
    phones, emails = _entries(card, 'phones', 'phone'), _entries(card, 'emails', 'email')
    return Card(
        name=string(as_dict(card, 'name'), 'formatted_name') or _vcard_name(string(card, 'vcard')),
        company=string(as_dict(card, 'org'), 'company'),
        phones=phones or _entries(card, 'phones', 'wa_id'),
        emails=emails,
    )


def _entries(card, name, key):
    entries = [entry for entry in as_list(card.get(name)) if isinstance(entry, dict)]
    return tuple(string(entry, key) for entry in entries if string(entry, key))


def _vcard_name(vcard):
    found = re.search(r'^FN(?:;[^:\n]*)?:(.+)$', vcard, re.MULTILINE)
    return found[1].strip() if found else ''


def _interactive(data):
    interactive, reply = as_dict(data, 'interactive'), _interactive_reply(data)
    return _REPLIES.get(string(interactive, 'type'), _no_content)(reply)


def _choice(reply):
    return Choice(string(reply, 'title'), string(reply, 'description'))


def _answers(reply):
    # WhatsApp writes an address out in lines by itself; of any other form it only says that it was sent.
    if string(reply, 'name') == const.FORM_ADDRESS and string(reply, 'body'):
        return Answers((('', string(reply, 'body')),))
    rows = tuple(_rows(_decoded(string(reply, 'response_json'))))[:const.FORM_ROWS_MAX]
    return Answers(rows or (('', string(reply, 'body')),))


def _decoded(text):
    # JSON within a text of JSON: its own escapes are read only here.
    try:
        answers = clean(json.loads(text))
    except (ValueError, RecursionError):
        return {}
    return answers if isinstance(answers, dict) else {}


def _rows(answers, above='', depth=0):
    for name, value in answers.items():
        label = ' – '.join(filter(None, (above, _UNDERSCORES.sub(' ', name).strip())))
        if name == const.FORM_TOKEN or value is None:
            continue
        if isinstance(value, dict) and depth < const.FORM_DEPTH_MAX:
            yield from _rows(value, above if name == 'values' else label, depth + 1)
        elif isinstance(value, list):
            yield label, ', '.join(str(part) for part in value)
        else:
            yield label, '…' if isinstance(value, dict) else value


def _call_permission(reply):
    return CallPermission(
        response=string(reply, 'response'),
        is_permanent=reply.get('is_permanent') is True,
        until=to_datetime(reply.get('expiration_timestamp')),
    )


_REPLIES = {'list_reply': _choice, 'nfm_reply': _answers, 'call_permission_reply': _call_permission}


def _order(data):
    items = as_list(as_dict(data, 'order').get('product_items'))
    return Order(tuple(_order_line(item) for item in items if isinstance(item, dict)))


def _order_line(item):
    return OrderLine(
        product=string(item, 'product_retailer_id'),
        quantity=_number(item.get('quantity')),
        price=_number(item.get('item_price')),
        currency=string(item, 'currency'),
    )


def _renewal(data):
    system = as_dict(data, 'system')
    return Renewal(string(system, 'type'), digits(system, 'wa_id'), string(system, 'user_id'), string(system, 'body'))


def _unreadable(data):
    return Unreadable(string(as_dict(data, 'unsupported'), 'type'))


_CONTENTS = {
    **dict.fromkeys(const.MEDIA_MESSAGES, _media),
    'location': _place,
    'contacts': _cards,
    'interactive': _interactive,
    'order': _order,
    const.MESSAGE_SYSTEM: _renewal,
    'unsupported': _unreadable,
}
