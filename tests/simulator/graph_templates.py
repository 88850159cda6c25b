"""Message templates: list, create, edit, delete and Meta's review."""

import json

from . import payloads, template_rules
from .errors import GraphError, parameter_required
from .graph_call import pick
from .paging import page_of
from .shapes import TEMPLATE, check_shape

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
    """POST /<WABA_ID>/message_templates: PENDING now, reviewed later."""
    data = await call.params()
    check_shape(data, TEMPLATE)
    template_rules.check_template(data)
    _check_free(call, data['name'], data['language'])
    template = {
        'id': call.sim.object_id('template', CREATED_ID_START), 'name': data['name'], 'language': data['language'],
        'category': template_rules.category_meta_sees(data), 'status': 'PENDING',
        'parameter_format': str(data.get('parameter_format') or 'positional').upper(),
        'components': data['components'], 'quality_score': {'score': 'UNKNOWN', 'date': 1795430400},
        'rejected_reason': 'NONE',
    }
    call.sim.world.add_template(call.target, template)
    plan_review(call.sim, template)
    return pick(template, ('id', 'status', 'category'))


def _check_free(call, name, language):
    key = (call.target['id'], name)
    if language in call.sim.world.translations.get(key, ()):
        raise template_rules.refuse(2388024, 'Content in This Language Already Exists',
                                    f'There is already {language} content for this template.')
    if (*key, language) in call.sim.world.deleted_names:
        raise template_rules.refuse(2388023, 'Message Template Language is Being Deleted',
                                    f'New {language} content can not be added while the old one is being deleted.'
                                    ' Try again in 4 weeks or create a new message template.')


async def edit_template(call):
    """POST /<TEMPLATE_ID>: new components or category, then a new review."""
    data = await call.params()
    check_shape(data, TEMPLATE)
    template = call.target
    if template['status'] not in EDITABLE:
        raise template_rules.refuse(2388039, 'Template can not be edited',
                                    f'A template in status {template["status"]} can not be edited.')
    if template['status'] == 'APPROVED' and data.get('category', template['category']) != template['category']:
        raise GraphError(100, message='(#100) The category of an approved template can not be changed')
    if not {'components', 'category', 'message_send_ttl_seconds'} & set(data):
        raise parameter_required('components')
    merged = {**template, **data}
    template_rules.check_components(merged)
    changed = merged['components'] != template['components']
    template.update({key: merged[key] for key in ('components', 'category')}, status='PENDING')
    call.sim.world.refresh_spec(template)
    if changed:
        call.sim.webhooks.push(payloads.components_update(call.sim.world.owner[template['id']], template))
    plan_review(call.sim, template)
    return {'success': True}


async def delete_templates(call):
    """DELETE /<WABA_ID>/message_templates by name (all languages) or by name and hsm_id (one)."""
    params = await call.params()
    name = params.get('name')
    if not name:
        raise parameter_required('name')
    found = list(call.sim.world.translations.get((call.target['id'], name), {}).values())
    if params.get('hsm_id'):
        found = [item for item in found if item['id'] == str(params['hsm_id'])]
    if not found:
        raise template_rules.refuse(2593002, 'Message Template Not Found', f'There is no template {name}.')
    for template in found:
        if template['status'] == 'DISABLED':
            raise GraphError(100, message='(#100) A disabled template can not be deleted')
    for template in found:
        _delete(call, template)
    return {'success': True}


def _delete(call, template):
    call.sim.world.remove_template(template)
    call.sim.webhooks.push(payloads.template_status_update(call.target['id'], template, 'DELETED'))


def plan_review(sim, template):
    """Let Meta decide about a template later."""
    sim.schedule.after(sim.settings.review_seconds, _review, sim, template)


def _review(sim, template):
    if template['id'] in sim.world.templates and template['status'] == 'PENDING':
        change_template(sim, template, {'status': sim.settings.review_outcome})


def change_template(sim, template, changes, report=True):
    """Change a template from Meta's side and send the webhooks that go with it."""
    waba_id = sim.world.owner[template['id']]
    before = dict(template)
    score = changes.pop('quality_score', None)
    correct = changes.pop('correct_category', None)
    reason = changes.pop('reason', None)
    pause = changes.pop('pause', '')
    template.update(changes)
    if score:
        template['quality_score'] = {'score': score} if isinstance(score, str) else score
    if template['status'] == 'REJECTED':
        template['rejected_reason'] = reason = reason or 'INVALID_FORMAT'
    sim.world.refresh_spec(template)
    if correct:
        template['correct_category'] = correct
    for update in _updates(waba_id, before, template, reason, pause) if report else ():
        sim.webhooks.push(update)


def _updates(waba_id, before, template, reason, pause):
    if template['category'] != before['category']:
        template['previous_category'] = before['category']
        yield payloads.category_update(waba_id, template, before['category'])
    if template['status'] != before['status']:
        yield payloads.template_status_update(waba_id, template, template['status'], reason, before['status'], pause)
    old, new = (item.get('quality_score', {}).get('score') for item in (before, template))
    if old != new:
        yield payloads.quality_update(waba_id, template, old or 'UNKNOWN')
    if template['components'] != before['components']:
        yield payloads.components_update(waba_id, template)
    correct = template.get('correct_category')
    if correct and correct != before.get('correct_category'):
        yield payloads.category_notice(waba_id, template, correct)
