from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..flow import steps, tree

UNITS = [('minutes', 'Minutes'), ('hours', 'Hours'), ('days', 'Days'), ('weeks', 'Weeks'), ('months', 'Months')]
TRIGGERS = [
    (tree.BEGIN, 'Beginning of the campaign'),
    (tree.DONE, 'After the step before'),
    (tree.DATE, 'A date of the record'),
    (tree.DELIVERED, 'Message delivered'),
    (tree.NOT_DELIVERED, 'Message not delivered'),
    (tree.READ, 'Message read'),
    (tree.NOT_READ, 'Message not read'),
    (tree.REPLIED, 'Person replied'),
    (tree.NOT_REPLIED, 'Person did not reply'),
    (tree.BUTTON, 'Person tapped a button'),
    (tree.CLICKED, 'Person followed a link'),
    (tree.NOT_CLICKED, 'Person followed no link'),
    (tree.FAILED, 'Message failed'),
    (tree.OPTED_OUT, 'Person wants no more'),
    (tree.YES, 'Condition holds'),
    (tree.NO, 'Condition does not hold'),
    (tree.VARIANT, 'Share of the people'),
]
# Where a step stands among the others.
PLACE = {'campaign_id', 'parent_id', 'active'}


class FluxforceCampaignActivity(models.Model):
    """One step of a campaign: what is done, when, and for whom. Steps form a tree: each follows another or begins."""

    _name = 'fluxforce.campaign.activity'
    _description = 'WhatsApp Campaign Activity'
    _order = 'campaign_id, sequence, id'
    _check_company_auto = True

    campaign_id = fields.Many2one('fluxforce.campaign', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='campaign_id.company_id', store=True, index=True)
    campaign_state = fields.Selection(related='campaign_id.state', string='Campaign State')
    model = fields.Char(related='campaign_id.model')
    account_id = fields.Many2one(related='campaign_id.account_id')
    parent_id = fields.Many2one(
        'fluxforce.campaign.activity', 'Follows', index='btree_not_null', copy=False, ondelete='cascade',
        domain="[('campaign_id', '=', campaign_id), ('id', '!=', id)]",
        help='Empty: the campaign begins with this step.')
    child_ids = fields.One2many('fluxforce.campaign.activity', 'parent_id', 'Followed by')
    parent_type = fields.Selection(related='parent_id.type', string='Type of the Step Before')
    sequence = fields.Integer(default=10)
    name = fields.Char(compute='_compute_name', store=True, readonly=False, precompute=True)
    type = fields.Selection('_selection_type', required=True, default='whatsapp')

    # When and for whom.
    # Not copied, nor is what it follows: a campaign's copy sets both when all its steps are there.
    trigger = fields.Selection(TRIGGERS, 'Begins with', required=True, compute='_compute_trigger', store=True,
                               readonly=False, precompute=True, copy=False)
    trigger_words = fields.Char('Words', help='The reply has one of these words, separated by commas. '
                                              'Empty: any reply counts.')
    trigger_button = fields.Char('Button', help='The label of the button. Empty: any button counts.')
    trigger_reason = fields.Char('Reason', help='A code of Meta, or the reason the outbox shows. Empty: any failure '
                                                'counts.')
    delay = fields.Integer(help='How long after it the step is done. With a date, a negative number is before it.')
    delay_unit = fields.Selection(UNITS, required=True, default='days')
    hours = fields.Selection([
        ('any', 'At any time'),
        ('working', 'In the working hours'),
        ('waking', 'Not in the quiet hours'),
    ], required=True, default='any', help='Working hours are those of the company, quiet hours those of the WhatsApp '
                                          'account at the time of day where the person lives.')
    date_field = fields.Char(help='Which date of the record counts.')
    domain = fields.Char('Only for', help='Whose record does not fit is passed over, with all that follows the step.')
    expiry = fields.Integer('Not Later than', help='So long after its time it is not done any more. 0: no limit. Where '
                                                   'the step waits for the person: so long at most.')
    expiry_unit = fields.Selection(UNITS, required=True, default='days')

    # What.
    template_id = fields.Many2one('fluxforce.whatsapp.template', 'Template', check_company=True, index=True,
                                  ondelete='restrict')
    log_in_chatter = fields.Boolean(
        'Log in Chatter', help='Keep each message in the chatter of its record, with its ticks. The outbox keeps all '
                               'messages anyway.')
    mail_template_id = fields.Many2one('mail.template', 'E-mail Template', index='btree_not_null', ondelete='restrict')
    server_action_id = fields.Many2one('ir.actions.server', 'Action', index='btree_not_null', ondelete='restrict')
    activity_type_id = fields.Many2one('mail.activity.type', 'Kind of To-Do', ondelete='restrict')
    activity_summary = fields.Char('What to Do')
    activity_user = fields.Selection([
        ('responsible', 'Responsible of the campaign'),
        ('record', 'Salesperson of the record'),
    ], 'Who Does It', required=True, default='record')
    condition_domain = fields.Char('Condition')
    share = fields.Float('Share (%)', default=50, help='So many of the people take this way.')

    summary = fields.Char(compute='_compute_summary', help='The step in one sentence.')
    figures = fields.Json(compute='_compute_figures', help='How many people wait for it, had it, were passed over.')

    # ------------------------------------------------------------
    # COMPUTE AND CONSTRAINTS
    # ------------------------------------------------------------

    @api.model
    def _selection_type(self):
        """:return: (key, label) of what a step can be. Other addons add theirs: what there is depends on the apps."""
        return [
            ('whatsapp', self.env._('WhatsApp')),
            ('email', self.env._('E-mail')),
            ('action', self.env._('Server Action')),
            ('todo', self.env._('To-Do')),
            ('wait', self.env._('Wait')),
            ('condition', self.env._('Condition')),
            ('split', self.env._('Split')),
        ]

    @api.depends('type', 'template_id', 'mail_template_id', 'server_action_id', 'activity_summary')
    def _compute_name(self):
        labels = dict(self._fields['type']._description_selection(self.env))
        for activity in self:
            what = (activity.template_id.name or activity.mail_template_id.name or activity.server_action_id.name
                    or activity.activity_summary)
            if not activity.name or activity.name in labels.values():
                activity.name = what or labels.get(activity.type)

    @api.depends('parent_id', 'parent_id.type')
    def _compute_trigger(self):
        for activity in self:
            allowed = tree.triggers_after(activity.parent_id.type)
            if activity.trigger not in allowed:
                activity.trigger = allowed[0]

    def _compute_figures(self):
        traces, messages = self._count_traces(), self._count_messages()
        for activity in self:
            activity.figures = {
                **{state: traces[activity._origin.id][state] for state in (
                    steps.WAITING, steps.DONE, steps.SKIPPED, steps.FAILED)},
                'messages': dict(messages[activity._origin.id])}

    def _count_traces(self):
        """:return: by id, how many traces there are in each state."""
        counts = defaultdict(Counter)
        for activity, state, count in self.env['fluxforce.campaign.trace']._read_group(
                [('activity_id', 'in', self._origin.ids)], ['activity_id', 'state'], ['__count']):
            counts[activity.id][state] = count
        return counts

    def _count_messages(self):
        """:return: by id, how many messages there are in each state; those that a later one replaced do not count."""
        counts = defaultdict(Counter)
        for activity, state, count in self.env['fluxforce.whatsapp.message']._read_group(
                [('campaign_activity_id', 'in', self._origin.ids), ('campaign_trace_ids', '!=', False)],
                ['campaign_activity_id', 'state'], ['__count']):
            counts[activity.id][state] = count
        return counts

    @api.constrains('parent_id', 'campaign_id')
    def _check_tree(self):
        if self._has_cycle():
            raise ValidationError(self.env._('A step cannot follow itself. Choose another one in the field Follows.'))
        for activity in self:
            if activity.parent_id and activity.parent_id.campaign_id != activity.campaign_id:
                raise ValidationError(self.env._(
                    'The step "%(step)s" follows one of another campaign. Choose one of its own in the field Follows.',
                    step=activity.name))

    @api.constrains('parent_id', 'type', 'trigger', 'delay')
    def _check_trigger(self):
        for activity in self | self.child_ids:
            if activity.trigger not in tree.triggers_after(activity.parent_id.type):
                raise ValidationError(self.env._(
                    'The step "%(step)s" cannot begin like that. Choose another one in the field Begins with.',
                    step=activity.name))
            if activity.delay < 0 and activity.trigger != tree.DATE:
                raise ValidationError(self.env._(
                    'Only a date can be counted back from. Write 0 or more into the field Delay of "%(step)s".',
                    step=activity.name))

    # ------------------------------------------------------------
    # WHAT RUNS STAYS AS IT IS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._check_campaign_at_rest()
        if not self.env.su:
            activities._check_place_kept()
        return activities

    def write(self, vals):
        self._check_campaign_at_rest()
        if not self.env.su and PLACE & vals.keys():
            self._check_place_kept()
        result = super().write(vals)
        if not self.env.su:  # the editor does it itself
            self.env['fluxforce.campaign.editor']._ask_again(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if not self.env.su and any(activity.campaign_id.state != 'draft' for activity in self):
            raise UserError(self.env._('The message of a campaign that has begun cannot be removed.'))

    def _check_campaign_at_rest(self):
        """:raise UserError: while one of the campaigns uses it."""
        if not self.env.su and any(activity.campaign_id.state in ('running', 'done') for activity in self):
            raise UserError(self.env._('Stop the campaign before you change its message.'))

    def _check_place_kept(self):
        """:raise UserError: of a campaign with people in it, steps are put in, moved and taken out in the editor only.
        """
        if any(activity.campaign_id.state != 'draft' for activity in self):
            raise UserError(self.env._(
                'People are in this campaign. Add, move and delete its steps under Journey, where you see what that '
                'means for them.'))

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def _to_flow(self):
        """:return: what the step machine needs to know, in the order of ``self``."""
        return [activity._to_step() for activity in self]

    def _to_step(self):
        return steps.Activity(
            key=self.id, sequence=self.sequence, parent=self.parent_id.id or None, type=self.type,
            trigger=self.trigger, delay=self.delay, unit=self.delay_unit, hours=self.hours, expiry=self.expiry,
            expiry_unit=self.expiry_unit, words=tree.words_of(self.trigger_words), not_words=self._words_of_siblings(),
            button=tree.folded(self.trigger_button), failure=(self.trigger_reason or '').strip(), share=self.share)

    def _words_of_siblings(self):
        """:return: the words that other steps after the same message wait for, if this one waits for any reply."""
        if self.trigger != tree.REPLIED or self.trigger_words:
            return ()
        siblings = self.parent_id.child_ids - self
        return tuple(word for sibling in siblings if sibling.trigger in (tree.REPLIED, tree.BUTTON)
                     for word in tree.words_of(sibling.trigger_words or sibling.trigger_button))

    def _purposes(self):
        """:return: what the messages of the steps are for, codes of ``policy.purpose``. :rtype: set"""
        return {template._purpose() for template in self.template_id}

    def _plan(self):
        """:return: :class:`flow.steps.Plan` of these steps."""
        return steps.Plan(self._to_flow())
