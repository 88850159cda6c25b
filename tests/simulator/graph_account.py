"""Accounts, numbers and the webhook subscription."""

import json
from urllib.parse import urlsplit

from .errors import GraphError
from .graph_call import pick, require
from .paging import page_of
from .shapes import SUBSCRIPTION, check_shape

WABA_DEFAULT = ('id', 'name', 'timezone_id', 'message_template_namespace')
WABA_FIELDS = {
    *WABA_DEFAULT, 'currency', 'country', 'account_review_status', 'business_verification_status', 'ownership_type',
    'primary_business_location', 'health_status', 'is_enabled_for_insights', 'marketing_messages_onboarding_status',
    'marketing_messages_lite_api_status', 'whatsapp_business_manager_messaging_limit', 'status', 'owner_business_info',
    'on_behalf_of_business_info', 'purchase_order_number', 'auth_international_rate_eligibility',
}
NUMBER_DEFAULT = ('verified_name', 'code_verification_status', 'display_phone_number', 'quality_rating',
                  'platform_type', 'throughput', 'last_onboarded_time', 'webhook_configuration', 'id')
NUMBER_FIELDS = {
    *NUMBER_DEFAULT, 'name_status', 'new_display_name', 'new_name_status', 'status', 'quality_score', 'account_mode',
    'certificate', 'is_official_business_account', 'is_pin_enabled', 'is_on_biz_app', 'health_status',
    'whatsapp_business_manager_messaging_limit', 'messaging_limit_tier', 'conversational_automation', 'username',
    'country_code', 'country_dial_code', 'unified_cert_status', 'host_platform', 'search_visibility',
    'is_preverified_number', 'eligibility_for_api_business_global_search',
}
OVERRIDE_URI_MAX = 200


async def get_waba(call):
    """GET /<WABA_ID>."""
    return pick(call.target, call.fields(WABA_FIELDS, WABA_DEFAULT, 'WhatsAppBusinessAccount'))


async def get_number(call):
    """GET /<PHONE_ID>."""
    return _number(call, call.target)


async def list_numbers(call):
    """GET /<WABA_ID>/phone_numbers."""
    numbers = [item for item in call.target.get('phone_numbers', ()) if _passes(call, item)]
    page, paging = page_of(call, numbers, 100)
    answer = {'data': [_number(call, item) for item in page]}
    if paging:
        answer['paging'] = paging
    return answer


def _number(call, item):
    names = call.fields(NUMBER_FIELDS, NUMBER_DEFAULT, 'WhatsAppBusinessPhoneNumber')
    waba = call.sim.world.wabas[call.sim.world.owner[item['id']]]
    hooks = {'whatsapp_business_account': waba.get('override_callback_uri'),
             'application': call.sim.world.app.get('callback_url')}
    configuration = {key: value for key, value in hooks.items() if value}
    return pick({**item, 'webhook_configuration': configuration or None}, names)


def _passes(call, item):
    """Apply the `filtering` parameter: a JSON list of {field, operator, value}."""
    text = call.request.query.get('filtering')
    if not text:
        return True
    try:
        rules = json.loads(text)
        return all(item.get(rule['field']) == rule['value'] for rule in rules)
    except (ValueError, KeyError, TypeError) as error:
        raise GraphError(100, message='(#100) Param filtering must be valid JSON') from error


async def list_subscriptions(call):
    """GET /<WABA_ID>/subscribed_apps."""
    if not call.target.get('subscribed'):
        return {'data': []}
    app = call.sim.world.app
    link = f'https://www.facebook.com/games/?app_id={app["id"]}'
    entry = {'whatsapp_business_api_data': {'id': app['id'], 'name': app['name'], 'link': link}}
    if call.target.get('override_callback_uri'):
        entry['override_callback_uri'] = call.target['override_callback_uri']
    return {'data': [entry]}


async def subscribe(call):
    """POST /<WABA_ID>/subscribed_apps, with or without an override of the callback."""
    params = await call.params()
    check_shape(params, SUBSCRIPTION)
    uri = params.get('override_callback_uri', '')
    if uri:
        await _check_override(call, uri, params)
    call.target['subscribed'] = True
    call.target['override_callback_uri'] = uri
    return {'success': True}


async def _check_override(call, uri, params):
    require(params, 'verify_token')
    if call.sim.settings.override_needs_subscription and not call.target.get('subscribed'):
        raise GraphError(100, message='(#100) Before override the current callback uri, your app must be subscribed to'
                                      ' receive messages for WhatsApp Business Account.')
    if len(uri) > OVERRIDE_URI_MAX or not _is_link(uri):
        raise GraphError(100, message='(#100) Param override_callback_uri is not a valid URI of at most 200 characters')
    problem = await call.sim.webhooks.handshake(uri, params['verify_token'])
    if problem:
        raise GraphError(2200, message=f'(#2200) Callback verification failed with the following errors: {problem}')


def _is_link(uri):
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in ('http', 'https') and bool(parts.netloc)


async def unsubscribe(call):
    """DELETE /<WABA_ID>/subscribed_apps."""
    call.target['subscribed'] = False
    call.target['override_callback_uri'] = ''
    return {'success': True}
