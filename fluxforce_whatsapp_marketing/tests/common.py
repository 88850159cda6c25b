from odoo.tests import new_test_user

from odoo.addons.fluxforce_whatsapp.tests.common import WhatsappCommon


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

    def participants(self, campaign):
        return self.env['fluxforce.campaign.participant'].search([('campaign_id', '=', campaign.id)], order='id')

    def messages(self, campaign):
        return self.env['fluxforce.whatsapp.message'].search([('campaign_id', '=', campaign.id)], order='id')
