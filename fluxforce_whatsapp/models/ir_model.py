from odoo import api, models, tools
from odoo.tools import frozendict
from odoo.tools.sql import column_exists


class IrModel(models.Model):
    _inherit = 'ir.model'

    @api.model
    @tools.ormcache()
    def _whatsapp_models(self):
        """:return: the models about whose records people can be written to: by technical name, the fields with a
            number of their own."""
        return frozendict({name: tuple(model._phone_get_number_fields()) for name, model in sorted(self.env.items())
                           if model._whatsapp_is_addressable()})

    @api.ondelete(at_uninstall=True)
    def _give_whatsapp_templates_to_contacts(self):
        """A template outlives the app whose records it was for: messages that were sent refer to it."""
        templates = self.env['fluxforce.whatsapp.template'].sudo()  # sudo: template - as uninstalling an app allows
        # Where it is this addon that goes, its columns have gone first.
        if column_exists(self.env.cr, templates._table, 'model_id'):
            templates._give_to_contacts(self)
