from odoo import fields, models
from odoo.exceptions import AccessError


class FluxforceWhatsappTemplate(models.Model):
    """Templates that stand by themselves in the Actions menu of the records they are made for."""

    _inherit = 'fluxforce.whatsapp.template'

    menu_action_id = fields.Many2one('ir.actions.server', 'Entry in the Actions Menu', readonly=True, copy=False,
                                     ondelete='set null')

    def action_add_to_menu(self):
        """Let people send this template from the Actions menu, with nothing left to choose."""
        self._check_may_set_menu()
        # sudo: action, template - an entry like those that system administrators make
        for template in self.sudo().filtered(lambda template: not template.menu_action_id):
            template.menu_action_id = self.env['ir.actions.server'].sudo().create(template._prepare_menu_action())

    def action_remove_from_menu(self):
        self._check_may_set_menu()
        self.sudo().menu_action_id.unlink()  # sudo: action - as above

    def _check_may_set_menu(self):
        if not self.env.user.has_group('fluxforce_whatsapp.group_whatsapp_admin'):
            raise AccessError(self.env._('Only a WhatsApp administrator changes the Actions menu.'))

    def _prepare_menu_action(self):
        self.ensure_one()
        return {
            'name': self.env._('WhatsApp: %(template)s', template=self.name),
            'model_id': self.model_id.id,
            'state': 'code',
            # On the server, as Send WhatsApp itself: what is selected stays there, however much it is.
            'code': f"action = env['fluxforce.whatsapp.composer']._open_for_selection(template_id={self.id})",
            'binding_model_id': self.model_id.id,
            'binding_view_types': 'list,kanban,form',
            'group_ids': [fields.Command.link(self.env.ref('fluxforce_whatsapp.group_whatsapp_user').id)],
        }

    def write(self, vals):
        """A template for other records goes out of the menu of those it was for; an archived one as well."""
        moved = self.filtered(lambda template: vals.get('active') is False or vals.get(
            'model_id', template.model_id.id) != template.model_id.id)
        result = super().write(vals)
        moved.sudo().menu_action_id.unlink()  # sudo: action - as above
        return result
