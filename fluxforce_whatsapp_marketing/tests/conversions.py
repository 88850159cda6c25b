from datetime import timedelta

from odoo import fields

from .links import LinksCommon


class ConversionsCommon(LinksCommon):
    """People whom a campaign has reached."""

    def setUp(self):
        super().setUp()
        self.give_consent(self.people, 'marketing')
        self.offer = self.reached_by('Spring Offer')

    def reached_by(self, name, partners=None, days_ago=1, clicked=False):
        """:return: a campaign whose messages reached people some days ago."""
        campaign = self.started(partners, template=self.text_template, name=name)
        self.run_campaigns()
        self.run_sender()
        messages = self.messages(campaign)
        messages.write({'state': 'delivered', 'clicked_at': clicked and (
            fields.Datetime.now() - timedelta(days=days_ago, hours=-1))})
        self.env.flush_all()
        self.let_pass(messages, days=days_ago)
        return campaign

    def count(self):
        """Let the scheduled action look through everything that changed since the tests began."""
        with self.no_commit():
            self.env['fluxforce.conversion.source']._cron_count()
        self.env.invalidate_all()

    def conversions(self, campaign=None):
        return self.env['fluxforce.conversion'].search([('campaign_id', '=', (campaign or self.offer).id)], order='id')
