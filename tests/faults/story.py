"""A story that webhooks tell: messages on their way, people who write, templates that change; always the same one.

The messages are put into the outbox of a fresh database as if they had gone out, with keys and ids that any other fresh
database gives them too, so that two runs can be compared.
"""
from dataclasses import dataclass
from functools import cache
from random import Random

from kit import databases
from kit.report import Stop

from tests.simulator.encoding import meta_json
from tests.simulator.world import PHONE_ID, PHONE_NUMBER, TEMPLATE_ID_START, WABA_ID

from .ground import DATABASE, UTILITY, offline_ground
from .snapshot import snapshot

CLEAN = f'{DATABASE}_clean'
NOON = 1_795_430_400
MOST_IN_ONE = 5
TEXTS_EACH = 3
# One in so many does not arrive; one in so many of those turns up all the same.
FAILS, RECOVERS = 10, 3
# Bodies that one run of the journal takes in when nothing goes wrong.
CLEAN_BATCH = 100


@dataclass(frozen=True)
class Story:
    """:ivar int messages: in the outbox, three statuses each. :ivar int people: who write, three texts each."""

    messages: int
    people: int

    def prepare(self, field):
        """Put the messages into the outbox as if Meta had accepted them."""
        field.enqueue(self.messages, template=UTILITY)
        field.query("""
            UPDATE fluxforce_whatsapp_message message
               SET state = 'accepted', key = 'story-' || told.n, wamid = 'wamid.STORY' || told.n
              FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM fluxforce_whatsapp_message) told
             WHERE told.id = message.id
        """)
        field.query('ANALYZE')

    def updates(self):
        """:return: (moment, field, item or value, its list or '') in the order in which they happened."""
        chance = Random(1)
        told = [one for number in range(1, self.messages + 1) for one in statuses(number, chance)]
        told += [text(person, turn) for person in range(1, self.people + 1) for turn in range(TEXTS_EACH)]
        told += list(templates())
        return sorted(told, key=lambda update: update[0])

    def bodies(self, most=MOST_IN_ONE):
        """:return: the same as webhook bodies of up to ``most`` updates."""
        chance, updates, bodies = Random(2), self.updates(), []
        while updates:
            size = chance.randint(1, most)
            bodies.append(envelope(updates[:size]))
            del updates[:size]
        return bodies


def story(quick):
    """:return: a few hundred updates, or more than 10,000."""
    return Story(80, 30) if quick else Story(3_000, 400)


# --- What happens ----------------------------------------------------------------------------------------------------


def statuses(number, chance):
    """Yield what becomes of one message."""
    moment = NOON + chance.randrange(3600)
    key = {'biz_opaque_callback_data': f'story-{number}'} if chance.random() < 0.5 else {}
    for name in course_of(number):
        item = {'id': f'wamid.STORY{number}', 'status': name, 'timestamp': str(moment), 'recipient_id': phone(number),
                **key}
        if name == 'failed':
            item['errors'] = [{'code': 131026, 'title': 'Message undeliverable'}]
        yield moment, 'messages', item, 'statuses'
        moment += chance.randint(1, 60)


def course_of(number):
    if number % FAILS:
        return ('sent', 'delivered', 'read')
    return ('sent', 'failed', 'delivered') if number % (FAILS * RECOVERS) == 0 else ('sent', 'failed')


def phone(number):
    """The number of a person whom :mod:`~tests.faults.ground` put into the database."""
    return f'3353{number:07d}'


def text(person, turn):
    moment = NOON + person % 60 + 600 * turn
    item = {'from': phone(person), 'id': f'wamid.TOLD{person}.{turn}', 'timestamp': str(moment), 'type': 'text',
            'text': {'body': f'Question {person}.{turn}: ¿está listo? 🚲'}}
    return moment, 'messages', item, 'messages'


def templates():
    """Yield a template that is paused and comes back, and one whose quality falls."""
    for minute, event in enumerate(('PAUSED', 'APPROVED', 'PAUSED')):
        value = {'event': event, 'message_template_id': TEMPLATE_ID_START + 17, 'reason': None,
                 'message_template_name': 'order_update', 'message_template_language': 'en'}
        yield NOON + 60 * minute, 'message_template_status_update', value, ''
    for minute, (old, new) in enumerate((('UNKNOWN', 'GREEN'), ('GREEN', 'YELLOW'), ('YELLOW', 'RED'))):
        value = {'previous_quality_score': old, 'new_quality_score': new,
                 'message_template_id': TEMPLATE_ID_START + 4 * 17, 'message_template_name': 'welcome_offer',
                 'message_template_language': 'en-US'}
        yield NOON + 30 + 60 * minute, 'message_template_quality_update', value, ''
    yield NOON, 'brand_new', {'what': 'nobody knows yet'}, ''


# --- As webhooks -----------------------------------------------------------------------------------------------------


def envelope(updates):
    """:return: the body that tells these updates, each in a change of its own."""
    return {'object': 'whatsapp_business_account', 'entry': [entry(*update) for update in updates]}


def entry(moment, field, item, kind):
    if kind:
        value = {'messaging_product': 'whatsapp', kind: [item],
                 'metadata': {'display_phone_number': PHONE_NUMBER, 'phone_number_id': PHONE_ID}}
        return {'id': WABA_ID, 'changes': [{'field': field, 'value': value}]}
    return {'id': WABA_ID, 'time': moment, 'changes': [{'field': field, 'value': item}]}


@cache
def clean(server, told):
    """Let each thing come once and in order, with nothing in its way.

    :param Story told: what happens
    :return: :func:`snapshot` of it
    """
    with offline_ground(server, CLEAN, latency=0) as field:
        told.prepare(field)
        bodies = [meta_json(body) for body in told.bodies()]
        for start in range(0, len(bodies), CLEAN_BATCH):
            take_in(field, bodies[start:start + CLEAN_BATCH])
        seen = snapshot(field)
    databases.drop(server, CLEAN)
    if len(seen['chatter']) != TEXTS_EACH * told.people:
        raise Stop(f'Without any fault {len(seen["chatter"])} of {TEXTS_EACH * told.people} texts are in the chatter.')
    return seen


def take_in(field, bodies):
    with field.env() as env:
        account = env['fluxforce.whatsapp.account'].search([('waba_id', '=', WABA_ID)])
        for body in bodies:
            env['fluxforce.whatsapp.event']._store(account.id, body)
        env.cr.commit()
        env['fluxforce.whatsapp.event']._cron_process()
