"""Nobody takes webhooks in for a while; Meta repeats them, and then they all come."""
import contextlib
import time

from odoo.tools import split_every

from .ground import UTILITY
from .inflow import absorb, deliver, deliveries, listening, require_all_taken
from .kills import REST_SECONDS, longest_rest
from .processes import cut_connections, supervise
from .result import fault
from .snapshot import snapshot
from .story import clean, story
from .webhook_judge import judge_webhooks

GROUP = 'webhooks'
RESTARTS = 5
# In which of them webhooks are caught before they are stored; in the others, about when it is committed.
CUT_HALFWAY = (0, 1, 4)
LONG, SHORT = 900, 240
WRITERS = 20
# What makes every webhook fail without touching anything else.
CLOSE = """
    CREATE FUNCTION refuse_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'no webhooks at the moment'; END $$;
    CREATE TRIGGER refuse_webhook BEFORE INSERT ON fluxforce_whatsapp_event EXECUTE FUNCTION refuse_webhook();
"""
OPEN = 'DROP TRIGGER refuse_webhook ON fluxforce_whatsapp_event'


@fault('outage', GROUP)
def database_restarts(server, quick, result):
    """PostgreSQL restarts or cuts every connection five times while webhooks arrive"""
    told = story(quick)
    with listening(server, told) as field:
        bodies = told.bodies()
        size = -(-len(bodies) // RESTARTS)
        for turn, part in enumerate(split_every(size, bodies, list)):
            catch_while_storing(field, part, turn)
            # Spread over the time in which they come, however fast this machine is.
            wait_for_share(field, size, turn + 0.5)
        absorb(field, SHORT if quick else LONG)
        require_all_taken(field, result)
        result.require(result.facts['repeated'] >= len(CUT_HALFWAY), 'an outage met no webhook')
        seen = snapshot(field)
    result.verdict = judge_webhooks(seen, clean(server, told))


def catch_while_storing(field, bodies, turn):
    """Hand webhooks over and cut the connections while some are halfway in, or just after that."""
    with journal_held(field) as release:
        deliver(field, bodies)
        field.wait(lambda: anyone_storing(field), SHORT, 'a webhook being stored')
        if turn not in CUT_HALFWAY:
            release()
        cut_connections(field.server, turn)


@contextlib.contextmanager
def journal_held(field):
    """Webhooks reach Odoo and wait halfway in, so that what happens next happens to them.

    :return: a function that lets them go on
    """
    with field.server.cursor(field.database) as cursor:
        cursor.execute(f"BEGIN; SET LOCAL lock_timeout = '{SHORT}s'")
        cursor.execute('LOCK TABLE fluxforce_whatsapp_event IN SHARE MODE')
        yield lambda: cursor.execute('COMMIT')


def anyone_storing(field):
    supervise(field.stage)
    return field.query("""
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
           AND query LIKE '%%INTO fluxforce_whatsapp_event %%'
    """)


def wait_for_share(field, size, share):
    """:param float share: in hand-overs of ``size`` webhooks."""
    def enough():
        supervise(field.stage)
        return sum(one['state'] == 'delivered' for one in deliveries(field)) >= share * size

    field.wait(enough, LONG, f'{share:.1f} of {RESTARTS} parts of the webhooks')


@fault('F20', GROUP)
def gap_and_flood(server, quick, result):
    """webhooks are answered with 500 for a while and then all come at once, while messages go out"""
    seconds, questions = (8, 3) if quick else (120, 30)
    # A first look, then steadily; Meta itself goes on for days.
    settings = {'retry_schedule': [0.5, 1, 2, *[3] * 200], 'sent_after': 0.1, 'delivered_after': 0.1, 'read_after': 0.1}
    with listening(server, settings=settings) as field:
        intents = field.enqueue(80 * (seconds + 20), template=UTILITY)
        field.workers.start()
        field.wait(lambda: field.accepted() > 80, 30, 'the beginning of the sending')
        field.query(CLOSE)
        write_questions(field, questions, seconds / questions)
        result.require(not told_by(field), 'webhooks came in although they were refused')
        field.query(OPEN)
        field.settle(seconds=SHORT if quick else LONG)
        absorb(field, SHORT if quick else LONG)
        require_all_taken(field, result)
        result.verdict = field.verdict(intents)
        require_nothing_missing(field, result, questions, len(intents))


def write_questions(field, questions, pause):
    """Some people ask one question after the other."""
    for turn in range(questions):
        for person in range(1, WRITERS + 1):
            question = {'text': f'Question {person}.{turn:02d}'}
            field.simulator.control('POST', f'/people/3353{person:07d}/message', question)
        time.sleep(pause)


def told_by(field):
    """:return: [(person, question)] as the chatters show it, in the order of their dates."""
    rows = field.query("""
        SELECT author_id, substring(body FROM 'Question [0-9.]+') AS question FROM mail_message
         WHERE message_type = 'whatsapp_message' AND body ~ 'Question [0-9]' ORDER BY author_id, date, id
    """)
    return [(row['author_id'], row['question']) for row in rows]


def require_nothing_missing(field, result, questions, sent):
    told, states = told_by(field), field.states()
    refused = sum(attempt['http'] == 500 for one in deliveries(field) for attempt in one['attempts'])
    result.require(refused, 'no webhook was answered with 500')
    result.facts.update(refused=refused, longest_rest=longest_rest(field.ledger()), questions=len(told),
                        out_of_order=disordered(told))
    result.require(len(told) == len(set(told)) == WRITERS * questions,
                   f'{len(told)} questions, {len(set(told))} different ones, {WRITERS * questions} were asked')
    result.require(not result.facts['out_of_order'], 'a conversation does not read in the order it was written')
    result.require(states == {'read': sent}, f'not read although everybody reads: {states}')
    result.require(result.facts['longest_rest'] <= REST_SECONDS, 'sending rested while webhooks came')


def disordered(told):
    """:return: how many questions stand below a later one of the same person."""
    return sum(before[0] == after[0] and before[1] > after[1] for before, after in zip(told, told[1:], strict=False))
