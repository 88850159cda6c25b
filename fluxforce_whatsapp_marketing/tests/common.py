import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import new_test_user

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_variable_mapping import FluxforceWhatsappVariableMapping
from odoo.addons.fluxforce_whatsapp.tests.common import WhatsappCommon, inbound_payload, status_payload

MODELS = 'odoo.addons.fluxforce_whatsapp_marketing.models'
# What works in batches.
BATCHED = ('campaign', 'campaign_entry', 'campaign_runner', 'campaign_watch')


class MarketingCommon(WhatsappCommon):
    """A marketer, and campaigns to the people of the account's tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketer = new_test_user(
            cls.env, 'mara.marketer', 'fluxforce_whatsapp_marketing.group_whatsapp_marketer,base.group_partner_manager',
            name='Mara Marketer', email='mara@example.com')
        cls.people = cls.ana | cls.ben | cls.chloe

    def campaign(self, partners=None, template=None, user=None, log=False, **values):
        """:return: a draft by the marketer to some contacts."""
        partners = self.people if partners is None else partners
        return self.env['fluxforce.campaign'].with_user(user or self.marketer).create({
            'name': 'Spring Offer',
            'number_id': self.number.id,
            'domain': repr([('id', 'in', partners.ids)]),
            'activity_ids': [(0, 0, {'template_id': (template or self.plain_template).id, 'log_in_chatter': log})],
            **values,
        })

    def started(self, partners=None, **values):
        """:return: a campaign that was started and has not run yet."""
        campaign = self.campaign(partners, **values)
        campaign.action_start()
        return campaign

    def agreed(self, partners=None, **values):
        """:return: a started campaign to people who all agreed to it."""
        partners = self.people if partners is None else partners
        self.give_consent(partners)
        return self.started(partners, **values)

    def run_campaigns(self):
        """Let the cron work until there is nothing left to do; nothing is committed."""
        with self.no_commit():
            self.env['fluxforce.campaign']._cron_run()
        self.env.flush_all()
        self.env.invalidate_all()

    @contextmanager
    def in_batches_of(self, size):
        with ExitStack() as stack:
            for name in BATCHED:
                stack.enter_context(patch(f'{MODELS}.fluxforce_{name}.BATCH', size))
            yield

    def failing_for(self, *partners):
        """Reading a value fails for some contacts."""
        original = FluxforceWhatsappVariableMapping._find_value

        def find_value(variable, record, reading):
            if record.id in [partner.id for partner in partners]:
                raise ValueError('no such value')
            return original(variable, record, reading)

        return patch.object(FluxforceWhatsappVariableMapping, '_find_value', find_value)

    def participants(self, campaign):
        return self.env['fluxforce.campaign.participant'].search([('campaign_id', '=', campaign.id)], order='id')

    def messages(self, campaign):
        return self.env['fluxforce.whatsapp.message'].search([('campaign_id', '=', campaign.id)], order='id')


class JourneyCommon(MarketingCommon):
    """Campaigns of several steps, and people who do something with their messages."""

    def journey(self, *steps, partners=None, **values):
        """Draw a campaign.

        :param steps: dicts with ``name``, maybe ``after`` (the name of another one) and fields of the step; a message
            is the usual template.
        :return: a draft to people who all agreed to it.
        """
        partners = self.people if partners is None else partners
        self.give_consent(partners)
        campaign = self.campaign(partners, activity_ids=False, **values)
        made = {}
        for step in steps:
            step = {'type': 'whatsapp', **step}
            if step['type'] == 'whatsapp':
                step.setdefault('template_id', self.plain_template.id)
            parent = made.get(step.pop('after', None))
            made[step['name']] = campaign.activity_ids.create({
                'campaign_id': campaign.id, 'parent_id': parent and parent.id, 'sequence': len(made), **step})
        return campaign

    def begun(self, *steps, **values):
        """:return: the same, started and run once; its first messages are sent."""
        campaign = self.journey(*steps, **values)
        campaign.action_start()
        self.go_on()
        return campaign

    def go_on(self):
        """Let campaigns and sender work until nothing is left to do now."""
        for __ in range(2):
            self.run_campaigns()
            self.run_sender()
        self.run_campaigns()

    def let_days_pass(self, campaign, **span):
        """Move everything a campaign knows into the past, and let what is due be done.

        :param span: as for ``timedelta``
        """
        self.let_pass(self.messages(campaign), **span)
        gone = {'gone': timedelta(**span), 'campaign': campaign.id}
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace SET due_at = due_at - %(gone)s, done_at = done_at - %(gone)s,
                   replied_at = replied_at - %(gone)s WHERE campaign_id = %(campaign)s
        """, gone)
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_participant SET entered_at = entered_at - %(gone)s
             WHERE campaign_id = %(campaign)s
        """, gone)
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_message SET accepted_at = accepted_at - %(gone)s, sent_at = sent_at - %(gone)s,
                   delivered_at = delivered_at - %(gone)s, read_at = read_at - %(gone)s,
                   failed_at = failed_at - %(gone)s WHERE campaign_id = %(campaign)s
        """, gone)
        self.env.invalidate_all()
        self.go_on()

    def message_to(self, campaign, partner, step=None):
        """:return: the latest message of a campaign to somebody, or the one of a step."""
        found = self.messages(campaign).filtered(lambda message: message.partner_id == partner and (
            not step or message.campaign_activity_id.name == step))
        return found[-1:]

    def becomes(self, campaign, partner, status, **options):
        """Let Meta report what became of somebody's latest message."""
        message = self.message_to(campaign, partner)
        self.receive(status_payload(message.wamid, status, message.key, timestamp=int(time.time()), **options))

    def replies(self, partner, text='Tell me more', wamid='wamid.REPLY', **options):
        """Let somebody write to us."""
        self.receive(inbound_payload(text, sender=partner.phone_sanitized.lstrip('+'), name=partner.name,
                                     wamid=f'{wamid}{partner.id}', timestamp=int(time.time()), **options))

    def state_of(self, campaign, partner, step):
        """:return: state of somebody's trace of a step, and the reason if there is one."""
        trace = self.trace_of(campaign, partner, step)
        return (trace.state, trace.reason) if trace.reason else trace.state

    def trace_of(self, campaign, partner, step):
        return self.env['fluxforce.campaign.trace'].search([
            ('campaign_id', '=', campaign.id), ('participant_id.res_id', '=', partner.id),
            ('participant_id.is_current', '=', True), ('activity_id.name', '=', step)])

    def standing(self, campaign, partner):
        """:return: where somebody stands in a campaign."""
        return self.participants(campaign).filtered(
            lambda participant: participant.res_id == partner.id and participant.is_current).state
