from odoo import api, fields, models

# What is kept of a template, each by the name of its field.
KEPT = ('status', 'quality', 'category')


class FluxforceWhatsappTemplateHistory(models.Model):
    """What Meta changed about a template, and when: its status, its quality, its category."""

    _name = 'fluxforce.whatsapp.template.history'
    _description = 'WhatsApp Template History'
    _order = 'at desc, id desc'
    _rec_name = 'at'

    template_id = fields.Many2one('fluxforce.whatsapp.template', required=True, readonly=True, index=True,
                                  ondelete='cascade')
    company_id = fields.Many2one(related='template_id.company_id', store=True, index=True)
    at = fields.Datetime('When', required=True, readonly=True, default=fields.Datetime.now)
    what = fields.Selection([('status', 'Status'), ('quality', 'Quality'), ('category', 'Category')], required=True,
                            readonly=True)
    before = fields.Char('Code Before', readonly=True)
    after = fields.Char('Code After', readonly=True)
    before_label = fields.Char('Before', compute='_compute_labels')
    after_label = fields.Char('After', compute='_compute_labels')

    @api.depends('what', 'before', 'after')
    @api.depends_context('lang')
    def _compute_labels(self):
        fields_of = self.env['fluxforce.whatsapp.template']._fields
        labels = {name: dict(fields_of[name]._description_selection(self.env)) for name in KEPT}
        for entry in self:
            entry.before_label = labels[entry.what].get(entry.before, entry.before or '')
            entry.after_label = labels[entry.what].get(entry.after, entry.after or '')
