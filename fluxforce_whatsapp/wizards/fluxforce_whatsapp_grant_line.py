from odoo import fields, models


class FluxforceWhatsappGrantLine(models.TransientModel):
    """A person whose consent cannot be recorded, and why."""

    _name = 'fluxforce.whatsapp.grant.line'
    _description = 'WhatsApp Consent That Cannot Be Recorded'
    _order = 'id'

    grant_id = fields.Many2one('fluxforce.whatsapp.grant', required=True, ondelete='cascade')
    place = fields.Char('Row', readonly=True)
    shown = fields.Char('Person', readonly=True)
    problem = fields.Char('Why Not', readonly=True)
