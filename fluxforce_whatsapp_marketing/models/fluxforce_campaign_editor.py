from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from ..flow import tree

ICONS = {
    'begin': 'fa-flag-o',
    'whatsapp': 'fa-whatsapp',
    'email': 'fa-envelope-o',
    'sms': 'fa-mobile',
    'action': 'fa-cogs',
    'todo': 'fa-check-square-o',
    'wait': 'fa-hourglass-half',
    'condition': 'fa-question-circle-o',
    'split': 'fa-random',
}
# The counts of a step, in the order in which they are shown.
FIGURES = {
    'waiting': 'fa-hourglass-half',
    'done': 'fa-check',
    'delivered': 'fa-check-circle-o',
    'read': 'fa-eye',
    'replied': 'fa-reply',
    'clicked': 'fa-hand-pointer-o',
    'skipped': 'fa-share',
    'failed': 'fa-exclamation-triangle',
}
# Columns of the report behind what became of a step's messages.
ANSWERS = {'delivered': 'delivered', 'read': 'has_read', 'replied': 'replied', 'clicked': 'clicked'}
# How a step follows another one. What a step put above another one takes over from that.
WAY = ('trigger', 'trigger_words', 'trigger_button', 'trigger_reason', 'date_field', 'delay', 'delay_unit', 'hours',
       'share')
STRAIGHT_ON = {'trigger_words': False, 'trigger_button': False, 'trigger_reason': False, 'date_field': False,
               'delay': 0, 'delay_unit': 'days', 'hours': 'any'}
# Between two steps beside each other, so that one fits in by hand. (Our own choice.)
APART = 10

# Of a step, what a form does not decide.
FIXED = {'campaign_id', 'company_id', 'active', 'figures', 'summary', 'id'}
# Steps that cannot be done without what they send or run.
NEEDING_MORE = ('whatsapp', 'email', 'sms', 'action')


