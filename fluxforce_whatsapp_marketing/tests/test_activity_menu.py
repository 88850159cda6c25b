from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .mailing import MailingCommon

TODO = 'mail.mail_activity_data_todo'


@tagged('post_install', '-at_install')
class TestActivityMenu(MailingCommon, TransactionCase):
    """To-dos about WhatsApp mailings, in the menu in which Odoo shows everybody's to-dos."""

    def todo(self, mailing, days=0):
        return mailing.activity_schedule(
            TODO, user_id=self.marketer.id, date_deadline=fields.Date.context_today(mailing) + timedelta(days=days))

    def groups(self):
        """:return: by name, the groups about mailings"""
        groups = self.env['res.users'].with_user(self.marketer)._get_activity_groups()
        return {group['name']: group for group in groups if group.get('model') == 'mailing.mailing'}

    def e_mail(self):
        return self.env['mailing.mailing'].with_user(self.marketer).create({
            'subject': 'Newsletter', 'mailing_type': 'mail', 'user_id': self.marketer.id,
            'mailing_model_id': self.env['ir.model']._get_id('mailing.list')})

    def test_they_are_a_group_of_their_own(self):
        mailing = self.mailing()
        self.todo(mailing)

        groups = self.groups()

        self.assertEqual(list(groups), ['WhatsApp Mailings'])
        self.assertEqual(self.env['mailing.mailing'].search(groups['WhatsApp Mailings']['domain']), mailing)

    def test_they_are_counted_by_how_urgent_they_are(self):
        for days in (-1, 0, 0, 3):
            self.todo(self.mailing(), days)
        late = self.mailing()
        self.todo(late, -2)
        self.todo(late, 5)

        group = self.groups()['WhatsApp Mailings']

        self.assertEqual([group[f'{state}_count'] for state in ('overdue', 'today', 'planned', 'total')], [2, 2, 1, 4])

    def test_those_about_e_mails_stay_where_they_are(self):
        self.todo(self.mailing())
        self.todo(self.e_mail())

        groups = self.groups()

        self.assertEqual({name: group['today_count'] for name, group in groups.items()},
                         {'Email Marketing': 1, 'WhatsApp Mailings': 1})

    def test_without_one_the_menu_is_as_it_was(self):
        self.todo(self.e_mail())

        self.assertEqual(list(self.groups()), ['Email Marketing'])

    def test_a_to_do_opens_the_mailing_as_what_it_is(self):
        form = self.env.ref('fluxforce_whatsapp_marketing.mailing_mailing_view_form_whatsapp')

        for mailing, is_ours in ((self.mailing(), True), (self.e_mail(), False)):
            (view, __), = self.todo(mailing).action_open_document()['views']
            self.assertEqual(view == form.id, is_ours)

    def test_where_each_kind_of_mailing_has_its_group_the_one_core_makes_of_ours_is_left_out(self):
        mailing, users = self.mailing(), self.env['res.users']
        ours = users._prepare_whatsapp_group({mailing.id: 'today'})
        groups = [{'model': 'mailing.mailing', 'res_ids': set(about.ids)} for about in (mailing, self.e_mail())]

        self.assertEqual([users._without_whatsapp(group, ours) for group in groups], [None, groups[1]])
