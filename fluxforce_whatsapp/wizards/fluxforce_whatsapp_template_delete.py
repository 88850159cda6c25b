from odoo import api, fields, models


class FluxforceWhatsappTemplateDelete(models.TransientModel):
    """Asks before a template is deleted at Meta."""

    _name = 'fluxforce.whatsapp.template.delete'
    _description = 'Delete WhatsApp Template'

    template_id = fields.Many2one('fluxforce.whatsapp.template', required=True, readonly=True, ondelete='cascade')
    scope = fields.Selection([('one', 'This language'), ('all', 'All languages of this name')], required=True,
                             default='one')
    waiting_count = fields.Integer('Messages That Wait for It', compute='_compute_waiting_count')
    confirmed_name = fields.Char('Type Its Name to Confirm')

    @api.depends('template_id', 'scope')
    def _compute_waiting_count(self):
        for wizard in self:
            # sudo: message - only how many, of every author
            wizard.waiting_count = self.env['fluxforce.whatsapp.message'].sudo().search_count([
                ('template_id', 'in', wizard._templates().ids), ('state', 'in', ('queued', 'held'))])

    def _templates(self):
        if self.scope == 'one':
            return self.template_id
        return self.env['fluxforce.whatsapp.template'].search([
            ('account_id', '=', self.template_id.account_id.id), ('name', '=', self.template_id.name)])

    def action_confirm(self):
        """Have Meta delete it."""
        self.ensure_one()
        self.template_id._delete_at_meta(self.scope == 'all', self.confirmed_name)
        return self.template_id.account_id._notify(self.env._('Meta is asked to delete it.'))
