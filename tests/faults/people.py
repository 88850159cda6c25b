"""How many people may be reached in a day."""
from .ground import ground
from .result import fault

SMALLEST = 250
TIER = f'TIER_{SMALLEST}'


@fault('F27')
def limit_reached(server, quick, result):
    """more people than the portfolio may reach; replies go all the same"""
    extra, writers = (50, 5) if quick else (1_000, 50)
    with ground(server) as field:
        set_tier(field, TIER)
        intents = field.enqueue(SMALLEST + extra)
        field.settle(hurry=False)
        reached = len({entry['wa_id'] for entry in field.ledger()})
        result.facts.update(reached=reached, held=field.count('held'))
        result.require(reached <= SMALLEST, f'{reached} people were reached, {SMALLEST} are allowed')
        result.require(not field.count('failed'), 'what is over the limit failed instead of waiting')
        intents += require_replies(field, result, len(intents), writers)
        lift_limit(field)
        field.settle()
        result.verdict = field.verdict(intents)
        result.require(len(field.ledger()) == len(intents), 'not everybody got theirs when there was room again')


def set_tier(field, tier):
    """Let Meta report a limit and Odoo hear of it."""
    for phone_id in ('560000000000001', '560000000000002'):
        field.simulator.control('PUT', f'/numbers/{phone_id}', {'whatsapp_business_manager_messaging_limit': tier})
    field.stage.connect()


def require_replies(field, result, have, writers):
    """People who wrote a moment ago get an answer although the limit is used up. :return: the keys."""
    before = len(field.ledger())
    for n in range(have + 1, have + writers + 1):
        field.simulator.control('POST', f'/people/3353{n:07d}/message', {'text': 'Where is my parcel?'})
    field.wait(lambda: windows(field) == writers, 30, 'what people wrote being read')
    keys = field.enqueue(writers, first=have + 1)
    field.settle(hurry=False)
    answered = len(field.ledger()) - before
    result.require(answered == writers, f'{answered} of {writers} replies went while the limit was reached')
    return keys


def windows(field):
    """:return: how many people may be answered with anything."""
    row, = field.query("SELECT count(*) FROM fluxforce_whatsapp_pair WHERE window_until > now() AT TIME ZONE 'UTC'")
    return row['count']


def lift_limit(field):
    set_tier(field, 'TIER_UNLIMITED')
    field.free_account()
