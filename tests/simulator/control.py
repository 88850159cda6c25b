"""The control port: what a test or a demo uses to set the stage and to look behind it."""

import json

from aiohttp import web

from . import payloads
from .budget import TIER_FIELD, TIERS
from .inbound import content_of
from .ledger import FIELDS as MESSAGE_FIELDS
from .people import UnknownField, digits_of
from .sender_state import upgrade_throughput
from .settings import SettingsError
from .template_life import change_template

SIM = web.AppKey('sim', object)
routes = web.RouteTableDef()
NUMBER_KEYS = {'registered', 'status', 'quality_rating', 'throughput', 'throughput_limit', 'verified_name',
               'name_status', 'account_mode', TIER_FIELD, 'health_status', 'is_on_biz_app', 'maintenance'}


class Refused(Exception):
    """A control call that cannot be served; text and HTTP status for the caller."""

    def __init__(self, text, status=400):
        """Take the words for the caller."""
        super().__init__(text)
        self.status = status


def control_app(sim):
    """Return the aiohttp application of the control port."""
    app = web.Application(middlewares=[_errors], client_max_size=512 * 1024 * 1024)
    app[SIM] = sim
    app.add_routes(routes)
    return app


@web.middleware
async def _errors(request, handler):
    try:
        return web.json_response(await handler(request))
    except web.HTTPException as error:
        return web.json_response({'error': error.reason}, status=error.status)
    except Refused as error:
        return web.json_response({'error': str(error)}, status=error.status)
    except (SettingsError, UnknownField, ValueError, KeyError, TypeError) as error:
        return web.json_response({'error': f'{type(error).__name__}: {error}'}, status=400)


async def _body(request):
    raw = await request.read()
    return json.loads(raw) if raw.strip() else {}


@routes.get('/health')
async def health(request):
    """Tell that the simulator is up, and whether it ever failed inside."""
    sim = request.app[SIM]
    return {'ok': True, 'seed': sim.seed, 'internal_errors': sim.internal_errors}


@routes.post('/reset')
async def reset(request):
    """Start again: {seed?, world?}."""
    data = await _body(request)
    sim = request.app[SIM]
    await sim.reset(data.get('seed'), data.get('world'))
    return {'ok': True, 'seed': sim.seed}


@routes.get('/world')
async def world(request):
    """Return the world as it is now."""
    return request.app[SIM].world.as_dict()


@routes.get('/settings')
async def get_settings(request):
    """Return all settings."""
    return request.app[SIM].settings.as_dict()


@routes.patch('/settings')
async def patch_settings(request):
    """Change some settings; all or none."""
    sim, data = request.app[SIM], await _body(request)
    sim.settings.patch(data)
    if 'held_templates' in data:
        sim.pacing.begin()
    if not sim.settings.silence:
        sim.webhooks.end_silence()
    return sim.settings.as_dict()


@routes.put('/people')
async def put_people(request):
    """Add or change several people: a list of scripts."""
    people = request.app[SIM].world.people
    scripts = await _body(request)
    return [dict(vars(people.put({**script, 'wa_id': _digits(script['wa_id'])}))) for script in scripts]


@routes.put('/people/{wa_id}')
async def put_person(request):
    """Add or change one person."""
    script = {**await _body(request), 'wa_id': _digits(request.match_info['wa_id'])}
    return dict(vars(request.app[SIM].world.people.put(script)))


@routes.post('/people/{wa_id}/message')
async def person_writes(request):
    """Let a person write now: one of the kinds of `inbound.py` and what may be around it."""
    sim, data = request.app[SIM], await _body(request)
    person, number = _person(request), _number(sim, data)
    content = content_of(sim, number, data)
    context = content.pop('context', None)
    return {'wamid': sim.courier.write(person, number, content, context, data.get('at')), **_medium(content)}


def _medium(content):
    """Return the id of the file of a message."""
    reference = content.get(content['type'])
    return {'media_id': reference['id']} if isinstance(reference, dict) and 'sha256' in reference else {}


@routes.post('/people/{wa_id}/number')
async def person_moves(request):
    """Let a person take another number: {wa_id, user_id?, phone_number_id?}; Meta tells by a system message."""
    sim, data = request.app[SIM], await _body(request)
    wa_id = _digits(data['wa_id'])
    wamid = sim.courier.change_identity(_person(request), _number(sim, data), wa_id, data.get('user_id', ''))
    return {'wamid': wamid, 'person': dict(vars(sim.world.people.by_phone(wa_id)))}


@routes.post('/people/{wa_id}/user_id')
async def person_gets_user_id(request):
    """Give a person another user id: {user_id?, phone_number_id?}; Meta tells by a system message."""
    sim, data = request.app[SIM], await _body(request)
    person = _person(request)
    wamid = sim.courier.change_identity(person, _number(sim, data), user_id=data.get('user_id', ''))
    return {'wamid': wamid, 'person': dict(vars(person))}


