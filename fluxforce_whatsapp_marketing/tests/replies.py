import time

from odoo.addons.fluxforce_whatsapp.tests.common import inbound_payload

from .common import MarketingCommon


class RepliesCommon(MarketingCommon):
    """People who got a campaign and reply to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana.user_id = cls.salesperson

    def setUp(self):
        super().setUp()
        self.give_consent(self.people, 'marketing')
        self.offer = self.started(template=self.marketing_template)
        self.run_campaigns()
        self.run_sender()

    def rule(self, **values):
        return self.env['fluxforce.reply.rule'].with_user(self.marketer).create({
            'name': 'Interested', 'action': 'todo', **values})

    def reply(self, text='Yes, tell me more', sender='447400123001', wamid='wamid.R1', **values):
        """Somebody writes, a moment after they got the campaign. :return: what was received"""
        self.receive(inbound_payload(text, sender=sender, wamid=wamid, timestamp=int(time.time()) + 1, **values))
        return self.inbound(wamid)

    def follow_up(self):
        with self.no_commit():
            self.env['fluxforce.reply']._cron_follow()
        self.env.invalidate_all()

    def todos(self, record):
        return self.env['mail.activity'].search([('res_model', '=', record._name), ('res_id', '=', record.id)])
