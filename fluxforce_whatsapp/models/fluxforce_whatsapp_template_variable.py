from odoo import fields, models
from odoo.exceptions import AccessError

from ..cloud_api.addresses import url_prefix
from .fluxforce_whatsapp_variable_handing import MAPPING

# What people decide about a variable; everything else is as Meta has it.
OURS = {*MAPPING, 'attachment_id', 'file', 'file_name'}


class FluxforceWhatsappTemplateVariable(models.Model):
    """Where the value of one placeholder of a template comes from."""

    _name = 'fluxforce.whatsapp.template.variable'
    _description = 'WhatsApp Template Variable'
    _inherit = ['fluxforce.whatsapp.variable.mapping']
    _order = 'template_id, sequence, id'

    template_id = fields.Many2one('fluxforce.whatsapp.template', required=True, index=True, ondelete='cascade')
    model = fields.Char(related='template_id.model')
    key = fields.Char(readonly=True)
    name = fields.Char(readonly=True)
    component = fields.Selection(readonly=True)
    kind = fields.Char(readonly=True)
    sample = fields.Char(readonly=True, help='The example Meta approved.')

    attachment_id = fields.Many2one(index='btree_not_null')

    _key_unique = models.Constraint('unique(template_id, key)', 'This variable is already there.')

    def write(self, vals):
        if not self.env.su and vals.keys() - OURS:
            raise AccessError(self.env._(
                'Only where the value of a variable comes from is decided here; the rest comes from Meta.'))
        return super().write(vals)

    def _mapped_company(self):
        return self.template_id.company_id

    def _mapped_language(self):
        return self.template_id.language or ''

    def _mapped_components(self):
        return self.template_id.components or []

    def _mapped_prefix(self):
        return url_prefix(self._mapped_components(), self.key)
