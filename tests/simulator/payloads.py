"""Builds webhook bodies in the shape of Meta's reference. Timestamps are Unix seconds."""

import time
from dataclasses import dataclass

from .errors import status_error

FREE_SERVICE_MESSAGES = 1000


@dataclass
class Update:
    """One thing to report: an item of `messages[]` or `statuses[]`, a whole value of another field, or a whole body."""

    waba_id: str
    field: str
    item: dict
    kind: str = ''
    contact: dict | None = None
    number: dict | None = None


def status_update(waba_id, number, person, message, name, pricing=None, code=None):
    """Return the update for one status of a message."""
    item = {'id': message.wamid, 'status': name, 'timestamp': str(int(time.time()))}
    if not person.hidden_number:
        item['recipient_id'] = person.wa_id
    if person.on_whatsapp or person.hidden_number:
        item['recipient_user_id'] = person.user_id
    if message.key is not None:
        item['biz_opaque_callback_data'] = message.key
    if pricing and name in ('sent', 'delivered'):
        item['pricing'] = pricing
    if code:
        item['errors'] = [status_error(code)]
    contact = None if name == 'failed' else person.contact()
    return Update(waba_id, 'messages', item, 'statuses', contact, number)


def pricing_of(category, free):
    """Return `pricing` for a message of `category`; `free` = inside the free quota of service messages."""
    kind = 'free_customer_service' if free else 'regular'
    return {'billable': not free, 'pricing_model': 'PMP', 'type': kind, 'category': category.lower()}


def inbound_update(waba_id, number, person, wamid, content, context=None, at=None):
    """Return the update for a message from a person; `content` = {'type': …, <type>: {…}}."""
    item = {} if person.hidden_number else {'from': person.wa_id}
    item.update({'from_user_id': person.user_id, 'id': wamid, 'timestamp': str(int(at or time.time()))})
    if context:
        item['context'] = context
    item.update(content)
    return Update(waba_id, 'messages', item, 'messages', person.contact(), number)


def system_update(waba_id, number, person, wamid, old_wa_id, old_user_id):
    """Return the update for a person who has another number or another user id; it has no contacts."""
    moved = old_wa_id != person.wa_id
    shown = (old_wa_id, person.wa_id) if moved else (old_user_id, person.user_id)
    system = {'body': f'User {person.name} changed from {shown[0]} to {shown[1]}', 'user_id': person.user_id,
              'previous_user_id': old_user_id, 'type': 'user_changed_number' if moved else 'user_changed_user_id'}
    item = {'from_user_id': old_user_id, 'id': wamid, 'timestamp': str(int(time.time())), 'type': 'system',
            'system': system}
    if moved:
        item['from'], system['wa_id'] = old_wa_id, person.wa_id
    return Update(waba_id, 'messages', item, 'messages', None, number)


def preference_update(waba_id, number, person, value):
    """Return the update for a person who stops or resumes marketing in WhatsApp itself."""
    entry = {} if person.hidden_number else {'wa_id': person.wa_id}
    entry.update({'user_id': person.user_id, 'detail': f'User requested to {value} marketing messages',
                  'category': 'marketing_messages', 'value': value, 'timestamp': int(time.time())})
    item = {**_head(number), 'contacts': [person.contact()], 'user_preferences': [entry]}
    return Update(waba_id, 'user_preferences', item)


PAUSES = {
    'RATE_LIMITING_PAUSE': ('RATE_LIMITING_PAUSE',
                            'Your template has been paused because feedback was low while it was paced.'),
    'SECOND_PAUSE': ('SECOND_PAUSE',
                     'Your template has been paused for 6 hours because it had issues with quality again.'),
    'PAUSED': ('FIRST_PAUSE', 'Your template has been paused for 3 hours because it had issues with quality.'),
    'DISABLED': ('DISABLED', 'Your template has been disabled because the quality issues persisted.'),
    'UNPAUSE': ('UNPAUSE', 'Your template is active again.'),
}


REJECTED = ('The text does not follow the guidelines.', 'Change the text and submit it again.')
REJECTIONS = {
    'ABUSIVE_CONTENT': ('The template contains abusive or threatening content.', 'Remove it and submit it again.'),
    'CATEGORY_NOT_AVAILABLE': ('This category is not available for the account.', 'Choose another category.'),
    'INCORRECT_CATEGORY': ('The content does not match the category.', 'Choose the category that fits the content.'),
    'INVALID_FORMAT': ('Variables, samples or formatting are not valid.', 'Correct them and submit it again.'),
    'PROMOTIONAL': ('The template is promotional.', 'Submit it in the category MARKETING.'),
    'SCAM': ('The template looks like a scam.', 'Make clear who writes and why.'),
    'TAG_CONTENT_MISMATCH': ('Language or category do not match the content.', 'Correct the language or the category.'),
}


