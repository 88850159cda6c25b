from odoo import api, fields, models
from odoo.exceptions import UserError


class FluxforceWhatsappTemplateGalleryUse(models.TransientModel):
    """Make drafts of a ready template, one per language."""

    _name = 'fluxforce.whatsapp.template.gallery.use'
    _description = 'Use a Ready WhatsApp Template'

    gallery_id = fields.Many2one('fluxforce.whatsapp.template.gallery', 'Ready Template', required=True, readonly=True,
                                 ondelete='cascade')
    account_id = fields.Many2one('fluxforce.whatsapp.account', 'Account', required=True,
                                 compute='_compute_account_id', store=True, readonly=False)
    name = fields.Char(compute='_compute_name', store=True, readonly=False, required=True,
                       help='What the template is called at Meta: lowercase letters, digits and underscores.')
    key = fields.Char(related='gallery_id.key')
    language_ids = fields.Many2many(
        'fluxforce.whatsapp.template.gallery', 'fluxforce_whatsapp_gallery_use_language_rel', string='Languages',
        compute='_compute_language_ids', store=True, readonly=False, domain="[('key', '=', key)]")
    preview_data = fields.Json(related='gallery_id.preview_data')

    @api.depends('gallery_id')
    def _compute_account_id(self):
        accounts = self.env['fluxforce.whatsapp.account'].search(
            [('company_id', 'in', self.env.companies.ids)], limit=2)
        for wizard in self:
            wizard.account_id = wizard.account_id or (accounts if len(accounts) == 1 else False)

    @api.depends('gallery_id')
    def _compute_language_ids(self):
        for wizard in self:
            wizard.language_ids = wizard.gallery_id

    @api.depends('gallery_id', 'account_id')
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard._free_name(wizard.gallery_id.key)

    def _free_name(self, name):
        """:return: the name, with a number if the account has a template of that name already."""
        if not name or not self.account_id:
            return name
        domain = [('account_id', '=', self.account_id.id), ('name', '=like', f'{name}%')]
        # sudo: template, draft - only which names are taken, also of those the user may not send
        taken = {*self.env['fluxforce.whatsapp.template'].sudo().with_context(active_test=False).search(
            domain).mapped('name'), *self.env['fluxforce.whatsapp.template.draft'].sudo().search(domain).mapped('name')}
        names = (name, *(f'{name}_{number}' for number in range(2, len(taken) + 3)))
        return next(one for one in names if one not in taken)

    def action_use(self):
        """Make the drafts and open them."""
        self.ensure_one()
        if not self.language_ids:
            raise UserError(self.env._('Languages: choose at least one.'))
        drafts = self.env['fluxforce.whatsapp.template.draft'].create([
            row._prepare_draft_values(self.account_id, self.name) for row in self.language_ids])
        return self._open(drafts)

    def _open(self, drafts):
        action = {'type': 'ir.actions.act_window', 'name': self.env._('Drafts'), 'res_model': drafts._name,
                  'target': 'current'}
        if len(drafts) == 1:
            return {**action, 'res_id': drafts.id, 'view_mode': 'form', 'views': [(False, 'form')]}
        return {**action, 'view_mode': 'list,form', 'views': [(False, 'list'), (False, 'form')],
                'domain': [('id', 'in', drafts.ids)]}
