from odoo import api, fields, models
from odoo.exceptions import UserError


class FluxforceCampaignGalleryUse(models.TransientModel):
    """Make a campaign of a ready journey; the templates it needs and that are not there yet become drafts."""

    _name = 'fluxforce.campaign.gallery.use'
    _description = 'Use a Ready WhatsApp Journey'

    gallery_id = fields.Many2one('fluxforce.campaign.gallery', 'Ready Journey', required=True, readonly=True,
                                 ondelete='cascade')
    use = fields.Char(related='gallery_id.use')
    account_id = fields.Many2one('fluxforce.whatsapp.account', 'Account', compute='_compute_account_id', store=True,
                                 readonly=False)
    language = fields.Selection(
        [('en', 'English'), ('es', 'Spanish'), ('pt_BR', 'Portuguese (Brazil)')], 'Language of the Messages',
        required=True, default=lambda self: self.env['fluxforce.campaign.document']._user_language())
    template_ids = fields.Many2many('fluxforce.whatsapp.template.gallery', compute='_compute_template_ids',
                                    string='Messages')

    @api.depends('gallery_id')
    def _compute_account_id(self):
        accounts = self.env['fluxforce.whatsapp.account'].search(
            [('company_id', 'in', self.env.companies.ids)], limit=2)
        for wizard in self:
            wizard.account_id = wizard.account_id or (accounts if len(accounts) == 1 else False)

    @api.depends('gallery_id', 'language')
    def _compute_template_ids(self):
        documents, templates = self.env['fluxforce.campaign.document'], self.env['fluxforce.whatsapp.template.gallery']
        for wizard in self:
            steps = (wizard.gallery_id.journey or {}).get('steps', ())
            keys = dict.fromkeys(step['template']['ready'] for step in steps if step.get('template'))
            wizard.template_ids = templates.concat(*[documents._ready(key, wizard.language) for key in keys])

    def action_use(self):
        """Make the campaign and open it."""
        self.ensure_one()
        self.gallery_id._check_available()
        if not self.account_id:
            raise UserError(self.env._(
                'Account: choose the one to write with. An administrator connects one under WhatsApp > Configuration > '
                'Accounts.'))
        campaign = self.env['fluxforce.campaign.document']._create_campaign(
            self.gallery_id._document(), self.account_id, self.language)
        return {'type': 'ir.actions.act_window', 'res_model': campaign._name, 'res_id': campaign.id,
                'view_mode': 'form', 'views': [(False, 'form')], 'target': 'current'}
