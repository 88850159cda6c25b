"""A body of POST /<PHONE_ID>/messages against Meta's own OpenAPI file (data/openapi/messages.json says its origin).

The file lags behind the documentation and contradicts it in places; :data:`CORRECTIONS` names each with its reason, so
that what is left is Meta's word. What the file does not know at all is found by :func:`gaps`.
"""

import copy
import json
import re
from pathlib import Path

FILE = json.loads((Path(__file__).parent / 'data' / 'openapi' / 'messages.json').read_text(encoding='utf-8'))
EXAMPLES = FILE['examples']
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int, 'number': (int, float)}


def _corrected(schemas):
    for path, value, _reason in CORRECTIONS:
        *parents, last = path.split('/')
        place = schemas
        for name in parents:
            place = place[int(name) if isinstance(place, list) else name]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return schemas


#: Path in the schemas, the right value (None: take it away), why.
CORRECTIONS = [
    ('BaseMessageProperties/properties/biz_opaque_callback_data', {'type': 'string', 'maxLength': 512},
     'left out; page message-api'),
    ('LanguageObject/required', ['code'], "policy is not in any of the file's own examples"),
    ('TemplateComponent/properties/index/pattern', None, 'footnote numbers taken for a pattern'),
    ('ButtonComponent/allOf/1/properties/index/pattern', None, 'the same'),
    ('BodyObject/properties/text/maxLength', 4096, 'right but for lists; page interactive-list-messages'),
    ('ContactsMessage/allOf/1/properties/contacts/maxItems', 257, 'page contacts-messages'),
]
SCHEMAS = _corrected(copy.deepcopy(FILE['schemas']))


def errors(body):
    """Return what the file has against a body, [] if nothing."""
    name = 'MarkMessageRequestPayload' if 'status' in body else 'Message'
    return list(_errors({'$ref': f'#/components/schemas/{name}'}, body, ''))


def gaps(body):
    """Return the parts of a body that the file does not know yet, by the enum that lacks them."""
    if 'recipient' in body:
        return ['recipient']
    if body.get('type') == 'interactive':
        kind = body['interactive']['type']
        return [] if kind in SCHEMAS['InteractiveObject']['properties']['type']['enum'] else [kind]
    return [gap for part in body.get('template', {}).get('components', ()) for gap in _component_gaps(part)]


def _component_gaps(part):
    if part['type'] not in SCHEMAS['TemplateComponent']['properties']['type']['enum']:
        return [part['type']]
    if part['type'] == 'button' and part['sub_type'] not in SCHEMAS['ButtonComponent']['allOf'][1]['properties'][
            'sub_type']['enum']:
        return [part['sub_type']]
    known = 'ButtonParameterObject' if part['type'] == 'button' else 'ParameterObject'
    kinds = SCHEMAS[known]['properties']['type']['enum']
    return [parameter['type'] for parameter in part.get('parameters', ()) if parameter['type'] not in kinds]


# --- JSON Schema, as much of it as the file uses -------------------------------------------------------------------


def _resolved(schema):
    """Return a schema without references; the parts of allOf are one, as they are meant."""
    while '$ref' in schema:
        schema = SCHEMAS[schema['$ref'].rpartition('/')[2]]
    if 'allOf' not in schema:
        return schema
    merged = {'type': 'object', 'properties': {}, 'required': []}
    for part in map(_resolved, schema['allOf']):
        for name, item in part.get('properties', {}).items():
            merged['properties'][name] = {**merged['properties'].get(name, {}), **item}
        merged['required'] += part.get('required', [])
        if part.get('additionalProperties') is False:
            merged['additionalProperties'] = False
    return merged


def _errors(schema, value, where):
    schema = _resolved(schema)
    if 'discriminator' in schema:
        chosen = schema['discriminator']['mapping'].get(value.get('type')) if isinstance(value, dict) else None
        if chosen is None:
            yield f'{where}: unknown type'
            return
        schema = _resolved({'$ref': chosen})
    if 'type' in schema and not _is_of(schema['type'], value):
        yield f'{where}: {value!r} is no {schema["type"]}'
        return
    yield from _own_errors(schema, value, where)
    yield from _alternative_errors(schema, value, where)
    if isinstance(value, dict):
        yield from _object_errors(schema, value, where)
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _errors(schema.get('items', {}), item, f'{where}[{position}]')


def _is_of(name, value):
    return isinstance(value, TYPES[name]) and (name == 'boolean' or not isinstance(value, bool))


def _own_errors(schema, value, where):
    if 'enum' in schema and value not in schema['enum']:
        yield f'{where}: {value!r} is none of {schema["enum"]}'
    if isinstance(value, str) and len(value) > schema.get('maxLength', len(value)):
        yield f'{where}: {len(value)} characters'
    if isinstance(value, str) and not re.search(schema.get('pattern', ''), value):
        yield f'{where}: {value!r} is not like {schema["pattern"]}'
    if isinstance(value, list) and not schema.get('minItems', 0) <= len(value) <= schema.get('maxItems', len(value)):
        yield f'{where}: {len(value)} items'


def _alternative_errors(schema, value, where):
    if 'oneOf' not in schema:
        return
    fitting = [option for option in schema['oneOf'] if not list(_errors(option, value, where))]
    if len(fitting) != 1:
        yield f'{where}: fits {len(fitting)} of the alternatives'


def _object_errors(schema, value, where):
    properties = schema.get('properties', {})
    for name in schema.get('required', ()):
        if name not in value:
            yield f'{where}: {name} is missing'
    for name, item in value.items():
        if name in properties:
            yield from _errors(properties[name], item, f'{where}.{name}')
        elif schema.get('additionalProperties') is False:
            yield f'{where}: {name} is unknown'
