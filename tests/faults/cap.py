"""Campaigns that serve the same people at the same time: nobody gets more than the limit per person says."""
import os
import sys
import time

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

from .ground import UTILITY, offline_ground
from .result import fault
from .worker import fork

DATABASE = 'fluxforce_faults_cap'
CAMPAIGNS, CAP = 3, 1
# People in a batch: with few of them the workers meet often.
BATCH = 20
SETTLE_SECONDS = 120
RUNNER = 'odoo.addons.fluxforce_whatsapp_marketing.models.fluxforce_campaign_runner'
MOST = """
    SELECT phone, count(*) AS count FROM fluxforce_whatsapp_message
     WHERE campaign_id IS NOT NULL AND state NOT IN ('cancelled', 'refused') GROUP BY phone
"""


@fault('cap')
def cap(server, quick, result):
    """several campaigns write to the same people at once, each by a worker of its own: the limit per person is exact"""
    count = 200 if quick else 2_000
    with offline_ground(server, DATABASE, latency=0) as field:
        ids = prepare(field, count)
        begin = time.time() + 2
        sql_db.close_all()
        pids = [fork(lambda campaign=campaign: serve(field.database, campaign, begin)) for campaign in ids]
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        judge(field, result, count, codes)


def prepare(field, count):
    """:return: ids of running campaigns to the same people, who have all come in."""
    field.query('UPDATE ir_cron SET active = false')
    with field.env() as env:
        env['fluxforce.whatsapp.account'].search([]).write({'marketing_most': 0, 'duplicate_hours': 0})
        template = env['fluxforce.whatsapp.template'].search(
            [('name', '=', UTILITY), ('language', 'in', ('en', 'en_US'))], limit=1)
        numbers = [f'outbox-{number}' for number in range(1, count + 1)]
        campaigns = env['fluxforce.campaign'].create([{
            'name': f'Campaign {index}', 'user_id': env.ref('base.user_admin').id, 'on_talk': 'ignore', 'cap': CAP,
            'domain': repr([('ref', 'in', numbers)]), 'activity_ids': [(0, 0, {'template_id': template.id})],
        } for index in range(CAMPAIGNS)])
        campaigns.write({'state': 'running'})
        for campaign in campaigns:
            while env['fluxforce.campaign.entry']._enrol(campaign):
                pass
        return campaigns.ids


def serve(database, campaign_id, begin):
    """Serve one campaign until nothing is due in it."""
    registry = Registry(database)
    time.sleep(max(begin - time.time(), 0))
    end = time.monotonic() + SETTLE_SECONDS
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        runner = env['fluxforce.campaign.runner']
        sys.modules[RUNNER].BATCH = BATCH
        campaign = env['fluxforce.campaign'].browse(campaign_id)
        while is_due(cr, campaign_id) and time.monotonic() < end:
            runner._run_batch(campaign)
            cr.commit()


def is_due(cr, campaign_id):
    cr.execute("SELECT 1 FROM fluxforce_campaign_trace WHERE campaign_id = %s AND state = 'waiting' "
               "AND due_at <= now() AT TIME ZONE 'utc' LIMIT 1", [campaign_id])
    found = bool(cr.rowcount)
    cr.commit()
    return found


def judge(field, result, count, codes):
    got = {row['phone']: row['count'] for row in field.query(MOST)}
    waiting, = field.query("SELECT count(*) FROM fluxforce_campaign_trace WHERE state = 'waiting'")
    served, = field.query("SELECT count(DISTINCT campaign_id) FROM fluxforce_whatsapp_message")
    result.facts.update(people=count, campaigns=CAMPAIGNS, served=served['count'], waiting=waiting['count'],
                        most=max(got.values(), default=0))
    result.require(not any(codes), f'a worker ended with {codes}')
    result.require(max(got.values(), default=0) <= CAP, f'{sum(n > CAP for n in got.values())} got more than {CAP}')
    result.require(len(got) == count, f'{count - len(got)} got nothing')
    result.require(waiting['count'] == count * (CAMPAIGNS - 1), 'who got enough does not wait with the others')
