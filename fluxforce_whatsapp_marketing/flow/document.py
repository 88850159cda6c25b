"""A journey as a document: what is exported, imported and kept in the gallery: texts, numbers and names, no ids.

The document names what it needs (templates, e-mail templates, server actions, kinds of to-dos) by names that mean the
same in another database; finding them there is for whoever reads it.
"""

from . import tree

#: Of the form of the document; one with a higher number comes from a later version of the addon.
VERSION = 1
MARK = 'fluxforce_journey'
#: Nobody plans more; a file that holds more is none of ours. [own]
MOST_STEPS = 200
LONGEST_TEXT = 10000

TYPES = ('whatsapp', 'email', 'sms', 'action', 'todo', 'wait', 'condition', 'split')
UNITS = ('minutes', 'hours', 'days', 'weeks', 'months')
#: What a step says of itself, with what it is where the document says nothing.
STEP_FIELDS = {
    'name': '', 'trigger': None, 'trigger_words': '', 'trigger_button': '', 'trigger_reason': '', 'delay': 0,
    'delay_unit': 'days', 'hours': 'any', 'date_field': '', 'domain': '', 'expiry': 0, 'expiry_unit': 'days',
    'activity_summary': '', 'activity_user': 'record', 'condition_domain': '', 'share': 50, 'log_in_chatter': False}
#: Values a step may have only these of.
CHOICES = {
    'type': TYPES, 'delay_unit': UNITS, 'expiry_unit': UNITS, 'hours': ('any', 'working', 'waking'),
    'activity_user': ('responsible', 'record')}
#: What the journey says of itself beside its steps; a value that is not there is the database's own default.
JOURNEY_FIELDS = {
    'domain': str, 'entry': ('once', 'continuous', 'action'), 'unicity': ('person', 'record'),
    'reentry': ('never', 'after'), 'reentry_days': int, 'goal_domain': str, 'exit_domain': str,
    'on_reply': ('nothing', 'exit', 'goal'), 'on_talk': ('ignore', 'wait', 'exit'), 'talk_hours': int,
    'holdout_share': float, 'conversion_days': int, 'cap': int, 'cap_days': int}
#: What a step refers to, and by which names.
REFERENCES = {
    'template': ('name', 'language', 'ready'), 'mail_template': ('xmlid', 'name'),
    'server_action': ('xmlid', 'name'), 'activity_type': ('xmlid', 'name')}


class DocumentError(ValueError):
    """A document that cannot be read.

    :ivar str code: what is wrong: form, version, model, steps, step, key, after, loop, trigger, value
    :ivar str where: name of the step or the entry at fault, '' for the whole
    """

    def __init__(self, code, where=''):
        super().__init__(f'{code}: {where}')
        self.code = code
        self.where = str(where)


def read(document):
    """Check a document and bring it into its full form.

    :param document: anything that came out of a JSON file
    :return: dict with ``name``, ``model``, ``settings`` (only what is given) and ``steps`` (parents first, each with
        all fields and references)
    :raise DocumentError: naming what is wrong and where
    """
    if not isinstance(document, dict) or MARK not in document:
        raise DocumentError('form')
    if not isinstance(document[MARK], int) or isinstance(document[MARK], bool) or document[MARK] > VERSION:
        raise DocumentError('version', document[MARK])
    return {
        'name': _text(document, 'name'),
        'model': _text(document, 'model') or _fail('model'),
        'settings': _settings(document.get('settings') or {}),
        'steps': _in_order(_steps(document.get('steps'))),
    }


def write(name, model, settings, steps):
    """:return: the document of a journey; what is as usual is left out.

    :param list steps: full forms as of :func:`read`
    """
    return {MARK: VERSION, 'name': name, 'model': model,
            'settings': {key: value for key, value in settings.items() if key in JOURNEY_FIELDS},
            'steps': [_short(step) for step in steps]}


def _short(step):
    fields = {key: step[key] for key, usual in STEP_FIELDS.items() if step.get(key) not in (usual, None, False)}
    references = {key: step[key] for key in REFERENCES if step.get(key)}
    return {'key': step['key'], 'after': step['after'], 'type': step['type'], **fields, **references}


def _fail(code, where=''):
    raise DocumentError(code, where)


def _text(values, key, where=''):
    value = values.get(key) or ''
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise DocumentError('value', where or key)
    return value


def _settings(values):
    if not isinstance(values, dict):
        raise DocumentError('value', 'settings')
    return {key: _checked(values[key], allowed, key) for key, allowed in JOURNEY_FIELDS.items() if key in values}


def _checked(value, allowed, where):
    """:raise DocumentError: if a value is none of those allowed, or not of the type allowed"""
    if isinstance(allowed, tuple):
        fits = value in allowed if isinstance(value, str) else False
    elif allowed is str:
        fits = isinstance(value, str) and len(value) <= LONGEST_TEXT
    else:
        fits = isinstance(value, (int, allowed)) and not isinstance(value, bool) and abs(value) < 10 ** 9
    if not fits:
        raise DocumentError('value', where)
    return value


def _steps(rows):
    if not isinstance(rows, list) or not rows or len(rows) > MOST_STEPS:
        raise DocumentError('steps')
    steps = [_step(row) for row in rows]
    keys = [step['key'] for step in steps]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise DocumentError('key', twice)
    return steps


def _step(row):
    if not isinstance(row, dict) or not isinstance(row.get('key'), str) or not row['key']:
        raise DocumentError('step')
    where = row['key']
    step = {'key': where, 'after': row.get('after') or None, 'type': row.get('type') or 'whatsapp'}
    for name, usual in STEP_FIELDS.items():
        step[name] = _checked_like(row[name], usual, where) if row.get(name) not in (None, '') else usual
    for name, allowed in CHOICES.items():
        _checked(step[name], allowed, where)
    for name, keys in REFERENCES.items():
        step[name] = _reference(row.get(name), keys, where)
    return step


def _checked_like(value, usual, where):
    if isinstance(usual, bool):
        return value if isinstance(value, bool) else _fail('value', where)
    return _checked(value, type(usual or '') if not isinstance(usual, int) else float, where)


def _reference(value, keys, where):
    """:return: names of what a step refers to; None for nothing"""
    if value in (None, False):
        return None
    if not isinstance(value, dict):
        raise DocumentError('value', where)
    return {key: _text(value, key, where) for key in keys}


def _in_order(steps):
    """:return: the steps, each after the one it follows; how it follows it is filled in where nothing is said

    :raise DocumentError: for a step that follows none of them or, by a circle, itself
    """
    by_key = {step['key']: step for step in steps}
    for step in steps:
        if step['after'] is not None and step['after'] not in by_key:
            raise DocumentError('after', step['key'])
        _set_trigger(step, by_key.get(step['after']))
    ordered, placed = [], {None}
    while len(ordered) < len(steps):
        ready = [step for step in steps if step['key'] not in placed and step['after'] in placed]
        if not ready:
            raise DocumentError('loop', next(step['key'] for step in steps if step['key'] not in placed))
        ordered += ready
        placed.update(step['key'] for step in ready)
    return ordered


def _set_trigger(step, parent):
    allowed = tree.triggers_after(parent and parent['type'])
    step['trigger'] = step['trigger'] or allowed[0]
    if step['trigger'] not in allowed or (step['delay'] < 0 and step['trigger'] != tree.DATE):
        raise DocumentError('trigger', step['key'])
