from odoo import api, models


class IrActionsActions(models.Model):
    _inherit = 'ir.actions.actions'

    @api.model
    def get_bindings(self, model_name):
        """*Send WhatsApp* stands in the menu of every model whose people can be written to; for contacts it is bound in
        the database."""
        result = super().get_bindings(model_name)
        if self._whatsapp_is_offered(model_name):
            # sudo: action - its name is shown to who may send
            action = self.env.ref('fluxforce_whatsapp.res_partner_action_send').sudo()
            offered = action.read(['name', 'binding_view_types'])[0]
            result = {**result, 'action': [*result.get('action', ()), offered]}
        return result

    def _whatsapp_is_offered(self, model_name):
        if model_name == 'res.partner' or model_name not in self.env['ir.model']._whatsapp_models():
            return False
        return self.env.user.has_group('fluxforce_whatsapp.group_whatsapp_user')
