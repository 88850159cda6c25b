from odoo import fields, models


class FluxforceWhatsappComposerOption(models.TransientModel):
    """One button, or one row of the list, of an answer."""

    _name = 'fluxforce.whatsapp.composer.option'
    _description = 'WhatsApp Answer: Button or Row'
    _order = 'sequence, id'

    composer_id = fields.Many2one('fluxforce.whatsapp.composer', required=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    title = fields.Char('Label')
    description = fields.Char(help='Shown below the label, in lists only.')
