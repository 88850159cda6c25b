from odoo import api, fields, models


class FluxforceMailingValue(models.Model):
    """The text for one variable of a WhatsApp mailing that is asked for when sending."""

    _name = 'fluxforce.mailing.value'
    _description = 'WhatsApp Mailing: Text to Fill In'

    mailing_id = fields.Many2one('mailing.mailing', required=True, index=True, ondelete='cascade')
    variable_id = fields.Many2one('fluxforce.whatsapp.template.variable', 'Variable', required=True, ondelete='cascade')
    sample = fields.Char('Example', related='variable_id.sample')
    value = fields.Char('Text')

    # What was launched, and maybe approved, keeps its words.

    @api.model_create_multi
    def create(self, vals_list):
        values = super().create(vals_list)
        values._check_settled()
        return values

    def write(self, vals):
        self._check_settled()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_launched(self):
        self._check_settled()

    def _check_settled(self):
        if not self.env.su:
            self.mailing_id._check_settled({'whatsapp_value_ids': True})
