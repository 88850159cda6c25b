from odoo import api, models

from .mailing_mailing import WHATSAPP

MAILING = 'mailing.mailing'
# What is due for a mailing, the most urgent first.
STATES = ('overdue', 'today', 'planned')


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.model
    def _get_activity_groups(self):
        """To-dos about WhatsApp mailings stand apart, as those about SMS mailings do: among the others they would open
        as e-mails."""
        groups, states = super()._get_activity_groups(), self._whatsapp_mailings_to_do()
        if not states:
            return groups
        ours = self._prepare_whatsapp_group(states)
        return [*filter(None, (self._without_whatsapp(group, ours) for group in groups)), ours]

    def _whatsapp_mailings_to_do(self):
        """:return: by the id of each WhatsApp mailing with a to-do for the user, how urgent it is."""
        mailings = self.env[MAILING].with_context(active_test=False)
        if not mailings.has_access('read'):
            return {}
        to_do = self._newest_activities().filtered(lambda activity: activity.res_model == MAILING).grouped('res_id')
        ours = mailings.search([('id', 'in', list(to_do)), ('mailing_type', '=', WHATSAPP)])
        return {res_id: min(to_do[res_id].mapped('state'), key=STATES.index) for res_id in ours.ids}

    def _newest_activities(self):
        """:return: those that core counts. [mail/models/res_users.py]"""
        # sudo: ir.config_parameter - a setting
        limit = int(self.env['ir.config_parameter'].sudo().get_param('mail.activity.systray.limit', 1000))
        return self.env['mail.activity'].search([('user_id', '=', self.env.uid)], order='id desc', limit=limit)

    def _prepare_whatsapp_group(self, states):
        """:return: a group of to-dos as core's are; the browser knows by ``is_whatsapp`` what it opens."""
        counts = {f'{state}_count': list(states.values()).count(state) for state in STATES}
        model = self.env['ir.model']._get(MAILING)
        return {
            'id': model.id, 'name': self.env._('WhatsApp Mailings'), 'model': MAILING, 'type': 'activity',
            'icon': '/fluxforce_whatsapp_marketing/static/description/icon.png', 'view_type': 'list',
            'domain': [('id', 'in', list(states))], 'is_whatsapp': True,
            'total_count': counts['overdue_count'] + counts['today_count'], **counts}

    def _without_whatsapp(self, group, ours):
        """:return: a group without what stands in ours; None if nothing is left."""
        if group.get('model') != MAILING:
            return group
        if 'res_ids' in group:  # with SMS marketing each kind of mailing has its own
            # sudo: mailing - of which kind it is
            return None if self.env[MAILING].sudo().browse(group['res_ids'])[:1]._is_whatsapp() else group
        names = (*(f'{state}_count' for state in STATES), 'total_count')
        left = {name: max(group[name] - ours[name], 0) for name in names}
        if not any(left.values()):
            return None
        return {**group, **left, 'domain': [*group['domain'], ('mailing_type', '!=', WHATSAPP)]}
