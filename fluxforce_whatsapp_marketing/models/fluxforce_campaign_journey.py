from odoo import models


class FluxforceCampaign(models.Model):
    """The journey of a campaign: tried out, and as a file."""

    _inherit = 'fluxforce.campaign'

    def action_export(self):
        """Download the journey as a file that can be imported elsewhere."""
        self.ensure_one()
        return self.env['fluxforce.campaign.export']._download(self)

    def action_rehearse(self):
        """Walk through the journey with one person; nothing is sent."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Test Run'),
            'res_model': 'fluxforce.campaign.rehearsal',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_campaign_id': self.id, 'dialog_size': 'extra-large'},
        }
