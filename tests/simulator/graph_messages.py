"""POST /<PHONE_ID>/messages."""

import time
from functools import partial

from . import send_faults
from .errors import GraphError, bad_value, missing, parameter_required, unexpected_key
from .graph_call import require
from .ledger import Message
from .limits import throughput_limit
from .pacing import HELD
from .people import BSUID, COUNTRIES, Person, digits_of
from .send_checks import only
from .send_content import CONTENT
from .sender_state import check_sender
from .shapes import MESSAGE, check_shape
from .template_call import TemplateCall

TOP_LEVEL = {'messaging_product', 'recipient_type', 'to', 'recipient', 'type', 'context', 'biz_opaque_callback_data',
             'recipient_identity_key_hash', 'messaging_account_id'}
TYPES = ('audio', 'contacts', 'document', 'image', 'interactive', 'location', 'reaction', 'sticker', 'template',
         'text', 'video')
CALLBACK_DATA_MAX = 512


async def post_message(call):
    """Send a message or mark one as read."""
    cut = send_faults.reset_if_due(call)
    if cut is not None:
        return cut
    params = await call.params()
    check_shape(params, MESSAGE)
    if 'status' in params:
        await call.sim.waits.sleep(call.sim.latency())
        return mark_read(call, params)
    return await _send(call, params)


async def _send(call, params):
    """Wait, book, wait, answer: the message is accepted somewhere inside the latency."""
    sim, fault, latency = call.sim, send_faults.take(call.sim), call.sim.latency()
    lead = latency * sim.settings.latency_split
    epoch = sim.epoch
    sim.sending += 1
    try:
        await sim.waits.sleep(lead)
        if sim.epoch is not epoch:
            raise GraphError(2, 'the simulator was reset meanwhile')
        ended = await send_faults.before_booking(call, fault) if fault else None
        answer = ended or book(call, params, latency - lead)
    except GraphError:
        await sim.waits.sleep(latency - lead)
        raise
    finally:
        if sim.epoch is epoch:
            sim.sending -= 1
    await sim.waits.sleep(latency - lead)
    return ended or await send_faults.after_booking(call, fault, answer)


def book(call, params, answer_in):
    """Check everything, accept the message and return Meta's answer; nothing else runs meanwhile."""
    number = call.target
    check_envelope(params)
    check_sender(call.sim, number)
    person = find_recipient(call, params)
    draft = _template(call, params) if params['type'] == 'template' else _free_form(call, params, person)
    now = _check_limits(call.sim, number, person)
    message = _message(call.sim, params, person, number, draft)
    call.sim.ledger.accept(message, now)
    if message.message_status == HELD:
        call.sim.pacing.keep(message, person, number)
    else:
        call.sim.courier.accept(message, person, number, answer_in)
    return _answer(params, person, message)


def _message(sim, params, person, number, draft):
    status = None
    if 'template_id' in draft:
        status = HELD if sim.pacing.holds(draft['template_id']) else 'accepted'
    return Message(
        wamid=sim.wamid(person.wa_id or person.user_id), key=params.get('biz_opaque_callback_data'),
        to=params.get('to') or params.get('recipient'), wa_id=person.wa_id or None, user_id=person.user_id,
        phone_number_id=number['id'], type=params['type'], accepted_at=time.time(), message_status=status, **draft)


def _answer(params, person, message):
    contact = {'input': message.to}
    if params.get('to'):
        contact['wa_id'] = person.wa_id
    if person.on_whatsapp:
        contact['user_id'] = person.user_id
    entry = {'id': message.wamid}
    if message.message_status:
        entry['message_status'] = message.message_status
    return {'messaging_product': 'whatsapp', 'contacts': [contact], 'messages': [entry]}


def check_envelope(params):
    """Check everything but recipient and content."""
    require(params, 'messaging_product')
    _one_of(params, 'messaging_product', ('whatsapp',))
    _one_of(params, 'recipient_type', ('individual', 'group'))
    _one_of(params, 'type', TYPES)
    # Meta takes a body without type as text
    params.setdefault('type', 'text')
    for key in params:
        if key not in TOP_LEVEL and key != params['type']:
            raise unexpected_key(key, 'message')
    if params.get('recipient_type') == 'group':
        raise GraphError(131051, 'Group messages are not imitated.')
    _check_callback_data(params.get('biz_opaque_callback_data'))
    _check_context(params.get('context'))
    if not isinstance(params.get(params['type']), list if params['type'] == 'contacts' else dict):
        raise missing(f'The parameter {params["type"]} is required for messages of type {params["type"]}.')


def _one_of(params, key, allowed):
    value = params.get(key)
    if value is not None and value not in allowed:
        names = ', '.join(item.upper() for item in allowed)
        raise GraphError(100, message=f'(#100) Param {key} must be one of {{{names}}} - got "{value}".')


