from odoo import api, fields, models


class FluxforceWhatsappTemplatePreview(models.TransientModel):
    """Look at a template as the person of one record would get it."""

    _name = 'fluxforce.whatsapp.template.preview'
    _description = 'WhatsApp Template Preview'

    template_id = fields.Many2one('fluxforce.whatsapp.template', required=True, readonly=True, ondelete='cascade')
    preview_record = fields.Reference('_selection_model', 'Record', help='Whose values are shown.')
    preview_data = fields.Json(compute='_compute_preview_data')
    missing = fields.Char('Without a Value', compute='_compute_preview_data')
    asked = fields.Char('Asked When Sending', compute='_compute_preview_data')

    @api.model
    def _selection_model(self):
        # sudo: ir.model - names of models are no secret
        models = self.env['ir.model'].sudo().search([('is_mail_thread', '=', True), ('transient', '=', False)])
        return [(model.model, model.name) for model in models]

    @api.model
    def default_get(self, fields):
        result = super().default_get(fields)
        if 'preview_record' in fields and not result.get('preview_record'):
            template = self.env['fluxforce.whatsapp.template'].browse(result.get('template_id')).exists()
            result['preview_record'] = self._prepare_first_record(template)
        return result

    def _prepare_first_record(self, template):
        """:return: reference to a record the user may see, False if there is none."""
        model = self.env.get(template.model)
        if model is None or not model.has_access('read'):
            return False
        record = model.search([], limit=1)
        return f'{record._name},{record.id}' if record else False

    @api.depends('template_id', 'preview_record')
    def _compute_preview_data(self):
        for wizard in self:
            template = wizard.template_id
            values = wizard._values()
            absent = template.variable_ids.filtered(
                lambda variable, values=values: variable.key not in values and not variable.is_optional)
            asked = absent.filtered(lambda variable: variable.source == 'free')
            wizard.preview_data = template._preview_data(values) if template else False
            wizard.missing = wizard.preview_record and wizard._names(absent - asked)
            wizard.asked = wizard._names(asked)

    def _names(self, variables):
        """:return: the variables with the part each is in: "Body {{1}}, Button {{1}}". :rtype: str"""
        parts = dict(variables._fields['component']._description_selection(self.env))
        return ', '.join(f'{parts.get(variable.component, "")} {variable.display_name}'.strip()
                         for variable in variables)

    def _values(self):
        """:return: the values of the record chosen, by variable key, with the rights of who looks."""
        record = self.preview_record
        if not record or record._name != self.template_id.model:
            return {}
        # Values are read for whoever may see the record; what is known of it already was perhaps read with more rights.
        record.check_access('read')
        return self.template_id._values_for(record)[record.id]
