"""Something changes at Meta or with a person between the moment a message is queued and the moment it goes."""
from .ground import MARKETING, UTILITY
from .inflow import absorb, listening
from .result import fault
from .story import phone

GROUP = 'webhooks'
PERIOD = 60
WAITS = ('queued', 'held', 'failed', 'refused', 'cancelled')
BODY = 'Hi {{1}}, your order {{2}} is on its way with {{3}}.'


@fault('F21', GROUP)
def template_changed(server, quick, result):
    """a template is paused, becomes marketing or gets another variable while messages with it wait"""
    count = 10 if quick else 200
    with listening(server) as field:
        for look in (paused, became_marketing, got_a_variable):
            if reads(field, look.told):
                look(field, result, count)
            else:
                result.skip(f'{look.__name__}: nothing reads {look.told} yet')
        result.verdict = field.verdict([row['key'] for row in field.rows()])


def reads(field, name):
    """:return: whether webhooks of this field are applied and not only kept."""
    with field.env() as env:
        return env['fluxforce.whatsapp.reducer']._of(name, 'other') is not None


def about(name):
    """Note which webhook a look needs."""
    def mark(function):
        function.told = name
        return function
    return mark


@about('message_template_status_update')
def paused(field, result, count):
    """Nothing is tried with a paused template, and it goes once it is active again."""
    keys, template = queue(field, count, UTILITY), template_of(field, UTILITY)
    before = len(field.calls())
    tell(field, template, status='PAUSED')
    let_go(field)
    calls = len(field.calls()) - before
    result.require(not calls, f'{calls} calls with a template that was known to be paused')
    require_waiting_with_reason(field, result, keys)
    tell(field, template, status='APPROVED')
    let_go(field)
    result.require(set(accepted(field, keys)) == set(keys), 'not everything went once the template was active again')