def _check_callback_data(value):
    if value is not None and (not isinstance(value, str) or len(value) > CALLBACK_DATA_MAX):
        raise GraphError(100, f'Param biz_opaque_callback_data must be a string of at most {CALLBACK_DATA_MAX}'
                              ' characters')


def _check_context(value):
    if value is None:
        return
    if not isinstance(value, dict) or not isinstance(value.get('message_id'), str):
        raise missing("context['message_id'] is required")
    only(value, {'message_id'}, 'context')


def find_recipient(call, params):
    """Return the person; `to` wins over `recipient`."""
    if params.get('to'):
        return _by_phone(call, params['to'])
    if not params.get('recipient'):
        raise parameter_required('to')
    if not isinstance(params['recipient'], str) or not BSUID.fullmatch(params['recipient']):
        raise bad_value('Param recipient is not a valid business-scoped user id')
    person = call.sim.world.people.by_bsuid(params['recipient'])
    return person or Person('', user_id=params['recipient'], on_whatsapp=False, hidden_number=True)


def _by_phone(call, dialled):
    digits = digits_of(dialled)
    if not digits:
        raise bad_value('Param to must be a valid phone number')
    own = call.sim.world.own_digits(call.target)
    if call.sim.settings.prepend_country_code and not dialled.strip().startswith('+'):
        digits = next((code for code in COUNTRIES if own.startswith(code)), '') + digits
    if digits == own:
        raise GraphError(131021)
    return call.sim.world.people.by_phone(digits)


def _free_form(call, params, person):
    """Check a message without a template; the window is looked at last, as at Meta a wrong body is told first."""
    text = CONTENT[params['type']](call, params)
    if not call.sim.window_open(call.object_id, person):
        raise GraphError(131047)
    kept = {} if params['type'] == 'text' else {'content': params[params['type']]}
    return {'text': text, **kept}


def _template(call, params):
    given = params['template']
    only(given, {'name', 'language', 'components', 'namespace'}, 'template')
    template = _find_template(call, given)
    category = template['category']
    if category == 'AUTHENTICATION' and not params.get('to'):
        raise GraphError(131062)
    checked = TemplateCall(call.sim.world.specs[template['id']], given.get('components', []),
                           partial(call.sim.media.check_reference, call.object_id))
    text, payloads = checked.check(category)
    buttons = [{'text': label, 'payload': payload} for label, payload in payloads.items()]
    return {'template_id': template['id'], 'template': template['name'], 'language': template['language'],
            'category': category.lower(), 'text': text, 'buttons': buttons, 'links': checked.links()}


def _find_template(call, given):
    """Return the template in the asked language if it may be sent."""
    language = given.get('language')
    code = language.get('code') if isinstance(language, dict) else None
    if not given.get('name') or not code:
        raise missing("template['name'] and template['language']['code'] are required")
    only(language, {'code', 'policy'}, "template['language']")
    waba_id = call.sim.world.owner[call.object_id]
    template = call.sim.world.translations.get((waba_id, given['name']), {}).get(code)
    if template is None:
        raise GraphError(132001, f'template name ({given["name"]}) does not exist in {code}')
    if template['status'] in ('PAUSED', 'DISABLED'):
        raise GraphError(132015 if template['status'] == 'PAUSED' else 132016)
    if template['status'] != 'APPROVED':
        raise GraphError(132001, f'template name ({given["name"]}) is not approved in {code}')
    return template


def _check_limits(sim, number, person):
    """Throughput, messaging limit, pair rate; a refused message uses up none. Return the moment booked."""
    now, window = sim.now, sim.throughput_of(number['id'])
    if window.count(now) >= throughput_limit(number, sim.settings.throughput):
        raise GraphError(130429)
    budget = None if sim.window_open(number['id'], person) else sim.budget_of(sim.world.owner[number['id']])
    if budget:
        budget.check(person)
    pair = (number['id'], person.user_id)
    if sim.settings.pair_rate and not sim.pairs.take(pair, now, sim.settings):
        raise GraphError(131056)
    window.add(now)
    if budget:
        budget.book(person, now)
    return now


def mark_read(call, params):
    """Mark an inbound message as read by the business, perhaps with "is typing" shown until the answer."""
    require(params, 'messaging_product', 'message_id')
    only(params, {'messaging_product', 'status', 'message_id', 'typing_indicator'}, 'message')
    _one_of(params, 'messaging_product', ('whatsapp',))
    _one_of(params, 'status', ('read',))
    if params.get('typing_indicator', {'type': 'text'}) != {'type': 'text'}:
        raise bad_value("Param typing_indicator['type'] must be text")
    inbound = call.sim.ledger.inbound_by_id.get(params['message_id'])
    if inbound is None or inbound['phone_number_id'] != call.object_id:
        raise bad_value(f'Message id {params["message_id"]} is not a message to this number')
    inbound['read_by_business'] = True
    inbound['typing_shown'] = 'typing_indicator' in params
    return {'success': True}
