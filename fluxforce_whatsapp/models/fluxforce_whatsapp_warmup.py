from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from ..policy import warmup


class FluxforceWhatsappWarmup(models.Model):
    """A plan by which new numbers begin slowly: days since registration → people per day, messages per minute."""

    _name = 'fluxforce.whatsapp.warmup'
    _description = 'WhatsApp Warm-Up Plan'
    _order = 'is_default desc, name, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    is_default = fields.Boolean('For New Numbers', help='New numbers begin with this plan. There is exactly one.')
    ends_on_day = fields.Integer(
        'Ends on Day', required=True, default=30,
        help='The warm-up ends by itself on this day if the quality holds; days of lower quality do not count.')
    step_ids = fields.One2many('fluxforce.whatsapp.warmup.step', 'warmup_id', 'Steps', copy=True)
    number_ids = fields.One2many('fluxforce.whatsapp.number', 'warmup_id', 'Numbers')

    _is_default_unique = models.UniqueIndex('(is_default) WHERE is_default', 'Only one plan is for new numbers.')

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains('step_ids', 'ends_on_day')
    def _check_steps(self):
        for plan in self:
            fault = warmup.fault_of_plan(plan.step_ids.mapped('day_from'), plan.ends_on_day)
            if fault:
                raise ValidationError(plan._explain_fault(fault))

    def _explain_fault(self, fault):
        last = max(self.step_ids.mapped('day_from'), default=0)
        return {
            warmup.NO_STEPS: self.env._('Steps: the plan "%(plan)s" has none. Add one from day 0.', plan=self.name),
            warmup.FIRST_DAY_MISSING: self.env._(
                'From Day: the first step of the plan "%(plan)s" must begin on day 0, the day of registration.',
                plan=self.name),
            warmup.SAME_DAY_TWICE: self.env._(
                'From Day: two steps of the plan "%(plan)s" begin on the same day. Remove one or change its day.',
                plan=self.name),
            warmup.ENDS_TOO_EARLY: self.env._(
                'Ends on Day: the plan "%(plan)s" must end after its last step begins, on day %(day)s or later.',
                plan=self.name, day=last + 1),
        }[fault]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(values.get('is_default') for values in vals_list):
            self._give_way()
        # The steps of a plan are judged together, when all of them are written.
        plans = super(FluxforceWhatsappWarmup, self.with_context(whatsapp_whole_plan=True)).create(vals_list)
        return plans.with_env(self.env)

    def write(self, vals):
        if vals.get('is_default'):
            self._give_way()
        elif 'is_default' in vals or vals.get('active') is False:
            self._check_not_default()
        return super(FluxforceWhatsappWarmup, self.with_context(whatsapp_whole_plan=True)).write(vals)

    def _give_way(self):
        """The plan that was for new numbers no longer is: another one takes its place."""
        others = self.with_context(active_test=False).search([('is_default', '=', True), ('id', 'not in', self.ids)])
        super(FluxforceWhatsappWarmup, others).write({'is_default': False})
        others.flush_recordset(['is_default'])

    def _check_not_default(self):
        if any(plan.is_default for plan in self):
            raise UserError(self.env._(
                'New numbers begin with this plan. Mark another one "For New Numbers" first.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self._check_not_default()
        # sudo: number - of every company
        users = self.env['fluxforce.whatsapp.number'].sudo().with_context(active_test=False).search(
            [('warmup_id', 'in', self.ids)], limit=3)
        if users:
            raise UserError(self.env._(
                'Numbers follow this plan: %(numbers)s. Give them another plan first, or archive this one.',
                numbers=', '.join(users.mapped('display_name'))))

    def copy_data(self, default=None):
        return [{**values, 'is_default': False, 'name': self.env._('%s (copy)', plan.name)}
                for plan, values in zip(self, super().copy_data(default), strict=True)]

    def _steps_changed(self):
        """Called when steps were written: by themselves, not as part of their plan, the plan is judged again."""
        self.env.registry.clear_cache()
        if not self.env.context.get('whatsapp_whole_plan'):
            self._check_steps()

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    @api.model
    def _default_plan(self):
        """:return: the plan for new numbers."""
        return self.sudo().search([('is_default', '=', True)], limit=1)  # sudo: warmup - whoever connects

    @ormcache('self.id')
    def _steps(self):
        """:return: the steps as the policy has them, asked for at every round of the sender."""
        steps = self.sudo().step_ids  # sudo: warmup - the sender's
        return tuple(step._to_policy() for step in steps.sorted('day_from'))