@routes.post('/people/{wa_id}/preference')
async def person_prefers(request):
    """Let a person stop or resume marketing in WhatsApp: {value: stop|resume, phone_number_id?}."""
    sim, data = request.app[SIM], await _body(request)
    if data.get('value') not in ('stop', 'resume'):
        raise Refused('value must be stop or resume')
    person, number = _person(request), _number(sim, data)
    person.stopped_marketing = data['value'] == 'stop'
    waba_id = sim.world.owner[number['id']]
    sim.webhooks.push(payloads.preference_update(waba_id, number, person, data['value']))
    return dict(vars(person))


@routes.put('/templates/{template_id}')
async def put_template(request):
    """Change a template from Meta's side: {status, category, quality_score, correct_category, reason, …, emit?}."""
    sim, data = request.app[SIM], await _body(request)
    template = _template(sim, request)
    if set(data) & {'id', 'name', 'language'}:
        raise Refused('id, name and language stay')
    emit = data.pop('emit', True)
    change_template(sim, template, data, report=emit)
    return template


@routes.post('/templates/{template_id}/quality')
async def rate_template(request):
    """Let people judge a template: {score}; RED pauses it as Meta does, the third time it is disabled."""
    sim, data = request.app[SIM], await _body(request)
    if data.get('score') not in ('GREEN', 'YELLOW', 'RED', 'UNKNOWN'):
        raise Refused('score must be GREEN, YELLOW, RED or UNKNOWN')
    template = _template(sim, request)
    sim.template_life.rate(template, data['score'])
    return template


@routes.put('/numbers/{phone_id}')
async def put_number(request):
    """Change a business number: registered, quality_rating, status, throughput_limit, …"""
    sim, data = request.app[SIM], await _body(request)
    number = _number(sim, {'phone_number_id': request.match_info['phone_id']})
    unknown = set(data) - NUMBER_KEYS
    if unknown:
        raise Refused(f'unknown key {min(unknown)}')
    if TIER_FIELD in data:
        sim.world.set_tier(sim.budget_of(sim.world.owner[number['id']]).portfolio_id, data[TIER_FIELD])
    number.update(data)
    return number


@routes.post('/numbers/{phone_id}/upgrade')
async def upgrade_number(request):
    """Give a number 1,000 messages per second, with a pause before: {seconds?}."""
    sim, data = request.app[SIM], await _body(request)
    number = _number(sim, {'phone_number_id': request.match_info['phone_id']})
    upgrade_throughput(sim, number, float(data.get('seconds', sim.settings.upgrade_seconds)))
    return number


@routes.put('/portfolios/{portfolio_id}')
async def put_portfolio(request):
    """Change the messaging limit of a portfolio: {tier, emit?}; reported to each of its accounts."""
    sim, data = request.app[SIM], await _body(request)
    portfolio_id = request.match_info['portfolio_id']
    wabas = sim.world.portfolio(portfolio_id)
    if not wabas:
        raise Refused('unknown portfolio', 404)
    if data.get('tier') not in TIERS:
        raise Refused(f'tier must be one of {", ".join(TIERS)}')
    sim.world.set_tier(portfolio_id, data['tier'])
    for waba in wabas if data.get('emit', True) else ():
        sim.webhooks.push(payloads.capability_update(waba['id'], data['tier']))
    return sim.budget_of(wabas[0]['id']).as_dict()


@routes.get('/held')
async def held(request):
    """Return how many messages of which templates are held for quality assessment."""
    return request.app[SIM].pacing.as_dict()


@routes.post('/held/{template_id}')
async def decide_held(request):
    """Decide about the held messages of a template: {decision: release|drop}; answers how many there were."""
    sim, data = request.app[SIM], await _body(request)
    decisions = {'release': sim.pacing.release, 'drop': sim.pacing.drop}
    if data.get('decision') not in decisions:
        raise Refused('decision must be release or drop')
    return {'messages': decisions[data['decision']](_template(sim, request))}


@routes.put('/app')
async def put_app(request):
    """Change the app as its owner can: {secret?, callback_url?}; from the next attempt on webhooks are signed anew."""
    sim, data = request.app[SIM], await _body(request)
    if not data or set(data) - {'secret', 'callback_url'} or not all(isinstance(text, str) for text in data.values()):
        raise Refused('secret and callback_url can be changed; both are texts')
    if data.get('secret') == '':
        raise Refused('an app has a secret')
    sim.world.app.update(data)
    return {'id': sim.world.app['id'], 'callback_url': sim.world.app['callback_url']}


