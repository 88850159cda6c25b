import time
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.fluxforce_whatsapp.tests.common import inbound_payload, status_payload

from .common import MarketingCommon


class MailingCommon(MarketingCommon):
    """WhatsApp mailings to the people of the account's tests."""

    def mailing(self, partners=None, template=None, user=None, **values):
        """:return: a draft by the marketer to some contacts; nobody gets it first."""
        partners = self.people if partners is None else partners
        return self.env['mailing.mailing'].with_user(user or self.marketer).create({
            'subject': 'Spring offer',
            'mailing_type': 'whatsapp',
            'user_id': (user or self.marketer).id,
            'mailing_model_id': self.env['ir.model']._get_id('res.partner'),
            'mailing_domain': repr([('id', 'in', partners.ids)]),
            'whatsapp_number_id': self.number.id,
            'whatsapp_template_id': (template or self.plain_template).id,
            'whatsapp_canary': False,
            **values,
        })

    def canary(self, count=6, size=2, **values):
        """:return: a mailing to a crowd that begins with a few."""
        return self.launched(self.crowd(count), whatsapp_canary=True, whatsapp_canary_size=size, **values)

    def launched(self, partners=None, **values):
        """:return: a mailing that was launched and has not been served yet."""
        mailing = self.mailing(partners, **values)
        mailing.action_put_in_queue()
        return mailing

    def agreed(self, partners=None, **values):
        """:return: a launched mailing to people who all agreed to it."""
        self.give_consent(self.people if partners is None else partners,
                          (values.get('template') or self.plain_template)._purpose())
        return self.launched(partners, **values)

    def run_mailings(self):
        """Let the scheduled action work until there is nothing left to do; nothing is committed."""
        with self.no_commit():
            self.env['mailing.mailing']._cron_send_whatsapp()
        self.env.flush_all()
        self.env.invalidate_all()

    def sent(self, partners=None, **values):
        """:return: a mailing whose messages Meta has."""
        mailing = self.agreed(partners, **values)
        self.run_mailings()
        self.run_sender()
        return mailing

    def traces(self, mailing):
        return self.env['mailing.trace'].search([('mass_mailing_id', '=', mailing.id)], order='id')

    def messages(self, mailing):
        return self.env['fluxforce.whatsapp.message'].search([('mailing_id', '=', mailing.id)], order='id')

    def crowd(self, count, purpose='utility', **values):
        """:return: so many people who agreed."""
        people = self.env['res.partner'].create([
            {'name': f'Person {index}', 'phone': f'+44 7400 14{index:04}', **values} for index in range(count)])
        self.give_consent(people, purpose)
        return people

    def report(self, messages, status='delivered', **more):
        """Let Meta report what became of messages."""
        now = int(time.time())
        self.receive(*(status_payload(message.wamid, status, timestamp=now, recipient=message.wa_id, **more)
                       for message in messages))

    def answer(self, message, text='Tell me more'):
        """Let the person of a message write back."""
        self.receive(inbound_payload(text, sender=message.wa_id, name='A person', wamid=f'wamid.ANSWER{message.id}',
                                     timestamp=int(time.time()) + 60))

    def look_later(self, mailing, hours=5):
        """Let the time pass for which the first people are waited for."""
        mailing.sudo().whatsapp_gone_at = fields.Datetime.now() - timedelta(hours=hours)
        self.run_mailings()


class WithManager:
    """Somebody who may approve what the marketer sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, 'mona.manager', 'fluxforce_whatsapp.group_whatsapp_approver', name='Mona Manager',
            email='mona@example.com')


class ManagerCommon(WithManager, MailingCommon):
    """The same with mailings."""
