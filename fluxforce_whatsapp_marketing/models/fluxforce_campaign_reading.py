from odoo import fields, models


class FluxforceCampaign(models.Model):
    """When the people of a campaign read."""

    _inherit = 'fluxforce.campaign'

    reading_hours = fields.Json(compute='_compute_reading_hours', help='Messages read, by weekday from Monday and '
                                                                       'hour, in the time of the person.')

    def _compute_reading_hours(self):
        """One after the other: only the form of one campaign shows it."""
        for campaign in self:
            campaign.reading_hours = bool(campaign._origin) and self.env['fluxforce.marketing.figures']._reading_hours(
                campaign_ids=campaign._origin.ids)
