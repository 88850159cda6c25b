import base64
import binascii
import json

from odoo import fields, models
from odoo.exceptions import UserError

# A journey is some pages of text. (Our own choice.)
LARGEST = 2 * 1024 * 1024


class FluxforceCampaignImport(models.TransientModel):
    """Make a campaign of a file that was exported from one."""

    _name = 'fluxforce.campaign.import'
    _description = 'Import a WhatsApp Journey'

    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    account_id = fields.Many2one(
        'fluxforce.whatsapp.account', 'Account', help='Its templates of the same names are taken.',
        default=lambda self: self._default_account())

    def _default_account(self):
        accounts = self.env['fluxforce.whatsapp.account'].search(
            [('company_id', 'in', self.env.companies.ids)], limit=2)
        return accounts if len(accounts) == 1 else False

    def action_import(self):
        """Make the campaign and open it."""
        self.ensure_one()
        campaign = self.env['fluxforce.campaign.document']._create_campaign(self._content(), self.account_id)
        return {'type': 'ir.actions.act_window', 'res_model': campaign._name, 'res_id': campaign.id,
                'view_mode': 'form', 'views': [(False, 'form')], 'target': 'current'}

    def _content(self):
        """:raise UserError: for a file that is not JSON"""
        file = self.with_context(bin_size=False).file
        if len(file) > LARGEST:
            raise UserError(self.env._('File: it is too large to be a journey.'))
        try:
            return json.loads(base64.b64decode(file, validate=True))
        except (binascii.Error, ValueError, RecursionError) as error:
            raise UserError(self.env._(
                'File: this is no file of a journey. Choose one that was exported from a campaign.')) from error
