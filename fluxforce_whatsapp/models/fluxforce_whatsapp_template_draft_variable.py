from odoo import api, fields, models

from ..cloud_api import template_writing as writing
from ..cloud_api.addresses import url_prefix


class FluxforceWhatsappTemplateDraftVariable(models.Model):
    """One placeholder of a draft: the sample Meta's reviewers see, and where its value is going to come from."""

    _name = 'fluxforce.whatsapp.template.draft.variable'
    _description = 'WhatsApp Template Draft Variable'
    _inherit = ['fluxforce.whatsapp.template.draft.part', 'fluxforce.whatsapp.variable.mapping']
    _order = 'draft_id, sequence, id'

    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', required=True, index=True, ondelete='cascade')
    model = fields.Char(related='draft_id.model')
    sample = fields.Char(help='An example for Meta\'s reviewers, such as a first name. Invent it: no real person\'s '
                              'data.')
    attachment_id = fields.Many2one(index='btree_not_null')
    needs_sample = fields.Boolean(compute='_compute_needs_sample')

    _key_unique = models.Constraint('unique(draft_id, key)', 'This variable is already there.')

    @api.depends('kind', 'key')
    def _compute_needs_sample(self):
        """Files have a sample of their own; places, products and ends of offers have none."""
        for variable in self:
            variable.needs_sample = writing.takes_sample(variable.key or '', variable.kind)

    def _mapped_company(self):
        return self.draft_id.company_id

    def _mapped_language(self):
        return self.draft_id.language or ''

    def _mapped_components(self):
        return self.draft_id._components()

    def _mapped_prefix(self):
        return url_prefix(self._mapped_components(), self.key)
