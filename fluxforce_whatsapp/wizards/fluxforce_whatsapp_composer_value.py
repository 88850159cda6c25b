from odoo import fields, models


class FluxforceWhatsappComposerValue(models.TransientModel):
    """The text for one variable that is asked for when sending."""

    _name = 'fluxforce.whatsapp.composer.value'
    _description = 'WhatsApp Text to Fill In'

    composer_id = fields.Many2one('fluxforce.whatsapp.composer', required=True, ondelete='cascade')
    variable_id = fields.Many2one('fluxforce.whatsapp.template.variable', 'Variable', required=True, readonly=True,
                                  ondelete='cascade')
    sample = fields.Char('Example', related='variable_id.sample')
    value = fields.Char('Text')

    def _find_problem(self):
        """:return: why Meta would not take what was typed, with how to write it; '' if it would"""
        return self.variable_id._find_problem_typed(self.value, self.env.user.tz)
