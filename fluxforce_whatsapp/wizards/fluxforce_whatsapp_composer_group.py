from odoo import fields, models


class FluxforceWhatsappComposerGroup(models.TransientModel):
    """Records about which the gate says the same, as the composer lists them."""

    _name = 'fluxforce.whatsapp.composer.group'
    _description = 'WhatsApp Recipients with the Same Answer'

    composer_id = fields.Many2one('fluxforce.whatsapp.composer', required=True, ondelete='cascade')
    action = fields.Selection([('allow', 'Goes out'), ('hold', 'Waits'), ('refuse', 'Not sent')], 'What Happens')
    reason = fields.Char('Reason Code')
    count = fields.Integer('People')
    words = fields.Text('Why and What to Do')
    names = fields.Char('For Example')
