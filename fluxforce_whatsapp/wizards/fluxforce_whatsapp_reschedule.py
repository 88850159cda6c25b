from odoo import fields, models


class FluxforceWhatsappReschedule(models.TransientModel):
    """Puts messages of the outbox off."""

    _name = 'fluxforce.whatsapp.reschedule'
    _description = 'Put WhatsApp Messages Off'

    message_ids = fields.Many2many('fluxforce.whatsapp.message', required=True)
    count = fields.Integer('Messages', compute='_compute_count')
    moment = fields.Datetime('New Moment', required=True, help='They go then, or as soon after as the pace allows.')
    move_expiry = fields.Boolean(
        'Let them go although they would be too late',
        help='A message is of use for a while only. Those that would have ended by the new moment live on after it for '
             'as long as a new one would.')

    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.message_ids)

    def action_confirm(self):
        """:return: a notice of what was possible."""
        self.ensure_one()
        return self.env['fluxforce.whatsapp.decision']._reschedule(self.message_ids, self.moment, self.move_expiry)
