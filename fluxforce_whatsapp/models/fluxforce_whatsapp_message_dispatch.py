from odoo import fields, models


class FluxforceWhatsappMessage(models.Model):
    """Messages of a bulk send that was queued in the background."""

    _inherit = 'fluxforce.whatsapp.message'

    dispatch_id = fields.Many2one('fluxforce.whatsapp.dispatch', 'Bulk Send', readonly=True, copy=False,
                                  index='btree_not_null', ondelete='set null')
