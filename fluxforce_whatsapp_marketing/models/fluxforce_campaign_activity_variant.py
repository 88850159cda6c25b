from odoo import api, fields, models

from ..flow import tree


class FluxforceCampaignActivity(models.Model):
    """A step knows on which way of a split it lies."""

    _inherit = 'fluxforce.campaign.activity'

    variant_id = fields.Many2one('fluxforce.campaign.activity', 'Variant', compute='_compute_variant_id', store=True,
                                 recursive=True, index='btree_not_null', ondelete='set null',
                                 help='The way the person took where the campaign splits the people last before it.')

    @api.depends('trigger', 'parent_id.variant_id')
    def _compute_variant_id(self):
        for activity in self:
            is_way = activity.trigger == tree.VARIANT
            activity.variant_id = activity._origin if is_way else activity.parent_id.variant_id
