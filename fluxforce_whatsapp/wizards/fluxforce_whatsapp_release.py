from odoo import fields, models
from odoo.exceptions import UserError

from ..policy.brake import NONE

# Characters below which a reason explains nothing to whoever reads it later.
REASON_MIN = 5


class FluxforceWhatsappRelease(models.TransientModel):
    """A person releases the brake of a number, with a reason that is kept."""

    _name = 'fluxforce.whatsapp.release'
    _description = 'Release the Brake'

    number_id = fields.Many2one('fluxforce.whatsapp.number', required=True, ondelete='cascade')
    brake = fields.Selection(related='number_id.brake')
    brake_explanation = fields.Char(related='number_id.brake_explanation')
    reason = fields.Char(required=True, help='What was done about the cause. It is kept with your name.')

    def action_release(self):
        """:raise UserError: if the reason says nothing or there is nothing to release."""
        self.ensure_one()
        self.number_id.check_access('write')
        reason = (self.reason or '').strip()
        if len(reason) < REASON_MIN:
            raise UserError(self.env._(
                'Reason: say in a few words what was done about the cause (%(min)s characters at least).',
                min=REASON_MIN))
        if self.number_id.brake == NONE:
            raise UserError(self.env._('This number does not brake any more.'))
        self.number_id._release_brake(reason)
