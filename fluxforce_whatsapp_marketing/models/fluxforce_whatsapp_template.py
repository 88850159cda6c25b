from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.fluxforce_whatsapp.cloud_api import const as meta


class FluxforceWhatsappTemplate(models.Model):
    """Templates know the campaigns that send them."""

    _inherit = 'fluxforce.whatsapp.template'

    campaign_count = fields.Integer('Campaigns', compute='_compute_campaign_count')

    def _compute_campaign_count(self):
        groups = self.env['fluxforce.campaign.activity']._read_group(
            [('template_id', 'in', self.ids)], ['template_id'], ['campaign_id:count_distinct'])
        counts = {template.id: count for template, count in groups}
        for template in self:
            template.campaign_count = counts.get(template.id, 0)

    def _check_goes_to(self, model, number, user, field):
        """Check that the template can be sent to many.

        :param str model: name of the model of the records that get it.
        :param number: it is sent from.
        :param user: with whose rights it is sent.
        :param str field: label of the field in which the records are chosen.
        :raise UserError: naming the field at fault and the remedy; also where there is no template.
        """
        if not self:
            raise UserError(self.env._('Choose an approved template in the field Template.'))
        if not self.active or self.status != meta.TEMPLATE_STATUS_SENDABLE:
            raise UserError(self.env._(
                'Meta has not approved the template "%(template)s", or no longer does. Choose another one in the '
                'field Template.', template=self.display_name))
        if self.model != model:
            raise UserError(self.env._(
                'The template "%(template)s" is made for %(other)s, those it would go to are %(model)s. Choose another '
                'one in the field Template, or change the field %(field)s.', template=self.display_name,
                other=self.model_id.name, model=self.env['ir.model']._get(model).name, field=field))
        if self.account_id != number.account_id:
            raise UserError(self.env._(
                'The template "%(template)s" and the number belong to different WhatsApp accounts. Change the field '
                'Template or the field From.', template=self.display_name))
        # It is sent with the rights of who answers for it.
        self.sudo(False).with_user(user)._check_may_send()

    def _unfilled(self, typed=()):
        """Find what nobody can be asked for when it goes to many.

        :param Container typed: keys of variables that have a text already.
        :return: the variables of these templates without a value; one of each key.
        """
        free = self.variable_ids.filtered(lambda variable: (
            variable.source == 'free' and not variable.is_optional and variable.key not in typed))
        return free.browse({variable.key: variable.id for variable in reversed(free)}.values())

    def action_open_campaigns(self):
        """Show the campaigns that send this template."""
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp_marketing.fluxforce_campaign_action')
        return {**action, 'domain': [('activity_ids.template_id', 'in', self.ids)],
                'context': {'create': False, 'active_test': False}}