@routes.put('/wabas/{waba_id}')
async def put_waba(request):
    """Subscribe or unsubscribe the app behind its back: {subscribed}."""
    sim, data = request.app[SIM], await _body(request)
    waba = sim.world.wabas.get(request.match_info['waba_id'])
    if waba is None:
        raise Refused('unknown account', 404)
    if set(data) != {'subscribed'} or not isinstance(data['subscribed'], bool):
        raise Refused('subscribed is true or false')
    waba['subscribed'] = data['subscribed']
    if not data['subscribed']:
        waba['override_callback_uri'] = ''
    return {'id': waba['id'], 'subscribed': waba['subscribed']}


@routes.post('/webhooks')
async def emit_webhook(request):
    """Send any webhook, signed like the others: {field, value} or {body}, {waba_id?}; or a list of such."""
    sim, data = request.app[SIM], await _body(request)
    updates = [_update(sim, item) for item in (data if isinstance(data, list) else [data])]
    for update in updates:
        sim.webhooks.push(update)
    return {'ok': True, 'updates': len(updates)}


def _update(sim, data):
    waba_id = data.get('waba_id') or next(iter(sim.world.wabas))
    if waba_id not in sim.world.wabas:
        raise Refused('unknown account', 404)
    if 'body' in data:
        return payloads.Update(waba_id, 'body', data['body'], payloads.BODY)
    return payloads.Update(waba_id, data['field'], data['value'])


@routes.get('/webhooks')
async def webhooks(request):
    """Return all deliveries with their attempts."""
    hooks = request.app[SIM].webhooks
    return {'deliveries': hooks.log, 'dropped': hooks.dropped, 'unheard': hooks.unheard, 'kept': len(hooks.kept)}


@routes.get('/log')
async def log(request):
    """Return the accepted messages in order; ?after=N skips the first N, ?fields=a,b names what is wanted of each."""
    skip = int(request.query.get('after', 0))
    names = request.query['fields'].split(',') if request.query.get('fields') else MESSAGE_FIELDS
    unknown = set(names) - set(MESSAGE_FIELDS)
    if unknown:
        raise Refused(f'unknown field {min(unknown)}; there are {", ".join(MESSAGE_FIELDS)}')
    return [message.as_dict(names) for message in request.app[SIM].ledger.messages[skip:]]


@routes.get('/log/rates')
async def log_rates(request):
    """Return the most messages in any second, by number."""
    return request.app[SIM].ledger.rate_figures()


@routes.get('/log/stalls')
async def log_stalls(request):
    """Return when the simulator itself stood still: [Unix moment of its end, seconds], those of this process's life."""
    return list(request.app[SIM].heartbeat.stalls)


@routes.get('/log/summary')
async def log_summary(request):
    """Return totals."""
    sim = request.app[SIM]
    return {**sim.ledger.summary(), 'held': sim.pacing.count}


@routes.get('/log/budget')
async def log_budget(request):
    """Return the messaging limit of a portfolio and how much is used: ?portfolio_id=, the first one without."""
    sim = request.app[SIM]
    asked = request.query.get('portfolio_id') or sim.world.portfolio_of(next(iter(sim.world.wabas)))
    wabas = sim.world.portfolio(asked)
    if not wabas:
        raise Refused('unknown portfolio', 404)
    return sim.budget_of(wabas[0]['id']).as_dict()


@routes.get('/log/inbound')
async def log_inbound(request):
    """Return the messages people wrote, in order."""
    return request.app[SIM].ledger.inbound


@routes.get('/log/visits')
async def log_visits(request):
    """Return the links people followed, in order."""
    return request.app[SIM].ledger.visits


@routes.get('/log/twilio')
async def log_twilio(request):
    """Return how many messages came over the stand-in for Twilio."""
    return request.app[SIM].twilio.as_dict()


@routes.get('/requests')
async def graph_requests(request):
    """Return every call of the Graph port, without tokens."""
    return [entry.as_dict() for entry in request.app[SIM].requests]


@routes.get('/idle')
async def idle(request):
    """Tell whether nothing is going to happen any more."""
    pending = request.app[SIM].pending
    return {'idle': pending == 0, 'pending': pending}


def _digits(text):
    digits = digits_of(text)
    if not digits:
        raise Refused(f'{text} is not a phone number')
    return digits


def _person(request):
    return request.app[SIM].world.people.by_phone(_digits(request.match_info['wa_id']))


def _template(sim, request):
    template = sim.world.templates.get(request.match_info['template_id'])
    if template is None:
        raise Refused('unknown template', 404)
    return template


def _number(sim, data):
    phone_id = data.get('phone_number_id') or next(iter(sim.world.numbers))
    if phone_id not in sim.world.numbers:
        raise Refused('unknown number', 404)
    return sim.world.numbers[phone_id]
