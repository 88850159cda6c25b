from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..cloud_api import const as meta
from ..policy import warmup

# Meta's largest limit that is one, and its usual throughput in a minute: above, a step would limit nothing.
PEOPLE_MAX = max(filter(None, meta.MESSAGING_LIMITS.values()))
MESSAGES_MAX = 60 * meta.THROUGHPUT['STANDARD']


class FluxforceWhatsappWarmupStep(models.Model):
    """One stage of a warm-up plan, in force until the next one begins."""

    _name = 'fluxforce.whatsapp.warmup.step'
    _description = 'WhatsApp Warm-Up Step'
    _order = 'warmup_id, day_from, id'
    _rec_name = 'day_from'

    warmup_id = fields.Many2one('fluxforce.whatsapp.warmup', 'Plan', required=True, index=True, ondelete='cascade')
    day_from = fields.Integer('From Day', required=True, help='Days since registration; the first day is 0.')
    people_per_day = fields.Integer(
        'People per Day', required=True, help='People this number may reach outside a conversation in 24 hours.')
    messages_per_minute = fields.Integer(
        'Messages per Minute', required=True, help='Answers to people who wrote are not counted.')

    @api.constrains('day_from', 'people_per_day', 'messages_per_minute')
    def _check_figures(self):
        for step in self:
            fault = warmup.fault_of_step(step._to_policy(), PEOPLE_MAX, MESSAGES_MAX)
            if fault:
                raise ValidationError(step._explain_fault(fault))

    def _explain_fault(self, fault):
        day = self.day_from
        return {
            warmup.DAY_NEGATIVE: self.env._(
                'From Day: %(day)s lies before the registration. Enter 0 or more.', day=day),
            warmup.PEOPLE_OUT_OF_RANGE: self.env._(
                'People per Day, step from day %(day)s: enter a figure from 1 to %(max)s, Meta\'s largest limit.',
                day=day, max=PEOPLE_MAX),
            warmup.MESSAGES_OUT_OF_RANGE: self.env._(
                'Messages per Minute, step from day %(day)s: enter a figure from 1 to %(max)s, what Meta takes from a '
                'number.', day=day, max=MESSAGES_MAX),
            warmup.TOO_FAST_FOR_FIRST_DAYS: self.env._(
                'Messages per Minute, step from day %(day)s: at most %(max)s in the first %(days)s days. One message a '
                'second is what WhatsApp takes for abuse by a young number.',
                day=day, max=warmup.CAREFUL_PER_MINUTE, days=warmup.CAREFUL_DAYS),
        }[fault]

    # ------------------------------------------------------------
    # CRUD: a step written by itself must leave a plan that makes sense
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.warmup_id._steps_changed()
        return steps

    def write(self, vals):
        plans = self.warmup_id
        result = super().write(vals)
        (plans | self.warmup_id)._steps_changed()
        return result

    def unlink(self):
        plans = self.warmup_id
        result = super().unlink()
        plans.exists()._steps_changed()
        return result

    def _to_policy(self):
        return warmup.Step(self.day_from, self.people_per_day, self.messages_per_minute)
