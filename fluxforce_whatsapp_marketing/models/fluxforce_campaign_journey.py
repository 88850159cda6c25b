from odoo import models


class FluxforceCampaign(models.Model):
    """The journey of a campaign as a file."""

    _inherit = 'fluxforce.campaign'

    def action_export(self):
        """Download the journey as a file that can be imported elsewhere."""
        self.ensure_one()
        return self.env['fluxforce.campaign.export']._download(self)
