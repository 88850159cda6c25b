from odoo import fields, models


class FluxforceMailingValue(models.Model):
    """The text for one variable of a WhatsApp mailing that is asked for when sending."""

    _name = 'fluxforce.mailing.value'
    _description = 'WhatsApp Mailing: Text to Fill In'

    mailing_id = fields.Many2one('mailing.mailing', required=True, index=True, ondelete='cascade')
    variable_id = fields.Many2one('fluxforce.whatsapp.template.variable', 'Variable', required=True, ondelete='cascade')
    sample = fields.Char('Example', related='variable_id.sample')
    value = fields.Char('Text')
