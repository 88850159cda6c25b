from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

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
# How a step follows another one. What a step put above another one takes over from that.
WAY = ('trigger', 'trigger_words', 'trigger_button', 'trigger_reason', 'date_field', 'delay', 'delay_unit', 'hours',
       'share')
STRAIGHT_ON = {'trigger_words': False, 'trigger_button': False, 'trigger_reason': False, 'date_field': False,
               'delay': 0, 'delay_unit': 'days', 'hours': 'any'}
# Between two steps beside each other, so that one fits in by hand. (Our own choice.)
APART = 10


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
            'steps': [self._prepare_step(step) for step in steps],
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

    def _prepare_step(self, step):
        return {
            'id': step.id, 'parent_id': step.parent_id.id, 'sequence': step.sequence, 'type': step.type,
            'trigger': step.trigger, 'name': step.name or '', 'summary': step.summary or '',
            'branch': step.branch or '', 'problem': step.problem or '', 'figures': self._prepare_figures(step),
        }

    def _prepare_figures(self, step):
        """:return: the counts of a step that are not zero, in the order in which they are shown."""
        figures = step.figures or {}
        counts = {**(figures.get('messages') or {}), **figures}
        return [{'key': key, 'label': label, 'icon': icon, 'count': counts[key]}
                for key, label, icon in self._figures() if counts.get(key)]

    def _figures(self):
        return [
            ('waiting', self.env._('Waiting'), 'fa-hourglass-half'),
            ('done', self.env._('Done'), 'fa-check'),
            ('delivered', self.env._('Delivered'), 'fa-check-circle-o'),
            ('read', self.env._('Read'), 'fa-eye'),
            ('replied', self.env._('Replied'), 'fa-reply'),
            ('clicked', self.env._('Link followed'), 'fa-hand-pointer-o'),
            ('skipped', self.env._('Passed over'), 'fa-share'),
            ('failed', self.env._('Failed'), 'fa-exclamation-triangle'),
        ]
