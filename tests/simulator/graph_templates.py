"""Message templates: list, create, edit, unpause and delete."""

import json

from . import payloads, template_rules
from .errors import GraphError, parameter_required, unexpected_key
from .graph_call import pick
from .paging import page_of
from .shapes import TEMPLATE, check_shape
from .template_life import change_template, plan_review
from .template_listing import listed
from .template_text import refuse

DEFAULT = ('name', 'parameter_format', 'components', 'language', 'status', 'category', 'id')
FIELDS = {
    *DEFAULT, 'previous_category', 'correct_category', 'sub_category', 'quality_score', 'rejected_reason',
    'message_send_ttl_seconds', 'cta_url_link_tracking_opted_out', 'library_template_name',
    'degrees_of_freedom_spec', 'health_status', 'last_updated_time', 'creation_time',
}
NODE = 'WhatsAppMessageTemplate'
CREATED_ID_START = 950_000_000_000_000
EDITABLE = ('APPROVED', 'REJECTED', 'PAUSED')


async def list_templates(call):
    """GET /<WABA_ID>/message_templates."""
    names = call.fields(FIELDS, DEFAULT, NODE)
    found = [item for item in call.target['templates'] if _matches(call.request.query, item)]
    page, paging = page_of(call, found, 250)
    answer = {'data': [pick(item, names) for item in page]}
    if paging:
        answer['paging'] = paging
    return answer


def _matches(query, item):
    text = query.get('name_or_content', '').lower()
    content = ' '.join(part.get('text', '') for part in item['components'])
    quality = item.get('quality_score', {}).get('score', '')
    return (
        query.get('name', item['name']) == item['name']
        and _among(query.get('status'), item['status'])
        and _among(query.get('language'), item['language'])
        and _among(query.get('category'), item['category'])
        and _among(query.get('quality_score'), quality)
        and (text in item['name'] or text in content.lower())
    )


def _among(wanted, value):
    """Graph takes one value, a comma list or a JSON list."""
    if not wanted:
        return True
    if wanted.startswith('['):
        try:
            return value in json.loads(wanted)
        except ValueError as error:
            raise GraphError(100, message='(#100) A filter must be valid JSON') from error
    return value.lower() in [item.strip().lower() for item in wanted.split(',')]


async def get_template(call):
    """GET /<TEMPLATE_ID>."""
    return pick(call.target, call.fields(FIELDS, DEFAULT, NODE))


async def create_template(call):
    """POST /<WABA_ID>/message_templates; the review comes later."""
    data = await call.params()
    check_shape(data, TEMPLATE)
    template_rules.check_template(data, call.sim.uploads.format_of)
    _check_free(call, data['name'], data['language'])
    call.sim.template_life.count_creation(call.object_id)
    template = {
        'id': call.sim.object_id('template', CREATED_ID_START), 'name': data['name'], 'language': data['language'],
        'category': _category(call.sim, data), 'status': 'PENDING',
        'parameter_format': str(data.get('parameter_format') or 'positional').upper(),
        'components': listed(data), 'quality_score': {'score': 'UNKNOWN', 'date': 1795430400},
        'rejected_reason': 'NONE', 'message_send_ttl_seconds': data.get('message_send_ttl_seconds'),
    }
    call.sim.world.add_template(call.target, template)
    plan_review(call.sim, template)
    return pick(template, ('id', 'status', 'category'))


def _category(sim, data):
    """Return the category as Meta gives it; the setting switches its judgement off."""
    return template_rules.category_meta_sees(data) if sim.settings.category_correction else data['category'].upper()


def _check_free(call, name, language):
    key = (call.target['id'], name)
    if language in call.sim.world.translations.get(key, ()):
        raise refuse(2388024, 'Content in This Language Already Exists',
                     f'There is already {language} content for this template.')
    if call.sim.template_life.is_blocked(*key, language):
        raise refuse(2388023, 'Message Template Language is Being Deleted',
                     f'New {language} content can not be added while the old one is being deleted.'
                     ' Try again in 4 weeks or create a new message template.')


