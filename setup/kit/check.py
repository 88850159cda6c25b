"""``setup/demo --check``: a salesperson writes to all demo contacts, a marketer runs a campaign for them.

What Odoo counts must be what the simulator has in its log.
"""
import json
import time

from . import postgres, scene
from .report import Stop, say, step
from .stage import Stage, rebuilt

DATABASE = 'fluxforce_check'
SETTLE_SECONDS = 120
TEMPLATE = 'order_update'
CAMPAIGN_TEMPLATE = 'welcome_offer'
DEMO_CONTACTS = [('category_id.name', '=', 'WhatsApp demo')]
DELIVERED = ('delivered', 'read', 'played')


def main(arguments):
    server = postgres.server(arguments)
    with Stage(server, rebuilt(server, DATABASE)) as stage:
        admin = scene.prepare(stage)
        sales = stage.login(scene.SALESPERSON.login, scene.SALESPERSON.password)
        with step('Messages to the demo contacts and back'):
            send_to_all(sales)
            stage.settle(admin, SETTLE_SECONDS)
        marketer = stage.login(scene.MARKETER.login, scene.MARKETER.password)
        with step('A campaign for the demo contacts'):
            run_campaign(marketer)
            stage.settle(admin, SETTLE_SECONDS)
        counts = count(admin, sales)
        counts['duplicates'] = compare(stage, counts)
    print(json.dumps(counts))
    return 0


def send_to_all(sales):
    """As the salesperson would: select the contacts, Send WhatsApp, choose a template, Send."""
    contacts = sales.search('res.partner', DEMO_CONTACTS)
    template, = sales.search('fluxforce.whatsapp.template', [('name', '=', TEMPLATE), ('language', '=', 'en')])
    composer = sales.create('fluxforce.whatsapp.composer', {
        'res_model': 'res.partner', 'res_ids': repr(contacts), 'template_id': template})
    sales.press('fluxforce.whatsapp.composer', composer, 'action_send')


def run_campaign(marketer):
    """As the marketer would: choose the audience and the template, Start; wait until everybody was served."""
    template, = marketer.search('fluxforce.whatsapp.template', [
        ('name', '=', CAMPAIGN_TEMPLATE), ('language', '=', 'en_US')])
    campaign = marketer.create('fluxforce.campaign', {
        'name': 'Welcome', 'domain': repr(DEMO_CONTACTS),
        'activity_ids': [(0, 0, {'type': 'whatsapp', 'template_id': template})]})
    marketer.press('fluxforce.campaign', campaign, 'action_start')
    wait_for_end(marketer, campaign)


def wait_for_end(marketer, campaign):
    """:raise Stop: if the campaign does not end by itself."""
    end = time.monotonic() + SETTLE_SECONDS
    while marketer.count('fluxforce.campaign', [('id', '=', campaign), ('state', '=', 'running')]):
        if time.monotonic() > end:
            raise Stop('The campaign does not come to an end.')
        time.sleep(0.2)


def count(admin, sales):
    """What Odoo's users can see."""
    def messages(*domain):
        return sales.count('fluxforce.whatsapp.message', list(domain))

    return {
        'queued': messages(),
        'accepted': messages(('accepted_at', '!=', False)),
        'delivered': messages(('state', 'in', DELIVERED)),
        'read': messages(('state', 'in', ('read', 'played'))),
        'failed': messages(('state', '=', 'failed')),
        'refused': messages(('state', '=', 'refused')),
        'inbound': admin.count('mail.message', [('message_type', '=', 'whatsapp_message'),
                                                ('author_id.category_id.name', '=', 'WhatsApp demo')]),
        'chatter': sales.count('mail.message', [('message_type', '=', 'whatsapp_message'),
                                                ('model', '=', 'res.partner')]),
    }


def compare(stage, counts):
    """:return: keys accepted twice by the simulator's log. :raise Stop: if Odoo and the log disagree."""
    log = stage.simulator.control('GET', '/log/summary')
    say(f'Simulator: {json.dumps(log)}')
    for name in ('accepted', 'delivered', 'read', 'failed', 'inbound'):
        if counts[name] != log[name]:
            raise Stop(f'Odoo counts {counts[name]} {name}, the simulator {log[name]}: {json.dumps(counts)}',
                       f'The log is {stage.odoo.log}')
    for name in ('failed', 'refused', 'inbound'):
        if not counts[name]:
            raise Stop(f'The demo has a contact for "{name}", but none was counted: {json.dumps(counts)}')
    return log['duplicates']
