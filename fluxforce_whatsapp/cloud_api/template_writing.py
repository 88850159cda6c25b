"""What a person writes into a template, and Meta's creation form of it [M26:components, M26:templates].

:func:`components` turns a :class:`Content` into the component list that creates or changes a template;
:func:`content_of` reads one back, as far as it can be written by hand. Neither judges: what Meta would refuse is found
by ``template_checks``.

Samples stand under the keys of ``templates``: ``body:first_name``, ``button:0:1``, ``card:1:body:price`` …
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from . import template_parts

_PLACEHOLDER = re.compile(r'\{\{\s*([A-Za-z0-9_]+)\s*\}\}')

MEDIA_HEADERS = ('IMAGE', 'VIDEO', 'DOCUMENT')
#: Kinds whose label is WhatsApp's own; what is written is not shown. [M26:components, 2026-03-12]
LABELLED_BY_META = ('COPY_CODE', 'REQUEST_CONTACT_INFO')
_OTP = 'OTP'
_APP = ('package_name', 'signature_hash')
AUTHENTICATION = 'AUTHENTICATION'
#: How a choice that was made is written in :func:`texts`, in every language.
YES = '✓'
_WRITTEN_PARTS = ('HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER')
_WRITTEN_BUTTONS = ('QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE', 'FLOW', 'REQUEST_CONTACT_INFO', 'CATALOG', 'MPM',
                    'SPM', 'VOICE_CALL', _OTP)


@dataclass(frozen=True)
class Header:
    """:ivar kind: '' for none, TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION or PRODUCT. :ivar handle: of the sample's
    resumable upload."""

    kind: str = ''
    text: str = ''
    handle: str = ''


@dataclass(frozen=True)
class Button:
    """One button; which parts count depends on its kind, Meta's own word in upper case.

    :ivar terms: whether the terms of zero-tap were accepted
    :ivar package: of the Android app that gets a code by itself, with its ``signature``
    """

    kind: str
    text: str = ''
    url: str = ''
    phone: str = ''
    flow: str = ''
    screen: str = ''
    otp_type: str = ''
    autofill: str = ''
    package: str = ''
    signature: str = ''
    terms: bool = False


@dataclass(frozen=True)
class Card:
    """One card of a carousel."""

    header: Header = Header()
    body: str = ''
    buttons: tuple = ()


@dataclass(frozen=True)
class Content:
    """All that is written into one template.

    :ivar has_offer: whether it is a limited-time offer, with ``offer_text``
    :ivar offer_expires: whether the offer's end is shown
    :ivar recommendation: authentication: Meta's sentence that advises not to share the code
    :ivar expiration_minutes: authentication: Meta's footer about the code's life; 0 for none
    :ivar samples: by variable key
    """

    header: Header = Header()
    body: str = ''
    footer: str = ''
    buttons: tuple = ()
    cards: tuple = ()
    has_offer: bool = False
    offer_text: str = ''
    offer_expires: bool = False
    recommendation: bool = False
    expiration_minutes: int = 0
    samples: dict = field(default_factory=dict)


# --- Writing -------------------------------------------------------------------------------------------------------


def components(content, category, named):
    """Write Meta's component list.

    :param Content content: what was written
    :param str category: decides whether the texts are Meta's own (AUTHENTICATION)
    :param bool named: whether variables have names; numbers otherwise
    :rtype: list[dict]
    """
    if category == AUTHENTICATION:
        parts = [_fixed_body(content), _fixed_footer(content), _buttons(content.buttons, '', content.samples)]
    else:
        parts = [
            _header(content.header, 'header', content.samples, named),
            _body(content.body, 'body', content.samples, named),
            content.footer and {'type': 'FOOTER', 'text': content.footer},
            content.has_offer and _offer(content),
            _buttons(content.buttons, '', content.samples),
            content.cards and {'type': 'CAROUSEL', 'cards': [
                _card(card, index, content.samples, named) for index, card in enumerate(content.cards)]},
        ]
    return [part for part in parts if part]


def _fixed_body(content):
    return {'type': 'BODY', **({'add_security_recommendation': True} if content.recommendation else {})}


def _fixed_footer(content):
    minutes = content.expiration_minutes
    return {'type': 'FOOTER', 'code_expiration_minutes': minutes} if minutes else None


def _offer(content):
    return {'type': 'LIMITED_TIME_OFFER', 'limited_time_offer': {
        'text': content.offer_text, 'has_expiration': content.offer_expires}}


def _card(card, index, samples, named):
    prefix = f'card:{index}:'
    parts = [
        _header(card.header, f'{prefix}header', samples, named),
        _body(card.body, f'{prefix}body', samples, named) if card.body else None,
        _buttons(card.buttons, prefix, samples),
    ]
    return {'components': [part for part in parts if part]}


def _header(header, key, samples, named):
    if not header.kind:
        return None
    part = {'type': 'HEADER', 'format': header.kind}
    if header.kind == 'TEXT':
        part['text'] = header.text
        return {**part, **_text_example('header_text', header.text, key, samples, named)}
    if header.kind in MEDIA_HEADERS and header.handle:
        part['example'] = {'header_handle': [header.handle]}
    return part


def _body(text, key, samples, named):
    return {'type': 'BODY', 'text': text, **_text_example('body_text', text, key, samples, named)}


def _text_example(name, text, key, samples, named):
    """Examples are given only for variables that have one: what lacks is for the checks to say."""
    names = _names(text)
    given = [(one, samples.get(f'{key}:{one}')) for one in names if samples.get(f'{key}:{one}')]
    if not given:
        return {}
    if named:
        return {'example': {f'{name}_named_params': [
            {'param_name': one, 'example': sample} for one, sample in given]}}
    row = [sample for __, sample in sorted(given, key=lambda pair: (len(pair[0]), pair[0]))]
    return {'example': {name: row if name == 'header_text' else [row]}}


def _names(text):
    return list(dict.fromkeys(_PLACEHOLDER.findall(text or '')))


def _buttons(buttons, prefix, samples):
    if not buttons:
        return None
    return {'type': 'BUTTONS', 'buttons': [
        _button(button, f'{prefix}button:{index}', samples) for index, button in enumerate(buttons)]}


def _button(button, key, samples):
    part = {'type': button.kind}
    if button.text and button.kind not in LABELLED_BY_META:
        part['text'] = button.text
    details = {'URL': _url, 'PHONE_NUMBER': _phone, 'COPY_CODE': _copy_code, 'FLOW': _flow, _OTP: _otp}.get(button.kind)
    return {**part, **details(button, key, samples)} if details else part


def _url(button, key, samples):
    names = _names(button.url)
    sample = samples.get(f'{key}:{names[0]}') if names else ''
    if not sample:
        return {'url': button.url}
    # Meta wants the whole address as the example.
    return {'url': button.url, 'example': [_PLACEHOLDER.sub(lambda match: sample, button.url)]}


def _phone(button, _key, _samples):
    return {'phone_number': button.phone}


def _copy_code(_button_, key, samples):
    code = samples.get(f'{key}:code')
    return {'example': code} if code else {}


def _flow(button, _key, _samples):
    screen = {'flow_action': 'navigate', 'navigate_screen': button.screen} if button.screen else {}
    return {'flow_id': button.flow, **screen}


def _otp(button, _key, _samples):
    part = {'otp_type': button.otp_type}
    if button.otp_type in ('ONE_TAP', 'ZERO_TAP'):
        if button.autofill:
            part['autofill_text'] = button.autofill
        part['supported_apps'] = [{'package_name': button.package, 'signature_hash': button.signature}]
    if button.otp_type == 'ZERO_TAP':
        part['zero_tap_terms_accepted'] = button.terms
    return part


def takes_sample(key, kind):
    """Tell whether Meta's reviewers see a written example of a variable.

    :param str key: of the variable
    :param str kind: of the variable
    :rtype: bool
    """
    return kind in ('text', 'code', '', None) and not key.startswith('offer:') and not key.endswith(':flow')


# --- Files ---------------------------------------------------------------------------------------------------------


def with_handles(parts, handles):
    """Put the handles of uploaded samples in the place of what stood for them.

    :param list parts: component list
    :param dict handles: handle by what stands for it
    :return: a new list; what has no handle keeps what stood there
    :rtype: list[dict]
    """
    return [_with_handles(part, handles) for part in parts]


def _with_handles(part, handles):
    result = dict(part)
    example = part.get('example')
    if isinstance(example, dict) and example.get('header_handle'):
        result['example'] = {**example, 'header_handle': [handles.get(one, one) for one in example['header_handle']]}
    if part.get('cards'):
        result['cards'] = [{**card, 'components': with_handles(card.get('components') or [], handles)}
                           for card in part['cards']]
    return result


# --- Reading -------------------------------------------------------------------------------------------------------


def content_of(parts):
    """Read a component list, as Meta lists it or as it was created.

    Samples of media are not read: what Meta gives back is no handle, the file has to be uploaded again. Nor are the
    texts of a sign-in code, which are Meta's own.

    :param list parts: component list
    :rtype: Content
    """
    by_kind = {_kind(part): part for part in _dicts(parts)}
    offer = by_kind.get('LIMITED_TIME_OFFER', {}).get('limited_time_offer') or {}
    body, footer = by_kind.get('BODY', {}), by_kind.get('FOOTER', {})
    cards = _dicts(by_kind.get('CAROUSEL', {}).get('cards'))
    is_own = not template_parts.is_otp(parts)
    return Content(
        header=_read_header(by_kind.get('HEADER', {})),
        body=_text(body, 'text') if is_own else '',
        footer=_text(footer, 'text') if is_own else '',
        buttons=_read_buttons(by_kind),
        cards=tuple(_read_card(card) for card in cards),
        has_offer='LIMITED_TIME_OFFER' in by_kind,
        offer_text=_text(offer, 'text'),
        offer_expires=bool(offer.get('has_expiration')),
        recommendation=bool(body.get('add_security_recommendation')),
        expiration_minutes=footer.get('code_expiration_minutes') or 0,
    )


def _read_card(card):
    by_kind = {_kind(part): part for part in _dicts(card.get('components'))}
    return Card(_read_header(by_kind.get('HEADER', {})), _text(by_kind.get('BODY', {}), 'text'), _read_buttons(by_kind))


def _read_header(part):
    return Header(_text(part, 'format').upper(), _text(part, 'text'))


def _read_buttons(by_kind):
    return tuple(_read_button(button) for button in _dicts(by_kind.get('BUTTONS', {}).get('buttons')))


def _read_button(button):
    if template_parts.is_otp_button(button):
        return _read_otp(button)
    return Button(
        kind=_kind(button), text=_text(button, 'text'), url=_text(button, 'url'), phone=_text(button, 'phone_number'),
        flow=str(button.get('flow_id') or ''), screen=_text(button, 'navigate_screen'))


def _read_otp(button):
    """What was created as an OTP button Meta lists as a link that says the same [M26:templates/authentication]."""
    told = {key: values[0] for key, values in parse_qs(urlsplit(_text(button, 'url')).query).items()}
    app = {**{key: told.get(key, '') for key in _APP}, **next(iter(_dicts(button.get('supported_apps'))), button)}
    return Button(
        kind=_OTP, text=_text(button, 'text'), otp_type=(_text(button, 'otp_type') or told.get('otp_type', '')).upper(),
        autofill=_text(button, 'autofill_text') or told.get('cta_display_name', ''),
        package=_text(app, 'package_name'), signature=_text(app, 'signature_hash'),
        terms=bool(button.get('zero_tap_terms_accepted')))


def _dicts(items):
    return [item for item in items if isinstance(item, dict)] if isinstance(items, (list, tuple)) else []


def _kind(part):
    return _text(part, 'type').upper()


def _text(part, name):
    value = part.get(name)
    return value if isinstance(value, str) else ''


def lost(parts):
    """Find what of a component list cannot be written by hand: a change would drop it at Meta.

    :param list parts: component list, as Meta lists it
    :return: Meta's word for the first such thing, '' if there is none
    :rtype: str
    """
    for part in _dicts(parts):
        if _kind(part) not in _WRITTEN_PARTS:
            return _kind(part)
        for inner in (part, *(one for card in _dicts(part.get('cards')) for one in _dicts(card.get('components')))):
            if unknown := next(filter(None, map(_lost_of_button, _dicts(inner.get('buttons')))), ''):
                return unknown
    return ''


def _lost_of_button(button):
    if _kind(button) not in _WRITTEN_BUTTONS:
        return _kind(button)
    if len(_dicts(button.get('supported_apps'))) > 1:
        return 'supported_apps'
    has_more = (_text(button, 'flow_action').lower() == 'data_exchange' and 'flow_action') or (
        button.get('ttl_minutes') and 'ttl_minutes')
    return has_more or ('flow_name' if _kind(button) == 'FLOW' and not button.get('flow_id') else '')


def texts(parts):
    """List everything of a template that people decide about, to compare two versions of it.

    :param list parts: component list
    :return: by part: ``header``, ``body``, ``footer``, ``offer``, ``button:0``, ``card:0:header``, ``card:0:body``,
        ``recommendation``, ``minutes`` …
    :rtype: dict[str, str]
    """
    content = content_of(parts)
    result = {
        'header': _header_words(content.header), 'body': content.body, 'footer': content.footer,
        'offer': content.offer_text, 'offer_end': content.offer_expires and YES,
        'recommendation': content.recommendation and YES,
        'minutes': content.expiration_minutes and str(content.expiration_minutes),
        **_button_words(content.buttons, '')}
    for index, card in enumerate(content.cards):
        result |= {f'card:{index}:header': _header_words(card.header), f'card:{index}:body': card.body}
        result |= _button_words(card.buttons, f'card:{index}:')
    return {part: text for part, text in result.items() if text}


def _header_words(header):
    return header.text or (header.kind and f'[{header.kind.lower()}]')


def _button_words(buttons, prefix):
    return {f'{prefix}button:{index}': ' '.join(filter(None, (
        button.text or button.kind, button.url, button.phone, button.flow, button.screen, button.otp_type,
        button.autofill, button.package, button.signature))) for index, button in enumerate(buttons)}
