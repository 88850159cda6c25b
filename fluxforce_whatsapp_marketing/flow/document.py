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
    'activity_summary': '', 'activity_user': 'record', 'condition_domain': '', 'share': 50, 'log_in_chatter': False,
    'sms_body': '', 'sms_purpose': 'marketing'}
#: Values a step may have only these of.
CHOICES = {
    'type': TYPES, 'delay_unit': UNITS, 'expiry_unit': UNITS, 'hours': ('any', 'working', 'waking'),
    'activity_user': ('responsible', 'record'), 'sms_purpose': ('marketing', 'utility')}
#: More days or hours nobody means. [own]
LONGEST_SPAN = 36500
#: Limits of the numbers of a step; delays may be minutes.
STEP_LIMITS = {'delay': (-10 ** 6, 10 ** 6), 'expiry': (0, 10 ** 6), 'share': (0.0, 1e6)}
#: What the journey says of itself beside its steps; a value that is not there is the database's own default. A pair of
#: numbers are the limits of a whole number, or of any number if they have a point.
JOURNEY_FIELDS = {
    'domain': str, 'entry': ('once', 'continuous', 'action'), 'unicity': ('person', 'record'),
    'reentry': ('never', 'after'), 'reentry_days': (0, LONGEST_SPAN), 'goal_domain': str, 'exit_domain': str,
    'on_reply': ('nothing', 'exit', 'goal'), 'on_talk': ('ignore', 'wait', 'exit'), 'talk_hours': (0, LONGEST_SPAN),
    'holdout_share': (0.0, 100.0), 'conversion_days': (0, LONGEST_SPAN), 'cap': (0, LONGEST_SPAN),
    'cap_days': (0, LONGEST_SPAN)}
#: What a step refers to, and by which names.
REFERENCES = {
    'template': ('name', 'language', 'ready'), 'mail_template': ('xmlid', 'name'),
    'server_action': ('xmlid', 'name'), 'activity_type': ('xmlid', 'name')}


class DocumentError(ValueError):
    """A document that cannot be read.

    :ivar str code: what is wrong: form, version, model, steps, step, key, after, loop, trigger, value
    :ivar str where: key of the step at fault, '' for the journey itself
    :ivar str field: name of the entry at fault, '' where it is none
    """

    def __init__(self, code, where='', field=''):
        super().__init__(code, where, field)
        self.code = code
        self.where = where
        self.field = field


def read(document):
    """Check a document and bring it into its full form.

    :param document: anything that came out of a JSON file
    :return: dict with ``name``, ``model``, ``settings`` (only what is given) and ``steps`` (parents first, each with
        all fields and references)
    :raise DocumentError: naming what is wrong and where; nothing else is ever raised
    """
    if not isinstance(document, dict) or MARK not in document:
        raise DocumentError('form')
    version = document[MARK]
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version <= VERSION:
        raise DocumentError('version')
    return {
        'name': _text(document.get('name'), '', 'name'),
        'model': _text(document.get('model'), '', 'model') or _fail('model'),
        'settings': _settings(document.get('settings')),
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


def _fail(code, where='', field=''):
    raise DocumentError(code, where, field)


# --- Values ----------------------------------------------------------------------------------------------------------


def _text(value, where, field):
    """:return: a text that a database can hold; '' for nothing."""
    if value is None or value is False:
        return ''
    return value if _is_text(value) else _fail('value', where, field)


def _is_text(value):
    """:return: whether it is a text, not too long, without what cannot be stored: a zero, or half a character."""
    return (isinstance(value, str) and len(value) <= LONGEST_TEXT and '\0' not in value
            and not any('\ud800' <= char <= '\udfff' for char in value))


def _choice(value, allowed, where, field):
    return value if isinstance(value, str) and value in allowed else _fail('value', where, field)


def _number(value, limits, where, field):
    """:param tuple limits: lowest and highest; whole numbers stand for whole numbers."""
    kinds = int if isinstance(limits[0], int) else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not limits[0] <= value <= limits[1]:
        raise DocumentError('value', where, field)
    return value


# --- The journey -----------------------------------------------------------------------------------------------------


def _settings(values):
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise DocumentError('value', '', 'settings')
    # An empty text says nothing.
    given = {key: values[key] for key in JOURNEY_FIELDS if values.get(key) not in (None, '')}
    return {key: _setting(value, JOURNEY_FIELDS[key], key) for key, value in given.items()}


def _setting(value, allowed, key):
    if allowed is str:
        return _text(value, '', key)
    return _choice(value, allowed, '', key) if isinstance(allowed[0], str) else _number(value, allowed, '', key)


# --- Its steps -------------------------------------------------------------------------------------------------------


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
    if not isinstance(row, dict) or not row.get('key') or not _is_text(row['key']):
        raise DocumentError('step')
    where = row['key']
    kind = _choice(_given(row, 'type', 'whatsapp'), TYPES, where, 'type')
    step = {'key': where, 'after': _text(row.get('after'), where, 'after') or None, 'type': kind}
    for name, usual in STEP_FIELDS.items():
        step[name] = _step_value(_given(row, name, usual), name, where)
    for name, keys in REFERENCES.items():
        step[name] = _reference(row.get(name), keys, where, name)
    return step


def _given(row, name, usual):
    """:return: what a step says, or what is usual where it says nothing."""
    value = row.get(name)
    return usual if value is None or value == '' else value


def _step_value(value, name, where):
    usual = STEP_FIELDS[name]
    if name in CHOICES:
        return _choice(value, CHOICES[name], where, name)
    if isinstance(usual, bool):
        return value if isinstance(value, bool) else _fail('value', where, name)
    if name in STEP_LIMITS:
        return _number(value, STEP_LIMITS[name], where, name)
    return value if value is None else _text(value, where, name)


def _reference(value, keys, where, field):
    """:return: names of what a step refers to; None for nothing"""
    if value is None or value is False:
        return None
    if not isinstance(value, dict):
        raise DocumentError('value', where, field)
    return {key: _text(value.get(key), where, field) for key in keys}


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
    if step['trigger'] not in allowed:
        raise DocumentError('trigger', step['key'], 'trigger')
    if step['delay'] < 0 and step['trigger'] != tree.DATE:
        raise DocumentError('trigger', step['key'], 'delay')