class FluxforceCampaignEditor(models.AbstractModel):
    """What the flow editor in the browser reads and asks for; every change is one call, see ``apply``."""

    _name = 'fluxforce.campaign.editor'
    _description = 'WhatsApp Campaign Editor'

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_flow(self, campaign_id):
        """:return: all that the editor draws, see ``static/src/flow_editor``."""
        campaign = self.env['fluxforce.campaign'].browse(campaign_id).exists()
        campaign.check_access('read')
        steps = campaign.activity_ids
        return {
            'version': self._version(steps),
            'may_edit': bool(campaign) and campaign.state != 'done' and campaign.has_access('write'),
            'is_live': campaign.state != 'draft',
            'hint': self._hint(campaign),
            'types': self._types(steps),
            'steps': self._prepare_steps(steps),
        }

    def _hint(self, campaign):
        if campaign.state in ('draft', 'done'):
            return False
        return self.env._('The campaign has begun: before a change you see what it means for the people in it.')

    def _version(self, steps):
        """:return: text that is another one after each change of the steps."""
        changed = max((step.write_date for step in steps), default=None)
        return f'{len(steps)}-{sum(steps.ids)}-{changed and changed.isoformat()}'

    def _types(self, steps):
        labels = dict(steps._fields['type']._description_selection(self.env))
        ways = dict(steps._fields['trigger']._description_selection(self.env))
        return [{
            'type': key, 'label': label, 'icon': ICONS.get(key, 'fa-cog'),
            'triggers': [[way, ways[way]] for way in tree.triggers_after(key if key != 'begin' else False)],
        } for key, label in (('begin', self.env._('Beginning')), *labels.items())]

    def _prepare_steps(self, steps):
        answered = self._count_answers(steps)
        return [self._prepare_step(step, answered[step.id]) for step in steps]

    def _prepare_step(self, step, answered):
        return {
            'id': step.id, 'parent_id': step.parent_id.id, 'sequence': step.sequence, 'type': step.type,
            'trigger': step.trigger, 'name': step.name or '', 'summary': step.summary or '', 'what': self._what(step),
            'branch': step.branch or '', 'problem': step.problem or '',
            'figures': self._prepare_figures(step, answered),
            'way': {name: step[name] for name in WAY if name != 'trigger'},
        }

    def _what(self, step):
        """:return: what is done and in which hours; when, is told on the way to it. :rtype: str"""
        sentence = f'{step._say_what()}{step._say_hours()}.'
        return f'{sentence[:1].upper()}{sentence[1:]}'

    def _prepare_figures(self, step, answered):
        """:return: the counts of a step that are not zero, in the order in which they are shown."""
        counts = {**(step.figures or {}), **answered}
        labels = self._figure_labels()
        return [{'key': key, 'label': labels[key], 'icon': icon, 'count': counts[key]}
                for key, icon in FIGURES.items() if counts.get(key)]

    def _count_answers(self, steps):
        """:return: by step, how many people got its message, read it, replied and followed a link."""
        counts = defaultdict(dict)
        for step, *sums in self.env['fluxforce.marketing.report']._read_group(
                [('activity_id', 'in', steps.ids)], ['activity_id'], [f'{name}:sum' for name in ANSWERS.values()]):
            counts[step.id] = dict(zip(ANSWERS, sums, strict=True))
        return counts

    def _figure_labels(self):
        return {
            'waiting': self.env._('Waiting'),
            'done': self.env._('Done'),
            'delivered': self.env._('Delivered'),
            'read': self.env._('Read'),
            'replied': self.env._('Replied'),
            'clicked': self.env._('Link followed'),
            'skipped': self.env._('Passed over'),
            'failed': self.env._('Failed'),
        }

    @api.model
    def open_figure(self, step_id, key):
        """:return: action that lists the people behind a count of a step."""
        step = self.env['fluxforce.campaign.activity'].browse(step_id)
        step.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.fluxforce_campaign_trace_action')
        return {**action, 'name': step.name, 'context': {'create': False},
                'domain': [('activity_id', '=', step.id), *self._figure_domain(step, key)]}

    def _figure_domain(self, step, key):
        if key not in ANSWERS:
            return [('state', '=', key)]
        return [('message_id', 'any', [
            ('report_ids', 'any', [('activity_id', '=', step.id), (ANSWERS[key], '=', 1)])])]

    # ------------------------------------------------------------
    # CHANGE
    # ------------------------------------------------------------

    @api.model
    def apply(self, campaign_id, change, version, agreed=False):
        """Change the steps of a campaign, or tell first what that means for the people in it.

        :param dict change: ``do`` with one of ``add write move shift copy remove``, the ``id`` of the step, and what
            belongs to it, see ``static/src/flow_editor/flow_moves.js``
        :param str version: of the flow that the user saw
        :param bool agreed: the user has seen what it means
        :return: dict with the ``flow`` as it is now, or with ``ask`` or ``conflict`` and why
        """
        campaign = self._campaign_to_change(campaign_id)
        if version != self._version(campaign.activity_ids):
            return {'flow': self.get_flow(campaign.id), 'conflict': self.env._(
                'Somebody else has changed the journey meanwhile. Look at it as it is now, then change it again.')}
        lines = [] if agreed else self._effects(campaign, change)
        if lines:
            return {'ask': self._prepare_question(campaign, change, lines)}
        steps, templates = self._open_steps(campaign), campaign.activity_ids.template_id
        touched = self._changes()[change['do']](campaign, steps, change)
        self._check_usable(campaign, touched)
        campaign._changed_while_running(templates)
        return {'flow': self.get_flow(campaign.id), 'focus': touched[:1].id}

    def _changes(self):
        """:return: by name, what makes a change: methods of the campaign, its steps as they may be written, and the
            change"""
        return {'add': self._add, 'write': self._write, 'move': self._move, 'shift': self._shift, 'copy': self._copy,
                'remove': self._remove}

    def _campaign_to_change(self, campaign_id):
        """:return: the campaign, held until the end of the transaction: two changes at once come after each other."""
        campaign = self.env['fluxforce.campaign'].browse(campaign_id).exists()
        campaign.check_access('write')
        if not campaign or campaign.state == 'done':
            raise UserError(self.env._('This campaign is over. Duplicate it to change its steps.'))
        if campaign.state != 'draft':
            # What is changed now is done with the responsible's rights, without another start.
            campaign._check_responsible()
        # Nobody gets a step while it is changed. Not by waiting: what was seen before the wait would be outdated; Odoo
        # makes the whole request again instead.
        self.env.cr.execute('SELECT 1 FROM fluxforce_campaign WHERE id = %s FOR UPDATE NOWAIT', [campaign.id],
                            log_exceptions=False)
        return campaign

    def _open_steps(self, campaign):
        if campaign.state == 'draft':
            return campaign.activity_ids
        # sudo: campaign activity - of a campaign that has begun they are written here only, by who may write the
        # campaign and has seen what it means for the people in it
        return campaign.activity_ids.sudo()

    def _check_usable(self, campaign, steps):
        """:raise UserError: where a campaign that has begun would be left with a step that cannot be done."""
        if campaign.state == 'draft':
            return
        for step in steps.sudo(False).exists():
            if step.problem:
                raise UserError(self.env._('%(step)s: %(problem)s', step=step.name, problem=step.problem))
            if step.type in NEEDING_MORE:
                getattr(campaign, f'_check_step_{step.type}')(step)
            campaign._check_trigger_of(step)

    def _step(self, steps, key):
        """:raise UserError: if it is none of the campaign's steps"""
        step = steps.filtered(lambda step: step.id == key)
        if not step:
            raise UserError(self.env._('This step is no longer there. Load the page anew.'))
        return step

    # ------------------------------------------------------------
    # EACH CHANGE
    # ------------------------------------------------------------

    def _add(self, campaign, steps, change):
        values = self._allowed_values(steps, change.get('values') or {})
        parent = self._step(steps, change['parent_id']) if change.get('parent_id') else steps.browse()
        above = self._step(steps, change['above_id']) if change.get('above_id') else steps.browse()
        added = steps.create({
            'type': change.get('type'), **values, 'campaign_id': campaign.id, 'parent_id': parent.id,
            'sequence': above.sequence if above else self._last_sequence(steps, parent)})
        if above:
            self._put_below(above, added)
        return added | above

    def _write(self, campaign, steps, change):
        step = self._write_step(campaign, steps, change)
        self._ask_again(step)
        return step

    def _write_step(self, campaign, steps, change):
        step = self._step(steps, change.get('id'))
        values = self._allowed_values(steps, change.get('values') or {})
        if campaign.state != 'draft':
            values.pop('parent_id', None)  # a step with people in it is moved, see _move
        step.write(values)
        return step

    def _move(self, campaign, steps, change):
        step = self._step(steps, change.get('id'))
        parent = self._step(steps, change['parent_id']) if change.get('parent_id') else steps.browse()
        above = self._step(steps, change['above_id']) if change.get('above_id') else steps.browse()
        if parent in self._branch(step) or above == step:
            raise UserError(self.env._('A step cannot follow itself.'))
        way = {name: above[name] for name in WAY} if above else {}
        self._forget_plans(step)
        step.write({**self._way_to(step, parent, change.get('trigger')), **way, 'parent_id': parent.id,
                    'sequence': above.sequence if above else self._last_sequence(steps, parent)})
        if above:
            self._put_below(above, step)
        return step | above

    def _shift(self, campaign, steps, change):
        step = self._step(steps, change.get('id'))
        row = steps.filtered(lambda one: one.parent_id == step.parent_id).sorted(lambda one: (one.sequence, one.id))
        order = row.ids
        place = order.index(step.id)
        other = place + (1 if change.get('by') == 1 else -1)
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
        for index, key in enumerate(order):
            row.browse(key).sequence = (index + 1) * APART
        return step

    def _copy(self, campaign, steps, change):
        step = self._step(steps, change.get('id'))
        twin = step.copy({'name': self.env._('%(name)s (copy)', name=step.name), 'parent_id': step.parent_id.id,
                          'trigger': step.trigger, 'sequence': self._last_sequence(steps, step.parent_id)})
        return twin

    def _remove(self, campaign, steps, change):
        step = self._step(steps, change.get('id'))
        parent = step.parent_id
        branch = self._branch(step)
        if step.campaign_id.state == 'draft':
            branch.unlink()
        else:
            self._forget_plans(branch)
            branch.write({'active': False})  # what it has done stays, with its figures
        return parent

    # ------------------------------------------------------------
    # HOW STEPS HANG TOGETHER
    # ------------------------------------------------------------

    def _branch(self, step):
        """:return: a step and all that comes after it."""
        return step.search([('id', 'child_of', step.id)])

    def _last_sequence(self, steps, parent):
        beside = steps.filtered(lambda step: step.parent_id == parent)
        return max(beside.mapped('sequence'), default=0) + APART

    def _way_to(self, step, parent, wanted):
        """:return: how a step follows another parent: as before where that is possible."""
        allowed = tree.triggers_after(parent.type)
        trigger = wanted if wanted in allowed else step.trigger
        if trigger in allowed and trigger == step.trigger:
            return {'trigger': trigger}
        return {**STRAIGHT_ON, 'trigger': trigger if trigger in allowed else allowed[0]}

    def _put_below(self, step, parent):
        """Let a step follow one that was put above it, straight on: its own way has gone to that."""
        self._hand_over(step, parent)
        step.write({**STRAIGHT_ON, 'parent_id': parent.id, 'trigger': tree.triggers_after(parent.type)[0]})

    def _allowed_values(self, steps, values):
        """:return: values from a form, without what a form does not decide."""
        return {name: value for name, value in values.items() if self._is_free(steps._fields.get(name))}

    def _is_free(self, field):
        """:return: whether a form decides about a field: by what points here, other steps could be written."""
        return bool(field) and field.name not in FIXED and field.type not in ('one2many', 'many2many')