def template_status_update(waba_id, template, event, reason=None, before='', pause=''):
    """Return the update for a template whose status changed to `event` from `before`; `pause` = a kind of PAUSES."""
    value = {
        'event': event, 'message_template_id': int(template['id']), 'message_template_name': template['name'],
        'message_template_language': template['language'],
        'reason': reason or (None if event == 'PAUSED' else 'NONE'),
        'message_template_category': template['category'],
    }
    title = pause or ('UNPAUSE' if (before, event) == ('PAUSED', 'APPROVED') else event)
    if title in PAUSES:
        value['other_info'] = dict(zip(('title', 'description'), PAUSES[title], strict=True))
    if event == 'DISABLED':
        value['disable_info'] = {'disable_date': str(int(time.time()))}
    if event == 'REJECTED':
        value['rejection_info'] = dict(zip(('reason', 'recommendation'), REJECTIONS.get(reason, REJECTED), strict=True))
    return Update(waba_id, 'message_template_status_update', value)


def _template_value(template, **more):
    return {'message_template_id': int(template['id']), 'message_template_name': template['name'],
            'message_template_language': template['language'], **more}


def category_update(waba_id, template, previous):
    """Return the update for a template that Meta has moved to another category."""
    value = _template_value(template, previous_category=previous, new_category=template['category'])
    return Update(waba_id, 'template_category_update', value)


def category_notice(waba_id, template, correct):
    """Return the 24 h notice of a category change."""
    value = _template_value(template, new_category=template['category'], correct_category=correct,
                            category_update_timestamp=int(time.time()) + 86400)
    return Update(waba_id, 'template_category_update', value)


def category_detected(waba_id, template):
    """Return the update for a template that Meta takes for one of another category."""
    value = _template_value(template, category=template['category'], correct_category=template['correct_category'])
    return Update(waba_id, 'template_correct_category_detection', value)


def components_update(waba_id, template):
    """Return the update for a template whose text or buttons are others now."""
    parts = {part.get('type', '').upper(): part for part in template['components']}
    texts = {key: parts[kind]['text'] for key, kind in COMPONENT_KEYS.items() if parts.get(kind, {}).get('text')}
    buttons = [{f'message_template_button_{key}': button[key] for key in BUTTON_KEYS if button.get(key)}
               for button in parts.get('BUTTONS', {}).get('buttons', ())]
    more = {'message_template_buttons': buttons} if buttons else {}
    return Update(waba_id, 'message_template_components_update', _template_value(template, **texts, **more))


COMPONENT_KEYS = {'message_template_title': 'HEADER', 'message_template_element': 'BODY',
                  'message_template_footer': 'FOOTER'}
BUTTON_KEYS = ('type', 'text', 'url', 'phone_number')


def quality_update(waba_id, template, previous):
    """Return the update for a new quality score of a template."""
    value = {'previous_quality_score': previous, 'new_quality_score': template['quality_score']['score'],
             **_template_value(template)}
    return Update(waba_id, 'message_template_quality_update', value)


def throughput_update(waba_id, number):
    """Return the update for a number that may send 1,000 messages per second from now on."""
    value = {'display_phone_number': _head(number)['metadata']['display_phone_number'], 'event': 'THROUGHPUT_UPGRADE',
             'max_daily_conversations_per_business': 'TIER_UNLIMITED'}
    return Update(waba_id, 'phone_number_quality_update', value)


def capability_update(waba_id, tier):
    """Return the update for a new messaging limit of the portfolio."""
    few = tier in ('TIER_50', 'TIER_250')
    cap = {'max_phone_numbers_per_business': 2} if few else {'max_phone_numbers_per_waba': 20}
    return Update(waba_id, 'business_capability_update', {'max_daily_conversations_per_business': tier, **cap})


def _head(number):
    digits = ''.join(sign for sign in number['display_phone_number'] if sign.isdigit())
    return {'messaging_product': 'whatsapp',
            'metadata': {'display_phone_number': digits, 'phone_number_id': number['id']}}


#: The kind of an update that is a whole body already; it goes alone.
BODY = 'body'


def body_of(updates):
    """Return one webhook body for updates of the same account."""
    if updates[0].kind == BODY:
        return updates[0].item
    waba_id = updates[0].waba_id
    entries = []
    changes = _message_changes([item for item in updates if item.field == 'messages' and item.kind])
    if changes:
        entries.append({'id': waba_id, 'changes': changes})
    for update in updates:
        if update.field != 'messages' or not update.kind:
            entries.append(_entry(waba_id, update))
    return {'object': 'whatsapp_business_account', 'entry': entries}


def _entry(waba_id, update):
    """Return an entry with one value; Meta dates all but those of the field `messages`."""
    when = {} if update.field == 'messages' else {'time': int(time.time())}
    return {'id': waba_id, **when, 'changes': [{'value': update.item, 'field': update.field}]}


def _message_changes(updates):
    """Group message updates by number and kind, keeping their order inside a group."""
    groups = {}
    for update in updates:
        groups.setdefault((update.number['id'], update.kind), []).append(update)
    return [_message_change(kind, group) for (_phone_id, kind), group in groups.items()]


def _message_change(kind, group):
    value = _head(group[0].number)
    contacts = {update.contact['user_id']: update.contact for update in group if update.contact}
    if contacts:
        value['contacts'] = list(contacts.values())
    value[kind] = [update.item for update in group]
    return {'value': value, 'field': 'messages'}
