from odoo import fields, models
from odoo.exceptions import UserError

from ..flow import tree
from .fluxforce_campaign_audience import CampaignError


class FluxforceCampaign(models.Model):
    """What a campaign needs before it may run; each refusal names the field at fault and the remedy."""

    _inherit = 'fluxforce.campaign'

    def _check_ready(self):
        """:raise UserError: naming the field at fault and the remedy."""
        self.ensure_one()
        self._check_responsible()
        self._model()  # says so if its app is gone
        self._check_steps()
        self._check_domain()
        self._check_filters()
        if self.ends_at and self.ends_at <= fields.Datetime.now():
            raise UserError(self.env._(
                'The campaign would end before it begins. Choose a later moment in the field Ends on, or none.'))

    def _check_steps(self):
        if not self.activity_ids:
            raise UserError(self.env._('Nothing is to be done yet. Add a step under Steps.'))
        for activity in self.activity_ids:
            check = getattr(self, f'_check_step_{activity.type}', None)
            if check:
                check(activity)
            self._check_trigger_of(activity)
        self._check_after_opt_out()

    def _check_step_whatsapp(self, activity):
        if not self.number_id:
            raise UserError(self.env._(
                'Choose the number to send from in the field From. An administrator connects one under WhatsApp > '
                'Configuration > Accounts.'))
        self._check_template(activity.template_id)

    def _check_step_email(self, activity):
        template = activity.mail_template_id
        if not template:
            raise UserError(self.env._('Choose what the step "%(step)s" sends in the field E-mail Template.',
                                       step=activity.name))
        self._check_made_for(template.model, template, activity, self.env._('E-mail Template'))

    def _check_step_sms(self, activity):
        problem = activity._sms_problem()
        if problem:
            raise UserError(self.env._('The step "%(step)s": %(problem)s', step=activity.name, problem=problem))

    def _check_step_action(self, activity):
        action = activity.server_action_id.sudo()  # sudo: server action - only what it is made for
        if not action:
            raise UserError(self.env._('Choose what the step "%(step)s" does in the field Action.', step=activity.name))
        self._check_made_for(action.model_name, action, activity, self.env._('Action'))

    def _check_made_for(self, model, thing, activity, label):
        if model != self.model:
            raise UserError(self.env._(
                'The step "%(step)s": "%(thing)s" is made for other records. Choose another one in the field '
                '%(field)s, or change the field Write to.', step=activity.name, thing=thing.display_name, field=label))

    def _check_step_todo(self, activity):
        if 'activity_ids' not in self._model():
            raise UserError(self.env._(
                'The step "%(step)s": records of this kind have no to-dos. Choose another type of step.',
                step=activity.name))

    def _check_step_condition(self, activity):
        if not activity.condition_domain:
            raise UserError(self.env._('Say in the field Condition what the step "%(step)s" looks for.',
                                       step=activity.name))

    def _check_step_split(self, activity):
        if not any(child.share > 0 for child in activity.child_ids):
            raise UserError(self.env._(
                'The split "%(step)s" leads nowhere. Add steps that follow it, and say in the field Share how many '
                'people take each.', step=activity.name))

    def _check_trigger_of(self, activity):
        if activity.trigger != tree.DATE:
            return
        if not activity._has_date():
            raise CampaignError(self.env._(
                'The step "%(step)s" counts from a date that these records do not have. Choose another one in the '
                'field Date Field.', step=activity.name))

    def _check_after_opt_out(self):
        plan = self.activity_ids._plan()
        for activity in self.activity_ids:
            if activity.type in tree.REACHING_TYPES and plan.under_opt_out(activity.id):
                raise UserError(self.env._(
                    'The step "%(step)s" would write to people who want no more. Choose a to-do or an action there.',
                    step=activity.name))

    def _check_filters(self):
        """Every filter besides the audience can be read."""
        filters = [(self.env._('Goal'), self.goal_domain), (self.env._('Leave If'), self.exit_domain)]
        for activity in self.activity_ids:
            filters += [(f'{activity.name}: {label}', text) for label, text in (
                (self.env._('Only for'), activity.domain), (self.env._('Condition'), activity.condition_domain))]
        for label, text in filters:
            try:
                self._read_domain(text)
            except ValueError as error:
                raise UserError(self.env._(
                    'The filter in the field %(field)s cannot be read. Set it again. (%(error)s)', field=label,
                    error=error)) from error

    def _check_template(self, template):
        template._check_goes_to(self.model, self.number_id, self.user_id, self.env._('Write to'))
        self._check_variables(template)

    def _check_variables(self, template):
        if free := template._unfilled():
            raise UserError(self.env._(
                'Nobody can be asked for %(variables)s while a campaign runs. Let an administrator fill them from a '
                'field or with a text on the template "%(template)s", or choose another one in the field Template.',
                variables=', '.join(free.mapped('display_name')), template=template.display_name))

    def _check_domain(self):
        try:
            self._audience_domain()
        except ValueError as error:
            raise UserError(self.env._(
                'The filter in the field Audience cannot be read. Set it again. (%(error)s)', error=error)) from error

    def _check_startable(self):
        if self.state != 'draft':
            raise UserError(self.env._('Only a draft can be started. Duplicate the campaign to send it again.'))
        self._check_ready()
        if self.entry == 'once' and not self._audience(limit=1):
            raise UserError(self.env._('Nobody fits the filter in the field Audience. Widen it.'))
