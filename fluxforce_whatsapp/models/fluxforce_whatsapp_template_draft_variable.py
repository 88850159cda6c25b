from odoo import api, fields, models

# What a template takes over from its draft.
MAPPING = ('source', 'field_path', 'constant', 'fallback')


class FluxforceWhatsappTemplateDraftVariable(models.Model):
    """One placeholder of a draft: the sample Meta's reviewers see, and where its value is going to come from."""

    _name = 'fluxforce.whatsapp.template.draft.variable'
    _description = 'WhatsApp Template Draft Variable'
    _inherit = ['fluxforce.whatsapp.template.draft.part']
    _order = 'draft_id, sequence, id'

    draft_id = fields.Many2one('fluxforce.whatsapp.template.draft', required=True, index=True, ondelete='cascade')
    model = fields.Char(related='draft_id.model')
    sequence = fields.Integer()
    key = fields.Char(required=True)
    name = fields.Char('Variable', required=True)
    component = fields.Char('Part')
    kind = fields.Char()
    sample = fields.Char(help='An example for Meta\'s reviewers, such as a first name. Invent it: no real person\'s '
                              'data.')
    source = fields.Selection(
        [('field', 'Field of the record'), ('constant', 'Always the same'), ('free', 'Asked when sending'),
         ('preferences', 'Link to the preference page')],
        'Value', required=True, default='free')
    field_path = fields.Char('Field')
    constant = fields.Char('Text')
    fallback = fields.Char('If empty', help='Used when the field has no value. Without it such a message is not sent.')

    _key_unique = models.Constraint('unique(draft_id, key)', 'This variable is already there.')

    @api.depends('name')
    def _compute_display_name(self):
        for variable in self:
            variable.display_name = f'{{{{{variable.name}}}}}'

    @api.model
    def _mapping_fields(self):
        """:return: the names of the fields that say where a value comes from."""
        return MAPPING

    def _mapping(self):
        """:return: where the value comes from, as values for the template's own variable."""
        self.ensure_one()
        return {name: self[name] for name in self._mapping_fields()}
