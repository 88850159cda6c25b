import base64
import json
import re

from odoo import api, fields, models


class FluxforceCampaignExport(models.TransientModel):
    """A journey as a file to download."""

    _name = 'fluxforce.campaign.export'
    _description = 'Export a WhatsApp Journey'

    file = fields.Binary(required=True, attachment=False, readonly=True)
    filename = fields.Char(required=True, readonly=True)

    @api.model
    def _download(self, campaign):
        """:return: action that downloads the journey of a campaign."""
        content = self.env['fluxforce.campaign.document']._export(campaign)
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
        name = re.sub(r'[^\w-]+', '_', campaign.name).strip('_') or 'journey'
        export = self.create({'file': base64.b64encode(text.encode()), 'filename': f'{name}.json'})
        return {
            'type': 'ir.actions.act_url', 'target': 'self',
            'url': f'/web/content/{self._name}/{export.id}/file/{export.filename}?download=true',
        }
