"""Answers that do not come, come broken, or say no."""
import time

from kit import ports

from tests.simulator.world import PHONE_ID, PHONE_ID_2

from .ground import MARKETING, ground
from .judge import GONE_OUT
from .result import fault

# Longer than any call of the sender may last.
LONGEST_CALL = 60
LIMIT = 80
OTHERS_SECONDS = 10
PAUSED_FOR_ALL = 132015
STOPPED_BY_PERSON = 131050
NOT_BEFORE_A_DAY = 131049
DAY = 24 * 3600
PERMANENT = (131026, 131047, 131051, 132000, 132001, 132005, 132007, 132012, 130472, 131021, 100)


@fault('F2')
def cut_after_acceptance(server, quick, result):
    """the connection is closed, reset or silent after Meta has accepted"""
    each = 5 if quick else 100
    faults = ['accept_then_close', 'accept_then_reset', 'accept_then_hang:60']
    with ground(server) as field:
        field.set(send_faults=[{'fault': name.split(':')[0], 'seconds': 60, 'times': each} for name in faults])
        intents = field.enqueue(4 * each)
        field.settle(in_hand=LONGEST_CALL)
        result.verdict = field.verdict(intents)
        require_settled(field, result)


def require_settled(field, result):
    """Whatever was accepted must be known as gone out in the end: its status has the key."""
    result.require(not field.count('failed'), 'an unknown outcome was taken for a failure')
    accepted = {entry['key'] for entry in field.ledger()}
    unsettled = {row['key'] for row in field.rows() if row['state'] not in GONE_OUT} & accepted
    result.require(not unsettled, f'{len(unsettled)} were accepted but not settled by their status')


@fault('F3')
def never_arrived(server, quick, result):
    """the call never reaches Meta"""
    count = 100 if quick else 2_000
    with ground(server) as field:
        field.set(random_faults=[{'fault': 'reset_before_read', 'probability': 0.3}])
        intents = field.enqueue(count)
        field.workers.start()
        time.sleep(1)
        set_address(field, f'http://{ports.HOST}:{ports.free()}')
        time.sleep(3)
        set_address(field, field.simulator.graph_url)
        field.settle(seconds=300)
        result.verdict = field.verdict(intents)
        # A connection that is reset after the request was written looks the same whether Meta has read it or not, so
        # these stay unknown; whatever met a closed port must have gone in the end.
        resets = sum(call.get('aborted') == 'reset_before_read' for call in field.calls())
        result.require(len(field.ledger()) + field.count('unknown') == count, 'not everybody got theirs in the end')
        result.require(field.count('unknown') <= resets, 'more are unknown than were cut')


def set_address(field, url):
    with field.env() as env:
        env['fluxforce.whatsapp.account'].search([]).base_url = url


@fault('F4')
def rubbish(server, quick, result):
    """answers that are cut, empty, no JSON, without or with somebody else's id"""
    each = 4 if quick else 100
    faults = ['truncate', 'empty200', 'html502', 'badjson', 'noid200', 'dupid', 'accept_then_502']
    with ground(server) as field:
        intents = field.enqueue(20)
        field.settle()
        field.set(send_faults=[{'fault': name, 'times': each} for name in faults])
        intents += field.enqueue((len(faults) + 1) * each, first=21)
        field.settle()
        result.verdict = field.verdict(intents)
        shared = field.query('SELECT wamid FROM fluxforce_whatsapp_message WHERE wamid IS NOT NULL '
                             'GROUP BY wamid HAVING count(*) > 1')
        traced = 'Traceback' in (field.log.read_text(errors='replace') if field.log.exists() else '')
        result.require(not shared, f'{len(shared)} ids belong to two messages')
        result.require(not traced, f'a traceback in {field.log.name}')
        require_settled(field, result)


@fault('F5')
def drip(server, quick, result):
    """an answer comes byte by byte; others must not wait for it"""
    slow, others = (4, 100) if quick else (30, 1_000)
    with ground(server) as field:
        field.set(send_faults=[{'fault': 'drip', 'seconds': 120, 'times': slow}])
        intents = field.enqueue(slow)
        field.workers.start()
        field.wait(lambda: field.accepted() == slow, 20, 'the slow ones being accepted')
        began = time.time()
        intents += field.enqueue(others, first=slow + 1, phone_id=PHONE_ID_2)
        field.settle(in_hand=LONGEST_CALL)
        result.facts['slot_free_after'] = round(time.time() - began)
        ledger = field.ledger()
        result.verdict = field.verdict(intents)
    waited = max(entry['accepted_at'] for entry in ledger if entry['phone_number_id'] != PHONE_ID) - began
    result.facts['others_took'] = round(waited, 1)
    result.require(waited <= others / LIMIT + OTHERS_SECONDS, f'another number waited {waited:.0f} s')


@fault('F9')
def permanent_refusals(server, quick, result):
    """refusals that no repetition mends"""
    with ground(server) as field:
        codes = [*PERMANENT, STOPPED_BY_PERSON, NOT_BEFORE_A_DAY]
        field.set(send_faults=[{'code': code} for code in codes])
        intents = field.enqueue(len(codes), template=MARKETING)
        field.settle(hurry=False)
        require_one_refusal_each(field, result, codes)
        intents += require_template_stops(field, result, len(intents))
        result.verdict = field.verdict(intents)


def require_one_refusal_each(field, result, codes):
    rows = field.rows()
    result.require(sorted(row['error_code'] for row in rows) == sorted(codes), 'a reason is not shown')
    tried_again = [row['error_code'] for row in rows if row['attempts'] != 1]
    result.require(not tried_again and len(field.calls()) == len(codes), f'tried again: {tried_again}')
    for row in rows:
        if row['error_code'] == NOT_BEFORE_A_DAY:
            waits = row['due_at'].timestamp() - row['claimed_at'].timestamp()
            result.require(row['state'] == 'held' and waits >= DAY - 60, '131049 does not wait a day')
        else:
            result.require(row['state'] == 'failed', f'{row["error_code"]} is {row["state"]}, not failed')
        if row['error_code'] == STOPPED_BY_PERSON:
            withdrawn = field.query("SELECT 1 FROM fluxforce_whatsapp_consent WHERE decision = 'withdrawn' "
                                    'AND (partner_id = %s OR phone = %s)', row['partner_id'], row['phone'])
            result.require(withdrawn, '131050 is not kept as an opt-out')


def require_template_stops(field, result, have):
    """Once Meta says that a template is paused, nobody else is tried with it. :return: the keys."""
    before = len(field.calls())
    field.set(send_faults=[{'code': PAUSED_FOR_ALL, 'times': 100}])
    keys = field.enqueue(1, first=have + 1)
    field.settle(hurry=False)
    keys += field.enqueue(20, first=have + 2)
    field.settle(hurry=False)
    calls = len(field.calls()) - before
    result.require(calls == 1, f'{calls} calls with a template that Meta has paused')
    return keys
