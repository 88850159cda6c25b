from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class FluxforceWhatsappTemplate(models.Model):
    """Where a template is used, and who may send it."""

    _inherit = 'fluxforce.whatsapp.template'

    allowed_user_ids = fields.Many2many(
        'res.users', 'fluxforce_whatsapp_template_user_rel', 'template_id', 'user_id', 'Users Who May Send It',
        domain=[('share', '=', False)],
        help='Empty, as well as the groups: everybody who may send on WhatsApp. Each language of a template has a list '
             'of its own.')
    allowed_group_ids = fields.Many2many(
        'res.groups', 'fluxforce_whatsapp_template_group_rel', 'template_id', 'group_id', 'Groups Who May Send It',
        help='Empty, as well as the users: everybody who may send on WhatsApp. Each language of a template has a list '
             'of its own.')
    is_restricted = fields.Boolean('Only Some May Send It', compute='_compute_is_restricted', store=True)
    may_send = fields.Boolean('I May Send It', compute='_compute_may_send', search='_search_may_send')
    sent_count = fields.Integer('Messages Sent', compute='_compute_sent_count')
    automation_count = fields.Integer('Automations', compute='_compute_automation_count')

    # ------------------------------------------------------------
    # WHO MAY
    # ------------------------------------------------------------

    @api.depends('allowed_user_ids', 'allowed_group_ids')
    def _compute_is_restricted(self):
        # Whoever is archived or gone leaves it closed: what a few might send is not open to all by that.
        for template in self.with_context(active_test=False):
            template.is_restricted = bool(template.allowed_user_ids or template.allowed_group_ids)

    @api.depends('is_restricted', 'allowed_user_ids', 'allowed_group_ids')
    @api.depends_context('uid')
    def _compute_may_send(self):
        for template in self:
            # What runs by itself sends what it was given.
            template.may_send = self.env.su or not template.is_restricted or template._is_allowed(self.env.user)

    def _is_allowed(self, user):
        """:return: whether a user is named, or in a group that is."""
        template_sudo = self.sudo()  # sudo: template - asked for everybody, also who may not read users and groups
        return user in template_sudo.allowed_user_ids or bool(template_sudo.allowed_group_ids & user.all_group_ids)

    def _search_may_send(self, operator, value):
        if operator != 'in':
            return NotImplemented
        user = self.env.user
        free = Domain.TRUE if self.env.su else Domain('is_restricted', '=', False)
        mine = Domain('allowed_user_ids', 'in', user.ids) | Domain('allowed_group_ids', 'in', user.all_group_ids.ids)
        return free | mine if True in value else ~(free | mine)

    def _check_may_send(self):
        """Refuse who may not send one of these templates; what runs by itself may.

        :raise AccessError: naming the template and who may send it
        """
        for template in self.filtered(lambda template: not template.may_send):
            raise AccessError(template._barred_words())

    def _barred_words(self):
        """:return: why the user may not send it, and what to do."""
        return self.env._(
            'The template "%(template)s" may be sent only by: %(who)s. Ask one of them to send it, choose another '
            'template, or have an administrator add you under "Users Who May Send It".',
            template=self.display_name, who=self._allowed_names())

    def _allowed_names(self):
        """:return: who may send it, as read by who may not. :rtype: str"""
        template_sudo = self.sudo()  # sudo: res.users, res.groups - only their names, to know whom to ask
        names = template_sudo.allowed_user_ids.mapped('name') + template_sudo.allowed_group_ids.mapped('full_name')
        return ', '.join(names) or self.env._('nobody at present')

    # ------------------------------------------------------------
    # WHERE USED
    # ------------------------------------------------------------

    def _compute_sent_count(self):
        groups = self.env['fluxforce.whatsapp.message']._read_group(
            self._sent_domain(), ['template_id'], ['__count'])
        counts = {template.id: count for template, count in groups}
        for template in self:
            template.sent_count = counts.get(template.id, 0)

    def _sent_domain(self):
        """:return: what was given to Meta of these templates."""
        return Domain('template_id', 'in', self.ids) & Domain('claimed_at', '!=', False)

    def action_open_sent(self):
        """Show the messages sent with this template."""
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_message_action')
        return {**action, 'domain': list(self._sent_domain()), 'context': {'create': False}}

    def _compute_automation_count(self):
        # sudo: ir.actions.server - how many send it; who opens them needs the rights of an administrator
        groups = self.env['ir.actions.server'].sudo()._read_group(
            [('whatsapp_template_id', 'in', self.ids)], ['whatsapp_template_id'], ['__count'])
        counts = {template.id: count for template, count in groups}
        for template in self:
            template.automation_count = counts.get(template.id, 0)

    def action_open_automations(self):
        """Show the server actions, and so the automation rules, that send this template."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Automations'),
            'res_model': 'ir.actions.server',
            'view_mode': 'list,form',
            'domain': [('whatsapp_template_id', 'in', self.ids)],
            'context': {'create': False},
        }