@about('template_category_update')
def became_marketing(field, result, count):
    """Whoever has agreed to service messages only gets none that has become marketing."""
    keys, template = queue(field, count, UTILITY), template_of(field, UTILITY)
    refusing = keys[:count // 2]
    withdraw_marketing(field, refusing)
    tell(field, template, category='MARKETING')
    let_go(field)
    sent = set(accepted(field, refusing))
    result.require(not sent, f'{len(sent)} got marketing although they did not agree to it')
    result.require(len(accepted(field, keys)) >= count - len(refusing), 'those who agreed did not get theirs')
    require_waiting_with_reason(field, result, refusing)
    tell(field, template, category='UTILITY')


@about('message_template_components_update')
def got_a_variable(field, result, count):
    """A message is never half filled."""
    keys, template = queue(field, count, UTILITY), template_of(field, UTILITY)
    before = len(field.calls())
    example = {'body_text': [['Mira', 'S00042', 'Post']]}
    tell(field, template, components=[{'type': 'BODY', 'text': BODY, 'example': example}])
    let_go(field)
    calls = len(field.calls()) - before
    result.require(not calls, f'{calls} calls with a template whose variables were known to have changed')
    result.require(not accepted(field, keys), 'a half-filled text was sent')
    require_waiting_with_reason(field, result, keys)


# --- Doing things ----------------------------------------------------------------------------------------------------


def queue(field, count, template):
    """Put messages to people who have none yet into the outbox. :return: their keys."""
    return field.enqueue(count, first=len(field.rows()) + 1, template=template)


def template_of(field, name):
    row, = field.query("SELECT template_id FROM fluxforce_whatsapp_template "
                       "WHERE name = %s AND language IN ('en', 'en_US')", name)
    return row['template_id']


def tell(field, template_id, **changes):
    """Let Meta change a template and wait until that is known."""
    field.simulator.control('PUT', f'/templates/{template_id}', changes)
    absorb(field, PERIOD)


def withdraw_marketing(field, keys):
    with field.env() as env:
        messages = env['fluxforce.whatsapp.message'].search([('key', 'in', keys)])
        env['fluxforce.whatsapp.consent'].create([{
            'partner_id': message.partner_id.id, 'purpose': 'marketing', 'decision': 'withdrawn', 'source': 'form',
            'wording': 'No advertisements.'} for message in messages])


def let_go(field):
    """Let workers try whatever is due now, and wait for what comes of it."""
    field.hurry()
    field.settle(hurry=False)


def accepted(field, keys):
    return [entry['key'] for entry in field.ledger() if entry['key'] in set(keys)]


def require_waiting_with_reason(field, result, keys):
    rows = field.query('SELECT state, reason, error_code, error_message FROM fluxforce_whatsapp_message '
                       'WHERE key = ANY(%s)', keys)
    moved = [row for row in rows if row['state'] not in WAITS]
    silent = [row for row in rows if not (row['reason'] or row['error_code'] or row['error_message'])]
    result.require(not moved, f'{len(moved)} did not wait: {moved[:1]}')
    result.require(not silent, f'{len(silent)} do not say why: {silent[:1]}')


# --- People ----------------------------------------------------------------------------------------------------------


@fault('F22', GROUP)
def person_changed(server, quick, result):
    """people stop marketing while it waits, change their number or their user id, or get somebody else's number"""
    count = 10 if quick else 200
    with listening(server) as field:
        if reads(field, 'user_preferences'):
            stopped(field, result, count)
        else:
            result.skip('people who stop marketing: nothing reads user_preferences yet')
        if 'fluxforce.whatsapp.inbound' in field.registry:
            moved(field, result)
            number_changes_hands(field, result)
        else:
            result.skip('people who change their number or user id: there is no fluxforce.whatsapp.inbound yet')
        result.verdict = field.verdict([row['key'] for row in field.rows()])


def stopped(field, result, count):
    """Whoever stops marketing in WhatsApp gets none that waits; service messages go on."""
    keys = queue(field, count, MARKETING)
    stopping = field.query('SELECT key, phone FROM fluxforce_whatsapp_message WHERE key = ANY(%s)', keys[:count // 2])
    for row in stopping:
        field.simulator.control('POST', f'/people/{row["phone"].lstrip("+")}/preference', {'value': 'stop'})
    absorb(field, PERIOD)
    service = [field.enqueue(1, first=number, template=UTILITY)[0] for number in range(1, 1 + count // 2)]
    let_go(field)
    got = set(accepted(field, [row['key'] for row in stopping]))
    result.require(not got, f'{len(got)} got marketing after they had stopped it')
    result.require(set(accepted(field, keys[count // 2:])) == set(keys[count // 2:]), 'others did not get theirs')
    result.require(set(accepted(field, service)) == set(service), 'service messages stopped as well')


def moved(field, result):
    """Whoever changes number or user id is the same contact afterwards."""
    changes = {911: ('number', {'wa_id': '33539999911'}, '33539999911'), 912: ('user_id', {}, phone(912))}
    for number, (edge, change, where) in changes.items():
        write(field, phone(number), f'Before {number}')
        field.simulator.control('POST', f'/people/{phone(number)}/{edge}', change)
        absorb(field, PERIOD)
        write(field, where, f'After {number}')
        before, after = author_of(field, f'Before {number}'), author_of(field, f'After {number}')
        result.require(before and before == after, f'another contact after a change of {edge}: {before}, {after}')


def number_changes_hands(field, result):
    """Somebody new at a number is another contact than whoever had it before."""
    number = phone(921)
    write(field, number, 'Before 921')
    field.simulator.control('POST', f'/people/{number}/number', {'wa_id': '33539999921'})
    newcomer = {'name': 'Somebody new', 'user_id': 'FR.92192192192192192192', 'on_whatsapp': True}
    field.simulator.control('PUT', f'/people/{number}', newcomer)
    write(field, number, 'After 921')
    before, after = author_of(field, 'Before 921'), author_of(field, 'After 921')
    result.require(before and after and before != after, f'two people are one contact: {before}, {after}')


def write(field, wa_id, text):
    field.simulator.control('POST', f'/people/{wa_id}/message', {'text': text})
    absorb(field, PERIOD)


def author_of(field, text):
    """:return: id of the contact who wrote something, None if nobody did."""
    rows = field.query("SELECT author_id FROM mail_message WHERE message_type = 'whatsapp_message' "
                       'AND position(%s IN body) > 0', text)
    return rows[0]['author_id'] if rows else None
