from ast import literal_eval

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.fluxforce_whatsapp.cloud_api import const as meta

from ..flow import tree

DOMAINS = ('domain', 'condition_domain')


class FluxforceCampaignActivity(models.Model):
    """A step in words: how it follows, and what is wrong with it."""

    _inherit = 'fluxforce.campaign.activity'

    active = fields.Boolean(default=True, help='Off: it was taken out of a campaign that had begun. What it has done '
                                               'stays on record.')
    draft_id = fields.Many2one(
        'fluxforce.whatsapp.template.draft', 'Template Draft', index='btree_not_null', ondelete='set null', copy=True,
        help='What the step will send. Once Meta has it, it becomes the template of the step.')
    allowed_triggers = fields.Json(compute='_compute_allowed_triggers', help='Technical: what the form offers.')
    branch = fields.Char('Way', compute='_compute_branch', help='How it follows the step before.')
    problem = fields.Char(compute='_compute_problem', help='Why it cannot be done as it is.')

    @api.depends('parent_id', 'parent_id.type')
    def _compute_allowed_triggers(self):
        for activity in self:
            activity.allowed_triggers = list(tree.triggers_after(activity.parent_id.type))

    # ------------------------------------------------------------
    # HOW IT FOLLOWS
    # ------------------------------------------------------------

    @api.depends('trigger', 'trigger_words', 'trigger_button', 'trigger_reason', 'delay', 'delay_unit', 'date_field',
                 'share')
    @api.depends_context('lang')
    def _compute_branch(self):
        for activity in self:
            activity.branch = activity._branch_words()

    def _branch_words(self):
        """:return: "Read, 2 days later"; '' for what comes at once after the step before."""
        if self.trigger == tree.DATE:
            return self._date_words()
        event, span = self._event_words(), self._say_delay()
        if not self.delay:
            return event
        if self.trigger == tree.BEGIN:
            return self.env._('%(span)s after the beginning', span=span)
        if not event:
            return self.env._('%(span)s later', span=span)
        if self.trigger in tree.DENIES:
            return self.env._('%(event)s within %(span)s', event=event, span=span)
        return self.env._('%(event)s, %(span)s later', event=event, span=span)

    def _event_words(self):
        words = {
            tree.BEGIN: self.env._('At the beginning'),
            tree.DELIVERED: self.env._('Delivered'),
            tree.NOT_DELIVERED: self.env._('Not delivered'),
            tree.READ: self.env._('Read'),
            tree.NOT_READ: self.env._('Not read'),
            tree.REPLIED: self._with_detail(self.env._('Replied'), self.trigger_words),
            tree.NOT_REPLIED: self.env._('No reply'),
            tree.BUTTON: self._with_detail(self.env._('Button'), self.trigger_button),
            tree.CLICKED: self.env._('Link followed'),
            tree.NOT_CLICKED: self.env._('No link followed'),
            tree.FAILED: self._with_detail(self.env._('Failed'), self.trigger_reason),
            tree.OPTED_OUT: self.env._('Wants no more'),
            tree.YES: self.env._('Yes'),
            tree.NO: self.env._('No'),
            tree.VARIANT: self.env._('%(share)g %% of the people', share=self.share),
        }
        return words.get(self.trigger, '')

    def _with_detail(self, event, detail):
        return self.env._('%(event)s: %(detail)s', event=event, detail=detail.strip()) if detail else event

    def _date_words(self):
        label, span = self._date_label() or self.env._('a date'), self._say_delay()
        if not self.delay:
            return self.env._('On %(date)s', date=label)
        if self.delay < 0:
            return self.env._('%(span)s before %(date)s', span=span, date=label)
        return self.env._('%(span)s after %(date)s', span=span, date=label)

    # ------------------------------------------------------------
    # WHAT IS WRONG WITH IT
    # ------------------------------------------------------------

    @api.depends('type', 'trigger', 'trigger_button', 'date_field', 'domain', 'condition_domain', 'template_id.status',
                 'draft_id', 'mail_template_id', 'server_action_id', 'activity_summary', 'parent_id.template_id',
                 'model', 'sms_body', 'campaign_id.user_id')
    @api.depends_context('lang')
    def _compute_problem(self):
        for activity in self:
            activity.problem = (
                activity._content_problem() or activity._trigger_problem() or activity._domain_problem() or False)

    def _content_problem(self):
        """:return: what is missing for doing it, '' if nothing."""
        missing = {
            'sms': self._sms_problem() if self.type == 'sms' else '',
            'email': not self.mail_template_id and self.env._('Choose the e-mail template.'),
            'action': not self.server_action_id and self.env._('Choose the server action.'),
            'todo': not self.activity_summary and self.env._('Write what is to be done.'),
            'condition': not self.condition_domain and self.env._('Set the condition.'),
        }
        return self._template_problem() if self.type == 'whatsapp' else missing.get(self.type) or ''

    def _template_problem(self):
        # sudo: template - that it is not approved is no secret to whoever plans to send it
        template_sudo = self.template_id.sudo()
        if not template_sudo and self.draft_id:
            return self.env._('Its template is a draft: send it to Meta.')
        if not template_sudo:
            return self.env._('Choose the template.')
        if template_sudo.status != meta.TEMPLATE_STATUS_SENDABLE or not template_sudo.active:
            return self.env._('Meta has not approved its template, or no longer does.')
        if template_sudo.model != self.model:
            return self.env._('Its template is made for %(model)s.', model=template_sudo.model_id.name)
        return ''

    def _trigger_problem(self):
        if self.trigger == tree.DATE:
            return self._date_problem()
        if self.trigger == tree.BUTTON and self.trigger_button and self.parent_id.template_id:
            # sudo: template - the labels of its buttons, which everybody gets who gets the message
            labels = self.parent_id.template_id.sudo()._render({}).buttons
            if tree.folded(self.trigger_button) not in map(tree.folded, labels):
                return self.env._('The message before it has no button "%(label)s".', label=self.trigger_button)
        return ''

    def _date_problem(self):
        if not self.date_field:
            return self.env._('Choose the date it counts from.')
        if not self._has_date():
            return self.env._('"%(field)s" is no date of these records.', field=self.date_field)
        return ''

    def _has_date(self):
        """:return: whether the records have the date the step counts from."""
        field = self.env[self.model]._fields.get(self.date_field or '') if self.model in self.env else None
        return field is not None and field.type in ('date', 'datetime')

    def _domain_problem(self):
        broken = [name for name in DOMAINS if self[name] and not self._is_readable(self[name])]
        if not broken:
            return ''
        return self.env._('The filter in the field %(field)s cannot be read. Set it again.',
                          field=self._fields[broken[0]]._description_string(self.env))

    def _is_readable(self, domain):
        """:return: whether a domain in text form can be used on the campaign's records."""
        if self.model not in self.env:
            return False
        try:
            Domain(literal_eval(domain)).validate(self.env[self.model])
        except Exception:  # a text somebody typed may be wrong in every way
            return False
        return True