async def edit_template(call):
    """POST /<TEMPLATE_ID>: new components, category or time to live, then a new review."""
    data = await call.params()
    check_shape(data, TEMPLATE)
    template = call.target
    _check_edit(template, data)
    merged = {**template, **data, 'category': str(data.get('category', template['category'])).upper()}
    if 'components' in data:
        template_rules.check_components(merged, call.sim.uploads.format_of)
    else:
        template_rules.check_ttl(merged.get('message_send_ttl_seconds'), merged['category'])
    call.sim.template_life.count_edit(template)
    _apply_edit(call, template, merged, data)
    plan_review(call.sim, template)
    return {'success': True}


def _check_edit(template, data):
    for key in data:
        if key not in template_rules.EDIT_LEVEL:
            raise unexpected_key(key, 'message_template')
    if template['status'] not in EDITABLE:
        raise refuse(2388039, 'Template can not be edited',
                     f'A template in status {template["status"]} can not be edited.')
    category = str(data.get('category', template['category'])).upper()
    if category not in template_rules.CATEGORIES:
        raise GraphError(100, message='(#100) Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}')
    if template['status'] == 'APPROVED' and category != template['category']:
        raise GraphError(100, message='(#100) The category of an approved template can not be changed')
    if not {'components', 'category', 'message_send_ttl_seconds'} & set(data):
        raise parameter_required('components')


def _apply_edit(call, template, merged, data):
    before = template['components']
    template.update(category=merged['category'], status='PENDING', rejected_reason='NONE')
    if 'components' in data:
        template['components'] = listed(merged)
    if 'message_send_ttl_seconds' in data:
        template['message_send_ttl_seconds'] = data['message_send_ttl_seconds']
    call.sim.world.refresh_spec(template)
    if template['components'] != before:
        call.sim.webhooks.push(payloads.components_update(call.sim.world.owner[template['id']], template))


async def unpause_template(call):
    """POST /<TEMPLATE_ID>/unpause: for templates that were paused while paced."""
    call.sim.template_life.unpause(call.target)
    return {'success': True}


async def delete_templates(call):
    """DELETE /<WABA_ID>/message_templates by name (all languages), name and hsm_id (one) or hsm_ids (up to 100)."""
    params = await call.params()
    found = _found(call, params)
    for template in found:
        if template['status'] == 'DISABLED':
            raise GraphError(100, message='(#100) A disabled template can not be deleted')
    for template in found:
        _delete(call, template)
    return {'success': True}


def _found(call, params):
    name = params.get('name')
    if params.get('hsm_ids'):
        return _found_by_ids(call, params)
    if not name:
        raise parameter_required('name')
    found = list(call.sim.world.translations.get((call.target['id'], name), {}).values())
    if params.get('hsm_id'):
        found = [item for item in found if item['id'] == str(params['hsm_id'])]
    if not found:
        raise refuse(2593002, 'Message Template Not Found', f'There is no template {name}.')
    return found


def _found_by_ids(call, params):
    if params.get('name') or params.get('hsm_id'):
        raise GraphError(100, message='(#100) hsm_ids can not be used with name or hsm_id')
    ids = params['hsm_ids']
    try:
        ids = json.loads(ids) if isinstance(ids, str) else ids
    except ValueError:
        ids = None
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise GraphError(100, message='(#100) Param hsm_ids must be a list of 1 to 100 ids')
    found = [item for item in call.target['templates'] if item['id'] in {str(one) for one in ids}]
    if len(found) != len(ids):
        raise refuse(2593002, 'Message Template Not Found', 'There is no template with one of these ids.')
    return found


def _delete(call, template):
    sim, seconds = call.sim, call.sim.settings.deletion_seconds
    if template['status'] == 'APPROVED':
        sim.template_life.block_name(call.target['id'], template)
    if seconds:
        change_template(sim, template, {'status': 'PENDING_DELETION'})
        sim.schedule.after(seconds, _remove, sim, call.target['id'], template)
    else:
        _remove(sim, call.target['id'], template)


def _remove(sim, waba_id, template):
    if template['id'] in sim.world.templates:
        sim.world.remove_template(template)
        sim.webhooks.push(payloads.template_status_update(waba_id, template, 'DELETED'))
