"""Sending is stopped: by Meta for a whole account, or by a person for a campaign."""
import time
from collections import Counter

from .ground import MARKETING, add_people, ground
from .result import fault

REFUSED_ACCOUNT = {
    'token revoked': {'token_revoked': True},
    'account locked': {'account_locked': True},
    'permission removed': {'random_faults': [{'code': 10, 'probability': 1.0}]},
    'payment problem': {'random_faults': [{'code': 131042, 'probability': 1.0}]},
}
REPAIRED = {'token_revoked': False, 'account_locked': False, 'random_faults': []}
# Until the answer of what was in flight has been understood.
UNDERSTOOD_SECONDS = 3
STOP_SECONDS = 2
LATENCY = 0.3
# More than one phone of the world is written to otherwise.
NEW_PHONE = '+33539999999'


@fault('F10')
def account_stopped(server, quick, result):
    """Meta refuses the whole account in the middle of a campaign"""
    count = 300 if quick else 2_000
    with ground(server, latency=LATENCY) as field:
        intents = []
        for name, settings in REFUSED_ACCOUNT.items():
            intents += field.enqueue(count, first=len(intents) + 1)
            stop_and_repair(field, result, name, settings)
        field.settle()
        result.verdict = field.verdict(intents)
        result.require(len(field.ledger()) == len(intents), 'not everybody got theirs after the repair')


def stop_and_repair(field, result, name, settings):
    """Let Meta refuse everything while messages go, look, mend it, and let the rest go."""
    begin, alerts = field.accepted(), count_alerts(field)
    field.workers.start()
    field.wait(lambda: field.accepted() > begin + 50, 30, f'{name}: the beginning of the sending')
    field.set(**settings)
    time.sleep(UNDERSTOOD_SECONDS)
    calls = len(field.calls())
    time.sleep(UNDERSTOOD_SECONDS)
    further = len(field.calls()) - calls
    raised = count_alerts(field) - alerts
    result.require(not further, f'{name}: {further} calls after the account was refused')
    result.require(not field.count('failed'), f'{name}: {field.count("failed")} marked as failed')
    result.require(field.count('queued', 'held'), f'{name}: it did not come in the middle')
    result.require(raised == 1, f'{name}: {raised} alerts instead of one')
    field.set(**REPAIRED)
    field.stage.connect()
    field.wait(lambda: not field.count('queued', 'held'), 120, f'{name}: sending after the repair')


def count_alerts(field):
    """:return: how many alerts there are; the model comes with another part of the outbox."""
    if 'fluxforce.whatsapp.alert' not in field.registry:
        return 0
    row, = field.query('SELECT count(*) FROM fluxforce_whatsapp_alert')
    return row['count']


@fault('F25')
def campaign_stopped(server, quick, result):
    """a campaign is stopped in the middle, a recipient is edited, and it is resumed"""
    count = 1_000 if quick else 100_000
    with ground(server, server_sends=True, latency=LATENCY) as field:
        add_people(server, field.database, 100_000, 99_999 + count)
        if not quick:
            field.free_account(throughput_level='HIGH')
        field.query('UPDATE res_company SET whatsapp_approval_above = 0')  # nobody is here to approve it
        admin = field.stage.login('admin', 'admin')
        campaign = start_campaign(admin)
        field.wait(lambda: field.accepted() > count / 5, 600, 'a fifth of the campaign')
        require_stop(field, result, admin, campaign)
        edit_one(field, admin)
        admin.press('fluxforce.campaign', campaign, 'action_resume')
        field.wait(lambda: admin.count('fluxforce.campaign', [('id', '=', campaign), ('state', '=', 'done')]),
                   3600, 'the end of the campaign')
        field.settle(seconds=3600)
        result.verdict = field.verdict([row['key'] for row in field.rows()])
        require_counts(field, result, admin, campaign, count)


def start_campaign(admin):
    template, = admin.search('fluxforce.whatsapp.template', [('name', '=', MARKETING), ('language', '=', 'en_US')])
    campaign = admin.create('fluxforce.campaign', {
        'name': 'Autumn', 'domain': "[('ref', '=like', 'outbox-1_____'), ('phone', '=like', '+33530%')]",
        'activity_ids': [(0, 0, {'type': 'whatsapp', 'template_id': template})]})
    admin.press('fluxforce.campaign', campaign, 'action_start')
    return campaign


def require_stop(field, result, admin, campaign):
    admin.press('fluxforce.campaign', campaign, 'action_stop')
    stopped = time.time()
    time.sleep(4 * STOP_SECONDS)
    late = [entry['accepted_at'] - stopped for entry in field.ledger()
            if entry['accepted_at'] > stopped + STOP_SECONDS + LATENCY]
    result.facts['accepted_after_stop'] = sum(entry['accepted_at'] > stopped for entry in field.ledger())
    result.require(not late, f'{len(late)} were accepted up to {max(late, default=0):.1f} s after the stop')


def edit_one(field, admin):
    """Somebody who has not been written to gets another number."""
    waiting = admin.read('fluxforce.campaign.participant', [('state', '=', 'waiting')], ['partner_id'], limit=1)
    if waiting:
        admin.call('res.partner', 'write', [waiting[0]['partner_id'][0]], {'phone': NEW_PHONE})


def require_counts(field, result, admin, campaign, count):
    people = Counter(entry['wa_id'] for entry in field.ledger())
    twice = [wa_id for wa_id, times in people.items() if times > 1]
    result.require(not twice, f'{len(twice)} people got it twice')
    names = ['participant_count', 'sent_count', 'failed_count', 'refused_count', 'unknown_count', 'waiting_count',
             'duplicate_count']
    figures, = admin.read('fluxforce.campaign', [('id', '=', campaign)], names)
    result.facts.update({name: figures[name] for name in names})
    result.require(figures['participant_count'] == count, 'people are missing from the campaign')
    result.require(sum(figures[name] for name in names[1:]) == count, 'the counts do not add up')
    result.require(figures['sent_count'] == len(people), 'the campaign counts others than Meta')
