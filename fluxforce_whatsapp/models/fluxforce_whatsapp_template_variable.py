from odoo import api, fields, models
from odoo.exceptions import ValidationError

MEDIA_KINDS = ('image', 'video', 'document')


class FluxforceWhatsappTemplateVariable(models.Model):
    """Where the value of one placeholder of a template comes from."""

    _name = 'fluxforce.whatsapp.template.variable'
    _description = 'WhatsApp Template Variable'
    _order = 'template_id, sequence, id'

    template_id = fields.Many2one('fluxforce.whatsapp.template', required=True, index=True, ondelete='cascade')
    model = fields.Char(related='template_id.model')
    sequence = fields.Integer()
    key = fields.Char(required=True, readonly=True)
    name = fields.Char('Variable', required=True, readonly=True)
    component = fields.Selection([('header', 'Header'), ('body', 'Body'), ('button', 'Button')], 'Part', readonly=True)
    kind = fields.Char(readonly=True)
    sample = fields.Char(readonly=True, help='The example Meta approved.')
    source = fields.Selection(
        [('field', 'Field of the record'), ('constant', 'Always the same'), ('free', 'Asked when sending'),
         ('preferences', 'Link to the preference page')],
        'Value', required=True, default='free')
    field_path = fields.Char('Field')
    constant = fields.Char('Text')
    fallback = fields.Char('If empty', help='Used when the field has no value. Without it such a message is not sent.')

    _key_unique = models.Constraint('unique(template_id, key)', 'This variable is already there.')

    @api.depends('name', 'component')
    def _compute_display_name(self):
        for variable in self:
            variable.display_name = f'{{{{{variable.name}}}}}'

    @api.constrains('source', 'field_path')
    def _check_field_path(self):
        for variable in self.filtered(lambda v: v.source == 'field'):
            if not variable._field_path_exists():
                raise ValidationError(self.env._(
                    'Variable %(name)s: "%(path)s" is no field of %(model)s. Choose one in the column Field.',
                    name=variable.display_name, path=variable.field_path or '',
                    model=variable.template_id.model_id.name))

    def _field_path_exists(self):
        """Walk the path through the models; no record is read."""
        model = self.env.get(self.model)
        for name in (self.field_path or '').split('.'):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return False
            model = self.env[field.comodel_name] if field.relational else None
        return True

    def _value_for(self, record, free_values):
        """:return: the value for a record, '' if there is none; a dict with the link for media."""
        self.ensure_one()
        value = self._raw_value(record, free_values) or self.fallback or ''
        if value and self.kind in MEDIA_KINDS:
            return {'link': value}
        return value

    def _raw_value(self, record, free_values):
        if self.source == 'field':
            # With the sender's own rights: a template must not show what its sender may not read.
            return record._find_value_from_field_path(self.field_path)
        if self.source == 'constant':
            return self.constant
        if self.source == 'preferences':
            return self._preference_link(record)
        return free_values.get(self.key)

    def _preference_link(self, record):
        """:return: the address of the person's preference page; for a button only its end, which follows the address
            approved by Meta."""
        partner = record._whatsapp_recipients()[record.id].partner
        company = self.template_id.company_id
        if not partner:
            return ''
        if self.component == 'button':
            return self.env['fluxforce.whatsapp.preferences']._sign(partner, company)
        return partner._whatsapp_preference_url(company)
